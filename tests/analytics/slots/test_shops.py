"""Small shops with fixed weekly shows: learned slots are not worse than plain hour-of-week means."""

from datetime import UTC, datetime

import numpy as np
import pytest

from analytics.slots.evaluating import evaluate
from analytics.slots.history import History
from analytics.slots.kernel import WEEK
from analytics.slots.prior import prior_of

FLAT = prior_of("any").seen_from("UTC", {}, at=datetime(2026, 11, 22, tzinfo=UTC))
POSTS = 520


def shop(luck: np.random.Generator, *, shows: int, others: int, often: float, gain: float) -> History:
    """Five posts a week in a few hours; those of the shows are as ``often`` and earn more."""
    hours = luck.choice(WEEK, shows + others, replace=False)
    week, at_show = np.sort(luck.integers(0, POSTS // 5, POSTS)), luck.random(POSTS) < often
    slot = np.where(at_show, luck.choice(hours[:shows], POSTS), luck.choice(hours[shows:], POSTS))
    at = np.asarray((week * WEEK + slot) * 3600.0, dtype=np.float64)
    order = np.argsort(at, kind="stable")
    logs = 3 + gain * at_show + 0.9 * luck.standard_normal(POSTS)
    return History(at[order], slot[order], np.zeros(POSTS, np.int64), np.exp(logs[order]).round())


@pytest.mark.parametrize(("shows", "others", "often"), [(4, 14, 0.25), (3, 60, 0.7)])
def test_fixed_weekly_shows_are_found_as_well_as_by_plain_means(
    shows: int, others: int, often: float
) -> None:
    paired: dict[int, list[float]] = {100: [], 300: []}
    for world in range(2):
        lucks = [np.random.default_rng([world, number]) for number in range(6)]
        accounts = {
            str(number): shop(luck, shows=shows, others=others, often=often, gain=1.0)
            for number, luck in enumerate(lucks)
        }
        for outcome in evaluate(accounts, FLAT, sizes=(100, 300)):
            paired[outcome.posts].append(outcome.paired.percent()[0])

    for gains in paired.values():
        assert np.mean(gains) >= -2


def test_nothing_is_claimed_of_shops_whose_hours_do_not_matter() -> None:
    accounts = {
        str(number): shop(np.random.default_rng([9, number]), shows=4, others=14, often=0.25, gain=0.0)
        for number in range(6)
    }

    for outcome in evaluate(accounts, FLAT, sizes=(100, 300)):
        assert outcome.uplift["learned"].low < 0
