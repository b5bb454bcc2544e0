"""One poll of a feed: look, read, and store what is new with its posts, all in one transaction."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from domain.entry import Entry
from domain.errors import TabuhError
from feeds.document import read_document
from feeds.fetch import Fetched, NotModified, Validators
from feeds.hints import Hints
from feeds.interval import usual_gap
from feeds.parsed import ParsedFeed
from net.client import may_share_secrets
from scheduler import hubs
from scheduler.arriving import Arrival, take_in
from scheduler.asking import look, validators_for
from scheduler.context import Context
from scheduler.failing import fail
from scheduler.moving import Moved, is_believed, is_upgrade, moved_values, seen_again
from scheduler.next_look import after_reading
from scheduler.politeness import Turn, Wait, end_turn, server_of, shares_pauses, take_turn, turn_of
from store import entries, feeds, hosts
from store.due import finish
from store.engine import reading, writing
from store.tables import Feed
from store.wake import wake_workers


@dataclass(frozen=True, slots=True)
class Document:
    """A feed that was read; its entries have their keys."""

    fetched: Fetched
    parsed: ParsedFeed
    #: In document order.
    entries: tuple[Entry, ...]
    #: For the next look, to be stored with the entries.
    memory: bytes


@dataclass(frozen=True, slots=True)
class Polled:
    """How one poll ended; nothing came of it unless `arrival` says so."""

    arrival: Arrival = field(default_factory=Arrival)
    #: The server's turn was somebody else's, or it had asked for a pause: this look comes later.
    waits: bool = False


def poll(context: Context, row: Feed) -> Polled:
    """Look at a claimed feed once. Whatever goes wrong is written on its row, with the time of the next look.

    Nothing is written when the claim is lost meanwhile: whoever has it finds the same entries.
    """
    now = context.clock()
    with reading(context.engine) as session:
        turn = turn_of(context, session, row, now=now)
        dates = entries.recent_dates(session, row.id)
    turn = turn or take_turn(context, row, now=now)
    if isinstance(turn, Wait):
        _wait(context, row, turn)
        return Polled(waits=True)
    gap = usual_gap(dates, now=now)
    try:
        validators = validators_for(row, dates, now=now)
        answer = look(context, row, validators, now=now, subscribers=turn.subscribers)
        if isinstance(answer, Fetched) and not _is_known(row, answer):
            return Polled(_store(context, row, read(answer, now=now), gap, turn, now=now))
        was_asked = validators != Validators()
        _store_nothing(context, row, answer, gap, turn, was_asked=was_asked, now=now)
    except TabuhError as error:
        fail(context, row, error, turn, now=now)
    return Polled()


def read(fetched: Fetched, *, now: datetime) -> Document:
    """Read a document that was fetched.

    Raises:
        NotAFeed: it is none.
        TooLarge: it unpacks to too much.
    """
    found = read_document(
        fetched.body,
        url=fetched.url,
        content_type=fetched.content_type,
        now=now,
        is_partial=fetched.is_partial,
        link_header=fetched.link_header,
    )
    everything = tuple(entry for entry in found.entries if isinstance(entry, Entry))
    return Document(fetched, found.parsed, everything, found.memory)


def read_values(document: Document, *, now: datetime) -> dict[str, Any]:
    """What a feed's row keeps of a document that was read."""
    fetched = document.fetched
    return {
        "title": entries.storable(document.parsed.title),
        "site_url": entries.storable(document.parsed.site_url),
        "etag": fetched.validators.etag,
        "last_modified": fetched.validators.last_modified,
        "body_hash": fetched.body_hash,
        "last_status": fetched.status,
        "last_body_at": now,
        "plain_agent": fetched.plain_agent,
        "hints": hints_of(document).as_json(),
        **_read_well(now=now),
    }


def hints_of(document: Document) -> Hints:
    """What a document and its headers ask for."""
    return Hints(document.parsed.hints, document.fetched.hints.max_age)


def _read_well(*, now: datetime) -> dict[str, Any]:
    return {
        "last_polled_at": now,
        "last_success_at": now,
        "failures": 0,
        "last_error": None,
        "gone_since": None,
    }


def _is_known(row: Feed, fetched: Fetched) -> bool:
    return row.baseline_at is not None and row.body_hash == fetched.body_hash


def _store(
    context: Context, row: Feed, document: Document, gap: timedelta | None, turn: Turn, *, now: datetime
) -> Arrival:
    """Entries, keys, validators, posts and the next look: all of it, or nothing."""
    fetched = document.fetched
    said = None if fetched.permanent_url else _said(context, row, document.parsed.new_url, now=now)
    with writing(context.engine) as session:
        if not finish(session, row, last_polled_at=now):
            end_turn(context, session, turn)
            session.commit()
            return Arrival()
        [feed] = feeds.lock(session, row.workspace_id, [row.id])
        arrival = take_in(context, session, feed, document.entries, now=now)
        session.flush()
        pushed = hubs.after_poll(context, session, feed, document, arrival, now=now)
        note = said
        if fetched.permanent_url and arrival.known:
            note = seen_again(Moved.stored(row.moved), fetched.permanent_url, url=row.url, now=now)
        values = read_values(document, now=now) | after_reading(
            row,
            now=now,
            gap=gap,
            cache=fetched.hints,
            hints=hints_of(document),
            arrival=arrival,
            has_validators=bool(fetched.validators.etag or fetched.validators.last_modified),
            answers_304=row.answers_304,
            pushed=pushed,
        )
        values |= {"ask": feed.ask, "baseline_at": feed.baseline_at or now, "host": server_of(row.url)}
        finish(session, row, **values, **_moved(session, row, note, now=now))
        _after_answer(context, session, row, fetched, turn, now=now)
        if arrival.posts:
            wake_workers(session)
        session.commit()
    return arrival


def _store_nothing(
    context: Context,
    row: Feed,
    answer: Fetched | NotModified,
    gap: timedelta | None,
    turn: Turn,
    *,
    was_asked: bool,
    now: datetime,
) -> None:
    """Validators, hints and the next look, of an answer that held nothing new.

    Args:
        was_asked: whether the request was conditional.
    """
    before = Moved.stored(row.moved)
    target, validators, is_304 = answer.permanent_url, answer.validators, isinstance(answer, NotModified)
    if target is None:
        # The document stands as it stood: what it said of its address still holds.
        note = _said(context, row, before.url, now=now) if before and before.said else None
    elif is_304 and (before is None or before.url != target) and not is_upgrade(row.url, target):
        # Nobody has seen yet what stands there: 304 may be about something else. Ask for all of it next time.
        note, validators = None, replace(validators, etag=None, last_modified=None)
    else:
        note = seen_again(before, target, url=row.url, now=now)
    with writing(context.engine) as session:
        values: dict[str, Any] = {
            "etag": validators.etag,
            "last_modified": validators.last_modified,
            "last_status": 304 if is_304 else 200,
            "plain_agent": answer.plain_agent,
            "host": server_of(row.url),
            **_read_well(now=now),
            **({} if is_304 else {"last_body_at": now}),
            **after_reading(
                row,
                now=now,
                gap=gap,
                cache=answer.hints,
                hints=Hints.stored(row.hints).renewed(answer.hints),
                has_validators=bool(answer.validators.etag or answer.validators.last_modified),
                answers_304=is_304 or (False if was_asked else row.answers_304),
                pushed=hubs.keeps_its_word_for(context, session, row.id, now=now),
            ),
        }
        if finish(session, row, **values):
            finish(session, row, **_moved(session, row, note, now=now))
        _after_answer(context, session, row, answer, turn, now=now)
        session.commit()


def _after_answer(
    context: Context, session: Session, row: Feed, answer: Fetched | NotModified, turn: Turn, *, now: datetime
) -> None:
    """Let others ask the server, unless it said that nothing remains of our allowance."""
    wait = answer.hints.retry_after
    if wait is not None and shares_pauses(row.url):
        hosts.keep_quiet(session, server_of(row.url), now + wait)
    end_turn(context, session, turn)


def _said(context: Context, row: Feed, target: str | None, *, now: datetime) -> Moved | None:
    """The note of an address that the document itself names; it is looked at before it is believed."""
    note = seen_again(Moved.stored(row.moved), target, url=row.url, now=now, said=True)
    if note is None or note.shares or not is_believed(note, url=row.url, now=now):
        return note
    return replace(note, shares=_shares_entries(context, row, note.url, now=now))


def _shares_entries(context: Context, row: Feed, url: str, *, now: datetime) -> bool:
    """Whether a feed at another address shows entries of this one."""
    other = Feed(id=row.id, workspace_id=row.workspace_id, url=url, existing="none", created_at=now)
    other.user_agent, other.plain_agent = row.user_agent, row.plain_agent
    if may_share_secrets(row.url, url):
        other.credentials = row.credentials
    try:
        answer = look(context, other, now=now)
        assert isinstance(answer, Fetched)  # nothing was conditional
        found = read(answer, now=now)
    except TabuhError:
        return False
    with reading(context.engine) as session:
        return bool(entries.recognise(session, row.id, found.entries).rows)


def _moved(session: Session, row: Feed, note: Moved | None, *, now: datetime) -> dict[str, Any]:
    """What a new address that is meant for good changes on the row."""
    if note is None:
        return {"moved": None}
    taken = {}
    if note.shares and is_believed(note, url=row.url, now=now):
        taken = moved_values(session, row, note.url, now=now)
    return taken or {"moved": note.as_json()}


def _wait(context: Context, row: Feed, wait: Wait) -> None:
    with writing(context.engine) as session:
        if finish(session, row, next_at=wait.until, next_reason=wait.reason):
            session.commit()
