"""What counts as news: the order of entries, old ones that come into sight, and changes of a whole feed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entry import Entry
from scheduler.arriving import EXISTED_BEFORE_FEED, OLDER_THAN_FEED, is_burst, oldest_first, sort_out
from store.tables import Feed
from tests.world import NOON


def entries(*hours: float | None) -> list[Entry]:
    """Entries in document order, dated so many hours from noon."""
    return [
        Entry(
            guid=str(place),
            link=None,
            title=str(place),
            published_at=None if offset is None else NOON + timedelta(hours=offset),
        )
        for place, offset in enumerate(hours)
    ]


def feed(**values: object) -> Feed:
    made = Feed(workspace_id=1, url="https://x.test", existing="last:1", created_at=NOON, baseline_at=NOON)
    for name, value in values.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("hours", "order"),
    [
        ((3, 2, 1), [2, 1, 0]),
        ((1, 2, 3), [0, 1, 2]),
        ((2, 3, 1), [2, 0, 1]),
        ((5, 5, 5), [2, 1, 0]),  # newest first is what documents mean when they do not say
        ((None, None), [1, 0]),
        ((1, None, 2), [0, 1, 2]),  # the dates that there are rise
        ((2, None, 1), [2, 1, 0]),
        ((), []),
    ],
)
def test_entries_are_put_in_the_order_they_were_written(
    hours: tuple[float | None, ...], order: list[int]
) -> None:
    assert oldest_first(entries(*hours)) == order


@given(st.lists(st.one_of(st.none(), st.floats(-1e4, 1e4)), max_size=30))
def test_no_entry_is_lost_by_ordering(hours: list[float | None]) -> None:
    assert sorted(oldest_first(entries(*hours))) == list(range(len(hours)))


def test_the_first_look_follows_the_choice() -> None:
    found = sort_out(feed(baseline_at=None), entries(2, 1), [None, None], zone_name="UTC")
    assert [(one.entry.guid, one.origin, one.skipped) for one in found] == [
        ("1", "existing", EXISTED_BEFORE_FEED),
        ("0", "chosen", ""),
    ]


def test_what_a_feed_that_asks_shows_is_left_to_a_person() -> None:
    found = sort_out(feed(ask=True), entries(2, 1), [None, 7], zone_name="UTC")
    assert [(one.entry.guid, one.origin, one.skipped) for one in found] == [("0", "existing", "")]


def test_an_entry_dated_after_all_that_is_known_is_news_however_old_its_date() -> None:
    """A feed that was quiet for years, or whose clock is wrong, still publishes."""
    long_ago = NOON - timedelta(days=900)

    found = sort_out(
        feed(),
        entries(-900 * 24 + 5, -900 * 24 - 49),
        [None, None],
        zone_name="UTC",
        newest_known=long_ago,
    )

    assert [(one.entry.guid, one.skipped) for one in found] == [("1", OLDER_THAN_FEED), ("0", "")]


def test_old_dates_are_no_news_but_a_late_release_is() -> None:
    found = sort_out(feed(), entries(1, -47, -49), [None, None, None], zone_name="UTC")
    assert [(one.entry.guid, one.skipped) for one in found] == [("2", OLDER_THAN_FEED), ("1", ""), ("0", "")]


@pytest.mark.parametrize(
    ("positions", "news"),
    [
        ([None, 9, 8, None], ["0"]),  # below all that is known, newest first: slid back
        ([None, 8, 9, None], ["3", "0"]),  # the document has another order
        ([None, 9, None], ["2", "0"]),  # one known entry tells nothing
    ],
)
def test_an_undated_entry_below_the_known_ones_is_no_news(
    positions: list[int | None], news: list[str]
) -> None:
    found = sort_out(feed(), entries(*[None] * len(positions)), positions, zone_name="UTC")
    assert [one.entry.guid for one in found if not one.skipped] == news


@pytest.mark.parametrize(
    ("hours", "in_document", "burst"),
    [
        ((1,) * 50, 50, False),  # a busy day
        ((-72,) * 11, 30, True),
        ((-72,) * 10, 30, False),
        ((-72,) * 5, 5, True),  # nothing in it is known, and nothing is new
        ((-72, -72, -72, -72, 1), 5, False),
        ((None,) * 4, 4, True),
        ((None,) * 4, 6, False),
        ((None,) * 3, 3, False),
    ],
)
def test_many_old_strangers_are_a_change_of_the_feed(
    hours: tuple[float | None, ...], in_document: int, burst: bool
) -> None:
    assert is_burst(entries(*hours), in_document=in_document, last_read_at=NOON) is burst


def test_dates_do_not_shake_the_order_of_equal_entries() -> None:
    one, other = entries(1, 1)
    assert oldest_first([one, replace(other, title="x")]) == [1, 0]
