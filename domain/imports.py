"""Kinds of tables that can be brought in, and what one row of each may say."""

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import UsageError
from domain.sentence import Words


class ImportKind(StrEnum):
    """What a file is about."""

    ADS = "ads"
    ORDERS = "orders"
    CUSTOMERS = "customers"
    ANSWERS = "answers"
    TESTIMONIALS = "testimonials"
    MENTIONS = "mentions"
    SHARERS = "sharers"
    SESSIONS = "sessions"
    BENCHMARKS = "benchmarks"


class Cell(StrEnum):
    """How a cell is read."""

    #: A day, such as 2026-12-01.
    DAY = "day"
    #: An instant, or a day where the hour is not known.
    TIME = "time"
    MONEY = "money"
    COUNT = "count"
    CURRENCY = "currency"
    #: A whole number that may be 0.
    SCORE = "score"
    FLAG = "flag"
    TEXT = "text"
    #: A web address.
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One thing that a row may say."""

    use: str
    name: Words
    cell: Cell
    #: Heads that mean it, the surest first; compared without case and signs.
    heads: tuple[str, ...]
    #: Without it there is no row; ``fixed`` in its place may be said for the whole file.
    needed: bool = False
    #: A person may say it once for the whole file.
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One kind of table."""

    kind: ImportKind
    name: Words
    #: What it is good for, and what makes a row the same again.
    about: Words
    columns: tuple[Column, ...]

    def column(self, use: str) -> Column:
        """The column by its use.

        Raises:
            UsageError: this kind has none; the text lists those it has.
        """
        found = next((one for one in self.columns if one.use == use), None)
        if found is None:
            known = ", ".join(one.use for one in self.columns)
            raise UsageError(f"There is nothing called {use!r}. A column may be: {known}.")
        return found
