"""One question behind a short link: answered without script, once for each link or each person and day."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response

from domain.audience import audience_of
from domain.errors import NotFound, UsageError
from domain.metrics import Audience
from scheduler.surveys import CLOSED, LONGEST_WORDS, SCORES, answer, is_open, note_opened, open_survey
from store import budgets, people
from store.engine import reading, writing
from store.tables import Survey
from web.deps import LANGUAGE_COOKIE, Web, WebContext, page_context, show, voice_of
from web.i18n import marked as N_
from web.i18n import negotiate
from web.posted import Posted
from web.said import said

router = APIRouter(prefix="/s")

#: Forms that one caller may send in `WINDOW`: an office behind one address is not kept out.
FORMS, WINDOW = 60, timedelta(hours=1)
_TOO_MANY = N_("Too many tries from here. Wait an hour and open the link again.")
#: What is asked where nobody wrote a question.
USUAL = {
    "csat": N_("How satisfied are you with us?"),
    "nps": N_("How likely are you to recommend us to a friend or colleague?"),
}
ENDS = {
    "csat": (N_("not at all"), N_("very much")),
    "nps": (N_("not at all likely"), N_("very likely")),
}

Code = Annotated[str, Path(pattern="^[0-9A-Za-z]{4,32}$")]
Token = Annotated[str, Query(alias="t", max_length=60, pattern="^[0-9A-Za-z]*$")]


@router.api_route("/{code}", methods=["GET", "HEAD"])
def ask(request: Request, web: Web, code: Code, token: Token = "") -> Response:
    """The question; looking answers nothing."""
    survey = _survey(request, web, code)
    if request.method == "GET" and audience_of(request.method, request.headers) is Audience.HUMAN:
        note_opened(web.context, survey)
    return _shown(request, web, survey, token=token)


@router.post("/{code}")
def take(request: Request, web: Web, code: Code, typed: Posted, token: Token = "") -> Response:
    """Take the answer, and say thanks."""
    survey = _survey(request, web, code)
    caller = request.client.host if request.client else ""
    _limit(web, f"survey:{caller}"[:120])
    try:
        is_new = answer(
            web.context, survey, score=typed.get("score", ""), words=typed.get("words", ""), token=token,
            caller=caller, agent=request.headers.get("user-agent", "")[:512],
        )  # fmt: skip
    except UsageError as error:
        return _shown(request, web, survey, token=token, error=str(error), words=typed.get("words", ""))
    return _shown(request, web, survey, token=token, done="thanks" if is_new else "again")


def _survey(request: Request, web: WebContext, code: str) -> Survey:
    try:
        survey = open_survey(web.context, code)
    except NotFound as missing:
        raise HTTPException(404, str(missing)) from missing
    with reading(web.context.engine) as session:
        workspace = people.workspace(session, survey.workspace_id)
    language = negotiate(
        cookie=request.cookies.get(LANGUAGE_COOKIE),
        person=None,
        accept=request.headers.get("accept-language") or workspace.language,
    )
    page_context(request, language=language, zone=workspace.zone, simulated=workspace.simulated)
    return survey


def _limit(web: WebContext, key: str) -> None:
    with writing(web.context.engine) as session:
        is_free = budgets.take(session, key, allowed=FORMS, window=WINDOW, now=web.context.clock())
        session.commit()
    if not is_free:
        raise HTTPException(429, _TOO_MANY)


def _shown(
    request: Request, web: WebContext, survey: Survey, *, token: str, error: str = "", words: str = "",
    done: str = "",
) -> Response:  # fmt: skip
    voice = voice_of(request)
    least, most = SCORES[survey.kind]
    low, high = ENDS[survey.kind]
    opened = is_open(survey, web.context.clock())
    answered = show(
        request,
        "public/survey.html",
        status=422 if error and error != CLOSED else 200,
        question=survey.question or voice.gettext(USUAL[survey.kind]),
        scores=range(least, most + 1),
        ends=(voice.gettext(low), voice.gettext(high)),
        action=f"/s/{survey.code}" + (f"?t={token}" if token else ""),
        open=opened,
        error=said(voice, error) if error and opened else "",
        words=words,
        longest=LONGEST_WORDS,
        done=done,
    )
    answered.headers["Cache-Control"] = "no-store"
    answered.headers["X-Robots-Tag"] = "noindex, nofollow"
    answered.headers["Referrer-Policy"] = "same-origin"
    return answered
