"""Files that go with posts: added by people, read by publishers."""

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import Engine

from domain.errors import NotFound, NotSent, Rejected, UsageError
from domain.media import Attachment
from publishers.images import fetch_image
from store import media as rows
from store.engine import reading, writing

if TYPE_CHECKING:
    from net.client import Client
    from scheduler.context import Context

#: Bytes of a picture that can be added; platforms take less, and it is fitted for each.
MAX_PICTURE = 20 * 2**20
#: Code points of a description.
LONGEST_ALT = 10_000
_FETCH_LIMIT = timedelta(seconds=15)


def add(context: "Context", workspace_id: int, body: bytes, *, name: str = "") -> Attachment:
    """Keep a picture, so that it can go with posts of this workspace; the same bytes are kept once.

    Where and with what it was taken is not kept.

    Raises:
        UsageError: it is no picture that can be read, or too large.
    """
    from publishers.pictures import cleaned

    if len(body) > MAX_PICTURE:
        raise UsageError(f"The picture has {len(body):,} bytes; the most is {MAX_PICTURE:,}.")
    seen = cleaned(body)
    body = seen.body
    found = Attachment(
        sha256=rows.digest(body), media_type=seen.kind, size=len(body), width=seen.width, height=seen.height
    )
    in_database = context.engine.dialect.name != "sqlite"
    if not in_database:
        if context.data_dir is None:
            raise UsageError("There is no data folder to keep the picture in. Set TABUH_DATA_DIR.")
        rows.write_file(context.data_dir, body)
    with writing(context.engine) as session:
        rows.add(
            session,
            workspace_id,
            body,
            attachment=found,
            name=name,
            in_database=in_database,
            now=context.clock(),
        )
        session.commit()
    return found


def add_file(context: "Context", workspace_id: int, file: BinaryIO, *, name: str = "") -> Attachment:
    """Keep a picture or a video, as its first bytes say; a video is never whole in memory.

    Raises: as `add` and `add_video`.
    """
    head = file.read(12)
    file.seek(0)
    if _is_film(head):
        return add_video(context, workspace_id, file, name=name)
    return add(context, workspace_id, file.read(MAX_PICTURE + 1), name=name)


def _is_film(head: bytes) -> bool:
    return head[:4] == b"\x1a\x45\xdf\xa3" or head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide")


def add_video(context: "Context", workspace_id: int, file: BinaryIO, *, name: str = "") -> Attachment:
    """Keep a video, so that it can go with posts of this workspace; the same bytes are kept once.

    Where it was taken is not kept.

    Raises:
        UsageError: it is no video that can be read, or larger than this installation takes.
        TabuhError: it cannot be written.
    """
    in_database = context.engine.dialect.name != "sqlite"
    if not in_database and context.data_dir is None:
        raise UsageError("There is no data folder to keep the video in. Set TABUH_DATA_DIR.")
    with ExitStack() as stack:
        fresh: BinaryIO
        if in_database or context.data_dir is None:
            fresh = stack.enter_context(TemporaryFile())
        else:
            fresh = stack.enter_context(rows.fresh_file(context.data_dir))
        found = _examined(file, fresh, most=context.max_video)
        if in_database:
            _into_database(context.engine, fresh, found)
        elif context.data_dir is not None:
            rows.settle(context.data_dir, Path(fresh.name), found.sha256)
    with writing(context.engine) as session:
        rows.add(
            session, workspace_id, None, attachment=found, name=name, in_database=in_database,
            now=context.clock(),
        )  # fmt: skip
        session.commit()
    return found


def _examined(file: BinaryIO, fresh: BinaryIO, *, most: int) -> Attachment:
    """Copy a video, take the place out of the copy, and say what it is."""
    from publishers.videos import probe, without_places

    size = 0
    while piece := file.read(rows.PIECE):
        size += len(piece)
        if size > most:
            raise UsageError(
                f"The video has more than {most // 2**20:,} MiB, the most that is taken here. "
                "Make it smaller, or set TABUH_MAX_VIDEO_MIB."
            )
        fresh.write(piece)
    film = probe(fresh, size)
    without_places(fresh, film)
    fresh.flush()
    fresh.seek(0)
    named = hashlib.sha256()
    while piece := fresh.read(rows.PIECE):
        named.update(piece)
    return Attachment(
        sha256=named.hexdigest(), media_type=film.kind, size=size, width=film.width, height=film.height,
        duration_ms=film.duration_ms,
    )  # fmt: skip


def _into_database(engine: Engine, fresh: BinaryIO, found: Attachment) -> None:
    """Each piece in a transaction of its own: no other writer waits for the whole."""
    fresh.seek(0)
    number = 0
    while piece := fresh.read(rows.PIECE):
        with writing(engine) as session:
            rows.add_piece(session, found.sha256, number, piece)
            session.commit()
        number += 1


def described(found: Attachment, alt: str) -> Attachment:
    """The file with a text for those who do not see it.

    Raises:
        UsageError: the text is longer than any platform takes.
    """
    said = alt.strip()
    if len(said) > LONGEST_ALT:
        raise UsageError(f"A description has at most {LONGEST_ALT:,} characters: shorten it.")
    return replace(found, alt=said)


@dataclass(frozen=True)
class StoredFiles:
    """What publishers read the files of posts from."""

    engine: Engine
    http: "Client"
    data_dir: Path | None

    def read(self, attachment: Attachment) -> bytes:
        """The whole file; one that lies elsewhere is fetched, guarded as every address from outside."""
        if attachment.sha256:
            try:
                with reading(self.engine) as session:
                    return rows.read(session, attachment.sha256, data_dir=self.data_dir)
            except NotFound as error:
                raise Rejected(str(error)) from error
        image = (
            fetch_image(self.http, attachment.url, max_bytes=MAX_PICTURE, deadline=_FETCH_LIMIT)
            if attachment.url
            else None
        )
        if image is None:
            raise NotSent(f"The picture at {attachment.url} cannot be fetched now.")
        return image.body

    def part(self, attachment: Attachment, start: int, size: int) -> bytes:
        """Some bytes of one of our own files."""
        try:
            with reading(self.engine) as session:
                return rows.part(session, attachment.sha256, start, size, data_dir=self.data_dir)
        except NotFound as error:
            raise Rejected(str(error)) from error
