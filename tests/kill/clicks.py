"""Kill a server with SIGKILL while readers follow short links, and count what was answered and what is kept.

    python -m tests.kill.clicks DATABASE_URL SEEDS

Each request names itself in its Referer, so that every answer can be looked for among the clicks. Prints one
JSON object: trials, kills that happened, answered requests, and those of them whose click is lost or doubled.
"""

import json
import os
import random
import signal
import socket
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import uvicorn
from sqlmodel import col, select

from domain.ids import new_id
from net.client import make_client
from scheduler.context import Context
from store import links
from store.engine import open_engine, reading, writing
from store.seal import Seal, new_key
from store.tables import Click, Link, Workspace
from web.app import combined
from web.deps import WebContext

READERS = 8
LINKS = 20
#: Readers sent on before the kill, however long that takes: fewer would prove little.
LEAST = 120


def run(url: str, seeds: int) -> dict[str, int]:
    """All trials; returns the sums."""
    sums: Counter[str] = Counter()
    for seed in range(seeds):
        sums.update(_one(url, random.Random(f"clicks-{seed}")))
    return dict(sums)


def _one(url: str, chance: random.Random) -> Counter[str]:
    workspace_id, codes = _links(url)
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    child = os.fork()
    if child == 0:
        try:
            _serve(url, listening)
        finally:
            os._exit(1)
    port = listening.getsockname()[1]
    listening.close()
    answered: list[str] = []
    stopping = threading.Event()
    readers = [
        threading.Thread(target=_read, args=(port, codes, f"{workspace_id}-{number}", answered, stopping))
        for number in range(READERS)
    ]
    for reader in readers:
        reader.start()
    enough = LEAST + chance.randrange(300)
    while len(answered) < enough:
        time.sleep(chance.uniform(0.001, 0.02))
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    stopping.set()
    for reader in readers:
        reader.join()
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    kept = _kept(url, workspace_id)
    return Counter(
        trials=1,
        kills=int(killed),
        answered=len(answered),
        lost=sum(kept[name] == 0 for name in answered),
        doubled=sum(number > 1 for number in kept.values()),
    )


def _links(url: str) -> tuple[int, list[str]]:
    engine = open_engine(url)
    now = datetime.now(UTC)
    workspace = Workspace(id=new_id(), name=str(new_id()), created_at=now)
    with writing(engine) as session:
        session.add(workspace)
        session.flush()
        made = [
            links.new_link(session, workspace_id=workspace.id, target="https://shop.example/", now=now).code
            for _ in range(LINKS)
        ]
        session.commit()
    engine.dispose()
    return workspace.id, made


def _serve(url: str, listening: socket.socket) -> None:
    context = Context(
        engine=open_engine(url),
        http=make_client(),
        seal=Seal([new_key()]),
        clock=lambda: datetime.now(UTC),
        public_url="http://post.example.org",
        pace=timedelta(0),
    )
    app = combined(WebContext(context=context, private_url="http://post.example.org"))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])


def _read(port: int, codes: list[str], who: str, answered: list[str], stopping: threading.Event) -> None:
    """Follow links over one connection after the other until the server is gone."""
    number = 0
    while not stopping.is_set():
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                while not stopping.is_set():
                    number += 1
                    name = f"r{number}.{who}.example"
                    request = (
                        f"GET /l/{codes[number % len(codes)]} HTTP/1.1\r\nHost: post.example.org\r\n"
                        f"User-Agent: Mozilla/5.0 Firefox/145.0\r\nReferer: http://{name}/\r\n\r\n"
                    )
                    connection.sendall(request.encode())
                    got = b""
                    while b"\r\n\r\n" not in got:
                        more = connection.recv(4096)
                        if not more:
                            raise ConnectionError
                        got += more
                    assert got.startswith(b"HTTP/1.1 302"), got
                    answered.append(name)
        except OSError:
            time.sleep(0.02)


def _kept(url: str, workspace_id: int) -> Counter[str]:
    engine = open_engine(url)
    query = select(col(Click.referrer)).join(Link, col(Link.id) == col(Click.link_id))
    with reading(engine) as session:
        kept = Counter(session.scalars(query.where(col(Link.workspace_id) == workspace_id)).all())
    engine.dispose()
    return Counter({str(name): number for name, number in kept.items()})


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], int(sys.argv[2])), sort_keys=True))
