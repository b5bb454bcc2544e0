"""Platforms: the application that this installation has registered at each of them. For owners."""

from fastapi import APIRouter, HTTPException, Request, Response

from domain.errors import TabuhError, UsageError
from scheduler import applications
from scheduler.applications import ApplicationShown
from web.auth import MayAdminister
from web.deps import Web, WebContext, redirect, show, voice_of
from web.pages.consent import redirect_address
from web.post_words import platform_title
from web.posted import Posted
from web.said import said

router = APIRouter()


@router.get("/platforms")
def list_platforms(request: Request, web: Web, me: MayAdminister) -> Response:
    """The platforms that ask for an application, and what is set."""
    del me
    voice = voice_of(request)
    found = [
        (one, platform_title(web.context, one.platform, voice)) for one in applications.listed(web.context)
    ]
    return show(request, "pages/platforms.html", platforms=found, redirect=redirect_address(web))


@router.get("/platforms/{platform}")
def application_form(request: Request, web: Web, me: MayAdminister, platform: str) -> Response:
    """The application of one platform; its secret is never shown."""
    del me
    one = _application(web, platform)
    return _form(request, web, one, typed=one.id or "", refused="")


@router.post("/platforms/{platform}")
def set_application(request: Request, web: Web, me: MayAdminister, platform: str, typed: Posted) -> Response:
    """Keep id and secret; an empty secret keeps the one that belongs to the same id."""
    one, voice = _application(web, platform), voice_of(request)
    known, secret = typed.get("application_id", ""), typed.get("application_secret", "")
    try:
        applications.set_application(
            web.context, platform, application_id=known, secret=secret, actor=me.actor
        )
    except TabuhError as error:
        return _form(request, web, one, typed=known, refused=said(voice, str(error)))
    title = platform_title(web.context, platform, voice)
    notice = voice.gettext("The application of %(platform)s is set.", platform=title)
    return redirect(request, "/platforms", notice=notice)


@router.post("/platforms/{platform}/unset")
def unset_application(request: Request, web: Web, me: MayAdminister, platform: str) -> Response:
    """Forget it: channels stay until their access ends."""
    one, voice = _application(web, platform), voice_of(request)
    applications.unset_application(web.context, one.platform, actor=me.actor)
    title = platform_title(web.context, platform, voice)
    notice = voice.gettext("The application of %(platform)s is forgotten.", platform=title)
    return redirect(request, "/platforms", notice=notice)


def _application(web: WebContext, platform: str) -> ApplicationShown:
    try:
        return applications.shown(web.context, platform)
    except UsageError as error:
        raise HTTPException(404) from error


def _form(request: Request, web: WebContext, one: ApplicationShown, *, typed: str, refused: str) -> Response:
    return show(
        request,
        "pages/platforms_one.html",
        status=422 if refused else 200,
        one=one,
        title=platform_title(web.context, one.platform, voice_of(request)),
        redirect=redirect_address(web),
        typed=typed,
        refused=refused,
    )
