"""Posts: lists by hour, writing, and everything that may be done with one."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Response

from domain.content import Content, content_from
from domain.errors import UsageError
from domain.extras import Extras, extras_of
from domain.labels import labels
from domain.media import Attachment
from domain.person import Permission
from domain.placement import explained, placement_from
from domain.post import PostState
from domain.schedule import zone
from scheduler import carding, remote
from scheduler import posts as commands
from scheduler.labelling import label
from scheduler.spending import price_of_post
from scheduler.wishes import parse_wishes, wish
from store import channels, media, posts, queue
from store.changes import changes_of
from store.engine import reading
from store.queue import Place
from store.tables import Post
from web.api.base import BAD_CURSOR, Listing, Pages, Repeatable, RowId, api_router
from web.api.post_shapes import (
    Edit,
    Found,
    LabelBody,
    Move,
    NewPost,
    PartShown,
    PictureGiven,
    PostDetail,
    PostShown,
    PostWritten,
    Preview,
    PreviewShown,
    RemoteEdit,
    Skip,
    Wishes,
    attempt_shown,
    change_shown,
    shown,
)
from web.auth import MayApprove, MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext
from web.i18n import Voice
from web.previewing import preview
from web.warned import of_post, of_writing

router = api_router("posts")


@router.get("/posts")
def list_posts(  # noqa: PLR0917 - FastAPI passes them by name
    me: MaySee,
    session: Reading,
    pages: Pages,
    state: Annotated[list[PostState] | None, Query()] = None,
    channel_id: RowId | None = None,
    campaign: Annotated[str | None, Query(max_length=80)] = None,
    order: Literal["soonest", "latest"] = "soonest",
) -> Listing[PostShown]:
    """Posts by the hour that was meant, those without one last."""
    if channel_id is not None:
        channels.get(session, me.workspace.id, channel_id)
    rows = queue.by_hour(
        session,
        me.workspace.id,
        states=state or (),
        channel_id=channel_id,
        campaign=campaign,
        latest_first=order == "latest",
        after=_place(pages.after(str, int)),
        limit=pages.limit + 1,
    )
    since = queue.since(session, rows)
    return pages.cut(rows, lambda post: shown(post, me, since[post.id]), key=_key)


def _place(key: tuple[Any, ...] | None) -> Place | None:
    if key is None:
        return None
    at, number = key
    try:
        when = datetime.fromisoformat(at) if at else None
    except ValueError as error:
        raise UsageError(BAD_CURSOR) from error
    if when is not None and when.tzinfo is None:
        raise UsageError(BAD_CURSOR)
    return Place(when, number)


def _key(post: Post) -> Sequence[str | int]:
    return [post.planned_at.isoformat() if post.planned_at else "", post.id]


@router.post("/posts", status_code=201, response_model=PostWritten)
def create_post(body: NewPost, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Write a post; with the same Idempotency-Key it is written once."""

    def make() -> PostWritten:
        shown_with = pictures(web, me, body.media)
        content = Content(body.text, link=body.link, language=body.language, media=shown_with)
        content = body.extras().on(content)
        with reading(web.context.engine) as session:
            where = channels.get(session, me.workspace.id, body.channel_id).zone
        post = commands.compose(
            web.context, me.workspace.id, body.channel_id, content, when=body.when, actor=me.actor,
            labels=labels(body.campaign, body.tags),
            wishes=parse_wishes(**_wished(body), channel_zone=where),
        )  # fmt: skip
        web.wake()
        with reading(web.context.engine) as session:
            row = channels.get(session, me.workspace.id, post.channel_id)
            now = web.context.clock()
            warned = of_post(session, row, post, voice=Voice(), now=now)
        price = price_of_post(web.context, row, post, now=now)
        return PostWritten(**shown(post, me, post.created_at, price=price).model_dump(), warnings=warned)

    return once.run(me, body, make)


def _wished(body: NewPost | Wishes) -> dict[str, str]:
    return {name: getattr(body, name) or "" for name in ("priority", "earliest", "latest")}


@router.put("/posts/{post_id}/wishes")
def wish_post(post_id: RowId, body: Wishes, web: Web, me: MayEdit) -> PostShown:
    """Say what it asks of its slot; where automation placed it, its channel is planned anew."""
    return _done(web, me, wish(web.context, me.workspace.id, post_id, **_wished(body), actor=me.actor))


@router.post("/posts/preview")
def preview_post(body: Preview, web: Web, me: MayEdit, session: Reading) -> PreviewShown:
    """What a channel's publisher would send, and how much of its limit that takes. Nothing is written."""
    row = channels.get(session, me.workspace.id, body.channel_id)
    now = web.context.clock()
    content = body.extras().on(Content(body.text, link=body.link))
    seen = preview(web.context, row, content, voice=Voice(), now=now)
    return PreviewShown(
        text=seen.text,
        link=seen.link,
        length=seen.length,
        limit=seen.limit,
        warnings=of_writing(session, row, body.text, when=body.when or "", voice=Voice(), now=now),
        over=seen.over,
        problems=list(seen.problems),
        parts=[PartShown(text=one.text, length=one.length, over=one.over) for one in seen.parts],
    )


@router.get("/posts/{post_id}")
def get_post(post_id: RowId, web: Web, me: MaySee, session: Reading) -> PostDetail:
    """One post with its attempts and its history."""
    post = posts.get(session, me.workspace.id, post_id)
    since = queue.since(session, [post])
    choice = posts.slot_choice_of(session, post)
    why = choice.why if choice is not None else None
    row = channels.get(session, me.workspace.id, post.channel_id)
    price = price_of_post(web.context, row, post, now=web.context.clock())
    return PostDetail(
        **shown(post, me, since[post.id], price=price).model_dump(),
        placement=why,
        warnings=of_post(session, row, post, voice=Voice(), now=web.context.clock()),
        placed_because=explained(placement_from(why), where=zone(row.zone), language="en") if why else None,
        attempts=[attempt_shown(one) for one in posts.attempts_of(session, post_id)],
        changes=[change_shown(one) for one in changes_of(session, "post", post_id)],
    )


@router.patch("/posts/{post_id}")
def edit_post(post_id: RowId, body: Edit, web: Web, me: MayEdit) -> PostShown:
    """Change the text of a post that was never tried; voids an approval."""
    given = None if body.media is None else pictures(web, me, body.media)
    named = {"title", "thread", "poll", "first_comment"} & body.model_fields_set
    post = commands.edit(
        web.context,
        me.workspace.id,
        post_id,
        text=body.text,
        pictures=given,
        extras=_extras(web, me, post_id, body, named) if named else None,
        actor=me.actor,
    )
    return _done(web, me, post)


def _extras(web: WebContext, me: Member, post_id: int, body: Edit, named: Collection[str]) -> Extras:
    """What a call names is new; the rest stays."""
    with reading(web.context.engine) as session:
        kept = extras_of(content_from(posts.get(session, me.workspace.id, post_id).content))
    given = body.extras()
    return replace(kept, **{name: getattr(given, name) for name in named})


@router.post("/posts/{post_id}/card")
def read_card_again(post_id: RowId, web: Web, me: MayEdit) -> PostShown:
    """Ask the page that it links to once more for title, words and picture; voids an approval."""
    return _done(web, me, carding.read_again(web.context, me.workspace.id, post_id, actor=me.actor))


@router.patch("/posts/{post_id}/remote")
def edit_remote(post_id: RowId, body: RemoteEdit, web: Web, me: MayEdit) -> PostShown:
    """Change the text of a published post on its platform, at once."""
    with reading(web.context.engine) as session:
        approved = posts.get(session, me.workspace.id, post_id).approved_hash is not None
    if approved and not me.may(Permission.APPROVE):
        raise UsageError("The post was approved: somebody who approves has to change it.")
    post = remote.edit(
        web.context, me.workspace.id, post_id, text=body.text, thread=body.thread, actor=me.actor
    )
    return _done(web, me, post)


@router.delete("/posts/{post_id}/remote")
def delete_remote(post_id: RowId, web: Web, me: MayEdit) -> PostShown:
    """Take a published post off its platform, with its whole thread; it stays here as deleted there."""
    return _done(web, me, remote.delete(web.context, me.workspace.id, post_id, actor=me.actor))


@router.patch("/posts/{post_id}/labels")
def label_post(post_id: RowId, body: LabelBody, web: Web, me: MayEdit) -> PostShown:
    """Change its campaign and tags, at any time; what is sent stays as it is."""
    post = label(
        web.context, me.workspace.id, post_id, campaign=body.campaign, tags=body.tags, actor=me.actor
    )
    return _done(web, me, post)


@router.post("/posts/{post_id}/move")
def move_post(post_id: RowId, body: Move, web: Web, me: MayEdit) -> PostShown:
    """Give it another hour; a draft, failed or skipped post is queued by it."""
    return _done(
        web, me, commands.move(web.context, me.workspace.id, post_id, when=body.when, actor=me.actor)
    )


@router.post("/posts/{post_id}/skip")
def skip_post(post_id: RowId, body: Skip, web: Web, me: MayEdit) -> PostShown:
    """Take it out of the queue; its slot becomes free."""
    return _done(
        web, me, commands.skip(web.context, me.workspace.id, post_id, reason=body.reason, actor=me.actor)
    )


@router.post("/posts/{post_id}/retry")
def retry_post(post_id: RowId, web: Web, me: MayEdit) -> PostShown:
    """Queue a failed, skipped or draft post again, at its hour or at once when that has passed."""
    return _done(web, me, commands.retry(web.context, me.workspace.id, post_id, actor=me.actor))


@router.post("/posts/{post_id}/approve")
def approve_post(post_id: RowId, web: Web, me: MayApprove) -> PostShown:
    """Release a post that awaits approval, bound to exactly what would be sent now."""
    return _done(web, me, commands.approve(web.context, me.workspace.id, post_id, actor=me.actor))


@router.post("/posts/{post_id}/found")
def found_post(post_id: RowId, body: Found, web: Web, me: MayEdit) -> PostShown:
    """A person has looked: the uncertain post is on its platform."""
    return _done(web, me, commands.found(web.context, me.workspace.id, post_id, url=body.url, actor=me.actor))


@router.post("/posts/{post_id}/absent")
def absent_post(post_id: RowId, web: Web, me: MayEdit) -> PostShown:
    """A person has looked: the uncertain post is not there; it goes out again now."""
    return _done(web, me, commands.absent(web.context, me.workspace.id, post_id, actor=me.actor))


def pictures(web: WebContext, me: Member, given: Sequence[PictureGiven]) -> tuple[Attachment, ...]:
    """What is known of the pictures that a call names. Raises `NotFound` for one that was not added here."""
    with reading(web.context.engine) as session:
        return tuple(replace(media.get(session, me.workspace.id, one.sha256), alt=one.alt) for one in given)


def _done(web: WebContext, me: Member, post: Post) -> PostShown:
    web.wake()
    with reading(web.context.engine) as session:
        return shown(post, me, queue.since(session, [post])[post.id])
