"""One poll of a feed: look, read, and store what is new with its posts, all in one transaction."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from sqlmodel import Session

from domain.entry import Entry, EntryKey
from domain.errors import BadStatus, FeedGone, TabuhError
from feeds.document import Unchanged, allows_deltas, read_document
from feeds.fetch import Fetched, NotModified, Validators, fetch, trusted
from feeds.hints import CacheHints, FeedHints
from feeds.interval import NextPoll, Rhythm, next_poll, rhythm
from feeds.parsed import ParsedFeed
from scheduler.arriving import Arrival, take_in
from scheduler.completing import completed
from scheduler.context import Context, is_public_address
from scheduler.moving import Moved, is_believed, same_host, seen_again
from scheduler.recognising import Forgotten
from store import entries, feeds, hosts, memories
from store.changes import AUTOMATION, record
from store.due import finish
from store.engine import reading, writing
from store.feeds import MAX_URL
from store.tables import Feed
from store.wake import wake_workers

#: 410 is believed when it is said twice, so far apart.
_GONE_AGAIN: Final = timedelta(hours=24)
#: After a redirect that was believed because the old address stopped to work, look there soon.
_SOON: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Document:
    """A feed that was read; its entries have their keys."""

    fetched: Fetched
    parsed: ParsedFeed
    #: In document order; those that stand as they stood at the last look were not read again.
    entries: tuple[Entry | Unchanged, ...]
    #: For the next look, to be stored with the entries.
    memory: bytes
    #: Keys that several of them have.
    shared: frozenset[EntryKey] = frozenset()


def poll(context: Context, row: Feed) -> None:
    """Look at a claimed feed once. Whatever goes wrong is written on its row, with the time of the next look.

    Nothing is written when the claim is lost meanwhile: whoever has it finds the same entries.
    """
    left = look_at(context, row)
    if isinstance(left, dict):
        with writing(context.engine) as session:
            if finish(session, row, **left):
                session.commit()
    else:
        left()


def look_at(context: Context, row: Feed) -> dict[str, Any] | Callable[[], None]:
    """As `poll`, but what is to be written is left to the caller.

    Most polls change nothing but the feed's row; written together, many of them wait for the disk once.

    Returns:
        The columns of the row that have changed, or else what stores them together with all else.
    """
    now = context.clock()
    with reading(context.engine) as session:
        host = _shared_host(row.url)
        quiet = hosts.quiet_until(session, host, now=now) if host else None
        gap = _usual_gap(session, row, now=now)
    if quiet is not None:
        return _wait_for_host(row, quiet)
    try:
        answer = _look(context, row, gap, now=now)
        if isinstance(answer, NotModified) or _is_known(row, answer):
            return _store_nothing(context, row, answer, gap, now=now)
        return _read(context, row, answer, gap, now=now)
    except TabuhError as error:
        return partial(_fail, context, row, error, now=now)


def _usual_gap(session: Session, row: Feed, *, now: datetime) -> timedelta | None:
    """The usual time between two entries; looks at them only where the row does not tell yet."""
    if row.median_gap is not None and row.newest_at is not None:
        known: Rhythm | None = Rhythm(timedelta(seconds=row.median_gap), row.newest_at)
    else:
        known = rhythm(entries.recent_dates(session, row.id), now=now)
    return known.gap(now=now) if known else None


def rhythm_values(dates: Iterable[datetime], *, now: datetime) -> dict[str, Any]:
    """What a feed's row keeps of the dates of its newest entries."""
    found = rhythm(dates, now=now)
    if found is None:
        return {"median_gap": None, "newest_at": None}
    return {"median_gap": int(found.median.total_seconds()), "newest_at": found.newest}


def request_headers(context: Context, row: Feed) -> dict[str, str]:
    """What opens a feed that is not public. Raises `WrongKey` when it cannot be unsealed."""
    return {name: str(value) for name, value in context.seal.open(row.id, row.credentials).items()}


def read(fetched: Fetched, *, now: datetime, memory: bytes | None = None) -> Document:
    """Read a document that was fetched, and of its entries those that are not as they were.

    Args:
        memory: of the last document whose entries were stored; None reads everything.

    Raises:
        NotAFeed: it is none.
        TooLarge: it unpacks to too much.
    """
    found = read_document(
        fetched.body,
        url=fetched.url,
        content_type=fetched.content_type,
        now=now,
        memory=memory,
        is_partial=fetched.is_partial,
        link_header=fetched.link_header,
    )
    return Document(fetched, found.parsed, found.entries, found.memory, found.shared)


def read_values(document: Document, *, now: datetime) -> dict[str, Any]:
    """What a feed's row keeps of a document that was read."""
    fetched = document.fetched
    return {
        "title": entries.storable(document.parsed.title),
        "site_url": entries.storable(document.parsed.site_url),
        "etag": fetched.validators.etag,
        "last_modified": fetched.validators.last_modified,
        "body_hash": fetched.body_hash,
        "takes_deltas": allows_deltas(document.memory),
        "last_status": fetched.status,
        "last_body_at": now,
        **_read_well(now=now),
    }


def _read_well(*, now: datetime) -> dict[str, Any]:
    return {
        "last_polled_at": now,
        "last_success_at": now,
        "failures": 0,
        "last_error": None,
        "gone_since": None,
    }


def _look(context: Context, row: Feed, gap: timedelta | None, *, now: datetime) -> Fetched | NotModified:
    validators = Validators(row.etag, row.last_modified)
    return fetch(
        context.http,
        row.url,
        validators=trusted(validators, last_body_at=row.last_body_at, usual_gap=gap, now=now),
        now=now,
        headers=request_headers(context, row),
        deltas=row.takes_deltas,
    )


def _is_known(row: Feed, fetched: Fetched) -> bool:
    return row.baseline_at is not None and row.body_hash == fetched.body_hash


def _read(
    context: Context, row: Feed, answer: Fetched, gap: timedelta | None, *, now: datetime
) -> Callable[[], None]:
    """What was stored with the last document spares reading its entries again."""
    with reading(context.engine) as session:
        memory = memories.memory_of(session, row.id) if row.baseline_at is not None else None
    if answer.is_partial and not memory:
        return partial(_ask_for_all, context, row, now=now)
    document = read(answer, memory=memory, now=now)
    found = completed(context, row.id, document.entries, now=now)
    return partial(_store_or_read_all, context, row, replace(document, entries=found), gap, now=now)


def _store_or_read_all(
    context: Context, row: Feed, document: Document, gap: timedelta | None, *, now: datetime
) -> None:
    """Should the store not know what was remembered, all of it is read, so that no entry is lost."""
    try:
        _store(context, row, document, gap, now=now)
    except Forgotten:
        if document.fetched.is_partial:
            _ask_for_all(context, row, now=now)
        else:
            _store(context, row, read(document.fetched, now=now), gap, now=now)


def _ask_for_all(context: Context, row: Feed, *, now: datetime) -> None:
    """The news alone came, and nobody knows any more what it is news to."""
    values = {"etag": None, "last_modified": None, "body_hash": None, "takes_deltas": False}
    coming = {"next_at": now + _SOON, "next_reason": "once more, for the whole feed"}
    with writing(context.engine) as session:
        memories.forget(session, row.id)
        if finish(session, row, last_polled_at=now, **values, **coming):
            session.commit()


def _store(context: Context, row: Feed, document: Document, gap: timedelta | None, *, now: datetime) -> None:
    """Entries, keys, validators, posts and the next look: all of it, or nothing."""
    with writing(context.engine) as session:
        if not finish(session, row, last_polled_at=now):
            return
        [feed] = feeds.lock(session, row.workspace_id, [row.id])
        arrival = take_in(context, session, feed, document.entries, shared=document.shared, now=now)
        session.flush()
        target = document.fetched.permanent_url or document.parsed.new_url
        moved = _moved(session, row, target if arrival.known else None, now=now)
        coming = _next(
            row, now=now, gap=gap, found_new=arrival.new > 0, cache=document.fetched.hints,
            hints=document.parsed.hints,
        )  # fmt: skip
        values = read_values(document, now=now) | _next_values(coming, arrival) | {"ask": feed.ask}
        values["baseline_at"] = feed.baseline_at or now
        if arrival.new or arrival.edited or row.newest_at is None:
            values |= rhythm_values(entries.recent_dates(session, row.id), now=now)
        memories.keep(session, row.id, document.memory)
        finish(session, row, **values, **moved)
        if arrival.posts:
            wake_workers(session)
        session.commit()


def _store_nothing(
    context: Context, row: Feed, answer: Fetched | NotModified, gap: timedelta | None, *, now: datetime
) -> dict[str, Any] | Callable[[], None]:
    coming = _next(row, now=now, gap=gap, cache=answer.hints)
    values: dict[str, Any] = {
        "etag": answer.validators.etag,
        "last_modified": answer.validators.last_modified,
        "last_status": answer.status if isinstance(answer, Fetched) else 304,
        **_read_well(now=now),
        **_next_values(coming),
    }
    if isinstance(answer, Fetched):
        values["last_body_at"] = now
    # Without a redirect nothing is known: the feed itself may have said that it moved.
    if not answer.permanent_url:
        return values
    return partial(_store_move, context, row, values, answer.permanent_url, now=now)


def _store_move(
    context: Context, row: Feed, values: Mapping[str, Any], target: str, *, now: datetime
) -> None:
    with writing(context.engine) as session:
        if finish(session, row, **values, **_moved(session, row, target, now=now)):
            session.commit()


def _next(
    row: Feed,
    *,
    now: datetime,
    gap: timedelta | None = None,
    found_new: bool = False,
    cache: CacheHints = CacheHints(),
    hints: FeedHints = FeedHints(),
    failures: int = 0,
    retry_after: timedelta | None = None,
) -> NextPoll:
    last = now - row.last_polled_at if row.last_polled_at and not row.failures else None
    return next_poll(
        now=now,
        rng=random.Random(f"{row.id} {row.claim}"),  # noqa: S311 - spreads the load, hides nothing
        gap=gap,
        last=last,
        found_new=found_new,
        cache=cache,
        feed=hints,
        failures=failures,
        retry_after=retry_after,
        override=timedelta(seconds=row.interval_override) if row.interval_override else None,
        conditional=bool(row.etag or row.last_modified),
    )


def _next_values(coming: NextPoll, arrival: Arrival = Arrival()) -> dict[str, Any]:
    reason = coming.reason
    if arrival.asks:
        reason += "; what it shows has changed so much that it waits for your choice of what to post"
    return {"next_at": coming.at, "next_reason": reason}


def _moved(session: Session, row: Feed, target: str | None, *, now: datetime) -> dict[str, Any]:
    """What a redirect that is meant for good changes on the row."""
    moved = seen_again(Moved.stored(row.moved), target, url=row.url, now=now)
    if moved is None:
        return {"moved": None}
    if not is_believed(moved, url=row.url, now=now):
        return {"moved": moved.as_json()}
    return _new_address(session, row, moved, now=now)


def _new_address(session: Session, row: Feed, moved: Moved, *, now: datetime) -> dict[str, Any]:
    if len(moved.url) > MAX_URL or feeds.by_url(session, row.workspace_id, moved.url) is not None:
        return {"moved": moved.as_json()}  # read already: two rows cannot have one address
    record(
        session,
        AUTOMATION,
        "moved to a new address",
        subject="feed",
        subject_id=row.id,
        workspace_id=row.workspace_id,
        now=now,
        before={"url": row.url},
        after={"url": moved.url},
    )
    kept = row.credentials if same_host(row.url, moved.url) else None
    return {"url": moved.url, "moved": None, "credentials": kept}


def _fail(context: Context, row: Feed, error: TabuhError, *, now: datetime) -> None:
    """Write the failure down and plan the next look, which comes in any case; only 410 ends that."""
    failures = row.failures + 1
    status = error.status if isinstance(error, BadStatus) else None
    retry_after = error.retry_after if isinstance(error, BadStatus) else None
    coming = _next(row, now=now, failures=failures, retry_after=retry_after)
    values: dict[str, Any] = {
        "failures": failures,
        "last_error": str(error),
        "last_polled_at": now,
        "last_status": status,
        "gone_since": None,
        **_next_values(coming),
    }
    moved = Moved.stored(row.moved)
    with writing(context.engine) as session:
        if status in (404, 410) and moved is not None:
            values |= _new_address(session, row, moved, now=now)
            values |= {
                "next_at": now + _SOON,
                "next_reason": "the old address stopped to work: a look at the new one",
            }
        elif isinstance(error, FeedGone):
            values |= _gone(row, error, now=now)
        if finish(session, row, **values):
            host = _shared_host(row.url)
            if host and retry_after is not None:
                hosts.keep_quiet(session, host, now + retry_after)
            session.commit()


def _gone(row: Feed, error: FeedGone, *, now: datetime) -> dict[str, Any]:
    since = row.gone_since or now
    if now - since >= _GONE_AGAIN:
        return {
            "gone_since": since,
            "next_at": None,
            "next_reason": "",
            "paused_at": now,
            "paused_reason": str(error),
        }
    again = since + _GONE_AGAIN
    return {"gone_since": since, "next_at": again, "next_reason": "once more before 410 is believed"}


def _wait_for_host(row: Feed, until: datetime) -> dict[str, Any]:
    # Not all feeds of the server in the same second.
    spread = timedelta(seconds=random.Random(row.id).uniform(0, 300))  # noqa: S311 - spreads the load
    return {"next_at": until + spread, "next_reason": "the server asked for a pause, for all its feeds"}


def _shared_host(url: str) -> str | None:
    """The host whose wish for a pause holds for all its feeds; None for private ones, which relay others."""
    return urlsplit(url).hostname if is_public_address(url) else None
