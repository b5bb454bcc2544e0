"""All readings of a post in one run of bytes, so that those of a hundred thousand posts come in a second.

They are written with the columns of the post and stand for its readings until something new is read of it:
then its standing is stale, and its readings themselves tell.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlmodel import Session

from store import rows
from store.bulk import Readings, readings, starts
from store.columns import Numbers
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
        head = json.dumps(named).encode()
        start = len(head).to_bytes(_LENGTH, "little") + head
        for one in _stretches(posts[own]):
            yield int(posts[own][one.start]), start + made[own][one].tobytes()


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


_KNOWN: Final = """
SELECT s.post_id, r.body FROM standing AS s JOIN standing_readings AS r ON r.post_id = s.post_id
WHERE NOT s.stale AND s.part_id IS NOT NULL AND """


def _opened(there: Iterable[tuple[Any, ...]]) -> Readings | None:
    by_head: dict[bytes, tuple[list[int], list[bytes]]] = {}
    for post_id, body in there:
        if body:
            end = _LENGTH + int.from_bytes(body[:_LENGTH], "little")
            posts, bodies = by_head.setdefault(bytes(body[_LENGTH:end]), ([], []))
            posts.append(post_id)
            bodies.append(body[end:])
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
