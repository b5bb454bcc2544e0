"""From an address that a person types to the feed that they mean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from domain.errors import BadStatus, FetchError, NotAFeed
from feeds.discover import well_known
from feeds.document import Document, read_document
from feeds.fetch import Agent, Fetched, fetch
from feeds.sites import feeds_of_site
from net.client import Client, may_share_secrets
from net.deadline import time_limit

#: For everything together, well-known places included.
DEADLINE: Final = timedelta(seconds=45)
#: So many of the feeds that a page names are tried.
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed, read once."""

    #: The address that was asked for it; redirects are in ``fetched``.
    url: str
    fetched: Fetched
    document: Document
    #: The address that was given, with its scheme.
    asked: str
    #: The page that led to it, when that was the address given.
    found_on: str | None = None
    #: Other feeds that the page names, which a person may prefer.
    others: tuple[str, ...] = ()


def find(
    client: Client,
    address: str,
    *,
    now: datetime,
    headers: Mapping[str, str] | None = None,
    agent: Agent = Agent(),
) -> FoundFeed:
    """Read the feed at an address, or the main one of the page there.

    Order: the address itself; the feeds that its page, its ``Link`` header or the kind of its site names, the
    first that can be read; then well-known places on the same site, redirects not followed.

    Args:
        now: current time, UTC.
        headers: what opens the feed; they never go to another origin.
        agent: who we say that we are.

    Raises:
        FetchError: no feed was found; what the address itself answered.
    """
    url = _web_address(address)
    ask = partial(_read, client, asked=url, now=now, headers=headers, agent=agent)
    with time_limit(DEADLINE):
        try:
            return ask(url)
        except (NotAFeed, BadStatus) as exc:
            error: NotAFeed | BadStatus = exc
        named = error.candidates if isinstance(error, NotAFeed) else _of_site(url)
        found = _first(ask, named[:_TRIES])
        if found is None and isinstance(error, NotAFeed):
            found = _first(partial(ask, max_redirects=0), well_known(error.url))
        if found is None:
            raise error
        others = tuple(other for other in named if other != found.url)
        return replace(found, found_on=url, others=others)


def _web_address(address: str) -> str:
    """What browsers and readers hand over: ``feed:`` addresses, and names without a scheme."""
    url = address.strip()
    for prefix in ("feed:", "web+feed:"):
        if url.lower().startswith(prefix):
            url = url[len(prefix) :].removeprefix("//")
    return url if "://" in url or not url else f"https://{url}"


def _of_site(url: str) -> tuple[str, ...]:
    return tuple(candidate.url for candidate in feeds_of_site(url) if candidate.url != url)


def _first(ask: Callable[[str], FoundFeed], urls: Sequence[str]) -> FoundFeed | None:
    """The first of these addresses that is a feed."""
    for url in urls:
        try:
            return ask(url)
        except FetchError:
            continue
    return None


def _read(
    client: Client,
    url: str,
    *,
    asked: str,
    now: datetime,
    headers: Mapping[str, str] | None,
    agent: Agent,
    max_redirects: int = 5,
) -> FoundFeed:
    secrets = headers if may_share_secrets(asked, url) else None
    fetched = fetch(client, url, now=now, headers=secrets, agent=agent, max_redirects=max_redirects)
    assert isinstance(fetched, Fetched)  # nothing was conditional
    document = read_document(
        fetched.body,
        url=fetched.url,
        content_type=fetched.content_type,
        now=now,
        link_header=fetched.link_header,
    )
    return FoundFeed(url, fetched, document, asked)
