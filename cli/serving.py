"""Serving the pages: sockets that are bound before anything starts, and servers that stop when told."""

import asyncio
import errno
import gc
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn

from domain.errors import TabuhError

#: Seconds that open requests get at the end.
LAST_REQUESTS = 5
#: Connections that may wait to be accepted.
_BACKLOG = 2048


def bind(host: str, port: int, *, setting: str) -> socket.socket:
    """A socket that listens there; port 0 takes any free one.

    Raises:
        TabuhError: the port is taken, or the address is not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as exc:
        raise TabuhError(
            f"Cannot serve on {host!r}: {exc.strerror}. Set {setting}_HOST to an address of this machine."
        ) from exc
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as exc:
        listening.close()
        if exc.errno == errno.EADDRINUSE:
            raise TabuhError(
                f"Port {port} on {host} is in use. Stop the program that has it, or set {setting}_PORT "
                "to another port."
            ) from exc
        raise TabuhError(
            f"Cannot serve on {host} port {port}: {exc.strerror}. Set {setting}_HOST and {setting}_PORT."
        ) from exc
    return listening


class Servers:
    """One server for each application, all in the event loop of one thread."""

    def __init__(self, applications: Sequence[tuple[Any, socket.socket]], *, access_log: bool) -> None:
        self._pairs = [(_Server(_config(app, access_log=access_log)), bound) for app, bound in applications]

    async def run(self, *, ready: Callable[[], None]) -> None:
        """Serve until `stop`; ``ready`` is called once all of them answer."""

        def answering() -> None:
            if all(server.started for server, _ in self._pairs):
                gc.freeze()  # what is loaded by now stays: no answer waits for the collector to look at it
                ready()

        for server, _ in self._pairs:
            server.on_answering = answering
        running = [asyncio.create_task(server.serve(sockets=[bound])) for server, bound in self._pairs]
        for ended in asyncio.as_completed(running):
            await ended
            self.stop()  # one that could not begin takes the others with it

    def stop(self) -> None:
        """Take no more requests, finish the open ones."""
        for server, _ in self._pairs:
            server.should_exit = True


class _Server(uvicorn.Server):
    """A server that says when it answers and leaves signals to us: after SIGTERM it would end with 143."""

    #: Called as soon as it answers.
    on_answering: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.on_answering()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: Any, *, access_log: bool) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,  # ours is configured already
        access_log=access_log,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=LAST_REQUESTS,
        backlog=_BACKLOG,
    )
