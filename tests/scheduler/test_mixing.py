"""The content mix of a week, with its gap; on both databases."""

from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session

from domain.rules import Kind
from scheduler.mixing import mix_of_weeks
from store.tables import ChannelRow
from tests.scheduler.test_slots import DAILY, place, set_rules
from tests.world import NOON, new_world


def test_each_week_tells_its_shares_and_how_far_they_are_from_what_is_wanted(engine: Engine) -> None:
    world = new_world(engine, zone="Asia/Jakarta", times=DAILY)
    for link in (None, "https://example.org/a", "https://example.org/b", "https://example.org/c"):
        place(world, link=link)
    set_rules(world, mix="link 50%, image 30%")

    with Session(engine) as session:
        this, following = mix_of_weeks(session, session.get_one(ChannelRow, world.channel.id), now=NOON)

    assert (this.monday, following.monday) == (date(2026, 3, 2), date(2026, 3, 9))
    told = {one.kind: (one.posts, one.of, one.percent, one.gap) for one in this.shares}
    assert told == {
        Kind.IMAGE: (0, 4, 0.0, -30.0),
        Kind.LINK: (3, 4, 75.0, 25.0),
        Kind.TEXT: (1, 4, 25.0, None),
    }
    assert [(one.percent, one.gap) for one in following.shares] == [(None, None), (None, None)]


def test_a_channel_without_a_mix_tells_none(engine: Engine) -> None:
    world = new_world(engine)
    with Session(engine) as session:
        assert mix_of_weeks(session, world.channel, now=NOON) == []
