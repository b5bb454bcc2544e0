"""Benchmarks of the industry; ``POST /imports/benchmarks`` brings them in."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel

from scheduler.benchmarks import Known, known, remove
from web.api.base import Listing, Pages, RowId, api_router
from web.api.shapes import in_pages
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web

router = api_router("benchmarks")


class BenchmarkShown(BaseModel):
    """What others reach, in the unit of the metric: a percentage is 2.5."""

    id: RowId
    #: Key of the catalogue, which carries the denominator.
    metric: str
    #: Empty: all platforms together.
    platform: str
    industry: str
    segment: str
    #: For counts: ``day``, ``week``, ``month`` or ``quarter``; else empty.
    period: str
    value: float | None
    low: float | None
    median: float | None
    high: float | None
    #: ``count``, ``ratio``, ``percent`` or ``money``; null: the metric is not known any more.
    unit: str | None
    currency: str
    source: str
    source_date: date
    #: Whether the source is older than 18 months.
    stale: bool
    link: str | None
    note: str
    read_at: datetime
    #: Number of the import that brought it.
    import_id: RowId | None


@router.get("/benchmarks")
def get_benchmarks(
    web: Web,
    session: Reading,
    me: MaySee,
    pages: Pages,
    metric: Annotated[str | None, Query(max_length=40)] = None,
) -> Listing[BenchmarkShown]:
    """All benchmarks, or those of one metric, by metric, platform and industry."""
    found = known(session, me.workspace.id, metric=metric, now=web.context.clock())
    return in_pages(pages, found, _shown)


@router.delete("/benchmarks/{benchmark_id}", status_code=204)
def delete_benchmark(web: Web, me: MayEdit, benchmark_id: RowId) -> Response:
    """Remove one benchmark."""
    remove(web.context, me.workspace.id, benchmark_id, actor=me.actor)
    return Response(status_code=204)


def _shown(one: Known) -> BenchmarkShown:
    values = one.row.model_dump(include=set(BenchmarkShown.model_fields))
    return BenchmarkShown(
        **values, unit=str(one.entry.unit) if one.entry else None, source_date=one.source_date,
        stale=one.stale, import_id=one.row.file_id,
    )  # fmt: skip
