"""A workspace in a period, and day by day."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from analytics.daily import daily
from analytics.overview import overview
from analytics.sums import Stretch, figure_over
from domain.catalogue import CATALOGUE, definition
from domain.definition import Shape
from domain.errors import UsageError
from domain.figure import Absence, Basis, Coverage
from domain.kpi import Scope
from domain.period import Span
from store.engine import open_engine
from store.migrate import upgrade
from store.tables import METADATA
from store.traffic import WHOLE_PAGE
from tests.measured import SUPPLIES, M, Measured
from tests.world import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONTH_AGO = NOON - 30 * DAY


def test_a_count_is_given_by_activity_and_by_publish_date_each_labelled(session: Session) -> None:
    world = Measured(session)
    old = world.post(world.channel(), NOON - 31 * DAY)
    world.engaged(old, DAY / 2, 40)
    world.engaged(old, 14 * DAY, 50)
    new = world.post(world.channel(), NOON - 2 * DAY)
    world.engaged(new, DAY, 7)

    found = overview(session, world.id, MONTH_AGO, NOON, supplies=SUPPLIES, now=NOON).total

    assert (found.activity["engagement"].value, found.published["engagement"].value) == (17, 7)
    assert found.activity["engagement"].passport.basis is Basis.ACTIVITY
    assert found.published["engagement"].passport.basis is Basis.PUBLISHED


def test_channels_add_up_to_the_total_and_rates_are_ratios_of_the_sums(session: Session) -> None:
    world = Measured(session)
    one, two = world.channel("exposed"), world.channel("exposed")
    world.engaged(world.post(one, NOON - 2 * DAY), DAY, 1, impressions=10)
    world.engaged(world.post(two, NOON - 2 * DAY), DAY, 9, impressions=990)

    found = overview(session, world.id, MONTH_AGO, NOON, supplies=SUPPLIES, now=NOON)

    by_channel = {row.id: totals for row, totals in found.channels}
    assert by_channel[one.id].published["er_impr"].value == pytest.approx(10)
    assert by_channel[two.id].activity["engagement"].value == 9
    assert found.total.activity["engagement"].value == 10
    assert found.total.published["er_impr"].value == pytest.approx(1)
    assert found.total.activity["posts_published"].value == 2


def test_what_a_platform_cannot_give_is_absent_there_and_missing_from_the_total(session: Session) -> None:
    world = Measured(session)
    exposed, square = world.channel("exposed"), world.channel("square")
    world.read(world.post(exposed, NOON - 2 * DAY), DAY, {M.IMPRESSIONS: 30})
    world.post(square, NOON - DAY)

    found = overview(session, world.id, MONTH_AGO, NOON, supplies=SUPPLIES, now=NOON)

    of_square = dict((row.id, totals) for row, totals in found.channels)[square.id]
    assert of_square.activity["impressions"].absence is Absence.NOT_SUPPLIED
    assert of_square.published["er_impr"].absence is Absence.NOT_SUPPLIED
    total = found.total.activity["impressions"]
    assert (total.value, total.passport.coverage) == (30, Coverage(1, 2, not_supplied=1))


def test_an_overview_agrees_with_each_figure_asked_for_alone(session: Session) -> None:
    world = Measured(session)
    exposed, page = world.channel("exposed"), world.channel("page")
    world.followers(exposed, NOON - 20 * DAY, 80)
    world.followers(exposed, NOON - 1 * DAY, 90)
    post = world.post(exposed, NOON - 6 * DAY)
    world.engaged(post, DAY, 4, impressions=60, clicks=2)
    world.engaged(post, 3 * DAY, 6, impressions=90, clicks=3)
    world.click(world.link(post), NOON - DAY)
    shown = world.post(page, NOON - 4 * DAY)
    world.shown(page, shown.id, "impressions", NOON - DAY, times=8)
    world.shown(page, WHOLE_PAGE, "views", NOON - DAY, times=3)
    stretch = Stretch(MONTH_AGO, NOON, NOON)

    total = overview(session, world.id, MONTH_AGO, NOON, supplies=SUPPLIES, now=NOON).total

    for entry in CATALOGUE.values():
        if entry.outside:
            continue
        alone = figure_over(session, entry, stretch, workspace_id=world.id, scope=Scope(), supplies=SUPPLIES)
        of_published = entry.shape in (Shape.RATE, Shape.MEAN, Shape.LARGEST, Shape.UNIQUE)
        together = total.published if of_published else total.activity
        assert together[entry.key].value == alone.value, entry.key
        assert together[entry.key].passport == alone.passport, entry.key


def test_only_the_figures_that_are_wanted_are_looked_up(session: Session) -> None:
    world = Measured(session)
    world.channel()

    found = overview(
        session, world.id, MONTH_AGO, NOON, supplies=SUPPLIES, now=NOON, keys={"engagement", "er_followers"}
    ).total

    assert set(found.activity) == {"engagement"}
    assert set(found.published) == {"engagement", "er_followers"}


def test_a_day_is_a_day_of_the_zone_and_days_without_anything_are_zero(session: Session) -> None:
    world = Measured(session)
    link = world.link(world.post(world.channel("hook"), NOON - 9 * DAY))
    kathmandu = ZoneInfo("Asia/Kathmandu")
    midnight = datetime(2026, 3, 1, tzinfo=kathmandu)  # 18:15 UTC, within an hour
    world.click(link, midnight)
    world.click(link, midnight + timedelta(minutes=30))
    world.click(link, midnight - timedelta(seconds=1))

    found = daily(
        session,
        world.id,
        "clicks",
        Span(date(2026, 2, 27), date(2026, 3, 9)),
        zone_name="Asia/Kathmandu",
        supplies=SUPPLIES,
        now=NOON,
    )

    assert found == [
        (date(2026, 2, 27), 0),
        (date(2026, 2, 28), 1),
        (date(2026, 3, 1), 2),
        (date(2026, 3, 2), 0),
    ]


def test_days_of_a_platforms_count_are_the_days_on_which_it_was_read(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel(), datetime(2026, 2, 27, 10, tzinfo=NOON.tzinfo))
    world.engaged(post, HOUR, 3)
    world.engaged(post, DAY, 5)
    span = Span(date(2026, 2, 27), date(2026, 3, 1))

    found = daily(session, world.id, "engagement", span, zone_name="UTC", supplies=SUPPLIES, now=NOON)

    assert found == [(date(2026, 2, 27), 3), (date(2026, 2, 28), 2)]


def test_a_rate_has_no_days(session: Session) -> None:
    world = Measured(session)
    span = Span(date(2026, 2, 27), date(2026, 3, 1))

    with pytest.raises(UsageError, match="choose a count"):
        daily(session, world.id, "er_impr", span, zone_name="UTC", supplies=SUPPLIES, now=NOON)


@pytest.fixture(scope="module")
def kept_engine() -> Any:
    """One SQLite database for many examples."""
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/tabuh.db")
        upgrade(engine)
        yield engine
        engine.dispose()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    readings=st.lists(
        st.tuples(st.integers(1, 11), st.integers(0, 300), st.integers(0, 50)), unique_by=lambda one: one[0]
    ),
    clicks=st.lists(st.integers(0, 400)),
    edges=st.lists(st.integers(0, 400), min_size=1, max_size=4),
)
def test_consecutive_periods_add_up_to_the_whole(
    kept_engine: Engine, readings: list[tuple[int, int, int]], clicks: list[int], edges: list[int]
) -> None:
    with Session(kept_engine) as session:
        for table in reversed(METADATA.sorted_tables):
            session.connection().execute(table.delete())
        world = Measured(session)
        begin = NOON - 400 * HOUR
        post = world.post(world.channel(), begin)
        for (checkpoint, _, value), late in zip(
            sorted(readings), sorted(late for _, late, _ in readings), strict=True
        ):
            world.read(post, checkpoint * HOUR, {M.REACTIONS: value}, at=begin + late * HOUR)
        link = world.link(post)
        for hour in clicks:
            world.click(link, begin + hour * HOUR)

        bounds = [begin, *(begin + edge * HOUR for edge in sorted(edges)), NOON + HOUR]
        for key in ("reactions", "clicks"):
            parts = [_activity(world, key, start, end) for start, end in pairwise(bounds)]
            assert sum(parts) == _activity(world, key, bounds[0], bounds[-1])


def _activity(world: Measured, key: str, start: datetime, end: datetime) -> float:
    stretch = Stretch(start, end, NOON + DAY)
    found = figure_over(
        world.session, definition(key), stretch, workspace_id=world.id, scope=Scope(), supplies=SUPPLIES
    )
    return found.value or 0.0
