"""A channel's own numbers day by day: changes, jumps, and fields that change."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from analytics.channel_numbers import numbers, with_jumps
from domain.errors import NotFound
from domain.metrics import Metric
from store.tables import ChannelReading
from tests.measured import Measured
from tests.world import NOON

DAY = timedelta(days=1)


def read(values: list[int], *, source: str = "followers_count", first: int = 0) -> list[ChannelReading]:
    return [
        ChannelReading(
            channel_id=1, metric="followers", at=NOON + (first + day) * DAY, value=value, source=source
        )
        for day, value in enumerate(values)
    ]


def test_a_purge_is_marked_and_what_follows_is_not() -> None:
    found = with_jumps(read([1000 + 3 * day for day in range(10)] + [700, 703, 706]))

    assert [one.jump for one in found] == [False] * 10 + [True, False, False]
    assert [one.change for one in found[-3:]] == [-327, 3, 3]


def test_days_without_a_reading_are_no_jump(session: Session) -> None:
    rows = read([1000 + 5 * day for day in range(9)])
    late = ChannelReading(
        channel_id=1, metric="followers", at=NOON + 28 * DAY, value=1140, source="followers_count"
    )

    assert not any(one.jump for one in with_jumps([*rows, late]))


def test_another_field_begins_anew() -> None:
    rows = read([100, 101, 102, 103, 104, 105, 106, 107, 108]) + read([9000], source="members", first=9)

    assert (with_jumps(rows)[-1].change, with_jumps(rows)[-1].jump) == (None, False)


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=40))
def test_changes_add_up_to_the_whole_and_few_readings_say_nothing_of_jumps(values: list[int]) -> None:
    found = with_jumps(read(values))

    assert sum(one.change or 0 for one in found) == values[-1] - values[0]
    assert not any(one.jump for one in found[:8])


def test_only_the_days_asked_for_are_told_and_of_other_workspaces_nothing(session: Session) -> None:
    mine, other = Measured(session), Measured(session)
    channel = mine.channel()
    for day in range(12):
        mine.followers(channel, NOON - day * DAY, 500 - day)

    found = numbers(session, mine.id, channel.id, start=NOON - 3 * DAY, end=NOON)

    assert [one.value for one in found[Metric.FOLLOWERS]] == [497, 498, 499]
    assert [one.change for one in found[Metric.FOLLOWERS]] == [1, 1, 1]
    with pytest.raises(NotFound):
        numbers(session, other.id, channel.id, start=NOON - DAY, end=NOON)
