"""The pages of mentions and testimonials: what others say of the brand, and where that is counted."""

from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from domain.errors import NotFound, UsageError
from scheduler.brands import add_brand, note_mentions, unwatch, watch
from scheduler.testimonials import add_testimonial, judge
from store import brands, feeds, testimonials
from web.api.base import RowId
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web, page_context, redirect, show, voice_of
from web.posted import Mistake, Posted
from web.said import said
from web.typed import day

router = APIRouter(include_in_schema=False)

_BRANDS, _TESTIMONIALS = "/business/brands", "/business/testimonials"


@router.get("/business/brands")
def list_brands(request: Request, session: Reading, me: MaySee) -> Response:
    """Brands with their mentions of 30 days, and what counts them."""
    now = page_context(request).now
    rows = brands.listed(session, me.workspace.id)
    counted = brands.counted_at(
        session, me.workspace.id, [row.id for row in rows], start=now - timedelta(days=30),
        end=now + timedelta(microseconds=1),
    )  # fmt: skip
    sources = brands.sources(session, me.workspace.id)
    return show(
        request,
        "pages/brands.html",
        rows=[
            {
                "row": row,
                "mentions": sum(number for _at, number, _source in counted[row.id]),
                "feeds": [(one, feed) for one, feed in sources if one.brand_id == row.id],
                "others": brands.searches(session, me.workspace.id, row.id),
                "channels": brands.collecting(session, me.workspace.id, [row.id]),
            }
            for row in rows
        ],
        feeds=[(str(feed.id), feed.title or feed.url) for feed in feeds.listed(session, me.workspace.id)],
        has_own=any(row.is_own for row in rows),
    )


@router.post("/business/brands")
def add(request: Request, web: Web, me: MayEdit, typed: Posted) -> Response:
    """Track a brand, count a feed's entries for it or no more, or write a count down."""
    voice = voice_of(request)
    act, workspace_id = typed.get("act", ""), me.workspace.id
    try:
        if act == "add":
            own = typed.get("own") == "on"
            add_brand(web.context, workspace_id, typed.get("name", ""), own=own, actor=me.actor)
        elif act == "watch":
            watch(
                web.context, workspace_id, _id(typed, "brand"), _id(typed, "feed"),
                query=typed.get("query", ""), actor=me.actor,
            )  # fmt: skip
        elif act == "unwatch":
            unwatch(web.context, workspace_id, _id(typed, "source_id"), actor=me.actor)
        else:
            told = day("day", typed.get("day", ""), voice)
            if told is None:
                raise UsageError("Name the day.")
            note_mentions(
                web.context, workspace_id, _id(typed, "brand"), day=told, number=_id(typed, "number"),
                source=typed.get("source", "").strip(), query=typed.get("query", "").strip(), actor=me.actor,
            )  # fmt: skip
    except (UsageError, NotFound, Mistake) as error:
        return redirect(request, _BRANDS, notice=said(voice, str(error)), kind="bad")
    return redirect(request, _BRANDS, notice=voice.gettext("Noted."))


def _id(typed: Mapping[str, str], name: str) -> int:
    text = typed.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise UsageError("Choose one, or write a whole number.")
    return int(text)


@router.get("/business/testimonials")
def list_testimonials(request: Request, session: Reading, me: MaySee) -> Response:
    """All testimonials, and a form for another."""
    return show(
        request, "pages/testimonials.html", rows=testimonials.listed(session, me.workspace.id), typed={},
        error="",
    )  # fmt: skip


@router.post("/business/testimonials")
def add_one(request: Request, web: Web, session: Reading, me: MayEdit, typed: Posted) -> Response:
    """Write a testimonial down."""
    voice = voice_of(request)
    positive = {"yes": True, "no": False}.get(typed.get("positive", ""))
    try:
        add_testimonial(
            web.context, me.workspace.id, text=typed.get("text", ""), link=typed.get("link", "").strip(),
            rater=typed.get("rater", "").strip(), consent=typed.get("consent") == "on",
            source=typed.get("source", "").strip(), positive=positive, actor=me.actor,
        )  # fmt: skip
    except UsageError as error:
        rows = testimonials.listed(session, me.workspace.id)
        return show(
            request, "pages/testimonials.html", status=422, rows=rows, typed=typed,
            error=said(voice, str(error)),
        )  # fmt: skip
    return redirect(request, _TESTIMONIALS, notice=voice.gettext("Noted."))


@router.post("/business/testimonials/{testimonial_id}/judge")
def judge_one(request: Request, web: Web, me: MayEdit, testimonial_id: RowId, typed: Posted) -> Response:
    """Say whether it speaks well of the brand."""
    voice, positive = voice_of(request), typed.get("positive") == "yes"
    try:
        judge(web.context, me.workspace.id, testimonial_id, positive=positive, actor=me.actor)
    except NotFound as error:
        return redirect(request, _TESTIMONIALS, notice=said(voice, str(error)), kind="bad")
    return redirect(request, _TESTIMONIALS, notice=voice.gettext("Noted."))
