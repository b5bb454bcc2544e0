"""Caps, gaps and order of a route through real polls: what is over waits, and goes out later by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.errors import UsageError
from domain.filters import Effect, parse_group
from domain.post import Fate, PostState
from domain.spread import NEXT_RUN, Pace
from scheduler.feeds import add_feed, poll_now, resume
from scheduler.kinds import KINDS
from scheduler.pacing import DAY_FULL, RUN_FULL
from scheduler.posts import skip
from scheduler.routes import add_route, change_route, pause_route, resume_route
from scheduler.routing import FEED_ASKS
from scheduler.rules import Rules
from store import ledger, routes
from store.due import claim_due
from store.engine import reading, writing
from store.tables import ChannelRow, Feed, Ledger, Post, Route
from tests.publisher_site import PERSON, Site, item, poll_all, world_with
from tests.world import World

URL = "https://blog.test/rss"
AT_ONCE = Rules(timing="at_once", template="{{ title }}")


@pytest.fixture
def site() -> Site:
    return Site({"/rss": [item(3), item(2), item(1)]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


def route_with(world: World, pace: Pace, rules: Rules = AT_ONCE) -> Route:
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    return add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=replace(rules, pace=pace),
        actor=PERSON,
    )


def come(world: World, site: Site, *numbers: int, after: timedelta = timedelta(days=1)) -> None:
    """Publish entries, newest last, and poll a while later; what was due until then has gone out."""
    site.feeds["/rss"] = [item(number) for number in reversed(numbers)] + site.feeds["/rss"]
    world.clock.now += after
    publish(world)
    with reading(world.engine) as session:
        [feed] = session.exec(select(Feed)).all()
    poll_now(world.context, world.workspace.id, feed.id, actor=PERSON)
    poll_all(world)


def publish(world: World) -> None:
    """What is due goes out, each post at its time."""
    with writing(world.engine) as session:
        for post in session.exec(select(Post).where(col(Post.state) == PostState.QUEUED)).all():
            if post.planned_at is not None and post.planned_at <= world.clock.now:
                post.state, post.published_at, post.next_at = PostState.PUBLISHED, post.planned_at, None
                session.add(post)
        session.commit()


def later(world: World, **length: float) -> int:
    """Some time passes; how many routes were looked at."""
    world.clock.forward(**length)
    publish(world)
    return tick(world)


def tick(world: World) -> int:
    """Let the clockwork look at routes that are due; how many there were."""
    [kind] = [kind for kind in KINDS if kind.name == "route"]
    looked = 0
    while True:
        with writing(world.engine) as session:
            rows = claim_due(session, kind.table, now=world.clock.now, lease=kind.lease, limit=1)
        if not rows:
            return looked
        kind.handle(world.context, rows[0])
        looked += 1


def told(world: World) -> list[str]:
    """The texts of all posts, in the order in which they go out."""
    with reading(world.engine) as session:
        found = session.exec(select(Post).order_by(col(Post.planned_at), col(Post.id))).all()
    return [post.content["text"] for post in found]


def times(world: World) -> list[timedelta]:
    """When posts go out, after now."""
    with reading(world.engine) as session:
        found = session.exec(select(Post).order_by(col(Post.planned_at))).all()
    return [post.planned_at - world.clock.now for post in found if post.planned_at]


def held(world: World, route: Route) -> list[str]:
    """Why entries wait; the balance holds whenever this is asked."""
    with reading(world.engine) as session:
        assert ledger.balance(session, world.workspace.id, route.id).holds
        rows = session.exec(select(Ledger).where(col(Ledger.fate) == Fate.HELD)).all()
    return [row.reason for row in rows]


def alarm(world: World, route: Route) -> timedelta | None:
    with reading(world.engine) as session:
        at = routes.get(session, world.workspace.id, route.id).next_at
    return at - world.clock.now if at else None


def test_what_is_over_the_cap_of_a_run_waits_and_goes_out_by_itself(world: World, site: Site) -> None:
    route = route_with(world, Pace(per_run=2))
    come(world, site, 82, 83, 84, 85, 86)
    assert told(world) == ["Entry 82", "Entry 83"]
    assert held(world, route) == [RUN_FULL] * 3
    assert alarm(world, route) == NEXT_RUN

    assert tick(world) == 0
    assert later(world, hours=1) == 1
    assert told(world) == ["Entry 82", "Entry 83", "Entry 84", "Entry 85"]
    later(world, hours=1)
    assert len(told(world)) == 5
    assert (held(world, route), alarm(world, route)) == ([], None)


def test_the_next_poll_that_finds_something_is_a_run_too(world: World, site: Site) -> None:
    route = route_with(world, Pace(per_run=2))
    come(world, site, 82, 83, 84)
    come(world, site, 85, after=timedelta(minutes=20))
    assert told(world) == ["Entry 82", "Entry 83", "Entry 84", "Entry 85"]
    assert held(world, route) == []


def test_newest_first_lets_the_oldest_wait(world: World, site: Site) -> None:
    route_with(world, Pace(per_run=2, newest_first=True))
    come(world, site, 82, 83, 84, 85)
    assert sorted(told(world)) == ["Entry 84", "Entry 85"]
    later(world, hours=1)
    assert len(told(world)) == 4


def test_a_day_takes_so_many_and_the_next_day_the_others(world: World, site: Site) -> None:
    with writing(world.engine) as session:
        session.get_one(ChannelRow, world.channel.id).zone = "Asia/Jakarta"
        session.commit()
    route = route_with(world, Pace(per_day=2))
    come(world, site, 82, 83, 84, 85, 86)  # at 19:00 in Jakarta
    assert told(world) == ["Entry 82", "Entry 83"]
    assert held(world, route) == [DAY_FULL] * 3
    assert alarm(world, route) == timedelta(hours=5)

    later(world, hours=5)
    assert told(world)[2:] == ["Entry 84", "Entry 85"]
    assert held(world, route) == [DAY_FULL]
    later(world, days=1)
    assert len(told(world)) == 5
    assert (held(world, route), alarm(world, route)) == ([], None)


def test_a_post_that_was_skipped_makes_room(world: World, site: Site) -> None:
    route = route_with(world, Pace(per_day=1), replace(AT_ONCE, needs_approval=True))
    come(world, site, 82, 83)
    assert held(world, route) == [DAY_FULL]
    with reading(world.engine) as session:
        [post] = session.exec(select(Post)).all()
    skip(world.context, world.workspace.id, post.id, reason="", actor=PERSON)
    change_route(world.context, world.workspace.id, route.id, name="All", rules=Rules.of(route), actor=PERSON)
    tick(world)
    assert told(world) == ["Entry 82", "Entry 83"]


def test_slots_of_a_day_are_taken_up_to_the_cap(world: World, site: Site) -> None:
    """Four slots a day; the channel's day begins with one."""
    route = route_with(world, Pace(per_day=2), Rules(template="{{ title }}"))
    come(world, site, 82, 83, 84, 85, 86, 87)
    assert times(world) == [timedelta(hours=hours) for hours in (6, 12, 18)]  # 18:00, then 00:00 and 06:00
    assert held(world, route) == [DAY_FULL] * 3
    until = alarm(world, route)
    assert until == timedelta(hours=35, minutes=45)

    later(world, hours=35, minutes=45)
    assert times(world)[3:] == [timedelta(minutes=15), timedelta(hours=6, minutes=15)]


def test_posts_of_one_poll_stand_apart(world: World, site: Site) -> None:
    route_with(world, Pace(gap_minutes=40))
    come(world, site, 82, 83, 84)
    assert times(world) == [timedelta(minutes=minutes) for minutes in (0, 40, 80)]
    come(world, site, 85, after=timedelta(minutes=30))
    assert times(world)[-1] == timedelta(minutes=90)


def test_a_gap_passes_over_slots(world: World, site: Site) -> None:
    route_with(world, Pace(gap_minutes=11 * 60), Rules(template="{{ title }}"))
    come(world, site, 82, 83, 84)
    assert times(world) == [timedelta(hours=hours) for hours in (6, 18, 30)]


def test_a_looser_cap_lets_what_waits_go_out_at_once(world: World, site: Site) -> None:
    route = route_with(world, Pace(per_run=1, per_day=1))
    come(world, site, 82, 83, 84)
    rules = replace(Rules.of(route), pace=Pace())
    change_route(world.context, world.workspace.id, route.id, name="All", rules=rules, actor=PERSON)
    assert tick(world) == 1
    assert told(world) == ["Entry 82", "Entry 83", "Entry 84"]
    assert (held(world, route), alarm(world, route)) == ([], None)


def test_rules_that_changed_hold_for_what_waits(world: World, site: Site) -> None:
    route = route_with(world, Pace(per_run=1))
    come(world, site, 82, 83, 84)
    rules = replace(Rules.of(route), filters=[parse_group(Effect.NEVER, "title has 83")])
    change_route(world.context, world.workspace.id, route.id, name="All", rules=rules, actor=PERSON)
    tick(world)
    assert told(world) == ["Entry 82", "Entry 84"]
    with reading(world.engine) as session:
        [row] = session.exec(select(Ledger).where(col(Ledger.fate) == Fate.FILTERED)).all()
    assert row.reason == "stopped by the rule: never if title has 83"


def test_a_paused_route_lets_nothing_out_until_it_is_resumed(world: World, site: Site) -> None:
    route = route_with(world, Pace(per_run=1))
    come(world, site, 82, 83)
    pause_route(world.context, world.workspace.id, route.id, actor=PERSON)
    world.clock.forward(hours=2)
    assert tick(world) == 0
    assert told(world) == ["Entry 82"]
    assert resume_route(world.context, world.workspace.id, route.id, actor=PERSON) == 1
    assert (told(world), held(world, route)) == (["Entry 82", "Entry 83"], [])


def test_a_late_post_counts_for_the_day_on_which_it_goes_out(world: World, site: Site) -> None:
    route = route_with(world, Pace(per_day=1))
    come(world, site, 82)
    world.clock.forward(days=1)  # nobody sends the first: it is late, and goes out today
    site.feeds["/rss"].insert(0, item(83))
    poll_all(world)
    assert held(world, route) == [DAY_FULL]


def test_what_waits_asks_too_when_its_feed_asks(world: World, site: Site) -> None:
    """As after a restored backup: what waited may have gone out from the lost time."""
    route = route_with(world, Pace(per_run=1))
    come(world, site, 82, 83)
    with writing(world.engine) as session:
        [feed] = session.exec(select(Feed)).all()
        feed.ask = True
        session.add(feed)
        session.commit()
    later(world, hours=1)
    assert (told(world), held(world, route)) == (["Entry 82"], [FEED_ASKS])
    assert resume(world.context, world.workspace.id, feed.id, existing="newest", actor=PERSON) == 1
    assert told(world) == ["Entry 82", "Entry 83"]


@pytest.mark.parametrize(
    ("pace", "says"),
    [
        (Pace(per_run=0), "A cap per run is between 1 and 500 posts; 0 is not."),
        (Pace(per_day=501), "A cap per day is between 1 and 500 posts; 501 is not."),
        (Pace(gap_minutes=-1), "The gap between two posts is between 0 and 10080 minutes; -1 is not."),
    ],
)
def test_a_pace_that_cannot_be_is_a_sentence(world: World, pace: Pace, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        route_with(world, pace)
    assert str(refused.value) == says
