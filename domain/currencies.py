"""Amounts in the minor units of ISO 4217: cents, sen, fils."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from domain.errors import UsageError


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Currencies whose minor unit is not a hundredth (ISO 4217, list one, 2024).
_EXPONENTS: Final = {
    **dict.fromkeys(_words("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"), 0),
    **dict.fromkeys(_words("BHD IQD JOD KWD LYD OMR TND"), 3),
    **dict.fromkeys(_words("CLF UYW"), 4),
}
#: Currencies in use (ISO 4217, list one, 2024), without funds, metals and testing codes.
CURRENCIES: Final = _words(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP
    LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB
    PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
    THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF
    YER ZAR ZMW ZWG
    """
)
#: Sums of a million such amounts stay exact in 64 bits.
_LARGEST: Final = 10**12
_PLAIN = re.compile(r"-?\d{1,18}(\.\d{1,12})?")


def clean_currency(typed: str) -> str:
    """The code in upper case. Raises `UsageError` unless ISO 4217 knows it."""
    code = typed.strip().upper()
    if code not in CURRENCIES:
        raise UsageError(f"{typed[:20]!r} is no currency. Write its three letters, such as IDR or USD.")
    return code


def exponent(currency: str) -> int:
    """How many decimals the currency has."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: str, currency: str) -> int:
    """An amount in units of its currency, such as ``125000`` or ``12.50``, in minor units.

    Raises:
        UsageError: it cannot be read, has more decimals than the currency, or is too large.
    """
    plain = amount.strip()
    places = exponent(currency)
    if not _PLAIN.fullmatch(plain):
        raise UsageError(
            f"Cannot read the amount {amount[:40]!r}. Write 125000 or 12.50, without separators."
        )
    try:
        minor = Decimal(plain).scaleb(places)
    except InvalidOperation:  # pragma: no cover - the pattern leaves nothing that is no number
        raise UsageError(f"Cannot read the amount {amount[:40]!r}.") from None
    if minor != minor.to_integral_value():
        raise UsageError(f"{amount[:40]} has too many decimals: {currency} has {places}.")
    return check_minor(int(minor))


def check_minor(minor: int) -> int:
    """An amount in minor units that is not too large. Raises `UsageError`."""
    if abs(minor) > _LARGEST:
        raise UsageError("This amount is too large to be one conversion.")
    return minor


def to_units(minor: float, currency: str) -> float:
    """Minor units as units of the currency, for showing."""
    return float(minor / 10 ** exponent(currency))


def written(minor: int, currency: str) -> str:
    """The exact amount: ``12.50``, ``125000.00``."""
    return str(Decimal(minor).scaleb(-exponent(currency)))
