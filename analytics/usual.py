"""What is usual for a channel: its other posts at equal age."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import quantiles
from typing import TYPE_CHECKING

from domain.catalogue import CATALOGUE
from domain.definition import Shape
from domain.equal_age import ANCHORS, ENOUGH, latest
from store.series import Noted
from store.tables import Reading

if TYPE_CHECKING:
    from store.around import Around
    from store.bulk import Readings

#: Share of cases in which the interval of a percentile holds the true one.
LEVEL = 0.9
#: Which other counts are told beside the one by which a post is compared.
TOLD = ("reactions", "replies", "shares", "clicks")
#: Of others, so many percent must be surpassed for a count to be unusual.
UNUSUAL = 90
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Point:
    """A count of one post at one checkpoint."""

    checkpoint: timedelta
    read_at: datetime
    value: int
    #: Read so long after the checkpoint that it is not compared with others.
    late: bool
    #: The platform's fields, in order.
    sources: tuple[str, ...] = ()
    #: Less than at the look before: the platform took something back, or counted anew.
    fell: bool = False
    #: Read from other fields than at the look before: how much it grew in between is not known.
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """The middle half of the channel's other posts at one checkpoint."""

    checkpoint: timedelta
    #: How many posts were compared.
    posts: int
    #: Lower quartile, median, upper quartile; None: not enough data.
    quartiles: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Usual:
    """How one count of a post compares with the channel's other posts."""

    bands: Sequence[Band]
    #: The oldest age at which it can be compared; None: not enough data.
    checkpoint: timedelta | None
    #: Share of the other posts below it at that age, ties counted half, 0 to 100.
    percentile: float | None
    #: Where that share lies among all posts that the channel could have had (Clopper and Pearson), 0 to 100.
    interval: tuple[float, float] | None = None
    #: How many posts it was compared with at that age.
    posts: int = 0


def curves(
    readings: Sequence[Noted | Reading], *, published_at: datetime, keys: Collection[str] | None = None
) -> dict[str, list[Point]]:
    """Each count (only these ``keys``) with its readings by age; sums only where all parts were read."""
    found: dict[str, list[Point]] = {}
    by_place = {(reading.metric, reading.checkpoint): reading for reading in readings}
    checkpoints = sorted({reading.checkpoint for reading in readings})
    for entry in CATALOGUE.values() if keys is None else [CATALOGUE[key] for key in keys]:
        if entry.outside or entry.shape not in (Shape.FLOW, Shape.UNIQUE):
            continue
        for checkpoint in checkpoints:
            parts = [by_place.get((metric, checkpoint)) for metric in entry.numerator]
            there = [part for part in parts if part is not None]
            if len(there) == len(parts):
                found.setdefault(entry.key, []).append(_point(there, checkpoint, published_at))
    return {key: _flagged(points) for key, points in found.items()}


def _flagged(points: Sequence[Point]) -> list[Point]:
    """The same with what stands out between one look and the next."""
    before: list[Point | None] = [None, *points[:-1]]
    return [
        replace(
            point,
            fell=last is not None and last.sources == point.sources and point.value < last.value,
            cut=last is not None and last.sources != point.sources,
        )
        for last, point in zip(before, points, strict=True)
    ]


def _point(parts: Sequence[Noted | Reading], seconds: int, published_at: datetime) -> Point:
    checkpoint = timedelta(seconds=seconds)
    read_at = max(part.read_at for part in parts)
    late = read_at - published_at > latest(checkpoint)
    sources = tuple(part.source for part in parts)
    return Point(checkpoint, read_at, sum(part.value for part in parts), late, sources)


def usual_of(
    own: Mapping[str, Sequence[Point]], around: "Around", rows: "Readings | None"
) -> dict[str, Usual]:
    """How each count of a post (as `curves` tells it) compares with the posts ``around`` it.

    Args:
        rows: all readings of those posts; None: there are none.
    """
    others = _others(around, rows, own.keys())
    return {key: _usual(key, points, others) for key, points in own.items()}


def _others(
    around: "Around", rows: "Readings | None", keys: Collection[str]
) -> dict[tuple[str, timedelta], list[int]]:
    """The values of other posts by count and age, without readings that came late."""
    import numpy as np

    ids = around.ids
    if rows is None or rows.at is None or not keys:
        return {}
    ages = np.unique(rows.checkpoints)
    place = (np.searchsorted(ids, rows.posts), rows.metrics, np.searchsorted(ages, rows.checkpoints))
    values = np.full((len(ids), len(rows.metric_names), len(ages)), np.nan)
    at = np.zeros(values.shape, np.int64)
    values[place], at[place] = rows.values, rows.at
    last = np.array([latest(timedelta(seconds=age)) / _MICROSECOND for age in ages.tolist()])
    found: dict[tuple[str, timedelta], list[int]] = {}
    for key in keys:
        parts = CATALOGUE[key].numerator
        if not set(parts) <= set(rows.metric_names):
            continue
        own = [rows.metric_names.index(part) for part in parts]
        sums = values[:, own].sum(axis=1)
        late = at[:, own].max(axis=1) - around.published[:, None] > last
        for number, age in enumerate(ages.tolist()):
            there = sums[~late[:, number], number]
            there = there[~np.isnan(there)]
            if there.size:
                found[key, timedelta(seconds=age)] = there.astype(np.int64).tolist()
    return found


def _usual(key: str, points: Sequence[Point], others: Mapping[tuple[str, timedelta], Sequence[int]]) -> Usual:
    ages = sorted(age for other, age in others if other == key)
    bands = [_band(age, others[key, age]) for age in ages]
    comparable = {band.checkpoint for band in bands if band.quartiles is not None}
    for point in reversed(points):
        if point.checkpoint in comparable and not point.late:
            compared = others[key, point.checkpoint]
            rank = percentile(point.value, compared)
            return Usual(bands, point.checkpoint, rank, rank_interval(point.value, compared), len(compared))
    return Usual(bands, None, None)


def _band(checkpoint: timedelta, values: Sequence[int]) -> Band:
    if len(values) < ENOUGH:
        return Band(checkpoint, len(values), None)
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return Band(checkpoint, len(values), (low, middle, high))


def percentile(value: float, others: Sequence[float]) -> float:
    """The share of ``others`` below a value, ties counted half; 0 to 100."""
    below = sum(other < value for other in others)
    equal = sum(other == value for other in others)
    return 100 * (below + equal / 2) / len(others)


def rank_interval(value: float, others: Sequence[float], *, level: float = LEVEL) -> tuple[float, float]:
    """Between which percentiles a value lies among all posts that the channel could have had.

    Exact bounds of Clopper and Pearson for the share below the value, and for the share not above it; with
    ties they enclose both. In at least ``level`` of all cases the true percentile lies within, whatever the
    distribution, as long as the posts are alike and independent.

    Returns:
        Lower and upper bound, 0 to 100.
    """
    from scipy.special import betaincinv

    number, tail = len(others), (1 - level) / 2
    below = sum(other < value for other in others)
    not_above = sum(other <= value for other in others)
    low = 0.0 if below == 0 else float(betaincinv(below, number - below + 1, tail))
    high = 1.0 if not_above == number else float(betaincinv(not_above + 1, number - not_above, 1 - tail))
    return 100 * low, 100 * high


@dataclass(frozen=True, slots=True)
class Headline:
    """How a post compares with the channel's others at equal age, for one sentence."""

    #: The count that is told first.
    key: str
    checkpoint: timedelta
    #: 0 to 100, with its interval.
    percentile: float
    interval: tuple[float, float]
    #: With how many posts it was compared.
    posts: int
    #: Other counts that stand out, and those that do not.
    many: tuple[str, ...]
    few: tuple[str, ...]
    usual: tuple[str, ...]

    @property
    def top(self) -> float:
        """In the top so many percent, at least 1; above 50 it is better told from below."""
        return max(1.0, 100 - self.percentile)


def headline_of(
    found: Mapping[str, Usual], *, anchors: Sequence[str] = ANCHORS, others: Sequence[str] = TOLD
) -> Headline | None:
    """What one sentence says of a post; None: too few posts were measured at the same age.

    Another count stands out when nine of ten posts had fewer, or more.
    """
    key = next((one for one in anchors if one in found and found[one].percentile is not None), None)
    if key is None:
        return None
    first = found[key]
    assert first.checkpoint is not None and first.percentile is not None and first.interval is not None  # noqa: PT018
    ranks = {one: found[one].percentile for one in others if one in found and one != key}
    known = {one: rank for one, rank in ranks.items() if rank is not None}
    many = tuple(one for one, rank in known.items() if rank >= UNUSUAL)
    few = tuple(one for one, rank in known.items() if rank <= 100 - UNUSUAL)
    return Headline(
        key=key,
        checkpoint=first.checkpoint,
        percentile=first.percentile,
        interval=first.interval,
        posts=first.posts,
        many=many,
        few=few,
        usual=tuple(one for one in known if one not in many + few),
    )
