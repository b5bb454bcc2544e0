"""KPIs at risk, off track or reached, as their owners want to hear of them."""

from collections.abc import Iterator

from sqlmodel import Session

from domain.alerts import Finding, Rule, kpi_rule
from domain.kpi import AlertRule
from domain.pace import Status
from store import kpis


def found(session: Session, workspace_id: int) -> Iterator[Finding]:
    """The open KPIs whose last evaluation is worth a word."""
    last = kpis.last_readings(session, workspace_id)
    for kpi in kpis.listed(session, workspace_id):
        reading = last.get(kpi.id)
        if reading is None:
            continue
        rule = kpi_rule(Status(reading.status), AlertRule(kpi.alert_rule))
        if rule is None:
            continue
        facts: dict[str, object] = {"kpi_id": kpi.id, "period_start": reading.period_start.isoformat()}
        if reading.chance is not None and rule is not Rule.KPI_REACHED:
            facts |= {"variant": "chance", "share": reading.chance}
        yield Finding(
            rule=rule, subject=f"kpi:{kpi.id}", name=kpi.name, facts=facts, since=reading.at,
            is_good=rule is Rule.KPI_REACHED,
        )  # fmt: skip
