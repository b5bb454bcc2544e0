"""Tables as a workbook of a spreadsheet program (XLSX): numbers, dates and texts, each as what it is.

No text runs as a formula or becomes a link, whatever it begins with.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from domain.sheet import clean

#: Rows of one sheet besides its head, and characters of one cell; what Excel can open.
MOST_ROWS: Final = 1_048_575
LONGEST_CELL: Final = 32_767
#: Whole numbers up to here are numbers; larger ones would lose their last digits.
_EXACT: Final = 2**53
#: Bytes that are kept in memory; what is more goes through a file that has no name.
_IN_MEMORY: Final = 4 * 2**20
_PIECE: Final = 2**16
_WIDE, _NARROW, _CHARACTERS = 48, 12, 1.2
_INSTANT, _LENGTH, _COUNT, _PART = "yyyy-mm-dd hh:mm:ss", "[hh]:mm:ss", "#,##0", "#,##0.00##"
_STYLES: Final[Sequence[dict[str, Any]]] = (
    {"bold": True, "text_wrap": True, "valign": "top"},
    {"italic": True},
)


@dataclass(frozen=True, slots=True)
class Absent:
    """A cell without a value, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency."""

    value: float
    currency: str


#: An instant is written as the clock that it carries shows it.
Value = str | int | float | datetime | timedelta | Money | Absent | None


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of a workbook; more rows than fit go on in sheets behind it."""

    name: str
    head: Sequence[str]
    rows: Iterable[Sequence[Value]]


def pieces(tables: Iterable[Table], *, made_at: datetime, most_rows: int = MOST_ROWS) -> Iterator[bytes]:
    """A workbook of these sheets, in pieces; each table's rows are taken after those of the one before."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as kept:
        _write(tables, kept, made_at, most_rows)
        kept.seek(0)
        while piece := kept.read(_PIECE):
            yield piece


def _write(tables: Iterable[Table], kept: "IO[bytes]", made_at: datetime, most_rows: int) -> None:
    import xlsxwriter

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(kept, {"constant_memory": True, "nan_inf_to_errors": True, **plain})
    book.set_properties({"created": made_at.astimezone(UTC).replace(tzinfo=None)})
    styles = _Styles(book)
    for table in tables:
        _fill(book, table, styles, most_rows)
    book.close()


class _Styles:
    """How cells look; each is made once, as the format wants it."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.head, self.absent = (book.add_format(one) for one in _STYLES)
        self._numbers: dict[str, Any] = {}

    def number(self, picture: str) -> Any:
        """Numbers written so."""
        if picture not in self._numbers:
            self._numbers[picture] = self._book.add_format({"num_format": picture})
        return self._numbers[picture]


def _fill(book: Any, table: Table, styles: _Styles, most_rows: int) -> None:
    sheet, row, number = None, 0, 1
    for values in table.rows:
        if sheet is None or row == most_rows:
            sheet, row = _sheet(book, table, number, styles), 0
            number += 1
        row += 1
        for place, value in enumerate(values):
            _put(sheet, row, place, value, styles)
    if sheet is None:
        _sheet(book, table, number, styles)


def _sheet(book: Any, table: Table, number: int, styles: _Styles) -> Any:
    sheet = book.add_worksheet(table.name if number == 1 else f"{table.name} {number}")
    sheet.freeze_panes(1, 1)
    for place, name in enumerate(table.head):
        sheet.set_column(place, place, min(max(_NARROW, len(name) * _CHARACTERS), _WIDE))
        sheet.write_string(0, place, _text(name), styles.head)
    return sheet


def _put(sheet: Any, row: int, place: int, value: Value, styles: _Styles) -> None:
    match value:
        case None:
            return
        case Absent(why):
            sheet.write_string(row, place, _text(why), styles.absent)
        case Money(amount, currency):
            name = "".join(letter for letter in currency if letter.isalpha())
            sheet.write_number(row, place, amount, styles.number(f'{_PART[:8]} "{name}"'))
        case datetime():
            sheet.write_datetime(row, place, value.replace(tzinfo=None), styles.number(_INSTANT))
        case timedelta():
            sheet.write_datetime(row, place, value, styles.number(_LENGTH))
        case int() | float() if abs(value) <= _EXACT:
            whole = float(value).is_integer()
            sheet.write_number(row, place, value, styles.number(_COUNT if whole else _PART))
        case _:
            sheet.write_string(row, place, _text(str(value)))


def _text(text: str) -> str:
    """A text as a cell can hold it."""
    kept = clean(text)
    return kept if len(kept) <= LONGEST_CELL else f"{kept[: LONGEST_CELL - 1]}…"
