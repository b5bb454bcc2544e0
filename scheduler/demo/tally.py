"""What happened when, channel by channel, as the product itself would sum it up."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from operator import itemgetter

from domain.definition import OWN_SOURCE
from domain.metrics import Audience, Metric
from scheduler.demo.passing import Passing
from scheduler.demo.planning import Planned
from scheduler.demo.reactions import Reacted
from store.activity import ACTIVE

#: Channel and metric.
Key = tuple[str, Metric]


@dataclass(slots=True)
class Tally:
    """Steps of counts with their time; posts with the time from which each metric was measured."""

    _steps: dict[Key, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    _known: dict[str, tuple[list[float], list[dict[Metric, float]]]] = field(default_factory=dict)
    _sums: dict[Key, tuple[list[float], list[int]]] = field(default_factory=dict)
    #: For each channel: when its posts went out, and which metrics were known of them from when on.
    _posts: dict[str, list[tuple[float, dict[Metric, float]]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, post: Planned, reacted: Reacted) -> None:
        """Take in one published post."""
        assert post.published_at is not None
        channel, published = post.channel.key, post.published_at.timestamp()
        known: dict[Metric, float] = {}
        last: dict[Metric, int] = {}
        for reading in reacted.readings:
            if reading["source"] != OWN_SOURCE:
                metric, at = Metric(reading["metric"]), reading["read_at"].timestamp()
                self._steps[channel, metric].append((at, reading["value"] - last.get(metric, 0)))
                last[metric] = reading["value"]
                known.setdefault(metric, at)
        if post.link is not None or post.channel.platform == "page":
            known[Metric.CLICKS] = known[Metric.VISITS] = published
        self._posts[channel].append((published, known))
        self._steps[channel, Metric.CLICKS] += [
            (click["at"].timestamp(), 1) for click in reacted.clicks if click["audience"] == Audience.HUMAN
        ]
        self.passed(
            channel, ((hour, kind, who, shown) for (hour, kind, who), shown in reacted.counts.items())
        )

    def passed(self, channel: str, counts: Iterable[Passing]) -> None:
        """Take in what was counted on a page."""
        for hour, kind, audience, shown in counts:
            if kind == "visits" and audience == Audience.HUMAN:
                self._steps[channel, Metric.VISITS].append((hour.timestamp(), shown))

    def happened(
        self, channels: Collection[str], metrics: Collection[Metric], start: datetime, before: datetime
    ) -> int:
        """How much happened of these metrics together in [start, before)."""
        return sum(
            self._sum((channel, metric), start.timestamp(), before.timestamp())
            for channel in channels
            for metric in metrics
        )

    def coverage(
        self, channels: Collection[str], metrics: Collection[Metric], start: datetime, before: datetime
    ) -> tuple[int, int]:
        """Of how many posts looked at in [start, before) these metrics were known, and how many they were."""
        first, end = (start - ACTIVE).timestamp(), before.timestamp()
        active = [known for channel in channels for known in self._active(channel, first, end)]
        measured = min(sum(known.get(metric, end) < end for known in active) for metric in metrics)
        return measured, len(active)

    def _active(self, channel: str, first: float, end: float) -> list[dict[Metric, float]]:
        if channel not in self._known:
            posts = sorted(self._posts[channel], key=itemgetter(0))
            self._known[channel] = [at for at, _ in posts], [known for _, known in posts]
        times, known = self._known[channel]
        return known[bisect_left(times, first) : bisect_left(times, end)]

    def _sum(self, key: Key, start: float, end: float) -> int:
        if key not in self._sums:
            steps = sorted(self._steps[key])
            self._sums[key] = [at for at, _ in steps], [0, *accumulate(step for _, step in steps)]
        times, sums = self._sums[key]
        return sums[bisect_left(times, end)] - sums[bisect_left(times, start)]
