"""What is said of targets for shares, scores and costs: by their own denominators, within what can be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from analytics.judging import Judgement, judge
from domain.bounds import bounds
from domain.catalogue import CATALOGUE
from domain.definition import Direction
from domain.kpi import NewKpi, TargetKind
from domain.period import Every
from domain.sentences import say
from scheduler.measuring import supplies
from store.engine import reading
from tests.analytics.test_imported_figures import brand
from tests.brought import bring
from tests.world import World, new_world

DAY = timedelta(days=1)


@pytest.fixture
def world(engine: Engine) -> World:
    """Ten weeks of mentions, a third of them ours, and of advertisements that cost 10 a mille."""
    world = new_world(engine)
    brand(world, "Ours", own=True)
    brand(world, "Rival")
    days = [(world.clock.now - back * DAY).date().isoformat() for back in range(1, 71)]
    counted = "".join(f"{day},Ours,{10 + place % 3}\n{day},Rival,22\n" for place, day in enumerate(days))
    bring(world, "mentions", f"day,brand,mentions\n{counted}")
    # One large row and many small ones a week: a mean of rows would be far from the ratio of sums.
    spent = "".join(
        f"{day},meta,A,{100 if place % 7 else 1},{'USD'},{10_000 if place % 7 else 10}\n"
        for place, day in enumerate(days)
    )
    bring(world, "ads", f"day,platform,campaign,spend,currency,impressions\n{spent}")
    return world


def judged(world: World, metric: str, target: float, **values: Any) -> Judgement:
    asked: dict[str, Any] = {
        "name": "x", "metric": metric, "target_kind": TargetKind.ABSOLUTE, "target": target,
        "every": Every.MONTH, "starts_on": world.clock.now.date(), "zone": "UTC", **values,
    }  # fmt: skip
    with reading(world.engine) as session:
        able = supplies(world.context, session, world.workspace.id)
        return judge(session, world.workspace.id, NewKpi(**asked), supplies=able, now=world.clock.now)


def said(found: Judgement) -> str:
    return " ".join(say(reason) for check in found.checks for reason in check.reasons)


def test_a_share_of_voice_is_forecast_by_all_mentions_not_by_their_sources(world: World) -> None:
    seen = judged(world, "share_of_voice", 36.0).attainability

    assert seen is not None
    assert seen.even == pytest.approx(33.3, abs=1.0)
    assert seen.low is not None
    assert seen.high is not None
    assert 20 < seen.low < 33
    assert 34 < seen.high < 50


def test_a_cost_is_a_ratio_of_sums_over_weeks_too(world: World) -> None:
    seen = judged(world, "cpm", 12.0, direction=Direction.DOWN).attainability

    assert seen is not None
    assert seen.even == pytest.approx(10.0, rel=0.05)


def test_where_one_stands_beyond_the_target_already_nothing_is_called_a_need(world: World) -> None:
    english = said(judged(world, "cpm", 5.0))

    assert "Less is better for Cost per mille" in english
    assert "You would need" not in english
    assert "You are there already: even −" in english
    assert "You would need −" in said(judged(world, "cpm", 5.0, direction=Direction.DOWN))


def test_of_a_recurring_rate_the_first_whole_period_is_judged(world: World) -> None:
    seen = judged(world, "share_of_voice", 36.0).attainability

    assert seen is not None
    assert (seen.wish.span.first.day, seen.wish.span.days) == (1, 30)


def test_what_can_never_be_is_no_part_of_a_forecast(world: World) -> None:
    answers = "".join(
        f"{datetime(2026, 1, 1, tzinfo=UTC).date() + number % 60 * DAY},{5 if number % 25 else 2}\n"
        for number in range(600)
    )
    bring(world, "answers", f"date,score\n{answers}", survey="csat")
    seen = judged(world, "csat", 97.0).attainability

    assert seen is not None
    assert seen.high == 100.0
    assert bounds(CATALOGUE["clicks"])[1] == float("inf")
