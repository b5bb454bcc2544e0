"""When a feed's new address is believed, and what goes with it."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from scheduler.feed_access import Access
from scheduler.feeds import add_feed
from scheduler.moving import Moved, is_believed, is_upgrade, seen_again
from store import feeds
from store.changes import changes_of
from store.engine import reading
from store.tables import EntryRow, Feed
from tests.publisher_site import PERSON, Site, item, poll_all, rss, world_with
from tests.world import NOON, World

URL = "https://blog.test/rss"
NEW = "https://new.test/new"


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
    world.clock.forward(**(later or {"hours": 25}))
    poll_all(world)
    with reading(world.engine) as session:
        return feeds.get(session, world.workspace.id, feed.id)


def moves(site: Site, *, status: int = 301, to: str = NEW) -> None:
    site.special["/rss"] = httpx.Response(status, headers={"Location": to})


@pytest.mark.parametrize(("status", "moved"), [(301, True), (308, True), (302, False), (307, False)])
def test_only_what_is_meant_for_good_moves_a_feed(
    world: World, site: Site, feed: Feed, status: int, moved: bool
) -> None:
    site.feeds["/new"] = [item(4), *site.feeds["/rss"]]
    moves(site, status=status)
    for _ in range(5):
        after = again(world, feed)
    assert (after.url == NEW) is moved


def test_one_hop_that_is_not_for_good_spoils_the_chain(world: World, site: Site, feed: Feed) -> None:
    site.feeds["/new"] = [item(4), *site.feeds["/rss"]]
    site.special["/step"] = httpx.Response(302, headers={"Location": NEW})
    moves(site, to="https://blog.test/step")
    assert [again(world, feed).url for _ in range(5)] == [URL] * 5


def test_three_looks_within_a_day_are_not_enough(world: World, site: Site, feed: Feed) -> None:
    site.feeds["/new"] = [item(4), *site.feeds["/rss"]]
    moves(site)
    for number in range(6):
        site.feeds["/new"] = [item(5 + number), *site.feeds["/new"]]
        after = again(world, feed, hours=7)
    assert after.url == URL
    assert after.moved["seen"] >= 3


def test_a_redirect_that_stops_is_forgotten(world: World, site: Site, feed: Feed) -> None:
    site.feeds["/new"] = [item(4), *site.feeds["/rss"]]
    moves(site)
    assert again(world, feed).moved["seen"] == 1
    site.special.clear()
    assert again(world, feed).moved is None


def test_304_from_a_new_place_proves_nothing_and_the_next_look_asks_for_all(
    world: World, site: Site, feed: Feed
) -> None:
    """A maintenance page that is older than our Last-Modified answers 304, too."""
    moves(site)
    site.special["/new"] = httpx.Response(304)
    for _ in range(4):
        after = again(world, feed)
        assert (after.url, after.moved) == (URL, None)
    assert "If-None-Match" not in site.requests[-1].headers


def test_the_target_being_away_is_no_proof_that_the_old_address_is(
    world: World, site: Site, feed: Feed
) -> None:
    site.feeds["/new"] = [item(4), *site.feeds["/rss"]]
    moves(site)
    again(world, feed)
    del site.feeds["/new"]
    failed = again(world, feed)
    assert (failed.url, failed.last_status) == (URL, 404)


@pytest.mark.parametrize("status", [404, 410])
def test_the_old_address_going_away_settles_it(world: World, site: Site, feed: Feed, status: int) -> None:
    site.feeds["/new"] = [item(4), *site.feeds["/rss"]]
    moves(site)
    again(world, feed)
    site.special["/rss"] = httpx.Response(status)
    assert again(world, feed).url == NEW
    assert again(world, feed, minutes=2).failures == 0


def says_it_moved(site: Site, to: str, numbers: tuple[int, ...] = (3, 2, 1)) -> None:
    document = rss([item(number) for number in numbers]).replace(
        "<channel>",
        '<channel xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">'
        f"<itunes:new-feed-url>{to}</itunes:new-feed-url>",
    )
    site.special["/rss"] = httpx.Response(200, text=document)


def test_what_the_document_says_of_its_address_counts_like_a_redirect_once_it_was_looked_at(
    world: World, site: Site, feed: Feed
) -> None:
    site.feeds["/new"] = [item(4), *site.feeds["/rss"]]
    says_it_moved(site, NEW)
    urls = [again(world, feed).url for _ in range(4)]
    assert urls == [URL, URL, NEW, NEW]
    with reading(world.engine) as session:
        assert len(session.exec(select(EntryRow).where(col(EntryRow.title) == "Entry 3")).all()) == 1


def test_a_document_cannot_name_somebody_elses_feed(world: World, site: Site, feed: Feed) -> None:
    site.feeds["/new"] = [item(900, site="https://other.test")]
    says_it_moved(site, NEW)
    assert [again(world, feed).url for _ in range(6)] == [URL] * 6


def test_a_document_cannot_lead_into_a_private_network(engine: Engine, site: Site) -> None:
    world = world_with(engine, site)
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    says_it_moved(site, "file:///etc/passwd")
    assert [again(world, feed).url for _ in range(5)] == [URL] * 5


def test_a_password_stays_with_its_origin_when_the_feed_moves(world: World, site: Site) -> None:
    access = Access("bearer", "s3cret")
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON, access=access)
    site.feeds["/new"] = [item(4), *site.feeds["/rss"]]
    moves(site)
    for _ in range(4):
        after = again(world, feed)
    assert (after.url, after.credentials, after.access) == (NEW, None, None)
    assert not [one for one in site.requests if one.url.host == "new.test" and "authorization" in one.headers]
    with reading(world.engine) as session:
        assert changes_of(session, "feed", feed.id)[-1].after == {"url": NEW, "password": "left behind"}


def test_a_password_goes_along_from_http_to_https(world: World, site: Site) -> None:
    access = Access("bearer", "s3cret")
    feed = add_feed(
        world.context,
        world.workspace.id,
        "http://blog.test/rss",
        existing="none",
        actor=PERSON,
        access=access,
    )
    site.only_https = True
    after = again(world, feed)
    assert (after.url, after.access) == (URL, "bearer")
    again(world, feed)
    assert site.requests[-1].headers["Authorization"] == "Bearer s3cret"


def test_a_new_address_that_is_read_already_is_left_alone(world: World, site: Site, feed: Feed) -> None:
    site.feeds["/new"] = [item(4), *site.feeds["/rss"]]
    add_feed(world.context, world.workspace.id, NEW, existing="none", actor=PERSON)
    moves(site)
    assert [again(world, feed).url for _ in range(4)] == [URL] * 4


@pytest.mark.parametrize(
    ("old", "new", "upgrade"),
    [
        ("http://a.org/feed", "https://a.org/feed", True),
        ("http://a.org/feed", "https://a.org/feed/", True),
        ("http://a.org:8080/feed", "https://a.org/feed", True),
        ("http://a.org/feed", "https://www.a.org/feed", False),
        ("https://a.org/feed", "http://a.org/feed", False),
        ("http://a.org/feed", "http://a.org/feed/", False),
    ],
)
def test_https_on_the_same_host_is_an_upgrade(old: str, new: str, upgrade: bool) -> None:
    assert is_upgrade(old, new) is upgrade


def test_nothing_ever_goes_back_to_http_for_good() -> None:
    moved = Moved("http://a.org/feed", (NOON - timedelta(days=30)).isoformat(), 99)
    assert not is_believed(moved, url="https://a.org/feed", now=NOON)


def test_a_fragment_is_no_other_address() -> None:
    assert seen_again(None, "https://a.org/feed#x", url="https://a.org/feed", now=NOON) is None
