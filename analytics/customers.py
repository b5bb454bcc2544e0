"""What customers will still buy: BG/NBD for how often, Gamma-Gamma for how much.

Sources: P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), "Counting your customers" the easy way; P. S. Fader
and B. G. S. Hardie (2013), the Gamma-Gamma model of monetary value.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.errors import UsageError

#: Fewer customers do not hold four parameters: see `simple_value`.
FEWEST = 200


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer's past; times in the same unit, such as weeks."""

    #: Purchases after the first.
    repeats: int
    #: From the first purchase to the last.
    recency: float
    #: From the first purchase to now.
    age: float
    #: Mean value of the repeated purchases; 0 without any.
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Buying:
    """A fitted BG/NBD model."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = math.nan

    def alive(self, one: Customer) -> float:
        """Probability that the customer still buys."""
        if one.repeats == 0:
            return 1.0
        odds = self.a / (self.b + one.repeats - 1)
        grown = (self.r + one.repeats) * math.log((self.alpha + one.age) / (self.alpha + one.recency))
        return float(1 / (1 + odds * math.exp(grown)))

    def expected(self, one: Customer, ahead: float) -> float:
        """Purchases in the time ahead."""
        from scipy.special import hyp2f1

        r, alpha, a, b, x = self.r, self.alpha, self.a, self.b, one.repeats
        z = ahead / (alpha + one.age + ahead)
        shrunk = ((alpha + one.age) / (alpha + one.age + ahead)) ** (r + x)
        above = (a + b + x - 1) / (a - 1) * (1 - shrunk * float(hyp2f1(r + x, b + x, a + b + x - 1, z)))
        return float(above * self.alive(one))


@dataclass(frozen=True, slots=True)
class Spending:
    """A fitted Gamma-Gamma model."""

    p: float
    q: float
    v: float

    def mean(self) -> float:
        """The expected value of a purchase of an unknown customer."""
        return self.p * self.v / (self.q - 1)

    def expected(self, one: Customer) -> float:
        """The expected value of a purchase of this customer."""
        own = self.p * one.repeats
        return (self.v * self.p + self.p * one.repeats * one.value) / (own + self.q - 1)


def fit_buying(customers: Sequence[Customer]) -> Buying:
    """The most likely model.

    Raises:
        UsageError: there are fewer than `FEWEST` customers, or none ever came back.
    """
    from scipy.optimize import minimize
    from scipy.special import betaln, gammaln

    if len(customers) < FEWEST or not any(one.repeats for one in customers):
        raise UsageError(
            f"A purchase history of at least {FEWEST} customers is needed, some of whom came back."
        )
    x = np.array([one.repeats for one in customers], dtype=float)
    recency = np.array([one.recency for one in customers])
    age = np.array([one.age for one in customers])

    def cost(logs: NDArray[np.float64]) -> float:
        r, alpha, a, b = np.exp(logs)
        steady = r * np.log(alpha) + gammaln(r + x) - gammaln(r)
        stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
        again = np.maximum(x, 1.0)
        left = betaln(a + 1, b + again - 1) - betaln(a, b) - (r + x) * np.log(alpha + recency)
        either = np.where(x > 0, np.logaddexp(stays, left), stays)
        return -float(np.sum(steady + either))

    best = minimize(
        cost, np.zeros(4), method="Nelder-Mead", options={"maxiter": 8000, "xatol": 1e-7, "fatol": 1e-7}
    )
    r, alpha, a, b = (float(one) for one in np.exp(best.x))
    return Buying(r, alpha, a, b, -float(best.fun))


def fit_spending(customers: Sequence[Customer]) -> Spending:
    """The most likely model, from customers who came back.

    Raises:
        UsageError: fewer than `FEWEST` of them.
    """
    from scipy.optimize import minimize
    from scipy.special import gammaln

    back = [one for one in customers if one.repeats and one.value > 0]
    if len(back) < FEWEST:
        raise UsageError(f"The values of at least {FEWEST} customers who came back are needed.")
    x = np.array([one.repeats for one in back], dtype=float)
    value = np.array([one.value for one in back])

    def cost(logs: NDArray[np.float64]) -> float:
        p, q, v = np.exp(logs)
        found = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        found = found + (p * x - 1) * np.log(value) + p * x * np.log(x) - (p * x + q) * np.log(x * value + v)
        return -float(np.sum(found))

    best = minimize(
        cost, np.zeros(3), method="Nelder-Mead", options={"maxiter": 8000, "xatol": 1e-7, "fatol": 1e-7}
    )
    p, q, v = (float(one) for one in np.exp(best.x))
    return Spending(p, q, v)


def simple_value(margin: float, purchases_a_year: float, years: float) -> float:
    """The plain lifetime value, where there are too few customers for a model."""
    return margin * purchases_a_year * years
