"""Who named a channel, from the notifications of its platform: Mastodon's and Bluesky's.

A post counts that names the channel and does not answer one of its own: answers are replies to that post and
are counted there. A quote counts with the post that it quotes. Sources: docs.joinmastodon.org/methods/
notifications (the scope ``read`` suffices); the lexicon app.bsky.notification.listNotifications.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from publishers.base import Mention, Mentions

#: Mastodon gives at most 80 at once, Bluesky 100; other servers fewer.
_PAGE, _PAGE_OF_BLUESKY = 80, "100"
#: Pages read at most in one look.
_PAGES: Final = 40


def on_mastodon(
    ask: Callable[[dict[str, Any]], list[dict[str, Any]]], owner: str, since: datetime
) -> Mentions:
    """Mentions from ``since`` on; ``owner`` is the number of the channel's account."""

    def pages() -> Iterator[list[dict[str, Any]]]:
        options: dict[str, Any] = {"types[]": ["mention"], "limit": _PAGE}
        while page := ask(options):
            yield page
            if options.get("max_id") == str(page[-1].get("id")):
                return
            options["max_id"] = str(page[-1].get("id"))

    def read(one: Mapping[str, Any]) -> str | None:
        status, sender = one.get("status"), one.get("account")
        if one.get("type") != "mention" or not isinstance(status, Mapping):
            return None
        if isinstance(sender, Mapping) and str(sender.get("id")) == owner:
            return None
        if str(status.get("in_reply_to_account_id")) == owner:
            return None
        return str(status.get("uri") or status.get("url") or status.get("id") or "") or None

    return _gathered(pages(), read, "created_at", since)


def on_bluesky(ask: Callable[..., dict[str, Any]], owner: str, since: datetime) -> Mentions:
    """Mentions from ``since`` on; ``owner`` is the channel's DID."""

    def pages() -> Iterator[list[dict[str, Any]]]:
        params = {"limit": _PAGE_OF_BLUESKY}
        while True:
            answer = ask("app.bsky.notification.listNotifications", **params)
            found = [one for one in answer.get("notifications") or () if isinstance(one, dict)]
            yield found
            cursor = str(answer.get("cursor") or "")
            if not found or not cursor or cursor == params.get("cursor"):
                return
            params["cursor"] = cursor

    def read(one: Mapping[str, Any]) -> str | None:
        record, sender = one.get("record"), one.get("author")
        if one.get("reason") != "mention" or not isinstance(record, Mapping):
            return None
        if isinstance(sender, Mapping) and sender.get("did") == owner:
            return None
        reply = record.get("reply")
        parent = reply.get("parent") if isinstance(reply, Mapping) else None
        if isinstance(parent, Mapping) and str(parent.get("uri")).startswith(f"at://{owner}/"):
            return None
        return str(one.get("uri") or "") or None

    return _gathered(pages(), read, "indexedAt", since)


def _gathered(
    pages: Iterator[list[dict[str, Any]]],
    read: Callable[[Mapping[str, Any]], str | None],
    moment: str,
    since: datetime,
) -> Mentions:
    """From pages that begin with the newest, as far back as ``since`` or as one look reads."""
    found: dict[str, Mention] = {}
    oldest: datetime | None = None
    for number, page in enumerate(pages, start=1):
        for one in page:
            at = _at(one.get(moment))
            if at is None:
                continue
            if at < since:
                return Mentions(list(found.values()))
            oldest = at
            if (mark := read(one)) is not None:
                found[mark] = Mention(at, mark)
        if number == _PAGES:
            return Mentions(list(found.values()), gap_until=oldest)
    return Mentions(list(found.values()))


def _at(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
