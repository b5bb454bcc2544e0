"""Amounts as exports write them: signs and codes of currencies, decimal points and commas, minor units."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from domain.currencies import clean_currency, exponent
from domain.errors import UsageError

#: Signs that mean one currency; ``$``, ``¥`` and ``kr`` mean several.
_SIGNS: Final = {
    "€": "EUR", "£": "GBP", "rp": "IDR", "rp.": "IDR", "us$": "USD", "₹": "INR", "r$": "BRL", "s$": "SGD",
    "a$": "AUD", "c$": "CAD", "hk$": "HKD", "rm": "MYR", "₫": "VND", "₩": "KRW", "฿": "THB", "₱": "PHP",
    "zł": "PLN", "₺": "TRY", "₦": "NGN", "₴": "UAH",
}  # fmt: skip
#: Signs of several currencies: the number is read, and the currency asked elsewhere.
_SHARED: Final = frozenset({"$", "¥", "kr", "kr."})
#: Sums of many such amounts in millionths stay within 64 bits.
_MOST: Final = Decimal(10) ** 11
_MICROS: Final = 1_000_000

Mark = Literal[".", ","]


def currency_of(text: str) -> str:
    """The code of a currency as people write it, such as ``usd`` or ``Rp``.

    Raises:
        UsageError: it is none, or a sign that several currencies have.
    """
    plain = text.strip()
    return clean_currency(_SIGNS.get(plain.lower(), plain))


def decimal_mark(cells: Iterable[str]) -> Mark | None:
    """What stands before the decimals in all these amounts; None: none of them tells.

    ``1.234,50`` and ``12,5`` tell a comma, ``1,234.50`` and ``12.5`` a point; ``1,234`` alone tells nothing.

    Raises:
        UsageError: some tell a comma and others a point.
    """
    told: dict[Mark, str] = {}
    for cell in cells:
        found = _mark_of(_digits(cell)[0])
        if found is not None:
            told.setdefault(found, cell.strip())
    if len(told) > 1:
        raise UsageError(
            f"Amounts are written in two ways: {told['.'][:30]!r} and {told[','][:30]!r}. Write all of them "
            "with a point before the decimals."
        )
    return next(iter(told), None)


def _mark_of(digits: str) -> Mark | None:
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rindex(".") > digits.rindex(",") else ","
    if points > 1:
        return ","
    if commas > 1:
        return "."
    mark: Mark = "." if points else ","
    before, _mark, behind = digits.partition(mark)
    tells = len(behind) != 3 or before in ("", "0", "-0")
    return mark if points + commas == 1 and tells else None


def is_ambiguous(cell: str) -> bool:
    """Whether ``1,234`` could be one thousand or one and a bit."""
    digits = _digits(cell)[0]
    return _mark_of(digits) is None and ("," in digits or "." in digits)


_NUMBER: Final = re.compile(r"-?[\d.,]*\d[\d.,]*")


def _digits(cell: str) -> tuple[str, str]:
    """The number of a cell with its marks, and what stands beside it."""
    plain = re.sub(r"[\s\u00a0\u202f'’]", "", cell.replace("−", "-"))
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1]
    match = _NUMBER.search(plain)
    if match is None:
        return "", plain
    rest = plain[: match.start()] + plain[match.end() :]
    number = match[0].rstrip(".,")
    if rest.startswith("-"):
        number, rest = f"-{number}", rest[1:]
    return number, rest


def read_amount(cell: str, mark: Mark | None) -> tuple[Decimal, str | None]:
    """A number as exports write it, and the currency that stands beside it.

    Args:
        cell: such as ``1.234,50``, ``Rp 12.500``, ``USD 12.50`` or ``(12.50)``, which is below 0.
        mark: what stands before the decimals; None: nothing does.

    Raises:
        UsageError: it is no amount.
    """
    digits, beside = _digits(cell)
    if not digits:
        raise UsageError(f"{cell.strip()[:30]!r} is no amount. Write it as 12.50.")
    plain = digits.replace("," if mark == "." else ".", "") if mark else re.sub("[.,]", "", digits)
    try:
        number = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        raise UsageError(f"{cell.strip()[:30]!r} is no amount. Write it as 12.50.") from None
    if abs(number) > _MOST:
        raise UsageError(f"{cell.strip()[:30]!r} is larger than any amount here may be.")
    named = None if not beside or beside.lower() in _SHARED else currency_of(beside)
    return number, named


def micros_of(number: Decimal, currency: str, *, in_minor: bool) -> int:
    """Millionths of the currency's unit; ``in_minor``: the number counts cents or what the currency has.

    Raises:
        UsageError: minor units with decimals.
    """
    if in_minor:
        if number != number.to_integral_value():
            raise UsageError(f"{number} is no whole number of minor units. Leave the minor units out.")
        number = number.scaleb(-exponent(currency))
    return int((number * _MICROS).to_integral_value())
