"""Files on posts: where their bytes lie, and whose they are.

A file is named by the SHA-256 of its bytes and kept once. With SQLite the bytes lie in the data folder, with
PostgreSQL in the database, where every machine can read them (docs/decisions/0012).
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session, col, delete, select

from domain.errors import NotFound, TabuhError
from domain.media import Attachment
from domain.post import PostState
from store.tables import Media, MediaPiece, Post, PostMedia, WorkspaceMedia
from store.upsert import insert_or_leave

#: In the data folder.
FOLDER = "media"
#: Bytes of one piece of a video in the database.
PIECE = 4 * 2**20


def digest(body: bytes) -> str:
    """The name of a file: SHA-256 of its bytes, hex."""
    return sha256(body).hexdigest()


def write_file(data_dir: Path, body: bytes) -> None:
    """Put a file into the data folder, whole and on the disk before its row is written."""
    path = _path(data_dir, digest(body))
    if path.exists() and path.stat().st_size == len(body):
        return
    with fresh_file(data_dir) as fresh:
        fresh.write(body)
        fresh.flush()
        settle(data_dir, Path(fresh.name), digest(body))


@contextmanager
def fresh_file(data_dir: Path) -> Iterator[BinaryIO]:
    """A new file in the folder of files, for reading and writing; gone at the end unless it was settled.

    Raises:
        TabuhError: it cannot be made or written.
    """
    folder = data_dir / FOLDER
    name = folder / f".{secrets.token_hex(8)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with name.open("x+b") as opened:
            yield opened
    except OSError as exc:
        raise TabuhError(f"The file cannot be kept in {folder}: {exc.strerror}.") from exc
    finally:
        name.unlink(missing_ok=True)


def settle(data_dir: Path, fresh: Path, sha256: str) -> None:
    """Give a written file its name, with all of it on the disk."""
    path = _path(data_dir, sha256)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with fresh.open("rb") as opened:
        os.fsync(opened.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def add_piece(session: Session, sha256: str, number: int, body: bytes) -> None:
    """Put a piece of a video into the database; one that is there already stays."""
    insert_or_leave(session, MediaPiece, [{"sha256": sha256, "number": number, "body": body}])


def add(
    session: Session,
    workspace_id: int,
    body: bytes | None,
    *,
    attachment: Attachment,
    name: str,
    in_database: bool,
    now: datetime,
) -> None:
    """Note a file as one of this workspace's; a picture's bytes go along where they live in the database.

    Args:
        body: None: its pieces are there already.
    """
    row = {
        "sha256": attachment.sha256,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "width": attachment.width,
        "height": attachment.height,
        "duration_ms": attachment.duration_ms or None,
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
    return _attachment(row)


def _attachment(row: Media) -> Attachment:
    return Attachment(
        sha256=row.sha256,
        media_type=row.media_type,
        size=row.size,
        width=row.width or 0,
        height=row.height or 0,
        duration_ms=row.duration_ms or 0,
    )


def read(session: Session, sha256: str, *, data_dir: Path | None) -> bytes:
    """A file's bytes, checked against its name.

    Raises:
        NotFound: it is not kept, or what is kept is damaged.
    """
    row = session.get(Media, sha256)
    body: bytes | None = None
    if row is not None and row.stored_in == "database":
        body = row.body if row.body is not None else b"".join(_pieces(session, sha256, 0, row.size))
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


def part(session: Session, sha256: str, start: int, size: int, *, data_dir: Path | None) -> bytes:
    """Bytes ``start`` to ``start + size`` of a file, fewer at its end; only these are read.

    Raises:
        NotFound: it is not kept, or what is kept has another size.
    """
    row = session.get(Media, sha256)
    if row is None or start < 0 or size < 0:
        raise NotFound(f"The file {sha256[:12]}… is not there any more. Add it again.")
    stop = min(start + size, row.size)
    if start >= stop:
        return b""
    if row.stored_in == "folder":
        body = _part_of_file(data_dir, row, start, stop)
    elif row.body is not None:
        body = row.body[start:stop]
    else:
        body = b"".join(_pieces(session, sha256, start, stop))
    if len(body) != stop - start:
        raise NotFound(f"The file {sha256[:12]}… is damaged. Add it again.")
    return body


def _part_of_file(data_dir: Path | None, row: Media, start: int, stop: int) -> bytes:
    try:
        assert data_dir is not None
        with _path(data_dir, row.sha256).open("rb") as opened:
            if os.fstat(opened.fileno()).st_size != row.size:
                return b""
            opened.seek(start)
            return opened.read(stop - start)
    except (OSError, AssertionError):
        return b""


def _pieces(session: Session, sha256: str, start: int, stop: int) -> Iterator[bytes]:
    """The bytes from ``start`` to ``stop``, from one piece after the other."""
    for number in range(start // PIECE, -(-stop // PIECE)):
        piece = session.get(MediaPiece, (sha256, number))
        if piece is None:
            return
        session.expunge(piece)  # one piece at a time in memory
        yield piece.body[max(0, start - number * PIECE) : stop - number * PIECE]


def public_file(session: Session, sha256: str) -> Attachment | None:
    """What is known of a file that a post on its way, or published, shows; None: no such post."""
    query = (
        select(Media)
        .join(PostMedia, col(PostMedia.sha256) == col(Media.sha256))
        .join(Post, col(Post.id) == col(PostMedia.post_id))
        .where(
            col(Media.sha256) == sha256,
            col(Post.state).in_((PostState.PUBLISHING, PostState.UNCERTAIN, PostState.PUBLISHED)),
            col(Post.deleted_at).is_(None),
        )
        .limit(1)
    )
    row = session.scalar(query)
    return _attachment(row) if row is not None else None


def attach(session: Session, post_id: int, media: Iterable[Attachment]) -> None:
    """Note which files a post needs, in order, instead of those that it needed before."""
    session.connection().execute(delete(PostMedia).where(col(PostMedia.post_id) == post_id))
    for position, one in enumerate(media):
        if one.sha256:
            session.add(PostMedia(post_id=post_id, position=position, sha256=one.sha256, alt=one.alt))


def _path(data_dir: Path, sha256: str) -> Path:
    return data_dir / FOLDER / sha256[:2] / sha256
