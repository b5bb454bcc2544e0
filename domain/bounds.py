"""Values that a figure can never leave: a share has 100 %, a score its scale."""

import math
from collections.abc import Mapping
from typing import Final

from domain.definition import Definition
from domain.sentence import Unit
from domain.windowed_figures import windowed_base

_SHARE: Final = (0.0, 100.0)
#: Figures that are not counted of posts, of any window. What one person may do several times has no top.
_KNOWN: Final[Mapping[str, tuple[float, float]]] = {
    **dict.fromkeys(
        (
            "csat", "csat_response_rate", "nps_response_rate", "share_of_voice", "bounce_rate_ua",
            "bounce_rate_ga4", "conversion_rate_visits", "conversion_rate",
        ),
        _SHARE,
    ),
    "csat_mean": (1.0, 5.0),
    "nps": (-100.0, 100.0),
}  # fmt: skip


def bounds(entry: Definition) -> tuple[float, float]:
    """The lowest and the highest value that there can be; infinite where there is none."""
    key = windowed_base(entry.key) or entry.key
    if key in _KNOWN:
        return _KNOWN[key]
    if entry.unit is Unit.PERCENT and entry.read_denominator is not None:
        return _SHARE
    return -math.inf, math.inf
