"""What the hours of the week are worth to a channel."""

import math
from datetime import date

from pydantic import BaseModel

from domain.learned import LearnedWeek
from domain.rules import rules_from
from scheduler.learning import current_week
from scheduler.proving import earned_by_slots
from store import channels
from web.api.base import RowId, api_router
from web.auth import MaySee
from web.deps import Reading, Web

router = api_router("slots")


class GainShown(BaseModel):
    """Percent, with an interval."""

    percent: float
    low: float
    high: float


class HourOfWeek(GainShown):
    """One hour against the channel's average hour, with its 80 % interval."""

    #: 0 is Monday.
    weekday: int
    hour: int
    log_mean: float
    log_sd: float
    posts: int


class EarnedShown(BaseModel):
    """Recommended slots against those that were tried instead; 95 % interval. Null: not enough data."""

    recommended: int
    others: int
    gain: GainShown | None


class ZoneShare(BaseModel):
    """A part of the audience."""

    zone: str
    percent: int


class WeekShown(BaseModel):
    """A channel's learned week."""

    zone: str
    #: Where the audience lives, the largest share first; empty: in the zone above.
    audience: list[ZoneShare]
    #: What is counted: engagement, clicks or views.
    metric: str
    measured: int
    imported: int
    reactions: int
    #: Whether the 80 % interval of the best hour less the usual one lies above 0.
    has_evidence: bool
    best_over_usual: GainShown
    prior_source: str
    prior_date: date
    #: Monday 00:00 first.
    hours: list[HourOfWeek]
    earned: EarnedShown


@router.get("/channels/{channel_id}/slots")
def channel_slots(web: Web, session: Reading, me: MaySee, channel_id: RowId) -> WeekShown:
    """The worth of the 168 hours of a channel's week, and what following it has earned."""
    row, now = channels.get(session, me.workspace.id, channel_id), web.context.clock()
    week = current_week(session, row, now=now)
    found = earned_by_slots(session, row, now=now)
    return WeekShown(
        zone=week.zone,
        audience=[ZoneShare(zone=name, percent=percent) for name, percent in rules_from(row.rules).audience],
        metric=week.metric,
        measured=week.measured,
        imported=week.imported,
        reactions=week.reactions,
        has_evidence=week.has_evidence,
        best_over_usual=_gain(week.gain),
        prior_source=week.prior,
        prior_date=date.fromisoformat(week.prior_date),
        hours=[_hour(week, hour) for hour in range(len(week.means))],
        earned=EarnedShown(
            recommended=found.recommended,
            others=found.others,
            gain=None if found.gain is None else _gain(found.gain),
        ),
    )


def _gain(logs: tuple[float, float, float]) -> GainShown:
    mean, low, high = map(_percent, logs)
    return GainShown(percent=mean, low=low, high=high)


def _hour(week: LearnedWeek, hour: int) -> HourOfWeek:
    low, high = week.interval(hour)
    return HourOfWeek(
        weekday=hour // 24,
        hour=hour % 24,
        log_mean=week.means[hour],
        log_sd=week.sds[hour],
        percent=_percent(week.means[hour]),
        low=_percent(low),
        high=_percent(high),
        posts=week.counts[hour],
    )


def _percent(value: float) -> float:
    return round(100 * (math.exp(value) - 1), 2)
