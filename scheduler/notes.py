"""What people note on posts."""

from domain.errors import UsageError
from scheduler.context import Context
from store import notes, posts
from store.changes import Actor, record
from store.engine import writing
from store.tables import PostNote

#: Characters of a note.
LONGEST = 2_000


def add(context: Context, workspace_id: int, post_id: int, *, text: str, actor: Actor) -> PostNote:
    """Note something on a post.

    Raises:
        NotFound: there is no such post.
        UsageError: the note is empty or too long.
    """
    said = text.strip()
    if not 1 <= len(said) <= LONGEST:
        raise UsageError(f"A note has 1 to {LONGEST:,} characters.")
    now = context.clock()
    with writing(context.engine) as session:
        post = posts.get(session, workspace_id, post_id)
        note = PostNote(
            workspace_id=workspace_id, post_id=post.id, person_id=actor.person_id, at=now, text=said
        )
        session.add(note)
        record(
            session, actor, "noted", subject="post", subject_id=post.id, workspace_id=workspace_id, now=now,
            after={"comment": said},
        )  # fmt: skip
        session.commit()
    return note


def remove(context: Context, workspace_id: int, note_id: int, *, actor: Actor) -> None:
    """Take a note off its post. Raises `NotFound`: there is none by that number."""
    with writing(context.engine) as session:
        note = notes.get(session, workspace_id, note_id)
        record(
            session, actor, "removed a note", subject="post", subject_id=note.post_id,
            workspace_id=workspace_id, now=context.clock(), before={"comment": note.text},
        )  # fmt: skip
        session.delete(note)
        session.commit()
