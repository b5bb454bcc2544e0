"""Workbooks: read as a spreadsheet program reads them, from their own XML."""

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from analytics import workbook
from analytics.breakdown_sheet import file_of
from analytics.breakdowns import breakdown
from analytics.post_export import pieces
from analytics.post_sheet import sheet_of
from analytics.workbook import Absent, Money, Table, Value
from domain.breakdown import By
from domain.catalogue import CATALOGUE
from domain.post_view import PostView
from store.values import NO_FILTERS
from tests.measured import SUPPLIES, Measured
from tests.world import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
#: Day 0 of a spreadsheet.
_FIRST_DAY = datetime(1899, 12, 30)
Book = dict[str, list[list[Any]]]


def read(body: bytes) -> Book:
    """Sheet → rows of texts and numbers; nothing in it may be a formula, a link, or point outside."""
    with ZipFile(io.BytesIO(body)) as archive:
        assert not [name for name in archive.namelist() if "externalLink" in name or "vba" in name.lower()]
        names = [
            sheet.get("name") for sheet in _xml(archive, "xl/workbook.xml").iterfind(".//m:sheet", _NAMES)
        ]
        found = {}
        for number, name in enumerate(names, start=1):
            sheet = _xml(archive, f"xl/worksheets/sheet{number}.xml")
            assert not sheet.findall(".//m:f", _NAMES)
            assert not sheet.findall(".//m:hyperlink", _NAMES)
            found[str(name)] = [_row(row) for row in sheet.iterfind(".//m:row", _NAMES)]
    return found


def _xml(archive: ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(name))


def _row(row: ElementTree.Element) -> list[Any]:
    found: list[Any] = []
    for cell in row.iterfind("m:c", _NAMES):
        place = _place(cell.get("r") or "")
        found += [None] * (place - len(found))
        texts = [part.text or "" for part in cell.iterfind(".//m:t", _NAMES)]
        number = cell.find("m:v", _NAMES)
        found.append("".join(texts) if texts else float(number.text or "") if number is not None else None)
    return found


def _place(address: str) -> int:
    place = 0
    for letter in re.sub(r"\d", "", address):
        place = place * 26 + ord(letter) - 64
    return place - 1


def written(*rows: Sequence[Value]) -> list[list[Any]]:
    body = b"".join(workbook.pieces([Table("T", ["a"], rows)], made_at=NOON))
    return read(body)["T"][1:]


def instant(days: float) -> datetime:
    return _FIRST_DAY + timedelta(seconds=round(days * 86_400))


def test_each_value_is_what_it_is() -> None:
    at = datetime(2026, 3, 1, 9, 30, tzinfo=ZoneInfo("Asia/Jakarta"))

    [row] = written([3, 2.5, "text", at, 36 * HOUR, Money(12.5, "USD"), Absent("Not supplied."), None, 2**62])

    assert row[:3] == [3, 2.5, "text"]
    assert instant(row[3]) == datetime(2026, 3, 1, 9, 30)
    assert row[4:] == [1.5, 12.5, "Not supplied.", None, str(2**62)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+A1", "-2+3", "@SUM(A1)", "{=1}", "=cmd|' /C calc'!A0", "\t=1", "123"]
)
def test_no_text_becomes_a_formula_or_a_number(text: str) -> None:
    assert written([text, Absent(text)]) == [[text.strip(), text.strip()]]


def test_what_looks_like_an_address_is_a_text() -> None:
    assert written(["https://a.test/", "mailto:a@a.test", "file:///etc/passwd"])[0][1] == "mailto:a@a.test"


@given(st.lists(st.one_of(st.text(max_size=30), st.integers(), st.floats(allow_nan=False)), max_size=6))
@settings(max_examples=30, deadline=None)
def test_whatever_is_written_can_be_read(values: list[str | int | float]) -> None:
    [row] = written(["first", *values])

    for value, there in zip(values, row[1:], strict=False):
        if isinstance(value, str):
            assert there is None or isinstance(there, str)
        elif abs(value) <= 2**53:
            assert there == pytest.approx(value)
        else:
            assert there == str(value)


def test_a_text_longer_than_a_cell_is_cut_with_a_mark() -> None:
    [[cell]] = written(["x" * 40_000])

    assert len(cell) == 32_767
    assert cell.endswith("…")


def test_rows_that_do_not_fit_go_on_in_another_sheet() -> None:
    table = Table("T", ["a"], [[number] for number in range(5)])

    found = read(b"".join(workbook.pieces([table], made_at=NOON, most_rows=2)))

    assert {name: [row[0] for row in rows] for name, rows in found.items()} == {
        "T": ["a", 0, 1], "T 2": ["a", 2, 3], "T 3": ["a", 4],
    }  # fmt: skip


def test_the_list_of_posts_has_figures_and_definitions(session: Session) -> None:
    world = Measured(session)
    exposed, hook = world.channel("exposed"), world.channel("hook")
    zero, unread, never = (world.post(one, NOON - DAY - HOUR) for one in (exposed, exposed, hook))
    world.engaged(zero, DAY, 0, impressions=8)
    zero.content = {"text": '=HYPERLINK("https://a.test")'}
    zero.remote_url = "https://a.test/1"
    session.add(zero)
    session.flush()
    view = PostView(columns=("post", "published", "age", "read", "engagement", "er_impr", "usual"))
    sheet = sheet_of(session, world.id, view, zone="Asia/Jakarta", supplies=SUPPLIES, now=NOON)

    found = read(b"".join(pieces(sheet, "xlsx", language="en")))

    assert list(found) == ["Figures", "Definitions"]
    head, *rows = found["Figures"]
    told = {row[0]: dict(zip(head, row, strict=False)) for row in rows}
    own = told[str(zero.id)]
    assert own["Post"] == '=HYPERLINK("https://a.test")'
    assert own["Engagement"] == own[CATALOGUE["er_impr"].name.en] == 0
    assert instant(own["Published"]) == (NOON - DAY - HOUR).replace(tzinfo=None)
    assert own["Age"] * 24 == pytest.approx(25)
    assert instant(own["Read"]) == (NOON - HOUR).astimezone(ZoneInfo("Asia/Jakarta")).replace(tzinfo=None)
    assert own["Address"] == "https://a.test/1"
    assert isinstance(told[str(unread.id)]["Engagement"], str)
    assert "Hook does not supply" in told[str(never.id)]["Engagement"]
    meanings = {row[0]: row for row in found["Definitions"][1:]}
    assert meanings["er_impr"][3].startswith("100 × (reactions + replies + shares) ÷ impressions")
    assert meanings["Made at"][1] == pytest.approx((NOON.replace(tzinfo=None) + 7 * HOUR - _FIRST_DAY) / DAY)


def test_a_workbook_speaks_indonesian(session: Session) -> None:
    world = Measured(session)
    world.post(world.channel("hook"), NOON - DAY)
    sheet = sheet_of(
        session, world.id, PostView(columns=("engagement",)), zone="UTC", supplies=SUPPLIES, now=NOON
    )

    found = read(b"".join(pieces(sheet, "xlsx", language="id")))

    assert list(found) == ["Angka", "Definisi"]
    assert found["Definisi"][0][:3] == ["Kunci", "Nama", "Definisi"]


def test_groups_of_posts_have_a_workbook(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("exposed")
    channel.name = "=1+1"
    for number in range(3):
        world.engaged(world.post(channel, NOON - 3 * DAY), DAY, number, impressions=10)
    told = breakdown(
        session, world.id, By.CHANNEL, NOON - 9 * DAY, NOON, filters=NO_FILTERS, supplies=SUPPLIES, now=NOON,
        keys=("engagement", "er_impr", "reach"),
    )  # fmt: skip

    found = read(file_of(told, "xlsx", language="en"))

    head, own, total = found["Groups"]
    cells = dict(zip(head, own, strict=False))
    assert (cells["Channel"], cells["Posts"], cells["Engagement"]) == ("=1+1", 3, 3)
    assert cells[CATALOGUE["er_impr"].name.en] == pytest.approx(10)
    assert isinstance(cells["Reach"], str)  # why there is none
    assert total[0] == "All posts"
    assert [row[0] for row in found["Definitions"][1:4]] == ["engagement", "er_impr", "reach"]
    assert datetime(2026, 1, 1, tzinfo=UTC) < told.end
