"""The groups of a figure in one stretch of time: how many posts, what they came to, how often seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from analytics.breakdowns import group_names
from analytics.explaining.tree import Cell, Key
from analytics.scopes import ground
from analytics.sums import Stretch, followers_at
from domain.breakdown import By
from domain.catalogue import CATALOGUE
from domain.definition import Definition, Shape, Supplies
from domain.kpi import Scope
from domain.metrics import Metric
from domain.sentence import Words
from store import activity, channels, measuring
from store.cohorts import Cohorts
from store.groups import Groups
from store.tables import ChannelRow
from store.values import Filters, PostScope

#: By what posts may be grouped here; each post is in exactly one group.
GROUPINGS = (By.CHANNEL, By.PLATFORM, By.KIND, By.SLOT, By.CAMPAIGN, By.ROUTE)
#: Figures of the channels themselves know no posts.
OF_CHANNELS = (By.CHANNEL, By.PLATFORM)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a figure is looked at."""

    session: Session
    workspace_id: int
    entry: Definition
    scope: Scope
    supplies: Supplies

    def ground(self) -> tuple[PostScope, list[ChannelRow]]:
        """The posts in scope of the channels that supply it, and these channels."""
        found = ground(self.session, self.workspace_id, self.scope, self.entry, self.supplies).scope
        rows = channels.listed(self.session, self.workspace_id)
        return found, [row for row in rows if row.id in found.channel_ids]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups of one stretch and what they are called."""

    cells: Mapping[Key, Cell]
    names: Mapping[Key, Words]


def of_activity(place: Place, by: By, stretch: Stretch) -> Grouped:
    """What happened in a stretch by channel or platform, beside its posts and impressions."""
    scope, rows = place.ground()
    if not rows:
        return Grouped({}, {})
    start, end = stretch.start, stretch.before
    seen = CATALOGUE[Metric.IMPRESSIONS]
    is_seen = place.entry.key != seen.key
    giving = {row.id for row in rows if is_seen and not place.supplies.lacking(row.platform, seen)}
    metrics = {*place.entry.numerator, *((Metric.IMPRESSIONS,) if giving else ())}
    values: dict[int, float] = {row.id: 0.0 for row in rows}
    below = dict.fromkeys(giving, 0.0)
    for one in activity.happened(place.session, scope, metrics, start=start, end=end):
        if one.metric in place.entry.numerator:
            values[one.channel_id] += one.value
        if one.metric is Metric.IMPRESSIONS and one.channel_id in below:
            below[one.channel_id] += one.value
    posts = Cohorts(place.session, scope, start=start, end=end).published()
    found = {
        row.id: Cell(float(posts.get(row.id, 0)), values[row.id], below.get(row.id))
        for row in rows
        if posts.get(row.id) or values[row.id]
    }
    return _named(place, by, rows, found)


def of_rate(place: Place, by: By, stretch: Stretch) -> Grouped:
    """The posts published in a stretch by channel or platform: numerator and denominator at its end."""
    scope, rows = place.ground()
    if not rows:
        return Grouped({}, {})
    totals = Cohorts(place.session, scope, [place.entry], start=stretch.start, end=stretch.before).totals(
        place.entry
    )
    found = {
        key: Cell(float(one.posts), float(one.above), float(one.below))
        for key, one in totals.items()
        if one.posts
    }
    return _named(place, by, rows, found)


def _named(place: Place, by: By, rows: Sequence[ChannelRow], found: Mapping[int, Cell]) -> Grouped:
    """The cells of channels under their names, or added up by platform."""
    cells: dict[Key, Cell] = {}
    names: dict[Key, Words] = {}
    for row in rows:
        if row.id not in found:
            continue
        key: Key = row.id if by is By.CHANNEL else row.platform
        name = row.name if by is By.CHANNEL else place.supplies.title(row.platform)
        cells[key] = found[row.id] if key not in cells else _added(cells[key], found[row.id])
        names[key] = Words(name, name)
    return Grouped(cells, names)


def _added(one: Cell, other: Cell) -> Cell:
    is_told = one.below is not None and other.below is not None
    below = (one.below or 0.0) + (other.below or 0.0) if is_told else None
    return Cell(one.posts + other.posts, one.value + other.value, below)


def of_posts(place: Place, by: By, stretch: Stretch) -> Grouped:
    """The posts published in a stretch, as they stood at its end."""
    scope, rows = place.ground()
    counted = place.entry.shape is not Shape.POSTS
    seen = CATALOGUE[Metric.IMPRESSIONS]
    counts_seen = place.entry.shape is Shape.FLOW and place.entry.key != seen.key
    wanted = [place.entry, seen] if counts_seen else [place.entry] if counted else []
    if not rows:
        return Grouped({}, {})
    groups = Groups(
        place.session, scope, by, wanted, rows, before=stretch.before,
        filters=Filters(start=stretch.start, end=stretch.before),
    )  # fmt: skip
    names = group_names(place.session, place.workspace_id, by, groups.keys, rows, place.supplies)
    if not counted:
        sizes = zip(groups.keys, groups.sizes, strict=True)
        return Grouped({key: Cell(float(size), float(size)) for key, size in sizes}, names)
    own, _ = groups.totals(place.entry, [row.id for row in rows])
    told: list[float | None] = [None] * len(own)
    if counts_seen:
        giving = [row.id for row in rows if not place.supplies.lacking(row.platform, seen)]
        told = [
            float(one.above) if one.posts == each.posts else None
            for one, each in zip(groups.totals(seen, giving)[0], own, strict=True)
        ]
    is_rate = place.entry.shape is Shape.RATE
    return Grouped(
        {
            key: Cell(float(one.posts), float(one.above), float(one.below) if is_rate else below)
            for key, one, below in zip(groups.keys, own, told, strict=True)
            if one.posts
        },
        names,
    )


def of_channels(place: Place, by: By, stretch: Stretch) -> Grouped:
    """Followers at the end of a stretch by channel or platform, and for growth how many were won in it."""
    _, rows = place.ground()
    ids = [row.id for row in rows]
    last = measuring.last_of_channels(place.session, ids, place.entry.numerator[0], before=stretch.before)
    first = {} if place.entry.shape is Shape.STOCK else followers_at(place.session, ids, stretch)
    found = {
        channel_id: Cell(
            0.0,
            float(row.value - (first[channel_id].value if first else 0)),
            float(first[channel_id].value) if first else None,
        )
        for channel_id, row in last.items()
        if not first or (channel_id in first and first[channel_id].id != row.id)
    }
    return _named(place, by, rows, found)
