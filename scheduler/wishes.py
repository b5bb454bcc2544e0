"""What a post asks of its slot: how much more than others it is worth a good one, and when at all."""

from dataclasses import dataclass
from datetime import datetime

from domain.errors import IllegalMove, UsageError
from domain.post import EDITABLE, PlacedBy, PostState, words
from domain.schedule import parse_when
from scheduler.context import Context
from scheduler.replanning import carry_out, replan
from store import channels, posts
from store.changes import Actor, record
from store.engine import writing
from store.tables import Post
from store.wake import wake_workers

NO_TIME_BETWEEN = "The latest time of a post comes after its earliest: correct one of them."
#: Words for priorities; each step doubles what a good slot is worth to the post.
PRIORITIES = {"low": -1, "normal": 0, "high": 1, "urgent": 2}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a post asks of its slot."""

    priority: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None

    def give(self, post: Post) -> None:
        """Write them into a post."""
        post.priority, post.earliest_at, post.latest_at = self.priority, self.earliest, self.latest


#: Nothing in particular.
NO_WISHES = Wishes()


def wishes_of(post: Post) -> Wishes:
    """What a post asks for."""
    return Wishes(post.priority, post.earliest_at, post.latest_at)


def parse_wishes(
    before: Wishes = NO_WISHES,
    /,
    *,
    priority: str = "",
    earliest: str = "",
    latest: str = "",
    channel_zone: str,
) -> Wishes:
    """Wishes as people write them; an empty text keeps what was, ``none`` clears a time.

    Raises:
        UsageError: an unknown priority, a time that cannot be read, or no time between the two.
    """
    if priority and priority not in PRIORITIES:
        raise UsageError(f"Unknown priority {priority!r}. Known: {', '.join(PRIORITIES)}.")
    found = Wishes(
        PRIORITIES[priority] if priority else before.priority,
        _time(earliest, before.earliest, channel_zone),
        _time(latest, before.latest, channel_zone),
    )
    if found.earliest is not None and found.latest is not None and found.latest <= found.earliest:
        raise UsageError(NO_TIME_BETWEEN)
    return found


def _time(text: str, known: datetime | None, channel_zone: str) -> datetime | None:
    if not text.strip():
        return known
    if text.strip().lower() == "none":
        return None
    at, _, _ = parse_when(text, channel_zone=channel_zone)
    return at


def priority_word(priority: int) -> str:
    """The word for a priority; a number that has none is the nearest that has."""
    nearest = min(PRIORITIES.values(), key=lambda one: abs(one - priority))
    return next(word for word, value in PRIORITIES.items() if value == nearest)


def wish(
    context: Context,
    workspace_id: int,
    post_id: int,
    *,
    priority: str = "",
    earliest: str = "",
    latest: str = "",
    actor: Actor,
) -> Post:
    """Change what a post asks of its slot; where automation placed it, its channel is planned anew.

    Raises:
        IllegalMove: it has gone out, or is out of the queue.
        UsageError: as `parse_wishes`.
    """
    now = context.clock()
    with writing(context.engine) as session:
        found = posts.get(session, workspace_id, post_id)
        channel = channels.lock(session, found.channel_id)
        post = posts.lock(session, workspace_id, post_id)
        if post.state not in EDITABLE:
            raise IllegalMove(f"A post that is {words(PostState(post.state))} has no slot to ask for.")
        parse_wishes(
            wishes_of(post), priority=priority, earliest=earliest, latest=latest, channel_zone=channel.zone
        ).give(post)
        session.add(post)
        session.flush()
        if post.placed_by == PlacedBy.AUTOMATION:
            times = channels.schedule(session, channel.id)
            plan = replan(session, channel, rules=channel.rules, times=times, now=now)
            carry_out(session, channel, plan, now=now)
        record(
            session, actor, "changed its wishes", subject="post", subject_id=post.id,
            workspace_id=workspace_id, now=now,
            after={
                "priority": post.priority,
                "earliest_at": post.earliest_at.isoformat() if post.earliest_at else None,
                "latest_at": post.latest_at.isoformat() if post.latest_at else None,
            },
        )  # fmt: skip
        wake_workers(session)
        session.commit()
        return post
