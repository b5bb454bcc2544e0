"""What is usual for a channel: its other posts at equal age."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles

from sqlmodel import Session

from domain.catalogue import CATALOGUE
from domain.definition import Shape
from store import measuring
from store.tables import Reading

#: With fewer posts to compare with, nothing is said.
ENOUGH = 5
#: A reading this much older than its checkpoint is not compared: the machine was down.
_LATEST = 1.5
_GRACE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Point:
    """A count of one post at one checkpoint."""

    checkpoint: timedelta
    read_at: datetime
    value: int
    #: Read so long after the checkpoint that it is not compared with others.
    late: bool


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


def curves(readings: Sequence[Reading], *, published_at: datetime) -> dict[str, list[Point]]:
    """Each count with its readings by age; sums only where all their parts were read."""
    found: dict[str, list[Point]] = {}
    by_place = {(reading.metric, reading.checkpoint): reading for reading in readings}
    checkpoints = sorted({reading.checkpoint for reading in readings})
    for entry in CATALOGUE.values():
        if entry.outside or entry.shape not in (Shape.FLOW, Shape.UNIQUE):
            continue
        for checkpoint in checkpoints:
            parts = [by_place.get((metric, checkpoint)) for metric in entry.numerator]
            there = [part for part in parts if part is not None]
            if len(there) == len(parts):
                found.setdefault(entry.key, []).append(_point(there, checkpoint, published_at))
    return found


def _point(parts: Sequence[Reading], seconds: int, published_at: datetime) -> Point:
    checkpoint = timedelta(seconds=seconds)
    read_at = max(part.read_at for part in parts)
    late = is_late(read_at, published_at, checkpoint)
    return Point(checkpoint, read_at, sum(part.value for part in parts), late)


def is_late(read_at: datetime, published_at: datetime, checkpoint: timedelta) -> bool:
    """Whether a reading came so long after its checkpoint that it is not compared with others."""
    return read_at - published_at > checkpoint * _LATEST + _GRACE


def usual_of(
    session: Session, readings: Sequence[Reading], around: Mapping[int, datetime], *, published_at: datetime
) -> dict[str, Usual]:
    """How each count of a post compares with the posts ``around`` it (id → published at)."""
    others: dict[tuple[str, timedelta], list[int]] = {}
    for post_id, theirs in measuring.readings_of(session, around).items():
        for key, points in curves(theirs, published_at=around[post_id]).items():
            for point in points:
                if not point.late:
                    others.setdefault((key, point.checkpoint), []).append(point.value)
    own = curves(readings, published_at=published_at)
    return {key: _usual(key, points, others) for key, points in own.items()}


def _usual(key: str, points: Sequence[Point], others: Mapping[tuple[str, timedelta], Sequence[int]]) -> Usual:
    ages = sorted(age for other, age in others if other == key)
    bands = [_band(age, others[key, age]) for age in ages]
    comparable = {band.checkpoint for band in bands if band.quartiles is not None}
    for point in reversed(points):
        if point.checkpoint in comparable and not point.late:
            rank = percentile(point.value, others[key, point.checkpoint])
            return Usual(bands, point.checkpoint, rank)
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
