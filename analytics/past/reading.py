"""A file of past posts: its rows as instants, hours of the week and engagement, with every fault named."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from analytics.past.columns import PARTS, Columns, recognised
from analytics.past.files import Numbered, table_of, text_of
from analytics.past.numbers import made_at, names_only_a_day
from analytics.past.times import Order, Reader, Told
from domain.errors import UsageError

#: Most bytes of a file when it is unpacked.
MOST_BYTES: Final = 256 * 1024 * 1024
_TO_COME: Final = "The time {!r} is still to come: these are posts that went out already. Check the zone."


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row; row 1 holds the names of the columns."""

    row: int
    sentence: str


@dataclass(frozen=True, slots=True)
class PastRow:
    """One past post."""

    row: int
    account: str
    #: UTC.
    at: datetime
    #: Hour of the week on its own clock, Monday 00:00 is 0.
    slot: int
    kind: str
    engagement: int
    #: Those of reactions, replies and shares that the file has.
    parts: Mapping[str, int]
    text: str
    #: The platform's number or address of the post; empty: not in the file.
    remote: str
    #: An address that goes with it, which other posts may have too.
    link: str = ""

    def key(self) -> str:
        """The same for the same post in whichever file it comes again."""
        told = self.remote or f"{self.at.isoformat()} {self.text}{self.link and ' '}{self.link}"
        return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class PastPosts:
    """What a file held."""

    rows: tuple[PastRow, ...]
    columns: Columns
    faults: tuple[Fault, ...] = field(default=())


def read_past(
    raw: bytes,
    *,
    named: Mapping[str, str] | None = None,
    zone: str | None = None,
    order: Order | None = None,
    until: datetime | None = None,
    most: int = MOST_BYTES,
) -> PastPosts:
    """The posts of a CSV file, packed with gzip or not.

    Args:
        named: columns that a person named: use → head (see `analytics.past.columns.HEADS`).
        zone: whose clock it was, where neither row nor time says; and on whose the week is counted.
        order: what comes first in 03/04/2026; None: as the column shows.
        until: a post later than this is a fault; None: any time will do.
        most: bytes of the file when it is unpacked.

    Raises:
        UsageError: the file as a whole cannot be read, or its dates are written in more than one way.
    """
    heads, records = _table(text_of(raw, most), named or {})
    columns = recognised(heads, named or {})
    cells = [
        (number, dict(zip(heads, row, strict=False)))
        for number, row in records
        if any(cell.strip() for cell in row)
    ]
    if not cells:
        raise UsageError("The file has no posts: only its first row.")
    times = [(number, _time_text(row, columns)) for number, row in cells]
    known = [(number, text) for number, text in times if text]
    reader = Reader(known, order=order, default=zone, is_utc=columns.times_are_utc)
    rows: list[PastRow] = []
    faults: list[Fault] = []
    for (number, row), (_number, text) in zip(cells, times, strict=True):
        try:
            rows.append(_row(number, row, text, columns, reader))
            if until is not None and rows[-1].at > until:
                rows.pop()
                raise UsageError(_TO_COME.format(text))
        except UsageError as error:
            faults.append(Fault(number, str(error)))
    return PastPosts(tuple(rows), columns, tuple(faults))


def heads_of(raw: bytes, *, most: int = MOST_BYTES) -> list[str]:
    """The names of a file's columns, so that a person can say what they hold; empty: there are none."""
    try:
        return _table(text_of(raw, most), {})[0]
    except UsageError:
        return []


def _table(text: str, named: Mapping[str, str]) -> tuple[list[str], Numbered]:
    """The heads, the first row that names a time and any engagement, and the rows below them."""

    def is_head(cells: Sequence[str]) -> bool:
        try:
            recognised(cells, named)
        except UsageError:
            return False
        return True

    empty = "The file is empty. Its first row names the columns: time, reactions, comments and so on."
    heads, rows, _separator = table_of(text, is_head, empty=empty)
    return heads, rows


def _row(number: int, row: Mapping[str, str], text: str, columns: Columns, reader: Reader) -> PastRow:
    if not text:
        raise UsageError("The row has no time.")
    told = _told(row, text, columns, reader)
    wall = told.at.astimezone(told.clock)
    parts = {part: _count(row, columns[part]) for part in PARTS if columns[part] in columns.engagement}
    return PastRow(
        row=number,
        account=_cell(row, columns["account"]),
        at=told.at,
        slot=wall.weekday() * 24 + wall.hour,
        kind=_cell(row, columns["type"]).lower(),
        engagement=sum(_count(row, head) for head in columns.engagement),
        parts=parts,
        text=_cell(row, columns["text"]),
        remote=_cell(row, columns["id"]),
        link=_cell(row, columns["link"]),
    )


def _told(row: Mapping[str, str], text: str, columns: Columns, reader: Reader) -> Told:
    """When the post went out: as its time says, else as the number that its platform gave it does."""
    zone = _cell(row, columns["zone"])
    if names_only_a_day(text):
        address = f"{_cell(row, columns['id'])} {_cell(row, columns['link'])}"
        at = made_at(address, text)
        if at is not None:
            return reader.on_a_clock(at, zone)
    return reader.read(text, zone)


def _time_text(row: Mapping[str, str], columns: Columns) -> str:
    text, clock = _cell(row, columns["time"]), _cell(row, columns["clock"])
    return f"{text} {clock}" if clock and text and ":" not in text else text


def _cell(row: Mapping[str, str], head: str | None) -> str:
    cell = row.get(head) if head is not None else None
    return cell.strip() if isinstance(cell, str) else ""


def _count(row: Mapping[str, str], head: str | None) -> int:
    """A count; an empty cell is none. Thousands may be parted by comma, point or space."""
    cell = _cell(row, head)
    if not cell or cell in ("-", "--"):
        return 0
    digits = re.sub(r"[\s\u00a0]", "", cell)
    if re.fullmatch(r"-?\d{1,3}([.,]\d{3})+", digits):
        digits = re.sub(r"[.,]", "", digits)
    try:
        number = float(digits.replace(",", "."))
    except ValueError:
        raise UsageError(f"The column {head!r} holds {cell[:30]!r} in place of a number.") from None
    if not 0 <= number < 1e15:
        raise UsageError(f"The column {head!r} holds {cell[:30]!r}: a count lies between 0 and 10^15.")
    return int(number)
