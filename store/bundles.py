"""All readings of a post in one run of bytes, so that those of a hundred thousand posts come in a second.

They are written with the columns of the post and stand for its readings until something new is read of it:
then its standing is stale, and its readings themselves tell.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlmodel import Session

from store import rows
from store.bulk import Readings, readings, starts
from store.columns import Numbers
from store.last_looks import Shape
from store.looks_alike import by_turns
from store.tables import METADATA

if TYPE_CHECKING:
    from store.recounting import Recounted

#: A reading: which metric and field (by the place among those of the head), and what was read.
_READING: Final = np.dtype([("name", "<u2"), ("checkpoint", "<i4"), ("at", "<i8"), ("value", "<i8")])
#: Bytes that tell how long the head is.
_LENGTH: Final = 4
_TABLE: Final = METADATA.tables["standing_readings"]
#: Post → its bundle.
Bundles = Mapping[int, bytes]


def put(session: Session, found: "Recounted") -> None:
    """Keep the readings of posts that were recounted with all of them; the caller writes their columns."""
    bundled = {post_id: b"" for post_id in found.ids.tolist()}
    for part in found.readings:
        bundled |= _bundled(part, found)
    rows.put(session.connection(), _TABLE, ("post_id", "body"), sorted(bundled.items()))


def _bundled(part: Readings, found: "Recounted") -> Iterator[tuple[int, bytes]]:
    """The posts of a channel share a head: which metrics and fields there are."""
    assert part.at is not None
    assert part.sources is not None
    channels = found.channels[np.searchsorted(found.ids, part.posts)]
    order = np.lexsort((part.posts, channels))
    names = (part.metrics.astype(np.int64) * len(part.source_names) + part.sources)[order]
    made = np.empty(len(order), _READING)
    for name, values in (("checkpoint", part.checkpoints), ("at", part.at), ("value", part.values)):
        made[name] = values[order]
    posts = part.posts[order]
    for own in _stretches(channels[order]):
        used, made["name"][own] = np.unique(names[own], return_inverse=True)
        pairs = [divmod(one, len(part.source_names)) for one in used.tolist()]
        named = [[part.metric_names[metric], part.source_names[source]] for metric, source in pairs]
        names_told = json.dumps(named).encode()
        head = len(names_told).to_bytes(_LENGTH, "little") + names_told
        body, first = made[own].tobytes(), starts(posts[own])
        ends = [*(first[1:] * _READING.itemsize).tolist(), len(body)]
        begin = (first * _READING.itemsize).tolist()
        for post_id, low, high in zip(posts[own][first].tolist(), begin, ends, strict=True):
            yield post_id, head + body[low:high]


def add(session: Session, looks: Mapping[int, bytes]) -> None:
    """Add packed looks (`store.last_looks`) to the bundles of their posts, as far as they are not in them.

    A look comes at a later checkpoint than all of its post's readings before it. A post without a bundle gets
    none: its other readings are not known here.
    """
    if not looks:
        return
    connection = session.connection()
    where, values = rows.among(connection, "post_id", sorted(looks))
    query = f"SELECT post_id, body FROM standing_readings WHERE {where}"  # noqa: S608 - names and marks alone
    by_head: dict[bytes, tuple[list[int], list[bytes]]] = {}
    for post_id, body in rows.fetched(connection, query, values):
        head, own = _cut(body) if body else (b"[]", b"")
        posts, bodies = by_head.setdefault(head, ([], []))
        posts.append(post_id)
        bodies.append(own)
    made: list[tuple[int, bytes]] = []
    for head, (posts, bodies) in by_head.items():
        made += _longer(head, posts, bodies, [looks[post_id] for post_id in posts])
    rows.change(connection, _TABLE, ("post_id",), ("body",), sorted(made))


def _longer(
    head: bytes, posts: Sequence[int], bodies: Sequence[bytes], looks: Sequence[bytes]
) -> Iterator[tuple[int, bytes]]:
    """Bundles of one head, with more looks behind their readings."""
    last = _last_checkpoints(bodies)
    heads: dict[int, bytes] = {}
    added: dict[int, list[bytes]] = {}
    for alike in by_turns(looks):
        after = np.flatnonzero(alike.checkpoints > last[alike.posts])
        made = np.empty((len(after), len(alike.shape.names)), _READING)
        for name, column in (("checkpoint", alike.checkpoints), ("at", alike.at)):
            made[name] = column[after, None]
        made["value"] = alike.values[after]
        places = alike.posts[after].tolist()
        for before in {heads.get(place, head) for place in places}:
            own = [number for number, place in enumerate(places) if heads.get(place, head) == before]
            named, codes = _named(before, alike.shape)
            made["name"][own] = codes
            heads |= {places[number]: named for number in own if named != head}
        body, width = made.tobytes(), made.shape[1] * _READING.itemsize
        for number, place in enumerate(places):
            added.setdefault(place, []).append(body[number * width : (number + 1) * width])
    for place, more in added.items():
        named = heads.get(place, head)
        yield posts[place], b"".join([len(named).to_bytes(_LENGTH, "little"), named, bodies[place], *more])


def _last_checkpoints(bodies: Sequence[bytes]) -> Numbers:
    """The last checkpoint of each of some posts' readings; -1: it has none."""
    sizes = np.array([len(one) for one in bodies], np.int64) // _READING.itemsize
    found = np.full(len(bodies), -1, np.int64)
    if sizes.any():
        begin = (np.cumsum(sizes) - sizes)[sizes > 0]
        checkpoints = np.frombuffer(b"".join(bodies), _READING)["checkpoint"]
        found[sizes > 0] = np.maximum.reduceat(checkpoints, begin)
    return found


@lru_cache(maxsize=1024)
def _named(head: bytes, kind: Shape) -> tuple[bytes, tuple[int, ...]]:
    """A head that has all metrics and fields of looks of a shape, and their places in it."""
    pairs = [(metric, source) for metric, source in json.loads(head)]
    wanted = list(zip(kind.names, kind.sources, strict=True))
    more = [one for one in wanted if one not in pairs]
    every = [*pairs, *more]
    return json.dumps(every).encode() if more else head, tuple(every.index(one) for one in wanted)


def _stretches(values: Numbers) -> Iterator[slice]:
    """Where the same value stands side by side."""
    edges = [*starts(values).tolist(), len(values)]
    return (slice(start, end) for start, end in pairwise(edges))


def known(session: Session, post_ids: Sequence[int]) -> tuple[Readings | None, list[int]]:
    """The readings of posts whose bundles hold all of them (None: they have none), and the other posts."""
    connection = session.connection()
    where, values = rows.among(connection, "s.post_id", post_ids)
    there = rows.fetched(connection, _KNOWN + where, values)
    told = {post_id for post_id, _ in there}
    return _opened(there), [post_id for post_id in post_ids if post_id not in told]


def of_posts(session: Session, post_ids: Sequence[int]) -> Readings | None:
    """All readings of these posts, from bundles where they hold them; None: there are none."""
    return _with_rest(session, *known(session, post_ids))


def of_bodies(session: Session, bodies: Mapping[int, bytes | None]) -> Readings | None:
    """As `of_posts`, where their bundles are there already; None instead of bytes: it does not hold all."""
    others = [post_id for post_id, body in bodies.items() if body is None]
    return _with_rest(session, _opened(bodies.items()), others)


def _with_rest(session: Session, told: Readings | None, others: Sequence[int]) -> Readings | None:
    rest = readings(session, others) if others else None
    if told is None or rest is None:
        return rest if told is None else told
    metrics, sources = (
        _both(told.metric_names, rest.metric_names),
        _both(told.source_names, rest.source_names),
    )
    columns = zip(*(_renamed(one, metrics, sources) for one in (told, rest)), strict=True)
    posts, metric, checkpoints, values, at, source = (np.concatenate(one) for one in columns)
    return Readings(posts, metric, checkpoints, values, at, source, list(metrics), list(sources))


def _both(one: Sequence[str], other: Sequence[str]) -> dict[str, int]:
    return {name: code for code, name in enumerate(dict.fromkeys([*one, *other]))}


def _renamed(found: Readings, metrics: Mapping[str, int], sources: Mapping[str, int]) -> tuple[Numbers, ...]:
    assert found.at is not None
    assert found.sources is not None
    metric = np.array([metrics[name] for name in found.metric_names], np.int16)[found.metrics]
    source = np.array([sources[name] for name in found.source_names], np.int16)[found.sources]
    return found.posts, metric, found.checkpoints, found.values, found.at, source


#: Of a standing: its post's bundle holds all of the readings.
HOLDS: Final = "NOT s.stale AND s.part_id IS NOT NULL"
_KNOWN: Final = f"""
SELECT s.post_id, r.body FROM standing AS s JOIN standing_readings AS r ON r.post_id = s.post_id
WHERE {HOLDS} AND """  # noqa: S608 - our own words


def _opened(there: Iterable[tuple[Any, ...]]) -> Readings | None:
    by_head: dict[bytes, tuple[list[int], list[bytes]]] = {}
    for post_id, body in there:
        if body:
            head, own = _cut(body)
            posts, bodies = by_head.setdefault(head, ([], []))
            posts.append(post_id)
            bodies.append(own)
    if not by_head:
        return None
    metric_of: dict[str, int] = {}
    source_of: dict[str, int] = {}
    each = [_of_head(head, posts, bodies, metric_of, source_of) for head, (posts, bodies) in by_head.items()]
    posts_, metrics, sources, made = (np.concatenate(parts) for parts in zip(*each, strict=True))
    return Readings(
        posts_, metrics, made["checkpoint"], made["value"].astype(np.float64), made["at"], sources,
        list(metric_of), list(source_of),
    )  # fmt: skip


def _cut(body: bytes) -> tuple[bytes, bytes]:
    """The head of a bundle, and its readings."""
    end = _LENGTH + int.from_bytes(body[:_LENGTH], "little")
    return bytes(body[_LENGTH:end]), body[end:]


def _of_head(
    head: bytes, posts: Sequence[int], bodies: Sequence[bytes], metric_of: dict[str, int],
    source_of: dict[str, int],
) -> tuple[Numbers, Numbers, Numbers, Numbers]:  # fmt: skip
    """Post, metric, field and reading, one beside the other."""
    pairs = json.loads(head)
    metrics = np.array([metric_of.setdefault(metric, len(metric_of)) for metric, _ in pairs], np.int16)
    sources = np.array([source_of.setdefault(source, len(source_of)) for _, source in pairs], np.int16)
    made = np.frombuffer(b"".join(bodies), _READING)
    sizes = np.array([len(one) for one in bodies], np.int64) // _READING.itemsize
    return np.repeat(np.array(posts, np.int64), sizes), metrics[made["name"]], sources[made["name"]], made


def differing(session: Session, post_ids: Sequence[int]) -> set[int]:
    """Those of the posts whose bundles hold other readings than there are; stale ones are passed over."""
    told, others = known(session, post_ids)
    ids = sorted({*post_ids} - {*others})
    there = readings(session, ids) if ids else None
    return {post_id for post_id, *_ in _rows(told) ^ _rows(there)}


def _rows(found: Readings | None) -> set[tuple[Any, ...]]:
    if found is None:
        return set()
    assert found.at is not None
    assert found.sources is not None
    names = [found.metric_names[code] for code in found.metrics.tolist()]
    fields = [found.source_names[code] for code in found.sources.tolist()]
    numbers = (found.posts, found.checkpoints, found.values, found.at)
    return {*zip(*(one.tolist() for one in numbers), names, fields, strict=True)}
