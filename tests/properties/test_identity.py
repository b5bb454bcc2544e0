"""Random histories of one feed, polled for real: whatever its publisher does, and whenever we die, each
article is posted once and every entry is accounted for.

Beside what identifies entries, the feed itself moves, empties itself, floods, is purged and forgotten. What
is held is released by a person in the end.
"""

import shutil
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from scheduler import feeds as commands
from scheduler.feeds import add_feed
from scheduler.polling import poll
from scheduler.purging import purge
from scheduler.routes import add_route
from scheduler.rules import Rules
from store import ledger, memories
from store.engine import open_engine, reading, writing
from store.tables import EntryRow, Feed, Post, Route
from tests.fakes import Crash
from tests.properties.test_ledger import other_scheme
from tests.publisher_site import PERSON, Item, Site, claim, crashing, item, world_with
from tests.world import World, emptied

#: Entries that the feed shows at a time.
WINDOW = 8
#: Addresses that the feed may move to, one after the other.
MOVES = 3
BURST = 14
#: Titles are corrected within this time, and texts are kept for longer.
SOON = timedelta(days=4)


class Act(Enum):
    """What happens before a poll."""

    PUBLISH = auto()
    PUBLISH_AHEAD = auto()
    PUBLISH_UNDATED = auto()
    PUBLISH_BURST = auto()
    RELEASE = auto()
    MOVE_FEED = auto()
    HTTPS = auto()
    GUID_HOST = auto()
    LINK_HOST = auto()
    NEW_GUIDS = auto()
    ONE_GUID = auto()
    NO_GUIDS = auto()
    UTM_NOISE = auto()
    REORDER = auto()
    DATE_AGAIN = auto()
    EDIT = auto()
    RENAME = auto()
    DELETE_HEAD = auto()
    SHOW_NOTHING = auto()
    SHOW_EVERYTHING = auto()
    PURGE = auto()
    FORGET = auto()


STEPS = st.lists(
    st.tuples(
        st.sampled_from([*Act, *[Act.PUBLISH] * 6]), st.one_of(st.none(), st.none(), st.integers(3, 60))
    ),
    min_size=3,
    max_size=18,
)


def after_publishing(*acts: Act) -> list[tuple[Act, int | None]]:
    """All these, one after the other, once there are articles."""
    return [(act, None) for act in (Act.PUBLISH, Act.PUBLISH, *acts)]


def article(number: int) -> Item:
    """One whose text is its own, and long enough to be known by it."""
    text = " ".join(
        f"Article {number} says in sentence {n} that {number * n} drums sound." for n in range(12)
    )
    return replace(item(number), text=f"<{number}> {text}")


@dataclass
class History:
    """A feed, its publisher, and the route that posts it."""

    world: World
    site: Site
    feed: Feed
    route: Route
    items: list[Item]
    #: Marks of the articles written since the feed was added.
    written: list[str] = field(default_factory=list)
    path: str = "/rss"
    moves: int = 0
    version: int = 0

    def happen(self, act: Act, dies_after: int | None) -> None:
        """One act, and a day later a poll, which may die once on the way."""
        self.version += 1
        shown = {Act.SHOW_NOTHING: 0, Act.SHOW_EVERYTHING: 10_000, Act.PUBLISH_BURST: BURST}.get(act, WINDOW)
        self.do(act)
        self.poll(shown, dies_after=dies_after)

    def do(self, act: Act) -> None:  # noqa: PLR0912 - a list of what publishers and people do
        """One act, seen by nobody yet."""
        match act:
            case Act.PUBLISH | Act.PUBLISH_AHEAD | Act.PUBLISH_UNDATED:
                self.write(act)
            case Act.PUBLISH_BURST:
                for _ in range(BURST):
                    self.write(act)
            case Act.RELEASE:
                self.release()
            case Act.MOVE_FEED:
                self.move()
            case Act.SHOW_NOTHING | Act.SHOW_EVERYTHING:
                pass
            case Act.PURGE:
                purge(self.world.context, older_than=SOON)
            case Act.FORGET:
                with writing(self.world.engine) as session:
                    memories.forget(session, self.feed.id)
                    session.commit()
            case Act.REORDER:
                self.items[:WINDOW] = self.items[1:WINDOW] + self.items[:1]
            case Act.DELETE_HEAD:
                self.items = self.items[2:] if len(self.items) > 4 else self.items
            case Act.EDIT:
                self.items[0] = replace(self.items[0], title=f"Edited {self.version}")
            case Act.RENAME:
                self.items[0] = self.renamed(self.items[0])
            case act:
                self.items = [replace(one, **self.changes(one, act)) for one in self.items]

    def write(self, act: Act) -> None:
        number = 1000 + len(self.written)
        published = self.world.clock.now + timedelta(seconds=number)
        if act is Act.PUBLISH_AHEAD:
            published += timedelta(hours=40)
        new = replace(article(number), published=None if act is Act.PUBLISH_UNDATED else published)
        self.written.append(f"<{number}>")
        self.items.insert(0, new)

    def changes(self, one: Item, act: Act) -> dict[str, Any]:
        """What is done to every entry at once."""
        guid, link, version = one.guid, str(one.link), self.version
        later = one.published and one.published + timedelta(minutes=version)
        done: dict[Act, dict[str, Any]] = {
            Act.HTTPS: {"guid": guid and other_scheme(guid), "link": other_scheme(link)},
            Act.GUID_HOST: {"guid": guid and guid.replace("://", f"://v{version}.", 1)},
            Act.LINK_HOST: {"link": link.replace("://", f"://{'ab'[version % 2]}.", 1)},
            Act.NEW_GUIDS: {"guid": f"v{version}-{one.text[:12]}"},
            Act.ONE_GUID: {"guid": "always the same"},
            Act.NO_GUIDS: {"guid": None},
            Act.UTM_NOISE: {"link": f"{link.partition('?')[0]}?utm_source=v{version}"},
            Act.DATE_AGAIN: {"published": later},
        }
        return done[act]

    def renamed(self, one: Item) -> Item:
        """Title corrected; guid and link are made from it. Undated ones nobody could tell from news."""
        if one.published is None or one.published < self.world.clock.now - SOON:
            return one
        made = f"https://blog.test/renamed/{self.version}"
        return replace(one, guid=made, link=made, title=f"{one.title}!"[-40:])

    def move(self) -> None:
        if self.moves < MOVES:
            self.moves += 1
            before, self.path = self.path, f"/rss{self.moves}"
            there = {"Location": f"https://blog.test{self.path}"}
            self.site.feeds.pop(before, None)
            self.site.special[before] = httpx.Response(301, headers=there, content=b"")

    def release(self) -> None:
        with reading(self.world.engine) as session:
            asks = session.get_one(Feed, self.feed.id).ask
        if asks:
            commands.release(
                self.world.context, self.world.workspace.id, self.feed.id, existing="all", actor=PERSON
            )

    def poll(self, shown: int, *, dies_after: int | None = None) -> None:
        self.world.clock.forward(days=1)
        self.site.feeds[self.path] = self.items[:shown]
        died = False
        while (row := claim(self.world)) is not None:
            after = 1_000_000 if dies_after is None or died else dies_after
            try:
                with crashing(self.world.engine, after=after):
                    poll(self.world.context, row)
            except Crash:
                self.world.clock.forward(minutes=6)  # the lease ends
            died = True
        self.check()

    def check(self) -> None:
        """What holds at any moment."""
        with reading(self.world.engine) as session:
            balance = ledger.balance(session, self.world.workspace.id, self.route.id)
            feed = session.get_one(Feed, self.feed.id)
            stored = session.exec(select(EntryRow)).all()
        assert balance.holds
        assert balance.seen == len(stored)
        assert feed.last_error is None
        posts = self.posts()
        assert len(posts) == len(set(posts)), "posted twice"

    def posts(self) -> list[str]:
        """The marks of the articles of all posts."""
        with reading(self.world.engine) as session:
            found = session.exec(select(Post).where(col(Post.route_id) == self.route.id)).all()
        return sorted(str(post.content["text"]).partition(" ")[0] for post in found)


def begin(engine: Engine) -> History:
    items = [article(number) for number in range(12, 0, -1)]
    site = Site({"/rss": items[:WINDOW]})
    world = world_with(engine, site)
    feed = add_feed(world.context, world.workspace.id, "https://blog.test/rss", existing="none", actor=PERSON)
    route = add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=Rules(template="{{ text }}", timing="at_once"),
        actor=PERSON,
    )
    return History(world, site, feed, route, items)


@given(STEPS)
@example(after_publishing(Act.MOVE_FEED, Act.HTTPS, Act.GUID_HOST, Act.NEW_GUIDS, Act.UTM_NOISE))
@example(after_publishing(Act.REORDER, Act.DATE_AGAIN, Act.DELETE_HEAD, Act.PURGE, Act.SHOW_EVERYTHING))
@example(
    after_publishing(Act.PUBLISH_BURST, Act.NEW_GUIDS, Act.SHOW_NOTHING, Act.RELEASE, Act.SHOW_EVERYTHING)
)
@example(after_publishing(Act.ONE_GUID, Act.PUBLISH, Act.LINK_HOST, Act.EDIT, Act.NO_GUIDS, Act.LINK_HOST))
@example(after_publishing(Act.PUBLISH_AHEAD, Act.RENAME, Act.RENAME, Act.FORGET, Act.SHOW_EVERYTHING))
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.timeout(400)
def test_each_article_is_posted_once(engine: Engine, steps: list[tuple[Act, int | None]]) -> None:
    emptied(engine)
    history = begin(engine)
    for act, dies_after in steps:
        history.happen(act, dies_after)
    history.release()
    history.check()
    assert history.posts() == sorted(history.written)


@pytest.mark.parametrize("act", [Act.PUBLISH, Act.PUBLISH_BURST, Act.RENAME, Act.ONE_GUID])
def test_a_poll_may_die_at_any_statement(sqlite_template: Path, tmp_path: Path, act: Act) -> None:
    """Tried on SQLite alone; PostgreSQL has the random histories."""
    file = shutil.copyfile(sqlite_template, tmp_path / "tabuh.db")
    engine = open_engine(f"sqlite:///{file}")
    for dies_after in range(2, 62, 3):
        emptied(engine)
        history = begin(engine)
        history.happen(Act.PUBLISH, None)
        history.happen(act, dies_after)
        history.release()
        history.happen(Act.SHOW_EVERYTHING, None)
        history.release()
        assert history.posts() == sorted(history.written)
    engine.dispose()
