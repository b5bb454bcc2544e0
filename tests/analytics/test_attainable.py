"""Whether a target can be reached: answers worked out by hand, and rules that hold for any past."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.attainable import WEEKS_NEEDED, Attainability, Wish, attainable, climb_of, moves_of, similar_to
from analytics.history import Family, Past
from domain.catalogue import definition
from domain.definition import Direction
from domain.period import Span

MONDAY = date(2026, 1, 5)
DAY = timedelta(days=1)


def past(family: Family, above: list[float], below: list[float] | None = None, **more: float) -> Past:
    return Past(family=family, first=MONDAY, above=above, below=below or [], **more)


def wish(start: int, days: int, target: float, *, down: bool = False, metric: str = "clicks") -> Wish:
    first = MONDAY + start * DAY
    direction = Direction.DOWN if down else Direction.UP
    return Wish(Span(first, first + days * DAY), target, direction, definition(metric))


def weekly(*totals: float) -> list[float]:
    return [total / 7 for total in totals for _ in range(7)]


def test_five_weeks_are_not_enough_and_it_is_said_how_many_there_are() -> None:
    found = attainable(past(Family.COUNTS, weekly(*[100.0] * 5)), wish(35, 28, 400))

    assert (found.enough, found.chance, found.weeks, found.needed) == (False, None, 5, WEEKS_NEEDED)
    assert attainable(None, wish(0, 28, 400)).weeks == 0


def test_the_same_again_is_an_even_chance_and_twice_as_much_a_small_one() -> None:
    steady = past(Family.COUNTS, weekly(*[700.0, 720, 690, 710] * 5))

    same, twice = (attainable(steady, wish(140, 28, target)) for target in (2820, 5640))

    assert same.chance == pytest.approx(0.5, abs=0.12)
    assert twice.chance is not None
    assert twice.chance < 0.05
    assert same.even is not None
    assert same.bold is not None
    assert same.even < same.bold
    assert same.low is not None
    assert same.low < same.even


def test_values_in_reach_have_the_chances_that_they_are_said_to_have() -> None:
    noisy = past(Family.COUNTS, weekly(*np.random.default_rng(3).lognormal(5, 0.4, 30)))
    found = attainable(noisy, wish(210, 28, 1000))
    assert found.even is not None
    assert found.bold is not None

    at_even, at_bold = (attainable(noisy, wish(210, 28, one)).chance for one in (found.even, found.bold))

    assert at_even == pytest.approx(0.5, abs=0.02)
    assert at_bold == pytest.approx(0.2, abs=0.02)


def test_where_less_is_better_the_bold_value_is_the_lower_one() -> None:
    noisy = past(Family.COUNTS, weekly(*np.random.default_rng(3).lognormal(5, 0.4, 30)))

    found = attainable(noisy, wish(210, 28, 100, down=True))

    assert found.even is not None
    assert found.bold is not None
    assert found.bold < found.even
    assert found.chance is not None
    assert found.chance < 0.05


def test_the_growth_that_is_needed_brings_the_period_to_the_target() -> None:
    # A hundred a week now; next week alone is to have 110: the days grow by the same share, so a little more.
    found = climb_of(past(Family.COUNTS, weekly(*[100.0] * 10)), wish(70, 7, 110))

    assert found is not None
    growth = found.weekly / 100
    days = sum(100 / 7 * (1 + growth) ** (day / 7) for day in range(1, 8))
    assert days == pytest.approx(110, rel=1e-6)
    assert (found.managed, found.weeks) == (0, 9)


def test_weeks_that_grew_enough_are_counted() -> None:
    found = climb_of(
        past(Family.COUNTS, weekly(100, 150, 100, 150, 100, 150, 100, 150, 100, 100)), wish(70, 28, 560)
    )

    assert found is not None
    assert 10 < found.weekly < 20
    assert (found.managed, found.weeks) == (4, 9)


def test_a_level_needs_so_many_a_week() -> None:
    grown = past(Family.LEVELS, weekly(*[10.0, 30] * 5), level=1000)

    found = climb_of(grown, wish(70, 28, 1100, metric="followers"))

    assert found is not None
    assert (found.weekly, found.plain) == (25, True)
    assert (found.managed, found.weeks) == (5, 10)


def test_a_rate_grows_from_where_it_is() -> None:
    rate = past(Family.RATIOS, weekly(*[30.0] * 10), weekly(*[1000.0] * 10), factor=100)

    found = climb_of(rate, wish(70, 7, 3.3, metric="er_impr"))

    assert found is not None
    growth = found.weekly / 100
    assert sum(3 * (1 + growth) ** (day / 7) for day in range(1, 8)) / 7 == pytest.approx(3.3)


def test_the_wish_is_laid_beside_past_changes_over_as_many_days() -> None:
    doubling = past(Family.COUNTS, weekly(*[100.0, 200] * 5))

    found = moves_of(doubling, wish(70, 7, 300))

    assert found is not None
    assert found.wished == pytest.approx(50)  # the last week had 200
    assert (found.managed, found.windows) == (5, 9)  # five of nine weeks doubled, four halved
    assert (found.quantiles[0], found.quantiles[4]) == pytest.approx((-50, 100))


def test_few_windows_say_nothing_of_changes() -> None:
    assert moves_of(past(Family.COUNTS, weekly(*[100.0] * 8)), wish(56, 28, 400)) is None


def test_past_periods_are_the_year_before_and_the_last_ones() -> None:
    year = past(Family.COUNTS, [1.0] * 380)
    first = MONDAY + 380 * DAY

    found = similar_to(year, Span(first, first + 10 * DAY))

    assert [one.span.first for one in found] == [
        first - 10 * DAY, first - 20 * DAY, first - 30 * DAY, first.replace(year=first.year - 1),
    ]  # fmt: skip
    assert {one.value for one in found} == {10.0}


def test_each_period_ahead_has_its_chance() -> None:
    steady = past(Family.COUNTS, weekly(*[700.0, 720, 690, 710] * 5))
    wishes = [wish(140 + 28 * number, 28, 2820) for number in range(9)]

    found = attainable(steady, wishes[0], periods=wishes)

    assert len(found.periods) == 6
    assert found.periods[0][1] == found.chance
    assert all(0.2 < chance < 0.8 for _, chance in found.periods)


def test_what_is_done_of_a_period_counts() -> None:
    steady = past(Family.COUNTS, weekly(*[700.0, 720, 690, 710] * 5))

    begun = attainable(steady, wish(126, 28, 2820))  # two of its four weeks are over

    assert begun.low is not None
    assert begun.low > 2 * 690
    assert attainable(steady, wish(100, 28, 2820)).chance is None  # all of it is over


counts = st.lists(st.integers(0, 900).map(float), min_size=70, max_size=70)


@settings(deadline=None, max_examples=50)
@given(counts, st.sampled_from(list(Family)), st.integers(0, 40), st.floats(1, 9000), st.floats(1, 9000))
def test_chances_fall_with_the_target_and_rise_where_less_is_better(
    above: list[float], family: Family, gap: int, one: float, other: float
) -> None:
    own = past(family, above, [500.0] * 70, level=1000.0)

    def chances(*, down: bool) -> list[float]:
        found = [attainable(own, wish(70 + gap, 28, target, down=down)) for target in sorted((one, other))]
        assert all(each.enough for each in found)
        return [each.chance or 0.0 for each in found]

    low, high = chances(down=False)
    assert 0 < high <= low < 1
    low, high = chances(down=True)
    assert 0 < low <= high < 1


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 900).map(float), min_size=84, max_size=84), st.integers(2, 9))
def test_a_past_scaled_by_any_factor_scales_the_values_in_reach(daily: list[float], factor: int) -> None:
    def judged(scale: int) -> Attainability:
        own = past(Family.COUNTS, [(one + 3) * scale for one in daily])
        return attainable(own, wish(84, 28, 10_000.0 * scale))

    small, large = judged(1), judged(factor)

    for name in ("even", "bold", "low", "high"):
        assert getattr(large, name) == pytest.approx(getattr(small, name) * factor, rel=1e-6)
    assert large.chance == pytest.approx(small.chance)
