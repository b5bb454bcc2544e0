"""How long the service takes to poll thousands of subscribed feeds, each on a host of its own.

    python -m benchmarks.polling [--feeds 100 1000 10000] [--database URL] [--folder FOLDER]

The real service runs in a process of its own, with its rows, claims, politeness, routes and ledger, on a
database whose commits are durable. All feeds fall due at once; of twenty, fourteen have not changed, three
send what they sent before, two were rebuilt without news, and one has a new entry. Claimed for 10,000 feeds
on two cores: one cycle in less than 60 s with less than 300 MB, at a cost a feed that does not grow with the
number. ``--database`` names an empty PostgreSQL database; ``postgresql`` makes one for the run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.feed_site import originals
from benchmarks.feeds import ROOT, site
from benchmarks.machine import baseline, describe, postgresql, processor_ms
from benchmarks.polling_program import LIMIT, settings
from benchmarks.subscribing import resolve_hosts, subscribe
from cli.opening import opened_with
from store.seal import new_key


def measure(count: int, folder: Path, database: str | None) -> dict[str, Any]:
    """The figures of one cycle over ``count`` feeds."""
    with tempfile.TemporaryDirectory() as scratch, site(folder, count) as url:
        place = Path(scratch)
        if database:
            (place / "secret.key").write_text(new_key())
            (place / "secret.key").chmod(0o600)
        _prepare(place, folder, count, database, port=int(url.rpartition(":")[2]))
        urllib.request.urlopen(f"{url}/phase/mixed").close()
        command = [sys.executable, "-m", "benchmarks.polling_program", str(place), *filter(None, [database])]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT + 120
        )
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"The service failed: {done.stderr[-2000:]}")
    if done.stderr.count("\n") > 1:
        print(done.stderr[-2000:], file=sys.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _prepare(place: Path, folder: Path, count: int, database: str | None, *, port: int) -> None:
    """In a process of its own: names are looked up differently there, and its memory is given back."""
    child = os.fork()
    if child:
        if os.waitpid(child, 0)[1]:
            raise SystemExit("The feeds could not be made ready.")
        return
    try:
        resolve_hosts()
        with opened_with(settings(place, database)) as tabuh:
            subscribe(tabuh, originals(folder), count, port=port)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


@contextmanager
def databases(wanted: str | None) -> Iterator[Any]:
    """Hands out the address of an empty database for each run; None is a SQLite file."""
    if wanted != "postgresql":
        yield lambda _count: wanted
        return
    with postgresql() as server:
        yield lambda count: server.create(f"feeds_{count}")


def report(count: int, row: dict[str, Any]) -> None:
    """One line of figures."""
    statuses = ", ".join(f"{number} x {status}" for status, number in sorted(row["statuses"].items()))
    print(
        f"{count:>6} feeds: wall {row['wall']:6.2f} s ({count / row['wall']:,.0f} requests/s), "
        f"CPU {row['cpu']:6.2f} s, {row['cpu'] / count * 1e3:5.2f} ms a feed, "
        f"memory {row['memory']:.0f} MB at most ({row['idle_memory']:.0f} idle); "
        f"{row['new']} new, {row['posts']} posts, {row['failing']} failing, {row['asking']} ask; {statuses}",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--feeds", type=int, nargs="+", default=[100, 1000, 10000])
    options.add_argument("--database")
    options.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "feeds")
    given = options.parse_args()
    if not given.folder.is_dir():
        raise SystemExit(f"{given.folder} does not exist: give a folder of RSS and Atom files with --folder.")
    print(describe(), json.dumps({**baseline(), "processor_ms": processor_ms()}), flush=True)
    with databases(given.database) as database:
        for count in given.feeds:
            started = time.perf_counter()
            row = measure(count, given.folder, database(count))
            report(count, row)
            print(f"        (made ready and measured in {time.perf_counter() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
