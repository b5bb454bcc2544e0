"""The KPIs of a filled workspace."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from store.tables import Kpi, KpiReading

if TYPE_CHECKING:
    from tests.web.filled import Filling


def add_kpis(filling: "Filling") -> None:
    """KPIs of every kind, some with the readings of this month."""
    today = filling.now.date()
    month = today.replace(day=1)
    known: Sequence[dict[str, Any]] = (
        {"name": "Visits in a month", "metric": "visits", "target": 5000.0, "period": "month"},
        {"name": "Engagement", "metric": "engagement", "target": 700.0, "period": "month"},
        {"name": "Followers by spring", "metric": "followers", "target": 6000.0, "period": "once"},
        {
            "name": "Applause",
            "metric": "applause_followers",
            "target": 20.0,
            "target_kind": "relative",
            "baseline": 4.2,
            "period": "month",
            "scope": {"channel_id": filling.channels["mastodon"].id},
        },
        {"name": "Next year", "metric": "clicks", "target": 9000.0, "period": "once"},
    )
    for values in known:
        later = values["name"] == "Next year"
        once = values["period"] == "once"
        kpi = filling.add(
            Kpi(
                workspace_id=filling.workspace_id,
                zone="Asia/Jakarta",
                starts_on=date(today.year + 1, 1, 1) if later else month - timedelta(days=35),
                deadline=date(today.year + 1, 3, 31) if once else None,
                created_at=filling.now - timedelta(weeks=filling.weeks),
                why="The shop lives from readers who come back.",
                owner_id=filling.place.owner.id,
                **values,
            )
        )
        filling.kpis.append(kpi)
        if not later and not once:
            _readings(filling, kpi, month, kpi.target)


def _readings(filling: "Filling", kpi: Kpi, month: date, target: float) -> None:
    for day in range((filling.now.date() - month).days):
        at = filling.now - timedelta(days=(filling.now.date() - month).days - day)
        share = (day + 1) / 30
        rate = kpi.metric == "applause_followers"
        actual = 4.6 if rate else target * share * (0.85 + 0.004 * day)
        filling.add(
            KpiReading(
                kpi_id=kpi.id,
                at=at,
                period_start=month,
                actual=round(actual, 1),
                expected=5.04 if rate else target * share,
                status="behind",
                measured=40 + day,
                in_scope=44 + day,
            )
        )
