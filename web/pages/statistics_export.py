"""What the list of published posts shows, all of it, as a file."""

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from analytics.post_export import FORMATS, pieces
from analytics.post_sheet import sheet_of
from domain.errors import UsageError
from domain.post_view import PostView
from scheduler.measuring import supplies
from store.engine import reading
from web.auth import MaySee, Member
from web.deps import Reading, Web, WebContext, voice_of
from web.parcels import parcels
from web.statistics_form import ListForm, known_in, stored_view

router = APIRouter(include_in_schema=False)

Format = Literal["csv", "json", "zip", "xlsx"]


@router.get("/statistics/export.{kind}")
def export(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    web: Web,
    session: Reading,
    me: MaySee,
    kind: Format,
    form: Annotated[ListForm, Query()],
) -> Response:
    """All posts of the list with these filters, columns and order."""
    voice = voice_of(request)
    view = stored_view(form, known_in(session, me.workspace.id), voice)
    return exported(web, me, view, kind, language=voice.language)


def exported(web: WebContext, me: Member, view: PostView, kind: Format, *, language: str) -> Response:
    """A view as a file to be kept. Raises `UsageError`: it cannot be sorted so."""
    with reading(web.context.engine) as session:
        able = supplies(web.context, session, me.workspace.id)
        now = web.context.clock()
        sheet = sheet_of(session, me.workspace.id, view, zone=me.workspace.zone, supplies=able, now=now)
        if next(sheet.stretches(), None) is None:  # what is wrong is said before anything is sent
            raise UsageError("There is nothing to write out.")

    def written() -> Iterator[bytes]:
        with reading(web.context.engine) as opened:
            again = sheet_of(opened, me.workspace.id, view, zone=me.workspace.zone, supplies=able, now=now)
            yield from pieces(again, kind, language=language)

    name = f"tabuh-posts-{now:%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return StreamingResponse(parcels(written()), media_type=FORMATS[kind], headers=headers)
