"""Dates as feeds write them, turned into UTC instants or into nothing."""

import calendar
import html
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Final

from feeds.months import month_of
from feeds.zones import instant

#: No feed is older; earlier years are defaults such as 1970 or 0001.
_FIRST_YEAR: Final = 1990
#: Longest date, in characters.
_LONGEST: Final = 100
#: How far a date may lie ahead before it is taken for a mistake.
_AHEAD: Final = timedelta(days=2)
#: Years of two digits from here on belong to the last century (RFC 5322, 4.3).
_LAST_CENTURY: Final = 50
_CLOCK: Final = (
    r"(?P<H>\d{1,2})[:.時시](?P<M>\d\d)[分분]?(?:[:.](?P<S>\d\d)(?:[.,]\d{1,12})?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\b\.?)?"
)
_REST: Final = r"(?P<zone>\s*(?:[A-Za-z+\[(-].*)?)"
#: ``2024-01-05T10:00:00Z`` and its relatives: the year comes first.
_YEAR_FIRST: Final = re.compile(
    rf"(?P<y>\d{{4}})\s*[-/.年년]\s*(?P<m>\d{{1,2}})(?:\s*[-/.月월]\s*(?P<d>\d{{1,2}})[日일]?(?:(?:[Tt,]|\s)\s*{_CLOCK})?)?{_REST}"
)
_COMPACT: Final = re.compile(
    rf"(?P<y>\d{{4}})(?P<m>\d\d)(?P<d>\d\d)(?:[Tt]?(?P<H>\d\d)(?P<M>\d\d)(?P<S>\d\d)?(?P<half>(?!))?)?{_REST}"
)
#: ``22.11.2022 12:16`` and ``13/1/2024``: the day comes first, or, in America, the month.
_YEAR_LAST: Final = re.compile(
    rf"(?P<d>\d{{1,2}})(?P<sign>[./-])(?P<m>\d{{1,2}})(?P=sign)(?P<y>\d{{4}}|\d\d)(?:(?:[Tt,]|\s)\s*{_CLOCK})?{_REST}"
)
_SECONDS: Final = re.compile(r"(\d{10})(?:\.\d+|\d{3})?")
_TIME: Final = re.compile(rf"(?<![\d.+-]){_CLOCK}(?!\d)")
_WORD: Final = re.compile(r"[^\W\d_]+")
_DAY_OR_YEAR: Final = re.compile(r"(?<![\d+:])(?<!\s-)(?:\d{4}|\d{1,2})(?![\d:])")


def utc(text: str | None, parsed: time.struct_time | None = None, *, now: datetime) -> datetime | None:
    """The instant that a feed means.

    Own rules come first for the forms that they know, since feedparser reads an unknown zone as UTC and
    fills what it cannot read from today; its reading is the fall-back for the languages that it knows alone.

    Args:
        text: the raw date.
        parsed: feedparser's reading of it, in UTC.
        now: current time, UTC; dates more than two days ahead are mistakes.

    Returns:
        None when there is no date, or none between 1990 and two days from now.
    """
    raw = html.unescape(text or "").strip()
    if not raw or len(raw) > _LONGEST:
        return None
    try:
        found = _own(raw)
    except ValueError:  # of a form that we know, and impossible
        return None
    if found is None and parsed is not None and not (raw.isascii() and raw[0] in "0123456789+-"):
        found = _from_struct(parsed)
    if found is None or found.year < _FIRST_YEAR or found > now + _AHEAD:
        return None
    return found


def _own(text: str) -> datetime | None:
    """The instant; None for a form that none of our rules knows."""
    seconds = _SECONDS.fullmatch(text)
    if seconds:
        return datetime.fromtimestamp(int(seconds[1]), UTC)
    for form in (_YEAR_FIRST, _COMPACT):
        match = form.fullmatch(text)
        if match:
            return _instant(match, int(match["y"]), int(match["m"]), int(match["d"] or 1))
    match = _YEAR_LAST.fullmatch(text)
    return _year_last(match) if match else _named_month(text)


def _year_last(match: re.Match[str]) -> datetime | None:
    """With full stops the day comes first; with other signs only where one of the two can be no month."""
    day, month = int(match["d"]), int(match["m"])
    is_american = match["sign"] != "." and (month > 12 or (match["half"] is not None and day <= 12))
    if is_american:
        day, month = month, day
    elif match["sign"] != "." and day <= 12 and day != month:
        return None
    return _instant(match, _full_year(match["y"]), month, day)


def _named_month(text: str) -> datetime | None:
    """``Mon, 01 Jan 2024 10:00:00 CEST``, ``January 5, 2024 at 10:00 pm``, ``5 Agustus 2024``."""
    words = [(word, month_of(word[0])) for word in _WORD.finditer(text)]
    named = [(word, month) for word, month in words if month]
    if not named:
        return None
    word, month = named[-1]  # in some languages Tuesday is called as March is
    clock = _TIME.search(text)
    start, end = clock.span() if clock else (len(text), len(text))
    numbers = [one for one in _DAY_OR_YEAR.finditer(text) if not start <= one.start() < end]
    years = [one for one in numbers if len(one[0]) == 4 and one[0] >= "1900"]
    days = [one for one in numbers if len(one[0]) < 4]
    if not years and len(days) > 1:
        years = [days.pop(1)]
    if not years or not days:
        return None
    after = max(end if clock else 0, years[0].end(), days[0].end(), word.end())
    zone = text[end:] if clock else text[after:]
    zone = zone.replace(years[0][0], " ", 1) if clock and years[0].start() > end else zone
    return _instant(clock, _full_year(years[0][0]), month or 0, int(days[0][0]), zone)


def _instant(
    clock: re.Match[str] | None, year: int, month: int, day: int, zone: str | None = None
) -> datetime:
    hour, minute, second = (int((clock and clock[part]) or 0) for part in ("H", "M", "S"))
    if clock and clock["half"] and hour <= 12:
        hour = hour % 12 + (12 if clock["half"] in "Pp" else 0)
    midnight = timedelta(days=1) if (hour, minute, second) == (24, 0, 0) else timedelta(0)
    wall = datetime(year, month, day, 0 if midnight else hour, minute, min(second, 59), tzinfo=UTC)
    return instant(wall + midnight, zone if zone is not None else (clock["zone"] if clock else ""))


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) > 2 else year + (1900 if year >= _LAST_CENTURY else 2000)


def _from_struct(parsed: time.struct_time) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
