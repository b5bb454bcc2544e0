"""Alerts from findings: opened once, open while they hold, closed by themselves, and told.

Within its cool-down an alert that holds again is opened again without a word, so that nobody is told twice.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from analytics.alarms.shifts import RECENT
from domain.alert_words import Told, rule_name, told
from domain.alerts import COOL_DOWN, FIGURE_RULES, Closing, Finding, Rule, group_of
from domain.ids import new_id
from domain.sentence import Words
from domain.telling import Notice
from scheduler.telling import LANGUAGES, tell
from store import alerts, subjects
from store.tables import AlertMute, AlertRow, Workspace

#: The longest cool-down; what held before that is forgotten.
_LONGEST: Final = max(COOL_DOWN.values())


def settle(
    session: Session,
    workspace: Workspace,
    findings: Iterable[Finding],
    *,
    rules: Collection[Rule],
    now: datetime,
) -> list[AlertRow]:
    """Open, keep and close a workspace's alerts by what was found; its caller commits.

    Args:
        rules: those that were looked for: open alerts of theirs that were not found again are closed.

    Returns:
        The alerts that were opened, and told.
    """
    muted = alerts.mutes(session, workspace.id, now=now)
    rows = {_key(row.rule, row.subject): row for row in alerts.open_ones(session, workspace.id)}
    rested = alerts.closed_since(session, workspace.id, since=now - _LONGEST)
    opened, held = [], set[tuple[str, str]]()
    for finding in findings:
        key = _key(finding.rule, finding.subject)
        if key in held or is_muted(muted, finding.rule, finding.subject):
            continue
        held.add(key)
        if key in rows:
            _go_on(session, rows[key], finding, now=now)
            continue
        before = rested.get(key)
        if before is not None and now - before.held_at <= COOL_DOWN.get(finding.rule, timedelta(0)):
            before.closed_at = before.closed_because = None
            _go_on(session, before, finding, now=now)
            continue
        opened.append(_open(session, workspace, finding, now=now))
    wanted = {str(rule) for rule in rules}
    for key, row in rows.items():
        if row.rule in wanted and key not in held:
            because = _because(session, row, muted, now=now)
            close(session, workspace, row, because=because, now=now)
    return opened


def _key(rule: str, subject: str) -> tuple[str, str]:
    """Days and shifts of one figure are one alert, which changes from the one to the other."""
    return ("figure" if rule in FIGURE_RULES else str(rule), subject)


def is_muted(muted: Sequence[AlertMute], rule: str, subject: str) -> bool:
    """Whether a person wants no alerts of this rule about this subject, or of either."""
    return any(
        (not one.rule or one.rule == rule)
        and (not one.subject or subject == one.subject or subject.startswith(f"{one.subject}:"))
        for one in muted
    )


def _open(session: Session, workspace: Workspace, finding: Finding, *, now: datetime) -> AlertRow:
    row = AlertRow(
        id=new_id(),
        workspace_id=workspace.id,
        rule=finding.rule,
        subject=finding.subject,
        name=finding.name[:300],
        facts=dict(finding.facts),
        is_good=finding.is_good,
        since=finding.since,
        opened_at=now,
        held_at=now,
    )
    session.add(row)
    session.flush()
    tell(session, workspace.id, notice_of(workspace, row, "opened"), now=now)
    return row


def _go_on(session: Session, row: AlertRow, finding: Finding, *, now: datetime) -> None:
    """It holds still: what it says is brought up to date, and since when stays."""
    row.held_at, row.facts, row.name = now, dict(finding.facts), finding.name[:300]
    row.rule, row.is_good = finding.rule, finding.is_good
    row.since = min(row.since, finding.since)
    session.add(row)


def _because(session: Session, row: AlertRow, muted: Sequence[AlertMute], *, now: datetime) -> Closing:
    if is_muted(muted, row.rule, row.subject):
        return Closing.MUTED
    match subjects.state(session, row.workspace_id, row.subject):
        case subjects.State.REMOVED:
            return Closing.REMOVED
        case subjects.State.PAUSED:
            return Closing.PAUSED
    if row.rule == Rule.FIGURE_SHIFT and now - row.since >= timedelta(days=RECENT):
        return Closing.NEW_USUAL
    return Closing.OVER


def close(session: Session, workspace: Workspace, row: AlertRow, *, because: Closing, now: datetime) -> None:
    """Close an alert and tell programs so; people see it in the list."""
    row.closed_at, row.closed_because = now, because
    session.add(row)
    tell(session, workspace.id, notice_of(workspace, row, "closed"), now=now, people=False)


def words_of(row: AlertRow, *, language: str, zone: str) -> Told:
    """What an alert says in one language."""
    closed = Closing(row.closed_because) if row.closed_because else None
    return told(
        Rule(row.rule), row.name, row.facts, since=row.since, closed=closed, language=language,
        where=ZoneInfo(zone),
    )  # fmt: skip


def parts(words: Told) -> dict[str, str]:
    """What an alert says, part by part, for programs."""
    return {
        "what": words.what, "unusual": words.unusual, "since": words.since, "cause": words.cause,
        "action": words.action, "command": words.command, "closing": words.closing,
    }  # fmt: skip


def notice_of(workspace: Workspace, row: AlertRow, what: str) -> Notice:
    """What is told when an alert is ``opened`` or ``closed``."""
    said = {language: words_of(row, language=language, zone=workspace.zone) for language in LANGUAGES}
    english, indonesian = (said[language] for language in LANGUAGES)
    title = rule_name(Rule(row.rule))
    return Notice(
        key=f"alert:{row.id}:{what}",
        kind=f"alert.{what}",
        group=group_of(Rule(row.rule)),
        subject=Words(*(f"{title.said(language)}: {row.name}" for language in LANGUAGES)),
        text=Words(english.text, indonesian.text),
        facts={
            "alert_id": str(row.id),
            "rule": row.rule,
            "subject": row.subject,
            "name": row.name,
            "is_good": row.is_good,
            "since": row.since.isoformat(),
            "closed_because": row.closed_because,
            "found": row.facts,
            "told": {language: parts(words) for language, words in said.items()},
        },
        link=english.link or "/alerts",
    )
