"""Favourites, boosts and replies of a status with their times, from the notifications of its channel.

A status itself tells only who favourited it (`favourited_by`), not when. Source:
docs.joinmastodon.org/methods/notifications; the scope ``read`` suffices.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from domain.metrics import Metric
from publishers.base import Reaction

#: What a notification tells of; a mention is a reply when its status answers ours.
_KINDS: Final[Mapping[str, Metric]] = {
    "favourite": Metric.REACTIONS,
    "reblog": Metric.SHARES,
    "mention": Metric.REPLIES,
}
#: Mastodon gives at most 80 at once, other servers fewer.
_PAGE: Final = 80
#: Pages read at most in one look.
_PAGES: Final = 6

#: A page of notifications, newest first.
Ask = Callable[[dict[str, Any]], list[dict[str, Any]]]


def dated_reactions(ask: Ask, remote_id: str, since: datetime) -> list[Reaction]:
    """What came to a status from ``since`` on, newest first."""
    options: dict[str, Any] = {"types[]": list(_KINDS), "limit": _PAGE}
    found: list[Reaction] = []
    for _ in range(_PAGES):
        page = ask(options)
        for one in page:
            at = _at(one)
            if at is not None and at < since:
                return found
            if at is not None and _is_about(one, remote_id):
                found.append(Reaction(_KINDS[one["type"]], at, str(one["id"])))
        if not page or options.get("max_id") == str(page[-1].get("id")):
            return found
        options["max_id"] = str(page[-1].get("id"))
    return found


def _is_about(one: Mapping[str, Any], remote_id: str) -> bool:
    status = one.get("status")
    if one.get("type") not in _KINDS or not isinstance(status, Mapping) or "id" not in one:
        return False
    if one["type"] == "mention":
        return str(status.get("in_reply_to_id")) == remote_id
    # Some servers tell of the boost, with our status inside it.
    inner = status.get("reblog")
    return remote_id in (str(status.get("id")), str(inner.get("id")) if isinstance(inner, Mapping) else "")


def _at(one: Mapping[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(one.get("created_at")))
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
