"""The numbers of a channel itself, day by day: its followers and the like, with jumps marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlmodel import Session

from domain.metrics import Metric
from store import channels, measuring
from store.tables import ChannelReading

#: With fewer changes before it, nothing is called a jump.
ENOUGH = 7
#: Changes before it with which one is compared.
_COMPARED = 28
#: How many usual distances away a change must be, and what share of the whole: small channels move by few.
_FAR, _SHARE = 8.0, 0.01
#: Of a normal curve, the standard deviation is so many median distances.
_SCALE = 1.4826
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Number:
    """One reading of a channel's own number."""

    at: datetime
    value: int
    #: The platform's own field.
    source: str
    #: Since the reading before; None: it is the first, or came from another field.
    change: int | None
    #: So far from what is usual that people cannot be the reason: a purge, a purchase, a count begun anew.
    jump: bool


def numbers(
    session: Session, workspace_id: int, channel_id: int, *, start: datetime, end: datetime
) -> dict[Metric, list[Number]]:
    """Every number of a channel that was read in [start, end) (UTC), oldest first.

    Raises:
        NotFound: no such channel in this workspace.
    """
    channels.get(session, workspace_id, channel_id)
    rows = measuring.series_of_channel(session, channel_id, since=start - _COMPARED * _DAY, before=end)
    return {
        metric: [one for one in with_jumps(series) if one.at >= start]
        for metric, series in rows.items()
        if series[-1].at >= start
    }


def with_jumps(readings: Sequence[ChannelReading]) -> list[Number]:
    """Readings of one number, oldest first, with what changed; a change is compared by its pace a day."""
    found: list[Number] = []
    paces: list[float] = []
    last: ChannelReading | None = None
    for row in readings:
        if last is None or last.source != row.source:
            found.append(Number(row.at, row.value, row.source, None, jump=False))
            last, paces = row, []
            continue
        change = row.value - last.value
        pace = change / max((row.at - last.at) / _DAY, 1.0)
        jumps = _is_jump(pace, paces[-_COMPARED:], last.value)
        found.append(Number(row.at, row.value, row.source, change, jump=jumps))
        if not jumps:
            paces.append(pace)
        last = row
    return found


def _is_jump(pace: float, before: Sequence[float], value: int) -> bool:
    if len(before) < ENOUGH:
        return False
    usual = median(before)
    spread = _SCALE * median(abs(one - usual) for one in before)
    return abs(pace - usual) > max(_FAR * max(spread, 1.0), _SHARE * value)
