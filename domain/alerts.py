"""Alerts: the rules there are, what each finds, and which of them a KPI's owner wants to hear of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from domain.kpi import AlertRule
from domain.pace import Status
from domain.telling import Group


class Rule(StrEnum):
    """What is looked for; stored with each alert, so never renamed."""

    FIGURE_DAY = "figure.day"
    FIGURE_SHIFT = "figure.shift"
    KPI_AT_RISK = "kpi.at_risk"
    KPI_OFF_TRACK = "kpi.off_track"
    KPI_REACHED = "kpi.reached"
    FEED_QUIET = "feed.quiet"
    FEED_FAILING = "feed.failing"
    QUEUE_EMPTY = "queue.empty"
    ACCESS_ENDS = "access.ends"
    CHANNEL_RECONNECT = "channel.reconnect"
    NOT_MEASURED = "measure.silent"
    SCHEDULER_STOPPED = "scheduler.stopped"
    POST_UNCERTAIN = "post.uncertain"
    POST_FAILED = "post.failed"
    POST_LATE = "post.late"
    NUMBER_FELL = "number.fell"
    NUMBER_STALE = "number.stale"
    NUMBER_UNIT = "number.unit"
    EXPERIMENT_ENDED = "experiment.ended"


#: How often a workspace is looked at.
LOOKED_EVERY: Final = timedelta(minutes=5)
#: Of whole days, judged once a day.
FIGURE_RULES: Final = frozenset({Rule.FIGURE_DAY, Rule.FIGURE_SHIFT})

_FAMILIES: Final = {
    "figure": Group.FIGURES,
    "kpi": Group.KPIS,
    "number": Group.NUMBERS,
    "experiment": Group.EXPERIMENTS,
}


def group_of(rule: Rule) -> Group:
    """Which group of notices an alert belongs to."""
    return _FAMILIES.get(rule.partition(".")[0], Group.SILENCE)


#: After an alert has closed, the same one opens again no sooner.
COOL_DOWN: Final[Mapping[Rule, timedelta]] = {
    Rule.FIGURE_DAY: timedelta(days=3),
    Rule.FIGURE_SHIFT: timedelta(days=3),
    Rule.KPI_AT_RISK: timedelta(days=1),
    Rule.KPI_OFF_TRACK: timedelta(days=1),
    Rule.FEED_FAILING: timedelta(hours=6),
    Rule.FEED_QUIET: timedelta(days=3),
    Rule.QUEUE_EMPTY: timedelta(days=1),
    Rule.SCHEDULER_STOPPED: timedelta(hours=1),
    Rule.NOT_MEASURED: timedelta(days=1),
    Rule.NUMBER_STALE: timedelta(days=1),
    Rule.NUMBER_FELL: timedelta(days=3),
    Rule.NUMBER_UNIT: timedelta(days=3),
}


class Closing(StrEnum):
    """Why an alert was closed."""

    #: What it found does not hold any more.
    OVER = "over"
    #: The level stays, and has become the usual one.
    NEW_USUAL = "new_usual"
    #: Its feed, channel, KPI or post is not there any more.
    REMOVED = "removed"
    #: A person paused it.
    PAUSED = "paused"
    #: A person wants to hear of it no more.
    MUTED = "muted"


_OF_STATUS: Final[Mapping[Status, Rule]] = {
    Status.BEHIND: Rule.KPI_AT_RISK,
    Status.AT_RISK: Rule.KPI_AT_RISK,
    Status.OFF_TRACK: Rule.KPI_OFF_TRACK,
    Status.MISSED: Rule.KPI_OFF_TRACK,
    Status.REACHED: Rule.KPI_REACHED,
}
_WANTED: Final[Mapping[AlertRule, frozenset[Rule]]] = {
    AlertRule.OFF: frozenset(),
    AlertRule.AT_RISK: frozenset({Rule.KPI_AT_RISK, Rule.KPI_OFF_TRACK}),
    AlertRule.OFF_TRACK: frozenset({Rule.KPI_OFF_TRACK}),
    AlertRule.REACHED: frozenset({Rule.KPI_REACHED}),
    AlertRule.EVERY_CHANGE: frozenset({Rule.KPI_AT_RISK, Rule.KPI_OFF_TRACK, Rule.KPI_REACHED}),
}


def kpi_rule(status: Status, wanted: AlertRule) -> Rule | None:
    """The rule by which a KPI in this status is worth an alert; None: by none that its owner wants."""
    rule = _OF_STATUS.get(status)
    return rule if rule in _WANTED[wanted] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a rule has found to hold now."""

    rule: Rule
    #: What it is about: one alert is open for each rule and subject.
    subject: str
    #: How people call the subject.
    name: str
    #: What the sentences are made of: numbers, texts and instants (ISO 8601) only; a text that differs by
    #: language is a mapping of ``en`` and ``id``.
    facts: Mapping[str, Any] = field(default_factory=dict)
    since: datetime
    is_good: bool = False
