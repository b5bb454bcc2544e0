"""A table that people keep in a spreadsheet, read from CSV: encodings, separators, columns by their names.

Rows are numbered as spreadsheets number them: the names of the columns are row 1, and a cell of several
lines is still one row.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Final

from domain.errors import UsageError

#: Most rows in one sheet, most bytes of its file, and most characters in one cell.
MOST_ROWS: Final = 20_000
MOST_BYTES: Final = 16 * 1024 * 1024
LONGEST_CELL: Final = 100_000
_SEPARATORS: Final = ",;\t|"

#: Column → what people write in its head, in English and Indonesian; compared without case and signs.
HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "key": ("key", "kunci", "idempotency key"),
    "state": ("state", "status", "keadaan"),
    "channel": ("channel", "channels", "kanal", "saluran", "account", "accounts", "akun", "profile"),
    "date": ("date", "day", "tanggal", "tgl", "hari"),
    "time": ("time", "when", "hour", "at", "datetime", "date time", "date and time", "scheduled at",
             "waktu", "jam", "pukul", "jadwal", "tanggal waktu", "tanggal dan waktu"),
    "zone": ("zone", "time zone", "timezone", "tz", "zona", "zona waktu"),
    "slot": ("slot", "slot rule", "aturan slot"),
    "text": ("text", "post", "caption", "content", "message", "teks", "isi", "konten", "takarir", "pesan"),
    "link": ("link", "url", "address", "tautan", "alamat"),
    "image": ("image", "images", "image url", "picture", "photo", "gambar", "foto"),
    "alt": ("alt", "alt text", "image alt", "teks alternatif", "keterangan gambar"),
    "campaign": ("campaign", "kampanye"),
    "priority": ("priority", "prioritas"),
    "earliest": ("earliest", "not before", "paling cepat", "tidak sebelum"),
    "latest": ("latest", "not after", "paling lambat", "tidak setelah"),
    "tags": ("tags", "tag", "labels", "label"),
    "language": ("language", "bahasa"),
    "title": ("title", "headline", "subject", "judul"),
    "thread": ("thread", "utas"),
    "poll": ("poll", "poll options", "poll answers", "jajak pendapat", "polling"),
    "poll_minutes": ("poll minutes", "menit polling", "menit jajak pendapat"),
    "poll_multiple": ("poll multiple", "several answers", "jawaban ganda"),
    "first_comment": ("first comment", "komentar pertama"),
}  # fmt: skip
#: Columns that our own sheets have for people to read; they say nothing to whoever imports them.
TOLD: Final = frozenset({"id", "reason", "published", "published address", "route", "platform", "evergreen"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell, or should be known of it; row 0: the sheet as a whole."""

    row: int
    #: A key of `HEADS`; empty: the row as a whole.
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row; every column of the sheet has a cell, without white space around it."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file held."""

    rows: tuple[Row, ...]
    separator: str
    #: Columns that nobody knows, and rows that cannot be read.
    notes: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    columns: frozenset[str] = field(default=frozenset())


def read_sheet(raw: bytes) -> Sheet:
    """The rows of a CSV file, whichever of its usual forms it has.

    UTF-8 with or without a mark, UTF-16 with one, Windows-1252; separated by comma, semicolon, tab or ``|``;
    a first line ``sep=;`` is heeded. Empty rows count and are passed over.

    Raises:
        UsageError: it is no such file, is too large, or has no column that is known.
    """
    if len(raw) > MOST_BYTES:
        raise UsageError(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB: split it.")
    text = _decoded(raw)
    first = re.match(r"sep=([,;\t|])\r?\n", text, re.IGNORECASE)
    if first:
        text = text[first.end() :]
    separator = first[1] if first else _separator(text)
    numbered = enumerate(_records(text, separator), start=1)
    number, heads = next(((row, cells) for row, cells in numbered if any(map(str.strip, cells))), (0, []))
    if not heads:
        raise UsageError("The file is empty. Its first row names the columns: text, channel, time and so on.")
    columns, notes = _columns(heads, number)
    rows: list[Row] = []
    problems: list[Problem] = []
    for at, cells in numbered:
        if not any(map(str.strip, cells)):
            continue
        if len(rows) == MOST_ROWS:
            raise UsageError(f"The file has more than {MOST_ROWS:,} rows: split it.")
        if extra := [cell for cell in cells[len(heads) :] if cell.strip()]:
            problems.append(Problem(at, "", _TOO_MANY.format(extra=extra[0].strip()[:30])))
        rows.append(Row(at, _cells(columns, cells)))
    return Sheet(tuple(rows), separator, tuple(notes), tuple(problems), frozenset(columns.values()))


_TOO_MANY: Final = (
    "The row has more cells than there are columns, from '{extra}' on. Put texts that hold the separator in "
    "quotes."
)


def _decoded(raw: bytes) -> str:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return _as(raw, name)
    if b"\x00" in raw:
        raise UsageError("The file is no CSV file. Save the sheet as CSV (UTF-8) and give that.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _as(raw, "cp1252")


def _as(raw: bytes, encoding: str) -> str:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as exc:
        raise UsageError("The file's letters cannot be read. Save the sheet as CSV (UTF-8).") from exc
    if "\x00" in text:
        raise UsageError("The file is no CSV file. Save the sheet as CSV (UTF-8) and give that.")
    return text


def _separator(text: str) -> str:
    """The sign that finds the most known columns in the first line; of equals, the most columns at all."""
    line = next((line for line in text.splitlines() if line.strip()), "")

    def found(sign: str) -> tuple[int, int]:
        heads = next(csv.reader([line], delimiter=sign), [])
        return sum(_known(head) is not None for head in heads), len(heads)

    return max(_SEPARATORS, key=found)


def _records(text: str, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from reader
    except csv.Error as exc:
        if "field larger" in str(exc):
            said = f"a cell holds more than {LONGEST_CELL:,} characters"
        else:
            said = "a quotation mark is not closed, or stands inside a text without being doubled"
        raise UsageError(f"The file cannot be read at line {reader.line_num}: {said}.") from exc


def _columns(heads: list[str], row: int) -> tuple[dict[int, str], list[Problem]]:
    """Column by place, and what to say of those that are not known."""
    columns: dict[int, str] = {}
    notes: list[Problem] = []
    for place, head in enumerate(heads):
        name = _known(head)
        if name is None:
            if head.strip() and _plain(head) not in TOLD:
                notes.append(
                    Problem(row, "", f"The column '{head.strip()[:40]}' is not known and was passed over.")
                )
            continue
        if name in columns.values():
            raise UsageError(f"The column '{head.strip()}' is there twice. Keep one of them.")
        columns[place] = name
    if not {"text", "link"} & set(columns.values()):
        raise UsageError(
            "The first row names no column 'text'. Name the columns there: text, link, channel, time, zone, "
            "slot, campaign, tags and so on."
        )
    return columns, notes


_BY_HEAD: Final = {head: column for column, heads in HEADS.items() for head in heads}


def _known(head: str) -> str | None:
    return _BY_HEAD.get(_plain(head))


def _plain(head: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", head.casefold()).split())


def _cells(columns: Mapping[int, str], cells: list[str]) -> dict[str, str]:
    return {
        column: unguarded(clean(cells[place] if place < len(cells) else ""))
        for place, column in columns.items()
    }


def clean(cell: str) -> str:
    """A cell as it may be stored: line ends as ``\\n``, no other control characters, no space around it."""
    lines = cell.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or not _is_control(sign)).strip()


def _is_control(sign: str) -> bool:
    return sign < " " or sign == "\x7f" or "\ud800" <= sign <= "\udfff"


#: What a spreadsheet takes for the beginning of a formula; the wide forms are taken so in East Asian ones.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED: Final = re.compile(r"''*[=+\-@\t\r\n＝＋－＠]")


def guarded(cell: str) -> str:
    """The cell so that no spreadsheet runs it as a formula: with an apostrophe in front where needed."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell
