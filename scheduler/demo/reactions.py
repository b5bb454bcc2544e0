"""How the audience reacted to a published post, and what Tabuh counted and read of it.

Every act is drawn with its age; readings, clicks and page counts are then counted from the same acts.
So no reading says more than the clicks there were at that age, and none ever falls.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from domain.definition import OF_LINKS, OWN_SOURCE
from domain.metrics import CHECKPOINTS, Audience, Metric, checkpoint_reached, next_checkpoint
from scheduler.demo.audience import Audience as Crowd
from scheduler.demo.audience import poisson, uneven
from scheduler.demo.cast import CHANNELS, REFERRERS, ChannelCast
from scheduler.demo.followers import Counts
from scheduler.demo.planning import Planned
from scheduler.demo.sending import DISCONNECTED
from scheduler.demo.year import DAY, LENGTH, Span, Year
from store.audiences import CLICK_METRICS, PAGE_METRICS

#: Spread (log) of each metric of a post, besides what its metrics have in common.
_METRIC_LUCK = 0.3
#: Of posts on other platforms, how many their readers find gone one day.
_GONE = 0.006
#: When servers began to give a number that they had not given before, in days since the year began.
_GIVEN_SINCE = {("sosial", Metric.QUOTES): 210, ("sky", Metric.SAVES): 120}
#: Means that are for each post, also where the channel has followers.
_PER_POST = frozenset({Metric.CLICKS_BOT, Metric.CLICKS_UNKNOWN, Metric.VIEWS_BOT, Metric.VIEWS_UNKNOWN})
#: The page became better known over the year: its readers at the start and at the end, against the mean.
_PAGE_GROWTH = (0.72, 1.28)
_HOUR = 3600


@dataclass(slots=True)
class Reacted:
    """All that is stored about the reactions to one post, as rows without ids of others."""

    readings: list[dict[str, Any]] = field(default_factory=list)
    clicks: list[dict[str, Any]] = field(default_factory=list)
    #: (hour, kind, audience) → how often it was shown.
    counts: Counter[tuple[datetime, str, str]] = field(default_factory=Counter)
    looks: int = 0
    last_read_at: datetime | None = None
    gone: str | None = None


class Readers:
    """The audiences of all channels over the year."""

    def __init__(self, year: Year, followers: Mapping[str, Counts]) -> None:
        self._year = year
        self._followers = followers
        self.crowds = {cast.key: Crowd(cast.habits, year.rng("crowd", cast.key)) for cast in CHANNELS}
        key, before, length = DISCONNECTED
        self._disconnected = key, Span(year.end - before, year.end - before + length)

    def react(self, post: Planned) -> Reacted:
        """What happened to a published post until the year ended."""
        assert post.published_at is not None
        rng = self._year.rng("react", post.delivery_key)
        acts = self._acts(post, rng)
        found = Reacted()
        self._read(post, acts, found, rng)
        if post.link is not None:
            found.clicks = list(self._clicks(post, acts, rng))
        if post.channel.platform == "page":
            self._count(post, acts, found)
        return found

    def _acts(self, post: Planned, rng: Random) -> dict[Metric, list[float]]:
        """The age in seconds of each act by the year's end, youngest first."""
        published, channel = _published(post), post.channel
        hour = hour_of_week(published, channel.zone)
        crowd = self.crowds[channel.key]
        ideal = crowd.value(hour) * post.appeal * self._size(channel, published)
        found: dict[Metric, list[float]] = {}
        for metric, rate in channel.rates.items():
            if metric in OF_LINKS and post.link is None:
                continue
            if metric in _PER_POST:
                found[metric] = _by_programs(rng, poisson(rng, rate))
            elif channel.platform != "page" or metric in (Metric.IMPRESSIONS, Metric.VIEWS):
                number = poisson(rng, rate * ideal * uneven(rng, _METRIC_LUCK))
                found[metric] = crowd.ages(rng, hour, number)
        if channel.platform == "page":
            _on_page(rng, found, channel, linked=post.link is not None)
        horizon = (self._year.end - published).total_seconds()
        return {metric: ages[: bisect_left(ages, horizon)] for metric, ages in found.items()}

    def _size(self, channel: ChannelCast, at: datetime) -> float:
        if channel.followers is not None:
            return self._followers[channel.key].at(at)
        return self.popularity(at)

    def popularity(self, at: datetime) -> float:
        """How well the page is known at a time, against the mean of the year."""
        low, high = _PAGE_GROWTH
        return low + (high - low) * ((at - self._year.start) / LENGTH)

    def _read(
        self, post: Planned, acts: Mapping[Metric, Sequence[float]], found: Reacted, rng: Random
    ) -> None:
        """Look at each checkpoint as the machine does: late when it was down, and then once only."""
        published = _published(post)
        gone = rng.expovariate(1 / (6 * 86400)) if rng.random() < _GONE else None
        wanted = CHECKPOINTS[0]
        while True:
            at = self._look_at(post, published + wanted + timedelta(seconds=rng.uniform(0.3, 6)), rng)
            if at >= self._year.end:
                return
            age = at - published
            found.looks += 1
            if gone is not None and post.channel.remote is not None and age.total_seconds() > gone:
                post.deleted_at, found.gone = at, "The post is no longer there."
                return
            reached = checkpoint_reached(age)
            assert reached is not None
            self._append(post, acts, found, int(reached.total_seconds()), at)
            following = next_checkpoint(age)
            if following is None:
                return
            wanted = following

    def _look_at(self, post: Planned, at: datetime, rng: Random) -> datetime:
        up = self._year.when_up(at)
        key, span = self._disconnected
        if post.channel.key == key and span.holds(up):
            up = span.end + timedelta(minutes=rng.uniform(0, 60))
        return up if up == at else up + timedelta(seconds=rng.uniform(5, 90))

    def _append(
        self,
        post: Planned,
        acts: Mapping[Metric, Sequence[float]],
        found: Reacted,
        checkpoint: int,
        at: datetime,
    ) -> None:
        moment, age = at.timestamp(), (at - _published(post)).total_seconds()
        for metric, ages in (*acts.items(), *_besides(post, acts)):
            since = _GIVEN_SINCE.get((post.channel.key, metric))
            if since is not None and at < self._year.start + since * DAY:
                continue
            found.readings.append(
                {
                    "id": self._year.new_id(moment),
                    "post_id": post.id,
                    "metric": metric.value,
                    "checkpoint": checkpoint,
                    "read_at": at,
                    "value": bisect_left(ages, age),
                    "source": post.channel.sources.get(metric, OWN_SOURCE),
                }
            )
        found.last_read_at = at

    def _clicks(
        self, post: Planned, acts: Mapping[Metric, Sequence[float]], rng: Random
    ) -> Iterator[dict[str, Any]]:
        start, hosts = _published(post).timestamp(), REFERRERS[post.channel.key]
        for audience, metric in CLICK_METRICS.items():
            for age in acts.get(metric, ()):
                human = audience == Audience.HUMAN
                yield {
                    "id": self._year.new_id(start + age),
                    "post_id": post.id,
                    "at": datetime.fromtimestamp(start + age, UTC),
                    "audience": str(audience),
                    "referrer": rng.choice(hosts) if human else None,
                }

    def _count(self, post: Planned, acts: Mapping[Metric, Sequence[float]], found: Reacted) -> None:
        start = _published(post).timestamp()
        hours: Counter[tuple[int, str, str]] = Counter()
        for (kind, audience), metric in PAGE_METRICS.items():
            hours.update((int((start + age) // _HOUR), kind, str(audience)) for age in acts[metric])
        for (hour, kind, audience), number in hours.items():
            found.counts[datetime.fromtimestamp(hour * _HOUR, UTC), kind, audience] = number


def _besides(
    post: Planned, acts: Mapping[Metric, Sequence[float]]
) -> Iterator[tuple[Metric, Sequence[float]]]:
    """What comes with other acts: every sixth reply is the channel's own; clicks here have no hash, so each
    is a person."""
    if Metric.REPLIES in acts and Metric.REPLIES_OTHERS in post.channel.sources:
        others = [age for number, age in enumerate(acts[Metric.REPLIES]) if number % 6 != 5]
        yield Metric.REPLIES_OTHERS, others
    if Metric.CLICKS in acts:
        yield Metric.CLICKERS, acts[Metric.CLICKS]


def hour_of_week(at: datetime, zone_name: str) -> float:
    """Hours since Monday 00:00 on the clocks of a zone, 0 to 168."""
    local = at.astimezone(ZoneInfo(zone_name))
    return local.weekday() * 24 + local.hour + local.minute / 60


def _published(post: Planned) -> datetime:
    assert post.published_at is not None
    return post.published_at


def _by_programs(rng: Random, number: int) -> list[float]:
    """Most programs come within minutes, when a link is previewed; the others wander by for weeks."""
    ages = (
        rng.expovariate(1 / 45) if rng.random() < 0.75 else rng.expovariate(1 / (4 * 86400))
        for _ in range(number)
    )
    return sorted(ages)


def _on_page(rng: Random, found: dict[Metric, list[float]], channel: ChannelCast, *, linked: bool) -> None:
    """Views are impressions too; some of them open a visit, and some end with a click."""
    views = found[Metric.VIEWS]
    found[Metric.IMPRESSIONS] = sorted([*found[Metric.IMPRESSIONS], *views])
    opened = channel.rates[Metric.VISITS]
    found[Metric.VISITS] = [age for age in views if rng.random() < opened]
    clicked = channel.rates[Metric.CLICKS] if linked else 0.0
    found[Metric.CLICKS] = sorted(age + rng.uniform(4, 90) for age in views if rng.random() < clicked)
    for metric in OF_LINKS:
        found.setdefault(metric, [])
