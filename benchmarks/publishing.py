"""How fast posts leave, and how punctually, with a full table behind them.

    python -m benchmarks.publishing [--rows 1000000] [--database URL]

Three figures over signed webhooks to a sink that answers at once, commits durable:
throughput (posts a second, 3,000 posts due at once; claimed: at least 300 with SQLite),
lag between planned time and the request's arrival while 50 posts a second fall due
(claimed: p99 below 1 s), and the drain of a burst of 5,000 (claimed: 90 % of the throughput).
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, insert
from sqlmodel import Session, col, select

from benchmarks.machine import baseline, describe
from domain.clock import system_clock
from domain.content import Content, content_json
from domain.ids import new_id
from domain.post import PostState
from net.client import make_client
from publishers.platforms.webhook import new_secret
from scheduler.context import Context
from scheduler.worker import PublishingWorker
from store.engine import open_engine
from store.migrate import upgrade
from store.seal import Seal, new_key
from store.tables import ChannelRow, Post, Workspace

CONTENT = content_json(
    Content("A post of a usual length, as a feed would give it.", link="https://example.org/a")
)


@dataclass(frozen=True)
class Bench:
    """A database with one webhook channel that leads to the sink."""

    context: Context
    workspace_id: int
    channel_id: int
    sink: str

    @property
    def engine(self) -> Engine:
        """The engine under test."""
        return self.context.engine

    def add(self, count: int, *, first: datetime, apart: timedelta) -> None:
        """Queue ``count`` posts, the first at ``first``, each ``apart`` from the one before."""
        made = datetime.now(UTC)
        with self.engine.begin() as connection:
            for start in range(0, count, 10_000):
                numbers = range(start, min(start + 10_000, count))
                connection.execute(insert(Post), [self._row(first + apart * n, made) for n in numbers])

    def _row(self, at: datetime, made: datetime) -> dict[str, object]:
        number = new_id()
        return {
            "id": number,
            "workspace_id": self.workspace_id,
            "channel_id": self.channel_id,
            "story_id": number,
            "state": PostState.QUEUED,
            "content": CONTENT,
            "planned_at": at,
            "planned_wall": at.replace(tzinfo=None).isoformat(timespec="seconds"),
            "planned_zone": "UTC",
            "placed_by": "automation",
            "next_at": at,
            "claim": 0,
            "tries": 0,
            "looks": 0,
            "in_doubt": False,
            "delivery_key": f"{number:032x}",
            "created_at": made,
        }

    def arrivals(self) -> dict[str, float]:
        """When each post's request arrived at the sink (Unix seconds); a second request is an error."""
        with urllib.request.urlopen(self.sink) as answer:
            seen: list[tuple[str, float]] = json.load(answer)
        first = dict(reversed(seen))
        assert len(first) == len(seen), "a post was sent twice"
        return first

    def queued(self, *, before: datetime) -> int:
        """Posts not yet out that were planned before this time."""
        with Session(self.engine) as session:
            waiting = select(func.count()).where(
                col(Post.planned_at) < before, col(Post.state) != PostState.PUBLISHED
            )
            return session.scalar(waiting) or 0


@contextmanager
def prepared(url: str, *, rows: int) -> Iterator[Bench]:
    """A migrated database with ``rows`` posts queued for next year, and a running sink."""
    engine = open_engine(url)
    upgrade(engine)
    sink = subprocess.Popen([sys.executable, "-m", "benchmarks.sink"], stdout=subprocess.PIPE, text=True)
    assert sink.stdout is not None
    address = f"http://127.0.0.1:{int(sink.stdout.readline())}/"
    seal, made = Seal([new_key()]), datetime.now(UTC)
    workspace_id, channel_id = new_id(), new_id()
    with Session(engine) as session:
        session.add(Workspace(id=workspace_id, name="Benchmark", created_at=made))
        session.flush()
        session.add(
            ChannelRow(
                id=channel_id,
                workspace_id=workspace_id,
                platform="webhook",
                name="Sink",
                slug="sink",
                settings={"url": address},
                credentials=seal.close(channel_id, {"secret": new_secret()}),
                created_at=made,
            )
        )
        session.commit()
    context = Context(
        engine=engine,
        http=make_client(allowed_networks=("127.0.0.0/8",)),
        seal=seal,
        clock=system_clock,
        public_url="",
    )
    bench = Bench(context, workspace_id, channel_id, address)
    started = time.perf_counter()
    bench.add(rows, first=made + timedelta(days=365), apart=timedelta(seconds=30))
    print(f"{rows:,} posts queued for later, written in {time.perf_counter() - started:.0f} s")
    try:
        yield bench
    finally:
        sink.terminate()
        sink.wait()
        engine.dispose()


def drain(bench: Bench, count: int) -> float:
    """Posts a second while ``count`` posts that are all due at once go out."""
    bench.add(count, first=datetime.now(UTC) - timedelta(seconds=30), apart=timedelta(0))
    worker = PublishingWorker(bench.context)
    before = len(bench.arrivals())
    start = time.perf_counter()
    worker.run_until_idle()
    took = time.perf_counter() - start
    assert len(bench.arrivals()) - before == count, "a post was lost"
    return count / took


def lags(bench: Bench, *, per_second: int, seconds: int) -> list[float]:
    """Seconds between planned time and arrival, for posts that fall due one after another."""
    known = set(bench.arrivals())
    first = datetime.now(UTC) + timedelta(seconds=2)
    bench.add(per_second * seconds, first=first, apart=timedelta(seconds=1) / per_second)
    worker = PublishingWorker(bench.context)
    thread = threading.Thread(target=worker.run)
    thread.start()
    end = first + timedelta(seconds=seconds)
    while datetime.now(UTC) < end or bench.queued(before=end):
        time.sleep(0.5)
    worker.stop()
    thread.join()
    arrived = {key: at for key, at in bench.arrivals().items() if key not in known}
    with Session(bench.engine) as session:
        planned = session.connection().execute(
            select(Post.delivery_key, Post.planned_at).where(
                col(Post.planned_at) >= first, col(Post.planned_at) < end
            )
        )
        return sorted(arrived[f"msg_{key}"] - at.timestamp() for key, at in planned if at is not None)


def main() -> None:
    """Run all three and print them beside the machine's baseline."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=30)
    chosen = parser.parse_args()
    print(describe(), baseline())
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.database or f"sqlite:///{Path(folder) / 'bench.db'}"
        with prepared(url, rows=chosen.rows) as bench:
            # One after the other in each round, so that a busy moment of the machine meets both.
            pairs = [(drain(bench, 3_000), drain(bench, 5_000)) for _ in range(chosen.rounds)]
            rate = statistics.median(usual for usual, _ in pairs)
            share = statistics.median(burst / usual for usual, burst in pairs)
            print(f"throughput: median {rate:.0f} posts/s of {[round(usual) for usual, _ in pairs]}")
            print(f"burst of 5,000: median {share:.0%} of it, {[round(burst) for _, burst in pairs]} posts/s")
            found = lags(bench, per_second=50, seconds=chosen.seconds)
            middle, late = found[len(found) // 2], found[int(len(found) * 0.99)]
            shown = ", ".join(
                f"{name} {lag * 1e3:.0f} ms"
                for name, lag in (("p50", middle), ("p99", late), ("max", found[-1]))
            )
            print(f"lag at 50 posts/s: {shown}")


if __name__ == "__main__":
    main()
