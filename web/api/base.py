"""What all API modules share: ids as strings, lists by cursor, and calls that may be repeated."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

from domain.errors import UsageError
from domain.windowed_figures import LONGEST
from store import tokens
from store.engine import reading, writing
from web.auth import Member
from web.deps import web_of
from web.problems import PROBLEM, Problem

PREFIX = "/api/v1"
_LARGEST_ID = 2**63 - 1

#: A row's number. JavaScript cannot hold 63 bits, so JSON carries it as a string.
RowId = Annotated[
    int,
    Field(ge=1, le=_LARGEST_ID),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,19}$"}),
]

#: Days from a click in which what it brought counts.
Window = Annotated[int, Query(ge=1, le=LONGEST)]

#: A line that a person typed: no control characters, which PostgreSQL or a terminal would trip over.
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]

Shown = TypeVar("Shown", bound=BaseModel)


class Body(BaseModel):
    """What a call may send; a misspelled name is refused, not passed over."""

    model_config = ConfigDict(extra="forbid")


class Listing(BaseModel, Generic[Shown]):
    """One stretch of a list."""

    rows: list[Shown]
    #: For ``?cursor=``; null: this was the last stretch.
    next_cursor: str | None = None


def api_router(subject: str) -> APIRouter:
    """The router of one API module; all refusals are problem details."""
    refusals: dict[int | str, dict[str, Any]] = {"4XX": {"model": Problem, "description": "Refused."}}
    return APIRouter(prefix=PREFIX, tags=[subject], responses=refusals)


class Paging:
    """``?limit=`` and ``?cursor=``: a cursor is opaque to callers, and a list of JSON values to us."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> None:
        self.limit = limit
        self._cursor = cursor

    def after(self, *kinds: type) -> tuple[Any, ...] | None:
        """The key that the last stretch ended with, checked against these kinds; None: begin at the start.

        Raises:
            UsageError: the cursor is none that this list gave.
        """
        if self._cursor is None:
            return None
        try:
            key = json.loads(urlsafe_b64decode(self._cursor.encode()))
        except ValueError as exc:
            raise UsageError(BAD_CURSOR) from exc
        if not isinstance(key, list) or [type(value) for value in key] != list(kinds):
            raise UsageError(BAD_CURSOR)
        if any(isinstance(value, int) and not 0 <= value <= _LARGEST_ID for value in key):
            raise UsageError(BAD_CURSOR)
        return tuple(key)

    def cut(
        self, rows: Sequence[Any], show: Callable[[Any], Shown], key: Callable[[Any], Sequence[str | int]]
    ) -> Listing[Shown]:
        """The answer, from up to ``limit + 1`` rows: one too many says that more follow."""
        kept = rows[: self.limit]
        more = len(rows) > self.limit
        cursor = urlsafe_b64encode(json.dumps(list(key(kept[-1]))).encode()).decode() if more else None
        return Listing(rows=[show(row) for row in kept], next_cursor=cursor)


BAD_CURSOR = "This cursor is none that this list gave. Leave it out to begin at the start."

Pages = Annotated[Paging, Depends()]


class Once:
    """A creating call that may be repeated: with the same ``Idempotency-Key``, nothing is made twice.

    A call that died half-way keeps its key: whether it made something is not known, so the
    repetition is refused until somebody has looked. Keys are kept for a day.
    """

    def __init__(
        self,
        request: Request,
        idempotency_key: Annotated[str | None, Header(max_length=100, pattern=r"^[\x21-\x7e]+$")] = None,
    ) -> None:
        self._web = web_of(request)
        self._call = f"{request.method} {request.scope['path']}"
        self._key = idempotency_key

    def run(
        self,
        me: Member,
        body: BaseModel,
        make: Callable[[], BaseModel],
        *,
        secret: frozenset[str] = frozenset(),
    ) -> JSONResponse:
        """Answer 201 with what ``make`` returns, or with what it returned to the first call with this key.

        Args:
            secret: fields that are answered once and not kept; a repetition answers null for them.
        """
        if self._key is None:
            return JSONResponse(make().model_dump(mode="json"), 201)
        key = f"{me.person.id}:{self._key}"
        asked = json.dumps([self._call, body.model_dump(mode="json")], sort_keys=True)
        request_hash = sha256(asked.encode()).hexdigest()
        if not self._begin(me, key, request_hash):
            return self._repeat(me, key, request_hash)
        try:
            made = make().model_dump(mode="json")
        except Exception:
            self._change(tokens.give_back, me, key)
            raise
        kept = {name: None if name in secret else value for name, value in made.items()}
        self._change(tokens.end_call, me, key, status=201, body=kept)
        return JSONResponse(made, 201)

    def _begin(self, me: Member, key: str, request_hash: str) -> bool:
        with writing(self._web.context.engine) as session:
            now = self._web.context.clock()
            begun = tokens.begin_call(session, me.workspace.id, key, request_hash=request_hash, now=now)
            session.commit()
        return begun

    def _change(self, change: Callable[..., None], me: Member, key: str, **values: Any) -> None:
        with writing(self._web.context.engine) as session:
            change(session, me.workspace.id, key, **values)
            session.commit()

    def _repeat(self, me: Member, key: str, request_hash: str) -> JSONResponse:
        with reading(self._web.context.engine) as session:
            earlier = tokens.earlier_call(session, me.workspace.id, key)
        if earlier.request_hash != request_hash:
            raise UsageError("This Idempotency-Key was used for another call. Use a new key for a new call.")
        if earlier.status == tokens.RUNNING:
            raise HTTPException(
                409,
                "The first call with this Idempotency-Key has not ended. Wait, or look whether it did its "
                "work and then use a new key.",
            )
        return JSONResponse(earlier.body, earlier.status, headers={"Idempotency-Replayed": "true"})


Repeatable = Annotated[Once, Depends()]


def describe(app: FastAPI) -> None:
    """Let OpenAPI name the media type of problem details, which FastAPI cannot be told per model."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            for path in made()["paths"].values():
                for operation in path.values():
                    refused = operation["responses"].get("4XX", {}).get("content", {})
                    if "application/json" in refused:
                        refused[PROBLEM] = refused.pop("application/json")
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
