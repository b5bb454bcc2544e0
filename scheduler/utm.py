"""Which route wrote the UTM parameters of an address, where only one could have."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from sqlmodel import Session

from domain.errors import UsageError
from scheduler.templating import tagged
from store import channels, routes
from store.tables import ChannelRow, Feed, Route

_ANY = "https://any.invalid/"


def ways(session: Session, workspace_id: int) -> Mapping[tuple[str, str, str], tuple[int, int]]:
    """``utm_source``, ``utm_medium`` and ``utm_campaign`` as they are written → the route, and its channel.

    What two routes write alike belongs to neither.
    """
    rows = {row.id: row for row in channels.listed(session, workspace_id)}
    found: dict[tuple[str, str, str], set[tuple[int, int]]] = {}
    for route in routes.listed(session, workspace_id):
        if not route.utm or route.channel_id not in rows:
            continue
        for feed in routes.feeds_of(session, route.id):
            written = _written(route, rows[route.channel_id], feed)
            if written is not None:
                found.setdefault(written, set()).add((route.id, route.channel_id))
    return {written: next(iter(owners)) for written, owners in found.items() if len(owners) == 1}


def _written(route: Route, channel: ChannelRow, feed: Feed) -> tuple[str, str, str] | None:
    values = {
        "platform": channel.platform, "channel": channel.name, "route": route.name, "feed": feed.title or "",
    }  # fmt: skip
    try:
        asked = parse_qs(urlsplit(tagged(_ANY, route.utm, values=values)).query)
    except UsageError:  # as nothing was published with it either
        return None
    source, medium, campaign = (
        asked.get(f"utm_{name}", [""])[0] for name in ("source", "medium", "campaign")
    )
    return (source, medium, campaign) if source or medium or campaign else None
