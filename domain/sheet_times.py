"""Times as people write them in spreadsheets: which day and hour, and in whose zone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from domain.errors import UsageError
from domain.schedule import instant, wall_time, zone

#: Which comes first in ``03/04/2026``.
DayOrder = Literal["day", "month"]

#: The zones of Indonesia as people write them.
_SHORT_ZONES: Final = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura", "Z": "UTC"}
_YEAR_FIRST: Final = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})")
_YEAR_LAST: Final = re.compile(r"(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<year>\d{4})")
_CLOCK: Final = re.compile(
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<offset>[+-]\d{2}:?\d{2})?(?P<zone>\s*[A-Za-z][A-Za-z0-9_+\-/]*)?"
)
_UNREADABLE: Final = "Cannot read the time '{given}'. Write it as 2026-12-01 09:00."


@dataclass(frozen=True, slots=True)
class Meant:
    """The hour that a row means."""

    at: datetime  #: UTC
    wall: datetime  #: naive, as it was written
    zone: str
    #: Something to know about it; empty: nothing.
    note: str = ""


def day_order(values: Iterable[str], *, separator: str) -> DayOrder | None:
    """What the whole column says about the order of its dates; None: it cannot be told.

    A number above 12 tells. A sheet that is separated by semicolons comes from a place where commas stand
    in numbers, and there the day comes first.
    """
    found: set[DayOrder] = set()
    for value in values:
        match = _YEAR_LAST.match(value)
        if match and int(match["one"]) > 12 >= int(match["two"]):
            found.add("day")
        elif match and int(match["two"]) > 12 >= int(match["one"]):
            found.add("month")
        elif match and "." in match[0]:
            found.add("day")  # nobody writes the month first with points
    if len(found) == 1:
        return found.pop()
    return "day" if not found and separator == ";" else None


def read_time(
    date: str, time: str, named_zone: str, *, channel_zone: str, order: DayOrder | None
) -> Meant | None:
    """What the cells date, time and zone of a row mean; None: they are empty.

    Without a zone, the channel's own is meant. A wall time that a clock change skips moves to the next that
    exists, one that occurs twice means the first; the note says so.

    Raises:
        UsageError: no such day or hour, an unknown zone, or an order of day and month that cannot be told.
    """
    given = f"{date} {time}".strip()
    if not given:
        return None
    day, rest = _day(given, order)
    match = _CLOCK.fullmatch(rest)
    if match is None:
        if not rest:
            raise UsageError(f"The time '{given}' names no hour. Write it as 2026-12-01 09:00.")
        raise UsageError(_UNREADABLE.format(given=given))
    wall = _with_clock(day, match, given)
    offset = match["offset"]
    name = _zone_name((match["zone"] or "").strip(), named_zone, channel_zone)
    if offset is not None:
        if (match["zone"] or "").strip():
            raise UsageError(f"The time '{given}' has an offset and a zone: give one of them.")
        return _with_offset(wall, offset, zone_name=name, given=given)
    where = zone(name)
    at = instant(wall, where)
    return Meant(at, wall, name, _clock_change(wall, at, name))


def _day(given: str, order: DayOrder | None) -> tuple[datetime, str]:
    """Midnight of the day, and what follows it."""
    match = _YEAR_FIRST.match(given) or _YEAR_LAST.match(given)
    if match is None:
        raise UsageError(_UNREADABLE.format(given=given))
    parts = match.groupdict()
    if "month" in parts:
        month, day = int(parts["month"]), int(parts["day"])
    else:
        one, two = int(parts["one"]), int(parts["two"])
        if order is None and one != two:
            raise UsageError(
                f"The date '{match[0]}' can be read in two ways. Write it as "
                f"{parts['year']}-{two:02}-{one:02}, or say whether day or month comes first."
            )
        month, day = (one, two) if order == "month" else (two, one)
    rest = given[match.end() :]
    if rest and rest[0] not in " T,\t":
        raise UsageError(_UNREADABLE.format(given=given))
    try:
        if not 1970 <= int(parts["year"]) <= 2200:
            raise ValueError
        midnight = datetime.fromisoformat(f"{parts['year']}-{month:02}-{day:02}T00:00")
    except ValueError:
        raise UsageError(f"There is no such day as '{match[0]}'. Write it as 2026-12-01.") from None
    return midnight, rest.lstrip(" T,\t")


def _with_clock(day: datetime, match: re.Match[str], given: str) -> datetime:
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    half = (match["half"] or "").lower().replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            raise UsageError(_UNREADABLE.format(given=given))
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return day.replace(hour=hour, minute=minute, second=second)
    except ValueError:
        raise UsageError(f"There is no such hour as in '{given}'. Hours go from 00:00 to 23:59.") from None


def _zone_name(in_time: str, in_column: str, channel_zone: str) -> str:
    first, second = (_SHORT_ZONES.get(name.upper(), name) for name in (in_time, in_column))
    if first and second and first != second:
        raise UsageError(
            f"The time names the zone {first}, and the column 'zone' {second}: give one of them."
        )
    name = first or second or channel_zone
    return channel_zone if name.casefold() in ("channel", "kanal", "saluran") else zone(name).key


def _with_offset(wall: datetime, offset: str, *, zone_name: str, given: str) -> Meant:
    sign = -1 if offset[0] == "-" else 1
    digits = offset[1:].replace(":", "")
    length = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if length >= timedelta(hours=24):
        raise UsageError(_UNREADABLE.format(given=given))
    at = (wall - sign * length).replace(tzinfo=UTC)
    return Meant(at, wall_time(at, zone(zone_name)), zone_name)


def _clock_change(wall: datetime, at: datetime, name: str) -> str:
    where = zone(name)
    shown = wall_time(at, where)
    if shown != wall:
        return (
            f"{wall:%Y-%m-%d %H:%M} does not exist in {name}, where the clocks change that day: it goes out "
            f"at {shown:%H:%M}."
        )
    if wall.replace(tzinfo=where, fold=0).utcoffset() != wall.replace(tzinfo=where, fold=1).utcoffset():
        return (
            f"{wall:%Y-%m-%d %H:%M} occurs twice in {name}, where the clocks change that day: the first is "
            "meant."
        )
    return ""
