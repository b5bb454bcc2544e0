"""Counts the figures of what was brought in; money in one currency, rates as ratios of sums."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Final

from sqlmodel import Session

from analytics.figures import passport
from analytics.imports.asked import csat, csat_mean, nps, response_rate
from analytics.imports.lifetime import clv, clv_predicted
from analytics.imports.outcome import MICROS, Asked, Outcome, currency_of, of_total
from analytics.imports.voice import (
    counted_mentions,
    followers_at_publishing,
    mention_slices,
    potential_reach,
    share_of_voice,
)
from domain.catalogue import CATALOGUE
from domain.definition import OWN_SOURCE, Definition, Subject
from domain.figure import Absence, Basis, Coverage, Figure
from domain.imported_figures import META_BREAK, TOOLS
from domain.kpi import Scope, ScopeKind
from domain.sentence import Sentence, Unit
from store import ad_clicks, brands, brought, buyers, measuring, surveys
from store.tables import AdDay, Answer, Brought, Purchase, Sharer, Testimonial, ToolDay

if TYPE_CHECKING:
    from analytics.sums import Stretch


@dataclass(frozen=True, slots=True)
class _Count:
    """A figure that is a sum of rows: of which table, which column, and what other columns must hold."""

    table: type[Brought]
    #: None: the number of rows.
    column: str | None = None
    equal: Mapping[str, Any] | None = None
    #: Also taken off each row.
    less: str | None = None

    def where(self, scope: Scope) -> dict[str, Any]:
        """What rows of a scope hold."""
        of_channel = {"channel_id": scope.id} if self.table is AdDay and scope.id is not None else {}
        return {**(self.equal or {}), **of_channel}


_COUNTS: Final[Mapping[str, _Count]] = {
    "ad_spend": _Count(AdDay, "spend_micros"),
    "ad_impressions": _Count(AdDay, "impressions"),
    "ad_link_clicks": _Count(AdDay, "link_clicks"),
    "orders": _Count(Purchase),
    "order_revenue": _Count(Purchase, "value_micros", less="returned_micros"),
    "csat_answers": _Count(Answer, equal={"kind": "csat"}),
    "nps_answers": _Count(Answer, equal={"kind": "nps"}),
    "testimonials": _Count(Testimonial, equal={"is_positive": True}),
    **{
        f"{metric}_{tool}": _Count(ToolDay, "amount", {"tool": tool, "metric": metric})
        for tool in TOOLS
        for metric in ("sessions", "engaged", "conversions", "revenue")
    },
}


def _count(asked: Asked) -> Outcome:
    return _sum(asked, _COUNTS[asked.definition.key])


def _sum(asked: Asked, found: _Count) -> Outcome:
    where, money = found.where(asked.scope), found.column is not None and found.column.endswith("_micros")
    money = money or asked.definition.unit is Unit.MONEY
    currency = currency_of(asked.session, found.table, asked.workspace_id, where) if money else None
    only = {**where, **({"currency": currency} if currency else {})}
    named = [name for name in (found.column, found.less) if name is not None]
    total = brought.total(
        asked.session, found.table, asked.workspace_id, named, start=asked.start, end=asked.end, equal=only
    )
    everything = brought.total(
        asked.session, found.table, asked.workspace_id, start=asked.start, end=asked.end, equal=where
    ).rows
    outcome = of_total(total, everything, currency=currency)
    if found.column is None:
        return outcome.with_value(float(total.rows))
    value = total.sums[found.column]
    if value is None and total.rows:
        words = Sentence("absent.column", {"metric": asked.definition.name})
        return outcome.missing(Absence.NOT_SUPPLIED, words)
    net = (value or 0) - ((total.sums[found.less] or 0) if found.less else 0)
    return outcome.with_value(net / MICROS if money else float(net))


def _testimonials(asked: Asked) -> Outcome:
    """Those judged to be positive; the coverage says how many were judged."""

    def total(*judged: bool) -> brought.Total:
        return brought.total(
            asked.session, Testimonial, asked.workspace_id, start=asked.start, end=asked.end,
            equal={"is_positive": judged} if judged else None,
        )  # fmt: skip

    every, positive, judged = total(), total(True).rows, total(True, False).rows
    return replace(of_total(every, every.rows), coverage=Coverage(judged, every.rows)).with_value(
        float(positive)
    )


def _cost(column: str) -> Callable[[Asked], Outcome]:
    """Spend over a count of the platform's own, of the rows that hold it."""

    def cost(asked: Asked) -> Outcome:
        where = _COUNTS["ad_spend"].where(asked.scope)
        currency = currency_of(asked.session, AdDay, asked.workspace_id, where)
        where["currency"] = currency
        total = brought.total(
            asked.session, AdDay, asked.workspace_id, ["spend_micros", column], start=asked.start,
            end=asked.end, holding=column, equal=where,
        )  # fmt: skip
        every = brought.total(
            asked.session, AdDay, asked.workspace_id, start=asked.start, end=asked.end, equal=where
        ).rows
        outcome = of_total(total, every)
        outcome = replace(outcome, currency=currency)
        if every and not total.rows:
            words = Sentence("absent.column", {"metric": CATALOGUE[str(asked.definition.denominator)].name})
            return outcome.missing(Absence.NOT_SUPPLIED, words)
        return outcome.divided(
            asked.definition, (total.sums["spend_micros"] or 0) / MICROS, total.sums[column] or 0
        )

    return cost


def _own_clicks(asked: Asked) -> Outcome:
    """Spend over the human clicks of the posts that it names; the coverage says how many rows name any."""
    whole = _sum(asked, _COUNTS["ad_spend"])
    if whole.value is None or whole.currency is None:
        return whole
    known, posts = ad_clicks.campaigns(asked.session, asked.workspace_id), ad_clicks.Posts()
    rows = ad_clicks.spent(
        asked.session, asked.workspace_id, channel_id=asked.scope.id, currency=whole.currency,
        start=asked.start, end=asked.end,
    )  # fmt: skip
    named = [row for row in rows if posts.add(row, known)]
    spent = replace(
        whole, coverage=replace(whole.coverage, measured=sum(row.rows for row in named))
    ).with_value(sum(row.micros for row in named) / MICROS)
    if rows and not named:
        return spent.missing(Absence.NOT_SUPPLIED, Sentence("absent.ads_of_no_posts"))
    clicks = ad_clicks.human_clicks(
        asked.session, asked.workspace_id, posts, start=asked.start, end=asked.end
    )
    return spent.divided(asked.definition, spent.value or 0, clicks, also=OWN_SOURCE)


def _order_value(asked: Asked) -> Outcome:
    revenue = _sum(asked, _COUNTS["order_revenue"])
    if revenue.value is None:
        return revenue
    return revenue.divided(asked.definition, revenue.value, revenue.coverage.measured)


def _new_customers(asked: Asked) -> Outcome:
    found = buyers.first_times(asked.session, asked.workspace_id)
    named, orders = buyers.named_orders(asked.session, asked.workspace_id, start=asked.start, end=asked.end)
    number = sum(asked.start <= at < asked.end for at in found.values())
    return Outcome(coverage=Coverage(named, orders), sources=("import",)).with_value(float(number))


_FIGURES: Final[Mapping[str, Callable[[Any], Outcome]]] = {
    **dict.fromkeys(_COUNTS, _count),
    "testimonials": _testimonials,
    "cpc_platform": _cost("link_clicks"),
    "cpc_own": _own_clicks,
    "cpm": _cost("impressions"),
    "order_value": _order_value,
    "customers": _new_customers,
    "clv": clv,
    "clv_predicted": clv_predicted,
    "csat": csat,
    "csat_mean": csat_mean,
    "nps": nps,
    "mentions": counted_mentions,
    "mentions_tracked": counted_mentions,
    "share_of_voice": share_of_voice,
    "potential_reach_low": potential_reach,
    "potential_reach_high": potential_reach,
    "potential_reach_full": potential_reach,
    "potential_reach_posts": followers_at_publishing,
    "csat_response_rate": response_rate,
    "nps_response_rate": response_rate,
}


def _marked(asked: Asked, figure: Figure) -> Figure:
    """With the day on which Meta's impressions changed their meaning, where days of both sides are in it."""
    if asked.definition.key not in ("cpm", "ad_impressions"):
        return figure
    on = datetime.combine(META_BREAK.on, time.min, UTC)
    where = {**_COUNTS["ad_spend"].where(asked.scope), "platform": "meta"}
    sides = (
        brought.total(
            asked.session, AdDay, asked.workspace_id, start=start, end=end, holding="impressions", equal=where
        ).rows
        for start, end in ((asked.start, min(on, asked.end)), (max(on, asked.start), asked.end))
        if start < end
    )
    if sum(bool(rows) for rows in sides) < 2:
        return figure
    return replace(figure, passport=replace(figure.passport, breaks=(META_BREAK,)))


class Imported:
    """The provider of every subject that is brought in."""

    def figure(
        self, session: Session, definition: Definition, stretch: "Stretch", *, workspace_id: int, scope: Scope
    ) -> Figure:
        """See `analytics.outside.Outside`."""
        basis = Basis.ACTIVITY if definition.additive else Basis.PUBLISHED
        reason = self.lacking(session, definition, workspace_id=workspace_id, scope=scope)
        if reason is not None:
            stamp = passport(definition, basis, coverage=Coverage(0, 0))
            return Figure(None, stamp, Absence.NOT_SUPPLIED, reason)
        asked = Asked(session, definition, workspace_id, scope, stretch.start, stretch.before)
        return _marked(asked, _FIGURES[definition.key](asked).figure(definition, basis))

    def slices(
        self, session: Session, definition: Definition, *, workspace_id: int, scope: Scope, start: datetime,
        end: datetime,
    ) -> Sequence[tuple[datetime, float]]:  # fmt: skip
        """See `analytics.outside.Outside`."""
        if definition.key in ("mentions", "mentions_tracked"):
            return mention_slices(session, definition, workspace_id, start=start, end=end)
        if definition.key == "customers":
            first = buyers.first_times(session, workspace_id).values()
            return [(at, 1.0) for at in first if start <= at < end]
        found = _COUNTS[definition.key]
        where = found.where(scope)
        money = definition.unit is Unit.MONEY
        if money:
            where["currency"] = currency_of(session, found.table, workspace_id, where)
        made: list[tuple[datetime, float]] = []
        for column, sign in ((found.column, 1), (found.less, -1)):
            if column is None and sign < 0:
                continue
            rows = brought.by_moment(
                session, found.table, workspace_id, column, start=start, end=end, equal=where
            )
            made += [(at, sign * (number / MICROS if money else number)) for at, number in rows]
        return made

    def lacking(
        self, session: Session, definition: Definition, *, workspace_id: int, scope: Scope
    ) -> Sentence | None:
        """See `analytics.outside.Outside`: nothing was brought in, or the scope is too narrow."""
        of_ads = definition.subject is Subject.ADS
        if scope.kind is not ScopeKind.WORKSPACE and not (of_ads and scope.kind is ScopeKind.CHANNEL):
            return Sentence("absent.scope", {"metric": definition.name})
        if of_ads and scope.id is not None:
            there = brought.is_there(session, AdDay, workspace_id, equal={"channel_id": scope.id})
            return None if there else Sentence("absent.scope_ads")
        return _LACKING[definition.subject](session, workspace_id, definition)


def _nothing_in(table: type[Brought], key: str) -> Callable[[Session, int, Definition], Sentence | None]:
    def lacking(session: Session, workspace_id: int, definition: Definition) -> Sentence | None:
        del definition
        return None if brought.is_there(session, table, workspace_id) else Sentence(key)

    return lacking


def _no_customers(session: Session, workspace_id: int, _definition: Definition) -> Sentence | None:
    return None if buyers.first_times(session, workspace_id, limit=1) else Sentence("absent.no_customers")


def _no_answers(session: Session, workspace_id: int, definition: Definition) -> Sentence | None:
    kind = "nps" if definition.key.startswith("nps") else "csat"
    if definition.key.endswith("_response_rate"):
        return None if surveys.is_asked(session, workspace_id, kind) else Sentence("absent.no_survey")
    there = brought.is_there(session, Answer, workspace_id, {"kind": kind})
    return None if there else Sentence("absent.no_answers")


def _no_mentions(session: Session, workspace_id: int, definition: Definition) -> Sentence | None:
    if definition.key == "potential_reach_posts":
        counted = measuring.has_followers(session, workspace_id)
        return None if counted else Sentence("absent.no_followers_ever")
    if definition.key.startswith("potential_reach"):
        there = brought.is_there(session, Sharer, workspace_id)
        return None if there else Sentence("absent.no_sharers")
    tracked = brands.listed(session, workspace_id)
    own = [row for row in tracked if row.is_own]
    if not own:
        return Sentence("absent.no_brand")
    if definition.key == "share_of_voice" and len(tracked) == len(own):
        return Sentence("absent.no_competitor")
    counted = any(brands.has_any(session, workspace_id, row.id) for row in own)
    return None if counted else Sentence("absent.no_mentions")


def _no_tool(session: Session, workspace_id: int, definition: Definition) -> Sentence | None:
    metric, _, tool = definition.key.partition("_")
    if brought.is_there(session, ToolDay, workspace_id, {"tool": tool, "metric": metric}):
        return None
    return Sentence("absent.no_tool", {"tool": TOOLS[tool]})


_LACKING: Final[Mapping[Subject, Callable[[Session, int, Definition], Sentence | None]]] = {
    Subject.ADS: _nothing_in(AdDay, "absent.no_ads"),
    Subject.ORDERS: _nothing_in(Purchase, "absent.no_orders"),
    Subject.CUSTOMERS: _no_customers,
    Subject.ANSWERS: _no_answers,
    Subject.TESTIMONIALS: _nothing_in(Testimonial, "absent.no_testimonials"),
    Subject.MENTIONS: _no_mentions,
    Subject.TOOLS: _no_tool,
}
