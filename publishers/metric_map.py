"""Which of a platform's fields is which metric, and since when: data with dates, because platforms rename.

Three answers are kept apart: a field that is absent gives nothing (*not supplied*), one that is null gives a
`Measured` without a value (*not yet there*), and 0 is a number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from domain.breaks import Break
from domain.metrics import Metric
from domain.sentence import Words
from publishers.base import Measured, Publisher


@dataclass(frozen=True, slots=True)
class Mapped:
    """One field of a platform's answers, while it means one metric."""

    #: Its name; with points where it lies deeper, such as ``public_metrics.like_count``.
    field: str
    metric: Metric
    #: The first day on which the platform gives it; None: it always did.
    since: date | None = None
    #: The first day on which it no longer does; None: it still does.
    until: date | None = None
    #: Where that is documented, or what is odd about it.
    note: str = ""
    #: What people read on the platform itself, where it is another word than ours.
    word: str = ""
    #: So many of the platform's units are one of ours: 1,000 for milliseconds; the rest is cut off.
    per: int = 1

    def holds(self, day: date) -> bool:
        """Whether the platform gives it on this day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


def measured(mapping: Iterable[Mapped], answer: Mapping[str, Any], *, on: date) -> list[Measured]:
    """The numbers in an answer, each metric once: the first field that has it.

    Args:
        on: the day of the reading (UTC).

    Returns:
        A `Measured` for each field that is there; its value is None where the platform says null. Fields
        that hold no whole number of at least 0 count as absent: servers say -1 for what they hide.
    """
    found: dict[Metric, Measured] = {}
    for one in mapping:
        if not one.holds(on):
            continue
        there, value = _read(answer, one.field)
        known = found.get(one.metric)
        if there and (known is None or (known.value is None and value is not None)):
            found[one.metric] = Measured(
                one.metric, None if value is None else value // one.per, source=one.field
            )
    return list(found.values())


def supplied(mapping: Iterable[Mapped], *, on: date | None = None) -> frozenset[Metric]:
    """The metrics that a platform gives on a day; without a day, those that it has not stopped giving."""
    return frozenset(one.metric for one in mapping if (one.until is None if on is None else one.holds(on)))


def breaks_of(kind: type[Publisher]) -> tuple[Break, ...]:
    """The days on which a platform's numbers changed their meaning, oldest first.

    Where one field ends on the day on which another begins, and what the adapter says besides.
    """
    found = [
        Break(
            platform=kind.platform, metric=old.metric, on=new.since, before=old.field, after=new.field,
            what=Words(
                f"{kind.title} gives {new.field} in place of {old.field}: the two do not count the same.",
                f"{kind.title} memberi {new.field} sebagai ganti {old.field}: hitungannya berbeda.",
            ),
        )
        for mapping in (kind.post_map, kind.channel_map)
        for old, new in product(mapping, mapping)
        if old.metric == new.metric and new.since is not None and old.until == new.since
    ]  # fmt: skip
    return tuple(sorted((*found, *kind.breaks), key=lambda one: (one.on, one.metric)))


def _read(answer: Mapping[str, Any], field: str) -> tuple[bool, int | None]:
    """Whether a field is there, and its number; None: not yet."""
    value: Any = answer
    for name in field.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return False, None
        value = value[name]
    if value is None:
        return True, None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)  # some platforms write large numbers as text
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return False, None
    return True, value
