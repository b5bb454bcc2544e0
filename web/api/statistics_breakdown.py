"""Published posts in groups, for programs."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import Session

from analytics.breakdown_sheet import file_of
from analytics.breakdowns import Breakdown, Group, breakdown
from analytics.post_export import FORMATS
from domain.breakdown import FIGURES, By
from domain.site_figures import WINDOW
from domain.windowed_figures import LONGEST
from scheduler.measuring import supplies
from web.api.base import api_router
from web.api.shapes import FigureWithPassport, figures_shown
from web.api.statistics_query import PostQuery, check_order
from web.auth import MaySee, Member
from web.deps import Reading, Web, WebContext
from web.pages.statistics_export import Format

router = api_router("statistics")
_FILES: dict[int | str, dict[str, Any]] = {200: {"content": {media: {} for media in FORMATS.values()}}}


class GroupQuery(PostQuery):
    """Which published posts, and by what they are grouped."""

    by: By
    #: Published at this time or later, and before that one; with an offset or Z.
    start: AwareDatetime
    end: AwareDatetime
    #: ``name``, ``posts`` or the key of a figure that is asked for; empty: hours in their order, else posts.
    sort: Annotated[str, Field(max_length=40)] = ""
    #: Keys of figures, with commas between; left out: the usual ones.
    figures: Annotated[str, Field(max_length=1000, pattern=r"^[a-z0-9_,]*$")] = ""
    #: Days from a click in which the conversions and the revenue that it brought count.
    window: Annotated[int, Field(ge=1, le=LONGEST)] = WINDOW.days


class BreakdownGroupShown(BaseModel):
    """Posts that have something in common."""

    #: A row's number, a word, or ``weekday * 24 + hour``; null: the posts that are in no other group.
    key: str | None
    name: str
    name_id: str
    posts: int
    #: Fewer posts than can be compared.
    too_few: bool
    figures: dict[str, FigureWithPassport]
    #: Of figures that add up: the group's part of the total, 0 to 1.
    shares: dict[str, float]


class BreakdownShown(BaseModel):
    """The posts of a period in groups."""

    by: By
    start: AwareDatetime
    end: AwareDatetime
    #: Days from a click in which what it brought counts.
    window_days: int
    #: A post may be in several groups, so that their sums exceed the total.
    overlapping: bool
    groups: list[BreakdownGroupShown]
    #: All posts, each counted once.
    total: BreakdownGroupShown


@router.get("/statistics/breakdown")
def get_breakdown(
    web: Web, session: Reading, me: MaySee, query: Annotated[GroupQuery, Query()]
) -> BreakdownShown:
    """The posts published in [start, end) by channel, feed, type, slot and more, each with its figures."""
    told = _told(web, session, me, query)
    return BreakdownShown(
        by=told.by, start=told.start, end=told.end, window_days=told.window.days,
        overlapping=told.overlapping, groups=[_shown(group) for group in told.groups],
        total=_shown(told.total),
    )  # fmt: skip


@router.get("/statistics/breakdown.{kind}", response_class=Response, responses=_FILES)
def export_breakdown(
    kind: Format, web: Web, session: Reading, me: MaySee, query: Annotated[GroupQuery, Query()]
) -> Response:
    """The same as a file: CSV, JSON, CSV with the definitions of its columns in a ZIP, or XLSX."""
    told = _told(web, session, me, query)
    name = f"tabuh-{told.by}-{web.context.clock():%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(file_of(told, kind, language="en"), media_type=FORMATS[kind], headers=headers)


def _told(web: WebContext, session: Session, me: Member, query: GroupQuery) -> Breakdown:
    check_order(query.start, query.end)
    return breakdown(
        session, me.workspace.id, query.by, query.start, query.end, filters=query.filters(),
        supplies=supplies(web.context, session, me.workspace.id), now=web.context.clock(),
        keys=[key for key in query.figures.split(",") if key] or FIGURES, sort=query.sort,
        descending=query.descending, window=timedelta(days=query.window),
    )  # fmt: skip


def _shown(group: Group) -> BreakdownGroupShown:
    return BreakdownGroupShown(
        key=None if group.key is None else str(group.key),
        name=group.name.en,
        name_id=group.name.id,
        posts=group.posts,
        too_few=group.few,
        figures=figures_shown(group.figures),
        shares=dict(group.shares),
    )
