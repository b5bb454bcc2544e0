"""Days and shifts that ring, and those that must not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.alarms.days import WINDOW, Unusual, judge, together
from analytics.alarms.ringing import is_news, rings
from analytics.alarms.scales import Kind, Looked
from analytics.alarms.shifts import shift
from analytics.alarms.verdicts import verdicts
from domain.errors import UsageError

WEEKLY = np.exp(np.array([0.0, 0.1, 0.2, 0.1, 0.0, -0.3, -0.4]))


def series(days: int, *, seed: int = 0, unrest: float = 0.3, level: float = 200.0) -> list[float]:
    """Counts of days with a weekly shape, on which nothing happens."""
    rng = np.random.default_rng(seed)
    shape = np.tile(WEEKLY, days // 7 + 1)[:days]
    return np.round(level * shape * np.exp(rng.normal(0, unrest, days))).tolist()  # type: ignore[no-any-return]


def test_a_day_far_out_rings_and_says_how_far() -> None:
    history = series(WINDOW)
    found = judge(history, 10 * history[-7])

    assert found is not None
    assert found.rings
    assert found.effect > 3
    assert found.p < 1 / (WINDOW + 1)


def test_a_day_that_fell_rings_as_well() -> None:
    found = judge(series(WINDOW), 2.0)

    assert found is not None
    assert found.rings
    assert found.effect < -0.9


def test_a_weekend_is_compared_with_weekends() -> None:
    history = series(WINDOW + 5, unrest=0.05)
    found = judge(history, 200 * float(WEEKLY[5]))

    assert found is not None
    assert not found.rings
    assert found.usual == pytest.approx(200 * float(WEEKLY[5]), rel=0.15)


def test_a_small_change_does_not_ring_however_certain() -> None:
    history = series(WINDOW, unrest=0.02, level=20_000)
    found = judge(history, history[-7] * 1.25)

    assert found is not None
    assert found.deviations > 3.5
    assert not found.rings


def test_few_days_say_nothing() -> None:
    assert judge([1.0] * (WINDOW - 1), 100) is None
    assert shift([1.0] * 55) is None


def test_many_figures_are_judged_together() -> None:
    ordinary = [Unusual(10, 10, 0.5, p, 4.0) for p in np.linspace(0.02, 1, 49).tolist()]
    lonely = Unusual(10, 1, 9.0, 0.007, 5.0)
    sure = Unusual(10, 1, 9.0, 0.0001, 20.0)

    assert together([lonely]) == [0]
    assert together([*ordinary, lonely]) == []
    assert together([*ordinary, sure]) == [49]


def test_a_level_that_fell_by_forty_percent_is_noticed_with_its_first_day() -> None:
    quiet = series(150, seed=2)
    fallen = quiet[:-5] + [0.6 * day for day in quiet[-5:]]
    found = shift(fallen)

    assert shift(quiet) is None
    assert found is not None
    assert -0.7 < found.effect < -0.2
    assert found.days_ago in range(2, 9)
    assert found.sum > found.limit


def test_a_shift_stands_day_after_day_while_it_holds() -> None:
    quiet = series(150, seed=2)
    fallen = [*quiet[:130], *(0.5 * value for value in quiet[130:])]
    stands = [shift(fallen[: day + 1]) is not None for day in range(130, 145)]

    assert stands.index(True) <= 3
    assert all(stands[3:12])


def test_one_day_is_no_level_however_far_out() -> None:
    quiet = series(150, seed=2)
    assert shift([*quiet[:-1], 0.0]) is None
    assert shift([*quiet[:-1], 100_000.0]) is None


@pytest.mark.parametrize("mean", [0.0, 0.3, 1.0])
def test_a_few_a_day_are_no_news(mean: float) -> None:
    rng = np.random.default_rng(8)
    for _ in range(20):
        days = rng.poisson(mean, 61).astype(float).tolist()
        found = judge(days[:-1], max(days))
        assert found is not None
        assert not found.rings


@given(st.lists(st.floats(0, 1e9), min_size=49, max_size=80))
@settings(deadline=None, max_examples=40)
def test_no_history_breaks_the_rule(days: list[float]) -> None:
    for ring in rings([Looked("a", days[:-1], days[-1]), Looked("b", days[:-1], 0.0)]):
        assert ring.key in ("a", "b")
        assert ring.day is not None or ring.shift is not None
        assert -1 <= ring.effect < 1e12


RNG_DAYS = 182


def rate_days(
    rng: np.random.Generator, days: int, *, shown: float, rate: float, fall: float = 1.0
) -> tuple[list[float], list[float]]:
    """Numerators and denominators of a rate; on the last five days it is multiplied by ``fall``."""
    below = rng.poisson(shown * np.resize(WEEKLY, days) * np.exp(rng.normal(0, 0.4, days)))
    each = rate * np.exp(rng.normal(0, 0.15, days))
    each[-5:] *= fall
    return rng.binomial(below, each).astype(float).tolist(), below.astype(float).tolist()


def test_a_rate_that_fell_is_noticed_though_its_counts_move_with_the_denominator() -> None:
    rng = np.random.default_rng(3)
    fallen, still = 0, 0
    for _ in range(30):
        above, below = rate_days(rng, RNG_DAYS, shown=20_000, rate=0.03, fall=0.6)
        found = verdicts(above, kind=Kind.RATE, below=below, first=RNG_DAYS - 5)
        fallen += any(one.effect < -0.2 for one in found)
        above, below = rate_days(rng, RNG_DAYS, shown=20_000, rate=0.03)
        still += any(one.is_alert for one in verdicts(above, kind=Kind.RATE, below=below, first=RNG_DAYS - 5))

    assert fallen >= 27
    assert still <= 3


def test_twice_as_many_impressions_at_the_usual_rate_are_no_news_of_the_rate() -> None:
    rng = np.random.default_rng(4)
    above, below = rate_days(rng, 100, shown=5_000, rate=0.02)
    above[-1], below[-1] = 2 * 5_000 * 0.02, 2.0 * 5_000

    assert rings([Looked("ctr", above[:-1], above[-1], Kind.RATE, below)]) == []


@given(st.lists(st.integers(0, 12), min_size=60, max_size=120), st.integers(0, 3))
@settings(deadline=None, max_examples=40)
def test_a_small_denominator_never_rings(below: list[int], clicks: int) -> None:
    """At most four clicks a day: whatever the rate looks like, it is chance."""
    above = [float(min(one, 4, (place * 7 + clicks) % 5)) for place, one in enumerate(below)]

    found = verdicts(above, kind=Kind.RATE, below=[float(one) for one in below], first=len(below) - 5)

    assert not any(one.day is not None for one in found)


def test_a_day_without_a_denominator_has_no_rate() -> None:
    above, below = rate_days(np.random.default_rng(5), 100, shown=5_000, rate=0.02)
    above[-1] = below[-1] = 0.0

    assert rings([Looked("ctr", above[:-1], above[-1], Kind.RATE, below)]) == []


def test_followers_that_leave_in_one_day_ring_and_a_usual_loss_does_not() -> None:
    changes = np.random.default_rng(6).normal(20, 8, 120).round().tolist()

    [ring] = rings([Looked("followers", changes, -180.0, Kind.CHANGE)])
    assert ring.day is not None
    assert ring.day.value == -180
    assert ring.day.usual == pytest.approx(20, abs=6)
    assert ring.effect < 0
    assert rings([Looked("followers", changes, 5.0, Kind.CHANGE)]) == []


def test_growth_that_stops_for_good_is_a_shift() -> None:
    changes = np.random.default_rng(7).normal(40, 10, 120).round().tolist() + [10.0] * 6

    found = verdicts(changes, kind=Kind.CHANGE, first=120)

    assert any(one.shift is not None and one.effect < 0 for one in found)


def test_one_alert_comes_of_a_level_that_stays() -> None:
    quiet = series(150, seed=2)
    fallen = [*quiet[:130], *(0.4 * value for value in quiet[130:])]

    assert sum(one.is_alert for one in verdicts(fallen, first=130)) == 1


def test_verdicts_of_one_day_are_those_of_the_rule_in_use() -> None:
    daily = [*series(100, seed=9), 3.0]

    [verdict] = verdicts(daily, first=100)
    [ring] = rings([Looked("a", daily[:-1], daily[-1])])

    assert (verdict.day, verdict.shift) == (ring.day, ring.shift)
    assert verdict.is_alert


@pytest.mark.parametrize(
    ("daily", "kind", "below"),
    [([1.0, -2.0], Kind.COUNT, ()), ([1.0], Kind.RATE, ()), ([1.0], Kind.COUNT, (1.0,)),
     ([1.0, 2.0], Kind.MEAN, (1.0,)), ([float("nan")], Kind.COUNT, ())],
)  # fmt: skip
def test_numbers_that_do_not_fit_are_refused(
    daily: list[float], kind: Kind, below: tuple[float, ...]
) -> None:
    with pytest.raises(UsageError):
        verdicts(daily, kind=kind, below=below)


def test_a_shop_that_is_closed_at_weekends_rings_no_more_than_another() -> None:
    rng = np.random.default_rng(11)
    week = np.array([1.3, 1.3, 1.2, 1.3, 1.2, 0.3, 0.25])
    alerts = 0
    for _ in range(12):
        daily = rng.poisson(30 * np.resize(week, 170)).astype(float).tolist()
        alerts += sum(one.is_alert for one in verdicts(daily, first=80))

    assert alerts / 12 <= 1


def test_a_figure_that_rang_rests_three_days() -> None:
    assert is_news(days_since=None)
    assert [is_news(days_since=days) for days in (1, 2, 3, 4)] == [False, False, False, True]


def test_the_same_days_give_the_same_answer_and_one_viral_post_moves_no_level() -> None:
    quiet = series(150, seed=5)
    viral = [*quiet[:100], 50_000.0, *quiet[101:]]

    assert shift(quiet) == shift(quiet)
    assert shift(viral) is None
