"""Times as exports write them: one form for the whole column, and never without knowing whose clock it
was.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from domain.errors import UsageError
from domain.schedule import instant, zone

Order = Literal["day", "month"]

_SHORT: Final = {"UTC": "UTC", "GMT": "UTC", "Z": "UTC", "WIB": "Asia/Jakarta", "WITA": "Asia/Makassar",
                 "WIT": "Asia/Jayapura"}  # fmt: skip
_EPOCH: Final = re.compile(r"-?\d{9,10}(\.\d+)?|\d{12,13}")
_ISO: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_SLASH: Final = re.compile(
    r"(?P<one>\d{1,4})[/.\-](?P<two>\d{1,2})[/.\-](?P<three>\d{4}|\d{2})[ ,T]+(?P<hour>\d{1,2})"
    r":(?P<minute>\d{2})(:(?P<second>\d{2}))?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
)
_DAY: Final = re.compile(r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{2,4}")
_TAIL: Final = re.compile(
    r"(?P<clock>.*?\d)\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s+\(?"
    r"(?P<zone>[A-Za-z][A-Za-z_]+(?:/[A-Za-z_+\-0-9]+)*)\)?$"
)
_WORDS: Final = ("%a %b %d %H:%M:%S %z %Y", "%b %d, %Y %H:%M", "%b %d, %Y %I:%M %p", "%B %d, %Y %H:%M",
                 "%B %d, %Y %I:%M %p", "%d %b %Y %H:%M", "%d %B %Y %H:%M", "%a, %b %d, %Y %H:%M",
                 "%d %b %Y %H:%M:%S", "%b %d, %Y, %I:%M %p", "%a, %b %d, %Y %I:%M %p",
                 "%a %b %d %H:%M:%S %Y")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """An instant (UTC), and the clock on which its hour of the week is counted."""

    at: datetime
    clock: tzinfo


def form_of(text: str) -> str:
    """Which way of writing a time this is: iso, epoch, slash2, slash4 or words."""
    if _EPOCH.fullmatch(text):
        return "epoch"
    if _ISO.match(text):
        return "iso"
    if _DAY.fullmatch(text):
        return "slash4"
    match = _SLASH.match(text)
    if match:
        return "slash2" if len(match["three"]) == 2 and len(match["one"]) <= 2 else "slash4"
    return "words"


def one_form(texts: Sequence[tuple[int, str]]) -> str:
    """The form that all times of a column have.

    Raises:
        UsageError: there are two, with a row of each.
    """
    first: dict[str, tuple[int, str]] = {}
    for row, text in texts:
        first.setdefault(form_of(text), (row, text))
    if len(first) > 1:
        (row, text), (other, another) = list(first.values())[:2]
        raise UsageError(
            f"Dates are written in more than one way: {text!r} in row {row} and {another!r} in row {other}. "
            "Write all of them as 2026-12-01T09:00+07:00."
        )
    return next(iter(first), "iso")


def order_of(texts: Sequence[tuple[int, str]]) -> Order:
    """What comes first in 03/04/2026, as the column itself shows.

    Raises:
        UsageError: rows contradict each other, or none of them tells.
    """
    day = month = None
    for row, text in texts:
        match = _SLASH.match(text)
        if match is None or len(match["one"]) > 2:
            continue
        if int(match["one"]) > 12:
            day = day or (row, text)
        elif int(match["two"]) > 12:
            month = month or (row, text)
    if day and month:
        raise UsageError(
            f"Day and month change places: {day[1]!r} in row {day[0]} and {month[1]!r} in row {month[0]}. "
            "Write all dates as 2026-12-01."
        )
    if not day and not month and any(_SLASH.match(text) for _row, text in texts):
        raise UsageError(
            f"It cannot be told whether day or month comes first, as in {texts[0][1]!r}. "
            "Say --dates day-first or --dates month-first."
        )
    return "day" if day else "month"


class Reader:
    """Reads the times of one column."""

    def __init__(
        self, texts: Sequence[tuple[int, str]], *, order: Order | None, default: str | None, is_utc: bool
    ):
        """``default``: the zone that a person named; ``is_utc``: the column says that its times are UTC."""
        form = one_form(texts)
        if form.startswith("slash") and order is None:
            order = order_of(texts)
        self._order: Order = order or "day"
        self._parse: Callable[[str], datetime] = {"epoch": _epoch, "iso": _iso, "words": _words}.get(
            form, self._slash
        )
        self._default, self._is_utc = default, is_utc
        self._zones: dict[str, ZoneInfo] = {}

    def read(self, text: str, named: str = "") -> Told:
        """The instant of one cell; ``named`` is the zone of its row.

        Raises:
            UsageError: no such time, an unknown zone, or neither zone nor offset.
        """
        clock, tail = _without_zone(text)
        parsed = self._parse(clock)
        if parsed.tzinfo is None and tail:
            parsed = _placed(parsed, self._zone(tail))
        elif parsed.tzinfo is None and self._is_utc:
            parsed = parsed.replace(tzinfo=UTC)
        where = named or self._default or tail
        if parsed.tzinfo is None:
            if not where:
                raise UsageError(
                    f"The time {text!r} has neither zone nor offset. "
                    "Say whose clock it was: --zone Asia/Jakarta."
                )
            parsed = _placed(parsed, self._zone(where))
        at = parsed.astimezone(UTC)
        if not 1990 <= at.year <= 2200:
            raise UsageError(f"The time {text!r} lies in the year {at.year}. Correct it.")
        if where:
            return Told(at, self._zone(where))
        offset = parsed.utcoffset() or timedelta(0)
        return Told(at, timezone(offset) if offset else UTC)

    def on_a_clock(self, at: datetime, named: str = "") -> Told:
        """An instant that is known, on the clock of its row or of the person who gave the file."""
        where = named or self._default
        return Told(at, self._zone(where) if where else UTC)

    def _zone(self, name: str) -> ZoneInfo:
        if name not in self._zones:
            full = _SHORT.get(name.upper(), name)
            if "/" not in full and full != "UTC":
                raise UsageError(
                    f"{name!r} may mean more than one zone. Write an IANA name such as Asia/Jakarta, "
                    "or an offset."
                )
            self._zones[name] = zone(full)
        return self._zones[name]

    def _slash(self, text: str) -> datetime:
        match = _SLASH.match(text)
        rest = text[match.end() :].strip() if match else ""
        if match is None and _DAY.fullmatch(text):
            raise UsageError(f"The time {text!r} names a day and no hour. The hour is needed to learn from.")
        if match is None or (rest and not re.fullmatch(r"[+-]\d{2}:?\d{2}", rest)):
            raise UsageError(f"Cannot read the time {text!r}. Write it as 2026-12-01T09:00+07:00.")
        one, two, three = match["one"], match["two"], match["three"]
        if len(one) == 4:
            year, month, day = one, two, three
        else:
            day, month = (one, two) if self._order == "day" else (two, one)
            year = three if len(three) == 4 else f"20{three}"
        hour = int(match["hour"])
        half = (match["half"] or "").lower().replace(".", "")
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
        clock = f"{hour:02}:{match['minute']}:{match['second'] or '00'}{rest}"
        return _iso(f"{year}-{int(month):02}-{int(day):02}T{clock}")


def _without_zone(text: str) -> tuple[str, str]:
    """The clock, and the name of a zone behind it."""
    match = _TAIL.match(text)
    if match is None or match["zone"].upper() in ("AM", "PM"):
        return text, ""
    return text[: match.start("zone")].rstrip(" ("), match["zone"]


def _placed(parsed: datetime, where: ZoneInfo) -> datetime:
    return instant(parsed, where)


def _epoch(text: str) -> datetime:
    number = float(text)
    return datetime.fromtimestamp(number / 1000 if number >= 10**11 else number, UTC)


def _iso(text: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        try:
            parsed = datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z")
        except ValueError:
            raise UsageError(f"Cannot read the time {text!r}. Write it as 2026-12-01T09:00+07:00.") from None
    if ":" not in text and "T" not in text:
        raise UsageError(f"The time {text!r} names a day and no hour. The hour is needed to learn from.")
    return parsed


def _words(text: str) -> datetime:
    for form in _WORDS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller asks for a zone
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError):
        raise UsageError(f"Cannot read the time {text!r}. Write it as 2026-12-01T09:00+07:00.") from None
