"""What a feed's row remembers for its next look: hints, our own interval, whether 304 ever comes."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine

from scheduler.feeds import add_feed, set_interval
from store import feeds
from store.engine import reading
from store.tables import Feed
from tests.publisher_site import PERSON, Site, item, poll_all, rss, world_with
from tests.world import World

URL = "https://blog.test/rss"
HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Site:
    return Site({"/rss": [item(3), item(2), item(1)]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


def show(site: Site, inside: str = "", **headers: str) -> None:
    """Answer with a document that holds these elements, and 304 when it is known."""
    body = rss([item(number) for number in range(60, 70)]).replace("<channel>", f"<channel>{inside}")
    site.special["/rss"] = httpx.Response(200, headers={"ETag": '"a"', **headers}, text=body)


def unchanged(site: Site, **headers: str) -> None:
    site.special["/rss"] = httpx.Response(304, headers=headers)


def added(world: World) -> Feed:
    return add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)


def again(world: World, feed: Feed, **later: float) -> Feed:
    world.clock.forward(**(later or {"days": 1}))
    poll_all(world)
    with reading(world.engine) as session:
        return feeds.get(session, world.workspace.id, feed.id)


def wait(world: World, feed: Feed) -> timedelta:
    assert feed.next_at is not None
    return feed.next_at - world.clock.now


@pytest.mark.parametrize(
    ("inside", "headers", "hours", "source"),
    [
        ("<ttl>720</ttl>", {}, 12, "the feed itself"),
        (
            '<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily</sy:updatePeriod>',
            {}, 24, "the feed itself",
        ),
        ("", {"Cache-Control": "public, max-age=36000"}, 10, "the server's max-age"),
        ("<ttl>99999</ttl>", {}, 24, "the feed itself"),
    ],
)  # fmt: skip
def test_what_a_feed_asks_for_holds_on_304_and_on_the_same_body(  # noqa: PLR0917 - pytest names them
    world: World, site: Site, inside: str, headers: dict[str, str], hours: float, source: str
) -> None:
    show(site, inside, **headers)
    feed = added(world)
    unchanged(site)
    for _ in range(3):
        after = again(world, feed, days=2)
        assert after.last_status == 304
        assert f"{source} asks for it" in after.next_reason
        assert hours * HOUR <= wait(world, after) <= 1.1 * hours * HOUR
    show(site, inside)
    same = again(world, feed, days=2)
    assert (same.last_status, same.hints) == (200, feed.hints)


def test_a_304_that_names_another_age_renews_it(world: World, site: Site) -> None:
    show(site, **{"Cache-Control": "max-age=36000"})
    feed = added(world)
    unchanged(site, **{"Cache-Control": "max-age=72000"})
    assert 20 * HOUR <= wait(world, again(world, feed, days=2)) <= 22 * HOUR
    unchanged(site, **{"Cache-Control": "max-age=0"})
    assert wait(world, again(world, feed, days=2)) <= 7 * HOUR


def test_a_document_that_asks_for_less_is_believed_as_well(world: World, site: Site) -> None:
    show(site, "<ttl>720</ttl>")
    feed = added(world)
    show(site, "<ttl>5</ttl><title>b</title>")
    assert wait(world, again(world, feed, days=2)) < 7 * HOUR


def test_hours_that_are_to_be_left_out_stay_left_out(world: World, site: Site) -> None:
    hours = "".join(f"<hour>{number}</hour>" for number in range(24) if number != 5)
    show(site, f"<skipHours>{hours}</skipHours>")
    feed = added(world)
    unchanged(site)
    for _ in range(4):
        after = again(world, feed, days=2)
        assert after.next_at is not None
        assert after.next_at.hour == 5


def test_a_persons_choice_beats_the_feeds_wish_and_says_so(world: World, site: Site) -> None:
    show(site, "<ttl>720</ttl>")
    feed = added(world)
    set_interval(world.context, world.workspace.id, feed.id, timedelta(minutes=5), actor=PERSON)
    unchanged(site)
    after = again(world, feed)
    assert wait(world, after) <= timedelta(minutes=5.5)
    assert after.next_reason == "every 5 min: chosen by hand, although the feed itself asks for 12 h"
    site.special["/rss"] = httpx.Response(429, headers={"Retry-After": "7200"})
    assert wait(world, again(world, feed)) >= 2 * HOUR  # nobody's choice beats a pause


def test_our_own_interval_grows_by_half_in_silence_and_halves_after_news(world: World, site: Site) -> None:
    site.feeds["/rss"] = [item(1, hours=1), item(0, hours=-1)]
    feed = added(world)
    before = feed.own_interval
    assert before is not None
    quiet = again(world, feed, hours=7)
    grown = quiet.own_interval
    assert grown is not None
    assert before <= grown <= 6 * 3600
    site.feeds["/rss"] = [item(900, hours=78), *site.feeds["/rss"]]
    news = again(world, feed, hours=7)
    assert news.own_interval is not None
    assert news.own_interval < grown


def test_a_server_that_never_answers_304_is_asked_hourly_at_most_and_daily_in_silence(
    world: World, site: Site
) -> None:
    site.validators = False
    site.feeds["/rss"] = [item(number, hours=60 + number / 10) for number in range(9, 0, -1)]
    feed = added(world)
    assert wait(world, feed) >= 0.9 * HOUR
    for _ in range(30):
        after = again(world, feed, days=3)
    assert timedelta(hours=20) <= wait(world, after) <= timedelta(hours=27)


def test_validators_that_change_nothing_are_noticed(world: World, site: Site) -> None:
    show(site)
    feed = added(world)
    assert again(world, feed).answers_304 is False  # a body, though we named its own ETag
    unchanged(site)
    assert again(world, feed).answers_304 is True


@pytest.mark.parametrize("days", [8, 90])
def test_304_for_ever_is_asked_once_for_the_whole(world: World, site: Site, days: int) -> None:
    show(site)
    feed = added(world)
    unchanged(site)
    again(world, feed, days=1)
    assert site.requests[-1].headers.get("If-None-Match") == '"a"'
    again(world, feed, days=days)
    assert "If-None-Match" not in site.requests[-1].headers


def test_each_validator_is_replaced_also_on_304_and_byte_for_byte(world: World, site: Site) -> None:
    odd = 'W/"caf\u00e9 \\" x"'
    site.special["/rss"] = httpx.Response(
        200,
        headers=[(b"ETag", odd.encode("latin-1")), (b"Last-Modified", b"Sun, 01 Mar 2026 00:00:00 GMT")],
        text=rss([item(1)]),
    )
    feed = added(world)
    assert feed.etag == odd
    unchanged(site, **{"Last-Modified": "Sunday, whenever"})
    after = again(world, feed)
    sent = site.requests[-1].headers.raw
    assert (b"If-None-Match", odd.encode("latin-1")) in sent
    assert (after.etag, after.last_modified) == (odd, "Sunday, whenever")


def test_a_last_modified_in_the_future_is_not_kept(world: World, site: Site) -> None:
    show(site, **{"Last-Modified": "Tue, 01 Jan 2041 00:00:00 GMT"})
    assert added(world).last_modified is None
