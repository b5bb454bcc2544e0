"""What it costs to remember entries for good: bytes a key, and how fast a poll finds its keys.

    python -m benchmarks.keys [--keys 200000] [--feeds 5000]

Keys come in the order of arrival, shuffled over the feeds, as polls write them. Claimed: at most 55 bytes a
key on SQLite and 150 on PostgreSQL, index included, and one query a poll.
"""

import argparse
import os
import random
import tempfile
import time
from pathlib import Path

from sqlalchemy import Engine, text
from sqlmodel import Session

from benchmarks.machine import describe, postgresql
from domain.entry import EntryKey, KeyKind
from domain.ids import new_id
from store.engine import open_engine, reading, writing
from store.entries import add_keys, recognise
from store.migrate import upgrade
from store.tables import Feed, Workspace
from tests.world import NOON

#: Keys of one entry, entries that a document shows, and polls that are timed.
KINDS = (KeyKind.GUID, KeyKind.GUID_PATH, KeyKind.LINK, KeyKind.TEXT)
SHOWN = 25
POLLS = 500
#: Entries in one transaction.
BATCH = 500


def fill(engine: Engine, *, keys: int, feeds: int) -> dict[int, list[list[EntryKey]]]:
    """Write the keys; answers those of each feed's entries."""
    ids = [new_id() for _ in range(feeds)]
    with writing(engine) as session:
        workspace = Workspace(id=new_id(), name="Main", zone="UTC", created_at=NOON)
        session.add(workspace)
        session.flush()
        session.add_all(
            Feed(
                id=one,
                workspace_id=workspace.id,
                url=f"https://f{one}.test",
                existing="none",
                created_at=NOON,
            )
            for one in ids
        )
        session.commit()
    rng = random.Random(1)
    written: dict[int, list[list[EntryKey]]] = {one: [] for one in ids}
    for _ in range(keys // len(KINDS) // BATCH):
        with writing(engine) as session:
            for _ in range(BATCH):
                feed = rng.choice(ids)
                made = [EntryKey(kind, os.urandom(16)) for kind in KINDS]
                add_keys(session, feed, [(new_id(), made)])
                written[feed].append(made)
            session.commit()
    return written


def size(session: Session) -> int:
    """Bytes of the table of keys with its index."""
    if session.get_bind().dialect.name == "postgresql":
        return int(session.execute(text("SELECT pg_total_relation_size('entry_key')")).scalar_one())
    return int(session.execute(text("SELECT sum(pgsize) FROM dbstat WHERE name = 'entry_key'")).scalar_one())


def measure(name: str, url: str, *, keys: int, feeds: int) -> None:
    """Fill a new database and print its figures."""
    engine = open_engine(url)
    upgrade(engine)
    begun = time.perf_counter()
    written = fill(engine, keys=keys, feeds=feeds)
    count = sum(len(entries) for entries in written.values()) * len(KINDS)
    rate = count / (time.perf_counter() - begun)
    some = list(written)[:POLLS]
    with reading(engine) as session:
        each = size(session) / count
        begun = time.perf_counter()
        for feed in some:
            shown = written[feed][-SHOWN:]
            assert len(recognise(session, feed, shown).rows) == len(shown)
        took = (time.perf_counter() - begun) / len(some) * 1e3
    engine.dispose()
    print(
        f"{name}: {count:,} keys, {each:.1f} bytes a key, {rate:,.0f} written a second; a poll {took:.2f} ms"
    )


def main() -> None:
    """Measure both databases and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--keys", type=int, default=200_000)
    options.add_argument("--feeds", type=int, default=5_000)
    given = options.parse_args()
    print(describe())
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        addresses = {"SQLite": f"sqlite:///{Path(folder) / 'keys.db'}", "PostgreSQL": server.create("keys")}
        for name, url in addresses.items():
            measure(name, url, keys=given.keys, feeds=given.feeds)


if __name__ == "__main__":
    main()
