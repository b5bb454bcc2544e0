"""What a workspace's channels cost in a month, what is planned, and the caps that a person sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from domain.content import Call, Content, content_from
from domain.errors import NotFound, NotSent, TabuhError, UsageError
from domain.money import Money, cost_of, price_of
from domain.post import PostState
from publishers.base import Publisher
from scheduler.allowing import budget_key, cap_words, hours_words, month_of
from scheduler.context import Context
from store import budgets, channels, metering, queue
from store.changes import Actor, record
from store.engine import reading, writing
from store.metering import WORKSPACE, channel_scope, platform_scope
from store.tables import ChannelRow, Post, Workspace

#: States of posts that will still cost what publishing costs.
_COMING = frozenset({PostState.DRAFT, PostState.AWAITING_APPROVAL, PostState.QUEUED})


def price_of_content(context: Context, platform: str, content: Content, *, on: date) -> Money | None:
    """What publishing this on a platform costs on a day; None: nothing, or nothing is known."""
    try:
        kind = context.adapter(platform)
    except TabuhError:  # the package that brought the platform is gone
        return None
    prices = kind.capabilities.prices
    return cost_of(prices, kind.calls(content), on) if prices else None


def price_of_post(context: Context, channel: ChannelRow, post: Post, *, now: datetime) -> Money | None:
    """What a post that has not gone out will cost; None: nothing, or it has gone out."""
    if post.state not in _COMING:
        return None
    on = (post.planned_at or now).date()
    return price_of_content(context, channel.platform, content_from(post.content), on=on)


def charge_reads(
    context: Context,
    channel: ChannelRow,
    publisher: Publisher,
    *,
    reads: int,
    post_id: int | None = None,
    paid: bool = True,
) -> None:
    """Take reads of their budgets, and write down what they are about to cost.

    Args:
        paid: whether their price is taken too; else `charge_posts` does that.

    Raises:
        NotSent: a budget is used up, or a cap of the month reached; nothing is to be read.
    """
    now = context.clock()
    _take_reads(context, channel, publisher, reads, now=now)
    price = price_of(publisher.capabilities.prices, Call.READ, now.date())
    if price is None or not paid:
        return
    cost = Money(price.micros * reads, price.currency)
    with writing(context.engine) as session:
        workspace = channels.workspace_of(session, channel)
        said = cap_words(session, channel, workspace, cost, title=publisher.title, now=now)
        if said:
            raise NotSent(f"Not read, because {said}.")
        metering.write(
            session,
            [
                {
                    "workspace_id": channel.workspace_id, "channel_id": channel.id,
                    "platform": channel.platform, "at": now, "post_id": post_id, "call": Call.READ.value,
                    "calls": reads, "micros": cost.micros, "currency": cost.currency,
                }
            ],
        )  # fmt: skip
        session.commit()


def charge_posts(
    context: Context, channel: ChannelRow, publisher: Publisher, posts: Mapping[str, int]
) -> tuple[set[str], NotSent | None]:
    """Write down what reading these posts (id on the platform → post) costs: the price is that of each.

    Returns:
        Those that the caps of the month leave room for, and why there is none for the others.
    """
    now = context.clock()
    price = price_of(publisher.capabilities.prices, Call.READ, now.date())
    if price is None:
        return set(posts), None
    cost, afforded = Money(price.micros, price.currency), set[str]()
    with writing(context.engine) as session:
        workspace = channels.workspace_of(session, channel)
        for remote_id, post_id in posts.items():
            said = cap_words(session, channel, workspace, cost, title=publisher.title, now=now)
            if said:
                session.commit()
                return afforded, NotSent(f"Not read, because {said}.")
            metering.write(
                session,
                [
                    {
                        "workspace_id": channel.workspace_id, "channel_id": channel.id,
                        "platform": channel.platform, "at": now, "post_id": post_id,
                        "call": Call.READ.value, "calls": 1, "micros": cost.micros, "currency": cost.currency,
                    }
                ],
            )  # fmt: skip
            afforded.add(remote_id)
        session.commit()
    return afforded, None


def _take_reads(
    context: Context, channel: ChannelRow, publisher: Publisher, reads: int, *, now: datetime
) -> None:
    counted = [one for one in publisher.limits().budgets if one.call is Call.READ]
    if not counted:
        return
    with writing(context.engine) as session:
        for budget in sorted(counted, key=lambda one: one.every):
            key = budget_key(channel, budget)
            for _ in range(reads):
                if not budgets.take(session, key, allowed=budget.most, window=budget.every, now=now):
                    raise NotSent(
                        f"Not read, because {publisher.title} takes at most {budget.most} reads in "
                        f"{hours_words(budget.every)}."
                    )
        session.commit()


@dataclass(frozen=True, slots=True)
class Costs:
    """What one channel costs in the month that runs."""

    channel: ChannelRow
    title: str
    spent: Money
    #: Of queued posts whose hour lies in this month.
    planned: Money
    planned_posts: int
    #: What one post without and one with a link costs, and one read; None: nothing.
    prices: Mapping[Call, Money]
    #: The caps that hold for it, by scope (`store.metering`).
    caps: Mapping[str, Money]


def overview(context: Context, workspace: Workspace) -> Sequence[Costs]:
    """All channels of a workspace whose platform takes money, by name."""
    now = context.clock()
    with reading(context.engine) as session:
        caps = metering.caps(session, workspace.id)
        rows = channels.listed(session, workspace.id)
        found = [_costs(context, session, workspace, row, caps, now=now) for row in rows]
    return [one for one in found if one is not None]


def _costs(
    context: Context,
    session: Session,
    workspace: Workspace,
    row: ChannelRow,
    caps: Mapping[str, Money],
    *,
    now: datetime,
) -> Costs | None:
    try:
        kind = context.adapter(row.platform)
    except TabuhError:
        return None
    known = kind.capabilities.prices
    if not known:
        return None
    currency, (start, end) = known[0].currency, month_of(workspace, now=now)
    spent = metering.spent(session, workspace.id, since=start, scope=channel_scope(row.id))
    coming = queue.queued_before(session, row, before=end)
    planned = [price_of_post(context, row, post, now=now) for post in coming]
    prices = {call: price_of(known, call, now.date()) for call in Call}
    return Costs(
        channel=row,
        title=kind.title,
        spent=Money(spent.get(currency, 0), currency),
        planned=Money(sum(one.micros for one in planned if one is not None), currency),
        planned_posts=len(coming),
        prices={call: Money(one.micros, one.currency) for call, one in prices.items() if one is not None},
        caps={scope: cap for scope, cap in caps.items() if scope in _scopes(row)},
    )


def _scopes(row: ChannelRow) -> tuple[str, ...]:
    return channel_scope(row.id), platform_scope(row.platform), WORKSPACE


def set_cap(
    context: Context,
    workspace_id: int,
    *,
    platform: str | None = None,
    channel: str | None = None,
    amount: str,
    actor: Actor,
) -> Money | None:
    """Cap what a calendar month may cost: of one channel, of a platform, or of the whole workspace.

    Args:
        amount: such as ``20.00 USD``; empty or ``none`` takes the cap away.

    Raises:
        UsageError: the amount cannot be read, or what it caps takes no money, or another currency.
        NotFound: there is no such channel.
    """
    now = context.clock()
    cap = None if amount.strip().lower() in ("", "none") else Money.parse(amount)
    with writing(context.engine) as session:
        scope, title, of = _scope_of(session, workspace_id, platform, channel)
        _check_currency(context, of, cap)
        before = metering.caps(session, workspace_id, held=True).get(scope)
        if cap is None:
            if before is None:
                raise NotFound("There is no such cap.")
            metering.remove_cap(session, workspace_id, scope)
        else:
            metering.set_cap(session, workspace_id, scope, cap, now=now)
        record(
            session, actor, "capped the costs" if cap else "lifted the cap on costs", subject="workspace",
            subject_id=workspace_id, workspace_id=workspace_id, now=now,
            before={"cap": str(before)} if before else None,
            after={"of": title, **({"cap": str(cap)} if cap else {})},
        )  # fmt: skip
        session.commit()
    return cap


def _scope_of(
    session: Session, workspace_id: int, platform: str | None, channel: str | None
) -> tuple[str, str, str | None]:
    """The scope of a cap, what people call it, and the platform that it is of."""
    if channel is not None:
        row = channels.named(session, workspace_id, channel)
        return channel_scope(row.id), row.name, row.platform
    if platform is not None:
        return platform_scope(platform), platform, platform
    return WORKSPACE, "workspace", None


def _check_currency(context: Context, platform: str | None, cap: Money | None) -> None:
    if platform is None:
        return
    kind = context.adapter(platform)
    if not kind.capabilities.prices:
        raise UsageError(f"{kind.title} takes no money for posts or reads, as far as is known.")
    currency = kind.capabilities.prices[0].currency
    if cap is not None and cap.currency != currency:
        raise UsageError(f"{kind.title} takes its prices in {currency}: set the cap in {currency}.")
