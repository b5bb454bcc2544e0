"""The options of a target, and what they ask for."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cli.opening import Opened
    from domain.kpi import AlertRule, NewKpi, Scope
    from domain.period import Every

Day = Annotated[str | None, typer.Option(metavar="DATE")]
Metric = Annotated[
    str | None,
    typer.Option(help="Such as visits or er_impr; see: tabuh stats metrics. Left out: you are asked."),
]
Window = Annotated[
    int | None,
    typer.Option(
        metavar="DAYS",
        help="Days from a click to a conversion, 1 to 365; for conversion rates and revenue by clicks.",
    ),
]
Target = Annotated[
    str | None, typer.Option(help="5000 or 2.5% to reach; +20% or -10% to change a baseline by.")
]
AtMost = Annotated[bool, typer.Option("--at-most", help="Stay below the target.")]
Channel = Annotated[str | None, typer.Option(help="Only this channel.")]
Route = Annotated[str | None, typer.Option(help="Only posts of this route.")]
Feed = Annotated[str | None, typer.Option(help="Only posts from this feed.")]
EveryWord = Annotated[str, typer.Option(help="once, day, week, month or quarter.")]
Start = Annotated[str | None, typer.Option(metavar="DATE", help="First day; left out: today.")]
Deadline = Annotated[str | None, typer.Option(metavar="DATE", help="Last day that counts.")]
Baseline = Annotated[float | None, typer.Option(help="What a +20% starts from.")]
BaselineFrom = Annotated[
    str | None, typer.Option(metavar="DATE", help="First day from whose figures the baseline is taken.")
]
BaselineTo = Annotated[
    str | None, typer.Option(metavar="DATE", help="Last day from whose figures the baseline is taken.")
]
Source = Annotated[str, typer.Option("--baseline-source", help="Where a baseline that you give comes from.")]
Zone = Annotated[str | None, typer.Option(help="IANA time zone of its days.")]
Why = Annotated[str, typer.Option(help="What it is good for.")]
Goal = Annotated[
    str, typer.Option(help="awareness, community, traffic, sales, costs, service, rhythm, or your own words.")
]
Audience = Annotated[str, typer.Option(help="Whom it is about.")]
Owner = Annotated[str | None, typer.Option(help="Who answers for it; left out: you.")]
Cadence = Annotated[str, typer.Option(help="How often its owner looks: daily, weekly, monthly or quarterly.")]
Alert = Annotated[str, typer.Option(help="off, at_risk, off_track, reached or every_change.")]


def asked_for(tabuh: "Opened", name: str, typed: Mapping[str, Any]) -> "NewKpi":
    """What these options ask for; ``typed`` has the options' values by their names.

    Raises:
        UsageError: a word, day or number cannot be read.
        NotFound: there is no such channel, route, feed or person.
    """
    from domain.definition import Direction
    from domain.kpi import NewKpi, parse_target
    from domain.period import day_at
    from domain.schedule import zone as known_zone

    kind, value, direction = parse_target(typed["target"])
    where = typed["zone"] or tabuh.workspace.zone
    goal, goal_words = goal_of(typed["goal"])
    return NewKpi(
        name=name,
        metric=_metric(typed["metric"], typed["window"]),
        target=value,
        target_kind=kind,
        scope=scope_of(tabuh, typed["channel"], typed["route"], typed["feed"]),
        baseline=typed["baseline"],
        baseline_from=day(typed["baseline_from"]),
        baseline_to=day(typed["baseline_to"]),
        baseline_source=typed["baseline_source"],
        every=every_of(typed["every"]),
        direction=Direction.DOWN if typed["at_most"] else direction,
        starts_on=day(typed["start"]) or day_at(tabuh.context.clock(), known_zone(where)),
        deadline=day(typed["deadline"]),
        zone=where,
        owner_id=owner_of(tabuh, typed["owner"]),
        why=typed["why"],
        goal=goal,
        goal_words=goal_words,
        audience=typed["audience"],
        cadence=typed["cadence"],
        alert_rule=alert_of(typed["alert"]),
    )


def _metric(key: str, window: int | None) -> str:
    """The metric's key, with the window that was asked for."""
    from domain.windowed_figures import key_within

    return key if window is None else key_within(key, window)


def goal_of(text: str) -> tuple[str, str]:
    """A goal's key and a person's own words for it."""
    from domain.goals import GOALS, OWN

    plain = text.strip()
    return (plain, "") if plain in GOALS or not plain else (OWN, plain)


def owner_of(tabuh: "Opened", name: str | None) -> int:
    """Who answers for it; the person who calls, if nobody is named."""
    from store import people
    from store.engine import reading

    if name is None:
        return tabuh.owner.id
    with reading(tabuh.engine) as session:
        return people.person_named(session, name).id


def alert_of(text: str) -> "AlertRule":
    """The alert rule by its word."""
    from domain.errors import UsageError
    from domain.kpi import AlertRule

    try:
        return AlertRule(text)
    except ValueError:
        raise UsageError(f"Unknown alert rule {text!r}. Known: {', '.join(AlertRule)}.") from None


def scope_of(tabuh: "Opened", channel: str | None, route: str | None, feed: str | None) -> "Scope":
    """What a KPI looks at, by the name of one of the three; none: the whole workspace."""
    from domain.errors import UsageError
    from domain.kpi import Scope, ScopeKind
    from store import channels, feeds, routes
    from store.engine import reading

    if sum(part is not None for part in (channel, route, feed)) > 1:
        raise UsageError("A KPI looks at one channel, one route or one feed: name one of them.")
    with reading(tabuh.engine) as session:
        if channel is not None:
            return Scope(ScopeKind.CHANNEL, channels.named(session, tabuh.workspace.id, channel).id)
        if route is not None:
            return Scope(ScopeKind.ROUTE, routes.named(session, tabuh.workspace.id, route).id)
        if feed is not None:
            return Scope(ScopeKind.FEED, feeds.find(session, tabuh.workspace.id, feed).id)
    return Scope()


def day(text: str | None) -> date | None:
    """A day as people write it for programs: 2026-12-31."""
    from domain.errors import UsageError

    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise UsageError(f"Cannot read the day {text!r}. Write it as 2026-12-31.") from None


def every_of(text: str) -> "Every":
    """How often, by its word."""
    from domain.errors import UsageError
    from domain.period import Every

    try:
        return Every(text)
    except ValueError:
        raise UsageError(f"Unknown period {text!r}. Known: {', '.join(Every)}.") from None
