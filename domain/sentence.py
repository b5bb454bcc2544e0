"""Sentences as values: a key and what fills it, said in English or Indonesian when somebody reads it.

Reasons, targets and standings are made far below the pages and are stored nowhere: so they
carry no language until they are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """The same words in both languages."""

    en: str
    id: str

    def said(self, language: str) -> str:
        """The Indonesian words for ``id`` and its regions, the English ones for all else."""
        return self.id if language.lower().split("-")[0].split("_")[0] == "id" else self.en


class Unit(StrEnum):
    """What a figure's number counts."""

    COUNT = "count"
    #: So many for each of the denominator.
    RATIO = "ratio"
    #: So many for each hundred.
    PERCENT = "percent"
    #: Units of a currency, such as 12.50 USD.
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit; 2.5 percent is ``Amount(2.5, Unit.PERCENT)``."""

    value: float
    unit: Unit = Unit.COUNT
    #: ISO 4217, for money.
    currency: str = ""


Value: TypeAlias = "str | int | Amount | date | Words | Sentence | tuple[str | Words, ...]"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What to say; ``key`` names a template of `domain.sentences`, which also says it."""

    key: str
    values: Mapping[str, "Value"] = field(default_factory=dict)


def number(value: float, language: str) -> str:
    """As people write it: ``5,000`` and ``2.5``, or ``5.000`` and ``2,5``.

    Whole numbers stay whole; others keep two digits, or one from 100 on.
    """
    if value == int(value):
        plain = f"{int(value):,}"
    else:
        plain = f"{value:,.1f}" if abs(value) >= 100 else f"{value:,.2f}".rstrip("0").rstrip(".")
    if Words("en", "id").said(language) == "id":
        return plain.translate({ord(","): ".", ord("."): ","})
    return plain


def day(value: date, language: str) -> str:
    """A date with the month in words: ``31 March 2027``, ``31 Maret 2027``."""
    return f"{value.day} {_MONTHS[value.month - 1].said(language)} {value.year}"


_MONTHS = (
    Words("January", "Januari"),
    Words("February", "Februari"),
    Words("March", "Maret"),
    Words("April", "April"),
    Words("May", "Mei"),
    Words("June", "Juni"),
    Words("July", "Juli"),
    Words("August", "Agustus"),
    Words("September", "September"),
    Words("October", "Oktober"),
    Words("November", "November"),
    Words("December", "Desember"),
)
