"""Figures that no sum can make: the mean of the posts' own rates, and the largest single post."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from math import sqrt
from typing import TYPE_CHECKING

from analytics.figures import passport
from domain.definition import FOLLOWERS, Definition, Shape
from domain.figure import Absence, Basis, Coverage, Figure, Interval, Passport
from domain.sentence import Amount, Sentence, Value

if TYPE_CHECKING:
    from store.summed import Spread

#: Two-sided share of cases in which the interval of a mean holds the true one.
LEVEL = 0.95
#: With fewer posts no interval is given.
ENOUGH = 5


def spread_figure(
    definition: Definition,
    found: "Collection[Spread]",
    *,
    sources: Collection[str] = (),
    unsupplied: int = 0,
    now: datetime,
) -> Figure:
    """A mean of posts with its interval, the largest post, or the bounds of what cannot be added up."""
    measured, in_scope = sum(one.posts for one in found), sum(one.in_scope for one in found)
    coverage = Coverage(measured, in_scope + unsupplied, unsupplied)
    read = [at for one in found if one.posts for at in (one.oldest or now, one.newest or now)]
    stamp = passport(definition, Basis.PUBLISHED, sources=sources, read=read, coverage=coverage)
    if not in_scope:
        return Figure(None, stamp, Absence.UNDEFINED, Sentence("absent.no_posts"))
    if not measured:
        key = "absent.no_followers" if definition.denominator == FOLLOWERS else "absent.not_measured"
        return Figure(None, stamp, Absence.NOT_MEASURED, Sentence(key))
    largest = max(one.largest for one in found if one.largest is not None)
    if definition.shape is Shape.LARGEST:
        return Figure(float(largest), stamp)
    total = sum(one.total for one in found)
    if definition.shape is Shape.UNIQUE:
        return _between(definition, stamp, low=largest, high=total)
    return Figure(total / measured, _with_interval(stamp, found, mean=total / measured))


def _between(definition: Definition, stamp: Passport, *, low: float, high: float) -> Figure:
    """Different people, over posts: at least those of the largest, at most all of them without overlap."""
    if low == high:
        return Figure(float(low), stamp)
    values: dict[str, Value] = {
        "metric": definition.name,
        "low": Amount(float(low), definition.unit),
        "high": Amount(float(high), definition.unit),
    }
    return Figure(None, stamp, Absence.UNDEFINED, Sentence("absent.not_additive", values))


def _with_interval(stamp: Passport, found: "Collection[Spread]", *, mean: float) -> Passport:
    """Student's interval of a mean; rates are never below 0."""
    number = stamp.coverage.measured
    if number < ENOUGH:
        return stamp
    from scipy.special import stdtrit

    squares = sum(one.squares for one in found)
    variance = max(0.0, (squares - number * mean * mean) / (number - 1))
    half = float(stdtrit(number - 1, 0.5 + LEVEL / 2)) * sqrt(variance / number)
    return replace(stamp, interval=Interval(max(0.0, mean - half), mean + half, LEVEL))
