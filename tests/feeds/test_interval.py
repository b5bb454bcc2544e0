"""When a feed is looked at again, and what a person is told about it."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.hints import CacheHints, FeedHints, cache_hints, feed_hints
from feeds.interval import NextPoll, next_poll, span, usual_gap

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)  # a Sunday
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def ask(**known: object) -> NextPoll:
    return next_poll(now=NOON, rng=random.Random(7), **known)  # type: ignore[arg-type]


def test_a_feed_is_looked_at_four_times_per_usual_gap() -> None:
    found = ask(gap=2.5 * HOUR)

    assert found.interval == 37.5 * MINUTE
    assert found.reason == "every 38 min: this feed posts about every 2.5 h"
    assert 33 * MINUTE < found.at - NOON < 42 * MINUTE


@pytest.mark.parametrize(
    ("gap", "interval"), [(MINUTE, 10 * MINUTE), (8 * HOUR, 2 * HOUR), (30 * DAY, 6 * HOUR), (None, HOUR)]
)
def test_the_interval_stays_between_ten_minutes_and_six_hours(
    gap: timedelta | None, interval: timedelta
) -> None:
    assert ask(gap=gap).interval == interval


def test_without_working_validators_a_feed_is_read_hourly_at_most() -> None:
    assert ask(gap=MINUTE, conditional=False).interval == HOUR


def test_news_halves_the_interval_and_silence_lengthens_it_within_bounds() -> None:
    gap = 8 * HOUR
    assert ask(gap=gap, last=2 * HOUR, found_new=True).interval == HOUR
    assert ask(gap=gap, last=HOUR, found_new=True).interval == HOUR
    assert ask(gap=gap, last=2 * HOUR).interval == 3 * HOUR
    assert ask(gap=gap, last=3 * HOUR).interval == 4 * HOUR


@pytest.mark.parametrize(
    ("hints", "source"),
    [
        ({"cache": CacheHints(max_age=7 * HOUR)}, "max-age"),
        ({"cache": CacheHints(expires_in=7 * HOUR)}, "Expires"),
        ({"feed": FeedHints(every=7 * HOUR)}, "the feed itself"),
    ],
)
def test_a_longer_wish_of_server_or_feed_is_respected(hints: dict[str, object], source: str) -> None:
    found = ask(gap=HOUR, **hints)

    assert found.at - NOON >= 7 * HOUR
    assert found.reason.startswith("every 7 h: ")
    assert source in found.reason
    assert found.interval == 15 * MINUTE, "a wish is not a habit"


def test_a_shorter_wish_changes_nothing_and_a_long_one_ends_at_a_day() -> None:
    assert ask(gap=4 * HOUR, cache=CacheHints(max_age=timedelta(0))).interval == HOUR
    assert ask(gap=HOUR, cache=CacheHints(max_age=400 * DAY)).at - NOON <= 1.1 * DAY


def test_a_persons_choice_comes_before_hints() -> None:
    found = ask(gap=HOUR, override=2 * MINUTE, cache=CacheHints(max_age=7 * HOUR))

    assert found.at - NOON < 3 * MINUTE
    assert found.reason == "every 2 min: chosen by hand, although the server's max-age asks for 7 h"
    assert ask(gap=HOUR, override=2 * MINUTE).reason == "every 2 min: chosen by hand"


def test_failures_back_off_and_never_stop_for_ever() -> None:
    waits = [ask(gap=HOUR, failures=n).at - NOON for n in range(1, 60)]

    assert 68 * MINUTE < waits[0] < 76 * MINUTE
    assert waits[2] > HOUR
    assert all(wait < 3.6 * DAY for wait in waits)
    assert waits[40] > 3 * DAY
    assert ask(failures=1).reason.endswith("the feed could not be read 1 time")
    assert ask(failures=3).reason.endswith("the feed could not be read 3 times in a row")


def test_nothing_happens_before_the_server_allows_it_even_by_hand() -> None:
    found = ask(gap=HOUR, failures=1, retry_after=5 * HOUR, override=MINUTE)

    assert 5 * HOUR <= found.at - NOON <= 5.5 * HOUR
    assert found.reason == "in 5 h: the server asked for this pause"


def test_skipped_hours_and_days_are_left_out() -> None:
    night = FeedHints(skip_hours=frozenset({12, 13, 14}))
    assert ask(gap=4 * HOUR, feed=night).at.hour == 15
    weekend = FeedHints(skip_days=frozenset({6}))
    assert ask(gap=4 * HOUR, feed=weekend).at.weekday() == 0
    never = FeedHints(skip_hours=frozenset(range(24)))
    assert ask(gap=4 * HOUR, feed=never).at - NOON < 2 * HOUR


@given(
    failures=st.integers(0, 10**6),
    gap=st.none() | st.timedeltas(min_value=timedelta(0), max_value=3650 * DAY),
    last=st.none() | st.timedeltas(min_value=timedelta(0), max_value=DAY),
    retry_after=st.none() | st.timedeltas(min_value=timedelta(0), max_value=99 * DAY),
    override=st.none() | st.timedeltas(min_value=timedelta(0), max_value=30 * DAY),
    found_new=st.booleans(),
    seed=st.integers(0, 99),
)
def test_the_next_look_lies_always_ahead_and_never_too_far(
    *,
    failures: int,
    gap: timedelta | None,
    last: timedelta | None,
    retry_after: timedelta | None,
    override: timedelta | None,
    found_new: bool,
    seed: int,
) -> None:
    found = next_poll(
        now=NOON,
        rng=random.Random(seed),
        failures=failures,
        gap=gap,
        last=last,
        retry_after=retry_after,
        override=override,
        found_new=found_new,
    )

    assert 50 * timedelta(seconds=1) <= found.at - NOON <= max(4 * DAY, 1.1 * (override or DAY))
    assert 10 * MINUTE <= found.interval <= 6 * HOUR


def test_the_usual_gap_is_a_median_and_grows_with_silence() -> None:
    hourly = [NOON - n * HOUR for n in range(1, 6)]

    assert usual_gap(hourly, now=NOON) == HOUR
    assert usual_gap([*hourly, NOON - 90 * DAY], now=NOON) == HOUR
    assert usual_gap(hourly, now=NOON + 9 * DAY) == 9 * DAY + HOUR
    assert usual_gap([NOON - HOUR] * 5, now=NOON) is None
    assert usual_gap([], now=NOON) is None
    assert usual_gap([NOON + DAY, NOON - HOUR], now=NOON) is None


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (30 * timedelta(seconds=1), "30 s"),
        (37 * MINUTE, "37 min"),
        (150 * MINUTE, "2.5 h"),
        (3 * HOUR, "3 h"),
        (60 * HOUR, "2.5 days"),
    ],
)
def test_lengths_of_time_read_like_speech(length: timedelta, text: str) -> None:
    assert span(length) == text


@pytest.mark.parametrize(
    ("given", "every"),
    [
        ({"ttl": "60"}, HOUR),
        ({"ttl": "0"}, None),
        ({"ttl": "soon"}, None),
        ({"ttl": "-5"}, None),
        ({"ttl": "9999999"}, DAY),
        ({"period": "hourly", "frequency": "2"}, 30 * MINUTE),
        ({"period": "daily", "frequency": "0"}, DAY),
        ({"period": "hourly"}, HOUR),
        ({"period": "often", "frequency": "2"}, None),
        ({"ttl": "30", "period": "hourly"}, HOUR),
    ],
)
def test_ttl_and_syndication_periods_are_read(given: dict[str, str], every: timedelta | None) -> None:
    blank: dict[str, str | None] = {"ttl": None, "period": None, "frequency": None}
    assert feed_hints(**{**blank, **given}).every == every  # type: ignore[arg-type]


def test_skipped_hours_and_days_are_read_as_numbers() -> None:
    hints = feed_hints(
        ttl=None,
        period=None,
        frequency=None,
        skip_hours="<skipHours><hour>0</hour><hour>23</hour><hour>24</hour><hour>99</hour>",
        skip_days="<skipDays><day>Sunday</day><day>monday</day><day>Funday</day>",
    )

    assert hints.skip_hours == {0, 23}
    assert hints.skip_days == {6, 0}


def test_expires_counts_from_the_servers_own_clock() -> None:
    headers = {"expires": "Sun, 01 Mar 2026 09:30:00 GMT", "date": "Sun, 01 Mar 2026 09:00:00 GMT"}

    assert cache_hints(headers, now=NOON).expires_in == 30 * MINUTE
    assert cache_hints({"expires": "-1"}, now=NOON).expires_in is None
