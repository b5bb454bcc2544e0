"""Adding, closing and evaluating KPIs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from analytics.kpis import evaluate
from domain.errors import NotFound, UsageError
from domain.kpi import KpiRefused, NewKpi, Scope, ScopeKind, TargetKind
from domain.metrics import Audience
from domain.period import Every
from scheduler.kpis import add_kpi, close_kpi, evaluate_kpi, in_rounds, reading_of, standings
from scheduler.measuring import supplies
from store import kpis, traffic
from store.changes import AUTOMATION, changes_of
from store.due import claim_due
from store.engine import writing
from store.tables import ChannelRow, Kpi
from store.traffic import WHOLE_PAGE, Shown
from tests.world import NOON, World, new_world

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NEW = NewKpi(
    name="100 visits a month",
    metric="visits",
    target=100,
    every=Every.MONTH,
    starts_on=date(2026, 3, 1),
    zone="Asia/Jakarta",
)


def visited(world: World, at: datetime, times: int = 1) -> None:
    """Human visits to the world's page."""
    one = Shown(world.channel.id, WHOLE_PAGE, "visits", Audience.HUMAN, at)
    with writing(world.engine) as session:
        traffic.count_shown(session, [one] * times)
        session.commit()


def work(world: World) -> None:
    """Evaluate what is due now."""
    with writing(world.engine) as session:
        rows = claim_due(session, Kpi, now=world.clock.now, lease=5 * HOUR, limit=9)
    for row in rows:
        evaluate_kpi(world.context, row)


def kept(world: World, kpi: Kpi) -> Kpi:
    """The KPI as the database has it."""
    with Session(world.engine) as session:
        return session.get_one(Kpi, kpi.id)


def test_a_kpi_is_stored_as_it_was_asked_for_and_the_change_is_noted(engine: Engine) -> None:
    world = new_world(engine)
    new = replace(NEW, scope=Scope(ScopeKind.CHANNEL, world.channel.id), why="the shop lives from it")

    kpi = kept(world, add_kpi(world.context, world.workspace.id, new, actor=AUTOMATION))

    assert (kpi.name, kpi.metric, kpi.target, kpi.period) == ("100 visits a month", "visits", 100, "month")
    assert (kpi.scope, kpi.zone, kpi.why) == ({"channel_id": world.channel.id}, "Asia/Jakarta", new.why)
    assert (kpi.next_at, kpi.baseline, kpi.formula_version) == (NOON, None, 1)
    with Session(engine) as session:
        assert [change.what for change in changes_of(session, "kpi", kpi.id)] == ["added"]


def test_a_kpi_that_cannot_be_measured_is_refused_and_nothing_is_stored(engine: Engine) -> None:
    world = new_world(engine)

    with pytest.raises(KpiRefused, match=r"needs Reactions, Comments, Shares, which Page does not supply"):
        add_kpi(world.context, world.workspace.id, replace(NEW, metric="engagement"), actor=AUTOMATION)
    relative = replace(
        NEW,
        target_kind=TargetKind.RELATIVE,
        baseline_from=date(2026, 1, 1),
        baseline_to=date(2026, 1, 31),
    )
    with pytest.raises(KpiRefused, match="no data of your own"):
        add_kpi(world.context, world.workspace.id, relative, actor=AUTOMATION)

    with Session(engine) as session:
        assert kpis.listed(session, world.workspace.id, closed=True) == []


def test_it_is_evaluated_each_hour_from_the_start_on(engine: Engine) -> None:
    world = new_world(engine)
    visited(world, NOON - HOUR, 5)
    kpi = add_kpi(world.context, world.workspace.id, NEW, actor=AUTOMATION)

    work(world)
    visited(world, NOON, 2)
    world.clock.forward(hours=1)
    work(world)

    with Session(engine) as session:
        rows = kpis.readings(session, kpi.id, period_start=date(2026, 3, 1))
        last = kpis.last_reading(session, kpi.id)
    assert kept(world, kpi).next_at == NOON + 2 * HOUR
    assert last is not None
    assert (last.actual, last.status) == (7, "on_track")
    assert [row.at for row in rows] == [NOON + HOUR]  # one for each day


def test_a_period_that_ended_while_the_machine_was_down_is_written_down(engine: Engine) -> None:
    world = new_world(engine)
    visited(world, NOON, 120)
    kpi = add_kpi(world.context, world.workspace.id, NEW, actor=AUTOMATION)
    work(world)
    visited(world, NOON + 40 * DAY, 3)

    world.clock.now = datetime(2026, 5, 2, 12, tzinfo=UTC)
    work(world)
    world.clock.forward(hours=1)
    work(world)

    with Session(engine) as session:
        found = kpis.outcomes(session, kpi.id)
    assert [(row.period_start, row.actual, row.status) for row in found] == [
        (date(2026, 3, 1), 120, "reached"),
        (date(2026, 4, 1), 3, "missed"),
        (date(2026, 5, 1), 0, "off_track"),
    ]


def test_after_the_deadline_it_is_judged_once_more_and_then_left_alone(engine: Engine) -> None:
    world = new_world(engine)
    once = replace(NEW, every=Every.ONCE, deadline=date(2026, 3, 10), zone="UTC")
    kpi = add_kpi(world.context, world.workspace.id, once, actor=AUTOMATION)
    work(world)
    world.clock.now = datetime(2026, 3, 11, tzinfo=UTC)
    work(world)

    assert kept(world, kpi).next_at is None
    with Session(engine) as session:
        last = kpis.last_reading(session, kpi.id)
    assert last is not None
    assert (last.at, last.status, last.expected) == (world.clock.now, "missed", 100)


def test_before_its_start_nothing_is_written(engine: Engine) -> None:
    world = new_world(engine)
    kpi = add_kpi(
        world.context, world.workspace.id, replace(NEW, starts_on=date(2026, 6, 1)), actor=AUTOMATION
    )

    work(world)

    with Session(engine) as session:
        assert kpis.last_reading(session, kpi.id) is None
    assert kept(world, kpi).next_at == NOON + HOUR


def test_a_closed_kpi_is_not_evaluated_and_not_closed_twice(engine: Engine) -> None:
    world = new_world(engine)
    kpi = add_kpi(world.context, world.workspace.id, NEW, actor=AUTOMATION)
    with writing(engine) as session:
        [claimed] = claim_due(session, Kpi, now=NOON, lease=HOUR, limit=1)

    close_kpi(world.context, world.workspace.id, NEW.name, actor=AUTOMATION)
    evaluate_kpi(world.context, claimed)

    assert (kept(world, kpi).closed_at, kept(world, kpi).next_at) == (NOON, None)
    with Session(engine) as session:
        assert kpis.last_reading(session, kpi.id) is None
        assert kpis.listed(session, world.workspace.id) == []
    with pytest.raises(UsageError, match="closed already"):
        close_kpi(world.context, world.workspace.id, NEW.name, actor=AUTOMATION)
    with pytest.raises(NotFound):
        close_kpi(world.context, world.workspace.id, "no such", actor=AUTOMATION)


def test_many_kpis_stand_together_as_they_do_alone_and_one_that_breaks_stops_no_other(engine: Engine) -> None:
    world = new_world(engine)
    visited(world, NOON - HOUR, times=7)
    scopes = [Scope(), Scope(ScopeKind.CHANNEL, world.channel.id)]
    added = [
        add_kpi(
            world.context,
            world.workspace.id,
            replace(NEW, name=f"{metric} {scope.kind}", metric=metric, scope=scope),
            actor=AUTOMATION,
        )
        for metric in ("visits", "views", "posts_published")
        for scope in scopes
    ]
    broken = added[3]
    with writing(engine) as session:
        session.get_one(Kpi, broken.id).alert_rule = "from tomorrow"  # a later release wrote it
        session.commit()
    with writing(engine) as session:
        rows = claim_due(session, Kpi, now=NOON, lease=HOUR, limit=9)
        handling = in_rounds(world.context, session, rows)
        able = supplies(world.context, session, world.workspace.id)
        sound = [row for row in rows if row.id != broken.id]
        alone = {row.id: reading_of(evaluate(session, row, NOON, supplies=able)) for row in sound}
    for row in rows:
        handling[row.id]()

    with Session(engine) as session:
        for kpi in added:
            last = kpis.last_reading(session, kpi.id)
            assert (last is None) == (kpi.id == broken.id)
            if last is not None:
                told = last.model_dump(exclude={"id"})
                assert told == alone[kpi.id].model_dump(exclude={"id"})
    assert {kept(world, kpi).next_at for kpi in added} == {NOON + HOUR}


def test_a_kpi_whose_channel_is_gone_is_tried_again(engine: Engine) -> None:
    world = new_world(engine)
    scope = Scope(ScopeKind.CHANNEL, world.channel.id)
    kpi = add_kpi(world.context, world.workspace.id, replace(NEW, scope=scope), actor=AUTOMATION)
    with writing(engine) as session:
        session.delete(session.get_one(ChannelRow, world.channel.id))
        session.commit()

    work(world)

    assert kept(world, kpi).next_at == NOON + HOUR


def test_all_open_kpis_stand_side_by_side(engine: Engine) -> None:
    world = new_world(engine)
    visited(world, NOON, 4)
    for name in ("one", "two"):
        add_kpi(world.context, world.workspace.id, replace(NEW, name=name), actor=AUTOMATION)
    close_kpi(world.context, world.workspace.id, "one", actor=AUTOMATION)

    with Session(engine) as session:
        open_ones = standings(world.context, session, world.workspace.id)
        all_of_them = standings(world.context, session, world.workspace.id, closed=True)

    assert [(one.kpi.name, one.actual.value) for one in open_ones] == [("two", 4)]
    assert [one.kpi.name for one in all_of_them] == ["one", "two"]
