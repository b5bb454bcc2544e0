"""What the hours of the week are worth to a channel, and whether following that has paid."""

from fastapi import APIRouter, Request, Response

from domain.rules import rules_from
from scheduler.learning import current_week
from scheduler.proving import earned_by_slots
from store import channels
from web.api.base import RowId
from web.auth import MaySee
from web.deps import Reading, page_context, show, voice_of
from web.pages.charts import STORE
from web.slot_words import audience_words, best_hours, dated_label, evidence, proof, week_chart

router = APIRouter(include_in_schema=False)


@router.get("/channels/{channel_id}/slots")
def show_slots(request: Request, session: Reading, me: MaySee, channel_id: RowId) -> Response:
    """The learned week of one channel as a heat map with its table, its best hours, and the proof."""
    row = channels.get(session, me.workspace.id, channel_id)
    voice, now = voice_of(request), page_context(request).now
    week = current_week(session, row, now=now)
    return show(
        request,
        "pages/channels_slots.html",
        row=row,
        week=week,
        audience=audience_words(rules_from(row.rules).audience or ((row.zone, 100),), now=now),
        chart=STORE.place(week_chart(week, voice), language=voice.language),
        best=best_hours(week, voice),
        evidence=evidence(week, voice),
        dated=dated_label(week, voice),
        proof=proof(earned_by_slots(session, row, now=now), voice),
    )
