"""How an experiment stands: the figures of its posts at equal age, its arms compared, and what follows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from analytics.experiments import chance_better, two_shares
from analytics.verdicts import Told, how_of, verdict_of
from domain.catalogue import CATALOGUE, definition, of_posts
from domain.definition import FOLLOWERS, Definition, Direction, Shape, Supplies
from domain.equal_age import latest
from domain.errors import UsageError
from domain.experiment import Method, State
from domain.metrics import Metric
from domain.post import PostState
from domain.trial import AGES, Standing, Trial, TrialArm, TrialContrast, TrialPost, thaw
from store import experiments, measuring
from store.experiments import Member
from store.tables import Experiment

if TYPE_CHECKING:
    from analytics.arms import Judged

#: A post that was not read so long after the checkpoint was not looked at then.
_GRACE = timedelta(hours=1)
#: With more of them the exact chance of a share takes too long; then only z and p are told.
_MOST_EXACT = 20_000
#: Nobody knows whether more of them is better.
_UNCLEAR = frozenset({Metric.CLICKS_UNKNOWN, Metric.VIEWS_UNKNOWN})
_GONE = frozenset({PostState.SKIPPED, PostState.FAILED})


def judgeable() -> list[Definition]:
    """The figures by which an experiment can be judged: those of single posts of which more is better."""
    return [one for one in of_posts() if one.direction is Direction.UP and one.key not in _UNCLEAR]


def judge_of(key: str) -> Definition:
    """The figure by its key. Raises `UsageError`: there is none, or it cannot decide an experiment."""
    entry = definition(key)
    if entry not in judgeable():
        raise UsageError(
            f"{entry.name.en} cannot decide an experiment: choose a figure of single posts of which more is "
            "better, such as engagement, clicks or ctr_impr."
        )
    return entry


@dataclass(frozen=True, slots=True)
class Valued:
    """The figure of one post at the age at which it is judged."""

    standing: Standing
    above: float | None = None
    below: float | None = None
    read_at: datetime | None = None


def values_at(
    session: Session,
    posts: Mapping[int, datetime],
    entry: Definition,
    checkpoint: timedelta,
    *,
    now: datetime,
) -> dict[int, Valued]:
    """What each of these published posts (id → when) had at that age, or why it does not count."""
    above = _read(session, posts, entry.numerator, checkpoint)
    below: dict[int, float] = {}
    if entry.read_denominator is not None:
        read = _read(session, posts, (entry.read_denominator,), checkpoint)
        below = {post_id: value for post_id, (value, _) in read.items()}
    elif entry.denominator == FOLLOWERS:
        counted = measuring.followers_at_publishing(session, list(above))
        below = {post_id: float(one.value) for post_id, one in counted.items()}
    found = {}
    for post_id, at in posts.items():
        there = above.get(post_id)
        divisor = below.get(post_id)
        if there is None or (entry.denominator is not None and divisor is None):
            passed = now - at > checkpoint * 1.5 + _GRACE
            found[post_id] = Valued(Standing.MISSED if passed else Standing.WAITING)
        elif there[1] - at > latest(checkpoint):
            found[post_id] = Valued(Standing.LATE)
        elif entry.denominator is not None and not divisor:
            found[post_id] = Valued(Standing.UNDEFINED)
        else:
            found[post_id] = Valued(Standing.COUNTED, there[0], divisor, there[1])
    return found


def _read(
    session: Session, post_ids: Iterable[int], metrics: Sequence[Metric], checkpoint: timedelta
) -> dict[int, tuple[float, datetime]]:
    """What posts had of these metrics together, and when that was read; absent where one was not."""
    import numpy as np

    from store.around import at_age
    from store.columns import instant

    found = at_age(session, np.array(sorted(post_ids), np.int64), metrics, checkpoint)
    told = zip(found.ids.tolist(), found.values.tolist(), found.read_at.tolist(), strict=True)
    return {post_id: (float(value), instant(at)) for post_id, value, at in told}


def standing_of(session: Session, row: Experiment, *, supplies: Supplies, now: datetime) -> Trial:
    """How an experiment stands: as it was frozen, or by what is known now."""
    return thaw(row.result) if row.result is not None else assess(session, row, supplies=supplies, now=now)


def assess(
    session: Session,
    row: Experiment,
    *,
    supplies: Supplies,
    now: datetime,
    ended_by: str | None = None,
    stopped: bool = False,
) -> Trial:
    """The arms by what is known now.

    Args:
        session: that reads.
        row: the experiment.
        supplies: what the platforms give.
        now: the current time (UTC).
        ended_by: ``size``, ``date`` or ``person``: judge it for good; None: it runs.
        stopped: it is given up.
    """
    # Arrays, which a program that judges nothing need not load.
    from analytics.arms import Observed, judge

    entry, method = CATALOGUE[row.metric], Method(row.method)
    posts = _posts(session, row, entry, supplies=supplies, now=now)
    counted = _in_order(posts)
    plan = planned_end(row, counted, now=now)
    if method is Method.FIXED and plan is not None:
        counted = counted[: plan.posts]
        kept = {one.id for one in counted}
        posts = [
            replace(one, standing=Standing.AFTER)
            if one.standing is Standing.COUNTED and one.id not in kept
            else one
            for one in posts
        ]
    judged = judge(
        [Observed(one.id, one.arm, one.channel_id, one.above or 0.0, one.below) for one in counted],
        len(row.arms),
        method=method,
        is_rate=entry.shape is Shape.RATE,
    )
    hidden = stopped or (method is Method.FIXED and plan is None)
    trial = Trial(
        at=now, metric=row.metric, version=entry.version, checkpoint=row.checkpoint, method=row.method,
        arms=_arms(row, posts, judged, hidden=hidden),
        contrasts=() if hidden else _contrasts(judged, entry), posts=tuple(posts),
        variance=judged.variance, freedom=judged.freedom,
    )  # fmt: skip
    told = Told(
        entry=entry, trial=trial, running=ended_by is None and not stopped, stopped=stopped,
        early=method is Method.FIXED and plan is None and ended_by is not None,
        waiting=method is Method.FIXED and plan is None, size=row.size, ends_at=row.ends_at,
        compared=bool(judged.contrasts), known=sum(one.known for one in counted),
    )  # fmt: skip
    return replace(trial, verdict=tuple(verdict_of(told)), how=tuple(how_of(told)))


def _posts(
    session: Session, row: Experiment, entry: Definition, *, supplies: Supplies, now: datetime
) -> list[TrialPost]:
    members = experiments.members(session, row.workspace_id, row.id)
    out = {one.post_id: one.published_at for one in members if one.published_at is not None}
    values = values_at(session, out, entry, timedelta(seconds=row.checkpoint), now=now)
    return [_post(one, values.get(one.post_id), entry, supplies) for one in members]


def _post(one: Member, valued: Valued | None, entry: Definition, supplies: Supplies) -> TrialPost:
    plain = TrialPost(
        id=one.post_id, arm=one.arm, channel_id=one.channel_id, standing=Standing.PLANNED, known=one.known,
        drawn=one.drawn,
    )  # fmt: skip
    if valued is None:
        return replace(plain, standing=Standing.DROPPED if one.state in _GONE else Standing.PLANNED)
    if valued.standing is not Standing.COUNTED:
        lacking = valued.standing in (Standing.WAITING, Standing.MISSED) and supplies.lacking(
            one.platform, entry
        )
        return replace(plain, standing=Standing.NOT_SUPPLIED if lacking else valued.standing)
    assert valued.above is not None
    return replace(
        plain, standing=Standing.COUNTED, value=entry.value(valued.above, valued.below), above=valued.above,
        below=valued.below, read_at=valued.read_at,
    )  # fmt: skip


def _in_order(posts: Iterable[TrialPost]) -> list[TrialPost]:
    """Those that count, as their figures became known."""
    counted = [one for one in posts if one.standing is Standing.COUNTED]
    return sorted(counted, key=lambda one: (one.read_at.timestamp() if one.read_at else 0.0, one.id))


@dataclass(frozen=True, slots=True)
class PlannedEnd:
    """That the end which was planned has come."""

    #: ``size`` or ``date``.
    by: str
    #: By how many posts it is judged, in the order in which they became known.
    posts: int


def planned_end(row: Experiment, counted: Sequence[TrialPost], *, now: datetime) -> PlannedEnd | None:
    """Whether the planned end has come: every arm has its size, or the day is there; None: not yet."""
    in_time = [
        one for one in counted if row.ends_at is None or one.read_at is None or one.read_at <= row.ends_at
    ]
    if row.size is not None:
        numbers = [0] * len(row.arms)
        for place, one in enumerate(in_time, start=1):
            numbers[one.arm - 1] += 1
            if min(numbers) >= row.size:
                return PlannedEnd("size", place)
    if row.ends_at is not None and now >= row.ends_at:
        return PlannedEnd("date", len(in_time))
    return None


def _arms(
    row: Experiment, posts: Sequence[TrialPost], judged: "Judged", *, hidden: bool
) -> tuple[TrialArm, ...]:
    entry = CATALOGUE[row.metric]
    factor = entry.factor if entry.shape is Shape.RATE else 1
    return tuple(
        TrialArm(
            name=name,
            posts=sum(one.arm == number for one in posts),
            counted=found.posts,
            above=found.above,
            below=found.below,
            typical=None if found.typical is None else found.typical * factor,
            best=judged.best[number - 1] if judged.best and not hidden else None,
            loss=judged.loss[number - 1] if judged.loss and not hidden else None,
        )
        for number, (name, found) in enumerate(zip(row.arms, judged.arms, strict=True), start=1)
    )


def _contrasts(judged: "Judged", entry: Definition) -> tuple[TrialContrast, ...]:
    first = judged.arms[0]
    found = []
    for one in judged.contrasts:
        own = judged.arms[one.arm - 1]
        shares = None
        if entry.shape is Shape.RATE and own.below is not None and first.below is not None:
            shares = _shares((first.above, first.below), (own.above, own.below))
        found.append(
            TrialContrast(
                arm=one.arm,
                effect=100 * (one.ratio - 1),
                low=100 * (one.low - 1),
                high=100 * (one.high - 1),
                p=one.p,
                chance=one.chance,
                decided=one.decided,
                decided_after=one.decided_after,
                shares=shares,
            )
        )
    return tuple(found)


def _shares(first: tuple[float, float], other: tuple[float, float]) -> tuple[float, float, float] | None:
    """As if all that is counted were drawn by itself: chance, z and p; None: it is no share."""
    (hits_a, all_a), (hits_b, all_b) = (tuple(map(int, one)) for one in (first, other))
    if not (0 <= hits_a <= all_a and 0 <= hits_b <= all_b and all_a and all_b and hits_b <= _MOST_EXACT):
        return None
    tested = two_shares(hits_a, all_a, hits_b, all_b)
    return chance_better(hits_a, all_a, hits_b, all_b), tested.z, tested.p


def is_over(row: Experiment) -> bool:
    """Whether it has a frozen result."""
    return row.state != State.RUNNING


def age_of(seconds: int) -> int:
    """A checkpoint in seconds. Raises `UsageError`: posts are not read at that age."""
    if seconds not in AGES:
        known = ", ".join(words.en for words in AGES.values())
        raise UsageError(f"Posts are not read at that age. Choose one of: {known}.")
    return seconds
