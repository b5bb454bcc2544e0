"""What a customer is worth: what was brought so far, by cohorts, and what may still come."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Final

from sqlmodel import Session

from analytics.imports.outcome import MICROS, Asked, Outcome, currency_of
from domain.errors import UsageError
from domain.figure import Absence, Coverage
from domain.schedule import zone
from domain.sentence import Sentence
from store import buyers
from store.buyers import Order
from store.tables import Purchase

if TYPE_CHECKING:
    from analytics.customers import Customer

#: Days between the first and the last look that a history must have, and customers that a mean must have.
SHORTEST: Final = 90
FEWEST: Final = 2
_YEAR: Final = timedelta(days=365.25)
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """How money of other days is counted."""

    #: Share of revenue that stays, 0 to 1.
    margin: float = 1.0
    #: A year's discount, 0.1 for 10 percent.
    discount: float = 0.0
    #: How far ahead is looked.
    years: float = 1.0


@dataclass(frozen=True, slots=True)
class Cohort:
    """Customers whose first order lies in one month."""

    #: Such as ``2026-03``.
    month: str
    customers: int
    #: Margin for each customer until the end of month 0, 1, 2 … after the first, in the currency's unit.
    by_month: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its 95 % interval."""

    value: float
    low: float
    high: float


def historical(orders: Sequence[Order], terms: Terms) -> dict[str, float]:
    """Margin that each customer has brought, discounted to the first order, in the currency's unit."""
    first: dict[str, datetime] = {}
    for order in orders:
        first[order.customer] = min(order.at, first.get(order.customer, order.at))
    worth = dict.fromkeys(first, 0.0)
    for order in orders:
        years = (order.at - first[order.customer]) / _YEAR
        worth[order.customer] += terms.margin * order.net_micros / MICROS / (1 + terms.discount) ** years
    return worth


def mean_of(values: Sequence[float]) -> Mean:
    """The mean, with Student's interval for it."""
    from scipy.special import stdtrit

    value = fmean(values)
    if len(values) < 2:
        return Mean(value, value, value)
    half = float(stdtrit(len(values) - 1, 0.975)) * stdev(values) / math.sqrt(len(values))
    return Mean(value, value - half, value + half)


def yearly(orders: Sequence[Order], terms: Terms, *, until: datetime) -> Mean:
    """The plain value ahead: margin for each customer and year so far, times the discounted years.

    A ratio of sums over customers, with the usual interval of a ratio.
    """
    from scipy.special import stdtrit

    made: dict[str, float] = {}
    ages: dict[str, float] = {}
    for order in orders:
        made[order.customer] = made.get(order.customer, 0.0) + terms.margin * order.net_micros / MICROS
        ages[order.customer] = max(ages.get(order.customer, 0.0), (until - order.at) / _YEAR)
    size, whole = len(made), sum(ages.values())
    ratio = sum(made.values()) / whole
    errors = sum((made[who] - ratio * ages[who]) ** 2 for who in made)
    spread = math.sqrt(size / (size - 1) * errors) / whole
    half = float(stdtrit(size - 1, 0.975)) * spread
    ahead = _discounted_years(terms)
    return Mean(ratio * ahead, max(0.0, ratio - half) * ahead, (ratio + half) * ahead)


def _discounted_years(terms: Terms) -> float:
    """Years ahead as they count today: money that comes evenly, discounted continuously."""
    rate = math.log1p(terms.discount)
    return terms.years if rate == 0 else (1 - math.exp(-rate * terms.years)) / rate


def predicted(orders: Sequence[Order], terms: Terms, *, until: datetime) -> float:
    """BG/NBD and Gamma-Gamma: what a customer will still bring on average, discounted quarter by quarter.

    Raises:
        UsageError: there are too few customers for the models.
    """
    from analytics.customers import fit_buying, fit_spending

    customers = as_customers(orders, until=until)
    buying, spending = fit_buying(customers), fit_spending(customers)
    steps = max(1, math.ceil(terms.years * 4))
    length = terms.years / steps
    total = 0.0
    for one in customers:
        value, before = spending.expected(one), 0.0
        for step in range(1, steps + 1):
            upto = buying.expected(one, step * length * _YEAR / _WEEK)
            middle = (step - 0.5) * length
            total += terms.margin * value * (upto - before) / (1 + terms.discount) ** middle
            before = upto
    return total / len(customers)


def as_customers(orders: Sequence[Order], *, until: datetime) -> list["Customer"]:
    """Each customer's past in weeks; orders of one day are one purchase."""
    from analytics.customers import Customer

    days: dict[str, dict[object, float]] = {}
    times: dict[str, list[datetime]] = {}
    for order in orders:
        times.setdefault(order.customer, []).append(order.at)
        of_day = days.setdefault(order.customer, {})
        of_day[order.at.date()] = of_day.get(order.at.date(), 0.0) + order.net_micros / MICROS
    made = []
    for who, values in days.items():
        first, last = min(times[who]), max(times[who])
        repeats = len(values) - 1
        later = [values[day] for day in sorted(values, key=str)][1:]
        recency = (last - first) / _WEEK if repeats else 0.0
        made.append(Customer(repeats, recency, (until - first) / _WEEK, fmean(later) if later else 0.0))
    return made


def cohorts(orders: Sequence[Order], terms: Terms, *, until: datetime, zone_name: str) -> list[Cohort]:
    """By the month of the first order: customers, and the margin for each as the months went by."""
    where = zone(zone_name)
    first: dict[str, datetime] = {}
    for order in orders:
        first.setdefault(order.customer, order.at.astimezone(where))
    now = until.astimezone(where)
    sums: dict[tuple[int, int], list[float]] = {}
    sizes: dict[tuple[int, int], int] = {}
    for begun in first.values():
        month = (begun.year, begun.month)
        sizes[month] = sizes.get(month, 0) + 1
        sums.setdefault(month, [0.0] * ((now.year - begun.year) * 12 + now.month - begun.month + 1))
    for order in orders:
        at, begun = order.at.astimezone(where), first[order.customer]
        place = (at.year - begun.year) * 12 + at.month - begun.month
        sums[begun.year, begun.month][place] += terms.margin * order.net_micros / MICROS
    return [
        Cohort(f"{year}-{month:02}", sizes[year, month], _running(sums[year, month], sizes[year, month]))
        for year, month in sorted(sums)
    ]


def _running(parts: Sequence[float], size: int) -> tuple[float, ...]:
    made, total = [], 0.0
    for part in parts:
        total += part
        made.append(total / size)
    return tuple(made)


def terms_of(session: Session, workspace_id: int) -> Terms:
    """What the workspace chose."""
    chosen = buyers.choice(session, workspace_id)
    return Terms(chosen.margin / 100, chosen.discount / 100, chosen.years)


def _history(asked: Asked) -> tuple[Outcome, Sequence[Order]]:
    currency = currency_of(asked.session, Purchase, asked.workspace_id, {})
    orders = buyers.orders_until(asked.session, asked.workspace_id, before=asked.end, currency=currency)
    named, whole = buyers.named_orders(asked.session, asked.workspace_id, start=_LONG_AGO, end=asked.end)
    outcome = Outcome(
        coverage=Coverage(len(orders), whole, named - len(orders)), sources=("import",), currency=currency
    )
    customers = len({order.customer for order in orders})
    if customers < FEWEST:
        words: Mapping[str, int] = {"have": customers, "need": FEWEST}
        return outcome.missing(Absence.NOT_MEASURED, Sentence("absent.few_customers", dict(words))), []
    days = (asked.end - orders[0].at).days
    if days < SHORTEST:
        words = {"have": days, "need": SHORTEST}
        return outcome.missing(Absence.NOT_MEASURED, Sentence("absent.short_history", dict(words))), []
    return outcome, orders


_LONG_AGO: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def clv(asked: Asked) -> Outcome:
    """Historical value for each customer until the end of the stretch, with the interval of the mean."""
    outcome, orders = _history(asked)
    if not orders:
        return outcome
    worth = historical(orders, terms_of(asked.session, asked.workspace_id))
    found = mean_of(list(worth.values()))
    return outcome.with_value(found.value, (found.low, found.high))


def clv_predicted(asked: Asked) -> Outcome:
    """What a customer will still bring: by the models, or below their number by the yearly margin so far."""
    outcome, orders = _history(asked)
    if not orders:
        return outcome
    terms = terms_of(asked.session, asked.workspace_id)
    try:
        return outcome.with_value(predicted(orders, terms, until=asked.end))
    except UsageError:
        plain = yearly(orders, terms, until=asked.end)
        return outcome.with_value(plain.value, (plain.low, plain.high))
