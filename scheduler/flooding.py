"""When what a feed shows is too much to be news: it is held, and a person decides.

Compared is always with the feed's own rhythm before the last day, so that a flood cannot make itself usual.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from sqlmodel import Session

from store import entries as rows
from store.tables import Feed

#: So many times the usual number is too much, at once or in a day.
_TIMES: Final = 5
#: Up to so many entries at once, and so many in a day, are no flood whatever is usual.
_AT_ONCE: Final = 10
_IN_A_DAY: Final = 30
#: More of a known document than this is no news, but a change of the feed; unless so few entries are new
#: that nobody is flooded, or the feed is known to bring as many in the time.
_SHARE: Final = 0.6
_FEW: Final = 3
_DAY: Final = timedelta(days=1)


def flood(session: Session, feed: Feed, *, news: int, shown: int, is_known: bool, now: datetime) -> str:
    """Why the news of a document is held, in a sentence; empty when it is not.

    Args:
        news: entries that would be posted now.
        shown: entries of the whole document.
        is_known: whether the feed had any entry before.
    """
    gap = _usual_gap(rows.calm_dates(session, feed.id, before=now - _DAY))
    last_look = feed.last_success_at or feed.baseline_at or now
    at_once = too_much_at_once(news, shown=shown, is_known=is_known, usual=_in(now - last_look, gap))
    if at_once:
        return at_once
    since = max(now - _DAY, feed.released_at or now - _DAY)
    today = news + rows.count_new(session, feed.id, since=since)
    return too_much_in_a_day(today, usual=_in(_DAY, gap))


def too_much_at_once(news: int, *, shown: int, is_known: bool, usual: float) -> str:
    """Why so many new entries in one look are no news; empty when they may be.

    Args:
        usual: how many new ones the feed brings in the time since the last look.
    """
    if news > max(_AT_ONCE, _TIMES * usual):
        return f"{news} entries came at once, where {_about(usual)}"
    if is_known and news > max(_FEW, 2 * usual) and news > _SHARE * shown:
        return f"{news} of the {shown} entries that it shows are new, where {_about(usual)}"
    return ""


def too_much_in_a_day(today: int, *, usual: float) -> str:
    """As `too_much_at_once`, for all new entries of 24 hours."""
    if today > max(_IN_A_DAY, _TIMES * usual):
        return f"{today} entries came within a day, where {_about(usual)}"
    return ""


def renamed(number: int) -> str:
    """Why entries are held that look like others."""
    return f"{number} entries look like known ones under new names"


def _about(usual: float) -> str:
    number = round(usual)
    return f"about {number} {'is' if number == 1 else 'are'} usual" if number else "hardly any is usual"


def _usual_gap(dates: Sequence[datetime]) -> timedelta | None:
    times = sorted(set(dates))
    if len(times) < 2:
        return None
    return timedelta(seconds=median((later - earlier).total_seconds() for earlier, later in pairwise(times)))


def _in(time: timedelta, gap: timedelta | None) -> float:
    return max(time, timedelta(0)) / gap if gap else 0.0
