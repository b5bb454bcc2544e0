"""Real feeds whose publishers change one thing after the other: no entry becomes a second one."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, func
from sqlmodel import col, select

from feeds.parse import MAX_ENTRIES
from feeds.scan import NotSliceable, scan
from scheduler.polling import poll
from scheduler.routes import add_route
from scheduler.rules import Rules
from store import ledger
from store.engine import reading
from store.tables import EntryRow, Feed, Post
from tests.publisher_site import PERSON, claim
from tests.scheduler.test_corpus import is_added
from tests.world import World, new_world

Items = list[bytes]
#: The text of an element up to the address in it.
_OPEN = rb"<(?:%s)\b[^>]*>\s*(?:<!\[CDATA\[)?\s*"
_ADDRESS = re.compile(rb"((?:" + _OPEN % rb"link|guid|id" + rb")|<link\b[^>]*\bhref=[\"'])(https?)://")
_GUID_HOST = re.compile(rb"(" + _OPEN % rb"guid|id" + rb"https?://)(?=[^/<])")
_ANY_HOST = re.compile(
    rb"((?:" + _OPEN % rb"link|guid|id" + rb"|<link\b[^>]*\bhref=[\"'])https?://)(?=[^/<])"
)
_LINK = re.compile(
    rb"(" + _OPEN % rb"link" + rb"https?://[^<#\s\]]+)|(<link\b[^>]*\bhref=\"https?://[^\"#]+)"
)
_GUID = re.compile(rb"(" + _OPEN % rb"guid|id" + rb")([^<\]]+)")
_TIME = re.compile(
    rb"(<(?:pubDate|updated|published|modified|issued|dc:date|date)\b[^>]*>[^<]*?\d\d:)(\d\d)(:\d\d)"
)


def each(change: Callable[[bytes], bytes]) -> Callable[[Items], Items]:
    """The same done to every entry."""
    return lambda items: [change(one) for one in items]


def other_scheme(one: bytes) -> bytes:
    return _ADDRESS.sub(lambda m: m[1] + (b"http" if m[2] == b"https" else b"https") + b"://", one)


def noise(one: bytes) -> bytes:
    return _LINK.sub(lambda m: m[0] + (b"&amp;" if b"?" in m[0] else b"?") + b"utm_source=feed", one)


def new_guid(one: bytes) -> bytes:
    return _GUID.sub(lambda m: m[1] + b"urn:new:" + sha256(m[2]).hexdigest()[:16].encode(), one)


def later(one: bytes) -> bytes:
    return _TIME.sub(lambda m: m[1] + b"%02d" % ((int(m[2]) + 7) % 60) + m[3], one)


ACTS: dict[str, Callable[[Items], Items]] = {
    "https switch": each(other_scheme),
    "guid host change": each(lambda one: _GUID_HOST.sub(rb"\1moved.", one)),
    "moved site": each(lambda one: _ANY_HOST.sub(rb"\1www2.", one)),
    "guid change": each(new_guid),
    "utm noise": each(noise),
    "reordered": lambda items: items[::-1],
    "re-dated": each(later),
    "deleted head": lambda items: items[2:] if len(items) > 3 else items,
    "emptied": lambda _: [],
    "refilled": lambda items: items,
}


class Document:
    """A real document, taken apart at its entries."""

    def __init__(self, body: bytes) -> None:
        spans = scan(body)
        self.items = [body[span.start : span.end] for span in spans][:MAX_ENTRIES]
        self.head = body[: spans[0].start] if spans else body
        self.tail = body[spans[-1].end :] if spans else b""

    def shown(self, items: Sequence[bytes]) -> bytes:
        """The document with these entries."""
        return self.head + b"\n".join(items) + self.tail


def documents(shared: Path, *, every: int) -> dict[str, Document]:
    """Those files of the corpus that can be taken apart and have entries."""
    kinds = {".xml", ".rss", ".atom", ".rdf", ".feed"}
    files = sorted(path for path in (shared / "feeds").rglob("*") if path.suffix in kinds)
    found = {}
    for number, path in enumerate(path for path in files if "opml" not in path.parts):
        if number % every == 0:
            try:
                document = Document(path.read_bytes())
            except NotSliceable:
                continue
            if document.items:
                found[f"/{number}"] = document
    return found


def changes(engine: Engine, found: dict[str, Document]) -> list[tuple[str, str]]:
    """Every act on every document, polled each time: where a second entry appeared, and by which act."""
    bodies = {path: document.shown(document.items) for path, document in found.items()}

    def answer(request: httpx.Request) -> httpx.Response:
        body = bodies.get(request.url.path)  # a feed's redirects and pages lead nowhere
        return httpx.Response(404 if body is None else 200, content=iter([body or b""]))

    world = new_world(engine)
    world.context = replace(world.context, http=httpx.Client(transport=httpx.MockTransport(answer)))
    used = [path for path in found if is_added(world, f"https://feed{path[1:]}.test{path}")]
    assert len(used) > 0.8 * len(found)
    route(world)
    before, bare, wrong = entries(engine), with_bare_entries(engine), []
    for name, act in ACTS.items():
        for path in used:
            bodies[path] = found[path].shown(act(found[path].items))
        world.clock.forward(days=40)
        while (row := claim(world)) is not None:
            poll(world.context, row)
        after = entries(engine)
        wrong += [(url, name) for url in after if after[url] != before[url] and url not in bare]
        before = after
    with reading(engine) as session:
        assert all(one.holds for one in ledger.balances(session, world.workspace.id).values())
        assert session.exec(select(func.count()).select_from(Post)).one() == 0
    return wrong


def route(world: World) -> None:
    with reading(world.engine) as session:
        ids = [feed.id for feed in session.exec(select(Feed))]
    add_route(
        world.context,
        world.workspace.id,
        name="All",
        feed_ids=ids,
        channel_id=world.channel.id,
        rules=Rules(timing="at_once"),
        existing="none",
        actor=PERSON,
    )


def with_bare_entries(engine: Engine) -> frozenset[str]:
    """Feeds with an entry that has nothing but a guid: when that changes, it is another one."""
    with reading(engine) as session:
        bare = select(col(EntryRow.feed_id)).where(col(EntryRow.title) == "", col(EntryRow.link).is_(None))
        return frozenset(session.exec(select(Feed.url).where(col(Feed.id).in_(bare))))


def entries(engine: Engine) -> dict[str, int]:
    """How many entries each feed has."""
    with reading(engine) as session:
        query = (
            select(Feed.url, func.count(col(EntryRow.id)))
            .join(EntryRow, col(EntryRow.feed_id) == col(Feed.id))
            .group_by(Feed.url)
        )
        return dict(session.connection().execute(query).all())


@pytest.mark.timeout(400)
def test_whatever_a_publisher_changes_no_entry_of_a_real_feed_becomes_a_second_one(
    engine: Engine, shared: Path
) -> None:
    found = documents(shared, every=12)
    assert len(found) > 12
    assert changes(engine, found) == []
