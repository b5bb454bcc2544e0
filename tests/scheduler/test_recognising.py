"""Which entries of a document are known, through whole polls: no second posts, nothing swallowed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from scheduler.feeds import add_feed
from scheduler.routes import add_route
from scheduler.rules import Rules
from store.engine import reading
from store.tables import EntryRow, Feed, Post
from tests.publisher_site import PERSON, Item, Site, item, poll_all, world_with
from tests.world import World

LONG = " ".join(f"Sentence {n} says that {n * 7} drums were struck." for n in range(30))


@dataclass
class Blog:
    """A feed that one route posts whole, and what its publisher does."""

    world: World
    site: Site

    @property
    def items(self) -> list[Item]:
        """What the feed shows."""
        return self.site.feeds["/rss"]

    def show(self, *items: Item) -> None:
        """Show these, look, and look at the same again."""
        self.site.feeds["/rss"] = list(items)
        for _ in range(2):
            self.world.clock.forward(hours=26)
            poll_all(self.world)

    def news(self, number: int, **changes: Any) -> Item:
        """An entry that is published after the last look."""
        return replace(item(number), published=self.world.clock.now + timedelta(hours=1), **changes)

    @property
    def posts(self) -> list[str]:
        """Titles of all posts, oldest first."""
        with reading(self.world.engine) as session:
            found = session.exec(select(Post).order_by(col(Post.id)))
            return [str(post.content["text"]) for post in found]

    @property
    def rows(self) -> list[EntryRow]:
        """All entries, oldest first."""
        with reading(self.world.engine) as session:
            return list(session.exec(select(EntryRow).order_by(col(EntryRow.position))))

    @property
    def asks(self) -> bool:
        """Whether a person must say what is news."""
        with reading(self.world.engine) as session:
            return session.exec(select(Feed)).one().ask


@pytest.fixture
def blog(engine: Engine) -> Iterator[Blog]:
    site = Site({"/rss": [item(number) for number in range(6, 0, -1)]})
    world = world_with(engine, site)
    feed = add_feed(world.context, world.workspace.id, "https://blog.test/rss", existing="none", actor=PERSON)
    add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=Rules(template="{{ title }}", needs_approval=True),
        actor=PERSON,
    )
    yield Blog(world, site)
    with reading(world.engine) as session:
        assert session.exec(select(Feed)).one().last_error is None


def test_a_guid_that_was_shared_once_identifies_nothing_for_good(blog: Blog) -> None:
    """A feed of one guid for all: each entry is news, also when it stands alone in the document."""
    same = [blog.news(number, guid="same") for number in (8, 7)]
    blog.show(*same)
    assert blog.posts == ["Entry 7", "Entry 8"]

    for number in (9, 10):
        blog.show(blog.news(number, guid="same"))
    assert blog.posts == ["Entry 7", "Entry 8", "Entry 9", "Entry 10"]

    blog.show(*same)
    assert len(blog.posts) == 4


def test_a_link_that_becomes_shared_identifies_nothing_from_then_on(blog: Blog) -> None:
    status = "https://blog.test/status"
    blog.show(blog.news(7, link=status), *blog.items)
    blog.show(blog.news(8, link=status), *blog.items)
    blog.show(blog.news(9, link=status))
    blog.show(blog.news(10, link=status))
    assert blog.posts == ["Entry 7", "Entry 8", "Entry 9", "Entry 10"]


def test_an_entry_with_nothing_but_a_shared_guid_is_news_once(blog: Blog) -> None:
    bare = replace(item(7), guid="same", link=None, title="", text="", published=None)
    blog.show(replace(bare, title="Words"), bare)
    blog.show(bare)
    blog.show(replace(bare, title="Words"))
    assert len(blog.rows) == 6 + 2


def test_guid_and_link_together_tell_apart_what_neither_does(blog: Blog) -> None:
    one = blog.news(7, guid="g1", link="https://blog.test/x")
    items = [one, replace(one, link="https://blog.test/y", title="B"), replace(one, guid="g2", title="C")]
    blog.show(*items)
    assert sorted(blog.posts) == ["B", "C", "Entry 7"]

    blog.show(*(replace(each, title=f"{each.title}, edited", text="Other.") for each in items))
    assert sorted(blog.posts) == ["B, edited", "C, edited", "Entry 7, edited"]  # drafts, brought up to date
    assert len(blog.rows) == 6 + 3


def test_hosts_that_come_and_go_change_nothing_without_guids(blog: Blog) -> None:
    """A/B host names: the words are edited at the same time, so that only path and query are left."""
    at_a = [blog.news(n, guid=None, link=f"https://a.blog.test/posts/{n}?x=1") for n in (8, 7)]
    blog.show(*at_a, *blog.items)
    at_b = [
        replace(one, link=str(one.link).replace("//a.", "//b."), text=f"{one.text} Edited.") for one in at_a
    ]
    blog.show(*at_b, *blog.items[2:])
    assert blog.posts == ["Entry 7", "Entry 8"]


def test_an_equal_path_on_another_host_is_another_entry(blog: Blog) -> None:
    """A collection of blogs on one host: both number their posts."""
    first = blog.news(7, guid="https://one.blogs.test/?p=12", link=None)
    blog.show(first, *blog.items)
    blog.show(blog.news(8, guid="https://two.blogs.test/?p=12", link=None), *blog.items[1:])
    blog.show(first, *blog.items[1:])
    assert blog.posts == ["Entry 7", "Entry 8"]


def test_a_link_that_is_passed_on_swallows_nobody(blog: Blog) -> None:
    blog.show(blog.news(7, link="https://blog.test/latest"), *blog.items)
    moved = replace(blog.items[0], link="https://blog.test/archive/7")
    blog.show(blog.news(8, link="https://blog.test/latest"), moved, *blog.items[1:])
    assert blog.posts == ["Entry 7", "Entry 8"]


def renamed(one: Item, **changes: Any) -> Item:
    """The same article after its title was corrected: guid and link are made from the title."""
    return replace(one, guid=f"{one.guid}-new", link=f"{one.link}-new", title=f"{one.title}!", **changes)


def test_a_renamed_article_edits_its_draft_and_is_not_posted_again(blog: Blog) -> None:
    article = blog.news(7, text=LONG)
    blog.show(article, *blog.items)
    blog.show(renamed(article, text=f"{LONG} Thanks."), *blog.items[1:])

    assert blog.posts == ["Entry 7!"]
    assert blog.rows[-1].edits == 1
    # It is known by its new names, too.
    blog.show(replace(renamed(article), title="Something else", text="Wholly other."), *blog.items[1:])
    assert blog.posts == ["Something else"]


def test_at_most_three_articles_are_taken_for_renamed_ones(blog: Blog) -> None:
    articles = [blog.news(number, text=f"{LONG} {number}") for number in range(10, 6, -1)]
    blog.show(*articles, *blog.items)
    blog.show(*map(renamed, articles), *blog.items[4:])
    assert len(blog.posts) == 4
    assert blog.asks  # all at once: a change of the whole feed, which a person looks at


def test_a_series_of_equal_texts_is_posted_whole(blog: Blog) -> None:
    """Nothing but the title's number tells them apart, and the document shows one at a time."""
    for number in (7, 8, 9):
        blog.show(blog.news(number, text=LONG))
    assert blog.posts == ["Entry 7", "Entry 8", "Entry 9"]


def test_a_daily_thread_is_posted_every_day(blog: Blog) -> None:
    """Equal words below titles that differ little; yesterday's has left the document at its end."""
    for number, day in enumerate(("Monday", "Tuesday", "Wednesday"), start=7):
        blog.show(blog.news(number, title=f"What do you read this {day}?", text=LONG))
    assert len(blog.posts) == 3


def test_noise_in_links_is_no_edit(blog: Blog) -> None:
    blog.show(blog.news(7), *blog.items)
    for number in range(3):
        noisy = replace(blog.items[0], link=f"https://blog.test/posts/7?utm_source=v{number}")
        blog.show(noisy, *blog.items[1:])
    assert blog.rows[-1].edits == 0
    assert blog.posts == ["Entry 7"]
