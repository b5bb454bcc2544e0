"""Reports: those there are, one of them, those that come by themselves, and who else may read one."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from analytics.reports.making import CHAPTERS
from domain.errors import UsageError
from domain.period import Every
from domain.report import RHYTHMS, Report, rhythm
from scheduler import reports as commands
from store import reports
from store.engine import reading
from store.tables import ReportRow
from web.api.base import RowId
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.drawing import ChartStore
from web.drawing import Figure as Drawn
from web.i18n import LANGUAGES, Voice
from web.pages.charts import STORE
from web.posted import Mistake, Posted
from web.reports.files import FORMATS, as_file, file_name
from web.reports.paper import Paper, paper
from web.said import ended, said
from web.typed import Errors, day

router = APIRouter(include_in_schema=False)

#: Reports that are listed.
LISTED = 100
#: How long a link may be open, in days, as the form offers it.
DAYS = (1, 7, 30, 90, 365)


@dataclass(frozen=True)
class Typed:
    """What was typed on the page of all reports."""

    every: str = "week"
    day: str = ""
    plan_every: str = "week"
    hour: str = "7"
    language: str = ""
    recipients: str = ""


def _typed(form: Posted) -> Typed:
    known = Typed.__dataclass_fields__
    return Typed(**{name: value for name, value in form.items() if name in known})


Form = Annotated[Typed, Depends(_typed)]


@router.get("/reports")
def list_reports(request: Request, session: Reading, me: MaySee) -> Response:
    """The reports there are, newest first, and those that come by themselves."""
    return _listed(request, me, reports.listed(session, me.workspace.id, limit=LISTED))


def _listed(
    request: Request, me: Member, rows: Any, typed: Typed | None = None, errors: Errors | None = None
) -> Response:
    from web.deps import web_of

    voice = voice_of(request)
    words = everies(voice)
    with reading(web_of(request).context.engine) as session:
        plans = reports.plans(session, me.workspace.id)
    return show(
        request,
        "pages/reports.html",
        status=422 if errors else 200,
        rows=rows,
        plans=plans,
        typed=typed or Typed(language=voice.language),
        errors=errors or Errors(),
        everies=words,
        periods=[(str(every), words[every]) for every in RHYTHMS],
        languages=[(code, name) for code, name in LANGUAGES.items()],
    )


def everies(voice: Voice) -> dict[str, str]:
    """The periods by name."""
    _ = voice.gettext
    return {Every.WEEK: _("Week"), Every.MONTH: _("Month"), Every.QUARTER: _("Quarter")}


@router.post("/reports")
def make(request: Request, web: Web, me: MayEdit, typed: Form) -> Response:
    """Ask for a report; its page shows how far it is."""
    voice = voice_of(request)
    try:
        chosen = day("day", typed.day, voice)
        row = commands.ask_for(
            web.context, me.workspace.id, every=rhythm(typed.every), day=chosen, actor=me.actor
        )
    except Mistake as mistake:
        return _again(request, web, me, typed, Errors({mistake.field: str(mistake)}))
    except UsageError as error:
        return _again(request, web, me, typed, Errors({"day": ended(said(voice, str(error)))}))
    web.wake()
    return redirect(request, f"/reports/{row.id}")


def _again(request: Request, web: WebContext, me: Member, typed: Typed, errors: Errors) -> Response:
    with reading(web.context.engine) as session:
        rows = reports.listed(session, me.workspace.id, limit=LISTED)
    return _listed(request, me, rows, typed, errors)


@router.post("/reports/plans")
def add_plan(request: Request, web: Web, me: MayEdit, typed: Form) -> Response:
    """Let a report come by itself."""
    voice = voice_of(request)
    try:
        if not (typed.hour.isascii() and typed.hour.isdecimal()) or int(typed.hour) > 23:
            raise Mistake("hour", voice.gettext("Choose a full hour from 0 to 23."))
        row = commands.add_plan(
            web.context,
            me.workspace.id,
            every=rhythm(typed.plan_every),
            hour=int(typed.hour),
            language=typed.language or voice.language,
            recipients=typed.recipients.replace(",", "\n").split("\n"),
            actor=me.actor,
        )
    except Mistake as mistake:
        return _again(request, web, me, typed, Errors({mistake.field: str(mistake)}))
    except UsageError as error:
        return _again(request, web, me, typed, Errors({"recipients": ended(said(voice, str(error)))}))
    assert row.next_at is not None
    coming = voice.moment(row.next_at, me.workspace.zone)
    return redirect(
        request, "/reports", notice=voice.gettext("The first report comes %(time)s.", time=coming)
    )


@router.post("/reports/plans/{plan_id}/stop")
def stop_plan(request: Request, web: Web, me: MayEdit, plan_id: RowId) -> Response:
    """Write no more reports after a plan."""
    commands.stop_plan(web.context, me.workspace.id, plan_id, actor=me.actor)
    return redirect(request, "/reports", notice=voice_of(request).gettext("It comes no more."))


@router.get("/reports/{report_id}")
def one(request: Request, session: Reading, me: MaySee, report_id: RowId) -> Response:
    """One report, or how far it is."""
    return _one(request, me, reports.get(session, me.workspace.id, report_id))


def _one(request: Request, me: Member, row: ReportRow, **more: Any) -> Response:
    from web.deps import web_of

    voice = voice_of(request)
    told = paper(commands.opened(row), voice) if row.state == "ready" else None
    with reading(web_of(request).context.engine) as session:
        links = reports.links(session, me.workspace.id, row.id)
    values = {
        "status": 422 if more.get("error") else 200,
        "row": row,
        "paper": told,
        "drawn": drawn(told, STORE) if told else {},
        "chapters": CHAPTERS,
        "formats": formats(voice),
        "links": links,
        "languages": list(LANGUAGES.items()),
        "days": [(str(days), voice.ngettext("%(num)s day", "%(num)s days", days)) for days in DAYS],
        "name": "",
        "error": "",
        "made": "",
        "made_for": "",
    }
    return show(request, "pages/reports_one.html", **{**values, **more})


def drawn(told: Paper, store: ChartStore) -> dict[str, list[Drawn]]:
    """The charts of each chapter, placed where browsers get them."""
    return {
        chapter.anchor: [store.place(chart, language=told.language) for chart in chapter.charts]
        for chapter in told.chapters
    }


def formats(voice: Voice) -> list[tuple[str, str]]:
    """What a report can be taken along as."""
    names = {
        "pdf": "PDF",
        "csv": "CSV",
        "json": "JSON",
        "markdown": "Markdown",
        "html": voice.gettext("HTML file"),
    }
    return list(names.items())


@router.get("/reports/{report_id}/file/{kind}")
def file(request: Request, session: Reading, me: MaySee, report_id: RowId, kind: str) -> Response:
    """A report as a file, in the reader's language."""
    row = reports.get(session, me.workspace.id, report_id)
    return as_download(commands.opened(row), kind, voice_of(request))


def as_download(report: Report, kind: str, voice: Voice) -> Response:
    """The file with its name. 404 for an unknown format."""
    if kind not in FORMATS:
        raise HTTPException(404)
    body = as_file(report, kind, Voice(voice.language, report.zone))
    return Response(
        body,
        media_type=FORMATS[kind][0],
        headers={"Content-Disposition": f'attachment; filename="{file_name(report, kind)}"'},
    )


@router.post("/reports/{report_id}/links")
def share(request: Request, web: Web, me: MayEdit, report_id: RowId, form: Posted) -> Response:
    """Make a link; its address is shown once."""
    with reading(web.context.engine) as session:
        row = reports.get(session, me.workspace.id, report_id)
    name, days = form.get("name", ""), form.get("days", "30")
    lasts = timedelta(days=int(days)) if days in map(str, DAYS) else commands.USUAL
    language = form.get("language", "")
    try:
        link, address = commands.share(
            web.context,
            me.workspace.id,
            report_id,
            name=name,
            lasts=lasts,
            language=language if language in LANGUAGES else voice_of(request).language,
            actor=me.actor,
        )
    except UsageError as error:
        return _one(request, me, row, name=name, error=said(voice_of(request), str(error)))
    return _one(request, me, row, made=address, made_for=link.name)


@router.post("/reports/{report_id}/links/{link_id}/revoke")
def revoke(request: Request, web: Web, me: MayEdit, report_id: RowId, link_id: RowId) -> Response:
    """End a link to a report."""
    link = commands.revoke(web.context, me.workspace.id, report_id, link_id, actor=me.actor)
    sentence = voice_of(request).gettext("The link for %(name)s is closed.", name=link.name)
    return redirect(request, f"/reports/{report_id}", notice=sentence)
