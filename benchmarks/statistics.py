"""How fast statistics answer over a million posts, and how fast readings come in.

    python -m benchmarks.statistics --folder DIR [--database postgresql] [--posts 1000000] [--only NAMES]

Generates posts of three years on twelve channels of ten platforms with 20 readings and 5 clicks each, from a
fixed seed; a run that finds the database in the folder goes on from it (a million posts: about 4 GB and 10
minutes on SQLite, 8 GB on PostgreSQL). ``--database postgresql`` starts a cluster of its own in the folder,
with `fsync` and the defaults of a new installation (128 MB of shared buffers); an address takes any other.
The machine's own speed is printed first, to compare runs by. Then, through the application as a browser meets
it, templates included (Starlette's test client, one process):

- the list of posts, 40 pairs of filter and sorting from a fixed seed: p95 below 300 ms;
- the page of one post, 40 posts: p95 below 50 ms;
- the totals of a year by channel, as the API gives them: p95 below 500 ms;
- a year by each grouping there is, as the breakdown's page and the API give it: p95 below 500 ms;
- readings through `store.measuring.append_looks`, 500 looks in a transaction, with the columns that are
  written after them: at least 20,000 a second; they are kept, so that this part comes last;
- a report of a week, a month and a quarter, written, kept, and worded as HTML and as PDF: at most 5 s;
- 1,000 KPIs of all figures and scopes, evaluated as the worker does: at most 30 s.

All parts run on a small database too (``--small 10000``; 0: none); the end tells what a row costs in both.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, text
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from benchmarks.growth import Costs, costs, told
from benchmarks.machine import baseline, children_ms, describe, processor_ms
from benchmarks.statistics_reports import reported
from benchmarks.statistics_rows import CAMPAIGNS, NOW, PLATFORMS, TAGS, Size, fill
from benchmarks.timing import Took, timed
from domain.breakdown import By
from domain.catalogue import CATALOGUE
from domain.ids import new_id
from domain.post_columns import offered, sortable
from domain.rules import Kind
from scheduler import kpis
from scheduler.settling import settle
from store import measuring
from store.due import claim_due
from store.engine import open_engine, writing
from store.measuring import Look, Taken
from store.migrate import upgrade
from store.tables import ChannelRow, Feed, Kpi, Person, Post, Reading, Route
from tests.web.setting import Installation

SEED = 7
#: Claimed, in milliseconds: list, post, year.
LIST, POST_PAGE, YEAR = 300.0, 50.0, 500.0
INGEST, KPIS = 20_000, 30.0
_LOOKS = 500
#: Now, for whoever asks: within a quarter of an hour, as it nearly always is.
_MOMENT = NOW + timedelta(minutes=7, seconds=3)
_ISO = "%Y-%m-%dT%H:%M:%SZ"


def prepared(engine: Engine, size: Size) -> Installation:
    """A database with everything in it; what is there already stays."""
    upgrade(engine)
    place = Installation(engine, now=_MOMENT)
    with Session(engine) as session:
        there = session.scalar(select(col(Post.id)).limit(1)) is not None
    if not there:
        started = time.perf_counter()
        fill(engine, place.workspace.id, size, seed=SEED)
        _settle(engine)
        print(f"written in {time.perf_counter() - started:.0f} s")
    started = time.perf_counter()
    settle(place.web.context)
    print(f"standings and sums made in {time.perf_counter() - started:.0f} s")
    return place


def _settle(engine: Engine) -> None:
    """What a database does by itself in the course of time."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def pairs(engine: Engine, count: int) -> list[str]:
    """Addresses of the list: a filter or two, and a column to sort by, either way."""
    rng = random.Random(SEED)
    with Session(engine) as session:
        channels = list(session.scalars(select(col(ChannelRow.id))))
        routes = list(session.scalars(select(col(Route.id))))
        authors = list(session.scalars(select(col(Person.id))))
    drawn: dict[str, Callable[[], object]] = {
        "channel": lambda: rng.choice(channels),
        "platform": lambda: rng.choice(PLATFORMS)[0],
        "route": lambda: rng.choice(routes),
        "author": lambda: rng.choice(authors),
        "campaign": lambda: f"Campaign {rng.randrange(CAMPAIGNS)}",
        "tag": lambda: f"tag{rng.randrange(TAGS)}",
        "kind": lambda: rng.choice(list(Kind)),
        "days": lambda: rng.choice([7, 28, 90, 365]),
        "since": lambda: date(2024, 1, 1) + timedelta(days=rng.randrange(900)),
        "until": lambda: date(2026, 10, 1) - timedelta(days=rng.randrange(60)),
    }
    sorts = [key for key in offered() if sortable(key)]
    found = []
    for _ in range(count):
        chosen = rng.sample(list(drawn), rng.choice([0, 1, 1, 2]))
        query = [f"{name}={drawn[name]()}" for name in chosen]
        query += [f"sort={rng.choice(sorts)}", f"order={rng.choice(['up', 'down'])}"]
        found.append("/statistics?" + "&".join(query))
    return found


def asked(client: TestClient, address: str) -> Callable[[], object]:
    """A request that must succeed."""

    def ask() -> object:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer

    return ask


def lists(place: Installation) -> Took:
    """The list of posts."""
    client = place.signed_in()
    addresses = pairs(place.engine, 40)
    return timed("list page", LIST, [(one, asked(client, one)) for one in addresses])


def posts(place: Installation) -> Took:
    """One post."""
    client, rng = place.signed_in(), random.Random(SEED)
    with Session(place.engine) as session:
        first, last = session.execute(text("SELECT min(id), max(id) FROM post")).one()
    addresses = [f"/statistics/posts/{rng.randrange(first, last)}" for _ in range(40)]
    return timed("post page", POST_PAGE, [(one, asked(client, one)) for one in addresses])


def years(place: Installation) -> Took:
    """Totals of a year by channel, from and to moments within quarters of an hour, as now is one."""
    client = place.signed_in()
    address = f"/api/v1/statistics/totals?start={_MOMENT - timedelta(days=365):{_ISO}}&end={_MOMENT:{_ISO}}"
    return timed("a year by channel", YEAR, [(address, asked(client, address))] * 20)


def groupings(place: Installation) -> Took:
    """A year by each grouping, as a page and as the API gives it."""
    client = place.signed_in()
    since = NOW - timedelta(days=364)
    page = f"/statistics/breakdown?since={since:%Y-%m-%d}&until={NOW:%Y-%m-%d}"
    twin = f"/api/v1/statistics/breakdown?start={since:{_ISO}}&end={_MOMENT:{_ISO}}"
    addresses = [f"{address}&by={by}" for by in By for address in (page, twin)]
    return timed("a year in groups", YEAR, [(one, asked(client, one)) for one in addresses])


def looks(engine: Engine, count: int) -> list[Look]:
    """Looks at the newest posts, one of each while they last."""
    rng = random.Random(SEED)
    metrics = {name: names for name, names, _ in PLATFORMS if names}
    with Session(engine) as session:
        query = (
            select(col(Post.id), col(ChannelRow.platform))
            .join(ChannelRow, col(ChannelRow.id) == col(Post.channel_id))
            .where(col(ChannelRow.platform).in_(metrics))
            .order_by(col(Post.published_at).desc())
        )
        chosen = session.exec(query.limit(count)).all()
        # Later than all others, also than those of a run before this one.
        last = session.scalar(select(func.max(col(Reading.checkpoint)))) or 0
        read_last = session.scalar(select(func.max(col(Reading.read_at)))) or NOW
        # Before now: what is asked after it must not meet looks that came later than it asks about.
        at = max(read_last, NOW - timedelta(microseconds=1))
    rng.shuffle(chosen := list(chosen))
    found = []
    for number in range(count):
        post_id, platform = chosen[number % len(chosen)]
        age = timedelta(seconds=last + 1 + number // len(chosen) * 10**6 + rng.randrange(10**6))
        taken = [
            Taken(CATALOGUE[name].numerator[0], rng.randrange(10**6), f"{name}_count")
            for name in metrics[platform]
        ]
        found.append(Look(post_id, age, at, taken))
    return found


def ingest(place: Installation) -> Took:
    """Readings a second; and the milliseconds of one."""
    wanted = looks(place.engine, 40 * _LOOKS)
    number, start, busy = 0, time.perf_counter(), time.process_time()
    for batch in _batches(wanted):
        with writing(place.engine) as session:
            number += measuring.append_looks(session, batch)
            session.commit()
    took = time.perf_counter() - start
    start = time.perf_counter()
    settle(place.web.context)
    later, busy = time.perf_counter() - start, time.process_time() - busy
    rate = number / (took + later)
    print(f"readings: {number:,} in {took:.1f} s, {later:.1f} s to write their columns: {rate:,.0f} a second "
          f"(claimed {INGEST:,}) {'' if rate >= INGEST else 'MISSED'}; "
          f"{number / busy:,.0f} in a second of its processor time")  # fmt: skip
    return Took([1e3 / rate], [1e3 * busy / number])


def _batches(wanted: Sequence[Look]) -> list[Sequence[Look]]:
    return [wanted[start : start + _LOOKS] for start in range(0, len(wanted), _LOOKS)]


def evaluated(place: Installation) -> Took:
    """A thousand KPIs of all kinds and scopes."""
    with Session(place.engine, expire_on_commit=False) as session:
        _forget_kpis(session)
        session.add_all(_kpis(place, session))
        session.commit()
        start, busy = time.perf_counter(), time.process_time()
        rows = claim_due(session, Kpi, now=NOW, lease=timedelta(hours=1), limit=1_000)
    for first in range(0, len(rows), 1_000):  # as `scheduler.kinds` says
        kpis.evaluate_kpis(place.web.context, rows[first : first + 1_000])
    took, busy = time.perf_counter() - start, time.process_time() - busy
    print(f"KPIs: {len(rows):,} evaluated in {took:.1f} s (claimed {KPIS:.0f} s), processor {busy:.1f} s "
          f"{'' if took <= KPIS else 'MISSED'}")  # fmt: skip
    with writing(place.engine) as session:  # a report of the next run would tell of all of them
        _forget_kpis(session)
        session.commit()
    return Took([1e3 * took], [1e3 * busy])


def _forget_kpis(session: Session) -> None:
    session.execute(text("DELETE FROM kpi_reading"))
    session.execute(text("DELETE FROM kpi"))


def _kpis(place: Installation, session: Session) -> list[Kpi]:
    rng = random.Random(SEED)
    channels = list(session.scalars(select(col(ChannelRow.id))))
    routes = list(session.scalars(select(col(Route.id))))
    feeds = list(session.scalars(select(col(Feed.id))))
    made = []
    for number in range(1_000):
        parts = {"channel_id": channels, "route_id": routes, "feed_id": feeds}
        kind = rng.choice(["", *parts])
        scope = {kind: rng.choice(parts[kind])} if kind else {}
        made.append(
            Kpi(
                id=new_id(), workspace_id=place.workspace.id, name=f"KPI {number}",
                metric=rng.choice(list(CATALOGUE)), scope=scope, target=1_000,
                period=rng.choice(["week", "month", "quarter"]), created_at=NOW, next_at=NOW,
                starts_on=(NOW - timedelta(days=rng.randrange(5, 20))).date(),
                zone=rng.choice(["Asia/Jakarta", "UTC", "Europe/Berlin", "Asia/Kathmandu"]),
            )
        )  # fmt: skip
    return made


PARTS: dict[str, Callable[[Installation], Took]] = {
    "list": lists, "post": posts, "year": years, "groups": groupings, "report": reported, "kpis": evaluated,
    "ingest": ingest,
}  # fmt: skip
#: Parts whose work grows with the posts that there are; the others look at as many rows in any database.
GROWING = frozenset({"list", "year", "groups", "report", "kpis"})


def run(url: str, size: Size, only: Sequence[str], server: int | None) -> Costs:
    """All parts on one database; what a row costs in each.

    Args:
        server: the process whose children the server's are; None: unknown, or none.
    """
    engine = open_engine(url)
    try:
        counts = f"{size.posts:,} posts, {size.readings:,} readings, {size.clicks:,} clicks"
        print(f"\n{engine.dialect.name}: {counts}")
        place = prepared(engine, size)
        found: Costs = {}
        for name in only:
            before = children_ms(server) if server else 0.0
            took = PARTS[name](place)
            found[name] = costs(took, size.posts if name in GROWING else 1)
            if server:
                print(f"    PostgreSQL's processor beside it: {children_ms(server) - before:.0f} ms in all")
        return found
    finally:
        engine.dispose()


def main() -> None:
    """Run what was asked for and print the machine's baseline beside it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--database", default="", help="an address, or: postgresql (a cluster in the folder)")
    parser.add_argument("--folder", type=Path, help="keeps the databases; default: a temporary folder")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    parser.add_argument("--small", type=int, default=10_000, help="posts of the small database; 0: none")
    chosen = parser.parse_args()
    print(describe(), baseline(), f"processor {processor_ms()} ms")
    with ExitStack() as stack:
        folder = chosen.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        if chosen.folder is None:
            folder.chmod(0o755)  # PostgreSQL does not run as root, and must come through
        address, server = _addresses(chosen.database, folder, stack)
        sizes = [chosen.small] if chosen.small and address(chosen.small) != address(chosen.posts) else []
        found = {
            count: run(address(count), Size(count, 20 * count, 5 * count), chosen.only.split(","), server)
            for count in (*sizes, chosen.posts)
        }
        print(told(found))


def _addresses(database: str, folder: Path, stack: ExitStack) -> tuple[Callable[[int], str], int | None]:
    """The database of so many posts; and the server, where it is our own."""
    if database == "postgresql":
        from tests.servers.postgresql import PostgreSQL

        server = stack.enter_context(PostgreSQL(kept=folder / "postgresql"))

        def address(count: int) -> str:
            name = f"statistics_{count}"
            return server.url(name) if server.has(name) else server.create(name)

        return address, server.pid
    if database:
        return lambda _: database, None
    return lambda count: f"sqlite:///{folder / f'statistics-{count}.db'}", None


if __name__ == "__main__":
    main()
