"""A workspace in a period: each channel's totals, and all together.

Each count is given twice, labelled by its basis: what happened in the period whatever the age of
the posts, and what the posts published in the period have come to. The two differ, and both are right.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from analytics.scopes import post_scope
from analytics.spreads import spread_figure
from analytics.sums import (
    Stretch,
    flow_figure,
    follower_figure,
    followers_at,
    growth_figure,
    marked,
    not_supplied,
    posts_figure,
    total_figure,
)
from domain.catalogue import CATALOGUE
from domain.definition import OF_CHANNELS, Definition, Shape, Supplies
from domain.figure import Basis, Figure
from domain.metrics import Metric
from store import activity, channels, measuring
from store.tables import ChannelReading, ChannelRow
from store.values import PostScope

if TYPE_CHECKING:
    from store.cohorts import Measured
    from store.summed import Spread, Total


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of one channel, or of all together, by key."""

    #: Counts by activity in the period; posts published; followers at its end and their growth.
    activity: Mapping[str, Figure]
    #: Counts and rates of the posts published in the period, as they stand now.
    published: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Overview:
    """A workspace in the period [start, end)."""

    start: datetime
    end: datetime
    channels: Sequence[tuple[ChannelRow, Totals]]
    #: Only what may be added up is added up; rates are ratios of the sums.
    total: Totals


def overview(
    session: Session,
    workspace_id: int,
    start: datetime,
    end: datetime,
    *,
    supplies: Supplies,
    now: datetime,
    keys: Collection[str] | None = None,
    as_of_now: bool = False,
) -> Overview:
    """The figures of a workspace by channel and in total.

    Args:
        session: reads only.
        workspace_id: whose.
        start: first instant of the period, UTC.
        end: first instant after it, UTC.
        supplies: what the platforms can give.
        now: current time, UTC.
        keys: figures that are wanted; all of the catalogue, if not said.
        as_of_now: what the posts of the period have come to until now, as lists of posts tell it; else until
            its end, so that periods compare. The coverage then counts what was read by now, too.
    """
    rows = channels.listed(session, workspace_id)
    of_posts = (entry for entry in CATALOGUE.values() if not entry.outside)
    wanted = [entry for entry in of_posts if keys is None or entry.key in keys]
    asked = _Asked(wanted, supplies, Stretch(start, end, now), as_of_now)
    collected = _collect(session, post_scope(workspace_id, rows, supplies), rows, asked)
    each = [(row, collected.totals([row])) for row in rows]
    return Overview(start, end, each, collected.totals(rows))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is wanted, of when, and what the platforms can give."""

    wanted: Sequence[Definition]
    supplies: Supplies
    stretch: Stretch
    #: What posts have come to until now, not until the end of the stretch.
    as_of_now: bool = False


@dataclass(frozen=True, slots=True)
class _Collected:
    """Everything that was read, from which the figures of any set of channels follow."""

    asked: _Asked
    sums: Sequence[activity.Sum]
    seen: Mapping[int, "Measured"]
    published: Mapping[int, int]
    totals_by: Mapping[str, Mapping[int, "Total"]]
    sources: Collection[tuple[int, Metric, str]]
    spreads_by: Mapping[str, Mapping[int, "Spread"]]
    first_followers: Mapping[int, ChannelReading]
    #: The last reading of each number of the channels themselves.
    last_by: Mapping[Metric, Mapping[int, ChannelReading]]
    #: Which channels' platforms supply each figure.
    giving: Mapping[str, frozenset[int]]

    def totals(self, rows: Sequence[ChannelRow]) -> Totals:
        """The figures of these channels together."""
        return Totals(
            activity={
                entry.key: self._marked(entry, rows, self._activity(entry, rows))
                for entry in self.asked.wanted
                if _is_active(entry)
            },
            published={
                entry.key: self._marked(entry, rows, self._published(entry, rows))
                for entry in self.asked.wanted
                if entry.shape in _PUBLISHED
            },
        )

    def _marked(self, entry: Definition, rows: Sequence[ChannelRow], figure: Figure) -> Figure:
        platforms = {row.platform for row in rows if row.id in self.giving[entry.key]}
        return marked(figure, self.asked.supplies, platforms, entry, self.asked.stretch)

    def _split(self, entry: Definition, rows: Sequence[ChannelRow]) -> tuple[set[int], set[int]]:
        ids = {row.id for row in rows}
        return ids & self.giving[entry.key], ids - self.giving[entry.key]

    def _activity(self, entry: Definition, rows: Sequence[ChannelRow]) -> Figure:
        giving, others = self._split(entry, rows)
        if entry.shape is Shape.POSTS:
            number = sum(self.published.get(row.id, 0) for row in rows)
            return posts_figure(entry, number, now=self.asked.stretch.seen)
        if not giving:
            return not_supplied(entry, Basis.MOMENT if entry.shape is Shape.STOCK else Basis.ACTIVITY)
        first = {at: reading for at, reading in self.first_followers.items() if at in giving}
        metric = entry.numerator[0]
        last = {at: reading for at, reading in self.last_by.get(metric, {}).items() if at in giving}
        match entry.shape:
            case Shape.STOCK:
                return follower_figure(entry, last, channels=len(giving), unsupplied=len(others))
            case Shape.GROWTH | Shape.GROWTH_RATE:
                return growth_figure(entry, first, last, channels=len(giving), unsupplied=len(others))
        return flow_figure(
            entry,
            [one for one in self.sums if one.channel_id in giving and one.metric in entry.numerator],
            {channel_id: seen for channel_id, seen in self.seen.items() if channel_id in giving},
            {channel_id: seen for channel_id, seen in self.seen.items() if channel_id in others},
            now=self.asked.stretch.seen,
        )

    def _published(self, entry: Definition, rows: Sequence[ChannelRow]) -> Figure:
        giving, others = self._split(entry, rows)
        if not giving:
            return not_supplied(entry, Basis.PUBLISHED)
        unsupplied = sum(self.published.get(channel_id, 0) for channel_id in others)
        sources = {name for at, metric, name in self.sources if at in giving and metric in entry.read}
        if entry.shape in _SPREAD:
            found = [one for channel_id, one in self.spreads_by[entry.key].items() if channel_id in giving]
            return spread_figure(
                entry, found, sources=sources, unsupplied=unsupplied, now=self.asked.stretch.seen
            )
        return total_figure(
            entry,
            [total for channel_id, total in self.totals_by[entry.key].items() if channel_id in giving],
            sources=sources,
            unsupplied=unsupplied,
            now=self.asked.stretch.seen,
        )


def _is_active(entry: Definition) -> bool:
    return entry.shape in (Shape.FLOW, Shape.POSTS) or entry.shape in OF_CHANNELS


#: Shapes that are made of the posts' own values, not of sums.
_SPREAD = (Shape.UNIQUE, Shape.MEAN, Shape.LARGEST)
#: Shapes that speak of the posts published in a period.
_PUBLISHED = (Shape.FLOW, Shape.RATE, *_SPREAD)


def _collect(session: Session, scope: PostScope, rows: Sequence[ChannelRow], asked: _Asked) -> _Collected:
    """All queries of an overview; their number does not depend on the number of channels."""
    from store.cohorts import Cohorts

    start, end = asked.stretch.start, asked.stretch.before
    flows = {metric for entry in asked.wanted if entry.shape is Shape.FLOW for metric in entry.numerator}
    summed = [entry for entry in asked.wanted if entry.shape in (Shape.FLOW, Shape.RATE)]
    spread = [entry for entry in asked.wanted if entry.shape in _SPREAD]
    of_posts = [*summed, *spread]
    stocks = {entry.numerator[0] for entry in asked.wanted if entry.shape in OF_CHANNELS}
    read = {metric for entry in of_posts for metric in entry.read}
    needed = [*of_posts, *(CATALOGUE[metric] for metric in flows)]
    before = asked.stretch.known if asked.as_of_now else end
    giving = {entry.key: _giving(entry, rows, asked) for entry in asked.wanted}
    cohorts = Cohorts(session, scope, needed, start=start, end=end, before=before, active=True, sources=read)
    return _Collected(
        asked=asked,
        sums=activity.happened(session, scope, flows, start=start, end=end),
        seen=cohorts.measured(flows),
        published=cohorts.published(),
        totals_by={entry.key: cohorts.totals(entry, giving[entry.key]) for entry in summed},
        spreads_by={entry.key: cohorts.spreads(entry, giving[entry.key]) for entry in spread},
        sources=cohorts.sources,
        first_followers=followers_at(session, scope.channel_ids, asked.stretch),
        last_by=measuring.lasts_of_channels(session, scope.channel_ids, stocks, before=end),
        giving=giving,
    )


def _giving(entry: Definition, rows: Sequence[ChannelRow], asked: _Asked) -> frozenset[int]:
    return frozenset(row.id for row in rows if not asked.supplies.lacking(row.platform, entry))
