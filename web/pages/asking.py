"""The pages of surveys: what is asked, who answered, and the score with its interval."""

from typing import Any

from fastapi import APIRouter, Request, Response

from domain.errors import NotFound, UsageError
from scheduler.surveys import SCORES, Tally, add_survey, address, close_survey, is_open, personal_links, tally
from store import surveys
from store.engine import reading
from web.api.base import RowId
from web.auth import MayEdit, MaySee
from web.deps import Web, WebContext, page_context, redirect, show, voice_of
from web.i18n import Voice
from web.posted import Mistake, Posted
from web.public.surveys import USUAL
from web.said import said
from web.typed import day

router = APIRouter(include_in_schema=False)


@router.get("/business/surveys")
def list_surveys(request: Request, web: Web, me: MaySee) -> Response:
    """All surveys, and a form for another."""
    return _listed(request, web, me.workspace.id, {})


@router.post("/business/surveys")
def add(request: Request, web: Web, me: MayEdit, typed: Posted) -> Response:
    """Ask a question."""
    voice = voice_of(request)
    try:
        row = add_survey(
            web.context, me.workspace.id, name=typed.get("name", ""), kind=typed.get("kind", ""),
            question=typed.get("question", ""), closes_on=day("closes", typed.get("closes", ""), voice),
            actor=me.actor,
        )  # fmt: skip
    except (UsageError, Mistake) as error:
        return _listed(request, web, me.workspace.id, typed, error=said(voice, str(error)))
    return redirect(
        request, f"/business/surveys/{row.id}", notice=voice.gettext("Asked. Give its link around.")
    )


def _listed(request: Request, web: WebContext, workspace_id: int, typed: Any, *, error: str = "") -> Response:
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        rows = surveys.listed(session, workspace_id)
    return show(
        request,
        "pages/surveys.html",
        status=422 if error else 200,
        error=error,
        typed=typed,
        rows=[_shown(web, tally(web.context, workspace_id, row.id), voice, request) for row in rows],
    )


@router.get("/business/surveys/{survey_id}")
def one(request: Request, web: Web, me: MaySee, survey_id: RowId) -> Response:
    """One survey: each answer's number, and the words that were added."""
    return _one(request, web, me.workspace.id, survey_id)


@router.post("/business/surveys/{survey_id}/links")
def links(request: Request, web: Web, me: MayEdit, survey_id: RowId, typed: Posted) -> Response:
    """Personal links, shown once."""
    voice, number = voice_of(request), typed.get("count", "").strip()
    try:
        if not number.isascii() or not number.isdecimal() or len(number) > 6:
            raise UsageError("Ask for 1 to 1,000 links at a time.")
        with reading(web.context.engine) as session:
            row = surveys.get(session, me.workspace.id, survey_id)
        made = personal_links(web.context, row, int(number))
    except UsageError as error:
        return _one(request, web, me.workspace.id, survey_id, error=said(voice, str(error)))
    return _one(request, web, me.workspace.id, survey_id, made=made)


@router.post("/business/surveys/{survey_id}/close")
def close(request: Request, web: Web, me: MayEdit, survey_id: RowId) -> Response:
    """Take no more answers."""
    voice, to = voice_of(request), f"/business/surveys/{survey_id}"
    try:
        close_survey(web.context, me.workspace.id, survey_id, actor=me.actor)
    except (UsageError, NotFound) as error:
        return redirect(request, to, notice=said(voice, str(error)), kind="bad")
    return redirect(request, to, notice=voice.gettext("Closed. The answers stay."))


def _one(
    request: Request, web: WebContext, workspace_id: int, survey_id: int, *, error: str = "",
    made: list[str] | None = None,
) -> Response:  # fmt: skip
    voice = voice_of(request)
    found = tally(web.context, workspace_id, survey_id)
    with reading(web.context.engine) as session:
        answers = surveys.answers(session, found.survey)
    least, most = SCORES[found.survey.kind]
    return show(
        request,
        "pages/surveys_one.html",
        status=422 if error else 200,
        error=error,
        made=made or [],
        one=_shown(web, found, voice, request),
        scores=[[str(score), voice.number(found.scores.get(score, 0))] for score in range(least, most + 1)],
        words=[answer for answer in answers if answer.words],
    )


def _shown(web: WebContext, found: Tally, voice: Voice, request: Request) -> dict[str, Any]:
    row, score = found.survey, found.score
    unit = "%" if row.kind == "csat" else ""
    return {
        "row": row,
        "kind": row.kind.upper(),
        "question": row.question or voice.gettext(USUAL[row.kind]),
        "address": address(web.context, row),
        "open": is_open(row, page_context(request).now),
        "opened": row.opened,
        "answered": found.answered,
        "rate": found.rate,
        "score": f"{voice.number(score.value, 1)}{unit}" if score else "",
        "interval": voice.gettext(
            "%(low)s to %(high)s",
            low=f"{voice.number(score.lower, 1)}{unit}",
            high=f"{voice.number(score.upper, 1)}{unit}",
        )
        if score
        else "",
    }
