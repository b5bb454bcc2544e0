"""What is said of a channel's learned week: values against the average hour, and what stands behind them."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from domain.audience_zones import Audience
from domain.learned import LearnedWeek
from web.charts import Chart, heat
from web.i18n import Voice, offset_words

if TYPE_CHECKING:
    from analytics.slots.offpolicy import Earned

#: Best hours that are listed with their intervals.
LISTED = 10


@dataclass(frozen=True, slots=True)
class HourShown:
    """One hour of the list."""

    day: str
    hour: str
    worth: str
    low: str
    high: str
    posts: str


def audience_words(audience: Audience, *, now: datetime) -> str:
    """``60 % Asia/Jakarta (WIB), 40 % Europe/Amsterdam (UTC+1)``."""
    return ", ".join(f"{percent} % {offset_words(name, now=now)}" for name, percent in audience)


def dated_label(week: LearnedWeek, voice: Voice) -> str:
    """How those are called whose hour is known."""
    _ = voice.gettext
    match week.metric:
        case "clicks":
            return _("Dated clicks")
        case "views":
            return _("Dated views")
    return _("Dated reactions")


def percent(value: float, voice: Voice) -> str:
    """A log value as a signed percentage: ``+12%``."""
    number = round(100 * (math.exp(value) - 1))
    return f"{'+' if number > 0 else ''}{voice.number(number)}%"


def week_chart(week: LearnedWeek, voice: Voice) -> Chart:
    """The week as 7 × 24 cells, in percent against the average hour."""
    _ = voice.gettext
    cells = {
        (hour // 24, hour % 24): round(100 * (math.exp(value) - 1), 1)
        for hour, value in enumerate(week.means)
    }
    return heat(
        _("Worth of each hour, %% against the average (%(zone)s)", zone=week.zone),
        _("Worth"),
        cells,
        voice=voice,
    )


def best_hours(week: LearnedWeek, voice: Voice) -> list[HourShown]:
    """The hours of the highest values, with 80 % intervals and the posts in them."""
    order = sorted(range(len(week.means)), key=lambda hour: -week.means[hour])[:LISTED]
    return [
        HourShown(
            day=voice.weekday(hour // 24),
            hour=voice.hour(hour % 24),
            worth=percent(week.means[hour], voice),
            low=percent(week.interval(hour)[0], voice),
            high=percent(week.interval(hour)[1], voice),
            posts=voice.number(week.counts[hour]),
        )
        for hour in order
    ]


def evidence(week: LearnedWeek, voice: Voice) -> str:
    """Whether the hour matters, as far as the posts tell."""
    _ = voice.gettext
    if not week.posts:
        return _("No evidence yet: no measured or imported posts. What is shown is the platform's prior.")
    best, low, high = (percent(value, voice) for value in week.gain)
    if not week.has_evidence:
        return _(
            "No evidence yet that the hour matters: the best hour earns between %(low)s and "
            "%(high)s against the usual hour.",
            low=low,
            high=high,
        )
    return _(
        "The best hour earns %(best)s against the usual hour; 80%% interval %(low)s to %(high)s.",
        best=best,
        low=low,
        high=high,
    )


def proof(found: "Earned", voice: Voice) -> str:
    """What the recommended slots have earned against those that were tried instead."""
    _ = voice.gettext
    if found.gain is None:
        return _(
            "Not enough data yet: %(top)s measured posts in recommended slots and "
            "%(rest)s in others; 20 of each are needed.",
            top=voice.number(found.recommended),
            rest=voice.number(found.others),
        )
    mean, low, high = (percent(value, voice) for value in found.gain)
    return _(
        "Recommended slots earned %(mean)s against the rest; 95%% interval %(low)s to %(high)s.",
        mean=mean,
        low=low,
        high=high,
    )
