"""Which column of an export holds what: by the names that platforms and tools give them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.errors import UsageError

#: What a column may hold, by the heads that are known, the surest first; compared without case and signs.
#: Sources: exports of Buffer, Hootsuite, Meta Business Suite, X analytics and LinkedIn, 2024-2026, and
#: public data. X counts reposts and, as "shares", something else: reposts come first.
HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "time": (
        "ts utc", "time utc", "timestamp utc", "date utc", "created at utc", "published at utc",
        "published at", "publish time", "published time", "post publish time", "status published",
        "published", "post publish date", "publish date", "published date", "date published", "posted at",
        "posted date", "date posted", "sent at", "sent time", "send time", "date sent",
        "date gmt", "date utc time", "created at", "created time", "created utc", "create time",
        "post created date", "post date", "tweet date", "time posted", "timestamp", "datetime",
        "date time", "date and time", "posted", "ts", "ts local", "ts eastern", "time", "date",
        "created date", "created", "when", "waktu", "tanggal", "tanggal terbit", "diterbitkan",
    ),
    "clock": (
        "time", "hour", "post time", "time of day", "jam", "pukul",
    ),
    "zone": (
        "tz", "zone", "time zone", "timezone", "zona", "zona waktu",
    ),
    "account": (
        "account", "channel", "page", "page name", "profile", "profile name", "account name",
        "account username", "page id", "user", "username", "screen name", "shop", "seller", "akun",
        "kanal",
    ),
    "type": (
        "type", "post type", "status type", "media type", "content type", "format", "media", "jenis",
        "tipe",
    ),
    "text": (
        "text", "post text", "tweet text", "caption", "description", "message", "post title", "title",
        "update title", "post", "content", "post message", "teks", "isi",
    ),
    "id": (
        "id", "post id", "tweet id", "status id", "permalink", "post link", "tweet permalink",
        "post permalink", "post url", "update link",
    ),
    "link": (
        "permalink", "post link", "tweet permalink", "post permalink", "post url", "update link", "link",
        "url", "tautan",
    ),
    "engagement": (
        "engagement", "engagements", "total engagement", "total engagements", "total interactions",
        "t interactions", "interactions", "reactions comments and shares",
    ),
    "reactions": (
        "reactions", "num reactions", "reaction count", "total reactions", "likes and reactions",
        "likes", "num likes", "like count", "like", "favorites", "favorite count", "favourites",
        "points", "score", "upvotes", "suka", "reaksi",
    ),
    "replies": (
        "comments", "num comments", "comment count", "comment", "replies", "reply count", "num replies",
        "komentar", "balasan",
    ),
    "shares": (
        "reposts", "repost count", "retweets", "retweet count", "boosts", "boost count", "reblogs", "shares",
        "num shares", "share count", "share", "bagikan", "dibagikan",
    ),
}  # fmt: skip
#: The three that make engagement together.
PARTS: Final = ("reactions", "replies", "shares")
#: A day in one column and its clock in another.
_DAYS: Final = ("date", "date posted", "post date", "created date", "tanggal")
_CLOCKS: Final = ("time", "hour", "when", "waktu")
#: Exports that are known by name, by heads that only they have together.
_EXPORTS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("Meta Business Suite", frozenset({"publish time", "permalink", "post type"})),
    ("X analytics", frozenset({"post id", "post link", "reposts"})),
    ("X analytics", frozenset({"tweet id", "tweet permalink"})),
    ("LinkedIn", frozenset({"post title", "post link", "created date"})),
    ("LinkedIn", frozenset({"update title", "update link", "created date"})),
    ("LinkedIn", frozenset({"post url", "post publish date"})),
)
#: Heads that say in which zone their times are.
_UTC_HEAD: Final = re.compile(r"\b(utc|gmt)\b")


@dataclass(frozen=True, slots=True)
class Columns:
    """Heads as the file writes them, by what they hold."""

    by_use: Mapping[str, str]
    #: Columns whose sum is the engagement.
    engagement: tuple[str, ...]
    #: The head of the time names UTC.
    times_are_utc: bool
    #: Whose export it is; empty: the columns are known by their names alone.
    export: str = ""

    def __getitem__(self, use: str) -> str | None:
        return self.by_use.get(use)


def recognised(heads: Sequence[str], named: Mapping[str, str]) -> Columns:
    """The columns of a file.

    Args:
        named: what a person said: use → head; ``engagement`` may name several, with commas.

    Raises:
        UsageError: a named column is not there, or none holds the time or any engagement.
    """
    by_plain: dict[str, str] = {}
    for head in heads:
        by_plain.setdefault(_plain(head), head)
    found: dict[str, str] = {}
    for use, choices in HEADS.items():
        known = next((by_plain[one] for one in choices if one in by_plain), None)
        if known is not None:
            found[use] = known
    day = next((by_plain[one] for one in _DAYS if one in by_plain), None)
    if day is not None and _plain(found.get("time", "")) in _CLOCKS:
        found["clock"], found["time"] = found["time"], day
    for use, said in named.items():
        if use not in HEADS:
            raise UsageError(f"There is nothing called {use!r}. A column may be: {', '.join(HEADS)}.")
        if use != "engagement":
            found[use] = _there(said, by_plain, heads)
    if "time" not in found:
        raise UsageError(
            f"No column holds the time of the posts (there are: {_listed(heads)}). "
            "Name it with --column time=NAME."
        )
    if found.get("clock") == found["time"]:
        del found["clock"]
    export = next((name for name, needed in _EXPORTS if needed <= set(by_plain)), "")
    return Columns(found, _engagement(named, found, by_plain, heads), _is_utc(found["time"]), export)


def _engagement(
    named: Mapping[str, str], found: Mapping[str, str], by_plain: Mapping[str, str], heads: Sequence[str]
) -> tuple[str, ...]:
    if "engagement" in named:
        return tuple(_there(one, by_plain, heads) for one in named["engagement"].split(","))
    parts = tuple(found[part] for part in PARTS if part in found)
    if parts:
        return parts
    if "engagement" in found:
        return (found["engagement"],)
    raise UsageError(
        f"No column holds reactions, comments, shares or engagement (there are: {_listed(heads)}). "
        "Name them with --column engagement=NAME,NAME."
    )


def _there(head: str, by_plain: Mapping[str, str], heads: Sequence[str]) -> str:
    actual = by_plain.get(_plain(head))
    if actual is None:
        raise UsageError(f"There is no column {head.strip()!r}. The columns are: {_listed(heads)}.")
    return actual


def _listed(heads: Sequence[str]) -> str:
    shown = [head.strip()[:30] for head in heads if head.strip()]
    return ", ".join(shown[:20]) + (" and others" if len(shown) > 20 else "")


def _is_utc(head: str) -> bool:
    return bool(_UTC_HEAD.search(_plain(head)))


def _plain(head: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", head.casefold()).split())
