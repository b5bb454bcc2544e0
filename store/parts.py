"""The parts of channels that may hold posts that are wanted, and their columns side by side."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from domain.metrics import Metric
from store.blocks import Block, chosen
from store.choosing import Chosen
from store.columns import LAST_READ, NEWEST, POST, PUBLISHED, Mask, Numbers, empty, read
from store.looked import look, stale_posts
from store.part_sums import PartSums, summing
from store.rollups import micros
from store.shelves import Opened, Shelf, stamps
from store.tables import Reading


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


class Moved(Exception):
    """Somebody wrote columns while they were read."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Parts of one shelf that stand side by side there, and here."""

    shelf: Shelf
    #: Places of the first part, and behind the last.
    first: int
    after: int
    #: Where its posts begin among those of all runs.
    offset: int

    @property
    def start(self) -> int:
        return int(self.shelf.starts[self.first])

    @property
    def end(self) -> int:
        return int(self.shelf.starts[self.after])

    def bounds(self, place: int) -> tuple[int, int]:
        """Where a part's posts are among those of all runs."""
        low, high = self.shelf.starts[place : place + 2].tolist()
        return self.offset + low - self.start, self.offset + high - self.start


#: Posts that are left aside here and there: up to so many stretches in between are told one by one.
_FEW = 4


def _stretches(mask: Mask) -> list[tuple[int, int]]:
    """Where a mask chooses posts: each stretch in which it chooses all, or everything where they are many."""
    edges = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    if len(edges) >= 2 * _FEW:
        return [(0, len(mask))]
    return list(pairwise([0, *edges.tolist(), len(mask)]))


#: Of so many posts one: then their places are quicker to take than a mask.
_SPARSE = 4


def _places(mask: Mask) -> Numbers | slice | None:
    """As `chosen`; the places themselves, where they are few."""
    found = chosen(mask)
    if isinstance(found, np.ndarray) and np.count_nonzero(found) * _SPARSE < len(found):
        return np.flatnonzero(found)
    return found


@dataclass(slots=True)
class Parts:
    """The parts of the channels that may hold posts that are wanted."""

    session: Session
    chosen: Chosen
    channel_ids: frozenset[int]
    #: What was made for these posts and others before.
    within: "Parts | None" = None
    #: The channels among them whose standings are complete.
    built: frozenset[int] = field(init=False)
    #: Posts that changed since their columns were written.
    outdated: set[int] = field(init=False)
    #: The stamps of the channels when the parts were looked at.
    _stamps: dict[int, int] = field(init=False)
    _opened: Opened = field(init=False)
    _runs: list[_Run] = field(init=False)
    _mask: Mask = field(init=False)
    #: Posts that were clicked or shown later than is asked about, and of those the ones that were read later.
    _clicked: Mask = field(init=False)
    _later: Mask = field(init=False)
    _known: dict[str, Numbers] = field(init=False)
    #: Columns that `have` was asked for.
    _there: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.within is None:
            self._look()
        else:
            self._cut_from(self.within)

    def _look(self) -> None:
        found = look(self.session, self.chosen.scope.workspace_id, self.channel_ids)
        self._stamps = {one: found.stamps[one] for one in self.channel_ids if one in found.stamps}
        self.built = frozenset(self._stamps)
        self._opened = found.opened(self.session, self.built)
        self._runs = list(self._chosen_runs())
        self._mask = np.ones(sum(one.end - one.start for one in self._runs), bool)
        self._clicked, self._later = np.zeros((2, len(self._mask)), bool)
        self._known = {}
        stale = [row for one in self.built for row in found.stale[one]]
        self.outdated = {row.post_id for row in stale}
        self._hide(stale)
        self._hide_later()

    def _cut_from(self, wide: "Parts") -> None:
        """As `_look`, of some of the channels and a shorter time."""
        self._stamps = {one: stamp for one, stamp in wide._stamps.items() if one in self.channel_ids}
        self.built = frozenset(self._stamps)
        self._opened = wide._opened
        self._runs = list(self._chosen_runs())
        self._known = {}
        self.outdated = wide.outdated
        cuts = [
            slice(one, one + run.end - run.start) for run, one in zip(self._runs, self._offsets, strict=True)
        ]
        none = np.empty(0, bool)
        self._mask, self._clicked, self._later = (
            np.concatenate([none, *(every[cut] for cut in cuts)])
            for every in (wide._mask, wide._clicked, wide._later)
        )

    @property
    def _offsets(self) -> list[int]:
        """Where the posts of each run begin in what they were cut from."""
        assert self.within is not None
        found = []
        for run in self._runs:
            [of] = [
                one
                for one in self.within._runs
                if one.shelf is run.shelf and one.first <= run.first < one.after
            ]
            found.append(of.offset + run.start - of.start)
        return found

    def places(self, which: Mask) -> Numbers:
        """Where posts that a mask chooses stand in what they were cut from."""
        shifts = [one - run.offset for run, one in zip(self._runs, self._offsets, strict=True)]
        own = np.flatnonzero(which)
        runs = np.searchsorted([run.offset for run in self._runs], own, side="right") - 1
        places: Numbers = own + np.array(shifts, np.int64)[runs]
        return places

    @property
    def later(self) -> Mask:
        """Posts that were read later."""
        return self._later

    def changed(self) -> set[int]:
        """Posts that changed since the parts were looked at; raises `Moved` where columns were written."""
        found = stale_posts(self.session, self.chosen.scope.workspace_id)
        if stamps(self.session, self.channel_ids) != self._stamps:
            raise Moved
        return {row.post_id for row in found if row.channel_id in self.built} - self.outdated

    def _chosen_runs(self) -> Iterator[_Run]:
        end, start = micros(self.chosen.end), self.chosen.filters.start
        since = None if start is None else micros(start)
        offset = 0
        for shelf in self._opened.shelves:
            if shelf.channel_id not in self.built:
                continue
            mask = shelf.first < end
            if since is not None:
                mask &= shelf.last >= since
            edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
            for first, after in edges.reshape(-1, 2).tolist():
                run = _Run(shelf, first, after, offset)
                yield run
                offset += run.end - run.start

    def _each(self, which: Callable[[Shelf], Mask] | None = None) -> Iterator[tuple[Shelf, int, int, int]]:
        """The parts that are looked at: shelf, place there, and where its posts begin and end here."""
        for run in self._runs:
            wanted: Sequence[int] = range(run.first, run.after)
            if which is not None:
                wanted = (run.first + np.flatnonzero(which(run.shelf)[run.first : run.after])).tolist()
            for place in wanted:
                yield run.shelf, place, *run.bounds(place)

    def _hide(self, stale: Iterable[Any]) -> None:
        unplaced = []
        offsets: dict[int, int] | None = None
        for post_id, part_id, place, _ in stale:
            if part_id is None:
                unplaced.append(post_id)
                continue
            if offsets is None:
                offsets = {shelf.ids[number]: start for shelf, number, start, _ in self._each()}
            if part_id in offsets:
                self._mask[offsets[part_id] + place] = False
        if unplaced and self.session.get_bind().dialect.name == "postgresql":
            # What was written down since the look at it above would be there twice.
            self._mask &= ~np.isin(self.columns({POST})[POST], unplaced)

    def _hide_later(self) -> None:
        bound = micros(self.chosen.before)
        later = list(self._each(lambda shelf: shelf.newest >= bound))
        if not later:
            return
        columns = self.columns({NEWEST, LAST_READ})
        for _, _, start, end in later:
            newer = (columns[NEWEST][start:end] >= bound) & self._mask[start:end]
            is_read = columns[LAST_READ][start:end] >= bound
            self._later[start:end], self._clicked[start:end] = newer & is_read, newer & ~is_read
            self._mask[start:end] &= ~newer

    def wanted(self) -> tuple[Mask, Mask, Mask]:
        """Which posts are wanted: those that are as their columns say, those of which only what Tabuh counts
        itself came later, and those that were read later."""
        start, end = self.chosen.filters.start, micros(self.chosen.end)
        since = None if start is None else micros(start)

        def cut(shelf: Shelf) -> Mask:
            beyond: Mask = shelf.last >= end
            return beyond if since is None else beyond | (shelf.first < since)

        is_cut = any(True for _ in self._each(cut))
        needs = {name for name in self.chosen.needs if name != PUBLISHED or is_cut}
        if needs:
            self._narrow(self.chosen.numbers_mask(self.columns(needs), len(self._mask)))
        for name, words in self.chosen.words.items():
            has = np.zeros(len(self._mask), bool)
            for start_of, own in self._words(name):
                codes = [code for code, word in enumerate(own.words) if word in words]
                if codes:
                    has[start_of + own.places[np.isin(own.codes, codes)]] = True
            self._narrow(has)
        return self._mask, self._clicked, self._later

    def _narrow(self, mask: Mask) -> None:
        self._mask &= mask
        self._clicked &= mask
        self._later &= mask

    def _words(self, name: str) -> Iterator[tuple[int, Any]]:
        self._read({name})
        for shelf, place, start, _ in self._each():
            yield start, shelf.words[name][place]

    def having(
        self, name: str, wanted: Mask, codes_of: dict[str, int], first: int
    ) -> tuple[Numbers, Numbers]:
        """Of posts that are wanted, their places (the first has this one) and the codes of words they have.

        Args:
            codes_of: word → its code; new words are added.
        """
        places, codes = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for start, own in self._words(name):
            if own.words:
                known = [codes_of.setdefault(word, len(codes_of)) for word in own.words]
                places.append(start + own.places)
                codes.append(np.array(known, np.int64)[own.codes])
        at, code = np.concatenate(places), np.concatenate(codes)
        kept = wanted[at]
        among = np.cumsum(wanted) - 1 + first
        return among[at[kept]], code[kept]

    def sources(self, asked: Wanted, wanted: Mask) -> Iterator[tuple[int, Metric, str]]:
        """Where posts that are wanted were read; of several sources, those that their readings name."""
        columns = self.columns({PUBLISHED})
        own = wanted & (columns[PUBLISHED] >= micros(asked.since))
        self._read({*asked.names, POST})
        for run in self._runs:
            there = own[run.offset : run.offset + run.end - run.start]
            starts = run.shelf.starts[run.first : run.after] - run.start
            for metric in asked.metrics:
                values = self._opened.known(run.shelf, read(metric, metric), run.start, run.end)
                if values is None:
                    continue
                has = ~np.isnan(values) & there
                parts = np.flatnonzero(np.logical_or.reduceat(has, starts))
                names = self._fields(run, metric, (run.first + parts).tolist(), there, has)
                yield from ((run.shelf.channel_id, metric, name) for name in names)

    def _fields(self, run: _Run, metric: Metric, parts: Sequence[int], there: Mask, has: Mask) -> set[str]:
        """Which fields posts of these parts were read from."""
        found = set[str]()
        for place in parts:
            names = run.shelf.sources[place].get(metric, ())
            if len(names) > 1 and not found.issuperset(names):
                start, end = run.bounds(place)
                own = slice(start - run.offset, end - run.offset)
                if not there[own].all():
                    ids = self._opened.of(run.shelf, POST, run.start, run.end)
                    names = self._names(metric, ids[own][has[own]].tolist())
            found.update(names)
        return found

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
        self._read(missing)
        for name in missing:
            own = [self._opened.of(run.shelf, name, run.start, run.end) for run in self._runs]
            self._known[name] = np.concatenate(own) if own else empty(name, 0)
        return {name: self._known[name] for name in names}

    def at(self, names: Collection[str], wanted: Mask) -> tuple[Numbers, dict[str, Numbers]]:
        """The channels of posts that are wanted, each channel's side by side, and these columns of theirs."""
        self._read(names)
        cut = [(run, wanted[run.offset : run.offset + run.end - run.start]) for run in self._runs]
        channels = [np.full(np.count_nonzero(own), run.shelf.channel_id, np.int64) for run, own in cut]
        found = {
            name: [self._opened.of(run.shelf, name, run.start, run.end)[own] for run, own in cut]
            for name in names
        }
        return _whole(channels), {name: _whole(own) for name, own in found.items()}

    def blocks(
        self, names: Collection[str], wanted: Mask, edges: Sequence[datetime] | None = None
    ) -> Iterator[Block]:
        """These columns of the posts that are wanted, by channel.

        Args:
            edges: posts of whole parts lie by themselves, with the sums of their parts; those that went out
                before one of these instants apart from those that did later. None: no sums are asked for.
        """
        self._read(names)
        for run in self._runs:
            mask = wanted[run.offset : run.offset + run.end - run.start]
            if edges is not None:
                mask = mask.copy()
                for own, sums in self._summing(run, mask, edges):
                    mask &= ~own
                    yield self._block(run, slice(0, len(own)), own, sums)
            for first, after in _stretches(mask):
                if mask[first:after].any():
                    yield self._block(run, slice(first, after), mask[first:after])

    def _block(self, run: _Run, within: slice, mask: Mask, sums: PartSums | None = None) -> Block:
        size = int(np.count_nonzero(mask))
        return Block(run.shelf.channel_id, size, self._cut(run, within, _places(mask)), sums=sums)

    def _summing(self, run: _Run, wanted: Mask, edges: Sequence[datetime]) -> Iterator[tuple[Mask, PartSums]]:
        everything = self._cut(run, slice(0, len(wanted)), None)
        instants = [micros(one) for one in edges]
        return summing((run.shelf, run.first, run.after), wanted, instants, everything)

    def _cut(
        self, run: _Run, within: slice, places: Numbers | slice | None
    ) -> Callable[[str], Numbers | None]:
        def made(name: str) -> Numbers | None:
            values = self._opened.known(run.shelf, name, run.start, run.end)
            if values is None:
                return None
            return values[within] if places is None else values[within][places]

        return made

    def have(self, names: Collection[str]) -> None:
        """Read these columns, once for all questions that are cut from here; raises `Moved`."""
        missing = set(names) - self._there
        self._read(missing)
        self._there |= missing

    def _read(self, names: Collection[str]) -> None:
        """Raises `Moved`."""
        if self.within is not None:
            self.within.have(names)
            return
        if not names or not self._runs:
            return
        parts: dict[int, list[int]] = {shelf.channel_id: [] for shelf in self._opened.shelves}
        for run in self._runs:
            parts[run.shelf.channel_id].extend(range(run.first, run.after))
        if not self._opened.read(names, {one: np.array(own, np.int64) for one, own in parts.items()}):
            raise Moved


def _whole(parts: Sequence[Numbers]) -> Numbers:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
