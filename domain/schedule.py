"""Posting schedules and slots: wall times of a zone as instants.

The rule for clock changes, everywhere in the program: a wall time that a change skips
moves to the next one that exists; one that occurs twice means the first.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from domain.errors import UsageError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, order=True)
class PostingTime:
    """One weekly time of a posting schedule."""

    weekday: int  #: 0 is Monday
    wall: time


@dataclass(frozen=True, slots=True)
class Slot:
    """One concrete time of a posting schedule."""

    at: datetime  #: UTC
    wall: datetime  #: naive, in the channel's zone, as the schedule says it


def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name, or a `UsageError` that says how names look."""
    if name not in zone_names():
        raise UsageError(
            f"Unknown time zone {name!r}. Use an IANA name such as Asia/Jakarta, Europe/Berlin or UTC."
        )
    return ZoneInfo(name)


@cache
def zone_names() -> frozenset[str]:
    """All IANA names; without those that mean another zone on each machine, or none."""
    return frozenset(available_timezones()) - {"localtime", "Factory"}  # reads the disk


def instant(wall: datetime, where: ZoneInfo) -> datetime:
    """The UTC instant that a naive wall time means, by the rule above."""
    early = wall.replace(tzinfo=where, fold=0).astimezone(UTC)
    if early.astimezone(where).replace(tzinfo=None, fold=0) == wall:
        return early
    # In a gap, fold=0 lands after the change and fold=1 before it: the change is between.
    before = wall.replace(tzinfo=where, fold=1).astimezone(UTC)
    return _first_instant_after_change(before, early, where)


def _first_instant_after_change(before: datetime, after: datetime, where: ZoneInfo) -> datetime:
    old = before.astimezone(where).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(where).utcoffset() == old:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def wall_time(at: datetime, where: ZoneInfo) -> datetime:
    """The naive wall time that an instant shows in a zone."""
    return at.astimezone(where).replace(tzinfo=None, fold=0)


def slots(times: Sequence[PostingTime], where: ZoneInfo, *, after: datetime) -> Iterator[Slot]:
    """The slots of a weekly schedule, soonest first, strictly later than ``after`` (UTC).

    Endless unless the schedule is empty. Two wall times that a clock change moves to
    the same instant give one slot.
    """
    if not times:
        return
    day = after.astimezone(where).date() - timedelta(days=1)
    last = after
    while True:
        for slot in sorted(_slots_of(day, times, where), key=lambda slot: slot.at):
            if slot.at > last:
                yield slot
                last = slot.at
        day += timedelta(days=1)


def _slots_of(day: date, times: Sequence[PostingTime], where: ZoneInfo) -> Iterator[Slot]:
    for entry in times:
        if entry.weekday == day.weekday():
            wall = datetime.combine(day, entry.wall)
            yield Slot(at=instant(wall, where), wall=wall)


_PART = re.compile(r"(?P<days>[a-z,\-]+)\s+(?P<times>[0-9:,\s]+)")


def parse_schedule(text: str) -> tuple[PostingTime, ...]:
    """A schedule as people write it: ``mon-fri 09:00,12:30; sat 10:00``; ``daily`` is every day.

    Raises:
        UsageError: names the part that is not understood.
    """
    found: set[PostingTime] = set()
    for part in filter(None, (piece.strip().lower() for piece in text.split(";"))):
        match = _PART.fullmatch(part)
        if match is None:
            raise UsageError(
                f"Cannot read {part!r}. Write days and times such as 'mon-fri 09:00,12:30; sat 10:00'."
            )
        for weekday in _days(match["days"]):
            found.update(
                PostingTime(weekday, _wall(piece)) for piece in match["times"].replace(",", " ").split()
            )
    return tuple(sorted(found))


def _days(text: str) -> Iterator[int]:
    for piece in text.split(","):
        if piece == "daily":
            yield from range(7)
            continue
        first, _, last = piece.partition("-")
        try:
            start, end = DAYS.index(first), DAYS.index(last or first)
        except ValueError:
            raise UsageError(
                f"Unknown day {piece!r}. Days are mon, tue, wed, thu, fri, sat, sun or daily."
            ) from None
        while True:
            yield start
            if start == end:
                break
            start = (start + 1) % 7


def _wall(text: str) -> time:
    try:
        hour, minute = (int(part) for part in text.split(":"))
        return time(hour, minute)
    except ValueError:
        raise UsageError(f"Cannot read the time {text!r}. Write hours and minutes such as 09:00.") from None


def schedule_text(times: Sequence[PostingTime]) -> str:
    """The schedule in the form that `parse_schedule` reads; days with equal times together."""
    by_times: dict[str, list[int]] = {}
    for weekday in range(7):
        of_day = ",".join(f"{entry.wall:%H:%M}" for entry in sorted(times) if entry.weekday == weekday)
        if of_day:
            by_times.setdefault(of_day, []).append(weekday)
    return "; ".join(f"{_day_words(days)} {of_day}" for of_day, days in by_times.items())


def _day_words(days: list[int]) -> str:
    if len(days) == 7:
        return "daily"
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{DAYS[days[0]]}-{DAYS[days[-1]]}"
    return ",".join(DAYS[day] for day in days)


def parse_when(text: str, *, channel_zone: str) -> tuple[datetime, datetime, str]:
    """A time as a person gives it: ``2026-12-01 09:00 Asia/Jakarta``, or with an offset.

    The word ``channel`` in place of a zone means the channel's own. A time that names
    neither zone nor offset is refused: whose nine o'clock it is must not be guessed.

    Returns:
        The UTC instant, the naive wall time, and the IANA zone it was meant in.

    Raises:
        UsageError: the text is no time, names no zone, or an unknown one.
    """
    clock, named = _split_zone(text)
    try:
        parsed = datetime.fromisoformat(clock)
    except ValueError:
        parsed = None
    if parsed is None or not _in_reach(parsed):
        raise UsageError(f"Cannot read the time {text!r}. Write it as '2026-12-01 09:00 {channel_zone}'.")
    if parsed.tzinfo is not None:
        if named:
            raise UsageError(f"The time {text!r} has an offset and a zone: give one of them.")
        at = parsed.astimezone(UTC)
        return at, wall_time(at, zone(channel_zone)), channel_zone
    if not named:
        raise UsageError(
            f"The time {text!r} names no zone. Write '{clock} {channel_zone}' for the channel's own zone, "
            f"another IANA name, or an offset such as '{clock}+07:00'."
        )
    where = channel_zone if named == "channel" else named
    return instant(parsed, zone(where)), parsed, where


def _in_reach(parsed: datetime) -> bool:
    """Whether every zone's clock can show it: not at the very ends of the calendar."""
    return MINYEAR < parsed.year < MAXYEAR


def _split_zone(text: str) -> tuple[str, str]:
    words = text.split()
    clock_words = 1 if words and ("T" in words[0] or len(words) == 1) else 2
    return " ".join(words[:clock_words]), " ".join(words[clock_words:])
