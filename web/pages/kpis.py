"""The pages of KPIs: a card for each, and one with its course, its definition and its readings."""

from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from analytics.explaining.looking import look
from analytics.explaining.periods import Against
from analytics.kpis import Standing, evaluate
from domain.breakdown import By
from domain.errors import UsageError
from domain.kpi import TargetKind, scope_from
from scheduler.kpis import close_kpi, standings
from scheduler.measuring import supplies
from store import guides, kpis, people
from store.engine import reading
from store.tables import Kpi
from web.api.base import RowId
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web, page_context, redirect, show, voice_of
from web.drawing import Figure
from web.figures import amount, formula
from web.i18n import Voice
from web.kpi_course import (
    care_rows,
    changed_this_week,
    comments_shown,
    record_words,
    versions_shown,
    warned_words,
)
from web.kpi_forms import EVERY
from web.kpi_record import record_shown
from web.kpi_why import against_offered, by_offered, effects_chart, trend_chart, why_shown
from web.kpi_words import course_chart, coverage_tone, forecast_words, kpi_shown, readings_shown, spark
from web.pages.charts import STORE
from web.said import said
from web.typed import Typed, errors_of

router = APIRouter(include_in_schema=False)

_Word = TypeVar("_Word", bound=StrEnum)
#: Readings of the current period that are listed.
LISTED = 40
#: KPIs on one page.
CARDS = 60


@router.get("/kpis")
def list_kpis(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    web: Web,
    session: Reading,
    me: MaySee,
    closed: Annotated[Typed, Query(max_length=4)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Each KPI against its pace; ``?closed=1`` shows the closed ones too."""
    voice = voice_of(request)
    found = standings(
        web.context,
        session,
        me.workspace.id,
        closed=bool(closed),
        skip=(page - 1) * CARDS,
        limit=CARDS + 1,
    )
    further, found = len(found) > CARDS, found[:CARDS]
    names = people.members(session, me.workspace.id)
    return show(
        request,
        "pages/kpis.html",
        cards=[
            {
                "shown": kpi_shown(standing, voice),
                "forecast": forecast_words(standing, voice),
                "spark": _spark(session, standing, voice),
                "week": changed_this_week(session, standing, voice),
                "owner": names.get(standing.kpi.owner_id or 0, ""),
                "coverage": coverage_tone(standing),
            }
            for standing in found
        ],
        closed=bool(closed),
        earlier=_page(page - 1, closed=bool(closed)) if page > 1 else "",
        later=_page(page + 1, closed=bool(closed)) if further else "",
        unread=guides.unread(session, me.workspace.id, me.person.id),
    )


def _page(number: int, *, closed: bool) -> str:
    told = {"closed": 1} if closed else {}
    query = urlencode(told | ({"page": number} if number > 1 else {}))
    return f"/kpis?{query}" if query else "/kpis"


def _spark(session: Session, standing: Standing, voice: Voice) -> Figure | None:
    readings = kpis.readings(session, standing.kpi.id, period_start=standing.span.first)
    chart = spark(readings, standing, voice)
    return STORE.place(chart, language=voice.language) if chart else None


@router.get("/kpis/{kpi_id}")
def one_kpi(  # noqa: PLR0917
    request: Request,
    web: Web,
    session: Reading,
    me: MaySee,
    kpi_id: RowId,
    against: Annotated[Typed, Query(max_length=12)] = "",
    by: Annotated[Typed, Query(max_length=12)] = "",
) -> Response:
    """One KPI: the series of the period, why it changed, its trend and past, and what it is defined as."""
    voice, now = voice_of(request), page_context(request).now
    kpi = kpis.get(session, me.workspace.id, kpi_id)
    able = supplies(web.context, session, me.workspace.id)
    standing = evaluate(session, kpi, now, supplies=able)
    readings = kpis.readings(session, kpi.id, period_start=standing.span.first)
    chart = course_chart(standing, readings, voice)
    owner = people.names(session, [kpi.owner_id]) if kpi.owner_id else {}
    seen = look(session, standing, against=_of(Against, against, Against.BEFORE),
                by=_of(By, by, By.CHANNEL), supplies=able)  # fmt: skip
    drawn = {"effects": effects_chart(seen, voice), "trend": trend_chart(seen, voice)}
    return show(
        request,
        "pages/kpis_one.html",
        why=why_shown(seen, voice),
        drawn={
            name: STORE.place(one, language=voice.language) if one else None for name, one in drawn.items()
        },
        asked={"against": str(seen.change.against), "by": str(seen.change.by)},
        against=against_offered(standing, voice),
        groupings=by_offered(seen.change, voice),
        kpi=kpi,
        shown=kpi_shown(standing, voice),
        forecast=forecast_words(standing, voice),
        chart_figure=STORE.place(chart, language=voice.language),
        readings=readings_shown(readings[-LISTED:], standing, voice),
        outcomes=readings_shown(
            [one for one in kpis.outcomes(session, kpi.id) if one.period_start != standing.span.first],
            standing,
            voice,
        ),
        about=_about(kpi, standing, owner.get(kpi.owner_id or 0, ""), voice),
        week=changed_this_week(session, standing, voice),
        around=record_shown(session, standing, voice),
        record=record_words(session, kpi, standing, voice),
        warned=warned_words(kpi, voice),
        versions=versions_shown(session, kpi, standing.definition, voice),
        comments=comments_shown(session, kpi),
    )


def _of(words: type[_Word], typed: str, usual: _Word) -> _Word:
    """The word that was asked for; the usual one where there is none such."""
    return words(typed) if typed in [str(one) for one in words] else usual


def _about(kpi: Kpi, standing: Standing, owner: str, voice: Voice) -> list[tuple[str, Any]]:
    """The definition panel: what is counted, where, from when to when, and by whose wish."""
    _ = voice.gettext
    definition = standing.definition
    rows = [
        (_("Metric"), said(voice, definition.name)),
        (_("What it means"), said(voice, definition.definition)),
        (
            _("Formula"),
            f"{formula(definition, voice)} ({_('version %(version)s', version=kpi.formula_version)})",
        ),
        (_("Scope"), _scope(kpi, standing.scope_name, voice)),
        (_("How often"), _(EVERY[kpi.period])),
        (_("Baseline"), _baseline(kpi, standing, voice)),
        (_("First day"), voice.date(kpi.starts_on)),
        (_("Last day"), voice.date(kpi.deadline) if kpi.deadline else _("none: it goes on")),
        (_("Time zone"), kpi.zone),
        (_("Owner"), owner),
        (_("Why"), kpi.why),
        *care_rows(kpi, voice),
    ]
    return [(question, answer) for question, answer in rows if answer]


def _scope(kpi: Kpi, name: str, voice: Voice) -> str:
    _ = voice.gettext
    words = {
        "workspace": _("The whole workspace"),
        "channel": _("Channel %(name)s", name=name),
        "route": _("Route %(name)s", name=name),
        "feed": _("Feed %(name)s", name=name),
    }
    return words[scope_from(kpi.scope).kind]


def _baseline(kpi: Kpi, standing: Standing, voice: Voice) -> str:
    if kpi.target_kind == TargetKind.ABSOLUTE or kpi.baseline is None:
        return ""
    value = amount(kpi.baseline, standing.definition.unit, voice)
    if kpi.baseline_from is None or kpi.baseline_to is None:
        if kpi.baseline_source:
            return voice.gettext("%(value)s, from: %(source)s", value=value, source=kpi.baseline_source)
        return voice.gettext("%(value)s, given by hand", value=value)
    return voice.gettext(
        "%(value)s, from own data of %(first)s to %(last)s",
        value=value,
        first=voice.date(kpi.baseline_from),
        last=voice.date(kpi.baseline_to),
    )


@router.post("/kpis/{kpi_id}/close")
def close(request: Request, web: Web, me: MayEdit, kpi_id: RowId) -> Response:
    """Evaluate a KPI no more; it and its readings stay."""
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        kpi = kpis.get(session, me.workspace.id, kpi_id)
    try:
        close_kpi(web.context, me.workspace.id, kpi.name, actor=me.actor)
    except UsageError as error:
        return redirect(request, f"/kpis/{kpi_id}", notice=errors_of(error, "", voice)[""], kind="bad")
    said_so = voice.gettext("Closed. Its readings stay.")
    return redirect(request, f"/kpis/{kpi_id}", notice=said_so)
