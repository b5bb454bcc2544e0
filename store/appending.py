"""Adding readings, with everything that follows from them, in the caller's transaction.

What is known of the posts is fetched once for all of them, and each row of sums is written once, however
many readings add to it: a thousand looks at once take little longer than the readings' own rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from domain.definition import OWN_SOURCE
from domain.ids import new_ids
from store import rollups, rows, series
from store.rollups import Event
from store.series import Last, Noted, Series, steps
from store.standings import Placed, everything, touch
from store.tables import METADATA

_READING = METADATA.tables["reading"]
_NAMES = ("id", "post_id", "metric", "checkpoint", "read_at", "value", "source")


def append(session: Session, noted: Iterable[Noted]) -> int:
    """Add readings; those that a post's checkpoint has already stay as they were first read.

    Returns:
        How many were new.
    """
    asked = _asked(noted)
    post_ids = {post_id for post_id, _ in asked}
    found = touch(session, post_ids)
    as_text = not rows.on_postgresql(session.connection())
    following, others = _sorted(session, asked, post_ids, as_text=as_text)
    new = {**others.new, **{key: [one] for key, (one, _) in following.items()}}
    number = _insert(session, new, as_text=as_text)
    events = [*_next_steps(found.known, following), *_new_steps(found.known, others)]
    rollups.add(session, [*events, *everything(session, found.created)])
    return number


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
    session: Session, asked: Mapping[Series, list[Noted]], post_ids: set[int], *, as_text: bool
) -> tuple[dict[Series, tuple[Noted, Last]], _Others]:
    """Readings that follow the last of their series, and the others.

    All that a series has is fetched only where a new one comes late, again, or out of order: that is rare.
    """
    metrics = {metric for _, metric in asked}
    newest = series.last(session, post_ids, metrics)
    following: dict[Series, tuple[Noted, Last]] = {}
    others, odd = {}, set()
    for key, own in asked.items():
        last = newest.get(key)
        if last is not None and len(own) == 1 and _follows(own[0], last, as_text=as_text):
            following[key] = own[0], last
        else:
            others[key] = own
            odd.update([] if last is None else [key[0]])
    before = series.readings(session, odd, metrics) if odd else {}
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


def _insert(session: Session, new: Mapping[Series, Sequence[Noted]], *, as_text: bool) -> int:
    ids = iter(new_ids(sum(map(len, new.values()))))
    instants: dict[object, object] = {}  # readings of one look share their moment
    made = []
    for own in new.values():
        for post_id, metric, checkpoint, read_at, value, source in own:
            at = instants.get(read_at)
            if at is None:
                at = instants[read_at] = rows.stored_instant(read_at, as_text=as_text)
            made.append((next(ids), post_id, metric, checkpoint, at, value, source))
    rows.insert(session.connection(), _READING, _NAMES, made)
    return len(made)


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
