"""Audits come once a day by themselves, are kept for a while, and reports tell of the last one."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import select

from domain.audit import thawed
from scheduler import auditing
from store import audits
from store.changes import Actor
from store.engine import reading, writing
from store.tables import AuditRow, Change, Workspace
from tests.world import NOON, new_world


def _rows(engine: Engine) -> list[AuditRow]:
    with reading(engine) as session:
        return list(session.scalars(select(AuditRow).order_by(AuditRow.at)))  # type: ignore[arg-type]


def test_each_workspace_is_audited_once_a_day(engine: Engine) -> None:
    world = new_world(engine)
    with writing(engine) as session:
        session.add(Workspace(name="Other", created_at=NOON))
        session.commit()

    auditing.daily(world.context)
    auditing.daily(world.context)
    assert len({row.workspace_id for row in _rows(engine)}) == len(_rows(engine)) == 2

    world.clock.now += timedelta(days=1)
    auditing.daily(world.context)
    assert len(_rows(engine)) == 4


def test_audits_are_forgotten_after_their_time(engine: Engine) -> None:
    world = new_world(engine)
    auditing.daily(world.context)
    world.clock.now += auditing.KEPT + timedelta(days=1)
    auditing.daily(world.context)

    [row] = _rows(engine)
    assert thawed(row.body).at == row.at


def test_a_persons_audit_is_a_change_and_the_last_one(engine: Engine) -> None:
    world = new_world(engine)
    row = auditing.audit_now(world.context, world.workspace.id, days=7, actor=Actor("person"))

    with reading(engine) as session:
        last = audits.last(session, world.workspace.id)
        assert last is not None
        assert (last.id, last.days) == (row.id, 7)
        assert "audited the figures" in {one.what for one in session.scalars(select(Change))}


def test_making_anew_counts_the_channels(engine: Engine) -> None:
    world = new_world(engine)

    assert auditing.rebuild(world.context, world.workspace.id, actor=Actor("person")) >= 1
