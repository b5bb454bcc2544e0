"""What goes up and down, and what is a ratio: known answers, and rules that hold for any history."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.forecast.ahead import ending
from analytics.forecast.changes import centre_of_changes, outlook_of_changes
from analytics.forecast.outlook import FEWEST_WEEKS, WEEK, outlook
from analytics.forecast.ratios import Pairs, bundle, centre_of_rates, outlook_of_ratio
from analytics.history import Family, Past
from domain.period import Span

MONDAY = date(2026, 1, 5)


def past(family: Family, above: list[float], below: list[float] | None = None, **more: float) -> Past:
    return Past(family=family, first=MONDAY, above=above, below=below or [], **more)


def days(start: int, length: int) -> Span:
    first = MONDAY + timedelta(days=start)
    return Span(first, first + timedelta(days=length))


def test_the_centre_of_changes_fades_and_its_spread_is_shrunk_towards_half_a_usual_week() -> None:
    found = centre_of_changes(np.array([10.0, -20.0]))

    assert found.weekly == pytest.approx((0.9 * 10 - 20) / 1.9)
    assert found.spread == pytest.approx(math.sqrt((4 * 7.5**2 + 450) / 5))


def test_a_history_without_change_stays_where_it_is() -> None:
    seen = outlook_of_changes([0.0] * 56, 28)

    assert seen is not None
    assert abs(seen.quantile(0.5)) < 1
    assert seen.interval(0.8)[0] < 0 < seen.interval(0.8)[1]


def test_a_level_is_what_it_is_and_what_it_wins_until_the_end() -> None:
    steady = past(Family.LEVELS, [10.0] * 70, level=5000)

    seen = ending(steady, days(70, 28))

    assert seen is not None
    assert 5000 + 28 * 8 < seen.quantile(0.5) < 5000 + 28 * 12
    assert seen.chance(5000) > 0.95
    assert seen.chance(5800) < 0.2


def test_a_level_that_is_asked_for_later_has_all_the_days_until_then_to_change() -> None:
    steady = past(Family.LEVELS, [10.0] * 70, level=5000)

    later = ending(steady, days(98, 28))

    assert later is not None
    assert later.quantile(0.5) == pytest.approx(5560, rel=0.05)


def test_a_level_never_falls_below_0() -> None:
    seen = ending(past(Family.LEVELS, [-30.0] * 70, level=100), days(70, 28))

    assert seen is not None
    assert seen.values.min() == 0


def test_the_centre_of_rates_is_a_ratio_of_fading_sums() -> None:
    found = centre_of_rates(np.array([30.0, 80.0]), np.array([1000.0, 2000.0]))

    assert found.weekly == pytest.approx((0.9 * 30 + 80) / (0.9 * 1000 + 2000))


def test_what_is_done_of_a_rate_weighs_by_its_denominator() -> None:
    pairs = Pairs([30.0] * 56, [1000.0] * 56)

    little = outlook_of_ratio(pairs, 7, done=(7.0, 100.0))
    much = outlook_of_ratio(pairs, 7, done=(7_000.0, 100_000.0))

    assert little is not None
    assert much is not None
    assert little.quantile(0.5) == pytest.approx(0.03, rel=0.1)
    assert much.quantile(0.5) == pytest.approx((7000 + 210) / (100_000 + 7000), rel=0.02)
    assert (np.diff(much.interval(0.8)) < np.diff(little.interval(0.8))).all()


def test_a_rate_of_few_cases_is_counted_with_its_denominator_as_exposure() -> None:
    few = outlook_of_ratio(Pairs([1.0, 0, 0, 0, 0, 0, 0] * 8, [10.0] * 56), 28)

    assert few is not None
    assert few.values.min() >= 0
    assert 0 < few.quantile(0.5) < 0.03


def test_rates_may_be_negative() -> None:
    seen = outlook_of_ratio(Pairs([-30.0] * 28 + [40.0] * 28, [10.0] * 56), 7)

    assert seen is not None
    assert seen.values.min() < 0


def test_steady_numerators_come_one_by_one_and_unsteady_ones_in_bundles() -> None:
    below = np.full(8, 100.0)

    assert bundle(np.full(8, 5.0), below) == pytest.approx(1.0)
    assert bundle(np.array([0.0, 20, 0, 20, 0, 20, 0, 20]), below) > 5


def test_weeks_without_a_denominator_are_no_weeks() -> None:
    pairs = Pairs([1.0] * 7 * 6, [0.0] * 7 * 3 + [5.0] * 7 * 3)

    assert outlook_of_ratio(pairs, 7) is None
    assert past(Family.RATIOS, list(pairs.above), list(pairs.below)).weeks == 3


@pytest.mark.parametrize("family", Family)
def test_a_short_past_says_nothing(family: Family) -> None:
    short = [5.0] * (FEWEST_WEEKS * WEEK - 1)

    assert ending(past(family, short, [50.0] * len(short)), days(len(short), 28)) is None


def test_a_count_that_went_below_0_once_is_taken_for_a_change() -> None:
    refunds = past(Family.COUNTS, ([50.0] * 6 + [-80.0]) * 10)

    seen = ending(refunds, days(70, 28))

    assert seen is not None
    assert seen.method == "changes"
    assert seen.quantile(0.5) == pytest.approx(880, rel=0.2)


def test_days_of_the_period_that_are_over_count_as_they_were() -> None:
    steady = past(Family.COUNTS, [10.0] * 70)

    seen = ending(steady, days(63, 28))

    assert seen is not None
    assert seen.values.min() >= 70
    with pytest.raises(ValueError, match="is over"):
        ending(steady, days(42, 28))


def test_what_lies_further_off_is_less_certain() -> None:
    soon, late = outlook([100.0] * 70, 28), outlook([100.0] * 70, 28, gap=280)

    assert soon is not None
    assert late is not None
    assert np.ptp(np.log(late.interval(0.8))) > 1.3 * np.ptp(np.log(soon.interval(0.8)))


def test_the_weekdays_of_a_period_that_begins_later_are_its_own() -> None:
    weekdays = [100.0, 100, 100, 100, 100, 10, 10] * 10

    now, on_saturday = outlook(weekdays, 2), outlook(weekdays, 2, gap=5)

    assert now is not None
    assert on_saturday is not None
    assert on_saturday.quantile(0.5) < 0.4 * now.quantile(0.5)


def test_a_past_says_what_a_figure_was_over_any_of_its_days() -> None:
    ratio = past(Family.RATIOS, [1.0] * 14, [50.0] * 14, factor=100)
    level = past(Family.LEVELS, [2.0] * 14, level=128)

    assert ratio.value(days(0, 7)) == pytest.approx(2.0)
    assert level.value(days(0, 7)) == pytest.approx(114)
    assert level.until(MONDAY + timedelta(days=7)).level == pytest.approx(114)
    assert ratio.value(days(10, 7)) is None


counts = st.lists(st.integers(1, 5_000).map(float), min_size=70, max_size=70)


@settings(deadline=None, max_examples=50)
@given(counts, st.integers(2, 50), st.integers(0, 60))
def test_a_history_scaled_by_any_factor_scales_what_comes(daily: list[float], factor: int, gap: int) -> None:
    for family, more in ((Family.COUNTS, 0.0), (Family.LEVELS, 1e9)):
        small = ending(past(family, [one + 3 for one in daily], level=more), days(70 + gap, 28))
        large = ending(
            past(family, [(one + 3) * factor for one in daily], level=more * factor), days(70 + gap, 28)
        )
        assert small is not None
        assert large is not None
        for share in (0.1, 0.5, 0.9):
            assert large.quantile(share) == pytest.approx(small.quantile(share) * factor, rel=1e-6)


@settings(deadline=None, max_examples=50)
@given(counts, counts, st.floats(0, 50), st.floats(0, 50))
def test_chances_of_every_family_fall_with_the_target(
    above: list[float], below: list[float], one: float, other: float
) -> None:
    for family in Family:
        seen = ending(past(family, above, below, level=100.0), days(77, 28))
        assert seen is not None
        assert np.isfinite(seen.values).all()
        assert 0 < seen.chance(max(one, other)) <= seen.chance(min(one, other)) < 1
