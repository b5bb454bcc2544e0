"""A channel that posts seldom keeps what it has shown, and what comes later is not known before."""

from datetime import UTC, datetime

import numpy as np

from analytics.slots.history import History, learn
from analytics.slots.prior import prior_of

DAY = 86_400.0
SHOW = 40


def shows(days_apart: float) -> History:
    """Two hundred posts, every fourth of them a show at the same hour that earns three times as much."""
    number = np.arange(200)
    slot = np.where(number % 4 == 0, SHOW, (number * 37) % 168)
    luck = np.exp(0.5 * np.random.default_rng(7).standard_normal(200))
    worth = np.round(np.where(number % 4 == 0, 90.0, 30.0) * luck)
    at = np.asarray(1.7e9 + number * days_apart * DAY, dtype=np.float64)
    return History(at, slot.astype(np.int64), np.zeros(200, np.int64), worth)


def test_what_was_shown_for_two_years_is_not_forgotten_while_it_is_learned() -> None:
    prior = prior_of("any").seen_from("UTC", {}, at=datetime(2026, 11, 22, tzinfo=UTC))

    often, seldom = (learn(shows(days), prior) for days in (0.4, 3.6))

    assert np.argmax(often.mean) == np.argmax(seldom.mean) == SHOW
    assert seldom.mean[SHOW] > 0.8 * often.mean[SHOW]


def test_posts_of_the_future_are_not_seen() -> None:
    prior = prior_of("any").seen_from("UTC", {}, at=datetime(2026, 11, 22, tzinfo=UTC))
    whole = shows(1.0)
    now = float(whole.at[119])

    seen, known = learn(whole, prior, now=now), learn(whole.part(0, 120), prior, now=now)

    assert np.array_equal(seen.mean, known.mean)
    assert np.array_equal(seen.covariance, known.covariance)
    assert seen.posts.sum() == 120
