"""Many rows at once in the form that each driver takes: what is there is left, put in place, or changed."""

from sqlmodel import Session, select

from store import rows
from store.tables import METADATA, StandingColumn

TABLE = METADATA.tables["standing_column"]
NAMES = ("id", "part_id", "name", "body")
BYTES = bytes(range(256))


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
