"""Dates in all the ways in which feeds write them."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.dates import utc
from feeds.months import month_of
from feeds.zones import ZONES
from tests.feeds.test_parse import NOW


def when(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Mon, 01 Jan 2024 10:00:00 GMT", when(2024, 1, 1, 10)),
        ("Mon, 01 Jan 2024 10:00:00 +0700", when(2024, 1, 1, 3)),
        ("Mon, 01 Jan 2024 10:00:00 +07:00", when(2024, 1, 1, 3)),
        ("Mon, 01 Jan 2024 10:00:00 +7", when(2024, 1, 1, 3)),
        ("Mon, 01 Jan 2024 10:00:00 GMT+7", when(2024, 1, 1, 3)),
        ("Mon, 01 Jan 2024 10:00:00 UTC+07:00", when(2024, 1, 1, 3)),
        ("Mon, 01 Jan 2024 10:00:00 -0000", when(2024, 1, 1, 10)),
        ("Mon, 01 Jan 2024 10:00:00 PST-0800", when(2024, 1, 1, 18)),
        ("Fri, 11 Mar 2016 01:15:00 +3000", when(2016, 3, 9, 19, 15)),
        ("Mon, 01 Jan 2024 10:00:00 EST", when(2024, 1, 1, 15)),
        ("Mon, 01 Jul 2024 10:00:00 CEST", when(2024, 7, 1, 8)),
        ("Mon, 01 Jul 2024 10:00:00 WIB", when(2024, 7, 1, 3)),
        ("Mon, 01 Jul 2024 10:00:00 IST", when(2024, 7, 1, 4, 30)),
        ("Mon, 01 Jul 2024 10:00:00 (PDT)", when(2024, 7, 1, 17)),
        ("Mon, 01 Jul 2024 10:00:00 +0530 (IST)", when(2024, 7, 1, 4, 30)),
        ("Mon, 01 Jul 2024 10:00:00 Asia/Jakarta", when(2024, 7, 1, 3)),
        ("Mon, 01 Jul 2024 10:00:00 America/New_York", when(2024, 7, 1, 14)),
        ("Mon, 01 Jul 2024 10:00:00 Nowhere/Atall", when(2024, 7, 1, 10)),
        ("Mon, 01 Jul 2024 10:00:00", when(2024, 7, 1, 10)),
        ("Mon, 01 Jul 2024", when(2024, 7, 1)),
        ("01 Jul 2024 10:00 GMT", when(2024, 7, 1, 10)),
        ("Mon,01 Jul 2024 10:00:00 GMT", when(2024, 7, 1, 10)),
        ("Monday, 01-Jul-24 10:00:00 GMT", when(2024, 7, 1, 10)),
        ("Mon, 01-Jul-2024 10:00:00 GMT", when(2024, 7, 1, 10)),
        ("Thu, 07 Dec 17 10:00:29 -0800", when(2017, 12, 7, 18, 0, 29)),
        ("Thu, 07 Dec 95 10:00:29 +0000", when(1995, 12, 7, 10, 0, 29)),
        ("Mon Jul  1 10:00:00 2024", when(2024, 7, 1, 10)),
        ("Mon Jul 01 10:00:00 GMT-0700 2024", when(2024, 7, 1, 17)),
        ("Mon Jul 01 2024 10:00:00 GMT+0700 (WIB)", when(2024, 7, 1, 3)),
        ("Friday, January 29, 2021 04:42 PM", when(2021, 1, 29, 16, 42)),
        ("January 29, 2021", when(2021, 1, 29)),
        ("Mon, 01 Jul 2024 12:05:00 AM +0000", when(2024, 7, 1, 0, 5)),
        ("Mon, 01 Jul 2024 10.00.00 +0100", when(2024, 7, 1, 9)),
        ("2024-01-01T10:00:00Z", when(2024, 1, 1, 10)),
        ("2024-01-01t10:00:00z", when(2024, 1, 1, 10)),
        ("2024-01-01T10:00:00.123456+05:30", when(2024, 1, 1, 4, 30)),
        ("2024-01-01T10:00:00.1234567Z", when(2024, 1, 1, 10)),
        ("2024-01-01T10:00:00,5Z", when(2024, 1, 1, 10)),
        ("2024-01-01T10:00:00-0800", when(2024, 1, 1, 18)),
        ("2024-01-01T10:00:00+02", when(2024, 1, 1, 8)),
        ("2024-01-01T10:00:00 +0200", when(2024, 1, 1, 8)),
        ("2024-01-01T10:00:00&#43;0200", when(2024, 1, 1, 8)),
        ("2024-01-01T10:00:00+01:00[Europe/Berlin]", when(2024, 1, 1, 9)),
        ("2024-01-01T24:00:00Z", when(2024, 1, 2)),
        ("2024-01-01 10:00:00 UTC", when(2024, 1, 1, 10)),
        ("2024-01-01 10:00:00 EST", when(2024, 1, 1, 15)),
        ("2024-01-01 10:00:00", when(2024, 1, 1, 10)),
        ("2024-1-5 9:05", when(2024, 1, 5, 9, 5)),
        ("2024-01-01", when(2024, 1, 1)),
        ("2024-01", when(2024, 1, 1)),
        ("20240101", when(2024, 1, 1)),
        ("20240101T100000Z", when(2024, 1, 1, 10)),
        ("20240101100000", when(2024, 1, 1, 10)),
        ("1704103200", when(2024, 1, 1, 10)),
        ("1704103200000", when(2024, 1, 1, 10)),
        ("2020/1/10 14:33:00", when(2020, 1, 10, 14, 33)),
        ("2024.01.05 10:00", when(2024, 1, 5, 10)),
        ("2024年1月5日 10:00", when(2024, 1, 5, 10)),
        ("22.11.2022 12:16", when(2022, 11, 22, 12, 16)),
        ("22.11.22 12:16", when(2022, 11, 22, 12, 16)),
        ("1/5/2024 10:00:00 PM", when(2024, 1, 5, 22)),
        ("13/01/2024 10:00", when(2024, 1, 13, 10)),
        ("Mon, 01 Jan 2024 23:59:60 GMT", when(2024, 1, 1, 23, 59, 59)),
    ],
)
def test_a_date_is_read_in_its_own_zone(text: str, meant: datetime) -> None:
    assert utc(text, now=NOW) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Senin, 05 Agustus 2024 10:00:00 +0700", when(2024, 8, 5, 3)),
        ("Kamis, 17 Agu 2023 08:15:00 WIB", when(2023, 8, 17, 1, 15)),
        ("5 Mei 2024 10:00 WITA", when(2024, 5, 5, 2)),
        ("Selasa, 12 Desember 2023 09:00 WIT", when(2023, 12, 12)),
        ("Di, 05 Mär 2024 10:00:00 +0100", when(2024, 3, 5, 9)),
        ("Mi, 04 Dez 2024 10:00:00 MEZ", when(2024, 12, 4, 9)),
        ("mar, 05 août 2024 10:00:00 +0200", when(2024, 8, 5, 8)),
        ("lun, 05 févr. 2024 10:00:00 +0100", when(2024, 2, 5, 9)),
        ("sáb, 06 abr 2024 10:00:00 -0300", when(2024, 4, 6, 13)),
        ("qua, 04 set 2024 10:00:00 -0300", when(2024, 9, 4, 13)),
        ("mar, 05 mar 2024 10:00:00 +0100", when(2024, 3, 5, 9)),
        ("do, 02 mei 2024 10:00:00 +0200", when(2024, 5, 2, 8)),
        ("Пн, 06 мая 2024 10:00:00 +0300", when(2024, 5, 6, 7)),
    ],
)
def test_months_are_known_in_the_languages_of_the_world(text: str, meant: datetime) -> None:
    assert utc(text, now=NOW) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "soon",
        "0001-01-01T00:00:00Z",
        "-0001-01-01",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "1899-12-30T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "0",
        "0000000000",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "31 December 1989 10:00:00 GMT",
        "2024-02-31T00:00:00Z",
        "2024-02-30",
        "2023-02-29",
        "Sat, 31 Feb 2024 10:00:00 GMT",
        "2024-01-01T25:00:00Z",
        "2041-01-01T00:00:00Z",
        "9999999999",
        "9999-99-99",
        "9999-12-31T23:59:59-1400",
        "Mon, 01 Jan 2024 99:99:99 GMT",
        "2024-01-01T10:00:00+99:99",
        "01/05/2024 10:00",
        "2024",
        "12:00",
        "May",
        "0000-00-00 00:00:00",
        "1" * 99,
    ],
)
def test_what_is_no_possible_date_is_none(text: str | None) -> None:
    assert utc(text, now=NOW) is None


@pytest.mark.parametrize("text", ["2024-W02-3", "2024-02-31T00:00:00Z", "17041032", "1704-01-03"])
def test_feedparser_is_not_asked_about_forms_that_it_fills_up_from_today(text: str) -> None:
    assert utc(text, time.struct_time((2024, 11, 1, 0, 0, 0, 0, 1, 0)), now=NOW) is None


def test_a_date_up_to_two_days_ahead_is_believed() -> None:
    assert utc((NOW + timedelta(days=1)).isoformat(), now=NOW) == NOW + timedelta(days=1)
    assert utc((NOW + timedelta(days=3)).isoformat(), now=NOW) is None


def test_feedparsers_reading_is_the_fall_back() -> None:
    parsed = time.struct_time((2024, 1, 1, 10, 0, 0, 0, 1, 0))

    assert utc("some Hungarian date", parsed, now=NOW) == when(2024, 1, 1, 10)
    assert utc("2024-január-01T10:00", parsed, now=NOW) == when(2024, 1, 1, 10)
    assert utc("Feb 31 2024", parsed, now=NOW) is None


instants = st.datetimes(datetime(1990, 1, 2), datetime(2026, 2, 28)).map(lambda at: at.replace(microsecond=0))


@given(wall=instants, zone=st.sampled_from(sorted(ZONES)))
def test_every_zone_of_the_table_moves_the_clock_by_its_hours(wall: datetime, zone: str) -> None:
    expected = wall.replace(tzinfo=UTC) - timedelta(hours=ZONES[zone])
    for form in ("%a, %d %b %Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%B %d, %Y %I:%M:%S %p"):
        assert utc(f"{wall.strftime(form)} {zone}", now=NOW) == expected


@given(wall=instants, minutes=st.integers(-14 * 4, 14 * 4).map(lambda quarters: 15 * quarters))
def test_every_offset_is_followed_in_every_form(wall: datetime, minutes: int) -> None:
    expected = wall.replace(tzinfo=UTC) - timedelta(minutes=minutes)
    sign, size = ("-" if minutes < 0 else "+"), abs(minutes)
    for offset in (f"{sign}{size // 60:02}:{size % 60:02}", f"{sign}{size // 60:02}{size % 60:02}"):
        for form in ("%a, %d %b %Y %H:%M:%S ", "%Y-%m-%dT%H:%M:%S", "%a %b %d %H:%M:%S GMT"):
            text = wall.strftime(form) + offset + (wall.strftime(" %Y") if "GMT" in form else "")
            assert utc(text, now=NOW) == expected


def test_names_of_months_do_not_contradict_each_other() -> None:
    assert [month_of(name) for name in ("Ocak", "MÄRZ", "août", "Aug.", "Desember", "mayıs", "Monday")] == [
        1,
        3,
        8,
        8,
        12,
        5,
        None,
    ]
