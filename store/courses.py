"""What happened hour by hour of many metrics and channels at once, by a few questions to the database."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from domain.metrics import Audience, Metric
from store import steps
from store.activity import Asked, summed_apart
from store.audiences import CLICK_METRICS, PAGE_METRICS
from store.columns import Numbers
from store.rollups import DAY, QUARTER, split
from store.tables import Click, PageCount, Post
from store.traffic import slice_of
from store.unsummed import Waiting
from store.values import PostScope

_QUARTER = DAY // 96
#: When quarters of an hour began, in microseconds since 1970 (UTC), and what happened in each; a quarter may
#: come twice.
Course = tuple[Numbers, Numbers]


def courses(
    session: Session, scope: PostScope, metrics: Collection[Metric], *, start: datetime, end: datetime
) -> dict[tuple[int, Metric], Course]:
    """What happened in [start, end), both at whole quarters of an hour, by channel and metric.

    As `store.activity.by_slice` has it; without what nothing happened of.
    """
    found: dict[tuple[int, Metric], list[Course]] = {}
    kept, others = summed_apart(session, scope)
    for channel_id, metric, at, values in (
        *(_summed(session, kept, metrics, start, end) if kept.channel_ids else ()),
        *(_stepped(session, others, metrics, start, end) if others.channel_ids else ()),
    ):
        found.setdefault((channel_id, Metric(metric)), []).append((at, values))
    return {
        key: (np.concatenate([at for at, _ in parts]), np.concatenate([values for _, values in parts]))
        for key, parts in found.items()
    }


_Part = tuple[int, str, Numbers, Numbers]


def _summed(
    session: Session, scope: PostScope, metrics: Collection[Metric], start: datetime, end: datetime
) -> Iterator[_Part]:
    asked = Asked(session, scope, frozenset(metrics))
    low, high = _micros(start), _micros(end)
    by_key: dict[tuple[int, str], list[tuple[int, bytes]]] = {}
    found, waits = asked.named_rows(split(start)[0], split(end)[0])
    for channel_id, metric, day, slices in found:
        by_key.setdefault((channel_id, metric), []).append((day, slices))
    for (channel_id, metric), rows in by_key.items():
        entries = np.frombuffer(b"".join(one for _, one in rows), [("quarter", "u1"), ("value", "<i8")])
        days = np.repeat(np.array([day for day, _ in rows], np.int64), [len(one) // 9 for _, one in rows])
        at = days * DAY + entries["quarter"].astype(np.int64) * _QUARTER
        within = (at >= low) & (at < high)
        yield channel_id, metric, at[within], entries["value"][within].astype(np.int64)
    yield from _waiting(asked, waits.within(start, end))


def _waiting(asked: Asked, waits: Waiting) -> Iterator[_Part]:
    """The clicks that the sums do not hold yet."""
    channels = asked.placed(waits)
    by_key: dict[tuple[int, str], list[int]] = {}
    clicked = (waits.rows["post"].tolist(), waits.audiences, waits.rows["at"].tolist())
    for post_id, audience, at in zip(*clicked, strict=True):
        if post_id in channels:
            by_key.setdefault((channels[post_id], CLICK_METRICS[Audience(audience)]), []).append(at)
    for (channel_id, metric), times in by_key.items():
        at = np.array(times, np.int64)
        yield channel_id, metric, at - at % _QUARTER, np.ones(len(at), np.int64)


def _stepped(
    session: Session, scope: PostScope, metrics: Collection[Metric], start: datetime, end: datetime
) -> Iterator[_Part]:
    grown = steps.stepped(scope, metrics, start, end)
    read = slice_of(session, grown.c.read_at, QUARTER).label("slice")
    key = (grown.c.channel_id, grown.c.metric, read)
    query = select(*key, func.sum(grown.c.step)).where(grown.c.read_at >= start).group_by(*key)
    yield from _gathered(session, query, {})
    clicked = {audience: metric for audience, metric in CLICK_METRICS.items() if metric in metrics}
    if clicked:
        part = slice_of(session, col(Click.at), QUARTER).label("slice")
        named = (col(Post.channel_id), col(Click.audience), part)
        clicks = select(*named, func.count()).join(Post, col(Post.id) == col(Click.post_id))
        within = (*steps.clicked_within(list(clicked), start, end), *steps.in_scope(scope))
        yield from _gathered(session, clicks.where(*within).group_by(*named), clicked)
    for pair, metric in PAGE_METRICS.items():
        if metric in metrics and scope.local_ids:
            hour = slice_of(session, col(PageCount.hour), QUARTER).label("slice")
            shown = (col(PageCount.channel_id), col(PageCount.audience), hour)
            conditions = (*steps.shown_within(scope, [pair], start, end), col(PageCount.audience) == pair[1])
            views = select(*shown, func.sum(col(PageCount.shown))).where(*conditions).group_by(*shown)
            yield from _gathered(session, views, {pair[1]: metric})


def _gathered(session: Session, query: Any, metrics: Any) -> Iterator[_Part]:
    """Rows of channel, metric or what stands for it, slice, and number."""
    by_key: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for channel_id, name, number, value in session.connection().execute(query):
        by_key.setdefault((channel_id, metrics.get(name, name)), []).append((int(number), int(value)))
    for (channel_id, metric), rows in by_key.items():
        pairs = np.array(rows, np.int64)
        yield channel_id, metric, pairs[:, 0] * _QUARTER, pairs[:, 1]


def _micros(at: datetime) -> int:
    day, quarter, offset = split(at)
    return day * DAY + quarter * _QUARTER + offset
