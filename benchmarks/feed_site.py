"""A site of many feeds on loopback, in a process of its own, that plays one phase after another.

    python -m benchmarks.feed_site FOLDER COUNT     prints its port

FOLDER holds real feeds as files, at any depth. The site answers at every address of 127.0.0.0/8, so that it
can stand for many hosts. ``GET /N`` is feed N, ``GET /phase/NAME`` begins a phase:

* cold: every feed answers 200;
* warm: 17 of 20 have validators and answer 304, three have none and send the same body;
* mixed: 14 of 20 answer 304, three send the same body, two were rebuilt without news, one has a new entry.

Every answer ends its connection, as it does for a poller that asks each host once.
"""

import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
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


def originals(folder: Path) -> list[bytes]:
    """The XML feeds among the files of a folder that have enough entries."""
    files = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    feeds = [body for body in files if _is_feed(body) and len(_ENTRY.findall(body)) >= _FEWEST]
    if not feeds:
        raise SystemExit(f"{folder} holds no feeds: give a folder with RSS or Atom files.")
    return feeds


def _is_feed(body: bytes) -> bool:
    return bool(_HEAD.search(body)) and b"<html" not in body[:2000].lower()


def feed(feeds: Sequence[bytes], number: int) -> bytes:
    """Feed ``number``: one of the originals, different from every other feed."""
    return noted(feeds[number % len(feeds)], f"copy {number // len(feeds)}")


def has_validators(number: int) -> bool:
    """Whether feed ``number`` comes with an ETag."""
    return number % 20 not in _WITHOUT_VALIDATORS


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

    def __init__(self, feeds: Sequence[bytes], count: int) -> None:
        self.phase = "cold"
        self._feeds = feeds
        self._count = count

    def answer(self, path: str, headers: Mapping[str, str]) -> bytes:
        """The whole answer to a request."""
        if path.startswith("/phase/"):
            self.phase = path.removeprefix("/phase/")
            return response("200 OK", b"")
        number = int(path.strip("/"))
        if number >= self._count:
            return response("404 Not Found", b"")
        changed = self.phase == "mixed" and number % 20 in (*_REBUILT, _NEWS)
        etag = f'"{number}-{2 if changed else 1}"' if has_validators(number) else None
        if etag and headers.get("if-none-match") == etag:
            return response("304 Not Modified", b"", f"ETag: {etag}\r\n")
        body = feed(self._feeds, number)
        if changed:
            body = with_news(body) if number % 20 == _NEWS else noted(body, "rebuilt")
        return response("200 OK", body, f"ETag: {etag}\r\n" if etag else "")

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
    site = Site(originals(folder), count)
    server = await asyncio.start_server(site.serve, "0.0.0.0", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
