"""Connectors: added with their key sealed, tried, read once a day with pauses after failures, removed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import structlog
from sqlmodel import Session

from domain.errors import BadStatus, TabuhError, UsageError
from domain.ids import new_id
from domain.period import day_at
from domain.schedule import instant, zone
from scheduler.connectors.base import DayTotal, Refused, Tool
from scheduler.connectors.ga4 import GoogleAnalytics
from scheduler.connectors.matomo import Matomo
from scheduler.connectors.plausible import Plausible
from scheduler.context import Context
from scheduler.import_rows import tool_rows
from store import brought, connectors, people, workspaces
from store.changes import Actor, record
from store.due import finish
from store.engine import reading, writing
from store.tables import Connector, ToolDay
from store.upsert import save_unique

log = structlog.get_logger()

TOOLS: Final[Mapping[str, Tool]] = {
    "ga4": GoogleAnalytics(), "plausible": Plausible(), "matomo": Matomo(),
}  # fmt: skip
#: How far back a new connector reads, and how many days are read anew each day: tools count late.
FIRST, AGAIN = timedelta(days=90), timedelta(days=4)
EVERY: Final = timedelta(days=1)
#: The pause after a first failure; it doubles up to a day.
PAUSE: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def tool_named(name: str) -> Tool:
    """The tool by its name. Raises `UsageError` when there is none."""
    found = TOOLS.get(name)
    if found is None:
        raise UsageError(f"There is no connector for {name!r}. Known: {', '.join(TOOLS)}.")
    return found


def add_connector(
    context: Context, workspace_id: int, *, name: str, tool: str, settings: Mapping[str, str], secret: str,
    actor: Actor,
) -> Connector:  # fmt: skip
    """Connect a tool after it was tried: it is read at once and then daily.

    Raises:
        UsageError: no such tool, a setting that is missing or not known, a key of another form, or a name
            that is taken.
        TabuhError: the tool cannot be read; nothing is kept.
    """
    known, now = tool_named(tool), context.clock()
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= 80:
        raise UsageError("Give the connector a name of 1 to 80 characters.")
    kept = {use: value.strip() for use, value in settings.items() if value.strip()}
    for use in kept.keys() - known.settings.keys():
        raise UsageError(f"{known.title} knows no setting {use!r}. It has: {', '.join(known.settings)}.")
    for use in [use for use, needed in known.settings.items() if needed and use not in kept]:
        raise UsageError(f"{known.title} needs the setting {use!r}.")
    sealed = known.check(kept, secret)
    _try(context, workspace_id, known, kept, sealed)
    row = Connector(
        id=new_id(), workspace_id=workspace_id, name=clean, tool=tool, settings=kept, credentials=b"",
        created_at=now, next_at=now,
    )  # fmt: skip
    row.credentials = context.seal.close(row.id, sealed)
    with writing(context.engine) as session:
        save_unique(
            session, row, otherwise=f"There is a connector called {clean!r} already: choose another name."
        )
        _note(session, row, "added", actor, now=now)
        session.commit()
    return row


def test_connector(context: Context, workspace_id: int, connector_id: int) -> int:
    """Read the last week without keeping it; how many rows came.

    Raises:
        NotFound: there is no such connector.
        TabuhError: it cannot be read, and what to do.
    """
    with reading(context.engine) as session:
        row = connectors.get(session, workspace_id, connector_id)
    sealed = context.seal.open(row.id, row.credentials)
    return _try(context, workspace_id, tool_named(row.tool), row.settings, sealed)


def _try(
    context: Context, workspace_id: int, tool: Tool, settings: Mapping[str, str], sealed: Mapping[str, object]
) -> int:
    last = _yesterday(context, workspace_id)
    found = tool.days(context.http, settings, sealed, first=last - 6 * _DAY, last=last, now=context.clock())
    return len(found)


def remove_connector(context: Context, workspace_id: int, connector_id: int, *, actor: Actor) -> Connector:
    """Read a tool no more; what it told stays. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        row = connectors.get(session, workspace_id, connector_id)
        _note(session, row, "removed", actor, now=now)
        session.delete(row)
        session.commit()
    return row


def read_connector(context: Context, row: Connector) -> None:
    """Read a claimed connector's days up to yesterday and keep what they tell; a failure is tried again."""
    now = context.clock()
    try:
        tool = tool_named(row.tool)
        sealed = context.seal.open(row.id, row.credentials)
        last = _yesterday(context, row.workspace_id)
        first = last - (AGAIN if row.last_read_at else FIRST)
        if row.last_read_at is not None:  # days that were missed are read too
            first = min(first, row.last_read_at.date() - AGAIN)
            first = max(first, last - FIRST)
        found = tool.days(context.http, row.settings, sealed, first=first, last=last, now=now)
    except TabuhError as error:
        _failed(context, row, error)
        return
    with writing(context.engine) as session:
        people.lock_workspace(session, row.workspace_id)
        home = workspaces.get(session, row.workspace_id).zone
        rows = rows_of(row, found, home=home, now=now)
        start, end = _noon(first, home) - _DAY / 2, _noon(last, home) + _DAY / 2
        where = {"tool": row.tool, "site": site_of(row), "file_id": None}
        brought.replace_span(session, ToolDay, row.workspace_id, rows, start=start, end=end, equal=where)
        if finish(session, row, next_at=now + EVERY, last_read_at=now, failures=0, last_error=None):
            session.commit()


def rows_of(
    row: Connector, found: Sequence[DayTotal], *, home: str, now: datetime
) -> list[dict[str, object]]:
    """A connector's totals as they are kept; those of the same source and day are added up."""
    made: dict[str, dict[str, object]] = {}
    title = tool_named(row.tool).title
    for one in found:
        for fresh in tool_rows(row.tool, site_of(row), one.day, _noon(one.day, home), one.values()):
            kept = made.setdefault(fresh["key"], {**fresh, "amount": 0})
            kept["amount"] = int(str(kept["amount"])) + fresh["amount"]
    return [{**one, "file_id": None, "source": title, "read_at": now} for one in made.values()]


def site_of(row: Connector) -> str:
    """What of the tool is read: its property or site."""
    return str(row.settings.get("property") or row.settings.get("site") or "")[:200]


def _failed(context: Context, row: Connector, error: TabuhError) -> None:
    now, failures = context.clock(), row.failures + 1
    log.warning("connector_not_read", connector=row.id, tool=row.tool, reason=str(error))
    pause = min(PAUSE * 2 ** min(failures - 1, 8), EVERY)
    if isinstance(error, Refused):
        pause = EVERY  # a person must mend it
    if isinstance(error, BadStatus) and error.retry_after is not None:
        pause = max(pause, error.retry_after)
    with writing(context.engine) as session:
        if finish(session, row, next_at=now + pause, failures=failures, last_error=str(error)[:500]):
            session.commit()


def _yesterday(context: Context, workspace_id: int) -> date:
    with reading(context.engine) as session:
        home = workspaces.get(session, workspace_id).zone
    return day_at(context.clock(), zone(home)) - _DAY


def _noon(day: date, home: str) -> datetime:
    return instant(datetime.combine(day, time(12)), zone(home))


def _note(session: Session, row: Connector, what: str, actor: Actor, *, now: datetime) -> None:
    record(
        session, actor, what, subject="connector", subject_id=row.id, workspace_id=row.workspace_id, now=now,
        after={"name": row.name, "tool": row.tool},
    )  # fmt: skip
