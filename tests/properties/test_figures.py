"""What holds of figures: ratios of sums, reach never added, no order, and days as clocks on walls count."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from analytics.daily import daily
from analytics.sums import Stretch, figure_over
from domain.catalogue import CATALOGUE
from domain.definition import Supplies, Supply
from domain.figure import Figure
from domain.kpi import Scope
from domain.period import Span
from store import measuring
from store.measuring import Taken
from tests.measured import ENGAGEMENT, M, Measured
from tests.world import emptied

START = datetime(2026, 5, 1, tzinfo=UTC)
NOW = START + timedelta(days=40)
DAY = timedelta(days=1)
SUPPLIES = Supplies(
    {"seen": Supply("seen", "Seen", ENGAGEMENT | {M.IMPRESSIONS, M.REACH, M.FOLLOWERS})}, own_links=True
)
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

#: Of one post: impressions, share of them reached, reactions, replies, shares; None: not told.
POSTS = st.lists(
    st.tuples(
        st.none() | st.integers(0, 10**9), st.integers(0, 100), st.integers(0, 10**6),
        st.integers(0, 10**4), st.integers(0, 10**4),
    ),
    min_size=1, max_size=8,
)  # fmt: skip
Post = tuple[int | None, int, int, int, int]


def told(post: Post) -> dict[M, int]:
    """What the platform says of a post; where it does not tell impressions, nor reach."""
    shown, share, reactions, replies, shares = post
    found = {M.REACTIONS: reactions, M.REPLIES: replies, M.SHARES: shares}
    return found if shown is None else {**found, M.IMPRESSIONS: shown, M.REACH: shown * share // 100}


def written(session: Session, posts: list[Post], seed: int) -> Measured:
    """A workspace with these posts, each read at two ages, written in an order drawn from a seed."""
    world = Measured(session)
    channel = world.channel("seen")
    rng = Random(seed)
    order = list(range(len(posts)))
    rng.shuffle(order)
    looks = []
    for number in order:
        row = world.post(channel, START + number * DAY)
        for age, part in ((timedelta(hours=1), 2), (DAY, 1)):
            taken = [
                Taken(metric, value // part, str(metric)) for metric, value in told(posts[number]).items()
            ]
            rng.shuffle(taken)
            looks.append((row, age, taken))
    rng.shuffle(looks)
    for row, age, taken in looks:
        assert row.published_at is not None
        measuring.append(session, row.id, checkpoint=age, read_at=row.published_at + age, taken=taken)
    session.commit()
    return world


def asked(session: Session, world: Measured, key: str) -> Figure:
    """A figure of all that is there."""
    return figure_over(
        session, CATALOGUE[key], Stretch(START, NOW, NOW), workspace_id=world.id, scope=Scope(),
        supplies=SUPPLIES,
    )  # fmt: skip


@FEW
@given(posts=POSTS, seed=st.integers(0, 2**32))
@example(posts=[(20, 50, 10, 0, 0), (20_000, 50, 10, 0, 0)], seed=0)
@example(posts=[(0, 0, 0, 0, 0)], seed=0)
@example(posts=[(None, 0, 5, 0, 0)], seed=0)
def test_rates_are_ratios_of_sums_and_means_are_told_apart(
    shared_engine: Engine, posts: list[Post], seed: int
) -> None:
    emptied(shared_engine)
    with Session(shared_engine) as session:
        world = written(session, posts, seed)
        shown = [post for post in posts if post[0] is not None]
        above = sum(sum(post[2:]) for post in shown)
        below = sum(post[0] or 0 for post in shown)

        rate = asked(session, world, "er_impr")

        assert rate.value == (pytest.approx(100 * above / below) if below else None)
        assert rate.passport.coverage.measured == len(shown)
        own = [100 * sum(post[2:]) / post[0] for post in shown if post[0]]
        mean = asked(session, world, "er_impr_mean")
        assert mean.value == (pytest.approx(sum(own) / len(own)) if own else None)
        total = asked(session, world, "engagement")
        assert total.value == sum(sum(post[2:]) for post in posts)


@FEW
@given(posts=POSTS, seed=st.integers(0, 2**32))
def test_reach_is_one_posts_or_bounds_and_never_a_sum(
    shared_engine: Engine, posts: list[Post], seed: int
) -> None:
    emptied(shared_engine)
    with Session(shared_engine) as session:
        world = written(session, posts, seed)
        known = [told(post)[M.REACH] for post in posts if post[0] is not None]

        reach = asked(session, world, "reach")

        # Where all but one reached nobody, the largest is the whole.
        only = max(known) if known and max(known) == sum(known) else None
        assert reach.value == only
        assert (reach.absence is None) == (only is not None)
        assert asked(session, world, "reach_largest").value == (max(known) if known else None)
        assert not CATALOGUE["reach"].additive


@FEW
@given(posts=POSTS, seeds=st.tuples(st.integers(0, 2**32), st.integers(0, 2**32)))
def test_the_order_in_which_readings_are_written_changes_nothing(
    shared_engine: Engine, posts: list[Post], seeds: tuple[int, int]
) -> None:
    keys = ("engagement", "impressions", "er_reach", "er_reach_mean", "applause_impr", "reach_largest")
    found = []
    for seed in seeds:
        emptied(shared_engine)
        with Session(shared_engine) as session:
            world = written(session, posts, seed)
            found.append({key: asked(session, world, key) for key in keys})

    assert {key: one.value for key, one in found[0].items()} == pytest.approx(
        {key: one.value for key, one in found[1].items()}
    )
    for key in keys:
        assert found[0][key].absence == found[1][key].absence
        assert found[0][key].passport.coverage == found[1][key].passport.coverage


#: A zone, the day of interest, and how many hours it has.
EDGES = (
    ("Pacific/Kiritimati", date(2026, 5, 5), 24),  # UTC+14
    ("Asia/Kathmandu", date(2026, 5, 5), 24),  # UTC+5:45
    ("Pacific/Chatham", date(2026, 4, 5), 25),  # UTC+13:45, then +12:45
    ("Europe/Berlin", date(2026, 3, 29), 23),
    ("Europe/Berlin", date(2026, 10, 25), 25),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ("America/New_York", date(2026, 3, 8), 23),
    ("Etc/GMT+12", date(2026, 5, 5), 24),  # UTC-12
)


@pytest.mark.parametrize(("zone_name", "day", "hours"), EDGES)
def test_a_day_is_the_day_of_clocks_on_walls(
    shared_engine: Engine, zone_name: str, day: date, hours: float
) -> None:
    zone, one = ZoneInfo(zone_name), timedelta(microseconds=1)
    first = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    after = datetime.combine(day + DAY, datetime.min.time(), zone).astimezone(UTC)
    assert after - first == timedelta(hours=hours)
    emptied(shared_engine)
    with Session(shared_engine) as session:
        world = Measured(session)
        channel = world.channel("seen")
        link = world.link(world.post(channel, first - 3 * DAY))
        for at in (first - one, first, first + timedelta(hours=hours / 2), after - one, after):
            world.click(link, at)
        session.commit()
        now = after + 2 * DAY
        days = daily(
            session, world.id, "clicks", Span(day - DAY, day + 2 * DAY), zone_name=zone_name,
            supplies=SUPPLIES, now=now,
        )  # fmt: skip
        whole = figure_over(
            session, CATALOGUE["clicks"], Stretch(first, after, now), workspace_id=world.id, scope=Scope(),
            supplies=SUPPLIES,
        )  # fmt: skip

    assert [number for _, number in days] == [1, 3, 1]
    assert whole.value == 3
