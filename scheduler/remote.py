"""What people do with a post that is out: take it down, or change its text where it stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from domain.content import Content, DeliveryClass, Payload, content_from, content_json
from domain.errors import (
    IllegalMove,
    PostGone,
    PublishError,
    TabuhError,
    UsageError,
)
from domain.ids import new_id
from domain.post import AttemptOutcome, PostState, Sender, words
from net.deadline import time_limit
from publishers.base import Publisher
from publishers.parts import remote_ids
from scheduler.calling import CALL_LIMIT
from scheduler.context import Context
from scheduler.heeding import heed
from scheduler.publishing import outcome_of, payload_hash
from scheduler.renewing import in_good_standing
from store import changed_texts, channels, delivery, measuring, posts
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import Attempt, ChannelRow, Post


@dataclass(frozen=True, slots=True)
class _Subject:
    """A published post with the adapter of its channel."""

    post: Post
    channel: ChannelRow
    publisher: Publisher

    @property
    def is_ours(self) -> bool:
        """Whether Tabuh itself is the platform: there is nobody to call."""
        return self.publisher.capabilities.delivery is DeliveryClass.LOCAL

    @property
    def ids(self) -> list[str]:
        """All that it consists of there, its thread and first comment included, in order."""
        return remote_ids(self.post.handle, self.post.remote_id) if self.post.remote_id else []


def delete(context: Context, workspace_id: int, post_id: int, *, actor: Actor) -> Post:
    """Take a published post off its platform, with all parts of its thread; the call may be repeated.

    Raises:
        IllegalMove: it is not published, gone already, or its platform lets nobody delete from here.
        PublishError: how the call ended, when not well.
    """
    subject = _subject(context, workspace_id, post_id)
    if not (subject.is_ours or subject.publisher.capabilities.can_delete):
        raise IllegalMove(f"{subject.publisher.title} lets nobody delete a post from here. Delete it there.")

    def call(publisher: Publisher) -> None:
        for remote_id in reversed(subject.ids):
            publisher.delete(remote_id)

    def write(session: Session, now: datetime) -> None:
        measuring.mark_gone(session, post_id, now=now)

    return _done(context, subject, call, write, actor=actor, outcome=AttemptOutcome.DELETED)


def edit(
    context: Context,
    workspace_id: int,
    post_id: int,
    *,
    text: str,
    thread: Sequence[str] | None = None,
    actor: Actor,
) -> Post:
    """Change the text of a published post where it stands, and the texts of its thread.

    Args:
        thread: as many parts as it has; None: they stay.

    Raises:
        IllegalMove: it is not published, gone, or its platform lets nobody change a post from here.
        UsageError: the platform would refuse the text, or the thread would get more or fewer parts.
        PublishError: how the call ended, when not well.
    """
    subject = _subject(context, workspace_id, post_id)
    if not (subject.is_ours or subject.publisher.capabilities.can_edit):
        raise IllegalMove(f"{subject.publisher.title} lets nobody change a post from here.")
    old = content_from(subject.post.content)
    if thread is not None and len(thread) != len(old.thread):
        raise UsageError("A published thread keeps its parts: change their texts, or write a new post.")
    new = replace(old, text=text.strip(), thread=old.thread if thread is None else tuple(thread))
    if problems := subject.publisher.problems(new):
        raise UsageError(" ".join(problems))
    payload = subject.publisher.render(new, created_at=subject.post.created_at)

    def call(publisher: Publisher) -> None:
        for remote_id, changed in _changes(publisher, subject, old, new, payload):
            publisher.edit(remote_id, changed)

    def write(session: Session, now: datetime) -> None:
        post = posts.lock(session, workspace_id, post_id)
        post.content, post.payload, post.payload_hash = content_json(new), payload, payload_hash(payload)
        post.edited_at = now
        session.flush()
        changed_texts.forget(session, post_id)
        session.refresh(post)

    return _done(context, subject, call, write, actor=actor, outcome=AttemptOutcome.EDITED)


def _changes(
    publisher: Publisher, subject: _Subject, old: Content, new: Content, payload: Payload
) -> list[tuple[str, Payload]]:
    """What is to be changed there: the post itself, and those parts of its thread that read otherwise."""
    ids = subject.ids
    found = [(ids[0], payload)] if ids else []
    for remote_id, before, after in zip(ids[1:], old.thread, new.thread, strict=False):
        if before != after:
            part = Content(after, language=new.language)
            found.append((remote_id, publisher.render(part, created_at=subject.post.created_at)))
    return found


def _subject(context: Context, workspace_id: int, post_id: int) -> _Subject:
    with reading(context.engine) as session:
        post = posts.get(session, workspace_id, post_id)
        channel = channels.get(session, workspace_id, post.channel_id)
    if post.origin == Sender.NATIVE:
        raise IllegalMove("The post was written on its platform, not here: change or delete it there.")
    if post.state != PostState.PUBLISHED:
        said = words(PostState(post.state))
        raise IllegalMove(f"Only a published post is on its platform; this one is {said}.")
    if post.deleted_at is not None:
        raise IllegalMove("The post is not on its platform any more.")
    subject = _Subject(post, channel, context.publisher(channel))
    if not subject.is_ours and post.remote_id is None:
        raise IllegalMove("A person found this post, so Tabuh does not know its number there. Do it there.")
    return subject


def _done(
    context: Context,
    subject: _Subject,
    call: Callable[[Publisher], None],
    write: Callable[[Session, datetime], None],
    *,
    actor: Actor,
    outcome: AttemptOutcome,
) -> Post:
    """Write the intent down, call, and write down how it ended."""
    post = subject.post
    before, attempt_id = posts.summary(post), new_id()
    with writing(context.engine) as session:
        session.add(
            Attempt(
                id=attempt_id,
                post_id=post.id,
                claim=post.claim,
                started_at=context.clock(),
                payload_hash=post.payload_hash or "",
            )
        )
        session.commit()
    try:
        if not subject.is_ours:
            with time_limit(CALL_LIMIT):
                in_good_standing(context, subject.publisher, call)
    except TabuhError as error:
        _failed(context, subject, attempt_id, error)
        raise
    now = context.clock()
    with writing(context.engine) as session:
        write(session, now)
        delivery.end_attempt(session, attempt_id, outcome=outcome, now=now, detail="")
        fresh = posts.get(session, post.workspace_id, post.id)
        session.refresh(fresh)
        what = "deleted on the platform" if outcome is AttemptOutcome.DELETED else "edited on the platform"
        record(
            session,
            actor,
            what,
            subject="post",
            subject_id=post.id,
            workspace_id=post.workspace_id,
            now=now,
            before=before,
            after=posts.summary(fresh),
        )
        session.commit()
        return fresh


def _failed(context: Context, subject: _Subject, attempt_id: int, error: TabuhError) -> None:
    now = context.clock()
    with writing(context.engine) as session:
        outcome = outcome_of(error) if isinstance(error, PublishError) else AttemptOutcome.UNKNOWN
        delivery.end_attempt(session, attempt_id, outcome=outcome, now=now, detail=str(error))
        if isinstance(error, PostGone):
            measuring.mark_gone(session, subject.post.id, now=now)
        heed(session, subject.channel.id, error, now=now)
        session.commit()
