"""From the time on a clock to an instant, by whatever a feed says about its zone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: Hours east of UTC of the abbreviations that feeds use and that nobody resolves for us. Where one has
#: several meanings (IST, CST, BST) it stands for the one that feeds use most.
ZONES: Final = {
    "ACDT": 10.5, "ACST": 9.5, "ADT": -3, "AEDT": 11, "AEST": 10, "AKDT": -8, "AKST": -9, "ART": -3,
    "AST": -4, "AWST": 8, "BRST": -2, "BRT": -3, "BST": 1, "CAT": 2, "CDT": -5, "CEST": 2, "CET": 1,
    "CLST": -3, "CLT": -4, "COT": -5, "CST": -6, "EAT": 3, "EDT": -4, "EEST": 3, "EET": 2, "EST": -5,
    "GMT": 0, "GST": 4, "HKT": 8, "HST": -10, "ICT": 7, "IDT": 3, "IRST": 3.5, "IST": 5.5, "JST": 9, "KST": 9,
    "MDT": -6, "MESZ": 2, "MEZ": 1, "MMT": 6.5, "MSD": 4, "MSK": 3, "MST": -7, "MYT": 8, "NDT": -2.5,
    "NPT": 5.75, "NST": -3.5, "NZDT": 13, "NZST": 12, "PDT": -7, "PET": -5, "PHT": 8, "PKT": 5, "PST": -8,
    "SAST": 2, "SGT": 8, "SST": -11, "TRT": 3, "UT": 0, "UTC": 0, "UYT": -3, "VET": -4, "WAT": 1, "WEST": 1,
    "WET": 0, "WIB": 7, "WIT": 9, "WITA": 8, "Z": 0,
}  # fmt: skip
#: Hours from UTC. No zone is farther than 14, but some feeds say so, and all readers calculate with it.
_FARTHEST: Final = 47
_OFFSET: Final = re.compile(r"(?<![\w/])(?:[A-Za-z]{1,5})?([+-])(\d{1,2}):?(\d\d)?(?!\d)")
_PLACE: Final = re.compile(r"\b([A-Z][A-Za-z]+/[A-Z][A-Za-z_/-]+)")
_WORD: Final = re.compile(r"\b[A-Za-z]{1,5}\b")


def instant(wall: datetime, zone: str) -> datetime:
    """The instant in UTC.

    Args:
        wall: what the clock shows, as if it stood in UTC.
        zone: the rest of a date: an offset, an abbreviation, the name of a place, or nothing, which is UTC,
            as is a zone that nobody knows.

    Raises:
        ValueError: the offset is larger than 47 hours, or the instant lies outside of the calendar.
    """
    offset = _OFFSET.search(zone)
    if offset:
        return _shifted(wall, hours=int(offset[2]), minutes=int(offset[3] or 0), is_west=offset[1] == "-")
    place = _place(zone)
    if place:
        return wall.replace(tzinfo=place).astimezone(UTC)
    known = (ZONES[word.upper()] for word in _WORD.findall(zone) if word.upper() in ZONES)
    hours, minutes = divmod(round(next(known, 0) * 60), 60)
    return _shifted(wall, hours=hours, minutes=minutes, is_west=False)


def _shifted(wall: datetime, *, hours: int, minutes: int, is_west: bool) -> datetime:
    if hours > _FARTHEST or minutes > 59:
        raise ValueError(f"no zone is {hours}:{minutes} hours away")
    east = timedelta(hours=hours, minutes=minutes) * (-1 if is_west else 1)
    try:
        return wall - east
    except OverflowError as exc:
        raise ValueError(str(exc)) from exc


def _place(zone: str) -> ZoneInfo | None:
    """The zone of a name such as ``Asia/Jakarta``."""
    named = _PLACE.search(zone)
    try:
        return ZoneInfo(named[1]) if named else None
    except (KeyError, ValueError, OSError):
        return None
