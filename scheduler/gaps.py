"""The soonest free slots of a channel that its rules allow, for placing many posts at once where one slot is
as good as another (`scheduler.many` is for the others)."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from domain.errors import UsageError
from domain.rules import Rules, rules_from, shut_at, within
from domain.schedule import Slot, slots, wall_time, zone
from scheduler.slots import LOOK_BACK
from store import channels, posts, standing
from store.tables import ChannelRow

#: How far a search looks: more than two years of hourly slots.
_FARTHEST: Final = 20_000


@dataclass
class Gaps:
    """What is free on one locked channel, kept up while posts are placed one after another.

    Each slot is looked at once: what is full for all is not looked at again.
    """

    session: Session
    channel: ChannelRow
    now: datetime
    _open: list[Slot] = field(default_factory=list)
    _kin: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        times = channels.schedule(self.session, self.channel.id)
        if not times:
            name = self.channel.name
            raise UsageError(
                f"Channel {name!r} has no posting schedule. Give it one with "
                f"`tabuh channel schedule {name!r} 'mon-fri 09:00,12:30'`, or name a time for the post."
            )
        self._rules = within(rules_from(self.channel.rules), self.channel.budget_day)
        self._where = zone(self.channel.zone)
        self._coming = slots(times, self._where, after=self.now)
        self._seen = 0
        self._taken = set(posts.taken_slots(self.session, self.channel.id, after=self.now))
        since = self.now - max(LOOK_BACK, self._rules.gap)
        self._stands: list[int] = sorted(
            standing.instants(self.session, self.channel.id, since=since, now=self.now)
        )
        self._days: Counter[date] = Counter()
        self._weeks: Counter[date] = Counter()
        for at in self._stands:
            self._count(datetime.fromtimestamp(at, self.now.tzinfo))

    def _count(self, at: datetime) -> None:
        day = wall_time(at, self._where).date()
        self._days[day] += 1
        self._weeks[day - timedelta(days=day.weekday())] += 1

    def stand(self, at: datetime, *, campaign: str | None = None, slot: bool = False) -> None:
        """Note that a post stands there now."""
        insort(self._stands, int(at.timestamp()))
        self._count(at)
        if campaign in self._kin:
            insort(self._kin[campaign], int(at.timestamp()))
        if slot:
            self._taken.add(at)

    def is_free_slot(self, at: datetime) -> bool:
        """Whether the posting schedule has a slot at exactly this time, and nobody holds it."""
        return at not in self._taken and channels.is_slot(self.session, self.channel, at)

    def take(
        self,
        *,
        campaign: str | None = None,
        earliest: datetime | None = None,
        latest: datetime | None = None,
    ) -> Slot:
        """The soonest slot for one more post, which stands there from now on.

        Raises:
            UsageError: none is left that the rules allow.
        """
        for slot in self._free(campaign):
            if latest is not None and slot.at > latest:
                break
            if earliest is None or slot.at >= earliest:
                self.stand(slot.at, campaign=campaign, slot=True)
                return slot
        raise UsageError(
            f"Channel {self.channel.name!r} has no free slot left that its rules allow. Add times to its "
            "posting schedule, or ease its rules."
        )

    def _free(self, campaign: str | None) -> Iterator[Slot]:
        """Free slots for a post of this campaign, soonest first; ends where the search ends."""
        place = 0
        while (slot := self._slot(place)) is not None:
            if self._is_full(slot):
                del self._open[place]
                continue
            if not self._near(slot, self._kin_of(campaign), self._rules.kin_gap):
                yield slot
            place += 1

    def _slot(self, place: int) -> Slot | None:
        while place >= len(self._open):
            if self._seen >= _FARTHEST:
                return None
            self._seen += 1
            self._open.append(next(self._coming))
        return self._open[place]

    def _is_full(self, slot: Slot) -> bool:
        """Whether no post at all can go there any more."""
        rules: Rules = self._rules
        if slot.at in self._taken or shut_at(rules, slot.wall):
            return True
        day = wall_time(slot.at, self._where).date()
        if rules.cap_day is not None and self._days[day] >= rules.cap_day:
            return True
        week = day - timedelta(days=day.weekday())
        if rules.cap_week is not None and self._weeks[week] >= rules.cap_week:
            return True
        return self._near(slot, self._stands, rules.gap)

    def _kin_of(self, campaign: str | None) -> list[int]:
        if campaign is None or not self._rules.kin_gap:
            return []
        if campaign not in self._kin:
            found = standing.campaign_instants(
                self.session, self.channel.id, campaign, since=self.now - self._rules.kin_gap, now=self.now
            )
            self._kin[campaign] = sorted(found)
        return self._kin[campaign]

    @staticmethod
    def _near(slot: Slot, instants: list[int], gap: timedelta) -> bool:
        """Whether something stands nearer than the gap."""
        if not gap or not instants:
            return False
        at, length = int(slot.at.timestamp()), int(gap.total_seconds())
        after = bisect_left(instants, at)
        return (after < len(instants) and instants[after] - at < length) or (
            after > 0 and at - instants[after - 1] < length
        )
