"""Who is asking, and whether they may: one dependency for pages and API, over one permission table."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from domain.errors import NotFound
from domain.person import GRANTS, Permission, Role, Scope
from store import people, tokens
from store.changes import Actor
from store.engine import glancing, writing
from store.tables import Person, Workspace
from web.deps import WebContext, web_of
from web.i18n import marked as N_

_API = "/api/"
WORKSPACE_COOKIE = "tabuh_workspace"

#: Paths of the signed-in application that anybody may open; every other route names a permission.
PUBLIC_PATHS = frozenset(
    {
        "/healthz",
        "/readyz",
        "/static",
        "/prefs",
        "/sign-in",
        "/sign-in/link/{token}",
        "/sign-out",
        "/api/v1/openapi.json",
        "/connect/callback",
    }
)


@dataclass(frozen=True)
class Member:
    """A person in a workspace, as one request sees them."""

    person: Person
    workspace: Workspace
    role: Role
    #: The hash of the browser session's token; None: an API token asks.
    session_hash: str | None = None
    #: When the browser signed in.
    signed_in_at: datetime | None = None
    #: How far the API token goes; for a browser, as far as the role.
    scopes: frozenset[Scope] = frozenset(Scope)

    @property
    def actor(self) -> Actor:
        return Actor("person" if self.session_hash else "api", self.person.id)

    def may(self, permission: Permission | str) -> bool:
        """Whether role and token both allow it; templates ask with the permission's plain name."""
        wanted = Permission(permission)
        scope = Scope.READ if wanted is Permission.SEE else Scope.WRITE
        return wanted in GRANTS[self.role] and (scope in self.scopes or Scope.WRITE in self.scopes)


class Needs:
    """The dependency of a route that asks for one permission."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> Member:
        member = member_of(request)
        if not member.may(self.permission):
            raise HTTPException(403, _refusal(member, self.permission))
        return member


def _refusal(member: Member, permission: Permission) -> str:
    if permission in GRANTS[member.role]:
        return N_("This API token may only read. Make one with the scope write.")
    return N_("Your role in this workspace does not allow this. Ask an owner.")


MaySee = Annotated[Member, Depends(Needs(Permission.SEE))]
MayEdit = Annotated[Member, Depends(Needs(Permission.EDIT))]
MayApprove = Annotated[Member, Depends(Needs(Permission.APPROVE))]
MayConnect = Annotated[Member, Depends(Needs(Permission.CONNECT))]
MayAdminister = Annotated[Member, Depends(Needs(Permission.ADMINISTER))]


def member_of(request: Request) -> Member:
    """Who asks. Raises an HTTP 401 when nobody is signed in, 403 when they belong to no workspace."""
    known: Member | None = getattr(request.state, "member", None)
    if known is None:
        try:
            known = _by_token(request) or _by_session(request)
        except NotFound as exc:
            raise HTTPException(401, str(exc)) from exc
        request.state.member = known
    return known


def member_or_none(request: Request) -> Member | None:
    """Who asks; None when nobody is signed in."""
    try:
        return member_of(request)
    except HTTPException:
        return None


def is_api(request: Request) -> bool:
    """Whether a program asks, which reads JSON and may hold a token."""
    return bool(request.scope["path"].startswith(_API))


def _by_token(request: Request) -> Member | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not is_api(request):
        return None
    web = web_of(request)
    with glancing(web.context.engine) as session:
        row = tokens.holder(session, token.strip(), now=web.context.clock())
        person = people.person(session, row.person_id)
        memberships = people.workspaces_of(session, person.id)
    for workspace, role in memberships:
        if workspace.id == row.workspace_id:
            return Member(person, workspace, role, scopes=frozenset(Scope(scope) for scope in row.scopes))
    raise NotFound("The owner of this API token no longer belongs to its workspace.")


def _by_session(request: Request) -> Member:
    web = web_of(request)
    token = request.cookies.get(web.session_cookie)
    if not token:
        raise NotFound("Sign in first.")
    now = web.context.clock()
    with glancing(web.context.engine) as session:
        found, person, memberships = people.signed_in(session, token, now=now)
    if not memberships:
        raise HTTPException(403, N_("You belong to no workspace yet. Ask an owner to add you to one."))
    if now - found.seen_at >= people.SEEN_EVERY:
        _keep_alive(request, web, token, found.token_hash, now)
    chosen = request.cookies.get(WORKSPACE_COOKIE)
    workspace, role = next((known for known in memberships if str(known[0].id) == chosen), memberships[0])
    return Member(person, workspace, role, session_hash=found.token_hash, signed_in_at=found.created_at)


def _keep_alive(request: Request, web: WebContext, token: str, session_hash: str, now: datetime) -> None:
    with writing(web.context.engine) as session:
        people.keep_alive(session, session_hash, now=now)
        session.commit()
    # Whatever the handler answers: web.security.Guard adds the cookie to it.
    request.state.session_cookie = session_cookie(web, token)


def session_cookie(web: WebContext, token: str) -> str:
    """A Set-Cookie value that signs the browser in; an empty token signs it out."""
    age = int(people.SESSION_LIFETIME.total_seconds()) if token else 0
    secure = "; Secure" if web.secure else ""
    return f"{web.session_cookie}={token}; HttpOnly; Max-Age={age}; Path=/; SameSite=Lax{secure}"
