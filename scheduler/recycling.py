"""The look after an evergreen: its next cycle takes a slot that would stay empty, as a post of its own."""

from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlmodel import Session

from domain.content import Content
from domain.errors import TabuhError, UsageError
from domain.evergreen import Past, Rules, is_expired, is_spent, may_fill, next_variant
from domain.labels import Labels
from domain.post import PlacedBy, PostState
from domain.schedule import zone
from scheduler.context import Context
from scheduler.shortening import shortened, with_campaign
from scheduler.slots import Chosen, choose_slot, offered_times
from store import channels, evergreens, media, people, posts
from store.changes import AUTOMATION, record
from store.due import finish
from store.engine import writing
from store.tables import ChannelRow, Evergreen, Post
from store.wake import wake_workers

log = structlog.get_logger()

#: Rule and version, as the log of choices names it.
GAP: Final = "evergreen_gap/2"
#: How often an evergreen looks for a gap, and how near a slot may be so that people still see what comes.
LOOK_EVERY: Final = timedelta(hours=1)
LEAD: Final = timedelta(minutes=15)

#: Why there is no next cycle now; people read it.
SPENT: Final = "All its cycles are used."
EXPIRED: Final = "Its last day is over."
UNDER_WAY: Final = "It waits until its last post has gone out or was skipped."
EVERYTHING_PAUSED: Final = "Everything is paused."
CHANNEL_RESTS: Final = "Its channel is paused or must be connected again."
NO_GAP: Final = "No slot is empty in the time that it may fill."
RESTS: Final = "It rests until its cooldown is over."
OUT_OF_SEASON: Final = "It is out of season."


def recycle(context: Context, row: Evergreen) -> None:
    """Give a claimed evergreen its next cycle, or the reason why not, and its next look.

    One transaction under the claim: a worker that dies leaves nothing behind, and one that lost its claim
    writes nothing. The channel is held, so that no two posts take one slot.
    """
    now = context.clock()
    with writing(context.engine) as session:
        fresh = evergreens.lock(session, row.workspace_id, row.id)
        channel = channels.lock(session, row.channel_id)
        if fresh.claim != row.claim or fresh.paused_at is not None or fresh.ended_at is not None:
            return
        values = _next(context, session, fresh, channel, now=now)
        if finish(session, row, **values):
            wake_workers(session)
            session.commit()


def _next(
    context: Context, session: Session, row: Evergreen, channel: ChannelRow, *, now: datetime
) -> dict[str, Any]:
    """What becomes of the row; a new post is added to the session."""
    rules, past, where = evergreens.rules_of(row), evergreens.past_of(session, row.id), zone(channel.zone)
    if is_spent(rules, past):
        return {"next_at": _again(session, row, now), "reason": SPENT}
    if is_expired(rules, today=now.astimezone(where).date()):
        return {"next_at": None, "reason": EXPIRED}
    try:
        offered_times(session, channel)
        reason = _rests(session, row, channel)
    except UsageError as error:
        reason = str(error)
    if reason:
        return {"next_at": now + LOOK_EVERY, "reason": reason}
    variants = evergreens.variants_of(row)
    place = next_variant([one.text for one in variants], row.next_variant, last_words=past.last_words)
    chosen = _gap(session, row, channel, variants[place], rules, past, now=now)
    if chosen is None:
        return _no_gap(rules, past, channel, now=now)
    return _fill(context, session, row, channel, chosen, place, now=now)


def _again(session: Session, row: Evergreen, now: datetime) -> datetime | None:
    """A cycle under way may still be skipped, and then does not count."""
    return now + LOOK_EVERY if evergreens.pending(session, row.id) else None


def _rests(session: Session, row: Evergreen, channel: ChannelRow) -> str:
    if evergreens.pending(session, row.id) is not None:
        return UNDER_WAY
    if people.workspace(session, row.workspace_id).paused_at is not None:
        return EVERYTHING_PAUSED
    return CHANNEL_RESTS if channel.state != "active" else ""


def _gap(  # noqa: PLR0917 - one line for its caller
    session: Session,
    row: Evergreen,
    channel: ChannelRow,
    content: Content,
    rules: Rules,
    past: Past,
    *,
    now: datetime,
) -> Chosen | None:
    """The most valuable empty slot that the next cycle may take; None: there is none."""
    after, where = now + LEAD, zone(channel.zone)
    trial = posts.made_post(
        workspace_id=row.workspace_id, channel=channel, content=content, state=PostState.QUEUED, now=now,
        labels=Labels(row.campaign),
    )  # fmt: skip
    trial.latest_at = after + rules.fill

    def allowed(at: datetime) -> bool:
        return may_fill(rules, past, at, where=where, after=after)

    try:
        return choose_slot(session, trial, channel, now=now, allowed=allowed)
    except UsageError:
        return None


def _no_gap(rules: Rules, past: Past, channel: ChannelRow, *, now: datetime) -> dict[str, Any]:
    looked = now + LOOK_EVERY
    if past.last_at is not None and past.last_at + rules.cooldown > now + LEAD + rules.fill:
        return {"next_at": max(looked, past.last_at + rules.cooldown - rules.fill), "reason": RESTS}
    today = now.astimezone(zone(channel.zone)).date()
    days = (today + timedelta(days=ahead) for ahead in range(rules.fill.days + 1))
    return {"next_at": looked, "reason": NO_GAP if any(map(rules.has_day, days)) else OUT_OF_SEASON}


def _fill(  # noqa: PLR0917 - one line for its caller
    context: Context,
    session: Session,
    row: Evergreen,
    channel: ChannelRow,
    chosen: Chosen,
    place: int,
    *,
    now: datetime,
) -> dict[str, Any]:
    variants, at = evergreens.variants_of(row), chosen.slot.at
    try:
        if problems := context.publisher(channel).problems(variants[place]):
            raise UsageError(" ".join(problems))
    except TabuhError as error:
        return {"next_at": now + LOOK_EVERY, "reason": str(error)}
    cycle = row.cycles + 1
    post = _post(context, session, row, channel, variants[place], now=now)
    post.evergreen_id, post.evergreen_cycle = row.id, cycle
    posts.plan(
        post, at=at, wall=chosen.slot.wall, zone=channel.zone, placed_by=PlacedBy.AUTOMATION, slot_at=at
    )
    session.flush()
    posts.log_slot_choice(
        session, post, candidates=chosen.candidates, propensity=chosen.propensity, rule=GAP, now=now,
        why=chosen.placement.as_json(),
    )  # fmt: skip
    record(
        session, AUTOMATION, "came back", subject="post", subject_id=post.id, workspace_id=row.workspace_id,
        now=now, after={**posts.summary(post), "evergreen": str(row.id), "cycle": cycle},
    )  # fmt: skip
    rules = evergreens.rules_of(row)
    return {
        "cycles": cycle,
        "next_variant": (place + 1) % len(variants),
        "next_at": max(now + LOOK_EVERY, at + rules.cooldown - rules.fill),
        "reason": None,
    }


def _post(
    context: Context,
    session: Session,
    row: Evergreen,
    channel: ChannelRow,
    content: Content,
    *,
    now: datetime,
) -> Post:
    labels = Labels(row.campaign)
    tagged = with_campaign(content, labels, channel)
    shown, link = shortened(context, session, tagged, workspace_id=row.workspace_id, now=now)
    post = posts.new_post(
        session, workspace_id=row.workspace_id, channel=channel, content=shown, state=PostState.QUEUED,
        now=now, labels=labels,
    )  # fmt: skip
    session.flush()
    media.attach(session, post.id, content.media)
    if link is not None:
        link.post_id = post.id
        session.add(link)
    return post
