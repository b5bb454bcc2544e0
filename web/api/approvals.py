"""Approvals that are asked for, links for reviewers without account, and calendar feeds."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from scheduler import approving, calendars
from store import calendars as feeds
from store import queue, reviews
from store.engine import reading
from store.tables import CalendarFeed, ReviewLink
from web.api.base import Body, Line, Listing, Pages, Repeatable, RowId, api_router
from web.api.post_shapes import PostShown, shown
from web.api.shapes import in_pages
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web

router = api_router("approvals")

PostIds = Annotated[list[RowId], Field(min_length=1, max_length=approving.MOST_POSTS)]


class AskBody(Body):
    """Posts that shall wait for an approval."""

    post_ids: PostIds


class NewReviewLink(Body):
    """A link to make."""

    post_ids: PostIds
    #: Whom it is for; the reviewer sees it.
    name: Line
    hours: Annotated[int, Field(ge=1, le=90 * 24)] = 7 * 24


class DecisionShown(BaseModel):
    """What a reviewer decided about a post; nulls: not yet."""

    post_id: RowId
    decision: Literal["approved", "rejected"] | None
    decided_at: datetime | None
    #: The name that the reviewer gave.
    reviewer: str | None
    comment: str | None


class ReviewLinkShown(BaseModel):
    """A link, without its secret address."""

    id: RowId
    name: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    posts: list[DecisionShown]


class MadeReviewLink(ReviewLinkShown):
    """A link that was just made."""

    #: Answered once; null in a repetition.
    address: str | None


class NewCalendarFeed(Body):
    """A calendar feed to make."""

    #: Who will read it.
    name: Line
    #: Null: all channels.
    channel_id: RowId | None = None


class CalendarFeedShown(BaseModel):
    """A calendar feed, without its secret address."""

    id: RowId
    name: str
    channel_id: RowId | None
    created_at: datetime
    #: When a calendar program came last.
    read_at: datetime | None
    revoked_at: datetime | None


class MadeCalendarFeed(CalendarFeedShown):
    """A calendar feed that was just made."""

    #: Answered once; null in a repetition.
    address: str | None


def _link(session: Session, row: ReviewLink) -> ReviewLinkShown:
    posts = [DecisionShown.model_validate(one.model_dump()) for one, _, _ in reviews.posts_of(session, row)]
    return ReviewLinkShown.model_validate({**row.model_dump(), "posts": posts})


@router.post("/approvals")
def ask(body: AskBody, web: Web, me: MayEdit) -> list[PostShown]:
    """Let posts wait for an approval: none of them goes out before it was given."""
    found = approving.ask(web.context, me.workspace.id, body.post_ids, actor=me.actor)
    with reading(web.context.engine) as session:
        since = queue.since(session, found)
    return [shown(post, me, since[post.id]) for post in found]


@router.get("/approval-links")
def list_links(me: MaySee, session: Reading, pages: Pages) -> Listing[ReviewLinkShown]:
    """The links there are, newest first, with what was decided."""
    return in_pages(pages, reviews.listed(session, me.workspace.id), lambda row: _link(session, row))


@router.post("/approval-links", status_code=201, response_model=MadeReviewLink)
def make_link(body: NewReviewLink, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Make a secret address at which somebody without account approves or rejects these posts."""

    def make() -> MadeReviewLink:
        row, address = approving.make_link(
            web.context, me.workspace.id, body.post_ids, name=body.name, lasts=timedelta(hours=body.hours),
            actor=me.actor,
        )  # fmt: skip
        with reading(web.context.engine) as session:
            return MadeReviewLink(**_link(session, row).model_dump(), address=address)

    return once.run(me, body, make, secret=frozenset({"address"}))


@router.post("/approval-links/{link_id}/revoke")
def revoke_link(link_id: RowId, web: Web, me: MayEdit) -> ReviewLinkShown:
    """Close a link for good; what was decided stays."""
    row = approving.revoke_link(web.context, me.workspace.id, link_id, actor=me.actor)
    with reading(web.context.engine) as session:
        return _link(session, row)


@router.get("/calendar-feeds")
def list_feeds(me: MaySee, session: Reading, pages: Pages) -> Listing[CalendarFeedShown]:
    """The calendar feeds that are open."""
    return in_pages(pages, feeds.listed(session, me.workspace.id), _feed)


def _feed(row: CalendarFeed) -> CalendarFeedShown:
    return CalendarFeedShown.model_validate(row.model_dump())


@router.post("/calendar-feeds", status_code=201, response_model=MadeCalendarFeed)
def make_feed(body: NewCalendarFeed, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Make a secret address that calendar programs can subscribe to."""

    def make() -> MadeCalendarFeed:
        row, address = calendars.make_feed(
            web.context, me.workspace.id, body.name, channel_id=body.channel_id, actor=me.actor
        )
        return MadeCalendarFeed(**_feed(row).model_dump(), address=address)

    return once.run(me, body, make, secret=frozenset({"address"}))


@router.post("/calendar-feeds/{feed_id}/revoke")
def revoke_feed(feed_id: RowId, web: Web, me: MayEdit) -> CalendarFeedShown:
    """Close a calendar feed for good."""
    return _feed(calendars.revoke_feed(web.context, me.workspace.id, feed_id, actor=me.actor))


@router.get("/calendar", response_class=Response, responses={200: {"content": {"text/calendar": {}}}})
def get_calendar(web: Web, me: MaySee, session: Reading, channel_id: RowId | None = None) -> Response:
    """The planned and published posts as an ICS document."""
    text = calendars.posts_calendar(
        session, me.workspace, channel_id=channel_id, now=web.context.clock(), private_url=web.private_url
    )
    return Response(text.encode(), media_type="text/calendar")
