"""Notices and their deliveries, endpoints, and how people want to be told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, func, update
from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.ids import new_id
from domain.person import Role
from domain.telling import Group, Wish
from store.tables import Endpoint, Membership, NoticeRow, Person, Telling, TellingWish, ToldNotice, Workspace
from store.upsert import insert_or_change, insert_or_leave


@dataclass(frozen=True, slots=True)
class Reader:
    """A person of a workspace, and how that person wants to be told of it."""

    person: Person
    role: Role
    wish: Wish


def readers(session: Session, workspace_id: int) -> list[Reader]:
    """Everybody who belongs to a workspace and may sign in, by name."""
    query = (
        select(Person, col(Membership.role), TellingWish)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .outerjoin(
            TellingWish,
            (col(TellingWish.person_id) == col(Person.id))
            & (col(TellingWish.workspace_id) == col(Membership.workspace_id)),
        )
        .where(col(Membership.workspace_id) == workspace_id, col(Person.disabled_at).is_(None))
        .order_by(col(Person.name))
    )
    return [
        Reader(person, Role(role), _wish(row, Role(role))) for person, role, row in session.execute(query)
    ]


def _wish(row: TellingWish | None, role: Role) -> Wish:
    if row is None:  # those who can do something about it
        return Wish(by_mail=role in (Role.OWNER, Role.EDITOR))
    groups = None if row.groups is None else frozenset(map(Group, row.groups))
    return Wish(row.by_mail, groups, row.digest_hour, row.quiet_from, row.quiet_until)


def set_wish(session: Session, workspace_id: int, person_id: int, wish: Wish) -> None:
    """Remember how a person wants to be told of a workspace."""
    values: dict[str, Any] = {
        "by_mail": wish.by_mail,
        "groups": None if wish.groups is None else sorted(wish.groups),
        "digest_hour": wish.digest_hour,
        "quiet_from": wish.quiet_from,
        "quiet_until": wish.quiet_until,
    }
    key = {"person_id": person_id, "workspace_id": workspace_id}
    insert_or_change(session, TellingWish, {**key, **values}, keys=list(key), changes=values)


def add_notice(session: Session, row: NoticeRow) -> bool:
    """Keep a notice; False when the workspace has one with this key."""
    values = {name: getattr(row, name) for name in NoticeRow.model_fields}
    return insert_or_leave(session, NoticeRow, [values]) == 1


def kept_notice(session: Session, row: NoticeRow) -> NoticeRow:
    """The notice of the workspace with this one's key, which is kept if there is none."""
    if add_notice(session, row):
        return row
    query = select(NoticeRow).where(
        col(NoticeRow.workspace_id) == row.workspace_id, col(NoticeRow.key) == row.key
    )
    return session.scalars(query).one()


def tell_again(
    session: Session,
    notice_id: int,
    *,
    person_id: int | None = None,
    endpoint_id: int | None = None,
    at: datetime,
) -> bool:
    """Whether a notice was planned for this person or endpoint; given up, it is tried again then."""
    query = (
        select(Telling)
        .join(ToldNotice, col(ToldNotice.telling_id) == col(Telling.id))
        .where(
            col(ToldNotice.notice_id) == notice_id,
            col(Telling.endpoint_id) == endpoint_id
            if person_id is None
            else col(Telling.person_id) == person_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = session.scalars(query).all()
    if found and all(row.state == "failed" for row in found):
        row = found[0]
        row.state, row.next_at, row.tries, row.reason = "waiting", at, 0, None
        row.claim += 1
        session.add(row)
        session.flush()
    return bool(found)


def send_elsewhere(session: Session, person_id: int, address: str) -> None:
    """Let what was not sent to a person yet go to another address."""
    session.connection().execute(
        update(Telling)
        .where(col(Telling.person_id) == person_id, col(Telling.state) != "sent")
        .values(address=address)
    )


def add_telling(session: Session, notice_id: int, values: Mapping[str, Any]) -> int:
    """Plan a delivery of a notice; one with this key that was not begun takes the notice in.

    Returns:
        The telling's number.
    """
    row = Telling(id=new_id(), **values)
    insert_or_leave(session, Telling, [{name: getattr(row, name) for name in Telling.model_fields}])
    # Locked: whoever begins to send it either sees the notice, or this finds it begun.
    query = select(Telling).where(col(Telling.key) == row.key).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one()
    insert_or_leave(session, ToldNotice, [{"telling_id": found.id, "notice_id": notice_id}])
    return found.id


def is_begun(session: Session, key: str) -> bool:
    """Whether the telling with this key is being sent, or was; held against all others if it is there."""
    query = select(Telling).where(col(Telling.key) == key).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).first()
    return found is not None and (found.tries > 0 or found.state != "waiting")


def begin(session: Session, row: Telling) -> list[NoticeRow]:
    """Count a try of a claimed telling, and what it holds, oldest first; empty: the claim is lost."""
    begun = session.connection().execute(
        update(Telling)
        .where(col(Telling.id) == row.id, col(Telling.claim) == row.claim)
        .values(tries=col(Telling.tries) + 1)
    )
    assert isinstance(begun, CursorResult)
    if begun.rowcount != 1:
        return []
    return list(notices_of(session, [row.id]).get(row.id, []))


def notices_of(session: Session, telling_ids: Collection[int]) -> dict[int, list[NoticeRow]]:
    """What these tellings hold, oldest first."""
    found: dict[int, list[NoticeRow]] = {}
    query = (
        select(col(ToldNotice.telling_id), NoticeRow)
        .join(NoticeRow, col(NoticeRow.id) == col(ToldNotice.notice_id))
        .where(col(ToldNotice.telling_id).in_(telling_ids))
        .order_by(col(NoticeRow.at), col(NoticeRow.id))
    )
    for telling_id, notice in session.execute(query):
        found.setdefault(telling_id, []).append(notice)
    return found


def tellings(session: Session, workspace_id: int, *, limit: int) -> Sequence[Telling]:
    """The deliveries of a workspace, newest first."""
    query = (
        select(Telling)
        .where(col(Telling.workspace_id) == workspace_id)
        .order_by(col(Telling.created_at).desc(), col(Telling.id).desc())
        .limit(limit)
    )
    return session.scalars(query).all()


def telling(session: Session, workspace_id: int, telling_id: int) -> Telling:
    """One delivery, locked. Raises `NotFound` when this workspace has none by that number."""
    query = (
        select(Telling)
        .where(col(Telling.id) == telling_id, col(Telling.workspace_id) == workspace_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no delivery {telling_id}. `tabuh alert deliveries` shows those there are.")
    return found


def of_notice(session: Session, workspace_id: int, key: str) -> Sequence[Telling]:
    """The deliveries of the notice with this key."""
    query = (
        select(Telling)
        .join(ToldNotice, col(ToldNotice.telling_id) == col(Telling.id))
        .join(NoticeRow, col(NoticeRow.id) == col(ToldNotice.notice_id))
        .where(col(NoticeRow.workspace_id) == workspace_id, col(NoticeRow.key) == key)
        .order_by(col(Telling.id))
    )
    return session.scalars(query).all()


def take(session: Session, workspace_id: int, key: str, *, until: datetime) -> Sequence[Telling]:
    """Claim the untried deliveries of the notice with this key, whatever their hour, until then."""
    ids = [row.id for row in of_notice(session, workspace_id, key)]
    claim = (
        update(Telling)
        .where(col(Telling.id).in_(ids), col(Telling.state) == "waiting", col(Telling.tries) == 0)
        .values(next_at=until, claim=col(Telling.claim) + 1)
        .returning(Telling)
        .execution_options(populate_existing=True)
    )
    return session.scalars(claim).all()


def endpoints(session: Session, workspace_id: int) -> Sequence[Endpoint]:
    """The endpoints of a workspace by name, those that are switched off too."""
    query = select(Endpoint).where(col(Endpoint.workspace_id) == workspace_id).order_by(col(Endpoint.name))
    return session.scalars(query).all()


def endpoint(session: Session, workspace_id: int, name: str) -> Endpoint:
    """The endpoint by its name. Raises `NotFound` when this workspace has none called so."""
    query = select(Endpoint).where(col(Endpoint.workspace_id) == workspace_id, col(Endpoint.name) == name)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no webhook {name!r}. `tabuh webhook list` shows those there are.")
    return found


def endpoint_by_id(session: Session, workspace_id: int, endpoint_id: int) -> Endpoint:
    """The endpoint. Raises `NotFound` when this workspace has none by that number."""
    query = select(Endpoint).where(
        col(Endpoint.workspace_id) == workspace_id, col(Endpoint.id) == endpoint_id
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(
            f"There is no webhook {str(endpoint_id)!r}. `tabuh webhook list` shows those there are."
        )
    return found


def lock_endpoint(session: Session, endpoint_id: int) -> Endpoint | None:
    """The endpoint, held against all others until this transaction ends; None: it was removed."""
    query = (
        select(Endpoint)
        .where(col(Endpoint.id) == endpoint_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).first()


def remove_endpoint(session: Session, row: Endpoint) -> None:
    """Forget an endpoint, and every delivery to it."""
    theirs = select(col(Telling.id)).where(col(Telling.endpoint_id) == row.id)
    connection = session.connection()
    connection.execute(delete(ToldNotice).where(col(ToldNotice.telling_id).in_(theirs)))
    connection.execute(delete(Telling).where(col(Telling.endpoint_id) == row.id))
    connection.execute(delete(Endpoint).where(col(Endpoint.id) == row.id))


def give_up(session: Session, endpoint_id: int, reason: str) -> None:
    """End all waiting deliveries to an endpoint that was switched off."""
    session.connection().execute(
        update(Telling)
        .where(col(Telling.endpoint_id) == endpoint_id, col(Telling.state) == "waiting")
        .values(state="failed", reason=reason, next_at=None, claim=col(Telling.claim) + 1)
    )


def forget_old(session: Session, *, before: datetime) -> None:
    """Remove deliveries that ended before then, and notices that nobody is to be told any more."""
    old = select(col(Telling.id)).where(col(Telling.created_at) < before, col(Telling.state) != "waiting")
    connection = session.connection()
    connection.execute(delete(ToldNotice).where(col(ToldNotice.telling_id).in_(old)))
    connection.execute(
        delete(Telling).where(col(Telling.created_at) < before, col(Telling.state) != "waiting")
    )
    told = select(col(ToldNotice.notice_id))
    connection.execute(delete(NoticeRow).where(col(NoticeRow.at) < before, col(NoticeRow.id).not_in(told)))


def workspace(session: Session, workspace_id: int) -> Workspace:
    """The workspace that notices are of."""
    return session.get_one(Workspace, workspace_id)


def set_address(session: Session, person_id: int, address: str | None) -> None:
    """Remember where a person reads mail; None: nowhere."""
    session.connection().execute(update(Person).where(col(Person.id) == person_id).values(email=address))


def address_taken(session: Session, person_id: int, address: str) -> bool:
    """Whether somebody else reads mail there."""
    query = select(col(Person.id)).where(
        func.lower(col(Person.email)) == address.lower(), col(Person.id) != person_id
    )
    return session.connection().execute(query).first() is not None
