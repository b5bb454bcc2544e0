"""Metrics, rates and checkpoints: their keys, as every other part spells them."""

from datetime import timedelta
from enum import StrEnum


class Metric(StrEnum):
    """A number that a platform or our own pages report, cumulative since publishing."""

    IMPRESSIONS = "impressions"
    REACH = "reach"
    VIEWS = "views"
    REACTIONS = "reactions"
    REPLIES = "replies"
    SHARES = "shares"
    QUOTES = "quotes"
    SAVES = "saves"
    #: Human clicks of our own links; bots and unknown are kept apart below.
    CLICKS = "clicks"
    CLICKS_BOT = "clicks_bot"
    CLICKS_UNKNOWN = "clicks_unknown"
    #: Different people among the human clicks, told apart for one day; read at checkpoints only.
    CLICKERS = "clickers"
    VIEWS_BOT = "views_bot"
    VIEWS_UNKNOWN = "views_unknown"
    #: Human page views that came from outside our page: each opens one visit.
    VISITS = "visits"
    #: Replies without those that the channel itself wrote.
    REPLIES_OTHERS = "replies_others"
    #: Passed on in private, such as by direct message.
    SENDS = "sends"
    #: Clicks on links as the platform counts them, and clicks of any kind: never mixed with our own.
    CLICKS_PLATFORM = "clicks_platform"
    CLICKS_ALL = "clicks_all"
    PROFILE_VISITS = "profile_visits"
    #: Times a video began to play, and for how long all of them ran, in whole seconds.
    PLAYS = "plays"
    WATCH_SECONDS = "watch_seconds"
    FOLLOWERS = "followers"
    #: Of the channel itself: everything it has posted there, and how often all of it was seen.
    CHANNEL_POSTS = "channel_posts"
    CHANNEL_VIEWS = "channel_views"


class Audience(StrEnum):
    """Who is behind a request, as far as one can tell."""

    HUMAN = "human"
    BOT = "bot"
    UNKNOWN = "unknown"


#: What programs did, or what cannot be told from it.
NOT_OF_PEOPLE: frozenset[Metric] = frozenset(
    {Metric.CLICKS_BOT, Metric.CLICKS_UNKNOWN, Metric.VIEWS_BOT, Metric.VIEWS_UNKNOWN}
)

#: Ages of a remote post at which it is measured.
CHECKPOINTS: tuple[timedelta, ...] = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(days=2),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=14),
    timedelta(days=29),
)


def checkpoint_reached(age: timedelta) -> timedelta | None:
    """The latest checkpoint that a post of this age has passed; None before the first."""
    passed = [checkpoint for checkpoint in CHECKPOINTS if checkpoint <= age]
    return passed[-1] if passed else None


def next_checkpoint(age: timedelta) -> timedelta | None:
    """The first checkpoint after this age; None after the last.

    A machine that was down reads once when it is back, and does not invent the
    checkpoints it has missed.
    """
    return next((checkpoint for checkpoint in CHECKPOINTS if checkpoint > age), None)
