"""Figures of the workspace's own sites: visits, conversions and money, see `domain.site_figures`."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from analytics.figures import passport
from analytics.journeys import credited
from domain.currencies import to_units
from domain.definition import OWN_SOURCE, Definition, Shape
from domain.figure import Absence, Basis, Coverage, Figure
from domain.kpi import Scope, ScopeKind
from domain.sentence import Sentence, Unit
from domain.site_figures import CLICKERS, REACHED, WINDOW
from store import people, reached, site_figures
from store.site_figures import Of, Row

if TYPE_CHECKING:
    from analytics.sums import Stretch

Slices = list[tuple[datetime, float]]


def of_scope(workspace_id: int, scope: Scope) -> Of:
    """The visits that a scope is about."""
    match scope.kind:
        case ScopeKind.CHANNEL:
            return Of(workspace_id=workspace_id, channel_id=scope.id)
        case ScopeKind.ROUTE:
            return Of(workspace_id=workspace_id, route_id=scope.id)
        case ScopeKind.FEED:
            return Of(workspace_id=workspace_id, feed_id=scope.id)
    return Of(workspace_id=workspace_id)


class SiteFigures:
    """The provider of `domain.definition.Subject.SITES`."""

    def figure(
        self, session: Session, definition: Definition, stretch: "Stretch", *, workspace_id: int, scope: Scope
    ) -> Figure:
        """See `analytics.outside.Outside.figure`."""
        return figure_of(
            session, definition, of_scope(workspace_id, scope),
            start=stretch.start, end=stretch.before, now=stretch.seen,
        )  # fmt: skip

    def slices(
        self,
        session: Session,
        definition: Definition,
        *,
        workspace_id: int,
        scope: Scope,
        start: datetime,
        end: datetime,
    ) -> Sequence[tuple[datetime, float]]:
        """See `analytics.outside.Outside.slices`."""
        return slices_of(session, definition, of_scope(workspace_id, scope), start=start, end=end)

    def lacking(
        self, session: Session, definition: Definition, *, workspace_id: int, scope: Scope
    ) -> Sentence | None:
        """See `analytics.outside.Outside.lacking`."""
        if not site_figures.has_sites(session, workspace_id):
            return Sentence("absent.no_site")
        of_reach = definition.denominator == REACHED
        if of_reach and not reached.has_reach(session, of_scope(workspace_id, scope)):
            return Sentence("absent.no_reach")
        return None


def figure_of(
    session: Session, definition: Definition, of: Of, *, start: datetime, end: datetime, now: datetime
) -> Figure:
    """A figure of sites over [start, end), known until ``now``."""
    is_there = site_figures.has_sites(session, of.workspace_id)
    found = _coverage(session, definition, of, start=start, end=end) if is_there else Coverage(0, 0)
    stamp = passport(
        definition,
        Basis.ACTIVITY,
        sources=[OWN_SOURCE],
        read=[now],
        coverage=found,
    )
    if definition.unit is Unit.MONEY:
        stamp = replace(stamp, currency=people.workspace(session, of.workspace_id).currency)
    if not is_there:
        return Figure(None, stamp, Absence.NOT_SUPPLIED, Sentence("absent.no_site"))
    if not site_figures.has_views(session, of.workspace_id) and definition.key in _OF_VIEWS:
        return Figure(None, stamp, Absence.NOT_MEASURED, Sentence("absent.no_views"))
    if definition.shape is Shape.FLOW:
        parts = slices_of(session, definition, of, start=start, end=end)
        return Figure(math.fsum(value for _, value in parts), stamp)
    above, below, why = _parts_of(session, definition, of, start, end)
    value = definition.value(above, below)
    if value is None:
        return Figure(None, stamp, Absence.UNDEFINED, why)
    return Figure(value, stamp, weight=below)


#: What cannot be known before a page told anything; conversions may come from servers.
_OF_VIEWS = frozenset(
    {"web_visits", "visits_clicked", "landings", "bounce_rate_ua", "bounce_rate_ga4", "visit_seconds",
     "conversion_rate_visits"}
)  # fmt: skip
_OF_CLICKS = frozenset({"landings", "visits_clicked"})


def _coverage(
    session: Session, definition: Definition, of: Of, *, start: datetime, end: datetime
) -> Coverage:
    """Of page views, clicks, or key events: how many could be known."""
    if definition.unit is Unit.MONEY:
        rows = [row for row in _conversions(session, of, start, end) if row.minor is not None]
        currency = people.workspace(session, of.workspace_id).currency
        return Coverage(sum(row.currency == currency for row in rows), len(rows))
    if definition.key == "conversions":
        rows = [row for row in _conversions(session, of, start, end) if not row.is_refund]
        return Coverage(sum(row.visit_id is not None for row in rows), len(rows))
    of_clicks = definition.key in _OF_CLICKS or definition.window is not None
    if of_clicks or not of.whole:
        landed = site_figures.landed_clicks(session, of, start=start, end=end)
        return Coverage(landed, site_figures.people_clicks(session, of, start=start, end=end))
    known = site_figures.views(session, of.workspace_id, start=start, end=end)
    return Coverage(known.joined, known.human)


def _conversions(session: Session, of: Of, start: datetime, end: datetime) -> list[Row]:
    """Key events and refunds; of a part of the workspace, only within `WINDOW` of their click."""
    found = site_figures.conversions(session, of, start=start, end=end)
    if of.whole:
        return found
    return [row for row in found if row.click_at is not None and row.sold_at - row.click_at <= WINDOW]


def slices_of(session: Session, definition: Definition, of: Of, *, start: datetime, end: datetime) -> Slices:
    """What happened at which instant of [start, end); for figures that add up."""
    match key := definition.key:
        case "web_visits" | "visits_clicked":
            clicked = key == "visits_clicked"
            return site_figures.visit_slices(session, of, start=start, end=end, clicked=clicked)
        case "landings":
            return site_figures.landing_slices(session, of, start=start, end=end)
        case "conversions":
            rows = _conversions(session, of, start, end)
            return [(row.at, 1.0) for row in rows if not row.is_refund]
        case "revenue" | "revenue_gross":
            return _money(session, of, start, end, refunds=key == "revenue")
    currency = people.workspace(session, of.workspace_id).currency
    return [
        (at, to_units(minor, currency))
        for at, minor in credited(
            session, of, start=start, end=end, window=_window(definition), currency=currency,
            first=key.startswith("revenue_first"),
        )
    ]  # fmt: skip


def _money(session: Session, of: Of, start: datetime, end: datetime, *, refunds: bool) -> Slices:
    currency = people.workspace(session, of.workspace_id).currency
    return [
        (row.at, to_units(row.minor, currency))
        for row in _conversions(session, of, start, end)
        if row.minor is not None and row.currency == currency and (refunds or not row.is_refund)
    ]


Parts = tuple[float, float, Sentence]


def _of_visits(part: str) -> Callable[[Session, Of, datetime, datetime], Parts]:
    def parts(session: Session, of: Of, start: datetime, end: datetime) -> Parts:
        found = site_figures.visits(session, of, start=start, end=end)
        return getattr(found, part), found.number, Sentence("absent.no_site_visits")

    return parts


def _parts_of(session: Session, definition: Definition, of: Of, start: datetime, end: datetime) -> Parts:
    """Numerator, denominator, and the reason where that is 0."""
    if definition.window is None:
        return _RATES[definition.key](session, of, start, end)
    window = _window(definition)
    if definition.denominator == REACHED:
        found = reached.reached(session, of, start=start, end=end, window=window)
        return found.converting, found.people, Sentence("absent.no_reach")
    people_, times = site_figures.converting(session, of, start=start, end=end, window=window)
    if definition.denominator == CLICKERS:
        clicks = site_figures.clicks(session, of, start=start, end=end)
        return people_, clicks.clickers, Sentence("absent.no_clicks")
    human = site_figures.people_clicks(session, of, start=start, end=end)
    return times, human, Sentence("absent.no_clicks")


def _window(definition: Definition) -> timedelta:
    return WINDOW if definition.window is None else timedelta(days=definition.window)


def _per_order(session: Session, of: Of, start: datetime, end: datetime) -> Parts:
    currency = people.workspace(session, of.workspace_id).currency
    values = [
        to_units(row.minor, currency)
        for row in _conversions(session, of, start, end)
        if row.minor is not None and row.currency == currency and not row.is_refund
    ]
    return sum(values), len(values), Sentence("absent.no_orders", {"currency": currency})


_RATES: Mapping[str, Callable[[Session, Of, datetime, datetime], Parts]] = {
    "bounce_rate_ua": _of_visits("single"),
    "bounce_rate_ga4": _of_visits("unengaged"),
    "visit_seconds": _of_visits("seconds"),
    "conversion_rate_visits": _of_visits("converted"),
    "average_order_value": _per_order,
}
