"""Experiments: ways to do a thing, compared by the posts that did it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import BaseModel, Field

from analytics.trials import standing_of
from domain.errors import UsageError
from domain.experiment import (
    LONGEST_ARM,
    LONGEST_QUESTION,
    MOST_ARMS,
    MOST_PLANNED,
    MOST_POSTS,
    Method,
    State,
)
from domain.trial import AGE_KEYS, Standing
from scheduler import experiments as commands
from scheduler.drawing_hours import draw_hours
from scheduler.experiment_documents import document, sentence, summary
from scheduler.experiments import USUAL_EFFECT, USUAL_METRIC, NewExperiment
from scheduler.measuring import supplies
from store import experiments
from store.engine import reading
from store.tables import Experiment
from web.api.base import Body, Line, Listing, Pages, Repeatable, RowId, api_router
from web.api.shapes import in_pages
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web, WebContext

router = api_router("experiments")

Question = Annotated[str, Field(max_length=LONGEST_QUESTION)]
ArmName = Annotated[str, Field(min_length=1, max_length=LONGEST_ARM, pattern=r"^[^\x00-\x1f\x7f]+$")]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]


class NewExperimentBody(Body):
    """An experiment to start."""

    name: Line
    question: Question = ""
    #: Key of the figure that decides.
    metric: Annotated[str, Field(max_length=40)] = USUAL_METRIC
    #: The age at which posts are judged, such as ``24h`` or ``7d``.
    age: Annotated[str, Field(max_length=8)] = "24h"
    #: The others are compared with the first.
    arms: list[ArmName] = Field(default=["A", "B"], min_length=2, max_length=MOST_ARMS)
    #: Empty: all channels.
    channel_ids: list[RowId] = Field(default_factory=list, max_length=1_000)
    #: ``always``: may be looked at any day; ``fixed``: judged once at the end.
    method: Method = Method.ALWAYS
    #: The smallest effect that is looked for, in percent.
    effect: float = USUAL_EFFECT
    #: Measured posts of each arm at which it ends; null: as many as the effect takes, unless a day is named.
    size: Annotated[int, Field(ge=5, le=MOST_PLANNED)] | None = None
    #: The last day, on the workspace's clock.
    until: Day | None = None
    #: Also where another experiment runs on the same channels.
    beside: bool = False
    #: Begin with this post in the first arm and a draft that says the same in the second.
    post_id: RowId | None = None


class PostsBody(Body):
    """Posts for an arm."""

    #: Its name, its number or its letter.
    arm: Annotated[str, Field(min_length=1, max_length=LONGEST_ARM)]
    post_ids: Annotated[list[RowId], Field(min_length=1, max_length=MOST_POSTS)]


class ReasonBody(Body):
    """Why it ends."""

    reason: Question = ""


class ArmShown(BaseModel):
    """One arm."""

    number: int
    letter: str
    name: str
    posts: int


class ExperimentPlan(BaseModel):
    """What was planned, and how it runs."""

    id: RowId
    name: str
    question: str
    metric: str
    metric_name: dict[str, str]
    denominator: str | None
    age: str
    age_seconds: int
    method: Method
    effect: float
    size: int | None
    channel_ids: list[RowId]
    state: State
    started_at: datetime
    ends_at: datetime | None
    ended_at: datetime | None
    #: ``size``, ``date`` or ``person``; null: it runs.
    ended_by: str | None
    reason: str


class ExperimentShown(ExperimentPlan):
    """An experiment without what came of it."""

    arms: list[ArmShown]


class ArmJudged(ArmShown):
    """One arm with what its posts came to."""

    #: Posts that were measured at the age at which all are judged.
    counted: int
    above: float
    below: float | None
    #: Of counts the geometric mean (of one more than the count, less one), of rates the ratio of the sums.
    typical: float | None
    #: Chance of being the best arm; null: too few posts, or not judged yet.
    best: float | None
    #: What choosing it loses on average, in percent.
    loss: float | None


class SharesShown(BaseModel):
    """As if all that a rate counts were drawn by itself."""

    chance: float
    z: float
    p: float


class ContrastShown(BaseModel):
    """One arm against the first; effects in percent."""

    arm: int
    against: int
    effect: float
    low: float
    high: float
    p: float
    #: That the arm is better than the first.
    chance: float
    decided: bool
    #: After how many posts it was told, where one may always look.
    decided_after: int | None
    shares: SharesShown | None


class TrialPostShown(BaseModel):
    """One post and whether it counts."""

    id: RowId
    arm: int
    channel_id: RowId
    standing: Standing
    value: float | None
    above: float | None
    below: float | None
    read_at: datetime | None
    #: Its figures were known when it was added.
    known: bool
    #: Its hour was drawn by lot.
    drawn: bool


class ExperimentJudged(ExperimentPlan):
    """An experiment with its arms, its posts and what came of it."""

    as_of: datetime
    #: Whether the result is kept as it is.
    frozen: bool
    formula_version: int
    arms: list[ArmJudged]
    contrasts: list[ContrastShown]
    alpha: float
    #: Of one post on the scale of logarithms, and its degrees of freedom.
    variance: float | None
    freedom: int
    #: The verdict first, in English and Indonesian.
    verdict: list[dict[str, str]]
    #: How it was computed.
    how: list[dict[str, str]]
    posts: list[TrialPostShown]


class AdviceShown(BaseModel):
    """How many posts an experiment takes."""

    #: In each arm; null: too few past posts to say.
    needed: int | None
    #: Past posts that it rests on, and how much they differ: the standard deviation of one, of logarithms.
    posts: int
    log_sd: float | None
    per_week: float
    weeks: float | None
    said: list[dict[str, str]]


def _new(body: NewExperimentBody) -> NewExperiment:
    age = AGE_KEYS.get(body.age)
    if age is None:
        raise UsageError(f"Posts are not read at the age {body.age!r}. Choose one of: {', '.join(AGE_KEYS)}.")
    return NewExperiment(
        name=body.name, question=body.question, metric=body.metric, age=age, arms=body.arms,
        channel_ids=body.channel_ids, method=body.method, effect=body.effect, size=body.size,
        until=body.until, beside=body.beside,
    )  # fmt: skip


def _judged(web: WebContext, workspace_id: int, row: Experiment) -> ExperimentJudged:
    with reading(web.context.engine) as session:
        able = supplies(web.context, session, workspace_id)
        trial = standing_of(session, row, supplies=able, now=web.context.clock())
    return ExperimentJudged.model_validate(document(row, trial))


@router.get("/experiments")
def list_experiments(me: MaySee, session: Reading, pages: Pages) -> Listing[ExperimentShown]:
    """All experiments, those that run first."""
    counts = experiments.counts(session, me.workspace.id)

    def shown(row: Experiment) -> ExperimentShown:
        return ExperimentShown.model_validate(summary(row, counts.get(row.id, {})))

    return in_pages(pages, experiments.listed(session, me.workspace.id), shown)


@router.post("/experiments", status_code=201, response_model=ExperimentJudged)
def start_experiment(body: NewExperimentBody, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Start an experiment, once for one Idempotency-Key; its posts are given to its arms afterwards."""

    def start() -> ExperimentJudged:
        new = _new(body)
        if body.post_id is None:
            row = commands.start(web.context, me.workspace.id, new, actor=me.actor)
        else:
            row, _ = commands.start_from(web.context, me.workspace.id, body.post_id, new, actor=me.actor)
        return _judged(web, me.workspace.id, row)

    return once.run(me, body, start)


@router.post("/experiments/advice")
def how_many(me: MaySee, web: Web, body: NewExperimentBody) -> AdviceShown:
    """How many posts an experiment takes; nothing is stored."""
    found = commands.advice(web.context, me.workspace.id, _new(body))
    told: dict[str, Any] = {
        "needed": found.needed, "posts": found.posts, "log_sd": found.log_sd, "per_week": found.per_week,
        "weeks": found.weeks, "said": [sentence(one) for one in found.sentences],
    }  # fmt: skip
    return AdviceShown.model_validate(told)


@router.get("/experiments/{experiment_id}")
def get_experiment(me: MaySee, web: Web, session: Reading, experiment_id: RowId) -> ExperimentJudged:
    """One experiment: its arms beside each other, its posts, and what may be concluded."""
    return _judged(web, me.workspace.id, experiments.get(session, me.workspace.id, experiment_id))


@router.post("/experiments/{experiment_id}/posts")
def add_posts(me: MayEdit, web: Web, experiment_id: RowId, body: PostsBody) -> ExperimentJudged:
    """Give posts to an arm: drafts, queued or published ones."""
    row = commands.add_posts(
        web.context, me.workspace.id, experiment_id, arm=body.arm, post_ids=body.post_ids, actor=me.actor
    )
    return _judged(web, me.workspace.id, row)


@router.post("/experiments/{experiment_id}/draw")
def draw(me: MayEdit, web: Web, experiment_id: RowId) -> ExperimentJudged:
    """Draw by lot which queued post takes which of their hours, so that no arm has the better ones."""
    draw_hours(web.context, me.workspace.id, experiment_id, actor=me.actor)
    web.wake()
    with reading(web.context.engine) as session:
        row = experiments.get(session, me.workspace.id, experiment_id)
    return _judged(web, me.workspace.id, row)


@router.delete("/experiments/{experiment_id}/posts/{post_id}")
def remove_post(me: MayEdit, web: Web, experiment_id: RowId, post_id: RowId) -> ExperimentJudged:
    """Take a post out of its arm, as long as no figure of it is known."""
    row = commands.remove_post(web.context, me.workspace.id, experiment_id, post_id, actor=me.actor)
    return _judged(web, me.workspace.id, row)


@router.post("/experiments/{experiment_id}/{act}")
def over(
    me: MayEdit, web: Web, experiment_id: RowId, act: Literal["end", "stop"], body: ReasonBody
) -> ExperimentJudged:
    """``end``: judge it now, for good. ``stop``: give it up, so that nothing is concluded."""
    do = commands.end if act == "end" else commands.stop
    row = do(web.context, me.workspace.id, experiment_id, reason=body.reason, actor=me.actor)
    return _judged(web, me.workspace.id, row)
