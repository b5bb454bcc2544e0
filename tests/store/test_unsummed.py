"""Clicks that wait to be added to sums: in every figure from the moment in which they are kept, and once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from domain.metrics import Audience, Metric
from domain.post import PostState
from scheduler import settling
from store import activity, adding_up, agreeing, links, packing, standings
from store.activity import Sum
from store.engine import reading, writing
from store.links import NewClick, record_clicks
from store.tables import Click, ClickBatch, Link, Post, Rollup
from store.values import PostScope
from tests.measured import Measured

START = datetime(2026, 3, 2, 9, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


def clicks(
    link: Link, number: int, *, at: datetime = START, audience: Audience = Audience.HUMAN
) -> list[NewClick]:
    return [NewClick(link_id=link.id, post_id=link.post_id, at=at, audience=audience) for _ in range(number)]


def scope(post: Post) -> PostScope:
    return PostScope(
        workspace_id=post.workspace_id, channel_ids=frozenset({post.channel_id}), local_ids=frozenset()
    )


def happened(session: Session, post: Post, *, end: datetime = START + 5 * HOUR) -> list[Sum]:
    return activity.happened(
        session, scope(post), [Metric.CLICKS], start=START.replace(hour=0, minute=0), end=end
    )


def told(session: Session, post: Post, *, end: datetime = START + 5 * HOUR) -> int:
    """The human clicks that the sums and what waits beside them tell."""
    start = START.replace(hour=0, minute=0)
    sums = happened(session, post, end=end)
    by_slice = activity.by_slice(session, scope(post), Metric.CLICKS, start=start, end=end)
    by_edges = activity.by_edges(session, scope(post), [Metric.CLICKS], [start, end])
    assert sum(one.value for one in sums) == sum(number for _, number in by_slice) == sum(by_edges)
    return sum(one.value for one in sums)


def built(session: Session) -> tuple[Measured, Post, Link]:
    """A channel whose sums are kept, with a post and its link."""
    world = Measured(session)
    post = world.post(world.channel(), START - HOUR)
    link = world.link(post)
    packing.rebuild(session, post.channel_id)
    return world, post, link


def in_sums(session: Session) -> int:
    return int(session.scalar(select(func.coalesce(func.sum(col(Rollup.total)), 0))) or 0)


def test_a_click_is_told_at_once_and_once_before_and_after_it_is_in_the_sums(session: Session) -> None:
    world, post, link = built(session)
    record_clicks(session, clicks(link, 3))
    record_clicks(session, clicks(link, 2, at=START + 4 * HOUR) + clicks(link, 1, audience=Audience.BOT))

    assert (in_sums(session), told(session, post), told(session, post, end=START + HOUR)) == (0, 5, 3)
    assert agreeing.differences(session, world.id) == []
    assert adding_up.add_up(session, limit=1) == 1
    assert (in_sums(session), told(session, post), told(session, post, end=START + HOUR)) == (3, 5, 3)
    assert adding_up.add_up(session) == 1
    assert (in_sums(session), told(session, post), told(session, post, end=START + HOUR)) == (6, 5, 3)
    assert agreeing.differences(session, world.id) == []
    assert adding_up.add_up(session) == 0


@pytest.mark.parametrize("waiting", [True, False])
def test_an_end_within_a_quarter_counts_what_happened_before_it(session: Session, waiting: bool) -> None:
    _, post, link = built(session)
    quarter, moment = START.replace(minute=15), timedelta(microseconds=1)
    record_clicks(
        session, clicks(link, 1) + clicks(link, 2, at=quarter) + clicks(link, 4, at=quarter + moment)
    )
    record_clicks(
        session, clicks(link, 8, at=quarter + 20 * HOUR / 60) + clicks(link, 16, at=START + 9 * HOUR)
    )
    if not waiting:
        adding_up.add_up(session)

    ends = [
        quarter,
        quarter + moment,
        quarter + 2 * moment,
        quarter + 3 * moment,
        quarter + HOUR / 4 + moment,
    ]
    assert [told(session, post, end=end) for end in ends] == [1, 3, 7, 7, 7]
    assert told(session, post, end=quarter + HOUR + moment) == 15


def test_a_post_that_gets_its_standing_while_clicks_wait_counts_them_once(session: Session) -> None:
    world, old, _ = built(session)
    late = world.post(session.get_one(type(world.channel()), old.channel_id), START)
    link = world.link(late)
    record_clicks(session, clicks(link, 4))

    standings.published(session, [late.id])
    assert told(session, late) == 4
    adding_up.add_up(session)

    assert (told(session, late), in_sums(session)) == (4, 4)
    assert agreeing.differences(session, world.id) == []


def test_a_channel_that_is_built_while_clicks_wait_counts_them_once(session: Session) -> None:
    world, post, link = built(session)
    record_clicks(session, clicks(link, 2))
    packing.rebuild(session, post.channel_id)
    assert (told(session, post), agreeing.differences(session, world.id)) == (2, [])
    adding_up.add_up(session)
    assert (told(session, post), agreeing.differences(session, world.id)) == (2, [])


def test_clicks_on_a_post_that_is_not_out_count_when_it_goes_out(session: Session) -> None:
    world, post, link = built(session)
    post.state, post.published_at = PostState.DRAFT, None
    packing.forget(session, post.channel_id)
    packing.build(session, post.channel_id)
    record_clicks(session, clicks(link, 2))
    adding_up.add_up(session)
    assert in_sums(session) == 0

    record_clicks(session, clicks(link, 1))
    post.state, post.published_at = PostState.PUBLISHED, START
    session.flush()
    standings.published(session, [post.id])
    adding_up.add_up(session)

    assert (told(session, post), in_sums(session)) == (3, 3)
    assert agreeing.differences(session, world.id) == []


def test_a_link_without_a_post_leaves_nothing_that_waits(session: Session) -> None:
    world, _, _ = built(session)
    link = links.new_link(session, workspace_id=world.id, target="https://a.test/", now=START)
    record_clicks(session, clicks(link, 2))
    assert session.scalars(select(ClickBatch)).all() == []


def test_adding_up_that_dies_before_its_commit_loses_and_doubles_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        world, post, link = built(session)
        record_clicks(session, clicks(link, 7))
        session.commit()
    with writing(engine) as session:
        assert adding_up.add_up(session) == 1
        session.rollback()
    with reading(engine) as session:
        assert (told(session, post), in_sums(session)) == (7, 0)

    settling.add_up(engine)

    with reading(engine) as session:
        assert (told(session, post), in_sums(session)) == (7, 7)
        assert agreeing.differences(session, world.id) == []


@pytest.mark.timeout(120)
def test_while_clicks_come_and_are_added_up_no_question_misses_or_doubles_one(engine: Engine) -> None:
    with writing(engine) as session:
        world, post, link = built(session)
        channel = session.get_one(type(world.channel()), post.channel_id)
        late = world.post(channel, START)
        other = world.link(late)
        session.commit()
    done = threading.Event()
    failures: list[str] = []

    def click(mine: Link) -> None:
        for _ in range(40):
            with writing(engine) as session:
                record_clicks(session, clicks(mine, 3))
                session.commit()

    def add() -> None:
        while not done.is_set():
            settling.add_up(engine)

    def ask() -> None:
        while not done.is_set():
            with reading(engine) as session:
                before = session.scalar(select(func.count(col(Click.id)))) or 0
            with reading(engine) as session:
                seen = sum(one.value for one in happened(session, post))
            with reading(engine) as session:
                after = session.scalar(select(func.count(col(Click.id)))) or 0
            if not before <= seen <= after:
                failures.append(f"{seen} of {before} to {after} clicks")

    clickers = [threading.Thread(target=click, args=(one,)) for one in (link, other)]
    others = [threading.Thread(target=one) for one in (add, add, ask)]
    for thread in clickers + others:
        thread.start()
    for thread in clickers:
        thread.join()
    done.set()
    for thread in others:
        thread.join()
    settling.add_up(engine)

    assert failures == []
    with reading(engine) as session:
        assert (told(session, post), in_sums(session)) == (240, 240)
        assert agreeing.differences(session, world.id) == []
