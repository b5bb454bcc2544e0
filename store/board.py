"""The published posts of a scope as columns: from parts that are written down, the rest from readings.

Posts that changed since they were written down, channels that were not written down yet, and all posts that
were read after the instant that is asked about are made anew from their readings, so that an answer is the
same whichever way it comes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from domain.metrics import Metric
from domain.post import PostState, Sender
from store.bulk import STALE
from store.columns import (
    AUTHOR,
    CAMPAIGN,
    FEED,
    FINGERPRINT,
    KIND,
    KINDS,
    LANGUAGE,
    LAYOUT,
    NATIVE,
    NEWEST,
    POST,
    PUBLISHED,
    ROUTE,
    TAGS,
    THREAD,
    Mask,
    Numbers,
    decode,
    empty,
    micros,
    places_of,
    read,
)
from store.narrowing import narrowed, narrows_by
from store.recounting import Recounted, recount
from store.tables import (
    Post,
    Reading,
    Standing,
    StandingChannel,
    StandingColumn,
    StandingPart,
)
from store.unsummed import waiting
from store.values import NO_FILTERS, Filters, PostScope

#: Parts in one query: SQLite takes 32,766 values in a statement.
_AT_A_TIME = 10_000


@dataclass(slots=True)
class Posts:
    """Published posts, in no order, and what is known of each."""

    ids: Numbers
    channels: Numbers
    columns: Mapping[str, Numbers]
    #: Channel, metric and the platform's field that it was read from, where that was asked for.
    sources: frozenset[tuple[int, Metric, str]] = frozenset()
    #: Words of the posts by column, where they were asked for.
    words: Mapping[str, "Having"] = field(default_factory=dict)
    #: Of the channels when the posts went out, once they were looked up (`store.worth`).
    followers: Numbers | None = None

    @property
    def size(self) -> int:
        """How many posts."""
        return len(self.ids)

    def only(self, mask: Mask) -> "Posts":
        """Those that a mask chooses."""
        columns = {name: values[mask] for name, values in self.columns.items()}
        words = {name: having.only(mask) for name, having in self.words.items()}
        return Posts(self.ids[mask], self.channels[mask], columns, self.sources, words)


@dataclass(frozen=True, slots=True)
class Having:
    """Which posts have which words: pairs of a post's place and the place of a word among ``words``."""

    words: Sequence[str]
    posts: Numbers
    codes: Numbers

    def only(self, mask: Mask) -> "Having":
        """The pairs of the posts that a mask chooses, by their places among those."""
        kept = mask[self.posts]
        places = np.cumsum(mask) - 1
        return Having(self.words, places[self.posts[kept]], self.codes[kept])


def load(
    session: Session,
    scope: PostScope,
    names: Collection[str],
    *,
    filters: Filters = NO_FILTERS,
    before: datetime,
    sources: "Wanted | None" = None,
    words: Collection[str] = (),
) -> Posts:
    """The posts of a scope that went out ``before`` an instant, with these columns as they stood then.

    Args:
        words: of `store.columns.WORDS`, those that are told.
    """
    chosen = _Chosen(scope, filters, before)
    done = built(session, scope)
    parts = _Parts(session, chosen, done)
    assert set(names) <= set(LAYOUT), "other columns are not written down"
    asked = {*names, POST, *narrows_by(filters)} | (sources.names if sources else set())
    again = _unwritten(session, chosen, scope.channel_ids - done) | parts.outdated
    wanted = parts.wanted()
    columns = {name: values[wanted] for name, values in parts.columns(asked).items()}
    channels = parts.channels[wanted]
    told = set(parts.sources(sources)) if sources else set()
    had = {name: parts.having(name, wanted) for name in words}
    if again:
        needed = asked | chosen.needs | set(chosen.words) | set(words)
        rest = recount(session, again, needed, before=before, sources=sources is not None)
        rest = rest.only(chosen.mask(rest) & np.isin(rest.channels, sorted(scope.channel_ids)))
        for name in words:
            for place, own in enumerate(rest.words[name], start=len(channels)):
                for word in own:
                    had[name].setdefault(word, []).append(np.array([place], np.int64))
        columns = {name: np.concatenate([values, rest.columns[name]]) for name, values in columns.items()}
        channels = np.concatenate([channels, rest.channels])
        told |= sources.among(rest) if sources else set()
    having = {name: _having(places) for name, places in had.items()}
    posts = Posts(columns[POST], channels, columns, frozenset(told), having)
    return posts.only(narrowed(session, posts, scope, filters)) if narrows_by(filters) else posts


def _having(places: Mapping[str, Sequence[Numbers]]) -> Having:
    words = sorted(places)
    each = [np.concatenate(places[word]) for word in words]
    codes = np.repeat(np.arange(len(words)), [len(one) for one in each])
    return Having(words, np.concatenate(each) if each else np.empty(0, np.int64), codes)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which metrics the sources are asked, and of which posts."""

    metrics: frozenset[Metric]
    #: Posts that went out since.
    since: datetime

    @property
    def names(self) -> set[str]:
        """The columns that tell which posts have a reading."""
        return {read(metric, metric) for metric in self.metrics} | {PUBLISHED}

    def among(self, posts: Recounted) -> set[tuple[int, Metric, str]]:
        """The sources of posts that were made anew."""
        there = posts.columns[PUBLISHED] >= micros(self.since)
        channels = dict(zip(posts.ids[there].tolist(), posts.channels[there].tolist(), strict=True))
        return {
            (channels[post_id], Metric(metric), source)
            for post_id, metric, source in posts.sources
            if post_id in channels and metric in self.metrics
        }


def built(session: Session, scope: PostScope) -> frozenset[int]:
    """The scope's channels whose standings and sums are complete."""
    query = select(col(StandingChannel.channel_id)).where(
        col(StandingChannel.channel_id).in_(sorted(scope.channel_ids)),
        col(StandingChannel.layout) == FINGERPRINT,
    )
    return frozenset(session.connection().execute(query).scalars())


def _unwritten(session: Session, chosen: "_Chosen", channel_ids: Collection[int]) -> set[int]:
    """The posts of channels whose columns were not written yet."""
    if not channel_ids:
        return set()
    published = col(Post.published_at)
    query = select(col(Post.id)).where(
        col(Post.workspace_id) == chosen.scope.workspace_id,
        col(Post.channel_id).in_(sorted(channel_ids)),
        col(Post.state) == PostState.PUBLISHED,
        published < chosen.end,
        *([] if chosen.filters.start is None else [published >= chosen.filters.start]),
    )
    return set(session.connection().execute(query).scalars())


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Which posts of the channels are wanted."""

    scope: PostScope
    filters: Filters
    before: datetime

    @property
    def end(self) -> datetime:
        """They went out before it."""
        return self.before if self.filters.end is None else min(self.filters.end, self.before)

    @property
    def sets(self) -> dict[str, Collection[int]]:
        """Columns of which only some values will do."""
        filters, scope = self.filters, self.scope
        routes = _both(filters.route_ids, scope.route_id)
        feeds = _both(filters.feed_ids, scope.feed_id)
        kinds = frozenset(KINDS.index(kind) for kind in filters.kinds)
        senders = frozenset(int(one is Sender.NATIVE) for one in filters.senders)
        found = {
            ROUTE: routes,
            FEED: feeds,
            AUTHOR: filters.author_ids or None,
            KIND: kinds or None,
            NATIVE: senders or None,
        }
        if filters.threads:
            found[THREAD] = frozenset({1})
        return {name: values for name, values in found.items() if values is not None}

    @property
    def words(self) -> dict[str, frozenset[str]]:
        """Words of which a post must have one."""
        found = {CAMPAIGN: self.filters.campaigns, TAGS: self.filters.tags, LANGUAGE: self.filters.languages}
        return {name: words for name, words in found.items() if words}

    @property
    def needs(self) -> set[str]:
        """The columns that decide."""
        return {PUBLISHED, *self.sets}

    def mask(self, posts: Recounted) -> Mask:
        """Which of these posts are wanted."""
        mask = self.numbers_mask(posts.columns, posts.size)
        for name, words in self.words.items():
            mask &= np.array([bool(words.intersection(own)) for own in posts.words[name]], bool)
        return mask

    def numbers_mask(self, columns: Mapping[str, Numbers], size: int) -> Mask:
        """Which posts are wanted, words apart."""
        mask = np.ones(size, bool)
        if PUBLISHED in columns:
            mask &= columns[PUBLISHED] < micros(self.end)
            if self.filters.start is not None:
                mask &= columns[PUBLISHED] >= micros(self.filters.start)
        for name, values in self.sets.items():
            mask &= any_of(columns[name], values)
        return mask


def _both(several: frozenset[int], one: int | None) -> frozenset[int] | None:
    if one is None:
        return several or None
    return frozenset({one}) & several if several else frozenset({one})


def any_of(column: Numbers, values: Collection[int]) -> Mask:
    """Where a column has one of these values."""
    mask = np.zeros(len(column), bool)
    if len(values) > 8:
        return np.isin(column, sorted(values))
    for value in values:
        mask |= column == value
    return mask


@dataclass(slots=True)
class _Parts:
    """The parts of the channels that may hold posts that are wanted."""

    session: Session
    chosen: _Chosen
    built: frozenset[int]
    rows: Sequence[Any] = field(init=False)
    ids: list[int] = field(init=False)
    offsets: dict[int, tuple[int, int]] = field(init=False)
    channels: Numbers = field(init=False)
    #: Posts whose columns do not tell how they stood.
    outdated: set[int] = field(init=False)
    _mask: Mask = field(init=False)
    _cut: bool = field(init=False)
    _known: dict[str, Numbers] = field(init=False)

    def __post_init__(self) -> None:
        stale = self._stale()  # before the parts: what is written meanwhile is then looked up all the same
        self.rows = rows = self._rows()
        self.ids = [row.id for row in rows]
        sizes = np.array([row.posts for row in rows], np.int64)
        ends = np.cumsum(sizes)
        self.offsets = {row.id: (int(end - row.posts), int(end)) for row, end in zip(rows, ends, strict=True)}
        self.channels = np.repeat(np.array([row.channel_id for row in rows], np.int64), sizes)
        self._mask = np.ones(len(self.channels), bool)
        self._known = {}
        self.outdated = {post_id for post_id, _, _ in stale}
        self._hide(stale)
        self._hide_later([row for row in rows if row.newest_at and row.newest_at >= self.chosen.before])
        start, end = self.chosen.filters.start, self.chosen.end
        self._cut = any(row.last_at >= end or (start and row.first_at < start) for row in rows)

    def _rows(self) -> Sequence[Any]:
        start = self.chosen.filters.start
        query = select(StandingPart.__table__).where(  # type: ignore[attr-defined]
            col(StandingPart.channel_id).in_(sorted(self.built)),
            col(StandingPart.first_at) < self.chosen.end,
            *([] if start is None else [col(StandingPart.last_at) >= start]),
        )
        return self.session.connection().execute(query.order_by(col(StandingPart.id))).all()

    def _stale(self) -> Sequence[Any]:
        """Those whose columns were not written since they changed, or were clicked."""
        clicked = waiting(self.session).post_ids  # first: clicks that stop waiting make their posts stale
        columns = (
            col(Standing.post_id),
            col(Standing.part_id),
            col(Standing.place),
            col(Standing.channel_id),
        )
        mine = col(Standing.workspace_id) == self.chosen.scope.workspace_id
        connection = self.session.connection()
        rows = list(connection.execute(select(*columns).where(mine, STALE)).all())
        for start in range(0, len(clicked), _AT_A_TIME):
            of_clicked = col(Standing.post_id).in_(clicked[start : start + _AT_A_TIME])
            rows += connection.execute(select(*columns).where(of_clicked, mine)).all()
        # Not in the query: SQLite would take the index by channel, and look at every post.
        return [row[:3] for row in rows if row.channel_id in self.built]

    def _hide(self, stale: Iterable[Any]) -> None:
        unplaced = []
        for post_id, part_id, place in stale:
            if part_id in self.offsets:
                self._mask[self.offsets[part_id][0] + place] = False
            elif part_id is None:
                unplaced.append(post_id)
        if unplaced and self.session.get_bind().dialect.name == "postgresql":
            # What was written down since the look at it above would be there twice.
            self._mask &= ~np.isin(self.columns({POST})[POST], unplaced)

    def _hide_later(self, rows: Sequence[Any]) -> None:
        """Posts of these parts that were read or clicked later than is asked about."""
        if not rows:
            return
        bound = micros(self.chosen.before)
        found = self.columns({NEWEST, POST})
        for row in rows:
            start, end = self.offsets[row.id]
            later = found[NEWEST][start:end] >= bound
            self.outdated.update(found[POST][start:end][later & self._mask[start:end]].tolist())
            self._mask[start:end] &= ~later

    def wanted(self) -> Mask:
        """Which posts of the parts are wanted, and are as their columns say."""
        needs = {name for name in self.chosen.needs if name != PUBLISHED or self._cut}
        self._mask &= self.chosen.numbers_mask(self.columns(needs), len(self._mask))
        for name, words in self.chosen.words.items():
            has = np.zeros(len(self._mask), bool)
            for part_id, body in self._bodies({name}):
                start = self.offsets[part_id[0]][0]
                places = places_of(body)
                for word in words & places.keys():
                    has[start + np.array(places[word], np.int64)] = True
            self._mask &= has
        return self._mask

    def having(self, name: str, wanted: Mask) -> dict[str, list[Numbers]]:
        """Word → places, among the posts that are wanted, of those that have it."""
        found: dict[str, list[Numbers]] = {}
        among = np.cumsum(wanted) - 1
        for part_id, body in self._bodies({name}):
            start = self.offsets[part_id[0]][0]
            for word, places in places_of(body).items():
                own = start + np.array(places, np.int64)
                found.setdefault(word, []).append(among[own[wanted[own]]])
        return found

    def sources(self, asked: Wanted) -> Iterator[tuple[int, Metric, str]]:
        """Where the posts that are wanted were read; of several sources, those that their readings name."""
        columns = self.columns(asked.names)
        own = self._mask & (columns[PUBLISHED] >= micros(asked.since))
        for row in self.rows:
            start, end = self.offsets[row.id]
            there = own[start:end]
            for metric in asked.metrics & row.sources.keys() if there.any() else ():
                names = row.sources[metric]
                has = ~np.isnan(columns[read(metric, metric)][start:end]) & there
                if len(names) > 1 and not there.all():
                    ids = self.columns({POST})[POST][start:end][has].tolist()
                    names = self._names(metric, ids)
                if has.any():
                    yield from ((row.channel_id, Metric(metric), name) for name in names)

    def _names(self, metric: Metric, ids: Sequence[int]) -> Sequence[str]:
        query = select(col(Reading.source)).distinct()
        query = query.where(
            col(Reading.post_id).in_(ids),
            col(Reading.metric) == metric,
            func.coalesce(col(Reading.read_at), self.chosen.before) < self.chosen.before,
        )
        return self.session.connection().execute(query).scalars().all()

    def columns(self, names: Collection[str]) -> dict[str, Numbers]:
        """These columns of all posts of the parts."""
        missing = {name for name in names if name not in self._known}
        for name in missing:
            self._known[name] = empty(name, len(self.channels))
        for (part_id, name), body in self._bodies(missing):
            start, end = self.offsets[part_id]
            if body:
                self._known[name][start:end] = decode(body)
        return {name: self._known[name] for name in names}

    def _bodies(self, names: Collection[str]) -> Iterable[tuple[tuple[int, str], bytes]]:
        if not names:
            return
        for start in range(0, len(self.ids), _AT_A_TIME):
            query = select(
                col(StandingColumn.part_id), col(StandingColumn.name), col(StandingColumn.body)
            ).where(
                col(StandingColumn.part_id).in_(self.ids[start : start + _AT_A_TIME]),
                col(StandingColumn.name).in_(sorted(names)),
            )
            for part_id, name, body in self.session.connection().execute(query):
                yield (part_id, name), body
