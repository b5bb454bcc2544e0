"""Columns of a few posts, made anew from their readings, clicks and views.

What `store.columns` keeps of many posts is this, written down; what it says is never anything else.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from domain.post import Sender
from domain.rules import kind_of
from store import answers, bulk, equal_age, rewinding
from store.audiences import CLICK_METRICS, PAGE_METRICS
from store.bulk import plain_time, plain_times
from store.chunks import chunks
from store.columns import (
    AUTHOR,
    CAMPAIGN,
    EVERGREEN,
    FEED,
    KIND,
    KINDS,
    LANGUAGE,
    LAST_READ,
    LINKED,
    LOOKED,
    NATIVE,
    NEVER,
    NEWEST,
    OF_NOW,
    POST,
    PUBLISHED,
    ROUTE,
    START,
    TAGS,
    THREAD,
    USUAL,
    WORDS,
    Mask,
    Numbers,
    counted,
    empty,
    languages_of,
    start_of,
)
from store.rollups import micros
from store.tables import Click, EntryRow, Link, Measurement, PageCount, Post


@dataclass(slots=True)
class Recounted:
    """Columns of some posts, in the order of their ids."""

    ids: Numbers
    channels: Numbers
    columns: dict[str, Numbers]
    #: Campaign and tags, where they were asked for.
    words: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    #: (post, metric, the platform's field) of readings, where they were asked for.
    sources: Collection[tuple[int, str, str]] = field(default_factory=set)
    #: What those were taken from.
    readings: list[bulk.Readings] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many posts."""
        return len(self.ids)

    def by_channel(self) -> "Recounted":
        """The same posts, those of a channel together."""
        return self.at(np.argsort(self.channels, kind="stable"))

    def only(self, mask: Mask) -> "Recounted":
        """The posts that a mask chooses."""
        return self.at(np.flatnonzero(mask))

    def at(self, places: Numbers) -> "Recounted":
        """The posts at these places."""
        columns = {name: values[places] for name, values in self.columns.items()}
        words = {name: [own[place] for place in places.tolist()] for name, own in self.words.items()}
        return Recounted(self.ids[places], self.channels[places], columns, words, self.sources)


def _joined(one: Recounted, other: Recounted) -> Recounted:
    """The posts of both, in the order of their ids."""
    both = Recounted(
        np.concatenate([one.ids, other.ids]),
        np.concatenate([one.channels, other.channels]),
        {name: np.concatenate([own, other.columns[name]]) for name, own in one.columns.items()},
        {name: [*own, *other.words[name]] for name, own in one.words.items()},
    )
    return both.at(np.argsort(both.ids))


def recount(
    session: Session,
    post_ids: Collection[int],
    names: Collection[str],
    *,
    before: datetime | None = None,
    sources: bool = False,
) -> Recounted:
    """These columns of these posts, as they stood ``before`` an instant (None: as they stand).

    Args:
        sources: also tell from which of the platforms' fields each metric was read.
    """
    ids = np.array(sorted(post_ids), np.int64)
    if before is not None and OF_NOW.isdisjoint(names) and answers.keeping(session):
        return _rewound(session, ids, names, before, sources=sources)
    return _recounted(session, ids, names, before, sources=sources)


def _rewound(
    session: Session, ids: Numbers, names: Collection[str], before: datetime, *, sources: bool
) -> Recounted:
    """As `_recounted`, of posts that many questions are about."""
    kept = answers.once(session, "recounted", _Rewinding)
    missing = kept.past.hold(session, ids)
    more = rewinding.FIXED.intersection(names) - kept.names
    if more:
        kept.names |= more
        kept.fixed = _recounted(session, kept.past.ids, kept.names, None, sources=False)
    elif len(missing):
        kept.fixed = _joined(kept.fixed, _recounted(session, missing, kept.names, None, sources=False))
    found = kept.fixed.at(np.searchsorted(kept.past.ids, ids))
    moving = set(names) - rewinding.FIXED
    found.columns |= kept.past.columns(session, ids, moving, before)
    if sources:
        found.sources = kept.past.sources(session, moving, before)
    return found


@dataclass(slots=True)
class _Rewinding:
    """What is kept of posts that many questions are about."""

    past: rewinding.Rewound = field(default_factory=rewinding.Rewound)
    #: Columns that are the same at every instant.
    names: set[str] = field(default_factory=set)
    fixed: Recounted = field(default_factory=lambda: Recounted(empty(POST, 0), empty(POST, 0), {}))


def _recounted(
    session: Session, ids: Numbers, names: Collection[str], before: datetime | None, *, sources: bool
) -> Recounted:
    found = Recounted(ids, np.zeros(len(ids), np.int64), {name: empty(name, len(ids)) for name in names})
    found.words = {name: [()] * len(ids) for name in WORDS if name in found.columns}
    for name in found.words:
        del found.columns[name]
    if POST in found.columns:
        found.columns[POST] = ids.copy()
    newest, last_read = np.full((2, len(ids)), NEVER, np.int64)
    for chunk in chunks(ids.tolist()):
        _attributes(session, found, chunk)
        _readings(session, found, chunk, before, last_read, sources=sources)
        _counted(session, found, chunk, before, newest)
    if NEWEST in found.columns:
        found.columns[NEWEST] = np.maximum(newest, last_read)
    if LAST_READ in found.columns:
        found.columns[LAST_READ] = last_read
    if USUAL in found.columns:
        rank(session, found, before)
    return found


def rank(session: Session, found: Recounted, before: datetime | None = None) -> None:
    """Put down where each of these posts stands among its channel's posts at equal age."""
    column = empty(USUAL, found.size)
    for channel_id in np.unique(found.channels).tolist():
        own = np.flatnonzero(found.channels == channel_id)
        column[own] = equal_age.percentiles(session, channel_id, found.ids[own].tolist(), before=before)
    found.columns[USUAL] = column


def _attributes(session: Session, found: Recounted, chunk: Sequence[int]) -> None:
    """What the posts' own rows say."""
    columns: list[Any] = [col(Post.id), col(Post.channel_id), col(Post.published_at), col(Post.route_id)]
    columns += [col(Post.created_by), col(EntryRow.feed_id) if FEED in found.columns else col(Post.entry_id)]
    columns += [col(Post.campaign), col(Post.tags)] if found.words else []
    told = {KIND, THREAD, LANGUAGE, START} & {*found.columns, *found.words}
    columns += [col(Post.evergreen_id)] if EVERGREEN in found.columns else []
    columns += [col(Post.content)] if told else []
    query = select(*columns).where(col(Post.id).in_(chunk))
    if FEED in found.columns:
        query = query.outerjoin(EntryRow, col(EntryRow.id) == col(Post.entry_id))
    rows = session.connection().execute(query).all()
    places = np.searchsorted(found.ids, [row[0] for row in rows])
    found.channels[places] = [row[1] for row in rows]
    simple = {ROUTE: 3, AUTHOR: 4, FEED: 5}
    for name, at in simple.items():
        if name in found.columns:
            found.columns[name][places] = [row[at] or 0 for row in rows]
    if PUBLISHED in found.columns:
        found.columns[PUBLISHED][places] = [micros(row[2]) if row[2] else 0 for row in rows]
    if EVERGREEN in found.columns:
        found.columns[EVERGREEN][places] = [row[-2 if told else -1] or 0 for row in rows]
    if KIND in found.columns:
        found.columns[KIND][places] = [KINDS.index(kind_of(row[-1])) for row in rows]
    if THREAD in found.columns:
        found.columns[THREAD][places] = [int(bool(row[-1].get("thread"))) for row in rows]
    if START in found.columns:
        found.columns[START][places] = [start_of(row[-1]) for row in rows]
    for place, row in zip(places.tolist(), rows, strict=True) if found.words else ():
        if CAMPAIGN in found.words and row[6]:
            found.words[CAMPAIGN][place] = (row[6],)
        if TAGS in found.words and row[7]:
            found.words[TAGS][place] = tuple(row[7])
        if LANGUAGE in found.words:
            found.words[LANGUAGE][place] = languages_of(row[-1])
    _marks(session, found, chunk)


def _marks(session: Session, found: Recounted, chunk: Sequence[int]) -> None:
    """Which of the posts were written on the platform itself, and which carry a link of ours."""
    if NATIVE in found.columns:
        theirs = select(col(Post.id)).where(col(Post.id).in_(chunk), col(Post.origin) == Sender.NATIVE)
        native = session.connection().execute(theirs).scalars().all()
        found.columns[NATIVE][np.searchsorted(found.ids, np.array(native, np.int64))] = 1
    if LOOKED in found.columns:
        read = plain_time(session, col(Measurement.last_read_at))
        looked = select(col(Measurement.post_id), read).where(
            col(Measurement.post_id).in_(chunk), col(Measurement.last_read_at).is_not(None)
        )
        if rows := session.connection().execute(looked).all():
            ids, at = zip(*rows, strict=True)
            found.columns[LOOKED][np.searchsorted(found.ids, np.array(ids, np.int64))] = plain_times(at)
    if LINKED in found.columns:
        links = select(col(Link.post_id)).where(col(Link.post_id).in_(chunk)).distinct()
        with_link = session.connection().execute(links).scalars().all()
        found.columns[LINKED][np.searchsorted(found.ids, np.array(with_link, np.int64))] = 1


def _readings(
    session: Session,
    found: Recounted,
    chunk: Sequence[int],
    before: datetime | None,
    last_read: Numbers,
    *,
    sources: bool,
) -> None:
    """Metrics as they were read at the newest checkpoint of their anchors."""
    pairs = [tuple(name.split("|")) for name in found.columns if "|" in name]
    anchors = {anchor for _, anchor in pairs} | {name[:-1] for name in found.columns if name.endswith("@")}
    metrics = sorted({metric for pair in pairs for metric in pair} | anchors)
    whole = not (OF_NOW - {USUAL}).isdisjoint(found.columns)
    if not metrics and not whole and not sources:
        return
    timed = whole or any(name.endswith("@") for name in found.columns)
    only = None if whole or sources else metrics
    rows = bulk.readings(session, chunk, metrics=only, before=before, timed=timed, sources=sources)
    if rows is None:
        return
    places = np.searchsorted(found.ids, rows.posts)
    codes = {metric: code for code, metric in enumerate(rows.metric_names)}
    look = _Look(places, rows.metrics, rows.checkpoints, rows.values, rows.at)
    for anchor in anchors & codes.keys():
        look.put(found, anchor, [metric for metric, own in pairs if own == anchor], codes)
    if look.at is not None:
        np.maximum.at(last_read, places, look.at)
    if rows.sources is not None:
        found.readings.append(rows)
        found.sources = {*found.sources, *_sources(rows)}


def _sources(rows: bulk.Readings) -> Iterator[tuple[int, str, str]]:
    """Each post, metric and field once."""
    assert rows.sources is not None
    order = np.lexsort((rows.sources, rows.metrics, rows.posts))
    posts, metrics, sources = rows.posts[order], rows.metrics[order], rows.sources[order]
    for place in bulk.starts(posts, metrics, sources).tolist():
        yield int(posts[place]), rows.metric_names[metrics[place]], rows.source_names[sources[place]]


@dataclass(slots=True)
class _Look:
    """Readings as columns: place of the post, metric, checkpoint, value and when."""

    places: Numbers
    metrics: Numbers
    checkpoints: Numbers
    values: Numbers
    at: Numbers | None

    def put(self, found: Recounted, anchor: str, metrics: Sequence[str], codes: dict[str, int]) -> None:
        """Fill the columns of metrics at the newest checkpoint of their anchor."""
        own = self.metrics == codes[anchor]
        best = np.full(found.size, -1, np.int64)
        np.maximum.at(best, self.places[own], self.checkpoints[own])
        there = self.checkpoints == best[self.places]
        for metric in metrics:
            if metric in codes:
                rows = there & (self.metrics == codes[metric])
                found.columns[f"{metric}|{anchor}"][self.places[rows]] = self.values[rows]
        name = f"{anchor}@"
        if name in found.columns and self.at is not None:
            rows = there & own
            found.columns[name][self.places[rows]] = self.at[rows]


#: Audience (of pages: kind and audience), post, number, and when the last was (`plain_time`).
_Counting = Callable[[Session, Sequence[int], datetime | None], Iterator[Any]]


def _counted(
    session: Session, found: Recounted, chunk: Sequence[int], before: datetime | None, newest: Numbers
) -> None:
    """Clicks on our links and views of our pages; 0 where there were none."""
    kinds: Sequence[tuple[Mapping[Any, str], _Counting]]
    kinds = ((CLICK_METRICS, _clicks), (PAGE_METRICS, _shown))
    for metrics, rows_of in kinds:
        names = {key: counted(metric) for key, metric in metrics.items()}
        wanted = [name for name in names.values() if name in found.columns]
        if not wanted and NEWEST not in found.columns:
            continue
        places = np.searchsorted(found.ids, np.array(chunk, np.int64))
        for name in wanted:
            found.columns[name][places] = 0.0
        by_key: dict[Any, list[tuple[Any, ...]]] = {key: [] for key in names}
        for key, *told in rows_of(session, chunk, before):
            if key in names:  # else no figure holds it
                by_key[key].append(tuple(told))
        for key, rows in by_key.items():
            if rows:
                post_ids, numbers, last = zip(*rows, strict=True)
                own = np.searchsorted(found.ids, np.array(post_ids, np.int64))
                newest[own] = np.maximum(newest[own], plain_times(last))
                if names[key] in wanted:
                    found.columns[names[key]][own] = np.array(numbers, np.float64)


def _clicks(session: Session, chunk: Sequence[int], before: datetime | None) -> Iterator[Any]:
    query = (
        select(
            col(Click.audience),
            col(Click.post_id),
            func.count(),
            plain_time(session, func.max(col(Click.at))),
        )
        .where(col(Click.post_id).in_(chunk), *([] if before is None else [col(Click.at) < before]))
        .group_by(col(Click.post_id), col(Click.audience))
    )
    yield from session.connection().execute(query)


def _shown(session: Session, chunk: Sequence[int], before: datetime | None) -> Iterator[Any]:
    query = (
        select(
            col(PageCount.post_id), col(PageCount.kind), col(PageCount.audience),
            func.sum(col(PageCount.shown)), plain_time(session, func.max(col(PageCount.hour))),
        )
        .where(col(PageCount.post_id).in_(chunk), *([] if before is None else [col(PageCount.hour) < before]))
        .group_by(col(PageCount.post_id), col(PageCount.kind), col(PageCount.audience))
    )  # fmt: skip
    for post_id, kind, audience, number, last in session.connection().execute(query):
        yield (kind, audience), post_id, number, last
