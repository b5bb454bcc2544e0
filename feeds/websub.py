"""WebSub: being told of news instead of asking for it. Protocol: https://www.w3.org/TR/websub/

What a hub pushes is taken as a ring at the door, not as content: it makes the feed's next look come at once,
and the look itself goes through the same fetching, reading and identity as any other. A hub that lies, or
somebody who learns the callback, can therefore cause a look and nothing else.

Only values are made and checked here; the caller sends, stores and answers.
"""

import hashlib
import hmac
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from feeds.link_header import links
from feeds.parsed import ParsedFeed

Mode = Literal["subscribe", "unsubscribe"]

#: The lease that we ask for, and the bounds within which one that is granted is believed.
LEASE: Final = timedelta(days=10)
SHORTEST_LEASE: Final = timedelta(hours=1)
LONGEST_LEASE: Final = timedelta(days=14)
#: Renewals fall into this part of a lease, by chance, so that they do not come all at once.
_RENEWED_FROM, _RENEWED_TO = 0.5, 0.8
#: Largest body that a push may have; a larger one rings as well, unread.
MAX_PUSH: Final = 2 * 2**20
_MAX_CHALLENGE: Final = 4096
_DIGESTS: Final = ("sha1", "sha256", "sha384", "sha512")
#: So many entries are needed before a hub is judged.
_ENOUGH: Final = 5
#: Share of the new entries that must come with a push.
_RELIABLE: Final = 0.9
#: After so many entries of which none was pushed, the subscription is given up.
_HOPELESS: Final = 20


@dataclass(frozen=True, slots=True)
class Hub:
    """Who tells of news of a feed, and by which name it knows the feed."""

    url: str
    topic: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Answer 200 with ``challenge`` as text/plain; the subscription holds (or has ended)."""

    challenge: str
    #: How long it holds, within our bounds; None after an unsubscription.
    lease: timedelta | None


@dataclass(frozen=True, slots=True)
class Denied:
    """The hub will not tell us of this feed; answer 200."""

    reason: str


class NotAsked(Exception):
    """Nobody here has asked for this: answer 404."""


@dataclass(frozen=True, slots=True)
class HubRecord:
    """How new entries of a feed have come to us since the subscription, as counts."""

    pushed: int = 0
    polled: int = 0


def hub_of(parsed: ParsedFeed, *, url: str, link_header: str = "") -> Hub | None:
    """The hub that a feed names; the ``Link`` header comes before the document.

    Args:
        url: the address that answered, the feed's name unless it gives another.
    """
    hub, topic = None, None
    for link in links(link_header, base=url):
        hub = hub or (link.url if "hub" in link.rels else None)
        topic = topic or (link.url if "self" in link.rels else None)
    hub = hub or parsed.hub_url
    return Hub(hub, topic or parsed.self_url or url) if hub else None


def new_secret() -> str:
    """A secret for one subscription; a part of the callback's address is made the same way."""
    return secrets.token_urlsafe(32)


def request_values(hub: Hub, *, mode: Mode, callback: str, secret: str) -> dict[str, str]:
    """The form to post to the hub. The secret is left out when the hub would get it in clear text."""
    values = {"hub.mode": mode, "hub.topic": hub.topic, "hub.callback": callback}
    if mode == "subscribe":
        values["hub.lease_seconds"] = f"{LEASE.total_seconds():.0f}"
        if urlsplit(hub.url).scheme == "https":
            values["hub.secret"] = secret
    return values


def check_intent(query: Mapping[str, str], *, topic: str, wanted: Mode) -> Verified | Denied:
    """What a hub's GET at the callback means.

    Args:
        query: its parameters.
        topic: what we subscribed to at this callback.
        wanted: what we asked for last.

    Raises:
        NotAsked: it is about another feed, or about something that we do not want.
    """
    mode, challenge = query.get("hub.mode", ""), query.get("hub.challenge", "")
    if query.get("hub.topic") != topic:
        raise NotAsked
    if mode == "denied":
        return Denied(query.get("hub.reason", "").strip()[:300] or "the hub gives no reason")
    if mode != wanted or not challenge or len(challenge) > _MAX_CHALLENGE:
        raise NotAsked
    return Verified(challenge, lease(query.get("hub.lease_seconds")) if mode == "subscribe" else None)


def lease(seconds: str | None) -> timedelta:
    """A granted lease, between one hour and 14 days; ours when the hub names none."""
    text = (seconds or "").strip()
    if not (text.isascii() and text.isdigit()):
        return LEASE
    return timedelta(
        seconds=min(max(int(text[:12]), SHORTEST_LEASE.total_seconds()), LONGEST_LEASE.total_seconds())
    )


def renew_at(granted: timedelta, *, now: datetime, rng: random.Random) -> datetime:
    """When to ask again: well before the lease ends, at a time of its own for each feed."""
    return now + granted * rng.uniform(_RENEWED_FROM, _RENEWED_TO)


def is_authentic(body: bytes, *, signature: str, secret: str) -> bool:
    """Whether a push comes from somebody who knows the secret.

    Args:
        signature: the raw ``X-Hub-Signature`` header.

    A push that is not authentic is answered like any other, so that nobody learns the secret by trying.
    """
    method, _, given = signature.strip().partition("=")
    if method.lower() not in _DIGESTS:
        return False
    made = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(made.encode(), given.strip().lower().encode("utf-8", "replace"))


def keeps_its_word(record: HubRecord) -> bool:
    """Whether looks may become rare: nine of ten new entries came with a push, and there were enough."""
    total = record.pushed + record.polled
    return total >= _ENOUGH and record.pushed >= _RELIABLE * total


def is_hopeless(record: HubRecord) -> bool:
    """Whether to give the subscription up: some hubs take subscriptions and never push."""
    return record.pushed == 0 and record.polled >= _HOPELESS
