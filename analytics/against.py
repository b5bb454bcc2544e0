"""Where posts of a list stand among their channels' posts at equal age, for a page of posts at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from analytics.figures import Facts
from analytics.usual import Point, curves, percentile, rank_interval
from domain.catalogue import CATALOGUE
from domain.equal_age import ANCHORS, COMPARED, ENOUGH, latest

if TYPE_CHECKING:
    from store.around import Around


@dataclass(frozen=True, slots=True)
class Rank:
    """A post's place among its channel's other posts."""

    #: What was compared, and at which age.
    key: str
    checkpoint: timedelta
    #: Share of the others below it, ties counted half, 0 to 100.
    percentile: float
    #: Between which percentiles it lies with 95 % certainty.
    interval: tuple[float, float]
    #: With how many posts it was compared.
    posts: int


@dataclass(slots=True)
class _Asked:
    """A post that is still without a rank, and what is tried next for it."""

    facts: Facts
    around: "Around"
    candidates: Iterator[tuple[str, Point]]


def ranks(session: Session, facts: Mapping[int, Facts]) -> dict[int, Rank]:
    """The rank of each of these posts that can be compared, as its own page tells it."""
    from store.around import around

    found: dict[int, Rank] = {}
    measured = [each.post for each in facts.values() if each.readings]
    beside = around(session, measured, each_side=COMPARED)
    open_ = [_asked(facts[post_id], own) for post_id, own in beside.items() if len(own.ids) >= ENOUGH]
    while open_:
        tries = [(one, *candidate) for one in open_ if (candidate := next(one.candidates, None))]
        values = _values(session, tries)
        for one, key, point in tries:
            others = values[one.facts.post.id]
            if len(others) >= ENOUGH:
                found[one.facts.post.id] = _rank(key, point, others)
        open_ = [one for one, *_ in tries if one.facts.post.id not in found]
    return found


def _rank(key: str, point: Point, others: Sequence[int]) -> Rank:
    bounds = rank_interval(point.value, others)
    return Rank(key, point.checkpoint, percentile(point.value, others), bounds, len(others))


def _asked(facts: Facts, around: "Around") -> _Asked:
    assert facts.post.published_at is not None
    own = curves(facts.readings, published_at=facts.post.published_at, keys=ANCHORS)
    candidates = [
        (key, point) for key in ANCHORS if key in own for point in reversed(own[key]) if not point.late
    ]
    return _Asked(facts, around, iter(candidates))


_Try = tuple[_Asked, str, Point]


def _values(session: Session, tries: Sequence[_Try]) -> dict[int, list[int]]:
    """What the other posts of each try have; those of one count and age are read together."""
    import numpy as np

    from store.around import at_age

    together: dict[tuple[str, timedelta], list[_Asked]] = {}
    for one, key, point in tries:
        together.setdefault((key, point.checkpoint), []).append(one)
    found: dict[int, list[int]] = {}
    for (key, age), asked in together.items():
        ids = np.unique(np.concatenate([one.around.ids for one in asked]))
        there = at_age(session, ids, CATALOGUE[key].numerator, age)
        for one in asked:
            found[one.facts.post.id] = there.of(one.around, latest=latest(age)).tolist()
    return found
