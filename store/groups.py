"""Published posts in groups: who belongs where, and what each group's posts have come to."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlmodel import Session

from domain.breakdown import By
from domain.definition import Definition, Shape
from domain.metrics import Metric
from domain.post_filters import Origin
from store.board import Posts, Wanted, load, needs, worth
from store.cohorts import Spread, Total
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
from store.narrowing import slots
from store.tables import ChannelRow
from store.values import Filters, PostScope

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


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Places of posts, those of one group together."""

    rows: Numbers
    starts: Numbers
    groups: int

    def each(self, how: Callable[..., Numbers], values: Numbers) -> Numbers:
        """One number for each group; no group is empty."""
        return how(values[self.rows], self.starts) if self.groups else np.empty(0)


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
        self.keys, places, codes = _members(session, self._posts, by, rows)
        order = np.argsort(codes.astype(np.int32), kind="stable")
        starts = np.searchsorted(codes[order], np.arange(len(self.keys)))
        self._groups = _Sorted(places[order], starts, len(self.keys))
        self._whole = _Sorted(np.arange(self._posts.size), np.zeros(1, np.int64), int(self._posts.size > 0))

    @property
    def sizes(self) -> list[int]:
        """How many posts each group has."""
        ends = np.append(self._groups.starts[1:], len(self._groups.rows))
        found: list[int] = (ends - self._groups.starts).tolist()
        return found

    @property
    def size(self) -> int:
        """How many posts there are in all, each once."""
        return self._posts.size

    def channels(self) -> list[frozenset[int]]:
        """The channels of each group's posts."""
        if not self.keys:
            return []
        known, codes = np.unique(self._posts.channels, return_inverse=True)
        group = np.repeat(np.arange(len(self.keys)), self.sizes)
        pairs = np.unique(group * len(known) + codes[self._groups.rows])
        found: list[set[int]] = [set() for _ in self.keys]
        for pair in pairs.tolist():
            found[pair // len(known)].add(int(known[pair % len(known)]))
        return [frozenset(one) for one in found]

    def sources(self) -> frozenset[tuple[int, Metric, str]]:
        """Channel, metric and the platform's field it was read from."""
        return self._posts.sources

    def totals(self, definition: Definition, giving: Collection[int]) -> "tuple[list[Total], Total]":
        """Numerator and denominator of each group, and of all; posts of other channels are left aside."""
        found = worth(self._session, self._posts, definition, self._scope.local_ids)
        own = np.isin(self._posts.channels, sorted(giving))
        both = found.known & own
        below = found.below if definition.denominator is not None else np.zeros(self.size)
        columns = (np.where(both, found.above, 0.0), np.where(both, below, 0.0), both, own, found.read_at)
        return _totals(self._groups, *columns), _one(_totals(self._whole, *columns))

    def spreads(self, definition: Definition, giving: Collection[int]) -> "tuple[list[Spread], Spread]":
        """How the posts of each group differ in a figure, and how all do."""
        found = worth(self._session, self._posts, definition, self._scope.local_ids)
        own = np.isin(self._posts.channels, sorted(giving))
        values = found.values if definition.shape is Shape.MEAN else found.above
        has = own & ~np.isnan(values)
        return _spreads(self._groups, values, has, own, found.read_at), _spreads(
            self._whole, values, has, own, found.read_at
        )[0] if self.size else Spread(0, 0, 0, 0, None, None, None)

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
            whole = self._whole.each(np.add.reduceat, values).tolist() or [0.0]
            parts.append([*self._groups.each(np.add.reduceat, values).tolist(), *whole])
        return [(above, int(counted), int(of)) for above, counted, of in zip(*parts, strict=True)]


def _one(found: Sequence[Total]) -> Total:
    return found[0] if found else Total(0, 0, 0, 0, None, None)


def _totals(  # noqa: PLR0917 - columns of one table
    groups: _Sorted, above: Numbers, below: Numbers, both: Mask, own: Mask, read_at: Numbers
) -> list[Total]:
    first, last = _read(groups, both, read_at)
    sums = [
        groups.each(np.add.reduceat, one.astype(np.float64)).tolist() for one in (above, below, both, own)
    ]
    return [
        Total(int(top), int(bottom), int(posts), int(size), oldest, newest)
        for top, bottom, posts, size, oldest, newest in zip(*sums, first, last, strict=True)
    ]


def _spreads(groups: _Sorted, values: Numbers, has: Mask, own: Mask, read_at: Numbers) -> list[Spread]:
    first, last = _read(groups, has, read_at)
    there = np.where(has, values, 0.0)
    sums = [
        groups.each(np.add.reduceat, one.astype(np.float64)).tolist()
        for one in (has, own, there, there * there)
    ]
    largest = groups.each(np.maximum.reduceat, np.where(has, values, -np.inf)).tolist()
    return [
        Spread(int(posts), int(size), total, squares, most if posts else None, oldest, newest)
        for posts, size, total, squares, most, oldest, newest in zip(*sums, largest, first, last, strict=True)
    ]


def _read(groups: _Sorted, which: Mask, at: Numbers) -> tuple[list[datetime | None], list[datetime | None]]:
    """When the oldest and the newest number of each group was read."""
    known = which & ~np.isnan(at)
    oldest = groups.each(np.minimum.reduceat, np.where(known, at, np.inf))
    newest = groups.each(np.maximum.reduceat, np.where(known, at, -np.inf))
    ends = []
    for numbers in (oldest, newest):
        ends.append([instant(one) if np.isfinite(one) else None for one in numbers.tolist()])
    return ends[0], ends[1]


def _members(
    session: Session, posts: Posts, by: By, rows: Sequence[ChannelRow]
) -> tuple[list[Key], Numbers, Numbers]:
    """The keys of the groups, and pairs of a post's place and its group's; every post is in a group."""
    everyone = np.arange(posts.size)
    if by in _WORDS:
        return _by_words(posts, by)
    values = _values(session, posts, by)
    found, codes = np.unique(values, return_inverse=True)
    if by is not By.PLATFORM:
        return [_key(by, int(one)) for one in found.tolist()], everyone, codes
    platform_of = {row.id: row.platform for row in rows}
    platforms = sorted({platform_of[one] for one in found.tolist()})
    merged = np.array([platforms.index(platform_of[one]) for one in found.tolist()], np.int64)
    return list(platforms), everyone, merged[codes] if posts.size else codes


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


def _by_words(posts: Posts, by: By) -> tuple[list[Key], Numbers, Numbers]:
    having = posts.words[_WORDS[by]]
    # A language is told with its region and without: the latter alone, so that each post counts once.
    wanted = np.array([by is not By.LANGUAGE or "-" not in word for word in having.words], bool)
    kept = wanted[having.codes] if len(having.codes) else np.empty(0, bool)
    there, codes = np.unique(having.codes[kept], return_inverse=True)
    places = having.posts[kept]
    keys: list[Key] = [having.words[one] for one in there.tolist()]
    others: Numbers = np.setdiff1d(np.arange(posts.size), places)
    if not len(others):
        return keys, places, codes
    return (
        [*keys, None],
        np.concatenate([places, others]),
        np.concatenate([codes, np.full(len(others), len(keys), np.int64)]),
    )
