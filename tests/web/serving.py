"""Both applications behind a real server on the loopback, for tests with a browser."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from sqlalchemy import Engine

from store import people
from store.engine import writing
from tests.web.setting import Installation
from web.app import combined


@contextmanager
def served(engine: Engine, *, allowed_networks: tuple[str, ...] = ()) -> Iterator[Installation]:
    """An installation that answers at its ``private_url``; it stops at the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        place = Installation(
            engine, private_url=address, public_url=address, allowed_networks=allowed_networks
        )
        settings = uvicorn.Config(
            combined(place.web), log_level="warning", lifespan="off", access_log=False, server_header=False
        )
        server = uvicorn.Server(settings)
        thread = Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        try:
            yield place
        finally:
            server.should_exit = True
            thread.join()


def cookies(place: Installation, **more: str) -> list[dict[str, str]]:
    """What signs a browser in as the owner, and other cookies, as Playwright takes them."""
    with writing(place.engine) as session:
        token = people.open_session(session, place.owner.id, now=place.now)
        session.commit()
    named = {place.web.session_cookie: token, **more}
    return [{"name": name, "value": value, "url": place.private_url} for name, value in named.items()]
