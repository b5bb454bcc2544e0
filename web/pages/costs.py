"""What paid channels cost this month, what is planned, and the caps that hold posts back."""

from fastapi import APIRouter, Request, Response

from domain.errors import TabuhError
from domain.looks import WORTH, Plan
from scheduler.looks import foretold
from scheduler.spending import overview, set_cap
from store.metering import WORKSPACE
from web.auth import MayConnect, MaySee, Member
from web.deps import Web, WebContext, redirect, show, voice_of
from web.i18n import Voice
from web.post_words import amount
from web.posted import Posted
from web.said import said

router = APIRouter()


@router.get("/costs")
def costs(request: Request, web: Web, me: MaySee) -> Response:
    """Spent and planned by channel, with the caps."""
    return _page(request, web, me, typed={}, refused="")


@router.post("/costs")
def cap(request: Request, web: Web, me: MayConnect, typed: Posted) -> Response:
    """Set or lift a cap: of the workspace, of a platform, or of one channel."""
    voice = voice_of(request)
    kind, _, which = typed.get("of", "").partition(":")
    named = {"channel": "channel", "platform": "platform"}.get(kind)
    of = {named: which} if named else {}
    try:
        set_cap(web.context, me.workspace.id, amount=typed.get("amount", ""), actor=me.actor, **of)
    except TabuhError as error:
        return _page(request, web, me, typed=typed, refused=said(voice, str(error)))
    web.wake()
    return redirect(request, "/costs", notice=voice.gettext("The cap is changed."))


def _page(request: Request, web: WebContext, me: Member, *, typed: Posted, refused: str) -> Response:
    voice = voice_of(request)
    found, plans = overview(web.context, me.workspace), foretold(web.context, me.workspace)
    platforms = {one.channel.platform: one.title for one in found}
    of = [(f"platform:{name}", title) for name, title in platforms.items()]
    of += [(f"channel:{one.channel.name}", one.channel.name) for one in found]
    return show(
        request,
        "pages/costs.html",
        status=422 if refused else 200,
        costs=found,
        amounts={one.channel.id: (amount(one.spent, voice), amount(one.planned, voice)) for one in found},
        caps={
            one.channel.id: [(_scope(scope), amount(cap, voice)) for scope, cap in one.caps.items()]
            for one in found
        },
        looks={one.channel.id: _looks(plans.get(one.channel.id), voice) for one in found},
        of=[*of, (WORKSPACE, voice.gettext("Everything of this workspace"))],
        typed=typed,
        refused=refused,
    )


def _looks(plan: Plan | None, voice: Voice) -> tuple[str, str]:
    """How many looks each post gets, and which ages are left out."""
    whole = len(WORTH)
    if plan is None or not plan.thinned:
        return voice.gettext("all %(whole)s", whole=whole), ""
    left_out = sorted(age for age in WORTH if not plan.allows(age))
    told = voice.gettext(
        "%(number)s of %(whole)s within %(limit)s",
        number=len(plan.looks), whole=whole, limit=said(voice, plan.limit),
    )  # fmt: skip
    return told, voice.gettext("left out: %(ages)s", ages=", ".join(voice.interval(age) for age in left_out))


def _scope(scope: str) -> str:
    """Which kind of cap it is: ``channel``, ``platform`` or ``workspace``."""
    return scope.partition(":")[0]
