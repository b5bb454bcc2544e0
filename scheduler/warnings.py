"""What a person should know before a post goes out as it is: texts that repeat, hours that break a rule."""

from datetime import datetime, timedelta

from sqlmodel import Session

from domain.likeness import plain
from domain.rules import Rules, rules_from, shut_at
from domain.schedule import wall_time, zone
from domain.warning import Warning
from store import alike, standing
from store.tables import ChannelRow, Post

#: A text that comes again within this is worth a word.
REPEATS = timedelta(days=180)
#: Where a channel names no distance, posts nearer than this are worth a word.
NEAR = timedelta(minutes=15)
#: Texts that are told of at most.
_MOST_TEXTS = 2


def of_text(
    session: Session, channel: ChannelRow, text: str, *, now: datetime, without: int | None = None
) -> list[Warning]:
    """Posts of the channel with the same or nearly the same text, within 180 days."""
    left_out = () if without is None else (without,)
    found = alike.find(session, channel.id, text, since=now - REPEATS, without=left_out)
    bare = plain(text)
    return [
        Warning("same", {"when": one.at, "post": one.post.id})
        if plain(str(one.post.content.get("text") or "")) == bare
        else Warning("alike", {"when": one.at, "post": one.post.id, "percent": int(one.share * 100)})
        for one in found[:_MOST_TEXTS]
    ]


def of_hour(
    session: Session, channel: ChannelRow, at: datetime, *, now: datetime, post: Post | None = None
) -> list[Warning]:
    """What the hour of a hand-placed post breaks of the channel's rules, and what stands beside it."""
    rules = rules_from(channel.rules)
    without = () if post is None else (post.id,)
    found = []
    if shut := shut_at(rules, wall_time(at, zone(channel.zone))):
        found.append(Warning(shut))
    beside = standing.beside(session, channel.id, at, within=max(rules.gap, NEAR), without=without)
    if beside is not None and beside.planned_at is not None:
        apart = int(abs(beside.planned_at - at).total_seconds()) // 60
        found.append(Warning("near", {"minutes": apart, "when": beside.planned_at, "post": beside.id}))
    if post is not None and rules.kin_gap:
        akin = standing.akin_beside(session, post, at, within=rules.kin_gap)
        if akin is not None and akin.planned_at is not None:
            found.append(Warning("kin", {"when": akin.planned_at, "post": akin.id}))
    return found + _of_caps(session, channel, rules, at, now=now, without=without)


def _of_caps(
    session: Session,
    channel: ChannelRow,
    rules: Rules,
    at: datetime,
    *,
    now: datetime,
    without: tuple[int, ...],
) -> list[Warning]:
    if rules.cap_day is None and rules.cap_week is None and channel.budget_day is None:
        return []
    where = zone(channel.zone)
    day = wall_time(at, where).date()
    others = [
        wall_time(datetime.fromtimestamp(second, at.tzinfo), where).date()
        for second in standing.instants(
            session, channel.id, since=at - timedelta(days=9), now=now, without=without
        )
        if second < (at + timedelta(days=9)).timestamp()
    ]
    found = []
    of_day = 1 + sum(other == day for other in others)
    of_week = 1 + sum(other.isocalendar()[:2] == day.isocalendar()[:2] for other in others)
    if rules.cap_day is not None and of_day > rules.cap_day:
        found.append(Warning("cap_day", {"count": of_day, "cap": rules.cap_day}))
    if channel.budget_day is not None and of_day > channel.budget_day:
        found.append(Warning("budget", {"count": of_day, "cap": channel.budget_day}))
    if rules.cap_week is not None and of_week > rules.cap_week:
        found.append(Warning("cap_week", {"count": of_week, "cap": rules.cap_week}))
    return found


def of_post(session: Session, channel: ChannelRow, post: Post, *, now: datetime) -> list[Warning]:
    """All that is to be said of a post that has not gone out."""
    if post.published_at is not None:
        return []
    found = of_text(session, channel, str(post.content.get("text") or ""), now=now, without=post.id)
    if channel.access_until is not None and (post.planned_at or now) >= channel.access_until:
        found.append(Warning("access", {"when": channel.access_until}))
    if post.planned_at is not None and post.planned_at > now and post.slot_at is None:
        found += of_hour(session, channel, post.planned_at, now=now, post=post)
    return found
