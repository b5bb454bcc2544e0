"""Redirects of short links: how many a second, how long each takes, each on disk when it is answered.

    python -m benchmarks.redirects [--requests 6000] [--wide 32] [--postgresql URL]

In one run and one process, on each database: requests one after the other and many at a time, straight into
the application and over loopback HTTP, while a thread adds their clicks to the sums as the service does;
beside them, on the same machine, an application that only answers, and what one durable append to a file
takes. The answer waits for the disk: compare its times with the disk's. ``cpu_us`` is what one redirect costs
this process, the database's own process apart.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks import machine
from domain.content import Content
from domain.post import PostState
from net.client import make_client
from scheduler.context import Context
from scheduler.settling import ADD_UP_EVERY, add_up
from store import links, people, posts
from store.engine import open_engine, reading, writing
from store.migrate import upgrade
from store.seal import Seal, new_key
from store.tables import ChannelRow, Click, Rollup
from web.app import combined
from web.deps import WebContext

LINKS = 200
#: Requests where few come at a time.
_FEW = 1_000
AGENT = b"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
_Call = Callable[[int], Awaitable[None]]


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """The least that an application can do: the baseline of all figures over HTTP."""
    del receive
    if scope["type"] == "http":
        headers = [(b"location", b"https://shop.example/"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 302, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def application(engine: Engine) -> tuple[ASGIApp, list[str]]:
    """The two applications behind one address as the service has them, and the codes of some links."""
    now = datetime.now(UTC)
    with writing(engine) as session:
        people.ensure_owner(session, now)
        workspace = people.first_workspace(session)
        made = [
            links.new_link(
                session,
                workspace_id=workspace.id,
                target=f"https://shop.example/{number}",
                post_id=post_id,
                now=now,
            ).code
            for number, post_id in enumerate(_posts(session, workspace.id, now=now))
        ]
        session.commit()
    context = Context(
        engine=engine,
        http=make_client(),
        seal=Seal([new_key()]),
        clock=lambda: datetime.now(UTC),
        public_url="http://post.example.org",
        pace=timedelta(0),
    )
    return combined(WebContext(context=context, private_url="http://post.example.org")), made


def _posts(session: Session, workspace_id: int, *, now: datetime) -> list[int]:
    """Published posts that carry the links, so that a click counts for its post, too."""
    channel = ChannelRow(workspace_id=workspace_id, platform="page", name="Page", slug="page", created_at=now)
    session.add(channel)
    session.flush()
    made = [
        posts.new_post(
            session,
            workspace_id=workspace_id,
            channel=channel,
            content=Content(f"post {number}"),
            state=PostState.PUBLISHED,
            now=now,
        )
        for number in range(LINKS)
    ]
    for post in made:
        post.published_at = now
    session.flush()
    return [post.id for post in made]


def straight(app: ASGIApp, codes: Sequence[str]) -> _Call:
    """One request straight into the application, each from another address."""

    async def call(number: int) -> None:
        code = codes[number % len(codes)]
        scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": f"/l/{code}", "raw_path": f"/l/{code}".encode(), "query_string": b"",
            "headers": [(b"host", b"post.example.org"), (b"user-agent", AGENT),
                        (b"referer", b"https://social.example/x")],
            "client": (f"198.51.{number // 250 % 250}.{number % 250}", 50_000), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        status = 0

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)

        await app(scope, receive, send)
        assert status == 302, status

    return call


async def measured(call: _Call, *, requests: int, wide: int) -> dict[str, float]:
    """Requests a second, and the milliseconds of one (middle, 99th of 100), ``wide`` at a time."""
    took: list[float] = []
    numbers = iter(range(requests))

    async def worker() -> None:
        for number in numbers:
            start = time.perf_counter()
            await call(number)
            took.append(time.perf_counter() - start)

    start, busy = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(wide)))
    figures = _figures(took, time.perf_counter() - start)
    return {**figures, "cpu_us": round((time.process_time() - busy) / requests * 1e6)}


def _figures(took: list[float], seconds: float) -> dict[str, float]:
    took.sort()
    return {
        "per_s": round(len(took) / seconds),
        "p50_ms": round(statistics.median(took) * 1e3, 2),
        "p99_ms": round(took[int(len(took) * 0.99)] * 1e3, 2),
    }


def durable_append() -> dict[str, float]:
    """One short append to a file with fdatasync: what any durable answer waits for at least."""
    took: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        file = os.open(Path(folder) / "append", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        begun = time.perf_counter()
        for _ in range(300):
            start = time.perf_counter()
            os.write(file, b"x" * 300)
            os.fdatasync(file)
            took.append(time.perf_counter() - start)
        seconds = time.perf_counter() - begun
        os.close(file)
    return _figures(took, seconds)


@contextmanager
def served(app: Any) -> Iterator[int]:
    """The application on a loopback port, in a thread of this process."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()


#: A client in a process of its own: sockets that stay open, one request after the other on each.
_CLIENT = """
import asyncio, json, sys, time
port, requests, wide = map(int, sys.argv[1:4]); codes = sys.argv[4].split(",")
async def main():
    numbers, took = iter(range(requests)), []
    async def worker():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for n in numbers:
            start = time.perf_counter()
            writer.write((f"GET /l/{codes[n % len(codes)]} HTTP/1.1\\r\\nHost: post.example.org\\r\\n"
                          f"X-Forwarded-For: 198.51.{n // 250 % 250}.{n % 250}\\r\\n"
                          "User-Agent: Mozilla/5.0 (X11) Gecko/20100101 Firefox/145.0\\r\\n\\r\\n").encode())
            answer = await reader.readuntil(b"\\r\\n\\r\\n")
            assert b" 302 " in answer[:20], answer
            took.append(time.perf_counter() - start)
        writer.close()
    start = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(wide)))
    print(json.dumps([took, time.perf_counter() - start]))
asyncio.run(main())
"""


def over_http(app: Any, codes: Sequence[str], *, requests: int, wide: int) -> dict[str, float]:
    """The same over loopback HTTP; the client is another process, the server one process."""
    import subprocess

    with served(app) as port:
        command = [sys.executable, "-c", _CLIENT, str(port), str(requests), str(wide), ",".join(codes)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    took, seconds = json.loads(done.stdout)
    return _figures(took, seconds)


def run(engine: Engine, *, requests: int, wide: int) -> dict[str, Any]:
    """All figures of one database."""
    app, codes = application(engine)
    call = straight(app, codes)

    few = min(requests, _FEW)
    widths = {1: few, 8: few, wide: requests}

    async def inside() -> dict[str, dict[str, float]]:
        await measured(call, requests=few, wide=8)  # the first requests open connections
        return {
            f"in_process_{each}_at_a_time": await measured(call, requests=number, wide=each)
            for each, number in widths.items()
        }

    with adding_up(engine):
        figures = asyncio.run(inside())
        figures[f"http_{wide}_at_a_time"] = over_http(app, codes, requests=requests, wide=wide)
    with reading(engine) as session:
        kept = session.scalar(select(func.count(col(Click.id))))
        summed = session.scalar(select(func.sum(col(Rollup.total))))
    asked = few + sum(widths.values()) + requests
    return {**figures, "asked": asked, "clicks_kept": kept, "clicks_in_sums": int(summed or 0)}


@contextmanager
def adding_up(engine: Engine) -> Iterator[None]:
    """Add clicks to the sums of their posts meanwhile, at the service's intervals; at the end those left."""
    stopping = threading.Event()

    def run() -> None:
        while not stopping.wait(ADD_UP_EVERY.total_seconds()):
            add_up(engine)
        add_up(engine)

    thread = threading.Thread(target=run)
    thread.start()
    yield
    stopping.set()
    thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=6_000)
    parser.add_argument("--wide", type=int, default=32)
    parser.add_argument("--postgresql", default="", help="an empty database; left out: one of our own")
    asked = parser.parse_args()
    sizes = {"requests": asked.requests, "wide": asked.wide}
    print(f"machine: {machine.describe()}, {json.dumps(machine.baseline())}")
    print(f"durable append: {json.dumps(durable_append())}")
    codes = [str(number) for number in range(LINKS)]
    print(f"bare application over http: {json.dumps(over_http(bare, codes, **sizes))}")
    with tempfile.TemporaryDirectory() as folder:
        _print("sqlite", f"sqlite:///{folder}/tabuh.db", sizes)
    if asked.postgresql:
        _print("postgresql", asked.postgresql, sizes)
        return
    with machine.postgresql() as server:
        _print("postgresql", server.create("redirects"), sizes)


def _print(name: str, url: str, sizes: dict[str, int]) -> None:
    engine = open_engine(url)
    upgrade(engine)
    print(f"{name}: {json.dumps(run(engine, **sizes))}")
    engine.dispose()


if __name__ == "__main__":
    main()
