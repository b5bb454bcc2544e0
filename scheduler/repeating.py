"""From a published post to the next one: the same again, or one that follows it, both as drafts."""

from domain.content import Content, content_from
from domain.errors import UsageError
from domain.labels import Labels
from publishers.address import opened_by_browsers
from scheduler import posts as commands
from scheduler.context import Context
from scheduler.posts import DRAFT
from scheduler.shortening import with_link
from store import pages, posts
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import Post


def repeat(context: Context, workspace_id: int, post_id: int, *, actor: Actor) -> Post:
    """A draft of the same story that says what a post said, with a link of its own.

    Raises:
        NotFound: there is no such post.
        UsageError: the platform would refuse it today.
    """
    with reading(context.engine) as session:
        found = posts.get(session, workspace_id, post_id)
        codes = {code: target for target, code in pages.links_by_post(session, [found])[post_id].items()}
    content = content_from(found.content)
    if content.link and (target := codes.get(content.link.rpartition("/")[2])):
        content = with_link(content, content.link, target)
    return _draft(context, found, content, "wrote as a repetition", actor)


def follow_up(context: Context, workspace_id: int, post_id: int, *, text: str, actor: Actor) -> Post:
    """A draft on the same channel that comes after a post, and links to it where it has an address.

    Raises:
        NotFound: there is no such post.
        UsageError: it is not published, the text is empty, or the platform would refuse it.
    """
    if not text.strip():
        raise UsageError("Write what the follow-up says.")
    with reading(context.engine) as session:
        found = posts.get(session, workspace_id, post_id)
    if found.published_at is None:
        raise UsageError("Only a published post can be followed up.")
    link = found.remote_url if found.remote_url and opened_by_browsers(found.remote_url) else None
    content = Content(text=text.strip(), link=link, language=content_from(found.content).language)
    return _draft(context, found, content, "wrote as a follow-up", actor)


def _draft(context: Context, of: Post, content: Content, what: str, actor: Actor) -> Post:
    named = Labels(of.campaign, tuple(of.tags or ()))
    made = commands.compose(
        context, of.workspace_id, of.channel_id, content, when=DRAFT, actor=actor, labels=named
    )
    with writing(context.engine) as session:
        post = posts.lock(session, of.workspace_id, made.id)
        post.story_id = of.story_id
        session.add(post)
        record(
            session, actor, what, subject="post", subject_id=post.id, workspace_id=of.workspace_id,
            now=context.clock(), after={"of": str(of.id)},
        )  # fmt: skip
        session.commit()
        return post
