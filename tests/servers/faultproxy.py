"""A TCP proxy on loopback that loses what a network can lose, when a test says so.

    with FaultProxy(host, port) as proxy:
        proxy.fault = CutAnswer()      # the server has done its work, the client never hears of it
        client.post(proxy.url, ...)    # raises a read error
        assert proxy.struck == 1
        proxy.fault = None             # from now on all goes well

A fault may be set, changed and taken back at any time, also for connections that are open already.
"""

import contextlib
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

#: SO_LINGER with zero seconds: close() sends RST in place of FIN.
_RESET = struct.pack("ii", 1, 0)

#: Seconds after which an open connection notices that the proxy was closed or began to refuse.
_GLANCE = 0.05

#: Seconds that one side may stall while the other waits for it.
_STALL = 10.0


@dataclass(frozen=True)
class CutAnswer:
    """Reset the connection once the server has answered, after `after` bytes of that answer went through."""

    after: int = 0


@dataclass(frozen=True)
class LoseAnswer:
    """The request arrives, the answer vanishes, the connection stays open: the client can only time out."""


@dataclass(frozen=True)
class LoseRequest:
    """The connection opens and stays silent; nothing reaches the server."""


@dataclass(frozen=True)
class Refuse:
    """Nobody listens: connecting fails at once, and open connections are reset."""


Fault = CutAnswer | LoseAnswer | LoseRequest | Refuse


class FaultProxy:
    """Stands between a client and `host:port`; a context manager that leaves no thread behind.

    Args:
        latency: seconds that every piece of an answer is held back.
        fault: what goes wrong from the start; None: nothing.
        greets: whether the server speaks first, as mail servers do.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        latency: float = 0.0,
        fault: Fault | None = None,
        greets: bool = False,
    ) -> None:
        self.upstream = (host, port)
        self.greets = greets
        self.latency = latency
        #: Connections that reached the proxy.
        self.connections = 0
        #: Connections that a fault hit (a refused one leaves no trace).
        self.struck = 0
        self.closed = False
        self._fault = fault
        self._threads: list[threading.Thread] = []
        self._door = _bound(0)
        self.host, self.port = "127.0.0.1", int(self._door.getsockname()[1])

    @property
    def url(self) -> str:
        """The address that stands for the server's, for HTTP."""
        return f"http://{self.host}:{self.port}"

    @property
    def fault(self) -> Fault | None:
        """What goes wrong now."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        before, self._fault = self._fault, fault
        if isinstance(fault, Refuse) and not isinstance(before, Refuse):
            self._shut_door()
            self._door = _bound(self.port)  # keeps the port ours; without listen() it refuses
        elif isinstance(before, Refuse) and not isinstance(fault, Refuse):
            self._open_door()

    def __enter__(self) -> Self:
        if not isinstance(self._fault, Refuse):
            self._open_door()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed = True
        self._shut_door()
        for thread in self._threads:
            thread.join(2 * _STALL)

    def _open_door(self) -> None:
        self._door.listen(64)
        self._start(self._accept, self._door)

    def _shut_door(self) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)  # wakes accept(), which close() alone does not
        self._door.close()

    def _start(self, work: Callable[[socket.socket], None], connection: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(connection,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the door was shut
            while True:
                client, _ = door.accept()
                self.connections += 1
                self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket() as server:
            connection = _Connection(self, client, server)
            try:
                while not connection.over:
                    connection.look()
            except OSError:
                pass  # one side is gone; leaving this block tells the other
            self.struck += connection.struck
            if connection.reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


class _Connection:
    """What one client and the server say to each other."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, server: socket.socket) -> None:
        self.over = False
        self.reset = False
        self.struck = False
        self._proxy = proxy
        self._client = client
        self._server = server
        self._heard = [client]
        self._silent = False
        self._cut: CutAnswer | None = None
        self._left = 0
        client.settimeout(_STALL)
        server.settimeout(_STALL)
        if proxy.greets:
            server.connect(proxy.upstream)
            self._heard.append(server)

    def look(self) -> None:
        """Carry what has come; returns after `_GLANCE` seconds when nothing has."""
        ready = select.select(self._heard, [], [], _GLANCE)[0]
        if self._proxy.closed or isinstance(self._proxy.fault, Refuse):
            self.over = self.reset = True
        elif self._client in ready:
            self._carry_request(self._client.recv(65536))
        elif self._server in ready:
            self._carry_answer(self._server.recv(65536))

    def _carry_request(self, piece: bytes) -> None:
        if isinstance(self._proxy.fault, LoseRequest):
            self._silent = self.struck = True  # for good: a request with a hole in it helps nobody
        if self._silent:
            self.over = not piece
            return
        if not piece:
            self._heard.remove(self._client)
            self._server.shutdown(socket.SHUT_WR)
            return
        if self._server not in self._heard:
            self._server.connect(self._proxy.upstream)
            self._heard.append(self._server)
        self._server.sendall(piece)

    def _carry_answer(self, piece: bytes) -> None:
        time.sleep(self._proxy.latency)
        match self._proxy.fault:
            case _ if not piece:
                self.over = not isinstance(self._proxy.fault, LoseAnswer)
                self._heard.remove(self._server)
            case CutAnswer() as cut:
                if cut is not self._cut:
                    self._cut, self._left = cut, cut.after
                self._client.sendall(piece[: self._left])
                self._left -= len(piece)
                self.over = self.reset = self.struck = self._left <= 0
            case LoseAnswer():
                self.struck = True
            case _:
                self._client.sendall(piece)


def _bound(port: int) -> socket.socket:
    """A socket that holds a port of loopback and does not listen yet."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", port))
    return door
