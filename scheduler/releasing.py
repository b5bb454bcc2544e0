"""Looking at a route again: what its caps held back goes out when there is a place for it."""

from datetime import datetime

from sqlmodel import Session

from scheduler.context import Context
from scheduler.judging import SLOW
from scheduler.pacing import PACED
from scheduler.routing import route_entries, ways
from store import ledger, routes
from store.engine import writing
from store.tables import Route
from store.wake import wake_workers


def release(context: Context, row: Route) -> None:
    """Make posts of what waits on a claimed route, as far as its pace allows, and set its next alarm.

    Whoever has taken the claim over since does the work instead.
    """
    now = context.clock()
    with writing(context.engine) as session:
        route = routes.lock(session, row.workspace_id, row.id)
        if route.claim != row.claim or route.next_at is None:
            return
        if route.paused_at is None and route.removed_at is None:
            [way] = ways(session, [route])
            made = route_entries(context, session, way, [], {}, now=now)
        else:
            route.next_at, made = None, 0
            session.add(route)
        if made:
            wake_workers(session)
        session.commit()


def look_again(session: Session, route: Route, *, now: datetime) -> None:
    """Let the next tick look at a locked route, if anything waits there; its rules may have changed."""
    waits = route.paused_at is None and any(ledger.counts_waiting(session, route.id, PACED, SLOW))
    route.next_at = now if waits else None
    session.add(route)
