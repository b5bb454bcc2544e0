"""Whatever publishers do to their feeds, and whenever we die: nothing is posted twice, nothing is lost.

Random histories of two feeds on one route, and of one of them on a second route. Between two polls a
publisher changes one thing: what identifies an entry may change in any one way at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum, auto

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.post import Fate, PostState
from scheduler.feeds import add_feed
from scheduler.polling import poll
from scheduler.routes import add_route, pause_route, resume_route
from scheduler.rules import Rules
from store import ledger
from store.engine import reading, writing
from store.tables import EntryRow, Feed, Ledger, Post, Route
from tests.fakes import Crash
from tests.publisher_site import PERSON, Item, Site, claim, crashing, item, world_with
from tests.world import NOON, World, emptied

#: Entries that a feed shows at a time; older ones come back when newer ones are deleted.
WINDOW = 6


class Act(Enum):
    """What happens before a poll."""

    PUBLISH = auto()
    PUBLISH_IN_BOTH = auto()
    PUBLISH_SPONSORED = auto()
    REORDER = auto()
    NEW_GUIDS = auto()
    SWITCH_SCHEME = auto()
    MOVE_HOST = auto()
    TAG_LINKS = auto()
    DATE_AGAIN = auto()
    EDIT = auto()
    DELETE_HEAD = auto()
    PAUSE = auto()
    RESUME = auto()
    PUBLISHED = auto()
    FAILED = auto()
    SKIPPED = auto()


@dataclass(frozen=True)
class Step:
    """One act on one feed, and after how many statements each poll that follows dies once, if it does."""

    act: Act
    feed: int
    dies_after: int | None


#: Publishing comes up more often than the rest: without new entries, nothing much can go wrong.
ACTS = (*Act, *(Act.PUBLISH, Act.PUBLISH_IN_BOTH) * 4)
STEPS = st.lists(
    st.builds(Step, st.sampled_from(ACTS), st.integers(0, 1), st.one_of(st.none(), st.integers(3, 45))),
    min_size=4,
    max_size=20,
)


def after_publishing(*acts: Act) -> list[Step]:
    """All these, one after the other, to the feed that both routes read."""
    return [Step(act, 0, None) for act in (Act.PUBLISH, Act.PUBLISH, *acts)]


@dataclass
class Publisher:
    """One feed from its publisher's side: everything ever written, newest first."""

    path: str
    items: list[Item]
    version: int = 0

    def change(self, act: Act) -> None:
        """Do something to all entries, or to the newest."""
        self.version += 1
        number = self.version
        match act:
            case Act.REORDER:
                head = self.items[:WINDOW]
                self.items[:WINDOW] = head[1:] + head[:1]
            case Act.NEW_GUIDS:
                self.items = [replace(one, guid=f"v{number}-{one.text}") for one in self.items]
            case Act.SWITCH_SCHEME:
                self.items = [readdressed(one, other_scheme) for one in self.items]
            case Act.MOVE_HOST:
                self.items = [
                    readdressed(one, lambda url: url.replace("://", f"://v{number}.", 1))
                    for one in self.items
                ]
            case Act.TAG_LINKS:
                tag = f"?utm_source=v{number}"
                self.items = [replace(one, link=str(one.link).split("?")[0] + tag) for one in self.items]
            case Act.DATE_AGAIN:
                self.items = [
                    replace(one, published=(one.published or NOON) + timedelta(minutes=number))
                    for one in self.items
                ]
            case Act.EDIT:
                self.items[0] = replace(self.items[0], title=f"Edited {number}")
            case Act.DELETE_HEAD:
                del self.items[: 2 if len(self.items) > 2 else 0]


def readdressed(one: Item, changed: Callable[[str], str]) -> Item:
    return replace(one, guid=changed(one.guid or ""), link=changed(one.link or ""))


def other_scheme(url: str) -> str:
    if url.startswith("https://"):
        return url.replace("https://", "http://", 1)
    return url.replace("http://", "https://", 1)


@dataclass
class History:
    """A world in which the steps happen, and what its publishers have written."""

    world: World
    site: Site
    publishers: list[Publisher]
    both: Route
    first_only: Route
    #: Text of every article written after the feeds were added → the feeds that it is in.
    written: dict[str, set[int]] = field(default_factory=dict)
    sponsored: set[str] = field(default_factory=set)
    #: What was public, by post.
    public: dict[int, object] = field(default_factory=dict)
    posts_at_pause: int = 0

    def happen(self, step: Step) -> None:
        """One act, and a day later a poll of everything, which may die once on the way."""
        match step.act:
            case Act.PUBLISH | Act.PUBLISH_SPONSORED:
                self.write([step.feed], sponsored=step.act == Act.PUBLISH_SPONSORED)
            case Act.PUBLISH_IN_BOTH:
                self.write([0, 1], sponsored=False)
            case Act.PAUSE:
                self.posts_at_pause = len(self.posts_of(self.both))
                pause_route(self.world.context, self.world.workspace.id, self.both.id, actor=PERSON)
            case Act.RESUME:
                self.resume()
            case Act.PUBLISHED | Act.FAILED | Act.SKIPPED:
                self.settle_a_post(PostState(step.act.name.lower()))
            case act:
                self.publishers[step.feed].change(act)
        self.poll(dies_after=step.dies_after)

    def write(self, feeds: list[int], *, sponsored: bool) -> None:
        number = 1000 + len(self.written)
        new = replace(item(number), published=self.world.clock.now)
        if sponsored:
            new = replace(new, title=f"Sponsored {number}")
            self.sponsored.add(new.text)
        self.written[new.text] = set(feeds)
        for feed in feeds:
            self.publishers[feed].items.insert(0, new)

    def resume(self) -> None:
        if self.is_paused():
            resume_route(self.world.context, self.world.workspace.id, self.both.id, actor=PERSON)

    def is_paused(self) -> bool:
        with reading(self.world.engine) as session:
            return session.get_one(Route, self.both.id).paused_at is not None

    def settle_a_post(self, state: PostState) -> None:
        with writing(self.world.engine) as session:
            post = session.exec(select(Post).where(col(Post.state) == PostState.QUEUED)).first()
            if post is None:
                return
            post.state, post.next_at = state, None
            if state == PostState.PUBLISHED:
                post.published_at, post.payload, post.tries = self.world.clock.now, post.content, 1
                self.public[post.id] = post.content
            if state == PostState.SKIPPED:
                post.slot_at = None
            session.add(post)
            session.commit()

    def poll(self, *, dies_after: int | None = None) -> None:
        self.world.clock.forward(days=1)
        for publisher in self.publishers:
            self.site.feeds[publisher.path] = publisher.items[:WINDOW]
        died: set[int] = set()
        while (row := claim(self.world)) is not None:
            after = 1_000_000 if dies_after is None or row.id in died else dies_after
            try:
                with crashing(self.world.engine, after=after):
                    poll(self.world.context, row)
            except Crash:
                self.world.clock.forward(minutes=6)  # the lease ends
            died.add(row.id)
        self.check()

    def check(self) -> None:
        """What holds at any moment."""
        with reading(self.world.engine) as session:
            balances = ledger.balances(session, self.world.workspace.id)
            stored = session.exec(select(EntryRow)).all()
            feeds = session.exec(select(Feed)).all()
        assert all(balance.holds for balance in balances.values()), balances
        assert [feed.last_error for feed in feeds] == [None, None]
        assert not any(feed.ask for feed in feeds)
        if self.is_paused():
            assert len(self.posts_of(self.both)) == self.posts_at_pause
        shown = [(row.feed_id, row.text) for row in stored]
        assert len(shown) == len(set(shown)), "an entry was taken for a new one"

    def check_end(self) -> None:
        """What holds when nothing is held back any more."""
        self.resume()
        self.check()
        assert self.posts_of(self.both) == sorted(set(self.written) - self.sponsored)
        assert self.posts_of(self.first_only) == sorted(
            text for text, feeds in self.written.items() if 0 in feeds
        )
        with reading(self.world.engine) as session:
            found = ledger.balance(session, self.world.workspace.id, self.both.id)
            rows = session.exec(select(Ledger).where(col(Ledger.route_id) == self.both.id)).all()
            assert len(rows) == found.seen
            assert found.fates[Fate.HELD] == 0
            assert found.fates[Fate.DUPLICATE] == sum(len(feeds) == 2 for feeds in self.written.values())
            assert {post: session.get_one(Post, post).content for post in self.public} == self.public

    def posts_of(self, route: Route) -> list[str]:
        """The first sentence of each post that a route has made."""
        with reading(self.world.engine) as session:
            found = session.exec(select(Post).where(col(Post.route_id) == route.id)).all()
        return sorted(str(post.content["text"]).partition(" http")[0] for post in found)


def begin(engine: Engine) -> History:
    """Two feeds with a past, read by the routes; none of what existed is posted."""
    publishers = [
        Publisher(f"/{name}", [item(number, hours=number) for number in range(start + 3, start, -1)])
        for name, start in (("first", 0), ("second", 10))
    ]
    for publisher, start in zip(publishers, (-100, -200), strict=True):
        publisher.items += [item(start - number, hours=-240 - number) for number in range(6)]
    site = Site({publisher.path: publisher.items[:WINDOW] for publisher in publishers})
    world = world_with(engine, site)
    one, other = (
        add_feed(
            world.context,
            world.workspace.id,
            f"https://blog.test{publisher.path}",
            existing="none",
            actor=PERSON,
        )
        for publisher in publishers
    )
    rules = Rules(template="{{ text }} {{ link }}", exclude=["sponsored"])
    both, first_only = (
        add_route(
            world.context,
            world.workspace.id,
            name=name,
            feed_ids=feed_ids,
            channel_id=world.channel.id,
            rules=chosen,
            actor=PERSON,
        )
        for name, feed_ids, chosen in (
            ("Both", [one.id, other.id], rules),
            ("First", [one.id], replace(rules, exclude=[], timing="at_once")),
        )
    )
    return History(world, site, publishers, both, first_only)


@given(STEPS)
@example(after_publishing(Act.NEW_GUIDS, Act.MOVE_HOST, Act.DATE_AGAIN, Act.SWITCH_SCHEME, Act.EDIT))
@example(after_publishing(Act.EDIT, Act.NEW_GUIDS, Act.TAG_LINKS, Act.MOVE_HOST, Act.DELETE_HEAD))
@example(after_publishing(Act.DATE_AGAIN, Act.DELETE_HEAD, Act.DELETE_HEAD, Act.PUBLISH, Act.DELETE_HEAD))
@example(after_publishing(Act.PAUSE, Act.PUBLISH_IN_BOTH, Act.NEW_GUIDS, Act.RESUME, Act.REORDER))
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.timeout(300)
def test_nothing_is_posted_twice_and_nothing_is_lost(engine: Engine, steps: list[Step]) -> None:
    emptied(engine)
    history = begin(engine)
    for step in steps:
        history.happen(step)
    history.check_end()
