"""Pictures and videos that a command names by their files."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from domain.media import Attachment
    from scheduler.context import Context


def pictures(
    context: "Context",
    workspace_id: int,
    files: "Sequence[Path]",
    alts: "Sequence[str]",
    *,
    videos: "Sequence[Path]" = (),
) -> "tuple[Attachment, ...]":
    """Keep these files, and say what each shows.

    Args:
        alts: one for each file from the first on, pictures before videos; fewer are allowed.

    Raises:
        UsageError: a file cannot be read or is none of its kind, or there are more texts than files.
    """
    from domain.errors import UsageError
    from scheduler import media

    if len(alts) > len(files) + len(videos):
        raise UsageError("There are more --alt than --picture. Give each text behind its picture.")
    kept = []
    for place, file in enumerate(files):
        try:
            if file.stat().st_size > media.MAX_PICTURE:
                raise UsageError(f"{file} has more than {media.MAX_PICTURE:,} bytes. Make it smaller.")
            body = file.read_bytes()
        except OSError as exc:
            raise UsageError(f"{file} cannot be read: {exc.strerror}.") from exc
        found = media.add(context, workspace_id, body, name=file.name)
        kept.append(media.described(found, alts[place] if place < len(alts) else ""))
    for place, file in enumerate(videos, start=len(files)):
        try:
            with file.open("rb") as opened:
                found = media.add_video(context, workspace_id, opened, name=file.name)
        except OSError as exc:
            raise UsageError(f"{file} cannot be read: {exc.strerror}.") from exc
        kept.append(media.described(found, alts[place] if place < len(alts) else ""))
    return tuple(kept)
