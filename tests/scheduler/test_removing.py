"""A feed ends, comes back, or goes on under another address: nothing is posted twice, nothing is lost."""

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.errors import NotFound, UsageError
from domain.post import PostState
from scheduler.feeds import add_feed, pause, poll_now
from scheduler.removing import move_feed, remove_feed
from scheduler.routes import add_route
from store import feeds, ledger, routes
from store.changes import changes_of
from store.engine import reading
from store.tables import EntryRow, Feed, Post
from tests.publisher_site import PERSON, Site, item, poll_all, world_with
from tests.world import World

URL = "https://blog.test/rss"


@pytest.fixture
def site() -> Site:
    return Site({"/rss": [item(3), item(2), item(1)]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


def add(world: World, existing: str = "none", url: str = URL) -> Feed:
    return add_feed(world.context, world.workspace.id, url, existing=existing, actor=PERSON)


def route(world: World, feed: Feed, name: str = "All") -> int:
    return add_route(
        world.context, world.workspace.id, name=name, feed_ids=[feed.id], channel_id=world.channel.id,
        actor=PERSON,
    ).id  # fmt: skip


def posts(world: World) -> list[Post]:
    with reading(world.engine) as session:
        return list(session.exec(select(Post)))


def test_a_removed_feed_is_in_no_list_and_is_polled_no_more(world: World, site: Site) -> None:
    feed = add(world)
    number = route(world, feed)
    remove_feed(world.context, world.workspace.id, feed.id, actor=PERSON)
    world.clock.forward(days=9)
    asked = len(site.requests)
    assert poll_all(world) == 0
    assert len(site.requests) == asked
    with reading(world.engine) as session:
        assert feeds.lines(session, world.workspace.id) == []
        assert routes.feeds_of(session, number) == []
        with pytest.raises(NotFound):
            feeds.find(session, world.workspace.id, URL)
        assert changes_of(session, "feed", feed.id)[-1].after == {"url": URL, "routes": ["All"]}
    with pytest.raises(NotFound):
        poll_now(world.context, world.workspace.id, feed.id, actor=PERSON)
    with pytest.raises(NotFound):
        pause(world.context, world.workspace.id, feed.id, actor=PERSON)


def test_posts_in_the_queue_stay_and_the_ledger_still_balances(world: World) -> None:
    feed = add(world, "last:2")
    number = route(world, feed)
    before = [(post.id, post.state) for post in posts(world)]
    assert len(before) == 2
    remove_feed(world.context, world.workspace.id, feed.id, actor=PERSON)
    assert [(post.id, post.state) for post in posts(world)] == before
    with reading(world.engine) as session:
        balance = ledger.balance(session, world.workspace.id, number)
    assert balance.holds
    assert balance.seen == 3


def test_a_feed_that_comes_back_posts_nothing_again(world: World, site: Site) -> None:
    feed = add(world, "last:3")
    number = route(world, feed)
    assert len(posts(world)) == 3
    remove_feed(world.context, world.workspace.id, feed.id, actor=PERSON)
    world.clock.forward(days=3)
    site.feeds["/rss"] = [item(100), *site.feeds["/rss"]]
    back = add(world, "last:4")
    assert back.id == feed.id
    with reading(world.engine) as session:
        assert len(session.exec(select(EntryRow)).all()) == 4
    again = route(world, back, "Again")
    told = {post.entry_id for post in posts(world)}
    assert len(posts(world)) == len(told) == 4  # the three of before, and the new one
    with reading(world.engine) as session:
        for each in (number, again):
            assert ledger.balance(session, world.workspace.id, each).holds


def test_a_removed_feed_can_be_added_only_once(world: World) -> None:
    remove_feed(world.context, world.workspace.id, add(world).id, actor=PERSON)
    add(world)
    with pytest.raises(UsageError, match="one of your feeds already"):
        add(world)


def test_a_moved_feed_keeps_its_entries_and_posts_nothing_again(world: World, site: Site) -> None:
    feed = add(world, "last:3")
    route(world, feed)
    site.feeds["/new"] = [item(100), *site.feeds["/rss"]]
    moved = move_feed(world.context, world.workspace.id, feed.id, "https://blog.test/new", actor=PERSON)
    assert moved.url == "https://blog.test/new"
    poll_all(world)
    assert len(posts(world)) == 4
    assert {post.state for post in posts(world)} == {PostState.QUEUED}


def test_a_feed_cannot_move_onto_another_or_to_nothing(world: World, site: Site) -> None:
    site.feeds |= {"/b": [item(9)], "/empty": []}
    feed, _ = add(world), add(world, url="https://blog.test/b")
    with pytest.raises(UsageError, match="one of your feeds already"):
        move_feed(world.context, world.workspace.id, feed.id, "https://blog.test/b", actor=PERSON)
    with pytest.raises(Exception, match="shows no entries"):
        move_feed(world.context, world.workspace.id, feed.id, "https://blog.test/empty", actor=PERSON)
    with reading(world.engine) as session:
        assert feeds.get(session, world.workspace.id, feed.id).url == URL
