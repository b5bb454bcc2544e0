"""KPIs at risk, off track or reached, as their owners want to hear of them, with what may have caused it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.alerts import Finding, Rule, kpi_rule
from domain.catalogue import CATALOGUE
from domain.definition import Supplies
from domain.kpi import AlertRule, scope_from
from domain.pace import Status
from scheduler.causes import BACK, cause_of
from store import alerts, kpis, silence
from store.tables import Kpi, KpiReading, Workspace

#: Days before the evaluation in which the cause is looked for.
_LOOKED: Final = 7
#: What an open alert keeps of its cause.
_KEPT: Final = ("cause", "post_id", "feed", "posts", "usual_posts")
_DAY: Final = timedelta(days=1)


def found(
    session: Session, workspace: Workspace, *, supplies: Callable[[], Supplies], now: datetime
) -> Iterator[Finding]:
    """The open KPIs whose last evaluation is worth a word.

    Args:
        supplies: asked only where a cause must be looked for: once, when an alert opens.
    """
    last = kpis.last_readings(session, workspace.id)
    known = {
        row.subject: row for row in alerts.open_ones(session, workspace.id) if row.rule.startswith("kpi.")
    }
    for kpi in kpis.listed(session, workspace.id):
        reading = last.get(kpi.id)
        if reading is None:
            continue
        rule = kpi_rule(Status(reading.status), AlertRule(kpi.alert_rule))
        if rule is None:
            continue
        subject = f"kpi:{kpi.id}"
        before = known.get(subject)
        facts = _facts(kpi, reading, rule)
        if before is not None and before.rule == rule:
            kept = (*_KEPT, "share") if rule is Rule.KPI_REACHED else _KEPT
            facts |= {name: before.facts[name] for name in kept if name in before.facts}
        else:
            facts |= _cause(session, workspace, kpi, reading, rule, supplies=supplies(), now=now)
        yield Finding(
            rule=rule, subject=subject, name=kpi.name, facts=facts, since=reading.at,
            is_good=rule is Rule.KPI_REACHED,
        )  # fmt: skip


def _facts(kpi: Kpi, reading: KpiReading, rule: Rule) -> dict[str, Any]:
    facts: dict[str, Any] = {"kpi_id": kpi.id, "period_start": reading.period_start.isoformat()}
    if reading.chance is not None and rule is not Rule.KPI_REACHED:
        facts |= {"variant": "chance", "share": reading.chance}
    entry = CATALOGUE.get(kpi.metric)
    if reading.actual is not None and reading.expected is not None:
        facts |= {"actual": float(f"{reading.actual:.4g}"), "expected": float(f"{reading.expected:.4g}")}
        facts["unit"] = entry.unit if entry is not None else ""
    return facts


def _cause(
    session: Session, workspace: Workspace, kpi: Kpi, reading: KpiReading, rule: Rule, *,
    supplies: Supplies, now: datetime,
) -> Mapping[str, Any]:  # fmt: skip
    """What may explain the last days of the period, by the rules for figures (`scheduler.causes`)."""
    entry = CATALOGUE.get(kpi.metric)
    if entry is None:
        return {"cause": "unknown"}
    last = reading.at.astimezone(ZoneInfo(workspace.zone)).date()
    is_good = rule is Rule.KPI_REACHED
    told = cause_of(
        session, workspace, scope_from(kpi.scope), entry,
        first=min(last, max(reading.period_start, last - (_LOOKED - 1) * _DAY)), last=last,
        is_more=is_good == (kpi.direction == "up"), supplies=supplies, now=now,
        fields=cache(lambda: silence.sources(session, workspace.id, since=now - BACK * _DAY)),
    )  # fmt: skip
    # The share of a chance stands in the same place as that of one post.
    return {"cause": "unknown"} if "share" in told and not is_good else told
