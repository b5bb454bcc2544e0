"""From posts to values: zones, clock changes, trends, reactions, fallbacks, and the odds of the past."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.past.reading import read_past
from analytics.slots.evaluating import evaluate, top_share
from analytics.slots.histories import histories
from analytics.slots.history import History, learn, moving_mean, results
from analytics.slots.kernel import WEEK, Kernel
from analytics.slots.offpolicy import earned
from analytics.slots.prior import prior_of
from analytics.slots.reactions import Reactions, activity, activity_covariance, slot_worth
from analytics.slots.weekly import at_equal_age, hourly
from analytics.slots.zones import shifted, through_zones

WINTER = datetime(2026, 1, 15, tzinfo=UTC)
FLAT = prior_of("any").seen_from("UTC", {}, at=WINTER)


def posts(number: int, seed: int = 0) -> History:
    luck = np.random.default_rng(seed)
    hours = np.sort(luck.integers(0, 24 * 200, number))
    return History(
        np.asarray(1.7e9 + hours * 3600.0, dtype=np.float64), (hours % WEEK).astype(np.int64),
        luck.integers(0, 3, number), np.exp(3 + luck.standard_normal(number)).round(),
    )  # fmt: skip


def sheet(zone: str, offsets: range) -> bytes:
    """The same hours on the wall of a zone, with their offsets; engagement depends on the hour."""
    lines = ["time,tz,likes"]
    for day in offsets:
        wall = datetime(2026, 3, 1, 9 + day % 7, tzinfo=ZoneInfo(zone)) + timedelta(days=day)
        lines.append(f"{wall.isoformat()},{zone},{10 + (day % 7) ** 2}")
    return "\n".join(lines).encode()


def test_zone_and_times_shifted_together_give_the_same_week() -> None:
    jakarta, york = (
        learn(histories(read_past(sheet(zone, range(120))).rows)[""], FLAT)
        for zone in ("Asia/Jakarta", "America/New_York")
    )

    assert np.allclose(jakarta.posts, york.posts)  # New York's clocks change on 8 March
    assert np.allclose(jakarta.mean, york.mean, atol=1e-3)


@settings(max_examples=10, deadline=None)
@given(st.integers(2, 60), st.floats(1, 50))
def test_a_channel_that_is_larger_by_a_factor_learns_the_same(number: int, factor: float) -> None:
    small = posts(number)
    large = History(small.at, small.slot, small.kind, (small.engagement + 1) * factor - 1)

    assert np.allclose(results(small), results(large), atol=1e-6)


def test_a_trend_is_not_taken_for_an_hour() -> None:
    at = np.asarray(np.arange(400) * 86400.0, dtype=np.float64)
    steady = np.exp(np.arange(400) / 100)

    assert np.abs(np.log(steady) - moving_mean(at, np.log(steady)))[20:-20].max() < 0.01


def test_without_posts_the_prior_is_told() -> None:
    facebook = prior_of("facebook").seen_from("UTC", {}, at=WINTER)
    empty = History(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))

    found = learn(empty, facebook)

    assert found.posts.sum() == 0
    assert np.corrcoef(found.mean, facebook.mean)[0, 1] > 0.999


def test_priors_are_dated_and_name_their_source() -> None:
    for name in ("facebook", "mastodon", "bluesky", "x", "any", "never heard of"):
        found = prior_of(name)
        assert found.source
        assert found.measured.year >= 2026
        assert found.delay.sum() == pytest.approx(1)
        assert found.kernel.nugget == 0.05


@given(st.integers(-48, 48))
@settings(max_examples=20, deadline=None)
def test_a_curve_shifted_there_and_back_is_itself(hours: int) -> None:
    curve = np.random.default_rng(1).standard_normal(WEEK)

    assert np.allclose(shifted(-hours) @ (shifted(hours) @ curve), curve)


def test_an_audience_elsewhere_is_seen_by_the_channels_clock() -> None:
    curve = np.zeros(WEEK)
    curve[20::24] = 1.0  # 20:00 in Jakarta is 14:00 in Berlin in winter

    seen = through_zones(curve, {"Asia/Jakarta": 1.0}, "Europe/Berlin", at=WINTER)

    assert seen.reshape(7, 24).mean(axis=0).argmax() == 14


def test_dated_reactions_show_when_the_audience_is_there() -> None:
    luck = np.random.default_rng(3)
    truth = np.exp(0.8 * np.cos(2 * np.pi * (np.arange(WEEK) % 24 - 20) / 24))
    delay = 0.85 ** np.arange(24) / np.sum(0.85 ** np.arange(24))
    seen = Reactions.none()
    for slot in luck.integers(0, WEEK, 60):
        hours = (slot + np.arange(24)) % WEEK
        seen.add(int(slot), luck.poisson(30 * delay * truth[hours]).astype(float))

    found = activity(seen, np.zeros(WEEK), delay, activity_covariance(Kernel()))

    assert np.corrcoef(np.log(found), np.log(truth))[0, 1] > 0.9
    assert slot_worth(found, delay).reshape(7, 24).mean(axis=0).argmax() in range(14, 21)


def test_counts_of_other_ages_are_scaled_by_the_delay_curve() -> None:
    delay = np.full(48, 1 / 48)
    day, half = timedelta(hours=24), timedelta(hours=12)

    assert at_equal_age({day: 40}, delay) == pytest.approx(40)
    assert at_equal_age({half: 20}, delay) == pytest.approx(40)
    assert at_equal_age({timedelta(minutes=15): 5}, delay) is None
    spread = hourly({timedelta(hours=1): 10, timedelta(hours=3): 30}, delay)
    assert spread[:4].tolist() == pytest.approx([10, 10, 10, 0])


def test_the_top_fifth_takes_a_fraction_of_ties() -> None:
    assert top_share(np.array([3.0, 2.0, 2.0, 1.0, 0.0]), 0.4).tolist() == [1, 0.5, 0.5, 0, 0]
    assert top_share(np.zeros(10)).sum() == pytest.approx(2)


def test_where_hours_do_not_matter_the_protocol_claims_nothing() -> None:
    accounts = {f"a{seed}": posts(400, seed) for seed in range(12)}

    found = evaluate(accounts, FLAT, sizes=(100, 0))

    for outcome in found:
        assert outcome.uplift["learned"].low < 0 < outcome.uplift["learned"].high
        assert outcome.uplift["placebo"].low < 0 < outcome.uplift["placebo"].high


def test_recommended_slots_are_compared_by_their_odds() -> None:
    luck = np.random.default_rng(2)
    chance = np.where(luck.random(600) < 0.7, 0.7, 0.1)
    top = chance == 0.7
    result = np.where(top, 0.3, 0.0) + 0.5 * luck.standard_normal(600)

    found = earned(top, chance, result)

    assert found.gain is not None
    assert found.gain[1] < 0.3 < found.gain[2]
    assert earned(top[:30], chance[:30], result[:30]).gain is None
