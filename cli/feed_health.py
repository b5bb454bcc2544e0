"""`tabuh feed health`: how all feeds do, those that need a person first."""

from typing import TYPE_CHECKING, Any

import typer

from cli.feeds import line_document
from cli.opening import opened
from cli.printing import Json, one_line, show, table, when

if TYPE_CHECKING:
    from store.feed_health import FeedHealth

#: The order of the list, most pressing first.
_ORDER = ("asks", "gone", "failing", "paused", "waiting", "healthy")


def health(context: typer.Context, as_json: Json = False) -> None:
    """How feeds do: last answer, entries a week against what is usual, errors, next look and why."""
    from store import feed_health
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            found = feed_health.all_of(session, tabuh.workspace.id, now=tabuh.context.clock())
        found.sort(key=lambda each: _ORDER.index(each.line.health))
        zone = tabuh.workspace.zone
        drawn = table(
            ["Feed", "State", "Last look", ">Answer", ">This week", ">Usual", "Next look", "About"],
            (
                (
                    one_line(each.line.feed.title or each.line.feed.url, 36), each.line.health,
                    when(each.line.feed.last_polled_at, zone), each.line.feed.last_status,
                    each.rhythm.this_week, _usual(each), when(each.line.feed.next_at, zone),
                    about(each, zone),
                )
                for each in found
            ),
            empty="No feeds yet. Add one: tabuh feed add URL --existing none",
        )  # fmt: skip
        show([health_document(each) for each in found], drawn, as_json=as_json)


def health_document(found: "FeedHealth") -> dict[str, Any]:
    """How a feed does, as JSON tells it."""
    hub, rhythm = found.hub, found.rhythm
    return {
        **line_document(found.line),
        "week": {"entries": rhythm.this_week, "usual": rhythm.usual, "silent": rhythm.is_silent},
        "server": found.line.feed.host,
        "server_quiet_until": found.quiet_until,
        "hub": None
        if hub is None
        else {
            "url": hub.hub, "promised_until": hub.verified_until, "pushed": hub.pushed, "polled": hub.polled,
            "last_push_at": hub.last_push_at, "last_error": hub.last_error, "given_up_at": hub.given_up_at,
        },
    }  # fmt: skip


def about(found: "FeedHealth", zone: str) -> str:
    """What a person should know of a feed, in a sentence or two."""
    feed, hub = found.line.feed, found.hub
    told = [
        feed.paused_reason or feed.last_error or feed.next_reason,
        f"its server wants no request before {when(found.quiet_until, zone)}" if found.quiet_until else "",
        "nothing came this week" if found.rhythm.is_silent else "",
        f"hub: {hub.last_error}" if hub and hub.last_error else "",
    ]
    return "; ".join(filter(None, told))


def _usual(found: "FeedHealth") -> str:
    return "" if found.rhythm.usual is None else f"{found.rhythm.usual:.1f}"
