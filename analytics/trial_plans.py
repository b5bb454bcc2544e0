"""How many posts an experiment takes, by how much the channels' own posts have differed so far."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from analytics.experiments import needed_always, needed_for_lift
from analytics.trials import values_at
from analytics.verdicts import signed
from domain.definition import Definition, Shape
from domain.experiment import POWER, Method
from domain.sentence import Amount, Sentence, Unit, Value
from domain.trial import AGES, Standing
from store import experiments
from store.tables import ChannelRow

#: Past posts of each channel that are looked at, and how many must have the figure to say anything.
LOOKED_AT, ENOUGH = 200, 20
#: Over how many weeks the pace of publishing is taken.
_WEEKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """How many posts it takes to find an effect."""

    entry: Definition
    checkpoint: int
    #: In percent.
    effect: float
    arms: int
    #: Past posts that have the figure at that age, and how much they differ: the standard deviation of one on
    #: the scale of logarithms; None: too few.
    posts: int
    log_sd: float | None
    #: Posts in each arm; None: too few past posts to say.
    needed: int | None
    #: Posts a week on these channels lately, and how many weeks it takes at that pace; None: none went out.
    per_week: float
    weeks: float | None

    @property
    def sentences(self) -> Iterator[Sentence]:
        """The same in words."""
        if self.needed is None:
            values: dict[str, Value] = {
                "posts": self.posts, "metric": self.entry.name, "age": AGES[self.checkpoint], "least": ENOUGH
            }  # fmt: skip
            yield Sentence("experiment.needed_unknown", values)
            return
        yield Sentence(
            "experiment.needed",
            {
                "effect": signed(self.effect),
                "needed": self.needed,
                "power": Amount(100 * POWER, Unit.PERCENT),
                "posts": self.posts,
            },
        )
        if self.weeks is not None:
            rate, weeks = Amount(round(self.per_week, 1)), Amount(float(max(1, round(self.weeks))))
            key = "experiment.weeks" if self.weeks > 8 else "experiment.weeks_short"
            yield Sentence(key, {"rate": rate, "weeks": weeks})


def advise(
    session: Session,
    workspace_id: int,
    rows: Sequence[ChannelRow],
    entry: Definition,
    *,
    checkpoint: int,
    effect: float,
    arms: int,
    method: Method,
    now: datetime,
) -> Advice:
    """How many posts it takes on these channels.

    Args:
        session: that reads.
        workspace_id: whose posts.
        rows: the channels that it concerns.
        entry: the figure that decides.
        checkpoint: the age in seconds at which posts are judged.
        effect: the smallest that is looked for, in percent.
        arms: how many are compared.
        method: how it is tested.
        now: the current time (UTC).
    """
    # Arrays, which a program that plans nothing need not load.
    from analytics.arms import Observed, spread

    age = timedelta(seconds=checkpoint)
    past = experiments.recent_posts(
        session, workspace_id, [row.id for row in rows], before=now, limit=LOOKED_AT
    )
    values = values_at(session, {one: at for one, (_, at) in past.items()}, entry, age, now=now)
    observed = [
        Observed(post_id, 1, past[post_id][0], one.above or 0.0, one.below)
        for post_id, one in values.items()
        if one.standing is Standing.COUNTED
    ]
    found = spread(observed, is_rate=entry.shape is Shape.RATE)
    log_sd = math.sqrt(found[0]) if found is not None and len(observed) >= ENOUGH else None
    needed = _needed(effect / 100, log_sd, arms, method) if log_sd else None
    per_week = _per_week([at for _, at in past.values()], now=now)
    weeks = needed * arms / per_week if needed is not None and per_week else None
    return Advice(
        entry=entry, checkpoint=checkpoint, effect=effect, arms=arms, posts=len(observed), log_sd=log_sd,
        needed=needed, per_week=per_week, weeks=weeks,
    )  # fmt: skip


def _needed(lift: float, log_sd: float, arms: int, method: Method) -> int:
    """Several comparisons share the error between them."""
    count = needed_always if method is Method.ALWAYS else needed_for_lift
    return max(2, count(lift, log_sd=log_sd, alpha=0.05 / (arms - 1), power=POWER))


def _per_week(published: Sequence[datetime], *, now: datetime) -> float:
    since = now - timedelta(weeks=_WEEKS)
    recent = [at for at in published if at >= since]
    if not recent:
        return 0.0
    # Channels that are younger than that are not thought slow.
    weeks = _WEEKS if len(recent) < len(published) else max(1.0, (now - min(recent)) / timedelta(weeks=1))
    return len(recent) / weeks
