"""What becomes of the entries that were there before us: a choice that only a person can make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from domain.entry import Entry
from domain.errors import UsageError
from domain.schedule import instant

#: How a choice is written, for texts that ask for one.
CHOICES: Final = "none, newest, last:N (such as last:3) or since:DATE (such as since:2026-11-01)"


@dataclass(frozen=True, slots=True)
class Existing:
    """Which entries that exist already are to be posted."""

    #: The newest so many; None: no limit by number.
    newest: int | None = 0
    #: Those published on this day or later; None: no limit by date.
    since: date | None = None

    def __str__(self) -> str:
        if self.since is not None:
            return f"since:{self.since.isoformat()}"
        match self.newest:
            case 0:
                return "none"
            case 1:
                return "newest"
            case number:
                return f"last:{number}"

    def chosen(self, entries: Sequence[Entry], *, where: ZoneInfo) -> list[bool]:
        """For each entry, oldest first, whether it is chosen. Without a date it is not *since* any day.

        Args:
            where: the zone whose midnight begins the day.
        """
        if self.since is not None:
            start = instant(datetime.combine(self.since, time()), where)
            return [_dated_from(entry, start) for entry in entries]
        first = len(entries) - (self.newest or 0)
        return [place >= first for place in range(len(entries))]


def parse_existing(text: str) -> Existing:
    """A choice as people write it.

    Raises:
        UsageError: it is none of those there are.
    """
    kind, _, value = text.strip().lower().partition(":")
    if kind == "none" and not value:
        return Existing(newest=0)
    if kind == "newest" and not value:
        return Existing(newest=1)
    if kind == "last" and value.isascii() and value.isdigit() and 0 < int(value) <= 100_000:
        return Existing(newest=int(value))
    if kind == "since":
        try:
            return Existing(newest=None, since=date.fromisoformat(value.strip()))
        except ValueError:
            pass  # the sentence below fits here too
    raise UsageError(f"Cannot read the choice {text!r}. Choose {CHOICES}.")


def _dated_from(entry: Entry, start: datetime) -> bool:
    dated = entry.published_at or entry.updated_at
    return dated is not None and dated >= start
