"""When reactions came, as Mastodon's notifications and Bluesky's records tell it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import NotSent, RateLimited
from domain.metrics import Metric
from publishers import bluesky_reactions, mastodon_reactions
from publishers.base import Reaction

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
URI = "at://did:plc:me/app.bsky.feed.post/3abc"


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def notice(number: int, kind: str, minutes: int, **status: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "type": kind,
        "created_at": at(minutes).isoformat().replace("+00:00", ".000Z"),
        "account": {"acct": "someone@elsewhere.example"},
        "status": {"id": "77", **status},
    }


def pages(*notices: dict[str, Any], size: int = 2) -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
    """A server that gives its notifications newest first, and older ones below ``max_id``."""
    ordered = sorted(notices, key=lambda one: -int(one["id"]))

    def ask(options: dict[str, Any]) -> list[dict[str, Any]]:
        assert options["types[]"] == ["favourite", "reblog", "mention"]
        below = int(options.get("max_id", 10**9))
        return [one for one in ordered if int(one["id"]) < below][:size]

    return ask


def test_mastodon_dates_favourites_boosts_and_answers_of_one_status() -> None:
    ask = pages(
        notice(1, "favourite", -500),
        notice(2, "favourite", 5),
        notice(3, "favourite", 6, id="78"),
        notice(4, "reblog", 7),
        notice(5, "reblog", 8, id="91", reblog={"id": "77"}),
        notice(6, "mention", 9, id="92", in_reply_to_id="77"),
        notice(7, "mention", 10, id="93", in_reply_to_id=None),
        notice(8, "follow", 11),
    )

    found = mastodon_reactions.dated_reactions(ask, "77", NOON)

    assert found == [
        Reaction(Metric.REPLIES, at(9), "6"),
        Reaction(Metric.SHARES, at(8), "5"),
        Reaction(Metric.SHARES, at(7), "4"),
        Reaction(Metric.REACTIONS, at(5), "2"),
    ]


def test_a_server_that_repeats_its_last_page_is_not_asked_for_ever() -> None:
    asked = []

    def ask(options: dict[str, Any]) -> list[dict[str, Any]]:
        asked.append(dict(options))
        return [notice(5, "favourite", 5)]

    mastodon_reactions.dated_reactions(ask, "77", NOON)

    assert len(asked) == 2


@pytest.mark.parametrize("odd", [{}, {"type": "favourite"}, {"id": "1", "type": "favourite", "status": None}])
def test_what_is_no_notification_is_passed_over(odd: dict[str, Any]) -> None:
    assert mastodon_reactions.dated_reactions(lambda _options: [odd], "77", NOON) == []


def like(who: str, created: int, indexed: int) -> dict[str, Any]:
    return {
        "actor": {"did": who},
        "createdAt": at(created).isoformat(),
        "indexedAt": at(indexed).isoformat(),
    }


def bluesky(**answers: Any) -> Callable[..., dict[str, Any]]:
    def ask(name: str, **params: str) -> dict[str, Any]:
        answer = answers.get(name.rpartition(".")[2], {})
        if isinstance(answer, Exception):
            raise answer
        return dict(answer(params) if callable(answer) else answer)

    return ask


def test_bluesky_dates_likes_replies_and_reposts_by_their_records() -> None:
    reply = {
        "post": {
            "uri": "at://did:plc:b/app.bsky.feed.post/1",
            "author": {"did": "did:plc:b"},
            "record": {"createdAt": at(4).isoformat()},
            "indexedAt": at(5).isoformat(),
        }
    }
    own = {"post": {**reply["post"], "author": {"did": "did:plc:me"}}}
    repost = {
        "uri": "at://did:plc:c/app.bsky.feed.repost/1",
        "author": {"did": "did:plc:c"},
        "reason": "repost",
        "reasonSubject": URI,
        "record": {"createdAt": at(6).isoformat()},
        "indexedAt": at(6).isoformat(),
    }
    ask = bluesky(
        getLikes={"likes": [like("did:plc:a", 90, 3), like("did:plc:me", 1, 1)]},
        getPostThread={"thread": {"replies": [reply, own, {"uri": URI, "blocked": True}]}},
        listNotifications={"notifications": [repost, {**repost, "reasonSubject": "at://another"}]},
    )

    found = bluesky_reactions.dated_reactions(ask, URI, NOON, owner="did:plc:me")

    assert found == [
        Reaction(Metric.REACTIONS, at(3), "like did:plc:a"),
        Reaction(Metric.REPLIES, at(4), "reply at://did:plc:b/app.bsky.feed.post/1"),
        Reaction(Metric.SHARES, at(6), "repost at://did:plc:c/app.bsky.feed.repost/1"),
    ]


def test_likes_are_read_page_by_page_down_to_the_last_look() -> None:
    asked: list[dict[str, str]] = []

    def likes(params: dict[str, str]) -> dict[str, Any]:
        asked.append(dict(params))
        first = int(params.get("cursor", "0"))
        minutes = (30, 20, 10, -10)
        return {"likes": [like(f"did:{first}", 0, minutes[first])], "cursor": str(first + 1)}

    found = bluesky_reactions.dated_reactions(bluesky(getLikes=likes), URI, at(-5), owner="did:plc:me")

    assert [one.key for one in found] == ["like did:0", "like did:1", "like did:2"]
    assert len(asked) == 4


def test_a_list_that_the_server_refuses_leaves_the_others() -> None:
    ask = bluesky(getLikes={"likes": [like("did:plc:a", 1, 1)]}, listNotifications=NotSent("no such method"))

    assert len(bluesky_reactions.dated_reactions(ask, URI, NOON, owner="did:plc:me")) == 1
    with pytest.raises(RateLimited):
        bluesky_reactions.dated_reactions(
            bluesky(getLikes=RateLimited("slow", retry_after=timedelta(minutes=1))), URI, NOON, owner="x"
        )
