"""Sums over whole parts that a process keeps: always those of the posts as the database has them."""

from collections.abc import Iterator
from dataclasses import astuple
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import Session

from domain.catalogue import CATALOGUE, of_posts
from domain.definition import FOLLOWERS, OF_CHANNELS, Shape
from store import measuring, packing, part_writing
from store.cohorts import Cohorts
from store.engine import open_engine
from store.measuring import Taken
from store.tables import Post, StandingChannel
from store.values import PostScope
from tests.measured import M, Measured
from tests.world import NOON

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
COUNTS = [entry for entry in of_posts() if entry.shape in (Shape.FLOW, Shape.RATE)]
SPREADS = [
    entry
    for entry in CATALOGUE.values()
    if entry.shape in (Shape.UNIQUE, Shape.MEAN, Shape.LARGEST) and not entry.outside
]
READ = (M.REACTIONS, M.REPLIES, M.SHARES, M.IMPRESSIONS, M.REACH)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of four posts, so that a channel has some."""
    monkeypatch.setattr(part_writing, "PART", 4)


@pytest.fixture
def engines(engine: Engine) -> Iterator[list[Engine]]:
    """Two processes on one database: what each reads and keeps is its own."""
    address = engine.url.render_as_string(hide_password=False)
    found = [open_engine(address) for _ in range(2)]
    yield found
    for one in found:
        one.dispose()


class World:
    """Two channels with posts of thirty days, and random things that happen to them."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self.rng = Random(seed)
        with Session(engine, expire_on_commit=False) as session:
            self.world = Measured(session)
            channels = [self.world.channel("exposed") for _ in range(2)]
            moments = sorted(self.rng.sample(range(30 * 24), 42))
            self.posts = [
                self.world.post(self.rng.choice(channels), NOON - 31 * DAY + one * HOUR) for one in moments
            ]
            self.links = [self.world.link(one) for one in self.rng.sample(self.posts, 9)]
            ids = frozenset(one.id for one in channels)
            self.scope = PostScope(workspace_id=self.world.id, channel_ids=ids)
            for post in self.posts:
                self.look(session, post, hours=1)
            self.count_followers(session)
            for one in channels:
                packing.rebuild(session, one.id)
            session.commit()

    def look(self, session: Session, post: Post, *, hours: int) -> None:
        """Some of the metrics of a post, at an age."""
        assert post.published_at is not None
        metrics = self.rng.sample(READ, self.rng.randrange(len(READ) + 1))
        taken = [Taken(one, self.rng.randrange(50), f"{one}_count") for one in metrics]
        at = post.published_at + hours * HOUR
        measuring.append(session, post.id, checkpoint=hours * HOUR, read_at=at, taken=taken)

    def count_followers(self, session: Session) -> None:
        channel_id = self.rng.choice(sorted(self.scope.channel_ids))
        taken = [Taken(M.FOLLOWERS, self.rng.randrange(1, 99), "followers")]
        at = NOON - self.rng.randrange(40) * DAY - self.rng.randrange(10**6) * timedelta(microseconds=1)
        measuring.append_of_channel(session, channel_id, read_at=at, taken=taken)

    def happen(self, engine: Engine, hours: int) -> None:
        """Something, written by the process of an engine."""
        with Session(engine, expire_on_commit=False) as session:
            match self.rng.randrange(3):
                case 0:
                    self.count_followers(session)
                case _:
                    for post in self.rng.sample(self.posts, self.rng.randrange(1, 4)):
                        self.look(session, post, hours=hours)
            if self.rng.random() < 0.7:
                while packing.pack(session):
                    pass
            session.commit()

    def told(self, engine: Engine, days: tuple[int, int], *, active: bool) -> list[object]:
        """All sums of the posts of some days, as the process of an engine tells them."""
        with Session(engine) as session:
            return told(session, self.scope, days, active=active)


def told(session: Session, scope: PostScope, days: tuple[int, int], *, active: bool) -> list[object]:
    start, end = (NOON - one * DAY for one in days)
    needed = [*COUNTS, *SPREADS, *(CATALOGUE[one] for one in READ)]
    cohorts = Cohorts(session, scope, needed, start=start, end=end, before=NOON + 90 * DAY, active=active)
    found: list[object] = [cohorts.published(), cohorts.measured(READ)]
    found += [(entry.key, cohorts.totals(entry)) for entry in COUNTS]
    for entry in SPREADS:
        spreads = cohorts.spreads(entry).items()
        found.append(
            (entry.key, {one: [_rounded(value) for value in astuple(each)] for one, each in spreads})
        )
    return found


def _rounded(value: object) -> object:
    """Sums of quotients differ in their last digit where they are added up in another order."""
    return f"{value:.12g}" if isinstance(value, float) else value


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("seed", range(3))
def test_sums_are_those_of_the_readings_whoever_wrote_last(
    engine: Engine, engines: list[Engine], seed: int
) -> None:
    world = World(engine, seed)
    for step in range(6):
        days = (world.rng.randrange(16, 33), world.rng.randrange(15))
        active = world.rng.random() < 0.5
        with Session(engine) as session:  # from readings alone; nothing of it stays
            session.connection().execute(delete(StandingChannel))
            from_readings = told(session, world.scope, days, active=active)
            session.rollback()
        for one in engines:
            for _ in range(2):  # worked out, and kept
                assert world.told(one, days, active=active) == from_readings
        world.happen(world.rng.choice(engines), hours=step + 2)


def test_there_are_figures_of_every_kind_to_sum() -> None:
    assert len(COUNTS) > 20
    assert len(SPREADS) > 5
    assert any(entry.denominator == FOLLOWERS for entry in COUNTS)
    assert all(entry.shape not in OF_CHANNELS for entry in (*COUNTS, *SPREADS))
