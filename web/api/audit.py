"""Audits of the figures."""

from datetime import datetime
from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, Field

from domain.audit import LONGEST, Audit, Finding, PlaceKind, Severity, thawed
from domain.audit import since as changed_since
from domain.audit_sentences import RULES
from domain.sentences import say
from scheduler import auditing
from store import audits
from store.engine import reading
from store.tables import AuditRow
from web.api.base import Body, Listing, Pages, Repeatable, RowId, api_router
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web

router = api_router("statistics")


class PlaceShown(BaseModel):
    """What a finding is about; without an id there is no row."""

    kind: PlaceKind
    id: RowId | None
    name: str


class FindingShown(BaseModel):
    """One finding; sentences by language."""

    rule: str
    severity: Severity
    what: dict[str, str]
    action: dict[str, str]
    where: PlaceShown
    count: int
    examples: list[PlaceShown]
    since: datetime | None


class AuditCheckShown(BaseModel):
    """One check: how many rows it looked at, and of how many."""

    rule: str
    name: dict[str, str]
    passed: bool
    looked_at: int
    of: int
    sampled: bool


class AuditLine(BaseModel):
    """One audit in the log."""

    id: RowId
    at: datetime
    days: int
    wrong: int
    look: int
    fine: int
    #: Findings by rule and severity.
    by_rule: dict[str, dict[str, int]]


class AuditShown(AuditLine):
    """One audit whole, and what changed since the one before."""

    findings: list[FindingShown]
    checks: list[AuditCheckShown]
    new: list[FindingShown]
    gone: list[FindingShown]


class NewAudit(Body):
    """How far back it looks; ``rebuild`` makes standings and sums anew first."""

    days: Annotated[int, Field(ge=1, le=LONGEST)] = auditing.DAYS
    rebuild: bool = False


@router.get("/statistics/audit")
def get_last_audit(session: Reading, me: MaySee) -> AuditShown | None:
    """The newest audit; null: there was none yet."""
    row = audits.last(session, me.workspace.id)
    return None if row is None else audit_shown(row, audits.previous(session, row))


@router.get("/statistics/audits")
def list_audits(session: Reading, me: MaySee, pages: Pages) -> Listing[AuditLine]:
    """The log of audits, newest first."""
    before = (pages.after(int) or (None,))[0]
    rows = audits.listed(session, me.workspace.id, limit=pages.limit + 1, before=before)
    return pages.cut(rows, _line, key=lambda row: [row.id])


@router.get("/statistics/audits/{audit_id}")
def get_audit(session: Reading, me: MaySee, audit_id: RowId) -> AuditShown:
    """One audit."""
    row = audits.get(session, me.workspace.id, audit_id)
    return audit_shown(row, audits.previous(session, row))


@router.post("/statistics/audit", status_code=201, response_model=AuditShown)
def audit_now(web: Web, me: MayEdit, body: NewAudit, once: Repeatable) -> Response:
    """Audit now, and keep the audit with its date."""

    def make() -> AuditShown:
        if body.rebuild:
            auditing.rebuild(web.context, me.workspace.id, actor=me.actor)
        row = auditing.audit_now(web.context, me.workspace.id, days=body.days, actor=me.actor)
        with reading(web.context.engine) as session:
            return audit_shown(row, audits.previous(session, row))

    return once.run(me, body, make)


def _line(row: AuditRow) -> AuditLine:
    return AuditLine(
        id=row.id, at=row.at, days=row.days, wrong=row.wrong, look=row.look, fine=row.fine,
        by_rule=row.by_rule,
    )  # fmt: skip


def audit_shown(row: AuditRow, before: AuditRow | None) -> AuditShown:
    """A kept audit as the API tells it."""
    audit: Audit = thawed(row.body)
    rang = {one.rule for one in audit.findings if one.severity is not Severity.FINE}
    changed = changed_since(thawed(before.body) if before is not None else None, audit)
    return AuditShown(
        id=row.id,
        at=row.at,
        days=row.days,
        wrong=row.wrong,
        look=row.look,
        fine=row.fine,
        by_rule=row.by_rule,
        findings=[_finding(one) for one in audit.findings],
        checks=[
            AuditCheckShown(
                rule=one.rule,
                name={"en": RULES[one.rule].en, "id": RULES[one.rule].id},
                passed=one.rule not in rang,
                looked_at=one.looked,
                of=one.of,
                sampled=one.sampled,
            )
            for one in audit.checked
        ],
        new=[_finding(one) for one in changed.new],
        gone=[_finding(one) for one in changed.gone],
    )


def _finding(one: Finding) -> FindingShown:
    return FindingShown(
        rule=one.rule,
        severity=one.severity,
        what={language: say(one.what, language) for language in ("en", "id")},
        action={language: say(one.action, language) for language in ("en", "id")},
        where=PlaceShown(kind=one.where.kind, id=one.where.id or None, name=one.where.name),
        count=one.count,
        examples=[PlaceShown(kind=each.kind, id=each.id or None, name=each.name) for each in one.examples],
        since=one.since,
    )
