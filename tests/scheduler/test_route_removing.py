"""Removing and copying routes: nothing more is made, what was made stays, and the books balance."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.errors import NotFound, UsageError
from domain.post import Fate, PostState
from domain.spread import Pace
from scheduler.cloning import clone_route
from scheduler.feeds import add_feed
from scheduler.route_removing import remove_route
from scheduler.routes import add_route, change_route, pause_route
from scheduler.rules import Rules
from store import ledger, routes
from store.engine import reading
from store.tables import Change, Ledger, Post, Route
from tests.publisher_site import PERSON, Site, item, poll_all, world_with
from tests.world import World

RULES = Rules(template="{{ title }}", pace=Pace(per_run=2), prefix="New:")


@pytest.fixture
def site() -> Site:
    return Site({"/rss": [item(3), item(2), item(1)]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


@pytest.fixture
def route(world: World) -> Route:
    """Two queued posts, and one entry that waits."""
    feed = add_feed(world.context, world.workspace.id, "https://blog.test/rss", existing="none", actor=PERSON)
    return add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=RULES,
        existing="last:3",
        actor=PERSON,
    )


def states(world: World, route: Route) -> list[str]:
    with reading(world.engine) as session:
        query = select(Post).where(col(Post.route_id) == route.id).order_by(col(Post.id))
        return [post.state for post in session.exec(query)]


def remove(world: World, route: Route, unsent: str | None) -> Route:
    return remove_route(world.context, world.workspace.id, route.id, unsent=unsent, actor=PERSON)


def test_it_must_be_said_what_becomes_of_posts_that_wait(world: World, route: Route) -> None:
    with pytest.raises(UsageError, match="has 2 posts that did not go out yet"):
        remove(world, route, None)
    with pytest.raises(UsageError, match="Known: keep, skip"):
        remove(world, route, "burn")
    assert states(world, route) == [PostState.QUEUED] * 2


@pytest.mark.parametrize(("unsent", "state"), [("keep", PostState.QUEUED), ("skip", PostState.SKIPPED)])
def test_a_removed_route_makes_nothing_more_and_its_books_balance(
    world: World, site: Site, route: Route, unsent: str, state: PostState
) -> None:
    ended = remove(world, route, unsent)
    assert ended.removed_at == world.clock.now
    site.feeds["/rss"].insert(0, item(82))
    world.clock.forward(days=1)
    poll_all(world)
    assert states(world, route) == [state] * 2
    with reading(world.engine) as session:
        balance = ledger.balance(session, world.workspace.id, route.id)
        assert (balance.holds, balance.seen, balance.fates[Fate.HELD]) == (True, 3, 0)
        assert [row.reason for row in session.exec(select(Ledger)) if row.fate] == ["its route was removed"]
        assert routes.lines(session, world.workspace.id) == []
        assert routes.line(session, world.workspace.id, route.id).route.name.startswith("All (removed 2026")
        assert session.exec(select(Change).where(col(Change.what) == "removed")).one().before == {
            "name": "All"
        }


def test_its_name_is_free_and_nobody_can_change_it_any_more(world: World, route: Route) -> None:
    with reading(world.engine) as session:
        feed_ids = [feed.id for feed in routes.feeds_of(session, route.id)]
    remove(world, route, "skip")
    again = add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=feed_ids,
        channel_id=world.channel.id,
        actor=PERSON,
    )
    assert states(world, again) == []
    changes: tuple[Callable[[], Route], ...] = (
        lambda: remove(world, route, "keep"),
        lambda: pause_route(world.context, world.workspace.id, route.id, actor=PERSON),
        lambda: change_route(
            world.context, world.workspace.id, route.id, name="x", rules=RULES, actor=PERSON
        ),
    )
    for change in changes:
        with pytest.raises(NotFound):
            change()
    with pytest.raises(UsageError, match="was removed, and cannot be copied"):
        clone_route(world.context, world.workspace.id, route.id, name="Copy", actor=PERSON)


def test_a_copy_has_the_same_feeds_and_rules_and_posts_only_what_comes(
    world: World, site: Site, route: Route
) -> None:
    copy = clone_route(world.context, world.workspace.id, route.id, name="Copy", actor=PERSON)
    assert (Rules.of(copy), copy.channel_id) == (Rules.of(route), route.channel_id)
    assert states(world, copy) == []
    loud = replace(RULES, prefix="Loud:")
    other = clone_route(world.context, world.workspace.id, route.id, name="Other", rules=loud, actor=PERSON)
    site.feeds["/rss"].insert(0, item(82))
    world.clock.forward(days=1)
    poll_all(world)
    assert len(states(world, copy)) == len(states(world, other)) == 1
    with reading(world.engine) as session:
        post = session.exec(select(Post).where(col(Post.route_id) == other.id)).one()
    assert post.content["text"] == "Loud: Entry 82"
