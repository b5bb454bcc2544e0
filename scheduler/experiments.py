"""What people do with experiments: start them, give posts to their arms, end them or give them up."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from analytics.trial_plans import Advice, advise
from analytics.trials import age_of, assess, judge_of
from domain.errors import UsageError
from domain.experiment import (
    LEAST_EFFECT,
    MOST_EFFECT,
    MOST_PLANNED,
    MOST_POSTS,
    Method,
    State,
    arm_number,
    clean_arms,
    clean_name,
    clean_question,
)
from domain.period import Span
from domain.schedule import zone
from domain.trial import USUAL_AGE, Trial, freeze
from scheduler import repeating
from scheduler.context import Context
from scheduler.measuring import supplies
from store import alerts, channels, experiments, posts, workspaces
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import ChannelRow, Experiment, ExperimentPost, Post
from store.upsert import save_unique

#: How often an experiment that runs is looked at.
LOOK_EVERY = timedelta(hours=1)
#: The smallest effect that is looked for where nobody says which, in percent.
USUAL_EFFECT = 50.0
#: What is asked where nobody says which figure decides.
USUAL_METRIC = "engagement"
_KNOWN = (
    "The figures of post {post} are known already: whoever moved it or took it out now would choose the "
    "result. Leave it as it is, or give the experiment up."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExperiment:
    """An experiment as somebody asks for it."""

    name: str
    question: str = ""
    #: Key of the figure that decides.
    metric: str = USUAL_METRIC
    #: The age in seconds at which posts are judged, a checkpoint.
    age: int = USUAL_AGE
    arms: Sequence[str] = ("A", "B")
    #: Empty: all channels.
    channel_ids: Sequence[int] = ()
    method: str = Method.ALWAYS
    #: The smallest effect that is looked for, in percent.
    effect: float = USUAL_EFFECT
    #: Measured posts of each arm at which it ends; None: as many as the effect takes, unless a day is named.
    size: int | None = None
    #: The last day, on the workspace's clock.
    until: date | None = None
    #: Also where another experiment runs on the same channels.
    beside: bool = False


@dataclass(frozen=True, slots=True)
class _Checked:
    new: NewExperiment
    name: str
    question: str
    arms: list[str]
    method: Method
    rows: Sequence[ChannelRow] = field(default_factory=list)


def advice(context: Context, workspace_id: int, new: NewExperiment) -> Advice:
    """How many posts it takes; nothing is stored.

    Raises:
        UsageError: it cannot be started so, whatever its size.
        NotFound: a channel is not in this workspace.
    """
    with reading(context.engine) as session:
        return _advice(context, session, workspace_id, _checked(context, session, workspace_id, new))


def _advice(context: Context, session: Session, workspace_id: int, checked: _Checked) -> Advice:
    new = checked.new
    return advise(
        session, workspace_id, checked.rows, judge_of(new.metric), checkpoint=new.age, effect=new.effect,
        arms=len(checked.arms), method=checked.method, now=context.clock(),
    )  # fmt: skip


def _checked(context: Context, session: Session, workspace_id: int, new: NewExperiment) -> _Checked:
    entry = judge_of(new.metric)
    age_of(new.age)
    arms = clean_arms(new.arms)
    if new.method not in set(Method):
        raise UsageError("An experiment may be looked at always, or is judged once (fixed).")
    if not LEAST_EFFECT <= new.effect <= MOST_EFFECT:
        raise UsageError(f"Look for an effect of {LEAST_EFFECT:.0f} to {MOST_EFFECT:,.0f} percent.")
    if new.size is not None and not 5 <= new.size <= MOST_PLANNED:
        raise UsageError(f"Plan 5 to {MOST_PLANNED:,} posts for each arm.")
    if new.channel_ids:
        rows: Sequence[ChannelRow] = [
            channels.get(session, workspace_id, one) for one in dict.fromkeys(new.channel_ids)
        ]
    else:
        rows = channels.listed(session, workspace_id)
    if not rows:
        raise UsageError("There is no channel yet: add one first.")
    able = supplies(context, session, workspace_id)
    lacking = [row for row in rows if able.lacking(row.platform, entry)]
    if len(lacking) == len(rows) or (lacking and new.channel_ids):
        raise UsageError(
            f"{able.title(lacking[0].platform)} does not supply what {entry.name.en} needs: "
            "choose another figure or channel."
        )
    name, question = clean_name(new.name), clean_question(new.question)
    return _Checked(new, name, question, arms, Method(new.method), rows)


def start(context: Context, workspace_id: int, new: NewExperiment, *, actor: Actor) -> Experiment:
    """Start an experiment; its posts are given to its arms afterwards.

    Raises:
        UsageError: a name that is taken, a figure that cannot decide, no end that can be planned, or another
            experiment that runs on the same channels.
        NotFound: a channel is not in this workspace.
    """
    with writing(context.engine) as session:
        row = _start(context, session, workspace_id, new, actor)
        session.commit()
        return row


def _start(
    context: Context, session: Session, workspace_id: int, new: NewExperiment, actor: Actor
) -> Experiment:
    now = context.clock()
    checked = _checked(context, session, workspace_id, new)
    if not new.beside:
        _check_alone(session, workspace_id, checked)
    ends_at = _end(new.until, workspaces.get(session, workspace_id).zone)
    if ends_at is not None and ends_at <= now:
        raise UsageError("The last day is over: name one that lies ahead.")
    size = new.size
    if size is None and ends_at is None:
        size = _usual_size(_advice(context, session, workspace_id, checked))
    row = Experiment(
        workspace_id=workspace_id, name=checked.name, question=checked.question, metric=new.metric,
        checkpoint=new.age, arms=checked.arms, channel_ids=sorted(set(new.channel_ids)),
        method=checked.method, effect=new.effect, size=size, ends_at=ends_at, state=State.RUNNING,
        started_at=now, created_by=actor.person_id, next_at=_next(now, ends_at),
    )  # fmt: skip
    save_unique(
        session,
        row,
        otherwise=f"There is an experiment called {checked.name!r} already: choose another name.",
    )
    _note(session, actor, "started experiment", row, now=now)
    return row


def _check_alone(session: Session, workspace_id: int, checked: _Checked) -> None:
    """What one experiment tries would disturb the other, if both run before the same people."""
    wanted = {row.id for row in checked.rows}
    for other in experiments.listed(session, workspace_id):
        if other.state != State.RUNNING:
            continue
        shared = wanted if not other.channel_ids else wanted.intersection(other.channel_ids)
        if shared:
            name = next(row.name for row in checked.rows if row.id in shared)
            raise UsageError(
                f"The experiment {other.name!r} runs on {name} already, and one would disturb the other. "
                "End it first, choose another channel, or say that this one runs beside it."
            )


def _end(last: date | None, zone_name: str) -> datetime | None:
    return None if last is None else Span(last, last + timedelta(days=1)).bounds(zone(zone_name))[1]


def _usual_size(found: Advice) -> int:
    """As many posts as the effect takes. Raises `UsageError`: that is not known, or too many."""
    if found.needed is None:
        raise UsageError(
            "Too few past posts of these channels have that figure at that age to say how many posts "
            "it takes: "
            "say how many each arm gets, or the last day."
        )
    if found.needed > MOST_PLANNED:
        raise UsageError(
            f"It takes about {found.needed:,} posts in each arm to find so small an effect. Look for "
            f"a larger "
            "one, or say how many posts each arm gets or the last day."
        )
    return max(5, found.needed)


def _next(now: datetime, ends_at: datetime | None) -> datetime:
    return now + LOOK_EVERY if ends_at is None else min(now + LOOK_EVERY, max(ends_at, now))


def start_from(
    context: Context, workspace_id: int, post_id: int, new: NewExperiment, *, actor: Actor
) -> tuple[Experiment, Post]:
    """Start an experiment whose first arm has this post, and whose second a draft that says the same, to be
    changed; its channel is the only one, unless others are named.

    Raises:
        UsageError: as `start`, or the post belongs to an experiment already.
        NotFound: there is no such post.
    """
    with writing(context.engine) as session:
        post = posts.get(session, workspace_id, post_id)
        _check_free(session, workspace_id, [post_id])
        if not new.channel_ids:
            new = replace(new, channel_ids=(post.channel_id,))
        row = _start(context, session, workspace_id, new, actor)
        _add(session, row, 1, [post], now=context.clock())
        session.commit()
    draft = repeating.repeat(context, workspace_id, post_id, actor=actor)
    add_posts(context, workspace_id, row.id, arm="2", post_ids=[draft.id], actor=actor)
    return row, draft


def add_posts(
    context: Context,
    workspace_id: int,
    experiment_id: int,
    *,
    arm: str,
    post_ids: Sequence[int],
    actor: Actor,
) -> Experiment:
    """Give posts to an arm: drafts, queued or published ones; one of another arm of it changes over.

    Args:
        context: as ever.
        workspace_id: whose.
        experiment_id: that runs.
        arm: its name, number or letter.
        post_ids: at least one.
        actor: on whose word.

    Raises:
        UsageError: it does not run, has too many posts, or concerns other channels; a post belongs to another
            experiment, or would change over when its figures are known.
        NotFound: there is no such experiment or post.
    """
    now = context.clock()
    with writing(context.engine) as session:
        row = _running(session, workspace_id, experiment_id)
        number = arm_number(row.arms, arm)
        wanted = [posts.get(session, workspace_id, one) for one in dict.fromkeys(post_ids)]
        if not wanted:
            raise UsageError("Name at least one post.")
        for post in wanted:
            if row.channel_ids and post.channel_id not in row.channel_ids:
                raise UsageError(
                    f"Post {post.id} is on a channel that the experiment {row.name!r} does not concern."
                )
        _add(session, row, number, wanted, now=now)
        after = {"arm": row.arms[number - 1], "posts": [str(post.id) for post in wanted]}
        _note(session, actor, "added posts", row, now=now, after=after)
        session.commit()
        return row


def _add(session: Session, row: Experiment, arm: int, wanted: Sequence[Post], *, now: datetime) -> None:
    _check_free(session, row.workspace_id, [post.id for post in wanted], of=row.id)
    known = experiments.measured(session, [post.id for post in wanted])
    for post in wanted:
        there = experiments.membership(session, post.id)
        if there is None:
            there = ExperimentPost(
                post_id=post.id, experiment_id=row.id, arm=arm, added_at=now, known=post.id in known
            )
        elif there.arm != arm and post.id in known:
            raise UsageError(_KNOWN.format(post=post.id))
        there.arm = arm
        session.add(there)
    session.flush()
    if experiments.size(session, row.id) > MOST_POSTS:
        raise UsageError(f"An experiment has at most {MOST_POSTS:,} posts.")


def _check_free(
    session: Session, workspace_id: int, post_ids: Sequence[int], *, of: int | None = None
) -> None:
    for post_id, there in experiments.of_posts(session, workspace_id, post_ids).items():
        if there.experiment_id != of:
            raise UsageError(
                f"Post {post_id} belongs to the experiment {there.name!r} already: a post belongs to "
                f"one only."
            )


def remove_post(
    context: Context, workspace_id: int, experiment_id: int, post_id: int, *, actor: Actor
) -> Experiment:
    """Take a post out of its arm, as long as no figure of it is known.

    Raises:
        UsageError: it does not run, the post is none of its, or its figures are known.
        NotFound: there is no such experiment.
    """
    now = context.clock()
    with writing(context.engine) as session:
        row = _running(session, workspace_id, experiment_id)
        there = experiments.membership(session, post_id)
        if there is None or there.experiment_id != row.id:
            raise UsageError(f"Post {post_id} is in no arm of the experiment {row.name!r}.")
        if experiments.measured(session, [post_id]):
            raise UsageError(_KNOWN.format(post=post_id))
        session.delete(there)
        _note(session, actor, "removed a post", row, now=now, after={"post": str(post_id)})
        session.commit()
        return row


def end(
    context: Context, workspace_id: int, experiment_id: int, *, reason: str = "", actor: Actor
) -> Experiment:
    """Judge an experiment now; its result is frozen. Raises `UsageError`: it does not run."""
    return _over(context, workspace_id, experiment_id, state=State.ENDED, reason=reason, actor=actor)


def stop(
    context: Context, workspace_id: int, experiment_id: int, *, reason: str = "", actor: Actor
) -> Experiment:
    """Give an experiment up; nothing is concluded from it. Raises `UsageError`: it does not run."""
    return _over(context, workspace_id, experiment_id, state=State.STOPPED, reason=reason, actor=actor)


def _over(
    context: Context, workspace_id: int, experiment_id: int, *, state: State, reason: str, actor: Actor
) -> Experiment:
    now = context.clock()
    said = clean_question(reason)
    with writing(context.engine) as session:
        row = _running(session, workspace_id, experiment_id)
        able = supplies(context, session, workspace_id)
        stopped = state is State.STOPPED
        trial = assess(session, row, supplies=able, now=now, ended_by="person", stopped=stopped)
        row.reason = said
        close(session, row, trial, state=state, ended_by="person", now=now)
        _note(session, actor, "gave up experiment" if stopped else "ended experiment", row, now=now)
        session.commit()
        return row


def close(
    session: Session, row: Experiment, trial: Trial, *, state: State, ended_by: str, now: datetime
) -> None:
    """Freeze what came of a locked experiment; the caller commits."""
    row.state, row.ended_at, row.ended_by = state, now, ended_by
    row.next_at, row.result = None, freeze(trial)
    row.claim += 1
    session.add(row)
    alerts.look_soon(session, row.workspace_id, now=now)


def _running(session: Session, workspace_id: int, experiment_id: int) -> Experiment:
    row = experiments.lock(session, workspace_id, experiment_id)
    if row.state != State.RUNNING:
        raise UsageError(f"The experiment {row.name!r} is over: its result stays as it is.")
    return row


def _note(
    session: Session,
    actor: Actor,
    what: str,
    row: Experiment,
    *,
    now: datetime,
    after: dict[str, object] | None = None,
) -> None:
    record(
        session, actor, what, subject="experiment", subject_id=row.id, workspace_id=row.workspace_id, now=now,
        after={"name": row.name, "state": row.state, **(after or {})},
    )  # fmt: skip
