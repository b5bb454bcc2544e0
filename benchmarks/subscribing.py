"""An installation that reads thousands of feeds, each on a host of its own, made ready to be measured.

The first feeds are added as a person adds them. All others are copies of their rows: reading ten thousand
feeds for the first time takes minutes, and is not what is measured.
"""

import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, insert, select
from sqlmodel import SQLModel, col

from benchmarks.feed_site import feed, has_validators
from cli.opening import Opened
from domain.ids import new_id
from feeds.charset import as_utf8
from feeds.fetch import body_hash
from feeds.memory import pack, unpack
from feeds.parsed import base_of
from feeds.scan import NotSliceable, scan
from scheduler.feeds import add_feed
from scheduler.politeness import server_of
from scheduler.routes import add_route
from scheduler.rules import Rules
from store import channels
from store.changes import AUTOMATION
from store.engine import reading
from store.tables import EntryKeyRow, EntryRow, Feed, FeedMemory

#: One route for so many feeds.
_PER_ROUTE: Final = 100
#: Feeds whose copies are written in one transaction.
_BATCH: Final = 200
_HOST: Final = re.compile(r"blog(\d{5})\.com")


def resolve_hosts() -> None:
    """Let each host of the benchmark, and none else, lead to a loopback address of its own.

    Names are looked up as always, in a thread with a time limit; only the resolver's answer is ours.
    """

    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *rest: Any, **more: Any) -> Any:
        known = _HOST.fullmatch(host)
        if known is None:
            return real("127.0.0.1" if host[:1].isalpha() else host, port, *rest, **more)
        number = int(known[1])
        address = f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    setattr(socket, "getaddrinfo", getaddrinfo)  # noqa: B010 - its type is narrower than what it takes


def address(number: int, port: int) -> str:
    """Where feed ``number`` is."""
    return f"http://blog{number:05}.com:{port}/{number}"


def subscribe(tabuh: Opened, originals: Sequence[bytes], count: int, *, port: int) -> None:
    """Add ``count`` feeds with their entries, and routes that read them all."""
    first = min(count, len(originals))
    ids = [
        add_feed(tabuh.context, tabuh.workspace.id, address(n, port), existing="none", actor=AUTOMATION).id
        for n in range(first)
    ]
    ids += _copies(tabuh.engine, originals, ids, range(first, count), port=port)
    with reading(tabuh.engine) as session:
        [page, *_] = channels.listed(session, tabuh.workspace.id)
    for start in range(0, count, _PER_ROUTE):
        add_route(
            tabuh.context,
            tabuh.workspace.id,
            name=f"Route {start // _PER_ROUTE}",
            feed_ids=ids[start : start + _PER_ROUTE],
            channel_id=page.id,
            rules=Rules(timing="at_once"),
            actor=AUTOMATION,
        )


@dataclass(frozen=True)
class _Rows:
    """A feed as it stands in the database."""

    feed: dict[str, Any]
    entries: list[dict[str, Any]]
    keys: list[dict[str, Any]]
    memories: list[dict[str, Any]]


def _copies(
    engine: Engine, originals: Sequence[bytes], ids: Sequence[int], numbers: range, *, port: int
) -> Iterator[int]:
    stored = [_rows(engine, feed_id) for feed_id in ids]
    for start in range(numbers.start, numbers.stop, _BATCH):
        made = [
            _copy(stored[number % len(stored)], originals, number, port=port)
            for number in range(start, min(start + _BATCH, numbers.stop))
        ]
        with engine.begin() as connection:
            connection.execute(insert(Feed), [one.feed for one in made])
            connection.execute(insert(EntryRow), [row for one in made for row in one.entries])
            connection.execute(insert(EntryKeyRow), [row for one in made for row in one.keys])
            connection.execute(insert(FeedMemory), [row for one in made for row in one.memories])
        yield from (one.feed["id"] for one in made)


def _rows(engine: Engine, feed_id: int) -> _Rows:
    def rows(table: type[SQLModel], key: Any) -> list[dict[str, Any]]:
        columns = table.__table__.c  # type: ignore[attr-defined]
        return [dict(row) for row in connection.execute(select(*columns).where(key == feed_id)).mappings()]

    with engine.connect() as connection:
        [row] = rows(Feed, col(Feed.id))
        return _Rows(
            row,
            entries=rows(EntryRow, col(EntryRow.feed_id)),
            keys=rows(EntryKeyRow, col(EntryKeyRow.feed_id)),
            memories=rows(FeedMemory, col(FeedMemory.feed_id)),
        )


def _copy(stored: _Rows, originals: Sequence[bytes], number: int, *, port: int) -> _Rows:
    feed_id = new_id()
    body = feed(originals, number)
    new_ids = {entry["id"]: new_id() for entry in stored.entries}
    changes: dict[str, Any] = {
        "id": feed_id,
        "url": address(number, port),
        "host": server_of(address(number, port)),
        "etag": f'"{number}-1"' if has_validators(number) else None,
        "body_hash": body_hash(body),
    }
    memories = [
        {"feed_id": feed_id, "memory": _memory(row["memory"], body, stored.feed["url"], changes["url"])}
        for row in stored.memories
    ]
    return _Rows(
        {**stored.feed, **changes},
        [{**entry, "id": new_ids[entry["id"]], "feed_id": feed_id} for entry in stored.entries],
        [
            {**key, "entry_id": new_ids.get(key["entry_id"], key["entry_id"]), "feed_id": feed_id}
            for key in stored.keys
        ],
        memories,
    )


def _memory(memory: bytes, body: bytes, there: str, here: str) -> bytes:
    """What the same feed at another address would remember: only the fingerprints depend on the address."""
    known = unpack(memory)
    pairs_ = zip(_fingerprints(body, there), _fingerprints(body, here), strict=True)
    return pack((mine, known[theirs]) for theirs, mine in pairs_ if theirs in known)


def _fingerprints(body: bytes, url: str) -> list[bytes]:
    try:
        document = as_utf8(body.lstrip(), "application/xml")
        return [span.fingerprint for span in scan(document, context=base_of(url))]
    except NotSliceable:
        return []
