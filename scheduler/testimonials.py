"""What people said of the brand: written down with their consent, and judged by a person."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session

from domain.errors import UsageError
from scheduler.context import Context
from store import brought, people, testimonials
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import Testimonial

LONGEST = 4_000


def add_testimonial(
    context: Context, workspace_id: int, *, text: str, link: str = "", rater: str = "", consent: bool = False,
    source: str = "", positive: bool | None = None, actor: Actor,
) -> Testimonial:  # fmt: skip
    """Write a testimonial down; a name is kept only with consent.

    Raises:
        UsageError: no text, no web address, or a name without consent.
    """
    now, clean = context.clock(), text.strip()
    if not 1 <= len(clean) <= LONGEST:
        raise UsageError(f"A testimonial has 1 to {LONGEST:,} characters.")
    if link and not link.startswith(("https://", "http://")):
        raise UsageError("The link must be a web address that begins with https://.")
    if rater and not consent:
        raise UsageError("A name is kept only of those who agreed: say that they did, or leave the name out.")
    row = {
        "key": sha256(f"testimonial\x1f{clean}\x1f{now.date()}".encode()).hexdigest(), "at": now,
        "text": clean, "link": link or None, "rater": rater[:120] or None, "is_positive": positive,
        "file_id": None,
        "source": source[:80], "read_at": now,
    }  # fmt: skip
    with writing(context.engine) as session:
        people.lock_workspace(session, workspace_id)
        brought.keep(session, Testimonial, workspace_id, [row])
        kept = testimonials.by_key(session, workspace_id, str(row["key"]))
        _note(session, kept, "added", actor, now)
        session.commit()
    return kept


def judge(
    context: Context, workspace_id: int, testimonial_id: int, *, positive: bool, actor: Actor
) -> Testimonial:
    """Say whether a testimonial speaks well of the brand. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        row = testimonials.get(session, workspace_id, testimonial_id)
        row.is_positive = positive
        session.add(row)
        _note(session, row, "judged", actor, now)
        session.commit()
    return row


def listed(context: Context, workspace_id: int) -> Sequence[Testimonial]:
    """All testimonials, newest first."""
    with reading(context.engine) as session:
        return testimonials.listed(session, workspace_id)


def _note(session: Session, row: Testimonial, what: str, actor: Actor, now: datetime) -> None:
    record(
        session, actor, what, subject="testimonial", subject_id=row.id, workspace_id=row.workspace_id,
        now=now, after={"is_positive": row.is_positive},
    )  # fmt: skip
