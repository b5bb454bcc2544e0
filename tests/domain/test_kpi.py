"""What a KPI may be, what is refused, and how its pace is judged."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue import definition
from domain.definition import Direction, Shape, Supplies, Supply
from domain.errors import UsageError
from domain.kpi import (
    KpiRefused,
    NewKpi,
    Scope,
    ScopeKind,
    TargetKind,
    check,
    goal,
    parse_target,
    scope_from,
    target_sentence,
)
from domain.metrics import Metric
from domain.pace import Course, Status, expected, forecast, status
from domain.period import Every
from domain.sentences import say

TODAY = date(2026, 3, 2)
GOOD = NewKpi(
    name="5,000 visits a month", metric="visits", target=5000, every=Every.MONTH, starts_on=date(2026, 3, 1)
)
SUPPLIES = Supplies(
    {
        "square": Supply(
            "square", "Square", frozenset({Metric.REACTIONS, Metric.REPLIES, Metric.SHARES, Metric.FOLLOWERS})
        ),
        "page": Supply("page", "Page", frozenset(), local=True),
    },
    own_links=True,
)


def reasons(new: NewKpi, *platforms: str, supplies: Supplies = SUPPLIES) -> list[str]:
    """The keys of everything that speaks against a KPI."""
    found = check(new, platforms=platforms or ("page", "square"), supplies=supplies, today=TODAY)
    return [reason.key for reason in found]


def test_a_sound_kpi_is_refused_nothing() -> None:
    assert reasons(GOOD) == []
    assert reasons(replace(GOOD, metric="followers", every=Every.ONCE, deadline=date(2026, 9, 1))) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": " "}, "kpi.name"),
        ({"name": "x" * 121}, "kpi.name"),
        ({"metric": "fame"}, "kpi.unknown_metric"),
        ({"metric": "reach"}, "kpi.not_additive"),
        ({"metric": "impressions", "scope": Scope(ScopeKind.CHANNEL, 1)}, "kpi.not_supplied"),
        ({"metric": "followers", "scope": Scope(ScopeKind.FEED, 1)}, "kpi.followers_scope"),
        ({"every": Every.ONCE}, "kpi.no_deadline"),
        ({"deadline": date(2026, 2, 28)}, "kpi.deadline_before_start"),
        ({"starts_on": date(2026, 1, 1), "deadline": date(2026, 3, 1)}, "kpi.deadline_past"),
        ({"target": 0.0}, "kpi.target_zero"),
        ({"target": -4.0}, "kpi.target_number"),
        ({"target": float("nan")}, "kpi.target_number"),
        ({"target": float("inf")}, "kpi.target_number"),
    ],
)
def test_what_cannot_be_a_target_is_refused_with_the_reason(change: dict[str, Any], reason: str) -> None:
    platforms = ("square",) if change.get("metric") == "impressions" else ()

    assert reasons(replace(GOOD, **change), *platforms) == [reason]


RELATIVE = replace(GOOD, target_kind=TargetKind.RELATIVE, target=20)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, "kpi.no_baseline"),
        ({"baseline": 0.0}, "kpi.baseline_zero"),
        ({"baseline_from": date(2026, 2, 2), "baseline_to": date(2026, 2, 1)}, "kpi.baseline_order"),
        ({"baseline_from": date(2026, 2, 2), "baseline_to": TODAY}, "kpi.baseline_not_over"),
        ({"baseline": 10.0, "target": 0.0}, "kpi.target_zero"),
        ({"baseline": 10.0, "target": 100.0, "direction": Direction.DOWN}, "kpi.change_too_large"),
    ],
)
def test_a_relative_target_needs_a_baseline_it_can_change(change: dict[str, Any], reason: str) -> None:
    assert reasons(replace(RELATIVE, **change)) == [reason]


def test_a_refusal_names_the_platform_and_what_it_lacks() -> None:
    [reason] = check(replace(GOOD, metric="er_impr"), platforms=["square"], supplies=SUPPLIES, today=TODAY)

    assert say(reason) == (
        "Engagement rate (ER/impressions) needs Impressions, which Square does not supply. "
        "What can be had instead: Engagement rate (ER/followers), Engagement per post, Engagement."
    )
    assert "tidak disediakan Square" in say(reason, "id")


def test_where_nobody_tells_exposure_clicks_per_followers_are_offered() -> None:
    for key in ("ctr_impr", "ctr_people"):
        [reason] = check(replace(GOOD, metric=key), platforms=["square"], supplies=SUPPLIES, today=TODAY)

        assert "instead: Clicks per 1,000 followers, Clicks per post, Clicks." in say(reason)
        assert "sebagai gantinya: Klik per 1.000 pengikut, Klik per pos, Klik." in say(reason, "id")


def test_without_anything_alike_another_metric_is_asked_for() -> None:
    [reason] = check(replace(GOOD, metric="impressions"), platforms=["hook"], supplies=SUPPLIES, today=TODAY)

    assert "Choose another metric or scope." in say(reason)


def test_clicks_need_links_of_our_own() -> None:
    private = replace(SUPPLIES, own_links=False)

    assert reasons(replace(GOOD, metric="clicks"), "square", supplies=private) == ["kpi.no_own_links"]
    assert reasons(replace(GOOD, metric="clicks"), "square", "page", supplies=private) == []


def test_an_empty_scope_has_nothing_to_count() -> None:
    found = check(GOOD, platforms=[], supplies=SUPPLIES, today=TODAY)

    assert [reason.key for reason in found] == ["kpi.no_channel"]


def test_all_reasons_are_told_at_once() -> None:
    bad = replace(GOOD, name="", metric="fame", target=0, every=Every.ONCE)
    found = check(bad, platforms=["page"], supplies=SUPPLIES, today=TODAY)

    error = KpiRefused(found)

    assert len(error.reasons) == 4
    assert "Give the KPI a name" in str(error)
    assert "Known: impressions" in str(error)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="Unknown time zone"):
        reasons(replace(GOOD, zone="Mars/Base"))


@pytest.mark.parametrize(
    ("text", "kind", "value", "direction"),
    [
        ("5000", TargetKind.ABSOLUTE, 5000, Direction.UP),
        (" 2.5% ", TargetKind.ABSOLUTE, 2.5, Direction.UP),
        ("2,5%", TargetKind.ABSOLUTE, 2.5, Direction.UP),
        ("+20%", TargetKind.RELATIVE, 20, Direction.UP),
        ("-10%", TargetKind.RELATIVE, 10, Direction.DOWN),
        ("−10%", TargetKind.RELATIVE, 10, Direction.DOWN),
    ],
)
def test_targets_are_read_as_people_write_them(
    text: str, kind: TargetKind, value: float, direction: Direction
) -> None:
    assert parse_target(text) == (kind, value, direction)


@pytest.mark.parametrize("text", ["", "much", "+20", "1.2.3", "nan", "inf%"])
def test_a_target_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="Cannot read the target"):
        parse_target(text)


@pytest.mark.parametrize("text", ["5.000", "5,000", "1.000.000", "+1.000%"])
def test_a_target_that_two_languages_read_differently_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="two ways"):
        parse_target(text)


def test_a_scope_is_stored_and_read_back() -> None:
    for scope in (Scope(), Scope(ScopeKind.CHANNEL, 7), Scope(ScopeKind.ROUTE, 8), Scope(ScopeKind.FEED, 9)):
        assert scope_from(scope.stored()) == scope
    assert Scope().stored() == {}
    with pytest.raises(ValueError, match="with id None"):
        Scope(ScopeKind.FEED)


def test_a_relative_goal_changes_the_baseline_in_its_direction() -> None:
    assert goal(TargetKind.RELATIVE, 20, baseline=2.5, direction=Direction.UP) == 3.0
    assert goal(TargetKind.RELATIVE, 20, baseline=50, direction=Direction.DOWN) == 40
    assert goal(TargetKind.ABSOLUTE, 20, baseline=None, direction=Direction.DOWN) == 20


def test_the_target_is_said_in_both_languages() -> None:
    new = replace(
        GOOD, metric="er_followers", target_kind=TargetKind.RELATIVE, target=20, every=Every.ONCE,
        scope=Scope(ScopeKind.CHANNEL, 1), deadline=date(2027, 3, 31),
    )  # fmt: skip

    sentence = target_sentence(definition(new.metric), new, baseline=2.1, scope_name="Main")

    assert say(sentence) == (
        "Raise engagement rate (ER/followers) on Main by 20% by 31 March 2027 (counted from 1 March 2026), "
        "from 2.1% to 2.52%."
    )
    assert say(sentence, "id") == (
        "Naikkan tingkat keterlibatan (ER/pengikut) di Main 20% sampai 31 Maret 2027 "
        "(dihitung sejak 1 Maret 2026), dari 2,1% menjadi 2,52%."
    )
    visits = target_sentence(definition("visits"), GOOD, baseline=None)
    assert say(visits) == "Visits: at least 5,000 a month in the whole workspace, from 1 March 2026 on."


def course(**values: Any) -> Course:
    """A count that should reach 100, half of its period gone."""
    usual: dict[str, Any] = {
        "shape": Shape.FLOW,
        "direction": Direction.UP,
        "target": 100.0,
        "actual": 50.0,
        "elapsed": 0.5,
    }
    return Course(**(usual | values))


#: A stock that should fall to 100.
FALLING = {"shape": Shape.STOCK, "direction": Direction.DOWN, "start_value": 200.0}


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"started": False, "elapsed": 0.0}, Status.NOT_STARTED),
        ({"actual": None}, Status.NO_DATA),
        ({"actual": None, "elapsed": 1.0}, Status.NO_DATA),
        ({"actual": 50.0}, Status.ON_TRACK),
        ({"actual": 47.5}, Status.ON_TRACK),  # within the tolerance of readings that lag
        ({"actual": 47.4}, Status.BEHIND),
        ({"actual": 100.0}, Status.REACHED),
        ({"actual": 99.0, "elapsed": 1.0}, Status.MISSED),
        ({"actual": 100.0, "elapsed": 1.0}, Status.REACHED),
        # A stock sets out from what it had.
        ({"shape": Shape.STOCK, "start_value": 60.0, "actual": 79.0}, Status.ON_TRACK),
        ({"shape": Shape.STOCK, "start_value": 60.0, "actual": 78.9}, Status.BEHIND),
        ({"shape": Shape.STOCK, "start_value": None, "actual": 78.9}, Status.BEHIND),
        ({**FALLING, "actual": 99.0}, Status.REACHED),
        ({**FALLING, "actual": 150.0}, Status.ON_TRACK),
        ({**FALLING, "actual": 160.0}, Status.BEHIND),
        # A rate is compared with the target itself, and can still fall again.
        ({"shape": Shape.RATE, "target": 2.5, "actual": 2.6}, Status.ON_TRACK),
        ({"shape": Shape.RATE, "target": 2.5, "actual": 2.4}, Status.BEHIND),
        ({"shape": Shape.RATE, "target": 2.5, "actual": 2.4, "elapsed": 1.0}, Status.MISSED),
        ({"shape": Shape.RATE, "direction": Direction.DOWN, "target": 2.5, "actual": 2.4}, Status.ON_TRACK),
        # A count that should stay low is spent like a budget, and never comes back.
        ({"direction": Direction.DOWN, "actual": 52.5}, Status.ON_TRACK),
        ({"direction": Direction.DOWN, "actual": 53.0}, Status.BEHIND),
        ({"direction": Direction.DOWN, "actual": 101.0}, Status.MISSED),
        ({"direction": Direction.DOWN, "actual": 100.0, "elapsed": 1.0}, Status.REACHED),
    ],
)  # fmt: skip
def test_the_status_follows_from_target_pace_and_time(values: dict[str, Any], answer: Status) -> None:
    assert status(course(**values)) == answer


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({}, 50),
        ({"elapsed": 0.25}, 25),
        ({"shape": Shape.STOCK, "start_value": 60.0}, 80),
        ({"shape": Shape.STOCK, "start_value": None}, None),
        ({"shape": Shape.RATE, "target": 2.5}, 2.5),
        ({"started": False}, None),
    ],
)
def test_the_pace_is_a_straight_line_except_for_rates(values: dict[str, Any], answer: float | None) -> None:
    assert expected(course(**values)) == answer


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"actual": 30.0}, 60),
        ({"actual": 30.0, "elapsed": 0.09}, None),
        ({"actual": None}, None),
        ({"actual": 30.0, "elapsed": 1.0}, 30),
        ({"shape": Shape.STOCK, "start_value": 60.0, "actual": 70.0}, 80),
        ({"shape": Shape.STOCK, "start_value": None, "actual": 70.0}, None),
        ({"shape": Shape.RATE, "actual": 2.4}, 2.4),
    ],
)
def test_a_forecast_is_the_run_rate_or_not_enough_data(values: dict[str, Any], answer: float | None) -> None:
    assert forecast(course(**values)) == answer


@given(
    target=st.floats(1, 1e6),
    start=st.floats(0, 1e6),
    elapsed=st.floats(0.001, 0.999),
    shape=st.sampled_from([Shape.FLOW, Shape.STOCK, Shape.POSTS]),
)
def test_who_is_exactly_on_the_line_is_on_track_and_forecast_to_arrive(
    target: float, start: float, elapsed: float, shape: Shape
) -> None:
    begin = start if shape is Shape.STOCK else 0.0
    line = course(target=target, start_value=begin, elapsed=elapsed, shape=shape, actual=None)
    due = expected(line)
    assert due is not None

    there = replace(line, actual=due)

    assert status(there) in (Status.ON_TRACK, Status.REACHED)
    if elapsed >= 0.1:
        assert forecast(there) == pytest.approx(target)
