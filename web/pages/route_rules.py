"""Rules that a route's posts obey differently from their channel's others."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from domain.errors import UsageError
from domain.rules import rules_from, texts
from scheduler.channel_rules import ROUTE_FIELDS, Outcome, set_route_rules
from store import channels, routes
from store.engine import reading
from store.tables import ChannelRow, Route
from web.api.base import RowId
from web.auth import MayEdit
from web.channel_words import RULE_NAMES
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.pages.rules import MOST_LISTED, shown_move
from web.posted import Posted
from web.said import said
from web.typed import Errors

router = APIRouter()


@router.get("/routes/{route_id}/rules")
def rules_form(request: Request, session: Reading, me: MayEdit, route_id: RowId) -> Response:
    """What the route overrides."""
    route = routes.get(session, me.workspace.id, route_id)
    row = channels.get(session, me.workspace.id, route.channel_id)
    return _form(request, route, row, typed=dict(route.rules or {}), errors={}, outcome=None)


@router.post("/routes/{route_id}/rules")
def change_rules(request: Request, web: Web, me: MayEdit, route_id: RowId, typed: Posted) -> Response:
    """Show what a change would move, or make it."""
    voice = voice_of(request)
    route, row = _rows(web, me.workspace.id, route_id)
    given = {name: typed.get(name, "") for name in ROUTE_FIELDS}
    errors = {}
    for name, text in given.items():
        try:
            rules_from({name: text})
        except UsageError as error:
            errors[name] = said(voice, str(error))
    if errors:
        return _form(request, route, row, typed=typed, errors=errors, outcome=None)
    saving = typed.get("act") == "save"
    outcome = set_route_rules(
        web.context, me.workspace.id, route.name, given, actor=me.actor, what_if=not saving
    )
    if not saving:
        return _form(request, route, row, typed=typed, errors={}, outcome=outcome)
    web.wake()
    return redirect(request, f"/routes/{route.id}", notice=voice.gettext("The rules are set."))


def _rows(web: WebContext, workspace_id: int, route_id: int) -> tuple[Route, ChannelRow]:
    with reading(web.context.engine) as session:
        route = routes.get(session, workspace_id, route_id)
        return route, channels.get(session, workspace_id, route.channel_id)


def _form(
    request: Request,
    route: Route,
    row: ChannelRow,
    *,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    outcome: Outcome | None,
) -> Response:
    voice, own = voice_of(request), texts(rules_from(row.rules))
    return show(
        request,
        "pages/routes_rules.html",
        status=422 if errors else 200,
        route=route,
        row=row,
        typed=typed,
        errors=Errors(errors),
        fields=[(name, voice.gettext(RULE_NAMES[name]), own.get(name, "")) for name in ROUTE_FIELDS],
        outcome=outcome,
        moves=[shown_move(move) for move in outcome.plan.moves[:MOST_LISTED]] if outcome else [],
    )
