"""A feed's document as it was fetched and read, and what the feed's row keeps of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.entry import Entry, EntryKey
from feeds.document import Unchanged, allows_deltas, read_document
from feeds.fetch import Fetched
from feeds.hints import Hints
from feeds.parsed import ParsedFeed
from store import entries


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
        "plain_agent": fetched.plain_agent,
        "hints": hints_of(document).as_json(),
        **read_well(now=now),
    }


def hints_of(document: Document) -> Hints:
    """What a document and its headers ask for."""
    return Hints(document.parsed.hints, document.fetched.hints.max_age)


def read_well(*, now: datetime) -> dict[str, Any]:
    """What it keeps of every look that went well."""
    return {
        "last_polled_at": now,
        "last_success_at": now,
        "failures": 0,
        "last_error": None,
        "gone_since": None,
    }
