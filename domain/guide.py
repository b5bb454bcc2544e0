"""The KPI guide: what every KPI of a workspace means, kept in numbered versions that never change.

A version is frozen when something of substance is other than in the version before: what is asked for, how it
is counted, where the number comes from, who answers for it, or what the last audit found. New readings,
comments and the date of an audit are no substance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from domain.audit import Severity
from domain.breaks import Break
from domain.definition import Direction, Shape, Subject
from domain.frozen import Freezer
from domain.kpi import AlertRule
from domain.metrics import Metric
from domain.period import Every
from domain.sentence import Sentence, Unit, Words


@dataclass(frozen=True, slots=True)
class FieldSource:
    """A platform's field that is a metric, and from when to when it is given."""

    platform: str
    metric: Words
    #: ``tabuh``: counted here; None: counted from what the platform lists.
    field: str | None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """How much was behind the figure at a time."""

    at: datetime
    #: In words: "3 of 5 posts measured".
    said: Sentence
    not_supplied: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """One change of what a KPI asks for."""

    version: int
    at: datetime
    who: str
    because: str
    #: Names of the fields that changed.
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Everything the guide says of one KPI. Days are whole days in ``zone``."""

    kpi_id: int
    #: Raised by each change of what the KPI asks for.
    kpi_version: int = 1
    name: str
    key: str
    metric: Words
    definition: Words
    formula: Words
    #: Of the formula.
    version: int
    denominator: Words | None = None
    unit: Unit = Unit.COUNT
    shape: Shape = Shape.FLOW
    subject: Subject = Subject.POSTS
    target_sentence: Sentence
    scope: Sentence
    #: What the scope's name is to the program: ``{}`` or ``{"channel_id": 12}``.
    scope_row: Mapping[str, int]
    target_kind: str
    target: float
    direction: Direction
    every: Every
    starts_on: date
    deadline: date | None = None
    zone: str
    baseline: float | None = None
    baseline_from: date | None = None
    baseline_to: date | None = None
    baseline_source: str = ""
    currency: str = ""
    owner_id: int | None = None
    owner: str = ""
    cadence: str = ""
    alert_rule: AlertRule = AlertRule.AT_RISK
    goal: str = ""
    goal_words: str = ""
    audience: str = ""
    why: str = ""
    sources: tuple[FieldSource, ...] = ()
    breaks: tuple[Break, ...] = ()
    #: As it was when this was written.
    covered: Covered | None = None
    history: tuple[Past, ...] = ()
    comments: int = 0
    #: What the last audit said about this KPI by name.
    findings: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditSeen:
    """The last audit of the workspace's figures."""

    at: datetime
    wrong: int
    look: int
    fine: int

    @property
    def verdict(self) -> Severity:
        """The worst that was found; fine when nothing was."""
        return Severity.WRONG if self.wrong else Severity.LOOK if self.look else Severity.FINE


class ChangeKind(StrEnum):
    """What happened to the guide."""

    ADDED = "added"
    CHANGED = "changed"
    CLOSED = "closed"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class GuideChange:
    """What is other than in the version before, by whose doing, and when."""

    kind: ChangeKind
    #: 0 and empty for what is not about one KPI.
    kpi_id: int = 0
    name: str = ""
    #: Keys of `SUBSTANCE` that differ.
    fields: tuple[str, ...] = ()
    #: Empty: the program itself, or nobody knows.
    who: str = ""
    at: datetime | None = None
    because: str = ""
    before: Severity | None = None
    after: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a version says beside its sections."""

    workspace: str
    zone: str
    simulated: bool = False
    audit: AuditSeen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A whole guide, frozen or as of now."""

    #: Of the version that says the same in substance; 0: there is none yet.
    number: int
    #: When that version was frozen; None: there is none yet.
    frozen_at: datetime | None
    #: When the figures of coverage were counted.
    at: datetime
    head: Head
    sections: tuple[Section, ...] = ()
    changes: tuple[GuideChange, ...] = ()
    #: False: a newer version says something else.
    current: bool = True


#: What counts as substance, and the fields of a `Section` that it is made of.
SUBSTANCE: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name",),
    "definition": ("key", "version"),
    "scope": ("scope_row",),
    "target": ("target_kind", "target", "direction", "every"),
    "time": ("starts_on", "deadline", "zone"),
    "baseline": ("baseline", "baseline_from", "baseline_to", "baseline_source"),
    "owner": ("owner_id",),
    "cadence": ("cadence",),
    "alert_rule": ("alert_rule",),
    "why": ("goal", "goal_words", "audience", "why"),
    "sources": ("sources", "breaks"),
}


def differing(old: Section, new: Section) -> tuple[str, ...]:
    """Keys of `SUBSTANCE` in which two writings of a section differ; empty: only noise does, or nothing."""
    return tuple(
        key
        for key, names in SUBSTANCE.items()
        if any(getattr(old, name) != getattr(new, name) for name in names)
    )


def changes(
    old: Sequence[Section], new: Sequence[Section], *, before: AuditSeen | None, after: AuditSeen | None
) -> list[GuideChange]:
    """What is other now, without who and when; empty: a new version would say the same.

    A first audit is a change; that none is kept any more is not.
    """
    was, is_ = {one.kpi_id: one for one in old}, {one.kpi_id: one for one in new}
    found = [GuideChange(ChangeKind.ADDED, one.kpi_id, one.name) for one in new if one.kpi_id not in was]
    found += [
        GuideChange(ChangeKind.CHANGED, key, one.name, fields)
        for key, one in is_.items()
        if key in was and (fields := differing(was[key], one))
    ]
    found += [GuideChange(ChangeKind.CLOSED, one.kpi_id, one.name) for one in old if one.kpi_id not in is_]
    if after is not None and (before is None or before.verdict is not after.verdict):
        found.append(
            GuideChange(
                ChangeKind.AUDIT, at=after.at, before=before.verdict if before else None, after=after.verdict
            )
        )
    return found


_FREEZER: Final = Freezer(
    (
        FieldSource, Covered, Past, Section, AuditSeen, ChangeKind, GuideChange, Head, Break, Metric, Every,
        Shape, Subject, Direction, AlertRule, Severity,
    )
)  # fmt: skip


def frozen(value: Section | Head | Sequence[GuideChange]) -> Any:
    """As JSON."""
    return _FREEZER.freeze(value)


def thawed(value: Any) -> Any:
    """What `frozen` was given; sequences come back as tuples.

    Raises:
        ValueError: it was not written by `frozen`.
    """
    try:
        return _FREEZER.thaw(value)
    except (KeyError, TypeError) as exc:
        raise ValueError("this is no part of a guide") from exc
