"""Short links as pages and the API show them."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.audience import REASONS
from domain.metrics import Audience
from domain.period import day_at, day_start
from domain.sentence import Words
from domain.sheet import guarded
from scheduler.links import Addresses
from store import clicks
from store.tables import Link

#: Stretches of time that a link's page offers, in days.
STRETCHES: Final = (7, 30, 90, 365)
#: What a click kept before reasons were.
_NOT_KEPT: Final = Words("not kept: older than reasons", "tidak dicatat: lebih lama dari alasan")


@dataclass(frozen=True, slots=True)
class Row:
    """One link of a list."""

    link: Link
    address: str
    counts: Mapping[Audience, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def rows(session: Session, found: Sequence[Link], where: Addresses) -> list[Row]:
    """Links with their clicks so far."""
    counts = clicks.totals(session, (link.id for link in found))
    return [Row(link, where.of(link), counts[link.id]) for link in found]


def stretch(days: int, zone: str, *, now: datetime) -> tuple[datetime, datetime]:
    """From the beginning of the first of so many days of a zone, the last of which is today, until now."""
    where = ZoneInfo(zone)
    first = day_at(now, where) - timedelta(days=days - 1)
    return day_start(first, where), now + timedelta(microseconds=1)


def reason(why: str | None, language: str) -> str:
    """Why a click has its class."""
    return (REASONS.get(why, _NOT_KEPT) if why else _NOT_KEPT).said(language)


def sheet(session: Session, link: Link, *, start: datetime, end: datetime) -> Iterator[str]:
    """Every click of a link as CSV: nothing in it tells who clicked."""
    yield _line(("time_utc", "class", "reason", "referrer", "country"))
    for at, audience, why, referrer, country in clicks.each(session, link, start=start, end=end):
        moment = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        yield _line((moment, audience, why or "", guarded(referrer or ""), country or ""))


def _line(cells: Sequence[str]) -> str:
    into = io.StringIO()
    csv.writer(into).writerow(cells)
    return into.getvalue()
