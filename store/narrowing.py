"""Filters that no column answers by itself: where posts come from, when they went out, and their words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np
from sqlalchemy import ColumnElement, String, cast, func, select
from sqlmodel import Session, col

from domain.offsets import offsets
from domain.post_filters import Origin
from store.columns import AUTHOR, EVERGREEN, NATIVE, POST, PUBLISHED, ROUTE, Mask, Numbers, instant
from store.tables import ChannelRow, Experiment, ExperimentPost, Post
from store.values import Filters, PostScope

_DAY, _HOUR = 86_400, 3_600
#: 1970-01-01 was a Thursday.
_FIRST_WEEKDAY = 3


class Board(Protocol):
    """Posts as columns."""

    @property
    def ids(self) -> Numbers:
        """The posts' numbers."""
        ...

    @property
    def channels(self) -> Numbers:
        """The channel of each."""
        ...

    @property
    def columns(self) -> Mapping[str, Numbers]:
        """What is known of each."""
        ...

    @property
    def size(self) -> int:
        """How many posts."""
        ...


def narrows_by(filters: Filters) -> set[str]:
    """The columns that `narrowed` looks at; empty: it would leave out none."""
    found = {ROUTE, AUTHOR, EVERGREEN, NATIVE} if filters.origins else set()
    if filters.weekdays or filters.hours:
        found.add(PUBLISHED)
    return {*found, POST} if found or filters.text or filters.experiment_ids else set()


def narrowed(session: Session, posts: Board, scope: PostScope, filters: Filters) -> Mask:
    """Which of these posts meet the filters that columns do not answer by themselves."""
    mask: Mask = np.ones(posts.size, bool)
    if filters.origins:
        mask &= _from(posts, filters.origins)
    if posts.size and (filters.weekdays or filters.hours):
        mask &= _at_slot(session, posts, filters)
    if filters.experiment_ids:
        mask &= np.isin(posts.ids, _in_arms(session, scope, filters))
    if filters.text:
        mask &= np.isin(posts.ids, _with_words(session, scope, filters))
    return mask


def _from(posts: Board, origins: frozenset[Origin]) -> Mask:
    again, routed, written = (posts.columns[name] != 0 for name in (EVERGREEN, ROUTE, AUTHOR))
    masks = {
        Origin.EVERGREEN: again,
        Origin.ROUTE: routed & ~again,
        Origin.PERSON: written & ~routed & ~again,
        Origin.NATIVE: posts.columns[NATIVE] == 1,
    }
    found: Mask = np.logical_or.reduce([masks[one] for one in origins])
    return found


def _at_slot(session: Session, posts: Board, filters: Filters) -> Mask:
    weekdays, hours = slots(session, posts)
    mask: Mask = np.ones(posts.size, bool)
    if filters.weekdays:
        mask &= np.isin(weekdays, sorted(filters.weekdays))
    if filters.hours:
        mask &= np.isin(hours, sorted(filters.hours))
    return mask


def slots(session: Session, posts: Board) -> tuple[Numbers, Numbers]:
    """Day of the week (0 is Monday) and hour at which each post went out, by the clock of its channel."""
    weekdays, hours = np.zeros(posts.size, np.int64), np.zeros(posts.size, np.int64)
    if not posts.size:
        return weekdays, hours
    seconds = posts.columns[PUBLISHED] // 1_000_000
    # By whole days, so that the stretches of a zone are worked out once for many lists.
    start = _midnight(instant(posts.columns[PUBLISHED].min()))
    end = _midnight(instant(posts.columns[PUBLISHED].max())) + timedelta(days=1)
    for zone, channel_ids in _zones(session, posts.channels).items():
        own = np.isin(posts.channels, channel_ids)
        stretches = offsets(zone, start, end)
        firsts, east = (np.array(part, np.int64) for part in zip(*stretches, strict=True))
        local = seconds[own]
        local = local + east[np.searchsorted(firsts, local, side="right") - 1]
        weekdays[own] = (local // _DAY + _FIRST_WEEKDAY) % 7
        hours[own] = local % _DAY // _HOUR
    return weekdays, hours


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _zones(session: Session, channels: Numbers) -> dict[str, list[int]]:
    ids = np.unique(channels).tolist()
    query = select(col(ChannelRow.id), col(ChannelRow.zone)).where(col(ChannelRow.id).in_(ids))
    found: dict[str, list[int]] = {}
    for channel_id, zone in session.connection().execute(query):
        found.setdefault(zone, []).append(channel_id)
    return found


def _in_arms(session: Session, scope: PostScope, filters: Filters) -> Numbers:
    """The posts of these experiments' arms."""
    query = (
        select(col(ExperimentPost.post_id))
        .join(Experiment, col(Experiment.id) == col(ExperimentPost.experiment_id))
        .where(
            col(Experiment.workspace_id) == scope.workspace_id,
            col(Experiment.id).in_(sorted(filters.experiment_ids)),
        )
    )
    return np.array(session.connection().execute(query).scalars().all(), np.int64)


def _with_words(session: Session, scope: PostScope, filters: Filters) -> Numbers:
    """The posts whose text has these words; the database reads them."""
    text: ColumnElement[str]
    if session.get_bind().dialect.name == "sqlite":
        text = cast(func.json_extract(col(Post.content), "$.text"), String)
    else:
        text = func.jsonb_extract_path_text(col(Post.content), "text")
    where = [
        col(Post.workspace_id) == scope.workspace_id,
        col(Post.channel_id).in_(sorted(scope.channel_ids)),
        col(Post.published_at).is_not(None),
        text.icontains((filters.text or "").strip(), autoescape=True),
    ]
    if filters.start is not None:
        where.append(col(Post.published_at) >= filters.start)
    if filters.end is not None:
        where.append(col(Post.published_at) < filters.end)
    found = session.connection().execute(select(col(Post.id)).where(*where)).scalars().all()
    return np.array(found, np.int64)
