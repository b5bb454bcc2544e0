"""One figure over a scope and a period: activity, a rate, a count of posts, or followers."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from analytics import outside
from analytics.figures import passport, undefined
from analytics.scopes import Ground, ground
from analytics.spreads import spread_figure
from domain.definition import AT_LINKS, FOLLOWERS, OWN_SOURCE, Definition, Shape, Supplies
from domain.figure import Absence, Basis, Coverage, Figure, Passport
from domain.kpi import Scope
from domain.metrics import Metric
from domain.sentence import Sentence
from store import activity, measuring
from store.activity import Sum
from store.tables import ChannelReading

if TYPE_CHECKING:
    from store.cohorts import Measured
    from store.summed import Total

#: What was read at this very moment counts too.
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The half-open stretch of time [start, end) that a figure is about, seen at ``now``."""

    start: datetime
    end: datetime
    now: datetime

    @property
    def before(self) -> datetime:
        """The first instant that is not known or not counted."""
        return min(self.end, self.now + _MOMENT)

    @property
    def known(self) -> datetime:
        """The first instant of which nothing is known yet."""
        return self.now + _MOMENT

    @property
    def seen(self) -> datetime:
        """Until when it is known."""
        return min(self.end, self.now)


def figure_over(
    session: Session,
    definition: Definition,
    stretch: Stretch,
    *,
    workspace_id: int,
    scope: Scope,
    supplies: Supplies,
) -> Figure:
    """A metric or rate over a scope.

    Counts are what happened in the stretch, whatever the age of the posts. Rates are ratios of
    sums over the posts that were published in it. Followers are those at its end.
    """
    if definition.outside:
        return outside.figure(session, definition, stretch, workspace_id=workspace_id, scope=scope)
    where = ground(session, workspace_id, scope, definition, supplies)
    if not where.scope.channel_ids:
        return not_supplied(definition, _BASIS[definition.shape])
    found = _BY_SHAPE[definition.shape](session, where, definition, stretch)
    return marked(found, supplies, where.platforms, definition, stretch)


def marked(
    figure: Figure,
    supplies: Supplies,
    platforms: Collection[str],
    definition: Definition,
    stretch: Stretch,
) -> Figure:
    """The figure with the days of its stretch on which a number behind it changed its meaning."""
    first, last = stretch.start.date(), stretch.seen.date()
    breaks = supplies.breaks(platforms, definition.needs, first=first, last=last)
    if not breaks:
        return figure
    return replace(figure, passport=replace(figure.passport, breaks=breaks))


_BASIS = {
    Shape.FLOW: Basis.ACTIVITY,
    Shape.UNIQUE: Basis.PUBLISHED,
    Shape.STOCK: Basis.MOMENT,
    Shape.GROWTH: Basis.ACTIVITY,
    Shape.POSTS: Basis.PUBLISHED,
    Shape.RATE: Basis.PUBLISHED,
    Shape.MEAN: Basis.PUBLISHED,
    Shape.LARGEST: Basis.PUBLISHED,
    Shape.GROWTH_RATE: Basis.ACTIVITY,
}


def not_supplied(definition: Definition, basis: Basis) -> Figure:
    """The figure where no channel supplies it."""
    reason = Sentence("absent.no_channel", {"metric": definition.name})
    return Figure(None, passport(definition, basis, coverage=Coverage(0, 0)), Absence.NOT_SUPPLIED, reason)


def _flow(session: Session, where: Ground, definition: Definition, stretch: Stretch) -> Figure:
    span = {"start": stretch.start, "end": stretch.before}
    from store.cohorts import measured

    sums = activity.happened(session, where.scope, definition.numerator, **span)
    seen = measured(session, where.scope, definition.numerator, **span)
    unsupplied = measured(session, where.unsupplied, (), **span)
    return flow_figure(definition, sums, seen, unsupplied, now=stretch.seen)


def flow_figure(
    definition: Definition,
    sums: Collection[Sum],
    seen: Mapping[int, "Measured"],
    unsupplied: Mapping[int, "Measured"],
    *,
    now: datetime,
) -> Figure:
    """What happened, from the sums of channels that supply it; zero is a value like any other."""
    missing = sum(channel.in_scope for channel in unsupplied.values())
    coverage = Coverage(
        measured=sum(
            min(channel.by_metric[part] for part in definition.numerator) for channel in seen.values()
        ),
        in_scope=sum(channel.in_scope for channel in seen.values()) + missing,
        not_supplied=missing,
    )
    read = [at for one in sums for at in (one.oldest or now, one.newest or now)]
    sources = [one.source for one in sums]
    stamp = passport(definition, Basis.ACTIVITY, sources=sources, read=read, coverage=coverage)
    if not sums and not coverage.measured and coverage.in_scope > missing:
        return _unmeasured(definition, stamp)
    return Figure(float(sum(one.value for one in sums)), stamp)


def _unmeasured(definition: Definition, stamp: Passport) -> Figure:
    if AT_LINKS.intersection(definition.numerator):
        return Figure(None, stamp, Absence.NOT_SUPPLIED, Sentence("absent.no_links"))
    return Figure(None, stamp, Absence.NOT_MEASURED, Sentence("absent.not_measured"))


def _rate(session: Session, where: Ground, definition: Definition, stretch: Stretch) -> Figure:
    from store.cohorts import Cohorts

    start, end = stretch.start, stretch.before
    found = Cohorts(session, where.scope, [definition], start=start, end=end, sources=definition.read)
    unsupplied = Cohorts(session, where.unsupplied, start=start, end=end).published()
    return total_figure(
        definition,
        list(found.totals(definition).values()),
        sources=[source for _, _, source in found.sources],
        unsupplied=sum(unsupplied.values()),
        now=stretch.seen,
    )


def total_figure(
    definition: Definition,
    found: Collection["Total"],
    *,
    sources: Collection[str] = (),
    unsupplied: int = 0,
    now: datetime,
) -> Figure:
    """The posts published in a period, as they stood: a sum, or a ratio of two sums."""
    measured = sum(total.posts for total in found)
    coverage = Coverage(measured, sum(total.in_scope for total in found) + unsupplied, unsupplied)
    read = [at for total in found if total.posts for at in (total.oldest or now, total.newest or now)]
    stamp = passport(definition, Basis.PUBLISHED, sources=sources, read=read, coverage=coverage)
    if not coverage.in_scope - unsupplied and definition.denominator is not None:
        return Figure(None, stamp, Absence.UNDEFINED, Sentence("absent.no_posts"))
    if not measured and definition.denominator == FOLLOWERS:
        return Figure(None, stamp, Absence.NOT_MEASURED, Sentence("absent.no_followers"))
    if not measured and coverage.in_scope - unsupplied:
        return _unmeasured(definition, stamp)
    value = definition.value(sum(total.above for total in found), sum(total.below for total in found))
    return undefined(definition, stamp) if value is None else Figure(float(value), stamp)


def _spread(session: Session, where: Ground, definition: Definition, stretch: Stretch) -> Figure:
    from store.cohorts import Cohorts

    start, end = stretch.start, stretch.before
    found = Cohorts(session, where.scope, [definition], start=start, end=end, sources=definition.read)
    unsupplied = Cohorts(session, where.unsupplied, start=start, end=end).published()
    return spread_figure(
        definition,
        list(found.spreads(definition).values()),
        sources=[source for _, _, source in found.sources],
        unsupplied=sum(unsupplied.values()),
        now=stretch.seen,
    )


def _posts(session: Session, where: Ground, definition: Definition, stretch: Stretch) -> Figure:
    from store.cohorts import Cohorts

    found = Cohorts(session, where.scope, start=stretch.start, end=stretch.before).published()
    return posts_figure(definition, sum(found.values()), now=stretch.seen)


def posts_figure(definition: Definition, number: int, *, now: datetime) -> Figure:
    """How many posts were published: our own rows, so always known."""
    stamp = passport(
        definition, Basis.PUBLISHED, sources=[OWN_SOURCE], read=[now], coverage=Coverage(number, number)
    )
    return Figure(float(number), stamp)


def _stock(session: Session, where: Ground, definition: Definition, stretch: Stretch) -> Figure:
    ids = where.scope.channel_ids
    last = measuring.last_of_channels(session, ids, definition.numerator[0], before=stretch.before)
    return follower_figure(definition, last, channels=len(ids), unsupplied=len(where.unsupplied.channel_ids))


def follower_figure(
    definition: Definition, last: Mapping[int, ChannelReading], *, channels: int, unsupplied: int = 0
) -> Figure:
    """A count of the channels at a moment, summed over them; channels never counted are missing from it."""
    coverage = Coverage(len(last), channels + unsupplied, unsupplied)
    stamp = passport(
        definition,
        Basis.MOMENT,
        sources=[row.source for row in last.values()],
        read=[row.at for row in last.values()],
        coverage=coverage,
    )
    if not last:
        counted = definition.numerator[0] is Metric.FOLLOWERS
        reason = Sentence("absent.no_followers" if counted else "absent.not_measured")
        return Figure(None, stamp, Absence.NOT_MEASURED, reason)
    return Figure(float(sum(row.value for row in last.values())), stamp)


def followers_at(session: Session, ids: Collection[int], stretch: Stretch) -> dict[int, ChannelReading]:
    """Each channel's followers at the start: the last reading before it, else the first within."""
    before = measuring.last_of_channels(session, ids, Metric.FOLLOWERS, before=stretch.start)
    within = measuring.first_of_channels(
        session, ids, Metric.FOLLOWERS, since=stretch.start, before=stretch.before
    )
    return {**within, **before}


def _growth(session: Session, where: Ground, definition: Definition, stretch: Stretch) -> Figure:
    ids = where.scope.channel_ids
    first = followers_at(session, ids, stretch)
    last = measuring.last_of_channels(session, ids, Metric.FOLLOWERS, before=stretch.before)
    return growth_figure(
        definition, first, last, channels=len(ids), unsupplied=len(where.unsupplied.channel_ids)
    )


def growth_figure(
    definition: Definition,
    first: Mapping[int, ChannelReading],
    last: Mapping[int, ChannelReading],
    *,
    channels: int,
    unsupplied: int = 0,
) -> Figure:
    """Followers at the end minus those at the start, of the channels that were counted twice."""
    pairs = [
        (first[channel_id], row)
        for channel_id, row in last.items()
        if channel_id in first and first[channel_id].id != row.id
    ]
    stamp = passport(
        definition,
        Basis.ACTIVITY,
        sources=[row.source for _, row in pairs],
        read=[row.at for pair in pairs for row in pair],
        coverage=Coverage(len(pairs), channels + unsupplied, unsupplied),
    )
    if not pairs:
        return Figure(None, stamp, Absence.NOT_MEASURED, Sentence("absent.one_count"))
    grown = float(sum(row.value - before.value for before, row in pairs))
    if definition.shape is Shape.GROWTH:
        return Figure(grown, stamp)
    begun = sum(before.value for before, _ in pairs)
    if not begun:
        return Figure(None, stamp, Absence.UNDEFINED, Sentence("absent.no_start"))
    return Figure(100 * grown / begun, stamp)


_BY_SHAPE: Mapping[Shape, Callable[[Session, Ground, Definition, Stretch], Figure]] = {
    Shape.FLOW: _flow,
    Shape.POSTS: _posts,
    Shape.RATE: _rate,
    Shape.STOCK: _stock,
    Shape.GROWTH: _growth,
    Shape.GROWTH_RATE: _growth,
    Shape.UNIQUE: _spread,
    Shape.MEAN: _spread,
    Shape.LARGEST: _spread,
}
