"""The choice of what to post of the entries that were there before."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.entry import Entry
from domain.errors import UsageError
from domain.existing import parse_existing

JAKARTA = ZoneInfo("Asia/Jakarta")


def dated(*times: datetime | None) -> list[Entry]:
    return [Entry(guid=str(number), link=None, title="t", published_at=at) for number, at in enumerate(times)]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("none", [False, False, False]),
        ("newest", [False, False, True]),
        ("last:2", [False, True, True]),
        (" Last:9 ", [True, True, True]),
    ],
)
def test_the_newest_so_many_are_chosen(text: str, chosen: list[bool]) -> None:
    assert parse_existing(text).chosen(dated(None, None, None), where=JAKARTA) == chosen


def test_a_day_begins_at_midnight_of_the_zone_and_undated_entries_are_not_chosen() -> None:
    before = datetime(2026, 10, 31, 16, 59, tzinfo=UTC)
    midnight = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)
    choice = parse_existing("since:2026-11-01")
    assert choice.chosen(dated(before, midnight, None), where=JAKARTA) == [False, True, False]


@pytest.mark.parametrize("text", ["none", "newest", "last:7", "since:2026-11-01"])
def test_a_choice_is_stored_as_it_is_written(text: str) -> None:
    assert str(parse_existing(text)) == text


@pytest.mark.parametrize("text", ["", "all", "last:", "last:0", "last:-1", "last:x", "since:soon", "none:1"])
def test_anything_else_is_refused_with_the_choices(text: str) -> None:
    with pytest.raises(UsageError, match="none, newest, last:N"):
        parse_existing(text)
