"""Days from which a platform's number means another thing: where the lines of a chart are cut and marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.breaks import Break
from web.i18n import Voice
from web.said import said


@dataclass(frozen=True, slots=True)
class Cut:
    """From this day on the numbers are others; ``what`` says how."""

    day: date
    what: str


def cuts_of(breaks: Iterable[Break], voice: Voice) -> tuple[Cut, ...]:
    """One cut for each day, oldest first; several changes of one day are told together."""
    words: dict[date, list[str]] = {}
    for one in sorted(breaks, key=lambda one: (one.on, one.platform, one.metric)):
        told = words.setdefault(one.on, [])
        if (what := said(voice, one.what)) not in told:
            told.append(what)
    return tuple(Cut(day, " ".join(told)) for day, told in sorted(words.items()))


def part(day: date, cuts: Sequence[Cut]) -> int:
    """Which part of the line a day belongs to."""
    return sum(cut.day <= day for cut in cuts)


def parted(cuts: Sequence[Cut]) -> dict[str, Any]:
    """The encoding that draws each part (field ``part``) as a line of its own; nothing without cuts."""
    return {"detail": {"field": "part"}} if cuts else {}


def marks(cuts: Sequence[Cut], x: Any, voice: Voice) -> list[dict[str, Any]]:
    """A line with a word at each cut; none without."""
    if not cuts:
        return []
    values = [{"day": cut.day.isoformat(), "words": voice.gettext("counted anew")} for cut in cuts]
    label = {"type": "text", "style": "words", "align": "right", "dx": -6, "baseline": "top"}
    return [
        {"data": {"values": values}, "mark": {"type": "rule", "style": "target"}, "encoding": {"x": x}},
        {
            "data": {"values": values},
            "mark": label,
            "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "words"}},
        },
    ]


def with_cuts(gist: str, cuts: Sequence[Cut], voice: Voice) -> str:
    """What a picture says, with what its cuts mean."""
    sentences = [
        voice.gettext("From %(day)s on: %(what)s", day=voice.date(cut.day), what=cut.what) for cut in cuts
    ]
    return " ".join([gist, *sentences])
