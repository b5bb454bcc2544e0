"""Replays: what a route would have posted, what its caps would have held, and that nothing is written."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine, func
from sqlmodel import select

from domain.errors import UsageError
from domain.filters import Effect, parse_group
from domain.post import Fate
from domain.spread import Pace
from scheduler.feeds import add_feed
from scheduler.pacing import DAY_FULL
from scheduler.previewing import preview_route, preview_rules
from scheduler.replaying import replay_route, replay_rules
from scheduler.routes import add_route
from scheduler.rules import Rules
from store.engine import reading, sqlite_file
from store.tables import METADATA, Feed, Route
from tests.publisher_site import PERSON, Site, item, world_with
from tests.world import NOON, World

AT_ONCE = Rules(timing="at_once", template="{{ title }}")


def days_ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


@pytest.fixture
def site() -> Site:
    """Three entries a day at 09:00, 10:00 and 11:00 for ten days, and one of long ago."""
    entries = [
        replace(item(day * 3 + hour), published=days_ago(10 - day) - timedelta(hours=3 - hour))
        for day in range(1, 11)
        for hour in range(3)
    ]
    return Site({"/rss": [*reversed(entries), replace(item(999), published=days_ago(90))]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


@pytest.fixture
def feed(world: World) -> Feed:
    return add_feed(world.context, world.workspace.id, "https://blog.test/rss", existing="none", actor=PERSON)


def route_of(world: World, feed: Feed, rules: Rules = AT_ONCE) -> Route:
    return add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=rules,
        actor=PERSON,
    )


def test_without_caps_each_entry_goes_out_when_it_came(world: World, feed: Feed) -> None:
    past = replay_route(world.context, world.workspace.id, route_of(world, feed).id, days=30)
    assert len(past.lines) == 30
    assert past.fates[Fate.POSTED] == 30
    assert all(line.at == line.came_at for line in past.lines)
    assert (past.held_back, past.longest_wait, past.cut) == (0, None, False)
    assert set(past.days.values()) == {3}


def test_the_days_are_those_asked_for(world: World, feed: Feed) -> None:
    route = route_of(world, feed)
    assert len(replay_route(world.context, world.workspace.id, route.id, days=2).lines) == 6
    assert len(replay_route(world.context, world.workspace.id, route.id, days=100).lines) == 31
    for days in (0, 367):
        with pytest.raises(UsageError, match="between 1 and 366 days"):
            replay_route(world.context, world.workspace.id, route.id, days=days)


def test_caps_hold_entries_back_and_let_them_out_in_order(world: World, feed: Feed) -> None:
    rules = replace(AT_ONCE, pace=Pace(per_day=2))
    past = replay_route(world.context, world.workspace.id, route_of(world, feed, rules).id, days=30)
    assert max(past.days.values()) == 2
    assert past.fates[Fate.POSTED] + past.fates[Fate.HELD] == 30
    assert past.fates[Fate.HELD] == 30 - sum(past.days.values())
    assert {line.reason for line in past.lines if line.fate is Fate.HELD} == {DAY_FULL}
    out = [line.at for line in past.lines if line.at is not None]
    assert out == sorted(out)  # oldest first
    assert past.held_back > past.fates[Fate.HELD]
    assert past.longest_wait is not None
    assert past.longest_wait > timedelta(days=1)


def test_rules_name_what_they_stop_and_the_fates_add_up(world: World, feed: Feed) -> None:
    rules = replace(AT_ONCE, filters=[parse_group(Effect.ONLY, "title matches [02468]$")])
    past = replay_route(world.context, world.workspace.id, route_of(world, feed).id, days=30, rules=rules)
    assert past.fates[Fate.FILTERED] == past.fates[Fate.POSTED] == 15
    assert sum(past.fates.values()) == len(past.lines)
    stopped = next(line for line in past.lines if line.fate is Fate.FILTERED)
    assert stopped.reason == "does not meet the rule: only if title matches [02468]$"


def test_slots_of_others_are_not_free_and_what_finds_none_by_now_is_still_queued(
    world: World, feed: Feed
) -> None:
    world.queue("by hand", slot_at=days_ago(1) + timedelta(hours=6), at=days_ago(1) + timedelta(hours=6))
    past = replay_route(world.context, world.workspace.id, route_of(world, feed, Rules()).id, days=30)
    taken = [line.at for line in past.lines if line.at is not None]
    assert days_ago(1) + timedelta(hours=6) not in taken
    assert len(taken) == len(set(taken)) == 30
    assert past.fates[Fate.QUEUED] > 0
    assert all((line.at or NOON) > NOON for line in past.lines if line.fate is Fate.QUEUED)


def test_a_route_that_is_not_saved_is_replayed_alike(world: World, feed: Feed) -> None:
    rules = replace(AT_ONCE, pace=Pace(per_run=1, gap_minutes=90))
    imagined = replay_rules(
        world.context,
        world.workspace.id,
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=rules,
        days=30,
    )
    saved = replay_route(world.context, world.workspace.id, route_of(world, feed, rules).id, days=30)
    assert imagined.lines == saved.lines


def test_patterns_of_a_replay_have_one_limit_together(world: World, site: Site) -> None:
    site.feeds["/rss"] = [replace(one, text="x" * 20_000) for one in site.feeds["/rss"]]
    feed = add_feed(world.context, world.workspace.id, "https://blog.test/rss", existing="none", actor=PERSON)
    slow = replace(AT_ONCE, filters=[parse_group(Effect.NEVER, "text matches (x+x+)+y")])
    past = replay_route(world.context, world.workspace.id, route_of(world, feed).id, days=30, rules=slow)
    assert past.fates[Fate.HELD] == 30
    assert all(line.reason.startswith("cannot be judged yet: ") for line in past.lines)


def contents(engine: Engine) -> tuple[dict[str, int], dict[str, str]]:
    """Rows of every table, and on SQLite the bytes of the database's files."""
    with reading(engine) as session:
        counts = {
            table.name: session.connection().execute(select(func.count()).select_from(table)).scalar_one()
            for table in METADATA.sorted_tables
        }
    file = sqlite_file(engine)
    files = [file, Path(f"{file}-wal")] if file is not None else []
    return counts, {one.name: sha256(one.read_bytes()).hexdigest() for one in files if one.exists()}


def test_a_dry_run_writes_nothing(world: World, feed: Feed) -> None:
    route = route_of(world, feed, replace(AT_ONCE, pace=Pace(per_day=1)))
    other = replace(AT_ONCE, template="{{ title }}!", pace=Pace(per_run=2), utm={"source": "x"})
    ids = {"feed_ids": [feed.id], "channel_id": world.channel.id}
    before = contents(world.engine)
    replay_route(world.context, world.workspace.id, route.id, days=30)
    replay_route(world.context, world.workspace.id, route.id, days=30, rules=other)
    replay_rules(world.context, world.workspace.id, rules=other, **ids)  # type: ignore[arg-type]
    preview_route(world.context, world.workspace.id, route.id)
    preview_route(world.context, world.workspace.id, route.id, rules=other)
    preview_rules(world.context, world.workspace.id, rules=other, **ids)  # type: ignore[arg-type]
    assert contents(world.engine) == before
