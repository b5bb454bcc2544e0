"""Statistics: published posts by any figure, one post with its growth, totals, and all metrics."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Query
from pydantic import AwareDatetime

from analytics.channel_numbers import numbers
from analytics.overview import overview
from analytics.posts import post_list, post_statistics
from domain.catalogue import CATALOGUE
from domain.person import Permission
from publishers.metric_sources import behind, breaks, sources
from scheduler.measuring import supplies
from store import answers
from web.api.base import Listing, RowId, api_router
from web.api.shapes import MetricShown, NamedRow, SourceShown, break_shown
from web.api.statistics_query import PostQuery, check_order
from web.api.statistics_shapes import (
    ChannelNumber,
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
            sources=[SourceShown(**asdict(one)) for one in behind(entry.needs, given)],
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


@router.get("/statistics/posts")
def get_posts(
    web: Web, session: Reading, me: MaySee, query: Annotated[PostQuery, Query()]
) -> Listing[PostFigures]:
    """Published posts with their figures; those without what is sorted by come last."""
    check_order(query.start, query.end)
    page = post_list(
        session,
        me.workspace.id,
        query.filters(),
        sort=query.sort,
        descending=query.descending,
        limit=query.limit,
        cursor=query.cursor,
        ranked=True,
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


@router.get("/statistics/channels/{channel_id}/numbers")
def get_channel_numbers(
    session: Reading, me: MaySee, channel_id: RowId, start: AwareDatetime, end: AwareDatetime
) -> dict[str, list[ChannelNumber]]:
    """The channel's own numbers, such as its followers, as read in [start, end); jumps are marked."""
    check_order(start, end)
    found = numbers(session, me.workspace.id, channel_id, start=start, end=end)
    return {
        str(metric): [
            ChannelNumber(at=one.at, value=one.value, source=one.source, change=one.change, jump=one.jump)
            for one in series
        ]
        for metric, series in found.items()
    }


@router.get("/statistics/totals")
def gettotals_shown(
    web: Web, session: Reading, me: MaySee, start: AwareDatetime, end: AwareDatetime
) -> OverviewShown:
    """The figures of each channel and of all together in [start, end); what posts have come to, until now."""
    check_order(start, end)
    with answers.kept(session):
        able = supplies(web.context, session, me.workspace.id)
        found = overview(
            session, me.workspace.id, start, end, supplies=able, now=web.context.clock(), as_of_now=True
        )
    return OverviewShown(
        start=found.start,
        end=found.end,
        channels=[
            totals_shown(totals, NamedRow(id=channel.id, name=channel.name))
            for channel, totals in found.channels
        ],
        total=totals_shown(found.total, None),
    )
