"""Page views joined to visits, and what brought them.

A visit ends after 30 minutes without activity; a view that names another source opens a new one. A view
without a source (no click of ours, no UTM, no referrer from outside) never opens one by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.referrers import platform_of

#: As Google Analytics and Matomo have it.
SILENCE: Final = timedelta(minutes=30)
#: GA4: engaged is what lasted longer than this, had a key event, or two page views.
ENGAGED_AFTER: Final = 10
#: Seconds that one page view can last at most.
LONGEST_VIEW: Final = 6 * 3600


class SourceKind(StrEnum):
    """By what a visit was brought, the surest first."""

    CLICK = "click"
    UTM = "utm"
    REFERRER = "referrer"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Source:
    """What brought a visit."""

    kind: SourceKind
    #: The click's key; ``utm_source``; the referrer's platform, else its host; empty: direct.
    name: str = ""
    medium: str = ""
    campaign: str = ""


DIRECT: Final = Source(SourceKind.DIRECT)


def source_of(
    *, click_key: str, utm: tuple[str, str, str], referrer: str, own_hosts: frozenset[str]
) -> Source:
    """What a page view says about where it came from; a page of the site itself says nothing."""
    if click_key:
        return Source(SourceKind.CLICK, click_key)
    if any(utm):
        source, medium, campaign = utm
        return Source(SourceKind.UTM, source.lower(), medium.lower(), campaign)
    if referrer and referrer not in own_hosts:
        return Source(SourceKind.REFERRER, platform_of(referrer) or referrer)
    return DIRECT


@dataclass(frozen=True, slots=True)
class View:
    """One page view of one visitor."""

    key: str
    at: datetime
    #: How long it was visible; grows while it is open.
    seconds: int
    path: str
    source: Source

    @property
    def until(self) -> datetime:
        """The last sign of life."""
        return self.at + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Visited:
    """The views of one visit, oldest first; at least one."""

    views: tuple[View, ...]

    @property
    def source(self) -> Source:
        """That of the first view."""
        return self.views[0].source

    @property
    def began_at(self) -> datetime:
        return self.views[0].at

    @property
    def ended_at(self) -> datetime:
        return max(view.until for view in self.views)

    @property
    def seconds(self) -> int:
        """Visible time of all its pages together."""
        return sum(view.seconds for view in self.views)


def visits_of(views: Sequence[View]) -> list[Visited]:
    """The visits of one visitor on one site; the order in which the views are given does not matter."""
    found: list[list[View]] = []
    until: datetime | None = None
    for view in sorted(views, key=lambda one: (one.at, one.key)):
        if until is None or _opens(view, found[-1][0], until):
            found.append([view])
            until = view.until
        else:
            found[-1].append(view)
            until = max(until, view.until)
    return [Visited(tuple(each)) for each in found]


def _opens(view: View, first: View, until: datetime) -> bool:
    if view.at - until > SILENCE:
        return True
    return view.source not in (DIRECT, first.source)
