"""Which rows of a sheet are posts already, and the posts that a sheet is written from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from store.chunks import chunks
from store.tables import Post


@dataclass(frozen=True, slots=True)
class Earlier:
    """A post that an earlier import made, as far as importing asks."""

    id: int
    text: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """Posts of earlier imports, by key and by number."""

    by_key: Mapping[str, Earlier]
    by_id: Mapping[int, Earlier]


def known(session: Session, workspace_id: int, *, keys: Sequence[str], ids: Sequence[int]) -> Known:
    """The posts of a workspace that have one of these keys or numbers."""
    by_key: dict[str, Earlier] = {}
    by_id: dict[int, Earlier] = {}
    query = select(col(Post.id), col(Post.sheet_key), col(Post.content)).where(
        col(Post.workspace_id) == workspace_id
    )
    for part in chunks(keys):
        for number, key, content in session.exec(query.where(col(Post.sheet_key).in_(part))):
            if key is not None:
                by_key[key] = Earlier(number, content["text"], content.get("link"))
    for numbers in chunks(ids):
        for number, _, content in session.exec(query.where(col(Post.id).in_(numbers))):
            by_id[number] = Earlier(number, content["text"], content.get("link"))
    return Known(by_key, by_id)
