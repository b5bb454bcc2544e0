"""Files that go with posts: added by people, read by publishers."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

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
        return self.read(attachment)[start : start + size]
