"""Experiments: all of them, one with its arms beside each other, and the form that starts one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from analytics.trials import judgeable, standing_of
from domain.catalogue import CATALOGUE
from domain.definition import Shape
from domain.errors import NotFound, UsageError
from domain.experiment import LETTERS, METHODS, Method
from domain.trial import AGES, STANDINGS, USUAL_AGE, Trial, TrialArm, TrialContrast, thaw, typical_unit
from scheduler import experiments as commands
from scheduler.drawing_hours import draw_hours
from scheduler.experiments import USUAL_EFFECT, USUAL_METRIC, NewExperiment
from scheduler.measuring import supplies
from store import channels, experiments, posts
from store.engine import reading
from store.experiments import Member
from store.tables import Experiment
from web.api.base import RowId
from web.auth import MayEdit, MaySee
from web.auth import Member as Me
from web.charts import Chart
from web.deps import Reading, Web, WebContext, page_context, redirect, show, voice_of
from web.downloads import Wanted, makes
from web.figures import amount
from web.i18n import Voice
from web.i18n import marked as N_
from web.pages.charts import STORE
from web.posted import Mistake, Posted
from web.said import said
from web.trial_charts import chance_text, effects_chart, signed_percent
from web.typed import day

router = APIRouter(include_in_schema=False)

_LIST = "/experiments"
#: Posts that are offered for an arm.
_OFFERED: Final = 40
_MOST_FIELDS: Final = 4
_OVER = {
    "end": (commands.end, N_("It is judged; the result stays as it is.")),
    "stop": (commands.stop, N_("It is given up; nothing is concluded.")),
}


@router.get("/experiments")
def overview(request: Request, session: Reading, me: MaySee) -> Response:
    """All experiments, those that run first."""
    voice = voice_of(request)
    counts = experiments.counts(session, me.workspace.id)
    rows = [_line(row, counts.get(row.id, {}), voice) for row in experiments.listed(session, me.workspace.id)]
    return show(request, "pages/experiments.html", rows=rows)


def _line(row: Experiment, counts: Mapping[int, int], voice: Voice) -> dict[str, Any]:
    return {
        "row": row,
        "metric": said(voice, CATALOGUE[row.metric].name),
        "age": said(voice, AGES[row.checkpoint]),
        "arms": ", ".join(f"{name} ({counts.get(place, 0)})" for place, name in enumerate(row.arms, 1)),
        "verdict": said(voice, thaw(row.result).verdict[0]) if row.result is not None else "",
        "until": _until(row, voice),
    }


def _until(row: Experiment, voice: Voice) -> str:
    if row.size is None:
        return ""
    return voice.ngettext(
        "until each arm has %(num)s measured post", "until each arm has %(num)s measured posts", row.size
    )


@router.get("/experiments/new")
def new(request: Request, web: Web, me: MayEdit, post: str = "") -> Response:
    """An empty form, or one that begins with a post."""
    typed = {"metric": USUAL_METRIC, "age": str(USUAL_AGE), "method": Method.ALWAYS,
             "effect": f"{USUAL_EFFECT:.0f}", "arm-1": "A", "arm-2": "B"}  # fmt: skip
    if post.isascii() and post.isdecimal() and len(post) < 19:
        with reading(web.context.engine) as session:
            found = posts.get(session, me.workspace.id, int(post))
        typed |= {"post": post, f"channel-{found.channel_id}": "on"}
    return _form(request, web, me, typed)


@router.post("/experiments/new")
def start(request: Request, web: Web, me: MayEdit, typed: Posted) -> Response:
    """Start an experiment, or only say how many posts it takes."""
    voice = voice_of(request)
    try:
        asked = _asked(web, me, typed, voice)
        if typed.get("act") == "advice":
            found = commands.advice(web.context, me.workspace.id, asked)
            return _form(request, web, me, typed, advice=[said(voice, one) for one in found.sentences])
        if not typed.get("post"):
            row = commands.start(web.context, me.workspace.id, asked, actor=me.actor)
            told = voice.gettext("It runs. Give its arms their posts.")
            return redirect(request, f"{_LIST}/{row.id}", notice=told)
        of = _whole("post", typed["post"], voice) or 0
        row, draft = commands.start_from(web.context, me.workspace.id, of, asked, actor=me.actor)
    except (UsageError, NotFound, Mistake) as error:
        sentence = str(error) if isinstance(error, Mistake) else said(voice, str(error))
        return _form(request, web, me, typed, error=sentence)
    told = voice.gettext("It runs. Change this draft into what the second arm tries, and give it an hour.")
    return redirect(request, f"/posts/{draft.id}", notice=told)


def _asked(web: WebContext, me: Me, typed: Mapping[str, str], voice: Voice) -> NewExperiment:
    with reading(web.context.engine) as session:
        known = [row.id for row in channels.listed(session, me.workspace.id)]
    return NewExperiment(
        name=typed.get("name", ""),
        question=typed.get("question", ""),
        metric=typed.get("metric", ""),
        age=_whole("age", typed.get("age", ""), voice) or 0,
        arms=[typed.get(f"arm-{place}", "") for place in range(1, _MOST_FIELDS + 1)],
        channel_ids=[one for one in known if typed.get(f"channel-{one}")],
        method=typed.get("method", ""),
        effect=_amount(typed.get("effect", ""), voice),
        size=_whole("size", typed.get("size", ""), voice),
        until=day("until", typed.get("until", ""), voice),
        beside=bool(typed.get("beside")),
    )


def _whole(name: str, text: str, voice: Voice) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Mistake(name, voice.gettext("Write a whole number."))
    return int(text)


def _amount(text: str, voice: Voice) -> float:
    try:
        return float(text.strip().replace(",", ".").removesuffix("%"))
    except ValueError:
        raise Mistake("effect", voice.gettext("Write the effect in percent, such as 50.")) from None


def _form(
    request: Request,
    web: WebContext,
    me: Me,
    typed: Mapping[str, str],
    *,
    error: str = "",
    advice: list[str] | None = None,
) -> Response:
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        rows = channels.listed(session, me.workspace.id)
    return show(
        request,
        "pages/experiments_new.html",
        status=422 if error else 200,
        typed=typed,
        error=error,
        advice=advice or [],
        channels=rows,
        metrics=[(one.key, said(voice, one.name)) for one in judgeable()],
        ages=[(str(seconds), said(voice, words)) for seconds, words in AGES.items()],
        methods=[(key, said(voice, words)) for key, words in METHODS.items()],
        places=range(1, _MOST_FIELDS + 1),
        letters=LETTERS,
    )


@router.get("/experiments/{experiment_id}")
def one(request: Request, web: Web, session: Reading, me: MaySee, experiment_id: RowId) -> Response:
    """One experiment: its arms beside each other, its posts, and what may be concluded."""
    voice, now = voice_of(request), page_context(request).now
    row = experiments.get(session, me.workspace.id, experiment_id)
    able = supplies(web.context, session, me.workspace.id)
    trial = standing_of(session, row, supplies=able, now=now)
    members = experiments.members(session, me.workspace.id, row.id)
    chart = effects_chart(trial, voice)
    names = {one.id: one.name for one in channels.listed(session, me.workspace.id)}
    wanted = row.channel_ids or list(names)
    may_add = me.may("edit") and row.result is None
    offered = (
        experiments.candidates(session, me.workspace.id, wanted, before=now, limit=_OFFERED)
        if may_add
        else []
    )
    return show(
        request,
        "pages/experiments_one.html",
        row=row,
        trial=trial,
        line=_line(row, {}, voice),
        method=said(voice, METHODS[row.method]),
        verdict=[said(voice, sentence) for sentence in trial.verdict],
        how=[said(voice, sentence) for sentence in trial.how],
        arms=[_arm(trial, place, voice) for place in range(len(trial.arms))],
        posts=_posts(members, row, trial, voice),
        chart=STORE.place(chart, language=voice.language, named="experiment", experiment=row.id)
        if chart
        else None,
        channel_names=[names[each] for each in row.channel_ids if each in names],
        offered=offered,
        may_draw=row.result is None and _may_draw(members),
    )


def _may_draw(members: Sequence[Member]) -> bool:
    """Whether two arms have posts with an hour that is still to come."""
    return len({one.arm for one in members if one.published_at is None and one.planned_at is not None}) > 1


def _arm(trial: Trial, place: int, voice: Voice) -> dict[str, Any]:
    own: TrialArm = trial.arms[place]
    entry = CATALOGUE[trial.metric]
    against: TrialContrast | None = next((each for each in trial.contrasts if each.arm == place + 1), None)
    typical = amount(own.typical, typical_unit(entry), voice) if own.typical is not None else "–"
    summed = ""
    if own.below is not None:
        summed = voice.gettext(
            "%(above)s of %(below)s", above=voice.number(own.above), below=voice.number(own.below)
        )
    elif entry.shape is not Shape.UNIQUE and own.counted:  # people are never added up
        summed = voice.gettext("%(number)s in all", number=voice.number(own.above))
    return {
        "letter": LETTERS[place],
        "name": own.name,
        "posts": own.posts,
        "counted": own.counted,
        "typical": typical,
        "summed": summed,
        "effect": signed_percent(against.effect, voice) if against else "",
        "between": voice.gettext(
            "%(low)s to %(high)s",
            low=signed_percent(against.low, voice),
            high=signed_percent(against.high, voice),
        )
        if against
        else "",
        "best": chance_text(own.best, voice) if own.best is not None else "–",
    }


def _posts(members: Sequence[Member], row: Experiment, trial: Trial, voice: Voice) -> list[dict[str, Any]]:
    known = {each.id: each for each in trial.posts}
    entry = CATALOGUE[row.metric]
    made = []
    for member in members:
        own = known.get(member.post_id)
        made.append(
            {
                "member": member,
                "arm": row.arms[member.arm - 1],
                "standing": said(voice, STANDINGS[own.standing]) if own else "",
                "counted": own is not None and own.value is not None,
                "value": amount(own.value, entry.unit, voice) if own and own.value is not None else "–",
            }
        )
    return made


@makes("experiment")
def _download(wanted: Wanted) -> Chart | None:
    row = experiments.get(wanted.session, wanted.me.workspace.id, wanted.number("experiment"))
    able = supplies(wanted.web.context, wanted.session, wanted.me.workspace.id)
    return effects_chart(standing_of(wanted.session, row, supplies=able, now=wanted.now), wanted.voice)


@router.post("/experiments/{experiment_id}/posts")
def add_posts(request: Request, web: Web, me: MayEdit, experiment_id: RowId, typed: Posted) -> Response:
    """Give posts to an arm: those that are ticked, or the one that is named."""
    voice = voice_of(request)

    def do() -> str:
        wanted = [name.removeprefix("post-") for name in typed if name.startswith("post-")]
        wanted += typed.get("posts", "").replace(",", " ").split()
        numbers = [_whole("posts", text, voice) or 0 for text in wanted]
        commands.add_posts(
            web.context, me.workspace.id, experiment_id, arm=typed.get("arm", ""), post_ids=numbers,
            actor=me.actor,
        )  # fmt: skip
        return voice.gettext("They belong to it now.")

    return _done(request, experiment_id, do, "#posts")


@router.post("/experiments/{experiment_id}/draw")
def draw(request: Request, web: Web, me: MayEdit, experiment_id: RowId) -> Response:
    """Draw by lot which queued post takes which of their hours."""

    def do() -> str:
        drawn = draw_hours(web.context, me.workspace.id, experiment_id, actor=me.actor)
        web.wake()
        return voice_of(request).ngettext(
            "The hour of %(num)s post was drawn.", "The hours of %(num)s posts were drawn.", drawn
        )

    return _done(request, experiment_id, do, "#posts")


@router.post("/experiments/{experiment_id}/posts/{post_id}/remove")
def remove_post(request: Request, web: Web, me: MayEdit, experiment_id: RowId, post_id: RowId) -> Response:
    """Take a post out of its arm."""

    def do() -> str:
        commands.remove_post(web.context, me.workspace.id, experiment_id, post_id, actor=me.actor)
        return voice_of(request).gettext("It is taken out.")

    return _done(request, experiment_id, do, "#posts")


@router.post("/experiments/{experiment_id}/end")
def end(request: Request, web: Web, me: MayEdit, experiment_id: RowId, typed: Posted) -> Response:
    """Judge it now."""
    return _over(request, web, me, experiment_id, typed, "end")


@router.post("/experiments/{experiment_id}/stop")
def stop(request: Request, web: Web, me: MayEdit, experiment_id: RowId, typed: Posted) -> Response:
    """Give it up."""
    return _over(request, web, me, experiment_id, typed, "stop")


def _over(  # noqa: PLR0917 - what a request brings
    request: Request, web: WebContext, me: Me, experiment_id: int, typed: Mapping[str, str], act: str
) -> Response:
    command, sentence = _OVER[act]

    def do() -> str:
        command(web.context, me.workspace.id, experiment_id, reason=typed.get("reason", ""), actor=me.actor)
        return voice_of(request).gettext(sentence)

    return _done(request, experiment_id, do)


def _done(request: Request, experiment_id: int, do: Callable[[], str], part: str = "") -> Response:
    """Do it and show the experiment; what is wrong is said there."""
    voice, to = voice_of(request), f"{_LIST}/{experiment_id}{part}"
    try:
        sentence = do()
    except Mistake as error:
        return redirect(request, to, notice=str(error), kind="bad")
    except (UsageError, NotFound) as error:
        return redirect(request, to, notice=said(voice, str(error)), kind="bad")
    return redirect(request, to, notice=sentence)
