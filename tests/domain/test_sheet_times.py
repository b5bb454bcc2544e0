"""Times in cells: every usual spelling, no guess at what can be read in two ways."""

from datetime import UTC, datetime

import pytest

from domain.errors import UsageError
from domain.sheet_times import day_order, read_time

JAKARTA = "Asia/Jakarta"


@pytest.mark.parametrize(
    ("date", "time", "zone", "order", "at", "named"),
    [
        ("", "2026-12-01 09:00", "", None, (2026, 12, 1, 2), JAKARTA),
        ("", "2026-12-01T09:00", "", None, (2026, 12, 1, 2), JAKARTA),
        ("2026-12-01", "9:00", "", None, (2026, 12, 1, 2), JAKARTA),
        ("01/12/2026", "09.00", "", "day", (2026, 12, 1, 2), JAKARTA),
        ("12/01/2026", "09:00:00", "", "month", (2026, 12, 1, 2), JAKARTA),
        ("1.12.2026", "9.00 PM", "", "day", (2026, 12, 1, 14), JAKARTA),
        ("", "2026-12-01 12:05 am", "UTC", None, (2026, 12, 1, 0, 5), "UTC"),
        ("", "2026-12-01 09:00 WITA", "", None, (2026, 12, 1, 1), "Asia/Makassar"),
        ("", "2026-12-01 09:00 Europe/Berlin", "", None, (2026, 12, 1, 8), "Europe/Berlin"),
        ("", "2026-12-01 09:00", "WIT", None, (2026, 12, 1, 0), "Asia/Jayapura"),
        ("", "2026-12-01 09:00 channel", "", None, (2026, 12, 1, 2), JAKARTA),
        ("", "2026-12-01T09:00:00Z", "", None, (2026, 12, 1, 9), "UTC"),
        ("", "2026-12-01 09:00+09:00", "", None, (2026, 12, 1, 0), JAKARTA),
        ("", "2026-12-01 09:00:00.000+0900", "", None, (2026, 12, 1, 0), JAKARTA),
        ("7/7/2027", "09:00", "", None, (2027, 7, 7, 2), JAKARTA),
    ],
)
def test_a_time_means_one_instant(  # noqa: PLR0917 - one for each column
    date: str, time: str, zone: str, order: str | None, at: tuple[int, ...], named: str
) -> None:
    meant = read_time(date, time, zone, channel_zone=JAKARTA, order=order)  # type: ignore[arg-type]

    assert meant is not None
    assert (meant.at, meant.zone, meant.note) == (datetime(*at, tzinfo=UTC), named, "")  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("time", "zone", "says"),
    [
        ("01/02/2027 09:00", "", "two ways. Write it as 2027-02-01"),
        ("2026-02-30 09:00", "", "no such day"),
        ("2026-13-01 09:00", "", "no such day"),
        ("0001-01-01 09:00", "", "no such day"),
        ("2026-12-01 24:00", "", "no such hour"),
        ("2026-12-01 09:75", "", "no such hour"),
        ("2026-12-01 13:00 pm", "", "Cannot read"),
        ("2026-12-01", "", "names no hour"),
        ("tomorrow", "", "Cannot read"),
        ("46357.375", "", "Cannot read"),
        ("1/12/26 09:00", "", "Cannot read"),
        ("2026-12-01 09:00 Mars/Olympus", "", "Unknown time zone"),
        ("2026-12-01 09:00 WIB", "WITA", "give one of them"),
        ("2026-12-01 09:00+07:00 WIB", "", "give one of them"),
        ("2026-12-01 09:00+99:00", "", "Cannot read"),
    ],
)
def test_what_is_no_time_is_refused(time: str, zone: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_time("", time, zone, channel_zone=JAKARTA, order=None)


def test_hours_that_a_clock_change_skips_or_doubles_follow_the_stated_rule_and_say_so() -> None:
    gap = read_time("", "2026-03-29 02:30", "Europe/Berlin", channel_zone=JAKARTA, order=None)
    twice = read_time("", "2026-10-25 02:30", "Europe/Berlin", channel_zone=JAKARTA, order=None)

    assert gap is not None
    assert twice is not None
    assert gap.at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert "does not exist in Europe/Berlin" in gap.note
    assert gap.note.endswith("at 03:00.")
    assert twice.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "occurs twice" in twice.note


@pytest.mark.parametrize(
    ("values", "separator", "order"),
    [
        (["03/04/2026 09:00"], ",", None),
        (["03/04/2026 09:00"], ";", "day"),
        (["03/04/2026", "31/12/2026"], ",", "day"),
        (["03/04/2026", "12/31/2026"], ",", "month"),
        (["31/12/2026", "12/31/2026"], ",", None),
        (["3.4.2026"], ",", "day"),
        (["12/31/2026"], ";", "month"),
        (["2026-01-02"], ",", None),
    ],
)
def test_the_column_tells_whether_the_day_comes_first(
    values: list[str], separator: str, order: str | None
) -> None:
    assert day_order(values, separator=separator) == order
