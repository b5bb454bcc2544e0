"""Posts that wait for a reviewer without account: looking decides nothing, each post is decided once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import Response
from sqlmodel import Session

from domain.content import content_from
from domain.errors import NotFound, UsageError
from scheduler.approving import Decision, LinkClosed, Reviewed, Verdict, decide, open_link, reviewed
from store import budgets, media, people, reviews
from store.engine import reading, writing
from store.people import token_hash
from store.tables import ReviewLink
from web.deps import LANGUAGE_COOKIE, Reading, Web, WebContext, page_context, show, voice_of
from web.i18n import marked as N_
from web.i18n import negotiate
from web.post_words import platform_title
from web.posted import Posted
from web.previewing import Preview, preview
from web.said import said

router = APIRouter()

#: Forms that may be sent to one link, and wrong addresses that one caller may try, in `WINDOW`.
FORMS, MISSES, WINDOW = 60, 30, timedelta(hours=1)
_TOO_MANY = N_("Too many tries from here. Wait an hour and open the link again.")

Token = Annotated[str, Path(pattern="^[0-9A-Za-z_-]{20,64}$")]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One post as the reviewer sees it."""

    reviewed: Reviewed
    platform: str
    sent: Preview
    #: What the reviewer wrote, when the form comes back.
    comment: str = ""
    choice: str = ""

    @property
    def id(self) -> int:
        return self.reviewed.post.id


@router.api_route("/r/{token}", methods=["GET", "HEAD"])
def look(request: Request, web: Web, session: Reading, token: Token) -> Response:
    """What would be sent, and the form to decide. Whoever only looks, also a program, changes nothing."""
    link = _link(request, web, session, token)
    return _shown(request, web, session, link, token)


@router.api_route("/r/{token}/pictures/{sha256}", methods=["GET", "HEAD"])
def picture(
    request: Request,
    web: Web,
    session: Reading,
    token: Token,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
) -> Response:
    """A picture of a post that the link shows, which readers do not see yet."""
    link = _link(request, web, session, token)
    shown = (
        one
        for _, post, _ in reviews.posts_of(session, link)
        for one in content_from(post.content).media
        if one.sha256 == sha256
    )
    found = next(shown, None)
    if found is None:
        raise HTTPException(404)
    try:
        body = media.read(session, sha256, data_dir=web.context.data_dir)
    except NotFound as missing:
        raise HTTPException(404) from missing
    return Response(body, media_type=found.media_type, headers={"Cache-Control": "private, max-age=3600"})


@router.post("/r/{token}")
def say(request: Request, web: Web, token: Token, typed: Posted) -> Response:
    """Approve or reject what was shown."""
    with reading(web.context.engine) as session:
        link = _link(request, web, session, token)
        _limit(web, f"review:{token_hash(token)[:32]}", FORMS)
    error = ""
    try:
        decide(web.context, token, _verdicts(typed), reviewer=typed.get("name", ""))
    except UsageError as refusal:
        error = str(refusal)
    except LinkClosed as closed:
        raise HTTPException(410, str(closed)) from closed
    except NotFound as missing:
        raise HTTPException(404, str(missing)) from missing
    web.wake()
    with reading(web.context.engine) as session:
        kept = typed if error else {}
        return _shown(request, web, session, link, token, typed=kept, error=error, done=not error)


def _verdicts(typed: Mapping[str, str]) -> dict[int, Verdict]:
    """What was chosen, by the number of the post; fields are called ``choice-NUMBER`` and so on."""
    found = {}
    for name, value in typed.items():
        number = name.removeprefix("choice-")
        if name == number or not (number.isascii() and number.isdecimal() and len(number) < 19):
            continue
        if value in (Decision.APPROVED, Decision.REJECTED):
            seen = typed.get(f"seen-{number}", "")[:64]
            found[int(number)] = Verdict(Decision(value), seen, typed.get(f"comment-{number}", ""))
    return found


def _link(request: Request, web: WebContext, session: Session, token: str) -> ReviewLink:
    try:
        link = open_link(session, token, now=web.context.clock())
    except LinkClosed as closed:
        raise HTTPException(410, str(closed)) from closed
    except NotFound as missing:
        caller = request.client.host if request.client else "nobody"
        _limit(web, f"review-miss:{caller}"[:120], MISSES)
        raise HTTPException(404, str(missing)) from missing
    workspace = people.workspace(session, link.workspace_id)
    language = negotiate(
        cookie=request.cookies.get(LANGUAGE_COOKIE),
        person=None,
        accept=request.headers.get("accept-language") or workspace.language,
    )
    page_context(request, language=language, zone=workspace.zone, simulated=workspace.simulated)
    return link


def _limit(web: WebContext, key: str, allowed: int) -> None:
    with writing(web.context.engine) as session:
        is_free = budgets.take(session, key, allowed=allowed, window=WINDOW, now=web.context.clock())
        session.commit()
    if not is_free:
        raise HTTPException(429, _TOO_MANY)


def _shown(
    request: Request,
    web: WebContext,
    session: Session,
    link: ReviewLink,
    token: str,
    *,
    typed: Mapping[str, str] | None = None,
    error: str = "",
    done: bool = False,
) -> Response:
    voice = voice_of(request)
    typed = typed or {}
    found = [
        Waiting(
            one,
            platform_title(web.context, one.channel.platform, voice),
            preview(
                web.context, one.channel, content_from(one.post.content), voice=voice, now=one.post.created_at
            ),
            comment=typed.get(f"comment-{one.post.id}", ""),
            choice=typed.get(f"choice-{one.post.id}", ""),
        )
        for one in reviewed(web.context, session, link)
    ]
    answer = show(
        request,
        "public/review.html",
        status=422 if error else 200,
        link=link,
        token=token,
        workspace=people.workspace(session, link.workspace_id),
        posts=found,
        open=[one for one in found if one.reviewed.is_open],
        name=typed.get("name", ""),
        error=said(voice, error) if error else "",
        done=done,
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    # Sites that a post links to do not learn the secret address; our own form says where it comes from.
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
