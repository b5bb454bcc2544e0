"""The page of connectors: which tools are read, when that worked last, and what went wrong."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from domain.errors import TabuhError
from scheduler.connectors.keeping import TOOLS, add_connector, remove_connector, test_connector
from store import connectors
from store.engine import reading
from web.api.base import RowId
from web.auth import MayConnect, MaySee
from web.deps import Reading, Web, redirect, show, voice_of
from web.posted import Posted
from web.said import said

router = APIRouter(include_in_schema=False)

_HERE = "/business/connectors"


@router.get(_HERE)
def list_connectors(request: Request, session: Reading, me: MaySee) -> Response:
    """All connectors, and a form for another."""
    return _listed(request, session, me.workspace.id, {})


@router.post(_HERE)
def add(request: Request, web: Web, me: MayConnect, typed: Posted) -> Response:
    """Connect a tool: it is tried first."""
    voice = voice_of(request)
    settings = {use: typed.get(use, "") for use in ("property", "site", "address", "goals")}
    known = TOOLS.get(typed.get("tool", ""))
    if known is not None:
        settings = {use: value for use, value in settings.items() if use in known.settings}
    try:
        add_connector(
            web.context, me.workspace.id, name=typed.get("name", ""), tool=typed.get("tool", ""),
            settings=settings, secret=typed.get("key", ""), actor=me.actor,
        )  # fmt: skip
    except TabuhError as error:
        with reading(web.context.engine) as session:
            return _listed(request, session, me.workspace.id, typed, error=said(voice, str(error)))
    web.wake()
    return redirect(request, _HERE, notice=voice.gettext("Connected. It is read now, and then once a day."))


def _listed(
    request: Request, session: Session, workspace_id: int, typed: Mapping[str, str], *, error: str = ""
) -> Response:
    voice = voice_of(request)
    return show(
        request,
        "pages/connectors.html",
        status=422 if error else 200,
        error=error,
        typed={name: value for name, value in typed.items() if name != "key"},
        tools=[(name, tool.title) for name, tool in TOOLS.items()],
        rows=[
            {
                "row": row,
                "title": TOOLS[row.tool].title if row.tool in TOOLS else row.tool,
                "site": row.settings.get("property") or row.settings.get("site") or "",
                "error": said(voice, row.last_error) if row.last_error else "",
            }
            for row in connectors.listed(session, workspace_id)
        ],
    )


@router.post(_HERE + "/{connector_id}/test")
def look(request: Request, web: Web, me: MayConnect, connector_id: RowId) -> Response:
    """Read the last week without keeping it."""
    voice = voice_of(request)
    try:
        rows = test_connector(web.context, me.workspace.id, connector_id)
    except TabuhError as error:
        return redirect(request, _HERE, notice=said(voice, str(error)), kind="bad")
    told = voice.ngettext("It answers: %(num)s row for 7 days.", "It answers: %(num)s rows for 7 days.", rows)
    return redirect(request, _HERE, notice=told)


@router.post(_HERE + "/{connector_id}/remove")
def remove(request: Request, web: Web, me: MayConnect, connector_id: RowId) -> Response:
    """Read a tool no more; what it told stays."""
    voice = voice_of(request)
    try:
        remove_connector(web.context, me.workspace.id, connector_id, actor=me.actor)
    except TabuhError as error:
        return redirect(request, _HERE, notice=said(voice, str(error)), kind="bad")
    return redirect(request, _HERE, notice=voice.gettext("Removed. What it told stays."))
