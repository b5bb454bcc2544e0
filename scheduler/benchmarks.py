"""What people do with benchmarks beside bringing them in: look at them, and remove one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from domain.benchmark import Measure, is_stale
from domain.catalogue import CATALOGUE
from domain.definition import Definition
from domain.period import day_at
from domain.schedule import zone
from scheduler.context import Context
from store import benchmarks, people
from store.changes import Actor, record
from store.engine import writing
from store.tables import Benchmark


@dataclass(frozen=True, slots=True)
class Known:
    """A benchmark with its metric."""

    row: Benchmark
    #: None: the metric is not in this release's catalogue.
    entry: Definition | None
    source_date: date
    stale: bool

    @property
    def measure(self) -> Measure:
        return measure_of(self.row)


def measure_of(row: Benchmark) -> Measure:
    """Its numbers."""
    return Measure(value=row.value, low=row.low, median=row.median, high=row.high)


def known(
    session: Session, workspace_id: int, *, metric: str | None = None, now: datetime
) -> Sequence[Known]:
    """All benchmarks, or those of one metric."""
    home = zone(people.workspace(session, workspace_id).zone)
    return [
        Known(row, CATALOGUE.get(row.metric), day, is_stale(day, day_at(now, home)))
        for row in benchmarks.listed(session, workspace_id, metric=metric)
        for day in [day_at(row.at, home)]
    ]


def remove(context: Context, workspace_id: int, benchmark_id: int, *, actor: Actor) -> Benchmark:
    """Take one benchmark away; the file that brought it stays listed.

    Raises:
        NotFound: this workspace has none by that number.
    """
    now = context.clock()
    with writing(context.engine) as session:
        people.lock_workspace(session, workspace_id)
        row = benchmarks.get(session, workspace_id, benchmark_id)
        session.delete(row)
        record(
            session, actor, "removed", subject="benchmark", subject_id=benchmark_id,
            workspace_id=workspace_id, now=now,
            before={"metric": row.metric, "source": row.source, "value": row.value, "median": row.median},
        )  # fmt: skip
        session.commit()
    return row
