"""Signing in by a one-time link or a password, setting a password, and signing out."""

from datetime import timedelta
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import Session

from domain.errors import NotFound, UsageError
from scheduler.people import password_fits, set_password
from store import budgets, people
from store.engine import reading, writing
from store.tables import Person
from web import auth
from web.auth import MaySee, Member
from web.deps import Reading, Web, WebContext, redirect, safe_path, show, voice_of
from web.i18n import marked as N_

router = APIRouter(include_in_schema=False)

#: Tries of one name from one address, and of all names from one address, before a wait of `WINDOW`.
TRIES_PER_NAME, TRIES_PER_ADDRESS = 10, 50
WINDOW = timedelta(minutes=15)
#: So long after signing in, a new password is taken without the old one: link or password were just shown.
FRESH = timedelta(minutes=15)

Field = Annotated[str, Form(max_length=1000)]


def link_url(private_url: str, token: str) -> str:
    """The address that a one-time link's token opens."""
    return f"{private_url}/sign-in/link/{token}"


@router.get("/sign-in")
def sign_in_form(request: Request, next: str = "/") -> Response:
    """Ask for name and password; whoever is signed in goes on."""
    if auth.member_or_none(request):
        return redirect(request, next)
    return _form(request, next)


@router.post("/sign-in")
def sign_in(
    request: Request, web: Web, name: Field = "", password: Field = "", next: Field = "/"
) -> Response:
    """Check the password, at most `TRIES_PER_NAME` times in a `WINDOW`."""
    _ = voice_of(request).gettext
    if not _may_try(web, request, name):
        said = _("Too many tries. Wait 15 minutes, or sign in with a one-time link from `tabuh person link`.")
        return _form(request, next, name, {"password": said}, status=429)
    with reading(web.context.engine) as session:
        person = _find(session, name)
    if not password_fits(person, password) or person is None:
        said = _("Name and password do not fit together.")
        return _form(request, next, name, {"password": said}, status=422)
    return _open(request, web, person, next)


@router.get("/sign-in/link/{token}")
def link(request: Request, session: Reading, web: Web, token: str) -> Response:
    """Show a button: looking at a link, as previews and mail scanners do, must not spend it."""
    try:
        person = people.link_owner(session, token, now=web.context.clock())
    except NotFound:
        return _spent(request)
    return show(request, "sign_in_link.html", name=person.name, token=token)


@router.post("/sign-in/link/{token}")
def use_link(request: Request, web: Web, token: str) -> Response:
    """Spend the link; who has no password yet is asked for one."""
    with writing(web.context.engine) as session:
        try:
            person = people.use_link(session, token, now=web.context.clock())
        except NotFound:
            return _spent(request)
        session.commit()
    return _open(request, web, person, "/" if person.password_hash else "/password")


@router.get("/password")
def password_form(request: Request, web: Web, me: MaySee) -> Response:
    """Ask for a new password, and for the old one when signing in was long ago."""
    return _password_form(request, web, me, {})


@router.post("/password")
def change_password(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, web: Web, me: MaySee, new: Field = "", again: Field = "", current: Field = ""
) -> Response:
    """Set a new password; every other browser of this person is signed out."""
    _ = voice_of(request).gettext
    if _asks_current(web, me):
        if not _may_try(web, request, me.person.name):
            return _password_form(request, web, me, {"current": _("Too many tries. Wait 15 minutes.")}, 429)
        if not password_fits(me.person, current):
            return _password_form(request, web, me, {"current": _("This is not your password.")}, 422)
    if new != again:
        return _password_form(request, web, me, {"again": _("The two are not the same.")}, 422)
    try:
        set_password(web.context, me.person.id, new, keep_session=me.session_hash)
    except UsageError as error:
        return _password_form(request, web, me, {"new": _(str(error))}, 422)
    return redirect(request, "/", notice=_("Your password is set. Other browsers were signed out."))


@router.post("/sign-out")
def sign_out(request: Request, web: Web) -> Response:
    """End this browser's session."""
    with writing(web.context.engine) as session:
        people.end_session(session, request.cookies.get(web.session_cookie, ""))
        session.commit()
    answer = redirect(request, "/sign-in", notice=voice_of(request).gettext("You are signed out."))
    answer.headers.append("Set-Cookie", auth.session_cookie(web, ""))
    return answer


def _form(
    request: Request, next: str, name: str = "", errors: dict[str, str] | None = None, *, status: int = 200
) -> Response:
    errors = errors or {}
    return show(request, "sign_in.html", status=status, name=name, next=safe_path(next), errors=errors)


def _password_form(
    request: Request, web: WebContext, me: Member, errors: dict[str, str], status: int = 200
) -> Response:
    asks = _asks_current(web, me)
    return show(request, "sign_in_password.html", status=status, errors=errors, asks_current=asks)


def _spent(request: Request) -> Response:
    return show(request, "sign_in_spent.html", status=410)


def _asks_current(web: WebContext, me: Member) -> bool:
    long_ago = me.signed_in_at is None or web.context.clock() - me.signed_in_at > FRESH
    return long_ago and me.person.password_hash is not None


def _find(session: Session, name: str) -> Person | None:
    if not name.isprintable():  # PostgreSQL takes no NUL, and nobody is called so
        return None
    try:
        return people.person_named(session, name.strip())
    except NotFound:
        return None


def _may_try(web: WebContext, request: Request, name: str) -> bool:
    now = web.context.clock()
    with writing(web.context.engine) as session:
        by_name = budgets.take(
            session, _tries_key(request, name), allowed=TRIES_PER_NAME, window=WINDOW, now=now
        )
        by_address = budgets.take(
            session, _tries_key(request, None), allowed=TRIES_PER_ADDRESS, window=WINDOW, now=now
        )
        session.commit()
    return by_name and by_address


def _tries_key(request: Request, name: str | None) -> str:
    address = request.client.host if request.client else ""
    whose = f"{address} {(name or '').strip().casefold()}".encode("utf-8", "surrogatepass")
    return f"sign-in:{'address' if name is None else 'name'}:{sha256(whose).hexdigest()[:32]}"


def _open(request: Request, web: WebContext, person: Person, next: str) -> Response:
    with writing(web.context.engine) as session:
        people.end_session(session, request.cookies.get(web.session_cookie, ""))
        budgets.forget(session, _tries_key(request, person.name))
        agent = request.headers.get("user-agent", "")
        token = people.open_session(session, person.id, now=web.context.clock(), user_agent=agent)
        session.commit()
    answer = redirect(request, next)
    answer.headers.append("Set-Cookie", auth.session_cookie(web, token))
    return answer


#: Why a password is refused, as `domain.person` says it: here for the translators.
REFUSALS = (
    N_("The password needs at least 10 characters; a few words do well."),
    N_("The password may have at most 200 characters."),
    N_("The password repeats too few characters; a few words do well."),
    N_("The password must not hold your name."),
)
