"""Whether what an alert is about is still there, and still at work."""

from enum import StrEnum

from sqlmodel import Session, col, select

from store.tables import ChannelRow, Feed, Kpi, Route, Workspace


class State(StrEnum):
    """How a subject is."""

    THERE = "there"
    PAUSED = "paused"
    REMOVED = "removed"


def state(session: Session, workspace_id: int, subject: str) -> State:
    """The state of ``channel:12``, ``kpi:7``, ``feed:3``, ``route:4`` or a figure of one of them."""
    kind, _, rest = subject.partition(":")
    number = rest.partition(":")[0]
    if not number.isdigit():
        paused = session.get_one(Workspace, workspace_id).paused_at is not None
        return State.PAUSED if paused else State.THERE
    query = {
        "channel": select(col(ChannelRow.state) == "paused").where(
            col(ChannelRow.id) == int(number), col(ChannelRow.workspace_id) == workspace_id
        ),
        "feed": select(col(Feed.paused_at).is_not(None)).where(
            col(Feed.id) == int(number),
            col(Feed.workspace_id) == workspace_id,
            col(Feed.removed_at).is_(None),
        ),
        "route": select(col(Route.paused_at).is_not(None)).where(
            col(Route.id) == int(number),
            col(Route.workspace_id) == workspace_id,
            col(Route.removed_at).is_(None),
        ),
        "kpi": select(col(Kpi.id).is_(None)).where(
            col(Kpi.id) == int(number), col(Kpi.workspace_id) == workspace_id, col(Kpi.closed_at).is_(None)
        ),
    }.get(kind)
    if query is None:
        return State.THERE
    found = session.connection().execute(query).first()
    if found is None:
        return State.REMOVED
    return State.PAUSED if found[0] else State.THERE
