"""What people change of a post beside its text: campaign and tags."""

from collections.abc import Sequence

from domain.labels import labels
from scheduler.context import Context
from store import posts, standings
from store.changes import Actor, record
from store.engine import writing
from store.tables import Post


def label(
    context: Context,
    workspace_id: int,
    post_id: int,
    *,
    campaign: str | None,
    tags: Sequence[str] | None,
    actor: Actor,
) -> Post:
    """Change campaign or tags; None leaves it as it is, empty takes it away. What is sent stays.

    Raises:
        UsageError: a name is too long.
    """
    now = context.clock()
    with writing(context.engine) as session:
        post = posts.lock(session, workspace_id, post_id)
        before = {"campaign": post.campaign, "tags": post.tags}
        clean = labels(
            post.campaign if campaign is None else campaign, (post.tags or []) if tags is None else tags
        )
        post.campaign, post.tags = clean.campaign, list(clean.tags) or None
        session.add(post)
        standings.published(session, [post_id])
        record(
            session, actor, "changed campaign and tags", subject="post", subject_id=post_id,
            workspace_id=workspace_id, now=now, before=before,
            after={"campaign": post.campaign, "tags": post.tags},
        )  # fmt: skip
        session.commit()
    return post
