"""KPIs of everything that is counted stand together as alone, and cost few statements more than one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from sqlalchemy import Connection, Engine, event
from sqlmodel import col, select

from analytics.kpis import evaluate
from analytics.reports.asking import Asked as ReportAsked
from analytics.reports.targets import kpi_lines
from analytics.together import hold
from domain.catalogue import CATALOGUE
from domain.period import Every, Span
from domain.schedule import zone
from scheduler.kpis import evaluate_kpis
from scheduler.measuring import supplies
from store import kpis, packing
from store.answers import kept
from store.due import claim_due
from store.engine import reading, writing
from store.tables import Kpi
from tests.analytics.known_month import START as MONTH
from tests.analytics.known_month import Month
from tests.properties.test_together import all_of, look_at, stand

DAY = timedelta(days=1)


def every_figure(month: Month) -> list[Kpi]:
    """A KPI of each figure there is: of posts on a channel by the month, of all else by the week."""
    return [
        Kpi(
            workspace_id=month.place.workspace.id, name=key, metric=key, target=5, zone="Asia/Jakarta",
            scope={} if one.outside else {"channel_id": month.channel.id}, starts_on=MONTH.date(),
            period=Every.WEEK if one.outside else Every.MONTH, created_at=MONTH,
        )
        for key, one in CATALOGUE.items()
    ]  # fmt: skip


def test_figures_of_sites_imports_surveys_and_mentions_do_as_well(engine: Engine) -> None:
    month = Month(engine)
    with writing(engine) as session:
        rows = every_figure(month)
        session.add_all(rows)
        session.commit()
    with reading(engine) as session:
        able = supplies(month.place.web.context, session, month.place.workspace.id)
        asked = [look_at(kpi, month.place.now) for kpi in rows]
        alone = [all_of(session, stand(session, one, able), able) for one in asked]
        with kept(session):
            hold(session, asked, supplies=able)
            together = [all_of(session, stand(session, one, able), able) for one in asked]
    for one, *each in zip(asked, alone, together, strict=True):
        assert each[0] == each[1], (one.kpi.metric, one.kpi.scope, one.kpi.period)


def test_a_report_tells_of_each_kpi_what_it_says_by_itself(engine: Engine) -> None:
    month = Month(engine)
    with writing(engine) as session:
        session.add_all(every_figure(month))
        session.commit()
    with reading(engine) as session:
        workspace_id = month.place.workspace.id
        able = supplies(month.place.web.context, session, workspace_id)
        span = Span(date(2026, 11, 9), date(2026, 11, 16))
        before = Span(date(2026, 11, 2), date(2026, 11, 9))
        asked = ReportAsked(
            session=session, workspace_id=workspace_id, every=Every.WEEK, span=span, before=before,
            zone_name="UTC", supplies=able, now=month.place.now,
        )  # fmt: skip
        lines = {line.id: line for line in kpi_lines(asked)}
        at = span.bounds(zone("Asia/Jakarta"))[1]
        for kpi in kpis.listed(session, workspace_id):
            one = evaluate(session, kpi, at, supplies=able, day=span.last)
            line = lines[kpi.id]
            assert (line.actual, line.status, line.first) == (one.actual.value, one.status, one.span.first)
            assert list(line.sentences) == list(one.sentences)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    said: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def of_the_channel(month: Month, many: int) -> Sequence[Kpi]:
    """KPIs of a channel's figures of posts: counts, rates, means, the largest, and followers."""
    keys = [key for key, one in CATALOGUE.items() if not one.outside]
    return [
        Kpi(
            workspace_id=month.place.workspace.id, name=f"KPI {number}", metric=keys[number % len(keys)],
            scope={"channel_id": month.channel.id}, target=5, period=Every.MONTH, starts_on=MONTH.date(),
            zone="UTC", created_at=MONTH, next_at=month.place.now,
        )
        for number in range(many)
    ]  # fmt: skip


def round_of(month: Month, engine: Engine, many: int) -> int:
    """Statements with which the worker evaluates so many KPIs, writing them included."""
    with writing(engine) as session:
        session.add_all(of_the_channel(month, many))
        session.commit()
        rows = claim_due(session, Kpi, now=month.place.now, lease=DAY, limit=many)
    with statements(engine) as said:
        evaluate_kpis(month.place.web.context, rows)
    with writing(engine) as session:
        assert len(kpis.last_readings(session, month.place.workspace.id)) == many
        for row in session.scalars(select(Kpi).where(col(Kpi.closed_at).is_(None))):
            row.closed_at = month.place.now
            row.name += f" of {many}"
        session.commit()
    return len(said)


def test_a_hundred_kpis_more_of_the_same_scope_add_only_few_statements(engine: Engine) -> None:
    month = Month(engine)
    with writing(engine) as session:
        packing.rebuild(session, month.channel.id)
        session.commit()
    kinds = sum(not one.outside for one in CATALOGUE.values())

    few = round_of(month, engine, kinds)
    many = round_of(month, engine, kinds + 100)

    assert many - few <= 12, (few, many)
    assert many <= 60, many
