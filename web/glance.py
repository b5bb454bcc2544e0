"""What the first page tells: what goes out by itself, what needs a person, and what went out last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from analytics.posts import PostLine, post_list
from domain.post import PostState
from scheduler.access import Ending, endings
from scheduler.context import Context
from scheduler.guiding import waits
from scheduler.measuring import supplies
from store import channels, posts, queue
from store.feeds import Health
from store.tables import ChannelRow, Feed, Post
from store.values import NO_FILTERS
from web.auth import Member
from web.i18n import Voice
from web.planning import AHEAD
from web.post_words import PostShown, shown

#: Rows of each kind on the first page.
NEXT, NEEDY, LAST = 6, 5, 5
#: Figures of a post that was just published, as far as its platform supplies them.
FIRST_FIGURES = ("impressions", "engagement", "clicks")
#: States of posts that wait for a person, the most pressing first.
NEEDS_A_PERSON = (PostState.UNCERTAIN, PostState.FAILED, PostState.AWAITING_APPROVAL)


#: Posts of a state that the first page counts; beyond it says that there are more.
MOST_COUNTED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One workspace at one moment."""

    counts: Mapping[PostState, int]
    next_up: Sequence[PostShown]
    #: Up to `NEEDY` posts for each state of `NEEDS_A_PERSON` that has any.
    needy: Mapping[PostState, Sequence[PostShown]]
    to_reconnect: Sequence[ChannelRow]
    #: Channels whose access ends soon.
    endings: Sequence[Ending]
    paused: Sequence[ChannelRow]
    #: Feeds that cannot be read, and feeds that ask what to post.
    troubled_feeds: Sequence[tuple[Feed, Health]]
    last: Sequence[PostLine]
    channels: Sequence[ChannelRow]
    feeds: int
    #: Posts that go out within `AHEAD` if nobody does anything, on how many channels, and the first.
    promised: int
    promised_channels: int
    promised_first: datetime | None
    #: Until when the queue of each working channel lasts, by name; None: it is empty.
    lasting: Sequence[tuple[ChannelRow, datetime | None]]
    #: The version of the KPI guide that this member should have read by now; 0: none.
    unread_guide: int = 0

    @property
    def is_new(self) -> bool:
        """Whether there is nothing yet but the channel that every installation begins with."""
        return not self.feeds and not sum(self.counts.values())

    def number_of(self, *states: PostState) -> int:
        """How many posts are in these states, as far as they are counted."""
        return min(sum(self.counts[state] for state in states), MOST_COUNTED)

    def is_more(self, *states: PostState) -> bool:
        """Whether there are more than `number_of` says."""
        return sum(self.counts[state] for state in states) > MOST_COUNTED

    @property
    def needs_nobody(self) -> bool:
        """Whether everything runs by itself."""
        return not (
            self.needy or self.to_reconnect or self.endings or self.troubled_feeds or self.unread_guide
        )


def glance(context: Context, session: Session, me: Member, *, voice: Voice, now: datetime) -> Glance:
    """Everything that the first page shows."""
    workspace_id = me.workspace.id
    counts = posts.counts_by_state(session, workspace_id, most=MOST_COUNTED)
    rows = channels.listed(session, workspace_id)
    by_health = queue.feeds_by_health(session, workspace_id)
    needy = {
        state: shown(context, session, me, _some(session, workspace_id, state, NEEDY), voice=voice, now=now)
        for state in NEEDS_A_PERSON
        if counts[state]
    }
    coming = queue.by_hour(session, workspace_id, states=(PostState.PUBLISHING, PostState.QUEUED), limit=NEXT)
    promised = queue.promises(session, workspace_id, before=now + AHEAD)
    if me.workspace.paused_at is not None:
        promised = {}
    can_supply = supplies(context, session, workspace_id)
    return Glance(
        counts=counts,
        next_up=shown(context, session, me, coming, voice=voice, now=now),
        needy=needy,
        to_reconnect=[row for row in rows if row.state == "needs_reconnect"],
        endings=[
            one for one in endings(session, workspace_id, now=now) if one.channel.state != "needs_reconnect"
        ],
        paused=[row for row in rows if row.state == "paused"],
        troubled_feeds=[
            (feed, one) for one in (Health.ASKS, Health.GONE, Health.FAILING) for feed in by_health[one]
        ],
        last=post_list(session, workspace_id, NO_FILTERS, limit=LAST, supplies=can_supply, now=now).lines,
        channels=rows,
        feeds=sum(map(len, by_health.values())),
        promised=sum(one.posts for one in promised.values()),
        promised_channels=sum(one.posts > 0 for one in promised.values()),
        promised_first=min((one.first_at for one in promised.values() if one.posts), default=None),
        lasting=[
            (row, promised[row.id].last_at if row.id in promised else None)
            for row in rows
            if row.state == "active"
        ],
        unread_guide=waits(session, workspace_id, me.person.id, now=now),
    )


def _some(session: Session, workspace_id: int, state: PostState, limit: int) -> Sequence[Post]:
    return queue.by_hour(session, workspace_id, states=(state,), limit=limit)
