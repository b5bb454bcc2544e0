"""Events of Nostr: made, signed, read, and what the tags of a note say.

Sources: NIP-01 (events, ids, signatures), NIP-10 (threads), NIP-24 (hashtags), NIP-27 (who is named).
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import regex

from domain.metrics import Metric
from publishers.nostr_keys import named
from publishers.schnorr import public_key, sign, verify
from publishers.text import links

#: Kinds of events.
PROFILE, NOTE, CONTACTS, DELETION, REPOST, REACTION, GENERIC_REPOST, AUTH = 0, 1, 3, 5, 6, 7, 16, 22242

Event = dict[str, Any]
Tags = list[list[str]]

_TAG = regex.compile(r"(?<!\S)#(?P<tag>[\p{L}\p{N}\p{M}_]*[\p{L}\p{M}][\p{L}\p{N}\p{M}_]*)")
_NAMED = regex.compile(r"(?<![\w:/])(?:nostr:|@)?(?P<who>(?:npub|nprofile)1[02-9ac-hj-np-z]{50,900})(?!\w)")


def signed(kind: int, tags: Tags, content: str, *, secret: bytes, at: datetime) -> Event:
    """A whole event of our own.

    Args:
        at: its time (UTC), to the second.
    """
    event: Event = {
        "pubkey": public_key(secret).hex(),
        "created_at": int(at.timestamp()),
        "kind": kind,
        "tags": tags,
        "content": content,
    }
    event["id"] = event_id(event)
    event["sig"] = sign(bytes.fromhex(event["id"]), secret, secrets.token_bytes(32)).hex()
    return event


def event_id(event: Mapping[str, Any]) -> str:
    """The hash that names an event (NIP-01), hex."""
    parts = [0, *(event[name] for name in ("pubkey", "created_at", "kind", "tags", "content"))]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read(given: Any) -> Event | None:
    """What a relay sent as an event, when it has the form of one; its signature is not looked at."""
    if not isinstance(given, dict):
        return None
    texts = all(isinstance(given.get(name), str) for name in ("id", "pubkey", "content", "sig"))
    numbers = all(type(given.get(name)) is int for name in ("kind", "created_at"))
    tags = given.get("tags")
    tagged = isinstance(tags, list) and all(
        isinstance(tag, list) and tag and all(isinstance(part, str) for part in tag) for tag in tags
    )
    return given if texts and numbers and tagged and 0 <= given["created_at"] < 2**36 else None


def is_genuine(event: Event) -> bool:
    """Whether an event is named by its hash and signed by its author."""
    try:
        name, author = bytes.fromhex(event["id"]), bytes.fromhex(event["pubkey"])
        is_named = bool(event_id(event) == event["id"])
        return is_named and verify(name, author, bytes.fromhex(event["sig"]))
    except ValueError:
        return False


def made_at(event: Event) -> datetime:
    """When its author says that an event was made (UTC)."""
    return datetime.fromtimestamp(event["created_at"], UTC)


def with_addresses(text: str) -> str:
    """The text with everybody named in it written as a ``nostr:`` address, which apps open."""
    return str(_NAMED.sub(lambda one: f"nostr:{one['who']}" if named(one["who"]) else one[0], text))


def tags_of(text: str) -> Tags:
    """What the tags of a note say of its text: hashtags, and who is named."""
    taken = links(text)
    people = [named(found["who"]) for found in _NAMED.finditer(text)]
    topics = [
        found["tag"].lower()
        for found in _TAG.finditer(text)
        if not any(start <= found.start() < end for start, end in taken)
    ]
    who = [["p", one] for one in dict.fromkeys(filter(None, people))]
    return [*who, *(["t", one] for one in dict.fromkeys(topics))]


def reply_tags(before: Sequence[Event], relay: str) -> Tags:
    """The tags of a note below others of our own: the first is the root, the last is what it answers."""
    root, last, author = before[0]["id"], before[-1]["id"], before[0]["pubkey"]
    answered = [["e", last, relay, "reply", author]] if last != root else []
    return [["e", root, relay, "root", author], *answered, ["p", author]]


def values(event: Event, name: str) -> list[str]:
    """The values of its tags of this name."""
    return [tag[1] for tag in event["tags"] if tag[0] == name and len(tag) > 1]


def answers(event: Event, root: str) -> bool:
    """Whether a note is part of the talk below another one, rather than only naming it (NIP-10)."""
    return any(
        tag[0] == "e" and len(tag) > 1 and tag[1] == root and (len(tag) < 4 or tag[3] != "mention")
        for tag in event["tags"]
    )


def deed(event: Event, remote_id: str) -> tuple[Metric, str] | None:
    """What somebody did with a note, and what tells it from other deeds of its kind; None: nothing.

    Sources: NIP-18 (reposts, quotes), NIP-25 (reactions).
    """
    kind, who = event["kind"], event["pubkey"]
    if kind == REACTION:
        # A minus is a dislike; the note that is meant is named last (NIP-25).
        meant = values(event, "e")[-1:] == [remote_id] and event["content"] != "-"
        return (Metric.REACTIONS, _key(who, event["content"])) if meant else None
    if kind in (REPOST, GENERIC_REPOST):
        return (Metric.SHARES, _key(who)) if remote_id in values(event, "e") else None
    if remote_id in values(event, "q"):
        return Metric.QUOTES, _key(event["id"])
    return (Metric.REPLIES, _key(event["id"])) if answers(event, remote_id) else None


def _key(*names: str) -> str:
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def name_in(profiles: Sequence[Event]) -> str | None:
    """The name that the latest profile gives (NIP-01, kind 0)."""
    for profile in sorted(profiles, key=made_at, reverse=True):
        try:
            said = json.loads(profile["content"])
        except ValueError:
            continue
        if isinstance(said, dict) and isinstance(name := said.get("name"), str) and name.strip():
            return name.strip()[:80]
    return None
