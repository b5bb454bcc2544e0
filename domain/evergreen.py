"""Evergreens: when a text may come back, and which of its variants comes next. Pure rules."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.errors import UsageError

#: Bounds of what people may choose, in days, cycles and texts.
LONGEST_COOLDOWN: Final = 3_650
MOST_CYCLES: Final = 10_000
LONGEST_FILL: Final = 60
MOST_VARIANTS: Final = 100
#: Days of cooldown after which the same text may come again.
REST_OF_ONE: Final = 30


@dataclass(frozen=True, slots=True)
class Season:
    """Days of every year, both included; one that begins later than it ends goes over the new year."""

    first: tuple[int, int]  #: month, day
    last: tuple[int, int]

    def has(self, day: date) -> bool:
        """Whether the day lies in it."""
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How often and when an evergreen comes back."""

    #: At least so long between two of its posts.
    cooldown: timedelta
    #: So many posts at most; None: no end.
    max_cycles: int | None = None
    #: None: all year.
    season: Season | None = None
    #: The last day on which it may go out, in the channel's zone; None: it does not expire.
    last_day: date | None = None
    #: Only slots that are still empty so long before their time are taken.
    fill: timedelta = timedelta(days=2)

    def has_day(self, day: date) -> bool:
        """Whether a post may go out on this day of the channel's zone."""
        if self.last_day is not None and day > self.last_day:
            return False
        return self.season is None or self.season.has(day)


@dataclass(frozen=True, slots=True)
class Past:
    """What of its cycles counts."""

    #: Cycles that were not skipped.
    counted: int = 0
    #: The hour of the latest one, skipped or not; None: there was none.
    last_at: datetime | None = None
    #: The words of the latest one that went out, or may have; empty: none did.
    last_words: str = ""


def is_spent(rules: Rules, past: Past) -> bool:
    """Whether all its cycles are used up."""
    return rules.max_cycles is not None and past.counted >= rules.max_cycles


def is_expired(rules: Rules, *, today: date) -> bool:
    """Whether its last day is over."""
    return rules.last_day is not None and today > rules.last_day


def may_fill(rules: Rules, past: Past, at: datetime, *, where: ZoneInfo, after: datetime) -> bool:
    """Whether the next cycle may take a slot at that instant.

    Args:
        where: the channel's zone.
        after: slots before this are left alone.
    """
    earliest = after if past.last_at is None else max(after, past.last_at + rules.cooldown)
    return earliest <= at <= after + rules.fill and rules.has_day(at.astimezone(where).date())


def next_variant(texts: Sequence[str], start: int, *, last_words: str) -> int:
    """The variant that is due, from ``start`` on in turn, but never one with the words of the last post."""
    for step in range(len(texts)):
        place = (start + step) % len(texts)
        if words_of(texts[place]) != last_words:
            return place
    return start % len(texts)


def words_of(text: str) -> str:
    """What tells two texts apart: their words, whatever their case, spaces and addresses are."""
    bare = re.sub(r"https?://\S+", " ", text, flags=re.IGNORECASE)
    return " ".join(bare.casefold().split()) or " ".join(text.split())


def check_variants(texts: Sequence[str], rules: Rules, *, refuses_repeats: bool) -> None:
    """Raise `UsageError` unless these texts can take turns.

    Where the platform takes a text again, one alone will do after a long rest.
    """
    if not 1 <= len(texts) <= MOST_VARIANTS:
        raise UsageError(f"An evergreen has 1 to {MOST_VARIANTS} texts.")
    if not all(text.strip() for text in texts):
        raise UsageError("Each text of an evergreen needs words; a link alone is none.")
    if rules.max_cycles == 1 or len({words_of(text) for text in texts}) > 1:
        return
    if refuses_repeats:
        raise UsageError(
            "An evergreen that comes back needs at least two different texts here: the platform refuses a "
            "text that it has had."
        )
    if rules.cooldown < timedelta(days=REST_OF_ONE):
        raise UsageError(
            "An evergreen that comes back needs at least two different texts, or a cooldown of "
            f"{REST_OF_ONE} days and more."
        )


def season(text: str) -> Season | None:
    """A season as people write it: ``12-01..01-15``, month and day; None: the text is empty.

    Raises:
        UsageError: it cannot be read.
    """
    if not text.strip():
        return None
    found = re.fullmatch(r"\s*(\d{2})-(\d{2})\s*\.\.\s*(\d{2})-(\d{2})\s*", text)
    if found is None:
        raise UsageError(
            f"Cannot read the season {text.strip()[:30]!r}. Write it as 12-01..01-15, month and day."
        )
    first, last = (int(found[1]), int(found[2])), (int(found[3]), int(found[4]))
    for month, day in (first, last):
        try:
            date(2000, month, day)
        except ValueError:
            raise UsageError(
                f"There is no day {month:02}-{day:02}. Write month and day, such as 12-01."
            ) from None
    return Season(first, last)


def season_text(found: Season | None) -> str:
    """The season in the form that `season` reads; empty: all year."""
    if found is None:
        return ""
    (month, day), (last_month, last_day) = found.first, found.last
    return f"{month:02}-{day:02}..{last_month:02}-{last_day:02}"


def check_rules(rules: Rules) -> None:
    """Raise `UsageError` unless the rules are within their bounds."""
    if not timedelta(days=1) <= rules.cooldown <= timedelta(days=LONGEST_COOLDOWN):
        raise UsageError(f"The cooldown is 1 to {LONGEST_COOLDOWN:,} days.")
    if rules.max_cycles is not None and not 1 <= rules.max_cycles <= MOST_CYCLES:
        raise UsageError(f"The number of cycles is 1 to {MOST_CYCLES:,}, or none for no end.")
    if not timedelta(days=1) <= rules.fill <= timedelta(days=LONGEST_FILL):
        raise UsageError(f"Empty slots are filled 1 to {LONGEST_FILL} days ahead.")
