"""How often what was foretold came true."""

from datetime import UTC, date, datetime, timedelta

from analytics.track_record import Foretold, Record, track_record
from domain.pace import Status

DAY = timedelta(days=1)


def month(number: int, *chances: float) -> list[Foretold]:
    first = date(2026, number, 1)
    at = datetime(2026, number, 1, 12, tzinfo=UTC)
    return [(first, at + place * DAY, chance, "on_track") for place, chance in enumerate(chances)]


def test_one_statement_of_each_period_counts_the_one_in_its_middle() -> None:
    foretold = month(1, 0.5, 0.8, 0.99) + month(2, 0.1, 0.75, 0.05) + month(3, 0.2, 0.2) + month(4, 0.9)
    ended = {
        date(2026, 1, 1): Status.REACHED,
        date(2026, 2, 1): Status.MISSED,
        date(2026, 3, 1): Status.MISSED,
    }

    assert track_record(foretold, ended) == [Record(70, 90, 2, 1), Record(10, 30, 1, 0)]


def test_periods_without_an_answer_say_nothing() -> None:
    assert track_record(month(1, 0.5), {date(2026, 1, 1): Status.NO_DATA}) == []
    assert track_record([], {}) == []
