"""Who named a channel, as Mastodon's and Bluesky's notifications tell it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publishers.base import Mention
from publishers.mentions import on_bluesky, on_mastodon

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ME = "did:plc:me"


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def notice(number: int, minutes: int, *, kind: str = "mention", sender: str = "9", **status: Any) -> Any:
    return {
        "id": str(number), "type": kind, "created_at": at(minutes).isoformat().replace("+00:00", ".000Z"),
        "account": {"id": sender},
        "status": {"id": str(number), "uri": f"https://there.example/{number}", **status},
    }  # fmt: skip


def mastodon(*notices: Any, size: int = 2) -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
    """A server that gives its notifications newest first, and older ones below ``max_id``."""
    ordered = sorted(notices, key=lambda one: -int(one["id"]))

    def ask(options: dict[str, Any]) -> list[dict[str, Any]]:
        assert options["types[]"] == ["mention"]
        below = int(options.get("max_id", 10**9))
        return [one for one in ordered if int(one["id"]) < below][:size]

    return ask


def test_mastodon_tells_who_named_the_channel_but_not_who_answered_it() -> None:
    ask = mastodon(
        notice(1, -500),
        notice(2, 1),
        notice(3, 2, in_reply_to_account_id="7"),
        notice(4, 3, in_reply_to_account_id="8"),
        notice(5, 4, sender="7"),
        notice(6, 5, kind="favourite"),
        notice(7, 6, uri="https://there.example/2"),
        {"id": "8", "type": "mention", "created_at": "yesterday"},
    )

    found = on_mastodon(ask, "7", NOON)

    assert found.gap_until is None
    assert found.found == [
        Mention(at(1), "https://there.example/2"),
        Mention(at(3), "https://there.example/4"),
    ]


def told(
    number: int, minutes: int, *, reason: str = "mention", by: str = "did:plc:you", **record: Any
) -> Any:
    return {
        "uri": f"at://{by}/app.bsky.feed.post/{number}", "reason": reason, "author": {"did": by},
        "indexedAt": at(minutes).isoformat().replace("+00:00", "Z"), "record": record,
    }  # fmt: skip


def bluesky(*notices: Any, size: int = 2) -> Callable[..., dict[str, Any]]:
    ordered = sorted(notices, key=lambda one: one["indexedAt"], reverse=True)

    def ask(method: str, **params: str) -> dict[str, Any]:
        assert method == "app.bsky.notification.listNotifications"
        start = int(params.get("cursor", 0))
        answer: dict[str, Any] = {"notifications": ordered[start : start + size]}
        return {**answer, "cursor": str(start + size)} if start + size < len(ordered) else answer

    return ask


def test_bluesky_tells_mentions_and_leaves_replies_and_quotes_to_their_posts() -> None:
    ours, theirs = ({"parent": {"uri": f"at://{who}/app.bsky.feed.post/1"}} for who in (ME, "did:plc:x"))
    ask = bluesky(
        told(1, -1),
        told(2, 1),
        told(3, 2, reason="reply", reply=ours),
        told(4, 3, reason="quote"),
        told(5, 4, reply=ours),
        told(6, 5, reply=theirs),
        told(7, 6, by=ME),
        told(8, 7, reason="like"),
    )

    found = on_bluesky(ask, ME, NOON)

    assert [one.mark.rsplit("/", 1)[-1] for one in found.found] == ["6", "2"]
    assert [one.at for one in found.found] == [at(5), at(1)]


@pytest.mark.parametrize("number", [0, 1, 79, 200])
def test_all_pages_are_read_as_far_as_they_go(number: int) -> None:
    found = on_mastodon(mastodon(*(notice(one, one) for one in range(1, number + 1)), size=80), "7", NOON)

    assert len(found.found) == number


def test_more_than_one_look_reads_leaves_a_gap_that_is_told() -> None:
    found = on_mastodon(mastodon(*(notice(one, one) for one in range(1, 100)), size=2), "7", NOON)

    assert len(found.found) == 80
    assert found.gap_until == at(20)


def test_a_server_that_repeats_its_last_page_is_not_asked_forever() -> None:
    page = [notice(1, 1)]

    assert len(on_mastodon(lambda _: page, "7", NOON).found) == 1
    assert on_bluesky(lambda *_, **__: {"notifications": [told(1, 1)], "cursor": "x"}, ME, NOON).found
