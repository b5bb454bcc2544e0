"""Fields of platforms as metrics: by date, and with three kinds of nothing."""

from datetime import date
from typing import Any

import pytest

from domain.metrics import Metric
from publishers.base import Measured
from publishers.metric_map import Mapped, measured, supplied

CHANGE = date(2026, 3, 1)
MAPPING = (
    Mapped("impressions", Metric.IMPRESSIONS, until=CHANGE),
    Mapped("media_views", Metric.IMPRESSIONS, since=CHANGE),
    Mapped("public.likes", Metric.REACTIONS),
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"public": {"likes": 0}}, [Measured(Metric.REACTIONS, 0, "public.likes")]),
        ({"public": {"likes": None}}, [Measured(Metric.REACTIONS, None, "public.likes")]),
        ({"public": {}}, []),
        ({}, []),
        ({"public": 7}, []),
        ({"public": {"likes": -1}}, []),
        ({"public": {"likes": True}}, []),
        ({"public": {"likes": "many"}}, []),
        ({"public": {"likes": "1234"}}, [Measured(Metric.REACTIONS, 1234, "public.likes")]),
        ({"public": {"likes": 1.5}}, []),
    ],
)
def test_absent_not_yet_there_and_zero_are_three_answers(
    answer: dict[str, Any], expected: list[Measured]
) -> None:
    assert measured(MAPPING, answer, on=CHANGE) == expected


@pytest.mark.parametrize(
    ("day", "field", "value"),
    [(date(2026, 2, 28), "impressions", 1), (CHANGE, "media_views", 2), (date(2027, 1, 1), "media_views", 2)],
)
def test_a_renamed_field_is_read_by_its_dates(day: date, field: str, value: int) -> None:
    answer = {"impressions": 1, "media_views": 2}

    assert measured(MAPPING, answer, on=day) == [Measured(Metric.IMPRESSIONS, value, field)]


def test_a_number_outweighs_one_that_is_still_to_come() -> None:
    both = (Mapped("new", Metric.VIEWS), Mapped("old", Metric.VIEWS))

    assert measured(both, {"new": None, "old": 3}, on=CHANGE) == [Measured(Metric.VIEWS, 3, "old")]
    assert measured(both, {"new": 4, "old": 3}, on=CHANGE) == [Measured(Metric.VIEWS, 4, "new")]


def test_what_a_platform_gives_depends_on_the_day() -> None:
    gone = (Mapped("x", Metric.SAVES, until=CHANGE), *MAPPING)

    assert supplied(gone) == {Metric.IMPRESSIONS, Metric.REACTIONS}
    assert supplied(gone, on=date(2026, 1, 1)) == {Metric.IMPRESSIONS, Metric.REACTIONS, Metric.SAVES}
