"""The claim: hidden until its lease ends, fenced, and found by an index."""

import threading
from datetime import timedelta

from sqlalchemy import Engine, text
from sqlmodel import Session

from store.due import claim_due, database_now, finish, finish_all, next_due_at
from store.engine import writing
from store.tables import Post
from tests.world import NOON, new_world

LEASE = timedelta(minutes=1)


def test_a_claimed_row_is_hidden_until_its_lease_ends(engine: Engine, session: Session) -> None:
    new_world(engine).queue()

    [claimed] = claim_due(session, Post, now=NOON, lease=LEASE, limit=5)

    assert claimed.claim == 1
    assert claim_due(session, Post, now=NOON + LEASE / 2, lease=LEASE, limit=5) == []
    [again] = claim_due(session, Post, now=NOON + LEASE, lease=LEASE, limit=5)
    assert again.claim == 2


def test_a_slow_worker_that_lost_its_claim_cannot_write(engine: Engine, session: Session) -> None:
    world = new_world(engine)
    post = world.queue()
    [slow] = claim_due(session, Post, now=NOON, lease=LEASE, limit=1)
    session.expunge(slow)
    with writing(engine) as other:
        claim_due(other, Post, now=NOON + LEASE, lease=LEASE, limit=1)

    assert not finish(session, slow, reason="too late")
    session.commit()

    assert world.reread(post).reason is None


def test_the_oldest_are_claimed_first_and_no_more_than_asked_for(engine: Engine, session: Session) -> None:
    world = new_world(engine)
    posts = [world.queue(at=NOON - timedelta(minutes=age)) for age in (1, 3, 2)]

    claimed = claim_due(session, Post, now=NOON, lease=LEASE, limit=2)

    assert {row.id for row in claimed} == {posts[1].id, posts[2].id}


def test_four_workers_at_once_share_the_rows_and_take_none_twice(engine: Engine) -> None:
    world = new_world(engine)
    for _ in range(60):
        world.queue()
    taken: list[int] = []

    def claim() -> None:
        with writing(engine) as session:
            while rows := claim_due(session, Post, now=NOON, lease=LEASE, limit=7):
                taken.extend(row.id for row in rows)

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(set(taken)) == 60


def test_the_next_due_time_is_known_and_none_without_due_rows(engine: Engine, session: Session) -> None:
    world = new_world(engine)
    assert next_due_at(session, Post) is None
    session.rollback()
    world.queue(at=NOON + timedelta(hours=1))

    assert next_due_at(session, Post) == NOON + timedelta(hours=1)


def test_leases_are_counted_by_the_databases_clock_where_machines_share_it(session: Session) -> None:
    now = database_now(session, fallback=NOON)

    if session.get_bind().dialect.name == "sqlite":
        assert now == NOON
    else:
        assert now > NOON
        assert now.tzinfo is not None


def test_the_look_for_due_rows_reads_the_partial_index_and_never_the_table(
    engine: Engine, session: Session
) -> None:
    world = new_world(engine)
    for number in range(300):
        world.queue(at=NOON + timedelta(days=number))
    if engine.dialect.name == "sqlite":
        explain = "EXPLAIN QUERY PLAN "
    else:
        session.execute(text("ANALYZE post"))
        session.execute(text("SET enable_seqscan = off"))
        explain = "EXPLAIN "
    for query in (
        "SELECT min(next_at) FROM post WHERE next_at IS NOT NULL",
        "SELECT id FROM post WHERE next_at <= '2026-03-02 12:00:00' ORDER BY next_at LIMIT 16",
    ):
        plan = " ".join(str(row) for row in session.execute(text(explain + query)).all())
        assert "ix_post_due" in plan, plan


def test_many_ends_are_written_at_once_but_none_whose_claim_was_lost(
    engine: Engine, session: Session
) -> None:
    world = new_world(engine)
    posts = [world.queue(at=NOON - timedelta(minutes=age)) for age in (3, 2, 1)]
    claimed = claim_due(session, Post, now=NOON, lease=LEASE, limit=3)
    session.expunge_all()
    with writing(engine) as other:
        [lost] = claim_due(other, Post, now=NOON + LEASE, lease=LEASE, limit=1)
    by_id = {row.id: row for row in claimed}
    first, second, third = [by_id[post.id] for post in posts]
    others = [post for post in posts if post.id != lost.id]
    later = NOON + timedelta(hours=3)

    finish_all(session, [(third, {"reason": "c"}), (second, {"next_at": later, "reason": "b"}),
                         (first, {"next_at": later, "reason": "a"})])  # fmt: skip
    session.commit()

    assert world.reread(lost).reason is None
    assert world.reread(lost).next_at == NOON + 2 * LEASE
    said = {first.id: "a", second.id: "b", third.id: "c"}
    assert [world.reread(post).reason for post in others] == [said[post.id] for post in others]
    assert world.reread(second).next_at in (later, NOON + 2 * LEASE)


def test_writing_no_ends_is_no_error(session: Session) -> None:
    finish_all(session, [])
