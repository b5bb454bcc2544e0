"""The first page and the queue, as programs read them."""

from datetime import datetime

from pydantic import BaseModel

from analytics.posts import PostLine
from domain.post import PostState
from scheduler.spending import price_of_post
from store import channels, queue
from store.tables import ChannelRow
from web.api.base import RowId, api_router
from web.api.post_shapes import PostShown, shown
from web.auth import MaySee
from web.deps import Reading, Web
from web.glance import FIRST_FIGURES, glance
from web.i18n import Voice
from web.planning import AHEAD, LONGEST_LANE, free_slots
from web.post_words import PostShown as Row

router = api_router("queue")


class LaneShown(BaseModel):
    """One channel in the coming days."""

    channel_id: RowId
    channel: str
    zone: str
    #: Posts whose hour has come or comes within these days, soonest first.
    posts: list[PostShown]
    #: Times of the posting schedule that hold no post.
    free_slots: list[datetime]
    #: There are more posts than these.
    is_cut: bool
    #: Posts that go out in these days if nobody does anything; 0 while nothing can go out here.
    promised_posts: int
    #: The hour of the last post that is queued, however far ahead; null: none, or nothing can go out here.
    lasts_until: datetime | None


class QueueShown(BaseModel):
    """What goes out in the coming days, and what is still free."""

    until: datetime
    lanes: list[LaneShown]


class FigureShown(BaseModel):
    """A first figure of a post; null with the reason when there is none."""

    key: str
    value: float | None
    absence: str | None
    sources: list[str]
    read_at: datetime | None


class LastShown(BaseModel):
    """A post that went out, with its first figures."""

    id: RowId
    channel_id: RowId
    text: str
    published_at: datetime | None
    remote_url: str | None
    figures: list[FigureShown]


class HomeShown(BaseModel):
    """The workspace at a glance."""

    #: Posts by state.
    counts: dict[PostState, int]
    #: What goes out within the coming days if nobody does anything.
    promised_posts: int
    promised_channels: int
    promised_first_at: datetime | None
    next_up: list[PostShown]
    #: Posts that wait for a person: uncertain, failed, awaiting approval; the first few of each.
    needs_a_person: list[PostShown]
    channels_to_reconnect: list[RowId]
    channels_paused: list[RowId]
    feeds_in_trouble: list[RowId]
    last_published: list[LastShown]


@router.get("/queue")
def get_queue(web: Web, me: MaySee, session: Reading, channel_id: RowId | None = None) -> QueueShown:
    """The coming seven days of each channel, or of one."""
    now = web.context.clock()
    rows = (
        channels.listed(session, me.workspace.id)
        if channel_id is None
        else [channels.get(session, me.workspace.id, channel_id)]
    )

    promised = queue.promises(session, me.workspace.id, before=now + AHEAD)
    if me.workspace.paused_at is not None:
        promised = {}

    def lane(row: ChannelRow) -> LaneShown:
        found = queue.coming(session, row.id, before=now + AHEAD, limit=LONGEST_LANE + 1)
        free, _ = free_slots(session, row, now=now, end=now + AHEAD)
        since = queue.since(session, found)
        return LaneShown(
            channel_id=row.id,
            channel=row.name,
            zone=row.zone,
            posts=[
                shown(post, me, since[post.id], price=price_of_post(web.context, row, post, now=now))
                for post in found[:LONGEST_LANE]
            ],
            free_slots=free,
            is_cut=len(found) > LONGEST_LANE,
            promised_posts=promised[row.id].posts if row.id in promised else 0,
            lasts_until=promised[row.id].last_at if row.id in promised else None,
        )

    return QueueShown(until=now + AHEAD, lanes=[lane(row) for row in rows])


@router.get("/home")
def get_home(web: Web, me: MaySee, session: Reading) -> HomeShown:
    """What goes out by itself, what needs a person, and what went out last."""
    seen = glance(web.context, session, me, voice=Voice(), now=web.context.clock())

    def told(rows: list[Row]) -> list[PostShown]:
        return [shown(row.post, me, row.since) for row in rows]

    return HomeShown(
        counts=dict(seen.counts),
        promised_posts=seen.promised,
        promised_channels=seen.promised_channels,
        promised_first_at=seen.promised_first,
        next_up=told(list(seen.next_up)),
        needs_a_person=told([row for rows in seen.needy.values() for row in rows]),
        channels_to_reconnect=[row.id for row in seen.to_reconnect],
        channels_paused=[row.id for row in seen.paused],
        feeds_in_trouble=[feed.id for feed, _ in seen.troubled_feeds],
        last_published=[_last(line) for line in seen.last],
    )


def _last(line: PostLine) -> LastShown:
    post = line.post
    figures = [
        FigureShown(
            key=key,
            value=line.figures[key].value,
            absence=line.figures[key].absence,
            sources=list(line.figures[key].passport.sources),
            read_at=line.figures[key].passport.read_newest,
        )
        for key in FIRST_FIGURES
        if key in line.figures
    ]
    return LastShown(
        id=post.id,
        channel_id=post.channel_id,
        text=post.content["text"],
        published_at=post.published_at,
        remote_url=post.remote_url,
        figures=figures,
    )
