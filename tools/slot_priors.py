"""Measure the priors that the wheel carries, from public data.

    python -m tools.slot_priors FOLDER

FOLDER holds ``fb_pages_2016_dev.csv.gz`` (minimaxir/interactive-facebook-reactions, MIT) and the samples of
klout/opendata (CC BY 3.0). Writes analytics/slots/priors/*.json.
"""

import csv
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from analytics.past.reading import read_past
from analytics.slots.histories import histories
from analytics.slots.history import results
from analytics.slots.kernel import Floats, Kernel
from analytics.slots.pooled import Others, Sums, pooled_curve

_OUT = Path(__file__).parent.parent / "analytics/slots/priors"
_PAGES = "69 public Facebook pages of 2016, 128,043 posts (minimaxir/interactive-facebook-reactions, MIT)"
_KLOUT = "1,000 dated reactions of 2014, klout/opendata when_to_post sample (CC BY 3.0)"
_HOURS = 48


def delay(path: Path) -> list[float]:
    """Share of reactions by whole hours after the post; hours without any get a trace that halves in a
    day.
    """
    with gzip.open(path, "rt", encoding="utf-8") as file:
        ages = [(int(row["action_ms"]) - int(row["post_ms"])) / 3.6e6 for row in csv.DictReader(file)]
    counts = np.bincount([int(age) for age in ages if 0 <= age < _HOURS], minlength=_HOURS).astype(np.float64)
    shares = counts + 2.0 * 0.5 ** (np.arange(_HOURS) / 24)
    return [round(float(share), 4) for share in shares / shares.sum()]


def curve(path: Path) -> tuple[Floats, float]:
    """The week that the pages have in common, in noise sds, and the variance of one post."""
    found = [one for one in histories(read_past(path.read_bytes()).rows).values() if len(one) >= 30]
    values = [results(one) for one in found]
    sums = Sums.of(
        [(one.slot.astype(np.float64), value / value.std()) for one, value in zip(found, values, strict=True)]
    )
    # Each page counts as 300 posts at most, or the largest would be the curve.
    weight = np.minimum(1.0, 300 / sums.posts.sum(axis=1, keepdims=True))
    own = Kernel().smooth()
    others = Others(Sums(sums.posts * weight, sums.total * weight), own)
    told, _unsure = pooled_curve(others, Kernel(), own)
    return told, float(np.median([value.var() for value in values]))


def main() -> None:
    folder = Path(sys.argv[1])
    week, variance = curve(folder / "fb_pages_2016_dev.csv.gz")
    slow, fast = (delay(folder / f"klout_reactions_{name}_sample.csv.gz") for name in ("fb", "tw"))
    flat = "no curve was measured: flat; sizes as on " + _PAGES
    _write("facebook", _PAGES, week, variance, slow)
    for name, shares in (("any", slow), ("mastodon", fast), ("bluesky", fast), ("x", fast)):
        _write(name, flat, None, variance, shares)


def _write(name: str, source: str, week: Floats | None, variance: float, shares: list[float]) -> None:
    told: dict[str, Any] = {
        "source": source,
        "measured": "2026-11-22",
        "curve": [] if week is None else [round(float(value), 3) for value in week],
        "kernel": {"smooth_factor": 2.0, "nugget": 0.05},
        "variance": round(variance, 3),
        "delay": shares,
        "delay_source": _KLOUT,
    }
    (_OUT / f"{name}.json").write_text(json.dumps(told) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
