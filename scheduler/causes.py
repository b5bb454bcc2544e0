"""The likely cause of a figure that is out of the ordinary, by stated rules: the first that holds is told.

Less than usual: the channel must be connected again or its access has ended; all is paused, or the channel
is; the looks at the platform fail; the platform counts in another field; half as many posts as usual went
out, because of a feed that is quiet or cannot be read, or for another reason. More than usual: one post made
half of it; half as many posts again went out.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from analytics.scopes import channels_in, ground
from domain.definition import Definition, Supplies
from domain.errors import TabuhError
from domain.kpi import Scope
from store import causes, feeds, silence
from store.feed_health import rhythms
from store.feeds import Health, health
from store.silence import Source
from store.tables import ChannelRow, Workspace

_DAY: Final = timedelta(days=1)
#: One post that made so much of it is the cause.
_ONE_POST: Final = 0.5
#: Posts by usual posts: fewer than the one, or more than the other, is the cause.
_FEWER, _MORE = 0.5, 1.5
#: Days before that say how many posts are usual.
BACK: Final = 28


def cause_of(
    session: Session,
    workspace: Workspace,
    scope: Scope,
    entry: Definition,
    *,
    first: date,
    last: date,
    is_more: bool,
    supplies: Supplies,
    now: datetime,
    fields: Callable[[], Sequence[Source]],
) -> dict[str, Any]:
    """Facts of the likely cause: ``cause``, and what its sentence needs.

    Args:
        fields: from which of the platforms' fields counts came in the last `BACK` days.
    """
    try:
        rows = channels_in(session, workspace.id, scope)
        found = ground(session, workspace.id, scope, entry, supplies).scope
    except TabuhError:
        return {"cause": "unknown"}
    where = ZoneInfo(workspace.zone)
    start = datetime(first.year, first.month, first.day, tzinfo=where)
    after = last + _DAY
    end = min(datetime(after.year, after.month, after.day, tzinfo=where), now)
    if is_more and not entry.outside:
        top = causes.top_post(session, found, entry.numerator, start=start, end=end)
        if top is not None and top.share >= _ONE_POST:
            return {"cause": "viral_post", "post_id": top.post_id, "share": round(top.share, 3)}
    known = {} if is_more else _stopped(session, workspace, rows, now=now)
    known = known or _changed(fields(), rows, entry, now=now)
    if known:
        return known
    posts = causes.published(session, found, start=start, end=end)
    before = causes.published(session, found, start=start - BACK * _DAY, end=start)
    usual = before / BACK * ((last - first).days + 1)
    return _by_posts(session, rows, posts, usual, is_more=is_more, now=now)


def _by_posts(
    session: Session, rows: Sequence[ChannelRow], posts: int, usual: float, *, is_more: bool, now: datetime
) -> dict[str, Any]:
    """Whether more or fewer posts than usual explain it."""
    counts = {"posts": posts, "usual_posts": round(usual, 1)}
    if is_more and usual and posts >= max(_MORE * usual, usual + 1):
        return {"cause": "more_posts", **counts}
    if not is_more and usual >= 1 and posts <= _FEWER * usual:
        return of_feeds(session, rows, now=now) or {"cause": "fewer_posts", **counts}
    return {"cause": "unknown"}


def _stopped(
    session: Session, workspace: Workspace, rows: Sequence[ChannelRow], *, now: datetime
) -> dict[str, Any]:
    if any(row.state == "needs_reconnect" for row in rows):
        return {"cause": "reconnect"}
    if any(row.access_until is not None and row.access_until <= now for row in rows):
        return {"cause": "access_ended"}
    if workspace.paused_at is not None or any(row.state == "paused" for row in rows):
        return {"cause": "paused"}
    seen = silence.measuring(
        session, workspace.id, since=now - 7 * _DAY, before=now - timedelta(hours=6), failures=3
    )
    if any(row.id in seen and seen[row.id].failing for row in rows):
        return {"cause": "not_measured"}
    return {}


def _changed(
    sources: Sequence[Source], rows: Sequence[ChannelRow], entry: Definition, *, now: datetime
) -> dict[str, Any]:
    """Whether the platform began to give the count in another field in the last days."""
    ids = {row.id for row in rows}
    fields: dict[tuple[int, str], set[str]] = {}
    new = set()
    for one in sources:
        if one.channel_id in ids and one.metric in entry.read:
            fields.setdefault((one.channel_id, one.metric), set()).add(one.source)
            if one.first_at >= now - 7 * _DAY:
                new.add((one.channel_id, one.metric))
    return {"cause": "platform_change"} if any(len(fields[key]) > 1 for key in new) else {}


def of_feeds(session: Session, rows: Sequence[ChannelRow], *, now: datetime) -> dict[str, Any]:
    """A feed of these channels from which nothing comes."""
    for row in rows:
        ids = silence.feeds_of_channel(session, row.id)
        known = rhythms(session, ids, now=now)
        for feed_id in ids:
            feed = feeds.get(session, row.workspace_id, feed_id)
            name = feed.title or feed.url
            if health(feed) in (Health.FAILING, Health.GONE):
                return {"cause": "feed_failing", "feed": name}
            if feed_id in known and known[feed_id].is_silent:
                return {"cause": "feed_quiet", "feed": name}
    return {}
