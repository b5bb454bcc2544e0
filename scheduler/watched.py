"""Which figures are looked at day by day, and how each of them behaves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from analytics.alarms.scales import Kind
from domain.catalogue import CATALOGUE
from domain.definition import Definition, Shape, Subject
from domain.kpi import Scope, ScopeKind, scope_from
from domain.metrics import NOT_OF_PEOPLE
from scheduler import answer_days
from scheduler.post_days import is_of_posts
from store import channels, kpis

#: Rates of visits: numerator by field of `store.site_figures.Visits`.
OF_VISITS: Final[Mapping[str, str]] = {
    "bounce_rate_ua": "single",
    "bounce_rate_ga4": "unengaged",
    "visit_seconds": "seconds",
    "conversion_rate_visits": "converted",
}
#: Rates of what was brought in: numerator and denominator among the counts.
OF_COUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "cpc_platform": ("ad_spend", "ad_link_clicks"),
    "cpm": ("ad_spend", "ad_impressions"),
    "order_value": ("order_revenue", "orders"),
}
#: Scores of surveys that are judged without a KPI; the mean of CSAT says the same as CSAT.
_SCORES: Final = ("csat", "nps")
#: Of these a day has so much of something, not so many events.
_MEANS: Final = frozenset({"watch_per_play", "visit_seconds", *OF_COUNTS})


@dataclass(frozen=True, slots=True)
class Watched:
    """One figure of one scope."""

    scope: Scope
    entry: Definition

    @property
    def subject(self) -> str:
        """As alerts name it: ``channel:12:views``."""
        where = self.scope.kind if self.scope.id is None else f"{self.scope.kind}:{self.scope.id}"
        return f"{where}:{self.entry.key}"

    @property
    def page(self) -> str:
        """Where its posts, channels or answers can be seen."""
        if self.entry.shape is Shape.STOCK:
            return f"/channels/{self.scope.id}" if self.scope.kind is ScopeKind.CHANNEL else "/channels"
        if self.entry.subject is Subject.ANSWERS:
            return "/business/surveys"
        wanted = f"&{self.scope.kind}={self.scope.id}" if self.scope.id is not None else ""
        return f"/statistics?sort={self.entry.key}{wanted}"

    @property
    def of_posts(self) -> bool:
        """Whether its days are those on which posts went out."""
        return is_of_posts(self.entry)

    @property
    def from_below(self) -> bool:
        """Whether what is missing is judged: more of it is less of the figure."""
        return self.entry.key in answer_days.KEYS

    @property
    def kind(self) -> Kind:
        """How the figure behaves from day to day."""
        if self.entry.shape is Shape.STOCK:
            return Kind.CHANGE
        if self.of_posts:
            return Kind.MEAN
        if self.entry.shape is Shape.RATE:
            return Kind.MEAN if self.entry.key in _MEANS else Kind.RATE
        return Kind.COUNT


def watched_figures(session: Session, workspace_id: int, *, whole: bool) -> Iterator[Watched]:
    """Each figure of each channel, of the workspace where it is of no channel, and what KPIs look at; once.

    What programs did is looked at for a KPI only: more or less of it is nobody's news.

    Args:
        whole: the day is over; before, only counts are looked at.
    """
    entries = [one for one in CATALOGUE.values() if _is_daily(one, whole=whole)]
    seen = set()
    scopes = [Scope(ScopeKind.CHANNEL, row.id) for row in channels.listed(session, workspace_id)]
    told = [one for one in entries if not one.numerator or not NOT_OF_PEOPLE.issuperset(one.numerator)]
    wanted = [Watched(scope, entry) for scope in scopes for entry in told]
    wanted += [Watched(Scope(), entry) for entry in entries if entry.outside]
    for kpi in kpis.listed(session, workspace_id):
        known = CATALOGUE.get(kpi.metric)
        if known is not None and (_is_daily(known, whole=whole) or (whole and _for_kpis(known))):
            wanted.append(Watched(scope_from(kpi.scope), known))
    for watched in wanted:
        if watched.subject not in seen:
            seen.add(watched.subject)
            yield watched


def _for_kpis(entry: Definition) -> bool:
    """Whether it is judged only where a KPI asks for it: beside others it would tell the same twice."""
    return is_of_posts(entry) or entry.key in answer_days.KEYS


def _is_daily(entry: Definition, *, whole: bool) -> bool:
    match entry.shape:
        case Shape.FLOW:
            return True
        case Shape.STOCK:
            return whole
        case Shape.RATE:
            of_posts = entry.subject is Subject.POSTS and entry.read_denominator is not None
            return whole and (of_posts or entry.key in (*OF_VISITS, *OF_COUNTS, *_SCORES))
    return False
