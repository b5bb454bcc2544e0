"""Money as whole millionths of a currency's unit, and what the calls of a platform cost."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from domain.content import Call, Price
from domain.errors import UsageError

_MICROS = 1_000_000
#: Nobody caps higher; 64-bit sums stay exact.
_LARGEST = Decimal(10) ** 9
_AMOUNT = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([A-Za-z]{3})")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount; adding two needs one currency."""

    #: Millionths of the currency's unit: 15,000 is 0.015.
    micros: int
    #: ISO 4217, upper case.
    currency: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """An amount as people write it, such as ``20.00 USD``.

        Raises:
            UsageError: it cannot be read.
        """
        found = _AMOUNT.fullmatch(text.strip())
        if found is None or Decimal(found[1]) > _LARGEST:
            raise UsageError(f"Cannot read the amount {text!r}. Write it as 20.00 USD.")
        return cls(int(Decimal(found[1]) * _MICROS), found[2].upper())

    def __str__(self) -> str:
        """``20.00 USD``, ``0.015 USD``."""
        amount = Decimal(self.micros).scaleb(-6)
        shown = format(amount.quantize(Decimal("0.000001")).normalize(), "f")
        whole, _, part = shown.partition(".")
        return f"{whole}.{part:0<2} {self.currency}"


def price_of(prices: Sequence[Price], call: Call, on: date) -> Price | None:
    """The price of a call that holds on a day; before the first that is known, that one. None: free.

    A post with a link costs as any post where nothing else is said.
    """
    of_call = [one for one in prices if one.call == call]
    if not of_call:
        return price_of(prices, Call.POST, on) if call is Call.POST_WITH_LINK else None
    ordered = sorted(of_call, key=lambda one: one.since)
    return next((one for one in reversed(ordered) if one.since <= on), ordered[0])


def cost_of(prices: Sequence[Price], calls: Iterable[Call], on: date) -> Money | None:
    """What these calls cost together; None: nothing. All prices of a platform are in one currency."""
    found = [price for call in calls if (price := price_of(prices, call, on)) is not None]
    if not found:
        return None
    return Money(sum(one.micros for one in found), found[0].currency)
