"""Shortened links of new entries are followed and their pages' pictures found, where somebody wants them."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from scheduler.feeds import add_feed
from scheduler.routes import add_route
from scheduler.rules import Rules
from store import memories
from store.engine import reading, writing
from store.tables import ChannelRow, EntryRow, Post
from tests.publisher_site import PERSON, Item, Site, item, poll_all, world_with
from tests.world import World

PAGE = '<html><head><meta property="og:image" content="https://pics.test/a.jpg"></head></html>'


@dataclass
class Web:
    """The feed's site, its pages, and a host that shortens links."""

    site: Site
    asked: list[str] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What one request gets."""
        if request.url.path != "/rss":
            self.asked.append(f"{request.method} {request.url}")
        if request.url.host == "bit.ly":
            target = f"https://blog.test{request.url.path}?utm_source=x"
            return httpx.Response(301, headers={"Location": target}, content=iter([b""]))
        if request.url.path.startswith("/posts/"):
            headers = {"Content-Type": "text/html"}
            return httpx.Response(200, headers=headers, content=iter([PAGE.encode()]))
        return self.site.answer(request)


@pytest.fixture
def web() -> Web:
    return Web(Site({"/rss": [item(1)]}))


def begin(engine: Engine, web: Web, *, platform: str = "webhook", routed: bool = True) -> World:
    world = world_with(engine, web.site)
    world.context = replace(world.context, http=httpx.Client(transport=httpx.MockTransport(web.answer)))
    with writing(engine) as session:
        session.get_one(ChannelRow, world.channel.id).platform = platform
        session.commit()
    feed = add_feed(world.context, world.workspace.id, "https://blog.test/rss", existing="none", actor=PERSON)
    if routed:
        add_route(
            world.context,
            world.workspace.id,
            name="All",
            feed_ids=[feed.id],
            channel_id=world.channel.id,
            rules=Rules(template="{{ title }} {{ link }}"),
            actor=PERSON,
        )
    return world


def shortened(world: World, number: int = 2) -> Item:
    return replace(item(number), link=f"https://bit.ly/posts/{number}", published=world.clock.now)


def look(world: World) -> EntryRow:
    """Poll, and read the newest entry."""
    world.clock.forward(hours=8)
    poll_all(world)
    with reading(world.engine) as session:
        return max(session.exec(select(EntryRow)), key=lambda row: row.position)


def test_a_post_leads_to_the_page_and_shows_its_picture(engine: Engine, web: Web) -> None:
    world = begin(engine, web)
    web.site.feeds["/rss"].insert(0, shortened(world))

    row = look(world)

    assert (row.link, row.image_url) == ("https://blog.test/posts/2", "https://pics.test/a.jpg")
    assert web.asked == ["HEAD https://bit.ly/posts/2", "GET https://blog.test/posts/2"]
    with reading(engine) as session:
        [post] = session.exec(select(Post))
    assert post.content["link"] == "https://blog.test/posts/2"
    assert post.content["card"]["image_url"] == "https://pics.test/a.jpg"


def test_an_edit_neither_asks_again_nor_brings_the_short_link_back(engine: Engine, web: Web) -> None:
    world = begin(engine, web)
    web.site.feeds["/rss"].insert(0, shortened(world))
    look(world)
    web.asked.clear()

    web.site.feeds["/rss"][0] = replace(web.site.feeds["/rss"][0], title="Edited")
    row = look(world)

    assert (row.title, row.edits) == ("Edited", 1)
    assert (row.link, row.image_url) == ("https://blog.test/posts/2", "https://pics.test/a.jpg")
    assert web.asked == []


def test_what_was_followed_is_believed_for_a_month(engine: Engine, web: Web) -> None:
    world = begin(engine, web)
    web.site.feeds["/rss"].insert(0, shortened(world))
    look(world)
    now = world.clock.now
    with writing(engine) as session:
        link = "https://bit.ly/posts/2"
        assert list(memories.followed(session, [link], now=now + timedelta(days=29))) == [link]
        assert memories.followed(session, [link], now=now + timedelta(days=31)) == {}
        assert memories.forget_followed(session, now=now) == 0
        assert memories.forget_followed(session, now=now + timedelta(days=31)) == 1


@pytest.mark.parametrize(
    ("platform", "routed", "asked"),
    [("page", True, ["HEAD https://bit.ly/posts/2"]), ("webhook", False, [])],
)
def test_nothing_is_asked_that_nobody_needs(
    engine: Engine, web: Web, platform: str, routed: bool, asked: list[str]
) -> None:
    world = begin(engine, web, platform=platform, routed=routed)
    web.site.feeds["/rss"].insert(0, shortened(world))
    look(world)
    assert web.asked == asked


def test_a_page_that_answers_badly_costs_nothing_but_its_picture(engine: Engine, web: Web) -> None:
    world = begin(engine, web)
    lost = replace(item(2), link="https://blog.test/lost", published=world.clock.now)
    web.site.feeds["/rss"].insert(0, lost)
    row = look(world)
    assert (row.link, row.image_url) == ("https://blog.test/lost", None)
