"""Cells of a table as values: days, instants, amounts, counts, flags; each refusal says what to write."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from analytics.past.times import Order, Reader
from domain.amounts import Mark, decimal_mark, is_ambiguous
from domain.errors import UsageError
from domain.schedule import instant, zone
from domain.sheet_times import day_order

_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_PLAIN: Final = re.compile(r"(20\d{2})(\d{2})(\d{2})")
_WORDS: Final = (
    "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%a, %b %d, %Y", "%d-%b-%Y", "%A, %B %d, %Y",
)  # fmt: skip
#: Midnight behind a day says nothing of the hour: some exports of days write it.
_MIDNIGHT: Final = re.compile(r"[ T]00:00(:00(\.0+)?)?$")
_YES: Final = frozenset({"yes", "true", "1", "x", "y", "ya", "setuju", "included"})
_NO: Final = frozenset({"no", "false", "0", "", "n", "-", "tidak", "bukan", "excluded"})
NOON: Final = time(12)


@dataclass(frozen=True, slots=True)
class Days:
    """Reads the days of one column."""

    order: Order | None

    @classmethod
    def of(cls, texts: Iterable[str], *, order: Order | None, separator: str) -> "Days":
        """What comes first in 03/04/2026, as a person said or the column shows."""
        return cls(order or day_order([_long_year(text) for text in texts], separator=separator))

    def read(self, text: str) -> date:
        """The day.

        Raises:
            UsageError: there is none such, or day and month cannot be told apart.
        """
        plain = _MIDNIGHT.sub("", text.strip())
        try:
            return self._read(plain, text)
        except ValueError:
            raise UsageError(f"Cannot read the day {text[:30]!r}. Write it as 2026-12-01.") from None

    def _read(self, plain: str, text: str) -> date:
        if match := (_YEAR_FIRST.fullmatch(plain) or _PLAIN.fullmatch(plain)):
            return _checked(date(int(match[1]), int(match[2]), int(match[3])), text)
        if match := _YEAR_LAST.fullmatch(plain):
            one, two, year = int(match[1]), int(match[2]), int(match[3])
            if self.order is None and one != two:
                raise UsageError(
                    f"It cannot be told whether day or month comes first, as in {text[:30]!r}. "
                    "Say --dates day-first or --dates month-first."
                )
            day, month = (two, one) if self.order == "month" else (one, two)
            return _checked(date(year if year > 99 else 2000 + year, month, day), text)
        for form in _WORDS:
            try:
                return _checked(datetime.strptime(plain, form).replace(tzinfo=UTC).date(), text)
            except ValueError:
                continue
        raise ValueError(plain)


def _checked(day: date, text: str) -> date:
    if not 1990 <= day.year <= 2200:
        raise UsageError(f"The day {text[:30]!r} lies in the year {day.year}. Correct it.")
    return day


def _long_year(text: str) -> str:
    match = _YEAR_LAST.match(text.strip())
    return f"{match[1]}/{match[2]}/20{match[3]}" if match and len(match[3]) == 2 else text.strip()


class Moments:
    """Reads a column of instants, of days, or of both."""

    def __init__(
        self, texts: Sequence[tuple[int, str]], *, order: Order | None, default: str | None, is_utc: bool,
        separator: str, home: str,
    ) -> None:  # fmt: skip
        """``default``: the zone that a person named; ``home``: whose clock counts days without one."""
        clocks = [(row, text) for row, text in texts if ":" in text or _is_epoch(text)]
        self._days = Days.of(
            (text for _row, text in texts if ":" not in text), order=order, separator=separator
        )
        self._clocks = Reader(clocks, order=order, default=default, is_utc=is_utc) if clocks else None
        self._home: ZoneInfo = zone(default or home)

    def read(self, text: str, named: str = "") -> datetime:
        """The instant (UTC); a day is its noon.

        Raises:
            UsageError: no such time, or an hour with neither zone nor offset.
        """
        if ":" not in text and not _is_epoch(text):
            return self.noon(self._days.read(text), named)
        assert self._clocks is not None
        return self._clocks.read(text, named).at

    def noon(self, day: date, named: str = "") -> datetime:
        """Noon of a day on the clock of its row, else of the file, else of the workspace (UTC)."""
        return instant(datetime.combine(day, NOON), zone(named) if named else self._home)


def _is_epoch(text: str) -> bool:
    return bool(re.fullmatch(r"\d{9,13}", text.strip()))


def mark_of(columns: Iterable[Sequence[str]], *, said: Mark | None, separator: str) -> Mark | None:
    """What stands before the decimals of a file's amounts.

    Raises:
        UsageError: the amounts are written in two ways, or ``1,234`` could be read in two.
    """
    cells = [cell for column in columns for cell in column if cell.strip()]
    if said is not None:
        return said
    told = decimal_mark(cells)
    if told is None and (open_one := next((cell for cell in cells if is_ambiguous(cell)), None)):
        if separator == ";" and "," in open_one:
            return ","
        raise UsageError(
            f"It cannot be told whether {open_one.strip()[:30]!r} has decimals or thousands. "
            "Say --decimals point or --decimals comma."
        )
    return told


def count_of(cell: str) -> int | None:
    """A count; an empty cell tells none. Thousands may be parted by comma, point or space.

    Raises:
        UsageError: it is no whole number from 0 on.
    """
    plain = re.sub(r"[\s\u00a0\u202f']", "", cell)
    if plain in ("", "-", "--", "—", "N/A", "n/a"):
        return None
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", plain):
        plain = re.sub(r"[.,]", "", plain)
    if re.fullmatch(r"\d+[.,]0+", plain):
        plain = re.split(r"[.,]", plain)[0]
    if not plain.isascii() or not plain.isdigit() or len(plain) > 15:
        raise UsageError(f"{cell.strip()[:30]!r} is no count. Write a whole number from 0 on.")
    return int(plain)


def flag_of(cell: str) -> bool:
    """Yes or no; empty is no.

    Raises:
        UsageError: it is neither.
    """
    plain = cell.strip().casefold()
    if plain not in _YES | _NO:
        raise UsageError(f"{cell.strip()[:30]!r} is neither yes nor no.")
    return plain in _YES
