"""WebSockets through the guarded client: its address policy, its TLS and its deadline hold for them as well.

The opening is an HTTP request as any other (RFC 6455, section 4), so that the connection is made where all
connections are made; frames are read and written by wsproto.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import httpcore
import httpx
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Message, Ping, TextMessage
from wsproto.utilities import ProtocolError

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
_READ = 64 * 1024
_FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, ProtocolError)


class Broken(Exception):
    """The connection ended, or what came is not what a WebSocket carries."""


class NotUpgraded(Exception):
    """The server answered the opening with something else; ``answer`` is that, without a body."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"the server answered {answer.status_code} in place of a WebSocket")
        self.answer = answer


class WebSocket:
    """An open connection that carries texts.

    Args:
        stream: what reads and writes bytes (`httpcore.NetworkStream`).
        max_message: bytes of one message; nothing larger is ever held.
        timeout: seconds for each single wait, where no deadline ends it before.
    """

    def __init__(self, stream: httpcore.NetworkStream, *, max_message: int, timeout: float | None) -> None:
        self._stream = stream
        self._frames = Connection(ConnectionType.CLIENT)
        self._events: Iterator[Event] = iter(())
        self._max_message = max_message
        self._timeout = timeout

    def send(self, text: str) -> None:
        """Write one message.

        Raises:
            Broken: it may or may not have arrived.
        """
        self._write(Message(data=text))

    def receive(self) -> str:
        """The next message; pings before it are answered.

        Raises:
            Broken: the connection ended, was silent for too long, or carried something else.
        """
        pieces: list[str] = []
        size = 0
        while True:
            event = self._next()
            match event:
                case TextMessage():
                    pieces.append(event.data)
                    size += len(event.data.encode())
                case Ping():
                    self._write(event.response())
                case BytesMessage():
                    raise Broken("the server sent bytes where a text was due")
                case CloseConnection():
                    raise Broken(f"the server closed the connection ({event.reason or int(event.code)})")
            if size > self._max_message:
                raise Broken(f"the server sent a message of more than {self._max_message:,} bytes")
            if isinstance(event, TextMessage) and event.message_finished:
                return "".join(pieces)

    def close(self) -> None:
        """Say goodbye without waiting for an answer."""
        try:
            self._write(CloseConnection(code=1000))
        except Broken:
            return

    def _next(self) -> Event:
        while True:
            try:
                if (event := next(self._events, None)) is not None:
                    return event
                data = self._stream.read(_READ, self._timeout)
                self._frames.receive_data(data or None)
            except _FAILURES as exc:
                raise Broken(str(exc) or type(exc).__name__) from exc
            self._events = self._frames.events()

    def _write(self, event: Event) -> None:
        try:
            self._stream.write(self._frames.send(event), self._timeout)
        except _FAILURES as exc:
            raise Broken(str(exc) or type(exc).__name__) from exc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def open_websocket(
    client: httpx.Client,
    url: str,
    *,
    max_message: int,
    timeout: float | None = None,
    extensions: Mapping[str, Any] | None = None,
) -> Iterator[WebSocket]:
    """A connection to a ``ws`` or ``wss`` address; closed behind the block.

    Args:
        client: as `net.client.make_client` makes it.
        max_message: bytes of one message from the server, at most.
        extensions: of the opening request.

    Raises:
        httpx.HTTPError: no connection was made, or the opening had no answer.
        NotUpgraded: the server opens no WebSocket there.
    """
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }
    scheme, _, rest = url.partition("://")
    address = f"{'https' if scheme == 'wss' else 'http'}://{rest}"
    request = client.build_request("GET", address, headers=headers, extensions=dict(extensions or {}))
    answer = client.send(request, stream=True)
    try:
        stream = answer.extensions.get("network_stream")
        if answer.status_code != 101 or stream is None or not _is_answer_to(key, answer):
            raise NotUpgraded(
                httpx.Response(answer.status_code, headers=_plain(answer.headers), request=request)
            )
        with WebSocket(stream, max_message=max_message, timeout=timeout) as socket:
            yield socket
    finally:
        answer.close()


def _is_answer_to(key: str, answer: httpx.Response) -> bool:
    expected = base64.b64encode(hashlib.sha1(f"{key}{_GUID}".encode(), usedforsecurity=False).digest())
    return bool(answer.headers.get("sec-websocket-accept", "").strip() == expected.decode())


def _plain(headers: httpx.Headers) -> list[tuple[str, str]]:
    """The headers without those that describe a body: it is not read."""
    of_body = ("content-encoding", "content-length", "transfer-encoding")
    return [(name, value) for name, value in headers.items() if name not in of_body]
