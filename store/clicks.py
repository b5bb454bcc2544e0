"""Clicks on links as people look at them: by class and reason, day and hour, origin and country."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from domain.metrics import Audience
from store.tables import Click, Link
from store.traffic import slice_of, slice_start

#: Zones differ from UTC by whole quarters of an hour.
_QUARTER: Final = timedelta(minutes=15)
#: Origins and countries that are listed; all others are one line.
MOST: Final = 30


def totals(session: Session, link_ids: Iterable[int]) -> dict[int, dict[Audience, int]]:
    """The clicks of each of these links; every audience is there, at least as 0."""
    found = {link_id: dict.fromkeys(Audience, 0) for link_id in link_ids}
    query = (
        select(col(Click.link_id), col(Click.audience), func.count())
        .where(col(Click.link_id).in_(list(found)))
        .group_by(col(Click.link_id), col(Click.audience))
    )
    for link_id, audience, number in session.connection().execute(query):
        found[link_id][Audience(audience)] = number
    return found


@dataclass(frozen=True, slots=True)
class Day:
    """The clicks of one day of a zone."""

    day: date
    by_audience: Mapping[Audience, int]
    #: Different clickers among the human clicks that have a hash.
    people: int
    #: Human clicks that have one; the others ask not to be followed, or are older than hashes.
    with_hash: int

    @property
    def human(self) -> int:
        return self.by_audience[Audience.HUMAN]

    @property
    def total(self) -> int:
        return sum(self.by_audience.values())


@dataclass(frozen=True, slots=True)
class Faces:
    """What is known of the clicks on one link in a stretch of time."""

    start: datetime
    end: datetime
    by_audience: Mapping[Audience, int]
    #: Clicks by class and reason, most first; a reason of None was not kept yet.
    by_reason: Sequence[tuple[Audience, str | None, int]]
    #: Days that had any click, oldest first.
    days: Sequence[Day]
    #: Clicks in each hour (UTC) that had any, oldest first.
    hours: Sequence[tuple[datetime, Mapping[Audience, int]]]
    #: Human clicks by the host they came from, most first; None: it was not said.
    by_referrer: Sequence[tuple[str | None, int]]
    #: Human clicks by country, most first; None: it was not told.
    by_country: Sequence[tuple[str | None, int]]

    @property
    def total(self) -> int:
        return sum(self.by_audience.values())

    @property
    def human(self) -> int:
        return self.by_audience[Audience.HUMAN]

    @property
    def people_days(self) -> int:
        """Clickers, each counted once a day; one who comes on two days counts twice."""
        return sum(day.people for day in self.days)

    @property
    def with_hash(self) -> int:
        return sum(day.with_hash for day in self.days)

    @property
    def with_country(self) -> int:
        return sum(number for country, number in self.by_country if country is not None)


def faces(session: Session, link: Link, *, start: datetime, end: datetime, zone: str) -> Faces:
    """The clicks of a link from ``start`` to before ``end``, days as the clocks of ``zone`` have them."""
    within = (col(Click.link_id) == link.id, col(Click.at) >= start, col(Click.at) < end)
    human = (*within, col(Click.audience) == Audience.HUMAN)
    quarters = _by_quarter(session, within)
    reasons = _counted(session, within, col(Click.audience), col(Click.why))
    sums: Counter[Audience] = Counter()
    for _, audience, number, _ in quarters:
        sums[audience] += number
    return Faces(
        start=start,
        end=end,
        by_audience={audience: sums[audience] for audience in Audience},
        by_reason=[(Audience(audience), why, number) for audience, why, number in reasons],
        days=_days(quarters, _first_seen(session, human), ZoneInfo(zone)),
        hours=_hours(quarters),
        by_referrer=[(name, number) for name, number in _counted(session, human, col(Click.referrer))],
        by_country=[(name, number) for name, number in _counted(session, human, col(Click.country))],
    )


_Quarters = Sequence[tuple[datetime, Audience, int, int]]


def _by_quarter(session: Session, within: Sequence[ColumnElement[bool]]) -> _Quarters:
    """Start, audience, clicks and those with a hash, for each quarter of an hour that had any."""
    quarter = slice_of(session, col(Click.at), _QUARTER).label("quarter")
    query = select(quarter, col(Click.audience), func.count(), func.count(col(Click.day_hash)))
    query = query.where(*within).group_by(quarter, col(Click.audience)).order_by(quarter)
    return [
        (slice_start(number, _QUARTER), Audience(audience), clicks, hashed)
        for number, audience, clicks, hashed in session.connection().execute(query)
    ]


def _first_seen(session: Session, human: Sequence[ColumnElement[bool]]) -> Sequence[tuple[datetime, int]]:
    """Different hashes by the quarter of an hour in which they first came.

    A hash holds for one day only, so that each is counted on the one day on which it can be met.
    """
    first = (
        select(func.min(col(Click.at)).label("at"))
        .where(*human, col(Click.day_hash).is_not(None))
        .group_by(col(Click.day_hash))
        .subquery()
    )
    quarter = slice_of(session, first.c.at, _QUARTER).label("quarter")
    query = select(quarter, func.count()).group_by(quarter)
    return [(slice_start(number, _QUARTER), people) for number, people in session.connection().execute(query)]


def _days(quarters: _Quarters, first_seen: Sequence[tuple[datetime, int]], zone: ZoneInfo) -> Sequence[Day]:
    clicks: dict[date, Counter[Audience]] = {}
    hashed: Counter[date] = Counter()
    people: Counter[date] = Counter()
    for at, audience, number, with_hash in quarters:
        day = at.astimezone(zone).date()
        clicks.setdefault(day, Counter())[audience] += number
        hashed[day] += with_hash if audience is Audience.HUMAN else 0
    for at, number in first_seen:
        people[at.astimezone(zone).date()] += number
    return [
        Day(day, {audience: counts[audience] for audience in Audience}, people[day], hashed[day])
        for day, counts in sorted(clicks.items())
    ]


def _hours(quarters: _Quarters) -> Sequence[tuple[datetime, Mapping[Audience, int]]]:
    hours: dict[datetime, dict[Audience, int]] = {}
    for at, audience, number, _ in quarters:
        hour = hours.setdefault(at.replace(minute=0), dict.fromkeys(Audience, 0))
        hour[audience] += number
    return list(hours.items())


def _counted(
    session: Session, within: Sequence[ColumnElement[bool]], *columns: Any
) -> Sequence[tuple[Any, ...]]:
    """Clicks by the values of these columns, most first."""
    number = func.count().label("number")
    query = select(*columns, number).where(*within).group_by(*columns)
    rows = session.connection().execute(query.order_by(number.desc(), *columns).limit(MOST))
    return [tuple(row) for row in rows]


def each(session: Session, link: Link, *, start: datetime, end: datetime) -> Iterator[tuple[Any, ...]]:
    """Every click of a link, oldest first: time, class, reason, host it came from, country."""
    query = (
        select(col(Click.at), col(Click.audience), col(Click.why), col(Click.referrer), col(Click.country))
        .where(col(Click.link_id) == link.id, col(Click.at) >= start, col(Click.at) < end)
        .order_by(col(Click.at), col(Click.id))
        .execution_options(yield_per=5_000)
    )
    for row in session.connection().execute(query):
        yield tuple(row)
