"""Requests that come faster than a reader clicks."""

from datetime import UTC, datetime, timedelta

from domain.repeats import MOST, Repeats

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_the_same_link_within_a_second_is_a_repeat_and_later_it_is_not() -> None:
    repeats = Repeats()
    seen = [repeats.seen("192.0.2.1", "Firefox", "abc", at(when)) for when in (0, 0.5, 1.2, 3)]
    assert seen == [None, "repeat", "repeat", None]


def test_others_at_the_same_moment_are_no_repeats() -> None:
    repeats = Repeats()
    assert repeats.seen("192.0.2.1", "Firefox", "abc", START) is None
    assert repeats.seen("192.0.2.2", "Firefox", "abc", START) is None, "another address"
    assert repeats.seen("192.0.2.1", "Chrome", "abc", START) is None, "another browser behind one address"
    assert repeats.seen("192.0.2.1", "Firefox", "def", START) is None, "another link"


def test_more_than_a_reader_can_click_in_ten_seconds_is_too_fast() -> None:
    repeats = Repeats()
    seen = [repeats.seen("192.0.2.1", "Firefox", f"code{n}", at(n * 0.5)) for n in range(MOST + 2)]
    assert seen == [None] * MOST + ["too_fast"] * 2
    assert repeats.seen("192.0.2.1", "Firefox", "later", at(60)) is None


def test_what_is_remembered_stays_small_and_is_forgotten() -> None:
    repeats = Repeats()
    for number in range(30_000):
        repeats.seen(f"10.0.{number // 250}.{number % 250}", "Firefox", "abc", START)
    assert len(repeats) <= 20_001
    for number in range(20_000):
        repeats.seen("192.0.2.1", "Firefox", "abc", at(60 + number))
    assert len(repeats) == 1
