"""Statistics: published posts by any figure, one post with its growth, totals, and all metrics."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from analytics.overview import overview
from analytics.posts import post_list, post_statistics
from domain.catalogue import CATALOGUE
from domain.errors import UsageError
from domain.person import Permission
from domain.post_columns import BY_TIME
from publishers.metric_sources import breaks, sources
from scheduler.measuring import supplies
from store.values import Filters, one_of
from web.api.base import Listing, RowId, api_router
from web.api.shapes import MetricShown, NamedRow, SourceShown, break_shown
from web.api.statistics_shapes import (
    OverviewShown,
    PostFigures,
    PostWhole,
    post_detail,
    post_shown,
    totals_shown,
)
from web.auth import MaySee, Needs
from web.deps import Reading, Web

router = api_router("statistics")


@router.get("/metrics", dependencies=[Depends(Needs(Permission.SEE))])
def get_metrics() -> list[MetricShown]:
    """Every metric and rate that figures and KPIs can name, with where its numbers come from."""
    given, changed = sources(), breaks()
    return [
        MetricShown(
            key=entry.key,
            name=entry.name.en,
            name_id=entry.name.id,
            definition=entry.definition.en,
            definition_id=entry.definition.id,
            subject=entry.subject,
            additive=entry.additive,
            needs=[str(metric) for metric in entry.needs],
            sources=[SourceShown(**asdict(one)) for one in given if one.metric in entry.needs],
            breaks=[break_shown(one) for one in changed if one.metric in entry.needs],
            unit=entry.unit,
            shape=entry.shape,
            direction=entry.direction,
            version=entry.version,
            formula=entry.formula,
            denominator=entry.denominator,
        )
        for entry in CATALOGUE.values()
    ]


class PostQuery(BaseModel):
    """Which published posts, and in which order."""

    channel_id: RowId | None = None
    route_id: RowId | None = None
    feed_id: RowId | None = None
    #: Published at this time or later, and before that one; with an offset or Z.
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    #: ``published``, or the key of a metric or rate that one post can have.
    sort: Annotated[str, Field(max_length=40)] = BY_TIME
    descending: bool = True
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str | None, Field(max_length=500)] = None


@router.get("/statistics/posts")
def get_posts(
    web: Web, session: Reading, me: MaySee, query: Annotated[PostQuery, Query()]
) -> Listing[PostFigures]:
    """Published posts with their figures; those without the figure sorted by come last."""
    _check_order(query.start, query.end)
    filters = Filters(
        channel_ids=one_of(query.channel_id),
        route_ids=one_of(query.route_id),
        feed_ids=one_of(query.feed_id),
        start=query.start,
        end=query.end,
    )
    page = post_list(
        session,
        me.workspace.id,
        filters,
        sort=query.sort,
        descending=query.descending,
        limit=query.limit,
        cursor=query.cursor,
        supplies=supplies(web.context, session, me.workspace.id),
        now=web.context.clock(),
    )
    return Listing(rows=[post_shown(line) for line in page.lines], next_cursor=page.next_cursor)


@router.get("/statistics/posts/{post_id}")
def get_post(web: Web, session: Reading, me: MaySee, post_id: RowId) -> PostWhole:
    """One published post: figures, growth at fixed ages, the channel's usual, clicks and attempts."""
    able = supplies(web.context, session, me.workspace.id)
    found = post_statistics(session, me.workspace.id, post_id, supplies=able, now=web.context.clock())
    return post_detail(found)


@router.get("/statistics/totals")
def gettotals_shown(
    web: Web, session: Reading, me: MaySee, start: AwareDatetime, end: AwareDatetime
) -> OverviewShown:
    """The figures of each channel and of all together in [start, end)."""
    _check_order(start, end)
    able = supplies(web.context, session, me.workspace.id)
    found = overview(session, me.workspace.id, start, end, supplies=able, now=web.context.clock())
    return OverviewShown(
        start=found.start,
        end=found.end,
        channels=[
            totals_shown(totals, NamedRow(id=channel.id, name=channel.name))
            for channel, totals in found.channels
        ],
        total=totals_shown(found.total, None),
    )


def _check_order(start: datetime | None, end: datetime | None) -> None:
    for at in filter(None, (start, end)):
        if not 1970 < at.year < 2200:
            raise UsageError("Name times between 1971 and 2199.")
    if start is not None and end is not None and end <= start:
        raise UsageError("The end must lie after the start.")
