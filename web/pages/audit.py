"""Whether the figures can be trusted: the last audit, its log, and asking for another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from domain.audit import LEVELS, Audit, Finding, Place, PlaceKind, Severity, by_severity, thawed
from domain.audit import since as changed_since
from domain.audit_sentences import RULES
from scheduler import auditing
from store import audits
from store.tables import AuditRow
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web, redirect, show, voice_of
from web.i18n import Voice
from web.said import said

router = APIRouter(include_in_schema=False)

#: Audits in the log.
LISTED = 30
_TONES = {Severity.WRONG: "bad", Severity.LOOK: "warn", Severity.FINE: "note"}
_PAGES = {
    PlaceKind.POST: "/statistics/posts/{}",
    PlaceKind.CHANNEL: "/channels/{}",
    PlaceKind.ROUTE: "/routes/{}",
    PlaceKind.LINK: "/links/{}",
    PlaceKind.KPI: "/kpis/{}",
}


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """A name and the page about it; empty: there is none."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class FindingShown:
    """A finding in the reader's words."""

    rule: str
    what: str
    action: str
    where: PlaceShown
    examples: list[PlaceShown]
    since: datetime | None


@router.get("/statistics/audit")
def show_audit(
    request: Request, session: Reading, me: MaySee, number: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    """The newest audit or an earlier one, what changed, and the log."""
    mine = me.workspace.id
    row = audits.last(session, mine) if number is None else audits.get(session, mine, number)
    log = audits.listed(session, mine, limit=LISTED)
    if row is None:
        return show(request, "pages/audit.html", row=None, log=log)
    audit, before = thawed(row.body), audits.previous(session, row)
    changed = changed_since(thawed(before.body) if before is not None else None, audit)
    voice = voice_of(request)
    return show(
        request,
        "pages/audit.html",
        row=row,
        log=log,
        levels=[
            (said(voice, LEVELS[level]), _TONES[level], [_shown(one, voice) for one in own])
            for level, own in by_severity(audit.findings).items()
        ],
        passed=_passed(audit, voice),
        before=before,
        new=[_shown(one, voice) for one in changed.new],
        gone=[_shown(one, voice) for one in changed.gone],
    )


def _passed(audit: Audit, voice: Voice) -> list[dict[str, object]]:
    return [
        {"name": said(voice, RULES[one.rule]), "looked": one.looked, "of": one.of, "sampled": one.sampled}
        for one in audit.passed()
    ]


def _shown(one: Finding, voice: Voice) -> FindingShown:
    return FindingShown(
        rule=said(voice, RULES[one.rule]) if one.rule in RULES else one.rule,
        what=said(voice, one.what),
        action=said(voice, one.action),
        where=_place(one.where),
        examples=[_place(each) for each in one.examples],
        since=one.since,
    )


def _place(place: Place) -> PlaceShown:
    if place.kind is PlaceKind.CONNECTOR:
        return PlaceShown(place.name, "/business")
    if place.kind is PlaceKind.IMPORTS:
        return PlaceShown(place.name, "/business/import")
    href = _PAGES[place.kind].format(place.id) if place.kind in _PAGES and place.id else ""
    return PlaceShown(place.name or str(place.id), href)


@router.post("/statistics/audit")
def audit_now(request: Request, web: Web, me: MayEdit) -> Response:
    """Audit now."""
    row: AuditRow = auditing.audit_now(web.context, me.workspace.id, actor=me.actor)
    voice = voice_of(request)
    notice = voice.gettext(
        "The audit is done: %(wrong)s wrong, %(look)s to look at.", wrong=row.wrong, look=row.look
    )
    return redirect(request, "/statistics/audit", notice=notice, kind="warn" if row.wrong else "good")


@router.post("/statistics/audit/rebuild")
def rebuild(request: Request, web: Web, me: MayEdit) -> Response:
    """Make standings and sums anew, then audit."""
    auditing.rebuild(web.context, me.workspace.id, actor=me.actor)
    auditing.audit_now(web.context, me.workspace.id, actor=me.actor)
    return redirect(
        request, "/statistics/audit", notice=voice_of(request).gettext("Standings and sums were made anew.")
    )
