"""The calendar: months and weeks of the queue, and the addresses at which calendar programs read it."""

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response

from domain.errors import UsageError
from domain.schedule import wall_time, zone
from scheduler import calendars as commands
from store import calendars, channels, experiments, queue
from store.engine import reading
from web.api.base import RowId
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.i18n import Voice
from web.month import Span, View, days, span
from web.posted import clean
from web.said import said

router = APIRouter()

#: Posts on one page of the calendar.
MOST = 3_000

Short = Annotated[str, Query(max_length=200)]
Field = Annotated[str, Form(max_length=200)]


@router.get("/calendar")
def show_calendar(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    web: Web,
    session: Reading,
    me: MaySee,
    view: Short = "month",
    day: Short = "",
    channel: Short = "",
    campaign: Short = "",
) -> Response:
    """A month or week of posts in the workspace's zone, or in that of the chosen channel."""
    rows = channels.listed(session, me.workspace.id)
    chosen = next((row for row in rows if str(row.id) == channel), None)
    zone_name = chosen.zone if chosen else me.workspace.zone
    now = web.context.clock()
    named: View = "week" if view == "week" else "month"
    covered = span(named, _day(day, web, zone_name), week_start=me.workspace.week_start)
    start, end = covered.instants(zone_name)
    posts = queue.between(
        session, me.workspace.id, start, end, channel_id=chosen.id if chosen else None,
        campaign=campaign or None, limit=MOST,
    )  # fmt: skip
    belonging = experiments.of_posts(session, me.workspace.id, [post.id for post in posts])
    arms = {post_id: f"{one.name} · {one.arm_name}" for post_id, one in belonging.items()}
    found = days(covered, posts, {row.id: row for row in rows}, arms=arms, zone_name=zone_name, now=now)

    def address(**more: str) -> str:
        known = {
            "view": covered.view,
            "day": covered.day.isoformat(),
            "channel": channel,
            "campaign": campaign,
        }
        return f"/calendar?{urlencode({name: value for name, value in {**known, **more}.items() if value})}"

    return show(
        request,
        "pages/calendar.html",
        covered=covered,
        weeks=[found[place : place + 7] for place in range(0, len(found), 7)],
        count=len(posts),
        zone=zone_name,
        title=_title(covered, voice_of(request)),
        address=address,
        today=_day("", web, zone_name),
        channels=rows,
        campaigns=queue.campaigns(session, me.workspace.id),
        chosen=chosen,
        campaign=campaign,
    )


def _day(typed: str, web: WebContext, zone_name: str) -> date:
    """The day of an address; today, where it names none."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return wall_time(web.context.clock(), zone(zone_name)).date()


def _title(covered: Span, voice: Voice) -> str:
    if covered.view == "month":
        return voice.month(covered.day)
    return f"{voice.date(covered.first)} – {voice.date(covered.last)}"


@router.get("/calendar/feeds")
def feeds(request: Request, web: Web, me: MaySee) -> Response:
    """The addresses that calendar programs read."""
    return _feeds(request, web, me)


@router.post("/calendar/feeds")
def make(request: Request, web: Web, me: MayEdit, name: Field = "", channel: Field = "") -> Response:
    """Make one; its address is shown once."""
    number = int(channel) if channel.isascii() and channel.isdecimal() and len(channel) < 19 else None
    try:
        row, address = commands.make_feed(
            web.context, me.workspace.id, clean(name), channel_id=number, actor=me.actor
        )
    except UsageError as error:
        return _feeds(request, web, me, name=name, error=said(voice_of(request), str(error)))
    return _feeds(request, web, me, made=address, made_for=row.name)


@router.post("/calendar/feeds/{feed_id}/revoke")
def revoke(request: Request, web: Web, me: MayEdit, feed_id: RowId) -> Response:
    """Close an address for good."""
    row = commands.revoke_feed(web.context, me.workspace.id, feed_id, actor=me.actor)
    said_ = voice_of(request).gettext("The calendar feed for %(name)s is closed.", name=row.name)
    return redirect(request, "/calendar/feeds", notice=said_)


def _feeds(  # noqa: PLR0917 - all of one page
    request: Request,
    web: WebContext,
    me: Member,
    made: str = "",
    made_for: str = "",
    name: str = "",
    error: str = "",
) -> Response:
    with reading(web.context.engine) as session:
        rows = channels.listed(session, me.workspace.id)
        found = calendars.listed(session, me.workspace.id)
    return show(
        request,
        "pages/calendar_feeds.html",
        status=422 if error else 200,
        feeds=found,
        options=[("", voice_of(request).gettext("All channels")), *((row.id, row.name) for row in rows)],
        names={row.id: row.name for row in rows},
        made=made,
        made_for=made_for,
        name=name,
        error=error,
    )


@router.get("/calendar.ics")
def download(web: Web, session: Reading, me: MaySee, channel: Short = "") -> Response:
    """The calendar as a file."""
    row = next((row for row in channels.listed(session, me.workspace.id) if str(row.id) == channel), None)
    text = commands.posts_calendar(
        session, me.workspace, channel_id=row.id if row else None, now=web.context.clock(),
        private_url=web.private_url,
    )  # fmt: skip
    headers = {"Content-Disposition": 'attachment; filename="tabuh.ics"'}
    return Response(text.encode(), media_type="text/calendar", headers=headers)
