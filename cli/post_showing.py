"""`tabuh post list` and `tabuh post show`."""

from typing import Annotated, Any

import typer

from cli import post_telling as telling
from cli.opening import opened
from cli.printing import Json, one_line, show, table, when

Number = Annotated[int, typer.Argument(metavar="POST", help="Its number, from: tabuh post list")]


def list_posts(
    context: typer.Context,
    *,
    state: Annotated[
        list[str] | None,
        typer.Option(help="Only posts in this state, such as queued; may be given again."),
    ] = None,
    channel: Annotated[str | None, typer.Option(help="Only posts of this channel.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Posts shown.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="Posts passed over.")] = 0,
    as_json: Json = False,
) -> None:
    """Posts by their hour, soonest first."""
    from domain.post import words
    from store import channels, posts
    from store.engine import reading

    states = [state_named(name) for name in state or []]
    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            rows = {row.id: row for row in channels.listed(session, tabuh.workspace.id)}
            only = channels.named(session, tabuh.workspace.id, channel).id if channel is not None else None
            found = posts.listed(
                session, tabuh.workspace.id, states=states, channel_id=only, limit=limit, offset=offset
            )
            counts = posts.counts_by_state(session, tabuh.workspace.id)
        prices = {post.id: telling.price(tabuh, post, rows[post.channel_id]) for post in found}
        priced = any(price is not None for price in prices.values())
        drawn = table(
            ["Post", "Hour", "Channel", "State", *(["Costs"] if priced else []), "Text"],
            (
                (
                    post.id, telling.hour(post, rows[post.channel_id]), rows[post.channel_id].name,
                    telling.state_text(post), *([prices[post.id] or ""] if priced else []),
                    one_line(post.content["text"]),
                )
                for post in found
            ),
            empty="No such posts." if states or only else "No posts yet. Write one: tabuh post add TEXT",
        )  # fmt: skip
        told = ", ".join(f"{number:,} {words(kind)}" for kind, number in counts.items() if number)
        documents = [
            {**telling.document(post, rows[post.channel_id].name), "price": prices[post.id]} for post in found
        ]
        show(documents, drawn, f"\n{told}" if told else "", as_json=as_json)


def state_named(name: str) -> Any:
    """The state of that name, however its words are joined. Raises `UsageError`."""
    from domain.errors import UsageError
    from domain.post import PostState

    try:
        return PostState(name.replace(" ", "_").replace("-", "_"))
    except ValueError:
        raise UsageError(f"Unknown state {name!r}. Known: {', '.join(PostState)}.") from None


def show_post(context: typer.Context, post: Number, as_json: Json = False) -> None:
    """One post with every attempt to publish it, and who changed it."""
    from store import changes, posts
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            found = posts.get(session, tabuh.workspace.id, post)
            attempts = posts.attempts_of(session, post)
            changed = changes.changes_of(session, "post", post)
            choice = posts.slot_choice_of(session, found)
        row = telling.channel_of(tabuh, found)
        zone, warned = row.zone, telling.warned(tabuh, found, row)
        told = {
            **telling.document(found, row.name),
            "price": (price := telling.price(tabuh, found, row)),
            "attempts": [
                {
                    name: getattr(attempt, name)
                    for name in ("started_at", "finished_at", "outcome", "detail", "remote_id", "remote_url")
                }
                for attempt in attempts
            ],
            "warnings": warned,
            "placement": choice.why if choice else None,
            "changes": [{"at": change.at, "actor": change.actor, "what": change.what} for change in changed],
        }
        notes = [f"  {one}" for one in warned]
        tried = [
            f"  {when(attempt.started_at, zone)}  {attempt.outcome or 'no answer'}  {attempt.detail or ''}"
            for attempt in attempts
        ]
        history = [f"  {when(change.at, zone)}  {change.what} ({telling.by(change)})" for change in changed]
        parts = [
            telling.about(found, row),
            *telling.costs_words(price),
            *(["\nWhy then", f"  {telling.why(choice.why, zone)}"] if choice and choice.why else []),
            *(["\nNote", *notes] if notes else []),
            *(["\nAttempts", *tried] if tried else []),
            *(["\nHistory", *history] if history else []),
        ]
        show(told, *parts, as_json=as_json)
