"""Whatever comes in whatever order: many KPIs evaluated together stand as each of them does alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from analytics.explaining.change import change
from analytics.explaining.periods import Against
from analytics.kpis import Standing, evaluate
from analytics.together import Asked, hold
from domain.breakdown import By
from domain.catalogue import CATALOGUE
from domain.definition import Supplies
from domain.period import Every, day_at
from domain.schedule import zone
from domain.sentences import say
from scheduler.kpis import reading_of
from store.answers import kept
from store.tables import Kpi
from tests.measured import SUPPLIES
from tests.properties.test_standings import DAYS, START, ZONES, Story, told, unbuilt
from tests.world import emptied

MOMENT = timedelta(microseconds=1)
_FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def asked_of(story: Story, number: int) -> Kpi:
    """A KPI of any figure, scope, period, zone and kind of target."""
    rng, every = story.rng, story.rng.choice(list(Every))
    begun = START.date() + timedelta(days=rng.randrange(DAYS))
    is_relative = rng.random() < 0.3
    ends = every is Every.ONCE or rng.random() < 0.2
    return Kpi(
        workspace_id=story.world.id, name=f"KPI {number}", metric=rng.choice(list(CATALOGUE)),
        scope=rng.choice(story.scopes()).stored(), target=rng.choice([1.0, 20.0, 400.0]), period=every,
        target_kind="relative" if is_relative else "absolute", baseline=17.0 if is_relative else None,
        direction=rng.choice(["up", "down"]), starts_on=begun,
        deadline=begun + timedelta(days=rng.randrange(1, 50)) if ends else None,
        zone=rng.choice(ZONES), created_at=START,
    )  # fmt: skip


def look_at(kpi: Kpi, at: datetime) -> Asked:
    return Asked(kpi, at, day_at(at - MOMENT, zone(kpi.zone)), compared=True)


def stand(session: Session, asked: Asked, able: Supplies = SUPPLIES) -> Standing:
    return evaluate(session, asked.kpi, asked.at, supplies=able, day=asked.day)


def all_of(session: Session, standing: Standing, able: Supplies = SUPPLIES) -> object:
    """Everything that anybody is told of it."""
    found = change(session, standing, Against.BEFORE, By.CHANNEL, supplies=able)
    sentences = [say(one, language) for one in standing.sentences for language in ("en", "id")]
    return (
        standing.actual, standing.course, standing.prospect, standing.status, standing.span, sentences,
        say(standing.target_sentence), standing.scope_name, found.tree, found.names, found.reason,
    )  # fmt: skip


@given(seed=st.integers(0, 2**32))
@_FEW
def test_kpis_of_all_kinds_stand_together_as_alone_whatever_came_when(
    shared_engine: Engine, seed: int
) -> None:
    with Session(emptied(shared_engine), expire_on_commit=False) as session:
        story = told(seed, session)
        rows = [asked_of(story, number) for number in range(60)]
        session.add_all(rows)
        session.flush()
        for kpi in story.rng.sample(rows, 20):  # their standing of an hour ago
            earlier = look_at(kpi, story.now - timedelta(hours=1))
            session.add(reading_of(stand(session, earlier)))
        session.flush()
        midnight = datetime(2026, 4, 20, tzinfo=UTC) - timedelta(hours=7)
        for at in (story.now, midnight, story.moment()):
            asked = [look_at(kpi, at) for kpi in rows]
            alone = [all_of(session, stand(session, one)) for one in asked]
            with kept(session):
                hold(session, asked, supplies=SUPPLIES)
                together = [all_of(session, stand(session, one)) for one in asked]
            for one, *each in zip(asked, alone, together, strict=True):
                assert each[0] == each[1], (one.kpi.metric, one.kpi.scope, one.kpi.period, at)


@given(seed=st.integers(0, 2**32))
@_FEW
def test_they_do_in_channels_that_were_never_written_down_too(shared_engine: Engine, seed: int) -> None:
    with Session(emptied(shared_engine), expire_on_commit=False) as session:
        story = told(seed, session)
        unbuilt(session)
        rows = [asked_of(story, number) for number in range(25)]
        session.add_all(rows)
        session.flush()
        asked = [look_at(kpi, story.now) for kpi in rows]
        alone = [all_of(session, stand(session, one)) for one in asked]
        with kept(session):
            hold(session, asked, supplies=SUPPLIES)
            assert [all_of(session, stand(session, one)) for one in asked] == alone
