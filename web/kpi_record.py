"""What happened around a KPI: the alerts about it, who changed it, and how the last audits ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from analytics.kpis import Standing
from domain.alert_words import rule_name
from domain.alerts import Rule
from domain.kpi import scope_from
from scheduler.alerting import words_of
from store import alerts, audits, people
from store.changes import changes_of
from store.tables import AuditRow
from web.i18n import Voice
from web.i18n import marked as N_

#: Alerts, changes and audits that are listed.
LISTED = 10
#: What a person did with a KPI, as `store.changes` words it.
_DONE = {
    "added": N_("Added"),
    "closed": N_("Closed"),
    "changed": N_("Changed"),
    "commented": N_("Commented"),
}


@dataclass(frozen=True, slots=True)
class AlertShown:
    """One alert in words."""

    at: datetime
    rule: str
    what: str
    is_open: bool
    is_good: bool


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """Who did what."""

    at: datetime
    what: str
    person: str


@dataclass(frozen=True, slots=True)
class RecordShown:
    """What the page lists."""

    alerts: Sequence[AlertShown]
    changes: Sequence[ChangeShown]
    audits: Sequence[AuditRow]


def record_shown(session: Session, standing: Standing, voice: Voice) -> RecordShown:
    """The newest of each, newest first."""
    return RecordShown(
        alerts=_alerts(session, standing, voice),
        changes=_changes(session, standing, voice),
        audits=audits.listed(session, standing.kpi.workspace_id, limit=5),
    )


def subjects(standing: Standing) -> tuple[str, str]:
    """How alerts call the KPI, and its figure in its scope."""
    scope = scope_from(standing.kpi.scope)
    where = scope.kind if scope.id is None else f"{scope.kind}:{scope.id}"
    return f"kpi:{standing.kpi.id}", f"{where}:{standing.definition.key}"


def _alerts(session: Session, standing: Standing, voice: Voice) -> list[AlertShown]:
    rows = alerts.about(session, standing.kpi.workspace_id, subjects(standing), limit=LISTED)
    return [
        AlertShown(
            row.opened_at,
            rule_name(Rule(row.rule)).said(voice.language),
            words_of(row, language=voice.language, zone=voice.zone).what,
            row.closed_at is None,
            row.is_good,
        )
        for row in rows
    ]


def _changes(session: Session, standing: Standing, voice: Voice) -> list[ChangeShown]:
    rows = changes_of(session, "kpi", standing.kpi.id)[-LISTED:]
    names = people.names(session, [row.person_id for row in rows if row.person_id is not None])
    return [
        ChangeShown(
            row.at, voice.gettext(_DONE.get(row.what, row.what)), names.get(row.person_id or 0, "Tabuh")
        )
        for row in reversed(rows)
    ]
