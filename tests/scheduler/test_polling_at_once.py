"""Many feeds polled at once from real servers: a slow one stalls nobody, and large ones take turns."""

import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select, update

from net.room import Room, grown
from scheduler.kinds import KINDS
from scheduler.polling import CROWDED
from scheduler.ticks import Runner
from store.engine import reading, writing
from store.tables import EntryRow, Feed
from tests.publisher_site import item, rss
from tests.scheduler.test_ticks import wait_until
from tests.servers.loopback import Answer, Loopback
from tests.world import World, new_world

KIND = replace(next(kind for kind in KINDS if kind.name == "feed"), width=3)


@pytest.fixture(autouse=True)
def _hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names under ``.test`` lead to this machine, so that each feed has a server of its own."""
    real = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1" if host.endswith(".test") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def subscribe(world: World, server: Loopback, names: list[str]) -> None:
    with writing(world.engine) as session:
        for name in names:
            url = f"http://{name}.test:{server.port}/{name}"
            row = Feed(workspace_id=world.workspace.id, url=url, existing="none",
                       created_at=world.clock.now, next_at=world.clock.now)  # fmt: skip
            session.add(row)
        session.commit()


def polled(world: World) -> set[str]:
    with reading(world.engine) as session:
        done = session.scalars(select(col(Feed.url)).where(col(Feed.last_success_at).is_not(None)))
        return {url.rpartition("/")[2] for url in done}


def document(name: str, text: str = "Text.") -> bytes:
    return rss([replace(item(1, site=f"https://{name}.test"), text=text)], title=name).encode()


def test_a_server_that_drips_stalls_no_other_feed(engine: Engine) -> None:
    end, dripping = threading.Event(), threading.Event()

    def drip(body: bytes) -> Iterator[bytes]:
        yield body[:10]
        dripping.set()
        while not end.wait(0.02):
            yield b" "
        yield body[10:]

    def answer(path: str, _headers: Mapping[str, str]) -> Answer:
        name = path.strip("/")
        body = document(name)
        return 200, {"Content-Type": "application/rss+xml"}, drip(body) if name == "slow" else body

    world = new_world(engine)
    others = [f"blog{number}" for number in range(12)]
    with Loopback(answer) as server:
        subscribe(world, server, ["slow", *others])
        runner = Runner(world.context, KIND)
        try:
            runner.look()
            wait_until(lambda: dripping.is_set() and polled(world) == set(others))
            assert polled(world) == set(others)
        finally:
            end.set()
            runner.stop()
    assert polled(world) == {"slow", *others}


def test_large_feeds_at_once_are_all_read(engine: Engine) -> None:
    names = [f"blog{number}" for number in range(6)]

    def answer(path: str, _headers: Mapping[str, str]) -> Answer:
        return 200, {"Content-Type": "application/rss+xml"}, document(path.strip("/"), "long text " * 9_000)

    world = new_world(engine)
    with Loopback(answer) as server:
        subscribe(world, server, names)
        runner = Runner(world.context, KIND, room=Room((50_000, 1)))
        assert runner.drain() == len(names)
        runner.stop()

    assert polled(world) == set(names)
    with reading(engine) as session:
        assert len(session.scalars(select(EntryRow)).all()) == len(names)


def test_a_large_feed_that_got_no_turn_is_read_soon_and_has_not_failed(engine: Engine) -> None:
    room = Room((50_000, 1), longest=0.01)
    body = document("big", "long text " * 9_000)

    def answer(_path: str, _headers: Mapping[str, str]) -> Answer:
        return 200, {"Content-Type": "application/rss+xml"}, body

    world = new_world(engine)
    with Loopback(answer) as server:
        subscribe(world, server, ["big"])
        runner = Runner(world.context, KIND, room=room)
        with room.entered():
            grown(60_000)
            assert runner.drain() == 1
        with reading(engine) as session:
            row = session.scalars(select(Feed)).one()
        assert (row.failures, row.last_error, row.next_reason) == (0, None, CROWDED)
        world.clock.now = row.next_at or world.clock.now
        assert runner.drain() == 1
        runner.stop()
    assert polled(world) == {"big"}


def test_what_did_not_change_is_written_together(engine: Engine) -> None:
    names = [f"blog{number}" for number in range(9)]

    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        tag = f'"{path}"'
        if headers.get("if-none-match") == tag:
            return 304, {"ETag": tag}, b""
        return 200, {"Content-Type": "application/rss+xml", "ETag": tag}, document(path.strip("/"))

    world = new_world(engine)
    with Loopback(answer) as server:
        subscribe(world, server, names)
        runner = Runner(world.context, replace(KIND, width=9))
        assert runner.drain() == 9
        world.clock.forward(days=1)
        with writing(engine) as session:
            session.connection().execute(update(Feed).values(next_at=world.clock.now))
            session.commit()
        assert runner.drain() == 9
        runner.stop()

    with reading(engine) as session:
        rows = session.scalars(select(Feed)).all()
        entries = session.scalars(select(EntryRow)).all()
    assert [(row.last_status, row.failures) for row in rows] == [(304, 0)] * 9
    assert all(row.next_at and row.next_at > world.clock.now + timedelta(minutes=5) for row in rows)
    assert {row.claim for row in rows} == {2}
    assert len(entries) == 9
