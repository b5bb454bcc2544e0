"""Changing KPIs by program: a new version with its reason, what was changed before, and comments."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Response
from pydantic import BaseModel, Field

from analytics.kpis import asked
from domain.definition import Direction
from domain.kpi import AlertRule, NewKpi, TargetKind
from scheduler import kpi_changes as commands
from store import kpis, people
from store.engine import reading
from store.tables import KpiComment, KpiVersion
from web.api.base import Body, Repeatable, RowId, api_router
from web.api.kpis import Cadence, Day, GoalKey, KpiName, KpiShown, Number, kpi_shown, standing_by
from web.api.shapes import Text
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web

router = api_router("kpis")


class KpiChange(Body):
    """What to change; what is left out stays. Another metric, scope, period or start is another KPI."""

    #: Why; needed where target, baseline or deadline change.
    because: Text = ""
    name: KpiName | None = None
    target: Number | None = None
    target_kind: TargetKind | None = None
    direction: Direction | None = None
    baseline: Number | None = None
    baseline_from: Day | None = None
    baseline_to: Day | None = None
    baseline_source: Text | None = None
    #: Null: it goes on without end.
    deadline: Day | None = None
    owner_id: RowId | None = None
    why: Text | None = None
    goal: GoalKey | None = None
    goal_words: Text | None = None
    audience: Text | None = None
    cadence: Cadence | None = None
    alert_rule: AlertRule | None = None


class VersionShown(BaseModel):
    """One change of a KPI."""

    version: int
    at: datetime
    person_id: RowId | None
    person: str | None
    because: str
    #: Each field with its value before and after.
    changed: dict[str, list[Any]]


class NewComment(Body):
    """Something to say about a KPI."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]


class CommentShown(BaseModel):
    """What somebody said about a KPI."""

    id: RowId
    at: datetime
    person_id: RowId | None
    person: str | None
    text: str


@router.patch("/kpis/{kpi_id}")
def patch_kpi(kpi_id: RowId, body: KpiChange, web: Web, me: MayEdit) -> KpiShown:
    """Change what a KPI asks for from now on; periods that are over stay as they were judged."""
    with reading(web.context.engine) as session:
        old = asked(kpis.get(session, me.workspace.id, kpi_id))
    new = _changed(old, body)
    commands.change_kpi(web.context, me.workspace.id, kpi_id, new, because=body.because, actor=me.actor)
    web.wake()
    with reading(web.context.engine) as session:
        return kpi_shown(standing_by(session, web, me, kpi_id))


def _changed(old: NewKpi, body: KpiChange) -> NewKpi:
    """What was asked for, with what the call sets in its place; a null counts where it was sent."""
    from dataclasses import replace

    sent = {name: getattr(body, name) for name in body.model_fields_set - {"because"}}
    nullable = {"deadline", "owner_id", "baseline", "baseline_from", "baseline_to"}
    changes = {name: value for name, value in sent.items() if value is not None or name in nullable}
    if {"baseline_from", "baseline_to"} & set(changes):
        changes.setdefault("baseline", None)
    return replace(old, **changes)


@router.get("/kpis/{kpi_id}/versions")
def get_versions(session: Reading, me: MaySee, kpi_id: RowId) -> list[VersionShown]:
    """How a KPI was changed, newest first."""
    kpi = kpis.get(session, me.workspace.id, kpi_id)
    found = kpis.versions(session, kpi.id)
    names = people.names(session, [one.person_id for one in found if one.person_id is not None])
    return [_version(one, names) for one in found]


def _version(row: KpiVersion, names: dict[int, str]) -> VersionShown:
    return VersionShown(
        version=row.version,
        at=row.at,
        person_id=row.person_id,
        person=names.get(row.person_id or 0),
        because=row.because,
        changed=row.changed,
    )


@router.get("/kpis/{kpi_id}/comments")
def get_comments(session: Reading, me: MaySee, kpi_id: RowId) -> list[CommentShown]:
    """What people said about a KPI, oldest first."""
    kpi = kpis.get(session, me.workspace.id, kpi_id)
    found = kpis.comments(session, kpi.id)
    names = people.names(session, [one.person_id for one in found if one.person_id is not None])
    return [_comment(one, names) for one in found]


@router.post("/kpis/{kpi_id}/comments", status_code=201, response_model=CommentShown)
def post_comment(kpi_id: RowId, body: NewComment, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Say something about a KPI."""

    def make() -> CommentShown:
        row = commands.comment_kpi(web.context, me.workspace.id, kpi_id, body.text, actor=me.actor)
        return _comment(row, {me.person.id: me.person.name})

    return once.run(me, body, make)


def _comment(row: KpiComment, names: dict[int, str]) -> CommentShown:
    return CommentShown(
        id=row.id, at=row.at, person_id=row.person_id, person=names.get(row.person_id or 0), text=row.text
    )
