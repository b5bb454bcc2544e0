"""The KPI guide writes itself: a version is frozen when its substance changed, and is recalled until read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel import Session

from domain.guide import (
    ChangeKind,
    Guide,
    GuideChange,
    Head,
    Section,
    changes,
    frozen,
    thawed,
)
from domain.ids import new_id
from domain.sentence import Words
from domain.telling import Group, Notice
from scheduler.context import Context
from scheduler.guide_sections import Writing, seen
from scheduler.measuring import supplies
from scheduler.telling import tell
from store import audits, guides, kpis, people
from store.engine import reading, writing
from store.tables import AuditRow, Change, GuideSection, GuideVersion, Kpi, Workspace

log = structlog.get_logger()

#: How often it is looked whether something changed that no command of ours did, such as a new formula.
LOOK_EVERY: Final = timedelta(minutes=5)
#: So long a version stands before those who have not read it are reminded, once.
REMIND_AFTER: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class _Look:
    """What the guide would say now, beside what its newest version says."""

    last: GuideVersion | None
    #: Rows of the newest version's sections, by KPI.
    kept: dict[int, GuideSection]
    #: What they say.
    old: dict[int, Section]
    sections: list[Section]
    rows: Sequence[Kpi]
    audit: AuditRow | None
    changed: list[GuideChange]
    head: Head


def renew(context: Context, workspace_id: int) -> GuideVersion | None:
    """Freeze a new version if the substance changed since the last; the newest version, None: there is none.

    Safe to be called at any time and from anywhere: it does nothing where nothing changed.
    """
    with reading(context.engine) as session:
        write = _writing(context, session, workspace_id)
        look = _look(session, write)
        if not look.changed:
            return look.last
        ids = {one.kpi_id for one in look.changed if one.kind in (ChangeKind.ADDED, ChangeKind.CHANGED)}
        wanted = [one for one in look.sections if one.kpi_id in ids or one.kpi_id not in look.kept]
        new = write.whole(wanted, look.rows, look.audit)
        told = _signed(session, workspace_id, look)
    with writing(context.engine) as session:
        guides.lock(session, workspace_id)
        last = guides.last(session, workspace_id)
        if (last.number if last else 0) != (look.last.number if look.last else 0):
            return last  # somebody else has just frozen one; the next look sees whether it says all
        row = _freeze(session, workspace_id, look, new, told, now=write.now)
        session.commit()
    return row


def follow(context: Context, workspace_id: int) -> None:
    """`renew` after a change that is saved: what goes wrong here undoes nothing and is tried again."""
    try:
        renew(context, workspace_id)
    except Exception:
        log.exception("guide_not_renewed", workspace_id=workspace_id)


def _writing(context: Context, session: Session, workspace_id: int) -> Writing:
    return Writing(session, workspace_id, supplies(context, session, workspace_id), context.clock())


def _look(session: Session, write: Writing) -> _Look:
    workspace_id = write.workspace_id
    last = guides.last(session, workspace_id)
    rows = kpis.listed(session, workspace_id)
    kept = {one.kpi_id: one for one in guides.sections(session, last)} if last else {}
    old: dict[int, Section] = {key: thawed(one.body) for key, one in kept.items()}
    was: Head | None = thawed(last.head) if last else None
    audit = audits.last(session, workspace_id)
    now = write.plain(rows)
    workspace = session.get_one(Workspace, workspace_id)
    # A guide without a KPI begins with the first one, not with an audit.
    changed = (
        changes(
            list(old.values()), now,
            before=was.audit if was else None, after=seen(audit) if last else None,
        )
        if last or now
        else []
    )  # fmt: skip
    head = Head(
        workspace=workspace.name, zone=workspace.zone, simulated=workspace.simulated, audit=seen(audit)
    )
    return _Look(last, kept, old, now, rows, audit, changed, head)


def _signed(session: Session, workspace_id: int, look: _Look) -> list[GuideChange]:
    """The changes with who made them, when and why, as far as that was recorded since the last version."""
    ids = [one.kpi_id for one in look.changed if one.kpi_id]
    acts = guides.last_changes(session, workspace_id, ids)
    history = guides.history(session, ids)
    makers = [act.person_id for act in acts.values() if act.person_id is not None]
    if look.audit is not None and look.audit.made_by is not None:
        makers.append(look.audit.made_by)
    names = people.names(session, makers)
    found = []
    for one in look.changed:
        if one.kind is ChangeKind.AUDIT:
            maker = look.audit.made_by if look.audit else None
            found.append(replace(one, who=names.get(maker or 0, "")))
            continue
        act = acts.get(one.kpi_id)
        if act is None or not _is_new(act, one, look):
            found.append(one)
            continue
        because = next((row.because for row in history.get(one.kpi_id, ()) if row.at == act.at), "")
        found.append(replace(one, who=names.get(act.person_id or 0, ""), at=act.at, because=because))
    return found


def _is_new(act: Change, change: GuideChange, look: _Look) -> bool:
    """Whether what was recorded came after the newest version, and so is what made the change."""
    if look.last is None or act.at > look.last.at or change.kind is not ChangeKind.CHANGED:
        return True
    was = look.old[change.kpi_id].kpi_version
    return any(one.kpi_id == change.kpi_id and one.kpi_version > was for one in look.sections)


def _freeze(
    session: Session, workspace_id: int, look: _Look, new: Sequence[Section], told: Sequence[GuideChange], *,
    now: datetime,
) -> GuideVersion:  # fmt: skip
    made = {
        one.kpi_id: GuideSection(
            id=new_id(), workspace_id=workspace_id, kpi_id=one.kpi_id, at=now, body=frozen(one)
        )
        for one in new
    }
    session.add_all(made.values())
    places = {**look.kept, **made}
    row = GuideVersion(
        id=new_id(),
        workspace_id=workspace_id,
        number=(look.last.number if look.last else 0) + 1,
        at=now,
        head=frozen(look.head),
        sections=[places[one.kpi_id].id for one in look.sections],
        changes=frozen(tuple(told)),
    )
    session.add(row)
    return row


def look_after(context: Context) -> None:
    """Renew each workspace's guide and remind of it what was not read; one's failure stops no other."""
    with reading(context.engine) as session:
        found = guides.workspaces(session)
    for workspace_id in found:
        follow(context, workspace_id)
    remind(context)


def as_of_now(context: Context, session: Session, workspace_id: int) -> Guide:
    """The guide with its coverage counted now; call `renew` before, so that its number is right."""
    write = _writing(context, session, workspace_id)
    look = _look(session, write)
    told: tuple[GuideChange, ...] = thawed(look.last.changes) if look.last else ()
    return Guide(
        number=look.last.number if look.last else 0,
        frozen_at=look.last.at if look.last else None,
        at=write.now,
        head=look.head,
        sections=tuple(write.whole(look.sections, look.rows, look.audit)),
        changes=told,
    )


def as_frozen(session: Session, row: GuideVersion) -> Guide:
    """A version as it was frozen."""
    newest = guides.last(session, row.workspace_id)
    return Guide(
        number=row.number,
        frozen_at=row.at,
        at=row.at,
        head=thawed(row.head),
        sections=tuple(thawed(one.body) for one in guides.sections(session, row)),
        changes=thawed(row.changes),
        current=newest is not None and newest.number == row.number,
    )


def remind(context: Context) -> None:
    """Remind those who have not read the newest version of a guide, once for each version."""
    now = context.clock()
    with reading(context.engine) as session:
        owed = guides.owed(session, before=now - REMIND_AFTER)
    for version in owed:
        with writing(context.engine) as session:
            if guides.note_reminded(session, version.id, now=now):
                _tell(session, version, now=now)
                session.commit()


def waits(session: Session, workspace_id: int, person_id: int, *, now: datetime) -> int:
    """The newest version's number where its reminder is due and a member has not read it; else 0."""
    row = guides.last(session, workspace_id)
    if row is None or row.at > now - REMIND_AFTER or len(people.members(session, workspace_id)) < 2:
        return 0
    return guides.unread(session, workspace_id, person_id)


def _tell(session: Session, version: GuideVersion, *, now: datetime) -> None:
    workspace = session.get_one(Workspace, version.workspace_id)
    read = {one.person_id for one in guides.receipts(session, version.workspace_id, version.number)}
    members = people.members(session, version.workspace_id)
    unread = {key: name for key, name in members.items() if key not in read}
    # Whoever works alone has written all of it.
    if workspace.simulated or not unread or not version.sections or len(members) < 2:
        return
    values = {"number": version.number, "name": workspace.name, "day": f"{version.at:%Y-%m-%d}"}
    notice = Notice(
        key=f"guide:{version.id}:unread",
        kind="guide.unread",
        group=Group.KPIS,
        subject=Words(
            "{name}: version {number} of the KPI guide waits to be read".format(**values),
            "{name}: panduan KPI versi {number} menunggu dibaca".format(**values),
        ),
        text=Words(
            "Version {number} of the KPI guide stands since {day}, and you have not confirmed that you read "
            "it. Read it under KPIs, KPI guide, and confirm it there.".format(**values),
            "Panduan KPI versi {number} berlaku sejak {day}, dan Anda belum menyatakan telah membacanya. "
            "Bacalah di KPI, Panduan KPI, lalu nyatakan di sana.".format(**values),
        ),
        facts={"version": version.number, "unread": len(unread)},
        link="/kpis/guide",
    )
    tell(session, version.workspace_id, notice, now=now, only=unread)
