"""A channel's rules: when its posts may go out. What a change would move is shown before it is saved."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from domain.errors import UsageError
from domain.holidays import holiday_set, names_of_sets
from domain.rules import FIELDS, rules_from, texts
from scheduler.channel_rules import Outcome, set_rules
from scheduler.replanning import Move
from store import channels
from store.engine import reading
from store.tables import ChannelRow
from web.api.base import RowId
from web.auth import MayConnect, Member
from web.channel_words import day_fields, schedule_from
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.i18n import Voice
from web.post_words import one_line
from web.posted import Posted
from web.said import said
from web.typed import Errors

router = APIRouter()

#: Moves that are listed before saving.
MOST_LISTED = 100


@router.get("/channels/{channel_id}/rules")
def rules_form(request: Request, session: Reading, me: MayConnect, channel_id: RowId) -> Response:
    """The rules of a channel and its weekly times."""
    row = channels.get(session, me.workspace.id, channel_id)
    days = day_fields(channels.schedule(session, row.id), voice_of(request))
    return _form(request, row, typed={**_typed(row), **days}, errors={}, outcome=None)


def _typed(row: ChannelRow) -> dict[str, str]:
    """The rules as the fields of the form hold them."""
    written = texts(rules_from(row.rules))
    found = {name: written.get(name, "") for name in FIELDS}
    found["late"] = written.get("late", "send")
    for key in written.get("holidays", "").split(", "):
        if key:
            found[f"holidays-{key}"] = "on"
    return found


@router.post("/channels/{channel_id}/rules")
def change_rules(request: Request, web: Web, me: MayConnect, channel_id: RowId, typed: Posted) -> Response:
    """Show what a change would move, or make it."""
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        row = channels.get(session, me.workspace.id, channel_id)
    schedule, errors = schedule_from(typed, voice)
    given = _given(typed)
    if not errors:
        errors = _mistakes(given, voice)
    if errors:
        return _form(request, row, typed=typed, errors=errors, outcome=None)
    saving = typed.get("act") == "save"
    outcome = _change(web, me, row, given, schedule=schedule, what_if=not saving)
    if not saving:
        return _form(request, row, typed=typed, errors={}, outcome=outcome)
    web.wake()
    moved = len(outcome.plan.moves)
    notice = voice.gettext("The rules are set.")
    if moved:
        notice += " " + voice.ngettext("%(num)s post has moved.", "%(num)s posts have moved.", moved)
    return redirect(request, f"/channels/{row.id}", notice=notice)


def _change(
    web: WebContext, me: Member, row: ChannelRow, given: Mapping[str, str], *, schedule: str, what_if: bool
) -> Outcome:
    return set_rules(
        web.context, me.workspace.id, row.name, given, actor=me.actor, schedule=schedule, what_if=what_if
    )


def _given(typed: Mapping[str, str]) -> dict[str, str]:
    given = {name: typed.get(name, "") for name in FIELDS if name != "holidays"}
    given["holidays"] = ", ".join(key for key in names_of_sets() if typed.get(f"holidays-{key}"))
    given["best_times"] = "yes" if typed.get("best_times") else ""
    return given


def _mistakes(given: Mapping[str, str], voice: Voice) -> dict[str, str]:
    """What cannot be read, by field: all of it at once."""
    found = {}
    for name, text in given.items():
        try:
            rules_from({name: text})
        except UsageError as error:
            found[name] = said(voice, str(error))
    return found


def _form(
    request: Request,
    row: ChannelRow,
    *,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    outcome: Outcome | None,
) -> Response:
    voice = voice_of(request)
    return show(
        request,
        "pages/channels_rules.html",
        status=422 if errors else 200,
        row=row,
        typed=typed,
        errors=Errors(errors),
        days=[voice.weekday(number, "wide") for number in range(7)],
        holidays=[(key, holiday_set(key)) for key in names_of_sets()],
        holiday_names={key: holiday_set(key).name.said(voice.language) for key in names_of_sets()},
        outcome=outcome,
        moves=[shown_move(move) for move in outcome.plan.moves[:MOST_LISTED]] if outcome else [],
    )


def shown_move(move: Move) -> dict[str, Any]:
    """One move as the table of moves shows it."""
    return {
        "post_id": move.post.id,
        "text": one_line(move.post),
        "before": move.before,
        "after": move.after,
        "placement": move.placement,
    }
