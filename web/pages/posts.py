"""One post on its way: its state and what comes next, every attempt, its history, and what to do with it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from domain.content import content_from
from domain.errors import UsageError
from domain.placement import explained, placement_from
from domain.schedule import zone
from scheduler import carding
from scheduler import posts as commands
from scheduler.wishes import wish
from store import changes, channels, posts, queue, statistics
from store.engine import reading
from store.tables import Post, SlotChoice
from web.api.base import RowId
from web.auth import MayApprove, MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext, redirect, safe_path, show, voice_of
from web.i18n import Voice
from web.i18n import marked as N_
from web.post_words import Told, acts_there, platform_title, shown
from web.posted import Posted, clean
from web.previewing import preview
from web.said import said
from web.telling import announced, is_htmx
from web.warned import of_post
from web.wishing import fields, options, words

router = APIRouter()

Field = Annotated[str, Form()]

_SAID = {
    "skip": N_("Skipped."),
    "wishes": N_("Noted."),
    "card": N_("The preview of the link is as its page says now."),
    "retry": N_("Queued again."),
    "approve": N_("Approved."),
    "found": N_("Noted: it is on the platform."),
    "absent": N_("Noted: it is not there, and goes out again."),
}


@router.get("/posts/{post_id}")
def show_post(request: Request, web: Web, session: Reading, me: MaySee, post_id: RowId) -> Response:
    """Everything about the delivery of one post."""
    voice, now = voice_of(request), web.context.clock()
    post = posts.get(session, me.workspace.id, post_id)
    [row] = shown(web.context, session, me, [post], voice=voice, now=now)
    told = Told(post, row.channel, me.workspace, row.platform, voice, now)
    related = statistics.with_channels(session, statistics.siblings(session, post))
    sent = preview(web.context, row.channel, content_from(post.content), voice=voice, now=post.created_at)
    return show(
        request,
        "pages/queue_post.html",
        row=row,
        post=post,
        content=content_from(post.content),
        placed=told.placed(),
        wishes=fields(post, row.zone),
        priorities=options(voice),
        warnings=of_post(session, row.channel, post, voice=voice, now=now),
        placement=_placement(posts.slot_choice_of(session, post), row.zone, voice),
        sent=sent,
        there=acts_there(web.context, post, row.channel, me),
        origin=queue.origin(session, post),
        attempts=[
            (
                attempt,
                said(voice, (attempt.outcome or "").replace("_", " ")),
                said(voice, attempt.detail or ""),
            )
            for attempt in posts.attempts_of(session, post_id)
        ],
        changes=[
            (change, said(voice, change.what))
            for change in reversed(changes.changes_of(session, "post", post_id))
        ],
        people=queue.names_of(session, changes.changes_of(session, "post", post_id)),
        siblings=[
            (one, channel, platform_title(web.context, channel.platform, voice))
            for one, channel in related.values()
        ],
    )


def _placement(choice: SlotChoice | None, zone_name: str, voice: Voice) -> str:
    """Why the post has this slot, in sentences; empty where no rule chose it, or nobody wrote down why."""
    if choice is None or not choice.why:
        return ""
    return explained(placement_from(choice.why), where=zone(zone_name), language=voice.language)


@router.post("/posts/{post_id}/skip")
def skip(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, web: Web, me: MayEdit, post_id: RowId, reason: Field = "", back: Field = ""
) -> Response:
    """Take a post out of the queue; its slot becomes free."""

    def do() -> Post:
        return commands.skip(
            web.context, me.workspace.id, post_id, reason=clean(reason)[:500], actor=me.actor
        )

    return _act(request, web, me, post_id, "skip", do, back)


@router.post("/posts/{post_id}/wishes")
def set_wishes(request: Request, web: Web, me: MayEdit, post_id: RowId, typed: Posted) -> Response:
    """Say what the post asks of its slot."""
    with reading(web.context.engine) as session:
        found = posts.get(session, me.workspace.id, post_id)
        where = channels.get(session, me.workspace.id, found.channel_id).zone

    def do() -> Post:
        return wish(web.context, me.workspace.id, post_id, **words(typed, where), actor=me.actor)

    return _act(request, web, me, post_id, "wishes", do, "")


@router.post("/posts/{post_id}/card")
def read_card_again(request: Request, web: Web, me: MayEdit, post_id: RowId) -> Response:
    """Ask the page that the post links to once more what it says of itself."""

    def do() -> Post:
        return carding.read_again(web.context, me.workspace.id, post_id, actor=me.actor)

    return _act(request, web, me, post_id, "card", do, "")


@router.post("/posts/{post_id}/retry")
def retry(request: Request, web: Web, me: MayEdit, post_id: RowId, back: Field = "") -> Response:
    """Queue a failed or skipped post again."""

    def do() -> Post:
        return commands.retry(web.context, me.workspace.id, post_id, actor=me.actor)

    return _act(request, web, me, post_id, "retry", do, back)


@router.post("/posts/{post_id}/approve")
def approve(request: Request, web: Web, me: MayApprove, post_id: RowId, back: Field = "") -> Response:
    """Release a post that awaits approval, exactly as it is shown."""

    def do() -> Post:
        return commands.approve(web.context, me.workspace.id, post_id, actor=me.actor)

    return _act(request, web, me, post_id, "approve", do, back)


@router.post("/posts/{post_id}/found")
def found(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, web: Web, me: MayEdit, post_id: RowId, url: Field = "", back: Field = ""
) -> Response:
    """A person has looked: the uncertain post is on its platform."""
    address = clean(url).strip()[:2048] or None

    def do() -> Post:
        return commands.found(web.context, me.workspace.id, post_id, url=address, actor=me.actor)

    return _act(request, web, me, post_id, "found", do, back)


@router.post("/posts/{post_id}/absent")
def absent(request: Request, web: Web, me: MayEdit, post_id: RowId, back: Field = "") -> Response:
    """A person has looked: the uncertain post is not there; it goes out again now."""

    def do() -> Post:
        return commands.absent(web.context, me.workspace.id, post_id, actor=me.actor)

    return _act(request, web, me, post_id, "absent", do, back)


def _act(  # noqa: PLR0917 - one line for each caller
    request: Request, web: WebContext, me: Member, post_id: int, name: str, do: Callable[[], Post], back: str
) -> Response:
    """Do it and answer with the new row for htmx, or go back to where the button was."""
    voice = voice_of(request)
    to = safe_path(back) if back else f"/posts/{post_id}"
    try:
        post = do()
    except UsageError as error:
        if is_htmx(request):
            raise UsageError(said(voice, str(error))) from error
        return redirect(request, to, notice=said(voice, str(error)), kind="bad")
    web.wake()
    sentence = _sentence(voice, name, web, me, post)
    if is_htmx(request):
        return row_answer(request, web, me, post, sentence, back=to)
    return redirect(request, to, notice=sentence)


def row_answer(
    request: Request, web: WebContext, me: Member, post: Post, sentence: str, *, back: str
) -> Response:
    """The post's new row, which htmx puts in the place of the old one."""
    with reading(web.context.engine) as session:
        voice, now = voice_of(request), web.context.clock()
        [row] = shown(web.context, session, me, [post], voice=voice, now=now)
    return announced(show(request, "pages/queue_row.html", row=row, back=back, done=sentence), sentence)


def _sentence(voice: Voice, name: str, web: WebContext, me: Member, post: Post) -> str:
    """What was done, and where the post stands now."""
    with reading(web.context.engine) as session:
        [row] = shown(web.context, session, me, [post], voice=voice, now=web.context.clock())
    return f"{voice.gettext(_SAID[name])} {row.next}"
