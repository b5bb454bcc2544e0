"""What other channels teach: a common week seen through their clocks, and how far they stray from it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.slots.belief import measured_by
from analytics.slots.hearing import by_delay, heard
from analytics.slots.kernel import WEEK, Floats, Kernel
from analytics.slots.pooled import Others, Sums, pool, pooled_curve
from analytics.slots.prior import Size
from analytics.slots.zones import Clocks, shifted, through

SMOOTH = Kernel().smooth()
CURVE = 0.4 * np.cos(2 * np.pi * (np.arange(WEEK) % 24 - 20) / 24)


def channels(
    luck: np.random.Generator,
    number: int,
    *,
    factor: float,
    nugget: float,
    clocks: list[Clocks] | None = None,
) -> Others:
    """Channels of 150 posts around the common curve."""
    told = []
    root = np.linalg.cholesky(factor * SMOOTH + nugget * np.eye(WEEK) + 1e-9 * np.eye(WEEK))
    for index in range(number):
        mean = CURVE if clocks is None else through(CURVE, clocks[index])[0]
        slots = luck.integers(0, WEEK, 150)
        z = (mean + root @ luck.standard_normal(WEEK))[slots] + luck.standard_normal(150)
        told.append((slots.astype(np.float64), z - z.mean()))
    return Others(Sums.of(told), SMOOTH, clocks)


def test_the_common_week_is_found() -> None:
    others = channels(np.random.default_rng(1), 40, factor=0.5, nugget=0.001)

    curve, unsure = pooled_curve(others, Kernel(), SMOOTH)

    assert np.corrcoef(curve, CURVE)[0, 1] > 0.95
    assert 0 < np.sqrt(np.diagonal(unsure)).mean() < 0.2


def test_a_common_week_is_found_through_the_clocks_of_mixed_audiences() -> None:
    luck = np.random.default_rng(2)
    hours = luck.integers(1, 23, 40)
    clocks: list[Clocks] = [[(0.6, shifted(0.0)), (0.4, shifted(float(apart)))] for apart in hours]
    others = channels(luck, 40, factor=0.5, nugget=0.001, clocks=clocks)

    curve, _unsure = pooled_curve(others, Kernel(), SMOOTH)

    assert np.corrcoef(curve, CURVE)[0, 1] > 0.9


def test_sizes_follow_how_far_channels_stray() -> None:
    calm, wild, spiky = (
        pool(channels(np.random.default_rng(3), 40, factor=factor, nugget=nugget), Kernel())
        for factor, nugget in ((0.125, 0.001), (4.0, 0.001), (0.125, 0.8))
    )

    def mean(sizes: tuple[Size, ...], name: str) -> float:
        return sum(one.weight * float(getattr(one, name)) for one in sizes)

    assert mean(calm.sizes, "factor") < 1.0 < mean(wild.sizes, "factor")
    assert mean(calm.sizes, "nugget") < 0.1 < mean(spiky.sizes, "nugget")
    for found in (calm, wild, spiky):
        assert np.isclose(sum(one.weight for one in found.sizes), 1)


@settings(max_examples=20, deadline=None)
@given(st.floats(-12, 12), st.floats(0.05, 0.95), st.integers(0, WEEK - 1))
def test_the_slope_of_a_mixed_curve_is_its_derivative(apart: float, share: float, hour: int) -> None:
    clocks = [(1 - share, shifted(0.0)), (share, shifted(apart))]
    step = 1e-6 * (np.arange(WEEK) == hour)

    before, slope = through(CURVE, clocks)
    after, _slope = through(CURVE + step, clocks)

    moved = (after - before) / 1e-6
    assert np.allclose(moved, slope[:, hour] - slope[:, hour].mean(), atol=1e-4)


def test_what_is_seen_longer_is_smoother_and_of_the_same_size() -> None:
    short, long = (0.5 ** (np.arange(48) / half) for half in (0.5, 10.0))

    def next_hour(delay: Floats) -> float:
        told = heard(SMOOTH + 0.5 * np.eye(WEEK), delay / delay.sum())
        assert np.isclose(np.trace(told), np.trace(SMOOTH) + 0.5 * WEEK)
        return float(told[10, 11] / told[10, 10])

    assert next_hour(long) > next_hour(short)
    assert np.allclose(by_delay(long / long.sum()).sum(axis=1), 1)


def test_determinant_and_square_come_from_one_factorisation() -> None:
    luck = np.random.default_rng(6)
    root = luck.standard_normal((3, 9, 9))
    spread, vector = root @ np.swapaxes(root, 1, 2) + np.eye(9), luck.standard_normal((3, 9))

    log_size, square = measured_by(spread, vector)

    assert np.allclose(log_size, np.linalg.slogdet(spread)[1] / 2)
    assert np.allclose(square, np.einsum("ri,rij,rj->r", vector, np.linalg.inv(spread), vector))
