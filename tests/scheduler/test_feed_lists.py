"""Lists of feeds in and out: everything is told at once, nothing is read before its time, folders survive."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.errors import UsageError
from feeds.opml import read_opml
from scheduler.asking import request_headers
from scheduler.feed_access import Access, set_access
from scheduler.feed_lists import export_list, import_list
from scheduler.feeds import add_feed
from scheduler.removing import remove_feed
from scheduler.routes import add_route
from store import feeds
from store.engine import reading
from store.tables import EntryRow, Feed, Post
from tests.publisher_site import PERSON, Site, item, poll_all, world_with
from tests.world import World

URL = "https://blog.test/rss"


@pytest.fixture
def site() -> Site:
    return Site({"/rss": [item(3), item(2), item(1)], "/b": [item(7), item(6)]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


def opml(*outlines: str) -> bytes:
    head = "<head><title>Mine</title></head>"
    return f"<opml version='2.0'>{head}<body>{''.join(outlines)}</body></opml>".encode()


def one(url: str, title: str = "") -> str:
    return f"<outline type='rss' text='{title}' xmlUrl='{url}'/>"


def listed(world: World) -> dict[str, Feed]:
    with reading(world.engine) as session:
        return {feed.url: feed for feed in feeds.listed(session, world.workspace.id)}


def test_what_became_of_each_line_is_told_at_once(world: World, site: Site) -> None:
    add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    asked = len(site.requests)
    other = "https://blog.test/b"
    body = opml(one(URL), one(other, "B"), one(other), one("javascript:x"), one(""))
    done = import_list(world.context, world.workspace.id, body, existing="none", actor=PERSON)
    assert (done.title, done.added, done.known) == ("Mine", ("https://blog.test/b",), (URL,))
    assert done.repeated == ("https://blog.test/b",)
    assert [text.split()[0] for text in done.refused][:1] == ["javascript:x"]
    assert len(done.refused) == 2
    assert len(site.requests) == asked  # nothing was fetched yet
    assert listed(world)["https://blog.test/b"].title == "B"


@pytest.mark.parametrize(("existing", "chosen"), [("none", 0), ("newest", 1), ("last:2", 2)])
def test_the_choice_applies_to_what_each_feed_shows_at_its_first_look(
    world: World, existing: str, chosen: int
) -> None:
    import_list(world.context, world.workspace.id, opml(one(URL)), existing=existing, actor=PERSON)
    [feed] = listed(world).values()
    add_route(
        world.context, world.workspace.id, name="All", feed_ids=[feed.id], channel_id=world.channel.id,
        actor=PERSON,
    )  # fmt: skip
    world.clock.forward(minutes=2)
    poll_all(world)
    with reading(world.engine) as session:
        assert len(session.exec(select(EntryRow)).all()) == 3
        assert len(session.exec(select(Post)).all()) == chosen


def test_a_feed_of_a_list_that_cannot_be_read_is_told_of_and_tried_again(world: World) -> None:
    import_list(
        world.context, world.workspace.id, opml(one("https://blog.test/none")), existing="none", actor=PERSON
    )
    world.clock.forward(minutes=2)
    poll_all(world)
    [feed] = listed(world).values()
    assert "404" in (feed.last_error or "")
    assert feed.next_at is not None
    assert feed.next_at > world.clock.now


def test_a_dry_run_stores_nothing(world: World) -> None:
    done = import_list(
        world.context, world.workspace.id, opml(one(URL)), existing="none", actor=PERSON, dry_run=True
    )
    assert done.added == (URL,)
    assert listed(world) == {}


def test_folders_come_in_and_go_out_again_and_passwords_do_not(world: World) -> None:
    nested = (
        "<outline text='News'><outline text='Local'>" + one("https://ana:hush@blog.test/rss", "R")
        + "</outline></outline>"
    )  # fmt: skip
    import_list(
        world.context,
        world.workspace.id,
        opml(nested, one("https://blog.test/b")),
        existing="none",
        actor=PERSON,
    )
    feed = listed(world)[URL]
    assert feed.access == "basic"
    assert request_headers(world.context, feed)["Authorization"].startswith("Basic ")
    set_access(
        world.context, world.workspace.id, listed(world)["https://blog.test/b"].id, Access("bearer", "hush"),
        actor=PERSON,
    )  # fmt: skip
    body = export_list(world.context, world.workspace.id, title="Out")
    assert b"hush" not in body
    out = {found.url: found.folders for found in read_opml(body).feeds}
    assert out == {URL: ("News", "Local"), "https://blog.test/b": ()}


def test_a_removed_feed_of_a_list_comes_back_with_its_entries(world: World) -> None:
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    remove_feed(world.context, world.workspace.id, feed.id, actor=PERSON)
    done = import_list(world.context, world.workspace.id, opml(one(URL)), existing="newest", actor=PERSON)
    assert done.added == (URL,)
    world.clock.forward(minutes=2)
    poll_all(world)
    assert [one.id for one in listed(world).values()] == [feed.id]
    with reading(world.engine) as session:
        assert len(session.exec(select(EntryRow)).all()) == 3


def test_a_file_that_is_no_list_is_refused(world: World) -> None:
    for body in (b"", b"<html>hi</html>", b"\x00\x01\x02", b"{}"):
        with pytest.raises(UsageError):
            import_list(world.context, world.workspace.id, body, existing="none", actor=PERSON)
    with pytest.raises(UsageError, match="Cannot read the choice"):
        import_list(world.context, world.workspace.id, opml(one(URL)), existing="all", actor=PERSON)
    with pytest.raises(UsageError, match="no feeds to export"):
        export_list(world.context, world.workspace.id, title="x")


def test_real_lists_come_in_and_go_out_whole(world: World, shared: Path) -> None:
    files = sorted((shared / "feeds" / "opml").rglob("*.opml"))
    wanted = set()
    for file in files[::6]:
        found = read_opml(file.read_bytes())
        import_list(world.context, world.workspace.id, file.read_bytes(), existing="none", actor=PERSON)
        wanted |= {one.url for one in found.feeds}
    body = export_list(world.context, world.workspace.id, title="All")
    again = {one.url for one in read_opml(body).feeds}
    assert len(again) == len(listed(world)) > 300
    assert {url for url in wanted if "@" not in urlsplit(url).netloc} <= again
