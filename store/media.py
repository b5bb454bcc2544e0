"""Files on posts: where their bytes lie, and whose they are.

A file is named by the SHA-256 of its bytes and kept once. With SQLite the bytes lie in the data folder, with
PostgreSQL in the database, where every machine can read them (docs/decisions/0012).
"""

import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlmodel import Session, col, delete, select

from domain.errors import NotFound, TabuhError
from domain.media import Attachment
from domain.post import PostState
from store.tables import Media, Post, PostMedia, WorkspaceMedia
from store.upsert import insert_or_leave

#: In the data folder.
FOLDER = "media"


def digest(body: bytes) -> str:
    """The name of a file: SHA-256 of its bytes, hex."""
    return sha256(body).hexdigest()


def write_file(data_dir: Path, body: bytes) -> None:
    """Put a file into the data folder, whole and on the disk before its row is written."""
    path = _path(data_dir, digest(body))
    if path.exists() and path.stat().st_size == len(body):
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with fresh.open("xb") as opened:
            opened.write(body)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(path)
    except OSError as exc:
        fresh.unlink(missing_ok=True)
        raise TabuhError(f"The file cannot be kept in {path.parent}: {exc.strerror}.") from exc
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def add(
    session: Session,
    workspace_id: int,
    body: bytes,
    *,
    attachment: Attachment,
    name: str,
    in_database: bool,
    now: datetime,
) -> None:
    """Note a file as one of this workspace's; its bytes go along where they live in the database."""
    row = {
        "sha256": attachment.sha256,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "width": attachment.width,
        "height": attachment.height,
        "stored_in": "database" if in_database else "folder",
        "body": body if in_database else None,
        "created_at": now,
    }
    insert_or_leave(session, Media, [row])
    owned = {
        "workspace_id": workspace_id,
        "sha256": attachment.sha256,
        "name": name[:200],
        "added_at": now,
    }
    insert_or_leave(session, WorkspaceMedia, [owned])


def get(session: Session, workspace_id: int, sha256: str) -> Attachment:
    """What is known of a file of this workspace.

    Raises:
        NotFound: the workspace has none by that name.
    """
    query = (
        select(Media)
        .join(WorkspaceMedia, col(WorkspaceMedia.sha256) == col(Media.sha256))
        .where(col(WorkspaceMedia.workspace_id) == workspace_id, col(Media.sha256) == sha256)
    )
    row = session.scalar(query)
    if row is None:
        raise NotFound(f"There is no file {sha256[:12]}… here. Add it first.")
    return Attachment(
        sha256=row.sha256,
        media_type=row.media_type,
        size=row.size,
        width=row.width or 0,
        height=row.height or 0,
    )


def read(session: Session, sha256: str, *, data_dir: Path | None) -> bytes:
    """A file's bytes, checked against its name.

    Raises:
        NotFound: it is not kept, or what is kept is damaged.
    """
    row = session.get(Media, sha256)
    body: bytes | None = None
    if row is not None and row.stored_in == "database":
        body = row.body
    elif row is not None and data_dir is not None:
        try:
            body = _path(data_dir, sha256).read_bytes()
        except OSError:
            body = None
    if body is None:
        raise NotFound(f"The file {sha256[:12]}… is not there any more. Add it again.")
    if digest(body) != sha256:
        raise NotFound(f"The file {sha256[:12]}… is damaged. Add it again.")
    return body


def public_type(session: Session, sha256: str) -> str | None:
    """The media type of a file that a post on its way, or published, shows; None: no such post."""
    query = (
        select(col(Media.media_type))
        .join(PostMedia, col(PostMedia.sha256) == col(Media.sha256))
        .join(Post, col(Post.id) == col(PostMedia.post_id))
        .where(
            col(Media.sha256) == sha256,
            col(Post.state).in_((PostState.PUBLISHING, PostState.UNCERTAIN, PostState.PUBLISHED)),
            col(Post.deleted_at).is_(None),
        )
        .limit(1)
    )
    found: str | None = session.scalar(query)
    return found


def attach(session: Session, post_id: int, media: Iterable[Attachment]) -> None:
    """Note which files a post needs, in order, instead of those that it needed before."""
    session.connection().execute(delete(PostMedia).where(col(PostMedia.post_id) == post_id))
    for position, one in enumerate(media):
        if one.sha256:
            session.add(PostMedia(post_id=post_id, position=position, sha256=one.sha256, alt=one.alt))


def _path(data_dir: Path, sha256: str) -> Path:
    return data_dir / FOLDER / sha256[:2] / sha256
