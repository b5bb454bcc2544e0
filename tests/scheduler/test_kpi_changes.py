"""Targets that are judged before they are saved, changed with a reason, and talked about."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from domain.errors import NotFound
from domain.kpi import AlertRule, KpiRefused, NewKpi, TargetKind
from domain.pace import Status
from domain.period import Every
from domain.smart import Letter, Verdict
from scheduler.kpi_changes import change_kpi, comment_kpi
from scheduler.kpis import add_kpi, check_kpi, close_kpi, evaluate_kpi, standings
from store import kpis, people
from store.changes import AUTOMATION, Actor, changes_of
from store.due import claim_due
from store.engine import reading, writing
from store.tables import Kpi, KpiReading
from tests.scheduler.test_kpis import NEW, visited, work
from tests.world import NOON, World, new_world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def steady(world: World, weeks: int, a_day: int = 10) -> None:
    """As many visits on each day of the weeks that are over."""
    for day in range(1, weeks * 7 + 1):
        visited(world, NOON - day * DAY, a_day)


def verdicts(world: World, new: NewKpi) -> dict[Letter, Verdict]:
    judged = check_kpi(world.context, world.workspace.id, new)
    return {one.letter: one.verdict for one in judged.checks}


def test_a_check_stores_nothing_and_says_all_five(engine: Engine) -> None:
    world = new_world(engine)
    steady(world, 12)

    judged = check_kpi(world.context, world.workspace.id, replace(NEW, target=300, goal="traffic"))

    assert [one.letter for one in judged.checks] == list(Letter)
    seen = judged.attainability
    assert seen is not None
    assert seen.weeks == 12
    assert seen.middle == pytest.approx(31 * 10, rel=0.15)
    assert seen.chance is not None
    assert 0.4 < seen.chance < 0.9
    assert judged.names["en"] == "Visits: at least 300 a month"
    with reading(engine) as session:
        assert kpis.listed(session, world.workspace.id) == []


def test_little_data_is_a_warning_and_no_chance(engine: Engine) -> None:
    world = new_world(engine)
    steady(world, 5)

    judged = check_kpi(world.context, world.workspace.id, NEW)

    assert judged.attainability is not None
    assert judged.attainability.chance is None
    [few] = judged.past
    assert (few.key, few.values) == ("attain.few", {"weeks": 5, "needed": 8})
    assert {one.letter: one.verdict for one in judged.checks}[Letter.ATTAINABLE] is Verdict.WARNED


def test_a_target_is_saved_against_warnings_which_are_kept_and_not_against_a_failure(engine: Engine) -> None:
    world = new_world(engine)

    kpi = add_kpi(world.context, world.workspace.id, NEW, actor=AUTOMATION)

    assert kpi.warned is not None
    assert {one["check"] for one in kpi.warned} >= {"specific", "attainable", "relevant", "timely"}
    assert any("No" in one["said"] or "not" in one["said"] for one in kpi.warned)
    with pytest.raises(KpiRefused, match="needs a deadline"):
        add_kpi(world.context, world.workspace.id, replace(NEW, name="b", every=Every.ONCE), actor=AUTOMATION)
    with reading(engine) as session:
        [change] = changes_of(session, "kpi", kpi.id)
        assert change.after is not None
        assert "timely" in change.after["warned"]


def test_unknown_words_and_strangers_are_refused(engine: Engine) -> None:
    world = new_world(engine)
    with writing(engine) as session:
        stranger = people.add_person(session, "Stranger", now=NOON).id
        session.commit()

    for change, says in (
        ({"goal": "fame"}, "Unknown goal fame. Known: awareness"),
        ({"cadence": "yearly"}, "Unknown cadence yearly. Known: daily"),
        ({"owner_id": stranger}, "not a member"),
    ):
        with pytest.raises(KpiRefused, match=says):
            check_kpi(world.context, world.workspace.id, replace(NEW, **change))


def test_a_change_is_a_version_with_who_and_why(engine: Engine) -> None:
    world = new_world(engine)
    with writing(engine) as session:
        owner = people.ensure_owner(session, NOON).id
        session.commit()
    kpi = add_kpi(world.context, world.workspace.id, NEW, actor=AUTOMATION)

    new = replace(NEW, name="80 visits a month", target=80, alert_rule=AlertRule.OFF)
    changed = change_kpi(
        world.context,
        world.workspace.id,
        kpi.id,
        new,
        because="Half the team left.",
        actor=Actor("person", owner),
    )

    assert (changed.target, changed.version, changed.alert_rule) == (80, 2, "off")
    with reading(engine) as session:
        [version] = kpis.versions(session, kpi.id)
        assert (version.version, version.person_id, version.because) == (2, owner, "Half the team left.")
        assert version.changed == {
            "name": ["100 visits a month", "80 visits a month"],
            "target": [100.0, 80],
            "alert_rule": ["at_risk", "off"],
        }
        assert [one.what for one in changes_of(session, "kpi", kpi.id)] == ["added", "changed"]


def test_what_was_promised_moves_only_with_a_reason(engine: Engine) -> None:
    world = new_world(engine)
    kpi = add_kpi(world.context, world.workspace.id, NEW, actor=AUTOMATION)
    place = (world.context, world.workspace.id, kpi.id)

    with pytest.raises(KpiRefused, match="Say why"):
        change_kpi(*place, replace(NEW, target=80), because=" ", actor=AUTOMATION)
    with pytest.raises(KpiRefused, match="Nothing was changed"):
        change_kpi(*place, NEW, because="", actor=AUTOMATION)
    with pytest.raises(KpiRefused, match="by doing nothing"):
        change_kpi(*place, replace(NEW, target=0), because="easier", actor=AUTOMATION)
    with pytest.raises(NotFound):
        change_kpi(world.context, world.workspace.id + 1, kpi.id, NEW, because="", actor=AUTOMATION)
    change_kpi(*place, replace(NEW, audience="readers"), because="", actor=AUTOMATION)
    close_kpi(world.context, world.workspace.id, NEW.name, actor=AUTOMATION)
    with pytest.raises(KpiRefused, match="is closed"):
        change_kpi(*place, replace(NEW, target=80), because="late", actor=AUTOMATION)


def test_periods_that_are_over_keep_their_judgement(engine: Engine) -> None:
    world = new_world(engine)
    kpi = add_kpi(world.context, world.workspace.id, NEW, actor=AUTOMATION)  # 100 visits a month from 1 March
    visited(world, NOON, 50)
    work(world)
    world.clock.now = NOON + 45 * DAY  # March is over, and nobody has looked yet

    change_kpi(
        world.context, world.workspace.id, kpi.id, replace(NEW, target=40), because="easier", actor=AUTOMATION
    )
    with writing(engine) as session:
        rows = claim_due(session, Kpi, now=world.clock.now, lease=HOUR, limit=9)
    for row in rows:
        evaluate_kpi(world.context, row)

    with reading(engine) as session:
        march = [one for one in kpis.outcomes(session, kpi.id) if one.period_start == date(2026, 3, 1)]
        assert [one.status for one in march] == [Status.MISSED]  # 50 of 100, not of 40
        now = kpis.last_reading(session, kpi.id)
    assert now is not None
    assert (now.version, now.period_start) == (2, date(2026, 4, 1))


def test_a_status_by_chance_begins_anew_after_a_change(engine: Engine) -> None:
    world = new_world(engine)
    kpi = add_kpi(world.context, world.workspace.id, NEW, actor=AUTOMATION)
    with writing(engine) as session:
        session.add(
            KpiReading(
                kpi_id=kpi.id, at=NOON, period_start=date(2026, 3, 1), actual=1, chance=0.1,
                status="off_track", version=1,
            )
        )  # fmt: skip
        session.commit()
    world.clock.now = NOON + HOUR
    with reading(engine) as session:
        [before] = standings(world.context, session, world.workspace.id)
    change_kpi(
        world.context, world.workspace.id, kpi.id, replace(NEW, target=50), because="less", actor=AUTOMATION
    )
    with reading(engine) as session:
        [after] = standings(world.context, session, world.workspace.id)

    assert before.before is not None
    assert after.before is None


def test_a_baseline_of_own_days_is_computed_once_and_anew_only_when_they_change(engine: Engine) -> None:
    world = new_world(engine)
    steady(world, 12)
    relative = replace(
        NEW, target_kind=TargetKind.RELATIVE, target=20, baseline=300.0, baseline_source="last year's report"
    )
    kpi = add_kpi(world.context, world.workspace.id, relative, actor=AUTOMATION)

    assert (kpi.baseline, kpi.baseline_source) == (300.0, "last year's report")
    changed = change_kpi(
        world.context, world.workspace.id, kpi.id, replace(relative, baseline=250.0), because="typo",
        actor=AUTOMATION,
    )  # fmt: skip
    assert changed.baseline == 250.0


def test_people_say_things_about_a_kpi(engine: Engine) -> None:
    world = new_world(engine)
    kpi = add_kpi(world.context, world.workspace.id, NEW, actor=AUTOMATION)
    place = (world.context, world.workspace.id, kpi.id)

    comment_kpi(*place, "  Looks good. ", actor=AUTOMATION)
    comment_kpi(*place, "Or not.", actor=AUTOMATION)
    for text in ("", "   ", "x" * 2001):
        with pytest.raises(KpiRefused, match="1 to 2,000"):
            comment_kpi(*place, text, actor=AUTOMATION)

    with reading(engine) as session:
        assert [one.text for one in kpis.comments(session, kpi.id)] == ["Looks good.", "Or not."]
