"""Reports: asked for, read, planned, and shared by link."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import BaseModel, Field

from domain.period import Every
from scheduler import reports as commands
from store import reports
from store.tables import ReportLink, ReportPlan, ReportRow
from web.api.base import Body, Line, Listing, Pages, Repeatable, RowId, api_router
from web.api.shapes import in_pages
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web
from web.i18n import Voice
from web.pages.reports import as_download
from web.reports.files import FORMATS
from web.reports.paper import paper

router = api_router("reports")

Rhythm = Literal["week", "month", "quarter"]
Language = Literal["en", "id"]


class NewReport(Body):
    """A report to write."""

    every: Rhythm
    #: A day of the period; null: the last one that is over.
    day: date | None = None


class ReportShown(BaseModel):
    """A report without what it says."""

    id: RowId
    every: Rhythm
    first_day: date
    last_day: date
    zone: str
    state: Literal["writing", "ready", "failed"]
    #: Chapters that are written so far.
    done: int
    reason: str | None
    plan_id: RowId | None
    created_at: datetime
    made_at: datetime | None


class RemarkShown(BaseModel):
    """A sentence of a report."""

    chapter: str
    text: str
    #: The figure, KPI or chapter that it is about; empty: none.
    about: str
    tone: Literal["good", "bad", "plain"]


class WholeReport(ReportShown):
    """A report with its sentences in one language, and its frozen figures."""

    language: str
    title: str
    said: list[RemarkShown]
    #: As it was frozen; texts in both languages.
    body: dict[str, Any]


class NewReportPlan(Body):
    """A report that shall come by itself."""

    every: Rhythm
    #: Full hour of the day after the period, in the workspace's zone.
    hour: Annotated[int, Field(ge=0, le=23)] = 7
    language: Language = "en"
    recipients: Annotated[list[Line], Field(max_length=commands.MOST_RECIPIENTS, default_factory=list)]


class ReportPlanShown(BaseModel):
    """A report that comes by itself."""

    id: RowId
    every: Rhythm
    hour: int
    language: str
    recipients: list[str]
    next_at: datetime | None
    created_at: datetime


class NewReportLink(Body):
    """A link to make."""

    #: Whom it is for.
    name: Line
    days: Annotated[int, Field(ge=1, le=365)] = 30
    language: Language = "en"


class ReportLinkShown(BaseModel):
    """A link to a report, without its secret address."""

    id: RowId
    report_id: RowId
    name: str
    language: str
    created_at: datetime
    expires_at: datetime
    opened: int
    opened_at: datetime | None


class MadeReportLink(ReportLinkShown):
    """A link that was just made."""

    #: Answered once; null in a repetition.
    address: str | None


def _shown(row: ReportRow) -> ReportShown:
    return ReportShown.model_validate(row.model_dump())


def _plan(row: ReportPlan) -> ReportPlanShown:
    return ReportPlanShown.model_validate(row.model_dump())


def _link(row: ReportLink) -> ReportLinkShown:
    return ReportLinkShown.model_validate(row.model_dump())


@router.get("/reports")
def list_reports(me: MaySee, session: Reading, pages: Pages) -> Listing[ReportShown]:
    """Reports, newest first."""
    return in_pages(pages, reports.listed(session, me.workspace.id, limit=10_000), _shown)


@router.post("/reports", status_code=201, response_model=ReportShown)
def make_report(body: NewReport, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Ask for a report; it is written by the next worker that is free."""

    def make() -> ReportShown:
        row = commands.ask_for(
            web.context, me.workspace.id, every=Every(body.every), day=body.day, actor=me.actor
        )
        return _shown(row)

    answer = once.run(me, body, make)
    web.wake()
    return answer


@router.get("/reports/{report_id}")
def get_report(report_id: RowId, me: MaySee, session: Reading, language: Language = "en") -> WholeReport:
    """A report that is written. 422 while it is not."""
    row = reports.get(session, me.workspace.id, report_id)
    told = paper(commands.opened(row), Voice(language, row.zone))
    said = [
        RemarkShown(chapter=chapter.anchor, text=one.text, about=one.about, tone=one.tone)  # type: ignore[arg-type]
        for chapter in told.chapters
        for one in chapter.told
    ]
    return WholeReport(
        **_shown(row).model_dump(), language=language, title=told.title, said=said, body=row.body
    )


@router.get(
    "/reports/{report_id}/file/{kind}",
    response_class=Response,
    responses={200: {"content": {media.partition(";")[0]: {} for media, _ in FORMATS.values()}}},
)
def get_file(
    report_id: RowId,
    kind: Literal["markdown", "html", "pdf", "csv", "json"],
    me: MaySee,
    session: Reading,
    language: Language = "en",
) -> Response:
    """A report as a file."""
    row = reports.get(session, me.workspace.id, report_id)
    return as_download(commands.opened(row), kind, Voice(language, row.zone))


@router.get("/report-plans")
def list_plans(me: MaySee, session: Reading, pages: Pages) -> Listing[ReportPlanShown]:
    """The reports that come by themselves."""
    return in_pages(pages, reports.plans(session, me.workspace.id), _plan)


@router.post("/report-plans", status_code=201, response_model=ReportPlanShown)
def make_plan(body: NewReportPlan, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Let a report be written, and mailed, after each period."""

    def make() -> ReportPlanShown:
        row = commands.add_plan(
            web.context,
            me.workspace.id,
            every=Every(body.every),
            hour=body.hour,
            language=body.language,
            recipients=body.recipients,
            actor=me.actor,
        )
        return _plan(row)

    return once.run(me, body, make)


@router.post("/report-plans/{plan_id}/stop")
def stop_plan(plan_id: RowId, web: Web, me: MayEdit) -> ReportPlanShown:
    """Write no more reports after a plan; those that were written stay."""
    return _plan(commands.stop_plan(web.context, me.workspace.id, plan_id, actor=me.actor))


@router.get("/reports/{report_id}/links")
def list_links(report_id: RowId, me: MaySee, session: Reading, pages: Pages) -> Listing[ReportLinkShown]:
    """The links to a report that were not revoked."""
    reports.get(session, me.workspace.id, report_id)
    return in_pages(pages, reports.links(session, me.workspace.id, report_id), _link)


@router.post("/reports/{report_id}/links", status_code=201, response_model=MadeReportLink)
def make_link(report_id: RowId, body: NewReportLink, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Make a secret address at which the report is read without signing in."""

    def make() -> MadeReportLink:
        row, address = commands.share(
            web.context,
            me.workspace.id,
            report_id,
            name=body.name,
            lasts=timedelta(days=body.days),
            language=body.language,
            actor=me.actor,
        )
        return MadeReportLink(**_link(row).model_dump(), address=address)

    return once.run(me, body, make, secret=frozenset({"address"}))


@router.post("/reports/{report_id}/links/{link_id}/revoke")
def revoke_link(report_id: RowId, link_id: RowId, web: Web, me: MayEdit) -> ReportLinkShown:
    """End a link to a report."""
    return _link(commands.revoke(web.context, me.workspace.id, report_id, link_id, actor=me.actor))
