"""What Tabuh counted itself of many posts, clicks on its links and views of its pages, as arrays."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlmodel import Session

from store import bulk, rows
from store.audiences import CLICK_METRICS, PAGE_METRICS
from store.chunks import MANY, chunks
from store.columns import LAYOUT, Mask, Numbers, counted
from store.rollups import micros

_OF_CLICKS: Final[Mapping[tuple[str, ...], str]] = {(key,): one for key, one in CLICK_METRICS.items()}
_OF_PAGES: Final[Mapping[tuple[str, ...], str]] = {(*key,): one for key, one in PAGE_METRICS.items()}
#: Post, key, how many and when; when, by its name; and the metric that each key counts for.
_COUNTED: Final = (
    ("SELECT post_id, audience, 1, {at} FROM click", "at", _OF_CLICKS),
    ("SELECT post_id, kind, audience, shown, {hour} FROM page_count", "hour", _OF_PAGES),
)
#: The columns of it.
COUNTS: Final = frozenset(name for name in LAYOUT if name.endswith("#"))


@dataclass(frozen=True, slots=True)
class Counted:
    """Of which posts how many at a time, and when (microseconds since 1970)."""

    posts: Numbers
    numbers: Numbers
    at: Numbers


def among(ids: Numbers, known: Numbers) -> Mask:
    """Which of these are among those that are known, which are in order."""
    if not len(known):
        return np.zeros(len(ids), bool)
    places = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    there: Mask = known[places] == ids
    return there


def counted_of(
    session: Session, ids: Numbers, *, since: datetime | None = None, before: datetime | None = None
) -> Iterator[tuple[str, Counted]]:
    """The clicks on links and the views of pages of posts, by column: all, or those ``since`` an instant, or
    ``before`` one."""
    bound = (">=", since) if since is not None else None if before is None else ("<", before)
    for query, at, names in _COUNTED:
        for chunk in chunks(ids.tolist(), MANY):
            for key, own in _fetched(session, query, chunk, None if bound is None else (at, *bound)):
                if key in names:
                    yield counted(names[key]), own


def _fetched(
    session: Session, query: str, chunk: Sequence[int], bound: tuple[str, str, datetime] | None
) -> Iterator[tuple[tuple[str, ...], Counted]]:
    connection = session.connection()
    where, values = rows.among(connection, "post_id", chunk)
    if bound is not None:
        name, side, instant = bound
        on_postgresql = rows.on_postgresql(connection)
        where += f" AND {name} {side} {'%s' if on_postgresql else '?'}"
        values.append(rows.stored_instant(instant, as_text=not on_postgresql))
    asked = query.format(at=bulk.driver_time(connection, "at"), hour=bulk.driver_time(connection, "hour"))
    by_key: dict[tuple[str, ...], list[tuple[int, int, Any]]] = {}
    for post_id, *key, number, at in rows.fetched(connection, f"{asked} WHERE {where}", values):
        by_key.setdefault(tuple(key), []).append((post_id, number, at))
    for kinds, found in by_key.items():
        posts, numbers, times = zip(*found, strict=True)
        yield (
            kinds,
            Counted(np.array(posts, np.int64), np.array(numbers, np.float64), bulk.plain_times(times)),
        )


class Before:
    """How much was counted of posts before instants, found out once for each post."""

    def __init__(self) -> None:
        self._known: dict[datetime, tuple[Numbers, dict[str, Numbers]]] = {}
        self._came: dict[datetime, _Came] = {}

    def of(
        self,
        session: Session,
        ids: Numbers,
        totals: Mapping[str, Numbers],
        at: datetime,
        changed: Callable[[], Collection[int]],
    ) -> dict[str, Numbers]:
        """By column of `COUNTS`, in the order of the ids.

        Args:
            totals: what their columns say.
            changed: which posts changed since columns were looked at: those are counted without them.
        """
        known, counts = self._known.get(at, (np.empty(0, np.int64), {}))
        new = np.flatnonzero(~among(ids, known))
        if len(new):
            new = new[np.argsort(ids[new])]
            missing = ids[new]
            came = _summed(missing, self._since(session, missing, at))
            found = {name: totals[name][new] - came[name] for name in COUNTS}
            again = np.intersect1d(missing, np.array(sorted(changed()), np.int64))
            if len(again):
                anew = _summed(again, counted_of(session, again, before=at))
                for name, values in anew.items():
                    found[name][np.searchsorted(missing, again)] = values
            known, counts = self._known[at] = _merged(known, counts, missing, found)
        places = np.searchsorted(known, ids)
        return {name: values[places] for name, values in counts.items()}

    def _since(self, session: Session, ids: Numbers, at: datetime) -> Iterable[tuple[str, Counted]]:
        """What came of these posts since an instant: read once for all that lie close together.

        A period ends at another instant in each zone, but within the same day.
        """
        near = (one for since, one in self._came.items() if since <= at <= since + 2 * _NEAR)
        came = next(near, None)
        if came is None:
            came = self._came[at - _NEAR] = _Came(at - _NEAR)
        return came.of(session, ids, at)


#: As far apart as the same midnight of two zones at most.
_NEAR: Final = timedelta(hours=27)


class _Came:
    """What came of some posts since an instant."""

    def __init__(self, since: datetime) -> None:
        self._at, self._ids = since, np.empty(0, np.int64)
        self._parts: dict[str, list[Counted]] = {}

    def of(self, session: Session, ids: Numbers, since: datetime) -> Iterator[tuple[str, Counted]]:
        missing = ids[~among(ids, self._ids)]
        if len(missing):
            for name, own in counted_of(session, missing, since=self._at):
                self._parts.setdefault(name, []).append(own)
            self._ids = np.union1d(self._ids, missing)
        bound = micros(since)
        for name, parts in self._parts.items():
            for one in parts:
                there = (one.at >= bound) & among(one.posts, ids)
                yield name, Counted(one.posts[there], one.numbers[there], one.at[there])


def _summed(ids: Numbers, counts: Iterable[tuple[str, Counted]]) -> dict[str, Numbers]:
    found = {name: np.zeros(len(ids)) for name in COUNTS}
    for name, own in counts:
        places = np.searchsorted(ids, own.posts)
        found[name] += np.bincount(places, weights=own.numbers, minlength=len(ids))
    return found


def _merged(
    known: Numbers, counts: Mapping[str, Numbers], missing: Numbers, found: Mapping[str, Numbers]
) -> tuple[Numbers, dict[str, Numbers]]:
    every = np.concatenate([known, missing])
    order = np.argsort(every)
    both = {
        name: np.concatenate([counts.get(name, known[:0]), values])[order] for name, values in found.items()
    }
    return every[order], both
