"""When to believe a feed that says it lives elsewhere: maintenance pages also answer with redirects."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urlsplit

#: A new address is believed after so many polls, over so long a time.
_POLLS: Final = 3
_TIME: Final = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a feed says that it has gone."""

    url: str
    #: ISO 8601, UTC.
    since: str
    #: Polls in a row that said so.
    seen: int

    @classmethod
    def stored(cls, value: Any) -> Self | None:
        """What the feed's row keeps; None when it never said so."""
        return cls(**value) if value else None

    def as_json(self) -> dict[str, Any]:
        """For the feed's row."""
        return asdict(self)


def seen_again(before: Moved | None, target: str | None, *, url: str, now: datetime) -> Moved | None:
    """The note after a poll that read the feed and heard of ``target``; None when it stays where it is."""
    if target is None or target == url:
        return None
    if before is None or before.url != target:
        return Moved(target, now.isoformat(), 1)
    return Moved(target, before.since, before.seen + 1)


def is_believed(moved: Moved, *, url: str, now: datetime) -> bool:
    """Whether the feed's address is to be changed.

    At once where only http became https; else after three polls over two days.
    """
    if is_upgrade(url, moved.url):
        return True
    return moved.seen >= _POLLS and now - datetime.fromisoformat(moved.since) >= _TIME


def is_upgrade(old: str, new: str) -> bool:
    """Whether two addresses differ in nothing but http and https."""
    before, after = urlsplit(old), urlsplit(new)
    return before.scheme == "http" and after.scheme == "https" and before[1:] == after[1:]


def same_host(old: str, new: str) -> bool:
    """Whether secrets for one address may go to the other."""
    return urlsplit(old).hostname == urlsplit(new).hostname
