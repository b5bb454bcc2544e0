"""The queue: the coming days of each channel with their free slots, and posts by state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from domain.post import PostState
from store import channels, posts, queue
from store.queue import Place
from store.tables import ChannelRow, Post
from web.auth import MaySee
from web.deps import Reading, Web, show, voice_of
from web.planning import AHEAD, lanes
from web.post_words import shown

router = APIRouter()

#: Posts on one page of a list.
PAGE_LENGTH = 50
#: The choice that lists posts of every state.
ALL = "all"
#: In these states the latest post is what people look for.
LATEST_FIRST = frozenset({ALL, PostState.PUBLISHED, PostState.SKIPPED, PostState.FAILED})
#: States that wait for a person, the most pressing first.
WAITING = (PostState.UNCERTAIN, PostState.FAILED, PostState.AWAITING_APPROVAL, PostState.DRAFT)


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the queue is shown: a plan of the coming days, or a list by state."""

    channel: ChannelRow | None
    #: A state, `ALL`, or nothing: the plan.
    state: str
    #: Empty: all.
    campaign: str = ""

    def address(self, **more: str) -> str:
        """The queue with these filters."""
        return self._with_filters("/queue", **more)

    def sheet(self) -> str:
        """Where all that these filters show comes as a sheet."""
        return self._with_filters("/queue/export.csv")

    def _with_filters(self, path: str, **more: str) -> str:
        channel = str(self.channel.id) if self.channel else ""
        chosen = {"channel": channel, "state": self.state, "campaign": self.campaign, **more}
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"{path}?{query}" if query else path


@router.get("/queue")
def show_queue(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    web: Web,
    session: Reading,
    me: MaySee,
    channel: str = "",
    state: str = "",
    campaign: Annotated[str, Query(max_length=80)] = "",
    after: str = "",
) -> Response:
    """The coming days, or with a state the posts in it; a filter that names nothing is passed over."""
    rows = channels.listed(session, me.workspace.id)
    chosen = next((row for row in rows if str(row.id) == channel), None)
    campaigns = queue.campaigns(session, me.workspace.id)
    filters = Filters(
        chosen, state if state in (ALL, *PostState) else "", campaign if campaign in campaigns else ""
    )
    now, voice = web.context.clock(), voice_of(request)
    counts = posts.counts_by_state(session, me.workspace.id, states=WAITING)
    values: dict[str, Any] = {
        "filters": filters,
        "channels": rows,
        "campaigns": campaigns,
        "waiting": [(state, counts[state]) for state in WAITING if counts[state]],
        "states": [*PostState],
        "days": AHEAD.days,
    }
    if filters.state:
        found, older = _listed(session, me.workspace.id, filters, _place(after))
        listed = shown(web.context, session, me, found, voice=voice, now=now)
        return show(request, "pages/queue_list.html", posts=listed, later=older, is_first=not after, **values)
    plan = lanes(
        web.context, session, me, [chosen] if chosen else list(rows), voice=voice, now=now,
        campaign=filters.campaign or None,
    )  # fmt: skip
    unplanned = queue.by_hour(
        session, me.workspace.id, states=(PostState.AWAITING_APPROVAL, PostState.DRAFT),
        channel_id=chosen.id if chosen else None, campaign=filters.campaign or None, unplanned_only=True,
        limit=PAGE_LENGTH,
    )  # fmt: skip
    without_hour = shown(web.context, session, me, unplanned, voice=voice, now=now)
    return show(request, "pages/queue.html", lanes=plan, unplanned=without_hour, **values)


def _listed(
    session: Session, workspace_id: int, filters: Filters, after: Place | None
) -> tuple[Sequence[Post], str]:
    """One page, and the address of the next one; empty: there is none."""
    states = () if filters.state == ALL else (PostState(filters.state),)
    found = queue.by_hour(
        session,
        workspace_id,
        states=states,
        channel_id=filters.channel.id if filters.channel else None,
        campaign=filters.campaign or None,
        latest_first=filters.state in LATEST_FIRST,
        after=after,
        limit=PAGE_LENGTH + 1,
    )
    if len(found) <= PAGE_LENGTH:
        return found, ""
    last = found[PAGE_LENGTH - 1]
    at = last.planned_at.isoformat() if last.planned_at else ""
    return found[:PAGE_LENGTH], filters.address(after=f"{at}_{last.id}")


def _place(after: str) -> Place | None:
    """Where the page goes on; an address that somebody cut short begins at the start."""
    at, _, number = after.rpartition("_")
    try:
        when = datetime.fromisoformat(at) if at else None
        if not after or (when is not None and when.tzinfo is None) or not 0 < int(number) < 2**63:
            return None
    except ValueError:
        return None
    return Place(when, int(number))
