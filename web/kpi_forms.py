"""The form of a KPI: what was typed, which metrics its scope can supply, and what it asks for."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.numbers import NumberFormatError, parse_decimal
from pydantic import BaseModel
from sqlmodel import Session

from analytics import outside
from analytics.scopes import channels_in
from domain.catalogue import CATALOGUE
from domain.definition import Direction, Supplies
from domain.kpi import KpiRefused, NewKpi, Scope, ScopeKind, TargetKind, check
from domain.period import Every
from domain.sentence import Unit
from store import channels, feeds, routes
from web.i18n import Voice
from web.i18n import marked as N_
from web.posted import Mistake
from web.said import said
from web.typed import Errors, Typed, day

EVERY: Mapping[str, str] = {
    Every.ONCE: N_("Once, by the last day"),
    Every.DAY: N_("Every day"),
    Every.WEEK: N_("Every week"),
    Every.MONTH: N_("Every month"),
    Every.QUARTER: N_("Every quarter"),
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
}


class KpiForm(BaseModel):
    """A KPI to add; names of fields are those of the page."""

    name: Typed = ""
    #: ``workspace``, or ``channel:123``, ``route:123``, ``feed:123``.
    scope: Typed = "workspace"
    metric: Typed = ""
    kind: Typed = TargetKind.ABSOLUTE.value
    target: Typed = ""
    direction: Typed = Direction.UP.value
    every: Typed = Every.MONTH.value
    starts_on: Typed = ""
    deadline: Typed = ""
    baseline: Typed = ""
    baseline_from: Typed = ""
    baseline_to: Typed = ""
    why: Typed = ""
    act: Typed = "look"

    def new(self, voice: Voice, *, zone_name: str, owner_id: int, today: date) -> NewKpi:
        """What was asked for. Raises `Mistake` for the first field that cannot be read."""
        _ = voice.gettext
        relative = self.kind == TargetKind.RELATIVE
        return NewKpi(
            name=" ".join(self.name.split()),
            metric=self.metric,
            target=number("target", self.target, voice) or 0.0,
            target_kind=TargetKind.RELATIVE if relative else TargetKind.ABSOLUTE,
            scope=read_scope(self.scope),
            baseline=number("baseline", self.baseline, voice, needed=False) if relative else None,
            baseline_from=day("baseline_from", self.baseline_from, voice) if relative else None,
            baseline_to=day("baseline_to", self.baseline_to, voice) if relative else None,
            every=Every(self.every) if self.every in EVERY else Every.MONTH,
            direction=Direction.DOWN if self.direction == Direction.DOWN else Direction.UP,
            starts_on=day("starts_on", self.starts_on, voice) or today,
            deadline=day("deadline", self.deadline, voice),
            zone=zone_name,
            owner_id=owner_id,
            why=self.why.strip()[:2000],
        )


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
    unable: Sequence[tuple[str, str]]


def metrics_of(
    session: Session, workspace_id: int, scope: Scope, supplies: Supplies, voice: Voice, *, today: date
) -> Metrics:
    """The catalogue, split by what the channels in scope supply. Raises `NotFound` for a scope elsewhere."""
    platforms = [row.platform for row in channels_in(session, workspace_id, scope)]
    able, unable = [], []
    for key, definition in CATALOGUE.items():
        trial = NewKpi(name="x", metric=key, target=1, scope=scope, every=Every.MONTH, starts_on=today)
        reasons = check(trial, platforms=platforms, supplies=supplies, today=today)
        lacking = outside.lacking(session, definition, workspace_id=workspace_id, scope=scope)
        reasons += [lacking] if lacking is not None else []
        name = said(voice, definition.name)
        if reasons:
            unable.append((name, " ".join(said(voice, reason) for reason in reasons)))
        else:
            able.append((key, name + (" (%)" if definition.unit is Unit.PERCENT else "")))
    return Metrics(able, unable)


def refusal(error: KpiRefused, voice: Voice) -> Errors:
    """Each reason beside the field it is about."""
    errors = Errors()
    for reason in error.reasons:
        name = _FIELDS.get(reason.key, "metric")
        errors[name] = f"{errors[name]} {said(voice, reason)}".strip()
    return errors
