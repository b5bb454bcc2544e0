"""The page of business figures: what was brought in, until when, and what it comes to."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from domain.definition import Subject
from domain.errors import NotFound, UsageError
from domain.figure import Figure
from domain.import_tables import TABLES
from scheduler.business import choose_value, figures, stocks
from scheduler.cohorts import cohort_table
from scheduler.imports import undo
from store import brought, buyers
from web.api.base import RowId
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, page_context, redirect, show, voice_of
from web.figures import shown
from web.i18n import Voice
from web.i18n import marked as N_
from web.posted import Posted
from web.said import said
from web.typed import Typed

router = APIRouter(include_in_schema=False)

#: How far back the figures look, in days.
PERIODS = (7, 30, 90, 365)
_TITLES = {
    Subject.ADS: N_("Advertisements"),
    Subject.ORDERS: N_("Orders"),
    Subject.CUSTOMERS: N_("Customers"),
    Subject.ANSWERS: N_("Satisfaction"),
    Subject.TESTIMONIALS: N_("Testimonials"),
    Subject.MENTIONS: N_("Mentions"),
    Subject.TOOLS: N_("Other analytics tools"),
}


@router.get("/business")
def business(
    request: Request, session: Reading, me: MaySee, days: Annotated[Typed, Query(max_length=4)] = ""
) -> Response:
    """Every business figure with its interval, how fresh each kind is, and what was imported."""
    voice, now = voice_of(request), page_context(request).now
    period = int(days) if days in {str(one) for one in PERIODS} else 30
    found = figures(
        session,
        me.workspace.id,
        start=now - timedelta(days=period),
        end=now + timedelta(microseconds=1),
        now=now,
    )
    currency, cohorts = cohort_table(session, me.workspace.id, now=now)
    return show(
        request,
        "pages/business.html",
        period=period,
        periods=[
            (str(one), voice.ngettext("The last %(num)s day", "The last %(num)s days", one))
            for one in PERIODS
        ],
        groups=[
            (voice.gettext(_TITLES[subject]), *_group(several, voice)) for subject, several in found.items()
        ],
        kinds=_kinds(session, me, voice),
        files=brought.files(session, me.workspace.id, limit=50),
        names={str(kind): said(voice, known.name) for kind, known in TABLES.items()},
        currency=currency,
        cohorts=[
            [
                voice.month(date.fromisoformat(f"{one.month}-01")),
                voice.number(one.customers),
                *(voice.number(each, 2) for each in one.by_month),
            ]
            for one in cohorts[-12:]
        ],
        chosen=buyers.choice(session, me.workspace.id),
    )


def _group(several: Sequence[Figure], voice: Voice) -> tuple[list[Any], str]:
    """Figures that are there or partly there; where nothing was brought in, the one reason instead."""
    reasons = {one.reason.key for one in several if one.reason is not None}
    if several and all(one.value is None for one in several) and len(reasons) == 1 and several[0].reason:
        return [], said(voice, several[0].reason)
    return [shown(one, voice) for one in several], ""


def _kinds(session: Session, me: Member, voice: Voice) -> list[dict[str, Any]]:
    return [
        {
            "kind": one.kind,
            "name": said(voice, TABLES[one.kind].name),
            "rows": voice.number(one.rows),
            "until": one.until,
            "read_at": one.read_at,
            "sources": ", ".join("Tabuh" if name == "tabuh" else name for name in one.sources),
        }
        for one in stocks(session, me.workspace.id)
    ]


@router.post("/business/imports/{file_id}/undo")
def take_back(request: Request, web: Web, me: MayEdit, file_id: RowId) -> Response:
    """Take back all that a file brought."""
    voice = voice_of(request)
    try:
        _row, taken = undo(web.context, me.workspace.id, file_id, actor=me.actor)
    except (UsageError, NotFound) as error:
        return redirect(request, "/business#imports", notice=said(voice, str(error)), kind="bad")
    told = voice.ngettext("%(num)s row was taken back.", "%(num)s rows were taken back.", taken)
    return redirect(request, "/business#imports", notice=told)


@router.post("/business/value")
def value(request: Request, web: Web, me: MayEdit, typed: Posted) -> Response:
    """Choose with what a customer's value is computed."""
    voice = voice_of(request)
    try:
        margin, discount, years = (_number(typed.get(name, "")) for name in ("margin", "discount", "years"))
        choose_value(
            web.context, me.workspace.id, margin=margin, discount=discount, years=years, actor=me.actor
        )
    except UsageError as error:
        return redirect(request, "/business#value", notice=said(voice, str(error)), kind="bad")
    return redirect(request, "/business#value", notice=voice.gettext("Noted."))


def _number(text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        raise UsageError(f"{text[:20]!r} is no number. Write it as 12.5.") from None
