"""Reading a feed that a person names: a web page leads to its main feed, and tells of its others."""

import base64
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit, urlunsplit

from domain.entry import Entry
from domain.errors import UsageError
from feeds.find import find
from net.client import may_share_secrets
from scheduler.arriving import oldest_first
from scheduler.asking import agent_of
from scheduler.context import Context
from scheduler.documents import Document
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
    #: Other feeds that the page names, which a person may prefer.
    others: tuple[str, ...]
    #: What opens the feed, to be sealed; empty for a public one.
    headers: dict[str, str]


def find_feed(context: Context, url: str, *, now: datetime, headers: dict[str, str] | None = None) -> Found:
    """Fetch and read the feed at an address, or the main one of the web page there.

    Args:
        headers: what opens it, beside a user name and password in the address.

    Raises:
        UsageError: the address is too long.
        FetchError: neither is it a feed, nor does it lead to one.
    """
    if len(url) > MAX_URL:
        raise UsageError(f"The address of a feed has at most {MAX_URL:,} characters.")
    address, said = without_secrets(url.strip())
    secrets = {**said, **(headers or {})}
    found = find(context.http, address, now=now, headers=secrets, agent=agent_of(context))
    read = found.document
    document = Document(found.fetched, read.parsed, read.entries, read.memory, read.shared)
    shown = [document.entries[place] for place in oldest_first(document.entries)]
    ordered = tuple(entry for entry in shown if isinstance(entry, Entry))  # nothing was remembered: all
    # A person is here to see it: a redirect that is meant for good is taken at its word.
    moved = found.fetched.permanent_url
    final = without_secrets(moved)[0] if moved is not None and len(moved) <= MAX_URL else found.url
    kept = secrets if all(may_share_secrets(found.asked, each) for each in (found.url, final)) else {}
    others = tuple(other for other in found.others if other != final)
    return Found(final, document, ordered, found.found_on, others, kept)


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
