"""Taking a route away: it makes no more posts; what it made and decided stays in the books."""

from domain.errors import UsageError
from domain.post import Fate, PostState
from scheduler.context import Context
from store import ledger, posts, routes
from store.changes import Actor, record
from store.engine import writing
from store.tables import Route
from store.wake import wake_workers

#: What happens to posts of the route that have not gone out.
CHOICES = ("keep", "skip")
ROUTE_REMOVED = "its route was removed"


def remove_route(
    context: Context, workspace_id: int, route_id: int, *, unsent: str | None = None, actor: Actor
) -> Route:
    """Remove a route; its name is free again.

    Args:
        unsent: ``keep``: posts that wait go out; ``skip``: they do not. Must be said when there are any.

    Raises:
        UsageError: it must be said what becomes of the posts that wait.
        NotFound: no such route in this workspace.
    """
    if unsent is not None and unsent not in CHOICES:
        raise UsageError(f"Unknown choice {unsent!r}. Known: {', '.join(CHOICES)}.")
    now = context.clock()
    with writing(context.engine) as session:
        route = routes.lock(session, workspace_id, route_id)
        waiting = posts.unsent_of_route(session, route.id)
        if waiting and unsent is None:
            number = "1 post" if len(waiting) == 1 else f"{len(waiting)} posts"
            raise UsageError(
                f"Route {route.name!r} has {number} that did not go out yet. Choose what to do: keep or skip."
            )
        skipped = waiting if unsent == "skip" else []
        for post in skipped:
            posts.move(session, post, PostState.SKIPPED, reason=ROUTE_REMOVED, next_at=None)
        ledger.close_held(session, route.id, fate=Fate.SKIPPED, reason=ROUTE_REMOVED, now=now)
        name = route.name
        routes.end(session, route, now=now)
        record(
            session, actor, "removed", subject="route", subject_id=route.id, workspace_id=workspace_id,
            now=now, before={"name": name}, after={"skipped": len(skipped)},
        )  # fmt: skip
        wake_workers(session)
        session.commit()
        return route
