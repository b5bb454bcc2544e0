"""Own values beside benchmarks: the same metric only, the same platform, the same period; where they lie."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from analytics.explaining.industry import Beside
from domain.benchmark import Measure, Place, is_stale
from domain.ids import new_id
from domain.sentences import say
from store.tables import Benchmark
from tests.analytics.explaining.test_looking import APRIL, kpi, seen, two_months
from tests.measured import Measured

DAY = timedelta(days=1)


def benchmark(world: Measured, **values: Any) -> None:
    usual: dict[str, Any] = {
        "metric": "er_impr", "source": "Study", "at": datetime(2026, 1, 31, 12, tzinfo=UTC), "low": 1.0,
        "median": 3.0, "high": 6.0,
    }  # fmt: skip
    row = {"key": str(new_id()), "is_current": True, "read_at": APRIL, **usual, **values}
    world.session.add(Benchmark(workspace_id=world.id, **row))
    world.session.flush()


def beside(world: Measured, **values: Any) -> tuple[list[Beside], list[str]]:
    found = seen(world, kpi(world, **{"metric": "er_impr", **values}), APRIL + 29 * DAY)
    return list(found.industry), [say(one) for one in found.industry_told]


def test_the_same_metric_is_compared_and_its_place_is_told(session: Session) -> None:
    world = Measured(session)
    two_months(world)  # 4 % in April
    benchmark(world, industry="Retail")

    [one], [said] = beside(world)

    assert one.own == pytest.approx(4)
    assert (one.place, one.stale, one.source_date) == (Place.ABOVE_MEDIAN, False, date(2026, 1, 31))
    assert said == "4% is above the median of 3%, below the upper quartile (Retail; Study, 31 January 2026)."


def test_another_denominator_is_another_metric_and_never_shown(session: Session) -> None:
    world = Measured(session)
    two_months(world)
    benchmark(world, metric="er_followers")
    benchmark(world, metric="er_reach")

    assert beside(world) == ([], [])


def test_a_benchmark_of_one_platform_is_compared_on_that_platform_alone(session: Session) -> None:
    world = Measured(session)
    two_months(world)
    benchmark(world, platform="exposed")
    benchmark(world, platform="square")

    found, _ = beside(world)

    assert [(one.row.platform, one.own is None) for one in found] == [("exposed", False), ("square", True)]
    assert found[1].reason is not None
    assert "It is of square only" in say(found[1].reason)


def test_a_count_is_compared_over_its_last_whole_period_only(session: Session) -> None:
    world = Measured(session)
    two_months(world)  # 1,000 in March, 900 so far in April
    benchmark(world, metric="engagement", period="month", low=None, median=None, high=None, value=950.0)
    benchmark(world, metric="engagement", period="week", low=None, median=None, high=None, value=200.0)

    found, said = beside(world, metric="engagement", starts_on=date(2026, 3, 1))

    assert [(one.own, one.place) for one in found] == [(1000, Place.ABOVE), (None, None)]
    assert said == [
        "1,000 in the last whole month is above the benchmark of 950 (all; Study, 31 January 2026)."
    ]
    assert found[1].reason is not None
    assert "by week" in say(found[1].reason)


def test_before_anything_was_measured_the_reason_stands_there(session: Session) -> None:
    world = Measured(session)
    world.channel("exposed")
    benchmark(world)

    [one], said = beside(world)

    assert (one.own, said) == (None, [])
    assert one.reason is not None


def test_another_workspace_has_benchmarks_of_its_own(session: Session) -> None:
    world, other = Measured(session), Measured(session)
    two_months(world)
    benchmark(other)

    assert beside(world) == ([], [])


@pytest.mark.parametrize(
    ("own", "place"),
    [(0.5, Place.BELOW_LOW), (1, Place.BELOW_MEDIAN), (3, Place.EQUAL), (6, Place.ABOVE_MEDIAN),
     (6.1, Place.ABOVE_HIGH)],
)  # fmt: skip
def test_the_place_among_quartiles(own: float, place: Place) -> None:
    assert Measure(low=1, median=3, high=6).place_of(own) is place


def test_the_place_beside_one_number() -> None:
    one = Measure(value=5)

    assert [one.place_of(value) for value in (4, 5, 6)] == [Place.BELOW, Place.EQUAL, Place.ABOVE]


def test_staleness_begins_after_548_days() -> None:
    today = date(2026, 11, 22)
    assert not is_stale(today - 548 * DAY, today)
    assert is_stale(today - 549 * DAY, today)
