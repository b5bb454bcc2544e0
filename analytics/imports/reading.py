"""A table of a known kind: its columns recognised, its rows as values, every fault named with its row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from analytics.imports.cells import Days, Moments, count_of, flag_of, mark_of
from analytics.imports.exports import Export, export_of
from analytics.past.files import table_of, text_of
from analytics.past.reading import Fault
from analytics.past.times import Order
from domain.amounts import Mark, currency_of, micros_of, read_amount
from domain.errors import UsageError
from domain.import_tables import TABLES
from domain.imports import Cell, Column, ImportKind, Table
from domain.sheet import clean, unguarded

#: Most bytes of a file when it is unpacked, and most rows.
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_ROWS: Final = 500_000
_LONGEST: Final = {Cell.TEXT: 4_000, Cell.LINK: 2_048}
_IN_HEAD: Final = re.compile(r"\(([A-Za-z]{3})\)\s*$")
#: What exports write where there is nothing.
_NOTHING: Final = re.compile(r"[-\u2013\u2014]{1,3}$")
#: A day under such a head begins a span; under any other it is the whole of what its row speaks of.
_BEGINS: Final = ("reporting starts", "start date", "awal pelaporan", "pelaporan dimulai")
_TOTAL: Final = re.compile(r"(grand )?(total|jumlah)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How a person wants a file to be read."""

    #: Columns that a person named: use → head.
    named: Mapping[str, str] = field(default_factory=dict)
    #: What is said once for the whole file: use → value.
    fixed: Mapping[str, str] = field(default_factory=dict)
    #: Whose clock the times are by, where they name neither zone nor offset: an IANA name.
    zone: str | None = None
    order: Order | None = None
    decimals: Mark | None = None
    #: Amounts count cents, or what the currency has.
    minor_units: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row: use → value. Absent uses are not in it; money is in millionths, with its currency beside."""

    row: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file held."""

    kind: ImportKind
    lines: tuple[Line, ...]
    #: Use → the file's own name of the column.
    columns: Mapping[str, str]
    #: Whose export it is; None: its columns are known by their names alone.
    export: Export | None
    faults: tuple[Fault, ...]
    #: Rows that are sums of others and were passed over.
    totals: int
    #: Heads that hold nothing that this kind can use.
    unused: tuple[str, ...]


def heads_of(kind: ImportKind, raw: bytes) -> list[str]:
    """The names of a file's columns, so that a person can say what they hold; empty: there are none."""
    try:
        heads, _rows, _separator = _opened(TABLES[kind], raw, Choices())
    except UsageError:
        return []
    return [head for head in heads if head.strip()]


def recognised(kind: ImportKind, heads: Sequence[str], choices: Choices) -> dict[str, str]:
    """Use → head of a file.

    Raises:
        UsageError: a named column is not there.
    """
    by_plain: dict[str, str] = {}
    for head in heads:
        by_plain.setdefault(plain(head), head)
    found: dict[str, str] = {}
    for column in TABLES[kind].columns:
        free = (one for one in column.heads if one in by_plain and by_plain[one] not in found.values())
        if (known := next(free, None)) is not None and column.use not in choices.named:
            found[column.use] = by_plain[known]
    if not plain(found.get("day", "")).startswith(_BEGINS):
        found.pop("until", None)
    for use, said in choices.named.items():
        TABLES[kind].column(use)
        if not said:
            continue
        actual = by_plain.get(plain(said))
        if actual is None:
            listed = ", ".join(head.strip()[:30] for head in heads if head.strip())
            raise UsageError(f"There is no column {said.strip()[:40]!r}. The columns are: {listed}.")
        found = {other: head for other, head in found.items() if head != actual} | {use: actual}
    return found


def plain(head: str) -> str:
    """A head without case and signs, and without the currency that may stand behind it."""
    return " ".join(re.sub(r"[\W_]+", " ", _IN_HEAD.sub("", head).casefold()).split())


def read_table(kind: ImportKind, raw: bytes, choices: Choices, *, home: str, until: datetime) -> Brought:
    """The rows of a file of a known kind.

    Args:
        kind: what the file is about.
        raw: a CSV file, packed with gzip or not.
        choices: what a person said of it.
        home: the workspace's zone, in which days are counted where nothing else is said.
        until: rows later than this are faults.

    Raises:
        UsageError: the file as a whole cannot be read.
    """
    table = TABLES[kind]
    heads, numbered, separator = _opened(table, raw, choices)
    if len(numbered) > MOST_ROWS:
        raise UsageError(f"The file has more than {MOST_ROWS:,} rows: split it.")
    columns = recognised(kind, heads, choices)
    export = export_of(kind, map(plain, heads))
    rows = [
        (number, {head: _said(cell) for head, cell in zip(heads, cells, strict=False)})
        for number, cells in numbered
        if any(cell.strip() for cell in cells)
    ]
    fixed = dict(export.says) if export else {}
    fixed |= {use: value for use, value in choices.fixed.items() if value}
    _check_columns(table, columns, fixed, heads)
    kept = [
        (number, row)
        for number, row in rows
        if not _is_total(table, row, columns) and not _is_item(table, row, columns)
    ]
    if not kept:
        raise UsageError("The file has no rows: only the names of its columns.")
    reader = _Reader(table, columns, fixed, choices, kept, separator=separator, home=home, until=until)
    lines, faults = reader.all(kept)
    unused = tuple(head for head in heads if head.strip() and head not in columns.values())
    return Brought(kind, lines, columns, export, faults, len(rows) - len(kept), unused)


def _said(cell: str) -> str:
    text = unguarded(clean(cell))
    return "" if _NOTHING.match(text) else text


def _opened(table: Table, raw: bytes, choices: Choices) -> tuple[list[str], list[tuple[int, list[str]]], str]:
    named = {plain(head) for head in choices.named.values() if head}
    needed = [column for column in table.columns if column.needed and not column.fixed]

    def is_head(cells: Sequence[str]) -> bool:
        there = {plain(cell) for cell in cells}
        known = sum(bool(there & set(column.heads)) for column in needed)
        return bool(named & there) or known >= min(2, len(needed))

    empty = f"The file is empty. Its first row names the columns: {', '.join(one.use for one in needed)}."
    return table_of(text_of(raw, MOST_BYTES), is_head, empty=empty)


def _check_columns(
    table: Table, columns: Mapping[str, str], fixed: Mapping[str, str], heads: Sequence[str]
) -> None:
    for column in table.columns:
        is_said = column.use in columns or column.use in fixed
        if not column.needed or is_said or column.cell is Cell.CURRENCY:  # a cell or a head may name that
            continue
        listed = ", ".join(head.strip()[:30] for head in heads if head.strip())
        or_say = f" or say --{column.use} NAME" if column.fixed else ""
        raise UsageError(
            f"No column holds what is needed: {column.name.en.lower()} (there are: {listed}). "
            f"Name it with --column {column.use}=NAME{or_say}."
        )


def _is_total(table: Table, row: Mapping[str, str], columns: Mapping[str, str]) -> bool:
    """Whether a row sums up others: it names no day, and says so or names nothing else."""
    when = columns.get("day") or columns.get("time")
    if when is None:
        return False
    if _TOTAL.match(row.get(when, "")):
        return True
    texts = [row.get(head, "") for use, head in columns.items() if table.column(use).cell is Cell.TEXT]
    says_so = any(_TOTAL.match(cell) for cell in row.values())
    return not row.get(when) and (says_so or (table.kind is ImportKind.ADS and not any(texts)))


def _is_item(table: Table, row: Mapping[str, str], columns: Mapping[str, str]) -> bool:
    """Whether a row is only another thing of the order above it, as shops export orders of several things."""
    if table.kind is not ImportKind.ORDERS or row.get(columns.get("value", ""), ""):
        return False
    return any(cell and plain(head).startswith("lineitem") for head, cell in row.items())


class _Reader:
    """Reads rows whose columns are known."""

    def __init__(
        self, table: Table, columns: Mapping[str, str], fixed: Mapping[str, str], choices: Choices,
        rows: Sequence[tuple[int, Mapping[str, str]]], *, separator: str, home: str, until: datetime,
    ) -> None:  # fmt: skip
        self._table, self._columns, self._fixed, self._until = table, columns, fixed, until
        self._minor = choices.minor_units

        def texts(kind: Cell) -> list[tuple[int, str]]:
            heads = [columns[one.use] for one in table.columns if one.cell is kind and one.use in columns]
            return [(number, row[head]) for head in heads for number, row in rows if row.get(head)]

        days, times = texts(Cell.DAY), texts(Cell.TIME)
        utc = any(re.search(r"\butc\b", plain(columns[use])) for use in ("day", "time") if use in columns)
        default = choices.zone or ("UTC" if utc else None)
        self._days = Days.of((text for _row, text in days), order=choices.order, separator=separator)
        self._moments = Moments(
            times, order=choices.order, default=default, is_utc=utc, separator=separator, home=home
        )
        money = [[text for _row, text in texts(Cell.MONEY)]]
        self._mark = mark_of(money, said=choices.decimals, separator=separator)

    def all(
        self, rows: Sequence[tuple[int, Mapping[str, str]]]
    ) -> tuple[tuple[Line, ...], tuple[Fault, ...]]:
        lines: list[Line] = []
        faults: list[Fault] = []
        for number, row in rows:
            wrong: list[str] = []
            values = self._line(row, wrong)
            if wrong:
                faults += [Fault(number, one) for one in dict.fromkeys(wrong)]
            else:
                lines.append(Line(number, values))
        return tuple(lines), tuple(faults)

    def _line(self, row: Mapping[str, str], wrong: list[str]) -> dict[str, Any]:
        """What a row says; every fault of it is added to ``wrong``."""
        values: dict[str, Any] = {}
        named_zone = self._cell(row, "zone")
        money: dict[str, tuple[Decimal, str | None]] = {}
        unread: set[str] = set()
        for column in self._table.columns:
            text = self._cell(row, column.use)
            if not text:
                if column.needed and column.cell is not Cell.CURRENCY:
                    wrong.append(f"The row has no {column.name.en.lower()}.")
                continue
            try:
                if column.cell is Cell.MONEY:
                    money[column.use] = self._named(column, read_amount, text, self._mark)
                else:
                    values[column.use] = self._value(column, text, named_zone)
            except UsageError as error:
                unread.add(column.use)
                wrong.append(str(error))
        try:  # a currency that cannot be read is one fault, not also one that is missing
            if money and "currency" not in unread:
                values |= self._money(values.get("currency"), money)
        except UsageError as error:
            wrong.append(str(error))
        if "day" in values or "time" in values:
            try:
                self._check_time(values)
            except UsageError as error:
                wrong.append(str(error))
        return values

    def _cell(self, row: Mapping[str, str], use: str) -> str:
        cell = row.get(self._columns[use], "") if use in self._columns else ""
        return cell or self._fixed.get(use, "")

    def _named(self, column: Column, read: Any, *given: Any) -> Any:
        """What is read, or the refusal with the column in front."""
        try:
            return read(*given)
        except UsageError as error:
            raise UsageError(f"The column '{column.name.en}' is wrong: {error}") from error

    def _value(self, column: Column, text: str, named_zone: str) -> Any:
        match column.cell:
            case Cell.DAY:
                return self._days.read(text)
            case Cell.TIME:
                return self._moments.read(text, named_zone)
            case Cell.COUNT | Cell.SCORE:
                return self._named(column, count_of, text)
            case Cell.FLAG:
                return self._named(column, flag_of, text)
            case Cell.CURRENCY:
                return currency_of(text)
            case Cell.LINK:
                if not re.match(r"https?://[^\s]+$", text):
                    raise UsageError(f"{text[:40]!r} is no web address.")
        return text[: _LONGEST[column.cell]]

    def _money(self, currency: str | None, money: Mapping[str, tuple[Decimal, str | None]]) -> dict[str, Any]:
        named = {one for _number, one in money.values() if one}
        for use in money:
            if (in_head := _IN_HEAD.search(self._columns.get(use, ""))) is not None:
                named.add(currency_of(in_head[1]))
        if not named and currency:
            named = {currency}
        elif currency and self._columns.get("currency"):
            named.add(currency)
        if not named:
            raise UsageError("The row names no currency. Say which one it is: --currency USD.")
        if len(named) > 1:
            raise UsageError(f"The row names two currencies: {', '.join(sorted(named))}. Correct it.")
        [code] = named
        made = {use: micros_of(number, code, in_minor=self._minor) for use, (number, _) in money.items()}
        for use, micros in made.items():
            if micros < 0 and use != "returned":
                if any(column.use == "returned" for column in self._table.columns):
                    raise UsageError("An amount is less than 0. Write what came back as returned.")
                raise UsageError("An amount is less than 0. Correct it, or leave the row out.")
        return {**{use: abs(micros) for use, micros in made.items()}, "currency": code}

    def _check_time(self, values: dict[str, Any]) -> None:
        """A day becomes its noon; what is still to come, or lasts longer than a day, is refused."""
        if (day := values.get("day")) is not None:
            if (last := values.pop("until", day)) != day:
                raise UsageError(
                    f"The row speaks of {day} to {last}, not of one day. Export the table by day."
                )
            values["at"] = self._moments.noon(day)
            if day > self._until.date() and values["at"] > self._until:
                raise UsageError(f"The day {day} is still to come. Check the order of day and month.")
            return
        values["at"] = values.pop("time")
        if values["at"] > self._until and values["at"].date() > self._until.date():
            raise UsageError(f"The time {values['at']:%Y-%m-%d %H:%M} UTC is still to come. Check the zone.")
