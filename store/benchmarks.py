"""Benchmarks of the industry that are current: those of a workspace, and of one metric."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from domain.errors import NotFound
from store.tables import Benchmark


def listed(session: Session, workspace_id: int, *, metric: str | None = None) -> Sequence[Benchmark]:
    """The current ones by metric, platform and industry, the newest source first; of one metric if named."""
    query = select(Benchmark).where(
        col(Benchmark.workspace_id) == workspace_id, col(Benchmark.is_current).is_(True)
    )
    if metric is not None:
        query = query.where(col(Benchmark.metric) == metric)
    order = (Benchmark.metric, Benchmark.platform, Benchmark.industry, Benchmark.segment)
    return session.scalars(query.order_by(*map(col, order), col(Benchmark.at).desc())).all()


def get(session: Session, workspace_id: int, benchmark_id: int) -> Benchmark:
    """One of them. Raises `NotFound` when this workspace has none by that number."""
    query = select(Benchmark).where(
        col(Benchmark.id) == benchmark_id,
        col(Benchmark.workspace_id) == workspace_id,
        col(Benchmark.is_current).is_(True),
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no benchmark {benchmark_id}. `tabuh benchmark list` shows those there are.")
    return found
