"""Filters of published posts as conditions, and the order of a list that is not by a figure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session, col

from domain.offsets import offsets
from domain.post_columns import AGE, BY_TIME, CAMPAIGN, CHANNEL, KIND, LANGUAGE, MAKER, PLATFORM, POST, READ
from domain.post_filters import THREAD, Origin, PostFilters
from domain.rules import Kind
from store.standing import epoch
from store.tables import ChannelRow, Measurement, Person, Post, Route

Conditions = list[ColumnElement[bool]]
#: A language that nobody stated, as the standards write it.
UNSTATED = "und"
_WEEK, _DAY, _HOUR = 7 * 86_400, 86_400, 3_600
#: 1970-01-01 was a Thursday.
_FIRST_WEEKDAY = 3 * _DAY
#: Letters of the text by which posts are sorted.
_FIRST_LETTERS = 80
#: Nothing was published before.
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


def conditions(
    session: Session, filters: PostFilters, channels: Sequence[ChannelRow], *, now: datetime
) -> Conditions:
    """What `Post` must be, beside its channel, route, feed and time, which a scope says."""
    found: Conditions = []
    for column, wanted in (
        (col(Post.created_by), filters.author_id),
        (col(Post.campaign), filters.campaign),
    ):
        if wanted is not None:
            found.append(column == wanted)
    if filters.tag is not None:
        found.append(_has_tag(session, filters.tag))
    if filters.kind is not None:
        found.append(_is_kind(session, filters.kind))
    if filters.language is not None:
        found.append(_in_language(session, filters.language))
    if filters.origin is not None:
        found.append(_ORIGINS[Origin(filters.origin)])
    if filters.text and (wanted_text := filters.text.strip()):
        found.append(_text(session, "text").icontains(wanted_text, autoescape=True))
    if filters.weekday is not None or filters.hour is not None:
        found.append(_at_slot(session, filters, channels, now=now))
    return found


_ORIGINS = {
    Origin.ROUTE: and_(col(Post.route_id).is_not(None), col(Post.evergreen_id).is_(None)),
    Origin.PERSON: and_(
        col(Post.route_id).is_(None), col(Post.evergreen_id).is_(None), col(Post.created_by).is_not(None)
    ),
    Origin.EVERGREEN: col(Post.evergreen_id).is_not(None),
}


def _has_tag(session: Session, tag: str) -> ColumnElement[bool]:
    if _is_sqlite(session):
        each = func.json_each(col(Post.tags)).table_valued("value")
        return select(literal(1)).select_from(each).where(each.c.value == tag).exists()
    return col(Post.tags).op("@>", is_comparison=True)(cast([tag], JSONB))


def _part(session: Session, name: str) -> ColumnElement[Any]:
    """One part of the content as text, JSON where it is no text; NULL: not there."""
    if _is_sqlite(session):
        return func.json_extract(col(Post.content), f"$.{name}")
    return func.jsonb_extract_path_text(col(Post.content), name)


def _text(session: Session, name: str) -> ColumnElement[str]:
    return cast(_part(session, name), String)


def _has(session: Session, name: str) -> ColumnElement[bool]:
    """Whether the content has this part, and not an empty one."""
    return func.coalesce(_text(session, name), "").not_in(("", "[]", "{}", "null"))


def kind_of(session: Session) -> ColumnElement[str]:
    """As `domain.rules.kind_of`, worked out by the database."""
    media = func.coalesce(_text(session, "media"), "")
    is_video = or_(media.contains('"media_type":"video/'), media.contains('"media_type": "video/'))
    return case(
        (_has(session, "poll"), Kind.POLL.value),
        (is_video, Kind.VIDEO.value),
        (_has(session, "media"), Kind.IMAGE.value),
        (_has(session, "link"), Kind.LINK.value),
        else_=Kind.TEXT.value,
    )


def _is_kind(session: Session, kind: str) -> ColumnElement[bool]:
    return _has(session, "thread") if kind == THREAD else kind_of(session) == kind


def _in_language(session: Session, language: str) -> ColumnElement[bool]:
    stated = _text(session, "language")
    if language == UNSTATED:
        return func.coalesce(stated, "") == ""
    return or_(stated == language, stated.startswith(f"{language}-", autoescape=True))


def _at_slot(
    session: Session, filters: PostFilters, channels: Sequence[ChannelRow], *, now: datetime
) -> ColumnElement[bool]:
    """Whether it went out on this day of the week, and within this hour, by its channel's clocks."""
    seconds = epoch(session, col(Post.published_at))
    found: Conditions = []
    for zone in sorted({row.zone for row in channels}):
        ids = [row.id for row in channels if row.zone == zone]
        there = seconds + _offset(seconds, zone, filters, now=now)
        parts: Conditions = [col(Post.channel_id).in_(ids)]
        if filters.weekday is not None:
            parts.append((there + _FIRST_WEEKDAY) % _WEEK // _DAY == filters.weekday)
        if filters.hour is not None:
            parts.append(there % _DAY // _HOUR == filters.hour)
        found.append(and_(*parts))
    return or_(*found) if found else literal(value=False)


def _offset(seconds: Any, zone: str, filters: PostFilters, *, now: datetime) -> Any:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    stretches = offsets(zone, max(filters.start or _FIRST, _FIRST), min(filters.end or today, today))
    latest_first = stretches[::-1]
    if len(latest_first) == 1:
        return latest_first[0][1]
    whens = [(seconds >= first, east) for first, east in latest_first[:-1]]
    return case(*whens, else_=latest_first[-1][1])


_ON_CHANNEL = ((ChannelRow, col(ChannelRow.id) == col(Post.channel_id)),)
_MADE = ((Route, col(Route.id) == col(Post.route_id)), (Person, col(Person.id) == col(Post.created_by)))
_MEASURED = ((Measurement, col(Measurement.post_id) == col(Post.id)),)
#: The tables that a column is looked up in.
_TABLES: Mapping[str, Sequence[tuple[Any, Any]]] = {
    PLATFORM: _ON_CHANNEL, CHANNEL: _ON_CHANNEL, MAKER: _MADE, READ: _MEASURED,
}  # fmt: skip


def order_of(session: Session, key: str) -> tuple[Any, Sequence[tuple[Any, Any]]]:
    """By what a list is sorted that is not sorted by a figure, and the tables it is looked up in."""
    values: Mapping[str, Any] = {
        PLATFORM: col(ChannelRow.platform),
        CHANNEL: func.lower(col(ChannelRow.name)),
        MAKER: func.lower(func.coalesce(col(Route.name), col(Person.name))),
        READ: col(Measurement.last_read_at),
        CAMPAIGN: col(Post.campaign),
        KIND: kind_of(session),
        LANGUAGE: func.nullif(_text(session, "language"), ""),
        POST: func.lower(func.substr(_text(session, "text"), 1, _FIRST_LETTERS)),
    }
    return values.get(key, col(Post.published_at)), _TABLES.get(key, ())


#: Columns that `order_of` sorts by, beside the time.
ORDERED = frozenset({PLATFORM, CHANNEL, MAKER, READ, CAMPAIGN, KIND, LANGUAGE, POST, BY_TIME, AGE})


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


#: Posts that are asked which languages there are.
_RECENT = 2_000


def languages(session: Session, workspace_id: int) -> list[str]:
    """The languages that the latest posts of the workspace state, in order."""
    stated = _text(session, "language").label("stated")
    latest = select(stated).where(col(Post.workspace_id) == workspace_id).order_by(col(Post.id).desc())
    recent = latest.limit(_RECENT).subquery()
    found = session.connection().execute(select(recent.c.stated).distinct()).scalars()
    return sorted({one for one in found if one})
