"""Keeping standings and sums up with what is read and shown, in the transaction that writes it.

A published post has a standing from the first moment that something is noted of it. Its sums are complete
from then on; whoever writes readings or views adds them here. Clicks are added some seconds later, many at a
time (`store.adding_up`); until then they stand beside the sums (`store.unsummed`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, String, and_, func, select, true, type_coerce, update
from sqlmodel import Session, col

from domain.definition import OWN_SOURCE
from domain.post import PostState
from store import rollups
from store.audiences import CLICK_METRICS, PAGE_METRICS
from store.demo import insert_rows
from store.rollups import WHOLE_CHANNEL, Event
from store.tables import Click, EntryRow, PageCount, Post, Reading, Standing
from store.unsummed import summed_clicks
from store.upsert import insert_or_leave_selected

#: Values in one query: SQLite takes 32,766 in a statement.
_AT_A_TIME = 5_000


@dataclass(frozen=True, slots=True)
class Placed:
    """Where what happens to a post is summed."""

    channel_id: int
    #: Its channel as a whole, and its route and its feed, if it has any.
    scope_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """Published posts of which something was noted."""

    #: Those that had a standing before, by id: what is new of them must be added to the sums.
    known: Mapping[int, Placed]
    #: Those that have one only now: everything of them must be.
    created: Mapping[int, Placed]


@dataclass(frozen=True, slots=True)
class Noted:
    """A reading: of which post, metric and checkpoint, when, how much and by which field."""

    post_id: int
    metric: str
    checkpoint: int
    read_at: datetime
    value: int
    source: str


def touch(session: Session, post_ids: Collection[int]) -> Touched:
    """Note that these posts change; until the transaction ends, nobody else changes them.

    Posts that are not published are passed over.
    """
    session.flush()
    ids = sorted(set(post_ids))
    known = _marked(session, ids)
    missing = [post_id for post_id in ids if post_id not in known]
    new = created(session, missing)
    raced = [post_id for post_id in missing if post_id not in new]
    known |= _marked(session, raced) if raced else set()
    return Touched(placed(session, known), placed(session, new))


def _marked(session: Session, ids: Sequence[int]) -> set[int]:
    connection = session.connection()
    found: set[int] = set()
    for chunk in _chunks(ids):
        mine = col(Standing.post_id).in_(chunk)
        query = select(col(Standing.post_id)).where(mine).order_by(col(Standing.post_id)).with_for_update()
        found.update(connection.execute(query).scalars())
        connection.execute(update(Standing).where(mine, col(Standing.stale).is_(False)).values(stale=True))
    return found


def created(session: Session, ids: Sequence[int]) -> set[int]:
    """Give standings to these posts, as far as they are published and have none; those that got one."""
    found: set[int] = set()
    for chunk in _chunks(ids):
        published = (
            select(col(Post.id), col(Post.workspace_id), col(Post.channel_id), true())
            .where(col(Post.id).in_(chunk), col(Post.state) == PostState.PUBLISHED)
            .order_by(col(Post.id))
        )
        names = ["post_id", "workspace_id", "channel_id", "stale"]
        found.update(insert_or_leave_selected(session, Standing, names, published, returning="post_id"))
    return found


def placed(session: Session, ids: Collection[int]) -> dict[int, Placed]:
    """Where what happens to these posts is summed."""
    found = {}
    for chunk in _chunks(sorted(ids)):
        query = (
            select(col(Post.id), col(Post.channel_id), col(Post.route_id), col(EntryRow.feed_id))
            .outerjoin(EntryRow, col(EntryRow.id) == col(Post.entry_id))
            .where(col(Post.id).in_(chunk))
        )
        for post_id, channel_id, route_id, feed_id in session.connection().execute(query):
            scopes = (WHOLE_CHANNEL, *(one for one in (route_id, feed_id) if one is not None))
            found[post_id] = Placed(channel_id, scopes)
    return found


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_A_TIME):
        yield ids[start : start + _AT_A_TIME]


def published(session: Session, post_ids: Collection[int]) -> None:
    """Note that these posts went out, or that what people call them has changed."""
    found = touch(session, post_ids)
    rollups.add(session, everything(session, found.created))


def append(session: Session, noted: Sequence[Noted]) -> int:
    """Add readings; those that a post's checkpoint has already stay as they were first read.

    Returns:
        How many were new.
    """
    found = touch(session, {one.post_id for one in noted})
    before = _before(session, noted)
    new: dict[tuple[int, str, int], Noted] = {}
    for one in noted:
        key = (one.post_id, one.metric, one.checkpoint)
        if key not in before:
            new.setdefault(key, one)
    insert_readings(session, list(new.values()))
    rollups.add(session, [*_new_steps(found.known, before, new), *everything(session, found.created)])
    return len(new)


def _before(session: Session, noted: Sequence[Noted]) -> dict[tuple[int, str, int], Noted]:
    """What the steps of new readings depend on: of each post and metric the newest reading.

    All of them only where a new one comes late, again, or out of order: that is rare, and posts have many.
    """
    metrics = {one.metric for one in noted}
    newest = _newest(session, {one.post_id for one in noted}, metrics)
    odd = set()
    for one in noted:
        last = newest.get((one.post_id, one.metric))
        if last is None:
            continue
        reading, read_last = last
        if one.checkpoint <= reading.checkpoint or one.read_at < read_last or reading.read_at < read_last:
            odd.add(one.post_id)
    found = {
        (one.post_id, one.metric, one.checkpoint): one for one, _ in newest.values() if one.post_id not in odd
    }
    return {**found, **_readings(session, odd, metrics)}


def _newest(
    session: Session, post_ids: Collection[int], metrics: Collection[str]
) -> dict[tuple[int, str], tuple[Noted, datetime]]:
    """The reading at the last checkpoint of each post and metric, and when any of them was read last."""
    found = {}
    key = (col(Reading.post_id), col(Reading.metric))
    for chunk in _chunks(sorted(post_ids)):
        ends = (
            select(
                *key,
                func.max(col(Reading.checkpoint)).label("at"),
                func.max(col(Reading.read_at)).label("last"),
            )
            .where(col(Reading.post_id).in_(chunk), col(Reading.metric).in_(sorted(metrics)))
            .group_by(*key)
            .subquery()
        )
        query = select(
            *key, col(Reading.checkpoint), _plain(session, col(Reading.read_at)), col(Reading.value),
            col(Reading.source), _plain(session, ends.c.last),
        ).join(
            ends,
            and_(
                ends.c.post_id == col(Reading.post_id),
                ends.c.metric == col(Reading.metric),
                ends.c.at == col(Reading.checkpoint),
            ),
        )  # fmt: skip
        for post_id, metric, checkpoint, at, value, source, last in session.connection().execute(query):
            noted = Noted(post_id, metric, checkpoint, _instant(at), value, source)
            found[post_id, metric] = noted, _instant(last)
    return found


def _instant(at: Any) -> datetime:
    """What `_plain` gave, as an instant (UTC)."""
    return at if isinstance(at, datetime) else datetime.fromisoformat(at).replace(tzinfo=UTC)


def insert_readings(session: Session, noted: Sequence[Noted]) -> None:
    """Write the rows."""
    from domain.ids import new_id

    rows = [
        {
            "id": new_id(), "post_id": one.post_id, "metric": str(one.metric), "checkpoint": one.checkpoint,
            "read_at": one.read_at, "value": one.value, "source": one.source,
        }
        for one in noted
    ]  # fmt: skip
    insert_rows(session, Reading, rows)


def _readings(
    session: Session, post_ids: Collection[int], metrics: Collection[str] | None = None
) -> dict[tuple[int, str, int], Noted]:
    found = {}
    columns = (
        col(Reading.post_id), col(Reading.metric), col(Reading.checkpoint),
        _plain(session, col(Reading.read_at)), col(Reading.value), col(Reading.source),
    )  # fmt: skip
    for chunk in _chunks(sorted(post_ids)):
        query = select(*columns).where(col(Reading.post_id).in_(chunk))
        if metrics is not None:
            query = query.where(col(Reading.metric).in_(sorted(metrics)))
        for post_id, metric, checkpoint, at, value, source in session.connection().execute(query):
            one = Noted(post_id, metric, checkpoint, _instant(at), value, source)
            found[post_id, metric, checkpoint] = one
    return found


def _plain(session: Session, at: Any) -> ColumnElement[Any]:
    """An instant as the driver gives it: there are many, and each would be looked at once more."""
    kind = DateTime(timezone=True) if session.get_bind().dialect.name == "postgresql" else String()
    return type_coerce(at, kind)


def _new_steps(
    known: Mapping[int, Placed],
    before: Mapping[tuple[int, str, int], Noted],
    new: Mapping[tuple[int, str, int], Noted],
) -> Iterator[Event]:
    """What new readings change of the steps between readings: their own, and that of the one after each."""
    more = _series(new)
    old = _series({key: one for key, one in before.items() if (one.post_id, one.metric) in more})
    for (post_id, metric), added in more.items():
        if post_id not in known:
            continue
        there = old.get((post_id, metric), [])
        was = {one.checkpoint: step for one, step in steps(there)}
        for one, step in steps([*there, *added]):
            if one.checkpoint not in was or step != was[one.checkpoint]:
                yield _event(known[post_id], one, step - was.get(one.checkpoint, 0))


def _series(readings: Mapping[tuple[int, str, int], Noted]) -> dict[tuple[int, str], list[Noted]]:
    """What platforms reported, by post and metric."""
    found: dict[tuple[int, str], list[Noted]] = {}
    for one in readings.values():
        if one.source != OWN_SOURCE:
            found.setdefault((one.post_id, one.metric), []).append(one)
    return found


def steps(readings: Iterable[Noted]) -> Iterator[tuple[Noted, int]]:
    """The readings of one metric of one post in the order in which they were read, and how much each grew.

    What the platform reads from another field than before may mean another thing: then 0.
    """
    last: Noted | None = None
    for one in sorted(readings, key=lambda one: (one.read_at, one.checkpoint)):
        joined = last is None or last.source == one.source
        yield one, one.value - (last.value if last else 0) if joined else 0
        last = one


def _event(where: Placed, one: Noted, step: int) -> Event:
    return Event(where.channel_id, where.scope_ids, one.metric, one.source, one.read_at, step)


def everything(session: Session, posts: Mapping[int, Placed]) -> Iterator[Event]:
    """All that ever happened to these posts, but clicks that wait (`store.unsummed`). Views of our pages: by
    route and feed only, since those of a whole channel are counted whether the post is known or not."""
    for (post_id, _), own in _series(_readings(session, posts)).items():
        for one, step in steps(own):
            yield _event(posts[post_id], one, step)
    for chunk in _chunks(sorted(posts)):
        for post_id, audience, at in summed_clicks(session, chunk, col(Click.at)):
            where = posts[post_id]
            yield Event(where.channel_id, where.scope_ids, CLICK_METRICS[audience], OWN_SOURCE, at, 1)
        yield from views_of_posts(session, chunk, posts)


def views_of_posts(
    session: Session, post_ids: Sequence[int], posts: Mapping[int, Placed] | None = None
) -> Iterator[Event]:
    """The views of posts of our pages, by route and feed."""
    columns = (col(PageCount.post_id), col(PageCount.kind), col(PageCount.audience), col(PageCount.hour))
    query = select(*columns, col(PageCount.shown)).where(col(PageCount.post_id).in_(post_ids))
    rows = session.connection().execute(query).all()
    posts = placed(session, {row[0] for row in rows}) if posts is None else posts
    for post_id, kind, audience, hour, shown in rows:
        if (kind, audience) in PAGE_METRICS:
            where = posts[post_id]
            metric = PAGE_METRICS[kind, audience]
            yield Event(where.channel_id, where.scope_ids[1:], metric, OWN_SOURCE, hour, shown)


def views_of_channel(session: Session, channel_id: int) -> Iterator[Event]:
    """All views of a page and its posts, for the channel as a whole."""
    query = select(
        col(PageCount.kind), col(PageCount.audience), col(PageCount.hour), func.sum(col(PageCount.shown))
    ).where(col(PageCount.channel_id) == channel_id)
    grouped = query.group_by(col(PageCount.kind), col(PageCount.audience), col(PageCount.hour))
    for kind, audience, hour, shown in session.connection().execute(grouped):
        if (kind, audience) in PAGE_METRICS:
            metric = PAGE_METRICS[kind, audience]
            yield Event(channel_id, (WHOLE_CHANNEL,), metric, OWN_SOURCE, hour, int(shown))


@dataclass(frozen=True, slots=True)
class Viewed:
    """How often a page, or one of its posts, was shown in an hour."""

    channel_id: int
    #: 0: the page itself.
    post_id: int
    metric: str
    hour: datetime
    number: int


def count_views(session: Session, viewed: Sequence[Viewed]) -> None:
    """Add views of our pages, whose rows are written already, to what is known of channel and posts."""
    found = touch(session, {one.post_id for one in viewed if one.post_id})
    events = []
    for one in viewed:
        more = found.known[one.post_id].scope_ids[1:] if one.post_id in found.known else ()
        scopes = (WHOLE_CHANNEL, *more)
        events.append(Event(one.channel_id, scopes, one.metric, OWN_SOURCE, one.hour, one.number))
    rollups.add(session, [*events, *everything(session, found.created)])
