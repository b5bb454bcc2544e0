"""A site of many feeds on loopback, in a process of its own, that plays one phase after another.

    python -m benchmarks.feed_site FOLDER COUNT     prints its port

FOLDER holds real feeds as files, at any depth. ``GET /N`` is feed N, ``GET /phase/NAME`` begins a phase:

* cold: every feed answers 200;
* warm: 17 of 20 have validators and answer 304, three have none and send the same body;
* mixed: 14 of 20 answer 304, three send the same body, two were rebuilt without news, one has a new entry.

Every answer ends its connection, as it does for a poller that asks each host once.
"""

import asyncio
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

#: Of twenty feeds: the places of those without validators, rebuilt ones, and the one with news.
_WITHOUT_VALIDATORS: Final = (14, 15, 16)
_REBUILT: Final = (17, 18)
_NEWS: Final = 19
#: Entries that a file must have to be taken: feeds of blogs and news show ten to fifty.
_FEWEST: Final = 10
_ENTRY: Final = re.compile(rb"<(item|entry)\b[^>]*>.*?</\1\s*>", re.DOTALL)
_NAMES: Final = re.compile(rb"(<(guid|id|link|title)\b[^>]*>)([^<]*)(</\2>)")
_HEAD: Final = re.compile(rb"<(?:channel|feed)\b[^>]*>")


def bodies(folder: Path, count: int) -> list[bytes]:
    """``count`` XML feeds from the files of a folder, each different from the others."""
    files = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    feeds = [body for body in files if _HEAD.search(body) and len(_ENTRY.findall(body)) >= _FEWEST]
    if not feeds:
        raise SystemExit(f"{folder} holds no feeds: give a folder with RSS or Atom files.")
    return [noted(feeds[number % len(feeds)], f"copy {number // len(feeds)}") for number in range(count)]


def noted(body: bytes, note: str) -> bytes:
    """The same feed with other bytes in its head: what a site generator does each hour."""
    head = _HEAD.search(body)
    assert head is not None
    return body[: head.end()] + f"<!-- {note} -->".encode() + body[head.end() :]


def with_news(body: bytes) -> bytes:
    """The same feed with one more entry above the others."""
    first = _ENTRY.search(body)
    assert first is not None
    fresh = _NAMES.sub(rb"\1\3-fresh\4", first[0])
    return body[: first.start()] + fresh + body[first.start() :]


class Site:
    """The feeds and the phase that they are in."""

    def __init__(self, feeds: list[bytes]) -> None:
        self.phase = "cold"
        self._feeds = feeds

    def answer(self, path: str, headers: Mapping[str, str]) -> bytes:
        """The whole answer to a request."""
        if path.startswith("/phase/"):
            self.phase = path.removeprefix("/phase/")
            return response("200 OK", b"")
        number = int(path.strip("/"))
        body, version = self._feeds[number], "1"
        if self.phase == "mixed" and number % 20 in _REBUILT:
            body, version = noted(body, "rebuilt"), "2"
        elif self.phase == "mixed" and number % 20 == _NEWS:
            body, version = with_news(body), "2"
        if number % 20 in _WITHOUT_VALIDATORS:
            return response("200 OK", body)
        etag = f'"{number}-{version}"'
        if headers.get("if-none-match") == etag:
            return response("304 Not Modified", b"", f"ETag: {etag}\r\n")
        return response("200 OK", body, f"ETag: {etag}\r\n")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and hang up."""
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in request[1:] if ": " in line)
            writer.write(self.answer(request[0].split(" ")[1], headers))
            await writer.drain()
        finally:
            writer.close()


def response(status: str, body: bytes, more: str = "") -> bytes:
    """An HTTP answer that ends its connection."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nConnection: close\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def main(folder: Path, count: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(Site(bodies(folder, count)).serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
