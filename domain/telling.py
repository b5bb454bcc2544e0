"""What is told to people and programs, when each wants to hear it, and how long is tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain.errors import TabuhError, UsageError
from domain.sentence import Words


class Way(StrEnum):
    """How a notice leaves."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    APPRISE = "apprise"


class Group(StrEnum):
    """What a person may choose to hear of."""

    #: Days and levels of figures that are out of the ordinary, good or bad.
    FIGURES = "figures"
    #: KPIs at risk, off track or reached.
    KPIS = "kpis"
    #: Feeds, queues, accesses, measurements and posts from which nothing comes.
    SILENCE = "silence"
    #: Numbers that cannot be as they were read.
    NUMBERS = "numbers"
    #: Experiments that have ended.
    EXPERIMENTS = "experiments"
    REPORTS = "reports"


#: The types of notices, as webhooks name them.
KINDS: Final = ("alert.opened", "alert.closed", "report.ready", "guide.unread", "test")

GROUP_WORDS: Mapping[Group, Words] = {
    Group.FIGURES: Words("Figures out of the ordinary", "Angka yang tidak biasa"),
    Group.KPIS: Words("KPIs", "KPI"),
    Group.SILENCE: Words("What has fallen silent", "Yang berhenti bersuara"),
    Group.NUMBERS: Words("Numbers that cannot be right", "Angka yang tidak mungkin benar"),
    Group.EXPERIMENTS: Words("Experiments that have ended", "Eksperimen yang berakhir"),
    Group.REPORTS: Words("Reports", "Laporan"),
}


class NotTold(TabuhError):
    """A delivery that did not go well; the text says why."""

    def __init__(self, text: str, *, retry_after: timedelta | None = None, is_final: bool = False) -> None:
        """``retry_after``: what the receiver asked for; ``is_final``: no later try can go better."""
        super().__init__(text)
        self.retry_after = retry_after
        self.is_final = is_final


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to be told once to everybody whom it concerns."""

    #: The same thing has the same key: told a second time, nothing happens. At most 120 characters.
    key: str
    #: One of `KINDS`.
    kind: str
    #: None: to everybody who is told anything at all.
    group: Group | None = None
    subject: Words
    text: Words
    #: Inside of a mail's body; None: made of the text.
    html: Words | None = None
    #: For programs: JSON.
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: Path of a page of ours, such as ``/alerts``.
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants to be told of a workspace."""

    by_mail: bool = True
    #: None: all groups.
    groups: frozenset[Group] | None = None
    #: Hour of the workspace's zone at which everything comes together; None: each at once.
    digest_hour: int | None = None
    #: Minutes after midnight between which nothing is sent, midnight itself crossed if the first is later.
    quiet_from: int | None = None
    quiet_until: int | None = None

    def wants(self, group: Group | None) -> bool:
        """Whether notices of this group are to be sent by mail."""
        return self.by_mail and (group is None or self.groups is None or group in self.groups)


def check_wish(wish: Wish) -> None:
    """Raise `UsageError` unless the hours of a wish can be."""
    if wish.digest_hour is not None and not 0 <= wish.digest_hour <= 23:
        raise UsageError("The hour of the digest is between 0 and 23.")
    if (wish.quiet_from is None) != (wish.quiet_until is None):
        raise UsageError("Quiet hours need a beginning and an end, such as 22:00-07:00.")
    if wish.quiet_from is not None and wish.quiet_from == wish.quiet_until:
        raise UsageError("Quiet hours that end when they begin would never end: give two different times.")


def send_at(wish: Wish, *, now: datetime, where: ZoneInfo) -> datetime:
    """When a notice of now goes out to a person: now, after the quiet hours, or with the next digest (UTC).

    A time of day that the clocks skip is taken an hour later; one that comes twice, the first time.
    """
    if wish.digest_hour is not None:
        return _next(wish.digest_hour * 60, now=now, where=where)
    if wish.quiet_from is None or wish.quiet_until is None:
        return now
    wall = now.astimezone(where)
    minute = wall.hour * 60 + wall.minute
    quiet, loud = wish.quiet_from, wish.quiet_until
    is_quiet = quiet <= minute < loud if quiet < loud else minute >= quiet or minute < loud
    return _next(loud, now=now, where=where) if is_quiet else now


def _next(minute: int, *, now: datetime, where: ZoneInfo) -> datetime:
    """The next time that the clocks there show so many minutes after midnight (UTC)."""
    today = now.astimezone(where).date()
    for days in range(3):
        wall = datetime.combine(today + timedelta(days=days), time(minute // 60, minute % 60), where)
        found = wall.astimezone(now.tzinfo)
        if found > now:
            return found
    raise AssertionError("three days hold every time of day")


#: Waits after failed tries; after the last one it is given up. Together three days and a half.
WAITS: Final[Sequence[timedelta]] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
#: So long an endpoint may fail before it is switched off.
PATIENCE: Final = timedelta(days=5)


def wait_after(tries: int, *, asked: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many failed tries (1 or more), at least as long as was asked for.

    Returns:
        None: it is given up.
    """
    if tries > len(WAITS):
        return None
    wait = WAITS[tries - 1]
    return max(wait, min(asked, timedelta(days=1))) if asked is not None else wait
