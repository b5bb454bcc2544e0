"""A CSV file's text: whatever its letters, its packing and its separator."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Sequence
from typing import Final

from domain.errors import UsageError

_SEPARATORS: Final = ",;\t|"
#: Rows above the heads that an export may have.
TITLES: Final = 10
Numbered = list[tuple[int, list[str]]]


def text_of(raw: bytes, most: int) -> str:
    """The text of a file, packed with gzip or not.

    Raises:
        UsageError: it is larger than ``most`` bytes, damaged, or no text.
    """
    if raw[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(raw)) as packed:
                raw = packed.read(most + 1)
        except (OSError, EOFError, zlib.error) as exc:
            raise UsageError("The file ends in .gz but cannot be unpacked.") from exc
    if len(raw) > most:
        raise UsageError(f"The file is larger than {most // 1024 // 1024} MB: split it.")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    if b"\x00" in raw:
        raise UsageError("The file is no CSV file. Save the table as CSV (UTF-8) and give that.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def separator_of(text: str) -> str:
    """The sign that parts the cells of the first lines most often."""
    head = text.lstrip("\ufeff\r\n").split("\n", TITLES)[:TITLES]
    return max(_SEPARATORS, key=lambda sign: max(line.count(sign) for line in head))


def table_of(
    text: str, is_head: Callable[[Sequence[str]], bool], *, empty: str
) -> tuple[list[str], Numbered, str]:
    """The heads, the rows below them with their numbers, and the separator.

    Some exports begin with a title or a sentence: the heads are the first row for which ``is_head`` holds,
    else the first row that has anything.

    Raises:
        UsageError: it cannot be read, or is empty: then with the text ``empty``.
    """
    separator = separator_of(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        table = list(enumerate(lines, start=1))
    except csv.Error as exc:
        raise UsageError(f"The file cannot be read at line {lines.line_num}: {exc}.") from exc
    filled = [place for place, (_number, row) in enumerate(table) if any(cell.strip() for cell in row)]
    if not filled:
        raise UsageError(empty)
    found = next((place for place in filled[:TITLES] if is_head(table[place][1])), filled[0])
    return table[found][1], table[found + 1 :], separator
