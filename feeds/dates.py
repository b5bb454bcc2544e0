"""Dates as feeds write them, turned into UTC instants or into nothing."""

import calendar
import re
import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Final

#: No feed is older; earlier years are defaults such as 1970 or 0001.
_FIRST_YEAR: Final = 1990
#: Longest date, in characters.
_LONGEST: Final = 100
#: How far a date may lie ahead before it is taken for a mistake.
_AHEAD: Final = timedelta(days=2)
#: Hours east of UTC of the abbreviations that feeds use and that nobody resolves for us. Where one has
#: several meanings (IST, CST, BST) it stands for the one that feeds use most.
ZONES: Final = {
    "ACDT": 10.5, "ACST": 9.5, "ADT": -3, "AEDT": 11, "AEST": 10, "AKDT": -8, "AKST": -9, "ART": -3,
    "AST": -4, "AWST": 8, "BRST": -2, "BRT": -3, "BST": 1, "CAT": 2, "CDT": -5, "CEST": 2, "CET": 1,
    "CLST": -3, "CLT": -4, "COT": -5, "CST": -6, "EAT": 3, "EDT": -4, "EEST": 3, "EET": 2, "EST": -5,
    "GMT": 0, "HKT": 8, "HST": -10, "ICT": 7, "IDT": 3, "IST": 5.5, "JST": 9, "KST": 9, "MDT": -6,
    "MESZ": 2, "MEZ": 1, "MSD": 4, "MSK": 3, "MST": -7, "MYT": 8, "NDT": -2.5, "NPT": 5.75, "NST": -3.5,
    "NZDT": 13, "NZST": 12, "PDT": -7, "PHT": 8, "PKT": 5, "PST": -8, "SAST": 2, "SGT": 8, "TRT": 3,
    "UT": 0, "UTC": 0, "WAT": 1, "WEST": 1, "WET": 0, "WIB": 7, "WIT": 9, "WITA": 8, "Z": 0,
}  # fmt: skip
_NAMED_ZONE: Final = re.compile(r"(?<=[\d\s)])\(?([A-Za-z]{1,5})\)?\s*$")
_ISO: Final = re.compile(
    r"^(\d{4})-?(\d\d)-?(\d\d)(?:[Tt\s]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*(Z|z|[+-]\d\d:?\d\d|[+-]\d\d)?)?$"
)

#: ``2020/1/10 14:33:00`` and ``22.11.2022 12:16``, which feedparser takes for something else.
_NUMERIC: Final = re.compile(
    r"^(?:(?P<y>\d{4})/(?P<m>\d\d?)/(?P<d>\d\d?)|(?P<d2>\d\d?)\.(?P<m2>\d\d?)\.(?P<y2>\d{4}))"
    r"(?:[\sT]+(?P<H>\d\d?):(?P<M>\d\d)(?::(?P<S>\d\d))?)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?$"
)
_HALF_DAY: Final = re.compile(r"\b(\d{1,2}):(\d\d)(?::(\d\d))?\s*([AaPp])\.?[Mm]\b\.?")


def utc(text: str | None, parsed: time.struct_time | None = None, *, now: datetime) -> datetime | None:
    """The instant that a feed means.

    Own rules come first for the forms that they know, since feedparser reads an unknown zone as UTC; its
    reading is the fall-back for all other forms.

    Args:
        text: the raw date.
        parsed: feedparser's reading of it, in UTC.
        now: current time, UTC; dates more than two days ahead are mistakes.

    Returns:
        None when there is no date, or none between 1990 and two days from now.
    """
    raw = (text or "").strip()
    if len(raw) > _LONGEST:
        return None
    found = _iso(raw) or _numeric(raw) or _rfc822(raw)
    if found is None and parsed is not None and not raw.isdigit():
        found = _from_struct(parsed)
    if found is None or found.year < _FIRST_YEAR or found > now + _AHEAD:
        return None
    return found


def _iso(text: str) -> datetime | None:
    match = _ISO.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        zone = _offset(match[7])
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _numeric(text: str) -> datetime | None:
    match = _NUMERIC.match(text)
    if match is None:
        return None
    year, month, day = (int(match[name] or match[f"{name}2"]) for name in "ymd")
    hour, minute, second = (int(match[name] or 0) for name in "HMS")
    try:
        zone = _offset(match["zone"])
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _offset(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if text[0] == "-" else size)


def _rfc822(text: str) -> datetime | None:
    """RFC 822 with the zones of our own table: ``Mon, 01 Jan 2024 10:00:00 CEST``."""
    if not re.search(r"[A-Za-z]{3}", text) or ":" not in text:
        return None
    text = _HALF_DAY.sub(_full_day, text)
    named = _NAMED_ZONE.search(text)
    hours = ZONES.get(named[1].upper()) if named else None
    if named and hours is not None:
        text = text[: named.start()].rstrip() + " +0000"
    try:
        fields = parsedate_tz(text)
        if fields is None or (named and hours is None and fields[9] is None):
            return None
        east = timedelta(hours=hours) if hours is not None else timedelta(seconds=fields[9] or 0)
        local = datetime(*fields[:5], min(fields[5], 59), tzinfo=UTC)
        return local - east
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _full_day(match: re.Match[str]) -> str:
    hour = int(match[1]) % 12 + (12 if match[4] in "Pp" else 0)
    return f"{hour:02}:{match[2]}:{match[3] or '00'}"


def _from_struct(parsed: time.struct_time) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
