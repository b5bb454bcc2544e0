"""KPIs and what they stood at."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from domain.errors import NotFound
from store import answers
from store.chunks import chunks
from store.tables import Kpi, KpiComment, KpiReading, KpiVersion, Route, RouteFeed, Workspace

_Other = aliased(KpiReading)
#: What is written together is of one moment, the last period last.
_NEWEST = (col(KpiReading.at).desc(), col(KpiReading.id).desc())


def get(session: Session, workspace_id: int, kpi_id: int) -> Kpi:
    """The KPI. Raises `NotFound` when this workspace has none by that number."""
    query = select(Kpi).where(col(Kpi.id) == kpi_id, col(Kpi.workspace_id) == workspace_id)
    return _one(session.scalars(query).first(), str(kpi_id))


def named(session: Session, workspace_id: int, name: str) -> Kpi:
    """The KPI by its name. Raises `NotFound` when this workspace has none called so."""
    query = select(Kpi).where(col(Kpi.name) == name, col(Kpi.workspace_id) == workspace_id)
    return _one(session.scalars(query).first(), name)


def known_as(session: Session, workspace_id: int, word: str) -> Kpi:
    """The KPI by its name, else by its number. Raises `NotFound` when this workspace has none so."""
    is_number = word.isascii() and word.isdecimal() and len(word) < 19
    if is_number and not is_taken(session, workspace_id, word):
        return get(session, workspace_id, int(word))
    return named(session, workspace_id, word)


def _one(found: Kpi | None, which: str) -> Kpi:
    if found is None:
        raise NotFound(f"There is no KPI {which!r}. `tabuh kpi list` shows those there are.")
    return found


def is_taken(session: Session, workspace_id: int, name: str, *, but: int | None = None) -> bool:
    """Whether the workspace has a KPI of that name, open or closed, other than ``but``."""
    query = select(col(Kpi.id)).where(col(Kpi.name) == name, col(Kpi.workspace_id) == workspace_id)
    return any(found != but for found in session.scalars(query))


def listed(
    session: Session, workspace_id: int, *, closed: bool = False, skip: int = 0, limit: int | None = None
) -> Sequence[Kpi]:
    """The workspace's KPIs, oldest first, or some of them; the closed ones too when ``closed``."""
    query = select(Kpi).where(col(Kpi.workspace_id) == workspace_id).order_by(col(Kpi.id))
    query = query.offset(skip).limit(limit)
    if not closed:
        query = query.where(col(Kpi.closed_at).is_(None))
    return session.scalars(query).all()


def readings(session: Session, kpi_id: int, *, period_start: date) -> Sequence[KpiReading]:
    """What a KPI stood at in one period: the last reading of each day (UTC), oldest first."""
    within = (col(KpiReading.kpi_id) == kpi_id, col(KpiReading.period_start) == period_start)
    last = select(func.max(col(KpiReading.at))).where(*within).group_by(func.date(col(KpiReading.at)))
    query = select(KpiReading).where(*within, col(KpiReading.at).in_(last)).order_by(col(KpiReading.at))
    return session.scalars(query).all()


def outcomes(session: Session, kpi_id: int) -> Sequence[KpiReading]:
    """The last reading of each period of a KPI, oldest first: how its periods ended."""
    of_kpi = col(KpiReading.kpi_id) == kpi_id
    last = select(func.max(col(KpiReading.id))).where(of_kpi).group_by(col(KpiReading.period_start))
    query = select(KpiReading).where(of_kpi, col(KpiReading.id).in_(last))
    return session.scalars(query.order_by(col(KpiReading.period_start))).all()


def versions(session: Session, kpi_id: int) -> Sequence[KpiVersion]:
    """How a KPI was changed, newest first."""
    query = select(KpiVersion).where(col(KpiVersion.kpi_id) == kpi_id)
    return session.scalars(query.order_by(col(KpiVersion.version).desc())).all()


def versions_between(
    session: Session, workspace_id: int, *, start: datetime, end: datetime
) -> Sequence[tuple[Kpi, KpiVersion]]:
    """The changes of a workspace's KPIs in [start, end), oldest first."""
    query = (
        select(Kpi, KpiVersion)
        .join(KpiVersion, col(KpiVersion.kpi_id) == col(Kpi.id))
        .where(
            col(Kpi.workspace_id) == workspace_id,
            col(KpiVersion.at) >= start,
            col(KpiVersion.at) < end,
        )
        .order_by(col(KpiVersion.at), col(KpiVersion.id))
    )
    return [(kpi, version) for kpi, version in session.exec(query)]


def comments(session: Session, kpi_id: int) -> Sequence[KpiComment]:
    """What people said about a KPI, oldest first."""
    query = select(KpiComment).where(col(KpiComment.kpi_id) == kpi_id)
    return session.scalars(query.order_by(col(KpiComment.at), col(KpiComment.id))).all()


def foretold(session: Session, kpi_id: int) -> Sequence[tuple[date, datetime, float, str]]:
    """The last reading with a chance of each day (UTC), oldest first: (period, when, chance, status)."""
    known = (col(KpiReading.kpi_id) == kpi_id, col(KpiReading.chance).is_not(None))
    day = func.date(col(KpiReading.at))
    last = select(func.max(col(KpiReading.id))).where(*known).group_by(col(KpiReading.period_start), day)
    query = select(KpiReading).where(col(KpiReading.id).in_(last)).order_by(col(KpiReading.at))
    found = session.scalars(query)
    return [(one.period_start, one.at, one.chance or 0.0, one.status) for one in found]


def reading_before(session: Session, kpi_id: int, at: datetime, *, period_start: date) -> KpiReading | None:
    """The last reading of a period at or before an instant; None: there is none."""
    query = select(KpiReading).where(
        col(KpiReading.kpi_id) == kpi_id,
        col(KpiReading.period_start) == period_start,
        col(KpiReading.at) <= at,
    )
    return session.scalars(query.order_by(col(KpiReading.at).desc()).limit(1)).first()


@answers.remembered
def last_reading(session: Session, kpi_id: int) -> KpiReading | None:
    """What a KPI stood at when it was last evaluated; None: it never was."""
    query = select(KpiReading).where(col(KpiReading.kpi_id) == kpi_id).order_by(*_NEWEST)
    return session.scalars(query.limit(1)).first()


def hold_last_readings(session: Session, kpi_ids: Sequence[int]) -> None:
    """Where answers are kept: `last_reading` of all of these at once."""
    for chunk in chunks(kpi_ids):
        newest = (
            select(col(_Other.id))
            .where(col(_Other.kpi_id) == col(Kpi.id))
            .order_by(col(_Other.at).desc(), col(_Other.id).desc())
            .limit(1)
            .correlate(Kpi)
            .scalar_subquery()
        )
        mine = select(newest).where(col(Kpi.id).in_(chunk)).scalar_subquery()
        found = {
            one.kpi_id: one for one in session.scalars(select(KpiReading).where(col(KpiReading.id).in_(mine)))
        }
        for kpi_id in chunk:
            answers.tell(session, last_reading, kpi_id, answer=found.get(kpi_id))


def reading_channels(session: Session, feed_id: int) -> frozenset[int]:
    """The channels on which routes publish what they read from a feed."""
    query = (
        select(col(Route.channel_id))
        .join(RouteFeed, col(RouteFeed.route_id) == col(Route.id))
        .where(col(RouteFeed.feed_id) == feed_id)
    )
    return frozenset(session.scalars(query))


@answers.remembered
def week_start(session: Session, workspace_id: int) -> int:
    """The day on which the workspace's weeks begin; 0 is Monday."""
    query = select(col(Workspace.week_start)).where(col(Workspace.id) == workspace_id)
    return session.scalars(query).one()


def last_readings(session: Session, workspace_id: int) -> dict[int, KpiReading]:
    """The newest reading of each open KPI of a workspace, by KPI."""
    newest = (
        select(func.max(col(KpiReading.id)))
        .join(Kpi, col(Kpi.id) == col(KpiReading.kpi_id))
        .where(col(Kpi.workspace_id) == workspace_id, col(Kpi.closed_at).is_(None))
        .group_by(col(KpiReading.kpi_id))
    )
    query = select(KpiReading).where(col(KpiReading.id).in_(newest))
    return {reading.kpi_id: reading for reading in session.scalars(query)}
