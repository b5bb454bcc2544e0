"""Money is whole millionths: nothing is lost between what is written, added and shown."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.content import Call, Price
from domain.errors import UsageError
from domain.money import Money, cost_of, price_of

ON = date(2026, 6, 1)
PRICES = (
    Price(Call.POST, 10_000, "USD", date(2026, 1, 1)),
    Price(Call.POST, 15_000, "USD", date(2026, 4, 1)),
    Price(Call.POST_WITH_LINK, 200_000, "USD", date(2026, 4, 1)),
)


@given(st.integers(0, 10**15), st.sampled_from(["USD", "IDR"]))
def test_what_is_shown_can_be_read_again(micros: int, currency: str) -> None:
    money = Money(micros, currency)

    assert Money.parse(str(money)) == money
    assert Decimal(str(money).split()[0]) * 1_000_000 == micros


@pytest.mark.parametrize(
    ("text", "micros"), [("20.00 USD", 20_000_000), ("0.015usd", 15_000), (" 5 Usd ", 5_000_000)]
)
def test_amounts_are_read_as_people_write_them(text: str, micros: int) -> None:
    assert Money.parse(text) == Money(micros, "USD")


@pytest.mark.parametrize(
    "text", ["", "20", "USD", "-1 USD", "1.2345678 USD", "1e9 USD", "9999999999 USD", "1 US"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"20\.00 USD"):
        Money.parse(text)


def test_prices_hold_from_their_day() -> None:
    def micros(call: Call, on: date) -> int | None:
        found = price_of(PRICES, call, on)
        return found.micros if found else None

    assert micros(Call.POST, date(2026, 3, 31)) == 10_000
    assert micros(Call.POST, date(2026, 4, 1)) == 15_000
    assert micros(Call.POST, date(2020, 1, 1)) == 10_000
    assert micros(Call.READ, ON) is None
    assert price_of(PRICES[:2], Call.POST_WITH_LINK, ON) == PRICES[1]


def test_calls_cost_together() -> None:
    calls = (Call.POST_WITH_LINK, Call.POST, Call.POST)

    assert cost_of(PRICES, calls, ON) == Money(230_000, "USD")
    assert cost_of((), calls, ON) is None
    assert cost_of(PRICES, (Call.READ,), ON) is None
