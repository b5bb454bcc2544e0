"""A line of a file of benchmarks as a row; every fault of the line is named."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from domain.benchmark import Measure, check_order, currency_of_unit, metric_of, number_of, period_of
from domain.errors import UsageError

T = TypeVar("T")
_NUMBERS = {"value": "Value", "low": "Lower quartile", "median": "Median", "high": "Upper quartile"}


class RowFaults(UsageError):
    """Several things are wrong with one row."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def benchmark_values(values: Mapping[str, Any], platforms: Mapping[str, str]) -> dict[str, Any]:
    """What a line says, checked against the catalogue.

    Args:
        values: use → cell.
        platforms: lower-case names and titles of the platforms → their keys.

    Raises:
        RowFaults: with each thing that is wrong.
    """
    faults: list[str] = []

    def tried(make: Callable[..., T], *given: Any) -> T | None:
        try:
            return make(*given)
        except UsageError as error:
            faults.append(str(error))
            return None

    entry = tried(metric_of, values["metric"])
    platform = tried(_platform, values.get("platform", ""), platforms)
    if entry is None:
        raise RowFaults(faults)
    period = tried(period_of, values.get("period", ""), entry)
    currency = tried(currency_of_unit, values.get("unit", ""), entry)
    before = len(faults)
    numbers = {use: tried(number_of, values.get(use, ""), name, entry) for use, name in _NUMBERS.items()}
    if len(faults) == before:
        tried(check_order, Measure(**numbers))
    if faults:
        raise RowFaults(faults)
    words = {use: " ".join(values.get(use, "").split()) for use in ("industry", "segment")}
    return {
        "at": values["at"],
        "metric": str(entry.key),
        "platform": platform,
        "industry": words["industry"][:80],
        "segment": words["segment"][:80],
        "period": period,
        **numbers,
        "currency": currency,
        "source": " ".join(values["source"].split())[:80],
        "link": values.get("link"),
        "note": values.get("note", "")[:500],
    }


def _platform(text: str, platforms: Mapping[str, str]) -> str:
    word = " ".join(text.split()).casefold()
    if not word or word in ("all", "semua"):
        return ""
    if word not in platforms:
        raise UsageError(
            f"The column 'Platform' is wrong: there is no platform {text[:30]!r}. It is one of: "
            f"{', '.join(sorted(set(platforms.values())))}; empty means all of them."
        )
    return platforms[word]
