"""Whether the scheduler itself stands still: asked at its start, and by the pages, which it does not feed."""

import threading
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError

from domain.alerts import Finding, Rule
from scheduler import alerting
from scheduler.context import Context
from store import alerts, installation
from store.engine import reading, writing
from store.people import all_workspaces

log = structlog.get_logger()

#: A beat is written every minute; after so long without one nobody works. With cron, beats are as far apart
#: as its calls.
STILL: Final = timedelta(minutes=15)
#: A gap before a start is told from this length on: an update of the machine is shorter.
GAP: Final = timedelta(minutes=30)
RULES: Final = frozenset({Rule.SCHEDULER_STOPPED})
_SUBJECT: Final = "installation"
_ASK_EVERY: Final = timedelta(minutes=1)


def note_start(context: Context) -> None:
    """Tell every workspace of the gap before this start, if there was one; before the first beat."""
    now = context.clock()
    with reading(context.engine) as session:
        last = installation.last_beat(session)
    if last is None or now - last < GAP:
        return
    facts = {
        "last_at": last.isoformat(), "until": now.isoformat(),
        "hours": round((now - last) / timedelta(hours=1), 1),
    }  # fmt: skip
    _settle(context, [_finding(facts, since=last)], now=now)


def note_run(context: Context) -> None:
    """The scheduler works: alerts that said otherwise are closed, a while after they were told."""
    now = context.clock()
    with reading(context.engine) as session:
        ids = [row.id for row in all_workspaces(session)]
        is_open = any(
            row.rule in RULES and now - row.opened_at >= GAP
            for workspace_id in ids
            for row in alerts.open_ones(session, workspace_id)
        )
    if is_open:
        _settle(context, [], now=now)


class Asker:
    """Asks from time to time whether the scheduler stands still; for the pages, which any thread may show."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._asked_at: datetime | None = None
        self._lock = threading.Lock()

    def ask(self) -> None:
        """Open an alert when the last beat is long ago; asked at most once a minute."""
        now = self._context.clock()
        with self._lock:
            if self._asked_at is not None and now - self._asked_at < _ASK_EVERY:
                return
            self._asked_at = now
        with reading(self._context.engine) as session:
            last = installation.last_beat(session)
        if last is not None and now - last >= STILL:
            finding = _finding({"variant": "now", "last_at": last.isoformat()}, since=last)
            _settle(self._context, [finding], now=now)


def _finding(facts: dict[str, object], *, since: datetime) -> Finding:
    return Finding(rule=Rule.SCHEDULER_STOPPED, subject=_SUBJECT, name="Tabuh", facts=facts, since=since)


def _settle(context: Context, findings: list[Finding], *, now: datetime) -> None:
    try:
        with writing(context.engine) as session:
            for workspace in all_workspaces(session):
                alerting.settle(session, workspace, findings, rules=RULES, now=now)
            session.commit()
    except IntegrityError:  # another machine has told of it in this moment
        log.info("standstill_told_elsewhere")
