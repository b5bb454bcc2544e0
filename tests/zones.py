"""Checks of wall times and instants against `zoneinfo` alone, for one zone over some years.

`benchmarks.zones` makes them for all zones from 2000 to 2040, the tests for some.

The rule: a wall time that a clock change skips is the instant of the change; one that occurs twice is the
first. The checks find each zone's changes by themselves, minute by minute where the clock changes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.schedule import PostingTime, instant, slots, wall_time

FIRST, LAST = 2000, 2040
_HOUR = timedelta(hours=1)


def changes(where: ZoneInfo, first: int = FIRST, last: int = LAST) -> Iterator[datetime]:
    """The instants from which another offset holds (UTC)."""
    at = datetime(first, 1, 1, tzinfo=UTC)
    end = datetime(last + 1, 1, 1, tzinfo=UTC)
    before = at.astimezone(where).utcoffset()
    while at < end:
        following = at + 12 * _HOUR
        if following.astimezone(where).utcoffset() != before:
            low, high = at, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                if middle.astimezone(where).utcoffset() == before:
                    low = middle
                else:
                    high = middle
            yield high
            before = following.astimezone(where).utcoffset()
        at = following


def broken_around(where: ZoneInfo, change: datetime) -> list[str]:
    """What is wrong with wall times from a day and a half before a change to as long after it."""
    before = (change - timedelta(seconds=1)).astimezone(where).utcoffset()
    after = change.astimezone(where).utcoffset()
    assert before is not None
    assert after is not None
    leaves, lands = (change + before).replace(tzinfo=None), (change + after).replace(tzinfo=None)
    found = []
    for minutes in (
        -2160,
        -1440,
        -721,
        -61,
        -60,
        -31,
        -30,
        -1,
        0,
        1,
        29,
        30,
        31,
        59,
        60,
        61,
        719,
        1440,
        2160,
    ):
        for edge in (leaves, lands):
            wall = edge + timedelta(minutes=minutes)
            at = instant(wall, where)
            if leaves <= wall < lands:  # skipped
                right = change
            elif wall < leaves or before < after:
                right = (wall - (before if wall < leaves else after)).replace(tzinfo=UTC)
            else:  # the clock was put back: what lies before the change comes first
                right = (wall - after).replace(tzinfo=UTC)
            if at != right:
                found.append(f"{where.key} {wall}: {at} instead of {right}")
            if not (leaves <= wall < lands) and wall_time(at, where) != wall:
                found.append(f"{where.key} {wall}: shows {wall_time(at, where)}")
    return found


def broken_slots(where: ZoneInfo, change: datetime) -> list[str]:
    """What is wrong with the slots of a schedule around a change: order, doubles, and days left out."""
    times = [PostingTime(day, time(hour, 30)) for day in range(7) for hour in range(24)]
    start = change - timedelta(days=2)
    coming = slots(times, where, after=start)
    found, last, shown = [], start, set()
    for slot in coming:
        if slot.at > change + timedelta(days=2):
            break
        if slot.at <= last:
            found.append(f"{where.key} {slot.at} comes after {last}")
        if slot.wall in shown:
            found.append(f"{where.key} {slot.wall} comes twice")
        if slot.at != instant(slot.wall, where):
            found.append(f"{where.key} {slot.wall} is no slot at {slot.at}")
        shown.add(slot.wall)
        last = slot.at
    return found


def broken_arrays(where: ZoneInfo, change: datetime) -> list[str]:
    """Where the planner's clock, which works on arrays, and the rule of `domain.schedule` differ."""
    import numpy as np

    from analytics.assignment.calendar import calendar

    middle = int(change.timestamp())
    span = np.arange(middle - 40 * 3600, middle + 40 * 3600, 900, dtype=np.int64)
    known = calendar(where, int(span[0]), int(span[-1]))
    walls = [wall_time(datetime.fromtimestamp(int(at), UTC), where) for at in span]
    shown = [int(wall.replace(tzinfo=UTC).timestamp()) for wall in walls]
    found = [] if known.walls(span).tolist() == shown else [f"{where.key} around {change}: other walls"]
    local = span + (shown[0] - int(span[0]))
    wanted = [
        int(instant(datetime.fromtimestamp(int(wall), UTC).replace(tzinfo=None), where).timestamp())
        for wall in local
    ]
    if known.instants(local).tolist() != wanted:
        found.append(f"{where.key} around {change}: other instants")
    return found


def broken(name: str, *, first: int = FIRST, last: int = LAST) -> list[str]:
    """All that is wrong with a zone in these years."""
    where, found = ZoneInfo(name), []
    for change in changes(where, first, last):
        found += broken_around(where, change) + broken_slots(where, change) + broken_arrays(where, change)
    return found
