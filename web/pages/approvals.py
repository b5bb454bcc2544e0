"""Posts that wait for somebody's word, and links at which people without account give it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from domain.errors import UsageError
from domain.post import PostState
from scheduler import approving as commands
from store import queue, reviews
from store.engine import reading
from store.tables import ReviewedPost, ReviewLink
from web.api.base import RowId
from web.auth import MayEdit, MaySee, Member
from web.deps import Web, WebContext, redirect, show, voice_of
from web.post_words import shown
from web.posted import clean
from web.said import said

router = APIRouter()

#: Posts that can be chosen on the page, those that wait first.
CHOOSABLE = 200
#: How long a link may be open, in days, as the form offers it.
DAYS = (1, 3, 7, 14, 30, 90)


@router.get("/approvals")
def overview(request: Request, web: Web, me: MaySee) -> Response:
    """What waits for an approval, what could, and the links there are."""
    return _shown(request, web, me)


@dataclass(frozen=True)
class LinkForm:
    """What was sent: the chosen posts, whom the link is for, and how long it lasts."""

    chosen: tuple[int, ...]
    name: str
    days: str

    @property
    def lasts(self) -> timedelta:
        return timedelta(days=int(self.days)) if self.days in map(str, DAYS) else commands.USUAL


async def _link_form(request: Request) -> LinkForm:
    async with request.form(max_fields=CHOOSABLE + 10) as form:
        chosen = [value for value in form.getlist("post") if isinstance(value, str) and _is_number(value)]
        name, days = (clean(str(form.get(field, ""))) for field in ("name", "days"))
    return LinkForm(tuple(map(int, chosen)), name, days)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


@router.post("/approvals")
def make(request: Request, web: Web, me: MayEdit, form: Annotated[LinkForm, Depends(_link_form)]) -> Response:
    """Make a link for the chosen posts; its address is shown once."""
    try:
        row, address = commands.make_link(
            web.context, me.workspace.id, form.chosen, name=form.name, lasts=form.lasts, actor=me.actor
        )
    except UsageError as error:
        problem = said(voice_of(request), str(error))
        return _shown(request, web, me, chosen=form.chosen, name=form.name, days=form.days, error=problem)
    return _shown(request, web, me, made=address, made_for=row.name)


@router.post("/approvals/{link_id}/revoke")
def revoke(request: Request, web: Web, me: MayEdit, link_id: RowId) -> Response:
    """Close a link for good; what was decided stays."""
    row = commands.revoke_link(web.context, me.workspace.id, link_id, actor=me.actor)
    sentence = voice_of(request).gettext("The link for %(name)s is closed.", name=row.name)
    return redirect(request, "/approvals", notice=sentence)


def _shown(request: Request, web: WebContext, me: Member, **more: Any) -> Response:
    now, voice = web.context.clock(), voice_of(request)
    with reading(web.context.engine) as session:
        waiting = queue.by_hour(
            session, me.workspace.id, states=(PostState.AWAITING_APPROVAL,), limit=CHOOSABLE
        )
        others = queue.by_hour(
            session, me.workspace.id, states=(PostState.DRAFT, PostState.QUEUED),
            limit=CHOOSABLE - len(waiting),
        )  # fmt: skip
        rows = shown(web.context, session, me, [*waiting, *others], voice=voice, now=now)
        links = [
            (link, _told(link, reviews.posts_of(session, link), now))
            for link in reviews.listed(session, me.workspace.id)
        ]
    return show(
        request,
        "pages/approvals.html",
        **{
            "status": 422 if more.get("error") else 200,
            "waiting": rows[: len(waiting)],
            "others": rows[len(waiting) :],
            "links": links,
            "chosen": [],
            "name": "",
            "days": "7",
            "choices": [(str(days), voice.ngettext("%(num)s day", "%(num)s days", days)) for days in DAYS],
            "error": "",
            "made": "",
            "made_for": "",
            **more,
        },
    )


def _told(link: ReviewLink, found: list[tuple[ReviewedPost, Any, Any]], now: datetime) -> dict[str, Any]:
    return {
        "is_open": link.revoked_at is None and link.expires_at > now,
        "posts": found,
        "decided": sum(row.decision is not None for row, _, _ in found),
    }
