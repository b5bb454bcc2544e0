"""From the scope of a question to the channels and posts that it is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from domain.definition import Definition, Supplies
from domain.kpi import Scope, ScopeKind
from store import answers, channels, feeds, kpis, routes
from store.tables import ChannelRow
from store.values import PostScope


@dataclass(frozen=True, slots=True)
class Ground:
    """A scope with its channels, split by whether their platforms supply what a definition needs."""

    scope: PostScope
    #: The same with those channels only whose platforms do not supply it.
    unsupplied: PostScope
    #: Of the channels that supply it.
    platforms: frozenset[str] = frozenset()


@answers.remembered
def channels_in(session: Session, workspace_id: int, scope: Scope) -> Sequence[ChannelRow]:
    """The channels that a scope is about; a feed's are those of the routes that read it.

    Raises:
        NotFound: the scope names something that is not in this workspace.
    """
    match scope.kind:
        case ScopeKind.CHANNEL:
            return [channels.get(session, workspace_id, _id(scope))]
        case ScopeKind.ROUTE:
            route = routes.get(session, workspace_id, _id(scope))
            return [channels.get(session, workspace_id, route.channel_id)]
        case ScopeKind.FEED:
            feeds.get(session, workspace_id, _id(scope))
            read = kpis.reading_channels(session, _id(scope))
            return [row for row in channels.listed(session, workspace_id) if row.id in read]
    return channels.listed(session, workspace_id)


@answers.remembered
def scope_name(session: Session, workspace_id: int, scope: Scope) -> str:
    """How people call the scope: the channel's or route's name, the feed's title; empty for the workspace.

    Raises:
        NotFound: the scope names something that is not in this workspace.
    """
    match scope.kind:
        case ScopeKind.CHANNEL:
            return channels.get(session, workspace_id, _id(scope)).name
        case ScopeKind.ROUTE:
            return routes.get(session, workspace_id, _id(scope)).name
        case ScopeKind.FEED:
            feed = feeds.get(session, workspace_id, _id(scope))
            return feed.title or feed.url
    return ""


def hold(session: Session, workspace_id: int, scopes: Iterable[Scope]) -> None:
    """Where answers are kept: what these scopes name, fetched together."""
    by_kind: dict[ScopeKind, set[int]] = {kind: set() for kind in ScopeKind}
    for scope in scopes:
        if scope.id is not None:
            by_kind[scope.kind].add(scope.id)
    for channel in channels.listed(session, workspace_id):
        answers.tell(session, channels.get, workspace_id, channel.id, answer=channel)
    for route in routes.by_ids(session, workspace_id, sorted(by_kind[ScopeKind.ROUTE])):
        answers.tell(session, routes.get, workspace_id, route.id, answer=route)
    for feed in feeds.by_ids(session, workspace_id, sorted(by_kind[ScopeKind.FEED])):
        answers.tell(session, feeds.get, workspace_id, feed.id, answer=feed)


def _id(scope: Scope) -> int:
    assert scope.id is not None
    return scope.id


def ground(
    session: Session, workspace_id: int, scope: Scope, definition: Definition, supplies: Supplies
) -> Ground:
    """Where to look for a figure.

    A feed's posts are sought on every channel, since a route may have been moved since.
    """
    looked_at = Scope() if scope.kind is ScopeKind.FEED else scope
    rows = channels_in(session, workspace_id, looked_at)
    giving = [row for row in rows if not supplies.lacking(row.platform, definition)]
    return Ground(
        scope=post_scope(workspace_id, giving, supplies, scope),
        unsupplied=post_scope(workspace_id, [row for row in rows if row not in giving], supplies, scope),
        platforms=frozenset(row.platform for row in giving),
    )


def post_scope(
    workspace_id: int, rows: Sequence[ChannelRow], supplies: Supplies, scope: Scope | None = None
) -> PostScope:
    """The published posts of these channels, within a scope."""
    scope = scope or Scope()
    return PostScope(
        workspace_id=workspace_id,
        channel_ids=frozenset(row.id for row in rows),
        local_ids=frozenset(row.id for row in rows if supplies.local(row.platform)),
        route_id=scope.id if scope.kind is ScopeKind.ROUTE else None,
        feed_id=scope.id if scope.kind is ScopeKind.FEED else None,
    )
