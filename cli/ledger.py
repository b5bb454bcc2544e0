"""`tabuh ledger`: what became of the entries of a route, and how routes are shown."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, show

if TYPE_CHECKING:
    from cli.opening import Opened
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
    shown = (
        "id", "name", "template", "include", "exclude", "utm", "shorten", "timing", "needs_approval",
        "late", "paused_at", "created_at",
    )  # fmt: skip
    return {
        **{name: getattr(line.route, name) for name in shown},
        "channel": {"id": line.channel.id, "name": line.channel.name},
        "feeds": [{"id": feed.id, "title": feed.title, "url": feed.url} for feed in line.feeds],
        "seen": line.balance.seen,
        "fates": line.balance.fates,
    }


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
