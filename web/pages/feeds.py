"""The pages of feeds: all of them, adding one after a look at it, and one with what became of its entries."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from sqlmodel import Session

from domain.errors import FetchError, TabuhError, UsageError
from domain.person import Permission
from feeds.interval import SHORTEST_BY_HAND
from scheduler import feeds as commands
from scheduler.feed_access import access_of
from scheduler.previewing import Preview, preview
from store import feed_health, feeds, ledger, routes
from store.engine import reading
from store.feeds import EntryLine
from store.tables import Feed
from web.api.base import RowId
from web.auth import MayEdit, MaySee, Member, Needs
from web.deps import Reading, Web, WebContext, page_context, redirect, show, voice_of
from web.feed_words import (
    balance_shown,
    fate_mark,
    health_mark,
    health_sentence,
    hub_words,
    rhythm_words,
)
from web.i18n import Voice
from web.pages.feed_settings import AccessForm
from web.posted import Mistake
from web.said import said
from web.typed import Errors, ExistingForm, Typed, errors_of

router = APIRouter(include_in_schema=False)

#: Entries shown of a feed before it is added, and on one page afterwards.
PREVIEWED, ENTRIES = 10, 25
#: Entries shown of those that wait for a person's word.
WAITING = 8
#: Minutes between two looks that a person may choose from.
INTERVALS = (5, 15, 30, 60, 180, 360, 720, 1440)


class FeedForm(ExistingForm, AccessForm):
    """A feed to look at, or to add."""

    url: Typed = ""
    act: Typed = "look"


@router.get("/feeds")
def list_feeds(request: Request, session: Reading, me: MaySee) -> Response:
    """All feeds, each with how it does in plain words."""
    voice, now = voice_of(request), page_context(request).now
    lines = feeds.lines(session, me.workspace.id)
    return show(
        request,
        "pages/feeds.html",
        lines=lines,
        marks={line.feed.id: health_mark(line.health, voice) for line in lines},
        words={line.feed.id: health_sentence(line, voice, now=now) for line in lines},
    )


@router.get("/feeds/new", dependencies=[Depends(Needs(Permission.EDIT))])
def new_feed(request: Request, url: Annotated[Typed, Query(max_length=2048)] = "") -> Response:
    """Ask for an address."""
    return _form(request, FeedForm(url=url), Errors())


@router.post("/feeds/new")
def add_feed(request: Request, web: Web, me: MayEdit, form: Annotated[FeedForm, Form()]) -> Response:
    """Look at an address and show what it holds, or add it."""
    voice = voice_of(request)
    _ = voice.gettext
    if not form.url.strip():
        return _form(request, form, Errors(url=_("Give the address of a feed, or of a site that has one.")))
    try:
        access = access_of(form.kind, name=form.name, secret=form.secret)
    except UsageError as error:
        return _form(request, form, errors_of(error, "secret", voice))
    try:
        found = preview(web.context, form.url, zone_name=me.workspace.zone, access=access)
    except (FetchError, UsageError) as error:
        return _form(request, form, errors_of(error, "url", voice))
    if form.act != "add":
        return _form(request, form, Errors(), found)
    try:
        choice = form.choice(voice)
        if choice is None and found.lines:
            raise Mistake("existing", _("Choose which of the entries that are there already to post."))
        feed = commands.add_feed(
            web.context, me.workspace.id, form.url, existing=choice, actor=me.actor, access=access
        )
    except (TabuhError, Mistake) as error:
        return _form(request, form, errors_of(error, "url", voice), found)
    web.wake()
    with reading(web.context.engine) as session:
        without_route = not feeds.line(session, me.workspace.id, feed.id).routes
    said_so = _("Added %(feed)s.", feed=feed.title or feed.url)
    if without_route:
        said_so += " " + _("Now say with a route what is posted of it, and where.")
    return redirect(request, f"/feeds/{feed.id}", notice=said_so)


def _form(request: Request, form: FeedForm, errors: Errors, found: Preview | None = None) -> Response:
    lines = [(line, None) for line in found.lines[:PREVIEWED]] if found else []
    return show(
        request,
        "pages/feeds_new.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        found=found,
        lines=lines,
    )


@router.get("/feeds/{feed_id}")
def one_feed(
    request: Request,
    session: Reading,
    me: MaySee,
    feed_id: RowId,
    before: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """One feed: how it does, and what became of each of its entries on each route."""
    return _one(request, session, me, feed_id, before=before)


def _one(
    request: Request,
    session: Session,
    me: Member,
    feed_id: int,
    *,
    before: str = "",
    form: ExistingForm | None = None,
    errors: Errors | None = None,
) -> Response:
    voice, now = voice_of(request), page_context(request).now
    health = feed_health.of(session, me.workspace.id, feed_id, now=now)
    line = health.line
    after = _place(before)
    found = feeds.entry_lines(session, me.workspace.id, feed_id, limit=ENTRIES + 1, after=after)
    names = {route.id: route.name for route in routes.listed(session, me.workspace.id)}
    waiting = (
        feeds.entry_lines(session, me.workspace.id, feed_id, limit=WAITING, held_only=True)
        if line.held
        else []
    )
    balances = ledger.balances_of_feed(session, me.workspace.id, feed_id)
    return show(
        request,
        "pages/feeds_one.html",
        status=422 if errors else 200,
        line=line,
        feed=line.feed,
        mark=health_mark(line.health, voice),
        words=health_sentence(line, voice, now=now),
        health=health,
        rhythm=rhythm_words(health.rhythm, voice),
        hub=hub_words(health, voice),
        why_then=said(voice, line.feed.next_reason),
        balances=[(route, names[route], balance_shown(one, voice)) for route, one in balances.items()],
        entries=[_entry(entry, voice) for entry in found[:ENTRIES]],
        older=_cursor(found[ENTRIES - 1]) if len(found) > ENTRIES else "",
        paged=after is not None,
        waiting=[_entry(entry, voice) for entry in waiting],
        intervals=_intervals(line.feed, voice),
        form=form or ExistingForm(),
        errors=errors or Errors(),
    )


def _entry(line: EntryLine, voice: Voice) -> Mapping[str, Any]:
    row = line.entry
    return {
        "title": row.title or row.text[:120] or row.link or row.guid or "",
        "link": row.link if (row.link or "").startswith(("http://", "https://")) else "",
        "at": row.published_at,
        "seen_at": row.first_seen_at,
        "edits": row.edits,
        "fates": [
            (fate, fate_mark(fate.fate, voice), said(voice, fate.reason) if fate.reason else "")
            for fate in line.fates
        ],
    }


def _cursor(line: EntryLine) -> str:
    at, position = feeds.place_of(line.entry)
    return f"{at.isoformat()}~{position}"


def _place(text: str) -> tuple[datetime, int] | None:
    """The place that `_cursor` wrote; one that cannot be read begins at the start."""
    at, _, position = text.partition("~")
    try:
        when = datetime.fromisoformat(at)
        return (when, int(position)) if when.tzinfo and 0 <= int(position) < 2**63 else None
    except ValueError:
        return None


def _intervals(feed: Feed, voice: Voice) -> list[tuple[str, str]]:
    own = feed.interval_override // 60 if feed.interval_override else 0
    minutes = sorted({*INTERVALS, own} - {0})
    chosen = [(str(each), voice.interval(timedelta(minutes=each))) for each in minutes]
    return [("0", voice.gettext("As often as the feed suggests")), *chosen]


@router.post("/feeds/{feed_id}/poll")
def poll_feed(request: Request, web: Web, me: MayEdit, feed_id: RowId) -> Response:
    """Let the next tick look at the feed."""
    _ = voice_of(request).gettext
    return _done(
        request,
        web,
        feed_id,
        lambda: commands.poll_now(web.context, me.workspace.id, feed_id, actor=me.actor),
        _("The feed is looked at within a few seconds."),
    )


@router.post("/feeds/{feed_id}/pause")
def pause_feed(
    request: Request, web: Web, me: MayEdit, feed_id: RowId, reason: Annotated[Typed, Form()] = ""
) -> Response:
    """Look at the feed no more until it is resumed."""
    _ = voice_of(request).gettext
    return _done(
        request,
        web,
        feed_id,
        lambda: commands.pause(web.context, me.workspace.id, feed_id, reason=reason[:500], actor=me.actor),
        _("Paused. What the feed publishes meanwhile is found when you resume it."),
    )


@router.post("/feeds/{feed_id}/resume")
def resume_feed(
    request: Request, web: Web, me: MayEdit, feed_id: RowId, form: Annotated[ExistingForm, Form()]
) -> Response:
    """Look at the feed again, with a choice for the entries that wait."""
    voice = voice_of(request)
    try:
        made = commands.resume(
            web.context, me.workspace.id, feed_id, existing=form.choice(voice), actor=me.actor
        )
    except (UsageError, Mistake) as error:
        errors = errors_of(error, "existing", voice)
        if isinstance(error, UsageError) and not form.existing:
            errors = Errors(existing=voice.gettext("Choose which of the entries that wait are posted."))
        with reading(web.context.engine) as session:
            return _one(request, session, me, feed_id, form=form, errors=errors)
    web.wake()
    said_so = voice.gettext("The feed is read again.")
    if made:
        said_so += " " + voice.ngettext("%(num)s post was made.", "%(num)s posts were made.", made)
    return redirect(request, f"/feeds/{feed_id}", notice=said_so)


@router.post("/feeds/{feed_id}/interval")
def set_interval(
    request: Request, web: Web, me: MayEdit, feed_id: RowId, minutes: Annotated[Typed, Form()] = "0"
) -> Response:
    """Choose how often the feed is looked at."""
    _ = voice_of(request).gettext
    plain = minutes.strip()
    number = int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 7 else -1
    if number < 0:
        return redirect(request, f"/feeds/{feed_id}", notice=_("Choose how often to look."), kind="bad")
    chosen = max(timedelta(minutes=number), SHORTEST_BY_HAND) if number else None
    return _done(
        request,
        web,
        feed_id,
        lambda: commands.set_interval(web.context, me.workspace.id, feed_id, chosen, actor=me.actor),
        _("The interval is set."),
    )


def _done(request: Request, web: WebContext, feed_id: int, act: Any, notice: str) -> Response:
    """Do it and go back to the feed; what cannot be done is said there."""
    voice = voice_of(request)
    try:
        act()
    except UsageError as error:
        [said_so] = errors_of(error, "", voice).values()
        return redirect(request, f"/feeds/{feed_id}", notice=said_so, kind="bad")
    web.wake()
    return redirect(request, f"/feeds/{feed_id}", notice=notice)
