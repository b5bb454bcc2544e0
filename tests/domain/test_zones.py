"""The rule for clock changes, in zones that change in every way there is; `benchmarks.zones` looks at all."""

from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.schedule import PostingTime, instant, slots, wall_time, zone_names
from tests.zones import broken

#: A busy machine is no finding.
SLOW = [HealthCheck.too_slow]
DAILY = [PostingTime(day, time(9)) for day in range(7)]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Europe/Berlin", 2025, 2027),
        ("America/St_Johns", 2006, 2012),  # at one minute past midnight
        ("Australia/Lord_Howe", 2025, 2027),  # by half an hour
        ("Antarctica/Troll", 2024, 2026),  # by two hours
        ("Pacific/Apia", 2010, 2013),  # without 30 December 2011
        ("Pacific/Fakaofo", 2011, 2012),  # likewise
        ("Africa/Casablanca", 2024, 2026),  # back in Ramadan
        ("Asia/Pyongyang", 2015, 2018),  # half an hour there and back
        ("America/Santiago", 2025, 2027),  # at midnight
        ("Asia/Beirut", 2022, 2024),  # at midnight
        ("America/Caracas", 2007, 2016),
        ("Europe/Berlin", 2038, 2040),  # by the rule at the end of the data
        ("Asia/Jakarta", 2000, 2040),
    ],
)
def test_wall_times_slots_and_the_planners_clock_follow_the_rule(name: str, first: int, last: int) -> None:
    assert broken(name, first=first, last=last) == []


names = st.sampled_from(sorted(zone_names()))
walls = st.datetimes(datetime(2000, 1, 1), datetime(2040, 12, 31)).map(lambda one: one.replace(microsecond=0))


@given(names, walls)
@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
def test_the_instant_of_a_wall_time_is_the_first_at_which_the_clock_shows_it_or_has_passed_it(
    name: str, wall: datetime
) -> None:
    where = ZoneInfo(name)

    at = instant(wall, where)

    assert wall_time(at, where) >= wall
    just_before = datetime.fromtimestamp(at.timestamp() - 1, UTC)
    assert wall_time(just_before, where) < wall


@given(names, st.datetimes(datetime(2000, 1, 1), datetime(2040, 6, 1), timezones=st.just(UTC)))
@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
def test_slots_rise_and_no_day_is_left_out_but_those_that_the_zone_skipped(
    name: str, after: datetime
) -> None:
    where, found = ZoneInfo(name), []
    for slot in slots(DAILY, where, after=after):
        found.append(slot)
        if len(found) == 10:
            break

    assert all(earlier.at < later.at for earlier, later in pairwise(found))
    days = [(later.wall - earlier.wall).days for earlier, later in pairwise(found)]
    assert set(days) <= {1, 2}


def test_a_day_that_a_zone_skipped_has_its_slot_at_the_moment_of_the_change() -> None:
    apia = ZoneInfo("Pacific/Apia")
    coming = slots(DAILY, apia, after=datetime(2011, 12, 29, 10, tzinfo=UTC))

    walls_ = [wall_time(next(coming).at, apia) for _ in range(4)]

    assert [wall.date() for wall in walls_] == [
        date(2011, 12, 29),
        date(2011, 12, 31),
        date(2011, 12, 31),
        date(2012, 1, 1),
    ]
    assert walls_[1] == datetime(2011, 12, 31, 0, 0)
