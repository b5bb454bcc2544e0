"""Posts of a channel that are due at the same time: one request tells the numbers of all of them."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from domain.errors import Rejected, TabuhError, UsageError
from net.deadline import time_limit
from publishers.base import Measured, Publisher
from scheduler.context import Context
from scheduler.renewing import in_good_standing
from scheduler.spending import charge_posts, charge_reads
from store.tables import ChannelRow, Measurement

log = structlog.get_logger()

#: Everything that reading the numbers of a batch may take.
BATCH_LIMIT: Final = timedelta(seconds=90)
#: What one post of a batch came to.
Told = list[Measured] | TabuhError


@dataclass(slots=True)
class Together:
    """Due rows of one channel; whoever of them is first asks for all that are to be asked."""

    context: Context
    rows: Sequence[Measurement]
    #: Which of the rows are to be asked now, by their posts' ids on the platform; the row, its post.
    chosen: Callable[[Sequence[Measurement]], Mapping[str, int]]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _told: dict[str, Told] | None = None

    def knows(self, remote_id: str | None) -> bool:
        """Whether a post's numbers were asked for already; while they are, this waits."""
        with self._lock:
            return self._told is not None and remote_id in self._told

    def numbers(self, channel: ChannelRow, remote_id: str) -> list[Measured] | None:
        """The numbers of a post; None: it was not among those that were asked for.

        Raises: as `Publisher.metrics`.
        """
        with self._lock:
            if self._told is None:
                self._told = self._ask(channel)
            told = self._told.get(remote_id)
        if isinstance(told, TabuhError):
            raise told
        return told

    def _ask(self, channel: ChannelRow) -> dict[str, Told]:
        wanted = dict(self.chosen(self.rows))
        if len(wanted) < 2:  # one post is read as ever
            return {}
        found: dict[str, Told] = {}
        publisher = self.context.publisher(channel)
        for batch in publisher.batches(list(wanted)):
            try:
                with time_limit(BATCH_LIMIT):
                    found |= self._batch(channel, publisher, {one: wanted[one] for one in batch})
            except Rejected as error:  # perhaps for one of them: each is asked by itself
                log.info("batch_refused", channel=channel.id, posts=len(batch), reason=str(error))
            except TabuhError as error:
                found |= dict.fromkeys(batch, error)
        return found

    def _batch(self, channel: ChannelRow, publisher: Publisher, wanted: Mapping[str, int]) -> dict[str, Told]:
        charge_reads(self.context, channel, publisher, reads=1, paid=False)
        afforded, refused = charge_posts(self.context, channel, publisher, wanted)
        found: dict[str, Told] = {
            one: refused for one in wanted if one not in afforded and refused is not None
        }
        if afforded:
            _, told = in_good_standing(
                self.context, publisher, lambda known: known.metrics_of(sorted(afforded))
            )
            found |= dict(told)
        return found


Measuring = Callable[[Context, Measurement, Together | None], None]


def together(
    context: Context,
    rows: Sequence[Measurement],
    *,
    platforms: Mapping[int, str],
    measure: Measuring,
    chosen: Callable[[Sequence[Measurement]], Mapping[str, int]],
) -> dict[int, Callable[[], None]]:
    """What handles each of these claimed rows: those of a channel, where one request tells of many, as one.

    Args:
        platforms: of the channels, by number.
    """
    by_channel: dict[int, list[Measurement]] = {}
    for row in rows:
        by_channel.setdefault(row.channel_id, []).append(row)
    found: dict[int, Callable[[], None]] = {}
    for channel_id, own in by_channel.items():
        several = len(own) > 1 and _at_once(context, platforms.get(channel_id, "")) > 1
        one = Together(context, own, chosen) if several else None
        found |= {row.id: partial(measure, context, row, one) for row in own}
    return found


def _at_once(context: Context, platform: str) -> int:
    try:
        return context.adapter(platform).reads_at_once
    except UsageError:
        return 1
