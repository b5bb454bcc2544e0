"""Mentions of the own brand that platforms tell by themselves: each once, without a gap, with since when."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.errors import NotSent, RateLimited
from publishers.base import Mention, Mentions
from scheduler import mentioning
from scheduler.brands import add_brand, note_mentions
from store import brands
from store.changes import Actor
from store.tables import ChannelRow, MentionDay
from tests.scheduler.test_measuring import Counting
from tests.scheduler.test_natives import Paid
from tests.world import NOON, World, new_world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ME = Actor("person")


class Telling(Counting):
    """A platform that tells who mentions the channel."""

    there: ClassVar[list[Any]]
    since: ClassVar[list[datetime]]

    def mentions(self, since: datetime) -> Mentions:
        self.since.append(since)
        if any(isinstance(one, Exception) for one in self.there):
            raise next(one for one in self.there if isinstance(one, Exception))
        gaps = [one.gap_until for one in self.there if isinstance(one, Mentions)]
        found = [one for one in self.there if isinstance(one, Mention)]
        return Mentions([one for one in found if one.at >= since], *gaps)


def telling_world(engine: Engine, *there: Any, own: bool = True, kind: type[Counting] = Telling) -> Any:
    made = type("TellingOnce", (kind,), {"answers": [], "asked": [], "there": list(there), "since": []})
    world = new_world(engine, platform="counting", adapters={"counting": made})
    brand = add_brand(world.context, world.workspace.id, "Ours", own=own, actor=ME)
    return world, made, brand


def counted(world: World, brand_id: int) -> list[datetime]:
    with Session(world.engine) as session:
        found = brands.counted_at(
            session, world.workspace.id, [brand_id], start=NOON - 99 * DAY, end=NOON + 99 * DAY
        )
    return sorted(at for at, number, _ in found[brand_id] for _ in range(number))


def channel_of(world: World) -> ChannelRow:
    with Session(world.engine, expire_on_commit=False) as session:
        return session.exec(select(ChannelRow)).one()


def test_mentions_are_counted_once_and_say_where_and_since_when(engine: Engine) -> None:
    world, kind, brand = telling_world(
        engine, Mention(NOON - 2 * HOUR, "a"), Mention(NOON - 3 * DAY, "b"), Mention(NOON - 40 * DAY, "old")
    )

    assert mentioning.look(world.context) == 2
    assert mentioning.look(world.context) == 0  # its turn comes in an hour
    world.clock.forward(hours=2)
    kind.there.append(Mention(NOON + HOUR, "c"))
    assert mentioning.look(world.context) == 1

    assert counted(world, brand.id) == [NOON - 3 * DAY, NOON - 2 * HOUR, NOON + HOUR]
    row = channel_of(world)
    assert (row.mentions_since, row.mentions_until) == (NOON - 29 * DAY, NOON + 2 * HOUR)
    with Session(world.engine) as session:
        assert {one.source for one in session.exec(select(MentionDay))} == {f"counting: {row.name}"}
        assert brands.source_names(session, world.workspace.id, [brand.id]) == {f"counting: {row.name}"}
        assert brands.searches(session, world.workspace.id, brand.id) == []


def test_after_a_pause_it_goes_on_where_it_was(engine: Engine) -> None:
    world, kind, _ = telling_world(engine)
    mentioning.look(world.context)
    kind.there[:] = [NotSent("The server is away.")]
    for _ in range(3):
        world.clock.forward(days=5)
        assert mentioning.look(world.context) == 0
    kind.there[:] = [Mention(NOON + HOUR, "a"), Mention(NOON + 14 * DAY, "b")]
    world.clock.forward(hours=1)

    assert mentioning.look(world.context) == 2
    assert kind.since[-1] == NOON - 6 * HOUR
    assert channel_of(world).mentions_since == NOON - 29 * DAY


def test_what_could_not_all_be_read_is_known_from_then_on(engine: Engine) -> None:
    world, kind, _ = telling_world(engine)
    mentioning.look(world.context)
    kind.there[:] = [Mention(NOON + 9 * DAY, "b"), Mentions([], gap_until=NOON + 8 * DAY)]
    world.clock.forward(days=10)

    assert mentioning.look(world.context) == 1
    assert channel_of(world).mentions_since == NOON + 8 * DAY


def test_without_an_own_brand_or_where_reading_costs_money_nobody_is_asked(engine: Engine) -> None:
    world, kind, _ = telling_world(engine, Mention(NOON, "a"), own=False)
    assert mentioning.look(world.context) == 0
    assert kind.since == []

    assert not mentioning.tells(type("PaidTelling", (Telling, Paid), {}))
    assert not mentioning.tells(Counting)


def test_a_platform_that_wants_a_pause_gets_it(engine: Engine) -> None:
    world, _, brand = telling_world(engine, RateLimited("Wait.", retry_after=3 * HOUR))

    assert mentioning.look(world.context) == 0

    row = channel_of(world)
    assert row.quiet_until == NOON + 3 * HOUR
    assert row.mentions_since is None
    with Session(world.engine) as session:
        assert not brands.has_any(session, world.workspace.id, brand.id)


def test_none_is_a_count_and_stands_beside_counts_by_hand(engine: Engine) -> None:
    world, _, brand = telling_world(engine)
    mentioning.look(world.context)
    with Session(world.engine) as session:
        assert brands.has_any(session, world.workspace.id, brand.id)
    note_mentions(
        world.context, world.workspace.id, brand.id, day=NOON.date(), number=2, source="news", actor=ME
    )

    assert len(counted(world, brand.id)) == 2
    with Session(world.engine) as session:
        assert brands.searches(session, world.workspace.id, brand.id) == [("news", "")]
        assert session.exec(select(MentionDay).order_by(col(MentionDay.at))).one().number == 2
