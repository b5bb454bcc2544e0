"""Named sets of days on which a channel may keep silent: dated data files, each with its source."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from domain.sentence import Words

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class HolidaySet:
    """The holidays of some years, as somebody announced them."""

    key: str
    name: Words
    #: Where the days come from, and the day on which they were read there.
    source: str
    as_of: date
    #: Years that are complete; of others nothing is known.
    years: tuple[int, ...]
    days: Mapping[date, Words]


@cache
def names_of_sets() -> tuple[str, ...]:
    """The keys of all sets, in order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def holiday_set(key: str) -> HolidaySet:
    """The set of that key; a `KeyError` when there is none."""
    if key not in names_of_sets():
        raise KeyError(key)
    read = json.loads((_FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    return HolidaySet(
        key=key,
        name=Words(read["name"]["en"], read["name"]["id"]),
        source=read["source"],
        as_of=date.fromisoformat(read["as_of"]),
        years=tuple(read["years"]),
        days={
            date.fromisoformat(day): Words(words["en"], words["id"]) for day, words in read["days"].items()
        },
    )
