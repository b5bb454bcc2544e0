"""Published posts in groups: who belongs where, and what each group's posts have come to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from sqlmodel import Session

from domain.breakdown import By
from domain.definition import Definition, Shape
from domain.metrics import Metric
from domain.post_filters import Origin
from store.blocks import Posts
from store.board import Wanted, load
from store.columns import (
    AUTHOR,
    CAMPAIGN,
    EVERGREEN,
    FEED,
    KIND,
    KINDS,
    LANGUAGE,
    NATIVE,
    PUBLISHED,
    ROUTE,
    TAGS,
    Mask,
    Numbers,
    instant,
)
from store.grouping import Grouped, Table, runs
from store.narrowing import slots
from store.summed import Spread, Total, total_of
from store.tables import ChannelRow
from store.values import Filters, PostScope
from store.worth import needs, unknown, worth, worth_of

#: What a group is known by: a row's number, a word, hour of the week (day × 24 + hour); None: the rest.
Key = int | str | None
_NEEDS: Mapping[By, frozenset[str]] = {
    By.ROUTE: frozenset({ROUTE}), By.FEED: frozenset({FEED}), By.KIND: frozenset({KIND}),
    By.AUTHOR: frozenset({AUTHOR}), By.ORIGIN: frozenset({EVERGREEN, ROUTE, AUTHOR, NATIVE}),
    By.SLOT: frozenset({PUBLISHED}), By.WEEKDAY: frozenset({PUBLISHED}), By.HOUR: frozenset({PUBLISHED}),
}  # fmt: skip
_WORDS: Mapping[By, str] = {By.CAMPAIGN: CAMPAIGN, By.TAG: TAGS, By.LANGUAGE: LANGUAGE}
#: What is neither measured nor counted of posts lies beside them: (above, counted, of how many) by post.
Beside = Mapping[int, tuple[float, int, int]]


class Groups:
    """Posts loaded once, and put into groups."""

    def __init__(
        self,
        session: Session,
        scope: PostScope,
        by: By,
        definitions: Collection[Definition],
        rows: Sequence[ChannelRow],
        *,
        filters: Filters,
        before: datetime,
    ) -> None:
        """The posts of a scope that went out ``before`` an instant and meet the filters.

        Args:
            definitions: figures of posts that are asked for.
            rows: the channels of the scope.
        """
        self._session, self._scope = session, scope
        names = {name for one in definitions for name in needs(one)}
        asked = {*names, *_NEEDS.get(by, frozenset())}
        metrics = frozenset(metric for one in definitions for metric in one.read)
        since = filters.start or datetime.fromtimestamp(0, before.tzinfo)
        self._posts = load(
            session, scope, asked, filters=filters, before=before,
            sources=Wanted(metrics, since) if metrics else None,
            words=[_WORDS[by]] if by in _WORDS else (),
        )  # fmt: skip
        self._ids = np.array(sorted({block.channel_id for block in self._posts.blocks}), np.int64)
        self._channels = np.searchsorted(self._ids, self._posts.channels)
        self.keys, places, codes = _members(session, self._posts, by, rows)
        self._groups = Grouped(places, codes, len(self.keys))
        self._runs = runs(self._groups, [block.size for block in self._posts.blocks])
        self._whole = Grouped(None, np.zeros(self._posts.size, np.int64), 1)

    @property
    def sizes(self) -> list[int]:
        """How many posts each group has."""
        found: list[int] = np.bincount(self._groups.codes, minlength=len(self.keys)).tolist()
        return found

    @property
    def size(self) -> int:
        """How many posts there are in all, each once."""
        return self._posts.size

    def channels(self) -> list[frozenset[int]]:
        """The channels of each group's posts."""
        known = len(self._ids)
        pairs = self._groups.codes * known + self._groups.taken(self._channels)
        there = np.bincount(pairs, minlength=known * len(self.keys)).reshape(len(self.keys), known) > 0
        return [frozenset(self._ids[row].tolist()) for row in there]

    def sources(self) -> frozenset[tuple[int, Metric, str]]:
        """Channel, metric and the platform's field it was read from."""
        return self._posts.sources

    def totals(self, definition: Definition, giving: Collection[int]) -> "tuple[list[Total], Total]":
        """Numerator and denominator of each group, and of all; posts of other channels are left aside."""
        table, whole = Table(len(self.keys)), Total(0, 0, 0, 0, None, None)
        for block, run in zip(self._posts.blocks, self._runs, strict=True):
            if block.channel_id not in giving:
                continue
            table.add("size", run, run.sizes)
            whole = whole.with_(Total(0, 0, 0, block.size, None, None))
            local = block.channel_id in self._scope.local_ids
            if unknown(block, definition, local=local):
                continue
            found = worth_of(self._session, block, definition, local=local)
            both, at = found.known, found.read_at
            for name, values in (("above", found.above), ("below", found.below)):
                table.add(name, run, run.sums(np.where(both, values, 0.0)))
            table.add("posts", run, run.sums(both.astype(np.int64)))
            table.put_read(run, np.where(both, at, np.nan))
            own = total_of(found)
            whole = whole.with_(replace(own, in_scope=0))
        return table.totals(), whole

    def spreads(self, definition: Definition, giving: Collection[int]) -> "tuple[list[Spread], Spread]":
        """How the posts of each group differ in a figure, and how all do."""
        found = worth(self._session, self._posts, definition, self._scope.local_ids)
        own = self._of(giving)
        values = found.values if definition.shape is Shape.MEAN else found.above
        columns = (values, own & ~np.isnan(values), own, found.read_at)
        return _spreads(self._groups, *columns), _spreads(self._whole, *columns)[0]

    def _of(self, giving: Collection[int]) -> Mask:
        """The posts of these channels."""
        among: Mask = np.isin(self._ids, sorted(giving))[self._channels]
        return among

    def beside(self, numbers: Beside) -> list[tuple[float, int, int]]:
        """What lies beside the posts, summed for each group and, last, for all."""
        parts = []
        ids = self._posts.ids
        order = np.argsort(ids)
        for place in range(3):
            values = np.zeros(self.size)
            known = [one for one in numbers if one]
            at = np.searchsorted(ids[order], known)
            for post_id, where in zip(known, at.tolist(), strict=True):
                if where < self.size and ids[order[where]] == post_id:
                    values[order[where]] = numbers[post_id][place]
            parts.append([*self._groups.sums(values), *self._whole.sums(values)])
        return [(above, int(counted), int(of)) for above, counted, of in zip(*parts, strict=True)]


def _spreads(groups: Grouped, values: Numbers, has: Mask, own: Mask, read_at: Numbers) -> list[Spread]:
    first, last = _read(groups, has, read_at)
    there = np.where(has, values, 0.0)
    sums = [groups.sums(one) for one in (has, own, there, there * there)]
    largest = groups.most(np.where(has, values, -np.inf)).tolist()
    return [
        Spread(int(posts), int(size), total, squares, most if posts else None, oldest, newest)
        for posts, size, total, squares, most, oldest, newest in zip(*sums, largest, first, last, strict=True)
    ]


def _read(groups: Grouped, which: Mask, at: Numbers) -> tuple[list[datetime | None], list[datetime | None]]:
    """When the oldest and the newest number of each group was read."""
    known = which & ~np.isnan(at)
    oldest = -groups.most(np.where(known, -at, -np.inf))
    newest = groups.most(np.where(known, at, -np.inf))
    ends = []
    for numbers in (oldest, newest):
        ends.append([instant(one) if np.isfinite(one) else None for one in numbers.tolist()])
    return ends[0], ends[1]


def _members(
    session: Session, posts: Posts, by: By, rows: Sequence[ChannelRow]
) -> tuple[list[Key], Numbers | None, Numbers]:
    """The keys of the groups, and pairs of a post's place and its group's; every post is in a group."""
    if by in _WORDS:
        return _by_words(posts, by)
    values = _values(session, posts, by)
    found = _different(values)
    codes = np.searchsorted(found, values)
    if by is not By.PLATFORM:
        return [_key(by, int(one)) for one in found.tolist()], None, codes
    platform_of = {row.id: row.platform for row in rows}
    platforms = sorted({platform_of[one] for one in found.tolist()})
    merged = np.array([platforms.index(platform_of[one]) for one in found.tolist()], np.int64)
    return list(platforms), None, merged[codes] if posts.size else codes


def _different(values: Numbers) -> Numbers:
    """Each value once, in order: there are few, and posts of a channel stand together."""
    changes = np.concatenate([np.ones(min(1, len(values)), bool), values[1:] != values[:-1]])
    return np.unique(values[changes])


def _values(session: Session, posts: Posts, by: By) -> Numbers:
    match by:
        case By.ROUTE | By.FEED | By.KIND | By.AUTHOR:
            return posts.columns[str(by)]
        case By.SLOT | By.WEEKDAY | By.HOUR:
            weekdays, hours = slots(session, posts)
            return {By.SLOT: weekdays * 24 + hours, By.WEEKDAY: weekdays, By.HOUR: hours}[by]
        case By.ORIGIN:
            return _origins(posts)
    return posts.channels


_ORIGINS = (None, Origin.EVERGREEN, Origin.NATIVE, Origin.ROUTE, Origin.PERSON)


def _origins(posts: Posts) -> Numbers:
    again, routed, written = (posts.columns[name] != 0 for name in (EVERGREEN, ROUTE, AUTHOR))
    native = posts.columns[NATIVE] == 1
    found: Numbers = np.select([again, native, routed, written], [1, 2, 3, 4], default=0)
    return found


def _key(by: By, value: int) -> Key:
    match by:
        case By.KIND:
            return str(KINDS[value])
        case By.ORIGIN:
            return _ORIGINS[value]
        case By.ROUTE | By.FEED | By.AUTHOR:
            return value or None
    return value


def _by_words(posts: Posts, by: By) -> tuple[list[Key], Numbers | None, Numbers]:
    having = posts.words[_WORDS[by]]
    # A language is told with its region and without: the latter alone, so that each post counts once.
    wanted = np.array([by is not By.LANGUAGE or "-" not in word for word in having.words], bool)
    used = np.bincount(having.codes, minlength=len(having.words)) > 0
    wanted &= used
    kept = wanted[having.codes]
    places, codes = having.posts[kept], (np.cumsum(wanted) - 1)[having.codes[kept]]
    keys: list[Key] = [word for word, one in zip(having.words, wanted.tolist(), strict=True) if one]
    has = np.zeros(posts.size, bool)
    has[places] = True
    others = np.flatnonzero(~has)
    if not len(others):
        return keys, places, codes
    return (
        [*keys, None],
        np.concatenate([places, others]),
        np.concatenate([codes, np.full(len(others), len(keys), np.int64)]),
    )
