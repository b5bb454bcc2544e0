"""Calendars that every program reads: lines, folding and escaping as RFC 5545 says."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.icalendar import Event, Status, calendar, folded
from tests.ics import read_calendar

AT = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


def event(**values: object) -> Event:
    known: dict[str, object] = {
        "uid": "one", "sequence": 3, "starts_at": AT, "length": timedelta(minutes=15), "created_at": AT,
        "changed_at": AT, "summary": "Hello", "description": "", "status": Status.CONFIRMED,
    }  # fmt: skip
    return Event(**{**known, **values})  # type: ignore[arg-type]


def written(*events: Event) -> str:
    return calendar("Kabar; Sari", events, zone="Asia/Jakarta", refresh=timedelta(minutes=15))


def test_an_event_has_what_the_standard_asks_for() -> None:
    [found] = read_calendar(written(event(categories=("Sale, big", "b"), url="https://example.org/a"))).events

    assert found["UID"] == "one"
    assert found["DTSTART"] == "20261201T020000Z"
    assert found["DTEND"] == "20261201T021500Z"
    assert (found["SEQUENCE"], found["STATUS"]) == ("3", "CONFIRMED")
    assert found["CATEGORIES"] == "Sale, big,b"
    assert found["URL"] == "https://example.org/a"


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_comes_back_as_it_was_but_for_signs_that_no_calendar_holds(one: str, two: str) -> None:
    [found] = read_calendar(written(event(summary=one, description=two))).events

    def kept(text: str) -> str:
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        return "".join(
            sign
            for sign in lines
            if sign in "\n\t" or not (sign < " " or sign == "\x7f" or "\ud800" <= sign <= "\udfff")
        )

    assert found["SUMMARY"] == kept(one)
    assert found.get("DESCRIPTION", "") == kept(two)


@given(st.text(alphabet="añ漢🥁👩🏽‍🌾 ", min_size=1, max_size=400))
def test_a_folded_line_is_short_and_whole(line: str) -> None:
    pieces = folded(line).split("\r\n")

    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line
