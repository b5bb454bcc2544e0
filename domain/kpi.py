"""KPIs: what a person asks for, what is refused and why, the pace, and how a KPI stands."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from domain.catalogue import CATALOGUE
from domain.definition import AT_LINKS, OF_CHANNELS, Definition, Direction, Shape, Supplies
from domain.errors import UsageError
from domain.instead import instead
from domain.period import Every
from domain.schedule import zone
from domain.sentence import Amount, Sentence, Unit, Words
from domain.sentences import say


class ScopeKind(StrEnum):
    """What a KPI looks at."""

    WORKSPACE = "workspace"
    CHANNEL = "channel"
    ROUTE = "route"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Scope:
    """The whole workspace, or one channel, route or feed of it by its row id."""

    kind: ScopeKind = ScopeKind.WORKSPACE
    id: int | None = None

    def __post_init__(self) -> None:
        if (self.kind is ScopeKind.WORKSPACE) != (self.id is None):
            raise ValueError(f"a {self.kind} scope with id {self.id}")

    def stored(self) -> dict[str, int]:
        """As the KPI's row keeps it: ``{}`` or ``{"channel_id": 123}``."""
        return {} if self.id is None else {f"{self.kind}_id": self.id}


def scope_from(stored: Mapping[str, Any]) -> Scope:
    """The scope that `Scope.stored` wrote."""
    for kind in (ScopeKind.CHANNEL, ScopeKind.ROUTE, ScopeKind.FEED):
        if f"{kind}_id" in stored:
            return Scope(kind, int(stored[f"{kind}_id"]))
    return Scope()


#: Of a KPI's name.
NAME_LENGTH = 120
#: Days between two looks of its owner, by the word for it.
CADENCE_DAYS: Mapping[str, int] = {"daily": 1, "weekly": 7, "monthly": 30, "quarterly": 91}


class AlertRule(StrEnum):
    """When somebody is told of a KPI without asking."""

    OFF = "off"
    #: It becomes at risk or off track, or is missed.
    AT_RISK = "at_risk"
    #: It becomes off track, or is missed.
    OFF_TRACK = "off_track"
    #: It is reached.
    REACHED = "reached"
    #: Its status changes, whichever way.
    EVERY_CHANGE = "every_change"


class TargetKind(StrEnum):
    """What the target's number means."""

    ABSOLUTE = "absolute"
    #: Percent by which the baseline is to change, in the KPI's direction; always above 0.
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKpi:
    """What a person asks for. Days are whole days in ``zone``; ``deadline`` is the last that counts."""

    name: str
    metric: str
    target: float
    target_kind: TargetKind = TargetKind.ABSOLUTE
    scope: Scope = Scope()
    baseline: float | None = None
    baseline_from: date | None = None
    baseline_to: date | None = None
    every: Every = Every.ONCE
    direction: Direction = Direction.UP
    starts_on: date
    deadline: date | None = None
    zone: str = "UTC"
    owner_id: int | None = None
    why: str = ""
    #: Key of `domain.goals.GOALS`, and the goal in the person's own words.
    goal: str = ""
    goal_words: str = ""
    #: Whom it is about, in words.
    audience: str = ""
    #: Where a baseline that was typed comes from.
    baseline_source: str = ""
    #: Key of `CADENCE_DAYS`; empty: not said.
    cadence: str = ""
    alert_rule: AlertRule = AlertRule.AT_RISK

    @property
    def absolute(self) -> bool:
        """Whether the target's number is the value to reach."""
        return self.target_kind is TargetKind.ABSOLUTE


class KpiRefused(UsageError):
    """The KPI asked for cannot be; ``reasons`` say why, in either language."""

    def __init__(self, reasons: Sequence[Sentence]) -> None:
        super().__init__(" ".join(say(reason) for reason in reasons))
        self.reasons = tuple(reasons)


#: 5.000 and 5,000 mean five or five thousand, depending on who writes.
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,]\d{3})+%?")


def parse_target(text: str) -> tuple[TargetKind, float, Direction]:
    """A target as people write it: ``5000``, ``2.5%``, ``2,5%``, ``+20%`` or ``-10%``.

    A sign makes it relative to a baseline; then its percentage is above 0 and the sign is the direction.

    Raises:
        UsageError: it is no number, has separators of thousands, or a sign without a percentage.
    """
    plain = text.strip().replace("−", "-")
    if _GROUPED.fullmatch(plain):
        raise UsageError(
            f"The target {text!r} can be read two ways: write it without separators of thousands."
        )
    signed, percent = plain[:1] in ("+", "-"), plain.endswith("%")
    try:
        value = float(plain.removesuffix("%").lstrip("+-").replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (signed and not percent):
        raise UsageError(
            f"Cannot read the target {text!r}. Write 5000 or 2.5% to reach, +20% or -10% to change by."
        )
    if not signed:
        return TargetKind.ABSOLUTE, value, Direction.UP
    return TargetKind.RELATIVE, value, Direction.DOWN if plain[0] == "-" else Direction.UP


def check(new: NewKpi, *, platforms: Sequence[str], supplies: Supplies, today: date) -> list[Sentence]:
    """Everything that speaks against a KPI before any figure is looked at; empty: nothing.

    Args:
        new: what is asked for.
        platforms: the platforms of the channels in its scope, one for each channel.
        supplies: what the platforms can give.
        today: the current day in the KPI's zone.

    Raises:
        UsageError: its time zone is unknown.
    """
    zone(new.zone)
    reasons = [] if 1 <= len(new.name.strip()) <= NAME_LENGTH else [Sentence("kpi.name")]
    definition = CATALOGUE.get(new.metric)
    if definition is None:
        reasons.append(Sentence("kpi.unknown_metric", {"metric": new.metric, "known": tuple(CATALOGUE)}))
    elif not definition.outside:
        reasons += _supply(definition, new.scope, platforms, supplies)
    return [*reasons, *_dates(new, today=today), *_target(new), *_baseline(new, today=today)]


def _supply(
    definition: Definition, scope: Scope, platforms: Sequence[str], supplies: Supplies
) -> list[Sentence]:
    if definition.shape is Shape.UNIQUE:
        return [Sentence("kpi.not_additive", {"metric": definition.name})]
    of_followers = definition.shape in OF_CHANNELS
    if of_followers and scope.kind not in (ScopeKind.WORKSPACE, ScopeKind.CHANNEL):
        return [Sentence("kpi.followers_scope")]
    if not platforms:
        return [Sentence("kpi.no_channel")]
    lacking = {platform: supplies.lacking(platform, definition) for platform in platforms}
    if any(not missing for missing in lacking.values()):
        return []
    if all(set(missing) <= AT_LINKS for missing in lacking.values()):
        return [Sentence("kpi.no_own_links")]
    missing = dict.fromkeys(metric for each in lacking.values() for metric in each)
    values: dict[str, Any] = {
        "metric": definition.name,
        "missing": tuple(CATALOGUE[metric].name for metric in missing),
        "platforms": tuple(dict.fromkeys(supplies.title(platform) for platform in platforms)),
    }
    values["instead"] = tuple(other.name for other in instead(definition, platforms, supplies))
    return [Sentence("kpi.not_supplied_instead" if values["instead"] else "kpi.not_supplied", values)]


def _dates(new: NewKpi, *, today: date) -> list[Sentence]:
    if new.deadline is None:
        return [Sentence("kpi.no_deadline")] if new.every is Every.ONCE else []
    if new.deadline < new.starts_on:
        values = {"deadline": new.deadline, "start": new.starts_on}
        return [Sentence("kpi.deadline_before_start", values)]
    return [Sentence("kpi.deadline_past", {"deadline": new.deadline})] if new.deadline < today else []


def _target(new: NewKpi) -> list[Sentence]:
    if not math.isfinite(new.target) or new.target < 0:
        return [Sentence("kpi.target_number")]
    relative = new.target_kind is TargetKind.RELATIVE
    if new.target == 0 and (relative or new.direction is Direction.UP):
        return [Sentence("kpi.target_zero")]
    if relative and new.direction is Direction.DOWN and new.target >= 100:
        return [Sentence("kpi.change_too_large", {"change": Amount(new.target, Unit.PERCENT)})]
    return []


def _baseline(new: NewKpi, *, today: date) -> list[Sentence]:
    if new.target_kind is TargetKind.ABSOLUTE:
        return []
    if new.baseline is not None:
        usable = math.isfinite(new.baseline) and new.baseline > 0
        return [] if usable else [Sentence("kpi.baseline_zero")]
    if new.baseline_from is None or new.baseline_to is None:
        return [Sentence("kpi.no_baseline")]
    if new.baseline_to < new.baseline_from:
        return [Sentence("kpi.baseline_order")]
    if new.baseline_to >= today:
        return [Sentence("kpi.baseline_not_over", {"last": new.baseline_to})]
    return []


def goal(kind: TargetKind, target: float, *, baseline: float | None, direction: Direction) -> float:
    """The value to reach in one whole period."""
    if kind is TargetKind.ABSOLUTE:
        return target
    assert baseline is not None, "a relative KPI is stored with its baseline"
    change = target / 100 if direction is Direction.UP else -target / 100
    return baseline * (1 + change)


def target_sentence(
    definition: Definition, new: NewKpi, *, baseline: float | None, scope_name: str = "", currency: str = ""
) -> Sentence:
    """What is to be reached, where and until when.

    ``scope_name`` is the channel's, route's or feed's; ``currency`` that of money.
    """
    currency = currency if definition.unit is Unit.MONEY else ""
    value = goal(new.target_kind, new.target, baseline=baseline, direction=new.direction)
    if definition.unit is Unit.COUNT:  # whole for people, also where a percentage is not
        value, baseline = float(round(value)), None if baseline is None else float(round(baseline))
    values: dict[str, Any] = {
        "metric": definition.name,
        "target": Amount(value, definition.unit, currency),
        "every": Sentence(f"every.{new.every}"),
        "scope": Sentence(f"scope.{new.scope.kind}", {"name": scope_name}),
        "when": _when(new),
    }
    up = new.direction is Direction.UP
    if new.target_kind is TargetKind.ABSOLUTE:
        return Sentence("target.at_least" if up else "target.at_most", values)
    assert baseline is not None
    values["change"] = Amount(new.target, Unit.PERCENT)
    values["baseline"] = Amount(baseline, definition.unit, currency)
    values["metric"] = Words(_lower(definition.name.en), _lower(definition.name.id))
    values["scope"] = Sentence(f"within.{new.scope.kind}", {"name": scope_name})
    values["when"] = _until(new)
    return Sentence("target.raise" if up else "target.lower", values)


def _lower(name: str) -> str:
    """A name within a sentence; one that begins with an acronym stays as it is."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _until(new: NewKpi) -> Sentence:
    if new.deadline is None:
        return Sentence("when.from", {"start": new.starts_on})
    return Sentence("when.by", {"start": new.starts_on, "deadline": new.deadline})


def _when(new: NewKpi) -> Sentence:
    if new.deadline is None:
        return Sentence("when.from", {"start": new.starts_on})
    return Sentence("when.between", {"start": new.starts_on, "deadline": new.deadline})
