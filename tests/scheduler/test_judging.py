"""Rules at work in real polls: what they let through, and hostile patterns that stall nobody."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.errors import UsageError
from domain.filters import Effect, Field, Group, How, Need, Rule, groups_json, parse_group
from domain.post import Fate
from scheduler.feeds import add_feed, poll_now
from scheduler.judging import BUDGET
from scheduler.releasing import release
from scheduler.routes import add_route, change_route
from scheduler.rules import Rules
from store import ledger
from store.due import claim_due
from store.engine import reading, writing
from store.tables import EntryRow, Feed, Ledger, Post, Route
from tests.publisher_site import LEASE, PERSON, Item, Site, item, poll_all, world_with
from tests.world import NOON, World

AT_ONCE = Rules(timing="at_once", template="{{ title }}")
#: Patterns that the check lets pass or that were stored before it, and what each is slow on.
HOSTILE = [("(a+)+$", "a"), ("(x+x+)+y", "x"), ("(a|aa)+$", "a"), ("(.*)*b", "a"), ("(a?){50}a{50}b", "a")]


@pytest.fixture
def site() -> Site:
    """Long enough that a few new entries are no flood."""
    return Site({"/rss": [item(number) for number in range(30, 0, -1)]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


def route_of(world: World, rules: Rules) -> Route:
    feed = add_feed(world.context, world.workspace.id, "https://blog.test/rss", existing="none", actor=PERSON)
    return add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=rules,
        actor=PERSON,
    )


def come(world: World, site: Site, *entries: Item) -> None:
    site.feeds["/rss"] = [*reversed(entries), *site.feeds["/rss"]]
    world.clock.forward(hours=1)
    with reading(world.engine) as session:
        [feed] = session.exec(select(Feed)).all()
    poll_now(world.context, world.workspace.id, feed.id, actor=PERSON)
    poll_all(world)


def fates(world: World) -> dict[str, tuple[str, str]]:
    """Title → fate and reason."""
    with reading(world.engine) as session:
        query = select(EntryRow, Ledger).join(Ledger, col(Ledger.entry_id) == col(EntryRow.id))
        return {entry.title: (row.fate or "post", row.reason) for entry, row in session.exec(query)}


def test_each_entry_is_told_which_rule_decided(world: World, site: Site) -> None:
    filters = [
        parse_group(Effect.NEVER, "title has ad || category is sponsored"),
        parse_group(Effect.ONLY, "age under 12 h"),
        parse_group(Effect.ONLY, "feed has rss && length over 3"),
        parse_group(Effect.ONLY, "language is en, unknown"),
    ]
    route_of(world, replace(AT_ONCE, filters=filters))
    fresh = NOON + timedelta(minutes=30)
    come(
        world,
        site,
        replace(item(80), title="Good", published=fresh),
        replace(item(81), title="An ad", published=fresh),
        replace(item(82), title="Paid", categories=("Sponsored",), published=fresh),
        replace(item(83), title="Old", published=NOON - timedelta(days=1)),
        replace(item(84), title="Short", text="x", published=fresh),
        replace(item(85), title="Undated", published=None),
    )
    told = fates(world)
    assert told["Good"] == told["Undated"] == ("post", "")
    assert told["An ad"] == (Fate.FILTERED, "stopped by the rule: never if title has ad")
    assert told["Paid"] == (Fate.FILTERED, "stopped by the rule: never if category is sponsored")
    assert told["Old"] == (Fate.FILTERED, "does not meet the rule: only if age under 12 h")
    assert told["Short"] == (Fate.FILTERED, "does not meet the rule: only if length over 3")


def store_unchecked(world: World, route: Route, pattern: str) -> None:
    group = Group(Effect.NEVER, Need.ANY, (Rule(Field.TEXT, How.MATCHES, pattern),))
    with writing(world.engine) as session:
        session.get_one(Route, route.id).filters = groups_json([group])
        session.commit()


@pytest.mark.parametrize(("pattern", "letter"), HOSTILE)
def test_a_hostile_pattern_stalls_no_poll_and_loses_no_entry(
    world: World, site: Site, pattern: str, letter: str
) -> None:
    route = route_of(world, AT_ONCE)
    store_unchecked(world, route, pattern)
    texts = [letter * 100_000 + "!"] * 8
    entries = [replace(item(80 + place), text=text) for place, text in enumerate(texts)]
    before = time.process_time()
    come(world, site, *entries)
    spent = time.process_time() - before
    assert spent < BUDGET.total_seconds() + 4  # of processor time, the rest of the poll included
    with reading(world.engine) as session:
        balance = ledger.balance(session, world.workspace.id, route.id)
        assert balance.holds
        assert session.get_one(Feed, session.exec(select(Feed.id)).one()).last_error is None
    judged = balance.fates[Fate.QUEUED] + balance.fates[Fate.FILTERED]
    assert judged + balance.fates[Fate.HELD] == len(texts)
    for fate, reason in fates(world).values():
        assert fate != Fate.HELD or reason.startswith("cannot be judged yet: The pattern")


def test_what_could_not_be_judged_is_judged_again_when_the_rules_change(world: World, site: Site) -> None:
    route = route_of(world, AT_ONCE)
    store_unchecked(world, route, "(x+x+)+y")
    come(world, site, replace(item(80), text="x" * 50_000), replace(item(81), text="fine"))
    assert fates(world)["Entry 80"][0] == Fate.HELD
    assert fates(world)["Entry 81"][0] == "post"
    mended = replace(AT_ONCE, filters=[parse_group(Effect.NEVER, "text matches xy")])
    change_route(world.context, world.workspace.id, route.id, name="All", rules=mended, actor=PERSON)
    with writing(world.engine) as session:
        [row] = claim_due(session, Route, now=world.clock.now, lease=LEASE, limit=1)
    release(world.context, row)
    assert fates(world)["Entry 80"] == ("post", "")
    with reading(world.engine) as session:
        assert len(session.exec(select(Post)).all()) == 2
        assert session.get_one(Route, route.id).next_at is None


@pytest.mark.parametrize("pattern", ["(a+)+$", "(", "a{999999}", ""])
def test_a_pattern_that_would_run_away_is_refused_when_it_is_saved(world: World, pattern: str) -> None:
    group = Group(Effect.NEVER, Need.ANY, (Rule(Field.TEXT, How.MATCHES, pattern),))
    with pytest.raises(UsageError, match="pattern"):
        route_of(world, replace(AT_ONCE, filters=[group]))
