"""`tabuh post`: write posts, see them, and say what becomes of them."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import post_telling as telling
from cli.opening import opened
from cli.post_extras import Answers, Comment, Minutes, Multiple, PartsOption, Thread, Title
from cli.post_showing import Number, list_posts, show_post
from cli.printing import Json, show
from cli.wishes import Earliest, Latest, Priority

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.opening import Opened
    from scheduler.context import Context
    from store.changes import Actor
    from store.tables import ChannelRow, Post

app = typer.Typer(no_args_is_help=True, help="Posts: one content on one channel, with its hour and state.")

At = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="'2026-12-01 09:00 Asia/Jakarta', '2026-12-01 09:00 channel' or '2026-12-01T09:00+07:00'.",
    ),
]
NextSlot = Annotated[bool, typer.Option("--next-slot", help="The channel's next free slot.")]
Now = Annotated[bool, typer.Option("--now", help="At once.")]
Campaign = Annotated[str | None, typer.Option(help="Its campaign; links say so in their UTM parameters.")]
Tags = Annotated[list[str] | None, typer.Option(help="A word to sort by; may be given again.")]
Pictures = Annotated[
    list[Path] | None, typer.Option(metavar="FILE", help="JPEG, PNG, GIF or WebP; may be given again.")
]
Videos = Annotated[
    list[Path] | None, typer.Option(metavar="FILE", help="MP4, MOV or WebM; may be given again.")
]
Alts = Annotated[
    list[str] | None,
    typer.Option(metavar="TEXT", help="What a picture or video shows, pictures first."),
]
Reason = Annotated[str, typer.Option(help="Kept with the post.")]


@app.command()
def add(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What to say; - reads it from standard input.")],
    *,
    channel: Annotated[
        list[str] | None, typer.Option(help="Where; may be given again. Left out: the only channel.")
    ] = None,
    link: Annotated[
        str | None,
        typer.Option(help="An address to go with it; its clicks are counted. It may stand in the text too."),
    ] = None,
    language: Annotated[str | None, typer.Option(help="Such as en or id.")] = None,
    campaign: Campaign = None,
    tag: Tags = None,
    picture: Pictures = None,
    video: Videos = None,
    alt: Alts = None,
    title: Title = None,
    thread: Thread = None,
    part: PartsOption = None,
    poll: Answers = None,
    poll_minutes: Minutes = None,
    poll_multiple: Multiple = False,
    first_comment: Comment = None,
    at: At = None,
    next_slot: NextSlot = False,
    now: Now = False,
    priority: Priority = "",
    earliest: Earliest = "",
    latest: Latest = "",
    draft: Annotated[bool, typer.Option("--draft", help="Not yet: keep it as a draft.")] = False,
    as_json: Json = False,
) -> None:
    """Write a post on one or more channels; without a time it takes each channel's next free slot."""
    from cli.pictures import pictures
    from cli.post_extras import given
    from domain.content import Content
    from domain.labels import labels
    from scheduler.posts import compose
    from scheduler.wishes import parse_wishes

    when_ = _when(at, next_slot=next_slot, now=now, draft=draft)
    said = sys.stdin.read().rstrip("\n") if text == "-" else text
    with opened(context) as tabuh:
        rows = channels_named(tabuh, channel or [])
        shown = pictures(tabuh.context, tabuh.workspace.id, picture or [], alt or [], videos=video or [])
        extras = given(
            title=title, thread=thread, parts=part, answers=poll, minutes=poll_minutes,
            multiple=poll_multiple, comment=first_comment,
        )  # fmt: skip
        content = extras.on(Content(said, link=link, language=language, media=shown))
        made = [
            compose(
                tabuh.context, tabuh.workspace.id, row.id, content, when=when_, actor=tabuh.actor,
                labels=labels(campaign, tag or []),
                wishes=parse_wishes(
                    priority=priority, earliest=earliest, latest=latest, channel_zone=row.zone
                ),
            )
            for row in rows
        ]  # fmt: skip
        warned = [telling.warned(tabuh, post, row) for post, row in zip(made, rows, strict=True)]
        prices = [telling.price(tabuh, post, row) for post, row in zip(made, rows, strict=True)]
        told = [
            "\n".join(
                [
                    telling.outcome(post, row),
                    *telling.costs_words(price),
                    *(f"  Note: {one}" for one in notes),
                ]
            )
            for post, row, notes, price in zip(made, rows, warned, prices, strict=True)
        ]
        documents = [
            {**telling.document(post, row.name), "price": price, "warnings": notes}
            for post, row, notes, price in zip(made, rows, warned, prices, strict=True)
        ]
        show(documents, *told, as_json=as_json)


def _when(at: str | None, *, next_slot: bool, now: bool, draft: bool) -> str:
    from domain.errors import UsageError
    from scheduler.posts import AT_ONCE, DRAFT, NEXT_SLOT

    said = [
        word
        for word, chosen in ((at, at is not None), (NEXT_SLOT, next_slot), (AT_ONCE, now), (DRAFT, draft))
        if chosen
    ]
    if len(said) > 1:
        raise UsageError("Name one time only: --at, --next-slot, --now or --draft.")
    return said[0] or "" if said else NEXT_SLOT


def channels_named(tabuh: "Opened", names: list[str]) -> "list[ChannelRow]":
    """The channels of these names, each once; none named: the only one there is. Raises `UsageError`."""
    from domain.errors import UsageError
    from store import channels
    from store.engine import reading

    with reading(tabuh.engine) as session:
        if names:
            return [channels.named(session, tabuh.workspace.id, name) for name in dict.fromkeys(names)]
        known = list(channels.listed(session, tabuh.workspace.id))
    if len(known) != 1:
        raise UsageError(
            f"Say where with --channel: {', '.join(row.name for row in known) or 'there is no channel yet'}."
        )
    return known


app.command("list")(list_posts)
app.command("show")(show_post)


@app.command()
def move(
    context: typer.Context,
    post: Number,
    *,
    at: At = None,
    next_slot: NextSlot = False,
    now: Now = False,
    as_json: Json = False,
) -> None:
    """Give a post another hour; a draft, failed or skipped one is queued by it."""
    from domain.errors import UsageError
    from scheduler import posts

    if at is None and not next_slot and not now:
        raise UsageError("Say when: --at TIME, --next-slot or --now.")
    when_ = _when(at, next_slot=next_slot, now=now, draft=False)
    _act(context, partial(posts.move, when=when_), post, as_json=as_json)


@app.command()
def skip(context: typer.Context, post: Number, reason: Reason = "", as_json: Json = False) -> None:
    """Take a post out of the queue; its slot becomes free."""
    from scheduler import posts

    _act(context, partial(posts.skip, reason=reason), post, as_json=as_json)


@app.command()
def retry(context: typer.Context, post: Number, as_json: Json = False) -> None:
    """Queue a failed, skipped or draft post again, at its hour or at once when that has passed."""
    from scheduler import posts

    _act(context, posts.retry, post, as_json=as_json)


@app.command()
def edit(
    context: typer.Context,
    post: Number,
    text: Annotated[str, typer.Argument(help="The new text; - reads it from standard input.")],
    *,
    picture: Pictures = None,
    video: Videos = None,
    alt: Alts = None,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Take its pictures and videos away.")
    ] = False,
    title: Title = None,
    thread: Thread = None,
    part: PartsOption = None,
    no_thread: Annotated[bool, typer.Option("--no-thread", help="Take the rest of its thread away.")] = False,
    poll: Answers = None,
    poll_minutes: Minutes = None,
    poll_multiple: Multiple = False,
    no_poll: Annotated[bool, typer.Option("--no-poll", help="Take its poll away.")] = False,
    first_comment: Comment = None,
    as_json: Json = False,
) -> None:
    """Change a post that was never tried, which voids an approval; of a published one, its texts there."""
    from cli.pictures import pictures
    from cli.post_extras import changed
    from domain.content import content_from
    from domain.errors import UsageError
    from domain.extras import extras_of
    from domain.post import PostState
    from scheduler import posts, remote
    from store import posts as rows
    from store.engine import reading

    if no_pictures and (picture or video):
        raise UsageError("Name new pictures with --picture, or take them away with --no-pictures: not both.")
    said = sys.stdin.read().rstrip("\n") if text == "-" else text

    def change(tabuh: "Context", workspace_id: int, number: int, *, actor: "Actor") -> "Post":
        shown = (
            None
            if not picture and not video and not no_pictures
            else pictures(tabuh, workspace_id, picture or [], alt or [], videos=video or [])
        )
        with reading(tabuh.engine) as session:
            found = rows.get(session, workspace_id, number)
        kept, is_out = extras_of(content_from(found.content)), found.state == PostState.PUBLISHED
        extras = changed(
            kept, title=title, thread=thread, parts=part, answers=poll, minutes=poll_minutes,
            multiple=poll_multiple, comment=first_comment, no_thread=no_thread, no_poll=no_poll,
        )  # fmt: skip
        if is_out:
            named = (picture, video, no_pictures, title, no_thread, poll, no_poll, first_comment)
            if any(named):
                raise UsageError("Of a published post only the texts can be changed.")
            return remote.edit(tabuh, workspace_id, number, text=said, thread=extras.thread, actor=actor)
        return posts.edit(tabuh, workspace_id, number, text=said, pictures=shown, extras=extras, actor=actor)

    _act(context, change, post, as_json=as_json)


@app.command()
def card(context: typer.Context, post: Number, as_json: Json = False) -> None:
    """Ask the page that a post links to once more for its title, words and picture; voids an approval."""
    from scheduler import carding

    _act(context, carding.read_again, post, as_json=as_json)


@app.command("delete-remote")
def delete_remote(
    context: typer.Context,
    post: Number,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Take a published post off its platform, with its whole thread; it stays here as deleted there."""
    from domain.errors import UsageError
    from scheduler import remote

    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("This deletes the post for its readers too. Say --yes to do it.")
        typer.confirm("Delete it on its platform, for its readers too?", abort=True, err=True)
    _act(context, remote.delete, post, as_json=as_json)


@app.command()
def label(
    context: typer.Context,
    post: Number,
    *,
    campaign: Annotated[str | None, typer.Option(help="Its campaign; empty for none.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Its tags, all of them; empty for none.")] = None,
    as_json: Json = False,
) -> None:
    """Change a post's campaign and tags; its text and link stay as they are."""
    from scheduler import labelling

    _act(context, partial(labelling.label, campaign=campaign, tags=tag), post, as_json=as_json)


@app.command()
def approve(context: typer.Context, post: Number, as_json: Json = False) -> None:
    """Release a post that awaits approval."""
    from scheduler import posts

    _act(context, posts.approve, post, as_json=as_json)


@app.command()
def found(
    context: typer.Context,
    post: Number,
    url: Annotated[str | None, typer.Option(help="Where it is on the platform.")] = None,
    as_json: Json = False,
) -> None:
    """You have looked: the uncertain post is on its platform."""
    from scheduler import posts

    _act(context, partial(posts.found, url=url), post, as_json=as_json)


@app.command()
def absent(context: typer.Context, post: Number, as_json: Json = False) -> None:
    """You have looked: the uncertain post is not on its platform. It goes out again now."""
    from scheduler import posts

    _act(context, posts.absent, post, as_json=as_json)


def _act(context: typer.Context, act: "Callable[..., Post]", post: int, *, as_json: bool) -> None:
    """Do one thing with a post by a person's word, and show what has become of it."""
    with opened(context) as tabuh:
        changed = act(tabuh.context, tabuh.workspace.id, post, actor=tabuh.actor)
        row = telling.channel_of(tabuh, changed)
        show(telling.document(changed, row.name), telling.outcome(changed, row), as_json=as_json)
