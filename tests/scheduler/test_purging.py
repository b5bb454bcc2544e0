"""Old texts go, and nothing comes back because of it."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import col, select

from scheduler import feeds as commands
from scheduler.feeds import add_feed
from scheduler.purging import purge
from scheduler.routes import add_route
from scheduler.rules import Rules
from store import memories
from store.engine import reading, writing
from store.tables import EntryRow, Feed, Post, Route
from tests.publisher_site import PERSON, Site, item, poll_all, world_with
from tests.world import World

YEAR = timedelta(days=365)


def begin(engine: Engine, *, existing: str = "none") -> tuple[World, Site, Feed]:
    site = Site({"/rss": [item(number) for number in range(5, 0, -1)]})
    world = world_with(engine, site)
    feed = add_feed(
        world.context, world.workspace.id, "https://blog.test/rss", existing=existing, actor=PERSON
    )
    return world, site, feed


def route(world: World, feed: Feed, *, existing: str | None = None) -> Route:
    return add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=Rules(template="{{ title }}: {{ text }}"),
        existing=existing,
        actor=PERSON,
    )


def texts(world: World) -> list[str]:
    with reading(world.engine) as session:
        return [row.text for row in session.exec(select(EntryRow).order_by(col(EntryRow.position)))]


def posts(world: World) -> list[str]:
    with reading(world.engine) as session:
        return sorted(str(post.content["text"]) for post in session.exec(select(Post)))


def test_what_was_purged_is_known_when_it_comes_back(engine: Engine) -> None:
    """A feed of a whole archive shows everything for ever, here also after its memory is lost."""
    world, site, feed = begin(engine)
    route(world, feed)
    site.feeds["/rss"].insert(0, replace(item(6), published=world.clock.now))
    world.clock.forward(days=1)
    poll_all(world)
    world.clock.forward(days=400)

    assert purge(world.context, older_than=YEAR) == 6
    assert purge(world.context, older_than=YEAR) == 0
    assert texts(world) == [""] * 6

    with writing(engine) as session:
        memories.forget(session, feed.id)
        session.commit()
    site.feeds["/rss"].append(replace(item(0), title="One more", published=None))
    site.feeds["/rss"][1] = replace(site.feeds["/rss"][1], guid="https://elsewhere.test/5", title="Edited")
    poll_all(world)

    assert posts(world) == ["Entry 6: Text of 6."]
    assert texts(world)[:6] == ["", "", "", "", "Text of 5.", ""]


def test_texts_that_may_still_be_posted_stay(engine: Engine) -> None:
    world, site, feed = begin(engine, existing="last:2")  # chosen, and no route has had them yet
    world.clock.forward(days=400)
    assert purge(world.context, older_than=YEAR) == 3
    assert texts(world) == ["", "", "", "Text of 4.", "Text of 5."]

    route(world, feed)
    assert posts(world) == ["Entry 4: Text of 4.", "Entry 5: Text of 5."]
    poll_all(world)
    site.feeds["/rss"] = [replace(item(n), published=world.clock.now) for n in range(130, 110, -1)]
    world.clock.forward(hours=8)
    poll_all(world)
    world.clock.forward(days=400)
    assert purge(world.context, older_than=YEAR) == 2  # twenty are held
    assert commands.release(world.context, world.workspace.id, feed.id, existing="newest", actor=PERSON) == 1
    assert "Entry 130: Text of 130." in posts(world)


def test_nothing_is_made_of_an_entry_without_its_text(engine: Engine) -> None:
    world, _, feed = begin(engine)
    world.clock.forward(days=400)
    purge(world.context, older_than=YEAR)
    route(world, feed, existing="last:3")
    assert posts(world) == []
