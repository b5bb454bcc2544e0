"""One look at a remote post: its platform's numbers and our own, written down at each checkpoint."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlmodel import Session

from domain.content import DeliveryClass
from domain.definition import AT_LINKS, OF_PAGES, OWN_SOURCE, Supplies, Supply
from domain.errors import NeedsReconnect, PostGone, PublishError, RateLimited, TabuhError, UsageError
from domain.metrics import CHECKPOINTS, checkpoint_reached, next_checkpoint
from net.deadline import time_limit
from publishers.base import Measured, Publisher, TextThere
from publishers.metric_map import breaks_of
from scheduler import looks
from scheduler.context import Context
from scheduler.heeding import heed
from scheduler.reacting import ask_when
from scheduler.reading_together import Together, together
from scheduler.renewing import in_good_standing, renewed
from scheduler.spending import charge_reads
from store import answers, changed_texts, channels, measuring, reactions, traffic
from store.due import finish
from store.engine import reading, writing
from store.measuring import Taken
from store.reactions import Dated
from store.tables import ChannelRow, Measurement, Post

log = structlog.get_logger()

#: Everything that one look may take.
LOOK_LIMIT = timedelta(seconds=60)
#: First wait after a look that failed; doubled each time.
BACKOFF = timedelta(minutes=5)
LONGEST_BACKOFF = timedelta(hours=6)
#: How often a channel that must be connected again is asked for its state.
RECHECK = timedelta(hours=1)
#: Ages at which its text is compared with the one that was sent.
_TEXT_LOOKS = frozenset({timedelta(hours=1), timedelta(hours=24), timedelta(days=7)})
#: So long after the last checkpoint a look that keeps failing is given up.
GIVE_UP = CHECKPOINTS[-1] + timedelta(days=7)


def in_batches(
    context: Context, session: Session, rows: Sequence[Measurement]
) -> dict[int, Callable[[], None]]:
    """What handles each of the rows that are being claimed; one request may tell the numbers of many."""
    platforms = channels.platforms_of(session, {row.channel_id for row in rows})
    return together(
        context, rows, platforms=platforms, measure=measure, chosen=partial(_to_be_asked, context)
    )


def _to_be_asked(context: Context, rows: Sequence[Measurement]) -> dict[str, int]:
    """The posts of these rows that are to be read now: id on the platform → post."""
    now, found = context.clock(), dict[str, int]()
    with reading(context.engine) as session:
        for row in rows:
            post, channel = measuring.subject(session, row)
            checkpoint = checkpoint_reached(now - row.published_at)
            if checkpoint is None or post.deleted_at is not None or post.remote_id is None:
                continue
            if _not_now(channel, now=now) is None and _is_allowed(
                context, session, channel, checkpoint, now=now
            ):
                found[post.remote_id] = post.id
    return found


def measure(context: Context, row: Measurement, batch: Together | None = None) -> None:
    """Read a claimed measurement's post once and append what was read to the checkpoint just passed.

    A machine that was down reads once when it is back: checkpoints that it missed stay empty.
    Whatever goes wrong is written on the row, with the time of the next try. Our own counts
    are kept also when the platform cannot be asked.
    """
    now = context.clock()
    age = now - row.published_at
    checkpoint = checkpoint_reached(age)
    with reading(context.engine) as session:
        post, channel = measuring.subject(session, row)
    is_read = batch is not None and batch.knows(post.remote_id)  # and paid for
    with reading(context.engine) as session:
        allowed = checkpoint is None or is_read or _is_allowed(context, session, channel, checkpoint, now=now)
    if checkpoint is None:
        _write(context, row, next_at=row.published_at + CHECKPOINTS[0])
    elif post.deleted_at is not None:
        _write(context, row, next_at=None)
    elif (until := _not_now(channel, now=now)) is not None:
        _write(context, row, next_at=until)
    elif not allowed:
        _pass_over(context, row, _Look(post, channel, checkpoint, now))
    else:
        _look(context, row, _Look(post, channel, checkpoint, now, batch))


def _is_allowed(
    context: Context, session: Session, channel: ChannelRow, checkpoint: timedelta, *, now: datetime
) -> bool:
    """Whether budgets and caps leave a look at this age; those of more worth come first."""
    plan = looks.plan_of(context, session, channel, now=now, deciding=checkpoint)
    return plan is None or plan.allows(checkpoint)


@dataclass(frozen=True, slots=True)
class _Look:
    post: Post
    channel: ChannelRow
    checkpoint: timedelta
    at: datetime
    #: With which other posts it is read; None: with none.
    batch: Together | None = None


def _pass_over(context: Context, row: Measurement, look: "_Look") -> None:
    """Leave a look out, and say so: only what Tabuh counts itself is written down."""
    following = next_checkpoint(look.at - row.published_at)
    thinned = sorted({*(row.thinned or ()), int(look.checkpoint.total_seconds())})
    with writing(context.engine) as session:
        _append(session, look, _own(session, context, look))
        next_at = None if following is None else row.published_at + following
        if finish(session, row, next_at=next_at, failures=0, last_error=None, thinned=thinned):
            session.commit()


def _not_now(channel: ChannelRow, *, now: datetime) -> datetime | None:
    """When to look instead; None: now is a good time. A paused channel is measured all the same."""
    if channel.state == "needs_reconnect":
        return now + RECHECK
    if channel.quiet_until is not None and channel.quiet_until > now:
        return channel.quiet_until
    return None


def _write(context: Context, row: Measurement, **values: Any) -> None:
    with writing(context.engine) as session:
        if finish(session, row, **values):
            session.commit()


def _look(context: Context, row: Measurement, look: _Look) -> None:
    try:
        taken, dated, text = _ask_platform(context, look)
    except TabuhError as error:
        with writing(context.engine) as session:
            _append(session, look, _own(session, context, look))
            if _after(session, row, look, error):
                session.commit()
        return
    following = next_checkpoint(look.at - row.published_at)
    there = [Taken(one.metric, one.value, one.source) for one in taken if one.value is not None]
    with writing(context.engine) as session:
        _append(session, look, [*there, *_own(session, context, look)])
        measuring.looked_at(session, look.post.id)
        reactions.add(session, look.post.id, dated)
        if text is not None and text.changed:
            changed_texts.note(session, look.post.id, sent=text.sent, there=text.there, now=look.at)
        elif text is not None:
            changed_texts.forget(session, look.post.id)
        held = finish(
            session,
            row,
            next_at=None if following is None else row.published_at + following,
            failures=0,
            last_error=None,
            last_read_at=look.at,
            not_yet=sorted(one.metric for one in taken if one.value is None) or None,
        )
        if held:
            session.commit()


def _ask_platform(context: Context, look: _Look) -> tuple[list[Measured], list[Dated], TextThere | None]:
    """The post's numbers, the times of single reactions where the platform tells them, and its text there."""
    kind = context.adapter(look.channel.platform)
    if kind.capabilities.delivery is DeliveryClass.LOCAL or look.post.remote_id is None:
        return [], [], None
    remote_id = look.post.remote_id
    told = look.batch.numbers(look.channel, remote_id) if look.batch else None
    with time_limit(LOOK_LIMIT):
        publisher = context.publisher(look.channel)
        if told is None:
            charge_reads(context, look.channel, publisher, reads=1, post_id=look.post.id)
            publisher, found = in_good_standing(
                context, publisher, lambda publisher: publisher.metrics(remote_id)
            )
        else:
            publisher, found = renewed(context, publisher), told
        dated = _times(context, publisher, look) if any(one.value for one in found) else []
        text = _text(publisher, look, remote_id)
    # Clicks and the like are ours to count, whatever a platform calls by that name.
    return [one for one in found if one.metric not in AT_LINKS], dated, text


def _text(publisher: Publisher, look: _Look, remote_id: str) -> TextThere | None:
    """How the text reads there; None: nobody can tell, or not at this age."""
    if look.checkpoint not in _TEXT_LOOKS or look.post.payload is None:
        return None
    try:
        return publisher.text_there(remote_id, look.post.payload)
    except PublishError as error:  # its numbers were read all the same
        log.info("text_not_compared", post=look.post.id, reason=str(error))
        return None


def _times(context: Context, publisher: Publisher, look: _Look) -> list[Dated]:
    """A platform that wants a pause gets it; the numbers that it has just told are kept all the same."""
    try:
        return ask_when(context, publisher, look.post, now=look.at)
    except RateLimited as error:
        with writing(context.engine) as session:
            heed(session, look.channel.id, error, now=look.at)
            session.commit()
        return []


def _own(session: Session, context: Context, look: _Look) -> list[Taken]:
    """What Tabuh counted: clicks wherever a link of ours is, views of posts that it serves."""
    local = context.serves(look.channel.platform)
    wanted = set(AT_LINKS) if local or traffic.linked(session, [look.post.id]) else set()
    wanted |= OF_PAGES if local else set()
    counted = traffic.counted(session, [look.post.id], before=look.at)[look.post.id]
    return [Taken(metric, counted.get(metric, 0), OWN_SOURCE) for metric in sorted(wanted)]


def _append(session: Session, look: _Look, taken: Iterable[Taken]) -> None:
    measuring.append(session, look.post.id, checkpoint=look.checkpoint, read_at=look.at, taken=taken)


def _after(session: Session, row: Measurement, look: _Look, error: TabuhError) -> bool:
    """Write down a failed look; False when the claim is lost."""
    failures = row.failures + 1
    wait = min(BACKOFF * 2 ** min(failures - 1, 10), LONGEST_BACKOFF)
    heed(session, look.channel.id, error, now=look.at)
    match error:
        case PostGone():
            measuring.mark_gone(session, look.post.id, now=look.at)
            return finish(session, row, next_at=None, last_error=str(error))
        case RateLimited():
            wait = max(error.retry_after, timedelta(seconds=1))
        case NeedsReconnect():
            wait = RECHECK
    next_at = look.at + wait
    given_up = next_at - row.published_at > GIVE_UP
    return finish(
        session, row, next_at=None if given_up else next_at, failures=failures, last_error=str(error)
    )


def supplies(context: Context, session: Session, workspace_id: int) -> Supplies:
    """What the platforms of a workspace's channels can give, as their adapters declare it."""

    def asked() -> Supplies:
        names = {row.platform for row in channels.listed(session, workspace_id)}
        return Supplies({name: _supply(context, name) for name in names}, own_links=context.shortens_links)

    return answers.once(session, ("supplies", workspace_id), asked)


def _supply(context: Context, platform: str) -> Supply:
    try:
        kind = context.adapter(platform)
    except UsageError:
        return Supply(platform, platform, frozenset())
    able = kind.capabilities
    return Supply(
        platform=platform,
        title=kind.title,
        metrics=able.post_metrics | able.channel_metrics,
        local=able.delivery is DeliveryClass.LOCAL,
        breaks=breaks_of(kind),
    )
