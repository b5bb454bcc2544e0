"""Bringing files in, for tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from analytics.imports.reading import Choices
from analytics.outside import figure as figure_of
from analytics.sums import Stretch
from domain.catalogue import CATALOGUE
from domain.figure import Figure
from domain.ids import new_id
from domain.imports import ImportKind
from domain.kpi import Scope
from scheduler.imports import Imported, Wanted, import_table
from store.changes import AUTOMATION
from store.tables import Workspace
from tests.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)


def bring(world: World, kind: str, text: str | bytes, **values: Any) -> Imported:
    """Import a table; options of `Wanted` and `Choices` by name, others are said once for the file."""
    raw = text if isinstance(text, bytes) else text.encode()
    wanted = {
        name: values.pop(name) for name in ("dry_run", "skip_bad", "channel_id", "name") if name in values
    }
    known = ("named", "zone", "order", "decimals", "minor_units")
    choices = {name: values.pop(name) for name in known if name in values}
    found = Wanted(kind=ImportKind(kind), raw=raw, choices=Choices(**choices, fixed=values), **wanted)
    return import_table(world.context, world.workspace.id, found, actor=AUTOMATION)


def figure(
    world: World, key: str, start: datetime = START, end: datetime | None = None, scope: Scope | None = None
) -> Figure:
    """A figure of what was brought in."""
    now = world.clock.now
    stretch = Stretch(start, end or now + timedelta(days=1), now)
    with Session(world.engine) as session:
        return figure_of(
            session, CATALOGUE[key], stretch, workspace_id=world.workspace.id, scope=scope or Scope()
        )


def another(world: World) -> World:
    """The same database with an empty workspace."""
    row = Workspace(name=f"W{new_id()}", zone=world.workspace.zone, created_at=world.clock.now)
    with Session(world.engine, expire_on_commit=False) as session:
        session.add(row)
        session.commit()
    return replace(world, workspace=row)
