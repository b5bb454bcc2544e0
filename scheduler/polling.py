"""One poll of a feed: look, read, and store what is new with its posts, all in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlmodel import Session

from domain.errors import TabuhError
from feeds.fetch import Fetched, NotModified, Validators
from feeds.hints import Hints
from net.room import NoRoom
from scheduler import hubs
from scheduler.arriving import Arrival, take_in
from scheduler.asking import look, validators_for
from scheduler.completing import completed
from scheduler.context import Context
from scheduler.documents import Document, hints_of, read, read_values, read_well
from scheduler.failing import fail
from scheduler.moving import Moved, is_upgrade, noted, said_address, seen_again
from scheduler.next_look import after_reading, gap_of, rhythm_values
from scheduler.politeness import (
    Turn,
    Wait,
    end_turn,
    server_of,
    shares_pauses,
    take_turn,
    turn_of,
    turns_alone,
)
from scheduler.recognising import Forgotten
from store import entries, feeds, hosts, memories
from store.due import finish
from store.engine import reading, writing
from store.tables import Feed
from store.wake import wake_workers

#: After an answer that nobody can read any more, all of it is asked for so soon.
_SOON: Final = timedelta(minutes=1)
CROWDED: Final = "in a minute: it is large, and other large feeds were being read"


@dataclass(frozen=True, slots=True)
class Polled:
    """How one poll ended; nothing came of it unless `arrival` says so."""

    arrival: Arrival = field(default_factory=Arrival)
    #: The server's turn was somebody else's, or it had asked for a pause: this look comes later.
    waits: bool = False


#: What is left to be done in the database, in a transaction of its own.
Rest = Callable[[], Arrival]


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a claimed feed whose server may be asked."""

    context: Context
    row: Feed
    turn: Turn
    #: The usual time between two entries; None when unknown.
    gap: timedelta | None
    now: datetime


def poll(context: Context, row: Feed) -> Polled:
    """Look at a claimed feed once. Whatever goes wrong is written on its row, with the time of the next look.

    Nothing is written when the claim is lost meanwhile: whoever has it finds the same entries.
    """
    left = look_at(context, row)
    if not isinstance(left, dict):
        return Polled(left())
    with writing(context.engine) as session:
        if finish(session, row, **left):
            session.commit()
    return Polled(waits="last_polled_at" not in left)


def looks(
    context: Context, session: Session, rows: Sequence[Feed]
) -> dict[int, Callable[[], dict[str, Any] | Rest]]:
    """A `look_at` for each of the feeds that are being claimed, by number; what they need is read for all."""
    turns = turns_alone(session, rows, now=context.lease_now(session))
    return {row.id: partial(look_at, context, row, turns.get(row.id)) for row in rows}


def look_at(context: Context, row: Feed, turn: Turn | None = None) -> dict[str, Any] | Rest:
    """As `poll`, but what is to be written is left to the caller.

    Most polls change nothing but the feed's row; written together, many of them wait for the disk once.

    Args:
        turn: None: whether its server may be asked must be found out.

    Returns:
        The columns of the row that have changed, or else what stores them together with all else.
    """
    now = context.clock()
    found = turn or _turn(context, row, now=now)
    if isinstance(found, Wait):
        return {"next_at": found.until, "next_reason": found.reason}
    turn, gap = found, gap_of(context, row, now=now)
    this = Look(context, row, turn, gap, now)
    try:
        validators = validators_for(row, now=now)
        answer = look(
            context, row, validators, now=now, subscribers=turn.subscribers, deltas=row.takes_deltas
        )
        if isinstance(answer, Fetched) and not _is_known(row, answer):
            return _read(this, answer)
        return _nothing_new(this, answer)
    except NoRoom:  # which is no fault of this feed
        return partial(_again, this)
    except TabuhError as error:
        return partial(_fail, this, error)


def _turn(context: Context, row: Feed, *, now: datetime) -> Turn | Wait:
    with reading(context.engine) as session:
        turn = turn_of(context, session, row, now=now)
    return turn or take_turn(context, row, now=now)


def _again(this: Look) -> Arrival:
    with writing(this.context.engine) as session:
        finish(session, this.row, next_at=this.now + _SOON, next_reason=CROWDED)
        end_turn(this.context, session, this.turn)
        session.commit()
    return Arrival()


def _fail(this: Look, error: TabuhError) -> Arrival:
    fail(this.context, this.row, error, this.turn, now=this.now)
    return Arrival()


def _is_known(row: Feed, fetched: Fetched) -> bool:
    return row.baseline_at is not None and row.body_hash == fetched.body_hash


def _read(this: Look, answer: Fetched) -> Rest:
    """What was stored with the last document spares reading its entries again."""
    context, row, now = this.context, this.row, this.now
    with reading(context.engine) as session:
        memory = memories.memory_of(session, row.id) if row.baseline_at is not None else None
    if answer.is_partial and not memory:
        return partial(_ask_for_all, this)
    document = read(answer, memory=memory, now=now)
    entries = completed(context, row.id, document.entries, now=now, feed_image=document.parsed.image_url)
    document = replace(document, entries=entries)
    said = None if answer.permanent_url else said_address(context, row, document.parsed.new_url, now=now)
    return partial(_store_or_read_all, this, document, said)


def _store_or_read_all(this: Look, document: Document, said: Moved | None) -> Arrival:
    """Should the store not know what was remembered, all of it is read, so that no entry is lost."""
    try:
        return _store(this, document, said)
    except Forgotten:
        if document.fetched.is_partial:
            return _ask_for_all(this)
        return _store(this, read(document.fetched, now=this.now), said)


def _ask_for_all(this: Look) -> Arrival:
    """The news alone came, and nobody knows any more what it is news to."""
    context, row, now = this.context, this.row, this.now
    values = {"etag": None, "last_modified": None, "body_hash": None, "takes_deltas": False}
    coming = {"next_at": now + _SOON, "next_reason": "once more, for the whole feed"}
    with writing(context.engine) as session:
        if finish(session, row, last_polled_at=now, **values, **coming):
            memories.forget(session, row.id)
        end_turn(context, session, this.turn)
        session.commit()
    return Arrival()


def _store(this: Look, document: Document, said: Moved | None) -> Arrival:
    """Entries, keys, validators, posts and the next look: all of it, or nothing."""
    context, row, turn, now = this.context, this.row, this.turn, this.now
    fetched = document.fetched
    with writing(context.engine) as session:
        if not finish(session, row, last_polled_at=now):
            end_turn(context, session, turn)
            session.commit()
            return Arrival()
        [feed] = feeds.lock(session, row.workspace_id, [row.id])
        arrival = take_in(context, session, feed, document.entries, shared=document.shared, now=now)
        session.flush()
        pushed = hubs.after_poll(context, session, feed, document, arrival, now=now)
        note = said
        if fetched.permanent_url and arrival.known:
            note = seen_again(Moved.stored(row.moved), fetched.permanent_url, url=row.url, now=now)
        values = read_values(document, now=now) | after_reading(
            row,
            now=now,
            gap=this.gap,
            cache=fetched.hints,
            hints=hints_of(document),
            arrival=arrival,
            has_validators=bool(fetched.validators.etag or fetched.validators.last_modified),
            answers_304=row.answers_304,
            pushed=pushed,
        )
        values |= {"ask": feed.ask, "asks_because": feed.asks_because}
        values |= {"baseline_at": feed.baseline_at or now, "host": server_of(row.url)}
        if arrival.new or arrival.edited or row.newest_at is None:
            values |= rhythm_values(entries.recent_dates(session, row.id), now=now)
        memories.keep(session, row.id, document.memory)
        finish(session, row, **(values | noted(session, row, note, now=now)))
        _after_answer(session, this, fetched)
        if arrival.posts:
            wake_workers(session)
        session.commit()
    return arrival


def _nothing_new(this: Look, answer: Fetched | NotModified) -> dict[str, Any] | Rest:
    """Validators, hints and the next look, of an answer that held nothing new."""
    context, row, now = this.context, this.row, this.now
    note, validators = _note(context, row, answer, now=now)
    is_304 = isinstance(answer, NotModified)
    was_conditional = validators_for(row, now=now) != Validators()
    values: dict[str, Any] = {
        "etag": validators.etag,
        "last_modified": validators.last_modified,
        "last_status": 304 if is_304 else 200,
        "plain_agent": answer.plain_agent,
        "host": server_of(row.url),
        **read_well(now=now),
        "last_body_at": row.last_body_at if is_304 else now,
        **after_reading(
            row,
            now=now,
            gap=this.gap,
            cache=answer.hints,
            hints=Hints.stored(row.hints).renewed(answer.hints),
            has_validators=bool(answer.validators.etag or answer.validators.last_modified),
            answers_304=is_304 or (False if was_conditional else row.answers_304),
            pushed=hubs.keeps_its_word_for(context, row.id, now=now),
        ),
    }
    if note is None and row.moved is None and this.turn.host is None and answer.hints.retry_after is None:
        return values
    return partial(_store_nothing, this, answer, values, note)


def _note(
    context: Context, row: Feed, answer: Fetched | NotModified, *, now: datetime
) -> tuple[Moved | None, Validators]:
    """What an unchanged document's way here says of its address, and the validators for the next look."""
    before = Moved.stored(row.moved)
    target, validators, is_304 = answer.permanent_url, answer.validators, isinstance(answer, NotModified)
    if target is None:
        # The document stands as it stood: what it said of its address still holds.
        return said_address(context, row, before.url, now=now) if before and before.said else None, validators
    if is_304 and (before is None or before.url != target) and not is_upgrade(row.url, target):
        # Nobody has seen yet what stands there: 304 may be about something else. Ask for all of it next time.
        return None, Validators()
    return seen_again(before, target, url=row.url, now=now), validators


def _store_nothing(
    this: Look, answer: Fetched | NotModified, values: dict[str, Any], note: Moved | None
) -> Arrival:
    context, row, now = this.context, this.row, this.now
    with writing(context.engine) as session:
        if finish(session, row, **values):
            finish(session, row, **noted(session, row, note, now=now))
        _after_answer(session, this, answer)
        session.commit()
    return Arrival()


def _after_answer(session: Session, this: Look, answer: Fetched | NotModified) -> None:
    """Let others ask the server, unless it said that nothing remains of our allowance."""
    wait = answer.hints.retry_after
    if wait is not None and shares_pauses(this.row.url):
        hosts.keep_quiet(session, server_of(this.row.url), this.now + wait)
    end_turn(this.context, session, this.turn)
