"""Adding readings, with everything that follows from them, in the caller's transaction.

What is known of the posts is fetched once for all of them, and each row of sums is written once, however
many readings add to it: a thousand looks at once take little longer than the readings' own rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlmodel import Session

from domain.definition import OWN_SOURCE
from domain.ids import new_ids
from store import rollups, rows, series
from store.rollups import Event
from store.series import Noted, Series, steps
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
    before = _before(session, asked, post_ids)
    new = _new(asked, before)
    events = list(_new_steps(found.known, before, new))
    number = _insert(session, new)
    rollups.add(session, [*events, *everything(session, found.created)])
    return number


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


def _before(
    session: Session, asked: Mapping[Series, Sequence[Noted]], post_ids: set[int]
) -> dict[Series, list[Noted]]:
    """What the steps of new readings depend on: of each post and metric the newest reading.

    All of them only where a new one comes late, again, or out of order: that is rare, and posts have many.
    """
    metrics = {metric for _, metric in asked}
    found: dict[Series, list[Noted]] = {}
    odd = set()
    for key, (reading, read_last) in series.newest(session, post_ids, metrics).items():
        found[key] = [reading]
        if not all(_follows(one, reading, read_last) for one in asked.get(key, ())):
            odd.add(key[0])
    return {**found, **series.readings(session, odd, metrics)} if odd else found


def _follows(one: Noted, last: Noted, read_last: object) -> bool:
    """Whether nothing but the last reading matters to a new one."""
    if one.checkpoint <= last.checkpoint or one.read_at < last.read_at or last.read_at != read_last:
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


def _insert(session: Session, new: Mapping[Series, Sequence[Noted]]) -> int:
    connection = session.connection()
    as_text = not rows.on_postgresql(connection)
    ids = iter(new_ids(sum(map(len, new.values()))))
    instants: dict[object, object] = {}  # readings of one look share their moment
    made = []
    for own in new.values():
        for post_id, metric, checkpoint, read_at, value, source in own:
            at = instants.get(read_at)
            if at is None:
                at = instants[read_at] = rows.stored_instant(read_at, as_text=as_text)
            made.append((next(ids), post_id, metric, checkpoint, at, value, source))
    rows.insert(connection, _READING, _NAMES, made)
    return len(made)


def _new_steps(
    known: Mapping[int, Placed],
    before: Mapping[Series, Sequence[Noted]],
    new: Mapping[Series, Sequence[Noted]],
) -> Iterator[Event]:
    """What new readings change of the steps between readings: their own, and that of the one after each."""
    for key, added in new.items():
        where = known.get(key[0])
        told = [one for one in added if one.source != OWN_SOURCE]
        if where is None or not told:
            continue
        there = [one for one in before.get(key, ()) if one.source != OWN_SOURCE]
        was = {one.checkpoint: step for one, step in steps(there)}
        for one, step in steps([*there, *told]):
            if one.checkpoint not in was or step != was[one.checkpoint]:
                yield Event(
                    where.channel_id, where.scope_ids, one.metric, one.source, one.read_at,
                    step - was.get(one.checkpoint, 0),
                )  # fmt: skip
