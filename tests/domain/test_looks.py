"""Which looks are made when not all can be."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.looks import WORTH, affordable, demand, spread_out
from domain.metrics import CHECKPOINTS
from tests.world import NOON

MONTH = timedelta(days=30)
times = st.lists(st.integers(-29 * 24 * 60, 30 * 24 * 60), max_size=40).map(
    lambda minutes: [NOON + timedelta(minutes=one) for one in minutes]
)


def test_what_compares_comes_first_and_every_checkpoint_has_its_place() -> None:
    assert WORTH[:2] == (timedelta(hours=24), timedelta(days=7))
    assert sorted(WORTH) == list(CHECKPOINTS)


@given(times, st.integers(0, 500))
def test_the_looks_that_are_chosen_fit_and_one_more_would_not(published: list, reads: int) -> None:  # type: ignore[type-arg]
    wanted = demand(published, now=NOON, until=NOON + MONTH)
    chosen = affordable(wanted, reads)

    assert chosen == WORTH[: len(chosen)]
    assert sum(wanted[age] for age in chosen) <= reads
    if len(chosen) < len(WORTH):
        assert sum(wanted[age] for age in WORTH[: len(chosen) + 1]) > reads


@given(times, st.integers(0, 300), st.integers(0, 300))
def test_more_reads_never_mean_fewer_looks(published: list, few: int, more: int) -> None:  # type: ignore[type-arg]
    wanted = demand(published, now=NOON, until=NOON + MONTH)

    assert len(affordable(wanted, few)) <= len(affordable(wanted, few + more))


@given(st.permutations([NOON + timedelta(hours=one) for one in range(0, 70, 7)]))
def test_the_order_of_posts_does_not_matter(published: list) -> None:  # type: ignore[type-arg]
    until = NOON + timedelta(days=9)

    assert demand(published, now=NOON, until=until) == demand(sorted(published), now=NOON, until=until)


def test_posts_that_nobody_planned_yet_are_expected_evenly() -> None:
    assert spread_out(3, now=NOON, until=NOON + timedelta(days=4)) == [
        NOON + timedelta(days=one) for one in (1, 2, 3)
    ]
    assert spread_out(0, now=NOON, until=NOON + timedelta(days=4)) == []
