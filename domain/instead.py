"""What can be had in place of a figure that the platforms in view do not supply."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from domain.catalogue import CATALOGUE
from domain.definition import Definition, Shape, Supplies
from domain.metrics import Metric

#: Metrics that answer the same question as another.
_LIKE: Final[Mapping[Metric, Metric]] = {
    Metric.CLICKERS: Metric.CLICKS,
    Metric.CLICKS_PLATFORM: Metric.CLICKS,
    Metric.REACH: Metric.IMPRESSIONS,
    Metric.VIEWS: Metric.IMPRESSIONS,
    Metric.REPLIES_OTHERS: Metric.REPLIES,
}
#: Shapes that can be a target.
_SHAPES: Final = (Shape.RATE, Shape.FLOW)
#: More would be no help.
_MOST: Final = 3


def instead(wanted: Definition, platforms: Collection[str], supplies: Supplies) -> Sequence[Definition]:
    """At most three figures about the same that one of the platforms supplies, those of its shape first."""
    if not wanted.numerator:
        return ()
    able = [
        one
        for one in CATALOGUE.values()
        if one.key != wanted.key
        and not one.outside
        and one.shape in _SHAPES
        and one.numerator
        and _about(one) is _about(wanted)
        and any(not supplies.lacking(platform, one) for platform in platforms)
    ]
    able.sort(key=lambda one: (len(one.numerator) != len(wanted.numerator), one.shape is not wanted.shape))
    return able[:_MOST]


def _about(definition: Definition) -> Metric:
    first = definition.numerator[0]
    return _LIKE.get(first, first)
