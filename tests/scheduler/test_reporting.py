"""Reports, asked for or coming by themselves: written once, frozen, mailed, shared until they end."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.errors import NotFound, UsageError
from domain.period import Every
from scheduler.reporting import plan_reports, write_report
from scheduler.reports import add_plan, ask_for, opened, revoke, share, stop_plan, write_now
from store import reports
from store.changes import Actor
from store.due import claim_due
from store.engine import reading, writing
from store.tables import NoticeRow, ReportLink, ReportPlan, ReportRow, Telling
from tests.world import World, new_world

LEASE = timedelta(minutes=5)
ME = Actor("person", None)


@pytest.fixture
def world(engine: Engine) -> World:
    """Wednesday, 12:00 UTC, in a workspace of Jakarta."""
    return new_world(engine, zone="Asia/Jakarta")


def due(world: World, table: type) -> list:  # type: ignore[type-arg]
    with writing(world.engine) as session:
        return list(claim_due(session, table, now=world.clock.now, lease=LEASE, limit=10))


def work(world: World) -> None:
    """What the clockwork does with plans and reports that are due now."""
    for plan in due(world, ReportPlan):
        plan_reports(world.context, plan)
    for row in due(world, ReportRow):
        write_report(world.context, row)


def all_of(world: World) -> list[ReportRow]:
    with reading(world.engine) as session:
        return list(session.scalars(select(ReportRow).order_by(col(ReportRow.first_day))))


def weekly(world: World, **changes: object) -> ReportPlan:
    usual = {"every": Every.WEEK, "hour": 7, "language": "id", "recipients": ["sari@toko.example"]}
    values = {**usual, **changes}
    return add_plan(world.context, world.workspace.id, actor=ME, **values)  # type: ignore[arg-type]


def test_a_report_that_was_asked_for_is_written_by_the_next_worker_and_frozen(world: World) -> None:
    row = ask_for(world.context, world.workspace.id, every=Every.MONTH, day=date(2026, 2, 10), actor=ME)
    with pytest.raises(UsageError, match="still being written"):
        opened(row)

    work(world)

    [ready] = all_of(world)
    before = opened(ready)
    assert (ready.state, ready.next_at, before.first, before.last) == (
        "ready", None, date(2026, 2, 1), date(2026, 2, 28)
    )  # fmt: skip
    with writing(world.engine) as session:
        session.get_one(type(world.workspace), world.workspace.id).name = "Renamed"
        session.commit()
    assert opened(all_of(world)[0]) == before


def test_without_a_day_it_is_the_last_period_that_is_over(world: World) -> None:
    row = ask_for(world.context, world.workspace.id, every=Every.WEEK, day=None, actor=ME, by_worker=False)

    ready = write_now(world.context, row)

    assert ready.last_day < world.clock.now.date() <= ready.last_day + timedelta(days=7)
    assert due(world, ReportRow) == []


def test_a_period_that_has_not_begun_is_refused(world: World) -> None:
    with pytest.raises(UsageError, match="has not begun"):
        ask_for(world.context, world.workspace.id, every=Every.WEEK, day=date(2099, 1, 1), actor=ME)


def test_a_plan_writes_after_each_period_once_and_at_its_hour_of_the_workspace(world: World) -> None:
    plan = weekly(world)
    assert plan.next_at is not None
    assert plan.next_at.isoformat().endswith("T00:00:00+00:00"), "Monday 07:00 in Jakarta"
    work(world)
    assert all_of(world) == []

    world.clock.now = plan.next_at
    work(world)
    work(world)

    [row] = all_of(world)
    assert (row.state, row.plan_id, row.first_day.weekday()) == ("ready", plan.id, 0)
    assert row.last_day < world.clock.now.date()


def test_after_a_long_down_time_the_last_two_periods_are_caught_up(world: World) -> None:
    weekly(world)
    world.clock.forward(days=40)

    work(world)
    work(world)

    first, second = all_of(world)
    assert second.first_day - first.first_day == timedelta(days=7)


def test_two_machines_that_claim_in_turn_write_a_period_once(world: World) -> None:
    plan = weekly(world)
    world.clock.now = plan.next_at or world.clock.now
    [claimed] = due(world, ReportPlan)
    world.clock.forward(minutes=10)
    [again] = due(world, ReportPlan)

    plan_reports(world.context, again)
    plan_reports(world.context, claimed)

    assert len(all_of(world)) == 1


def test_a_planned_report_is_told_once_with_a_link_that_opens_it(world: World) -> None:
    plan = weekly(world)
    world.clock.now = plan.next_at or world.clock.now
    work(world)

    with reading(world.engine) as session:
        [notice] = session.scalars(select(NoticeRow))
        [telling] = session.scalars(select(Telling))
        token = notice.facts["url"].rpartition("/")[2]
        _, row = reports.by_token(session, token, now=world.clock.now)
    assert (telling.address, telling.language) == ("sari@toko.example", "id")
    assert notice.words["id"]["subject"].startswith("Laporan mingguan: Main, ")
    assert notice.facts["url"] in notice.words["en"]["text"]
    assert row.id == all_of(world)[0].id
    assert token not in str(all_of(world)[0].model_dump())


def test_a_stopped_plan_writes_no_more(world: World) -> None:
    plan = weekly(world)
    stop_plan(world.context, world.workspace.id, plan.id, actor=ME)
    world.clock.forward(days=14)

    work(world)

    assert all_of(world) == []
    with pytest.raises(NotFound, match=str(plan.id)):
        stop_plan(world.context, world.workspace.id, plan.id, actor=ME)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hour": 24}, "full hour"),
        ({"language": "fr"}, "en"),
        ({"recipients": ["nobody"]}, "'nobody' is no mail address"),
        ({"recipients": ["a@b.example\nBcc: x@y.example"]}, "is no mail address"),
        ({"every": Every.DAY}, "week, a month or a quarter"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_one_sentence(
    world: World, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        weekly(world, **changes)


def test_a_link_opens_one_report_until_it_ends_or_is_ended(world: World) -> None:
    row = write_now(
        world.context,
        ask_for(world.context, world.workspace.id, every=Every.WEEK, day=None, actor=ME, by_worker=False),
    )
    link, address = share(
        world.context, world.workspace.id, row.id, name=" Ibu  Sari ", lasts=timedelta(days=2), actor=ME
    )
    other, second = share(world.context, world.workspace.id, row.id, name="Budi", actor=ME)

    def opens(address: str) -> bool:
        with reading(world.engine) as session:
            try:
                found, _ = reports.by_token(session, address.rpartition("/")[2], now=world.clock.now)
            except NotFound:
                return False
            return found.name in ("Ibu Sari", "Budi")

    assert opens(address)
    assert opens(second)
    revoke(world.context, world.workspace.id, row.id, other.id, actor=ME)
    assert not opens(second)
    world.clock.forward(days=2)
    assert not opens(address)
    with reading(world.engine) as session:
        kept = session.get_one(ReportLink, link.id)
    assert address.rpartition("/")[2] not in str(kept.model_dump()), "only its hash is kept"


def test_reports_of_another_workspace_are_not_found(world: World) -> None:
    row = ask_for(world.context, world.workspace.id, every=Every.WEEK, day=None, actor=ME)

    with pytest.raises(NotFound), reading(world.engine) as session:
        reports.get(session, world.workspace.id + 1, row.id)
    with pytest.raises(NotFound):
        share(world.context, world.workspace.id + 1, row.id, name="x", actor=ME)
