"""Sites of one's own: the list with the way from clicks to conversions, and one site."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from analytics.funnel import funnel
from domain.errors import TabuhError, UsageError
from domain.site_figures import WINDOW
from domain.web_site import SiteSettings
from domain.windowed_figures import LONGEST
from scheduler.conversions import Imported, import_sheet
from scheduler.sites import STUB, add_site, change_site, remove_site, snippet
from store import conversions, sites
from store.changes import changes_of
from store.engine import reading
from web.api.base import RowId, Window
from web.auth import MayEdit, MaySee, Member
from web.deps import Web, WebContext, redirect, show, voice_of
from web.link_words import STRETCHES, stretch
from web.posted import Posted
from web.said import said
from web.sheet_forms import GivenSheet
from web.site_words import told

router = APIRouter()

#: Conversions that a site's page shows.
_SHOWN = 50
Days = Annotated[int, Query(ge=1, le=3_660)]


@router.get("/sites")
def list_sites(
    request: Request, web: Web, me: MaySee, days: Days = 30, window: Window = WINDOW.days
) -> Response:
    """The sites, and the way from clicks to conversions."""
    return _list(request, web, me, days=days, window=window)


@router.post("/sites")
def add(request: Request, web: Web, me: MayEdit, typed: Posted) -> Response:
    """Set up a site."""
    voice = voice_of(request)
    try:
        site = add_site(
            web.context, me.workspace.id, typed.get("name", ""), hosts=[typed.get("hosts", "")],
            key_events=typed.get("key_events", "").replace(",", " ").split(), actor=me.actor,
        )  # fmt: skip
    except UsageError as error:
        return _list(request, web, me, typed=typed, refused=said(voice, str(error)))
    notice = voice.gettext("The site is set up. Now put the line into its pages.")
    return redirect(request, f"/sites/{site.id}", notice=notice)


def _list(
    request: Request,
    web: WebContext,
    me: Member,
    *,
    days: int = 30,
    window: int = WINDOW.days,
    typed: Mapping[str, str] | None = None,
    refused: str = "",
) -> Response:
    voice = voice_of(request)
    start, end = stretch(days, me.workspace.zone, now=web.context.clock())
    with reading(web.context.engine) as session:
        found = sites.listed(session, me.workspace.id)
        steps = funnel(session, me.workspace.id, start=start, end=end, window=timedelta(days=window))
    return show(
        request,
        "pages/sites.html",
        status=422 if refused else 200,
        sites=found,
        funnel=steps,
        language=voice.language,
        days=days,
        window=window,
        longest=LONGEST,
        stretches=[(one, voice.number(one)) for one in sorted({*STRETCHES, days})],
        typed=typed or {},
        refused=refused,
    )


@router.get("/sites/{site_id}")
def one_site(request: Request, web: Web, me: MaySee, site_id: RowId) -> Response:
    """One site."""
    return _page(request, web, me, site_id)


@router.post("/sites/{site_id}")
def change(request: Request, web: Web, me: MayEdit, site_id: RowId, typed: Posted) -> Response:
    """Change its name, hosts, and which conversions count."""
    voice = voice_of(request)
    try:
        change_site(
            web.context, me.workspace.id, site_id, name=typed.get("name", ""), hosts=[typed.get("hosts", "")],
            key_events=typed.get("key_events", "").replace(",", " ").split(),
            others=typed.get("others", "").replace(",", " ").split(), actor=me.actor,
        )  # fmt: skip
    except UsageError as error:
        return _page(request, web, me, site_id, typed=typed, refused=said(voice, str(error)))
    return redirect(request, f"/sites/{site_id}", notice=voice.gettext("The site is changed."))


@router.post("/sites/{site_id}/remove")
def remove(request: Request, web: Web, me: MayEdit, site_id: RowId) -> Response:
    """Count nothing more on it."""
    site = remove_site(web.context, me.workspace.id, site_id, actor=me.actor)
    notice = voice_of(request).gettext("The site %(name)s is removed.", name=site.name)
    return redirect(request, "/sites", notice=notice)


@router.post("/sites/{site_id}/import")
def take(request: Request, web: Web, me: MayEdit, site_id: RowId, sheet: GivenSheet) -> Response:
    """Take the rows of a sheet, or say what would happen."""
    voice, dry_run = voice_of(request), bool(sheet.fields.get("dry_run"))
    try:
        done = import_sheet(web.context, me.workspace.id, site_id, sheet.raw, dry_run=dry_run, actor=me.actor)
    except TabuhError as error:
        return _page(request, web, me, site_id, refused=said(voice, str(error)))
    if not done.kept:
        return _page(request, web, me, site_id, imported=done)
    notice = voice.gettext(
        "%(new)s new rows are kept; %(known)s were known before.",
        new=voice.number(done.new),
        known=voice.number(done.known),
    )
    return redirect(request, f"/sites/{site_id}", notice=notice)


def _page(
    request: Request,
    web: WebContext,
    me: Member,
    site_id: int,
    *,
    typed: Mapping[str, str] | None = None,
    refused: str = "",
    imported: Imported | None = None,
) -> Response:
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        site = sites.get(session, me.workspace.id, site_id)
        rows = conversions.listed(session, me.workspace.id, site_id=site_id, limit=_SHOWN)
        changes = changes_of(session, "site", site_id)
    settings = SiteSettings.stored(site.settings)
    wrong = refused or (imported is not None and imported.wrong)
    return show(
        request,
        "pages/site.html",
        status=422 if wrong else 200,
        site=site,
        settings=settings,
        others=sorted(name for name, is_key in settings.conversions.items() if not is_key),
        line=snippet(web.context, site),
        stub=STUB,
        rows=[told(row, voice) for row in rows],
        typed=typed or {},
        refused=refused,
        imported=imported,
        changes=changes,
    )
