"""Whether the calls of a post may be made now: what its platform takes in a time, and what they cost.

Asked in the transaction that commits the intent: what is taken here is used up, whatever becomes of the
worker. Budgets are counted over the time that ends now; a thread of five takes five. What a call did not use
after all is given back when it has ended (`store.metering.give_back`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from domain.content import Budget, Call, content_from
from domain.money import Money, cost_of, price_of
from domain.schedule import wall_time, zone
from publishers.base import Publisher
from scheduler.publishing import RECHECK, Hold, wait
from store import budgets, metering
from store.delivery import Intent
from store.tables import ChannelRow, Post, Workspace

#: Calls that a budget of posts counts.
POSTS = frozenset({Call.POST, Call.POST_WITH_LINK})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A publish call that somebody wants to make."""

    intent: Intent
    post: Post
    publisher: Publisher
    channel: ChannelRow
    workspace: Workspace

    @property
    def calls(self) -> tuple[Call, ...]:
        return self.publisher.calls(content_from(self.post.content))


def allow(session: Session, wanted: Sequence[Wanted], *, now: datetime) -> dict[int, Hold]:
    """Take what these calls need, budgets first, then money; by post, the holds of those that must wait.

    Everybody takes in the same order, so that two workers never wait for each other.
    """
    limited = [
        one for one in wanted if one.publisher.capabilities.budgets or one.publisher.capabilities.prices
    ]
    holds: dict[int, Hold] = {}
    taken: Counter[str] = Counter()
    for one in sorted(limited, key=lambda one: (one.publisher.platform, one.channel.id, one.post.id)):
        if hold := _out_of_budget(session, one, taken, now=now):
            holds[one.post.id] = hold
    holds |= _believed(session, [one for one in wanted if one.post.id not in holds], now=now)
    for one in sorted(limited, key=lambda one: (one.workspace.id, one.post.id)):
        if one.post.id in holds:
            continue
        if hold := _over_a_cap(session, one, now=now):
            holds[one.post.id] = hold
        else:
            _meter(session, one, now=now)
    return holds


def _out_of_budget(session: Session, one: Wanted, taken: Counter[str], *, now: datetime) -> Hold | None:
    """Take of every budget that counts these calls; ``taken`` is what posts of this turn took before."""
    mine: Counter[str] = Counter()
    for budget in sorted(one.publisher.limits().budgets, key=lambda each: each.every):
        counted = POSTS if budget.call is Call.POST else frozenset({budget.call})
        count = min(sum(call in counted for call in one.calls), budget.most)
        if not count:
            continue
        key = budget_key(one.channel, budget)
        budgets.hold(session, key, now=now)
        used, first = metering.used(
            session,
            sorted(counted),
            since=now - budget.every,
            channel_id=None if budget.shared else one.channel.id,
            platform=one.channel.platform,
        )
        used = max(used, 0) + taken[key]
        if not budgets.take_rolling(
            session, key, allowed=budget.most, window=budget.every, used=used, count=count, now=now
        ):
            frees = max((first or now) + budget.every, now + _SHORTEST)
            return wait(frees, full_words(one.publisher.title, budget, frees))
        mine[key] += count
    taken.update(mine)
    return None


#: Nothing is looked at again sooner.
_SHORTEST = timedelta(seconds=1)


def budget_key(channel: ChannelRow, budget: Budget) -> str:
    """The name of the row that guards a budget."""
    whose = f"app:{channel.platform}" if budget.shared else f"channel:{channel.id}"
    return f"{whose}:{budget.call}:{int(budget.every.total_seconds())}"


def full_words(title: str, budget: Budget, frees: datetime) -> str:
    """Why a budget keeps a post back, as a clause."""
    whose = "this installation" if budget.shared else "this channel"
    return (
        f"{title} takes at most {budget.most} posts in {hours_words(budget.every)} from {whose}, and there "
        f"is no room until {frees:%Y-%m-%d %H:%M} UTC"
    )


def hours_words(every: timedelta) -> str:
    """A window as people say it: ``24 hours``, ``15 minutes``, ``60 seconds``."""
    seconds = int(every.total_seconds())
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds % length == 0 and seconds > length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"


def _meter(session: Session, one: Wanted, *, now: datetime) -> None:
    about = _about(one.channel, now=now, post_id=one.post.id) | {"attempt_id": one.intent.attempt_id}
    prices, on = one.publisher.capabilities.prices, now.date()
    rows = []
    for call in sorted(set(one.calls)):
        count, price = one.calls.count(call), price_of(prices, call, on)
        paid = {"micros": price.micros * count, "currency": price.currency} if price else _FREE
        rows.append({**about, "call": call.value, "calls": count, **paid})
    metering.write(session, rows)


_FREE: dict[str, Any] = {"micros": 0, "currency": None}


def _about(channel: ChannelRow, *, now: datetime, post_id: int | None) -> dict[str, Any]:
    return {
        "workspace_id": channel.workspace_id, "channel_id": channel.id, "platform": channel.platform,
        "at": now, "post_id": post_id,
    }  # fmt: skip


def _over_a_cap(session: Session, one: Wanted, *, now: datetime) -> Hold | None:
    cost = cost_of(one.publisher.capabilities.prices, one.calls, now.date())
    if cost is None:
        return None
    said = cap_words(session, one.channel, one.workspace, cost, title=one.publisher.title, now=now)
    until = min(now + RECHECK, month_of(one.workspace, now=now)[1])
    return wait(until, f"{said}, and this post costs {cost}") if said else None


def cap_words(
    session: Session,
    channel: ChannelRow,
    workspace: Workspace,
    cost: Money,
    *,
    title: str,
    now: datetime,
) -> str:
    """Which cap these costs would break, as a clause; empty: none. The caps are held until the commit."""
    start, _ = month_of(workspace, now=now)
    names = {
        metering.channel_scope(channel.id): f"channel {channel.name}",
        metering.platform_scope(channel.platform): title,
        metering.WORKSPACE: "this workspace",
    }
    for scope, cap in metering.caps(session, workspace.id, held=True).items():
        if scope not in names or cap.currency != cost.currency:
            continue
        spent = metering.spent(session, workspace.id, since=start, scope=scope).get(cost.currency, 0)
        if spent + cost.micros > cap.micros:
            had = Money(max(spent, 0), cost.currency)
            return f"the cap of {cap} a month for {names[scope]} is reached: {had} are spent"
    return ""


def month_of(workspace: Workspace, *, now: datetime) -> tuple[datetime, datetime]:
    """The calendar month of the workspace's zone that runs now: its start, and that of the next (UTC)."""
    where = zone(workspace.zone)
    first = wall_time(now, where).replace(day=1, hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    following = (first + timedelta(days=32)).replace(day=1)
    start, end = (one.replace(tzinfo=where).astimezone(now.tzinfo) for one in (first, following))
    return start, end


def believed_key(channel_id: int) -> str:
    """The name of the row with what the platform itself said is left."""
    return f"channel:{channel_id}:said"


def _believed(session: Session, wanted: Sequence[Wanted], *, now: datetime) -> dict[int, Hold]:
    said = budgets.believed(session, [believed_key(one.channel.id) for one in wanted], now=now)
    holds = {}
    for one in sorted(wanted, key=lambda each: (each.channel.id, each.post.id)):
        until = said.get(believed_key(one.channel.id))
        if until is not None and not budgets.take_believed(session, believed_key(one.channel.id), now=now):
            words = f"{one.publisher.title} says that it takes no more posts until {until:%Y-%m-%d %H:%M} UTC"
            holds[one.post.id] = wait(until, words)
    return holds


def posts_a_day(found: Sequence[Budget]) -> int | None:
    """How many posts of a day fit into these budgets; None: any number."""
    day = timedelta(days=1)
    fitting = [
        budget.most if budget.every >= day else int(budget.most * (day / budget.every))
        for budget in found
        if budget.call is Call.POST
    ]
    return min(fitting, default=None)
