"""An audit of the figures: what was checked, what was found, and how it compares with the audit before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from domain.errors import UsageError
from domain.frozen import Freezer
from domain.sentence import Sentence, Words

#: Days that an audit may look back.
LONGEST: Final = 366


class Severity(StrEnum):
    """How bad a finding is, worst last."""

    #: Good to know: the figures are right.
    FINE = "fine"
    #: A person should look: the figures may be incomplete, or mean something else.
    LOOK = "look"
    #: The figures are wrong or missing until something is done.
    WRONG = "wrong"


WORST_FIRST: Final = tuple(reversed(Severity))


class PlaceKind(StrEnum):
    """What a finding is about."""

    WORKSPACE = "workspace"
    CHANNEL = "channel"
    POST = "post"
    ROUTE = "route"
    LINK = "link"
    KPI = "kpi"
    CONNECTOR = "connector"
    IMPORTS = "imports"


@dataclass(frozen=True, slots=True)
class Place:
    """One row that a finding is about."""

    kind: PlaceKind
    #: 0 where there is no row.
    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a rule found at one place."""

    #: A key of `domain.audit_sentences.RULES`.
    rule: str
    severity: Severity
    what: Sentence
    action: Sentence
    where: Place
    #: How many rows, such as posts or readings.
    count: int = 1
    #: Some of them.
    examples: tuple[Place, ...] = ()
    #: When the first of them was; None: not known.
    since: datetime | None = None

    @property
    def key(self) -> str:
        """The same for the same trouble at the same place in every audit."""
        return f"{self.what.key}:{self.where.kind}:{self.where.id or self.where.name}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What one rule looked at, whether or not it found anything."""

    rule: str
    #: How many rows it looked at, and of how many; fewer: a sample of the newest.
    looked: int
    of: int

    @property
    def sampled(self) -> bool:
        """Whether not everything was looked at."""
        return self.looked < self.of


@dataclass(frozen=True, slots=True)
class Audit:
    """All of one audit; ``days`` back from ``at``."""

    at: datetime
    days: int
    checked: tuple[Checked, ...]
    findings: tuple[Finding, ...]

    def counts(self) -> dict[Severity, int]:
        """Findings by severity, worst first; every severity is there."""
        return {level: sum(one.severity == level for one in self.findings) for level in WORST_FIRST}

    @property
    def wrong(self) -> bool:
        """Whether anything is wrong."""
        return any(one.severity is Severity.WRONG for one in self.findings)

    def passed(self) -> list[Checked]:
        """What was checked and found nothing, good-to-know findings apart."""
        rang = {one.rule for one in self.findings if one.severity is not Severity.FINE}
        return [one for one in self.checked if one.rule not in rang]

    def frozen(self) -> Any:
        """As JSON; `thawed` gives it back."""
        return _FREEZER.freeze(self)


_FREEZER = Freezer((Severity, PlaceKind, Place, Finding, Checked, Audit))


def thawed(frozen: Any) -> Audit:
    """The audit that `Audit.frozen` wrote.

    Raises:
        ValueError: it is no audit.
    """
    try:
        found = _FREEZER.thaw(frozen)
    except (KeyError, TypeError) as exc:
        raise ValueError("this is no audit") from exc
    if not isinstance(found, Audit):
        raise ValueError("this is no audit")
    return found


@dataclass(frozen=True, slots=True)
class Since:
    """What changed from one audit to the next."""

    #: Found now and not before, and the other way round.
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]


def since(before: Audit | None, now: Audit) -> Since:
    """What changed; against no earlier audit, nothing did."""
    if before is None:
        return Since((), ())
    was, is_ = {one.key: one for one in before.findings}, {one.key: one for one in now.findings}
    return Since(
        tuple(one for key, one in is_.items() if key not in was),
        tuple(one for key, one in was.items() if key not in is_),
    )


def by_severity(findings: Sequence[Finding]) -> Mapping[Severity, Sequence[Finding]]:
    """The findings of each severity, worst first; severities without any are absent."""
    found = {level: [one for one in findings if one.severity is level] for level in WORST_FIRST}
    return {level: own for level, own in found.items() if own}


def check_days(days: int) -> int:
    """Raises `UsageError` when an audit cannot look back so many days."""
    if not 1 <= days <= LONGEST:
        raise UsageError(f"An audit looks back 1 to {LONGEST} days, not {days}.")
    return days


#: Names of severities, for people.
LEVELS: Final[Mapping[Severity, Words]] = {
    Severity.FINE: Words("Good to know", "Sekadar diketahui"),
    Severity.LOOK: Words("Look at this", "Perlu dilihat"),
    Severity.WRONG: Words("Wrong", "Salah"),
}
