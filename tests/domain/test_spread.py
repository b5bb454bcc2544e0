"""Caps and gaps over random arrivals, in zones whose clocks change, on days that are longer or shorter."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.spread import Pace, Spread

#: Clocks that change at midnight, by half an hour, by a whole day, on other days than elsewhere, or never.
ZONES = st.sampled_from(
    [
        "UTC", "Asia/Jakarta", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Africa/Cairo",
        "Asia/Beirut", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
        "Africa/Casablanca",
    ]
)  # fmt: skip
#: Around changes of these clocks.
STARTS = st.sampled_from(
    [
        datetime(2011, 12, 28, tzinfo=UTC),  # Samoa has no 30 December 2011
        datetime(2018, 11, 2, tzinfo=UTC),  # Brazil's midnight is left out
        datetime(2018, 2, 16, tzinfo=UTC),  # and comes twice
        datetime(2026, 3, 27, tzinfo=UTC),
        datetime(2026, 10, 23, tzinfo=UTC),
        datetime(2026, 4, 2, tzinfo=UTC),
    ]
)
PACES = st.builds(
    Pace,
    per_run=st.none(),
    per_day=st.none() | st.integers(1, 4),
    gap_minutes=st.sampled_from([0, 1, 45, 240, 2000]),
)


@given(PACES, ZONES, STARTS, st.lists(st.integers(0, 6 * 24 * 60), max_size=30))
def test_no_day_has_more_posts_than_its_cap_and_no_two_stand_nearer_than_the_gap(
    pace: Pace, zone: str, start: datetime, arrivals: list[int]
) -> None:
    where = ZoneInfo(zone)
    spread = Spread(pace, where)
    taken = []
    for minutes in sorted(arrivals):
        at = spread.soonest(start + timedelta(minutes=minutes))
        while not spread.has_room(at):
            at = spread.soonest(spread.next_day(at))
        assert spread.keeps_gap(at)
        assert at >= start + timedelta(minutes=minutes)
        spread.take(at)
        taken.append(at)
    days = Counter(at.astimezone(where).date() for at in taken)
    assert max(days.values(), default=0) <= (pace.per_day or len(taken))
    gap = timedelta(minutes=pace.gap_minutes)
    assert all(later - earlier >= gap for earlier, later in pairwise(sorted(taken)))


@given(ZONES, STARTS, st.integers(0, 10 * 24 * 60))
def test_the_next_day_begins_with_its_first_instant(zone: str, start: datetime, minutes: int) -> None:
    where = ZoneInfo(zone)
    spread, at = Spread(Pace(), where), start + timedelta(minutes=minutes)
    following = spread.next_day(at)
    assert following > at
    assert spread.day(following) > spread.day(at)
    assert spread.day_begins(following) == following
    assert spread.day(following - timedelta(microseconds=1)) == spread.day(at)


def test_the_soonest_time_is_between_two_posts_where_there_is_room() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    planned = [noon + timedelta(minutes=minutes) for minutes in (0, 30, 120)]
    spread = Spread(Pace(gap_minutes=30), ZoneInfo("UTC"), planned)
    assert spread.soonest(noon) == noon + timedelta(minutes=60)
    assert spread.soonest(noon + timedelta(minutes=95)) == noon + timedelta(minutes=150)
