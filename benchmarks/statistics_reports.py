"""How long one report takes: written, kept, and worded as the files that people take."""

import time
from datetime import timedelta

from benchmarks.statistics_kpis import forget_kpis, many_kpis
from benchmarks.statistics_rows import NOW
from benchmarks.timing import Took
from domain.period import Every
from domain.report import thawed
from scheduler.reporting import compose
from store.engine import reading, writing
from tests.web.setting import Installation
from web.i18n import Voice
from web.reports.files import as_file

#: Claimed, in seconds.
REPORT = 5.0
_FILES = ("html", "pdf")
#: Days before the last weeks on which the KPIs begin: all of them count in the quarter before the last one.
_BEGUN = 200


def reported(place: Installation) -> Took:
    """A week, a month and a quarter that are over; no KPIs but those that are there."""
    return _timed(place, "report")


def reported_with_kpis(place: Installation) -> Took:
    """The same in a workspace with a thousand KPIs of all figures and scopes, each with several periods."""
    try:
        with writing(place.engine) as session:
            forget_kpis(session)
            session.add_all(many_kpis(place, session, days=_BEGUN))
            session.commit()
        return _timed(place, "report with 1,000 KPIs")
    finally:
        with writing(place.engine) as session:
            forget_kpis(session)
            session.commit()


def _timed(place: Installation, name: str) -> Took:
    walls, owns = [], []
    for every, back in ((Every.WEEK, 7), (Every.MONTH, 31), (Every.QUARTER, 92)):
        start, busy = time.perf_counter(), time.process_time()
        with reading(place.engine) as session:
            day = (NOW - timedelta(days=back)).date()
            report = compose(place.web.context, session, place.workspace.id, every=every, day=day)
        body = report.frozen()
        written = time.perf_counter() - start
        sizes = [len(as_file(thawed(body), kind, Voice("en", report.zone))) for kind in _FILES]
        took, busy = time.perf_counter() - start, time.process_time() - busy
        files = ", ".join(f"{kind} {size:,} bytes" for kind, size in zip(_FILES, sizes, strict=True))
        print(f"{name} of a {every}: {took:.1f} s (claimed {REPORT:.0f} s), {written:.1f} s of them written, "
              f"processor {busy:.1f} s, {len(report.kpis):,} KPIs; {files} "
              f"{'' if took <= REPORT else 'MISSED'}")  # fmt: skip
        walls.append(1e3 * took)
        owns.append(1e3 * busy)
    return Took(walls, owns)
