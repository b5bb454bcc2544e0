"""What forms have in common: what was typed, made clean; time zones to choose from; the hour of a post."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import Depends, Request

from scheduler.posts import AT_ONCE, DRAFT, NEXT_SLOT
from web.i18n import Voice, offset_words

#: A time that the person names, beside the words of `scheduler.posts`.
AT = "at"
#: Code points; no platform takes more, and a page must stay readable.
LONGEST_TEXT = 50_000


async def _posted(request: Request) -> Mapping[str, str]:
    form = await request.form()
    return {name: clean(value) for name, value in form.items() if isinstance(value, str)}


#: The fields of a form whose names are not known beforehand.
Posted = Annotated[Mapping[str, str], Depends(_posted)]


def clean(text: str) -> str:
    """Text as it may be stored: line ends as ``\\n``, no other control characters, nothing half a letter."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or not _is_control(sign))


def _is_control(sign: str) -> bool:
    return sign < " " or sign == "\x7f" or "\ud800" <= sign <= "\udfff"


def zone_options(first: Iterable[str], *, now: datetime) -> list[tuple[str, str]]:
    """All time zones as (value, label), those most likely meant at the top."""
    likely = list(dict.fromkeys([*first, "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC"]))
    rest = [name for name in _zones() if name not in likely]
    return [(name, offset_words(name, now=now)) for name in likely] + [(name, name) for name in rest]


@lru_cache
def _zones() -> tuple[str, ...]:
    """Places, without the old names that are kept for compatibility only."""
    regions = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
               "Indian", "Pacific")  # fmt: skip
    return tuple(sorted(name for name in available_timezones() if name.split("/")[0] in regions))


class Mistake(Exception):
    """One field of a form needs another look."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def hour(voice: Voice, typed: Mapping[str, str]) -> str:
    """What the fields ``when``, ``at`` and ``zone`` of a form mean, as `scheduler.posts` takes it.

    Raises:
        Mistake: nothing was chosen, or a time without its day or zone.
    """
    _ = voice.gettext
    chosen, at, zone = (typed.get(name, "").strip() for name in ("when", "at", "zone"))
    if chosen in (NEXT_SLOT, AT_ONCE, DRAFT):
        return chosen
    if chosen != AT:
        raise Mistake("when", _("Choose when it goes out."))
    if not at:
        raise Mistake("at", _("Name the day and the time."))
    if not zone:
        raise Mistake("zone", _("Choose the time zone in which this time is meant."))
    return f"{at} {zone}"


def hour_field(typed: Mapping[str, str]) -> str:
    """The field that a refused hour belongs to."""
    return "at" if typed.get("when") == AT else "when"
