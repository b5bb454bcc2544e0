"""When a feed is looked at next and why, as its row keeps it."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from feeds.hints import CacheHints, Hints
from feeds.interval import NextPoll, Rhythm, next_poll, rhythm, usual_gap
from scheduler.arriving import Arrival
from scheduler.context import Context
from store import entries
from store.engine import reading
from store.tables import Feed

ASKS = "; what it shows has changed so much that it waits for your choice of what to post"


def gap_of(context: Context, row: Feed, *, now: datetime) -> timedelta | None:
    """A feed's usual time between two entries; looks at them only where its row does not tell yet."""
    if row.median_gap is not None and row.newest_at is not None:
        return Rhythm(timedelta(seconds=row.median_gap), row.newest_at).gap(now=now)
    with reading(context.engine) as session:
        return usual_gap(entries.recent_dates(session, row.id), now=now)


def rhythm_values(dates: Iterable[datetime], *, now: datetime) -> dict[str, Any]:
    """What a feed's row keeps of the dates of its newest entries."""
    found = rhythm(dates, now=now)
    if found is None:
        return {"median_gap": None, "newest_at": None}
    return {"median_gap": int(found.median.total_seconds()), "newest_at": found.newest}


def after_reading(
    row: Feed,
    *,
    now: datetime,
    gap: timedelta | None,
    cache: CacheHints,
    hints: Hints,
    arrival: Arrival = Arrival(),
    has_validators: bool,
    answers_304: bool | None,
    pushed: bool = False,
) -> dict[str, Any]:
    """The columns after a look that went well.

    Args:
        gap: the usual time between two entries.
        cache: what the headers of this answer ask for.
        hints: what the document asked for, now or when it last came.
        has_validators: whether the next look can be conditional.
        pushed: whether a hub that keeps its word tells us of news.
    """
    coming = next_poll(
        now=now,
        rng=_rng(row),
        gap=gap,
        last=_seconds(row.own_interval),
        found_new=arrival.new > 0,
        cache=CacheHints(max_age=hints.max_age, expires_in=cache.expires_in),
        feed=hints.feed,
        override=_seconds(row.interval_override),
        conditional=has_validators and answers_304 is not False,
        pushed=pushed,
    )
    return {
        **next_values(coming),
        "next_reason": coming.reason + (ASKS if arrival.asks else ""),
        "hints": hints.as_json(),
        "answers_304": answers_304,
    }


def after_failing(
    row: Feed, *, now: datetime, failures: int, retry_after: timedelta | None
) -> dict[str, Any]:
    """The columns after a look that failed; what we would choose ourselves is kept as it was."""
    own = _seconds(row.own_interval)
    coming = next_poll(now=now, rng=_rng(row), last=own, failures=failures, retry_after=retry_after)
    return {"next_at": coming.at, "next_reason": coming.reason}


def next_values(coming: NextPoll) -> dict[str, Any]:
    """The columns of a next look that goes by our own interval."""
    seconds = int(coming.interval.total_seconds())
    return {"next_at": coming.at, "next_reason": coming.reason, "own_interval": seconds}


def _rng(row: Feed) -> random.Random:
    return random.Random(f"{row.id} {row.claim}")  # noqa: S311 - spreads the load, hides nothing


def _seconds(number: int | None) -> timedelta | None:
    return timedelta(seconds=number) if number else None
