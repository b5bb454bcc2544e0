"""One polite look at a feed's address: a conditional GET, and what its answer means."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import feedparser

from domain.errors import BadStatus, FeedGone
from feeds.hints import DEFAULT_RETRY_AFTER, CacheHints, cache_hints, http_date, retry_after
from net.client import USER_AGENT, Client, Response, read
from net.deadline import time_limit

#: For the whole exchange, redirects included.
DEADLINE: Final = timedelta(seconds=30)
#: Cap on the decoded document.
MAX_BYTES: Final = 15 * 2**20
ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
)
#: After so long without a body, ask once without validators: some servers answer 304 for ever.
_TRUST: Final = timedelta(days=7)
_TRUST_GAPS: Final = 10
#: What follows the name of the host, by status.
_MEANINGS: Final = {
    401: "wants a user name and password for this feed (401); give them with `tabuh feed access`",
    403: "refuses to show the feed (403); check that the address is public",
    404: "has no feed at this address (404); check the address",
    407: "stands behind a proxy that wants a password (407); check the address",
    429: "asks for fewer requests (429); the next look comes later",
}


@dataclass(frozen=True, slots=True)
class Validators:
    """What makes the next GET conditional, byte for byte as the server sent it."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """Who we say that we are."""

    #: How many workspaces read this feed, for the publisher's statistics.
    subscribers: int = 1
    #: An address where the publisher learns who asks.
    contact: str | None = None
    #: A person's word in place of ours.
    chosen: str | None = None
    #: Begin with feedparser's name, which some servers let through where they refuse ours.
    plain: bool = False

    def __str__(self) -> str:
        if self.chosen:
            return self.chosen
        people = f"{self.subscribers} subscriber{'' if self.subscribers == 1 else 's'}"
        about = "; ".join(filter(None, (f"+{self.contact}" if self.contact else "feed poller", people)))
        honest = f"{USER_AGENT} ({about})"
        return f"feedparser/{feedparser.__version__} {honest}" if self.plain else honest


@dataclass(frozen=True, slots=True)
class NotModified:
    """304: nothing has changed."""

    #: To be stored: a 304 may bring new ones.
    validators: Validators
    #: The address that answered.
    url: str
    #: The address to use from now on, when every redirect on the way was permanent.
    permanent_url: str | None = None
    hints: CacheHints = field(default_factory=CacheHints)
    #: Only the name of feedparser opened the door (`Agent.plain`).
    plain_agent: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """200 or 226: a body, which may all the same be the one that was seen before."""

    status: int
    body: bytes = field(repr=False)
    #: 16 bytes, BLAKE2b of the decoded body; equal hashes mean that nothing has changed.
    body_hash: bytes
    content_type: str | None
    validators: Validators
    url: str
    permanent_url: str | None = None
    hints: CacheHints = field(default_factory=CacheHints)
    #: The raw ``Link`` header, which may name feeds or a hub.
    link_header: str = ""
    plain_agent: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether the body holds only the entries that came or changed since the validators (RFC 3229)."""
        return self.status == 226


def fetch(
    client: Client,
    url: str,
    *,
    validators: Validators = Validators(),
    now: datetime,
    agent: Agent = Agent(),
    deltas: bool = False,
    headers: Mapping[str, str] | None = None,
    deadline: timedelta = DEADLINE,
    max_bytes: int = MAX_BYTES,
    max_redirects: int = 5,
) -> Fetched | NotModified:
    """Look at a feed once.

    Args:
        validators: from the last answer of this address.
        now: current time, UTC.
        agent: who we say that we are; a plain 403 is asked about once more, in feedparser's name.
        deltas: say that the new entries alone would do; see `feeds.document.allows_deltas`.
        headers: the feed's own, such as ``Authorization``; they never follow to another origin.

    Raises:
        FeedGone: 410.
        BadStatus: any other status but 200, 226 and 304; ``retry_after`` when the server wants a pause.
        FetchError: refused, unreachable, too slow or too large.
    """
    sent = {"User-Agent": str(agent), "Accept": ACCEPT, "Connection": "close"}
    if validators.etag:
        sent["If-None-Match"] = validators.etag
    if validators.last_modified:
        sent["If-Modified-Since"] = validators.last_modified
    if deltas and (validators.etag or validators.last_modified):
        sent["A-IM"] = "feed"
    with time_limit(deadline):
        while True:
            response = read(
                client,
                url,
                headers={**sent, **(headers or {})},
                deadline=deadline,
                max_bytes=max_bytes,
                max_redirects=max_redirects,
            )
            if agent.plain or agent.chosen or not _refuses_our_name(response, now=now):
                break
            agent = replace(agent, plain=True)
            sent["User-Agent"] = str(agent)
    hints = cache_hints(response.headers, now=now)
    permanent = _with_userinfo(response.permanent_url, url)
    if response.status == 304:
        renewed = _validators(response.headers, now=now, old=validators)
        return NotModified(renewed, response.url, permanent, hints, agent.plain)
    is_document = response.status == 200 or (response.status == 226 and _is_delta(sent, response))
    if not is_document or _is_challenge(response):
        raise _refusal(response, now=now)
    return Fetched(
        status=response.status,
        body=response.body,
        body_hash=body_hash(response.body),
        content_type=response.headers.get("content-type"),
        validators=_validators(response.headers, now=now, old=Validators()),
        url=response.url,
        permanent_url=permanent,
        hints=hints,
        link_header=response.headers.get("link", ""),
        plain_agent=agent.plain,
    )


def body_hash(body: bytes) -> bytes:
    """16 bytes that differ when the body differs."""
    return blake2b(body, digest_size=16).digest()


def trusted(
    validators: Validators, *, last_body_at: datetime | None, usual_gap: timedelta | None, now: datetime
) -> Validators:
    """The validators to send: none when only 304 has come for longer than is likely.

    Args:
        last_body_at: when a 200 last came; None for never.
        usual_gap: usual time between two entries; None when unknown.
        now: current time, UTC.

    Returns:
        Empty validators after seven days, or ten usual gaps if that is longer, without a body.
    """
    patience = max(_TRUST, _TRUST_GAPS * (usual_gap or timedelta(0)))
    if last_body_at is not None and now - last_body_at > patience:
        return Validators()
    return validators


def _is_delta(sent: Mapping[str, str], response: Response) -> bool:
    applied = response.headers.get("im", "").lower().replace(" ", "")
    return "A-IM" in sent and applied == "feed"


def _refuses_our_name(response: Response, *, now: datetime) -> bool:
    """A 403 that is neither a challenge for browsers nor a wish for a pause."""
    is_pause = retry_after(response.headers, now=now) is not None
    return response.status == 403 and not is_pause and not _is_challenge(response)


def _is_challenge(response: Response) -> bool:
    return str(response.headers.get("cf-mitigated", "")).strip().lower() == "challenge"


def _validators(headers: Mapping[str, str], *, now: datetime, old: Validators) -> Validators:
    """The validators for the next look; one that did not come stays as it was on a 304.

    Left out: all of them when the server says ``Expires: 0``, and a ``Last-Modified`` that lies in the
    future, which would be answered with 304 until then.
    """
    if headers.get("expires", "").strip() == "0":
        return Validators()
    etag, modified = headers.get("etag"), headers.get("last-modified")
    modified_at = http_date(modified)
    if modified_at and modified_at > now + timedelta(days=1):
        modified = None
    return Validators(etag or old.etag, modified or old.last_modified)


def _refusal(response: Response, *, now: datetime) -> BadStatus:
    host = urlsplit(response.url).hostname or response.url
    status, shown = response.status, response.url
    wait = retry_after(response.headers, now=now)
    if status in (429, 503) and wait is None:
        wait = DEFAULT_RETRY_AFTER
    if _is_challenge(response):
        text = (
            f"{host} puts a Cloudflare challenge before its feed, which only a browser can pass; "
            "ask its owner to let feed readers through"
        )
        return BadStatus(text, url=shown, status=status, retry_after=wait)
    if status == 410:
        text = (
            f"{host} says that the feed is gone for good (410): give its new address with `tabuh feed move`, "
            "or end it with `tabuh feed remove`"
        )
        return FeedGone(text, url=shown, status=status)
    return BadStatus(f"{host} {_meaning(status)}", url=shown, status=status, retry_after=wait)


def _meaning(status: int) -> str:
    if status in _MEANINGS:
        return _MEANINGS[status]
    if status >= 500:
        return f"has trouble of its own ({status}); the next look comes later"
    if status < 300:
        return f"answers without a feed ({status}); check the address"
    return f"refuses the request ({status}); check the address"


def _with_userinfo(moved: str | None, asked: str) -> str | None:
    """Put the user name and password of the address asked for back into one on the same host."""
    if moved is None:
        return None
    old, new = urlsplit(asked), urlsplit(moved)
    userinfo, at, _ = old.netloc.rpartition("@")
    if not at or old.hostname != new.hostname:
        return moved
    return urlunsplit(new._replace(netloc=f"{userinfo}@{new.netloc}"))
