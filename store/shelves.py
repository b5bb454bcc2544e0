"""The columns of whole channels, kept in this process from one question to the next.

Whoever writes columns gives their part and its channel new stamps in the same transaction. A question looks
at the stamps of its channels, one small row each, and reads again only what has changed since: the answer is
that of the database, whoever wrote last.
"""

import functools
import gc
import json
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import String, select, type_coerce
from sqlmodel import Session, col

from store.bulk import bodies, plain_time, plain_times
from store.columns import FINGERPRINT, NEVER, WORDS, Mask, Numbers, blank, decode, empty, places_of
from store.tables import StandingChannel, StandingPart

#: Columns that are read with one query.
_AT_ONCE: Final = 8
#: Of one database, in bytes; what was not asked for longest goes first.
LIMIT: Final = 384 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Words:
    """Which posts of a part have which words: places, and the place of each one's word among ``words``."""

    words: tuple[str, ...]
    places: Numbers
    codes: Numbers


@dataclass(slots=True)
class _Kept:
    """One column of a channel: of some of its parts, or of all."""

    #: None: nothing is known of any post.
    values: Numbers | None
    there: Mask


@dataclass(frozen=True, slots=True)
class Sums:
    """Numbers that were made of all posts of a part: of some parts, or of all (`store.part_sums`)."""

    #: What they were made of beside the parts' columns.
    mark: bytes
    #: A row of each, with a place for each part.
    values: Numbers
    there: Mask


@dataclass(frozen=True, slots=True)
class Shelf:
    """The parts of one channel under one stamp, and those of their columns that were read."""

    channel_id: int
    stamp: int
    ids: Sequence[int]
    stamps: Sequence[int]
    #: Where each part begins, and behind the last one where it ends.
    starts: Numbers
    #: Microseconds since 1970: the first and the last post, and the newest reading, click or view.
    first: Numbers
    last: Numbers
    newest: Numbers
    #: Metric → the platform's fields, of each part.
    sources: Sequence[Mapping[str, Sequence[str]]]
    columns: dict[str, _Kept] = field(default_factory=dict)
    words: dict[str, dict[int, Words]] = field(default_factory=dict)
    sums: dict[str, Sums] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many posts."""
        return int(self.starts[-1])

    def lacks(self, name: str, parts: Numbers) -> list[int]:
        """Which of these parts (their places) were not read of a column."""
        if name in WORDS:
            there = self.words.get(name, {})
            return [one for one in parts.tolist() if one not in there]
        kept = self.columns.get(name)
        missing: list[int] = (parts if kept is None else parts[~kept.there[parts]]).tolist()
        return missing

    def put(self, name: str, parts: Sequence[int], found: Mapping[int, bytes]) -> None:
        """Keep what was read of a column: part's place → its bytes; a part without any has nothing."""
        if name in WORDS:
            own = self.words.setdefault(name, {})
            own.update({one: _words(found.get(one, b"")) for one in parts})
            return
        kept = self.columns.get(name) or _Kept(None, np.zeros(len(self.ids), bool))
        if kept.values is None and found:
            kept.values = empty(name, self.size)
        for one, body in found.items():
            assert kept.values is not None
            start, end = int(self.starts[one]), int(self.starts[one + 1])
            kept.values[start:end] = decode(body)[: end - start]
        kept.there[list(parts)] = True
        self.columns[name] = kept

    def take_over(self, other: "Shelf") -> None:
        """Keep what another stamp's shelf knows of parts that are the same still."""
        known = len(other.ids)
        if self.ids[:known] != other.ids or (self.starts[:known] != other.starts[:known]).any():
            return
        pairs = zip(self.stamps, other.stamps, strict=False)
        same = [place for place, (one, was) in enumerate(pairs) if one == was]
        for name, kept in list(other.columns.items()):
            there = np.zeros(len(self.ids), bool)
            there[same] = kept.there[same]
            values = None
            if kept.values is not None:
                values = empty(name, self.size)
                values[: other.size] = kept.values
                for place in np.flatnonzero(~there).tolist():  # so that what has nothing now says so
                    start, end = self.starts[place], self.starts[place + 1]
                    values[start:end] = empty(name, int(end - start))
            self.columns[name] = _Kept(values, there)
        for name, own in other.words.items():
            self.words[name] = {place: own[place] for place in same if place in own}
        for key, sums in list(other.sums.items()):
            there, values = np.zeros(len(self.ids), bool), np.full((len(sums.values), len(self.ids)), np.nan)
            there[same], values[:, same] = sums.there[same], sums.values[:, same]
            self.sums[key] = Sums(sums.mark, values, there)


def _words(body: bytes) -> Words:
    found = places_of(body)
    each = [np.array(places, np.int64) for places in found.values()]
    codes = np.repeat(np.arange(len(each)), [len(one) for one in each])
    return Words(tuple(found), np.concatenate(each) if each else np.empty(0, np.int64), codes)


@dataclass(slots=True)
class _Shelves:
    """What is kept of one database."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    by_channel: dict[int, Shelf] = field(default_factory=dict)
    #: Bytes of each column, the one that was asked for longest ago first.
    used: OrderedDict[tuple[int, str], int] = field(default_factory=OrderedDict)

    def keep(self, shelf: Shelf) -> None:
        """Put a shelf in the place of an earlier one of its channel."""
        with self.lock:
            self.by_channel[shelf.channel_id] = shelf

    def use(self, shelves: Iterable[Shelf], names: Collection[str]) -> dict[tuple[int, str], _Kept] | None:
        """These columns (by channel and name); others are let go of if there are too many.

        Returns:
            None: some were let go of already.
        """
        found = {}
        with self.lock:
            for shelf in shelves:
                for name in names:
                    kept = shelf.columns.get(name)
                    if kept is None:
                        return None
                    found[shelf.channel_id, name] = kept
                    if kept.values is not None:
                        self.used[shelf.channel_id, name] = kept.values.nbytes
                        self.used.move_to_end((shelf.channel_id, name))
            while sum(self.used.values()) > LIMIT and len(self.used) > 1:
                (channel_id, name), _ = self.used.popitem(last=False)
                if channel_id in self.by_channel:
                    self.by_channel[channel_id].columns.pop(name, None)
        return found


_OF_POOLS: WeakKeyDictionary[Any, _Shelves] = WeakKeyDictionary()
_OPENING = threading.Lock()


def _shelves(session: Session) -> _Shelves:
    """Those of the session's database; engines with the same pool of connections are of one."""
    pool = session.connection().engine.pool
    with _OPENING:
        return _OF_POOLS.setdefault(pool, _Shelves())


def stamps(session: Session, channel_ids: Collection[int]) -> dict[int, int]:
    """Those of these channels whose standings and sums are complete, with the stamp of their columns."""
    query = select(col(StandingChannel.channel_id), col(StandingChannel.stamp)).where(
        col(StandingChannel.channel_id).in_(sorted(channel_ids)),
        col(StandingChannel.layout) == FINGERPRINT,
    )
    return {channel_id: stamp for channel_id, stamp in session.connection().execute(query)}


@dataclass(slots=True)
class Opened:
    """The shelves of some channels, as one question sees them."""

    session: Session
    shelves: Sequence[Shelf]
    _held: dict[tuple[int, str], _Kept] = field(default_factory=dict)

    def known(self, shelf: Shelf, name: str, start: int, end: int) -> Numbers | None:
        """A column of the posts [start, end) of a shelf, whose parts were read; None: it has none."""
        values = self._held[shelf.channel_id, name].values
        return None if values is None else values[start:end]

    def of(self, shelf: Shelf, name: str, start: int, end: int) -> Numbers:
        """As `known`, with nothing known where there is none; to be read only."""
        known = self.known(shelf, name, start, end)
        return blank(name, end - start) if known is None else known

    def read(self, names: Collection[str], parts: Mapping[int, Numbers]) -> bool:
        """Have these columns of these parts (channel → places) there.

        Returns:
            False: somebody wrote columns meanwhile, or took the place; the shelves must be opened again.
        """
        missing: dict[tuple[tuple[int, int, int], ...], list[str]] = {}
        for name in names:
            lacking = tuple(
                (number, place, shelf.ids[place])
                for number, shelf in enumerate(self.shelves)
                for place in shelf.lacks(name, parts[shelf.channel_id])
            )
            if lacking:
                missing.setdefault(lacking, []).append(name)
        for where, own in missing.items():
            for start in range(0, len(own), _AT_ONCE):  # a few at a time: their bytes are there twice
                some = own[start : start + _AT_ONCE]
                read = self._bodies(where, some)
                if not self._still():
                    return False
                self._put(where, some, read)
        looked_at = [shelf for shelf in self.shelves if len(parts[shelf.channel_id])]
        held = _shelves(self.session).use(looked_at, [name for name in names if name not in WORDS])
        self._held.update(held or {})
        return held is not None

    def _bodies(
        self, where: Sequence[tuple[int, int, int]], names: Sequence[str]
    ) -> dict[tuple[int, str], bytes]:
        found = bodies(self.session, [part_id for _, _, part_id in where], names)
        return {(part_id, name): body for part_id, name, body in found if body}

    def _still(self) -> bool:
        now = stamps(self.session, [one.channel_id for one in self.shelves])
        return all(now.get(one.channel_id) == one.stamp for one in self.shelves)

    def _put(
        self,
        where: Sequence[tuple[int, int, int]],
        names: Sequence[str],
        read: Mapping[tuple[int, str], bytes],
    ) -> None:
        by_shelf: dict[int, list[tuple[int, int]]] = {}
        for number, place, part_id in where:
            by_shelf.setdefault(number, []).append((place, part_id))
        for number, own in by_shelf.items():
            places = [place for place, _ in own]
            for name in names:
                there = {place: read[part_id, name] for place, part_id in own if (part_id, name) in read}
                self.shelves[number].put(name, places, there)


def opened(session: Session, known: Mapping[int, int]) -> Opened:
    """The shelves of these channels (with their stamps): those that are kept, else read anew."""
    kept = _shelves(session)
    there = {one: kept.by_channel[one] for one in known if one in kept.by_channel}
    fresh = {one for one, stamp in known.items() if one not in there or there[one].stamp != stamp}
    for shelf in _read(session, {one: known[one] for one in sorted(fresh)}):
        if shelf.channel_id in there:
            shelf.take_over(there[shelf.channel_id])
        there[shelf.channel_id] = shelf
        kept.keep(shelf)
    _freeze()
    return Opened(session, [there[one] for one in sorted(known)])


@functools.cache
def _freeze() -> None:
    """Once, when a process first answers from columns: what is loaded by now is here to stay.

    The collector would go through all of it again in the middle of an answer, for a quarter of a second.
    """
    gc.freeze()


def _read(session: Session, known: Mapping[int, int]) -> Iterator[Shelf]:
    if not known:
        return
    times = [plain_time(session, at) for at in (col(StandingPart.first_at), col(StandingPart.last_at))]
    newest = plain_time(session, col(StandingPart.newest_at))
    sources = type_coerce(col(StandingPart.sources), String)
    query = select(
        col(StandingPart.channel_id), col(StandingPart.id), col(StandingPart.posts), col(StandingPart.stamp),
        *times, newest, sources,
    )  # fmt: skip
    query = query.where(col(StandingPart.channel_id).in_(list(known))).order_by(col(StandingPart.id))
    by_channel: dict[int, list[Any]] = {channel_id: [] for channel_id in known}
    for row in session.connection().execute(query):
        by_channel[row[0]].append(row)
    for channel_id, rows in by_channel.items():
        yield _shelf(channel_id, known[channel_id], rows)


def _shelf(channel_id: int, stamp: int, rows: Sequence[Any]) -> Shelf:
    sizes = np.array([row[2] for row in rows], np.int64)
    never = np.full(len(rows), NEVER, np.int64)
    first, last = (plain_times([row[at] for row in rows]) if rows else never for at in (4, 5))
    known = [place for place, row in enumerate(rows) if row[6] is not None]
    if known:
        never[known] = plain_times([rows[place][6] for place in known])
    return Shelf(
        channel_id, stamp, [row[1] for row in rows], [row[3] for row in rows],
        np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]), first, last, never,
        [json.loads(row[7]) if isinstance(row[7], str) else row[7] for row in rows],
    )  # fmt: skip
