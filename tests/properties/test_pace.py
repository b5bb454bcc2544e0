"""Random days of a route with caps: none is ever broken, nothing is lost, and a preview says what happens."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.filters import Effect, parse_group
from domain.post import Fate, PostState
from domain.spread import Pace
from scheduler.feeds import add_feed
from scheduler.pacing import PACED
from scheduler.previewing import PreviewLine, preview_rules
from scheduler.releasing import release
from scheduler.routes import add_route
from scheduler.rules import Rules
from store import ledger
from store.due import claim_due
from store.engine import reading, writing
from store.tables import ChannelRow, EntryRow, Feed, Ledger, Post, Route
from tests.publisher_site import LEASE, PERSON, Item, Site, item, poll_all, world_with
from tests.world import World, emptied

#: Clocks change on one of these nights.
STARTS = st.sampled_from(
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 18, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 24, 18, tzinfo=UTC)),
        ("Africa/Cairo", datetime(2026, 4, 23, 18, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 6, tzinfo=UTC)),
        ("Asia/Jakarta", datetime(2026, 5, 1, 12, tzinfo=UTC)),
    ]
)
RULES = st.builds(
    lambda run, day, gap, newest, timing, picky: Rules(
        template="{{ title }}",
        timing=timing,
        pace=Pace(run, day, gap, newest),
        filters=[parse_group(Effect.NEVER, "title matches [05]$")] if picky else [],
    ),
    st.none() | st.integers(1, 3),
    st.none() | st.integers(1, 3),
    st.sampled_from([0, 20, 400]),
    st.booleans(),
    st.sampled_from(["at_once", "next_slot"]),
    st.booleans(),
)
#: How many entries come, and so many minutes later.
ARRIVALS = st.lists(st.tuples(st.integers(0, 4), st.integers(30, 900)), min_size=1, max_size=6)
SLOWLY = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def fresh(engine: Engine, zone: str, start: datetime) -> tuple[World, Site, Feed]:
    """An empty database, a channel in this zone, and a feed that shows three entries."""
    emptied(engine)
    site = Site({"/rss": [dated(number, start) for number in range(30, 0, -1)]})
    world = world_with(engine, site)
    world.clock.now = start
    with writing(engine) as session:
        session.get_one(ChannelRow, world.channel.id).zone = zone
        session.commit()
    feed = add_feed(world.context, world.workspace.id, "https://blog.test/rss", existing="none", actor=PERSON)
    return world, site, feed


def dated(number: int, at: datetime) -> Item:
    return replace(item(number), published=at - timedelta(seconds=1000 - number))


def add(world: World, feed: Feed, rules: Rules, *, existing: str) -> Route:
    return add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=rules,
        existing=existing,
        actor=PERSON,
    )


def pass_time(world: World, minutes: int) -> None:
    """Time passes in steps of ten minutes; what is due goes out, and routes that are due are looked at."""
    until = world.clock.now + timedelta(minutes=minutes)
    while world.clock.now < until:
        world.clock.now = min(world.clock.now + timedelta(minutes=10), until)
        with writing(world.engine) as session:
            for post in session.exec(select(Post).where(col(Post.state) == PostState.QUEUED)).all():
                if post.planned_at is not None and post.planned_at <= world.clock.now:
                    post.state, post.published_at, post.next_at = (
                        PostState.PUBLISHED, post.planned_at, None,
                    )  # fmt: skip
                    session.add(post)
            session.commit()
        with writing(world.engine) as session:
            rows = claim_due(session, Route, now=world.clock.now, lease=LEASE, limit=1)
        for row in rows:
            release(world.context, row)


def check(world: World, route: Route) -> Counter[str]:
    """What holds at any moment: each entry has one fate, and no cap is broken; how many have which."""
    pace, where = Rules.of(route).pace, ZoneInfo(route_zone(world))
    with reading(world.engine) as session:
        balance = ledger.balance(session, world.workspace.id, route.id)
        entries = session.exec(select(EntryRow)).all()
        rows = session.exec(select(Ledger)).all()
        posts = session.exec(select(Post)).all()
        stored = session.get_one(Route, route.id)
    assert balance.holds
    assert sorted(row.entry_id for row in rows) == sorted(entry.id for entry in entries)
    times = sorted(post.planned_at for post in posts if post.planned_at is not None)
    assert len(times) == len(posts)
    if pace.per_day:
        assert max(Counter(at.astimezone(where).date() for at in times).values(), default=0) <= pace.per_day
    assert all(later - earlier >= timedelta(minutes=pace.gap_minutes) for earlier, later in pairwise(times))
    if pace.per_run:
        made = Counter(post.created_at for post in posts)  # one run at a time
        assert max(made.values(), default=0) <= pace.per_run
    waits = sum(row.reason in PACED for row in rows)
    assert (stored.next_at is not None) == bool(waits), "what waits is looked at again by itself"
    return Counter(row.fate or "post" for row in rows)


def route_zone(world: World) -> str:
    with reading(world.engine) as session:
        return session.get_one(ChannelRow, world.channel.id).zone


@given(STARTS, RULES, ARRIVALS)
@SLOWLY
@pytest.mark.timeout(300)
def test_caps_hold_over_random_days_and_all_that_waits_goes_out_in_the_end(
    engine: Engine, begin: tuple[str, datetime], rules: Rules, arrivals: list[tuple[int, int]]
) -> None:
    world, site, feed = fresh(engine, *begin)
    route = add(world, feed, rules, existing="none")
    number, wanted = 100, 0
    for come, minutes in arrivals:
        pass_time(world, minutes)
        for _ in range(come):
            number += 1
            site.feeds["/rss"].insert(0, dated(number, world.clock.now))
            wanted += not (rules.filters and number % 5 == 0)
        site.feeds["/rss"] = site.feeds["/rss"][:40]
        with writing(engine) as session:
            session.get_one(Feed, feed.id).next_at = world.clock.now
            session.commit()
        poll_all(world)
        check(world, route)
    for _ in range(120):
        if check(world, route)["held"] == 0:
            break
        pass_time(world, 720)
    assert check(world, route)["post"] == wanted


def outcome(line: PreviewLine) -> tuple[str, Fate, str, datetime | None, str | None]:
    text = line.content.text if line.content and line.fate is Fate.QUEUED else None
    return line.entry.title, line.fate, line.reason, line.at, text


@given(STARTS, RULES, st.integers(1, 12))
@SLOWLY
@pytest.mark.timeout(300)
def test_a_preview_is_what_then_happens(
    engine: Engine, begin: tuple[str, datetime], rules: Rules, entries: int
) -> None:
    world, site, _ = fresh(engine, *begin)
    site.feeds["/more"] = [dated(number, begin[1]) for number in range(entries, 0, -1)]
    feed = add_feed(
        world.context, world.workspace.id, "https://blog.test/more", existing="none", actor=PERSON
    )
    lines = preview_rules(
        world.context,
        world.workspace.id,
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=rules,
        limit=50,
    )
    add(world, feed, rules, existing="last:50")
    assert [outcome(line) for line in lines] == happened(world)


def happened(world: World) -> list[tuple[str, Fate, str, datetime | None, str | None]]:
    """What became of the entries that have a row, newest first."""
    with reading(world.engine) as session:
        query = (
            select(EntryRow, Ledger, Post)
            .join(Ledger, col(Ledger.entry_id) == col(EntryRow.id))
            .outerjoin(Post, col(Post.id) == col(Ledger.post_id))
            .order_by(col(EntryRow.position).desc())
        )
        found = session.exec(query).all()
    return [
        (entry.title, Fate.QUEUED, "", post.planned_at, post.content["text"])
        if post is not None
        else (entry.title, Fate(row.fate), row.reason, None, None)
        for entry, row, post in found
    ]
