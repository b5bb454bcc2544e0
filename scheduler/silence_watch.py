"""What has fallen silent: feeds, queues, accesses, measurements and posts. Each finding says since when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from sqlmodel import Session

from domain.alerts import Finding, Rule
from domain.post import PostState
from scheduler.access import endings
from scheduler.causes import of_feeds
from store import channels, feed_health, queue, silence
from store.feeds import Health
from store.tables import ChannelRow, Feed

#: Entries that are looked at for a feed's rhythm, and how many are needed.
_ENTRIES, _ENOUGH = 20_000, 8
#: A feed is quiet when nothing came for so many times its longest pause, and this long at least.
_BEYOND, _LEAST_QUIET = 1.5, timedelta(hours=12)
#: Looks in a row that failed.
_FAILURES: Final = 3
#: A queue that lasts no longer is about to be empty.
_SOON: Final = timedelta(days=2)
#: A channel that publishes less often than this a week may well be empty.
_SLOWEST: Final = 1.0
#: A fed channel is silent after so many times its usual gap.
_GAPS: Final = 4
#: Posts that should have been measured: out for so long, in the last so many days.
_MEASURED_AFTER, _MEASURED_WITHIN = timedelta(hours=6), timedelta(days=7)
#: So long after its hour a post has missed it.
_LATE: Final = timedelta(minutes=30)
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_HOUR: Final = timedelta(hours=1)


def found(session: Session, workspace_id: int, *, now: datetime, is_paused: bool) -> list[Finding]:
    """Everything that is silent and should not be; while all is paused, only what that does not explain."""
    rows = {row.id: row for row in channels.listed(session, workspace_id)}
    findings = [
        *_feeds(session, workspace_id, now=now),
        *_access(session, workspace_id, now=now),
        *_reconnect(session, workspace_id, rows.values(), now=now),
        *_measuring(session, workspace_id, rows, now=now),
        *_needy(session, workspace_id, now=now),
    ]
    if not is_paused:
        findings += [
            *_queues(session, workspace_id, list(rows.values()), now=now),
            *_late(session, workspace_id, now=now),
        ]
    return findings


def _feeds(session: Session, workspace_id: int, *, now: datetime) -> Iterator[Finding]:
    for health, rows in queue.feeds_by_health(session, workspace_id).items():
        for feed in rows:
            if health in (Health.FAILING, Health.GONE, Health.ASKS):
                if (finding := _failing(feed, health, now=now)) is not None:
                    yield finding
            elif health is Health.HEALTHY and silence.channels_of_feed(session, feed.id):
                quiet = _quiet(session, feed, now=now)
                if quiet is not None:
                    yield quiet


def _failing(feed: Feed, health: Health, *, now: datetime) -> Finding | None:
    facts: dict[str, object] = {"feed_id": feed.id, "times": feed.failures, "reason": feed.last_error or ""}
    since = feed.last_success_at or feed.created_at
    if health is Health.FAILING and feed.failures < _FAILURES:
        return None
    if health is Health.GONE:
        facts["variant"], since = "gone", feed.gone_since or since
    elif health is Health.ASKS:
        facts["variant"], since = "asks", feed.last_success_at or now
    elif feed.last_error:
        facts["cause"] = "feed_error"
    return Finding(
        rule=Rule.FEED_FAILING,
        subject=f"feed:{feed.id}",
        name=feed.title or feed.url,
        facts=facts,
        since=since,
    )


def _quiet(session: Session, feed: Feed, *, now: datetime) -> Finding | None:
    """Whether nothing came for much longer than the longest pause of this feed in the last weeks."""
    newest = feed_health.entry_dates(session, feed.id, before=now, limit=_ENOUGH)
    if len(newest) < _ENOUGH or now - newest[0] < _LEAST_QUIET:
        return None
    # All of the nine weeks, for a busy feed may rest at every weekend.
    dates = feed_health.entry_dates(session, feed.id, before=now, limit=_ENTRIES)
    pauses = [later - earlier for later, earlier in pairwise(dates)]
    pause = now - dates[0]
    if pause < _BEYOND * max(pauses):
        return None
    weekly = len(pauses) / ((dates[0] - dates[-1]) / _WEEK) if dates[0] > dates[-1] else 0.0
    facts: dict[str, object] = {
        "feed_id": feed.id, "days": round(pause / _DAY, 1), "weekly": round(weekly, 1),
        "entries": len(dates), "longest_hours": round(max(pauses) / _HOUR, 1),
    }  # fmt: skip
    if feed.last_success_at is not None:
        facts |= {"cause": "site_silent", "checked_at": feed.last_success_at.isoformat()}
    return Finding(
        rule=Rule.FEED_QUIET,
        subject=f"feed:{feed.id}",
        name=feed.title or feed.url,
        facts=facts,
        since=dates[0],
    )


def _access(session: Session, workspace_id: int, *, now: datetime) -> Iterator[Finding]:
    for one in endings(session, workspace_id, now=now):
        if one.channel.state == "needs_reconnect":
            continue  # told by its own rule
        facts: dict[str, object] = {
            "channel_id": one.channel.id,
            "ends_at": one.ends_at.isoformat(),
            "posts": one.posts,
        }
        if one.ends_at <= now:
            facts["variant"] = "ended"
        yield Finding(
            rule=Rule.ACCESS_ENDS, subject=f"channel:{one.channel.id}", name=one.channel.name, facts=facts,
            since=min(now, one.ends_at),
        )  # fmt: skip


def _reconnect(
    session: Session, workspace_id: int, rows: Iterable[ChannelRow], *, now: datetime
) -> Iterator[Finding]:
    waiting = silence.queued(session, workspace_id)
    for row in rows:
        if row.state == "needs_reconnect":
            posts = waiting[row.id][0] if row.id in waiting else 0
            facts = {"channel_id": row.id, "posts": posts, "reason": row.state_reason or ""}
            yield Finding(
                rule=Rule.CHANNEL_RECONNECT, subject=f"channel:{row.id}", name=row.name, facts=facts,
                since=row.tested_at or now,
            )  # fmt: skip


def _queues(
    session: Session, workspace_id: int, rows: Sequence[ChannelRow], *, now: datetime
) -> Iterator[Finding]:
    weekly, waiting = silence.paces(session, workspace_id, now=now), silence.queued(session, workspace_id)
    for row in rows:
        pace = weekly.get(row.id, 0.0)
        if row.state != "active" or pace < _SLOWEST:
            continue
        posts, last_at = waiting.get(row.id, (0, now))
        facts: dict[str, object] = {"channel_id": row.id, "posts": posts, "weekly": round(pace, 1)}
        last = silence.last_published_at(session, row.id) or now
        if silence.feeds_of_channel(session, row.id):
            if posts or now - last < max(_SOON, _GAPS * _WEEK / pace):
                continue  # what its feeds bring comes when it comes
        elif posts:
            if min(last_at - now, posts / pace * _WEEK) >= _SOON:
                continue
            lasts = max(0.0, min(last_at - now, posts / pace * _WEEK) / _HOUR)
            facts |= {"variant": "soon", "last_at": last_at.isoformat(), "lasts_hours": round(lasts)}
        facts |= {"gap_hours": round(_WEEK / _HOUR / pace, 1), "ago_hours": round((now - last) / _HOUR, 1)}
        facts |= _why_empty(session, row, now=now)
        since = now if posts else min(now, last)
        yield Finding(
            rule=Rule.QUEUE_EMPTY, subject=f"channel:{row.id}", name=row.name, facts=facts, since=since
        )


def _why_empty(session: Session, row: ChannelRow, *, now: datetime) -> dict[str, object]:
    if silence.feeds_of_channel(session, row.id):
        return of_feeds(session, [row], now=now) or {"cause": "feeds_bring_nothing"}
    return {"cause": "routes_paused" if silence.has_routes(session, row.id) else "nobody_writes"}


def _measuring(
    session: Session, workspace_id: int, rows: Mapping[int, ChannelRow], *, now: datetime
) -> Iterator[Finding]:
    seen = silence.measuring(
        session, workspace_id, since=now - _MEASURED_WITHIN, before=now - _MEASURED_AFTER, failures=_FAILURES
    )
    for channel_id, how in seen.items():
        row = rows.get(channel_id)
        if row is None or row.state == "needs_reconnect" or not how.failing:
            continue
        rule = Rule.NOT_MEASURED if how.read == 0 else Rule.NUMBER_STALE
        posts = how.due if how.read == 0 else how.failing
        cause = {"cause": "platform_silent", "reason": how.reason} if how.reason else {}
        facts = {"channel_id": channel_id, "posts": posts, "due": how.due, **cause}
        yield Finding(
            rule=rule, subject=f"channel:{channel_id}", name=row.name, facts=facts, since=how.since or now
        )


def _needy(session: Session, workspace_id: int, *, now: datetime) -> Iterator[Finding]:
    """One finding for each channel and state, with the newest post of it."""
    known: dict[tuple[int, str], int] = {}
    rows = silence.needy(session, workspace_id, limit=500)
    for post, channel in rows:
        known[channel.id, post.state] = known.get((channel.id, post.state), 0) + 1
    for post, channel in rows:
        posts = known.pop((channel.id, post.state), 0)
        if posts:
            rule = Rule.POST_UNCERTAIN if post.state == PostState.UNCERTAIN else Rule.POST_FAILED
            facts = {"post_id": post.id, "posts": posts, "reason": post.reason or ""}
            yield Finding(
                rule=rule, subject=f"channel:{channel.id}", name=channel.name, facts=facts,
                since=min(now, post.planned_at or now),
            )  # fmt: skip


def _late(session: Session, workspace_id: int, *, now: datetime) -> Iterator[Finding]:
    rows = silence.late(session, workspace_id, before=now - _LATE, limit=500)
    known: dict[int, int] = {}
    for _, channel in rows:
        known[channel.id] = known.get(channel.id, 0) + 1
    for post, channel in rows:
        posts = known.pop(channel.id, 0)
        is_quiet = channel.quiet_until is not None and channel.quiet_until > now
        if posts and post.planned_at is not None and not is_quiet:
            facts = {"post_id": post.id, "posts": posts, "due_at": post.planned_at.isoformat()}
            if post.reason:
                facts |= {"cause": "reason", "reason": post.reason}
            yield Finding(
                rule=Rule.POST_LATE, subject=f"channel:{channel.id}", name=channel.name, facts=facts,
                since=post.planned_at,
            )  # fmt: skip
