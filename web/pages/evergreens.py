"""Evergreens: all of them at a glance, one with every post it became, and the form to make or change one."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request, Response

from domain.content import Content
from domain.errors import UsageError
from domain.evergreen import Rules, season
from scheduler import evergreens as commands
from store import channels, evergreens, posts
from store.engine import reading
from store.tables import Evergreen
from web.api.base import RowId
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.i18n import Voice
from web.i18n import marked as N_
from web.posted import Mistake, Posted
from web.said import said
from web.typed import Errors, day

router = APIRouter()

#: Fields for texts that the form shows at least, and beyond those that are filled.
_TEXTS, _SPARE = 3, 2
_MOST: Final = 100
_DONE = {
    "pause": (commands.pause_evergreen, N_("Paused: it takes no further slot.")),
    "resume": (commands.resume_evergreen, N_("It goes on.")),
    "end": (commands.end_evergreen, N_("It has ended; what is queued already goes out.")),
}


@router.get("/evergreens")
def overview(request: Request, session: Reading, me: MaySee) -> Response:
    """All evergreens, what they did, and what they wait for."""
    rows = evergreens.listed(session, me.workspace.id)
    pending = {row.id: evergreens.pending(session, row.id) for row in rows}
    return show(
        request,
        "pages/evergreens.html",
        rows=rows,
        counts=evergreens.counts(session, me.workspace.id),
        pending=pending,
        channels={row.id: row for row in channels.listed(session, me.workspace.id)},
    )


@router.get("/evergreens/new")
def new(request: Request, web: Web, me: MayEdit, post: str = "") -> Response:
    """An empty form, or one that begins with the text of a post."""
    typed = {"cooldown": "30", "fill": "2"}
    if post.isascii() and post.isdecimal() and len(post) < 19:
        content = commands.variant_of(web.context, me.workspace.id, int(post))
        with reading(web.context.engine) as session:
            channel_id = posts.get(session, me.workspace.id, int(post)).channel_id
        typed |= {"text-1": content.text, "link-1": content.link or "", "channel": str(channel_id)}
    return _form(request, web, me, typed)


@router.post("/evergreens/new")
def add(request: Request, web: Web, me: MayEdit, typed: Posted) -> Response:
    """Make an evergreen, or show one more field for a text."""
    if typed.get("act") == "more":
        return _form(request, web, me, typed)
    voice = voice_of(request)
    try:
        channel = typed.get("channel", "")
        if not (channel.isascii() and channel.isdecimal() and len(channel) < 19):
            raise Mistake("channel", voice.gettext("Choose a channel."))
        row = commands.add_evergreen(
            web.context, me.workspace.id, name=typed.get("name", ""), channel_id=int(channel),
            variants=_variants(typed), rules=_rules(typed, voice), campaign=typed.get("campaign"),
            actor=me.actor,
        )  # fmt: skip
    except (UsageError, Mistake) as error:
        return _form(request, web, me, typed, errors=_errors(error, voice))
    web.wake()
    return redirect(
        request, f"/evergreens/{row.id}", notice=voice.gettext("It looks for its first empty slot.")
    )


@router.get("/evergreens/{evergreen_id}")
def one(request: Request, session: Reading, me: MaySee, evergreen_id: RowId) -> Response:
    """One evergreen with every post it became."""
    row = evergreens.get(session, me.workspace.id, evergreen_id)
    return show(
        request,
        "pages/evergreens_one.html",
        row=row,
        channel=channels.get(session, me.workspace.id, row.channel_id),
        variants=evergreens.variants_of(row),
        cycles=evergreens.cycles_of(session, row.id),
        is_spent=row.next_at is None and row.paused_at is None and row.ended_at is None,
    )


@router.get("/evergreens/{evergreen_id}/edit")
def edit(request: Request, web: Web, session: Reading, me: MayEdit, evergreen_id: RowId) -> Response:
    """Rules and texts, to be changed."""
    row = evergreens.get(session, me.workspace.id, evergreen_id)
    typed = {
        "name": row.name,
        "cooldown": str(row.cooldown_days),
        "max_cycles": str(row.max_cycles or ""),
        "season_from": row.season_from or "",
        "season_to": row.season_to or "",
        "until": row.last_day or "",
        "fill": str(row.fill_days),
    }
    for place, content in enumerate(evergreens.variants_of(row), 1):
        typed |= {f"text-{place}": content.text, f"link-{place}": content.link or ""}
    return _form(request, web, me, typed, row=row)


@router.post("/evergreens/{evergreen_id}/edit")
def change(request: Request, web: Web, me: MayEdit, evergreen_id: RowId, typed: Posted) -> Response:
    """Change rules and texts; what is queued already stays."""
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        row = evergreens.get(session, me.workspace.id, evergreen_id)
    if typed.get("act") == "more":
        return _form(request, web, me, typed, row=row)
    try:
        commands.change_evergreen(
            web.context, me.workspace.id, evergreen_id, variants=_variants(typed), rules=_rules(typed, voice),
            actor=me.actor,
        )  # fmt: skip
    except (UsageError, Mistake) as error:
        return _form(request, web, me, typed, row=row, errors=_errors(error, voice))
    web.wake()
    return redirect(request, f"/evergreens/{evergreen_id}", notice=voice.gettext("It is changed."))


@router.post("/evergreens/{evergreen_id}/pause")
def pause(request: Request, web: Web, me: MayEdit, evergreen_id: RowId) -> Response:
    """Take no further slot until it is resumed."""
    return _act(request, web, me, evergreen_id, "pause")


@router.post("/evergreens/{evergreen_id}/resume")
def resume(request: Request, web: Web, me: MayEdit, evergreen_id: RowId) -> Response:
    """Let it go on."""
    return _act(request, web, me, evergreen_id, "resume")


@router.post("/evergreens/{evergreen_id}/end")
def end(request: Request, web: Web, me: MayEdit, evergreen_id: RowId) -> Response:
    """No further cycle, for good."""
    return _act(request, web, me, evergreen_id, "end")


def _act(request: Request, web: WebContext, me: Member, evergreen_id: int, name: str) -> Response:
    voice = voice_of(request)
    do: Callable[..., Evergreen]
    do, sentence = _DONE[name]
    to = f"/evergreens/{evergreen_id}"
    try:
        do(web.context, me.workspace.id, evergreen_id, actor=me.actor)
    except UsageError as error:
        return redirect(request, to, notice=said(voice, str(error)), kind="bad")
    web.wake()
    return redirect(request, to, notice=voice.gettext(sentence))


def _variants(typed: Mapping[str, str]) -> list[Content]:
    found = []
    for place in range(1, _MOST + 1):
        text, link = (typed.get(f"{name}-{place}", "").strip() for name in ("text", "link"))
        if text or link:
            found.append(Content(text, link=link or None))
    return found


def _rules(typed: Mapping[str, str], voice: Voice) -> Rules:
    first, last = (typed.get(name, "").strip() for name in ("season_from", "season_to"))
    if bool(first) != bool(last):
        raise Mistake("season_from", voice.gettext("A season needs its first and its last day."))
    try:
        found = season(f"{first}..{last}" if first else "")
    except UsageError as error:
        raise Mistake("season_from", said(voice, str(error))) from error
    return Rules(
        cooldown=timedelta(days=_number(typed, "cooldown", voice) or 0),
        max_cycles=_number(typed, "max_cycles", voice),
        season=found,
        last_day=day("until", typed.get("until", ""), voice),
        fill=timedelta(days=_number(typed, "fill", voice) or 0),
    )


def _number(typed: Mapping[str, str], name: str, voice: Voice) -> int | None:
    text = typed.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise Mistake(name, voice.gettext("Write a whole number."))
    return int(text)


def _errors(error: UsageError | Mistake, voice: Voice) -> dict[str, str]:
    if isinstance(error, Mistake):
        return {error.field: str(error)}
    text = str(error)
    names = (("different texts", "text-1"), ("cooldown", "cooldown"), ("cycles", "max_cycles"),
             ("Empty slots", "fill"), ("name", "name"), ("posting schedule", "channel"))  # fmt: skip
    field = next((field for word, field in names if word in text), "text-1")
    return {field: said(voice, text)}


def _form(
    request: Request,
    web: WebContext,
    me: Member,
    typed: Mapping[str, str],
    *,
    row: Evergreen | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    with reading(web.context.engine) as session:
        rows = channels.listed(session, me.workspace.id)
    filled = max((place for place in range(1, _MOST + 1) if typed.get(f"text-{place}")), default=0)
    places = min(max(_TEXTS, filled + _SPARE), _MOST)
    return show(
        request,
        "pages/evergreens_form.html",
        status=422 if errors else 200,
        typed=typed,
        errors=Errors(errors or {}),
        row=row,
        channels=[(one.id, one.name) for one in rows],
        places=list(range(1, places + 1)),
    )
