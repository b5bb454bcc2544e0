"""`tabuh experiment`: two to four ways to do a thing, compared by the posts that did it."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.opening import opened
from cli.printing import Json, amount, count, one_line, pairs, show, table, when

if TYPE_CHECKING:
    from cli.opening import Opened
    from domain.trial import Trial
    from scheduler.experiments import NewExperiment
    from store.tables import Experiment

app = typer.Typer(no_args_is_help=True, help="Experiments: ways to do a thing, compared by their posts.")

Which = Annotated[str, typer.Argument(metavar="EXPERIMENT", help="Its name or number.")]
Arm = Annotated[str, typer.Option(help="An arm: its name, its number, or its letter.")]
Posts = Annotated[list[int], typer.Argument(metavar="POST...", help="Numbers of posts.")]
Question = Annotated[str, typer.Option(help="What you want to find out, in your own words.")]
Metric = Annotated[str, typer.Option("--by", help="The key of the figure that decides: tabuh stats metrics")]
Age = Annotated[str, typer.Option(help="The age at which posts are judged, such as 24h or 7d.")]
Arms = Annotated[
    list[str] | None,
    typer.Option("--arm", help="An arm; two to four. The others are compared with the first."),
]
Channels = Annotated[
    list[str] | None, typer.Option("--channel", help="Only this channel; several are allowed.")
]
Method = Annotated[
    Literal["always", "fixed"],
    typer.Option(help="always: may be looked at any day; fixed: judged once at the end, with fewer posts."),
]
Effect = Annotated[float, typer.Option(help="The smallest effect that you look for, in percent.")]
Size = Annotated[
    int | None,
    typer.Option(help="Measured posts of each arm at which it ends.", show_default="what the effect takes"),
]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="The last day.")]
Beside = Annotated[bool, typer.Option("--beside", help="Also where another experiment runs on the channel.")]
Reason = Annotated[str, typer.Option(help="Why, for those who read it later.")]


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What you call it.")],
    *,
    question: Question = "",
    by: Metric = "engagement",
    age: Age = "24h",
    arm: Arms = None,
    channel: Channels = None,
    method: Method = "always",
    effect: Effect = 50,
    size: Size = None,
    until: Until = None,
    beside: Beside = False,
    post: Annotated[
        int | None,
        typer.Option("--from", metavar="POST", help="Begin with this post and a draft that says the same."),
    ] = None,
    try_only: Annotated[bool, typer.Option("--dry-run", help="Only say how many posts it takes.")] = False,
    as_json: Json = False,
) -> None:
    """Start an experiment; then give its arms their posts with: tabuh experiment post."""
    from scheduler import experiments as commands
    from scheduler.experiments import NewExperiment

    with opened(context) as tabuh:
        new = NewExperiment(
            name=name, question=question, metric=by, age=_age(age), arms=arm or ("A", "B"),
            channel_ids=_channel_ids(tabuh, channel), method=method, effect=effect, size=size,
            until=_day(until), beside=beside,
        )  # fmt: skip
        if try_only:
            _advise(tabuh, new, as_json=as_json)
            return
        if post is None:
            row, more = commands.start(tabuh.context, tabuh.workspace.id, new, actor=tabuh.actor), ""
        else:
            row, draft = commands.start_from(tabuh.context, tabuh.workspace.id, post, new, actor=tabuh.actor)
            more = f" Post {post} is in {row.arms[0]}; change draft {draft.id}, which is in {row.arms[1]}."
        told = f"Experiment {row.id} runs {_until(row, tabuh.workspace.zone)}.{more}"
        show(_document(tabuh, row.id), told, as_json=as_json)


def _advise(tabuh: "Opened", new: "NewExperiment", *, as_json: bool) -> None:
    from domain.sentences import say
    from scheduler.experiment_documents import sentence
    from scheduler.experiments import advice

    found = advice(tabuh.context, tabuh.workspace.id, new)
    told = {
        "needed": found.needed, "posts": found.posts, "log_sd": found.log_sd, "per_week": found.per_week,
        "weeks": found.weeks, "said": [sentence(one) for one in found.sentences],
    }  # fmt: skip
    show(told, *(say(one) for one in found.sentences), as_json=as_json)


def _age(text: str) -> int:
    from domain.errors import UsageError
    from domain.trial import AGE_KEYS

    found = AGE_KEYS.get(text.replace(" ", "").lower())
    if found is None:
        raise UsageError(f"Posts are not read at the age {text!r}. Choose one of: {', '.join(AGE_KEYS)}.")
    return found


def _channel_ids(tabuh: "Opened", names: list[str] | None) -> list[int]:
    from store import channels
    from store.engine import reading

    with reading(tabuh.engine) as session:
        return [channels.named(session, tabuh.workspace.id, name).id for name in names or ()]


def _day(text: str | None) -> date | None:
    from domain.errors import UsageError

    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise UsageError(f"Cannot read the day {text!r}. Write it as 2026-12-31.") from None


def _until(row: "Experiment", zone: str) -> str:
    parts = [f"until each arm has {row.size:,} measured posts"] if row.size is not None else []
    if row.ends_at is not None:
        parts.append(f"{'at the latest ' if parts else ''}until {when(row.ends_at, zone)}")
    return ", ".join(parts)


@app.command("list")
def list_experiments(context: typer.Context, as_json: Json = False) -> None:
    """All experiments, those that run first."""
    from domain.catalogue import CATALOGUE
    from scheduler.experiment_documents import summary
    from store import experiments
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            rows = experiments.listed(session, tabuh.workspace.id)
            counts = experiments.counts(session, tabuh.workspace.id)
        drawn = table(
            ["Number", "Experiment", "Judged by", "Arms", "State", "What came of it"],
            (
                (row.id, row.name, CATALOGUE[row.metric].name.en, ", ".join(_arm_texts(row, counts)),
                 row.state, _outcome(row, tabuh.workspace.zone))
                for row in rows
            ),
            empty="No experiments yet. Start one: tabuh experiment add NAME --by engagement",
        )  # fmt: skip
        show([summary(row, counts.get(row.id, {})) for row in rows], drawn, as_json=as_json)


def _arm_texts(row: "Experiment", counts: dict[int, dict[int, int]]) -> list[str]:
    own = counts.get(row.id, {})
    return [f"{name} ({own.get(number, 0)})" for number, name in enumerate(row.arms, start=1)]


def _outcome(row: "Experiment", zone: str) -> str:
    from domain.sentences import say
    from domain.trial import thaw

    if row.result is None:
        return f"runs {_until(row, zone)}"
    return say(thaw(row.result).verdict[0])


@app.command("show")
def show_experiment(context: typer.Context, experiment: Which, as_json: Json = False) -> None:
    """One experiment: its arms beside each other, its posts, and what may be concluded."""
    with opened(context) as tabuh:
        row, trial = _standing(tabuh, experiment)
        from scheduler.experiment_documents import document

        show(document(row, trial), *_drawn(tabuh, row, trial), as_json=as_json)


def _standing(tabuh: "Opened", which: str) -> "tuple[Experiment, Trial]":
    from analytics.trials import standing_of
    from scheduler.measuring import supplies
    from store import experiments
    from store.engine import reading

    with reading(tabuh.engine) as session:
        row = experiments.named(session, tabuh.workspace.id, which)
        able = supplies(tabuh.context, session, tabuh.workspace.id)
        return row, standing_of(session, row, supplies=able, now=tabuh.context.clock())


def _document(tabuh: "Opened", experiment_id: int) -> dict[str, Any]:
    from scheduler.experiment_documents import document

    return document(*_standing(tabuh, str(experiment_id)))


def _drawn(tabuh: "Opened", row: "Experiment", trial: "Trial") -> list[Any]:
    from domain.catalogue import CATALOGUE
    from domain.sentences import say
    from domain.trial import AGES, STANDINGS, typical_unit

    entry = CATALOGUE[row.metric]
    about = pairs(
        [
            ("Experiment", row.name),
            ("Number", row.id),
            ("Question", row.question),
            ("Judged by", f"{entry.name.en}, at the age of {AGES[row.checkpoint].en}"),
            ("State", row.state),
            ("Runs", _until(row, tabuh.workspace.zone) if row.result is None else ""),
            ("Ended", when(row.ended_at, tabuh.workspace.zone)),
            ("Reason", row.reason),
        ]
    )
    arms = table(
        ["Arm", ">Posts", ">Count", f">A typical post: {entry.name.en}", ">Best with", ">Choosing it loses"],
        (
            (one.name, one.posts, one.counted,
             "–" if one.typical is None else amount(one.typical, typical_unit(entry)),
             _percent(one.best), "–" if one.loss is None else f"{one.loss:.1f}%")
            for one in trial.arms
        ),
        empty="",
    )  # fmt: skip
    names = list(row.arms)
    posts = table(
        ["Post", "Arm", "Standing", ">Value"],
        (
            (one.id, names[one.arm - 1], STANDINGS[one.standing].en,
             "–" if one.value is None else amount(one.value, entry.unit))
            for one in trial.posts
        ),
        empty="No posts yet. Add some: tabuh experiment post EXPERIMENT POST --arm A",
    )  # fmt: skip
    verdict = "\n".join(say(one) for one in trial.verdict)
    how = "\n".join(say(one) for one in trial.how)
    return [about, "\n", verdict, "\n", arms, "\n", posts, *(["\n", how] if how else [])]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}%"


@app.command("post")
def add_posts(
    context: typer.Context, experiment: Which, posts: Posts, *, arm: Arm, as_json: Json = False
) -> None:
    """Give posts to an arm: drafts, queued or published ones."""
    from scheduler import experiments as commands

    with opened(context) as tabuh:
        row, _ = _standing(tabuh, experiment)
        commands.add_posts(
            tabuh.context, tabuh.workspace.id, row.id, arm=arm, post_ids=posts, actor=tabuh.actor
        )
        show(_document(tabuh, row.id), f"Added to {one_line(row.name, 60)}.", as_json=as_json)


@app.command("unpost")
def remove_posts(context: typer.Context, experiment: Which, posts: Posts, as_json: Json = False) -> None:
    """Take posts out of their arm, as long as no figure of theirs is known."""
    from scheduler import experiments as commands

    with opened(context) as tabuh:
        row, _ = _standing(tabuh, experiment)
        for post in posts:
            commands.remove_post(tabuh.context, tabuh.workspace.id, row.id, post, actor=tabuh.actor)
        show(_document(tabuh, row.id), f"Taken out of {one_line(row.name, 60)}.", as_json=as_json)


@app.command()
def draw(context: typer.Context, experiment: Which, as_json: Json = False) -> None:
    """Draw by lot which queued post takes which of their hours, so that no arm has the better ones."""
    from scheduler.drawing_hours import draw_hours

    with opened(context) as tabuh:
        row, _ = _standing(tabuh, experiment)
        drawn = draw_hours(tabuh.context, tabuh.workspace.id, row.id, actor=tabuh.actor)
        show(_document(tabuh, row.id), f"Drew the hours of {count(drawn, 'post')}.", as_json=as_json)


@app.command()
def end(context: typer.Context, experiment: Which, reason: Reason = "", as_json: Json = False) -> None:
    """Judge it now; its result is kept as it is."""
    from scheduler import experiments as commands

    _over(context, experiment, commands.end, reason, as_json=as_json)


@app.command()
def stop(context: typer.Context, experiment: Which, reason: Reason = "", as_json: Json = False) -> None:
    """Give it up: nothing is concluded."""
    from scheduler import experiments as commands

    _over(context, experiment, commands.stop, reason, as_json=as_json)


def _over(context: typer.Context, experiment: str, do: Any, reason: str, *, as_json: bool) -> None:
    from domain.sentences import say
    from scheduler.experiment_documents import document

    with opened(context) as tabuh:
        row, _ = _standing(tabuh, experiment)
        do(tabuh.context, tabuh.workspace.id, row.id, reason=reason, actor=tabuh.actor)
        row, trial = _standing(tabuh, str(row.id))
        show(document(row, trial), *(say(one) for one in trial.verdict), as_json=as_json)
