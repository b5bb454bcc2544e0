"""Short links: the list, one link with its clicks and QR code, and the domain that links are printed with."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlmodel import Session

from domain.errors import TabuhError
from domain.metrics import Audience
from scheduler.links import (
    add_link,
    addresses,
    change_link,
    remove_link,
    restore_link,
    set_domain,
)
from store import clicks, link_domains, links
from store.changes import changes_of
from store.engine import reading
from web.api.base import RowId
from web.auth import MayAdminister, MayEdit, MaySee, Member
from web.charts import bars, heat
from web.codes import qr_png, qr_svg
from web.deps import Reading, Web, WebContext, page_context, redirect, show, voice_of
from web.drawing import Figure
from web.i18n import Voice
from web.link_words import STRETCHES, reason, rows, sheet, stretch
from web.pages.charts import STORE
from web.parcels import parcels
from web.posted import Posted
from web.said import said
from web.typed import Typed

router = APIRouter()

#: Links of one stretch of the list.
LENGTH: Final = 50
#: Days that a bar chart has room for.
_MOST_BARS: Final = 92
#: The number of a row, where the page says from which one to go on.
_Number = Annotated[int | None, Query(ge=1, le=2**63 - 1)]


@router.get("/links")
def list_links(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    web: Web,
    me: MaySee,
    of: Annotated[Typed, Query(max_length=10)] = "",
    words: Annotated[Typed, Query(max_length=200)] = "",
    before: _Number = None,
) -> Response:
    """Links that were made here, and those of posts."""
    return _list(request, web, me, of=of, words=words, before=before)


@router.post("/links")
def add(request: Request, web: Web, me: MayEdit, typed: Posted) -> Response:
    """Make a link."""
    voice = voice_of(request)
    try:
        link = add_link(
            web.context, me.workspace.id, typed.get("target", ""), code=typed.get("code", ""),
            note=typed.get("note", ""), actor=me.actor,
        )  # fmt: skip
    except TabuhError as error:
        return _list(request, web, me, typed=typed, refused=said(voice, str(error)))
    return redirect(request, f"/links/{link.id}", notice=voice.gettext("The link is made."))


@router.post("/links/domain")
def domain(request: Request, web: Web, me: MayAdminister, typed: Posted) -> Response:
    """Change the domain that links are printed with."""
    voice = voice_of(request)
    try:
        set_domain(web.context, me.workspace.id, typed.get("domain", ""), actor=me.actor)
    except TabuhError as error:
        return _list(request, web, me, typed=typed, refused=said(voice, str(error)))
    return redirect(request, "/links", notice=voice.gettext("Links are printed with the new address now."))


def _list(
    request: Request,
    web: WebContext,
    me: Member,
    *,
    of: str = "",
    words: str = "",
    before: int | None = None,
    typed: Mapping[str, str] | None = None,
    refused: str = "",
) -> Response:
    own = {"own": True, "posts": False}.get(of)
    with reading(web.context.engine) as session:
        found = links.listed(
            session, me.workspace.id, own=own, words=words.strip(), before=before, limit=LENGTH + 1
        )
        where = addresses(web.context, session, me.workspace.id)
        shown = rows(session, found[:LENGTH], where)
        host = link_domains.host_of(session, me.workspace.id)
    kept = {name: value for name, value in (("of", of), ("words", words)) if value}
    older = f"/links?{urlencode({**kept, 'before': shown[-1].link.id})}" if len(found) > LENGTH else ""
    return show(
        request,
        "pages/links.html",
        status=422 if refused else 200,
        rows=shown,
        older=older,
        newest=f"/links?{urlencode(kept)}" if before else "",
        of=of,
        words=words,
        domain=host,
        where=where.domain or f"{where.public_url}/l",
        can_be_opened=web.context.shortens_links,
        typed=typed or {},
        refused=refused,
    )


@router.get("/links/{link_id}")
def one_link(
    request: Request,
    web: Web,
    me: MaySee,
    link_id: RowId,
    days: Annotated[int, Query(ge=1, le=3_660)] = 30,
) -> Response:
    """One link with its clicks."""
    return _page(request, web, me, link_id, days=days)


@router.post("/links/{link_id}")
def change(request: Request, web: Web, me: MayEdit, link_id: RowId, typed: Posted) -> Response:
    """Change where a link leads, or its note."""
    voice = voice_of(request)
    try:
        change_link(
            web.context, me.workspace.id, link_id, target=typed.get("target"), note=typed.get("note"),
            actor=me.actor,
        )  # fmt: skip
    except TabuhError as error:
        return _page(request, web, me, link_id, typed=typed, refused=said(voice, str(error)))
    return redirect(request, f"/links/{link_id}", notice=voice.gettext("The link is changed."))


@router.post("/links/{link_id}/remove")
def remove(request: Request, web: Web, me: MayEdit, link_id: RowId) -> Response:
    """Let a link lead nowhere."""
    voice = voice_of(request)
    try:
        remove_link(web.context, me.workspace.id, link_id, actor=me.actor)
    except TabuhError as error:
        return _page(request, web, me, link_id, refused=said(voice, str(error)))
    return redirect(request, f"/links/{link_id}", notice=voice.gettext("The link leads nowhere now."))


@router.post("/links/{link_id}/restore")
def restore(request: Request, web: Web, me: MayEdit, link_id: RowId) -> Response:
    """Let a removed link lead to its target again."""
    restore_link(web.context, me.workspace.id, link_id, actor=me.actor)
    notice = voice_of(request).gettext("The link leads to its target again.")
    return redirect(request, f"/links/{link_id}", notice=notice)


def _page(
    request: Request,
    web: WebContext,
    me: Member,
    link_id: int,
    *,
    days: int = 30,
    typed: Mapping[str, str] | None = None,
    refused: str = "",
) -> Response:
    voice, zone = voice_of(request), me.workspace.zone
    start, end = stretch(days, zone, now=page_context(request).now)
    with reading(web.context.engine) as session:
        link = links.get(session, me.workspace.id, link_id)
        where = addresses(web.context, session, me.workspace.id)
        faces = clicks.faces(session, link, start=start, end=end, zone=zone)
        ever = clicks.totals(session, [link.id])[link.id]
        changes = changes_of(session, "link", link.id)
    return show(
        request,
        "pages/link.html",
        status=422 if refused else 200,
        short=link,
        address=where.of(link),
        faces=faces,
        ever=ever,
        days=days,
        stretches=STRETCHES,
        reasons=[
            (audience, reason(why, voice.language), number) for audience, why, number in faces.by_reason
        ],
        charts=_charts(faces, zone, voice=voice),
        zone=zone,
        countries=web.country is not None,
        changes=[(one, said(voice, one.what)) for one in reversed(changes)],
        typed=typed or {"target": link.target, "note": link.note or ""},
        refused=refused,
        utm=[
            (name, value) for name, value in parse_qsl(urlsplit(link.target).query) if name.startswith("utm_")
        ],
    )


def _charts(faces: clicks.Faces, zone: str, *, voice: Voice) -> list[Figure]:
    """Human clicks by day, and by hour of the week, as the clocks of the zone have them."""
    if not faces.human:
        return []
    _, where = voice.gettext, ZoneInfo(zone)
    known = {day.day: float(day.human) for day in faces.days}
    first, last = faces.start.astimezone(where).date(), faces.end.astimezone(where).date()
    drawn = []
    if (last - first).days < _MOST_BARS:
        whole = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        title = _("Clicks of people by day")
        drawn.append(bars(title, _("Clicks"), [(day, known.get(day, 0.0)) for day in whole], voice=voice))
    cells: dict[tuple[int, int], float] = {}
    for hour, counts in faces.hours:
        there = hour.astimezone(where)
        cell = (there.weekday(), there.hour)
        cells[cell] = cells.get(cell, 0.0) + counts[Audience.HUMAN]
    drawn.append(heat(_("When people clicked (%(zone)s)", zone=zone), _("Clicks"), cells, voice=voice))
    return [STORE.place(chart, language=voice.language) for chart in drawn]


@router.get("/links/{link_id}/qr.svg")
def code_as_svg(web: Web, session: Reading, me: MaySee, link_id: RowId) -> Response:
    """The QR code for print."""
    return _code(web, session, me, link_id, "svg")


@router.get("/links/{link_id}/qr.png")
def code_as_png(web: Web, session: Reading, me: MaySee, link_id: RowId) -> Response:
    """The QR code for programs that take pictures only."""
    return _code(web, session, me, link_id, "png")


def _code(web: WebContext, session: Session, me: Member, link_id: int, kind: str) -> Response:
    link = links.get(session, me.workspace.id, link_id)
    address = addresses(web.context, session, me.workspace.id).of(link)
    made = qr_svg(address) if kind == "svg" else qr_png(address)
    headers = {"Content-Disposition": f'inline; filename="{link.code}.{kind}"', "Cache-Control": "no-cache"}
    media_type = "image/svg+xml" if kind == "svg" else "image/png"
    return Response(made, media_type=media_type, headers=headers)


@router.get("/links/{link_id}/clicks.csv")
def export(
    request: Request, web: Web, me: MaySee, link_id: RowId, days: Annotated[int, Query(ge=1, le=3_660)] = 30
) -> Response:
    """Every click of the stretch that the page shows, one a line."""
    start, end = stretch(days, me.workspace.zone, now=page_context(request).now)
    with reading(web.context.engine) as session:
        link = links.get(session, me.workspace.id, link_id)

    def pieces() -> Iterator[str]:
        with reading(web.context.engine) as session:
            yield from sheet(session, link, start=start, end=end)

    headers = {"Content-Disposition": f'attachment; filename="clicks-{link.code}.csv"'}
    return StreamingResponse(parcels(pieces()), media_type="text/csv; charset=utf-8", headers=headers)
