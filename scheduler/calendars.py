"""The queue as a calendar: addresses that calendar programs subscribe to, and the calendar itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import Session

from domain.errors import UsageError
from domain.icalendar import Event, Status, calendar
from domain.post import PostState, words
from scheduler.context import Context
from store import calendars, channels, queue
from store.changes import Actor, record
from store.engine import writing
from store.tables import CalendarFeed, ChannelRow, Post, Workspace

#: How far a calendar reaches back and ahead, and how many posts it shows at most.
BACK: Final = timedelta(days=90)
AHEAD: Final = timedelta(days=400)
MOST_EVENTS: Final = 5_000
#: How often calendar programs are asked to come back.
REFRESH: Final = timedelta(minutes=15)
_LENGTH: Final = timedelta(minutes=15)
_STATUS: Final = {
    PostState.PUBLISHED: Status.CONFIRMED,
    PostState.PUBLISHING: Status.CONFIRMED,
    PostState.QUEUED: Status.CONFIRMED,
    PostState.SKIPPED: Status.CANCELLED,
}


def make_feed(
    context: Context, workspace_id: int, name: str, *, channel_id: int | None, actor: Actor
) -> tuple[CalendarFeed, str]:
    """A new feed and its address, which is shown once: only a hash of its secret is kept.

    Raises:
        UsageError: no name, or too many feeds.
    """
    trimmed = " ".join(name.split())
    if not 1 <= len(trimmed) <= 80:
        raise UsageError("A calendar feed needs a name of 1 to 80 characters: who will read it?")
    now = context.clock()
    with writing(context.engine) as session:
        if channel_id is not None:
            channels.get(session, workspace_id, channel_id)
        if len(calendars.listed(session, workspace_id)) >= calendars.MOST:
            raise UsageError(f"A workspace has at most {calendars.MOST} calendar feeds. Revoke one first.")
        row, token = calendars.issue(
            session,
            workspace_id,
            name=trimmed,
            channel_id=channel_id,
            now=now,
            created_by=actor.person_id,
        )
        _note(session, actor, "made calendar feed", row, now=now)
        session.commit()
    return row, feed_url(context, token)


def feed_url(context: Context, token: str) -> str:
    """The secret address of a feed."""
    return f"{context.public_url}/c/{token}.ics"


def revoke_feed(context: Context, workspace_id: int, feed_id: int, *, actor: Actor) -> CalendarFeed:
    """Close a feed's address for good. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        row = calendars.get(session, workspace_id, feed_id)
        row.revoked_at = now
        session.add(row)
        _note(session, actor, "revoked calendar feed", row, now=now)
        session.commit()
    return row


def _note(session: Session, actor: Actor, what: str, row: CalendarFeed, *, now: datetime) -> None:
    record(
        session, actor, what, subject="calendar_feed", subject_id=row.id, workspace_id=row.workspace_id,
        now=now, after={"name": row.name},
    )  # fmt: skip


def posts_calendar(
    session: Session,
    workspace: Workspace,
    *,
    channel_id: int | None,
    now: datetime,
    private_url: str = "",
    say: Callable[[str], str] = lambda text: text,
) -> str:
    """The planned and published posts of a workspace, or of one channel, as an ICS document.

    The same posts give the same text, whenever it is asked for.

    Args:
        private_url: where signed-in people reach the pages; empty: events lead to the published post only.
        say: puts a state into the reader's language.
    """
    rows = {row.id: row for row in channels.listed(session, workspace.id)}
    found = queue.between(
        session, workspace.id, now - BACK, now + AHEAD, channel_id=channel_id, limit=MOST_EVENTS
    )
    changed = calendars.changed(session, found)
    events = [
        _event(post, rows[post.channel_id], changed.get(post.id), private_url=private_url, say=say)
        for post in found
    ]
    name = workspace.name if channel_id is None else f"{workspace.name}: {rows[channel_id].name}"
    zone = workspace.zone if channel_id is None else rows[channel_id].zone
    return calendar(name, events, zone=zone, refresh=REFRESH)


def _event(
    post: Post,
    channel: ChannelRow,
    changed: tuple[int, datetime] | None,
    *,
    private_url: str,
    say: Callable[[str], str],
) -> Event:
    state = PostState(post.state)
    starts_at = post.published_at or post.planned_at
    assert starts_at is not None
    times, last = changed or (0, post.created_at)
    text = " ".join(str(post.content["text"]).split()) or str(post.content.get("link") or "")
    told = "" if state in (PostState.QUEUED, PostState.PUBLISHED) else f"[{say(words(state))}] "
    page = f"{private_url}/posts/{post.id}" if private_url else ""
    parts = [post.content["text"], f"{channel.name} · {say(words(state))}", post.remote_url or "", page]
    labels = [*([post.campaign] if post.campaign else []), *(post.tags or ())]
    return Event(
        uid=uuid5(NAMESPACE_URL, f"tabuh:post:{post.id}").urn.removeprefix("urn:uuid:"),
        # Each change and each claim raises one of the two, and neither ever falls.
        sequence=times + post.claim,
        starts_at=starts_at,
        length=_LENGTH,
        created_at=post.created_at,
        changed_at=max(last, post.created_at, post.published_at or post.created_at),
        summary=f"{told}{channel.name}: {text[:120]}",
        description="\n\n".join(part for part in parts if part),
        status=_STATUS.get(state, Status.TENTATIVE),
        categories=labels,
        url=post.remote_url or page,
    )
