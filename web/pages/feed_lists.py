"""Lists of feeds in and out, and how all feeds do."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from domain.errors import UsageError
from domain.person import Permission
from scheduler.feed_lists import Imported, export_list, import_list
from store import feed_health, feeds
from store.engine import reading
from store.feeds import Health
from web.auth import MayEdit, MaySee, Needs
from web.deps import Reading, Web, page_context, show, voice_of
from web.feed_words import about, health_mark, rhythm_words
from web.posted import Mistake
from web.typed import Errors, ExistingForm, Typed, errors_of

router = APIRouter(include_in_schema=False)

#: Most pressing first.
_ORDER = (Health.ASKS, Health.GONE, Health.FAILING, Health.PAUSED, Health.WAITING, Health.HEALTHY)


@router.get("/feeds/health")
def health(request: Request, session: Reading, me: MaySee) -> Response:
    """How all feeds do, those that need a person first."""
    voice, now = voice_of(request), page_context(request).now
    found = feed_health.all_of(session, me.workspace.id, now=now)
    found.sort(key=lambda each: _ORDER.index(each.line.health))
    return show(
        request,
        "pages/feeds_health.html",
        found=found,
        marks={each.line.feed.id: health_mark(each.line.health, voice) for each in found},
        words={each.line.feed.id: about(each, voice) for each in found},
        rhythms={each.line.feed.id: rhythm_words(each.rhythm, voice) for each in found},
    )


@router.get("/feeds/lists")
def lists(request: Request, web: Web, me: MaySee) -> Response:
    """Bring a list, or take one away."""
    return _page(request, web, me.workspace.id, ExistingForm(existing="none"), Errors())


@router.post("/feeds/lists", dependencies=[Depends(Needs(Permission.EDIT))])
def take_list(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    web: Web,
    me: MayEdit,
    file: Annotated[UploadFile | None, File()] = None,
    existing: Annotated[Typed, Form()] = "",
    last: Annotated[Typed, Form()] = "",
    since: Annotated[Typed, Form()] = "",
) -> Response:
    """Add the feeds of a file."""
    voice = voice_of(request)
    form = ExistingForm(existing=existing, last=last, since=since)
    body = file.file.read() if file is not None else b""
    try:
        if not body:
            raise Mistake("file", voice.gettext("Choose an OPML file."))
        choice = form.choice(voice) or "none"
        done = import_list(web.context, me.workspace.id, body, existing=choice, actor=me.actor)
    except (UsageError, Mistake) as error:
        return _page(request, web, me.workspace.id, form, errors_of(error, "file", voice))
    web.wake()
    return _page(request, web, me.workspace.id, form, Errors(), done)


def _page(  # noqa: PLR0917 - one line for each caller
    request: Request,
    web: Web,
    workspace_id: int,
    form: ExistingForm,
    errors: Errors,
    done: Imported | None = None,
) -> Response:
    with reading(web.context.engine) as session:
        there = bool(feeds.listed(session, workspace_id))
    return show(
        request,
        "pages/feeds_lists.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        done=done,
        feeds=there,
    )


@router.get("/feeds/lists/feeds.opml")
def download(web: Web, me: MaySee) -> Response:
    """All feeds as a file."""
    body = export_list(web.context, me.workspace.id, title=me.workspace.name)
    headers = {"Content-Disposition": 'attachment; filename="feeds.opml"'}
    return Response(body, media_type="text/x-opml; charset=utf-8", headers=headers)
