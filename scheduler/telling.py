"""Telling people and programs: a notice becomes one due row for each recipient, written with what it tells.

The rows are handed over elsewhere (`scheduler.handing_over`), so nobody waits for a mail server, and a
program that dies in between goes on where it was.
"""

from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.ids import new_id
from domain.schedule import zone
from domain.telling import KINDS, Notice, Way, send_at
from store import telling
from store.tables import Endpoint, NoticeRow, Telling, Workspace
from store.telling import Reader

#: Languages in which a notice is kept.
LANGUAGES = ("en", "id")


def tell(
    session: Session,
    workspace_id: int,
    notice: Notice,
    *,
    now: datetime,
    addresses: Sequence[str] = (),
    language: str | None = None,
    people: bool = True,
    only: Container[int] | None = None,
    endpoints: Sequence[Endpoint] | None = None,
) -> int | None:
    """Plan what it takes to tell a workspace's people and endpoints; its caller commits.

    Each person hears it as that person wishes: by mail or not, at once, after the quiet hours, or in a
    digest. Each endpoint that takes this kind of notice gets it at once.

    Args:
        addresses: other readers who get it by mail at once, checked before.
        language: of what ``addresses`` get; the workspace's, if not said.
        people: False: only to ``addresses`` and endpoints.
        only: of the people, those with these numbers; None: all.
        endpoints: those that get it, in place of all that take its kind.

    Returns:
        The notice's number; None when it was told before.
    """
    row = written(workspace_id, notice, now=now)
    if not telling.add_notice(session, row):
        return None
    workspace = telling.workspace(session, workspace_id)
    for reader in telling.readers(session, workspace_id) if people else ():
        wanted = only is None or reader.person.id in only
        if wanted and reader.person.email and reader.wish.wants(notice.group):
            to_person(session, workspace, [row], reader, now=now)
    for address in addresses:
        key = f"{row.id}:mail:{address}"
        _plan(
            session,
            row,
            key,
            now,
            way=Way.EMAIL,
            address=address,
            language=_known(language or workspace.language),
        )
    if endpoints is None:
        endpoints = [one for one in telling.endpoints(session, workspace_id) if _takes(one, notice.kind)]
    for one in endpoints:
        _to_endpoint(session, workspace, row, one, now=now)
    return row.id


def written(workspace_id: int, notice: Notice, *, now: datetime) -> NoticeRow:
    """A notice as it is kept, in the words of every language."""
    assert notice.kind in KINDS
    words = {
        language: {
            "subject": notice.subject.said(language),
            "text": notice.text.said(language),
            "html": notice.html.said(language) if notice.html else None,
        }
        for language in LANGUAGES
    }
    return NoticeRow(
        id=new_id(), workspace_id=workspace_id, key=notice.key, kind=notice.kind, words=words,
        facts=dict(notice.facts), link=notice.link, at=now,
    )  # fmt: skip


def to_endpoint(
    session: Session, workspace: Workspace, row: NoticeRow, one: Endpoint, *, now: datetime
) -> bool:
    """Plan the delivery of a kept notice to an endpoint; False: it takes none of its kind."""
    if not _takes(one, row.kind):
        return False
    _to_endpoint(session, workspace, row, one, now=now)
    return True


def _to_endpoint(
    session: Session, workspace: Workspace, row: NoticeRow, one: Endpoint, *, now: datetime
) -> None:
    language, key = _known(workspace.language), f"{row.id}:endpoint:{one.id}"
    _plan(session, row, key, now, way=Way(one.way), endpoint_id=one.id, language=language)


def _takes(one: Endpoint, kind: str) -> bool:
    return one.disabled_at is None and (one.kinds is None or kind in one.kinds)


def to_person(
    session: Session, workspace: Workspace, rows: Sequence[NoticeRow], reader: Reader, *, now: datetime
) -> None:
    """One mail, of several notices together, or places in the next digest that is not on its way yet."""
    if not rows:
        return
    person, wish, where = reader.person, reader.wish, zone(workspace.zone)
    at = send_at(wish, now=now, where=where)
    values: dict[str, Any] = {
        "way": Way.EMAIL,
        "person_id": person.id,
        "address": person.email,
        "language": _known(person.language or workspace.language),
    }
    if wish.digest_hour is None:
        for row in rows:  # several share the first one's mail
            _plan(session, row, f"{rows[0].id}:person:{person.id}", at, is_digest=len(rows) > 1, **values)
        return
    key = _digest(workspace, person.id, at)
    while telling.is_begun(session, key):
        at = send_at(wish, now=at, where=where)
        key = _digest(workspace, person.id, at)
    for row in rows:
        _plan(session, row, key, at, is_digest=True, **values)


def _digest(workspace: Workspace, person_id: int, at: datetime) -> str:
    return f"digest:{workspace.id}:{person_id}:{at:%Y-%m-%dT%H:%MZ}"


def _plan(session: Session, row: NoticeRow, key: str, at: datetime, **values: Any) -> None:
    planned = {"workspace_id": row.workspace_id, "key": key[:200], "next_at": at, "created_at": row.at}
    telling.add_telling(session, row.id, {**planned, **values})


def _known(language: str | None) -> str:
    """One of `LANGUAGES`; English for all others."""
    short = (language or "").lower().split("-")[0]
    return short if short in LANGUAGES else LANGUAGES[0]


def try_again(session: Session, workspace_id: int, telling_id: int, *, now: datetime) -> Telling:
    """Let a delivery that was given up, or waits, be tried now; its caller commits.

    Raises:
        NotFound: this workspace has none by that number.
    """
    row = telling.telling(session, workspace_id, telling_id)
    if row.state != "sent":
        row.state, row.next_at, row.tries = "waiting", now, 0
        row.claim += 1
        session.add(row)
    return row
