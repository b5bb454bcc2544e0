"""Subscriptions with hubs: what is asked, what is believed, and which hubs are worth it."""

import hashlib
import hmac
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.interval import BACKSTOP, next_poll
from feeds.parsed import ParsedFeed
from feeds.websub import (
    LEASE,
    LONGEST_LEASE,
    SHORTEST_LEASE,
    Denied,
    Hub,
    HubRecord,
    Mode,
    NotAsked,
    Verified,
    check_intent,
    hub_of,
    is_authentic,
    is_hopeless,
    keeps_its_word,
    lease,
    new_secret,
    renew_at,
    request_values,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://a.example/feed"
PARSED = ParsedFeed("T", None, None, (), hub_url="https://doc.example/", self_url="https://a.example/self")
TOPIC = "https://a.example/self"
HUB = Hub("https://hub.example/", TOPIC)


def test_a_hub_and_the_name_of_the_feed_come_from_the_header_or_the_document() -> None:
    header = '<https://h1.example/>; rel=hub, <https://h2.example/>; rel=hub, </me>; rel="self"'

    assert hub_of(PARSED, url=URL) == Hub("https://doc.example/", TOPIC)
    assert hub_of(PARSED, url=URL, link_header=header) == Hub("https://h1.example/", "https://a.example/me")
    assert hub_of(replace(PARSED, self_url=None), url=URL) == Hub("https://doc.example/", URL)
    assert hub_of(replace(PARSED, hub_url=None), url=URL) is None


def test_a_subscription_asks_for_a_lease_and_gives_a_secret() -> None:
    values = request_values(HUB, mode="subscribe", callback="https://me.example/c", secret="s")

    assert values == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": "https://me.example/c",
        "hub.lease_seconds": "864000",
        "hub.secret": "s",
    }


def test_a_secret_is_never_sent_in_clear_text_nor_without_need() -> None:
    bare = Hub("http://hub.example/", TOPIC)

    assert "hub.secret" not in request_values(bare, mode="subscribe", callback="c", secret="s")
    assert "hub.secret" not in request_values(HUB, mode="unsubscribe", callback="c", secret="s")
    assert len({new_secret() for _ in range(50)}) == 50
    assert 40 <= len(new_secret()) < 200


def intent(**changes: str) -> dict[str, str]:
    query = {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.challenge": "xyz",
        "hub.lease_seconds": "86400",
    }
    return query | {f"hub.{name}": value for name, value in changes.items()}


def test_a_hub_that_asks_whether_we_meant_it_gets_its_challenge_back() -> None:
    assert check_intent(intent(), topic=TOPIC, wanted="subscribe") == Verified("xyz", DAY)
    assert check_intent(intent(mode="unsubscribe"), topic=TOPIC, wanted="unsubscribe") == Verified(
        "xyz", None
    )


def test_a_hub_may_refuse() -> None:
    said = check_intent(intent(mode="denied", reason=" no "), topic=TOPIC, wanted="subscribe")

    assert said == Denied("no")
    assert check_intent(intent(mode="denied"), topic=TOPIC, wanted="subscribe") == Denied(
        "the hub gives no reason"
    )


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"topic": "https://other.example/"}, "subscribe"),
        ({"mode": "denied", "topic": ""}, "subscribe"),
        ({}, "unsubscribe"),
        ({"mode": "unsubscribe"}, "subscribe"),
        ({"mode": "publish"}, "subscribe"),
        ({"challenge": ""}, "subscribe"),
        ({"challenge": "x" * 5000}, "subscribe"),
    ],
)
def test_what_nobody_asked_for_is_not_confirmed(changes: dict[str, str], wanted: Mode) -> None:
    with pytest.raises(NotAsked):
        check_intent(intent(**changes), topic=TOPIC, wanted=wanted)
    with pytest.raises(NotAsked):
        check_intent({}, topic=TOPIC, wanted=wanted)


@pytest.mark.parametrize(
    ("seconds", "length"),
    [
        ("86400", DAY),
        ("1", SHORTEST_LEASE),
        ("0", SHORTEST_LEASE),
        ("99999999", LONGEST_LEASE),
        ("9" * 500, LONGEST_LEASE),
        (None, LEASE),
        ("", LEASE),
        ("-5", LEASE),
        ("²", LEASE),
        ("1e9", LEASE),
    ],
)
def test_a_lease_is_believed_within_bounds(seconds: str | None, length: timedelta) -> None:
    assert lease(seconds) == length


def test_renewals_come_before_the_end_and_spread_over_the_days() -> None:
    times = [renew_at(LEASE, now=NOW, rng=random.Random(seed)) for seed in range(300)]

    assert all(NOW + LEASE * 0.5 <= time <= NOW + LEASE * 0.8 for time in times)
    assert len({(time.day, time.hour) for time in times}) > 50


def signed(body: bytes, secret: str, method: str) -> str:
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
@given(body=st.binary(max_size=100), secret=st.text(min_size=1, max_size=20), other=st.binary(max_size=100))
def test_only_who_knows_the_secret_is_believed(method: str, body: bytes, secret: str, other: bytes) -> None:
    signature = signed(body, secret, method)

    assert is_authentic(body, signature=signature, secret=secret)
    assert is_authentic(body, signature=f" {signature.upper()} ", secret=secret)
    assert is_authentic(other, signature=signature, secret=secret) == (other == body)
    assert not is_authentic(body, signature=signature, secret=secret + "x")
    assert not is_authentic(body, signature=signature[:-1], secret=secret)


@pytest.mark.parametrize(
    "signature",
    ["", "=", "sha256", "sha256=", "md5=" + "0" * 32, "sha3_256=00", "new=x", "sha256=ü", "sha1=\udcff"],
)
def test_a_signature_that_is_none_is_not_believed(signature: str) -> None:
    assert not is_authentic(b"x", signature=signature, secret="s")


@pytest.mark.parametrize(
    ("pushed", "polled", "keeps", "hopeless"),
    [
        (0, 0, False, False),
        (4, 0, False, False),
        (5, 0, True, False),
        (9, 1, True, False),
        (8, 2, False, False),
        (0, 19, False, False),
        (0, 20, False, True),
        (1, 500, False, False),
    ],
)
def test_a_hub_is_judged_by_what_really_came(pushed: int, polled: int, keeps: bool, hopeless: bool) -> None:
    record = HubRecord(pushed, polled)

    assert (keeps_its_word(record), is_hopeless(record)) == (keeps, hopeless)


def test_a_feed_whose_hub_keeps_its_word_is_looked_at_once_a_day() -> None:
    coming = next_poll(now=NOW, rng=random.Random(1), gap=timedelta(hours=1), pushed=True)

    assert abs(coming.at - NOW - BACKSTOP) <= BACKSTOP / 10
    assert "hub" in coming.reason
    failed = next_poll(now=NOW, rng=random.Random(1), pushed=True, failures=1)
    assert failed.at - NOW < BACKSTOP / 2
    chosen = next_poll(now=NOW, rng=random.Random(1), pushed=True, override=timedelta(minutes=5))
    assert chosen.at - NOW < timedelta(minutes=6)
