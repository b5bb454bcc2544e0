"""The page of benchmarks: what others reach, from whom and from when; a file to fill in."""

from typing import Any

from fastapi import APIRouter, Request, Response

from domain.benchmark_table import TEMPLATE
from domain.errors import NotFound
from scheduler.benchmarks import Known, known, remove
from web.api.base import RowId
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web, page_context, redirect, show, voice_of
from web.i18n import Voice
from web.kpi_why import measure_words
from web.said import said

router = APIRouter(include_in_schema=False)


@router.get("/benchmarks")
def list_benchmarks(request: Request, session: Reading, me: MaySee) -> Response:
    """Every benchmark with its source and date."""
    voice, now = voice_of(request), page_context(request).now
    found = known(session, me.workspace.id, now=now)
    return show(request, "pages/benchmarks.html", rows=[_shown(one, voice) for one in found])


def _shown(one: Known, voice: Voice) -> dict[str, Any]:
    row, entry = one.row, one.entry
    words = [word for word in (row.industry, row.segment, row.platform) if word]
    return {
        "id": row.id,
        "metric": said(voice, entry.name) if entry else row.metric,
        "key": row.metric,
        "whom": ", ".join(words) or voice.gettext("All"),
        "period": row.period,
        "numbers": measure_words(one.measure, entry, row.currency, voice) if entry else "–",
        "source": row.source,
        "day": one.source_date,
        "link": row.link or "",
        "stale": one.stale,
        "note": row.note,
    }


@router.get("/benchmarks/template.csv")
def template(_me: MaySee) -> Response:
    """A file to fill in."""
    named = {"Content-Disposition": 'attachment; filename="benchmarks.csv"'}
    return Response(TEMPLATE, media_type="text/csv; charset=utf-8", headers=named)


@router.post("/benchmarks/{benchmark_id}/remove")
def take_away(request: Request, web: Web, me: MayEdit, benchmark_id: RowId) -> Response:
    """Remove one benchmark."""
    voice = voice_of(request)
    try:
        remove(web.context, me.workspace.id, benchmark_id, actor=me.actor)
    except NotFound as error:
        return redirect(request, "/benchmarks", notice=said(voice, str(error)), kind="bad")
    return redirect(request, "/benchmarks", notice=voice.gettext("Removed."))
