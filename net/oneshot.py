"""A connection for one GET: opened, asked, read to the end and closed.

A poller asks each host once in an hour. What httpx's own transport does so that connections can be shared and
kept costs more there than the request itself (``benchmarks/feeds.py``).
"""

import re
import ssl
from collections.abc import Iterator
from typing import Final, NoReturn

import httpcore
import httpx

_READ: Final = 64 * 1024
#: Longest head of an answer, in bytes.
_MAX_HEAD: Final = 128 * 1024
_MAX_ANNOUNCED: Final = 10
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-9]\d\d)(?: |$)")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0\r\n]*?)[ \t]*")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?")
_FOLDED: Final = re.compile(rb"\r?\n[ \t]+")
_NEW_LINE: Final = re.compile(rb"\r?\n")


class OneShot(httpx.BaseTransport):
    """One connection for each request, opened by a guarded backend."""

    def __init__(self, backend: httpcore.NetworkBackend, tls: ssl.SSLContext) -> None:
        self._backend = backend
        self._tls = tls

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request that has no body; the answer's body is read as it is asked for."""
        limits = request.extensions.get("timeout", {})
        try:
            stream = self._connect(request.url, limits.get("connect"))
            connection = _Connection(stream, limits.get("read"))
            try:
                stream.write(_head(request), limits.get("write"))
                status, headers = connection.read_head()
            except BaseException:
                stream.close()
                raise
        except _FAILURES as exc:
            _raise(exc, request)
        has_body = request.method != "HEAD" and status not in (204, 304)
        return httpx.Response(
            status, headers=headers, stream=_Body(connection, headers, has_body=has_body, request=request)
        )

    def _connect(self, url: httpx.URL, limit: float | None) -> httpcore.NetworkStream:
        is_secure = url.scheme == "https"
        host = url.raw_host.decode("ascii")
        stream = self._backend.connect_tcp(host, url.port or (443 if is_secure else 80), limit)
        if not is_secure:
            return stream
        try:
            return stream.start_tls(self._tls, host.strip("[]"), limit)
        except BaseException:
            stream.close()
            raise


class _Connection:
    """Reads an answer from a stream, piece by piece."""

    def __init__(self, stream: httpcore.NetworkStream, limit: float | None) -> None:
        self._stream = stream
        self._limit = limit
        self._ahead = b""

    def read_head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Status and headers of the final answer; announcements (1xx) before it are passed over."""
        for _ in range(_MAX_ANNOUNCED):
            lines = _NEW_LINE.split(_FOLDED.sub(b" ", self._until_empty_line()))
            status = _STATUS.match(lines[0])
            if status is None:
                raise httpcore.RemoteProtocolError("the answer is not HTTP")
            if not status[1].startswith(b"1"):
                found = (_HEADER.fullmatch(line) for line in lines[1:])
                # A line that is no header is left out: many servers let one slip in.
                return int(status[1]), [(header[1], header[2]) for header in found if header]
        raise httpcore.RemoteProtocolError("the server announces an answer and never gives it")

    def _until_empty_line(self) -> bytes:
        head = self._ahead
        while True:
            ends = [end for end in (head.find(b"\r\n\r\n"), head.find(b"\n\n")) if end >= 0]
            if ends:
                end = min(ends)
                self._ahead = head[end + (4 if head.startswith(b"\r\n\r\n", end) else 2) :]
                return head[:end]
            if len(head) > _MAX_HEAD:
                raise httpcore.RemoteProtocolError("the head of the answer is too long")
            head += self._more()

    def _more(self) -> bytes:
        piece = self._stream.read(_READ, self._limit)
        if not piece:
            raise httpcore.RemoteProtocolError("the server hung up in the middle of its answer")
        return piece

    def exactly(self, size: int) -> Iterator[bytes]:
        """The next ``size`` bytes."""
        while size > 0:
            piece = self._ahead or self._more()
            self._ahead = piece[size:]
            piece = piece[:size]
            size -= len(piece)
            yield piece

    def to_the_end(self) -> Iterator[bytes]:
        """Everything until the server hangs up."""
        if self._ahead:
            yield self._ahead
        while piece := self._stream.read(_READ, self._limit):
            yield piece

    def chunks(self) -> Iterator[bytes]:
        """A body in chunks; what follows the last one is not looked at."""
        while True:
            size = _SIZE.fullmatch(self._line())
            if size is None:
                raise httpcore.RemoteProtocolError("the answer comes in broken chunks")
            if not int(size[1], 16):
                return
            yield from self.exactly(int(size[1], 16))
            if self._line():
                raise httpcore.RemoteProtocolError("the answer comes in broken chunks")

    def _line(self) -> bytes:
        while b"\n" not in self._ahead:
            if len(self._ahead) > _READ:
                raise httpcore.RemoteProtocolError("the answer comes in broken chunks")
            self._ahead += self._more()
        line, _, self._ahead = self._ahead.partition(b"\n")
        return line.removesuffix(b"\r")

    def close(self) -> None:
        """Hang up."""
        self._stream.close()


class _Body(httpx.SyncByteStream):
    def __init__(
        self,
        connection: _Connection,
        headers: list[tuple[bytes, bytes]],
        *,
        has_body: bool,
        request: httpx.Request,
    ) -> None:
        self._connection = connection
        self._headers = {name.lower(): value for name, value in headers}
        self._has_body = has_body
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        if not self._has_body:
            return
        length = self._headers.get(b"content-length", b"")
        try:
            if b"chunked" in self._headers.get(b"transfer-encoding", b"").lower():
                yield from self._connection.chunks()
            elif length.isdigit():
                yield from self._connection.exactly(int(length[:18]))
            else:
                yield from self._connection.to_the_end()
        except _FAILURES as exc:
            _raise(exc, self._request)

    def close(self) -> None:
        self._connection.close()


def _head(request: httpx.Request) -> bytes:
    lines = [b"%s: %s\r\n" % pair for pair in request.headers.raw]
    return b"%s %s HTTP/1.1\r\n%s\r\n" % (
        request.method.encode("ascii"),
        request.url.raw_path,
        b"".join(lines),
    )


_FAILURES: Final = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


def _raise(exc: Exception, request: httpx.Request) -> NoReturn:
    """As httpx names it: its errors are named like those of httpcore."""
    kind = getattr(httpx, type(exc).__name__, None) or next(
        getattr(httpx, base.__name__) for base in type(exc).__mro__ if hasattr(httpx, base.__name__)
    )
    raise kind(str(exc), request=request) from exc
