"""Approvals that are asked for: posts wait, and a reviewer without account decides at a secret address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlmodel import Session

from domain.errors import IllegalMove, NotFound, TabuhError, UsageError
from domain.post import PostState, words
from scheduler.context import Context
from scheduler.posts import release, sent_hash
from store import channels, posts, reviews
from store.changes import Actor, record
from store.engine import writing
from store.tables import ChannelRow, Post, ReviewedPost, ReviewLink
from store.wake import wake_workers

#: How long a link is open, and how many posts it shows at most.
SHORTEST: Final = timedelta(hours=1)
LONGEST: Final = timedelta(days=90)
USUAL: Final = timedelta(days=7)
MOST_POSTS: Final = 50
LONGEST_COMMENT: Final = 2_000
#: States from which a post can be made to wait for an approval.
_ASKABLE: Final = frozenset(
    {PostState.DRAFT, PostState.QUEUED, PostState.FAILED, PostState.AWAITING_APPROVAL}
)


class Decision(StrEnum):
    """What a reviewer says of a post."""

    APPROVED = "approved"
    REJECTED = "rejected"


class LinkClosed(NotFound):
    """The address was open once."""


def ask(context: Context, workspace_id: int, post_ids: Sequence[int], *, actor: Actor) -> list[Post]:
    """Let posts wait for an approval: none of them goes out before it was given.

    Raises:
        IllegalMove: one of them went out, was tried, or was skipped.
    """
    now = context.clock()
    with writing(context.engine) as session:
        asked = [_ask(session, workspace_id, post_id, actor, now=now) for post_id in _in_order(post_ids)]
        session.commit()
    return asked


def _in_order(post_ids: Sequence[int]) -> list[int]:
    """Each once, in an order in which two who lock several cannot wait for each other."""
    return sorted(set(post_ids))


def _ask(session: Session, workspace_id: int, post_id: int, actor: Actor, *, now: datetime) -> Post:
    post = posts.lock(session, workspace_id, post_id)
    state = PostState(post.state)
    tried = post.payload is not None and state is not PostState.FAILED
    if state not in _ASKABLE or tried:
        if state in _ASKABLE:
            raise IllegalMove(f"Post {post_id} was tried, so there is nothing left to approve.")
        raise IllegalMove(f"Post {post_id} is {words(state)}, so there is nothing left to approve.")
    before = posts.summary(post)
    post.needs_approval = True
    if state is PostState.AWAITING_APPROVAL:
        session.add(post)
        return post
    post.approved_hash = None
    if state is PostState.FAILED:
        post.payload, post.payload_hash, post.tries = None, None, 0
    posts.move(session, post, PostState.AWAITING_APPROVAL, reason=None, next_at=None)
    record(
        session, actor, "asked for an approval", subject="post", subject_id=post.id,
        workspace_id=workspace_id, now=now, before=before, after=posts.summary(post),
    )  # fmt: skip
    return post


def make_link(
    context: Context,
    workspace_id: int,
    post_ids: Sequence[int],
    *,
    name: str,
    lasts: timedelta = USUAL,
    actor: Actor,
) -> tuple[ReviewLink, str]:
    """An address at which somebody without account may approve or reject these posts.

    It is shown once; only a hash of its secret is kept. The posts wait for an approval from now on.

    Raises:
        UsageError: no name or posts, too many, or a time that is too short or long.
        IllegalMove: a post cannot wait for an approval any more.
    """
    trimmed = " ".join(name.split())
    if not 1 <= len(trimmed) <= 80:
        raise UsageError("Say whom the link is for, in 1 to 80 characters.")
    if not post_ids:
        raise UsageError("Choose the posts that shall be approved.")
    if len(set(post_ids)) > MOST_POSTS:
        raise UsageError(f"A link shows at most {MOST_POSTS} posts. Make several.")
    if not SHORTEST <= lasts <= LONGEST:
        raise UsageError("A link is open for 1 hour to 90 days.")
    now = context.clock()
    with writing(context.engine) as session:
        for post_id in _in_order(post_ids):
            _ask(session, workspace_id, post_id, actor, now=now)
        row, token = reviews.issue(
            session,
            workspace_id,
            _in_order(post_ids),
            name=trimmed,
            now=now,
            expires_at=now + lasts,
            created_by=actor.person_id,
        )
        _note(session, actor, "made approval link", row, now=now)
        session.commit()
    return row, review_url(context, token)


def review_url(context: Context, token: str) -> str:
    """The secret address of a link."""
    return f"{context.public_url}/r/{token}"


def revoke_link(context: Context, workspace_id: int, link_id: int, *, actor: Actor) -> ReviewLink:
    """Close a link for good; what was decided stays. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        row = reviews.get(session, workspace_id, link_id)
        reviews.revoke(session, row, now=now)
        _note(session, actor, "revoked approval link", row, now=now)
        session.commit()
    return row


def _note(session: Session, actor: Actor, what: str, row: ReviewLink, *, now: datetime) -> None:
    record(
        session, actor, what, subject="review_link", subject_id=row.id, workspace_id=row.workspace_id,
        now=now, after={"name": row.name},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One post on an open link."""

    row: ReviewedPost
    post: Post
    channel: ChannelRow
    #: Of exactly what would be sent now; None: it cannot be made, and so not approved.
    sent_hash: str | None

    @property
    def is_open(self) -> bool:
        """Whether the reviewer can decide about it."""
        return self.row.decision is None and self.post.state == PostState.AWAITING_APPROVAL


def open_link(session: Session, token: str, *, now: datetime) -> ReviewLink:
    """The link at a secret address.

    Raises:
        LinkClosed: it expired or was revoked.
        NotFound: there never was one.
    """
    link = reviews.by_token(session, token)
    if link is None:
        raise NotFound("There is nothing at this address. Open the link as it was sent to you.")
    if link.revoked_at is not None or link.expires_at <= now:
        raise LinkClosed("This link is closed. Ask whoever sent it for a new one.")
    return link


def reviewed(context: Context, session: Session, link: ReviewLink) -> list[Reviewed]:
    """What a link shows, with the hash of what would be sent for each post."""
    found = []
    for row, post, channel in reviews.posts_of(session, link):
        try:
            shown = sent_hash(context, post, channel)
        except TabuhError:
            shown = None
        found.append(Reviewed(row, post, channel, shown))
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer says of one post."""

    decision: Decision
    #: Of what the reviewer was shown.
    seen_hash: str
    comment: str = ""


def decide(
    context: Context, token: str, verdicts: Mapping[int, Verdict], *, reviewer: str
) -> dict[int, Decision]:
    """Approve and reject posts of a link, each once, all or none.

    Args:
        verdicts: by the numbers of posts that the link shows.
        reviewer: the name that the reviewer gives.

    Raises:
        UsageError: no name, or nothing was decided.
        IllegalMove: a post was decided or changed meanwhile.
        NotFound: the link is closed, or shows no such post.
    """
    name = " ".join(reviewer.split())[:80]
    if not name:
        raise UsageError("Write your name, so that people know who decided.")
    if not verdicts:
        raise UsageError("Choose for at least one post whether it goes out.")
    now = context.clock()
    with writing(context.engine) as session:
        link = open_link(session, token, now=now)
        for post_id in sorted(verdicts):
            _decide(context, session, link, post_id, verdicts[post_id], name, now=now)
        wake_workers(session)
        session.commit()
    return {post_id: verdict.decision for post_id, verdict in verdicts.items()}


_DECIDED: Final = "This post was decided already. Open the link again to see how."


def _decide(  # noqa: PLR0917 - one line for its caller
    context: Context,
    session: Session,
    link: ReviewLink,
    post_id: int,
    verdict: Verdict,
    name: str,
    *,
    now: datetime,
) -> None:
    post = posts.lock(session, link.workspace_id, post_id)
    before = posts.summary(post)
    comment = verdict.comment.strip()[:LONGEST_COMMENT]
    fresh = reviews.decide(
        session, link.id, post_id, decision=verdict.decision, reviewer=name, comment=comment or None,
        payload_hash=verdict.seen_hash, now=now,
    )  # fmt: skip
    if not fresh:
        raise IllegalMove(_DECIDED)
    if post.state != PostState.AWAITING_APPROVAL:
        raise IllegalMove("This post waits for no approval any more. Open the link again to see why.")
    if verdict.decision is Decision.APPROVED:
        release(context, session, post, now=now, seen_hash=verdict.seen_hash)
    else:
        channel = channels.get(session, post.workspace_id, post.channel_id)
        if sent_hash(context, post, channel) != verdict.seen_hash:
            raise IllegalMove("The post was changed after you looked at it. Look at it again, then decide.")
        reason = f"Rejected by {name}: {comment}" if comment else f"Rejected by {name}."
        posts.move(session, post, PostState.DRAFT, reason=reason, next_at=None)
        post.needs_approval = True
    record(
        session, Actor("reviewer"), f"{verdict.decision} by a reviewer", subject="post",
        subject_id=post_id, workspace_id=link.workspace_id, now=now, before=before,
        after={**posts.summary(post), "reviewer": name, "comment": comment or None, "link": str(link.id)},
    )  # fmt: skip
