"""Posts that were read or clicked after the instant that is asked about."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import Session, col, select

from domain.metrics import Audience
from store import adding_up, links, measuring, packing
from store.answers import kept
from store.board import Wanted, load
from store.choosing import Chosen
from store.columns import CAMPAIGN, LINKED, NEWEST, POST, PUBLISHED, TAGS, counted, read, read_at
from store.measuring import Taken
from store.own_counts import COUNTS, Before
from store.parts import Moved, Parts
from store.tables import Link, Post, StandingChannel
from store.values import NO_FILTERS, Filters, PostScope
from tests.measured import M, Measured
from tests.world import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NAMES = (PUBLISHED, LINKED, read(M.REACTIONS, M.REACTIONS), read_at(M.REACTIONS), counted(M.CLICKS))
THEN = NOON - 5 * DAY


class World:
    """Two channels whose posts are read and clicked before, at and after `THEN`."""

    def __init__(self, session: Session) -> None:
        self.session, self.world = session, Measured(session)
        channels = [self.world.channel(), self.world.channel("exposed")]
        ids = frozenset(channel.id for channel in channels)
        self.scope = PostScope(workspace_id=self.world.id, channel_ids=ids)
        for number in range(12):
            post = self.world.post(channels[number % 2], THEN - (12 - number) * HOUR)
            post.campaign = f"C{number % 3}" if number % 4 else None
            post.tags = [f"t{number % 2}", "all"] if number % 5 else None
            session.add(post)
            session.flush()
            link = self.world.link(post)
            for hours in (-3, 0, 30) if number % 3 else (-3,):
                self.happen(post, link, hours, number)
        adding_up.add_up(session)
        for channel in channels:
            packing.rebuild(session, channel.id)

    def happen(self, post: Post, link: Link, hours: int, number: int) -> None:
        """A look and two clicks, so many hours after `THEN`."""
        field = "likes" if hours < 30 else "newer_likes"
        taken = [Taken(M.REACTIONS, 100 + hours + number, field)]
        at = THEN + hours * HOUR
        measuring.append(self.session, post.id, checkpoint=(hours + 20) * HOUR, read_at=at, taken=taken)
        for audience in (Audience.HUMAN, Audience.BOT):
            links.record_click(self.session, link, at=at, audience=audience, referrer=None)

    def asked(self, names: tuple[str, ...] = NAMES, filters: Filters = NO_FILTERS) -> tuple[Any, ...]:
        """Every post as it stood then: its columns and words; and where they were read."""
        wanted = Wanted(frozenset({M.REACTIONS}), THEN - 10 * HOUR)
        posts = load(
            self.session, self.scope, names, filters=filters, before=THEN, sources=wanted,
            words=(CAMPAIGN, TAGS),
        )  # fmt: skip
        own: list[list[str]] = [[] for _ in range(posts.size)]
        for having in posts.words.values():
            for place, code in zip(having.posts.tolist(), having.codes.tolist(), strict=True):
                own[place].append(having.words[code])
        columns = [posts.columns[name].tolist() for name in names]
        rows = zip(posts.ids.tolist(), posts.channels.tolist(), map(sorted, own), *columns, strict=True)
        return sorted(map(repr, rows)), posts.sources


@pytest.mark.parametrize(
    "filters",
    [
        NO_FILTERS,
        Filters(campaigns=frozenset({"C1", "C2"})),
        Filters(tags=frozenset({"t1"}), start=THEN - 9 * HOUR),
        Filters(campaigns=frozenset({"nobody's"})),
    ],
)
@pytest.mark.parametrize("names", [NAMES, (*NAMES, NEWEST)])
def test_they_stand_as_their_readings_say(session: Session, filters: Filters, names: tuple[str, ...]) -> None:
    world = World(session)

    from_columns = world.asked(names, filters)
    with kept(session):
        in_a_round = [world.asked(names, one) for one in (filters, NO_FILTERS, filters)]
    session.connection().execute(delete(StandingChannel))
    from_readings = world.asked(names, filters)

    assert from_columns == from_readings
    assert in_a_round == [from_readings, world.asked(names), from_readings]
    assert bool(from_readings[0]) is (filters.campaigns != frozenset({"nobody's"}))


def test_a_post_that_is_clicked_while_it_is_asked_about_is_counted_by_its_clicks(session: Session) -> None:
    world = World(session)
    chosen = Chosen(world.scope, NO_FILTERS, THEN)
    names = {POST, *COUNTS}
    parts = Parts(session, chosen, world.scope.channel_ids)
    _, clicked, later = parts.wanted()
    _, columns = parts.at(names, clicked | later)
    ids = columns[POST]
    own = int(ids[0])
    link = session.exec(select(Link).where(col(Link.post_id) == own)).one()

    links.record_click(session, link, at=THEN + HOUR, audience=Audience.HUMAN, referrer=None)
    session.flush()

    assert parts.changed() == {own}
    found = Before().of(session, ids, columns, THEN, parts.changed)
    assert found[counted(M.CLICKS)].tolist() == [1.0] * len(ids)
    careless = Before().of(session, ids, columns, THEN, set)
    assert careless[counted(M.CLICKS)].tolist() == [0.0, *[1.0] * (len(ids) - 1)]
    adding_up.add_up(session)
    packing.pack(session)
    with pytest.raises(Moved):
        parts.changed()
