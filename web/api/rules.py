"""Rules of channels and routes, tried before they are saved; and pausing everything."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from domain.rules import FIELDS, Kind, rules_from, texts
from domain.schedule import schedule_text
from scheduler import pausing
from scheduler.channel_rules import Outcome, plan_again, set_route_rules, set_rules
from scheduler.mixing import mix_of_weeks
from store import channels, routes
from store.engine import reading
from web.api.base import Body, RowId, api_router
from web.api.channels import Schedule
from web.auth import MayConnect, MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext
from web.posted import clean

router = api_router("rules")

RuleText = Annotated[str, AfterValidator(clean), Field(max_length=4000)]
#: Texts by name, as `tabuh channel rules` takes them; an empty text or ``none`` clears a rule.
RuleTexts = Annotated[
    dict[Annotated[str, Field(max_length=40)], RuleText],
    Field(
        description=f"Texts by name: {', '.join(FIELDS)}. An empty text or `none` clears a rule; "
        "what is absent stays.",
        examples=[{"quiet": "22:00-06:00", "cap_day": "5", "gap": "90 min", "mix": "image 40%, link 60%"}],
    ),
]


class RulesShown(BaseModel):
    """The rules that forbid something, each as a text."""

    rules: dict[str, str]
    schedule: str
    #: The content mix of this week and the next; empty where the rules name none.
    mix: list["WeekMixShown"]


class ShareShown(BaseModel):
    """One kind of content in one week."""

    kind: Kind
    #: Percent that it may have at most; null: the rules name none.
    wanted: int | None
    posts: int
    #: Its share in percent; null: the week has no posts.
    percent: float | None
    #: Percentage points above what is wanted, negative below; null: nothing to compare.
    gap: float | None


class WeekMixShown(BaseModel):
    """The content mix of one local week."""

    monday: date
    shares: list[ShareShown]


class SetRules(Body):
    """Rules to change."""

    rules: RuleTexts = Field(default_factory=dict)
    #: Another posting schedule at the same time; null: it stays.
    schedule: Schedule | None = None
    #: Only tell what would happen.
    what_if: bool = False


class SetRouteRules(Body):
    """Rules of its channel that a route's posts obey differently; an empty text ends an override."""

    rules: RuleTexts = Field(default_factory=dict)
    what_if: bool = False


class Plan(Body):
    """How to plan anew."""

    what_if: bool = False


class MoveShown(BaseModel):
    """A post that moves."""

    post_id: RowId
    text: str
    before: datetime
    #: Null: no slot is left that the rules allow, so it is held as a draft.
    after: datetime | None


class OutcomeShown(BaseModel):
    """What a change of rules comes to."""

    rules: dict[str, str]
    schedule: str
    #: False: nothing was changed.
    saved: bool
    #: Automatic posts that stay.
    kept: int
    moves: list[MoveShown]


class PauseAll(Body):
    """Why everything is paused."""

    reason: Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=pausing.REASON_LENGTH)]


class PausedShown(BaseModel):
    """Whether everything is paused."""

    paused: bool
    #: Posts that were waiting past their hour.
    waiting: int = 0


@router.get("/channels/{channel_id}/rules")
def get_rules(channel_id: RowId, web: Web, me: MaySee, session: Reading) -> RulesShown:
    """When a channel's posts may go out."""
    row = channels.get(session, me.workspace.id, channel_id)
    times = channels.schedule(session, row.id)
    mix = [
        WeekMixShown(
            monday=week.monday,
            shares=[
                ShareShown(
                    kind=one.kind, wanted=one.wanted, posts=one.posts, percent=one.percent, gap=one.gap
                )
                for one in week.shares
            ],
        )
        for week in mix_of_weeks(session, row, now=web.context.clock())
    ]
    return RulesShown(rules=texts(rules_from(row.rules)), schedule=schedule_text(times), mix=mix)


@router.put("/channels/{channel_id}/rules")
def put_rules(channel_id: RowId, body: SetRules, web: Web, me: MayConnect) -> OutcomeShown:
    """Change some of a channel's rules; its automatic posts move where the rules ask for it."""
    outcome = set_rules(
        web.context, me.workspace.id, _name(web, me, channel_id), body.rules, actor=me.actor,
        schedule=body.schedule, what_if=body.what_if,
    )  # fmt: skip
    web.wake()
    return _shown(outcome)


@router.post("/channels/{channel_id}/plan")
def plan_channel(channel_id: RowId, body: Plan, web: Web, me: MayEdit) -> OutcomeShown:
    """Plan its automatic posts anew; they move only where those that move gain more than 2 % together."""
    outcome = plan_again(
        web.context, me.workspace.id, _name(web, me, channel_id), actor=me.actor, what_if=body.what_if
    )
    web.wake()
    return _shown(outcome)


@router.put("/routes/{route_id}/rules")
def put_route_rules(route_id: RowId, body: SetRouteRules, web: Web, me: MayEdit) -> OutcomeShown:
    """Override some of the channel's rules for the posts of a route."""
    with reading(web.context.engine) as session:
        name = routes.get(session, me.workspace.id, route_id).name
    outcome = set_route_rules(
        web.context, me.workspace.id, name, body.rules, actor=me.actor, what_if=body.what_if
    )
    web.wake()
    return _shown(outcome)


@router.post("/workspace/pause")
def pause_all(body: PauseAll, web: Web, me: MayEdit) -> PausedShown:
    """Publish nothing in the workspace until it is resumed; posts stay queued."""
    pausing.pause(web.context, me.workspace.id, reason=body.reason, actor=me.actor)
    return PausedShown(paused=True)


@router.post("/workspace/resume")
def resume_all(web: Web, me: MayEdit) -> PausedShown:
    """Publish again; posts whose hour has passed follow the rule for late posts."""
    waiting = pausing.resume(web.context, me.workspace.id, actor=me.actor)
    web.wake()
    return PausedShown(paused=False, waiting=waiting)


def _name(web: WebContext, me: Member, channel_id: int) -> str:
    with reading(web.context.engine) as session:
        return channels.get(session, me.workspace.id, channel_id).name


def _shown(outcome: Outcome) -> OutcomeShown:
    moves = [
        MoveShown(post_id=one.post.id, text=one.post.content["text"], before=one.before, after=one.after)
        for one in outcome.plan.moves
    ]
    return OutcomeShown(
        rules=dict(outcome.rules),
        schedule=outcome.schedule,
        saved=outcome.saved,
        kept=outcome.plan.kept,
        moves=moves,
    )
