"""Adding a KPI: only what its scope can supply is offered, and what is not, says why."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from domain.errors import NotFound, UsageError
from domain.kpi import KpiRefused, Scope
from domain.period import day_at
from domain.schedule import zone
from scheduler.kpis import add_kpi
from scheduler.measuring import supplies
from store.engine import reading
from web.auth import MayEdit, Member
from web.deps import Web, WebContext, page_context, redirect, show, voice_of
from web.kpi_forms import EVERY, KpiForm, metrics_of, read_scope, refusal, scope_options
from web.posted import Mistake
from web.typed import Errors, errors_of

router = APIRouter(include_in_schema=False)


@router.get("/kpis/new")
def new_kpi(request: Request, web: Web, me: MayEdit) -> Response:
    """An empty form that begins today."""
    today = day_at(page_context(request).now, zone(me.workspace.zone))
    return _form(request, web, me, KpiForm(starts_on=today.isoformat()))


@router.post("/kpis/new")
def add(request: Request, web: Web, me: MayEdit, form: Annotated[KpiForm, Form()]) -> Response:
    """Add the KPI, or show what its scope can be measured by; everything that speaks against it is said."""
    voice = voice_of(request)
    if form.act != "save":
        return _form(request, web, me, form)
    today = day_at(page_context(request).now, zone(me.workspace.zone))
    try:
        new = form.new(voice, zone_name=me.workspace.zone, owner_id=me.person.id, today=today)
        kpi = add_kpi(web.context, me.workspace.id, new, actor=me.actor)
    except KpiRefused as error:
        return _form(request, web, me, form, refusal(error, voice))
    except (NotFound, UsageError, Mistake) as error:
        field = "scope" if isinstance(error, NotFound) else "name"
        return _form(request, web, me, form, errors_of(error, field, voice))
    web.wake()
    return redirect(
        request, f"/kpis/{kpi.id}", notice=voice.gettext("Added the KPI %(name)s.", name=kpi.name)
    )


def _form(
    request: Request, web: WebContext, me: Member, form: KpiForm, errors: Errors | None = None
) -> Response:
    voice = voice_of(request)
    errors = errors or Errors()
    today = day_at(page_context(request).now, zone(me.workspace.zone))
    with reading(web.context.engine) as session:
        able = supplies(web.context, session, me.workspace.id)
        workspace_id = me.workspace.id
        try:
            known = metrics_of(session, workspace_id, read_scope(form.scope), able, voice, today=today)
        except NotFound:
            errors.setdefault("scope", voice.gettext("This is not here any more. Choose another scope."))
            known = metrics_of(session, workspace_id, Scope(), able, voice, today=today)
        scopes = scope_options(session, workspace_id, voice)
    return show(
        request,
        "pages/kpis_new.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        scopes=scopes,
        metrics=known,
        every=[(str(key), voice.gettext(text)) for key, text in EVERY.items()],
    )
