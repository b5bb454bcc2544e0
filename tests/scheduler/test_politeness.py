"""One request at a time to a server, a little apart; pauses shared by its feeds; nobody waits in a thread."""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx
import pytest
from sqlalchemy import Engine, event
from sqlmodel import select

from scheduler.feeds import add_feed
from scheduler.kinds import KINDS
from scheduler.polling import poll
from scheduler.ticks import Runner
from store import feeds, hosts
from store.engine import open_engine, reading, writing
from store.tables import Feed
from tests.publisher_site import PERSON, Site, claim, item, poll_all, rss, world_with
from tests.servers.loopback import Answer, Loopback
from tests.world import NOON, World, new_world

[FEED] = [kind for kind in KINDS if kind.name == "feed"]


def added(world: World, *urls: str) -> list[Feed]:
    return [add_feed(world.context, world.workspace.id, url, existing="none", actor=PERSON) for url in urls]


def rows(world: World) -> dict[str, Feed]:
    with reading(world.engine) as session:
        return {feed.url: feed for feed in session.exec(select(Feed))}


class Watched(Loopback):
    """A site of many feeds that notes when requests begin, and how many run at once."""

    def __init__(self) -> None:
        super().__init__(self._feed)
        self.began: list[float] = []
        self.running = self.most = 0
        self.lock = threading.Lock()
        self.body = rss([item(1)]).encode()

    def _feed(self, _path: str, _headers: Mapping[str, str]) -> Answer:
        with self.lock:
            self.began.append(time.monotonic())
            self.running += 1
            self.most = max(self.most, self.running)
        self.wait(0.05)
        with self.lock:
            self.running -= 1
        return 200, {"Content-Type": "application/rss+xml"}, self.body


def make_due(world: World) -> None:
    with writing(world.engine) as session:
        for feed in session.exec(select(Feed)):
            feed.next_at = datetime(2026, 1, 1, tzinfo=UTC)
            session.add(feed)
        session.commit()


def test_two_workers_ask_a_server_one_feed_at_a_time_and_apart(engine: Engine) -> None:
    gap = timedelta(seconds=0.15)
    world = new_world(engine)
    with Watched() as site:
        added(world, *(f"{site.url}/{number}" for number in range(5)))
        site.began.clear()
        make_due(world)
        # Each machine has connections of its own.
        other = open_engine(engine.url.render_as_string(hide_password=False))
        contexts = [
            replace(world.context, engine=one, pace=gap, clock=lambda: datetime.now(UTC), database_clock=True)
            for one in (engine, other)
        ]
        runners = [Runner(context, FEED) for context in contexts]
        until = time.monotonic() + 60
        while len(site.began) < 5 and time.monotonic() < until:
            for runner in runners:
                runner.look()
            time.sleep(0.1)
        for runner in runners:
            runner.stop()
        other.dispose()
    assert len(site.began) == 5
    assert site.most == 1
    assert all(later - sooner >= gap.total_seconds() for sooner, later in pairwise(sorted(site.began)))
    world.context.http.close()


def test_a_feed_whose_turn_it_is_not_comes_back_soon_and_stays_as_it_was(engine: Engine) -> None:
    site = Site({"/a": [item(1)], "/b": [item(2)]})
    world = world_with(engine, site)
    added(world, "https://blog.org/a", "https://blog.org/b")
    world.clock.forward(days=1)
    asked = len(site.requests)
    with writing(engine) as session:
        assert hosts.take_turn(
            session, "blog.org", now=world.clock.now, until=world.clock.now + timedelta(minutes=1)
        )
        session.commit()
    row = claim(world)
    assert row is not None
    assert poll(world.context, row).waits
    after = rows(world)[row.url]
    assert len(site.requests) == asked
    assert after.next_reason == "in a moment: its server is asked for one feed at a time"
    assert after.next_at is not None
    assert timedelta(0) < after.next_at - world.clock.now < timedelta(seconds=30)
    assert (after.last_polled_at, after.failures) == (row.last_polled_at, 0)


def test_a_turn_ends_by_itself_when_its_worker_dies(engine: Engine) -> None:
    with writing(engine) as session:
        assert hosts.take_turn(session, "blog.org", now=NOON, until=NOON + timedelta(minutes=2))
        assert not hosts.take_turn(session, "blog.org", now=NOON, until=NOON + timedelta(minutes=2))
        later = NOON + timedelta(minutes=2)
        assert hosts.take_turn(session, "blog.org", now=later, until=later + timedelta(minutes=2))


def test_the_order_of_a_servers_feeds_changes_from_round_to_round(engine: Engine) -> None:
    paths = [f"/{number}" for number in range(6)]
    site = Site({path: [item(1)] for path in paths})
    world = world_with(engine, site)
    added(world, *(f"https://blog.org{path}" for path in paths))
    world.context = replace(world.context, pace=timedelta(seconds=1))
    orders = []
    for _ in range(3):
        world.clock.forward(days=2)
        site.requests.clear()
        for _ in range(400):
            poll_all(world)
            world.clock.forward(seconds=1)
            if len(site.requests) == len(paths):
                break
        orders.append([request.url.path for request in site.requests])
    assert all(sorted(order) == paths for order in orders)
    assert len({tuple(order) for order in orders}) > 1


@pytest.mark.parametrize(
    ("status", "headers", "hours"),
    [
        (429, {"Retry-After": "7200"}, 2),
        (503, {"Retry-After": "Mon, 02 Mar 2026 18:00:00 GMT"}, 6),
        (429, {}, 4),
        (503, {}, 4),
        (429, {"Retry-After": "9999999"}, 24),
        (403, {"Retry-After": "3600"}, 1),
        (429, {"x-ratelimit-reset": "5400"}, 1.5),
    ],
)
def test_a_wish_for_a_pause_holds_for_all_feeds_of_the_owner(
    engine: Engine, status: int, headers: dict[str, str], hours: float
) -> None:
    site = Site({"/a": [item(1)], "/b": [item(2)]})
    world = world_with(engine, site)
    world.clock.now = NOON - timedelta(days=1)
    added(world, "https://www.blog.co.uk/a", "https://feeds.blog.co.uk/b", "https://other.co.uk/b")
    world.clock.now = NOON
    site.special["/a"] = httpx.Response(status, headers=headers)
    with writing(engine) as session:  # /a first
        for feed in session.exec(select(Feed)):
            feed.next_at = NOON - timedelta(minutes=2 if feed.url.endswith("/a") else 1)
            session.add(feed)
        session.commit()
    site.requests.clear()
    poll_all(world)
    assert [request.url.host for request in site.requests] == ["www.blog.co.uk", "other.co.uk"]
    found = rows(world)
    for url in ("https://www.blog.co.uk/a", "https://feeds.blog.co.uk/b"):
        next_at = found[url].next_at
        assert next_at is not None
        assert timedelta(hours=hours) <= next_at - NOON <= timedelta(hours=hours * 1.1, minutes=6)
    assert "pause" in found["https://feeds.blog.co.uk/b"].next_reason


def test_sites_of_one_service_share_no_pause(engine: Engine) -> None:
    site = Site({"/a": [item(1)]})
    world = world_with(engine, site)
    added(world, "https://one.github.io/a", "https://two.github.io/a")
    world.clock.forward(days=1)
    with writing(engine) as session:
        hosts.keep_quiet(session, "one.github.io", world.clock.now + timedelta(hours=5))
        session.commit()
    site.requests.clear()
    poll_all(world)
    assert [request.url.host for request in site.requests] == ["two.github.io"]


def test_a_server_in_a_private_network_relays_the_pauses_of_others(engine: Engine) -> None:
    site = Site({"/a": [item(1)], "/b": [item(2)]})
    world = world_with(engine, site)
    added(world, "http://rsshub.lan/a", "http://rsshub.lan/b")
    site.special["/a"] = httpx.Response(429, headers={"Retry-After": "7200"})
    world.clock.forward(days=1)
    site.requests.clear()
    poll_all(world)
    assert sorted(request.url.path for request in site.requests) == ["/a", "/b"]
    assert rows(world)["http://rsshub.lan/b"].failures == 0


def test_an_allowance_that_is_used_up_is_respected_after_a_good_answer_too(engine: Engine) -> None:
    site = Site({"/a": [item(1)], "/b": [item(2)]})
    world = world_with(engine, site)
    added(world, "https://blog.org/a", "https://blog.org/b")
    spent = {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "1200"}
    site.special |= {path: httpx.Response(200, headers=spent, text=rss([item(3)])) for path in ("/a", "/b")}
    world.clock.forward(days=1)
    site.requests.clear()
    poll_all(world)
    assert len(site.requests) == 1


def test_a_feed_that_is_alone_on_its_server_costs_one_statement_for_politeness(engine: Engine) -> None:
    site = Site({"/a": [item(1)]})
    world = world_with(engine, site)
    added(world, "https://blog.org/a")
    world.clock.forward(days=1)
    row = claim(world)
    assert row is not None
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *about: said.append(about[2]))
    poll(world.context, row)
    assert sum("FROM host" in statement or "host SET" in statement for statement in said) == 1
    with reading(engine) as session:
        assert feeds.get(session, world.workspace.id, row.id).host == "blog.org"
