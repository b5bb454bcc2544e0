"""Previews: what would be posted, without a trace."""

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.errors import UsageError
from domain.post import Fate
from scheduler.feeds import add_feed
from scheduler.previewing import preview, preview_route, preview_rules
from scheduler.routes import add_route
from scheduler.rules import Rules
from store.engine import reading
from store.tables import Change, ChannelRow, Feed, Post
from tests.publisher_site import PERSON, Site, html, item, world_with
from tests.world import World

URL = "https://blog.test/rss"


@pytest.fixture
def site() -> Site:
    return Site({"/rss": [item(3), item(2), item(1)]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


def test_a_preview_shows_what_would_be_posted_and_writes_nothing(world: World, site: Site) -> None:
    shown = preview(world.context, URL, rules=Rules(template="{{ title }}!", exclude=["entry 1"]))
    assert [(line.entry.title, line.fate) for line in shown.lines] == [
        ("Entry 3", Fate.QUEUED),
        ("Entry 2", Fate.QUEUED),
        ("Entry 1", Fate.FILTERED),
    ]
    assert shown.lines[0].content is not None
    assert shown.lines[0].content.text == "Entry 3!"
    with reading(world.engine) as session:
        assert session.exec(select(Feed)).all() == []
        assert session.exec(select(Change)).all() == []
        assert len(session.exec(select(ChannelRow)).all()) == 1


def test_a_route_can_be_previewed_before_and_after_it_is_saved(world: World) -> None:
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    drafted = preview_rules(
        world.context,
        world.workspace.id,
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        rules=Rules(template="{{ published }}: {{ title }}"),
        limit=1,
    )
    assert [line.content.text for line in drafted if line.content] == ["2026-02-27: Entry 3"]
    route = add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=[feed.id],
        channel_id=world.channel.id,
        actor=PERSON,
    )
    saved = preview_route(world.context, world.workspace.id, route.id)
    assert [line.entry.title for line in saved] == ["Entry 3", "Entry 2", "Entry 1"]
    with reading(world.engine) as session:
        assert session.exec(select(Post)).all() == []


def test_a_page_is_named_where_it_led_to_the_feed(world: World, site: Site) -> None:
    site.special["/"] = html({"/rss": "Posts"})
    shown = preview(world.context, "https://blog.test/")
    assert (shown.url, shown.found_on, shown.title) == (URL, "https://blog.test/", "Feed /rss")


def test_wrong_rules_are_refused_before_anything_is_fetched(world: World, site: Site) -> None:
    with pytest.raises(UsageError, match="titel"):
        preview(world.context, URL, rules=Rules(template="{{ titel }}"))
    assert site.requests == []
