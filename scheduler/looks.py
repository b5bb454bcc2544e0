"""How many looks at posts a channel can have: within the month's caps, and within its platform's day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from domain.content import Budget, Call, Capabilities
from domain.errors import TabuhError
from domain.looks import Plan, affordable, demand, spread_out, tightest
from domain.metrics import checkpoint_reached
from domain.money import Money, price_of
from scheduler.allowing import month_of
from scheduler.context import Context
from scheduler.spending import price_of_post
from store import channels, looks, metering, queue
from store.engine import reading
from store.metering import WORKSPACE, channel_scope, platform_scope
from store.tables import ChannelRow, Workspace

#: Reads that the daily look after a channel takes.
DAILY_READS: Final = 2
#: Of a platform's day, so much is left for what is no look at a post.
_SHARE: Final = 0.9
#: Budgets over less time only delay a look.
_LONG: Final = timedelta(hours=24)
#: From so many days, how many posts are still to be expected.
_RECENT: Final = timedelta(days=28)


def plan_of(
    context: Context,
    session: Session,
    channel: ChannelRow,
    *,
    now: datetime,
    deciding: timedelta | None = None,
) -> Plan | None:
    """The looks at its posts that a channel can have; None: nothing limits them.

    Args:
        deciding: the age of the look that is being decided on, which is no longer among those to come.
    """
    able = _able(context, channel)
    if able is None:
        return None
    plans = [
        _by_budget(session, channel, budget, now, deciding) for budget in able.budgets if _is_long(budget)
    ]
    price = price_of(able.prices, Call.READ, now.date())
    if price is not None and price.micros:
        workspace = channels.workspace_of(session, channel)
        caps = metering.caps(session, workspace.id)
        scopes = (channel_scope(channel.id), platform_scope(channel.platform), WORKSPACE)
        plans += [
            _by_cap(_Cap(context, session, workspace, scope, caps[scope], now, deciding))
            for scope in scopes
            if scope in caps and caps[scope].currency == price.currency
        ]
    return tightest(plans)


def _able(context: Context, channel: ChannelRow) -> Capabilities | None:
    try:
        return context.adapter(channel.platform).capabilities
    except TabuhError:
        return None


def _is_long(budget: Budget) -> bool:
    return budget.call is Call.READ and budget.every >= _LONG


def _by_budget(
    session: Session, channel: ChannelRow, budget: Budget, now: datetime, deciding: timedelta | None
) -> Plan:
    until = now + budget.every
    rows = looks.of_platform(session, channel.platform) if budget.shared else [channel]
    wanted = _wanted(session, rows, now=now, until=until, deciding=deciding)
    reads = int(budget.most * _SHARE)
    hours = int(budget.every.total_seconds() // 3600)
    return Plan(
        affordable(wanted, reads), reads, sum(wanted.values()), until, f"{budget.most} reads in {hours} hours"
    )


@dataclass(frozen=True, slots=True)
class _Cap:
    """A cap on what a scope of a workspace may cost in a month."""

    context: Context
    session: Session
    workspace: Workspace
    scope: str
    cap: Money
    now: datetime
    deciding: timedelta | None


def _by_cap(one: _Cap) -> Plan:
    """What is left of the month when everything else is paid: planned posts, and daily looks at channels.

    All channels under the cap share it, each look at the price of its platform; the dearest counts.
    """
    start, end = month_of(one.workspace, now=one.now)
    spent = metering.spent(one.session, one.workspace.id, since=start, scope=one.scope)
    left = one.cap.micros - spent.get(one.cap.currency, 0)
    days = max(0, (end - one.now).days)
    paid: list[tuple[ChannelRow, int]] = []
    for row in _under(one):
        able = _able(one.context, row)
        price = price_of(able.prices, Call.READ, one.now.date()) if able else None
        if price is None or price.currency != one.cap.currency:
            continue
        paid.append((row, price.micros))
        coming = queue.queued_before(one.session, row, before=end)
        costs = [price_of_post(one.context, row, post, now=one.now) for post in coming]
        left -= sum(cost.micros for cost in costs if cost is not None and cost.currency == one.cap.currency)
        left -= days * DAILY_READS * price.micros
    dearest = max((micros for _, micros in paid), default=0)
    reads = max(0, left // dearest) if dearest else 0
    rows = [row for row, _ in paid]
    wanted = _wanted(one.session, rows, now=one.now, until=end, deciding=one.deciding)
    limit = f"the cap of {one.cap} a month"
    return Plan(affordable(wanted, reads), reads, sum(wanted.values()), end, limit)


def _under(one: _Cap) -> Sequence[ChannelRow]:
    kind, _, which = one.scope.partition(":")
    rows = channels.listed(one.session, one.workspace.id)
    match kind:
        case "channel":
            return [row for row in rows if str(row.id) == which]
        case "platform":
            return [row for row in rows if row.platform == which]
    return rows


def _wanted(
    session: Session,
    rows: Sequence[ChannelRow],
    *,
    now: datetime,
    until: datetime,
    deciding: timedelta | None,
) -> dict[timedelta, int]:
    """How many looks at each age there would be: at posts that are out, queued, or to be expected."""
    ids = [row.id for row in rows]
    out = looks.under_way(session, ids)
    planned = [
        max(post.planned_at, now)
        for row in rows
        for post in queue.queued_before(session, row, before=until)
        if post.planned_at is not None
    ]
    usual = looks.published_since(session, ids, now - _RECENT) * ((until - now) / _RECENT)
    unplanned = spread_out(max(0, round(usual) - len(planned)), now=now, until=until)
    wanted = demand([*(at for at, _ in out), *planned, *unplanned], now=now, until=until)
    for at, next_at in out:
        pending = checkpoint_reached(now - at)
        if next_at <= now and pending is not None:
            wanted[pending] += 1
    if deciding is not None:
        wanted[deciding] += 1
    return wanted


def foretold(context: Context, workspace: Workspace) -> dict[int, Plan]:
    """By channel of a workspace: the looks that its posts get, where something limits them."""
    now = context.clock()
    with reading(context.engine) as session:
        found = {
            row.id: plan_of(context, session, row, now=now) for row in channels.listed(session, workspace.id)
        }
    return {channel_id: plan for channel_id, plan in found.items() if plan is not None}
