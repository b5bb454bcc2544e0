"""`tabuh approval`: posts that wait for somebody's word, also of people without account."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, count, one_line, pairs, show, table, when

if TYPE_CHECKING:
    from store.tables import ReviewLink

app = typer.Typer(no_args_is_help=True, help="Approvals: posts that wait for somebody's word.")

Posts = Annotated[list[int], typer.Argument(metavar="POST...", help="Their numbers, from: tabuh post list")]
Number = Annotated[int, typer.Argument(metavar="LINK", help="Its number, from: tabuh approval list")]


@app.command()
def ask(context: typer.Context, posts: Posts, as_json: Json = False) -> None:
    """Let posts wait for an approval; `tabuh post approve` gives it."""
    from scheduler.approving import ask as ask_for

    with opened(context) as tabuh:
        asked = ask_for(tabuh.context, tabuh.workspace.id, posts, actor=tabuh.actor)
        show(
            [{"id": post.id, "state": post.state} for post in asked],
            f"{count(len(asked), 'post')} awaiting approval.",
            as_json=as_json,
        )


@app.command()
def link(
    context: typer.Context,
    posts: Posts,
    *,
    name: Annotated[str, typer.Option("--for", help="Whom it is for, such as 'Ibu Ratna'.")],
    days: Annotated[float, typer.Option(help="How long it is open, in days.")] = 7,
    as_json: Json = False,
) -> None:
    """Make a secret address at which somebody without account approves or rejects posts; shown once.

    Posts that do not wait for an approval yet do so from now on.
    """
    from domain.errors import UsageError
    from scheduler.approving import make_link

    if not 0 < days <= 3650:
        raise UsageError("A link is open for 1 hour to 90 days.")
    with opened(context) as tabuh:
        row, address = make_link(
            tabuh.context, tabuh.workspace.id, posts, name=name, lasts=timedelta(days=days), actor=tabuh.actor
        )
        until = when(row.expires_at, tabuh.workspace.zone)
        warning = f"Open until {until}. To close it before: tabuh approval revoke {row.id}"
        show({**_document(row), "address": address}, address, warning, as_json=as_json)


@app.command("list")
def list_links(context: typer.Context, as_json: Json = False) -> None:
    """The links there are, without their secret addresses, newest first."""
    from store import reviews
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            rows = reviews.listed(session, tabuh.workspace.id)
            shown = [(row, reviews.posts_of(session, row)) for row in rows]
        now, zone = tabuh.context.clock(), tabuh.workspace.zone
        lines = []
        for row, posts in shown:
            closed = "revoked" if row.revoked_at else "expired" if row.expires_at <= now else "open"
            decided = sum(one.decision is not None for one, _, _ in posts)
            lines.append((row.id, row.name, closed, when(row.expires_at, zone), f"{decided} of {len(posts)}"))
        drawn = table(
            ["Link", "For", "State", "Until", "Decided"],
            lines,
            empty="No approval link yet. Make one: tabuh approval link POST --for NAME",
        )
        show([_document(row) for row, _ in shown], drawn, as_json=as_json)


@app.command("show")
def show_link(context: typer.Context, link: Number, as_json: Json = False) -> None:
    """What was decided at a link, by whom, and what they wrote."""
    from store import reviews
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = reviews.get(session, tabuh.workspace.id, link)
            posts = reviews.posts_of(session, row)
        zone = tabuh.workspace.zone
        decisions = [
            {
                "post_id": post.id,
                **{name: getattr(one, name) for name in ("decision", "decided_at", "reviewer", "comment")},
            }
            for one, post, _ in posts
        ]
        about = pairs([("Link", row.id), ("For", row.name), ("Open until", when(row.expires_at, zone)),
                       ("Revoked", when(row.revoked_at, zone))])  # fmt: skip
        drawn = table(
            ["Post", "Text", "Decision", "By", "Comment"],
            [
                (post.id, one_line(post.content["text"]), one.decision or "open", one.reviewer, one.comment)
                for one, post, _ in posts
            ],
            empty="It shows no post.",
        )
        show({**_document(row), "posts": decisions}, about, "\n", drawn, as_json=as_json)


@app.command()
def revoke(context: typer.Context, link: Number, as_json: Json = False) -> None:
    """Close a link for good; what was decided stays."""
    from scheduler.approving import revoke_link

    with opened(context) as tabuh:
        row = revoke_link(tabuh.context, tabuh.workspace.id, link, actor=tabuh.actor)
        show(_document(row), f"The link for {row.name} is closed.", as_json=as_json)


def _document(row: "ReviewLink") -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "name", "created_at", "expires_at", "revoked_at")}
