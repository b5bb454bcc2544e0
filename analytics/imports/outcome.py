"""What counting a figure of imported rows came to, before it becomes a figure with its passport."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from analytics.figures import passport, undefined
from domain.definition import Definition
from domain.figure import Absence, Basis, Coverage, Figure
from domain.kpi import Scope
from domain.sentence import Sentence
from store import brought, workspaces
from store.tables import Brought

MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One question for a figure over [start, end)."""

    session: Session
    definition: Definition
    workspace_id: int
    scope: Scope
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A value or the reason why there is none, and where it comes from."""

    coverage: Coverage
    sources: Sequence[str] = ()
    read: Sequence[datetime] = ()
    #: ISO 4217, for money.
    currency: str | None = None
    value: float | None = None
    interval: tuple[float, float] | None = None
    absence: Absence | None = None
    reason: Sentence | None = None
    #: The denominator is 0.
    over_zero: bool = False
    #: The denominator; None: the value has none.
    below: float | None = None

    def with_value(self, value: float, interval: tuple[float, float] | None = None) -> "Outcome":
        """The same with its value."""
        return replace(self, value=value, interval=interval)

    def missing(self, absence: Absence, reason: Sentence) -> "Outcome":
        """The same without a value."""
        return replace(self, value=None, absence=absence, reason=reason)

    def divided(self, definition: Definition, above: float, below: float, *, also: str = "") -> "Outcome":
        """A ratio; ``also`` is another source."""
        found = replace(self, sources=(*self.sources, also)) if also else self
        value = definition.value(above, below)
        return replace(found, value=value, over_zero=value is None, below=below)

    def figure(self, definition: Definition, basis: Basis) -> Figure:
        """The figure with its passport."""
        stamp = passport(definition, basis, sources=self.sources, read=self.read, coverage=self.coverage)
        stamp = replace(stamp, currency=self.currency)
        if self.over_zero:
            return undefined(definition, stamp)
        if self.value is None:
            return Figure(None, stamp, self.absence or Absence.NOT_MEASURED, self.reason)
        return Figure(self.value, stamp, interval=self.interval, weight=self.below)


def of_total(total: brought.Total, in_scope: int, *, currency: str | None = None) -> Outcome:
    """An outcome whose rows are these, of so many; the others are in other currencies."""
    read = [at for at in (total.oldest, total.newest) if at is not None]
    other = in_scope - total.rows if currency else 0
    return Outcome(
        coverage=Coverage(total.rows, in_scope, other), sources=total.sources, read=read, currency=currency
    )


def currency_of(session: Session, table: type[Brought], workspace_id: int, where: Mapping[str, Any]) -> str:
    """The one currency that amounts are shown in: the workspace's, else the one of most rows.

    Amounts of other currencies are never added; the coverage says how many rows are left out.
    """
    own = workspaces.get(session, workspace_id).currency
    there = brought.currencies(session, table, workspace_id, where)
    if own in there or not there:
        return own
    return min(there, key=lambda code: (-there[code], code))
