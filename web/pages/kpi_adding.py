"""The KPI wizard: from a business goal to a target that was looked at five times, by steps or on one page."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from analytics.offered import offered
from domain.catalogue import CATALOGUE
from domain.definition import Definition
from domain.errors import NotFound, UsageError
from domain.goals import GOALS
from domain.kpi import KpiRefused, NewKpi, Scope
from domain.period import Every, day_at, whole
from domain.schedule import zone
from scheduler.kpis import add_kpi, check_kpi
from scheduler.measuring import supplies
from store import people
from store.engine import reading
from web.auth import MayEdit, Member
from web.deps import Web, WebContext, page_context, redirect, show, voice_of
from web.i18n import Voice
from web.kpi_forms import ALERTS, CADENCES, EVERY, KpiForm, metrics_of, read_scope, refusal, scope_options
from web.kpi_steps import STEPS, before, errors_until, hidden, judged_shown, step_after
from web.posted import Mistake
from web.said import said
from web.typed import Errors, Typed, errors_of

router = APIRouter(include_in_schema=False)


@router.get("/kpis/new")
def new_kpi(
    request: Request, web: Web, me: MayEdit, step: Annotated[Typed, Query(max_length=8)] = "goal"
) -> Response:
    """The first step of a target that begins today; ``?step=all`` is the whole form on one page."""
    form = _started(request, me, KpiForm(step=step if step in STEPS else ""))
    return _form(request, web, me, form, step=form.step)


def _started(request: Request, me: Member, form: KpiForm) -> KpiForm:
    """From today on, with the last month as baseline and the reader as owner, where nothing was typed."""
    today = day_at(page_context(request).now, zone(me.workspace.zone))
    last = whole(whole(today, Every.MONTH).first - timedelta(days=1), Every.MONTH)
    return form.model_copy(
        update={
            "starts_on": form.starts_on or today.isoformat(),
            "baseline_from": form.baseline_from or last.first.isoformat(),
            "baseline_to": form.baseline_to or last.last.isoformat(),
            "owner": form.owner or str(me.person.id),
        }
    )


@router.post("/kpis/new")
def add(request: Request, web: Web, me: MayEdit, form: Annotated[KpiForm, Form()]) -> Response:
    """Go a step on or back, or add the KPI; everything that speaks against it is said."""
    voice = voice_of(request)
    if form.act != "save":
        return _walked(request, web, me, form, voice)
    try:
        new = asked(request, me, form, voice)
        kpi = add_kpi(web.context, me.workspace.id, new, actor=me.actor)
    except (NotFound, UsageError, Mistake) as error:
        errors = errors_in(error, voice)
        return _form(request, web, me, form, errors, step=step_after(form, errors))
    web.wake()
    return redirect(
        request, f"/kpis/{kpi.id}", notice=voice.gettext("Added the KPI %(name)s.", name=kpi.name)
    )


def errors_in(error: NotFound | UsageError | Mistake, voice: Voice) -> Errors:
    """Each reason beside the field it is about."""
    if isinstance(error, KpiRefused):
        return refusal(error, voice)
    return errors_of(error, "scope" if isinstance(error, NotFound) else "name", voice)


def asked(request: Request, me: Member, form: KpiForm, voice: Voice) -> NewKpi:
    """What the form asks for. Raises `Mistake` for the first field that cannot be read."""
    today = day_at(page_context(request).now, zone(me.workspace.zone))
    return form.new(voice, zone_name=me.workspace.zone, owner_id=me.person.id, today=today)


def _walked(request: Request, web: WebContext, me: Member, form: KpiForm, voice: Voice) -> Response:
    """The next step, or the one that has to be mended first."""
    if form.step not in STEPS:
        return _form(request, web, me, form)
    errors = Errors()
    if form.act == "name":
        form = _with_name(request, web, me, form, voice)
    elif form.act == "next":
        errors = errors_until(_wrong(request, web, me, form, voice), form.step)
    step = form.step if errors else step_after(form, errors)
    if step == "care" and not form.name.strip():
        form = _with_name(request, web, me, form, voice)
    return _form(request, web, me, form, errors, step=step)


def _wrong(request: Request, web: WebContext, me: Member, form: KpiForm, voice: Voice) -> Errors:
    """What would be refused of what was typed so far."""
    try:
        judged = check_kpi(web.context, me.workspace.id, asked(request, me, form, voice))
    except (NotFound, UsageError, Mistake) as error:
        return errors_in(error, voice)
    failed = [reason for one in judged.checks if one.verdict == "failed" for reason in one.reasons]
    return refusal(KpiRefused(failed), voice) if failed else Errors()


def _with_name(request: Request, web: WebContext, me: Member, form: KpiForm, voice: Voice) -> KpiForm:
    """The form with the name that leaves nothing out."""
    try:
        judged = check_kpi(web.context, me.workspace.id, asked(request, me, form, voice))
    except (NotFound, UsageError, Mistake):
        return form
    return form.model_copy(update={"name": judged.names.get(voice.language, form.name)})


def _form(
    request: Request,
    web: WebContext,
    me: Member,
    form: KpiForm,
    errors: Errors | None = None,
    *,
    step: str = "",
) -> Response:
    voice = voice_of(request)
    errors = errors if errors is not None else Errors()
    now, values = page_context(request).now, dict[str, Any](before=[])
    with reading(web.context.engine) as session:
        able, workspace_id = supplies(web.context, session, me.workspace.id), me.workspace.id
        scope = read_scope(form.scope)
        try:
            found = offered(session, workspace_id, scope, supplies=able, now=now, goal=form.goal)
        except NotFound:
            errors.setdefault("scope", voice.gettext("This is not here any more. Choose another scope."))
            scope = Scope()
            found = offered(session, workspace_id, scope, supplies=able, now=now, goal=form.goal)
        if step in ("target", "") and (entry := _entry(form, voice)) is not None:
            zone_name = me.workspace.zone
            values["before"] = before(
                session, workspace_id, entry, scope, supplies=able, now=now, zone_name=zone_name, voice=voice
            )
        values |= {"scopes": scope_options(session, workspace_id, voice), "metrics": metrics_of(found, voice)}
        values["owners"] = [(str(key), name) for key, name in people.members(session, workspace_id).items()]
    if step == "check":
        values |= _judged(request, web, me, form, voice)
    return show(
        request,
        "pages/kpis_new.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        step=step,
        steps=[(key, voice.gettext(title)) for key, (title, _fields) in STEPS.items()],
        kept=hidden(form, step) if step else [],
        **values,
        **choices_of(voice),
    )


def _entry(form: KpiForm, voice: Voice) -> Definition | None:
    """What was chosen, with its window; None: nothing that there is."""
    try:
        return CATALOGUE.get(form.key(voice))
    except Mistake:
        return None


def choices_of(voice: Voice) -> dict[str, Any]:
    """What the lists of the form offer."""
    return {
        "every": [(str(key), voice.gettext(text)) for key, text in EVERY.items()],
        "cadences": [(key, voice.gettext(text)) for key, text in CADENCES.items()],
        "alerts": [(str(key), voice.gettext(text)) for key, text in ALERTS.items()],
        "goals": [(key, said(voice, goal.name)) for key, goal in GOALS.items()],
    }


def _judged(request: Request, web: WebContext, me: Member, form: KpiForm, voice: Voice) -> dict[str, Any]:
    """The five checks of what was typed; nothing when it cannot be read."""
    try:
        judged = check_kpi(web.context, me.workspace.id, asked(request, me, form, voice))
    except (NotFound, UsageError, Mistake) as error:
        return {"unread": list(errors_in(error, voice).values())}
    return {"judged": judged_shown(judged, voice)}
