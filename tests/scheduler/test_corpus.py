"""Real feeds, good and bad: each can be stored, and a second look at it finds nothing new."""

from dataclasses import replace
from pathlib import Path

import httpx
from sqlalchemy import Engine
from sqlmodel import select

from domain.errors import FetchError
from scheduler.feeds import add_feed
from scheduler.polling import poll
from store.engine import reading
from store.tables import EntryRow, Feed
from tests.publisher_site import PERSON, claim
from tests.world import World, new_world


def bodies(shared: Path) -> dict[str, bytes]:
    """Every third file of the corpus: how to read them all is tested elsewhere."""
    files = sorted(path for path in (shared / "feeds").rglob("*") if path.is_file())
    kinds = {".xml", ".rss", ".atom", ".rdf", ".json", ".feed"}
    feeds = [
        path
        for path in files
        if path.suffix in kinds and path.parent != shared / "feeds" and "opml" not in path.parts
    ]
    return {f"/{number}": path.read_bytes() for number, path in enumerate(feeds[::3])}


def test_a_second_look_at_a_real_feed_finds_nothing_new(engine: Engine, shared: Path) -> None:
    documents = bodies(shared)
    assert len(documents) > 80

    def answer(request: httpx.Request) -> httpx.Response:
        body = documents.get(request.url.path)  # a document that is no feed makes well-known places be tried
        status = 404 if body is None else 200
        return httpx.Response(status, content=iter([body or b""]))

    world = new_world(engine)
    world.context = replace(world.context, http=httpx.Client(transport=httpx.MockTransport(answer)))
    added = sum(is_added(world, f"https://real.example.net{path}") for path in documents)
    assert added > 0.8 * len(documents)
    before = everything(engine)
    for path, body in documents.items():
        if body[:1] in (b"<", b"{"):  # neither gzip nor UTF-16: one more line changes nothing
            documents[path] = body.rstrip() + b"\n\n"
    world.clock.forward(days=40)
    while (row := claim(world)) is not None:
        poll(world.context, row)
    with reading(engine) as session:
        failed = [(feed.url, feed.last_error) for feed in session.exec(select(Feed)) if feed.failures]
    assert failed == []
    assert everything(engine) == before


def is_added(world: World, url: str) -> bool:
    try:
        add_feed(world.context, world.workspace.id, url, existing="last:2", actor=PERSON)
    except FetchError:
        return False
    return True


def everything(engine: Engine) -> list[tuple[int, int, str]]:
    with reading(engine) as session:
        return sorted((row.id, row.edits, row.title) for row in session.exec(select(EntryRow)))
