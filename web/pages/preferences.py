"""Language, theme and workspace of a browser, and where a person is signed in."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from store import people
from store.engine import writing
from web import auth
from web.auth import MaySee
from web.deps import LANGUAGE_COOKIE, THEME_COOKIE, YEAR, Reading, Web, redirect, show, voice_of
from web.i18n import LANGUAGES
from web.render import THEMES

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form(max_length=2000)]


@router.post("/prefs")
def choose(
    request: Request, web: Web, language: Field = "", theme: Field = "", back: Field = "/"
) -> Response:
    """Keep language or theme in this browser, and with the person if one is signed in."""
    chosen = {}
    if language in LANGUAGES:
        chosen["language"] = language
    if theme in THEMES:
        chosen["theme"] = theme
    me = auth.member_or_none(request)
    if me and chosen:
        with writing(web.context.engine) as session:
            people.set_preferences(session, me.person.id, **chosen)
            session.commit()
    answer = redirect(request, back)
    for cookie, value in ((LANGUAGE_COOKIE, chosen.get("language")), (THEME_COOKIE, chosen.get("theme"))):
        if value:
            answer.set_cookie(cookie, value, max_age=YEAR, httponly=True, samesite="lax", secure=web.secure)
    return answer


@router.post("/workspace")
def choose_workspace(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, web: Web, session: Reading, me: MaySee, workspace: Field = "", back: Field = "/"
) -> Response:
    """Work in another workspace; one that the person does not belong to changes nothing."""
    answer = redirect(request, back)
    if any(str(mine.id) == workspace for mine, _ in people.workspaces_of(session, me.person.id)):
        answer.set_cookie(
            auth.WORKSPACE_COOKIE,
            workspace,
            max_age=YEAR,
            httponly=True,
            samesite="lax",
            secure=web.secure,
        )
    return answer


@router.get("/preferences")
def preferences(request: Request, web: Web, session: Reading, me: MaySee) -> Response:
    """Where this person is signed in, their workspaces, and the way to a new password."""
    return show(
        request,
        "preferences.html",
        sessions=people.sessions_of(session, me.person.id, now=web.context.clock()),
        workspaces=people.workspaces_of(session, me.person.id),
    )


@router.post("/preferences/sign-out")
def close_session(request: Request, web: Web, me: MaySee, session_hash: Field = "") -> Response:
    """Sign out another of the person's browsers, or all others when none is named."""
    with writing(web.context.engine) as session:
        if session_hash:
            people.close_session(session, me.person.id, session_hash)
        else:
            people.close_other_sessions(session, me.person.id, keep=me.session_hash)
        session.commit()
    return redirect(request, "/preferences", notice=voice_of(request).gettext("Signed out there."))
