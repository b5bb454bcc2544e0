"""The figures of single posts: what was read of them, or why it is absent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session

from analytics.intervals import wilson
from domain.catalogue import CATALOGUE, of_posts
from domain.definition import (
    AT_LINKS,
    FOLLOWERS,
    OF_LINKS,
    OF_PAGES,
    OWN_SOURCE,
    Definition,
    Shape,
    Supplies,
)
from domain.figure import Absence, Basis, Coverage, Figure, Passport
from domain.metrics import Metric
from domain.sentence import Sentence, Value
from store import measuring, traffic
from store.known import Known, some
from store.series import Noted
from store.tables import ChannelReading, ChannelRow, Measurement, Post


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one published post."""

    post: Post
    channel: ChannelRow
    #: Youngest age first.
    readings: Sequence[Noted]
    #: What Tabuh counted itself, up to now.
    counted: Mapping[Metric, int]
    #: Whether the post carries a link of ours.
    linked: bool
    #: The channel's followers when the post went out.
    followers: ChannelReading | None
    measurement: Measurement | None


def gather(
    session: Session, post_ids: Collection[int], *, before: datetime, known: Mapping[int, Known] | None = None
) -> dict[int, Facts]:
    """The facts of a page of posts, in three questions however many they are.

    Args:
        known: what was asked of some of them already.
    """
    there = known or {}
    posts = {**some(session, [one for one in post_ids if one not in there]), **there}
    readings = measuring.readings_of(session, posts)
    counted = traffic.counted(session, posts, before=before)
    return {
        post_id: Facts(
            post=one.post,
            channel=one.channel,
            readings=readings[post_id],
            counted=counted[post_id],
            linked=one.linked,
            followers=one.followers,
            measurement=one.measurement,
        )
        for post_id, one in posts.items()
    }


def figures_of(
    facts: Facts, supplies: Supplies, *, now: datetime, keys: Collection[str] | None = None
) -> dict[str, Figure]:
    """Every metric and rate that a post by itself can have (only these ``keys``), by key."""
    wanted = (entry for entry in of_posts() if keys is None or entry.key in keys)
    return {entry.key: figure_of(entry, facts, supplies, now=now) for entry in wanted}


@dataclass(frozen=True, slots=True)
class _Part:
    """One source metric of a figure, or why it is absent."""

    value: int | None = None
    source: str = ""
    read_at: datetime | None = None
    absence: Absence | None = None
    reason: Sentence | None = None


def figure_of(definition: Definition, facts: Facts, supplies: Supplies, *, now: datetime) -> Figure:
    """One metric or rate of a post; both sides of a rate come from the same checkpoint."""
    look = _Look(facts, supplies, now, definition)
    parts = [look.part(metric) for metric in definition.numerator]
    if definition.denominator == FOLLOWERS:
        parts.append(look.followers())
    elif definition.read_denominator:
        parts.append(look.part(definition.read_denominator))
    stamp = look.marked(_stamp(definition, parts))
    missing = [part for part in parts if part.value is None]
    if missing:  # what will never come outweighs what is still to come
        worst = next((part for part in missing if part.absence is Absence.NOT_SUPPLIED), missing[0])
        return Figure(None, stamp, worst.absence, worst.reason)
    values = [part.value for part in parts if part.value is not None]
    above = sum(values[: len(definition.numerator)])
    value = definition.value(above, values[-1] if definition.denominator else None)
    if value is None:
        return undefined(definition, stamp)
    interval = certainty(definition, above, values[-1]) if definition.denominator else None
    return Figure(value, stamp, interval=interval)


def certainty(definition: Definition, above: int, below: int) -> tuple[float, float] | None:
    """Where a rate lies with 95 % certainty by Wilson's score; None: it is no share of counted trials."""
    if not 0 <= above <= below or not below:
        return None
    share = wilson(above, below)
    return definition.factor * share.lower, definition.factor * share.upper


def undefined(definition: Definition, stamp: Passport) -> Figure:
    """A rate whose denominator is 0."""
    below = CATALOGUE[str(definition.denominator)].name
    return Figure(None, stamp, Absence.UNDEFINED, Sentence("absent.zero", {"denominator": below}))


@dataclass(slots=True)
class _Look:
    """One look at a post for the parts of one definition."""

    facts: Facts
    supplies: Supplies
    now: datetime
    definition: Definition
    _checkpoint: int = field(init=False)

    def __post_init__(self) -> None:
        anchor = self.definition.read_denominator or self.definition.numerator[0]
        ages = {
            metric: [one.checkpoint for one in self.facts.readings if one.metric == metric]
            for metric in (anchor, *self.definition.read)
        }
        # Without the anchor there is no figure; the others are still found, so that it alone is missed.
        newest = next((found for found in ages.values() if found), [0])
        self._checkpoint = max(newest)

    def part(self, metric: Metric) -> _Part:
        """One metric: counted here where Tabuh counts it, else as read at the checkpoint."""
        if self._is_counted_here(metric):
            return _Part(self.facts.counted.get(metric, 0), OWN_SOURCE, self.now)
        for reading in self.facts.readings:
            if reading.metric == metric and reading.checkpoint == self._checkpoint:
                return _Part(reading.value, reading.source, reading.read_at)
        return self._absent(metric)

    def marked(self, stamp: Passport) -> Passport:
        """The passport with the days on which a number changed its meaning while the post was read."""
        published = self.facts.post.published_at
        if published is None or stamp.read_newest is None:
            return stamp
        breaks = self.supplies.breaks(
            [self.facts.channel.platform], self.definition.read,
            first=published.date(), last=stamp.read_newest.date(),
        )  # fmt: skip
        return replace(stamp, breaks=breaks) if breaks else stamp

    def _is_counted_here(self, metric: Metric) -> bool:
        if self.supplies.local(self.facts.channel.platform):
            return metric in OF_PAGES or metric in OF_LINKS
        return metric in OF_LINKS and self.facts.linked and self.definition.shape is Shape.FLOW

    def _absent(self, metric: Metric) -> _Part:
        platform = self.facts.channel.platform
        words: dict[str, Value] = {
            "platform": self.supplies.title(platform),
            "metric": CATALOGUE[metric].name,
        }
        if metric in AT_LINKS and not self.facts.linked:
            return _Part(absence=Absence.NOT_SUPPLIED, reason=Sentence("absent.no_link"))
        if metric not in AT_LINKS and not self.supplies.gives(platform, metric):
            return _Part(absence=Absence.NOT_SUPPLIED, reason=Sentence("absent.platform", words))
        if metric in ((self.facts.measurement and self.facts.measurement.not_yet) or ()):
            return _Part(absence=Absence.NOT_MEASURED, reason=Sentence("absent.not_yet", words))
        if metric not in AT_LINKS and any(one.source != OWN_SOURCE for one in self.facts.readings):
            return _Part(absence=Absence.NOT_SUPPLIED, reason=Sentence("absent.answer", words))
        return _Part(absence=Absence.NOT_MEASURED, reason=Sentence("absent.not_measured"))

    def followers(self) -> _Part:
        """The denominator of rates by followers."""
        count, platform = self.facts.followers, self.facts.channel.platform
        if count is not None:
            return _Part(count.value, count.source, count.at)
        if self.supplies.gives(platform, Metric.FOLLOWERS):
            return _Part(absence=Absence.NOT_MEASURED, reason=Sentence("absent.no_followers"))
        words: dict[str, Value] = {
            "platform": self.supplies.title(platform),
            "metric": CATALOGUE[Metric.FOLLOWERS].name,
        }
        return _Part(absence=Absence.NOT_SUPPLIED, reason=Sentence("absent.platform", words))


def _stamp(definition: Definition, parts: Sequence[_Part]) -> Passport:
    read = [part.read_at for part in parts if part.read_at is not None]
    there = all(part.value is not None for part in parts)
    unsupplied = any(part.absence is Absence.NOT_SUPPLIED for part in parts)
    return passport(
        definition,
        Basis.SINCE_PUBLISHING,
        sources=[part.source for part in parts if part.source],
        read=read,
        coverage=Coverage(int(there), 1, int(unsupplied)),
    )


def passport(
    definition: Definition,
    basis: Basis,
    *,
    sources: Collection[str] = (),
    read: Collection[datetime] = (),
    coverage: Coverage,
) -> Passport:
    """The passport of a figure made by ``definition`` from these readings."""
    return Passport(
        key=definition.key,
        formula=definition.formula,
        version=definition.version,
        denominator=definition.denominator,
        basis=basis,
        sources=tuple(sorted(set(sources))),
        read_oldest=min(read, default=None),
        read_newest=max(read, default=None),
        coverage=coverage,
    )
