"""An HTTP server on loopback whose answers a test writes down, well-behaved or not.

def answer(path: str, headers: Mapping[str, str]) -> Answer:
    return 200, {"Content-Type": "application/rss+xml"}, b"<rss/>"

with Loopback(answer) as server:      # or Loopback(folder(path)) for files with ETag and 304
    fetch(server.url + "/feed.xml")
    assert server.count("/feed.xml") == 1
"""

import hashlib
import mimetypes
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

#: Status, headers and body. A body in pieces goes out in chunks, unless the headers give a Content-Length.
Answer = tuple[int, Mapping[str, str], bytes | Iterable[bytes]]

#: Path with query, and headers by lower-case name.
Answering = Callable[[str, Mapping[str, str]], Answer]


@dataclass(frozen=True)
class Request:
    """One request as it came in."""

    method: str
    #: With the query.
    path: str
    #: By lower-case name.
    headers: Mapping[str, str]
    body: bytes


class Loopback:
    """The running server; a context manager that also ends answers which would never end by themselves."""

    def __init__(self, answer: Answering) -> None:
        #: All requests so far, oldest first; a request is here before its answer begins.
        self.requests: list[Request] = []
        self.answer = answer
        self._server = _Server(self)
        self.host, self.port = "127.0.0.1", int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def count(self, path: str | None = None) -> int:
        """How many requests came in all, or for one path (the query does not matter)."""
        return sum(path is None or urlsplit(request.path).path == path for request in self.requests)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop, in the middle of answers too; once more does no harm."""
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()  # waits for the threads of all connections
        self._thread.join()

    def wait(self, seconds: float) -> bool:
        """Sleep inside an answer; True when the server closes meanwhile."""
        return self._server.closing.wait(seconds)


def folder(root: Path) -> Answering:
    """Answer with the files below `root`, with ETag, Last-Modified and 304; anything else is 404."""
    root = root.resolve()

    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        file = (root / unquote(urlsplit(path).path).lstrip("/")).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            return 404, {"Content-Type": "text/plain"}, b"not found\n"
        body = file.read_bytes()
        changed = int(file.stat().st_mtime)
        about = {
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"',
            "Last-Modified": formatdate(changed, usegmt=True),
        }
        if _unchanged(headers, about["ETag"], changed):
            return 304, about, b""
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return 200, {**about, "Content-Type": kind}, body

    return answer


def slowly(pieces: Iterable[bytes], *, seconds: float, server: Loopback) -> Iterator[bytes]:
    """A body whose every piece keeps the reader waiting for `seconds`."""
    for piece in pieces:
        if server.wait(seconds):
            return
        yield piece


def endlessly(piece: bytes = b"x" * 65536) -> Iterator[bytes]:
    """A body without an end; give it no Content-Length."""
    while True:
        yield piece


def huge(size: int) -> Iterator[bytes]:
    """A body of `size` bytes that never lies in memory as a whole."""
    piece = bytes(65536)
    for _ in range(size // len(piece)):
        yield piece
    yield bytes(size % len(piece))


def _unchanged(headers: Mapping[str, str], etag: str, changed: int) -> bool:
    if "if-none-match" in headers:  # the stronger question; RFC 9110, section 13.2.2
        known = {tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")}
        return bool({etag, "*"} & known)
    if "if-modified-since" in headers:
        try:
            return changed <= parsedate_to_datetime(headers["if-modified-since"]).timestamp()
        except ValueError:
            return False
    return False


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them
    request_queue_size = 64

    def __init__(self, loopback: Loopback) -> None:
        self.loopback = loopback
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the answers under way and the idle connections, which otherwise wait for their clients."""
        self.closing.set()
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # gone already

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up early are what many tests are about; a broken answer is not."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def respond(self) -> None:
        """Note the request down, ask the test for an answer, send it."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        loopback = self.server.loopback
        loopback.requests.append(Request(self.command, self.path, headers, body))
        status, about, answer = loopback.answer(self.path, headers)
        given = {name.lower() for name in about}
        bodyless = status in {204, 304} or status < 200
        in_chunks = not isinstance(answer, bytes) and "content-length" not in given and not bodyless
        self.send_response(status)
        for name, value in about.items():
            self.send_header(name, value)
        if in_chunks:
            self.send_header("Transfer-Encoding", "chunked")
        elif isinstance(answer, bytes) and "content-length" not in given and not bodyless:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.close_connection |= "content-length" in given  # it may be a lie
        if self.command != "HEAD" and not bodyless:
            self._send([answer] if isinstance(answer, bytes) else answer, in_chunks=in_chunks)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = respond

    def _send(self, pieces: Iterable[bytes], *, in_chunks: bool) -> None:
        for piece in filter(None, pieces):
            if self.server.closing.is_set():
                self.close_connection = True
                return
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if in_chunks else piece)
        if in_chunks:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet: the tests look at `Loopback.requests`."""
