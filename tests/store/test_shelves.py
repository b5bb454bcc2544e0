"""Columns that a process keeps from one question to the next: always those of the database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import Session

from store import measuring, packing, shelves, statistics
from store.engine import open_engine
from store.measuring import Taken
from store.statistics import Page
from store.tables import ChannelRow, Post, StandingChannel
from store.values import NO_FILTERS, PostScope
from tests.measured import M, Measured
from tests.world import NOON

DAY = timedelta(days=1)


class World:
    """A channel whose posts are written down, each with as many reactions as its number."""

    def __init__(self, engine: Engine, posts: int) -> None:
        self.engine = engine
        with Session(engine, expire_on_commit=False) as session:
            world = Measured(session)
            channel = world.channel()
            self.scope = PostScope(workspace_id=world.id, channel_ids=frozenset({channel.id}))
            self.posts = [world.post(channel, NOON - DAY - number * DAY) for number in range(posts)]
            for number, post in enumerate(self.posts):
                world.engaged(post, DAY, number)
            packing.rebuild(session, channel.id)
            session.commit()

    def best(self, engine: Engine | None = None) -> list[float]:
        """The reactions of the posts, most first, as a process with this engine tells them."""
        with Session(engine or self.engine) as session:
            return reactions(session, self.scope)

    def read(self, engine: Engine, post: Post, value: int, *, days: int, packed: bool = True) -> None:
        """A later look, by a process with this engine."""
        with Session(engine) as session:
            taken = [Taken(M.REACTIONS, value, "favourites_count")]
            measuring.append(session, post.id, checkpoint=days * DAY, read_at=NOON, taken=taken)
            if packed:
                packing.pack(session)
            session.commit()


def reactions(session: Session, scope: PostScope) -> list[float]:
    """The reactions of a scope's posts, most first."""
    from domain.catalogue import CATALOGUE

    found = statistics.by_figure(
        session, scope, CATALOGUE["reactions"], Page(limit=200), NO_FILTERS, before=NOON + DAY
    )
    return [one.value for one in found if isinstance(one.value, float)]


@pytest.fixture
def other(engine: Engine) -> Iterator[Engine]:
    """Another process on the same database: what it reads and keeps is its own."""
    found = open_engine(engine.url.render_as_string(hide_password=False))
    yield found
    found.dispose()


def test_what_another_process_reads_and_writes_down_is_seen_at_once(engine: Engine, other: Engine) -> None:
    world = World(engine, 3)
    assert world.best() == world.best(other) == [2, 1, 0]

    world.read(other, world.posts[0], 9, days=3, packed=False)
    assert world.best() == world.best(other) == [9, 2, 1]

    world.read(other, world.posts[1], 5, days=3)
    assert world.best() == world.best(other) == [9, 5, 2]

    world.read(engine, world.posts[1], 7, days=7)
    assert world.best() == world.best(other) == [9, 7, 2]


def test_what_was_written_and_undone_is_not_kept(engine: Engine) -> None:
    world = World(engine, 3)
    with Session(engine) as session:
        taken = [Taken(M.REACTIONS, 50, "favourites_count")]
        measuring.append(session, world.posts[0].id, checkpoint=3 * DAY, read_at=NOON, taken=taken)
        packing.pack(session)
        assert reactions(session, world.scope) == [50, 2, 1]
        session.rollback()

    assert world.best() == [2, 1, 0]


def test_posts_that_go_out_later_join_those_that_are_kept(engine: Engine, other: Engine) -> None:
    world = World(engine, 3)
    assert world.best() == [2, 1, 0]
    with Session(other) as session:
        channel_id = next(iter(world.scope.channel_ids))
        more = Post(
            workspace_id=world.scope.workspace_id, channel_id=channel_id, story_id=1, state="published",
            content={"text": "later"}, delivery_key="later", published_at=NOON - DAY / 2, created_at=NOON,
        )  # fmt: skip
        session.add(more)
        session.flush()
        taken = [Taken(M.REACTIONS, 4, "favourites_count")]
        measuring.append(session, more.id, checkpoint=DAY / 4, read_at=NOON, taken=taken)
        packing.pack(session)
        session.commit()

    assert world.best() == world.best(other) == [4, 2, 1, 0]


def test_a_channel_without_posts_beside_others_has_none(engine: Engine) -> None:
    world = World(engine, 3)
    with Session(engine, expire_on_commit=False) as session:
        empty = ChannelRow(
            workspace_id=world.scope.workspace_id,
            platform="square",
            name="empty",
            slug="empty",
            created_at=NOON,
        )
        session.add(empty)
        session.flush()
        packing.rebuild(session, empty.id)
        session.commit()
    world.scope = replace(world.scope, channel_ids=world.scope.channel_ids | {empty.id})

    assert world.best() == world.best() == [2, 1, 0]


def test_channels_that_are_made_anew_are_read_anew(engine: Engine) -> None:
    world = World(engine, 3)
    assert world.best() == [2, 1, 0]
    with Session(engine) as session:
        session.connection().execute(delete(StandingChannel))
        session.commit()
    assert world.best() == [2, 1, 0]  # from readings
    with Session(engine) as session:
        packing.rebuild(session, next(iter(world.scope.channel_ids)))
        session.commit()

    assert world.best() == [2, 1, 0]


def test_answers_are_the_same_where_next_to_nothing_may_be_kept(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "LIMIT", 1)
    world = World(engine, 5)

    for _ in range(3):
        assert world.best() == [4, 3, 2, 1, 0]


@pytest.mark.parametrize("descending", [False, True])
def test_lists_by_text_are_in_the_order_of_its_letters_whatever_their_length(
    session: Session, descending: bool
) -> None:
    rng = Random(3)
    world = Measured(session)
    channel = world.channel()
    texts = ["", "Ça", "ça va", "ZEBRA", "zebra", "🥁 drums", "same" * 30, "same" * 30, "same" * 31, "a", "B"]
    texts += ["".join(rng.choices("abÄé🥁 ", k=rng.randrange(1, 90))) for _ in range(40)]
    of: dict[int, str] = {}
    for text in texts:
        post = world.post(channel, NOON - DAY)
        post.content = {"text": text}
        session.add(post)
        of[post.id] = text
    session.flush()
    scope = PostScope(workspace_id=world.id, channel_ids=frozenset({channel.id}))

    def listed() -> list[int]:
        found: list[int] = []
        after = None
        while True:
            page = Page(limit=7, descending=descending, after=after)
            rows = statistics.by_column(session, scope, "post", page, NO_FILTERS, before=NOON)
            found += [row.post_id for row in rows]
            if not rows:
                return found
            after = rows[-1].place

    from_readings = listed()
    packing.rebuild(session, channel.id)

    def place(post_id: int) -> tuple[bytes, int]:
        return of[post_id][:80].casefold().encode()[:64].decode(errors="ignore").encode(), post_id

    with_text = sorted((one for one in of if of[one]), key=place, reverse=descending)
    without = sorted((one for one in of if not of[one]), reverse=descending)
    assert from_readings == listed() == with_text + without
