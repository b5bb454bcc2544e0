"""The way from clicks to conversions, with what is lost at each step and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from domain.sentence import Words
from domain.site_figures import WINDOW
from store import site_figures
from store.site_figures import Of

#: A conversion that arrives so long after it happened changes figures that were looked at.
LATE: Final = timedelta(days=1)

_W = Words


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how many came so far, and who did not."""

    key: str
    label: Words
    number: int
    losses: Sequence[tuple[Words, int]]


@dataclass(frozen=True, slots=True)
class Funnel:
    """All steps, and what was told late."""

    steps: Sequence[Step]
    #: Page views of people with consent, and of people in all.
    consented: int
    human_views: int
    #: Key events of the stretch that arrived over a day after they happened.
    late: int
    refunds: int

    def document(self) -> dict[str, Any]:
        """For programs."""
        steps = [
            {"key": step.key, "label": step.label.en, "number": step.number,
             "losses": [{"reason": reason.en, "number": number} for reason, number in step.losses]}
            for step in self.steps
        ]  # fmt: skip
        return {
            "steps": steps, "views_with_consent": self.consented, "views_of_people": self.human_views,
            "late_conversions": self.late, "refunds": self.refunds,
        }  # fmt: skip


def funnel(
    session: Session,
    workspace_id: int,
    *,
    start: datetime,
    end: datetime,
    of: Of | None = None,
    window: timedelta = WINDOW,
) -> Funnel:
    """Clicks → landings → visits → conversions of [start, end); ``window`` from a click on."""
    where = of or Of(workspace_id=workspace_id)
    clicks = site_figures.clicks(session, where, start=start, end=end)
    visits = site_figures.visits(session, where, start=start, end=end)
    known = site_figures.views(session, workspace_id, start=start, end=end)
    rows = site_figures.conversions(session, where, start=start, end=end)
    sold = [row for row in rows if not row.is_refund]
    _, by_clicks = site_figures.converting(session, where, start=start, end=end, window=window)
    steps = [
        Step("clicks", _W("Clicks of people", "Klik orang"), clicks.human, _some([
            (_W("by programs", "oleh program"), clicks.bot),
            (_W("of unknown origin", "tak dikenal"), clicks.unknown),
        ])),
        Step("sent", _W("Clicks sent to own sites", "Klik yang menuju situs sendiri"), clicks.sent, _some([
            (_W("led elsewhere, or asked not to be followed", "menuju tempat lain, atau minta tidak diikuti"),
             clicks.human - clicks.sent),
        ])),
        Step("landings", _W("Landings", "Pendaratan"), clicks.landed, _some([
            (_W("without a page view: left early, or blocked the script",
                "tanpa tampilan halaman: pergi lebih dulu, atau memblokir skrip"),
             clicks.sent - clicks.landed),
        ])),
        Step("visits", _W("Visits from our links", "Kunjungan dari tautan kita"), visits.clicked, _some([
            (_W("within a visit that had begun, or without a hash of the day",
                "dalam kunjungan yang sudah berjalan, atau tanpa hash harian"),
             max(0, clicks.landed - visits.clicked)),
        ])),
        Step("conversions", _W(f"Conversions by those clicks, within {window.days} days",
                               f"Konversi dari klik itu, dalam {window.days} hari"), by_clicks, _some([])),
        Step("all_visits", _W("All visits", "Semua kunjungan"), visits.number, _some([
            (_W("page views that asked not to be followed", "tampilan halaman yang minta tidak diikuti"),
             known.unfollowed),
            (_W("page views by programs", "tampilan halaman oleh program"), known.bot),
            (_W("page views of unknown origin", "tampilan halaman tak dikenal"), known.unknown),
        ] if where.whole else [])),
        Step("all_conversions", _W("All conversions", "Semua konversi"), len(sold), _some([
            (_W("without a known visit, counted all the same",
                "tanpa kunjungan yang dikenal, tetap dihitung"),
             sum(row.visit_id is None for row in sold)),
        ])),
    ]  # fmt: skip
    return Funnel(
        steps=steps,
        consented=known.consented,
        human_views=known.human,
        late=sum(row.arrived_at - row.at > LATE for row in rows),
        refunds=len(rows) - len(sold),
    )


def _some(losses: Sequence[tuple[Words, int]]) -> Sequence[tuple[Words, int]]:
    return [loss for loss in losses if loss[1]]
