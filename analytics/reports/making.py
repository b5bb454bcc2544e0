"""A whole report from one period of one workspace."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.reports import remarks
from analytics.reports.asking import Asked
from analytics.reports.best import best_posts
from analytics.reports.causes import causes
from analytics.reports.checks import checks
from analytics.reports.figures import HEADLINES, figure_lines
from analytics.reports.mixes import mix_told, mixes
from analytics.reports.rivals import rivals, rivals_told
from analytics.reports.targets import kpi_lines, proposals
from analytics.reports.tried import experiments_ended, tried
from domain.period import Every, day_at
from domain.report import Remark, Report
from domain.sentence import Sentence, Value
from store.tables import Workspace

#: Chapters, in the order in which they are written; a long report tells how many of them are done.
CHAPTERS = 7


@dataclass(frozen=True, slots=True)
class Around:
    """What the scheduler knows besides the figures."""

    #: Posts that wait for a person: ``uncertain``, ``failed``, ``approval``.
    waiting: Mapping[str, int]
    #: Channels that have to be connected again, by name.
    broken: Sequence[str]
    #: Active channels by name: posts queued for the next period, and the hour of the last one.
    queued: Mapping[str, tuple[int, datetime | None]]


def make_report(
    asked: Asked, workspace: Workspace, around: Around, *, told: Callable[[int], object] = lambda _: None
) -> Report:
    """The report; ``told`` is called with the number of chapters done so far."""
    figures = figure_lines(asked)
    told(1)
    kpis = kpi_lines(asked)
    told(2)
    ranked_by, top, bottom = best_posts(asked)
    told(3)
    found = causes(asked)
    told(4)
    next_targets = proposals(asked, figures)
    told(5)
    is_quarter = asked.every is Every.QUARTER
    learned = remarks.learned(kpis) if is_quarter else []
    if asked.every is not Every.WEEK:
        learned += tried(asked, ranked_by)
    else:
        learned += experiments_ended(asked)
    told(6)
    published = mixes(asked, ranked_by) if is_quarter else []
    named = rivals(asked) if is_quarter else None
    report = Report(
        every=asked.every,
        first=asked.span.first,
        last=asked.span.last,
        before_first=asked.before.first,
        before_last=asked.before.last,
        zone=asked.zone_name,
        workspace=workspace.name,
        made_at=asked.now,
        simulated=workspace.simulated,
        happened=(*remarks.happened(figures, kpis, top, ranked_by), *remarks.why(found)),
        coming=tuple(_coming(asked, around)),
        needed=tuple(remarks.needed(around.waiting, around.broken, kpis)),
        figures=tuple(figures),
        kpis=tuple(kpis),
        ranked_by=ranked_by,
        top=tuple(top),
        bottom=tuple(bottom),
        causes=tuple(found),
        checks=tuple(
            checks(
                asked,
                figures,
                [line.key for line in figures if line.key in HEADLINES and _partly(line.coverage)],
            )
        ),
        proposals=tuple(next_targets),
        learned=tuple(learned),
        mixes=tuple(published),
        mix_told=tuple(mix_told(published)) if is_quarter else (),
        brands=named.lines if named else (),
        brand_sources=named.sources if named else (),
        brands_told=tuple(rivals_told(named)) if named else (),
    )
    told(CHAPTERS)
    return report


def _partly(coverage: Sentence) -> bool:
    measured, in_scope = coverage.values.get("measured"), coverage.values.get("in_scope")
    return isinstance(measured, int) and isinstance(in_scope, int) and measured < in_scope


def _coming(asked: Asked, around: Around) -> list[Remark]:
    found = []
    for name, (count, last) in around.queued.items():
        if not count or last is None:
            values: dict[str, Value] = {"channel": name}
            found.append(Remark("queue_empty", Sentence("report.queue_empty", values), "coming"))
        else:
            values = {"channel": name, "count": count, "last": day_at(last, asked.where)}
            found.append(Remark("queued", Sentence("report.queued", values), "coming"))
    return found
