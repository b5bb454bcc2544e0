"""Who changed what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert
from sqlmodel import Session, col, select

from domain.ids import new_id
from store.tables import Change


@dataclass(frozen=True, slots=True)
class Actor:
    """On whose word something happens."""

    #: ``person``, ``automation`` or ``api``.
    kind: str
    person_id: int | None = None


AUTOMATION = Actor("automation")


def record(
    session: Session,
    actor: Actor,
    what: str,
    *,
    subject: str,
    subject_id: int,
    workspace_id: int | None,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down one change; ``subject`` is the table, ``what`` a verb phrase such as ``moved``."""
    session.add(
        Change(
            workspace_id=workspace_id,
            at=now,
            actor=actor.kind,
            person_id=actor.person_id,
            subject=subject,
            subject_id=subject_id,
            what=what,
            before=dict(before) if before is not None else None,
            after=dict(after) if after is not None else None,
        )
    )


def record_all(
    session: Session,
    actor: Actor,
    what: str,
    afters: Mapping[int, Mapping[str, Any]],
    *,
    subject: str,
    workspace_id: int | None,
    now: datetime,
) -> None:
    """As `record`, the same change of many rows of a table, written at once; what is then, by row."""
    rows = [
        {"id": new_id(), "workspace_id": workspace_id, "at": now, "actor": actor.kind,
         "person_id": actor.person_id, "subject": subject, "subject_id": subject_id, "what": what,
         "after": dict(after)}
        for subject_id, after in afters.items()
    ]  # fmt: skip
    if rows:
        session.connection().execute(insert(Change), rows)


_CHANGES: Final = (
    select(Change)
    .where(col(Change.subject) == bindparam("of"), col(Change.subject_id) == bindparam("number"))
    .order_by(col(Change.at), col(Change.id))
)


def changes_of(session: Session, subject: str, subject_id: int) -> Sequence[Change]:
    """All changes of one row, oldest first."""
    return session.scalars(_CHANGES, {"of": subject, "number": subject_id}).all()
