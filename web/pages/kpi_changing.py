"""Changing a KPI, and what people say about it."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from analytics.kpis import asked
from domain.catalogue import definition
from domain.errors import UsageError
from domain.kpi import NewKpi, TargetKind
from scheduler.kpi_changes import change_kpi, comment_kpi
from store import kpis, people
from store.engine import reading
from store.tables import Kpi
from web.api.base import RowId
from web.auth import MayEdit, Member
from web.deps import Web, WebContext, redirect, show, voice_of
from web.i18n import Voice
from web.kpi_forms import KpiForm
from web.pages.kpi_adding import choices_of, errors_in
from web.posted import Mistake
from web.typed import Errors, Typed, errors_of

router = APIRouter(include_in_schema=False)


@router.get("/kpis/{kpi_id}/edit")
def edit(request: Request, web: Web, me: MayEdit, kpi_id: RowId) -> Response:
    """What a KPI asks for, as a form."""
    kpi = _kpi(web, me, kpi_id)
    return _form(request, web, me, kpi, form_of(kpi, voice_of(request)))


@router.post("/kpis/{kpi_id}/edit")
def change(
    request: Request, web: Web, me: MayEdit, kpi_id: RowId, form: Annotated[KpiForm, Form()]
) -> Response:
    """Change what it asks for from now on; periods that are over stay as they were judged."""
    voice, kpi = voice_of(request), _kpi(web, me, kpi_id)
    try:
        new = _wished(kpi, form, voice)
        change_kpi(web.context, me.workspace.id, kpi_id, new, because=form.because, actor=me.actor)
    except (UsageError, Mistake) as error:
        return _form(request, web, me, kpi, form, errors=errors_in(error, voice))
    web.wake()
    said_so = voice.gettext("Changed. Periods that are over stay as they were judged.")
    return redirect(request, f"/kpis/{kpi_id}", notice=said_so)


def _wished(kpi: Kpi, form: KpiForm, voice: Voice) -> NewKpi:
    """What is typed in place of what was asked for; what cannot change stays."""
    old = asked(kpi)
    typed = form.new(voice, zone_name=kpi.zone, owner_id=kpi.owner_id or 0, today=kpi.starts_on)
    values = {name: getattr(old, name) for name in ("metric", "scope", "every", "starts_on", "zone")}
    new = replace(typed, **values, owner_id=typed.owner_id or None)
    same_days = (new.baseline_from, new.baseline_to) == (old.baseline_from, old.baseline_to)
    if new.target_kind is TargetKind.RELATIVE and new.baseline is None and same_days:
        return replace(new, baseline=old.baseline)
    return new


def form_of(kpi: Kpi, voice: Voice) -> KpiForm:
    """A KPI as the form has it, numbers as the reader writes them."""

    def told(value: float | None) -> str:
        return "" if value is None else voice.number(value, 6)

    typed_baseline = kpi.baseline_from is None
    return KpiForm(
        name=kpi.name,
        metric=kpi.metric,
        kind=kpi.target_kind,
        target=told(kpi.target),
        direction=kpi.direction,
        every=kpi.period,
        starts_on=kpi.starts_on.isoformat(),
        deadline=kpi.deadline.isoformat() if kpi.deadline else "",
        baseline=told(kpi.baseline) if typed_baseline else "",
        baseline_from=kpi.baseline_from.isoformat() if kpi.baseline_from else "",
        baseline_to=kpi.baseline_to.isoformat() if kpi.baseline_to else "",
        baseline_source=kpi.baseline_source,
        why=kpi.why,
        goal=kpi.goal,
        goal_words=kpi.goal_words,
        audience=kpi.audience,
        owner=str(kpi.owner_id or ""),
        cadence=kpi.cadence,
        alert_rule=kpi.alert_rule,
    )


def _kpi(web: WebContext, me: Member, kpi_id: int) -> Kpi:
    with reading(web.context.engine) as session:
        return kpis.get(session, me.workspace.id, kpi_id)


def _form(
    request: Request,
    web: WebContext,
    me: Member,
    kpi: Kpi,
    form: KpiForm,
    *,
    errors: Errors | None = None,
) -> Response:
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        members = people.members(session, me.workspace.id)
    return show(
        request,
        "pages/kpis_edit.html",
        status=422 if errors else 200,
        kpi=kpi,
        metric=definition(kpi.metric).name.said(voice.language),
        form=form,
        errors=errors or Errors(),
        owners=[("", "–"), *((str(key), name) for key, name in members.items())],
        **choices_of(voice),
    )


@router.post("/kpis/{kpi_id}/comments")
def comment(
    request: Request, web: Web, me: MayEdit, kpi_id: RowId, text: Annotated[Typed, Form()] = ""
) -> Response:
    """Say something about a KPI."""
    voice = voice_of(request)
    try:
        comment_kpi(web.context, me.workspace.id, kpi_id, text, actor=me.actor)
    except UsageError as error:
        said_so = errors_of(error, "", voice)[""]
        return redirect(request, f"/kpis/{kpi_id}", notice=said_so, kind="bad")
    return redirect(request, f"/kpis/{kpi_id}", notice=voice.gettext("Said."))
