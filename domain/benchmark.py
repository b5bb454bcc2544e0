"""A benchmark beside an own figure: whether they may be compared, and where the own one lies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.catalogue import CATALOGUE
from domain.currencies import clean_currency
from domain.definition import Definition, Shape
from domain.errors import UsageError
from domain.period import Every
from domain.sentence import Unit

#: After so long a benchmark is shown as stale: what people do on platforms changes within a year or two.
STALE_AFTER = timedelta(days=548)
#: The periods that a count may be counted over.
PERIODS = (Every.DAY, Every.WEEK, Every.MONTH, Every.QUARTER)
#: Shapes that are counted over a period, so that a benchmark of them has to name one.
COUNTED = frozenset({Shape.FLOW, Shape.POSTS, Shape.GROWTH, Shape.GROWTH_RATE})
_LARGEST = 1e15
_UNITS: Mapping[str, Unit] = {
    "percent": Unit.PERCENT, "%": Unit.PERCENT, "persen": Unit.PERCENT, "count": Unit.COUNT,
    "number": Unit.COUNT, "jumlah": Unit.COUNT, "ratio": Unit.RATIO, "rasio": Unit.RATIO,
}  # fmt: skip


class Place(StrEnum):
    """Where an own value lies against a benchmark."""

    BELOW_LOW = "below_low"
    BELOW_MEDIAN = "below_median"
    ABOVE_MEDIAN = "above_median"
    ABOVE_HIGH = "above_high"
    #: Where only one number is known.
    BELOW = "below"
    ABOVE = "above"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The numbers of a benchmark."""

    value: float | None = None
    low: float | None = None
    median: float | None = None
    high: float | None = None

    @property
    def middle(self) -> float | None:
        """The number to compare with: the median, else the mean; None: only outer quartiles are known."""
        return self.value if self.median is None else self.median

    def place_of(self, own: float) -> Place:
        """Where the own value lies."""
        if self.high is not None and own > self.high:
            return Place.ABOVE_HIGH
        if self.low is not None and own < self.low:
            return Place.BELOW_LOW
        middle = self.middle
        quartiles = self.median is not None and (self.low is not None or self.high is not None)
        if middle is None or own == middle:
            return Place.EQUAL
        if quartiles:
            return Place.ABOVE_MEDIAN if own > middle else Place.BELOW_MEDIAN
        return Place.ABOVE if own > middle else Place.BELOW


def is_stale(source_date: date, today: date) -> bool:
    """Whether a benchmark is older than `STALE_AFTER`."""
    return today - source_date > STALE_AFTER


def metric_of(text: str) -> Definition:
    """The metric that a row names.

    Raises:
        UsageError: the catalogue has none by that key.
    """
    entry = CATALOGUE.get(text.strip().casefold())
    if entry is None:
        raise UsageError(
            f"The column 'Metric' is wrong: {text[:40]!r} is no key of the catalogue. "
            "`tabuh stats metrics` lists them, such as er_impr."
        )
    return entry


def period_of(text: str, entry: Definition) -> str:
    """What a count is counted over; empty for all else.

    Raises:
        UsageError: a count without a period, a rate with one, or a word that is no period.
    """
    word = text.strip().casefold()
    if entry.shape not in COUNTED:
        if word:
            raise UsageError(
                f"The column 'Period' is wrong: {entry.key} is not counted over a period. Leave it empty."
            )
        return ""
    known = {spelt: str(one) for one in PERIODS for spelt in (str(one), _LY[one], _ID[one])}
    if word not in known:
        raise UsageError(
            f"The column 'Period' is wrong: {entry.key} is counted over a period. "
            "Write day, week, month or quarter."
        )
    return known[word]


_LY = {Every.DAY: "daily", Every.WEEK: "weekly", Every.MONTH: "monthly", Every.QUARTER: "quarterly"}
_ID = {Every.DAY: "hari", Every.WEEK: "minggu", Every.MONTH: "bulan", Every.QUARTER: "kuartal"}


def currency_of_unit(text: str, entry: Definition) -> str:
    """The currency that a row's unit names, for money; empty for all else.

    Raises:
        UsageError: the unit is not the metric's.
    """
    word = text.strip()
    if entry.unit is Unit.MONEY:
        try:
            return clean_currency(word)
        except UsageError:
            raise UsageError(
                f"The column 'Unit' is wrong: {entry.key} is money. Write its currency, such as IDR or USD."
            ) from None
    if word and _UNITS.get(word.casefold()) is not entry.unit:
        raise UsageError(
            f"The column 'Unit' is wrong: {entry.key} is told as {entry.unit}, not as {word[:20]!r}."
        )
    return ""


_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_THOUSANDS = re.compile(r"-?\d{1,3}([., ]\d{3})+")


def number_of(text: str, column: str, entry: Definition) -> float | None:
    """A number with a point or comma before its decimals; empty: None.

    Raises:
        UsageError: it is no number, may be read in two ways, or cannot be of this metric.
    """
    plain = text.strip().replace("\u00a0", " ").replace("−", "-")
    if plain.endswith("%"):
        if entry.unit is not Unit.PERCENT:
            raise UsageError(f"The column {column!r} is wrong: {entry.key} is no percentage.")
        plain = plain[:-1].strip()
    if not plain:
        return None
    grouped = _THOUSANDS.fullmatch(plain) and ("," in plain or " " in plain or plain.count(".") > 1)
    if grouped or not plain.isascii() or not _NUMBER.fullmatch(plain) or len(plain) > 20:
        raise UsageError(
            f"The column {column!r} is wrong: {plain[:30]!r} is not one number. Write it as 1234.5, "
            "without signs between thousands."
        )
    value = float(plain.replace(",", "."))
    may_fall = entry.shape in (Shape.GROWTH, Shape.GROWTH_RATE) or entry.key.startswith("nps")
    if abs(value) > _LARGEST or (value < 0 and not may_fall):
        raise UsageError(f"The column {column!r} is wrong: {plain[:30]!r} cannot be of {entry.key}.")
    return value


def check_order(found: Measure) -> None:
    """The quartiles in their order, and at least one number.

    Raises:
        UsageError: they are not.
    """
    known = [one for one in (found.low, found.median, found.high) if one is not None]
    if found.value is None and found.median is None and (found.low is None or found.high is None):
        raise UsageError("The row has no number: write a value, a median, or both outer quartiles.")
    if known != sorted(known):
        raise UsageError("The quartiles are not in their order: lower quartile, median, upper quartile.")
