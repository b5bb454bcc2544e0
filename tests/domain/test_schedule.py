"""The hour that was meant, in every zone, across every clock change."""

from datetime import UTC, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.schedule import (
    PostingTime,
    instant,
    parse_schedule,
    parse_when,
    schedule_text,
    slots,
    wall_time,
    zone,
)

ZONES = sorted(available_timezones())
WALLS = st.datetimes(datetime(2000, 1, 2), datetime(2040, 12, 30)).map(
    lambda wall: wall.replace(second=0, microsecond=0)
)
BERLIN = ZoneInfo("Europe/Berlin")


def test_a_time_that_the_change_to_summer_time_skips_moves_to_the_next_that_exists() -> None:
    at = instant(datetime(2026, 3, 29, 2, 30), BERLIN)

    assert at == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert wall_time(at, BERLIN) == datetime(2026, 3, 29, 3, 0)


def test_a_time_that_occurs_twice_means_the_first() -> None:
    assert instant(datetime(2026, 10, 25, 2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_whole_day_that_a_zone_skipped_moves_to_the_day_after() -> None:
    samoa = ZoneInfo("Pacific/Apia")  # had no 30 December 2011

    at = instant(datetime(2011, 12, 30, 9, 0), samoa)

    assert wall_time(at, samoa) == datetime(2011, 12, 31, 0, 0)


@settings(max_examples=1500, deadline=None)
@given(name=st.sampled_from(ZONES), wall=WALLS)
def test_a_wall_time_becomes_itself_or_the_first_that_exists_after_it(name: str, wall: datetime) -> None:
    where = ZoneInfo(name)

    at = instant(wall, where)

    shown = wall_time(at, where)
    assert shown >= wall
    if shown > wall:  # in a gap: one second earlier must show a time before the one asked for
        assert wall_time(at - timedelta(seconds=1), where) < wall
    else:  # the first of two: no earlier instant shows the same
        for back in (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2)):
            assert wall_time(at - back, where) != wall


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Jakarta"])
def test_slots_over_a_year_are_strictly_later_and_as_many_as_the_schedule_says(name: str) -> None:
    times = parse_schedule("daily 02:15,02:45,09:00")
    start = datetime(2026, 1, 1, tzinfo=UTC)

    found = list(islice(slots(times, ZoneInfo(name), after=start), 3 * 365))

    instants = [slot.at for slot in found]
    assert instants == sorted(set(instants))
    assert all(slot.wall.time() in {time(2, 15), time(2, 45), time(9)} for slot in found)
    # A gap may move two of a day's times to one instant: those give one slot.
    assert timedelta(days=364) < instants[-1] - start < timedelta(days=367)


def test_two_times_that_a_gap_moves_together_give_one_slot() -> None:
    times = parse_schedule("sun 02:15,02:45")
    eve = datetime(2026, 3, 28, 12, tzinfo=UTC)

    first, second = islice(slots(times, BERLIN, after=eve), 2)

    assert first.at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert second.at == datetime(2026, 4, 5, 0, 15, tzinfo=UTC)


def test_an_empty_schedule_has_no_slots() -> None:
    assert list(slots((), BERLIN, after=datetime(2026, 1, 1, tzinfo=UTC))) == []


@pytest.mark.parametrize(
    ("text", "shortest"),
    [
        ("mon-fri 09:00,12:30; sat 10:00", "mon-fri 09:00,12:30; sat 10:00"),
        ("daily 09:00", "daily 09:00"),
        ("sat-mon 8:05", "mon,sat,sun 08:05"),
        ("MON 09:00; mon 09:00", "mon 09:00"),
        ("tue,thu 09:00 17:00", "tue,thu 09:00,17:00"),
        ("", ""),
    ],
)
def test_a_schedule_is_read_and_written_in_its_shortest_form(text: str, shortest: str) -> None:
    times = parse_schedule(text)

    assert schedule_text(times) == shortest
    assert parse_schedule(schedule_text(times)) == times


@given(
    st.lists(
        st.builds(
            PostingTime,
            st.integers(0, 6),
            st.times().map(lambda wall: wall.replace(second=0, microsecond=0)),
        ),
        max_size=20,
    )
)
def test_any_schedule_survives_being_written_and_read(times: list[PostingTime]) -> None:
    assert set(parse_schedule(schedule_text(times))) == set(times)


@pytest.mark.parametrize("text", ["someday 09:00", "mon 25:00", "mon 9", "09:00", "mon-xyz 09:00", "mon"])
def test_an_unreadable_schedule_is_refused_in_words(text: str) -> None:
    with pytest.raises(UsageError, match=r"(Cannot read|Unknown day)"):
        parse_schedule(text)


@pytest.mark.parametrize(
    ("text", "at", "where"),
    [
        ("2026-12-01 09:00 Asia/Jakarta", datetime(2026, 12, 1, 2, tzinfo=UTC), "Asia/Jakarta"),
        ("2026-12-01T09:00 Asia/Jakarta", datetime(2026, 12, 1, 2, tzinfo=UTC), "Asia/Jakarta"),
        ("2026-12-01 09:00 channel", datetime(2026, 12, 1, 8, tzinfo=UTC), "Europe/Berlin"),
        ("2026-12-01T09:00+07:00", datetime(2026, 12, 1, 2, tzinfo=UTC), "Europe/Berlin"),
        ("2026-12-01T09:00Z", datetime(2026, 12, 1, 9, tzinfo=UTC), "Europe/Berlin"),
    ],
)
def test_a_time_with_a_zone_or_an_offset_is_read(text: str, at: datetime, where: str) -> None:
    instant_, _, named = parse_when(text, channel_zone="Europe/Berlin")

    assert (instant_, named) == (at, where)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-12-01 09:00", "names no zone"),
        ("2026-12-01T09:00", "names no zone"),
        ("2026-12-01 09:00 Mars/Olympus", "Unknown time zone"),
        ("2026-12-01T09:00+07:00 Asia/Jakarta", "offset and a zone"),
        ("tomorrow", "Cannot read the time"),
        ("2026-13-01 09:00 UTC", "Cannot read the time"),
        ("", "Cannot read the time"),
        ("0001-01-01 00:00 Asia/Jakarta", "Cannot read the time"),
        ("9999-12-31T23:59-11:00", "Cannot read the time"),
        ("2026-12-01 09:00 localtime", "Unknown time zone"),
    ],
)
def test_a_time_that_leaves_the_hour_open_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_when(text, channel_zone="Europe/Berlin")


def test_an_unknown_zone_is_refused_with_examples() -> None:
    with pytest.raises(UsageError, match="Asia/Jakarta"):
        zone("WIB")
