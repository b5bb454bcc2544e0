"""What people do with feeds: adding them and deciding what to post."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.errors import NotAFeed, NotFound, UsageError
from domain.post import Fate
from scheduler.asking import request_headers
from scheduler.feeds import add_feed, pause, poll_now, resume, set_interval
from scheduler.finding import find_feed
from scheduler.routes import add_route
from store import entries, feeds, ledger
from store.changes import changes_of
from store.engine import reading, writing
from store.tables import Feed
from tests.publisher_site import PERSON, Site, html, item, poll_all, world_with
from tests.world import World

URL = "https://blog.test/rss"


@pytest.fixture
def site() -> Site:
    return Site({"/rss": [item(3), item(2), item(1)]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


def origins(world: World, feed: Feed) -> list[tuple[str, str]]:
    with reading(world.engine) as session:
        return [(row.title, row.origin) for row in entries.of_feeds(session, [feed.id])]


@pytest.mark.parametrize(
    ("existing", "chosen"),
    [("none", 0), ("newest", 1), ("last:2", 2), ("since:2026-02-27", 3)],
)
def test_all_entries_are_stored_and_those_asked_for_are_chosen(
    world: World, existing: str, chosen: int
) -> None:
    feed = add_feed(world.context, world.workspace.id, URL, existing=existing, actor=PERSON)
    found = origins(world, feed)
    assert [title for title, _ in found] == ["Entry 1", "Entry 2", "Entry 3"]
    assert [origin for _, origin in found] == ["existing"] * (3 - chosen) + ["chosen"] * chosen
    assert feed.title == "Feed /rss"
    assert feed.next_at is not None
    assert feed.next_at > world.clock.now


def test_a_feed_with_entries_needs_a_choice(world: World) -> None:
    with pytest.raises(UsageError, match=r"has 3 entries already\. Choose .* none, newest, last:N"):
        add_feed(world.context, world.workspace.id, URL, existing=None, actor=PERSON)
    assert no_feeds(world)


def test_an_empty_feed_needs_none(world: World, site: Site) -> None:
    site.feeds["/rss"] = []
    feed = add_feed(world.context, world.workspace.id, URL, existing=None, actor=PERSON)
    assert feed.existing == "none"


def test_what_cannot_be_read_is_not_stored(world: World, site: Site) -> None:
    site.special["/rss"] = httpx.Response(200, text="<html><body>Hi</body></html>")
    with pytest.raises(NotAFeed):
        add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    with pytest.raises(UsageError, match="Cannot read the choice"):
        add_feed(world.context, world.workspace.id, URL, existing="all", actor=PERSON)
    assert no_feeds(world)


def no_feeds(world: World) -> bool:
    with reading(world.engine) as session:
        return session.exec(select(Feed)).first() is None


def test_a_page_that_names_one_feed_leads_to_it(world: World, site: Site) -> None:
    site.special["/"] = html({"/rss": "Posts", "/comments/feed": "Comments"})
    feed = add_feed(world.context, world.workspace.id, "https://blog.test/", existing="none", actor=PERSON)
    assert feed.url == URL
    with reading(world.engine) as session:
        [change] = changes_of(session, "feed", feed.id)
    assert change.after["found_on"] == "https://blog.test/"


def test_of_several_feeds_that_a_page_names_the_first_is_meant_and_the_others_are_told(
    world: World, site: Site
) -> None:
    site.special["/"] = html({"/rss": "Posts", "/news": "News"})
    found = find_feed(world.context, "https://blog.test/", now=world.clock.now)
    assert (found.url, found.others) == (URL, ("https://blog.test/news",))
    feed = add_feed(world.context, world.workspace.id, "https://blog.test/", existing="none", actor=PERSON)
    assert feed.url == URL


def test_a_feed_is_added_once_in_a_workspace(world: World, site: Site) -> None:
    add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    site.special["/old"] = httpx.Response(301, headers={"Location": URL})
    for address in (URL, "https://blog.test/old"):
        with pytest.raises(UsageError, match="one of your feeds already"):
            add_feed(world.context, world.workspace.id, address, existing="none", actor=PERSON)


def test_a_password_in_the_address_is_sealed_and_sent(world: World, site: Site) -> None:
    address = "https://ana:s%40cret@blog.test/rss"
    feed = add_feed(world.context, world.workspace.id, address, existing="none", actor=PERSON)
    assert feed.url == URL
    assert b"s@cret" not in (feed.credentials or b"")
    sent = request_headers(world.context, feed)["Authorization"]
    assert [request.headers["Authorization"] for request in site.requests] == [sent]
    world.clock.forward(days=1)
    poll_all(world)
    assert site.requests[-1].headers["Authorization"] == sent


def test_intervals_have_bounds(world: World) -> None:
    with pytest.raises(UsageError, match="between 1 min and 31 days"):
        add_feed(
            world.context,
            world.workspace.id,
            URL,
            existing="none",
            actor=PERSON,
            interval=timedelta(seconds=5),
        )
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    changed = set_interval(world.context, world.workspace.id, feed.id, timedelta(minutes=15), actor=PERSON)
    assert changed.next_at == world.clock.now + timedelta(minutes=15)
    assert "by hand" in changed.next_reason


def test_a_paused_feed_is_not_polled_until_it_is_resumed(world: World, site: Site) -> None:
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    pause(world.context, world.workspace.id, feed.id, reason="moving", actor=PERSON)
    world.clock.forward(days=9)
    assert poll_all(world) == 0
    with pytest.raises(UsageError, match="resume it first"):
        poll_now(world.context, world.workspace.id, feed.id, actor=PERSON)
    site.feeds["/rss"].insert(0, item(200))
    resume(world.context, world.workspace.id, feed.id, actor=PERSON)
    assert poll_all(world) == 1
    assert ("Entry 200", "new") in origins(world, feed)
    with pytest.raises(UsageError, match="not paused"):
        resume(world.context, world.workspace.id, feed.id, actor=PERSON)


def test_a_feed_that_asks_posts_what_is_chosen_and_skips_the_rest(world: World, site: Site) -> None:
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    route = add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        actor=PERSON,
    )
    ask(world, feed)
    site.feeds["/rss"] = [item(82), item(81), item(80), *site.feeds["/rss"]]
    world.clock.forward(days=1)
    poll_all(world)
    assert fates(world, route.id) == {Fate.SKIPPED: 3, Fate.HELD: 3}
    with pytest.raises(UsageError, match="3 entries wait for your word"):
        resume(world.context, world.workspace.id, feed.id, actor=PERSON)
    made = resume(world.context, world.workspace.id, feed.id, existing="last:2", actor=PERSON)
    assert made == 2
    assert fates(world, route.id) == {Fate.SKIPPED: 4, Fate.QUEUED: 2}


def ask(world: World, feed: Feed) -> None:
    with writing(world.engine) as session:
        [locked] = feeds.lock(session, world.workspace.id, [feed.id])
        locked.ask = True
        session.add(locked)
        session.commit()


def fates(world: World, route_id: int) -> dict[Fate, int]:
    with reading(world.engine) as session:
        balance = ledger.balance(session, world.workspace.id, route_id)
    assert balance.holds
    return {fate: number for fate, number in balance.fates.items() if number}


def test_feeds_of_another_workspace_are_not_found(world: World) -> None:
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    with pytest.raises(NotFound, match="no feed"):
        pause(world.context, world.workspace.id + 1, feed.id, actor=PERSON)
    with reading(world.engine) as session:
        assert feeds.lines(session, world.workspace.id + 1) == []
        [line] = feeds.lines(session, world.workspace.id)
    assert (line.entries, line.new, line.health) == (3, 0, feeds.Health.HEALTHY)
