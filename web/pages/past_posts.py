"""A channel's past posts from a file: what was recognised is shown before anything is kept."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from domain.errors import UsageError
from domain.sheet import MOST_BYTES
from scheduler.past_posts import PastChoices, PastFile, import_file
from store import channels
from store.engine import reading
from store.tables import ChannelRow
from web.api.base import RowId
from web.auth import MayEdit
from web.deps import Reading, Web, page_context, redirect, show, voice_of
from web.i18n import Voice
from web.i18n import marked as N_
from web.posted import zone_options
from web.said import said
from web.sheet_forms import GivenSheet, SheetForm
from web.slot_words import evidence

router = APIRouter()

#: Faults and posts that one page shows at most.
SHOWN = 200
#: What a column may hold, in the order of the page; engagement is a sum of columns.
USES: Final = {
    "time": N_("Time"), "clock": N_("Hour of the day"), "zone": N_("Time zone"),
    "reactions": N_("Reactions"), "replies": N_("Comments"), "shares": N_("Shares"),
    "engagement": N_("Engagement"), "type": N_("Kind"), "text": N_("Text"), "id": N_("Number of the post"),
    "link": N_("Link"),
}  # fmt: skip


@router.get("/channels/{channel_id}/past")
def ask(request: Request, session: Reading, me: MayEdit, channel_id: RowId) -> Response:
    """A form for an export of a platform, or of another tool."""
    return _form(request, channels.get(session, me.workspace.id, channel_id), SheetForm())


@router.post("/channels/{channel_id}/past")
def take(request: Request, web: Web, me: MayEdit, channel_id: RowId, given: GivenSheet) -> Response:
    """Look at a file first; keep it when the page that shows what was recognised says so."""
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        row = channels.get(session, me.workspace.id, channel_id)
    if not given.raw.strip():
        return _form(request, row, given, error=voice.gettext("Choose a CSV file, or paste its rows."))
    if given.is_too_large:
        return _form(request, row, given, error=voice.gettext("The file is too large: split it."))
    is_final = given.fields.get("act") == "import"
    choices = PastChoices(
        zone=given.fields.get("zone") or None,
        order=given.order,
        named={use: head for use in USES if (head := given.fields.get(f"column-{use}", "").strip())},
        skip_bad=given.fields.get("skip_bad") == "on",
        dry_run=not is_final,
        most_bytes=MOST_BYTES,
    )
    try:
        found = import_file(web.context, me.workspace.id, row.id, given.raw, choices=choices, actor=me.actor)
    except UsageError as error:
        return _form(request, row, given, error=said(voice, str(error)))
    if is_final and not found.refused:
        return redirect(request, f"/channels/{row.id}/slots", notice=_outcome(found, voice))
    return _preview(request, row, given, found, voice)


def _outcome(found: PastFile, voice: Voice) -> str:
    added = voice.ngettext(
        "%(num)s past post is learned from now.", "%(num)s past posts are learned from now.", found.done.added
    )
    if not found.done.changed:
        return added
    changed = voice.ngettext(
        "%(num)s that was known has newer counts.",
        "%(num)s that were known have newer counts.",
        found.done.changed,
    )
    return f"{added} {changed}"


def _form(request: Request, row: ChannelRow, given: SheetForm, error: str = "") -> Response:
    voice, now = voice_of(request), page_context(request).now
    return show(
        request,
        "pages/channels_past.html",
        status=422 if error else 200,
        row=row,
        error=error,
        fields=given.fields,
        packed=given.packed if given.raw and not given.is_too_large else "",
        columns=_columns(given, voice),
        zones=[("", voice.gettext("The file says it")), *zone_options([row.zone], now=now)],
    )


def _columns(given: SheetForm, voice: Voice) -> list[dict[str, Any]]:
    """What each use is found in, with the file's columns to choose from."""
    from analytics.past.columns import recognised
    from analytics.past.reading import heads_of

    heads = [head for head in heads_of(given.raw, most=MOST_BYTES) if head.strip()] if given.raw else []
    try:
        found = dict(recognised(heads, {}).by_use)
    except UsageError:
        found = {}
    auto = voice.gettext("As recognised: %(head)s")
    return (
        [
            {
                "use": use,
                "label": voice.gettext(label),
                "value": given.fields.get(f"column-{use}", ""),
                "options": [
                    ("", auto % {"head": found[use]} if use in found else voice.gettext("None")),
                    *((head, head) for head in heads),
                ],
            }
            for use, label in USES.items()
        ]
        if heads
        else []
    )


def _preview(request: Request, row: ChannelRow, given: SheetForm, found: PastFile, voice: Voice) -> Response:
    past, by_use = found.past, found.past.columns.by_use
    return show(
        request,
        "pages/channels_past_look.html",
        status=422 if found.refused else 200,
        row=row,
        done=found.done,
        export=past.columns.export,
        recognised=[
            (voice.gettext(label), by_use[use])
            for use, label in USES.items()
            if use in by_use and use != "engagement"
        ],
        engagement=" + ".join(past.columns.engagement),
        faults=[(fault.row, said(voice, fault.sentence)) for fault in past.faults[:SHOWN]],
        wrong=len(past.faults),
        posts=past.rows[:SHOWN],
        right=len(past.rows),
        evidence=evidence(found.done.week, voice),
        packed=given.packed,
        fields=given.fields,
        named=[(f"column-{use}", given.fields.get(f"column-{use}", "")) for use in USES],
        columns=_columns(given, voice),
        shown=SHOWN,
    )
