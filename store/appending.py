"""Adding readings, with everything that follows from them, in the caller's transaction.

What is known of the posts is fetched once for all of them, and each row of sums is written once, however
many readings add to it. A look that comes after all others of its post needs the look that its standing keeps
(`store.last_looks`) and no reading; only the others fetch readings.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session

from domain.definition import OWN_SOURCE
from domain.ids import new_ids
from store import last_looks, rollups, rows, series
from store.last_looks import Seen, Shape, follows, growth, packed, unpacked
from store.rollups import Event, Key, Slices
from store.series import Last, Noted, Series, steps
from store.standings import Held, Placed, everything, hold
from store.tables import METADATA

_READING, _STANDING = METADATA.tables["reading"], METADATA.tables["standing"]
_NAMES = ("id", "post_id", "metric", "checkpoint", "read_at", "value", "source")


class Look(NamedTuple):
    """What was read of one post at one checkpoint, in the order of the shape's metrics."""

    post_id: int
    checkpoint: int
    #: UTC.
    at: datetime
    shape: Shape
    values: tuple[int, ...]

    @property
    def seen(self) -> Seen:
        """As its standing keeps it."""
        return Seen(self.shape, self.checkpoint, rollups.micros(self.at), self.values)

    def noted(self) -> Iterator[Noted]:
        """Its readings."""
        of_metrics = zip(self.shape.names, self.values, self.shape.sources, strict=True)
        for metric, value, source in of_metrics:
            yield Noted(self.post_id, metric, self.checkpoint, self.at, value, source)


@dataclass(frozen=True, slots=True)
class _Next:
    """A look after all others of its post."""

    look: Look
    seen: Seen
    last: Seen
    held: Held


def append(session: Session, looks: Iterable[Look]) -> int:
    """Add readings; those that a post's checkpoint has already stay as they were first read.

    Returns:
        How many were new.
    """
    by_post: dict[int, list[Look]] = {}
    for look in looks:
        if look.values:
            by_post.setdefault(look.post_id, []).append(look)
    held, created = hold(session, by_post)
    following: list[_Next] = []
    others: dict[int, list[Look]] = {}
    for post_id, own in sorted(by_post.items()):  # in the order of the indexes
        one = _next(own, held.get(post_id))
        if one is None:
            others[post_id] = own
        else:
            following.append(one)
    sums = _growth(following)
    marks = [_mark(one.look.post_id, one.seen, one.held) for one in following]
    number = _insert(session, [one.look for one in following])
    if others:
        more = _append_others(session, others, held)
        marks += more.marks
        number += more.number
        for key, slices in rollups.gathered([*more.events, *everything(session, created)]).items():
            rollups.merge(sums.setdefault(key, {}), slices)
    _put_marks(session, marks)
    rollups.add_all(session, sums)
    return number


def _next(own: Sequence[Look], held: Held | None) -> _Next | None:
    """A post's only look, where nothing but its last one matters to it."""
    if held is None or held.looks is None or len(own) != 1 or not own[0].shape.is_plain:
        return None
    last, seen = unpacked(held.looks)[-1], own[0].seen
    return _Next(own[0], seen, last, held) if follows(seen, last) else None


def _growth(following: Sequence[_Next]) -> dict[Key, Slices]:
    """By how much readings grew that follow the last of their series; see `store.series.steps`.

    Looks of one shape in one place and quarter of an hour are added up first, then summed for each metric.
    """
    alike: dict[tuple[Placed, Shape, int, int], tuple[list[int], list[int]]] = {}
    for one in following:
        day, quarter, offset = rollups.split(one.look.at)
        key = (one.held.where, one.look.shape, day, quarter)
        grown = growth(one.seen, one.last)
        known = alike.get(key)
        if known is None:
            alike[key] = [*grown], [offset]
        else:
            known[0][:] = [total + more for total, more in zip(known[0], grown, strict=True)]
            known[1].append(offset)
    found: dict[Key, Slices] = {}
    for (where, shape, day, quarter), (totals, offsets) in alike.items():
        first, last = min(offsets), max(offsets)
        for place, total in zip(shape.told, totals, strict=True):
            for scope_id in where.scope_ids:
                name = (where.channel_id, scope_id, shape.names[place], day, shape.sources[place])
                rollups.merge(found.setdefault(name, {}), {quarter: (total, first, last)})
    return found


class _Mark(NamedTuple):
    """What a post's standing says from now on."""

    post_id: int
    anew: bool
    looks: bytes | None


def _mark(post_id: int, seen: Seen, held: Held) -> _Mark:
    """The standing of a post after a look that comes after all others."""
    if not held.stale:
        return _Mark(post_id, anew=False, looks=packed(seen))
    before = b"" if held.anew or held.looks is None else held.looks
    if len(unpacked(before)) >= last_looks.MOST:
        return _Mark(post_id, anew=True, looks=packed(seen))
    return _Mark(post_id, held.anew, before + packed(seen))


def _put_marks(session: Session, marks: Sequence[_Mark]) -> None:
    made = [(post_id, True, anew, looks) for post_id, anew, looks in sorted(marks)]
    rows.change(session.connection(), _STANDING, ("post_id",), ("stale", "anew", "looks"), made)


def _insert(session: Session, looks: Sequence[Look]) -> int:
    ids = iter(new_ids(sum([len(look.values) for look in looks])))
    as_text = not rows.on_postgresql(session.connection())
    made = []
    for post_id, checkpoint, at, shape, values in looks:
        stored = rows.stored_instant(at, as_text=as_text)
        made += [
            (next(ids), post_id, metric, checkpoint, stored, value, source)
            for metric, value, source in zip(shape.names, values, shape.sources, strict=True)
        ]
    rows.insert(session.connection(), _READING, _NAMES, made)
    return len(made)


@dataclass(frozen=True, slots=True)
class _Added:
    """What came of looks whose posts' readings were asked."""

    number: int
    events: list[Event]
    marks: list[_Mark]


def _append_others(session: Session, looks: Mapping[int, Sequence[Look]], held: Mapping[int, Held]) -> _Added:
    asked = _asked(one for own in looks.values() for look in own for one in look.noted())
    newest = series.last(session, looks)
    as_text = not rows.on_postgresql(session.connection())
    following, others = _sorted(session, asked, newest, as_text=as_text)
    new = [one for one, _ in following.values()] + [one for own in others.new.values() for one in own]
    _insert(session, [_alone(one) for one in new])
    known, ends = {post_id: one.where for post_id, one in held.items()}, _ends(newest)
    marks = [
        _mark_of_others(looks[post_id], held[post_id], ends.get(post_id), as_text=as_text)
        for post_id in looks.keys() & held.keys()
    ]
    return _Added(len(new), [*_next_steps(known, following), *_new_steps(known, others)], marks)


def _alone(one: Noted) -> Look:
    return Look(
        one.post_id, one.checkpoint, one.read_at, last_looks.shape((one.metric,), (one.source,)), (one.value,)
    )


def _ends(newest: Mapping[Series, Last]) -> dict[int, tuple[int, Any]]:
    """Of each post the last checkpoint, and when it was read last, as the database keeps instants."""
    found: dict[int, tuple[int, Any]] = {}
    for (post_id, _), one in newest.items():
        checkpoint, at = found.get(post_id, (one.checkpoint, one.read_last))
        found[post_id] = max(checkpoint, one.checkpoint), max(at, one.read_last)
    return found


def _mark_of_others(own: Sequence[Look], held: Held, end: tuple[int, Any] | None, *, as_text: bool) -> _Mark:
    """The standing of a post after looks of which not every one comes after all others."""
    look = own[0]
    is_last = end is None or (
        look.checkpoint > end[0] and rows.stored_instant(look.at, as_text=as_text) >= end[1]
    )
    if len(own) == 1 and look.shape.is_plain and is_last:
        return _mark(look.post_id, look.seen, held)
    return _Mark(look.post_id, anew=True, looks=None)


@dataclass(frozen=True, slots=True)
class _Others:
    """Readings that are not simply the next of their series."""

    new: Mapping[Series, list[Noted]]
    #: All that their series have.
    before: Mapping[Series, list[Noted]]


def _asked(noted: Iterable[Noted]) -> dict[Series, list[Noted]]:
    """By post and metric; of a checkpoint that comes twice, the first."""
    found: dict[Series, list[Noted]] = {}
    for one in noted:
        key = (one.post_id, one.metric)
        own = found.get(key)
        if own is None:
            found[key] = [one]
        elif all(one.checkpoint != other.checkpoint for other in own):
            own.append(one)
    return found


def _sorted(
    session: Session, asked: Mapping[Series, list[Noted]], newest: Mapping[Series, Last], *, as_text: bool
) -> tuple[dict[Series, tuple[Noted, Last]], _Others]:
    """Readings that follow the last of their series, and the others.

    All that a series has is fetched only where a new one comes late, again, or out of order: that is rare.
    """
    following: dict[Series, tuple[Noted, Last]] = {}
    others, odd = {}, set()
    for key, own in asked.items():
        last = newest.get(key)
        if last is not None and len(own) == 1 and _follows(own[0], last, as_text=as_text):
            following[key] = own[0], last
        else:
            others[key] = own
            odd.update([] if last is None else [key[0]])
    before = series.readings(session, odd, {metric for _, metric in asked}) if odd else {}
    return following, _Others(_new(others, before), before)


def _follows(one: Noted, last: Last, *, as_text: bool) -> bool:
    """Whether nothing but the last reading matters to a new one."""
    if one.checkpoint <= last.checkpoint or last.read_at != last.read_last:
        return False
    if rows.stored_instant(one.read_at, as_text=as_text) < last.read_at:
        return False
    return last.source != OWN_SOURCE or one.source == OWN_SOURCE


def _new(
    asked: Mapping[Series, Sequence[Noted]], before: Mapping[Series, Sequence[Noted]]
) -> dict[Series, list[Noted]]:
    """Those whose checkpoint has no reading yet."""
    found = {}
    for key, own in asked.items():
        there = {one.checkpoint for one in before.get(key, ())}
        if fresh := [one for one in own if one.checkpoint not in there]:
            found[key] = fresh
    return found


def _next_steps(
    known: Mapping[int, Placed], following: Mapping[Series, tuple[Noted, Last]]
) -> Iterator[Event]:
    """By how much readings grew that follow the last of their series; see `store.series.steps`."""
    for one, last in following.values():
        where = known.get(one.post_id)
        if where is not None and one.source != OWN_SOURCE:
            step = one.value - last.value if one.source == last.source else 0
            yield Event(where.channel_id, where.scope_ids, one.metric, one.source, one.read_at, step)


def _new_steps(known: Mapping[int, Placed], others: _Others) -> Iterator[Event]:
    """What new readings change of the steps between readings: their own, and that of the one after each."""
    for key, added in others.new.items():
        where = known.get(key[0])
        told = [one for one in added if one.source != OWN_SOURCE]
        if where is None or not told:
            continue
        there = [one for one in others.before.get(key, ()) if one.source != OWN_SOURCE]
        was = {one.checkpoint: step for one, step in steps(there)}
        for one, step in steps([*there, *told]):
            if one.checkpoint not in was or step != was[one.checkpoint]:
                yield Event(
                    where.channel_id, where.scope_ids, one.metric, one.source, one.read_at,
                    step - was.get(one.checkpoint, 0),
                )  # fmt: skip
