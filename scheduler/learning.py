"""What the hours of a channel's week are worth, learned once a day from its measured and imported posts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from domain.learned import LearnedWeek, learned_from
from domain.metrics import Metric
from domain.rules import kind_of, rules_from
from domain.schedule import zone
from domain.week import WeekValues, neutral
from scheduler.context import Context
from store import learning, reactions
from store.engine import reading, writing
from store.learning import Measured
from store.tables import ChannelRow

if TYPE_CHECKING:  # numpy is loaded when something is learned
    from analytics.slots.history import History
    from analytics.slots.kernel import Floats
    from analytics.slots.prior import PriorFile
    from analytics.slots.weekly import Facts

#: Older posts weigh next to nothing.
REMEMBERED = timedelta(days=3 * 365)
#: The newest measured posts that are learned from: sixty for each hour of the week.
MOST_POSTS = 10_000
#: How old a learned week may be before it is learned anew.
EVERY = timedelta(hours=20)
#: Share of a post's reactions that must be dated for the dates to be used in place of differences.
ENOUGH_DATED = 0.6
_HOUR = timedelta(hours=1)
_ENGAGEMENT = (Metric.REACTIONS, Metric.REPLIES, Metric.SHARES)
#: What is learned from where a platform tells no engagement, the best first.
_OTHERWISE = (Metric.CLICKS, Metric.VIEWS)


def relearn(context: Context, channel: ChannelRow) -> None:
    """Learn a channel's week anew when what was learned is a day old."""
    now = context.clock()
    with reading(context.engine) as session:
        if _young_week(session, channel, now=now) is not None:
            return
        week = learn_week(session, channel, now=now)
    keep(context, channel, week)


def keep(context: Context, channel: ChannelRow, week: LearnedWeek) -> None:
    """Keep what was learned, so that placing posts need not learn it again."""
    with writing(context.engine) as session:
        _keep(session, channel, week, now=context.clock())
        session.commit()


def learn_again(session: Session, channel: ChannelRow, *, now: datetime) -> None:
    """Learn a channel's week anew at once, in the caller's transaction: its audience has changed."""
    _keep(session, channel, learn_week(session, channel, now=now), now=now)


def _keep(session: Session, channel: ChannelRow, week: LearnedWeek, *, now: datetime) -> None:
    if week.posts:
        learning.keep_week(session, channel, zone=week.zone, week=week.as_json(), now=now)
    else:
        learning.forget_week(session, channel.id)


def learn_week(session: Session, channel: ChannelRow, *, now: datetime) -> LearnedWeek:
    """What posts up to now say of a channel's week; without any, the prior as its audience sees it."""
    from analytics.slots.prior import prior_of
    from analytics.slots.weekly import learned_week

    file = prior_of(channel.platform)
    audience = {name: float(percent) for name, percent in rules_from(channel.rules).audience}
    return learned_week(
        _facts(session, channel, file, now=now), file, zone=channel.zone, audience=audience, now=now
    )


def current_week(session: Session, channel: ChannelRow, *, now: datetime) -> LearnedWeek:
    """What is known of a channel's week: what placing posts goes by; learned where nothing young is kept."""
    return _young_week(session, channel, now=now) or learn_week(session, channel, now=now)


def _young_week(session: Session, channel: ChannelRow, *, now: datetime) -> LearnedWeek | None:
    kept = learning.week_of(session, channel.workspace_id, channel.id)
    if kept is None or kept.zone != channel.zone or now - kept.learned_at >= EVERY:
        return None
    return learned_from(kept.week)


def kept_week(session: Session, channel: ChannelRow) -> LearnedWeek | None:
    """What was learned of a channel's week by its zone's clock; None: nothing yet."""
    kept = learning.week_of(session, channel.workspace_id, channel.id)
    return learned_from(kept.week) if kept is not None and kept.zone == channel.zone else None


def week_values(session: Session, channel: ChannelRow) -> WeekValues:
    """What placing a post needs to know of a channel's week."""
    week = kept_week(session, channel)
    return neutral(channel.zone) if week is None else week.values()


def channel_results(session: Session, channel: ChannelRow, *, now: datetime) -> dict[int, float]:
    """Log engagement of measured posts at equal age, free of trend and type, by the number of the post."""
    from analytics.slots.history import results
    from analytics.slots.prior import prior_of
    from analytics.slots.weekly import at_equal_age, history_of

    delay, kinds = prior_of(channel.platform).delay, dict[str, int]()
    rows = []
    for post, counts in _measured(session, channel, now=now)[1]:
        value = at_equal_age(counts, delay)
        if value is not None:
            kind = kinds.setdefault(kind_of(post.content), len(kinds))
            rows.append((post.published_at.timestamp(), post.post_id, kind, value))
    rows.sort()
    values = results(history_of([(at, 0, kind, value) for at, _id, kind, value in rows]))
    return {row[1]: float(value) for row, value in zip(rows, values, strict=True)}


def _facts(session: Session, channel: ChannelRow, file: "PriorFile", *, now: datetime) -> "Facts":
    import numpy as np

    from analytics.slots.reactions import MOST_OF_A_POST, Reactions
    from analytics.slots.weekly import (
        MOST_BY_DIFFERENCES,
        Facts,
        at_equal_age,
        history_of,
        hourly,
        own_delay,
    )

    where = zone(channel.zone)
    kinds: dict[str, int] = {}

    def slot(at: datetime) -> int:
        wall = at.astimezone(where)
        return wall.weekday() * 24 + wall.hour

    def number(kind: str) -> int:
        return kinds.setdefault(kind, len(kinds))

    metric, found = _measured(session, channel, now=now)
    told = reactions.instants(session, channel.id, metric, since=now - REMEMBERED)
    rows, spread = [], []
    for post, counts in found:
        value = at_equal_age(counts, file.delay)
        if value is None:
            continue
        at = post.published_at
        rows.append((at.timestamp(), slot(at), number(kind_of(post.content)), value))
        dated = _by_hours(told.get(post.post_id, ()), at, len(file.delay))
        if dated.sum() >= ENOUGH_DATED * _earned(counts, len(file.delay)):
            spread.append((slot(at), dated, MOST_OF_A_POST))
        elif metric == "engagement":
            spread.append((slot(at), np.asarray(hourly(counts, file.delay)), MOST_BY_DIFFERENCES))
    past = [
        (one.at.timestamp(), slot(one.at), number(one.kind), float(one.engagement))
        for one in learning.past_posts(session, channel.id)
        if now - REMEMBERED <= one.at <= now
    ]
    imported: History = history_of(past)
    seen = Reactions.none()
    for start, hours, most in spread:
        seen.add(start, hours, most=most)
    delay = own_delay([hours for _start, hours, _most in spread], file.delay)
    return Facts(history_of(rows), imported, seen, metric, delay)


def _by_hours(told: Sequence[tuple[datetime, int]], published_at: datetime, hours: int) -> "Floats":
    """How many came in each whole hour after a post went out, shape (hours,)."""
    import numpy as np

    found = np.zeros(hours)
    for at, number in told:
        hour = max(0, (at - published_at) // _HOUR)
        if hour < hours:
            found[hour] += number
    return found


def _earned(counts: Mapping[timedelta, int], hours: int) -> int:
    """What a post had earned when it was last read within so many hours; at least 1."""
    return max([1, *(count for age, count in counts.items() if age <= hours * _HOUR)])


def _measured(
    session: Session, channel: ChannelRow, *, now: datetime
) -> tuple[str, list[tuple[Measured, dict[timedelta, int]]]]:
    """What is counted on this channel, and its posts with those counts by age."""
    metrics: Sequence[str] = [*_ENGAGEMENT, *_OTHERWISE]
    posts = learning.measured_posts(
        session, channel.id, metrics=metrics, since=now - REMEMBERED, most=MOST_POSTS
    )
    for name, parts in (("engagement", _ENGAGEMENT), *((str(one), (one,)) for one in _OTHERWISE)):
        found = [(post, counts) for post in posts if (counts := _summed(post, parts))]
        if any(any(counts.values()) for _post, counts in found):
            return name, found
    return "engagement", []


def _summed(post: Measured, metrics: Sequence[str]) -> dict[timedelta, int]:
    """The sum of these metrics at each age at which all of them that the post has were read."""
    had = [post.readings[metric] for metric in metrics if metric in post.readings]
    ages = set[timedelta].intersection(*(set(one) for one in had)) if had else set()
    return {age: sum(one[age] for one in had) for age in ages}
