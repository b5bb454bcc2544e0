"""How long the worker takes to evaluate a thousand KPIs."""

import random
import time
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from benchmarks.statistics_rows import NOW
from benchmarks.timing import Took
from domain.catalogue import CATALOGUE
from domain.ids import new_id
from scheduler import kpis
from store.due import claim_due
from store.engine import writing
from store.tables import ChannelRow, Feed, Kpi, Route
from tests.web.setting import Installation

_SEED = 7
#: Claimed, in seconds.
KPIS = 30.0


def evaluated(place: Installation) -> Took:
    """A thousand KPIs of all kinds and scopes."""
    with Session(place.engine, expire_on_commit=False) as session:
        forget_kpis(session)
        session.add_all(many_kpis(place, session))
        session.commit()
        start, busy = time.perf_counter(), time.process_time()
        rows = claim_due(session, Kpi, now=NOW, lease=timedelta(hours=1), limit=1_000)
    for first in range(0, len(rows), 1_000):  # as `scheduler.kinds` says
        kpis.evaluate_kpis(place.web.context, rows[first : first + 1_000])
    took, busy = time.perf_counter() - start, time.process_time() - busy
    print(f"KPIs: {len(rows):,} evaluated in {took:.1f} s (claimed {KPIS:.0f} s), processor {busy:.1f} s "
          f"{'' if took <= KPIS else 'MISSED'}")  # fmt: skip
    with writing(place.engine) as session:  # a report of the next run would tell of all of them
        forget_kpis(session)
        session.commit()
    return Took([1e3 * took], [1e3 * busy])


def forget_kpis(session: Session) -> None:
    """Delete them: what else is measured must not tell of them."""
    session.execute(text("DELETE FROM kpi_reading"))
    session.execute(text("DELETE FROM kpi"))


def many_kpis(place: Installation, session: Session, *, days: int = 0) -> list[Kpi]:
    """A thousand KPIs, begun so many days before the last weeks."""
    rng = random.Random(_SEED)
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
                starts_on=(NOW - timedelta(days=days + rng.randrange(5, 20))).date(),
                zone=rng.choice(["Asia/Jakarta", "UTC", "Europe/Berlin", "Asia/Kathmandu"]),
            )
        )  # fmt: skip
    return made
