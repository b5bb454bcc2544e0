"""One poll: what is stored, when the next one comes, and what failures leave behind."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from scheduler.feeds import add_feed
from scheduler.polling import poll
from scheduler.routes import add_route
from store import entries, feeds
from store.changes import changes_of
from store.engine import reading
from store.tables import EntryRow, Feed, Post
from tests.publisher_site import PERSON, Site, claim, item, poll_all, world_with
from tests.world import World

URL = "https://blog.test/rss"


@pytest.fixture
def site() -> Site:
    return Site({"/rss": [item(3), item(2), item(1)]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


@pytest.fixture
def feed(world: World) -> Feed:
    return add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)


def again(world: World, feed: Feed, **later: float) -> Feed:
    """Poll whatever is due after some time (a day, if not said), and read the feed's row."""
    world.clock.forward(**(later or {"days": 1}))
    poll_all(world)
    with reading(world.engine) as session:
        return feeds.get(session, world.workspace.id, feed.id)


def titles(world: World) -> list[str]:
    with reading(world.engine) as session:
        return [row.title for row in session.exec(select(EntryRow).order_by(col(EntryRow.id)))]


def test_an_unchanged_feed_answers_304_and_nothing_is_read(world: World, site: Site, feed: Feed) -> None:
    after = again(world, feed)
    assert site.requests[-1].headers["If-None-Match"] == feed.etag
    assert (after.last_status, after.failures, len(titles(world))) == (304, 0, 3)
    assert after.next_at is not None
    assert after.next_at > world.clock.now
    assert after.next_reason


def test_a_body_that_was_seen_is_not_read_again(world: World, site: Site, feed: Feed) -> None:
    site.validators = False
    once = again(world, feed)
    assert (once.last_status, once.etag) == (200, None)
    assert len(titles(world)) == 3


def test_new_entries_are_stored_oldest_first(world: World, site: Site, feed: Feed) -> None:
    site.feeds["/rss"] = [item(82), item(81), *site.feeds["/rss"]]
    after = again(world, feed)
    assert titles(world)[3:] == ["Entry 81", "Entry 82"]
    with reading(world.engine) as session:
        newest = entries.newest_of_feeds(session, [feed.id], limit=1)[0]
    assert (newest.origin, newest.title) == ("new", "Entry 82")
    assert after.last_success_at == world.clock.now


def test_an_edit_changes_the_entry_and_makes_no_second_one(world: World, site: Site, feed: Feed) -> None:
    first = site.feeds["/rss"][0]
    site.feeds["/rss"][0] = replace(first, title="Better title")
    again(world, feed)
    again(world, feed)
    with reading(world.engine) as session:
        changed = session.exec(select(EntryRow).where(col(EntryRow.title) == "Better title")).one()
    assert changed.edits == 1
    assert len(titles(world)) == 3


def test_a_failure_is_told_and_polling_goes_on(world: World, site: Site, feed: Feed) -> None:
    site.special["/rss"] = httpx.Response(500)
    for failures in range(1, 30):
        failed = again(world, feed, days=5)
        assert failed.failures == failures
        assert failed.next_at is not None
        assert failed.next_at > world.clock.now
    assert "blog.test has trouble of its own (500)" in (failed.last_error or "")
    assert feeds.health(failed) == feeds.Health.FAILING
    site.special.clear()
    mended = again(world, feed, days=5)
    assert (mended.failures, mended.last_error) == (0, None)


def test_a_page_instead_of_a_feed_keeps_the_entries(world: World, site: Site, feed: Feed) -> None:
    site.special["/rss"] = httpx.Response(200, text="<html><head></head><body>Maintenance</body></html>")
    failed = again(world, feed)
    assert "is a web page" in (failed.last_error or "")
    assert failed.etag == feed.etag  # validators are stored with entries only
    assert len(titles(world)) == 3


def test_a_feed_that_is_gone_is_believed_the_second_day(world: World, site: Site, feed: Feed) -> None:
    site.special["/rss"] = httpx.Response(410)
    once = again(world, feed)
    assert once.paused_at is None
    assert once.next_at == world.clock.now + timedelta(days=1)
    twice = again(world, feed)
    assert twice.paused_at == world.clock.now
    assert "gone for good" in (twice.paused_reason or "")
    assert twice.next_at is None


def test_a_pause_that_the_server_asks_for_holds_for_its_other_feeds(engine: Engine) -> None:
    site = Site({"/rss": [item(1)], "/news": [item(2)]})
    world = world_with(engine, site)
    one, other = (
        add_feed(world.context, world.workspace.id, f"https://blog.org/{name}", existing="none", actor=PERSON)
        for name in ("rss", "news")
    )
    for path in site.feeds:
        site.special[path] = httpx.Response(429, headers={"Retry-After": "7200"})
    asked = len(site.requests)
    again(world, one)
    assert len(site.requests) == asked + 1
    with reading(engine) as session:
        rows = feeds.by_ids(session, world.workspace.id, [one.id, other.id])
    assert all(row.next_at >= world.clock.now + timedelta(hours=2) for row in rows if row.next_at)
    assert sorted(row.failures for row in rows) == [0, 1]


def test_a_poller_that_lost_its_claim_writes_nothing(world: World, site: Site, feed: Feed) -> None:
    world.clock.forward(days=1)
    slow = claim(world)
    assert slow is not None
    world.clock.forward(minutes=6)
    site.feeds["/rss"] = [item(82), *site.feeds["/rss"]]
    poll_all(world)
    site.feeds["/rss"] = [item(83), *site.feeds["/rss"]]
    poll(world.context, slow)
    assert titles(world)[3:] == ["Entry 82"]
    assert again(world, feed).failures == 0
    assert titles(world)[3:] == ["Entry 82", "Entry 83"]


def test_a_permanent_redirect_is_believed_after_two_days_of_saying_so(
    world: World, site: Site, feed: Feed
) -> None:
    site.feeds["/new"] = site.feeds["/rss"]
    site.special["/rss"] = httpx.Response(301, headers={"Location": "https://new.test/new"})
    seen = [again(world, feed, hours=25).url for _ in range(4)]
    assert seen == [URL, URL, "https://new.test/new", "https://new.test/new"]
    with reading(world.engine) as session:
        assert [change.what for change in changes_of(session, "feed", feed.id)][
            -1
        ] == "moved to a new address"
    assert len(titles(world)) == 3


def test_a_redirect_to_another_feed_is_not_believed(world: World, site: Site, feed: Feed) -> None:
    site.feeds["/new"] = [item(900, site="https://other.test")]
    site.special["/rss"] = httpx.Response(301, headers={"Location": "https://new.test/new"})
    once = again(world, feed)
    assert once.moved is None
    assert once.url == URL


def test_https_is_believed_at_once(world: World, site: Site) -> None:
    address = "http://blog.test/rss"
    feed = add_feed(world.context, world.workspace.id, address, existing="none", actor=PERSON)
    site.only_https = True
    assert again(world, feed).url == URL


def test_a_gone_address_is_left_for_the_one_it_pointed_to(world: World, site: Site, feed: Feed) -> None:
    site.feeds["/new"] = site.feeds["/rss"]
    site.special["/rss"] = httpx.Response(301, headers={"Location": "https://new.test/new"})
    again(world, feed)
    site.special["/rss"] = httpx.Response(404)
    moved = again(world, feed)
    assert moved.url == "https://new.test/new"
    assert again(world, feed, minutes=2).failures == 0


def test_older_entries_that_slide_back_are_not_news(world: World, site: Site, feed: Feed) -> None:
    add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        actor=PERSON,
    )
    undated = [replace(item(number), published=None) for number in (5, 4)]
    site.feeds["/rss"] = [item(3), item(2), item(1), item(0, hours=-90), *undated]
    again(world, feed)
    with reading(world.engine) as session:
        origins = session.exec(select(EntryRow.origin)).all()
        assert session.exec(select(Post)).all() == []
    assert origins == ["existing"] * 6


def test_a_feed_whose_ids_all_change_waits_for_a_person(world: World, site: Site, feed: Feed) -> None:
    again(world, feed, days=5)
    site.feeds["/rss"] = [
        replace(
            item(number, hours=80), guid=f"new-{number}", link=f"https://blog.test/moved/{number}",
            title=f"Moved {number}",
        )
        for number in range(12)
    ]  # fmt: skip
    asking = again(world, feed, days=1)
    assert asking.ask
    assert feeds.health(asking) == feeds.Health.ASKS
    assert "waits for your choice" in asking.next_reason
