"""What paid channels cost in a calendar month, and the caps that hold posts back."""

from datetime import datetime
from typing import Annotated

from fastapi import Response
from pydantic import AfterValidator, BaseModel, Field

from domain.content import Call
from domain.looks import WORTH, Plan
from domain.money import Money
from scheduler.looks import foretold
from scheduler.spending import Costs, overview, set_cap
from store import channels
from store.engine import reading
from web.api.base import Body, RowId, api_router
from web.api.post_shapes import MoneyShown
from web.auth import MayConnect, MaySee
from web.deps import Web
from web.posted import clean

router = api_router("costs")


class LooksShown(BaseModel):
    """How many looks each post gets until then, within what limits them."""

    #: Ages in seconds at which posts are read, the most worth first; of so many.
    ages: list[int]
    of: int
    #: Reads that are left, and those that all looks would take.
    reads: int
    wanted: int
    until: datetime
    limit: str


class CostsShown(BaseModel):
    """One channel in the month that runs."""

    channel_id: RowId
    channel: str
    platform: str
    spent: MoneyShown
    #: Of queued posts whose hour lies in this month.
    planned: MoneyShown
    planned_posts: int
    #: What one call costs.
    prices: dict[Call, MoneyShown]
    #: By what they cap: `channel:…`, `platform:…` or `workspace`.
    caps: dict[str, MoneyShown]
    #: How many looks each post gets; null: nothing limits them.
    looks: LooksShown | None


class SetCap(Body):
    """A cap of a channel or of a platform, or with neither of the whole workspace."""

    channel_id: RowId | None = None
    platform: Annotated[str, Field(max_length=32)] | None = None
    #: Such as `20.00 USD`; empty lifts the cap.
    amount: Annotated[str, AfterValidator(clean), Field(max_length=30)]


@router.get("/costs")
def list_costs(web: Web, me: MaySee) -> list[CostsShown]:
    """All channels of the workspace whose platform takes money, by name."""
    plans = foretold(web.context, me.workspace)
    return [_shown(one, plans.get(one.channel.id)) for one in overview(web.context, me.workspace)]


@router.put("/costs/cap", status_code=204)
def put_cap(body: SetCap, web: Web, me: MayConnect) -> Response:
    """Set or lift a cap; what would cost more waits."""
    name = None
    if body.channel_id is not None:
        with reading(web.context.engine) as session:
            name = channels.get(session, me.workspace.id, body.channel_id).name
    set_cap(
        web.context, me.workspace.id, platform=body.platform, channel=name, amount=body.amount,
        actor=me.actor,
    )  # fmt: skip
    web.wake()
    return Response(status_code=204)


def _shown(one: Costs, plan: Plan | None) -> CostsShown:
    return CostsShown(
        channel_id=one.channel.id, channel=one.channel.name, platform=one.channel.platform,
        spent=_money(one.spent), planned=_money(one.planned), planned_posts=one.planned_posts,
        prices={call: _money(price) for call, price in one.prices.items()},
        caps={scope: _money(cap) for scope, cap in one.caps.items()},
        looks=None if plan is None else _looks(plan),
    )  # fmt: skip


def _looks(plan: Plan) -> LooksShown:
    return LooksShown(
        ages=[int(age.total_seconds()) for age in plan.looks], of=len(WORTH), reads=plan.reads,
        wanted=plan.wanted, until=plan.until, limit=plan.limit,
    )  # fmt: skip


def _money(money: Money) -> MoneyShown:
    return MoneyShown(micros=money.micros, currency=money.currency)
