"""Writing a post, editing one that was never tried, and giving one another hour."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from domain.content import Content, content_from
from domain.errors import UsageError
from domain.extras import extras_of
from domain.labels import labels
from domain.post import PostState
from scheduler import posts as commands
from scheduler.posts import AT_ONCE, NEXT_SLOT
from scheduler.slots import has_slots
from store import channels, posts
from store.engine import reading
from store.tables import ChannelRow, Post
from web import pictures
from web.auth import MayEdit, Member
from web.deps import Reading, Web, WebContext, redirect, show, voice_of
from web.extra_fields import extras_in
from web.i18n import Voice
from web.pictures import EMPTY, Place, Uploaded, UploadedFilm
from web.posted import LONGEST_TEXT, Mistake, Posted, clean, hour, hour_field, zone_options
from web.previewing import Preview, preview
from web.said import said
from web.telling import announced
from web.typed import Errors
from web.warned import of_writing
from web.wishing import options, wished

router = APIRouter()

#: Answers with the form again, what was typed in it, and a sentence for each field that is wrong.
REFUSED = 422
_LONGEST_LINK = 2048

Short = Annotated[str, Query(max_length=_LONGEST_LINK)]


@router.get("/posts/new")
def new_post(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    web: Web,
    session: Reading,
    me: MayEdit,
    channel: Short = "",
    text: Annotated[str, Query(max_length=5000)] = "",
    link: Short = "",
) -> Response:
    """An empty form, or one that a link has filled in."""
    return _new_form(
        request, web, session, me, typed={"channel": channel, "text": clean(text), "link": clean(link)}
    )


@router.post("/posts/new")
def write_post(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, web: Web, me: MayEdit, typed: Posted, uploaded: Uploaded, film: UploadedFilm
) -> Response:
    """Write a post; or, for those without a script, show what it would look like."""
    voice = voice_of(request)
    with reading(web.context.engine) as session:
        places = pictures.places(
            session, web, me.workspace.id, typed, uploaded=uploaded, film=film, voice=voice
        )
        typed = pictures.remembered(typed, places)
        if typed.get("act") == "preview":
            return _new_form(request, web, session, me, typed=typed, places=places, looked=True)
        errors, content, row, when = _checked(session, web, me, typed, voice=voice, places=places)
        if errors or row is None:
            return _new_form(request, web, session, me, typed=typed, places=places, errors=errors)
    try:
        named = labels(typed.get("campaign"), typed.get("tags", "").split(","))
        post = commands.compose(
            web.context, me.workspace.id, row.id, content, when=when, actor=me.actor, labels=named,
            wishes=wished(typed, row.zone),
        )  # fmt: skip
    except UsageError as error:
        errors = {refused_field(typed, error): said(voice, str(error))}
        with reading(web.context.engine) as session:
            return _new_form(request, web, session, me, typed=typed, places=places, errors=errors)
    web.wake()
    return redirect(request, f"/posts/{post.id}", notice=written(voice, web, post, row))


@router.post("/posts/preview")
def preview_post(request: Request, web: Web, session: Reading, me: MayEdit, typed: Posted) -> Response:
    """What the channel's publisher would send, and how much of its limit is used, while somebody types."""
    seen = previewed(session, web, me, typed, voice_of(request))
    answer = show(request, "pages/post_new_preview.html", seen=seen)
    if seen is None or not seen.over:
        return answer
    said_once = voice_of(request).gettext("Too long; it would be shortened.")
    return announced(answer, said_once)


def _new_form(
    request: Request,
    web: WebContext,
    session: Session,
    me: Member,
    *,
    typed: Mapping[str, str],
    places: Sequence[Place] = EMPTY,
    errors: Mapping[str, str] | None = None,
    looked: bool = False,
) -> Response:
    voice, rows = voice_of(request), channels.listed(session, me.workspace.id)
    chosen = _channel(rows, typed)
    scheduled = {row.id for row in rows if has_slots(session, row)}
    default = NEXT_SLOT if chosen and chosen.id in scheduled else AT_ONCE
    with_text = bool(typed.get("text") or typed.get("link"))
    return show(
        request,
        "pages/post_new.html",
        status=REFUSED if errors else 200,
        typed={"when": default, "at": "", "text": "", "link": "", **typed},
        errors=Errors(errors or {}),
        channels=[(row.id, row.name) for row in rows],
        chosen=chosen,
        seen=previewed(session, web, me, typed, voice, places=places) if with_text or looked else None,
        places=places,
        zones=zones(web, me, rows, chosen),
        scheduled=bool(scheduled),
        priorities=options(voice),
    )


def refused_field(typed: Mapping[str, str], error: UsageError) -> str:
    """The field that a refused post belongs to."""
    named = next(
        (name for name, word in (("campaign", "campaign"), ("tags", "tag")) if f" {word}" in str(error)), ""
    )
    return named or hour_field(typed)


def _channel(rows: Sequence[ChannelRow], typed: Mapping[str, str]) -> ChannelRow | None:
    """The chosen channel; without a choice the first one that works."""
    chosen = typed.get("channel", "")
    if chosen:
        return next((row for row in rows if str(row.id) == chosen), None)
    return next((row for row in rows if row.state == "active"), rows[0] if rows else None)


def zones(
    web: WebContext, me: Member, rows: Sequence[ChannelRow], chosen: ChannelRow | None
) -> list[tuple[str, str]]:
    first = [chosen.zone] if chosen else []
    return zone_options([*first, me.workspace.zone, *(row.zone for row in rows)], now=web.context.clock())


def _checked(
    session: Session,
    web: WebContext,
    me: Member,
    typed: Mapping[str, str],
    *,
    voice: Voice,
    places: Sequence[Place],
) -> tuple[dict[str, str], Content, ChannelRow | None, str]:
    """What is wrong with a new post by field, what it says, where it goes and when."""
    _ = voice.gettext
    errors = pictures.errors(places)
    row = _channel(channels.listed(session, me.workspace.id), typed)
    content, when = Content(""), ""
    try:
        content = _content(typed, row, places)
    except UsageError as error:
        errors["thread"] = said(voice, str(error))
    if row is None:
        errors["channel"] = _("Choose a channel.")
    if problem := too_long(content.text, voice):
        errors["text"] = problem
    if content.link and not _is_web_address(content.link):
        errors["link"] = _("This is no web address. Write one such as https://example.org/news.")
    try:
        when = hour(voice, typed)
    except Mistake as mistake:
        errors[mistake.field] = str(mistake)
    if row is not None and not errors:
        seen = preview(web.context, row, content, voice=voice, now=web.context.clock())
        if seen.problems:
            errors["text"] = " ".join(seen.problems)
    return errors, content, row, when


def _content(typed: Mapping[str, str], row: ChannelRow | None, places: Sequence[Place]) -> Content:
    link = typed.get("link", "").strip()
    content = Content(
        typed.get("text", "").strip(),
        link=link or None,
        language=row.language if row else None,
        media=pictures.attachments(places),
    )
    return extras_in(typed).on(content)


def too_long(text: str, voice: Voice) -> str:
    if len(text) <= LONGEST_TEXT:
        return ""
    most = voice.number(LONGEST_TEXT)
    return voice.gettext("A text has at most %(most)s characters: shorten it.", most=most)


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(link) <= _LONGEST_LINK


def previewed(
    session: Session,
    web: WebContext,
    me: Member,
    typed: Mapping[str, str],
    voice: Voice,
    *,
    places: Sequence[Place] | None = None,
) -> Preview | None:
    """None: no channel is chosen, or there is nothing to show."""
    row = _channel(channels.listed(session, me.workspace.id), typed)
    if places is None:  # what was uploaded with an earlier sending of the form
        places = pictures.places(session, web, me.workspace.id, typed, uploaded={}, voice=voice)
    try:
        content = _content(typed, row, places)
    except UsageError:
        return None
    number = typed.get("post", "")
    if number.isascii() and number.isdigit() and len(number) < 19:  # an edited post keeps its link and card
        kept = posts.get(session, me.workspace.id, int(number))
        row = channels.get(session, me.workspace.id, kept.channel_id)
        edited = replace(content_from(kept.content), text=content.text, media=content.media)
        content = extras_of(content).on(edited)
    if row is None or too_long(content.text, voice):
        return None
    now = web.context.clock()
    seen = preview(web.context, row, content, voice=voice, now=now)
    without = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
    warned = of_writing(
        session, row, content.text, when=_hour_so_far(voice, typed), voice=voice, now=now, without=without
    )
    return replace(seen, warnings=tuple(warned))


def _hour_so_far(voice: Voice, typed: Mapping[str, str]) -> str:
    """The hour that the form names, as far as it is filled in."""
    try:
        return hour(voice, typed)
    except Mistake:
        return ""


def written(voice: Voice, web: WebContext, post: Post, row: ChannelRow) -> str:
    """When a post goes out that was just written or moved."""
    _ = voice.gettext
    now, at = web.context.clock(), post.planned_at
    if post.state == PostState.DRAFT or at is None:
        return _("Kept as a draft.")
    if at <= now:
        return _("It goes out at once.")
    time = voice.moment(at, row.zone, now=now)
    if post.state == PostState.AWAITING_APPROVAL:
        return _("Once approved, it goes out %(time)s.", time=time)
    return _("Goes out %(time)s.", time=time)
