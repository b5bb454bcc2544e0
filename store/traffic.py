"""What Tabuh counts itself: clicks on its links, and views of the pages it serves."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    extract,
    func,
    literal_column,
    null,
    union_all,
)
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


def _people() -> ColumnElement[int]:
    """Different people behind clicks, told apart for a day; one without a hash is one."""
    return func.count(func.distinct(col(Click.day_hash))) + func.count() - func.count(col(Click.day_hash))


_IDS: Final[Any] = bindparam("ids", expanding=True)
#: Post, what was counted, audience, how often, and by how many people.
_COUNTED: Final[CompoundSelect[Any]] = union_all(
    select_columns(
        col(Click.post_id), literal_column("'clicks'"), col(Click.audience), func.count(), _people()
    )
    .where(col(Click.post_id).in_(_IDS), col(Click.at) < bindparam("before"))
    .group_by(col(Click.post_id), col(Click.audience)),
    select_columns(
        col(PageCount.post_id), col(PageCount.kind), col(PageCount.audience),
        cast(func.sum(PageCount.shown), BigInteger), literal_column("0"),
    )
    .where(col(PageCount.post_id).in_(_IDS), col(PageCount.hour) < bindparam("before"))
    .group_by(col(PageCount.post_id), col(PageCount.kind), col(PageCount.audience)),
)  # fmt: skip


def counted(session: Session, post_ids: Iterable[int], *, before: datetime) -> dict[int, dict[Metric, int]]:
    """What was counted here for each post earlier than ``before``; a metric never counted is absent."""
    found: dict[int, dict[Metric, int]] = {post_id: {} for post_id in post_ids}
    rows: Iterable[Any] = ()
    if found:
        rows = session.connection().execute(_COUNTED, {"ids": list(found), "before": before})
    for post_id, kind, audience, number, people in rows:
        if kind == "clicks":
            found[post_id][CLICK_METRICS[audience]] = number
            if audience == Audience.HUMAN:
                found[post_id][Metric.CLICKERS] = people
        elif (kind, audience) in PAGE_METRICS:
            found[post_id][PAGE_METRICS[kind, audience]] = number
    return found


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
_AUDIENCES, _HOURS, _ORIGINS = range(3)


def clicks_of(session: Session, post_id: int) -> Clicks:
    """Who clicked on a post's links, when, and from where; every audience is there, at least as 0."""
    by_audience: dict[Audience, int] = dict.fromkeys(Audience, 0)
    hours, origins = list[tuple[int, int]](), list[tuple[str | None, int]]()
    query = _clicks(session.get_bind().dialect.name)
    for told, hour, word, number in session.connection().execute(query, {"post_id": post_id}):
        if told == _AUDIENCES:
            by_audience[Audience(word)] = number
        elif told == _HOURS:
            hours.append((hour, number))
        else:
            origins.append((word, number))
    origins.sort(key=lambda one: (-one[1], one[0] is not None, one[0] or ""))
    return Clicks(by_audience, [(slice_start(at, _HOUR), number) for at, number in sorted(hours)], origins)


@cache
def _clicks(dialect: str) -> CompoundSelect[Any]:
    """Three questions in one: each row says which it answers, an hour or a word, and how many."""
    mine = col(Click.post_id) == bindparam("post_id")
    human = (mine, col(Click.audience) == literal_column(f"'{Audience.HUMAN}'"))
    number, hour = func.count().label("number"), _slice(dialect, col(Click.at), _HOUR).label("hour")
    audiences: Select[*tuple[Any, ...]] = (
        select_columns(
            _which(_AUDIENCES), _no_hour().label("hour"), col(Click.audience).label("word"), number
        )
        .where(mine)
        .group_by(col(Click.audience))
    )
    hours = (
        select_columns(_which(_HOURS), hour, cast(null(), String).label("word"), number)
        .where(*human)
        .group_by(hour)
    )
    origins = (
        select_columns(_which(_ORIGINS), _no_hour().label("hour"), col(Click.referrer).label("word"), number)
        .where(*human)
        .group_by(col(Click.referrer))
        .order_by(number.desc(), col(Click.referrer))
        .limit(_REFERRERS)
        .subquery()
    )
    return union_all(audiences, hours, select_columns(origins))


def _which(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer).label("told")


def _no_hour() -> ColumnElement[int | None]:
    return cast(null(), BigInteger)


def slice_of(session: Session, at: Any, length: timedelta) -> ColumnElement[Any]:
    """The number of an instant's slice of time, counted from 1970 (UTC), on either database."""
    return _slice(session.get_bind().dialect.name, at, length)


def _slice(dialect: str, at: Any, length: timedelta) -> ColumnElement[Any]:
    if dialect == "postgresql":
        seconds: ColumnElement[Any] = func.floor(extract("epoch", at))
    else:  # without the fraction, which SQLite would round
        seconds = func.strftime("%s", func.substr(at, 1, 19))
    return cast(seconds, BigInteger) // int(length.total_seconds())


def slice_start(number: int, length: timedelta) -> datetime:
    """The instant (UTC) at which a slice of `slice_of` begins."""
    return datetime.fromtimestamp(number * length.total_seconds(), UTC)
