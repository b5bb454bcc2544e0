"""Rows in the drivers' own forms: whatever stands in them comes back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session

from store import measuring, rows
from store.measuring import Taken
from store.tables import METADATA
from tests.measured import M, Measured
from tests.world import NOON

DAY = timedelta(days=1)
STANDING, READING = METADATA.tables["standing"], METADATA.tables["reading"]
HOSTILE = [
    '"',
    "\\",
    '\\"',
    "{a,b}",
    "NULL",
    "",
    " ",
    "a\nb\tc",
    "'; DROP TABLE link; --",
    "é日本🥁",
    "%s",
]


def test_texts_come_back_as_they_are(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel(), NOON - DAY)
    names = ("id", "post_id", "metric", "checkpoint", "read_at", "value", "source")
    as_text = not rows.on_postgresql(session.connection())
    at = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)
    made = [
        (number + 1, post.id, "reactions", number, rows.stored_instant(at, as_text=as_text), -(2**62), source)
        for number, source in enumerate(HOSTILE)
    ]

    rows.insert(session.connection(), READING, names, made)

    found = session.connection().execute(select(READING).order_by(READING.c.checkpoint)).all()
    assert [row.source for row in found] == HOSTILE
    assert {(row.read_at, row.value) for row in found} == {(at, -(2**62))}


def test_bytes_truths_and_nothing_come_back_as_they_are(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - DAY) for _ in range(3)]
    for post in posts:
        measuring.looked_at(session, post.id)
    bodies = [bytes(range(256)), b"", None]
    names = ("stale", "anew", "looks")

    rows.change(
        session.connection(), STANDING, ("post_id",), names,
        [(post.id, body is None, body is not None, body) for post, body in zip(posts, bodies, strict=True)],
    )  # fmt: skip

    found = session.connection().execute(select(STANDING).order_by(STANDING.c.post_id)).all()
    assert [row.looks for row in found] == bodies
    assert [(row.stale, row.anew) for row in found] == [(False, True), (False, True), (True, False)]


def test_a_value_of_which_no_array_can_be_made_is_refused() -> None:
    with pytest.raises(TypeError, match="no array of timedelta"):
        rows.array(["a", timedelta(0)])


def test_a_source_in_odd_letters_is_kept_with_its_look(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel(), NOON - DAY)
    for number in (1, 2):
        taken = [Taken(M.REACTIONS, number, source) for source in ['a"\\\n{é}']]
        measuring.append(session, post.id, checkpoint=number * DAY, read_at=NOON + number * DAY, taken=taken)

    found = measuring.readings_of(session, [post.id])[post.id]

    assert [(one.value, one.source) for one in found] == [(1, 'a"\\\n{é}'), (2, 'a"\\\n{é}')]
