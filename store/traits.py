"""What published posts have in common, to choose from: the languages they state."""

from sqlalchemy import func, select
from sqlmodel import Session, col

from store.tables import Post

#: Posts that are asked.
_RECENT = 2_000


def languages(session: Session, workspace_id: int) -> list[str]:
    """The languages that the latest posts of a workspace state, in order."""
    if session.get_bind().dialect.name == "sqlite":
        stated = func.json_extract(col(Post.content), "$.language")
    else:
        stated = func.jsonb_extract_path_text(col(Post.content), "language")
    latest = select(stated.label("stated")).where(col(Post.workspace_id) == workspace_id)
    recent = latest.order_by(col(Post.id).desc()).limit(_RECENT).subquery()
    found = session.connection().execute(select(recent.c.stated).distinct()).scalars()
    return sorted({one for one in found if one})
