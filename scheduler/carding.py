"""Cards of links in posts that people write: fetched before anything is stored, and again when asked for."""

from dataclasses import replace

from domain.content import Card, Content, content_from, content_json
from domain.errors import IllegalMove, TabuhError, UsageError
from domain.post import EDITABLE, PostState, words
from feeds.card import fetch_card
from scheduler.context import Context
from store import channels, links, posts
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import ChannelRow, Post


def carded(context: Context, channel: ChannelRow, content: Content) -> Content:
    """The content with its link's card, where its platform shows cards and it has none; never fails."""
    if not content.link or content.card is not None or content.media:
        return content
    if not context.shows_pictures(channel.platform):
        return content
    return replace(content, card=_fetched(context, content.link))


def _fetched(context: Context, link: str) -> Card | None:
    try:
        return fetch_card(context.http, link)
    except TabuhError:  # such as: a simulated workspace has no way out
        return None


def read_again(context: Context, workspace_id: int, post_id: int, *, actor: Actor) -> Post:
    """Ask the page that a post links to once more what it says of itself; voids an approval.

    Raises:
        IllegalMove: the post was tried, so that every try must send the same.
        UsageError: it has no link, or the page says nothing of itself.
    """
    with reading(context.engine) as session:
        post = posts.get(session, workspace_id, post_id)
        link = links.link_of(session, post_id)
    target = link.target if link is not None else post.content.get("link")
    _check(post)
    if not target:
        raise UsageError("The post has no link.")
    card = _fetched(context, target)
    if card is None:
        raise UsageError(
            "The page cannot be read now, or says nothing of itself. The preview stays as it is."
        )
    now = context.clock()
    with writing(context.engine) as session:
        post = posts.lock(session, workspace_id, post_id)
        _check(post)
        before = posts.summary(post)
        content = replace(content_from(post.content), card=card)
        if problems := context.publisher(channels.get(session, workspace_id, post.channel_id)).problems(
            content
        ):
            raise UsageError(" ".join(problems))
        if content_json(content) != post.content:
            post.content = content_json(content)
            post.payload, post.payload_hash, post.edited_at = None, None, now
            post.claim += 1
            if post.approved_hash is not None:
                post.approved_hash = None
                said = "Edited: approve it again."
                posts.move(session, post, PostState.AWAITING_APPROVAL, reason=said, next_at=None)
            record(
                session, actor, "read the link's preview again", subject="post", subject_id=post.id,
                workspace_id=workspace_id, now=now, before=before, after=posts.summary(post),
            )  # fmt: skip
        session.commit()
        return post


def _check(post: Post) -> None:
    if post.state not in EDITABLE or (post.payload is not None and post.state != PostState.FAILED):
        raise IllegalMove(
            f"A post that is {words(PostState(post.state))} and was tried cannot be edited: "
            "skip it and write a new one."
        )
