"""When to look at a feed again, and why, in one sentence that a person can read."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from feeds.hints import LONGEST_WAIT, CacheHints, FeedHints

#: Bounds of the interval that we choose ourselves.
SHORTEST: Final = timedelta(minutes=10)
LONGEST: Final = timedelta(hours=6)
#: Where the server never answers 304, each look costs a whole document: other bounds there.
SHORTEST_UNCONDITIONAL: Final = timedelta(hours=1)
LONGEST_UNCONDITIONAL: Final = timedelta(hours=24)
#: A person may ask for less, but not for less than this.
SHORTEST_BY_HAND: Final = timedelta(minutes=1)
#: For a feed whose hub tells us of news: a look all the same, should the hub fall silent.
BACKSTOP: Final = timedelta(hours=24)
#: For a feed of which nothing is known yet.
FIRST: Final = timedelta(hours=1)
#: Looks per usual gap between two entries.
_LOOKS_PER_GAP: Final = 4
#: Gaps that count, the newest ones.
_GAPS: Final = 20
_JITTER: Final = 0.1
#: Backoff in seconds is the number of failures in a row to the fourth power, within these bounds: 68 min to
#: 3.2 days; it never becomes "never".
_BACKOFF_FROM: Final = 8
_BACKOFF_TO: Final = 23


@dataclass(frozen=True, slots=True)
class NextPoll:
    """When to look again."""

    at: datetime
    #: A plain sentence for the person who asks why.
    reason: str
    #: The interval without jitter, to be given back as ``last`` next time.
    interval: timedelta


def next_poll(
    *,
    now: datetime,
    rng: random.Random,
    gap: timedelta | None = None,
    last: timedelta | None = None,
    found_new: bool = False,
    cache: CacheHints = CacheHints(),
    feed: FeedHints = FeedHints(),
    failures: int = 0,
    retry_after: timedelta | None = None,
    override: timedelta | None = None,
    conditional: bool = True,
    pushed: bool = False,
) -> NextPoll:
    """Decide on the next look at a feed.

    In this order: the server's wish for a pause, backoff after failures, a person's choice, a hub that tells
    us of news, else the longer of our own interval and what server and feed ask for (24 h at most). Hours and
    days that the feed wants left out are left out. Up to a tenth is added or taken away by chance, so that
    feeds spread over time. A person's choice beats what a feed asks for in general, since some feeds must
    stay fast; it never beats a pause that the server asks for.

    Args:
        now: current time, UTC.
        gap: usual time between two entries (``usual_gap``); None when unknown.
        last: ``interval`` of the look before; None for the first.
        found_new: whether this look found an entry that was new.
        failures: looks in a row that failed, this one included.
        retry_after: from 429, 503 or another refusal; nothing happens earlier.
        override: an interval that a person chose.
        conditional: False when this server has never answered 304.
        pushed: whether a hub that keeps its word (`feeds.websub.keeps_its_word`) tells us of news.
    """
    own = _own_interval(gap=gap, last=last, found_new=found_new, conditional=conditional)
    if failures > 0 or retry_after is not None:
        return _after_failure(now, rng, own, failures, retry_after)
    wish, source = _longest_wish(cache, feed)
    if override is not None:
        chosen = max(override, SHORTEST_BY_HAND)
        reason = f"every {span(chosen)}: chosen by hand"
        if wish > chosen:
            reason += f", although {source} asks for {span(wish)}"
        return NextPoll(now + _jittered(chosen, rng), reason, own)
    if pushed:
        reason = f"every {span(BACKSTOP)}, to be safe: the feed's hub tells us of news at once"
        return NextPoll(now + _jittered(BACKSTOP, rng), reason, own)
    if wish > own:
        at, reason = now + _jittered(wish, rng, only_later=True), f"every {span(wish)}: {source} asks for it"
    else:
        at, reason = now + _jittered(own, rng), f"every {span(own)}: {_habit(gap)}"
    moved = _outside_skips(at, feed)
    if moved != at:
        reason += ", not in the hours and days that the feed wants left out"
    return NextPoll(moved, reason, own)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a feed shows something new."""

    #: The median time between its newest entries.
    median: timedelta
    #: The date of the newest one.
    newest: datetime

    def gap(self, *, now: datetime) -> timedelta:
        """The median, or the silence since the newest entry if that is longer."""
        return max(self.median, now - self.newest)


def rhythm(published: Iterable[datetime], *, now: datetime) -> Rhythm | None:
    """The rhythm of a feed.

    Args:
        published: times of entries in any order; those after ``now`` do not count.

    Returns:
        None with fewer than two different times.
    """
    times = sorted({time for time in published if time <= now})[-(_GAPS + 1) :]
    if len(times) < 2:
        return None
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return Rhythm(timedelta(seconds=median(gap.total_seconds() for gap in gaps)), times[-1])


def usual_gap(published: Iterable[datetime], *, now: datetime) -> timedelta | None:
    """As `rhythm`: the median gap, or the silence since the last entry if that is longer."""
    found = rhythm(published, now=now)
    return found.gap(now=now) if found else None


def span(length: timedelta) -> str:
    """A length of time as a person says it: ``37 min``, ``2.5 h``, ``3 days``."""
    minutes = length.total_seconds() / 60
    if minutes < 1:
        return f"{length.total_seconds():.0f} s"
    if minutes < 90:
        return f"{minutes:.0f} min"
    if minutes < 48 * 60:
        return f"{minutes / 60:.1f}".removesuffix(".0") + " h"
    return f"{minutes / 1440:.1f}".removesuffix(".0") + " days"


def _own_interval(
    *, gap: timedelta | None, last: timedelta | None, found_new: bool, conditional: bool
) -> timedelta:
    """A quarter of the usual gap; half the last one after news, half as long again after a quiet look."""
    floor = SHORTEST if conditional else SHORTEST_UNCONDITIONAL
    ceiling = LONGEST if conditional else LONGEST_UNCONDITIONAL
    base = min(max(gap / _LOOKS_PER_GAP if gap else FIRST, floor), ceiling)
    if last is None:
        return base
    step = last / 2 if found_new else last * 1.5
    highest = base * 2 if gap else ceiling
    return min(max(step, base / 2, floor), highest, ceiling)


def _after_failure(
    now: datetime, rng: random.Random, own: timedelta, failures: int, retry_after: timedelta | None
) -> NextPoll:
    wait, reason = own, f"in {span(own)}"
    if failures > 0:
        wait = timedelta(seconds=min(max(failures, _BACKOFF_FROM), _BACKOFF_TO) ** 4)
        times = "time" if failures == 1 else "times in a row"
        reason = f"in {span(wait)}: the feed could not be read {failures} {times}"
    if retry_after is not None:
        # A server that names its pause is taken at its word, unless it goes on refusing.
        patient = failures <= _BACKOFF_FROM
        asked = max(min(retry_after, LONGEST_WAIT), SHORTEST_BY_HAND)
        if patient or asked >= wait:
            wait, reason = asked, f"in {span(asked)}: the server asked for this pause"
    return NextPoll(now + _jittered(wait, rng, only_later=True), reason, own)


def _longest_wish(cache: CacheHints, feed: FeedHints) -> tuple[timedelta, str]:
    zero = timedelta(0)
    wishes = [
        (cache.max_age or zero, "the server's max-age"),
        (cache.expires_in or zero, "the server's Expires"),
        (feed.every or zero, "the feed itself"),
    ]
    wish, source = max(wishes, key=lambda pair: pair[0])
    return min(wish, LONGEST_WAIT), source


def _habit(gap: timedelta | None) -> str:
    return (
        f"this feed posts about every {span(gap)}" if gap else "not enough dated entries to know its rhythm"
    )


def _jittered(wait: timedelta, rng: random.Random, *, only_later: bool = False) -> timedelta:
    return wait * (1 + rng.uniform(0 if only_later else -_JITTER, _JITTER))


def _outside_skips(at: datetime, feed: FeedHints) -> datetime:
    """The first time from ``at`` on that is not to be skipped; ``at`` itself when a week is not enough."""
    moved = at.astimezone(UTC)
    for _ in range(7 * 24):
        if moved.hour not in feed.skip_hours and moved.weekday() not in feed.skip_days:
            return moved
        moved = moved.replace(minute=at.minute % 10, second=at.second) + timedelta(hours=1)
    return at
