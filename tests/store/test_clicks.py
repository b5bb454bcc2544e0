"""Clicks as people look at them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.metrics import Audience
from store import clicks, links, salts
from store.engine import reading, writing
from store.links import NewClick, record_clicks
from store.tables import DaySalt, Link
from tests.world import NOON, new_world

HUMAN, BOT, UNKNOWN = Audience.HUMAN, Audience.BOT, Audience.UNKNOWN


def kept(engine: Engine, *made: tuple[datetime, Audience, str | None]) -> Link:
    """A link with these clicks: time, class, hash."""
    world = new_world(engine)
    with writing(engine) as session:
        link = links.new_link(session, workspace_id=world.workspace.id, target="https://x.test/", now=NOON)
        other = links.new_link(session, workspace_id=world.workspace.id, target="https://y.test/", now=NOON)
        record_clicks(
            session,
            [
                NewClick(
                    link_id=link.id, post_id=None, at=at, audience=audience, why="browser", day_hash=day_hash,
                    referrer="a.test" if day_hash else None, country="ID" if day_hash == "a" else None,
                )
                for at, audience, day_hash in made
            ],
        )  # fmt: skip
        record_clicks(session, [NewClick(link_id=other.id, post_id=None, at=NOON, audience=HUMAN)])
        record_clicks(session, [])
        session.commit()
    return link


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_people_are_counted_once_a_day_of_the_zone_and_coverage_is_told(engine: Engine) -> None:
    # Kathmandu is 5 h 45 min ahead: its day begins at 18:15 UTC.
    link = kept(
        engine,
        (at("2026-03-02T18:14:59"), HUMAN, "a"),
        (at("2026-03-02T18:15:00"), HUMAN, "b"),
        (at("2026-03-02T20:00:00"), HUMAN, "b"),
        (at("2026-03-03T09:00:00"), HUMAN, "c"),
        (at("2026-03-03T09:00:00"), HUMAN, None),
        (at("2026-03-03T10:00:00"), BOT, None),
        (at("2026-03-03T10:00:00"), UNKNOWN, "d"),
    )
    with reading(engine) as session:
        faces = clicks.faces(session, link, start=NOON, end=NOON + timedelta(days=9), zone="Asia/Kathmandu")

    assert [(day.day, day.human, day.people, day.with_hash, day.total) for day in faces.days] == [
        (date(2026, 3, 2), 1, 1, 1, 1),
        (date(2026, 3, 3), 4, 2, 3, 6),
    ]
    assert (faces.total, faces.human, faces.people_days, faces.with_hash) == (7, 5, 3, 4)
    assert faces.by_audience == {HUMAN: 5, BOT: 1, UNKNOWN: 1}
    assert faces.by_referrer == [("a.test", 4), (None, 1)]
    assert faces.by_country == [(None, 4), ("ID", 1)]
    assert faces.with_country == 1
    assert [(hour, counts[HUMAN]) for hour, counts in faces.hours][:2] == [
        (at("2026-03-02T18:00:00"), 2), (at("2026-03-02T20:00:00"), 1),
    ]  # fmt: skip


def test_the_edges_of_a_stretch_are_in_and_out(engine: Engine) -> None:
    link = kept(engine, (NOON, HUMAN, "a"), (NOON + timedelta(hours=1), HUMAN, "b"))
    with reading(engine) as session:
        faces = clicks.faces(session, link, start=NOON, end=NOON + timedelta(hours=1), zone="UTC")
        every = list(clicks.each(session, link, start=NOON, end=NOON + timedelta(hours=2)))
    assert faces.total == 1
    assert [row[0] for row in every] == [NOON, NOON + timedelta(hours=1)]


def test_a_link_without_clicks_has_zeros_and_no_days(engine: Engine) -> None:
    link = kept(engine)
    with reading(engine) as session:
        faces = clicks.faces(session, link, start=NOON, end=NOON + timedelta(hours=1), zone="UTC")
        assert clicks.totals(session, [link.id]) == {link.id: {HUMAN: 0, BOT: 0, UNKNOWN: 0}}
        assert clicks.totals(session, []) == {}
    assert (faces.total, list(faces.days), list(faces.hours)) == (0, [], [])


@pytest.mark.parametrize(
    ("zone", "hours"), [("UTC", 24), ("Europe/Berlin", 23), ("America/New_York", 24), ("Asia/Kathmandu", 24)]
)
def test_a_day_of_a_zone_is_as_long_as_its_clocks_make_it(engine: Engine, zone: str, hours: int) -> None:
    world = new_world(engine)
    day = date(2026, 3, 29)  # clocks go forward in Berlin
    begins = datetime(2026, 3, 29, 12, tzinfo=UTC)
    with writing(engine) as session:
        made = salts.of_days(session, [(world.workspace.id, zone, day)], now=begins)
        again = salts.of_days(session, [(world.workspace.id, zone, day)], now=begins)
        assert made == again
        assert len(made[world.workspace.id, day]) == 32
        session.commit()
    with reading(engine) as session:
        ends = session.exec(select(DaySalt.ends_at)).one()
    before = salts.day_of(ends - timedelta(seconds=1), zone)
    assert (before, salts.day_of(ends, zone)) == (day, day + timedelta(days=1))
    begun = ends - timedelta(hours=hours)
    assert salts.day_of(begun, zone) == day
    assert salts.day_of(begun - timedelta(seconds=1), zone) == day - timedelta(days=1)
