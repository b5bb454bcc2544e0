"""What makes two entries of a feed the same, however the publisher changes addresses.

An entry gets up to five keys and is new only if none of them was ever seen. A key that two entries of the
document share tells nothing: it is left out now, and by whoever stores the keys from then on.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from domain.entry import Entry, EntryKey, KeyKind

#: Query parameters that only track the reader.
_TRACKING: Final = re.compile(
    r"(?:utm_\w*|mtm_\w*|pk_(?:campaign|kwd|source|medium|content)|matomo_\w*|hsa_\w*|vero_\w*|oly_\w*"
    r"|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|twclid|ttclid|yclid|igshid|igsh|li_fat_id|mc_[ce]id"
    r"|_hsenc|_hsmi|__hs\w+|mkt_tok|_openstat|ref_src|ref_url|srsltid|wickedid|__readwiselocation)",
    re.IGNORECASE,
)
_TRACKING_FRAGMENT: Final = re.compile(r"(?:utm_\w+|xtor|echobox|ftag|at_\w+)=", re.IGNORECASE)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_SHORT_LABEL: Final = 3
#: Kinds that say something only where all entries are of one site.
_PATHS: Final = frozenset({KeyKind.GUID_PATH, KeyKind.LINK_PATH})


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells an entry from others, before the rest of its document is looked at."""

    #: One of each kind that applies to the entry.
    keys: tuple[EntryKey, ...]
    #: 16 bytes over guid, link and words: equal for exact repetitions.
    whole: bytes
    #: 8 bytes over the site that the guid, else the link, is an address of; empty when it is none.
    site: bytes


@dataclass(frozen=True, slots=True)
class Keyed:
    """The keys of a document."""

    #: Of each entry, by its position; exact repetitions are left out.
    keys: dict[int, tuple[EntryKey, ...]]
    #: Those that several different entries have, so that they tell nothing.
    shared: frozenset[EntryKey]


def with_keys(entries: Sequence[Entry], *, site_url: str | None = None) -> tuple[Entry, ...]:
    """The entries with their keys, in the same order; exact repetitions are dropped.

    Every entry that comes back has at least one key.

    Args:
        site_url: the feed's own page; a link to it identifies no entry.
    """
    found = keys_within([marks_of(entry) for entry in entries], site_url=site_url).keys
    return tuple(replace(entries[place], keys=keys) for place, keys in found.items())


def marks_of(entry: Entry) -> Marks:
    """The marks of one entry."""
    guid_path = _path(entry.guid)
    values = {
        KeyKind.GUID: entry.guid,
        KeyKind.GUID_PATH: guid_path,
        KeyKind.LINK: _link(entry.link),
        KeyKind.TEXT: _text(entry),
        KeyKind.LINK_PATH: None if guid_path else _path(entry.link and canonical_link(entry.link)),
    }
    words = text_digest(entry.title, entry.text).hex()
    everything = "\n".join((entry.guid or "", _link(entry.link) or "", words))
    address = entry.guid if guid_path else entry.link if values[KeyKind.LINK_PATH] else None
    return Marks(
        keys=tuple(_key(kind, value) for kind, value in values.items() if value),
        whole=_key(KeyKind.TEXT, everything).key,
        site=blake2b(_site(address).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        if address
        else b"",
    )


def last_resort(entry: Entry) -> EntryKey:
    """The key of an entry of which nothing else tells it apart: guid, link and words together."""
    return EntryKey(KeyKind.TEXT, marks_of(entry).whole)


def keys_within(document: Sequence[Marks], *, site_url: str | None = None) -> Keyed:
    """The keys that hold for each entry of a document.

    A kind of key is left out where it does not tell the entry from another one of the document.
    """
    first: dict[bytes, int] = {}
    for place, marks in enumerate(document):
        first.setdefault(marks.whole, place)
    distinct = [document[place] for place in first.values()]
    one_site = len({marks.site for marks in distinct if marks.site}) <= 1
    homes = _homes(site_url)
    counts = Counter(key for marks in distinct for key in marks.keys)
    pairs = Counter(_pair(marks) for marks in distinct)
    found = {}
    for place, marks in zip(first.values(), distinct, strict=True):
        keys = tuple(
            key
            for key in marks.keys
            if counts[key] == 1 and key not in homes and (one_site or key.kind not in _PATHS)
        )
        if _has_name(marks.keys) and not _has_name(keys):
            # All that it has tells it apart, whatever its date becomes.
            pair = _pair(marks)
            own = pair if pair and pairs[pair] == 1 else EntryKey(KeyKind.TEXT, marks.whole)
            keys += (own,)
        found[place] = keys or (EntryKey(KeyKind.TEXT, marks.whole),)
    return Keyed(found, frozenset(key for key, number in counts.items() if number > 1 and key not in homes))


def _has_name(keys: Iterable[EntryKey]) -> bool:
    return any(key.kind in (KeyKind.GUID, KeyKind.LINK) for key in keys)


def _homes(site_url: str | None) -> frozenset[EntryKey]:
    """Keys of entries that lead to the feed's own page: they say nothing, ever."""
    link = canonical_link(site_url) if site_url else None
    values = {KeyKind.LINK: _link(link), KeyKind.LINK_PATH: _path(link)}
    return frozenset(_key(kind, value) for kind, value in values.items() if value)


def _pair(marks: Marks) -> EntryKey | None:
    parts = [key.key for key in marks.keys if key.kind in (KeyKind.GUID, KeyKind.LINK)]
    if len(parts) < 2:
        return None
    raw = bytes([KeyKind.GUID_AND_LINK]) + b"".join(parts)
    return EntryKey(KeyKind.GUID_AND_LINK, blake2b(raw, digest_size=16).digest())


def canonical_link(url: str) -> str:
    """``url`` without what only tracks the reader.

    Scheme and host in lower case, no default port, no tracking parameters; the order and the encoding of all
    that is left stay as they are, so that a signed address keeps working.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url.strip()
    userinfo, at, _ = parts.netloc.rpartition("@")
    host = parts.netloc[len(userinfo) + len(at) :].lower()
    if port is not None and port == _DEFAULT_PORTS.get(parts.scheme):
        host = host.rpartition(":")[0]
    query = "&".join(
        part for part in parts.query.split("&") if part and not _TRACKING.fullmatch(part.partition("=")[0])
    )
    fragment = "" if _TRACKING_FRAGMENT.match(parts.fragment) else parts.fragment
    return urlunsplit((parts.scheme, userinfo + at + host, parts.path or "/", query, fragment))


def text_digest(*parts: str | None) -> bytes:
    """16 bytes over the words of the parts: white space and letter case do not count."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(" ".join((part or "").casefold().split()).encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.digest()


def _key(kind: KeyKind, value: str) -> EntryKey:
    raw = bytes([kind]) + value.encode("utf-8", "surrogatepass")
    return EntryKey(kind, blake2b(raw, digest_size=16).digest())


def _link(url: str | None) -> str | None:
    return _no_scheme(canonical_link(url)) if url else None


def _no_scheme(url: str) -> str:
    """A switch from http to https changes no entry."""
    return url.partition(":")[2] if url.startswith(("http:", "https:")) else url


def _path(url: str | None) -> str | None:
    """Path and query of an address; None when they say nothing, or when it is none."""
    if not url or not url.lower().startswith(("http://", "https://")):
        return None
    rest = url.partition("://")[2]
    start = re.search(r"[/?#]", rest)
    path = rest[start.start() :] if start else ""
    return path if path.strip("/") else None


def _site(url: str) -> str:
    try:
        labels = (urlsplit(url).hostname or "").split(".")
    except ValueError:
        return url
    wide = len(labels) > 2 and len(labels[-2]) <= _SHORT_LABEL  # example.co.id, not co.id
    return ".".join(labels[-3 if wide else -2 :])


def _text(entry: Entry) -> str | None:
    """The words of an entry, and its date if it has other names: a daily "Good morning" is news each day."""
    if not entry.title and not entry.text:
        return None
    dated = entry.published_at if entry.guid or entry.link else None
    return text_digest(entry.title, entry.text).hex() + (dated.isoformat() if dated else "")
