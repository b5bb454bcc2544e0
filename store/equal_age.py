"""Where posts stand among their channel's other posts at equal age, for many posts at once.

The same as `analytics.against` tells of the posts of one page, as a number to sort by.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, func, select
from sqlmodel import Session, col

from domain.catalogue import CATALOGUE
from domain.equal_age import ANCHORS, COMPARED, ENOUGH, latest
from domain.metrics import CHECKPOINTS
from domain.post import PostState
from store import bundles, rows
from store.bulk import driver_time, plain_times
from store.chunks import chunks
from store.columns import Mask, Numbers, instant
from store.rollups import micros
from store.tables import Post

#: So many times the posts that are asked about may lie between the first and the last of them; where there
#: are more, the posts around each half are read by themselves.
_SPARSE: Final = 2 * COMPARED
#: Posts whose readings are held at once: some 25 each, and as many as 11 ages of each count.
_HELD: Final = 8_192
#: The ages at which posts are compared, in seconds, and the metrics of the counts by which they are.
AGES: Final = np.array([int(age.total_seconds()) for age in CHECKPOINTS], np.int64)
#: Up to which age, in microseconds, a post may have been read for each of them.
_LATEST: Final = np.array([latest(age) / timedelta(microseconds=1) for age in CHECKPOINTS])
_COUNTS: Final = tuple(CATALOGUE[key].numerator for key in ANCHORS)
METRICS: Final = frozenset(metric for metrics in _COUNTS for metric in metrics)


@dataclass(frozen=True, slots=True)
class _Around:
    """Published posts of a channel in the order in which they went out."""

    ids: Numbers
    published: Numbers
    #: Whether the platform holds it still; of those that are gone the numbers stopped.
    there: Mask


def percentiles(
    session: Session, channel_id: int, post_ids: Collection[int], *, before: datetime | None = None
) -> Numbers:
    """The share of the channel's posts around each of these that it is ahead of, 0 to 100, by id.

    Args:
        before: what is known of the posts themselves was read earlier; None: all that is known.

    Returns:
        One for each post in the order of their ids; NaN: it was not read, or too few others were at its age.
    """
    ids = np.array(sorted(post_ids), np.int64)
    found = np.full(len(ids), np.nan)
    for own, beside in _stretches(session, channel_id, _published(session, ids), COMPARED):
        places = np.flatnonzero(np.isin(beside.ids, own))
        found[np.searchsorted(ids, beside.ids[places])] = _compared(session, places, beside, before)
    return found


def around(session: Session, channel_id: int, post_ids: Numbers) -> dict[int, float]:
    """How these posts of a channel stand, and all that are compared with any of them; as `percentiles`."""
    found: dict[int, float] = {}
    changed = _published(session, np.sort(post_ids))
    for own, beside in _stretches(session, channel_id, changed, 2 * COMPARED):
        places = np.flatnonzero(_concerned(beside, np.isin(beside.ids, own)))
        values = _compared(session, places, beside, None)
        found.update(zip(beside.ids[places].tolist(), values.tolist(), strict=True))
    return found


def _concerned(beside: _Around, changed: Mask) -> Mask:
    """The posts that changed, and those that are compared with one of them, or were until it was gone."""
    others = np.flatnonzero(beside.there)
    first, end = _bounds(beside, np.arange(len(beside.ids)), others)
    # How many of those that changed are before each place among the others; who is gone was at the place.
    at = np.bincount(np.searchsorted(others, np.flatnonzero(changed)), minlength=len(others) + 1)
    before = np.concatenate([[0], np.cumsum(at)])
    first, after = first.clip(0, len(others) + 1), (end + 1).clip(0, len(others) + 1)
    concerned: Mask = changed | (before[np.maximum(first, after)] > before[first])
    return concerned


def _published(session: Session, ids: Numbers) -> _Around:
    """These posts in the order in which they went out."""
    connection, found = session.connection(), []
    for chunk in chunks(ids.tolist()):
        found += _posts(connection, *rows.among(connection, "id", chunk))
    return _ordered(found)


def _posts(connection: Connection, where: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Published posts: id, when it went out, and whether the platform holds it still."""
    at = driver_time(connection, "published_at")
    query = (
        f"SELECT id, {at}, deleted_at IS NULL FROM post WHERE state = '{PostState.PUBLISHED}' "  # noqa: S608 - marks
        f"AND published_at IS NOT NULL AND {where}"
    )
    return rows.fetched(connection, query, values)


def _ordered(found: Sequence[Any]) -> _Around:
    if not found:
        return _Around(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool))
    ids, published, there = zip(*found, strict=True)
    at = plain_times(published)
    order = np.lexsort((np.array(ids, np.int64), at))
    return _Around(np.array(ids, np.int64)[order], at[order], np.array(there, bool)[order])


def _stretches(
    session: Session, channel_id: int, own: _Around, beyond: int
) -> Iterator[tuple[Numbers, _Around]]:
    """Some of these posts at a time, with all posts of their channel around them.

    Args:
        beyond: so many before the first of them and after the last that are there, and those between.
    """
    if not len(own.ids):
        return
    number, first, last = len(own.ids), instant(own.published[0]), instant(own.published[-1])
    published = col(Post.published_at)
    mine = (col(Post.channel_id) == channel_id, col(Post.state) == PostState.PUBLISHED)
    between = select(func.count()).select_from(Post).where(*mine, published >= first, published <= last)
    connection = session.connection()
    if number > 1 and connection.execute(between).scalar_one() > _SPARSE * number:
        middle = int(np.diff(own.published).argmax()) + 1
        for half in (slice(0, middle), slice(middle, number)):
            part = _Around(own.ids[half], own.published[half], own.there[half])
            yield from _stretches(session, channel_id, part, beyond)
        return
    there = select(published).where(*mine, col(Post.deleted_at).is_(None)).offset(beyond - 1).limit(1)
    start = connection.execute(there.where(published < first).order_by(published.desc())).scalar()
    end = connection.execute(there.where(published > last).order_by(published)).scalar()
    mark = "%s" if rows.on_postgresql(connection) else "?"
    where, values = f"channel_id = {mark}", list[Any]([channel_id])
    for bound, sign in ((start, ">="), (end, "<=")):
        if bound is not None:
            where += f" AND published_at {sign} {mark}"
            values.append(rows.stored_instant(bound, as_text=mark == "?"))
    yield np.sort(own.ids), _ordered(_posts(connection, where, values))


def _compared(session: Session, own: Numbers, beside: _Around, before: datetime | None) -> Numbers:
    """The percentiles of the posts at these places, which are in order, among those around them."""
    others = np.flatnonzero(beside.there)
    found = np.full(len(own), np.nan)
    start = 0
    while start < len(own):
        end = min(start + _HELD // 4, len(own))
        first, after = _bounds(beside, own[start:end], others)
        # Fewer, where they lie far apart: each may have others around it.
        held = np.cumsum(np.diff(np.maximum.accumulate(after), prepend=first[0]).clip(0, 2 * COMPARED + 2))
        end = start + max(int(np.searchsorted(held, _HELD)), 1)
        found[start : min(end, len(own))] = _ranks(session, own[start:end], others, beside, before)
        start = end
    return found


def _ranks(
    session: Session, own: Numbers, others: Numbers, beside: _Around, before: datetime | None
) -> Numbers:
    """As `_compared`, of as many posts as may be held at once."""
    places, valid = _windows(beside, own, others)
    found = np.full(len(own), np.nan)
    enough = valid.sum(axis=1) >= ENOUGH
    if not enough.any():
        return found
    wanted = np.union1d(own[enough], others[np.unique(places[enough][valid[enough]])])
    row_of = np.zeros(len(beside.ids), np.int64)
    row_of[wanted] = np.arange(len(wanted))
    mine, among = row_of[own], row_of[others]
    for values, at in _counts(session, beside, wanted):
        for age in reversed(range(len(AGES))):
            value = values[mine, age]
            if before is not None:
                value = np.where(at[mine, age] < micros(before), value, np.nan)
            asked = np.flatnonzero(np.isnan(found) & enough & ~np.isnan(value))
            if len(asked):
                found[asked] = _ranked(value[asked], values[among, age], places[asked], valid[asked])
    return found


def _bounds(beside: _Around, own: Numbers, others: Numbers) -> tuple[Numbers, Numbers]:
    """From where to where, among ``others``, are those that each post is compared with, and itself.

    Those that went out in the same moment are among those before and among those after.
    """
    published, moment = beside.published[others], beside.published[own]
    is_other = beside.there[own].astype(np.int64)
    first = np.searchsorted(published, moment, side="right") - COMPARED - is_other
    end = np.searchsorted(published, moment, side="left") + COMPARED + is_other
    return first, end


def _windows(beside: _Around, own: Numbers, others: Numbers) -> tuple[Numbers, Mask]:
    """For each of the posts at ``own`` the places, among ``others``, of those that it is compared with."""
    first, end = _bounds(beside, own, others)
    places = first[:, None] + np.arange(2 * COMPARED + 1)
    valid: Mask = (places < end[:, None]) & (places >= 0) & (places < len(others))
    if not len(others):
        return np.zeros_like(places), valid
    places = places.clip(0, len(others) - 1)
    valid &= others[places] != own[:, None]
    return places, valid


def _ranked(value: Numbers, column: Numbers, places: Numbers, valid: Mask) -> Numbers:
    """The share of the others below each value, ties counted half; NaN where too few were read."""
    there = np.where(valid, column[places], np.nan)
    number = (~np.isnan(there)).sum(axis=1)
    below = (there < value[:, None]).sum(axis=1)
    equal = (there == value[:, None]).sum(axis=1)
    share: Numbers = 100 * (below + equal / 2) / np.maximum(number, 1)
    return np.where(number >= ENOUGH, share, np.nan)


def _counts(session: Session, beside: _Around, wanted: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """What the posts at these places had of each count at each age, and when it was read.

    A row for each place, a column for each age. NaN: it was not read, or too late to be compared.
    """
    ids, published = beside.ids[wanted], beside.published[wanted]
    by_id = np.argsort(ids)
    told = bundles.of_posts(session, ids[by_id].tolist())
    if told is None:
        return
    assert told.at is not None
    age = np.searchsorted(AGES, told.checkpoints).clip(0, len(AGES) - 1)
    is_age = AGES[age] == told.checkpoints
    codes = {name: code for code, name in enumerate(told.metric_names)}
    for metrics in _COUNTS:
        if not codes.keys() >= {*metrics}:
            continue
        values, at = np.zeros((len(ids), len(AGES))), np.zeros((len(ids), len(AGES)), np.int64)
        for metric in metrics:
            own = np.flatnonzero(is_age & (told.metrics == codes[metric]))
            place = by_id[np.searchsorted(ids, told.posts[own], sorter=by_id)], age[own]
            one = np.full(values.shape, np.nan)
            one[place] = told.values[own]
            values += one
            at[place] = np.maximum(at[place], told.at[own])
        values[at - published[:, None] > _LATEST] = np.nan
        yield values, at
