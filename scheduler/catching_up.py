"""What is open is told to whom it could not be told before: an address was set, or a way switched on.

Each alert is told once to each: what somebody was told, or is about to be told, is not told again.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from domain.alerts import Rule, group_of
from domain.schedule import zone
from domain.telling import send_at
from scheduler.alerting import is_muted, notice_of
from scheduler.telling import to_endpoint, to_person, written
from store import alerts, telling
from store.tables import AlertRow, Endpoint, NoticeRow, Workspace


def tell_person(session: Session, workspace_id: int, person_id: int, *, now: datetime) -> int:
    """Plan what a person has not been told of the open alerts, together if they are several; how many.

    What was put off, and what this person has seen, is left out. A delivery that was given up is tried again,
    and one that waits goes where the person reads mail now.
    """
    workspace = telling.workspace(session, workspace_id)
    reader = next((one for one in telling.readers(session, workspace_id) if one.person.id == person_id), None)
    if reader is None or not reader.person.email:
        return 0
    telling.send_elsewhere(session, person_id, reader.person.email)
    at = send_at(reader.wish, now=now, where=zone(workspace.zone))
    new = []
    for row, notice in _open(session, workspace, now=now):
        is_off = row.snoozed_until is not None and row.snoozed_until > now
        if is_off or row.seen_by == person_id or not reader.wish.wants(group_of(Rule(row.rule))):
            continue
        if not telling.tell_again(session, notice.id, person_id=person_id, at=at):
            new.append(notice)
    to_person(session, workspace, new, reader, now=now)
    return len(new)


def tell_endpoint(session: Session, endpoint: Endpoint, *, now: datetime) -> int:
    """Plan what an endpoint has not been told of the open alerts, each by itself; how many."""
    workspace = telling.workspace(session, endpoint.workspace_id)
    new = 0
    for _, notice in _open(session, workspace, now=now):
        if telling.tell_again(session, notice.id, endpoint_id=endpoint.id, at=now):
            continue
        new += to_endpoint(session, workspace, notice, endpoint, now=now)
    return new


def _open(session: Session, workspace: Workspace, *, now: datetime) -> Iterator[tuple[AlertRow, NoticeRow]]:
    """The open alerts that are not muted, the oldest first, each with the notice that it opened."""
    muted = alerts.mutes(session, workspace.id, now=now)
    for row in reversed(alerts.open_ones(session, workspace.id)):
        if not is_muted(muted, row.rule, row.subject):
            notice = written(workspace.id, notice_of(workspace, row, "opened"), now=now)
            yield row, telling.kept_notice(session, notice)
