"""API tokens of the person who asks."""

from datetime import datetime
from typing import Annotated

from fastapi import HTTPException, Response
from pydantic import BaseModel, Field

from domain.person import Scope
from scheduler.people import make_token, revoke_token
from store import tokens
from store.tables import ApiToken
from web.api.base import Body, Line, Listing, Pages, Repeatable, RowId, api_router
from web.auth import MaySee, Member
from web.deps import Reading, Web

router = api_router("tokens")


class NewToken(Body):
    """A token to make."""

    name: Line
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=2)]


class TokenShown(BaseModel):
    """A token without its secret part."""

    id: RowId
    name: str
    prefix: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None


class TokenMade(TokenShown):
    """A token that was just made."""

    #: Shown once; null when the call is repeated with the same Idempotency-Key.
    token: str | None


@router.get("/tokens")
def list_tokens(me: MaySee, session: Reading, pages: Pages) -> Listing[TokenShown]:
    """Your tokens in this workspace that are not revoked, newest first."""
    after = pages.after(int)
    before = after[0] if after else None
    rows = tokens.tokens_of(session, me.workspace.id, me.person.id, before=before, limit=pages.limit + 1)
    return pages.cut(rows, _shown, key=lambda row: [row.id])


@router.post("/tokens", status_code=201, response_model=TokenMade)
def create_token(body: NewToken, web: Web, me: MaySee, once: Repeatable) -> Response:
    """Make a token that may do what you may, no further than its scopes; only a signed-in person can."""
    _refuse_token(me)

    def make() -> TokenMade:
        row, token = make_token(web.context, me.workspace.id, body.name, body.scopes, actor=me.actor)
        return TokenMade(**_shown(row).model_dump(), token=token)

    return once.run(me, body, make, secret=frozenset({"token"}))


@router.delete("/tokens/{token_id}", status_code=204)
def delete_token(token_id: RowId, web: Web, me: MaySee) -> Response:
    """Revoke one of your tokens; it ends at once."""
    _refuse_token(me)
    revoke_token(web.context, me.workspace.id, token_id, actor=me.actor)
    return Response(status_code=204)


def _refuse_token(me: Member) -> None:
    if me.session_hash is None:
        raise HTTPException(403, "Tokens are made and revoked by a signed-in person, not by a token.")


def _shown(row: ApiToken) -> TokenShown:
    return TokenShown.model_validate(row.model_dump())
