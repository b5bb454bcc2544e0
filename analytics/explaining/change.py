"""Why a KPI's figure is other than in another period: volume, mix and rate, by channel, type or slot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from analytics import outside
from analytics.explaining.cells import (
    GROUPINGS,
    OF_CHANNELS,
    Grouped,
    Place,
    of_activity,
    of_channels,
    of_posts,
    of_rate,
)
from analytics.explaining.periods import Against, Pair, pair
from analytics.explaining.tree import Factor, Key, Tree, of_count, of_growth, of_product, with_older
from analytics.explaining.tree import of_rate as tree_of_rate
from analytics.kpis import Standing
from analytics.sums import Stretch, figure_over
from domain.breakdown import By
from domain.catalogue import CATALOGUE
from domain.definition import Definition, Shape, Supplies
from domain.kpi import Scope, scope_from
from domain.sentence import Sentence, Words

#: A figure of another subject, and the figure that it comes of: clicks bring visits, visits conversions.
_COMES_OF: Mapping[str, str] = {
    "web_visits": "clicks",
    "visits_clicked": "clicks",
    "landings": "clicks",
    "conversions": "web_visits",
    "revenue": "conversions",
}
_OF_POSTS = (Shape.FLOW, Shape.POSTS, Shape.RATE)
_OF_CHANNELS = (Shape.STOCK, Shape.GROWTH, Shape.GROWTH_RATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure in two periods, and what its change is made of."""

    against: Against
    by: By
    #: By what it can be grouped.
    groupings: Sequence[By]
    pair: Pair | None = None
    tree: Tree | None = None
    names: Mapping[Key, Words]
    #: What a product without groups is made of: its factors in words.
    chain: Mapping[Factor, Words]
    #: Why there is no tree.
    reason: Sentence | None = None


def change(session: Session, standing: Standing, against: Against, by: By, *, supplies: Supplies) -> Change:
    """What a KPI's figure did since another period, as far as the current one is under way.

    Args:
        session: reads only.
        standing: the KPI, at its moment.
        against: with what it is compared.
        by: by what posts are grouped; one that the figure does not know counts as by channel.
        supplies: what the platforms can give.
    """
    entry = standing.definition
    groupings = _groupings(entry)
    by = by if by in groupings or not groupings else groupings[0]
    found = pair(standing, against)
    known = _Asked(session, standing, supplies, against, by, groupings)
    if isinstance(found, Sentence):
        return known.without(found)
    if entry.shape not in (*_OF_POSTS, *_OF_CHANNELS):
        return known.without(Sentence("variance.not_additive", {"metric": entry.name}), found)
    if entry.outside:
        return known.outside(found)
    return known.of_channels(found) if entry.shape in _OF_CHANNELS else known.of_posts(found)


def _groupings(entry: Definition) -> Sequence[By]:
    if entry.outside or entry.shape not in (*_OF_POSTS, *_OF_CHANNELS):
        return ()
    return OF_CHANNELS if entry.shape in _OF_CHANNELS else GROUPINGS


@dataclass(frozen=True, slots=True)
class _Asked:
    session: Session
    standing: Standing
    supplies: Supplies
    against: Against
    by: By
    groupings: Sequence[By]

    @property
    def place(self) -> Place:
        kpi = self.standing.kpi
        return Place(
            self.session, kpi.workspace_id, self.standing.definition, scope_from(kpi.scope), self.supplies
        )

    def without(self, reason: Sentence, found: Pair | None = None) -> Change:
        return self.told(None, found, reason=reason)

    def told(
        self, tree: Tree | None, found: Pair | None, *, names: Mapping[Key, Words] | None = None,
        chain: Mapping[Factor, Words] | None = None, reason: Sentence | None = None,
    ) -> Change:  # fmt: skip
        return Change(
            against=self.against, by=self.by, groupings=self.groupings, pair=found, tree=tree,
            names=names or {}, chain=chain or {}, reason=reason,
        )  # fmt: skip

    def of_posts(self, found: Pair) -> Change:
        entry, place, tree = self.standing.definition, self.place, None
        by_channel = self.by in OF_CHANNELS
        read = of_posts if not by_channel else of_rate if entry.shape is Shape.RATE else of_activity
        if entry.shape is Shape.POSTS:
            read = of_posts
        before, after = (read(place, self.by, each) for each in (found.other, found.this))
        names = {**before.names, **after.names}
        if entry.shape is Shape.RATE:
            tree = tree_of_rate(before.cells, after.cells, factor=entry.factor)
            missing = Sentence("variance.no_rate", {"metric": entry.name})
            return self.told(tree, found, names=names, reason=None if tree else missing)
        tree = of_count(_scaled(before, found.scale).cells, after.cells)
        if entry.shape is Shape.FLOW and not by_channel:
            # Groups hold posts of the period only: what older ones brought is the rest of what happened.
            old, new = (self._happened(each) for each in (found.other, found.this))
            tree = with_older(tree, old * found.scale, new)
        is_empty = tree is None or not any(tree.effects.values())
        if is_empty and not (before.cells or after.cells):
            return self.without(Sentence("absent.no_posts"), found)
        return self.told(tree, found, names=names)

    def _happened(self, stretch: Stretch) -> float:
        cells = of_activity(self.place, By.CHANNEL, stretch).cells
        return sum(one.value for one in cells.values())

    def of_channels(self, found: Pair) -> Change:
        entry, place = self.standing.definition, self.place
        before, after = (of_channels(place, self.by, each) for each in (found.other, found.this))
        names = {**before.names, **after.names}
        if not before.cells or not after.cells:
            return self.without(Sentence("variance.not_counted", {"metric": entry.name}), found)
        tree: Tree | None
        if entry.shape is Shape.GROWTH_RATE:
            tree = tree_of_rate(before.cells, after.cells, factor=entry.factor)
            missing = Sentence("absent.no_start")
            return self.told(tree, found, names=names, reason=None if tree else missing)
        tree = of_growth(_scaled(before, found.scale).cells, after.cells)
        return self.told(tree, found, names=names)

    def outside(self, found: Pair) -> Change:
        """By the figure that it comes of, such as visits = clicks x visits per click."""
        entry = self.standing.definition
        first = _COMES_OF.get(str(entry.key)) if entry.shape is Shape.FLOW else entry.denominator
        alone = Sentence("variance.stands_alone", {"metric": entry.name})
        if first is None or first not in CATALOGUE or CATALOGUE[first].shape is not Shape.FLOW:
            return self.without(alone, found)
        other = CATALOGUE[first]
        old, new = self._figure(entry, found.other), self._figure(entry, found.this)
        if isinstance(old, Sentence) or isinstance(new, Sentence):
            return self.without(old if isinstance(old, Sentence) else _sentence(new), found)
        bases = self._figure(other, found.other), self._figure(other, found.this)
        if any(isinstance(one, Sentence) or not one for one in bases):
            return self.without(alone, found)
        factors = [
            _factors(entry, value, float(base))  # type: ignore[arg-type]
            for value, base in zip((old, new), bases, strict=True)
        ]
        scaled = {
            name: value * (found.scale if name is Factor.VOLUME else 1) for name, value in factors[0].items()
        }
        chain = _chain_words(entry, other)
        return self.told(of_product(scaled, factors[1]), found, chain=chain)

    def _figure(self, entry: Definition, stretch: Stretch) -> float | Sentence:
        scope: Scope = self.place.scope
        if entry.outside:
            found = outside.figure(
                self.session, entry, stretch, workspace_id=self.place.workspace_id, scope=scope
            )
        else:
            found = figure_over(
                self.session, entry, stretch, workspace_id=self.place.workspace_id, scope=scope,
                supplies=self.supplies,
            )  # fmt: skip
        if found.value is not None:
            return found.value
        return found.reason or Sentence("absent.not_measured")


def _sentence(value: float | Sentence) -> Sentence:
    assert isinstance(value, Sentence)
    return value


def _scaled(grouped: Grouped, factor: float) -> Grouped:
    if factor == 1:
        return grouped
    return Grouped({key: cell.times(factor) for key, cell in grouped.cells.items()}, grouped.names)


def _factors(entry: Definition, value: float, base: float) -> dict[Factor, float]:
    if entry.shape is Shape.FLOW:
        return {Factor.VOLUME: base, Factor.EACH: value / base}
    return {Factor.ABOVE: value * base, Factor.BELOW: 1 / base}


def _chain_words(entry: Definition, other: Definition) -> Mapping[Factor, Words]:
    if entry.shape is not Shape.FLOW:
        return {
            Factor.ABOVE: Words("What is above the line", "Yang di atas garis"),
            Factor.BELOW: other.name,
        }
    return {
        Factor.VOLUME: other.name,
        Factor.EACH: Words(f"{entry.name.en} for each of them", f"{entry.name.id} untuk masing-masingnya"),
    }
