"""Arms compared: known answers, and an error that stays what it is however often one looks."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from analytics.arms import Judged, Observed, judge, spread
from analytics.experiments import Sequential, half_width, needed_always, needed_for_lift
from domain.experiment import ALPHA, Method


def counts(*arms: Sequence[float], channel: int = 1) -> list[Observed]:
    """Posts of arms in turns, as they would be published."""
    longest = max(map(len, arms))
    return [
        Observed(100 * place + arm, arm, channel, own[place])
        for place in range(longest)
        for arm, own in enumerate(arms, start=1)
        if place < len(own)
    ]


def rates(*arms: Sequence[tuple[float, float]]) -> list[Observed]:
    return [
        Observed(100 * place + arm, arm, 1, *own[place])
        for place in range(len(arms[0]))
        for arm, own in enumerate(arms, start=1)
    ]


def once(observed: Sequence[Observed], *, is_rate: bool = False) -> Judged:
    return judge(observed, max(one.arm for one in observed), method=Method.FIXED, is_rate=is_rate)


def test_two_arms_on_one_channel_are_students_test_on_logarithms() -> None:
    first, second = [10, 12, 9, 30, 7, 15], [22, 40, 18, 9, 33, 51]

    [found] = once(counts(first, second)).contrasts

    known = ttest_ind(np.log1p(second), np.log1p(first))
    assert found.p == pytest.approx(known.pvalue)
    low, high = known.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((math.exp(low), math.exp(high)))
    assert found.ratio == pytest.approx(math.exp(np.log1p(second).mean() - np.log1p(first).mean()))
    assert found.chance == pytest.approx(1 - known.pvalue / 2)


def test_posts_are_compared_within_their_channel() -> None:
    """The larger channel has more of the second arm, which without channels would look ten times as good."""
    small = counts([9, 11, 10, 9, 11, 10, 12, 8], [10, 9], channel=1)
    large = counts([99, 110], [101, 98, 105, 96, 102, 99, 110, 91], channel=2)

    [found] = once([*small, *large]).contrasts

    assert 0.9 < found.ratio < 1.1
    assert not found.decided


def test_a_rate_is_the_ratio_of_sums_and_its_posts_are_the_unit() -> None:
    first = [(12, 100)] * 5 + [(10, 100), (14, 100)]
    second = [(15, 100)] * 5 + [(12, 100), (18, 100)]

    judged = once(rates(first, second), is_rate=True)

    assert [one.typical for one in judged.arms] == pytest.approx([0.12, 0.15])
    [found] = judged.contrasts
    assert found.ratio == pytest.approx(0.15 / 0.12)
    assert found.low < 1.25 < found.high


def test_a_few_large_posts_do_not_make_a_rate_sure() -> None:
    many = [(3, 100), (5, 100), (2, 100), (6, 100), (4, 100), (4, 100)]
    [alike] = once(rates(many, many), is_rate=True).contrasts
    [uneven] = once(
        rates(many, [(2, 100), (3, 100), (2, 100), (4, 100), (3, 100), (800, 10_000)]), is_rate=True
    ).contrasts

    assert alike.p == pytest.approx(1)
    assert uneven.ratio > 1.5
    assert uneven.high / uneven.low > alike.high / alike.low


def test_with_four_posts_in_an_arm_nothing_is_said() -> None:
    judged = once(counts([1, 2, 3, 4, 5, 6], [5, 6, 7, 8]))

    assert not judged.contrasts
    assert not judged.best
    assert [one.posts for one in judged.arms] == [6, 4]


@pytest.mark.parametrize("method", list(Method))
def test_arms_that_share_no_channel_are_not_compared(method: Method) -> None:
    apart = [*counts([5, 6, 7, 8, 9]), *(Observed(900 + one, 2, 2, 50) for one in range(6))]

    assert judge(apart, 2, method=method, is_rate=False).contrasts == ()


@pytest.mark.parametrize("method", list(Method))
def test_a_rate_of_which_one_arm_has_nothing_at_all_is_not_compared(method: Method) -> None:
    none = rates([(0, 100)] * 6, [(5, 100)] * 6)

    assert judge(none, 2, method=method, is_rate=True).contrasts == ()


@pytest.mark.parametrize("method", list(Method))
def test_posts_that_are_all_alike_are_told_as_a_count_of_pure_chance_would_be(method: Method) -> None:
    """Counts without any spread: one in their size is the least that they can differ by."""
    alike = judge(counts([100] * 8, [100] * 8), 2, method=method, is_rate=False).contrasts[0]
    apart = judge(counts([100] * 8, [200] * 8), 2, method=method, is_rate=False).contrasts[0]
    nothing = judge(counts([0] * 8, [0] * 8), 2, method=method, is_rate=False).contrasts[0]

    assert not alike.decided
    assert not nothing.decided
    assert apart.decided
    assert apart.low < 201 / 101 < apart.high


def test_whoever_always_looks_sees_the_sequential_test_of_the_reference() -> None:
    values = [[3.0, 8, 4, 12, 6, 9], [15.0, 30, 22, 11, 60, 25]]
    judged = judge(counts(*values), 2, method=Method.ALWAYS, is_rate=False)
    [found] = judged.contrasts

    # By hand: after nine posts five and four are known, after ten five each, after eleven six and five.
    state, low, high = Sequential(), -math.inf, math.inf
    for known in ((5, 5), (6, 5), (6, 6)):
        first, second = (np.log1p(own[:size]) for own, size in zip(values, known, strict=True))
        freedom = known[0] + known[1] - 2
        variance = ((known[0] - 1) * first.var(ddof=1) + (known[1] - 1) * second.var(ddof=1)) / freedom
        pairs, middle = 2 / (1 / known[0] + 1 / known[1]), second.mean() - first.mean()
        state = state.looked(middle, pairs, variance=variance, prior_variance=0.25 * variance)
        reach = half_width(pairs, variance=variance, prior_variance=0.25 * variance)
        low, high = max(low, middle - reach), min(high, middle + reach)
    assert found.p == pytest.approx(state.p)
    assert (found.low, found.high) == pytest.approx((math.exp(low), math.exp(high)))


def test_the_always_valid_interval_is_what_the_sequential_test_does_not_reject() -> None:
    for pairs in (5.0, 10.0, 63.0, 200.0):
        reach = half_width(pairs, variance=1.7, prior_variance=0.4)
        just = Sequential().looked(reach, pairs, variance=1.7, prior_variance=0.4)
        assert just.p == pytest.approx(ALPHA)


def test_a_difference_once_told_stays_told() -> None:
    clear = counts([5.0, 7, 6, 8, 5, 7, 6, 8], [60.0, 70, 66, 81, 55, 72, 61, 80])
    after = [Observed(10_000 + one, 1 + one % 2, 1, 500.0 if one % 2 == 0 else 3.0) for one in range(8)]

    [before] = judge(clear, 2, method=Method.ALWAYS, is_rate=False).contrasts
    [later] = judge([*clear, *after], 2, method=Method.ALWAYS, is_rate=False).contrasts

    assert before.decided
    assert later.decided
    assert later.decided_after == before.decided_after
    assert later.p <= before.p
    assert later.low > 1


def test_looking_after_every_post_tells_no_more_differences_than_it_may() -> None:
    """Posts of two channels without a difference, looked at after each of 60, with their own variance."""
    rng = np.random.default_rng(3)
    told = 0
    for _ in range(120):
        values = np.exp(rng.normal(3, 1, 60))
        observed = [
            Observed(place, 1 + place % 2, int(rng.integers(1, 3)), float(round(value)))
            for place, value in enumerate(values)
        ]
        told += judge(observed, 2, method=Method.ALWAYS, is_rate=False).contrasts[0].decided
    # At most 5 %; 14 of 120 has a chance below 1 in 200 then.
    assert told < 14


def test_the_chances_of_being_best_add_up_and_follow_the_posts() -> None:
    judged = once(counts([10, 14, 8, 12, 9, 11], [30, 41, 26, 35, 28, 33], [11, 12, 9, 10, 13, 8]))

    assert sum(judged.best) == pytest.approx(1)
    assert judged.best[1] > 0.99
    assert judged.loss[1] < 1 < judged.loss[0]
    first, second = judged.contrasts
    assert first.decided
    assert not second.decided


def test_whoever_stops_at_a_good_chance_sees_no_better_one_than_there_is() -> None:
    """Differences drawn as the test thinks, each stopped where the second arm first looks 95 % better."""
    rng = np.random.default_rng(11)
    claimed, was_better = [], 0
    for _ in range(150):
        shift = rng.normal(0, 0.5)
        values = [np.expm1(np.maximum(rng.normal(5 + own, 1, 30), 0)).tolist() for own in (0, shift)]
        for known in range(5, 31, 5):
            cut = counts(*(own[:known] for own in values))
            [found] = judge(cut, 2, method=Method.ALWAYS, is_rate=False).contrasts
            if found.chance > 0.9:
                claimed.append(found.chance)
                was_better += shift > 0
                break
    assert len(claimed) > 30
    # The share that was better is what was claimed, but for chance (three standard errors).
    mean = float(np.mean(claimed))
    assert was_better / len(claimed) > mean - 3 * math.sqrt(mean * (1 - mean) / len(claimed))


def test_three_arms_share_the_error_of_two() -> None:
    first, second = [10.0, 12, 9, 30, 7, 15], [15.0, 21, 18, 19, 33, 26]
    [alone] = once(counts(first, second)).contrasts
    shared, _ = once(counts(first, second, first)).contrasts

    assert shared.p > alone.p
    assert shared.low < alone.low


def test_looking_always_takes_about_twice_as_many_posts() -> None:
    """The interval of that size leaves out zero with the chance that was asked for."""
    for lift in (0.1, 0.2, 0.5, 1.0):
        always, fixed = needed_always(lift, log_sd=1), needed_for_lift(lift, log_sd=1)
        assert 1.5 * fixed < always < 3 * fixed
        reach = half_width(always, variance=1, prior_variance=0.25)
        rng = np.random.default_rng(1)
        means = rng.normal(math.log1p(lift), math.sqrt(2 / always), 20_000)
        assert float((means > reach).mean()) == pytest.approx(0.8, abs=0.03)


def test_the_spread_of_past_posts_is_that_within_channels() -> None:
    low = [Observed(place, 1, 1, value) for place, value in enumerate([9.0, 11, 10, 12])]
    high = [Observed(90 + place, 1, 2, value) for place, value in enumerate([900.0, 1100, 1000, 1200])]
    found = spread([*low, *high], is_rate=False)

    assert found is not None
    variance, freedom = found
    assert freedom == 6
    assert variance < 0.1
    assert spread(low[:1], is_rate=False) is None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 10_000), min_size=5, max_size=12),
    st.lists(st.integers(0, 10_000), min_size=5, max_size=12),
    st.sampled_from(list(Method)),
)
def test_whichever_arm_comes_first_the_other_is_as_far_behind(
    first: list[int], second: list[int], method: Method
) -> None:
    """Said of one order of posts: exchanged names of arms exchange the verdict."""
    plain = counts(first, second)
    turned = [Observed(one.post_id, 3 - one.arm, one.channel_id, one.above) for one in plain]

    [one] = judge(plain, 2, method=method, is_rate=False).contrasts
    [other] = judge(turned, 2, method=method, is_rate=False).contrasts

    assert one.ratio == pytest.approx(1 / other.ratio)
    assert one.low == pytest.approx(1 / other.high)
    assert one.p == pytest.approx(other.p)
    assert one.chance == pytest.approx(1 - other.chance)
    assert one.decided == other.decided
    assert one.low <= one.high
