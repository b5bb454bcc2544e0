"""What the KPI guide says of each KPI, put together from its row, the catalogue and the adapters."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlmodel import Session

from analytics.kpis import asked
from analytics.scopes import channels_in, scope_name
from analytics.sums import Stretch, figure_over
from domain.audit import PlaceKind
from domain.audit import thawed as thawed_audit
from domain.breaks import Break
from domain.catalogue import CATALOGUE
from domain.definition import Definition, Supplies
from domain.errors import NotFound
from domain.formula import below, formula
from domain.guide import AuditSeen, Covered, FieldSource, Past, Section
from domain.kpi import Scope, target_sentence
from domain.period import day_at, span_at
from domain.schedule import zone
from domain.sentence import Sentence, Unit
from publishers import metric_sources
from store import guides, kpis, people
from store.tables import AuditRow, Kpi, KpiReading

#: Of more KPIs at once, coverage is that of their last evaluation.
COUNTED_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class _Place:
    """A scope as the guide tells it: its name, and the platforms of its channels."""

    name: str
    platforms: frozenset[str]


@dataclass(slots=True)
class Writing:
    """Writes sections for one workspace at one moment; what they share is read once."""

    session: Session
    workspace_id: int
    supplies: Supplies
    now: datetime
    _places: dict[Scope, _Place] = field(default_factory=dict)
    _given: dict[frozenset[str], tuple[list[metric_sources.Source], list[Break]]] = field(
        default_factory=dict
    )

    def plain(self, rows: Sequence[Kpi]) -> list[Section]:
        """Sections with their substance alone; KPIs of metrics that are known no more are left out."""
        known = [row for row in rows if row.metric in CATALOGUE]
        owners = people.names(self.session, [row.owner_id for row in known if row.owner_id is not None])
        return [self._plain(row, owners.get(row.owner_id or 0, "")) for row in known]

    def _plain(self, kpi: Kpi, owner: str) -> Section:
        new, entry = asked(kpi), CATALOGUE[kpi.metric]
        place = self._place(new.scope)
        sources, changed = self._behind(entry, place.platforms)
        return Section(
            kpi_id=kpi.id, kpi_version=kpi.version, name=kpi.name, key=kpi.metric, metric=entry.name,
            definition=entry.definition,
            formula=formula(entry), version=entry.version, denominator=below(entry), unit=entry.unit,
            shape=entry.shape, subject=entry.subject,
            target_sentence=target_sentence(entry, new, baseline=kpi.baseline, scope_name=place.name),
            scope=Sentence(f"scope.{new.scope.kind}", {"name": place.name}), scope_row=new.scope.stored(),
            target_kind=str(new.target_kind), target=new.target, direction=new.direction, every=new.every,
            starts_on=new.starts_on, deadline=new.deadline, zone=new.zone, baseline=new.baseline,
            baseline_from=new.baseline_from, baseline_to=new.baseline_to,
            baseline_source=new.baseline_source, owner_id=new.owner_id, owner=owner, cadence=new.cadence,
            alert_rule=new.alert_rule, goal=new.goal, goal_words=new.goal_words, audience=new.audience,
            why=new.why, sources=sources, breaks=changed,
        )  # fmt: skip

    def _place(self, scope: Scope) -> _Place:
        if scope not in self._places:
            try:
                name = scope_name(self.session, self.workspace_id, scope)
                rows = channels_in(self.session, self.workspace_id, scope)
            except NotFound:  # its channel, route or feed is gone
                name, rows = "", ()
            self._places[scope] = _Place(name, frozenset(row.platform for row in rows))
        return self._places[scope]

    def _behind(
        self, entry: Definition, platforms: frozenset[str]
    ) -> tuple[tuple[FieldSource, ...], tuple[Break, ...]]:
        if entry.outside:
            return (), ()
        if platforms not in self._given:
            names = sorted(platforms)
            self._given[platforms] = (metric_sources.sources(names), metric_sources.breaks(names))
        given, changed = self._given[platforms]
        return (
            tuple(
                FieldSource(one.title, CATALOGUE[one.metric].name, one.field, one.since, one.until)
                for one in metric_sources.behind(entry.needs, given)
            ),
            tuple(one for one in changed if one.metric in entry.needs),
        )

    def whole(
        self, sections: Sequence[Section], rows: Collection[Kpi], audit: AuditRow | None
    ) -> list[Section]:
        """The sections with all that is told beside the substance: coverage, history, comments, audit."""
        ids = [one.kpi_id for one in sections]
        by_id = {row.id: row for row in rows}
        history, comments = guides.history(self.session, ids), guides.comments(self.session, ids)
        changers = [row.person_id for own in history.values() for row in own if row.person_id is not None]
        names, found = people.names(self.session, changers), _findings(audit)
        # Of very many, what the hourly evaluation has counted: nobody waits for a page that long.
        read = kpis.last_readings(self.session, self.workspace_id) if len(ids) > COUNTED_AT_ONCE else {}
        return [
            replace(
                self._read(one, read[one.kpi_id])
                if one.kpi_id in read and one.unit is not Unit.MONEY
                else self._counted(one, by_id[one.kpi_id]),
                history=tuple(
                    Past(row.version, row.at, names.get(row.person_id or 0, ""), row.because,
                         tuple(row.changed))
                    for row in history.get(one.kpi_id, ())
                ),
                comments=comments.get(one.kpi_id, 0),
                findings=found.get(one.kpi_id, ()),
            )
            for one in sections
        ]  # fmt: skip

    def _read(self, section: Section, reading: KpiReading) -> Section:
        """With how much was behind the figure when the KPI was evaluated last."""
        values = {"measured": reading.measured, "in_scope": reading.in_scope}
        said = Sentence(f"coverage.{CATALOGUE[section.key].covers}", values)
        return replace(section, covered=Covered(reading.at, said))

    def _counted(self, section: Section, kpi: Kpi) -> Section:
        """With how much is behind the figure of the period under way, and the currency of money."""
        new, entry, where = asked(kpi), CATALOGUE[kpi.metric], zone(kpi.zone)
        span = span_at(
            day_at(self.now, where), new.every, starts_on=new.starts_on, deadline=new.deadline,
            week_start=kpis.week_start(self.session, self.workspace_id),
        )  # fmt: skip
        try:
            figure = figure_over(
                self.session, entry, Stretch(*span.bounds(where), self.now),
                workspace_id=self.workspace_id, scope=new.scope, supplies=self.supplies,
            )  # fmt: skip
        except NotFound:
            return section
        seen, currency = figure.passport.coverage, figure.passport.currency or ""
        values = {"measured": seen.measured, "in_scope": seen.in_scope}
        covered = Covered(self.now, Sentence(f"coverage.{entry.covers}", values), seen.not_supplied)
        sentence = target_sentence(
            entry, new, baseline=kpi.baseline, scope_name=self._place(new.scope).name, currency=currency
        )
        return replace(section, covered=covered, currency=currency, target_sentence=sentence)


def _findings(row: AuditRow | None) -> dict[int, tuple[Sentence, ...]]:
    """What an audit said about KPIs by name."""
    found: dict[int, tuple[Sentence, ...]] = {}
    for one in thawed_audit(row.body).findings if row is not None else ():
        if one.where.kind is PlaceKind.KPI:
            found[one.where.id] = (*found.get(one.where.id, ()), one.what)
    return found


def seen(row: AuditRow | None) -> AuditSeen | None:
    """An audit as the guide tells it; None: there was none."""
    return AuditSeen(row.at, row.wrong, row.look, row.fine) if row is not None else None
