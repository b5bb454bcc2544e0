"""Where posts stand among their channel's other posts at equal age, for many posts at once.

The same as `analytics.against` tells of the posts of one page, as a number to sort by.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from domain.catalogue import CATALOGUE
from domain.definition import Definition
from domain.equal_age import ANCHORS, COMPARED, ENOUGH, latest
from domain.metrics import CHECKPOINTS
from domain.post import PostState
from store.around import at_age
from store.bulk import plain_time, plain_times
from store.chunks import chunks
from store.columns import Mask, Numbers, instant
from store.rollups import micros
from store.tables import Post

#: So many times the posts that are asked about may lie between the first and the last of them; where there
#: are more, the posts around each half are read by themselves.
_SPARSE: Final = 2 * COMPARED
#: Posts that are compared with those around them at once: 8 bytes each, 201 times.
_ROWS: Final = 4_096


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
    for own, beside in _stretches(session, channel_id, _published(session, ids)):
        found[np.searchsorted(ids, own)] = _compared(session, own, beside, before)
    return found


def around(session: Session, channel_id: int, post_ids: Collection[int]) -> set[int]:
    """The posts of a channel that are compared with any of these, without themselves."""
    changed = _published(session, np.array(sorted(post_ids), np.int64))
    found = {one for _, beside in _stretches(session, channel_id, changed) for one in beside.ids.tolist()}
    return found.difference(post_ids)


def _published(session: Session, ids: Numbers) -> _Around:
    """These posts in the order in which they went out."""
    rows: list[Any] = []
    for chunk in chunks(ids.tolist()):
        query = _posts(session).where(col(Post.id).in_(chunk))
        rows += session.connection().execute(query).all()
    return _ordered(rows)


def _posts(session: Session) -> Any:
    published = col(Post.published_at)
    columns = (col(Post.id), plain_time(session, published), col(Post.deleted_at).is_(None))
    return select(*columns).where(col(Post.state) == PostState.PUBLISHED, published.is_not(None))


def _ordered(rows: Sequence[Any]) -> _Around:
    if not rows:
        return _Around(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool))
    ids, published, there = zip(*rows, strict=True)
    at = plain_times(published)
    order = np.lexsort((np.array(ids, np.int64), at))
    return _Around(np.array(ids, np.int64)[order], at[order], np.array(there, bool)[order])


def _stretches(session: Session, channel_id: int, own: _Around) -> Iterator[tuple[Numbers, _Around]]:
    """Some of these posts at a time, with all posts of their channel around them."""
    if not len(own.ids):
        return
    number, first, last = len(own.ids), own.published[0], own.published[-1]
    published = col(Post.published_at)
    mine = (col(Post.channel_id) == channel_id, col(Post.state) == PostState.PUBLISHED)
    within = (published >= instant(first), published <= instant(last))
    between = select(func.count()).select_from(Post).where(*mine, *within)
    if number > 1 and session.connection().execute(between).scalar_one() > _SPARSE * number:
        middle = int(np.diff(own.published).argmax()) + 1
        for half in (slice(0, middle), slice(middle, number)):
            part = _Around(own.ids[half], own.published[half], own.there[half])
            yield from _stretches(session, channel_id, part)
        return
    connection, query = session.connection(), _posts(session).where(*mine)
    there = query.where(col(Post.deleted_at).is_(None)).limit(COMPARED)
    rows = [
        *connection.execute(there.where(published < instant(first)).order_by(published.desc())),
        *connection.execute(query.where(*within)),
        *connection.execute(there.where(published > instant(last)).order_by(published)),
    ]
    yield np.sort(own.ids), _ordered(rows)


def _compared(session: Session, own: Numbers, beside: _Around, before: datetime | None) -> Numbers:
    """The percentiles of these posts (in the order of their ids) among those around them.

    Of each count and age only those are read that still have none, and what they are compared with.
    """
    own_places = np.flatnonzero(np.isin(beside.ids, own))
    others = np.flatnonzero(beside.there)
    places, valid = _windows(beside, own_places, others)
    found = np.full(len(own_places), np.nan)
    enough = valid.sum(axis=1) >= ENOUGH
    for key in ANCHORS:
        for age in reversed(CHECKPOINTS):
            asked = np.flatnonzero(np.isnan(found) & enough)
            if not len(asked):
                break
            wanted = np.union1d(own_places[asked], others[np.unique(places[asked][valid[asked]])])
            values, at = _values(session, beside, wanted, CATALOGUE[key], age)
            mine = values[own_places[asked]]
            if before is not None:
                mine = np.where(at[own_places[asked]] < micros(before), mine, np.nan)
            asked, mine = asked[~np.isnan(mine)], mine[~np.isnan(mine)]
            found[asked] = _ranked(mine, values[others], places[asked], valid[asked])
    ranked: Numbers = found[np.argsort(beside.ids[own_places])]
    return ranked


def _windows(beside: _Around, own: Numbers, others: Numbers) -> tuple[Numbers, Mask]:
    """For each of the posts at ``own`` the places, among ``others``, of those that it is compared with.

    Those that went out in the same moment are among those before and among those after.
    """
    published, moment = beside.published[others], beside.published[own]
    is_other = beside.there[own].astype(np.int64)  # itself is in between, and left out
    first = np.searchsorted(published, moment, side="right") - COMPARED - is_other
    end = np.searchsorted(published, moment, side="left") + COMPARED + is_other
    places = first[:, None] + np.arange(2 * COMPARED + 1)
    valid: Mask = (places < end[:, None]) & (places >= 0) & (places < len(others))
    if not len(others):
        return np.zeros_like(places), valid
    places = places.clip(0, len(others) - 1)
    valid &= others[places] != own[:, None]
    return places, valid


def _ranked(value: Numbers, column: Numbers, places: Numbers, valid: Mask) -> Numbers:
    """The share of the others below each value, ties counted half; NaN where too few were read."""
    found = np.full(len(value), np.nan)
    for start in range(0, len(value), _ROWS):
        some = slice(start, start + _ROWS)
        there = np.where(valid[some], column[places[some]], np.nan)
        number = (~np.isnan(there)).sum(axis=1)
        below = (there < value[some, None]).sum(axis=1)
        equal = (there == value[some, None]).sum(axis=1)
        enough = number >= ENOUGH
        share = 100 * (below + equal / 2) / np.maximum(number, 1)
        found[some] = np.where(enough, share, np.nan)
    return found


def _values(
    session: Session, beside: _Around, wanted: Numbers, definition: Definition, age: timedelta
) -> tuple[Numbers, Numbers]:
    """A count of the posts at these places at an age, and when it was read; both for all places.

    NaN: it was not asked for, not read, or too late to be compared.
    """
    values, at = np.full(len(beside.ids), np.nan), np.zeros(len(beside.ids), np.int64)
    wanted = wanted[np.argsort(beside.ids[wanted])]
    told = at_age(session, beside.ids[wanted], definition.numerator, age)
    where = wanted[np.searchsorted(beside.ids[wanted], told.ids)]
    values[where], at[where] = told.values, told.read_at
    values[at - beside.published > latest(age) / timedelta(microseconds=1)] = np.nan
    return values, at
