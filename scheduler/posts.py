"""What people do with posts: write, move, skip, retry, approve, edit, and settle uncertain ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from domain.content import Content, content_from, content_json
from domain.errors import IllegalMove, UsageError
from domain.evergreen import is_spent
from domain.extras import Extras
from domain.labels import NO_LABELS, Labels
from domain.media import Attachment
from domain.post import EDITABLE, SKIPPABLE, PlacedBy, PostState, words
from domain.schedule import parse_when, wall_time, zone
from publishers.address import opened_by_browsers
from publishers.parts import without_uploads
from scheduler.carding import carded
from scheduler.context import Context
from scheduler.displacing import make_room
from scheduler.doubt import doubt_again, is_in_doubt
from scheduler.publishing import payload_hash
from scheduler.shortening import shortened, with_campaign
from scheduler.slots import has_slots, place_in_next_slot
from scheduler.wishes import NO_WISHES, Wishes
from store import alike, channels, delivery, evergreens, media, posts, routes
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import ChannelRow, Post
from store.wake import wake_workers

#: Where a post goes: at a named time, into the channel's next slot, at once, or nowhere yet.
AT_ONCE, NEXT_SLOT, DRAFT = "now", "next-slot", "draft"


def compose(
    context: Context,
    workspace_id: int,
    channel_id: int,
    content: Content,
    *,
    when: str,
    actor: Actor,
    labels: Labels = NO_LABELS,
    wishes: Wishes = NO_WISHES,
) -> Post:
    """Write a post; its link becomes one of ours, where strangers can open those.

    Args:
        when: ``now``, ``next-slot``, ``draft``, or a time with its zone (`parse_when`).
        labels: a campaign also tags the link with its UTM parameters.
        wishes: what it asks of its slot, where it gets one.

    Raises:
        UsageError: the time cannot be read, or the platform would refuse the content.
        NotFound: a file is none of this workspace's.
    """
    now = context.clock()
    with reading(context.engine) as session:
        channel = channels.get(session, workspace_id, channel_id)
    content = carded(context, channel, content)
    with writing(context.engine) as session:
        channel = channels.get(session, workspace_id, channel_id)
        _check_files(session, workspace_id, content.media)
        if problems := context.publisher(channel).problems(content):
            raise UsageError(" ".join(problems))
        tagged = with_campaign(content, labels, channel)
        shown, link = shortened(context, session, tagged, workspace_id=workspace_id, now=now)
        post = posts.new_post(
            session,
            workspace_id=workspace_id,
            channel=channel,
            content=shown,
            state=PostState.DRAFT if when == DRAFT else PostState.QUEUED,
            now=now,
            created_by=actor.person_id,
            labels=labels,
        )
        wishes.give(post)
        session.flush()
        media.attach(session, post.id, content.media)
        if link is not None:
            link.post_id = post.id
            session.add(link)
        if when != DRAFT:
            _place(session, post, channel, when, now=now)
        _note(session, actor, "wrote", post, now=now)
        wake_workers(session)
        session.commit()
        return post


def _check_files(session: Session, workspace_id: int, files: Sequence[Attachment]) -> None:
    for one in files:
        if one.sha256:
            media.get(session, workspace_id, one.sha256)


def _place(session: Session, post: Post, channel: ChannelRow, when: str, *, now: datetime) -> None:
    if when == NEXT_SLOT:
        place_in_next_slot(session, post, channel, now=now, placed_by=PlacedBy.PERSON)
        make_room(session, post, channel, now=now)
    elif when == AT_ONCE:
        wall = wall_time(now, zone(channel.zone))
        posts.plan(post, at=now, wall=wall, zone=channel.zone, placed_by=PlacedBy.PERSON)
    else:
        at, wall, named = parse_when(when, channel_zone=channel.zone)
        if at < now:
            raise UsageError(f"{when} has passed. Name a time in the future, or use --now.")
        posts.plan(post, at=at, wall=wall, zone=named, placed_by=PlacedBy.PERSON)


def move(context: Context, workspace_id: int, post_id: int, *, when: str, actor: Actor) -> Post:
    """Give a post another hour; a draft, failed or skipped one is queued by it, or awaits approval.

    Raises:
        IllegalMove: it is being published, published, or of unknown outcome, skipped since then or not.
    """
    now = context.clock()
    with writing(context.engine) as session:
        post = posts.lock(session, workspace_id, post_id)
        before = posts.summary(post)
        channel = channels.get(session, workspace_id, post.channel_id)
        post.slot_at = None
        session.flush()
        if post.state == PostState.QUEUED:
            post.claim += 1
            post.reason = None
        elif post.state == PostState.AWAITING_APPROVAL:
            post.claim += 1
        elif post.state == PostState.UNCERTAIN:
            raise IllegalMove(_UNCERTAIN_FIRST)
        elif is_in_doubt(context, channel, post):
            raise IllegalMove(_RETRY_FIRST)
        else:
            posts.move(session, post, _released(session, post), reason=None, next_at=None)
            post.tries = 0
        _place(session, post, channel, when, now=now)
        _note(session, actor, "moved", post, now=now, before=before)
        wake_workers(session)
        session.commit()
        return post


def _released(session: Session, post: Post) -> PostState:
    """Where a post goes that a person lets go: past nobody whose approval is asked for."""
    _check_cycle(session, post)
    if post.approved_hash is not None:
        return PostState.QUEUED
    if post.needs_approval:
        return PostState.AWAITING_APPROVAL
    if post.route_id is None:
        return PostState.QUEUED
    route = routes.get(session, post.workspace_id, post.route_id)
    return PostState.AWAITING_APPROVAL if route.needs_approval else PostState.QUEUED


def _check_cycle(session: Session, post: Post) -> None:
    """Refuse to take up a cycle of an evergreen that has gone on without it, or has none left."""
    if post.evergreen_id is None:
        return
    row = evergreens.lock(session, post.workspace_id, post.evergreen_id)
    rules, past = evergreens.rules_of(row), evergreens.past_of(session, row.id)
    is_back = post.state == PostState.SKIPPED and is_spent(rules, past)
    if post.evergreen_cycle != row.cycles or is_back:
        raise IllegalMove("The evergreen has gone on without this post. Write a new post from its text.")


_UNCERTAIN_FIRST = (
    "Nobody knows yet whether this post is on its platform. Look there, then say "
    "`tabuh post found` or `tabuh post absent`."
)
_RETRY_FIRST = (
    "When this post was skipped, nobody knew whether it is on its platform. Say `tabuh post retry`, and "
    "settle that first."
)


def skip(context: Context, workspace_id: int, post_id: int, *, reason: str, actor: Actor) -> Post:
    """Take a post out of the queue, with the reason; its slot becomes free."""
    now = context.clock()
    with writing(context.engine) as session:
        post = posts.lock(session, workspace_id, post_id)
        before = posts.summary(post)
        if post.state not in SKIPPABLE:
            raise IllegalMove(f"A post that is {words(PostState(post.state))} cannot be skipped.")
        said = reason.strip() or "Skipped by hand."
        posts.move(session, post, PostState.SKIPPED, reason=said, next_at=None)
        _note(session, actor, "skipped", post, now=now, before=before)
        session.commit()
        return post


def retry(context: Context, workspace_id: int, post_id: int, *, actor: Actor) -> Post:
    """Queue a failed, skipped or draft post again, at its hour or at once when that has passed.

    One that a route made and nobody has approved awaits approval, if the route asks for it. One that was
    skipped while its outcome was unknown becomes uncertain again: nothing is sent before somebody has looked.

    Raises:
        IllegalMove: of unknown outcome (settle that first), or in the queue or published already.
    """
    now = context.clock()
    with writing(context.engine) as session:
        post = posts.lock(session, workspace_id, post_id)
        before = posts.summary(post)
        if post.state == PostState.UNCERTAIN:
            raise IllegalMove(_UNCERTAIN_FIRST)
        channel = channels.get(session, workspace_id, post.channel_id)
        if is_in_doubt(context, channel, post):
            doubt_again(context, session, post, channel, now=now)
        else:
            posts.move(session, post, _released(session, post), reason=None, next_at=None)
            post.tries = 0
            if post.planned_at is None or post.planned_at <= now:
                _place(session, post, channel, AT_ONCE, now=now)
            elif post.state == PostState.QUEUED:
                post.next_at = post.planned_at
        _note(session, actor, "queued again", post, now=now, before=before)
        wake_workers(session)
        session.commit()
        return post


def edit(
    context: Context,
    workspace_id: int,
    post_id: int,
    *,
    text: str,
    pictures: Sequence[Attachment] | None = None,
    extras: Extras | None = None,
    actor: Actor,
) -> Post:
    """Change the text of a post that was never tried, and what goes with it; voids an approval.

    Args:
        pictures: instead of the files that it has; None: it keeps them.
        extras: its title, thread, poll and first comment; None: it keeps them.

    Raises:
        IllegalMove: it has been tried, so that every try must send the same.
    """
    now = context.clock()
    with writing(context.engine) as session:
        post = posts.lock(session, workspace_id, post_id)
        before = posts.summary(post)
        if post.state not in EDITABLE or (post.payload is not None and post.state != PostState.FAILED):
            raise IllegalMove(
                f"A post that is {words(PostState(post.state))} and was tried cannot be edited: "
                "skip it and write a new one."
            )
        channel = channels.get(session, workspace_id, post.channel_id)
        content = replace(content_from(post.content), text=text)
        if extras is not None:
            content = extras.on(content)
        if pictures is not None:
            _check_files(session, workspace_id, pictures)
            content = replace(content, media=tuple(pictures))
            media.attach(session, post.id, content.media)
        if problems := context.publisher(channel).problems(content):
            raise UsageError(" ".join(problems))
        post.content = content_json(content)
        alike.remember_again(session, post)
        post.payload, post.payload_hash = None, None
        post.handle = without_uploads(post.handle)
        post.edited_at = now
        post.claim += 1
        if post.approved_hash is not None:
            post.approved_hash = None
            posts.move(
                session, post, PostState.AWAITING_APPROVAL, reason="Edited: approve it again.", next_at=None
            )
        _note(session, actor, "edited", post, now=now, before=before)
        session.commit()
        return post


def approve(context: Context, workspace_id: int, post_id: int, *, actor: Actor) -> Post:
    """Release a post that awaits approval; bound to exactly what would be sent now.

    An hour that has passed meanwhile becomes the next free slot, or at once without a schedule.

    Raises:
        IllegalMove: it awaits no approval.
    """
    now = context.clock()
    with writing(context.engine) as session:
        post = posts.lock(session, workspace_id, post_id)
        before = posts.summary(post)
        release(context, session, post, now=now)
        _note(session, actor, "approved", post, now=now, before=before)
        wake_workers(session)
        session.commit()
        return post


def release(
    context: Context, session: Session, post: Post, *, now: datetime, seen_hash: str | None = None
) -> None:
    """Queue a locked post that awaits approval; the caller notes who approved it, and commits.

    Args:
        seen_hash: the hash of what the approver was shown; None: whatever would be sent now.

    Raises:
        IllegalMove: it awaits no approval, or would no longer send what was shown.
    """
    if post.state != PostState.AWAITING_APPROVAL:
        said = words(PostState(post.state))
        raise IllegalMove(f"Only a post that awaits approval can be approved; this one is {said}.")
    channel = channels.get(session, post.workspace_id, post.channel_id)
    would_send = sent_hash(context, post, channel)
    if seen_hash is not None and seen_hash != would_send:
        raise IllegalMove("The post was changed after you looked at it. Look at it again, then decide.")
    posts.move(session, post, PostState.QUEUED, reason=None, next_at=post.planned_at)
    post.approved_hash = would_send
    if post.planned_at is None or post.planned_at <= now:
        post.slot_at = None
        session.flush()
        _place(session, post, channel, _soonest(session, channel), now=now)


def sent_hash(context: Context, post: Post, channel: ChannelRow) -> str:
    """The hash of exactly what would be sent for a post that was never tried."""
    rendered = context.publisher(channel).render(content_from(post.content), created_at=post.created_at)
    return payload_hash(rendered)


def _soonest(session: Session, channel: ChannelRow) -> str:
    return NEXT_SLOT if has_slots(session, channel) else AT_ONCE


def found(context: Context, workspace_id: int, post_id: int, *, url: str | None, actor: Actor) -> Post:
    """A person has looked: the uncertain post is on its platform.

    Raises:
        IllegalMove: it is not uncertain, or its platform is Tabuh itself, which knows better.
        UsageError: the address is none that a browser opens.
    """
    if url is not None and opened_by_browsers(url) is None:
        raise UsageError("This is no web address. Copy it from the browser; it starts with https://.")
    now = context.clock()
    with writing(context.engine) as session:
        post = posts.lock(session, workspace_id, post_id)
        before = posts.summary(post)
        channel = channels.get(session, workspace_id, post.channel_id)
        if post.state == PostState.UNCERTAIN and context.serves(channel.platform):
            raise IllegalMove(
                "Tabuh serves this page itself, and the post is not on it. It goes out by itself soon."
            )
        at = delivery.first_attempt_at(session, post.id) or now
        post.published_at = at
        posts.move(session, post, PostState.PUBLISHED, reason=None, next_at=None)
        session.flush()
        seen = delivery.Found(post.id, post.workspace_id, post.channel_id, post.claim)
        delivery.write_found(session, seen, remote_id=None, url=url, published_at=at)
        session.refresh(post)
        _note(session, actor, "found on the platform", post, now=now, before=before)
        session.commit()
        return post


def absent(context: Context, workspace_id: int, post_id: int, *, actor: Actor) -> Post:
    """A person has looked: the uncertain post is not there; it goes out again now."""
    now = context.clock()
    with writing(context.engine) as session:
        post = posts.lock(session, workspace_id, post_id)
        if post.state != PostState.UNCERTAIN:
            raise IllegalMove(
                f"Only an uncertain post can be absent; this one is {words(PostState(post.state))}."
            )
        before = posts.summary(post)
        posts.move(session, post, PostState.QUEUED, reason="Not on the platform, says a person.", next_at=now)
        post.restored_at, post.in_doubt = None, False
        _note(session, actor, "not on the platform", post, now=now, before=before)
        wake_workers(session)
        session.commit()
        return post


def _note(
    session: Session,
    actor: Actor,
    what: str,
    post: Post,
    *,
    now: datetime,
    before: dict[str, object] | None = None,
) -> None:
    record(
        session,
        actor,
        what,
        subject="post",
        subject_id=post.id,
        workspace_id=post.workspace_id,
        now=now,
        before=before,
        after=posts.summary(post),
    )
