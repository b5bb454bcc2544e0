"""The days of a month or week as the calendar shows them, in one zone, with what falls on each."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from domain.schedule import instant, wall_time, zone
from store.tables import ChannelRow, Post

View = Literal["month", "week"]
#: Posts that a day of a month shows before it says how many more there are.
MOST_PER_DAY = 6
#: Months before and after which the calendar ends.
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Beat:
    """One post on its day."""

    post: Post
    channel: ChannelRow
    at: datetime
    text: str
    #: Experiment and arm; empty: it belongs to none.
    arm: str = ""

    @property
    def state(self) -> str:
        return self.post.state


@dataclass(frozen=True, slots=True)
class Day:
    """One day with its posts."""

    day: date
    beats: Sequence[Beat]
    #: Of the month that is shown; its neighbours fill the first and last week.
    is_inside: bool
    is_today: bool

    @property
    def more(self) -> int:
        return max(len(self.beats) - MOST_PER_DAY, 0)


@dataclass(frozen=True, slots=True)
class Span:
    """What a page of the calendar covers."""

    view: View
    #: A day in it.
    day: date
    first: date
    last: date

    @property
    def before(self) -> date:
        """A day of the page before."""
        return max(
            self.first - timedelta(days=1)
            if self.view == "week"
            else self.day.replace(day=1) - timedelta(days=1),
            FIRST,
        )

    @property
    def after(self) -> date:
        """A day of the page after."""
        if self.view == "week":
            return min(self.last + timedelta(days=1), LAST)
        return min(self.day.replace(day=1) + timedelta(days=32), LAST).replace(day=1)

    def instants(self, zone_name: str) -> tuple[datetime, datetime]:
        """Its beginning and end as instants: midnights of the zone."""
        where = zone(zone_name)
        end = self.last + timedelta(days=1)
        return instant(datetime.combine(self.first, time()), where), instant(
            datetime.combine(end, time()), where
        )


def span(view: View, day: date, *, week_start: int) -> Span:
    """The whole weeks that a month touches, or one week; weeks begin with ``week_start`` (0 is Monday)."""
    day = min(max(day, FIRST), LAST)
    first, last = day, day
    if view == "month":
        first = day.replace(day=1)
        last = day.replace(day=monthrange(day.year, day.month)[1])
    first -= timedelta(days=(first.weekday() - week_start) % 7)
    last += timedelta(days=6 - (last.weekday() - week_start) % 7)
    return Span(view, day, first, last)


def days(
    covered: Span,
    posts: Iterable[Post],
    channels: Mapping[int, ChannelRow],
    *,
    arms: Mapping[int, str],
    zone_name: str,
    now: datetime,
) -> list[Day]:
    """Every day of the span with its posts, soonest first; days are those of the zone.

    Args:
        covered: the days.
        posts: with their hours.
        channels: by their numbers.
        arms: experiment and arm of the posts that belong to one.
        zone_name: of the days.
        now: the current time (UTC).
    """
    where = zone(zone_name)
    by_day: dict[date, list[Beat]] = {}
    for post in posts:
        at = post.planned_at or post.published_at
        if at is not None:
            text = " ".join(str(post.content["text"]).split()) or str(post.content.get("link") or "")
            beat = Beat(post, channels[post.channel_id], at, text, arms.get(post.id, ""))
            by_day.setdefault(wall_time(at, where).date(), []).append(beat)
    today = wall_time(now, where).date()
    length = (covered.last - covered.first).days + 1
    return [
        Day(
            day=day,
            beats=by_day.get(day, []),
            is_inside=covered.view == "week" or day.month == covered.day.month,
            is_today=day == today,
        )
        for day in (covered.first + timedelta(days=step) for step in range(length))
    ]
