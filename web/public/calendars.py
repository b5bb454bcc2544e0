"""Calendars at secret addresses, for calendar programs: nobody signs in, and the address can be closed."""

import hashlib
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import Response

from domain.errors import NotFound
from scheduler.calendars import posts_calendar
from store import calendars, people
from store.engine import writing
from store.tables import CalendarFeed
from web.deps import Reading, Web, WebContext
from web.i18n import LANGUAGES, Voice
from web.i18n import marked as N_
from web.said import said

router = APIRouter()

#: How often a visit of a calendar program is written down.
_NOTED_EVERY = timedelta(minutes=5)


@router.api_route("/c/{token}.ics", methods=["GET", "HEAD"])
def calendar(
    request: Request,
    session: Reading,
    web: Web,
    token: Annotated[str, Path(pattern="^[0-9A-Za-z_-]{20,64}$")],
) -> Response:
    """The posts of a workspace or channel; 404 when the address was closed."""
    try:
        feed = calendars.by_token(session, token)
    except NotFound as exc:
        raise HTTPException(404, N_("There is no calendar at this address. Ask for a new one.")) from exc
    workspace = people.workspace(session, feed.workspace_id)
    voice = Voice(workspace.language if workspace.language in LANGUAGES else "en", workspace.zone)
    text = posts_calendar(
        session,
        workspace,
        channel_id=feed.channel_id,
        now=web.context.clock(),
        private_url=web.private_url,
        say=lambda words: said(voice, words),
    )
    body = text.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, max-age=300",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
        "Content-Disposition": 'inline; filename="tabuh.ics"',
    }
    _note(web, feed)
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if tag in known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="text/calendar")


def _note(web: WebContext, feed: CalendarFeed) -> None:
    now = web.context.clock()
    if feed.read_at is not None and now - feed.read_at < _NOTED_EVERY:
        return
    with writing(web.context.engine) as session:
        calendars.note_read(session, feed.id, now=now)
        session.commit()
