"""Pictures in the forms of posts: kept as soon as they arrive, so that a form shown again still has them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session
from starlette.datastructures import UploadFile

from domain.errors import TabuhError
from domain.media import Attachment
from scheduler import media as commands
from store import media
from web.deps import WebContext
from web.i18n import Voice
from web.said import said

#: As many as the form has room for; by the API and the command line there may be more.
PLACES = range(1, 5)
#: The number of the row for a video.
VIDEO = 0


async def _uploaded(request: Request) -> Mapping[int, tuple[str, bytes]]:
    form = await request.form()
    found = {}
    for place in PLACES:
        given = form.get(f"picture_{place}")
        if isinstance(given, UploadFile) and given.filename:
            found[place] = (given.filename, await given.read())
    for name, value in form.items():
        if isinstance(value, UploadFile) and name != "video":
            await value.close()
    return found


async def _film(request: Request) -> AsyncIterator[UploadFile | None]:
    given = (await request.form()).get("video")
    if not isinstance(given, UploadFile):
        yield None
        return
    try:
        yield given if given.filename else None
    finally:
        await given.close()


#: The video of a form, kept on the disk while it is read.
UploadedFilm = Annotated[UploadFile | None, Depends(_film)]


#: Files of a form: their names and bytes by their place, from 1.
Uploaded = Annotated[Mapping[int, tuple[str, bytes]], Depends(_uploaded)]


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the form: its number, and the file that is there already; the video has the number 0."""

    number: int
    kept: Attachment | None = None
    alt: str = ""
    error: str = ""


#: The rows of an empty form.
EMPTY = (*map(Place, PLACES), Place(VIDEO))


def places(
    session: Session,
    web: WebContext,
    workspace_id: int,
    typed: Mapping[str, str],
    *,
    uploaded: Mapping[int, tuple[str, bytes]],
    film: UploadFile | None = None,
    voice: Voice,
) -> list[Place]:
    """What the rows of the form hold: what was there, unless it is to go, and what has just come."""
    found = []
    for number in (*PLACES, VIDEO):
        alt = typed.get(f"alt_{number}", "").strip()
        kept, error = None, ""
        try:
            if number == VIDEO and film is not None:
                kept = commands.add_video(web.context, workspace_id, film.file, name=film.filename or "")
            elif number in uploaded:
                name, body = uploaded[number]
                kept = commands.add(web.context, workspace_id, body, name=name)
            elif (sha256 := typed.get(f"kept_{number}", "")) and not typed.get(f"drop_{number}"):
                kept = media.get(session, workspace_id, sha256)
            if kept is not None:
                kept = commands.described(kept, alt)
        except TabuhError as exc:
            error = said(voice, str(exc))
        found.append(Place(number, kept, alt, error))
    return found


def attachments(found: Sequence[Place]) -> tuple[Attachment, ...]:
    """The pictures, in order."""
    return tuple(place.kept for place in found if place.kept is not None)


def errors(found: Sequence[Place]) -> dict[str, str]:
    """What is wrong, by field."""
    return {f"picture_{place.number}": place.error for place in found if place.error}


def remembered(typed: Mapping[str, str], found: Sequence[Place]) -> dict[str, str]:
    """The form's fields for showing it again: what was uploaded needs no second upload."""
    others = {name: value for name, value in typed.items() if not name.startswith(("kept_", "drop_"))}
    return others | {f"kept_{place.number}": place.kept.sha256 for place in found if place.kept is not None}


def filled_in(media: Sequence[Attachment]) -> dict[str, str]:
    """What the fields of a form hold for a post that has these pictures."""
    typed: dict[str, str] = {}
    own = _in_form(media)
    pictures = [one for one in own if not one.is_video]
    films = [(VIDEO, one) for one in own if one.is_video]
    for number, one in [*zip(PLACES, pictures, strict=False), *films]:
        typed |= {f"kept_{number}": one.sha256, f"alt_{number}": one.alt}
    return typed


def changed(media: Sequence[Attachment], found: Sequence[Place]) -> tuple[Attachment, ...] | None:
    """A post's pictures after a form was sent, those beyond its rows included; None: as they were."""
    given = attachments(found)
    if list(given) == _in_form(media):
        return None
    return (*given, *(one for one in media if one not in _in_form(media)))


def _in_form(media: Sequence[Attachment]) -> list[Attachment]:
    own = [one for one in media if one.sha256]
    films = [one for one in own if one.is_video]
    return [*[one for one in own if not one.is_video][: len(PLACES)], *films[:1]]
