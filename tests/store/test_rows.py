"""Many rows at once in the form that each driver takes: what is there is left, put in place, or changed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select as chosen
from sqlmodel import Session, select

from store import measuring, rows
from store.measuring import Taken
from store.tables import METADATA, StandingColumn
from tests.measured import M, Measured
from tests.world import NOON

TABLE = METADATA.tables["standing_column"]
NAMES = ("id", "part_id", "name", "body")
BYTES = bytes(range(256))
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


def there(session: Session) -> list[tuple[int, int, str, bytes]]:
    session.expire_all()
    found = session.exec(select(StandingColumn)).all()
    return sorted((row.id, row.part_id, row.name, bytes(row.body)) for row in found)


def test_rows_come_back_as_they_went_in(session: Session) -> None:
    large = 2**62
    wanted = [(1, large, "ä'\"{},\\", BYTES), (large, 2, "NULL", b"")]
    rows.insert(session.connection(), TABLE, NAMES, wanted)

    assert there(session) == wanted
    query = "SELECT id, part_id, name, body FROM standing_column ORDER BY id"
    assert [tuple(row) for row in rows.fetched(session.connection(), query, [])] == wanted


def test_nothing_to_write_is_no_statement(session: Session) -> None:
    for write in (rows.insert, rows.leave, rows.put):
        write(session.connection(), TABLE, NAMES, [])
    rows.change(session.connection(), TABLE, ("id",), ("name",), [])

    assert there(session) == []


def test_what_is_there_is_left_or_put_in_place(session: Session) -> None:
    rows.insert(session.connection(), TABLE, NAMES, [(1, 1, "a", b"1")])
    rows.leave(session.connection(), TABLE, NAMES, [(1, 1, "b", b"2"), (2, 2, "c", b"3")])
    assert there(session) == [(1, 1, "a", b"1"), (2, 2, "c", b"3")]

    rows.put(session.connection(), TABLE, NAMES, [(1, 1, "b", b"2"), (3, 3, "d", b"4")])
    assert there(session) == [(1, 1, "b", b"2"), (2, 2, "c", b"3"), (3, 3, "d", b"4")]


def test_a_change_reaches_the_rows_with_its_keys_alone(session: Session) -> None:
    made = [(number, number % 2, f"n{number}", b"") for number in range(1, 7)]
    rows.insert(session.connection(), TABLE, NAMES, made)
    rows.change(
        session.connection(), TABLE, ("part_id", "name"), ("body",),
        [(1, "n1", BYTES), (0, "n1", b"nobody"), (0, "n4", b"four")],
    )  # fmt: skip

    changed = {row[0]: row[3] for row in there(session) if row[3]}
    assert changed == {1: BYTES, 4: b"four"}


def test_among_no_values_is_nothing(session: Session) -> None:
    rows.insert(session.connection(), TABLE, NAMES, [(1, 1, "a", b"1")])
    for column, values in (("id", []), ("name", []), ("id", [1]), ("name", ["a", "b"])):
        where, passed = rows.among(session.connection(), column, values)
        found = rows.fetched(session.connection(), f"SELECT id FROM standing_column WHERE {where}", passed)
        assert [row[0] for row in found] == ([1] if values else [])


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

    found = session.connection().execute(chosen(READING).order_by(READING.c.checkpoint)).all()
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

    found = session.connection().execute(chosen(STANDING).order_by(STANDING.c.post_id)).all()
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
