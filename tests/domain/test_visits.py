"""Visits made of page views, messages of anybody, and amounts in minor units."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.callers import Callers
from domain.currencies import clean_currency, exponent, to_minor, to_units, written
from domain.errors import UsageError
from domain.referrers import platform_of
from domain.visits import DIRECT, SILENCE, Source, SourceKind, View, source_of, visits_of
from domain.web_message import LARGEST, read_message
from domain.web_site import clean_hosts

START = datetime(2026, 3, 1, tzinfo=UTC)
SOURCES = (DIRECT, Source(SourceKind.CLICK, "a"), Source(SourceKind.REFERRER, "x"))
VIEWS = st.lists(
    st.builds(
        lambda number, minute, seconds, source: View(
            f"{number:06}", START + timedelta(minutes=minute), seconds, "/", source
        ),
        st.integers(0, 10**6),
        st.integers(0, 300),
        st.sampled_from([0, 10, 1800, 4000]),
        st.sampled_from(SOURCES),
    ),
    unique_by=lambda view: view.key,
    max_size=20,
)


@given(VIEWS, st.randoms())
def test_each_view_is_in_one_visit_whatever_their_order(views: list[View], random: object) -> None:
    found = visits_of(views)
    random.shuffle(views)  # type: ignore[attr-defined]

    assert visits_of(views) == found
    assert sorted(view.key for one in found for view in one.views) == sorted(view.key for view in views)
    for one in found:
        assert all(view.source in (DIRECT, one.source) for view in one.views)
    for before, after in pairwise(found):
        silent = after.began_at - before.ended_at > SILENCE
        assert silent or after.source not in (DIRECT, before.source)


def test_a_silence_of_thirty_minutes_is_borne_and_a_longer_one_is_not() -> None:
    first = View("a", START, 60, "/", DIRECT)
    at = first.until + SILENCE
    assert len(visits_of([first, View("b", at, 0, "/", DIRECT)])) == 1
    assert len(visits_of([first, View("b", at + timedelta(microseconds=1), 0, "/", DIRECT)])) == 2


def test_the_surest_source_counts() -> None:
    def kind(click: str = "", utm: tuple[str, str, str] = ("", "", ""), referrer: str = "") -> Source:
        return source_of(click_key=click, utm=utm, referrer=referrer, own_hosts=frozenset({"a.example"}))

    assert kind("k", ("x", "", ""), "t.co").kind is SourceKind.CLICK
    assert kind("", ("X", "Social", "May"), "t.co") == Source(SourceKind.UTM, "x", "social", "May")
    assert kind(referrer="l.facebook.com") == Source(SourceKind.REFERRER, "facebook")
    assert kind(referrer="blog.example") == Source(SourceKind.REFERRER, "blog.example")
    assert kind(referrer="a.example") == DIRECT


@pytest.mark.parametrize(
    ("host", "platform"),
    [("t.co", "x"), ("www.google.co.id", "google"), ("google.evil.example", None), ("not-x.com", None),
     ("mail.google.com", "mail"), ("org.telegram.messenger", "telegram"), ("", None), ("com", None)],
)  # fmt: skip
def test_a_referrer_belongs_to_its_platform_only(host: str, platform: str | None) -> None:
    assert platform_of(host) == platform


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("kvprcqinsae"), inner),
    max_leaves=12,
).map(lambda told: json.dumps(told).encode())


@given(st.binary(max_size=300) | JSON)
def test_any_message_is_read_or_refused_in_words(raw: bytes) -> None:
    try:
        message = read_message(raw)
    except UsageError:
        return
    assert len(raw) <= LARGEST
    assert message.seconds >= 0
    assert message.age >= 0


@given(JSON, JSON)
def test_a_message_with_its_keys_may_hold_anything_else(first: bytes, second: bytes) -> None:
    told = {
        "k": "a" * 12,
        "v": "v" * 12,
        "q": json.loads(first),
        "p": json.loads(second),
        "s": json.loads(first),
    }
    try:
        message = read_message(json.dumps(told).encode())
    except UsageError:
        return
    assert all(isinstance(part, str) and len(part) <= 100 for part in message.utm)
    assert 1 <= len(message.path) <= 500


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("125000", "IDR", 12_500_000), ("12.50", "USD", 1250), ("100", "JPY", 100), ("1.234", "KWD", 1234),
     ("0", "EUR", 0), ("-3.1", "EUR", -310)],
)  # fmt: skip
def test_amounts_have_the_decimals_of_their_currency(amount: str, currency: str, minor: int) -> None:
    assert to_minor(amount, currency) == minor
    assert to_minor(written(minor, currency), currency) == minor
    assert to_units(minor, currency) == float(amount)


@pytest.mark.parametrize(
    ("amount", "currency"), [("1.5", "JPY"), ("1,5", "USD"), ("1e3", "USD"), ("", "USD"), ("9" * 18, "USD")]
)
def test_amounts_that_cannot_be_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(UsageError):
        to_minor(amount, currency)


def test_only_currencies_are_currencies() -> None:
    assert (clean_currency(" usd "), exponent("BHD"), exponent("VND")) == ("USD", 3, 0)
    with pytest.raises(UsageError, match="is no currency"):
        clean_currency("XAU")


def test_hosts_are_read_from_names_and_addresses() -> None:
    assert clean_hosts(["https://Shop.example:8443/x, www.shop.example.", "[::1]", "127.0.0.1"]) == (
        "shop.example", "www.shop.example", "::1", "127.0.0.1",
    )  # fmt: skip
    for wrong in ("", "a b!", "-x.example", "x" * 64 + ".example", "https://"):
        with pytest.raises(UsageError):
            clean_hosts([wrong])


def test_a_bucket_of_calls_fills_again() -> None:
    callers = Callers(burst=3, per_second=1)
    assert [callers.may("a", START) for _ in range(4)] == [True, True, True, False]
    assert callers.may("b", START)
    assert callers.may("a", START + timedelta(seconds=1))
    assert not callers.may("a", START + timedelta(seconds=1))
