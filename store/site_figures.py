"""Sums over visits and conversions, within a workspace, channel, route, feed or post."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, cast, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from domain.metrics import Audience
from domain.visits import ENGAGED_AFTER
from store.answers import remembered
from store.tables import Click, Conversion, EntryRow, Link, Post, Site, Visit, WebView
from store.traffic import slice_of, slice_start

#: Zones differ from UTC by whole quarters of an hour.
_QUARTER: Final = timedelta(minutes=15)
_HUMAN: Final = str(Audience.HUMAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Of:
    """Which visits are meant: all of the workspace, or those that one of these brought."""

    workspace_id: int
    channel_id: int | None = None
    route_id: int | None = None
    feed_id: int | None = None
    post_id: int | None = None

    @property
    def whole(self) -> bool:
        return (self.channel_id, self.route_id, self.feed_id, self.post_id) == (None, None, None, None)


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits of people that began in a stretch of time."""

    number: int = 0
    #: With one page view.
    single: int = 0
    #: At most ten seconds, one page and no key event.
    unengaged: int = 0
    #: Brought by a click on a link of ours.
    clicked: int = 0
    seconds: int = 0
    #: With a key event.
    converted: int = 0


@remembered
def visits(session: Session, of: Of, *, start: datetime, end: datetime) -> Visits:
    """The visits of [start, end)."""
    query = select(*_counted()).where(*_visited(of), *_begun(start, end))
    row = session.connection().execute(query).one()
    return Visits(*(int(value) for value in row))


def visits_by_slice(
    session: Session, of: Of, *, start: datetime, end: datetime
) -> list[tuple[datetime, Visits]]:
    """The visits of [start, end) by the quarter of an hour in which they began."""
    part = slice_of(session, col(Visit.began_at), _QUARTER).label("part")
    query = select(part, *_counted()).where(*_visited(of), *_begun(start, end)).group_by(part)
    return [
        (slice_start(number, _QUARTER), Visits(*(int(value) for value in row)))
        for number, *row in session.connection().execute(query)
    ]


def _counted() -> list[ColumnElement[Any]]:
    """The fields of `Visits`."""
    key_event = exists().where(
        col(Conversion.visit_id) == col(Visit.id),
        col(Conversion.is_key).is_(True),
        col(Conversion.refund_of).is_(None),
        col(Conversion.audience) == _HUMAN,
    )
    short = and_(col(Visit.pages) == 1, col(Visit.seconds) <= ENGAGED_AFTER, ~key_event)
    return [
        func.count(),
        _number(col(Visit.pages) == 1),
        _number(short),
        _number(col(Visit.click_id).is_not(None)),
        func.coalesce(func.sum(col(Visit.seconds)), 0),
        _number(key_event),
    ]


def _begun(start: datetime, end: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Visit.began_at) >= start, col(Visit.began_at) < end


def _number(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(cast(case((condition, 1), else_=0), Integer)), 0)


def _visited(of: Of) -> list[ColumnElement[bool]]:
    return [
        col(Visit.workspace_id) == of.workspace_id,
        col(Visit.audience) == _HUMAN,
        *within(of, col(Visit.channel_id), col(Visit.route_id), col(Visit.post_id)),
    ]


def within(of: Of, channel: Any, route: Any, post: Any) -> list[ColumnElement[bool]]:
    """What rows hold that belong to a part of the workspace, by these columns of theirs."""
    conditions: list[ColumnElement[bool]] = []
    if of.channel_id is not None:
        conditions.append(channel == of.channel_id)
    if of.route_id is not None:
        conditions.append(route == of.route_id)
    if of.post_id is not None:
        conditions.append(post == of.post_id)
    if of.feed_id is not None:
        read = select(col(Post.id)).join(EntryRow, col(EntryRow.id) == col(Post.entry_id))
        conditions.append(post.in_(read.where(col(EntryRow.feed_id) == of.feed_id)))
    return conditions


def visit_slices(
    session: Session, of: Of, *, start: datetime, end: datetime, clicked: bool
) -> list[tuple[datetime, float]]:
    """How many visits began in each quarter of an hour; ``clicked``: those that a click of ours brought."""
    part = slice_of(session, col(Visit.began_at), _QUARTER).label("part")
    query = select(part, func.count()).where(
        *_visited(of), col(Visit.began_at) >= start, col(Visit.began_at) < end
    )
    if clicked:
        query = query.where(col(Visit.click_id).is_not(None))
    rows = session.connection().execute(query.group_by(part))
    return [(slice_start(number, _QUARTER), float(count)) for number, count in rows]


@dataclass(frozen=True, slots=True)
class Known:
    """Page views of a stretch of time, by whether they could be joined to visits."""

    joined: int = 0
    #: Of those, with consent.
    consented: int = 0
    #: Of people in all.
    human: int = 0
    #: The browser asked not to be followed.
    unfollowed: int = 0
    bot: int = 0
    unknown: int = 0


@remembered
def views(session: Session, workspace_id: int, *, start: datetime, end: datetime) -> Known:
    """The page views of [start, end) on all sites of a workspace."""
    human = col(WebView.audience) == _HUMAN
    query = select(
        _number(and_(human, col(WebView.visit_id).is_not(None))),
        _number(and_(human, col(WebView.visitor).startswith("v:", autoescape=True))),
        _number(human),
        _number(and_(human, col(WebView.unfollowed).is_(True))),
        _number(col(WebView.audience) == str(Audience.BOT)),
        _number(col(WebView.audience) == str(Audience.UNKNOWN)),
    ).where(col(WebView.workspace_id) == workspace_id, col(WebView.at) >= start, col(WebView.at) < end)
    return Known(*(int(value) for value in session.connection().execute(query).one()))


@dataclass(frozen=True, slots=True)
class Clicked:
    """Clicks on links of ours in a stretch of time, and how far each was followed."""

    human: int = 0
    bot: int = 0
    unknown: int = 0
    #: Human clicks that carried a key to a site of ours.
    sent: int = 0
    #: Of those, whose page was loaded with the script.
    landed: int = 0
    #: Different people among the human clicks; a click without a hash is one.
    clickers: int = 0


@remembered
def clicks(session: Session, of: Of, *, start: datetime, end: datetime) -> Clicked:
    """The clicks of [start, end) on links of the workspace."""
    human = col(Click.audience) == _HUMAN
    sent = and_(human, col(Click.key).is_not(None))
    query = _clicks(
        select(
            _number(human),
            _number(col(Click.audience) == str(Audience.BOT)),
            _number(col(Click.audience) == str(Audience.UNKNOWN)),
            _number(sent),
            _number(and_(sent, _landed())),
            func.count(func.distinct(case((human, col(Click.day_hash))))),
            _number(and_(human, col(Click.day_hash).is_(None))),
        ),
        of, start=start, end=end,
    )  # fmt: skip
    counts = [int(value) for value in session.connection().execute(query).one()]
    people, bot, unknown, with_key, landed, hashed, unhashed = counts
    return Clicked(people, bot, unknown, with_key, landed, clickers=hashed + unhashed)


@remembered
def people_clicks(session: Session, of: Of, *, start: datetime, end: datetime) -> int:
    """How many human clicks there were in [start, end): `Clicked.human` alone."""
    query = _clicks(select(func.count()), of, start=start, end=end).where(col(Click.audience) == _HUMAN)
    return int(session.connection().execute(query).scalar_one())


@remembered
def landed_clicks(session: Session, of: Of, *, start: datetime, end: datetime) -> int:
    """How many of them led to a page with the script: `Clicked.landed` alone, found from the pages' side."""
    landed = (
        select(col(WebView.click_key))
        .where(
            col(WebView.workspace_id) == of.workspace_id,
            col(WebView.at) >= start - timedelta(days=1),  # no page is loaded before its click
            col(WebView.click_key).is_not(None),
            col(WebView.audience) == _HUMAN,
        )
        .distinct()
        .subquery()
    )
    query = _clicks(select(func.count()), of, start=start, end=end).where(
        col(Click.audience) == _HUMAN, col(Click.key).in_(select(landed.c.click_key))
    )
    return int(session.connection().execute(query).scalar_one())


def _landed() -> ColumnElement[bool]:
    return exists().where(col(WebView.click_key) == col(Click.key), col(WebView.audience) == _HUMAN)


def _clicks(
    query: Select[*tuple[Any, ...]], of: Of, *, start: datetime, end: datetime
) -> Select[*tuple[Any, ...]]:
    query = (
        query.select_from(Click)
        .join(Link, col(Link.id) == col(Click.link_id))
        .where(col(Link.workspace_id) == of.workspace_id, col(Click.at) >= start, col(Click.at) < end)
    )
    if of.whole:
        return query
    query = query.join(Post, col(Post.id) == col(Click.post_id))
    return query.where(*within(of, col(Post.channel_id), col(Post.route_id), col(Post.id)))


def landing_slices(
    session: Session, of: Of, *, start: datetime, end: datetime
) -> list[tuple[datetime, float]]:
    """How many clicks that landed were made in each quarter of an hour."""
    part = slice_of(session, col(Click.at), _QUARTER).label("part")
    landed = and_(col(Click.audience) == _HUMAN, col(Click.key).is_not(None), _landed())
    query = _clicks(select(part, func.count()), of, start=start, end=end).where(landed).group_by(part)
    rows = session.connection().execute(query)
    return [(slice_start(number, _QUARTER), float(count)) for number, count in rows]


@dataclass(frozen=True, slots=True)
class Row:
    """One key event of a person, or what was given back of one."""

    id: int
    at: datetime
    arrived_at: datetime
    minor: int | None
    currency: str | None
    is_refund: bool
    visit_id: int | None
    click_at: datetime | None
    #: When it was sold; of a refund, when what is given back was.
    sold_at: datetime


def conversions(session: Session, of: Of, *, start: datetime, end: datetime) -> list[Row]:
    """The key events of [start, end), oldest first; of a part of the workspace, those it brought last."""
    sold = aliased(Conversion)
    columns = (
        col(Conversion.id), col(Conversion.at), col(Conversion.arrived_at), col(Conversion.minor),
        col(Conversion.currency), col(Conversion.refund_of).is_not(None), col(Conversion.visit_id),
        col(Conversion.click_at), func.coalesce(sold.at, col(Conversion.at)),
    )  # fmt: skip
    query = (
        select(*columns)
        .outerjoin(sold, col(sold.id) == col(Conversion.refund_of))
        .where(
            col(Conversion.workspace_id) == of.workspace_id,
            col(Conversion.is_key).is_(True),
            col(Conversion.audience) == _HUMAN,
            col(Conversion.at) >= start,
            col(Conversion.at) < end,
            *within(of, col(Conversion.channel_id), col(Conversion.route_id), col(Conversion.post_id)),
        )
        .order_by(col(Conversion.at), col(Conversion.id))
    )
    return [Row(*row) for row in session.connection().execute(query)]


@remembered
def converting(
    session: Session, of: Of, *, start: datetime, end: datetime, window: timedelta
) -> tuple[int, int]:
    """Of the clicks of [start, end): how many clickers converted within ``window``, and how often."""
    found = _clicks(
        select(col(Click.day_hash), col(Click.id), col(Click.at), col(Conversion.at)),
        of,
        start=start,
        end=end,
    )
    found = found.join(Conversion, col(Conversion.click_id) == col(Click.id)).where(
        col(Click.audience) == _HUMAN,
        col(Conversion.is_key).is_(True),
        col(Conversion.refund_of).is_(None),
        col(Conversion.audience) == _HUMAN,
    )
    rows = session.connection().execute(found).all()
    within = [(hashed or number) for hashed, number, at, done in rows if done - at <= window]
    return len(set(within)), len(within)


_SITE: Final = select(col(Site.id)).where(col(Site.workspace_id) == bindparam("workspace_id")).limit(1)


@remembered
def has_sites(session: Session, workspace_id: int) -> bool:
    """Whether a site was ever set up."""
    return session.scalar(_SITE, {"workspace_id": workspace_id}) is not None


@remembered
def has_views(session: Session, workspace_id: int) -> bool:
    """Whether a page view was ever told."""
    query = select(col(WebView.id)).where(col(WebView.workspace_id) == workspace_id).limit(1)
    return session.scalar(query) is not None
