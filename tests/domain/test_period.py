"""Periods tile the time line, in every zone and over every clock change."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.period import Every, Span, day_at, elapsed, periods_in, span_at, spans, whole

#: Zones whose changes skip midnight, repeat it, drop a whole day, or shift by half an hour.
ZONES = (
    "UTC",
    "Asia/Jakarta",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "America/St_Johns",
    "America/Havana",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)
RECURRING = [every for every in Every if every is not Every.ONCE]
days = st.dates(date(1990, 1, 1), date(2035, 12, 31))


@given(
    start=days,
    every=st.sampled_from(RECURRING),
    week_start=st.integers(0, 6),
    zone=st.sampled_from(ZONES),
    after=st.integers(0, 400 * 86400),
)
def test_each_instant_from_the_start_on_lies_in_exactly_one_period(
    start: date, every: Every, week_start: int, zone: str, after: int
) -> None:
    where = ZoneInfo(zone)
    begin = Span(start, start + timedelta(days=1)).bounds(where)[0]
    at = begin + timedelta(seconds=after)

    span = span_at(day_at(at, where), every, starts_on=start, deadline=None, week_start=week_start)

    first, last = span.bounds(where)
    assert first <= at < last


@given(
    start=days, every=st.sampled_from(RECURRING), week_start=st.integers(0, 6), zone=st.sampled_from(ZONES)
)
def test_each_period_begins_where_the_one_before_ends(
    start: date, every: Every, week_start: int, zone: str
) -> None:
    until = start + timedelta(days=500)
    all_of_them = spans(every, starts_on=start, deadline=None, until=until, week_start=week_start)
    found = list(islice(all_of_them, 12))
    where = ZoneInfo(zone)

    assert found[0].first == start
    for one, following in pairwise(found):
        assert one.bounds(where)[1] == following.bounds(where)[0]
        assert one == span_at(one.last, every, starts_on=start, deadline=None, week_start=week_start)


@given(
    start=days, length=st.integers(0, 300), every=st.sampled_from(list(Every)), week_start=st.integers(0, 6)
)
def test_the_periods_up_to_a_deadline_cover_exactly_its_days(
    start: date, length: int, every: Every, week_start: int
) -> None:
    deadline = start + timedelta(days=length)
    far = deadline + timedelta(days=90)

    found = list(spans(every, starts_on=start, deadline=deadline, until=far, week_start=week_start))

    assert sum(span.days for span in found) == length + 1
    assert found[-1].last == deadline


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # midnight was skipped
        ("Pacific/Apia", date(2011, 12, 30), 0),  # the day never was
        ("Asia/Jakarta", date(2026, 3, 29), 24),
    ],
)
def test_a_day_is_as_long_as_it_is_in_its_zone(zone: str, day: date, hours: int) -> None:
    start, end = Span(day, day + timedelta(days=1)).bounds(ZoneInfo(zone))

    assert end - start == timedelta(hours=hours)


def test_an_evening_that_comes_twice_belongs_to_the_day_that_has_begun() -> None:
    # In Newfoundland the clock went back at 00:01, from the new day into the old one.
    where = ZoneInfo("America/St_Johns")
    again = datetime(2010, 11, 7, 2, 45, tzinfo=UTC)

    assert again.astimezone(where).date() == date(2010, 11, 6)
    assert day_at(again, where) == date(2010, 11, 7)


@pytest.mark.parametrize(
    ("every", "first", "after"),
    [
        (Every.DAY, date(2026, 5, 20), date(2026, 5, 21)),
        (Every.WEEK, date(2026, 5, 18), date(2026, 5, 25)),
        (Every.MONTH, date(2026, 5, 1), date(2026, 6, 1)),
        (Every.QUARTER, date(2026, 4, 1), date(2026, 7, 1)),
    ],
)
def test_whole_periods_follow_the_calendar(every: Every, first: date, after: date) -> None:
    assert whole(date(2026, 5, 20), every) == Span(first, after)


def test_weeks_begin_on_the_workspaces_day() -> None:
    assert whole(date(2026, 5, 20), Every.WEEK, week_start=6).first == date(2026, 5, 17)
    assert whole(date(2026, 12, 31), Every.QUARTER).after == date(2027, 1, 1)


def test_a_period_is_cut_at_its_start_and_at_its_deadline() -> None:
    def around(day: date, every: Every) -> Span:
        return span_at(day, every, starts_on=date(2026, 1, 15), deadline=date(2026, 3, 10))

    assert around(date(2026, 1, 20), Every.MONTH) == Span(date(2026, 1, 15), date(2026, 2, 1))
    assert around(date(2026, 9, 1), Every.MONTH) == Span(date(2026, 3, 1), date(2026, 3, 11))
    assert around(date(2020, 9, 1), Every.ONCE) == Span(date(2026, 1, 15), date(2026, 3, 11))


def test_elapsed_time_is_real_time_between_zero_and_one() -> None:
    start, end = Span(date(2026, 3, 29), date(2026, 3, 30)).bounds(ZoneInfo("Europe/Berlin"))

    assert elapsed(start - timedelta(days=1), start, end) == 0
    assert elapsed(start + timedelta(hours=11.5), start, end) == 0.5
    assert elapsed(end, start, end) == 1
    assert elapsed(start, start, start) == 1


@pytest.mark.parametrize(
    ("own", "every", "target", "expected"),
    [
        # A whole January is one month, though a February is shorter.
        ((date(2026, 1, 1), date(2026, 2, 1)), Every.MONTH, (date(2026, 2, 1), date(2026, 3, 1)), 1),
        ((date(2026, 1, 1), date(2026, 4, 1)), Every.MONTH, (date(2026, 4, 1), date(2026, 5, 1)), 3),
        ((date(2026, 1, 1), date(2026, 1, 15)), Every.WEEK, (date(2026, 2, 2), date(2026, 2, 9)), 2),
        # A quarter against the next, then stretches that follow no calendar.
        ((date(2026, 1, 1), date(2026, 4, 1)), Every.ONCE, (date(2026, 4, 1), date(2026, 7, 1)), 1),
        ((date(2026, 1, 6), date(2026, 1, 16)), Every.ONCE, (date(2026, 2, 3), date(2026, 2, 23)), 0.5),
    ],
)
def test_a_baseline_counts_in_periods_of_its_target(
    own: tuple[date, date], every: Every, target: tuple[date, date], expected: float
) -> None:
    assert periods_in(Span(*own), every, target=Span(*target)) == pytest.approx(expected)
