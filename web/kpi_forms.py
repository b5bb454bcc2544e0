"""The form of a KPI: what was typed, which metrics its scope can supply, and what it asks for."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.numbers import NumberFormatError, parse_decimal
from pydantic import BaseModel
from sqlmodel import Session

from analytics.offered import Offered
from domain.definition import Direction
from domain.goals import OWN
from domain.kpi import AlertRule, KpiRefused, NewKpi, Scope, ScopeKind, TargetKind
from domain.period import Every
from domain.sentence import Unit
from domain.windowed_figures import LONGEST, key_within, windowed_base
from store import channels, feeds, routes
from web.i18n import Voice
from web.i18n import marked as N_
from web.posted import Mistake
from web.said import said
from web.typed import Errors, Typed, day, days_typed

EVERY: Mapping[str, str] = {
    Every.ONCE: N_("Once, by the last day"),
    Every.DAY: N_("Every day"),
    Every.WEEK: N_("Every week"),
    Every.MONTH: N_("Every month"),
    Every.QUARTER: N_("Every quarter"),
}
CADENCES: Mapping[str, str] = {
    "daily": N_("Every day"),
    "weekly": N_("Every week"),
    "monthly": N_("Every month"),
    "quarterly": N_("Every quarter"),
}
ALERTS: Mapping[str, str] = {
    AlertRule.AT_RISK: N_("When it becomes at risk, off track or is missed"),
    AlertRule.OFF_TRACK: N_("When it becomes off track or is missed"),
    AlertRule.REACHED: N_("When it is reached"),
    AlertRule.EVERY_CHANGE: N_("At every change of its status"),
    AlertRule.OFF: N_("Never"),
}
#: Larger numbers are typing errors.
LARGEST = 1e15
#: Which field each reason of a refusal belongs to; the metric's where none is named.
_FIELDS: Mapping[str, str] = {
    "kpi.name": "name",
    "kpi.name_taken": "name",
    "kpi.no_channel": "scope",
    "kpi.no_deadline": "deadline",
    "kpi.deadline_before_start": "deadline",
    "kpi.deadline_past": "deadline",
    "kpi.target_number": "target",
    "kpi.target_zero": "target",
    "kpi.change_too_large": "target",
    "kpi.no_baseline": "baseline_from",
    "kpi.baseline_order": "baseline_to",
    "kpi.baseline_not_over": "baseline_to",
    "kpi.baseline_no_data": "baseline",
    "kpi.baseline_before_data": "baseline_from",
    "kpi.baseline_absent": "baseline_from",
    "kpi.baseline_zero": "baseline",
    "kpi.unknown_goal": "goal",
    "kpi.unknown_cadence": "cadence",
    "kpi.no_such_owner": "owner",
    "kpi.why_changed": "because",
    "kpi.unchanged": "name",
    "kpi.closed": "name",
    "smart.over_100": "target",
}


class KpiForm(BaseModel):
    """A KPI to add; names of fields are those of the page."""

    name: Typed = ""
    #: ``workspace``, or ``channel:123``, ``route:123``, ``feed:123``.
    scope: Typed = "workspace"
    metric: Typed = ""
    #: Days from a click, for figures that look for a time; empty: as the metric's name says.
    window: Typed = ""
    kind: Typed = TargetKind.ABSOLUTE.value
    target: Typed = ""
    direction: Typed = Direction.UP.value
    every: Typed = Every.MONTH.value
    starts_on: Typed = ""
    deadline: Typed = ""
    baseline: Typed = ""
    baseline_from: Typed = ""
    baseline_to: Typed = ""
    baseline_source: Typed = ""
    why: Typed = ""
    goal: Typed = ""
    goal_words: Typed = ""
    audience: Typed = ""
    #: Number of a member; empty: whoever saves it.
    owner: Typed = ""
    cadence: Typed = "weekly"
    alert_rule: Typed = AlertRule.AT_RISK.value
    #: Why it is changed.
    because: Typed = ""
    act: Typed = "look"
    #: The step that was shown; empty: the whole form on one page.
    step: Typed = ""

    def new(self, voice: Voice, *, zone_name: str, owner_id: int, today: date) -> NewKpi:
        """What was asked for. Raises `Mistake` for the first field that cannot be read."""
        relative = self.kind == TargetKind.RELATIVE
        baseline = number("baseline", self.baseline, voice, needed=False) if relative else None
        from_days = relative and baseline is None
        return NewKpi(
            name=" ".join(self.name.split()),
            metric=self.key(voice),
            target=number("target", self.target, voice) or 0.0,
            target_kind=TargetKind.RELATIVE if relative else TargetKind.ABSOLUTE,
            scope=read_scope(self.scope),
            baseline=baseline,
            baseline_from=day("baseline_from", self.baseline_from, voice) if from_days else None,
            baseline_to=day("baseline_to", self.baseline_to, voice) if from_days else None,
            baseline_source=self.baseline_source.strip()[:500] if baseline is not None else "",
            every=Every(self.every) if self.every in EVERY else Every.MONTH,
            direction=Direction.DOWN if self.direction == Direction.DOWN else Direction.UP,
            starts_on=day("starts_on", self.starts_on, voice) or today,
            deadline=day("deadline", self.deadline, voice),
            zone=zone_name,
            owner_id=int(self.owner) if self.owner.isdigit() and len(self.owner) < 19 else owner_id,
            why=self.why.strip()[:2000],
            goal=OWN if self.goal_words.strip() and not self.goal else self.goal,
            goal_words=self.goal_words.strip()[:500],
            audience=" ".join(self.audience.split())[:200],
            cadence=self.cadence,
            alert_rule=AlertRule(self.alert_rule) if self.alert_rule in ALERTS else AlertRule.AT_RISK,
        )

    def key(self, voice: Voice) -> str:
        """The metric's key, with the window that was typed. Raises `Mistake` where it has none."""
        if not self.window.strip():
            return self.metric
        _, days = voice.gettext, days_typed(self.window, most=LONGEST)
        if windowed_base(self.metric) is None:
            raise Mistake("window", _("This metric looks for no time from a click: leave this empty."))
        if days is None:
            raise Mistake("window", _("Write a whole number of days from 1 to %(most)s.", most=LONGEST))
        return key_within(self.metric, days)


def number(field: str, text: str, voice: Voice, *, needed: bool = True) -> float | None:
    """A number as the reader's language writes it; None when nothing was typed and nothing is needed."""
    plain = text.strip().rstrip("%").strip().replace("\N{NO-BREAK SPACE}", "")
    if not plain and not needed:
        return None
    try:
        value = float(parse_decimal(plain, locale=voice.locale, strict=True))
    except (NumberFormatError, ValueError):
        value = math.nan
    if not math.isfinite(value) or abs(value) > LARGEST:
        whole, broken = voice.number(5000), voice.number(2.5, 1)
        raise Mistake(
            field,
            voice.gettext("Write a number such as %(whole)s or %(broken)s.", whole=whole, broken=broken),
        )
    return value


def read_scope(text: str) -> Scope:
    """The scope that an option of the form names; what names none is the whole workspace."""
    kind, _, number_ = text.partition(":")
    if (
        kind in (ScopeKind.CHANNEL, ScopeKind.ROUTE, ScopeKind.FEED)
        and number_.isdigit()
        and len(number_) < 19
    ):
        return Scope(ScopeKind(kind), int(number_))
    return Scope()


def scope_options(session: Session, workspace_id: int, voice: Voice) -> list[tuple[str, str]]:
    """Everything that a KPI can look at."""
    _ = voice.gettext
    return [
        ("workspace", _("The whole workspace")),
        *(
            (f"channel:{row.id}", _("Channel %(name)s", name=row.name))
            for row in channels.listed(session, workspace_id)
        ),
        *(
            (f"route:{row.id}", _("Route %(name)s", name=row.name))
            for row in routes.listed(session, workspace_id)
        ),
        *(
            (f"feed:{row.id}", _("Feed %(name)s", name=row.title or row.url))
            for row in feeds.listed(session, workspace_id)
        ),
    ]


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a scope can be measured by, and what not, with the reason."""

    able: Sequence[tuple[str, str]]
    #: How many of `able`, from the first, speak of the goal.
    fitting: int
    unable: Sequence[tuple[str, str]]


def metrics_of(found: Offered, voice: Voice) -> Metrics:
    """What can be measured, in the reader's words."""
    able = [
        (str(one.key), said(voice, one.name) + (" (%)" if one.unit is Unit.PERCENT else ""))
        for one in found.able
    ]
    unable = [
        (said(voice, one.name), " ".join(said(voice, reason) for reason in reasons))
        for one, reasons in found.unable
    ]
    return Metrics(able, found.fitting, unable)


def refusal(error: KpiRefused, voice: Voice) -> Errors:
    """Each reason beside the field it is about."""
    errors = Errors()
    for reason in error.reasons:
        name = _FIELDS.get(reason.key, "metric")
        errors[name] = f"{errors[name]} {said(voice, reason)}".strip()
    return errors
