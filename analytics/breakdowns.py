"""Which posts earn: those of a period by channel, feed, type, slot and more, each group with its figures.

Figures of a group are those of its posts as they stand now: counts are sums, rates are ratios of sums, and
reach is never added up. A group in which a figure is absent says why.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from analytics.figures import certainty, passport
from analytics.posts import scope_of
from analytics.spreads import spread_figure
from analytics.sums import Stretch, marked, not_supplied, total_figure
from domain import breakdown as names
from domain.breakdown import BROUGHT, BY_NAME, BY_POSTS, ENOUGH, FIGURES, ORDERED, By
from domain.catalogue import CATALOGUE, definition
from domain.currencies import to_units
from domain.definition import OWN_SOURCE, Definition, Shape, Supplies
from domain.errors import UsageError
from domain.figure import Absence, Basis, Coverage, Figure
from domain.post_filters import KINDS, ORIGINS, UNSTATED
from domain.sentence import Sentence, Words
from domain.site_figures import WINDOW
from store import channels, feeds, people, post_conversions, routes, site_figures
from store.groups import Groups, Key
from store.tables import ChannelRow
from store.values import Filters

_SUMS = (Shape.FLOW, Shape.RATE)
_SPREADS = (Shape.UNIQUE, Shape.MEAN, Shape.LARGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Posts that have something in common."""

    #: A row's number, a word, or ``day * 24 + hour``; None: the posts that are in no other group.
    key: Key
    name: Words
    posts: int
    figures: Mapping[str, Figure]
    #: Of what adds up: the group's part of all posts' sum, 0 to 1; absent where there is no sum to divide.
    shares: Mapping[str, float]

    @property
    def few(self) -> bool:
        """Whether it has too few posts to compare it with others."""
        return self.posts < ENOUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """The posts that went out in [start, end), in groups."""

    by: By
    start: datetime
    end: datetime
    groups: Sequence[Group]
    #: All posts, each counted once.
    total: Group
    #: Keys of the figures, in the order in which they were asked for.
    keys: Sequence[str]
    #: How long after a click what it brought counts.
    window: timedelta = WINDOW

    def called(self, key: str) -> Words:
        """The name of a figure; of what clicks brought, with the time in which it counts."""
        name, days = CATALOGUE[key].name, self.window.days
        if key not in BROUGHT:
            return name
        return Words(f"{name.en}, last click, {days} days", f"{name.id}, klik terakhir, {days} hari")

    @property
    def overlapping(self) -> bool:
        """Whether a post may be in several groups, so that their sums exceed the total."""
        return self.by in names.OVERLAPPING


def breakdown(
    session: Session,
    workspace_id: int,
    by: By,
    start: datetime,
    end: datetime,
    *,
    filters: Filters,
    supplies: Supplies,
    now: datetime,
    keys: Collection[str] = FIGURES,
    window: timedelta = WINDOW,
    sort: str = "",
    descending: bool = True,
) -> Breakdown:
    """The posts published in [start, end) in groups, each with its figures.

    Args:
        session: reads only.
        workspace_id: whose.
        by: what the posts of a group have in common.
        start: first instant of the period, UTC.
        end: first instant after it, UTC.
        filters: which posts; their own period is passed over.
        supplies: what the platforms can give.
        now: current time, UTC.
        keys: figures that are wanted.
        window: how long after a click what it brought counts, 1 to 365 days.
        sort: `BY_NAME`, `BY_POSTS`, or the key of one of the figures; empty: hours in their order, else by
            posts. Groups without the figure come last.

    Raises:
        UsageError: a figure that groups of posts cannot have, or a sort key that is not shown.
        NotFound: the channel of the filters is not in this workspace.
    """
    wanted = [_known(key) for key in keys]
    if sort not in ("", BY_NAME, BY_POSTS, *keys):
        raise UsageError(f"Groups cannot be sorted by {sort}: sort by name, posts or a figure that is shown.")
    stretch = Stretch(start, end, now)
    narrowed = replace(filters, start=start, end=end)
    scope = scope_of(session, workspace_id, narrowed, supplies)
    rows = [row for row in channels.listed(session, workspace_id) if row.id in scope.channel_ids]
    of_posts = [one for one in wanted if not one.outside]
    groups = Groups(session, scope, by, of_posts, rows, filters=narrowed, before=stretch.before)
    made = _Made(groups, rows, supplies, stretch)
    figures = {one.key: made.figures(one) for one in of_posts}
    if BROUGHT.intersection(keys):
        figures.update(_brought(session, workspace_id, groups, stretch, window))
    called = group_names(session, workspace_id, by, groups.keys, rows, supplies)
    total = _group(None, Words("All posts", "Semua pos"), groups.size, keys, figures, -1)
    found = [
        _group(key, called[key], posts, keys, figures, place)
        for place, (key, posts) in enumerate(zip(groups.keys, groups.sizes, strict=True))
    ]
    return Breakdown(
        by=by, start=start, end=end, groups=_sorted(found, by, sort, descending=descending), total=total,
        keys=list(keys), window=window,
    )  # fmt: skip


def _known(key: str) -> Definition:
    entry = definition(key)
    is_of_posts = not entry.outside and entry.shape in (*_SUMS, *_SPREADS)
    if not is_of_posts and key not in BROUGHT:
        raise UsageError(f"Groups of posts have no {entry.name.en.lower()}: choose another figure.")
    return entry


@dataclass(frozen=True, slots=True)
class _Made:
    """Figures of the groups, and of all posts as the last one."""

    groups: Groups
    rows: Sequence[ChannelRow]
    supplies: Supplies
    stretch: Stretch

    def figures(self, entry: Definition) -> list[Figure]:
        giving = {row.id: row.platform for row in self.rows if not self.supplies.lacking(row.platform, entry)}
        all_ids = frozenset(row.id for row in self.rows)
        members, sizes = [*self.groups.channels(), all_ids], [*self.groups.sizes, self.groups.size]
        made = []
        is_sum = entry.shape in _SUMS
        each, whole = self.groups.totals(entry, giving) if is_sum else self.groups.spreads(entry, giving)
        for one, own, size in zip([*each, whole], members, sizes, strict=True):
            there = own & giving.keys()
            if not there:
                made.append(_lacking(entry, size))
                continue
            sources = {name for at, metric, name in self.groups.sources()
                       if at in there and metric in entry.read}  # fmt: skip
            make = total_figure if is_sum else spread_figure
            figure = make(
                entry, [one], sources=sources, unsupplied=size - one.in_scope, now=self.stretch.seen
            )
            if is_sum and entry.denominator and figure.value is not None:
                figure = replace(figure, interval=certainty(entry, one.above, one.below))
            platforms = {giving[at] for at in there}
            made.append(marked(figure, self.supplies, platforms, entry, self.stretch))
        return made


def _lacking(entry: Definition, posts: int) -> Figure:
    figure = not_supplied(entry, Basis.PUBLISHED)
    return replace(figure, passport=replace(figure.passport, coverage=Coverage(0, posts, posts)))


def _brought(
    session: Session, workspace_id: int, groups: Groups, stretch: Stretch, window: timedelta
) -> Mapping[str, list[Figure]]:
    """Conversions and revenue by last click of the groups' posts, and of all posts as the last one."""
    currency = people.workspace(session, workspace_id).currency
    sites = site_figures.has_sites(session, workspace_id)
    before = stretch.now + timedelta(microseconds=1)
    found = (
        post_conversions.of_workspace(
            session, workspace_id, since=stretch.start, before=before, currency=currency, window=window
        )
        if sites
        else {}
    )
    events = groups.beside({post: (one.kept, one.kept, one.events) for post, one in found.items()})
    money = groups.beside(
        {post: (to_units(one.minor, currency), one.counted, one.valued) for post, one in found.items()}
    )

    def figure(key: str, part: tuple[float, int, int]) -> Figure:
        above, counted, of = part
        stamp = passport(
            CATALOGUE[key], Basis.PUBLISHED, sources=[OWN_SOURCE], read=[stretch.now],
            coverage=Coverage(counted, of),
        )  # fmt: skip
        if key == "revenue":
            stamp = replace(stamp, currency=currency)
        if not sites:
            return Figure(None, stamp, Absence.NOT_SUPPLIED, Sentence("absent.no_site"))
        return Figure(round(above, 6), stamp)

    return {
        "conversions": [figure("conversions", one) for one in events],
        "revenue": [figure("revenue", one) for one in money],
    }


def _group(  # noqa: PLR0917 - one line for its two callers
    key: Key, name: Words, posts: int, keys: Collection[str], figures: Mapping[str, list[Figure]], place: int
) -> Group:
    own = {each: figures[each][place] for each in keys}
    shares = {}
    for each, figure in own.items():
        whole = figures[each][-1].value
        if CATALOGUE[each].additive and figure.value is not None and whole is not None and whole > 0:
            shares[each] = figure.value / whole
    return Group(key=key, name=name, posts=posts, figures=own, shares=shares)


def group_names(  # noqa: PLR0917 - one line for its one caller
    session: Session, workspace_id: int, by: By, keys: Collection[Key], rows: Sequence[ChannelRow],
    supplies: Supplies,
) -> Mapping[Key, Words]:  # fmt: skip
    """What each group is called; what has no name any more is told by its number."""
    numbers = [key for key in keys if isinstance(key, int)]
    known: Mapping[int, str] = {}
    match by:
        case By.CHANNEL:
            known = {row.id: row.name for row in rows}
        case By.ROUTE:
            known = routes.names(session, numbers)
        case By.FEED:
            known = {row.id: row.title or row.url for row in feeds.by_ids(session, workspace_id, numbers)}
        case By.AUTHOR:
            known = people.names(session, numbers)

    fixed: Mapping[By, Callable[[Any], Words]] = {
        By.KIND: KINDS.__getitem__,
        By.ORIGIN: ORIGINS.__getitem__,
        By.PLATFORM: lambda key: _same(supplies.title(key)),
        By.WEEKDAY: names.weekday,
        By.HOUR: names.hour,
        By.SLOT: lambda key: names.slot(*divmod(key, 24)),
        By.LANGUAGE: lambda key: names.WITHOUT[by] if key == UNSTATED else _same(key),
        By.CAMPAIGN: _same,
        By.TAG: _same,
    }
    called = fixed.get(by, lambda key: _same(known.get(key, f"#{key}")))
    return {key: names.WITHOUT[by] if key is None else called(key) for key in keys}


def _same(word: str) -> Words:
    return Words(word, word)


def _sorted(found: Sequence[Group], by: By, sort: str, *, descending: bool) -> list[Group]:
    ordered = sorted(found, key=lambda one: one.name.en.casefold())
    if not sort and by in ORDERED:
        return sorted(found, key=lambda one: int(one.key or 0))
    if sort == BY_NAME:
        return ordered if not descending else ordered[::-1]
    sign = -1 if descending else 1

    def place(one: Group) -> tuple[bool, float]:
        value = float(one.posts) if sort in ("", BY_POSTS) else one.figures[sort].value
        return value is None, sign * (value or 0.0)

    return sorted(ordered, key=place)
