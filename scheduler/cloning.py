"""A route once more: the same feeds and rules under another name, on the same channel or another."""

from domain.errors import UsageError
from scheduler.context import Context
from scheduler.routes import add_route
from scheduler.rules import Rules
from store import routes
from store.changes import Actor
from store.engine import reading
from store.tables import Route


def clone_route(
    context: Context,
    workspace_id: int,
    route_id: int,
    *,
    name: str,
    channel_id: int | None = None,
    rules: Rules | None = None,
    actor: Actor,
) -> Route:
    """Add a route like another one; entries that are there already are not posted by it.

    Args:
        channel_id: None: the same channel.
        rules: None: the same rules.

    Raises:
        UsageError: the name is taken, the other was removed or reads no feed, or as `add_route`.
    """
    with reading(context.engine) as session:
        route = routes.get(session, workspace_id, route_id)
        feed_ids = [feed.id for feed in routes.feeds_of(session, route.id)]
    if route.removed_at is not None:
        raise UsageError(f"Route {route.name!r} was removed, and cannot be copied.")
    return add_route(
        context,
        workspace_id,
        name=name,
        feed_ids=feed_ids,
        channel_id=channel_id or route.channel_id,
        rules=rules or Rules.of(route),
        existing="none",
        actor=actor,
    )
