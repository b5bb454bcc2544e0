"""Too much at once, or in a day, is held, shown and decided by a person in one step; nothing is lost."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.errors import UsageError
from domain.post import Fate
from scheduler import feeds as commands
from scheduler.feeds import add_feed
from scheduler.flooding import too_much_at_once, too_much_in_a_day
from scheduler.routes import add_route
from scheduler.rules import Rules
from store import feeds, ledger
from store.changes import changes_of
from store.engine import reading
from store.tables import Feed, Post
from tests.publisher_site import PERSON, Item, Site, item, poll_all, world_with
from tests.world import World


@pytest.mark.parametrize(
    ("news", "shown", "usual", "held"),
    [
        (10, 100, 0, False),
        (11, 100, 0, True),
        (11, 100, 2.1, True),
        (11, 100, 2.3, False),  # five times what is usual
        (40, 100, 8, False),
        (41, 100, 8, True),
        (6, 10, 0, False),
        (7, 10, 0, True),  # more than 60 % of what it shows
        (3, 3, 0, False),  # so few flood nobody
        (7, 10, 3.5, False),  # as many as its rhythm says
        (7, 10, 3.4, True),
    ],
)
def test_what_is_too_much_at_once(news: int, shown: int, usual: float, held: bool) -> None:
    assert bool(too_much_at_once(news, shown=shown, is_known=True, usual=usual)) is held


def test_a_feed_that_was_empty_may_fill_itself() -> None:
    assert not too_much_at_once(7, shown=7, is_known=False, usual=0)
    assert too_much_at_once(11, shown=11, is_known=False, usual=0)


@given(st.integers(0, 10_000), st.floats(0, 1_000))
def test_a_day_has_room_for_what_is_usual(today: int, usual: float) -> None:
    held = bool(too_much_in_a_day(today, usual=usual))
    assert held is (today > 30 and today > 5 * usual)


def begin(engine: Engine, *, hours: float = 12) -> tuple[World, Site, Feed]:
    """A feed with an entry each so many hours, and a route that posts at once what came since."""
    shown = [item(number, hours=number * hours - 300) for number in range(25, 0, -1)]
    site = Site({"/rss": shown})
    world = world_with(engine, site)
    feed = add_feed(
        world.context,
        world.workspace.id,
        "https://blog.test/rss",
        existing="none",
        actor=PERSON,
        interval=timedelta(minutes=60),
    )
    add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=Rules(template="{{ title }}", timing="at_once"),
        actor=PERSON,
    )
    return world, site, feed


def publish(world: World, site: Site, *numbers: int, **changes: Any) -> None:
    """These are new within the next two hours, and polled then."""
    at = world.clock.now
    for place, number in enumerate(numbers):
        one = replace(item(number), published=at + timedelta(minutes=place))
        site.feeds["/rss"].insert(0, replace(one, **changes))
    world.clock.forward(hours=2)
    poll_all(world)


def posts(world: World) -> list[str]:
    with reading(world.engine) as session:
        found = session.exec(select(Post).order_by(col(Post.planned_at), col(Post.id)))
        return [str(post.content["text"]) for post in found]


def reread(world: World, feed: Feed) -> feeds.FeedLine:
    with reading(world.engine) as session:
        return feeds.line(session, world.workspace.id, feed.id)


def titles(*numbers: int) -> list[str]:
    return [f"Entry {number}" for number in numbers]


def test_a_burst_is_held_shown_and_released_in_one_step(engine: Engine) -> None:
    world, site, feed = begin(engine)
    numbers = list(range(100, 111))

    publish(world, site, *numbers)

    line = reread(world, feed)
    assert (line.health, line.held, posts(world)) == (feeds.Health.ASKS, 11, [])
    assert line.feed.asks_because == "11 entries came at once, where hardly any is usual"
    with reading(engine) as session:
        held = feeds.entry_lines(session, world.workspace.id, feed.id, held_only=True)
    assert [one.entry.title for one in held] == titles(*reversed(numbers))
    assert {one.fates[0].fate for one in held} == {Fate.HELD}

    made = commands.release(world.context, world.workspace.id, feed.id, existing="all", actor=PERSON)

    assert made == 11
    assert posts(world) == titles(*numbers)
    line = reread(world, feed)
    assert (line.health, line.held, line.feed.asks_because) == (feeds.Health.HEALTHY, 0, None)
    with reading(engine) as session:
        assert changes_of(session, "feed", feed.id)[-1].what == "released"


def test_what_comes_while_a_feed_asks_waits_too(engine: Engine) -> None:
    world, site, feed = begin(engine)
    publish(world, site, *range(100, 111))
    publish(world, site, 200)
    assert (reread(world, feed).held, posts(world)) == (12, [])

    commands.release(world.context, world.workspace.id, feed.id, existing="newest", actor=PERSON)
    publish(world, site, 201)

    assert posts(world) == titles(200, 201)
    with reading(engine) as session:
        [balance] = ledger.balances(session, world.workspace.id).values()
    assert balance.holds
    assert (balance.fates[Fate.QUEUED], balance.fates[Fate.SKIPPED]) == (2, 25 + 11)


def test_dismissing_posts_nothing_of_it(engine: Engine) -> None:
    world, site, feed = begin(engine)
    publish(world, site, *range(100, 111))
    assert commands.release(world.context, world.workspace.id, feed.id, existing="none", actor=PERSON) == 0
    assert (reread(world, feed).held, posts(world)) == (0, [])
    with pytest.raises(UsageError, match="holds nothing"):
        commands.release(world.context, world.workspace.id, feed.id, existing="none", actor=PERSON)


def test_a_paused_feed_stays_paused_when_it_is_released(engine: Engine) -> None:
    world, site, feed = begin(engine)
    publish(world, site, *range(100, 111))
    commands.pause(world.context, world.workspace.id, feed.id, actor=PERSON)
    commands.release(world.context, world.workspace.id, feed.id, existing="last:2", actor=PERSON)
    assert posts(world) == titles(109, 110)
    assert reread(world, feed).health == feeds.Health.PAUSED


def test_a_feed_that_was_away_may_bring_what_it_usually_brings(engine: Engine) -> None:
    """Two entries a day, and the server was down for ten days."""
    world, site, feed = begin(engine)
    world.clock.forward(days=10)
    publish(world, site, *range(100, 120))
    assert reread(world, feed).health == feeds.Health.HEALTHY
    assert posts(world) == titles(*range(100, 120))


def test_old_entries_that_come_into_sight_are_no_burst(engine: Engine) -> None:
    world, site, feed = begin(engine)
    archive = [item(-number, hours=-900 - number) for number in range(40)]
    site.feeds["/rss"] += archive
    world.clock.forward(hours=2)
    poll_all(world)
    assert (reread(world, feed).health, posts(world)) == (feeds.Health.HEALTHY, [])


def test_the_brake_holds_a_feed_that_posts_all_day(engine: Engine) -> None:
    world, site, feed = begin(engine)
    for first in range(100, 150, 5):
        publish(world, site, *range(first, first + 5))
    line = reread(world, feed)
    assert len(posts(world)) == 30
    assert (line.health, line.held) == (feeds.Health.ASKS, 20)
    assert line.feed.asks_because == "35 entries came within a day, where about 2 are usual"

    commands.release(world.context, world.workspace.id, feed.id, existing="all", actor=PERSON)
    publish(world, site, 150)

    assert posts(world) == titles(*range(100, 151))
    assert reread(world, feed).health == feeds.Health.HEALTHY  # a person has said that it is fine


def test_a_flood_does_not_make_itself_usual(engine: Engine) -> None:
    """Entries a minute apart look like a busy feed; its rhythm is that of the days before."""
    world, site, feed = begin(engine)
    for first in range(100, 220, 10):
        publish(world, site, *range(first, first + 10))
    assert reread(world, feed).health == feeds.Health.ASKS
    assert len(posts(world)) == 30


def test_a_busy_feed_is_not_braked(engine: Engine) -> None:
    world, site, feed = begin(engine, hours=0.5)
    for first in range(100, 140, 4):
        publish(world, site, *range(first, first + 4))
    assert (reread(world, feed).health, len(posts(world))) == (feeds.Health.HEALTHY, 40)


def test_entries_dated_ahead_wait_until_then_in_order(engine: Engine) -> None:
    world, site, feed = begin(engine)
    now = world.clock.now
    for number, hours in ((100, 40), (101, 20), (102, -1)):
        one: Item = replace(item(number), published=now + timedelta(hours=hours))
        site.feeds["/rss"].insert(0, one)
    world.clock.forward(hours=2)
    poll_all(world)
    with reading(engine) as session:
        found = session.exec(select(Post).order_by(col(Post.planned_at))).all()
        newest = feeds.entry_lines(session, world.workspace.id, feed.id, limit=4)
    planned = [(post.content["text"], post.planned_at) for post in found]
    assert planned == [
        ("Entry 102", now + timedelta(hours=2)),
        ("Entry 101", now + timedelta(hours=20)),
        ("Entry 100", now + timedelta(hours=40)),
    ]
    # None of them is pinned to the top: each is as old as our first look at most.
    assert [one.entry.title for one in newest[:3]] == titles(100, 101, 102)


@pytest.mark.parametrize("year", [1, 1970, 2041])
def test_dates_that_are_no_dates_do_not_count(engine: Engine, year: int) -> None:
    world, site, _ = begin(engine)
    site.validators = False
    wrong = f"<pubDate>Thu, 01 Jan {year:04} 00:00:00 GMT</pubDate>"
    site.feeds["/rss"].insert(0, replace(item(100), published=None, text="No date.</description>" + wrong))
    world.clock.forward(hours=2)
    poll_all(world)
    assert posts(world) == titles(100)
