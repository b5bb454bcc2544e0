"""`tabuh ledger`: what became of the entries of a route, and how routes are shown."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, show

if TYPE_CHECKING:
    from cli.opening import Opened
    from domain.wording import Picture, Tags
    from store.routes import RouteLine
    from store.tables import Route

#: A route on the command line.
Which = Annotated[str, typer.Argument(metavar="ROUTE", help="Its name.")]


def ledger(context: typer.Context, route: Which, as_json: Json = False) -> None:
    """What became of every entry that a route has seen, in numbers that add up."""
    with opened(context) as tabuh:
        line = line_of(tabuh, named(tabuh, route).id)
        document = {
            "route_id": line.route.id,
            "route": line.route.name,
            "seen": line.balance.seen,
            "fates": line.balance.fates,
            "holds": line.balance.holds,
        }
        show(document, balance_text(line), as_json=as_json)


def balance_text(line: "RouteLine") -> str:
    """``12 seen = 3 posted + 9 skipped``."""
    told = " + ".join(f"{number} {fate}" for fate, number in line.balance.fates.items() if number)
    text = f"{line.balance.seen} seen = {told or '0'}"
    return text if line.balance.holds else f"{text}\nThis does not add up: please report it."


def line_document(line: "RouteLine") -> dict[str, Any]:
    """A route with what it joins, as JSON tells it."""
    from domain.filters import groups_json
    from scheduler.rules import Rules

    shown = (
        "id", "name", "template", "include", "exclude", "utm", "shorten", "timing", "per_run", "per_day",
        "newest_first", "needs_approval", "late", "paused_at", "next_at", "created_at",
    )  # fmt: skip
    rules = Rules.of(line.route)
    return {
        "filters": groups_json(rules.filters),
        "prefix": rules.prefix,
        "suffix": rules.suffix,
        "tags": asdict(rules.tags),
        "picture": asdict(rules.picture),
        "gap_minutes": rules.pace.gap_minutes,
        **{name: getattr(line.route, name) for name in shown},
        "channel": {"id": line.channel.id, "name": line.channel.name},
        "feeds": [{"id": feed.id, "title": feed.title, "url": feed.url} for feed in line.feeds],
        "seen": line.balance.seen,
        "fates": line.balance.fates,
    }


def rule_pairs(line: "RouteLine") -> list[tuple[str, Any]]:
    """A route's rules as names and values, for people."""
    from scheduler.rules import Rules

    rules, route = Rules.of(line.route), line.route
    pace = rules.pace
    caps = [(pace.per_run, "a run"), (pace.per_day, "a day")]
    return [
        ("Route", route.name),
        ("State", "paused" if route.paused_at else "active"),
        ("Feeds", ", ".join(feed.url for feed in line.feeds)),
        ("Channel", line.channel.name),
        ("Template", (rules.template or "the channel's own").replace("\n", "\\n")),
        ("Before it", rules.prefix.replace("\n", "\\n")),
        ("After it", rules.suffix.replace("\n", "\\n")),
        ("Include", ", ".join(rules.include)),
        ("Exclude", ", ".join(rules.exclude)),
        *(("Rule", str(group)) for group in rules.filters),
        ("Hashtags", _tags_told(rules.tags)),
        ("Picture", _picture_told(rules.picture)),
        ("UTM", ", ".join(f"{name}={value}" for name, value in rules.utm.items())),
        ("Short links", "yes" if rules.shorten else "no"),
        ("Timing", rules.timing),
        ("At most", ", ".join(f"{cap} {window}" for cap, window in caps if cap)),
        ("Gap", f"{pace.gap_minutes} min" if pace.gap_minutes else ""),
        ("First", "newest" if pace.newest_first else ""),
        ("Approval", "needed" if rules.needs_approval else "not needed"),
        ("When late", rules.late),
    ]


def _tags_told(tags: "Tags") -> str:
    """Empty where nothing was said."""
    from domain.wording import Tags

    if tags == Tags():
        return ""
    instead = (f"{name}={tag}" for name, tag in tags.instead.items())
    return ", ".join([*tags.always, *instead, f"at most {tags.most}"])


def _picture_told(picture: "Picture") -> str:
    """Empty where nothing was said."""
    from domain.wording import Picture

    if picture == Picture():
        return ""
    width = f"at least {picture.least_width} px wide" if picture.least_width else ""
    instead = f"else {picture.fallback}" if picture.fallback else ""
    alt = f"in words: {picture.alt}" if picture.alt else ""
    return ", ".join(filter(None, (picture.source, width, instead, alt)))


def named(tabuh: "Opened", name: str) -> "Route":
    """The route by its name."""
    from store import routes
    from store.engine import reading

    with reading(tabuh.engine) as session:
        return routes.named(session, tabuh.workspace.id, name)


def line_of(tabuh: "Opened", route_id: int) -> "RouteLine":
    """A route with what it joins and its balance."""
    from store import routes
    from store.engine import reading

    with reading(tabuh.engine) as session:
        return next(line for line in routes.lines(session, tabuh.workspace.id) if line.route.id == route_id)
