"""The belief over the week: exact posteriors, order, forgetting, intervals that hold, and odds."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.slots.average import Posts, average
from analytics.slots.belief import Cells, fit, one_more
from analytics.slots.exploring import odds
from analytics.slots.kernel import LEVEL, WEEK, Floats, Kernel
from analytics.slots.prior import SIZES, Prior, Size

KERNEL = Kernel().smooth() + 0.05 * np.eye(WEEK)
FLAT = np.zeros(WEEK)
WAVE = np.sin(np.arange(WEEK) / 24 * 2 * np.pi) / 5
#: Slot, result and age in days of each post.
POSTS = st.lists(
    st.tuples(st.integers(0, WEEK - 1), st.floats(-4, 4), st.floats(0, 400)), min_size=1, max_size=12
)


def prior(*sizes: Size) -> Prior:
    return Prior(FLAT, Kernel().smooth(), 0.0, sizes or SIZES, 1.0)


def arrays(posts: list[tuple[int, float, float]]) -> Posts:
    slot, z, age = (np.array(column) for column in zip(*posts, strict=True))
    return Posts(slot.astype(np.int64), age.astype(np.float64), z.astype(np.float64))


def textbook(posts: Posts, mean: Floats, memory: float) -> tuple[Floats, Floats, float]:
    """Posterior of 168 slots and a level from n posts by one n × n inverse, and the log likelihood."""
    slot, age = posts.slot, posts.age
    fades = np.exp(-np.abs(age[:, None] - age) / memory) if np.isfinite(memory) else 1.0
    spread = KERNEL[np.ix_(slot, slot)] * fades + 1.0 + np.eye(len(slot))
    cross = np.ones((WEEK + 1, len(slot)))
    cross[:WEEK] = KERNEL[:, slot] * (np.exp(-age / memory) if np.isfinite(memory) else 1.0)
    before = np.zeros((WEEK + 1, WEEK + 1))
    before[:WEEK, :WEEK], before[LEVEL, LEVEL] = KERNEL, 1.0
    surprise = posts.z - mean[slot]
    gain = cross @ np.linalg.inv(spread)
    logs = -0.5 * surprise @ np.linalg.inv(spread) @ surprise - 0.5 * np.linalg.slogdet(spread)[1]
    return np.append(mean, 0.0) + gain @ surprise, before - gain @ cross.T, float(logs)


@settings(max_examples=25, deadline=None)
@given(POSTS, st.sampled_from([np.inf, 120.0]))
def test_the_posterior_is_the_textbooks(posts: list[tuple[int, float, float]], memory: float) -> None:
    told = arrays(posts)
    each = Cells(told.slot, told.age, np.ones(len(posts)), told.z)

    found = fit(each, WAVE, KERNEL, memory=memory)

    mean, covariance = found.posterior()
    expected, around, logs = textbook(told, WAVE, memory)
    assert np.allclose(mean, expected, atol=1e-8)
    assert np.allclose(covariance, around, atol=1e-8)
    assert np.isclose(-found.log_size - found.unexplained / 2, logs, atol=1e-8)


@settings(max_examples=25, deadline=None)
@given(POSTS)
def test_posts_put_together_say_what_they_say_one_by_one(posts: list[tuple[int, float, float]]) -> None:
    told = arrays(posts)

    mean, covariance = fit(Cells.of(told.slot, told.age, told.z), WAVE, KERNEL, memory=np.inf).posterior()

    expected, around, _logs = textbook(told, WAVE, np.inf)
    assert np.allclose(mean, expected, atol=1e-8)
    assert np.allclose(covariance, around, atol=1e-8)


@settings(max_examples=25, deadline=None)
@given(POSTS)
def test_one_post_after_another_is_the_same_as_all_at_once(posts: list[tuple[int, float, float]]) -> None:
    told = arrays(posts)
    mean, covariance = np.append(WAVE, 0.0), np.zeros((WEEK + 1, WEEK + 1))
    covariance[:WEEK, :WEEK], covariance[LEVEL, LEVEL] = KERNEL, 1.0
    for slot, z in zip(told.slot, told.z, strict=True):
        one_more(mean, covariance, np.array(slot), np.array(z))

    expected, around, _logs = textbook(told, WAVE, np.inf)
    assert np.allclose(mean, expected, atol=1e-8)
    assert np.allclose(covariance, around, atol=1e-8)


@settings(max_examples=15, deadline=None)
@given(POSTS, st.randoms(use_true_random=False))
def test_the_order_of_posts_does_not_matter(posts: list[tuple[int, float, float]], luck: object) -> None:
    shuffled = sorted(posts, key=lambda _post: luck.random())  # type: ignore[attr-defined]

    one, other = average([arrays(posts)], prior()), average([arrays(shuffled)], prior())

    assert np.allclose(one.mean, other.mean, atol=1e-9)
    assert np.allclose(one.covariance, other.covariance, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(POSTS, POSTS)
def test_channels_learned_together_are_learned_as_alone(
    few: list[tuple[int, float, float]], many: list[tuple[int, float, float]]
) -> None:
    channels = [arrays([(*post[:2], 10.0) for post in posts]) for posts in (few, many * 2)]

    together = average(channels, prior())

    for row, channel in enumerate(channels):
        assert np.allclose(together.mean[row], average([channel], prior()).mean[0], atol=5e-3)


def test_weights_are_prior_times_likelihood_with_the_noise_integrated_out() -> None:
    luck = np.random.default_rng(3)
    told = Posts(luck.integers(0, WEEK, 30), np.zeros(30), luck.standard_normal(30))
    sizes = (Size(1.0, 0.05, 0.7), Size(4.0, 0.2, 0.3))

    found = average([told], prior(*sizes)).weights

    expected = []
    for size in sizes:
        covariance = size.factor * Kernel().smooth() + size.nugget * np.eye(WEEK)
        spread = covariance[np.ix_(told.slot, told.slot)] + 1.0 + np.eye(30)
        rate = 10 + 0.5 * told.z @ np.linalg.inv(spread) @ told.z
        expected.append(size.weight * np.linalg.det(spread) ** -0.5 * rate ** -(10 + 15))
    weights = np.array([found[size, np.inf][0] for size in sizes])
    assert np.allclose(weights, np.array(expected) / np.sum(expected))


def test_fixed_weekly_shows_make_a_large_nugget_likely_and_survive() -> None:
    luck = np.random.default_rng(1)
    slot = np.tile(np.concatenate([[70, 70, 70, 70], np.arange(2, WEEK, 14)]), 12)
    z = 2.0 * (slot == 70) + 0.7 * luck.standard_normal(len(slot))

    found = average([Posts(slot, np.zeros(len(slot)), z)], prior())

    spiky = sum(float(weight[0]) for (size, _memory), weight in found.weights.items() if size.nugget >= 0.2)
    assert spiky > 0.9
    assert found.mean[0, :WEEK].argmax() == 70
    assert found.mean[0, 70] > 3 * abs(found.mean[0, 72])


def test_a_change_makes_forgetting_likely_and_the_new_weighs_more() -> None:
    luck = np.random.default_rng(4)
    slot, age = np.tile(np.arange(0, WEEK, 12), 40), np.repeat(np.linspace(400, 0, 40), 14)
    best = np.where(age > 200, 24, 108)
    z = 2.0 * (slot == best) + 0.7 * luck.standard_normal(len(slot))

    found = average([Posts(slot, age, z)], prior())

    forgetting = sum(float(weight[0]) for (_size, memory), weight in found.weights.items() if memory < 1e9)
    assert forgetting > 0.9
    assert found.mean[0, 108] > found.mean[0, 24] + 0.5


def test_what_is_long_ago_is_forgotten_where_memory_is_short() -> None:
    told = Cells(np.array([20]), np.array([3000.0]), np.array([30.0]), np.array([60.0]))

    mean, covariance = fit(told, FLAT, KERNEL, memory=120.0).posterior()

    assert np.allclose(mean[:WEEK], 0, atol=1e-6)
    assert np.allclose(covariance[:WEEK, :WEEK], KERNEL, atol=1e-6)


def test_eighty_percent_intervals_hold_whatever_the_size_of_the_truth() -> None:
    luck, truths, channels = np.random.default_rng(5), [], []
    chances = np.array([size.weight for size in SIZES])
    for _ in range(60):
        size = SIZES[luck.choice(len(SIZES), p=chances)]
        covariance = size.factor * Kernel().smooth() + size.nugget * np.eye(WEEK)
        truth = np.linalg.cholesky(covariance + 1e-10 * np.eye(WEEK)) @ luck.standard_normal(WEEK)
        slot = luck.integers(0, WEEK, 80)
        z = truth[slot] + luck.standard_normal() + luck.standard_normal(80)
        truths.append(truth)
        channels.append(Posts(slot, np.zeros(80), z))

    found = average(channels, prior())

    sd = np.sqrt(np.diagonal(found.covariance, axis1=1, axis2=2)[:, :WEEK])
    held = np.abs(np.array(truths) - found.mean[:, :WEEK]) < 1.2816 * sd
    assert 0.75 < held.mean() < 0.87


def test_odds_are_the_chances_with_which_slots_win_and_none_is_zero() -> None:
    mean = np.array([0.0, 0.5, 0.4, -2.0])
    covariance = 0.25 * np.eye(4)

    found = odds(mean, covariance, np.random.default_rng(1))
    drawn = mean + 0.5 * np.random.default_rng(2).standard_normal((20_000, 4)) * 0.5
    won = np.bincount(drawn.argmax(axis=1), minlength=4) / 20_000

    assert np.isclose(found.sum(), 1)
    assert (found > 0).all()
    assert np.abs(found - won).max() < 0.06
