"""People's ways to a conversion: the visits before it, within a window; and the ways that led to none."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from store import journeys
from store.journeys import Ended, Touch
from store.site_figures import Of
from store.site_touches import touch_filter


@dataclass(frozen=True, slots=True)
class Way:
    """The visits before one conversion, oldest first; empty: none is known."""

    ended: Ended
    touches: tuple[Touch, ...]


def ways(
    session: Session, workspace_id: int, *, start: datetime, end: datetime, window: timedelta
) -> list[Way]:
    """The way to each key event or refund that counts in [start, end), its visits at most ``window`` old.

    A refund has the way of what it is given back of.
    """
    found = journeys.ended(session, workspace_id, start=start, end=end)
    people = {one.visitor for one in found if one.visitor is not None}
    first = min((one.at for one in found), default=start) - window
    visited: dict[tuple[int, str], list[Touch]] = defaultdict(list)
    for touch in journeys.touches_of(session, workspace_id, people, start=first, end=end):
        visited[touch.site_id, touch.visitor].append(touch)
    return [Way(one, _before(one, visited, window)) for one in found]


def _before(one: Ended, visited: dict[tuple[int, str], list[Touch]], window: timedelta) -> tuple[Touch, ...]:
    own = visited.get((one.site_id, one.visitor), []) if one.visitor is not None else []
    near = [touch for touch in own if one.at - window <= touch.at <= one.at]
    if not near and one.alone is not None and one.at - one.alone.at <= window:
        return (one.alone,)
    return tuple(near)


def lost(
    session: Session, workspace_id: int, converted: Iterable[Way], *, start: datetime, end: datetime
) -> list[tuple[Touch, ...]]:
    """The visits of [start, end) of each visitor who did not convert then."""
    done = {(way.ended.site_id, way.ended.visitor) for way in converted}
    found: dict[tuple[int, str], list[Touch]] = defaultdict(list)
    for touch in journeys.touches(session, workspace_id, start=start, end=end):
        if (touch.site_id, touch.visitor) not in done:
            found[touch.site_id, touch.visitor].append(touch)
    return [tuple(touches) for touches in found.values()]


def is_ours(touch: Touch) -> bool:
    """Whether a link or route of ours brought the visit."""
    return touch.click_id is not None or touch.channel_id is not None


def credited(
    session: Session,
    of: Of,
    *,
    start: datetime,
    end: datetime,
    window: timedelta,
    currency: str,
    first: bool,
) -> list[tuple[datetime, float]]:
    """Money in minor units that visits of ours within a scope are owed, when it counts.

    Args:
        first: all to the first visit of ours; else evenly to each of them.
    """
    mine = touch_filter(session, of)
    owed = []
    for way in ways(session, of.workspace_id, start=start, end=end, window=window):
        ours = [touch for touch in way.touches if is_ours(touch)]
        if way.ended.minor is None or way.ended.currency != currency or not ours:
            continue
        counted: Sequence[Touch] = ours[:1] if first else ours
        share = sum(mine(touch) for touch in counted) / len(counted)
        if share:
            owed.append((way.ended.counted_at, way.ended.minor * share))
    return owed
