"""Everything that explains one KPI at one moment, from one look at its past."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from analytics.explaining import told
from analytics.explaining.change import Change, change
from analytics.explaining.course import Among, Run, among, past_until_today, run_of
from analytics.explaining.industry import Beside, beside_industry, industry_told
from analytics.explaining.periods import Against
from analytics.history import Past
from analytics.kpis import Standing
from analytics.scopes import ground
from domain.breakdown import By
from domain.breaks import Break
from domain.definition import Supplies
from domain.kpi import scope_from
from domain.sentence import Sentence
from store import kpis


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Why a KPI stands where it stands."""

    standing: Standing
    change: Change
    run: Run | None
    among: Among | None
    past: Past | None
    #: Benchmarks of the metric, those that may be compared first.
    industry: Sequence[Beside]
    #: Days of its run on which a number behind it changed its meaning, oldest first.
    breaks: Sequence[Break] = ()

    @property
    def change_told(self) -> Sequence[Sentence]:
        """What changed and why, then by which rules that was found."""
        return [*told.change_told(self.change, self.standing), *told.basis_told(self.change)]

    @property
    def trend_told(self) -> Sequence[Sentence]:
        return told.trend_told(self.run, self.past, self.standing)

    @property
    def industry_told(self) -> Sequence[Sentence]:
        return industry_told(self.industry, self.standing)

    @property
    def among_told(self) -> Sequence[Sentence]:
        return told.among_told(self.among, self.standing)


def look(
    session: Session,
    standing: Standing,
    *,
    against: Against = Against.BEFORE,
    by: By = By.CHANNEL,
    supplies: Supplies,
) -> Look:
    """Explain a KPI: its change since another period, its trend, and its own past.

    Args:
        session: reads only.
        standing: the KPI, at its moment.
        against: with which period it is compared.
        by: by what the posts are grouped.
        supplies: what the platforms can give.
    """
    past = past_until_today(session, standing, supplies=supplies)
    week_start = kpis.week_start(session, standing.kpi.workspace_id)
    run = run_of(past)
    return Look(
        standing=standing,
        change=change(session, standing, against, by, supplies=supplies),
        run=run,
        among=among(past, standing, week_start=week_start),
        past=past,
        industry=beside_industry(session, standing, past, supplies=supplies),
        breaks=_breaks(session, standing, run, supplies) if run is not None else (),
    )


def _breaks(session: Session, standing: Standing, run: Run, supplies: Supplies) -> Sequence[Break]:
    kpi, entry = standing.kpi, standing.definition
    if entry.outside:
        return ()
    where = ground(session, kpi.workspace_id, scope_from(kpi.scope), entry, supplies)
    return supplies.breaks(where.platforms, entry.needs, first=run.span.first, last=run.span.last)
