"""Numbers that cannot be as they were read: counts that fell, and counts that come from another field."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from domain.alerts import Finding, Rule
from domain.metrics import Metric
from store import channels, silence
from store.silence import Source

#: A fall or a change is told so long.
_TOLD_FOR: Final = timedelta(days=1)
#: So far back it is looked from which field a count came.
_BACK: Final = timedelta(days=30)
#: Followers may leave; so large a share at once is worth a word.
_FOLLOWERS_LEFT: Final = 0.10


def found(session: Session, workspace_id: int, *, now: datetime) -> Iterator[Finding]:
    """Every count of the workspace's channels that is out of line."""
    names = {row.id: row.name for row in channels.listed(session, workspace_id)}
    since = now - _TOLD_FOR
    falls = silence.falls(session, workspace_id, since=since)
    falls += silence.follower_falls(
        session, sorted(names), Metric.FOLLOWERS, since=since, share=_FOLLOWERS_LEFT
    )
    for fall in falls:
        facts = {
            "metric": fall.metric, "channel_id": fall.channel_id, "usual": fall.before, "value": fall.after,
            "page": f"/posts/{fall.post_id}" if fall.post_id else f"/channels/{fall.channel_id}",
        }  # fmt: skip
        if fall.metric == Metric.FOLLOWERS:
            facts["variant"] = "followers"
        subject = f"channel:{fall.channel_id}:{fall.metric}"
        yield Finding(
            rule=Rule.NUMBER_FELL, subject=subject, name=names[fall.channel_id], facts=facts, since=fall.at
        )
    yield from _units(session, workspace_id, names, now=now)


def _units(session: Session, workspace_id: int, names: dict[int, str], *, now: datetime) -> Iterator[Finding]:
    """Counts whose newest field was not there before, and whose earlier field is read no more."""
    by_series: dict[tuple[int, str], list[Source]] = {}
    for one in silence.sources(session, workspace_id, since=now - _BACK):
        by_series.setdefault((one.channel_id, one.metric), []).append(one)
    for (channel_id, metric), fields in by_series.items():
        newest = max(fields, key=lambda one: one.first_at)
        before = [one for one in fields if one.last_at < newest.first_at]
        if before and len(before) == len(fields) - 1 and newest.first_at >= now - 3 * _TOLD_FOR:
            earlier = max(before, key=lambda one: one.last_at)
            facts = {
                "metric": metric, "channel_id": channel_id, "source": newest.source, "before": earlier.source,
                "page": f"/channels/{channel_id}",
            }  # fmt: skip
            subject = f"channel:{channel_id}:{metric}"
            yield Finding(
                rule=Rule.NUMBER_UNIT, subject=subject, name=names[channel_id], facts=facts,
                since=newest.first_at,
            )  # fmt: skip
