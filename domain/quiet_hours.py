"""Quiet hours and digests as people write them."""

import re
from typing import Final

from domain.errors import UsageError

_HOURS: Final = re.compile(r"(\d{1,2})[:.](\d{2})\s*(?:-|–|to)\s*(\d{1,2})[:.](\d{2})")


def parse_quiet(text: str) -> tuple[int | None, int | None]:
    """``22:00-07:00`` as minutes after midnight; ``none`` or nothing: no quiet hours.

    Raises:
        UsageError: it is neither.
    """
    plain = text.strip().lower()
    if plain in ("", "none"):
        return None, None
    found = _HOURS.fullmatch(plain)
    if found is None:
        raise UsageError(f"Cannot read the quiet hours {text!r}. Write them as 22:00-07:00, or none.")
    hour, minute, until_hour, until_minute = map(int, found.groups())
    if max(hour, until_hour) > 23 or max(minute, until_minute) > 59:
        raise UsageError(f"There is no such hour as in {text!r}. Hours go from 00:00 to 23:59.")
    return hour * 60 + minute, until_hour * 60 + until_minute


def quiet_text(begin: int | None, end: int | None) -> str:
    """The same back; empty: none."""
    if begin is None or end is None:
        return ""
    return f"{begin // 60:02d}:{begin % 60:02d}-{end // 60:02d}:{end % 60:02d}"


def parse_digest(text: str) -> int | None:
    """The hour of a digest: ``7``, ``07:00``; ``at once`` or nothing: no digest.

    Raises:
        UsageError: it is neither.
    """
    plain = text.strip().lower()
    if plain in ("", "none", "at once", "at-once"):
        return None
    found = re.fullmatch(r"(\d{1,2})(?:[:.]00)?", plain)
    if found is None or int(found[1]) > 23:
        raise UsageError(f"Cannot read the hour {text!r}. Write a whole hour such as 07:00, or at-once.")
    return int(found[1])
