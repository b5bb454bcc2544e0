"""The KPI guide's versions, the links to it, and who has read which version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from domain.errors import NotFound
from store import secret_links
from store.tables import (
    Change,
    GuideLink,
    GuideReceipt,
    GuideSection,
    GuideVersion,
    Kpi,
    KpiComment,
    KpiVersion,
    Workspace,
)
from store.upsert import insert_or_leave

#: Verbs of `scheduler.kpis.note` that change what the guide says.
_SUBSTANTIAL = ("added", "changed", "closed")


def lock(session: Session, workspace_id: int) -> None:
    """Let nobody else write a version of this workspace's guide until the transaction ends.

    Rows that refer to the workspace may be written meanwhile.
    """
    query = select(col(Workspace.id)).where(col(Workspace.id) == workspace_id)
    session.scalar(query.with_for_update(key_share=True))


def last(session: Session, workspace_id: int) -> GuideVersion | None:
    """The newest version; None: there is none yet."""
    query = select(GuideVersion).where(col(GuideVersion.workspace_id) == workspace_id)
    return session.scalar(query.order_by(col(GuideVersion.number).desc()).limit(1))


def version(session: Session, workspace_id: int, number: int) -> GuideVersion:
    """One version. Raises `NotFound` when the workspace's guide has none by that number."""
    query = select(GuideVersion).where(
        col(GuideVersion.workspace_id) == workspace_id, col(GuideVersion.number) == number
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(
            f"The KPI guide has no version {number}. `tabuh kpi guide versions` shows those there are."
        )
    return found


def versions(
    session: Session, workspace_id: int, *, limit: int, before: int | None = None
) -> Sequence[GuideVersion]:
    """Versions, newest first; ``before`` goes on behind a version's number."""
    query = select(GuideVersion).where(col(GuideVersion.workspace_id) == workspace_id)
    if before is not None:
        query = query.where(col(GuideVersion.number) < before)
    return session.scalars(query.order_by(col(GuideVersion.number).desc()).limit(limit)).all()


def sections(session: Session, row: GuideVersion) -> Sequence[GuideSection]:
    """The sections of a version in their order."""
    query = select(GuideSection).where(
        col(GuideSection.workspace_id) == row.workspace_id, col(GuideSection.id).in_(row.sections)
    )
    by_id = {one.id: one for one in session.scalars(query)}
    return [by_id[key] for key in row.sections if key in by_id]


def workspaces(session: Session) -> Sequence[int]:
    """Workspaces that have KPIs, or had when a version was frozen."""
    with_kpis = select(col(Kpi.workspace_id)).distinct()
    return session.scalars(select(col(Workspace.id)).where(col(Workspace.id).in_(with_kpis))).all()


def last_changes(session: Session, workspace_id: int, ids: Sequence[int]) -> Mapping[int, Change]:
    """The newest change of each of these KPIs that touched what the guide says."""
    query = (
        select(Change)
        .where(
            col(Change.workspace_id) == workspace_id,
            col(Change.subject) == "kpi",
            col(Change.subject_id).in_(ids),
            col(Change.what).in_(_SUBSTANTIAL),
        )
        .order_by(col(Change.at), col(Change.id))
    )
    return {one.subject_id: one for one in session.scalars(query)}


def history(session: Session, ids: Sequence[int]) -> Mapping[int, list[KpiVersion]]:
    """How these KPIs were changed, newest first."""
    query = select(KpiVersion).where(col(KpiVersion.kpi_id).in_(ids))
    found: dict[int, list[KpiVersion]] = {}
    for row in session.scalars(query.order_by(col(KpiVersion.version).desc())):
        found.setdefault(row.kpi_id, []).append(row)
    return found


def comments(session: Session, ids: Sequence[int]) -> Mapping[int, int]:
    """How many comments these KPIs have; those without are absent."""
    query = (
        select(col(KpiComment.kpi_id), func.count())
        .where(col(KpiComment.kpi_id).in_(ids))
        .group_by(col(KpiComment.kpi_id))
    )
    return {key: int(number) for key, number in session.execute(query)}


def link(session: Session, workspace_id: int, link_id: int) -> GuideLink:
    """The link. Raises `NotFound` when the workspace has none by that number, or it was revoked."""
    found = secret_links.one(session, GuideLink, workspace_id, link_id)
    if found is None:
        raise NotFound(
            f"There is no link {link_id} to the KPI guide. `tabuh kpi guide links` shows those there are."
        )
    return found


def links(session: Session, workspace_id: int) -> Sequence[GuideLink]:
    """The links that were not revoked, oldest first."""
    return secret_links.open_ones(session, GuideLink, workspace_id)


def by_token(session: Session, token: str, *, now: datetime) -> tuple[GuideLink, GuideVersion]:
    """The link at a secret address, and the version that it shows.

    Raises:
        NotFound: there is none, it was revoked, it has ended, or there is nothing to show.
    """
    found = secret_links.by_token(session, GuideLink, token, now=now, what="KPI guide")
    if found.number is not None:
        return found, version(session, found.workspace_id, found.number)
    newest = last(session, found.workspace_id)
    assert newest is not None, "a link is made of a guide that has a version, and versions stay"
    return found, newest


def receive(session: Session, row: GuideReceipt) -> bool:
    """Keep a receipt; False when the same reader gave it for this version before."""
    values = {name: getattr(row, name) for name in GuideReceipt.model_fields}
    return insert_or_leave(session, GuideReceipt, [values]) == 1


def receipts(session: Session, workspace_id: int, number: int) -> Sequence[GuideReceipt]:
    """Who said to have read a version, first to last."""
    query = select(GuideReceipt).where(
        col(GuideReceipt.workspace_id) == workspace_id, col(GuideReceipt.number) == number
    )
    return session.scalars(query.order_by(col(GuideReceipt.at), col(GuideReceipt.id))).all()


def said_on(session: Session, link_id: int, number: int) -> int:
    """How many readers of a link said to have read a version."""
    query = select(func.count()).where(
        col(GuideReceipt.link_id) == link_id, col(GuideReceipt.number) == number
    )
    return int(session.scalar(query) or 0)


@dataclass(frozen=True, slots=True)
class Read:
    """The newest version that a member has read, and when."""

    number: int
    at: datetime


def read_by(session: Session, workspace_id: int) -> Mapping[int, Read]:
    """The newest version that each member has read; those who read none are absent."""
    query = (
        select(col(GuideReceipt.person_id), col(GuideReceipt.number), col(GuideReceipt.at))
        .where(col(GuideReceipt.workspace_id) == workspace_id, col(GuideReceipt.person_id).is_not(None))
        .order_by(col(GuideReceipt.number))
    )
    return {int(person): Read(int(number), at) for person, number, at in session.execute(query)}


def unread(session: Session, workspace_id: int, person_id: int) -> int:
    """The newest version's number where a member has not confirmed it; 0: there is none, or it is read."""
    newest = last(session, workspace_id)
    if newest is None or not newest.sections:
        return 0
    query = select(col(GuideReceipt.id)).where(
        col(GuideReceipt.workspace_id) == workspace_id,
        col(GuideReceipt.number) == newest.number,
        col(GuideReceipt.person_id) == person_id,
    )
    return 0 if session.scalar(query) is not None else newest.number


def unread_since(session: Session, workspace_id: int, read: int) -> datetime | None:
    """When the first version behind a number was frozen; None: there is none."""
    query = select(func.min(col(GuideVersion.at))).where(
        col(GuideVersion.workspace_id) == workspace_id, col(GuideVersion.number) > read
    )
    found = session.scalar(query)
    return found if isinstance(found, datetime) else None


def owed(session: Session, *, before: datetime) -> Sequence[GuideVersion]:
    """Newest versions that stand since then, of which nobody was reminded yet."""
    newest = (
        select(col(GuideVersion.workspace_id), func.max(col(GuideVersion.number)).label("number"))
        .group_by(col(GuideVersion.workspace_id))
        .subquery()
    )
    query = (
        select(GuideVersion)
        .join(
            newest,
            (newest.c.workspace_id == col(GuideVersion.workspace_id))
            & (newest.c.number == col(GuideVersion.number)),
        )
        .where(col(GuideVersion.at) <= before, col(GuideVersion.reminded_at).is_(None))
        .order_by(col(GuideVersion.id))
    )
    return session.scalars(query).all()


def note_reminded(session: Session, version_id: int, *, now: datetime) -> bool:
    """Remember that readers were reminded of a version; False when somebody did it before."""
    query = (
        update(GuideVersion)
        .where(col(GuideVersion.id) == version_id, col(GuideVersion.reminded_at).is_(None))
        .values(reminded_at=now)
    )
    return session.connection().execute(query).rowcount == 1
