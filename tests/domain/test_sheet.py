"""Sheets as spreadsheets write them, and cells that must not run."""

import codecs
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.sheet import guarded, read_sheet, unguarded

TEXT = "Kopi “Gayo” – é"


@pytest.mark.parametrize(
    "raw",
    [
        f"text,link\r\n{TEXT},\r\n".encode(),
        codecs.BOM_UTF8 + f"text,link\n{TEXT},\n".encode(),
        f"Teks;Tautan\r\n{TEXT};\r\n".encode("cp1252"),
        f"text\tlink\r\n{TEXT}\t\r\n".encode("utf-16"),
        f"sep=|\ntext|link\n{TEXT}|\n".encode(),
    ],
)
def test_every_usual_form_of_a_file_gives_the_same_rows(raw: bytes) -> None:
    [row] = read_sheet(raw).rows

    assert (row.number, row["text"], row["link"], row["campaign"]) == (2, TEXT, "", "")


def test_rows_are_numbered_as_a_spreadsheet_numbers_them() -> None:
    rows = read_sheet(b'text,channel\n"one\r\nmore\nlines",A\n\n,\nlast,B\n').rows

    assert [(row.number, row["text"]) for row in rows] == [(2, "one\nmore\nlines"), (5, "last")]


def test_a_column_that_nobody_knows_is_told_and_one_of_our_own_is_not() -> None:
    [note] = read_sheet(b"text,mood,reason,published address\nhi,good,x,y\n").notes

    assert note.sentence == "The column 'mood' is not known and was passed over."


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "The file is empty"),
        (b"mood,weather\na,b\n", "names no column 'text'"),
        (b"text,Text\na,b\n", "is there twice"),
        (b'text\n"never closed\nmore\n', "a quotation mark is not closed"),
        (b'text\n"a"b\n', "a quotation mark is not closed"),
        (b"text\n\x00\x01PK", "no CSV file"),
        (b"text\n\x81\x8d", "letters cannot be read"),
        (b"text\n" + b"x" * 100_001, "more than 100,000 characters"),
        (b"text\n" + b"x\n" * 20_001, "more than 20,000 rows"),
    ],
)
def test_what_is_no_sheet_is_refused_with_what_to_do(raw: bytes, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_sheet(raw)


def test_a_row_with_too_many_cells_is_a_problem_of_its_own() -> None:
    assert not read_sheet(b"text,link\nHello,https://example.org,,\n").problems
    [problem] = read_sheet(b"text,link\nHello, world,https://example.org\n").problems
    assert problem.row == 2
    assert "https://example.org" in problem.sentence


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_one_sentence(raw: bytes) -> None:
    with suppress(UsageError):
        read_sheet(raw)


@given(st.text(alphabet="'=+-@\t\n＝a1 ", max_size=8))
def test_no_cell_that_we_write_begins_a_formula_and_reading_gives_it_back(cell: str) -> None:
    written = guarded(cell)

    assert not written.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    assert unguarded(written) == cell
