"""Entries that stand as they stood are not read again, and what is remembered never costs one."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import feedparser
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from feeds.fetch import Fetched, fetch
from scheduler.documents import read
from scheduler.feeds import add_feed
from scheduler.polling import poll
from scheduler.routes import add_route
from scheduler.rules import Rules
from store import memories
from store.engine import reading, writing
from store.tables import EntryRow, Feed, FeedMemory, Post
from tests.fakes import Crash
from tests.publisher_site import PERSON, Item, Site, claim, crashing, item, poll_all, world_with
from tests.world import NOON, World, emptied

URL = "https://blog.test/rss"


class Watched:
    """How many entries feedparser was given, document by document."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counts: list[int] = []
        real: Callable[..., Any] = feedparser.parse

        def parse(document: io.BytesIO, *rest: Any, **named: Any) -> Any:
            self.counts.append(document.getvalue().count(b"<item"))
            return real(document, *rest, **named)

        monkeypatch.setattr(feedparser, "parse", parse)


def begin(engine: Engine, site: Site) -> tuple[World, Feed]:
    world = world_with(engine, site)
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=Rules(template="{{ title }}", timing="at_once"),
        actor=PERSON,
    )
    return world, feed


def look(world: World, **later: float) -> None:
    world.clock.forward(**(later or {"hours": 26}))
    poll_all(world)


def posts(world: World) -> list[str]:
    with reading(world.engine) as session:
        return sorted(str(post.content["text"]) for post in session.exec(select(Post)))


def titles(world: World) -> list[str]:
    with reading(world.engine) as session:
        return sorted(row.title for row in session.exec(select(EntryRow)))


def test_a_poll_reads_only_what_it_has_not_read(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site({"/rss": [item(number) for number in range(20, 0, -1)]})
    world, _ = begin(engine, site)
    watched = Watched(monkeypatch)

    site.feeds["/rss"].insert(0, replace(item(21), published=world.clock.now))
    look(world)
    site.feeds["/rss"][3] = replace(site.feeds["/rss"][3], title="Edited")
    look(world)
    site.feeds["/rss"].reverse()
    look(world)

    # feedparser always gets one entry, so that it sees a whole feed.
    assert watched.counts[:2] == [1, 1]
    assert all(count <= 1 for count in watched.counts)
    assert posts(world) == ["Entry 21"]
    assert "Edited" in titles(world)


def test_a_poll_that_dies_reads_the_same_entries_again(engine: Engine) -> None:
    site = Site({"/rss": [item(2), item(1)]})
    world, _ = begin(engine, site)
    new = replace(item(3), published=world.clock.now)
    for after in range(3, 40):
        site.feeds["/rss"].insert(0, replace(new, guid=f"g{after}", link=None, title=f"New {after}"))
        world.clock.forward(days=1)
        row = claim(world)
        assert row is not None
        try:
            with crashing(engine, after=after):
                poll(world.context, row)
        except Crash:
            world.clock.forward(minutes=6)
            poll_all(world)
    assert posts(world) == sorted(f"New {after}" for after in range(3, 40))


@pytest.mark.parametrize("lost", ["gone", "torn", "of another feed"])
def test_a_memory_that_is_wrong_costs_no_entry(engine: Engine, lost: str) -> None:
    site = Site({"/rss": [item(2), item(1)], "/other": [item(12), item(11)]})
    world, feed = begin(engine, site)
    other = add_feed(
        world.context, world.workspace.id, "https://blog.test/other", existing="none", actor=PERSON
    )
    with writing(engine) as session:
        match lost:
            case "gone":
                memories.forget(session, feed.id)
            case "torn":
                memories.keep(session, feed.id, (memories.memory_of(session, feed.id) or b"")[:-7])
            case _:
                memories.keep(session, feed.id, memories.memory_of(session, other.id) or b"")
        session.commit()
    site.feeds["/rss"].insert(0, replace(item(3), published=world.clock.now))
    look(world)
    assert posts(world) == ["Entry 3"]


ITEMS = [replace(item(number), published=None) for number in range(1, 9)]
SHOWN = st.lists(st.sampled_from(ITEMS), max_size=6, unique=True)
SWAPS = st.sampled_from(["keep", "lose", "first", "before", "other"])


@given(st.lists(st.tuples(SHOWN, SWAPS), min_size=1, max_size=6))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.timeout(300)
def test_whatever_is_remembered_every_entry_is_stored_once(
    engine: Engine, looks: list[tuple[list[Item], str]]
) -> None:
    """The memory may be lost, of an earlier document, or of one that was never stored here."""
    emptied(engine)
    site = Site({"/rss": [ITEMS[0]], "/twin": ITEMS})
    world, feed = begin(engine, site)
    site.feeds["/rss"] = ITEMS  # so that a memory of all entries exists that this feed never stored
    stranger = remembered_of_all(engine, site)
    site.feeds["/rss"] = [ITEMS[0]]
    history = [memory(world, feed)]
    shown = {ITEMS[0].title}
    for items, swap in looks:
        site.feeds["/rss"] = items
        shown |= {one.title for one in items}
        kept = {"first": history[0], "before": history[max(0, len(history) - 2)], "other": stranger}
        with writing(engine) as session:
            if swap == "lose":
                memories.forget(session, feed.id)
            elif swap in kept:
                memories.keep(session, feed.id, kept[swap])
            session.commit()
        look(world)
        assert titles(world) == sorted(shown)
        history.append(memory(world, feed))


def memory(world: World, feed: Feed) -> bytes:
    with reading(world.engine) as session:
        return memories.memory_of(session, feed.id) or b""


def remembered_of_all(engine: Engine, site: Site) -> bytes:
    """What a reading of everything at the same address leaves behind."""
    client = httpx.Client(transport=httpx.MockTransport(site.answer))
    answer = fetch(client, URL, now=NOON)
    assert isinstance(answer, Fetched)
    return read(answer, now=NOON).memory


def test_news_alone_is_asked_for_and_taken(engine: Engine) -> None:
    """RFC 3229: the server sends what came since the last look, and the rest counts as still there."""
    site = Site({"/rss": [item(2), item(1)]})
    world, feed = begin(engine, site)
    delta = Site({"/rss": [replace(item(3), published=world.clock.now)]}, validators=False)

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["A-IM"] == "feed"
        whole = delta.answer(request)
        return httpx.Response(
            226, headers={**whole.headers, "IM": "feed", "ETag": '"2"'}, content=iter([whole.read()])
        )

    world.context = replace(world.context, http=httpx.Client(transport=httpx.MockTransport(answer)))
    look(world)
    assert posts(world) == ["Entry 3"]

    with writing(engine) as session:
        memories.forget(session, feed.id)
        session.commit()
    delta.feeds["/rss"] = [replace(item(4), published=world.clock.now)]
    look(world)
    with reading(engine) as session:
        row = session.get_one(Feed, feed.id)
    assert (row.etag, row.takes_deltas, row.next_reason) == (None, False, "once more, for the whole feed")

    site.feeds["/rss"] = [delta.feeds["/rss"][0], item(3), item(2), item(1)]
    world.context = replace(world.context, http=httpx.Client(transport=httpx.MockTransport(site.answer)))
    look(world)
    assert posts(world) == ["Entry 3", "Entry 4"]


def test_the_memory_is_small(engine: Engine) -> None:
    site = Site({"/rss": [item(number) for number in range(300, 0, -1)]})
    _, feed = begin(engine, site)
    with reading(engine) as session:
        [kept] = session.exec(select(FeedMemory).where(col(FeedMemory.feed_id) == feed.id))
    assert 300 * 50 < len(kept.memory) < 300 * 130
