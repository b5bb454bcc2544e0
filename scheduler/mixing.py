"""The content mix of a channel's weeks: what was wanted, what stands there, and the gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from domain.rules import Kind, kind_of, rules_from
from domain.schedule import instant, wall_time, zone
from store import standing
from store.tables import ChannelRow

#: Weeks that are shown: this one and the next.
WEEKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One kind of content in one week of a channel."""

    kind: Kind
    #: Percent that it may have at most; None: the rules name none.
    wanted: int | None
    #: Posts of this kind that went out or stand in the week.
    posts: int
    #: Of how many posts.
    of: int

    @property
    def percent(self) -> float | None:
        """Its share; None: the week has no posts."""
        return 100 * self.posts / self.of if self.of else None

    @property
    def gap(self) -> float | None:
        """Percentage points above (or, negative, below) what is wanted; None: nothing to compare."""
        if self.wanted is None or self.percent is None:
            return None
        return self.percent - self.wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekMix:
    """The mix of one local week, Monday to Sunday."""

    monday: date
    shares: Sequence[Share]


def mix_of_weeks(session: Session, channel: ChannelRow, *, now: datetime) -> list[WeekMix]:
    """This week and the next, on a channel whose rules name a mix; empty where they name none."""
    wanted = dict(rules_from(channel.rules).mix)
    if not wanted:
        return []
    where = zone(channel.zone)
    today = wall_time(now, where).date()
    monday = today - timedelta(days=today.weekday())
    start = instant(datetime.combine(monday, datetime.min.time()), where)
    until = start + timedelta(days=7 * WEEKS + 1)
    counts: dict[date, dict[Kind, int]] = {monday + timedelta(days=7 * n): {} for n in range(WEEKS)}
    for second, content in standing.contents(session, channel.id, since=start, until=until, now=now):
        day = wall_time(datetime.fromtimestamp(second, now.tzinfo), where).date()
        week = counts.get(day - timedelta(days=day.weekday()))
        if week is not None:
            kind = kind_of(content)
            week[kind] = week.get(kind, 0) + 1
    return [
        WeekMix(
            monday=week,
            shares=[
                Share(kind=kind, wanted=wanted.get(kind), posts=found.get(kind, 0), of=sum(found.values()))
                for kind in Kind
                if kind in wanted or kind in found
            ],
        )
        for week, found in counts.items()
    ]
