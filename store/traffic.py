"""What Tabuh counts itself: clicks on its links, and views of the pages it serves."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, extract, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from domain.metrics import Audience, Metric
from store import standings
from store.audiences import CLICK_METRICS, PAGE_METRICS
from store.standings import Viewed
from store.tables import Click, Link, PageCount
from store.upsert import insert_or_change

#: The post of a count that is about the page itself.
WHOLE_PAGE = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A page, or one of its posts, was shown to somebody."""

    channel_id: int
    #: `WHOLE_PAGE`: the page itself, not one of its posts.
    post_id: int
    #: ``impressions``: in a list; ``views``: opened by itself; ``visits``: from outside.
    kind: str
    audience: Audience
    at: datetime


def count_shown(session: Session, shown: Iterable[Shown]) -> None:
    """Add to the counts of the hours in which these happened; the order of rows avoids deadlocks."""
    counts = Counter(
        (one.channel_id, one.post_id, _hour(one.at), one.kind, str(one.audience)) for one in shown
    )
    names = ("channel_id", "post_id", "hour", "kind", "audience")
    for key, number in sorted(counts.items()):
        row = {**dict(zip(names, key, strict=True)), "shown": number}
        more = {"shown": col(PageCount.shown) + number}
        insert_or_change(session, PageCount, row, keys=names, changes=more)
    viewed = [
        Viewed(channel_id, post_id, PAGE_METRICS[kind, audience], hour, number)
        for (channel_id, post_id, hour, kind, audience), number in sorted(counts.items())
        if (kind, audience) in PAGE_METRICS
    ]
    standings.count_views(session, viewed)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def counted(session: Session, post_ids: Iterable[int], *, before: datetime) -> dict[int, dict[Metric, int]]:
    """What was counted here for each post earlier than ``before``; a metric never counted is absent."""
    ids = list(post_ids)
    found: dict[int, dict[Metric, int]] = {post_id: {} for post_id in ids}
    clicks = (
        select(col(Click.post_id), col(Click.audience), func.count())
        .where(col(Click.post_id).in_(ids), col(Click.at) < before)
        .group_by(col(Click.post_id), col(Click.audience))
    )
    for post_id, audience, number in session.exec(clicks).all():
        if post_id is not None:
            found[post_id][CLICK_METRICS[audience]] = number
    for post_id, people in session.connection().execute(_clickers(ids, before)).all():
        if post_id is not None and people:
            found[post_id][Metric.CLICKERS] = people
    pages = (
        select(
            col(PageCount.post_id), col(PageCount.kind), col(PageCount.audience), func.sum(PageCount.shown)
        )
        .where(col(PageCount.post_id).in_(ids), col(PageCount.hour) < before)
        .group_by(col(PageCount.post_id), col(PageCount.kind), col(PageCount.audience))
    )
    for post_id, kind, audience, number in session.exec(pages).all():
        if (kind, audience) in PAGE_METRICS:
            found[post_id][PAGE_METRICS[kind, audience]] = int(number)
    return found


def _clickers(post_ids: Collection[int], before: datetime) -> Select[*tuple[Any, ...]]:
    """Different people behind each post's human clicks, told apart for a day; one without a hash is one."""
    hashed = func.count(func.distinct(col(Click.day_hash)))
    unhashed = func.count() - func.count(col(Click.day_hash))
    return (
        select_columns(col(Click.post_id), hashed + unhashed)
        .where(
            col(Click.post_id).in_(post_ids),
            col(Click.at) < before,
            col(Click.audience) == str(Audience.HUMAN),
        )
        .group_by(col(Click.post_id))
    )


def linked(session: Session, post_ids: Iterable[int]) -> frozenset[int]:
    """Which of these posts carry a link of ours."""
    query = select(col(Link.post_id)).where(col(Link.post_id).in_(list(post_ids))).distinct()
    return frozenset(post_id for post_id in session.scalars(query) if post_id is not None)


@dataclass(frozen=True, slots=True)
class Clicks:
    """The clicks of one post's links, three ways."""

    by_audience: Mapping[Audience, int]
    #: Human clicks in each hour (UTC) that had any, oldest first.
    by_hour: Sequence[tuple[datetime, int]]
    #: Human clicks by the host they came from, most first; None: it was not said.
    by_referrer: Sequence[tuple[str | None, int]]


#: Referrers that are listed.
_REFERRERS = 20
_HOUR = timedelta(hours=1)


def clicks_of(session: Session, post_id: int) -> Clicks:
    """Who clicked on a post's links, when, and from where; every audience is there, at least as 0."""
    of_post = col(Click.post_id) == post_id
    human = (of_post, col(Click.audience) == Audience.HUMAN)
    audiences = session.exec(
        select(col(Click.audience), func.count()).where(of_post).group_by(col(Click.audience))
    )
    hour = slice_of(session, col(Click.at), _HOUR).label("hour")
    hours = session.exec(select(hour, func.count()).where(*human).group_by(hour).order_by(hour))
    number = func.count().label("number")
    referrers = session.exec(
        select(col(Click.referrer), number)
        .where(*human)
        .group_by(col(Click.referrer))
        .order_by(number.desc(), col(Click.referrer))
        .limit(_REFERRERS)
    )
    by_audience: dict[Audience, int] = dict.fromkeys(Audience, 0)
    by_audience.update({Audience(audience): count for audience, count in audiences})
    return Clicks(by_audience, [(slice_start(at, _HOUR), count) for at, count in hours], list(referrers))


def slice_of(session: Session, at: Any, length: timedelta) -> ColumnElement[Any]:
    """The number of an instant's slice of time, counted from 1970 (UTC), on either database."""
    if session.get_bind().dialect.name == "postgresql":
        seconds: ColumnElement[Any] = func.floor(extract("epoch", at))
    else:  # without the fraction, which SQLite would round
        seconds = func.strftime("%s", func.substr(at, 1, 19))
    return cast(seconds, BigInteger) // int(length.total_seconds())


def slice_start(number: int, length: timedelta) -> datetime:
    """The instant (UTC) at which a slice of `slice_of` begins."""
    return datetime.fromtimestamp(number * length.total_seconds(), UTC)
