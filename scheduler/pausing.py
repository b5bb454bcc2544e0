"""Pausing everything: nothing of a workspace goes out, with a reason, until it is resumed."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import UsageError
from domain.post import PlacedBy, PostState
from domain.rules import rules_from
from scheduler.context import Context
from scheduler.pacing import route_allows
from scheduler.slots import has_slots, place_in_next_slot
from store import channels, routes, workspaces
from store.changes import Actor, record
from store.engine import writing
from store.tables import ChannelRow, Post
from store.wake import wake_workers

#: Longest reason that is kept.
REASON_LENGTH = 200
_PASSED = "Its hour, {hour} UTC, passed while everything was paused."


def pause(context: Context, workspace_id: int, *, reason: str, actor: Actor) -> None:
    """Publish nothing in the workspace until it is resumed; its posts stay queued.

    A call that runs already is not interrupted.

    Raises:
        UsageError: without a reason, which all its people will read.
    """
    said = " ".join(reason.split())[:REASON_LENGTH]
    if not said:
        raise UsageError("Say why everything is paused: everybody who looks will ask.")
    now = context.clock()
    with writing(context.engine) as session:
        workspace = workspaces.lock(session, workspace_id)
        workspace.paused_at, workspace.paused_reason = workspace.paused_at or now, said
        session.add(workspace)
        record(
            session, actor, "paused everything", subject="workspace", subject_id=workspace_id,
            workspace_id=workspace_id, now=now, after={"reason": said},
        )  # fmt: skip
        session.commit()


def resume(context: Context, workspace_id: int, *, actor: Actor) -> int:
    """Publish again. Posts whose hour has passed meanwhile follow the rule for late posts.

    Returns:
        How many had been waiting past their hour, on channels that work.

    Raises:
        UsageError: nothing is paused.
    """
    now = context.clock()
    with writing(context.engine) as session:
        workspace = workspaces.lock(session, workspace_id)
        if workspace.paused_at is None:
            raise UsageError("Nothing is paused here.")
        workspace.paused_at, workspace.paused_reason = None, None
        session.add(workspace)
        waiting = 0
        for row in channels.listed(session, workspace_id):
            if row.state == "active":
                waiting += let_go(session, channels.lock(session, row.id), now=now, passed=_PASSED)
        record(
            session, actor, "resumed everything", subject="workspace", subject_id=workspace_id,
            workspace_id=workspace_id, now=now, after={"waiting": waiting},
        )  # fmt: skip
        wake_workers(session)
        session.commit()
        return waiting


def let_go(session: Session, row: ChannelRow, *, now: datetime, passed: str | None = None) -> int:
    """Wake the posts of a locked channel whose hour has passed; not all at once where there are slots.

    Args:
        passed: why they are late, with ``{hour}``: the rule for late posts holds; None: all go out late.

    Returns:
        How many there were.
    """
    waiting = channels.overdue(session, row.id, now=now)
    slots_to_have = has_slots(session, row)
    for post in waiting:
        post.claim += 1
        late = late_rule(session, post, row) if passed is not None and not post.tries else "send"
        assert post.planned_at is not None
        reason = (passed or "").format(hour=f"{post.planned_at:%Y-%m-%d %H:%M}")
        if late == "skip":
            post.state, post.reason, post.next_at, post.slot_at = PostState.SKIPPED, reason, None, None
        elif late == "ask":
            asked = f"{reason} The rule asks before it sends late: queue it again or skip it."
            post.state, post.reason, post.next_at = PostState.DRAFT, asked, None
        elif slots_to_have and post.placed_by == PlacedBy.AUTOMATION and post.tries == 0:
            _place_anew(session, post, row, now=now)
        else:
            post.next_at = now
        session.add(post)
    return len(waiting)


def _place_anew(session: Session, post: Post, row: ChannelRow, *, now: datetime) -> None:
    held, post.slot_at = post.slot_at, None
    session.flush()
    try:
        place_in_next_slot(session, post, row, now=now, allowed=route_allows(session, post, row, now=now))
    except UsageError:  # the rules leave no room: it goes out late rather than never
        post.slot_at, post.next_at = held, now


def late_rule(session: Session, post: Post, row: ChannelRow) -> str:
    """What happens to a post that is late: the channel's rule, or what its route says in its place.

    A route that simply sends late says nothing of its own; to send where its channel would not, it overrides
    that rule.
    """
    if post.route_id is None:
        return rules_from(row.rules).late
    route = routes.get(session, post.workspace_id, post.route_id)
    overridden = (route.rules or {}).get("late")
    if overridden is None and route.late != "send":
        return route.late
    return rules_from(row.rules, {} if overridden is None else {"late": overridden}).late
