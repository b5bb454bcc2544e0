"""Benchmarks of the industry: a file with all its faults, the same again, taken back, and stale."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from domain.benchmark_table import TEMPLATE
from domain.errors import NotFound
from domain.ids import new_id
from scheduler.benchmarks import known, remove
from scheduler.imports import Imported, undo
from store.changes import AUTOMATION
from store.engine import reading
from tests.brought import another, bring
from tests.world import World, new_world

HEAD = "metric,platform,industry,segment,period,value,q1,median,q3,unit,source,source_date,link,note\n"
ROW = "er_impr,mastodon,Retail,small,,,1.1,2.0,3.4,percent,Study,2026-01-31,https://example.org/study,read\n"


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine)


def brought(world: World, text: str, **values: str) -> Imported:
    return bring(world, "benchmarks", text, **values)


def faults(world: World, row: str) -> list[str]:
    found = brought(world, HEAD + row + "\n")
    assert found.refused == bool(found.faults)
    assert {fault.row for fault in found.faults} <= {2}
    return [fault.sentence for fault in found.faults]


def test_a_row_is_kept_with_its_numbers_its_source_and_its_date(world: World) -> None:
    found = brought(world, HEAD + ROW)

    with reading(world.engine) as session:
        [one] = known(session, world.workspace.id, now=world.clock.now)
    assert (found.added, found.refused) == (1, False)
    assert (one.row.metric, one.row.platform, one.row.industry, one.row.segment) == (
        "er_impr", "mastodon", "Retail", "small",
    )  # fmt: skip
    assert (one.row.low, one.row.median, one.row.high, one.row.value) == (1.1, 2.0, 3.4, None)
    assert (one.row.source, one.source_date, one.row.link) == (
        "Study", date(2026, 1, 31), "https://example.org/study",
    )  # fmt: skip


def test_the_same_file_adds_nothing_and_a_new_number_takes_the_place_of_the_old(world: World) -> None:
    brought(world, HEAD + ROW)

    again = brought(world, HEAD + ROW)
    anew = brought(world, HEAD + ROW.replace("2.0", "2.2"))

    assert (again.added, again.known, again.file_id) == (0, 1, None)
    assert (anew.added, anew.changed) == (0, 1)
    with reading(world.engine) as session:
        assert [one.row.median for one in known(session, world.workspace.id, now=world.clock.now)] == [2.2]


def test_an_import_is_taken_back_as_a_whole(world: World) -> None:
    brought(world, HEAD + ROW)
    anew = brought(world, HEAD + ROW.replace("2.0", "2.2"))
    assert anew.file_id is not None

    undo(world.context, world.workspace.id, anew.file_id, actor=AUTOMATION)

    with reading(world.engine) as session:
        assert [one.row.median for one in known(session, world.workspace.id, now=world.clock.now)] == [2.0]


def test_one_benchmark_is_removed_and_only_by_its_own_workspace(world: World) -> None:
    brought(world, HEAD + ROW)
    with reading(world.engine) as session:
        [one] = known(session, world.workspace.id, now=world.clock.now)
    other = another(world)

    with pytest.raises(NotFound):
        remove(other.context, other.workspace.id, one.row.id, actor=AUTOMATION)
    remove(world.context, world.workspace.id, one.row.id, actor=AUTOMATION)

    with pytest.raises(NotFound, match="no benchmark"):
        remove(world.context, world.workspace.id, new_id(), actor=AUTOMATION)
    with reading(world.engine) as session:
        assert known(session, world.workspace.id, now=world.clock.now) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("er_imp,,,,,2,,,,,Study,2026-01-31,,", ["no key of the catalogue"]),
        ("er_impr,myspace,,,,2,,,,,Study,2026-01-31,,", ["no platform 'myspace'"]),
        ("er_impr,,,,month,2,,,,,Study,2026-01-31,,", ["'Period' is wrong"]),
        ("engagement,,,,,200,,,,,Study,2026-01-31,,", ["Write day, week, month or quarter"]),
        ("er_impr,,,,,2,,,,count,Study,2026-01-31,,", ["'Unit' is wrong"]),
        ("er_impr,,,,,two,,,,,Study,2026-01-31,,", ["'Value' is wrong"]),
        ('er_impr,,,,,"1,234",,,,,Study,2026-01-31,,', ["not one number"]),
        ("er_impr,,,,,-2,,,,,Study,2026-01-31,,", ["cannot be of er_impr"]),
        ("er_impr,,,,,,3,2,1,,Study,2026-01-31,,", ["not in their order"]),
        ("er_impr,,,,,,,,,,Study,2026-01-31,,", ["no number"]),
        ("er_impr,,,,,2,,,,,,2026-01-31,,", ["no source"]),
        ("er_impr,,,,,2,,,,,Study,,,", ["no source date"]),
        ("er_impr,,,,,2,,,,,Study,2126-01-31,,", ["still to come"]),
        ("er_impr,,,,,2,,,,,Study,2026-01-31,ftp://x,", ["no web address"]),
        ("er_impr,myspace,,,month,two,,x,,count,Study,2026-01-31,,",
         ["no platform", "'Period'", "'Unit'", "'Value'", "'Median'"]),
    ],
)  # fmt: skip
def test_every_fault_is_named_by_row_and_column(world: World, row: str, said: list[str]) -> None:
    found = faults(world, row)

    assert len(found) == len(said), found
    assert all(part in sentence for part, sentence in zip(said, found, strict=True)), found
    with reading(world.engine) as session:
        assert known(session, world.workspace.id, now=world.clock.now) == []


def test_a_comma_before_decimals_and_a_percent_sign_are_understood(world: World) -> None:
    found = brought(world, HEAD + 'er_impr,,,,,"2,5%",,,,,Study,2026-01-31,,\n')

    assert found.faults == ()
    with reading(world.engine) as session:
        assert known(session, world.workspace.id, now=world.clock.now)[0].row.value == 2.5


def test_what_the_whole_file_is_about_may_be_said_once(world: World) -> None:
    found = brought(world, "metric,value\ner_impr,2.5\n", source="Study", day="2026-01-31", industry="Media")

    assert found.added == 1
    with reading(world.engine) as session:
        [one] = known(session, world.workspace.id, now=world.clock.now)
    assert (one.row.source, one.source_date, one.row.industry) == ("Study", date(2026, 1, 31), "Media")


def test_the_file_to_fill_in_can_be_brought_in_as_it_is(world: World) -> None:
    found = brought(world, TEMPLATE)

    assert found.faults == ()
    assert found.added == 3


def test_after_eighteen_months_a_benchmark_is_stale(world: World) -> None:
    brought(world, HEAD + ROW)

    def is_stale(at: datetime) -> bool:
        with reading(world.engine) as session:
            return known(session, world.workspace.id, now=at)[0].stale

    assert not is_stale(datetime(2027, 8, 1, tzinfo=UTC))
    assert is_stale(datetime(2027, 8, 4, tzinfo=UTC))
