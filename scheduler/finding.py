"""Reading a feed that a person names: a web page leads to the one feed that it names."""

import base64
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit, urlunsplit

from domain.entry import Entry
from domain.errors import NotAFeed, UsageError
from feeds.fetch import Fetched, fetch
from scheduler.arriving import oldest_first
from scheduler.context import Context
from scheduler.moving import same_host
from scheduler.polling import Document, read
from store.feeds import MAX_URL


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was read because a person named its address."""

    #: Without user name and password.
    url: str
    document: Document
    #: Oldest first.
    ordered: tuple[Entry, ...]
    #: The web page that named the feed, when that was the address given.
    found_on: str | None
    #: What opens the feed, to be sealed; empty for a public one.
    headers: dict[str, str]


def find_feed(context: Context, url: str, *, now: datetime) -> Found:
    """Fetch and read the feed at an address.

    Raises:
        UsageError: the address is too long.
        FetchError: it cannot be read; a web page that names several feeds lists them.
    """
    if len(url) > MAX_URL:
        raise UsageError(f"The address of a feed has at most {MAX_URL:,} characters.")
    address, headers = without_secrets(url.strip())
    found_on = None
    try:
        document = _read(context, address, headers, now=now)
    except NotAFeed as error:
        if len(error.candidates) != 1:
            raise
        found_on, [address] = address, error.candidates
        headers = headers if same_host(found_on, address) else {}
        document = _read(context, address, headers, now=now)
    shown = [document.entries[place] for place in oldest_first(document.entries)]
    ordered = tuple(entry for entry in shown if isinstance(entry, Entry))  # nothing was remembered: all
    # A person is here to see it: a redirect that is meant for good is taken at its word.
    moved = document.fetched.permanent_url
    if moved is not None and not same_host(address, moved):
        headers = {}
    final = without_secrets(moved)[0] if moved is not None and len(moved) <= MAX_URL else address
    return Found(final, document, ordered, found_on, headers)


def without_secrets(url: str) -> tuple[str, dict[str, str]]:
    """The address without user name and password, and the header that says them instead."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        username, password = parts.username, parts.password
    except ValueError:
        return url, {}  # no address at all: whoever fetches it says so
    if username is None and password is None:
        return url, {}
    pair = f"{unquote(username or '')}:{unquote(password or '')}".encode()
    header = {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
    return urlunsplit(parts._replace(netloc=host)), header


def _read(context: Context, url: str, headers: dict[str, str], *, now: datetime) -> Document:
    answer = fetch(context.http, url, now=now, headers=headers)
    assert isinstance(answer, Fetched)  # nothing was conditional
    return read(answer, now=now)
