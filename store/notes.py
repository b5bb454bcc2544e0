"""What people noted on posts."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from domain.errors import NotFound
from store.tables import PostNote


def of_post(session: Session, workspace_id: int, post_id: int) -> Sequence[PostNote]:
    """The notes on a post, oldest first."""
    query = (
        select(PostNote)
        .where(col(PostNote.workspace_id) == workspace_id, col(PostNote.post_id) == post_id)
        .order_by(col(PostNote.at), col(PostNote.id))
    )
    return session.scalars(query).all()


def get(session: Session, workspace_id: int, note_id: int) -> PostNote:
    """The note. Raises `NotFound` when this workspace has none by that number."""
    query = select(PostNote).where(col(PostNote.id) == note_id, col(PostNote.workspace_id) == workspace_id)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no note {note_id}.")
    return found
