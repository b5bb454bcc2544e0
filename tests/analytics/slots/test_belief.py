"""The belief over the week: rank-1 updates, order, fading, intervals that hold, odds that are chances."""

from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.slots.belief import HALF_LIFE, Evidence, covariance_after, mean_after, one_more
from analytics.slots.exploring import odds
from analytics.slots.kernel import LEVEL, WEEK, Kernel

COVARIANCE = Kernel().covariance()
POSTS = st.lists(st.tuples(st.integers(0, WEEK - 1), st.floats(-4, 4)), max_size=12)


def batch(posts: list[tuple[int, float]], prior: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The textbook posterior of 168 slots and a level from n posts: one n × n solve."""
    rows = np.zeros((len(posts), WEEK + 1))
    for index, (slot, _z) in enumerate(posts):
        rows[index, slot] = rows[index, LEVEL] = 1
    padded = np.append(prior, 0.0)
    gain = COVARIANCE @ rows.T @ np.linalg.inv(rows @ COVARIANCE @ rows.T + np.eye(len(posts)))
    surprise = np.array([z for _slot, z in posts]) - rows @ padded
    return padded + gain @ surprise, COVARIANCE - gain @ rows @ COVARIANCE


@settings(max_examples=25, deadline=None)
@given(POSTS)
def test_one_post_after_another_is_the_same_as_all_at_once(posts: list[tuple[int, float]]) -> None:
    prior = np.sin(np.arange(WEEK) / 24 * 2 * np.pi) / 5
    evidence, after = Evidence.none(), COVARIANCE.copy()
    for slot, z in posts:
        evidence.add(np.array(slot), np.array(z))
        one_more(after, np.array(slot))

    mean, covariance = batch(posts, prior)

    assert np.allclose(after, covariance, atol=1e-8)
    assert np.allclose(covariance_after(evidence, COVARIANCE), covariance, atol=1e-8)
    assert np.allclose(mean_after(evidence, after, prior), mean, atol=1e-8)


@settings(max_examples=15, deadline=None)
@given(POSTS, st.randoms())
def test_the_order_of_posts_does_not_matter(posts: list[tuple[int, float]], luck: object) -> None:
    shuffled = sorted(posts, key=lambda _post: luck.random())  # type: ignore[attr-defined]
    one, other = Evidence.none(), Evidence.none()
    one.add_all(np.array([slot for slot, _z in posts], dtype=np.int64), np.array([z for _slot, z in posts]))
    for slot, z in shuffled:
        other.add(np.array(slot), np.array(z))

    assert np.allclose(one.precision, other.precision)
    assert np.allclose(one.total, other.total)


def test_old_evidence_fades_and_the_prior_stays() -> None:
    evidence = Evidence.none()
    for _ in range(30):
        evidence.add(np.array(20), np.array(2.0))
    prior = np.zeros(WEEK)
    fresh = mean_after(evidence, covariance_after(evidence, COVARIANCE), prior)[20]
    evidence.fade(HALF_LIFE, COVARIANCE)
    faded = mean_after(evidence, covariance_after(evidence, COVARIANCE), prior)[20]
    for _ in range(60):
        evidence.fade(timedelta(days=90), COVARIANCE)
    gone = covariance_after(evidence, COVARIANCE)

    assert 0 < faded < fresh
    assert np.allclose(gone, COVARIANCE, atol=1e-6)


def test_eighty_percent_intervals_hold_where_the_truth_is_known() -> None:
    luck = np.random.default_rng(5)
    root = np.linalg.cholesky(COVARIANCE + 1e-10 * np.eye(WEEK + 1))
    held = []
    for _ in range(40):
        truth = root @ luck.standard_normal(WEEK + 1)
        evidence = Evidence.none()
        for slot in luck.integers(0, WEEK, 60):
            evidence.add(np.array(slot), np.array(truth[slot] + truth[LEVEL] + luck.standard_normal()))
        after = covariance_after(evidence, COVARIANCE)
        mean = mean_after(evidence, after, np.zeros(WEEK))
        held.append(np.abs(truth - mean)[:WEEK] < 1.2816 * np.sqrt(np.diagonal(after)[:WEEK]))

    assert 0.75 < np.mean(held) < 0.85


def test_a_sharp_weekly_show_survives_smoothing() -> None:
    evidence = Evidence.none()
    for slot in [*range(0, WEEK, 3)] * 2:
        evidence.add(np.array(slot), np.array(0.0))
    for _ in range(12):
        evidence.add(np.array(70), np.array(1.5))
    mean = mean_after(evidence, covariance_after(evidence, COVARIANCE), np.zeros(WEEK))

    assert mean[:WEEK].argmax() == 70
    assert mean[70] > 1.5 * mean[72]


def test_odds_are_the_chances_with_which_slots_win_and_none_is_zero() -> None:
    mean = np.array([0.0, 0.5, 0.4, -2.0])
    covariance = 0.25 * np.eye(4)

    found = odds(mean, covariance, np.random.default_rng(1))
    drawn = mean + 0.5 * np.random.default_rng(2).standard_normal((20_000, 4)) * 0.5
    won = np.bincount(drawn.argmax(axis=1), minlength=4) / 20_000

    assert np.isclose(found.sum(), 1)
    assert (found > 0).all()
    assert np.abs(found - won).max() < 0.06
