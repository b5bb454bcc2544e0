"""`tabuh route`: which entries become posts on which channel."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import route_trying
from cli.feeds import Existing
from cli.ledger import Which, balance_text, line_document, line_of, named, rule_pairs
from cli.opening import opened
from cli.previews import preview_document, preview_text
from cli.printing import Json, count, one_line, pairs, show, table, when
from cli.rule_options import rules_said, with_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.opening import Opened
    from scheduler.previewing import PreviewLine

app = typer.Typer(no_args_is_help=True, help="Routes: entries of these feeds become posts on this channel.")

Feeds = Annotated[
    list[str] | None, typer.Option("--feed", metavar="FEED", help="A feed to read; may be given again.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only show what it would make of the newest entries; store nothing.")
]
#: Entries that a dry run shows.
_SHOWN = 10

app.command()(route_trying.preview)
app.command()(route_trying.replay)


@app.command()
@with_rules
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="How to call it.")],
    *,
    channel: Annotated[str, typer.Option(help="Where to post, by name.")],
    feed: Feeds = None,
    existing: Existing = None,
    dry_run: DryRun = False,
    said: dict[str, Any],
    as_json: Json = False,
) -> None:
    """Let entries of feeds become posts on a channel."""
    from scheduler.previewing import preview_rules
    from scheduler.routes import add_route
    from scheduler.rules import Rules
    from store import channels, feeds
    from store.engine import reading

    rules = rules_said(Rules(), said)
    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            feed_ids = [feeds.find(session, tabuh.workspace.id, which).id for which in feed or []]
            channel_id = channels.named(session, tabuh.workspace.id, channel).id
        if dry_run:
            lines = preview_rules(
                tabuh.context, tabuh.workspace.id, feed_ids=feed_ids, channel_id=channel_id, rules=rules,
                limit=_SHOWN,
            )  # fmt: skip
            _show_trial(tabuh, lines, as_json=as_json)
            return
        route = add_route(
            tabuh.context, tabuh.workspace.id, name=name, feed_ids=feed_ids, channel_id=channel_id,
            rules=rules, existing=existing, actor=tabuh.actor,
        )  # fmt: skip
        line = line_of(tabuh, route.id)
        show(line_document(line), f"Added route {route.name}: {balance_text(line)}.", as_json=as_json)


@app.command("list")
def list_routes(context: typer.Context, as_json: Json = False) -> None:
    """All routes, what they join, and what became of their entries."""
    from domain.post import Fate
    from store import routes
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            lines = routes.lines(session, tabuh.workspace.id)
        names = [f">{fate.value.capitalize()}" for fate in Fate]
        drawn = table(
            ["Route", "Feeds", "Channel", "State", ">Seen", *names],
            (
                (
                    line.route.name, one_line(", ".join(feed.title or feed.url for feed in line.feeds), 50),
                    line.channel.name, "paused" if line.route.paused_at else "active", line.balance.seen,
                    *(line.balance.fates[fate] for fate in Fate),
                )
                for line in lines
            ),
            empty="No routes yet. Add one: tabuh route add NAME --feed FEED --channel CHANNEL",
        )  # fmt: skip
        show([line_document(line) for line in lines], drawn, as_json=as_json)


@app.command("show")
def show_route(context: typer.Context, route: Which, as_json: Json = False) -> None:
    """One route with its rules."""
    with opened(context) as tabuh:
        line = line_of(tabuh, named(tabuh, route).id)
        waits = when(line.route.next_at, line.channel.zone)
        about = pairs([*rule_pairs(line), ("Looked at again", waits)])
        show(line_document(line), about, "\n", balance_text(line), as_json=as_json)


@app.command()
@with_rules
def change(
    context: typer.Context,
    route: Which,
    *,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    dry_run: DryRun = False,
    said: dict[str, Any],
    as_json: Json = False,
) -> None:
    """Give a route another name or other rules; posts that are there already stay as they are."""
    from scheduler.previewing import preview_route
    from scheduler.routes import change_route
    from scheduler.rules import Rules

    with opened(context) as tabuh:
        found = named(tabuh, route)
        rules = rules_said(Rules.of(found), said)
        if dry_run:
            lines = preview_route(tabuh.context, tabuh.workspace.id, found.id, rules=rules, limit=_SHOWN)
            _show_trial(tabuh, lines, as_json=as_json)
            return
        change_route(
            tabuh.context, tabuh.workspace.id, found.id, name=name or found.name, rules=rules,
            actor=tabuh.actor,
        )  # fmt: skip
        show(line_document(line_of(tabuh, found.id)), f"Changed route {name or found.name}.", as_json=as_json)


def _show_trial(tabuh: "Opened", lines: "Sequence[PreviewLine]", *, as_json: bool) -> None:
    text = preview_text(lines, zone=tabuh.workspace.zone) or "Its feeds have no entries yet."
    show([preview_document(line) for line in lines], text, "\nNothing was stored.", as_json=as_json)


@app.command()
@with_rules
def clone(
    context: typer.Context,
    route: Which,
    name: Annotated[str, typer.Argument(metavar="NAME", help="How to call the new one.")],
    *,
    channel: Annotated[str | None, typer.Option(help="Another channel, by name.")] = None,
    said: dict[str, Any],
    as_json: Json = False,
) -> None:
    """Add a route with the feeds and rules of another; entries that are there already are not posted."""
    from scheduler.cloning import clone_route
    from scheduler.rules import Rules
    from store import channels
    from store.engine import reading

    with opened(context) as tabuh:
        found = named(tabuh, route)
        with reading(tabuh.engine) as session:
            on = channels.named(session, tabuh.workspace.id, channel).id if channel else None
        made = clone_route(
            tabuh.context, tabuh.workspace.id, found.id, name=name, channel_id=on,
            rules=rules_said(Rules.of(found), said), actor=tabuh.actor,
        )  # fmt: skip
        line = line_of(tabuh, made.id)
        show(line_document(line), f"Added route {made.name}: {balance_text(line)}.", as_json=as_json)


@app.command()
def remove(
    context: typer.Context,
    route: Which,
    posts: Annotated[
        str | None, typer.Option(help="What becomes of its posts that did not go out: keep or skip.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Remove a route; what it posted and decided stays in the books."""
    from scheduler.route_removing import remove_route

    with opened(context) as tabuh:
        found = named(tabuh, route)
        ended = remove_route(tabuh.context, tabuh.workspace.id, found.id, unsent=posts, actor=tabuh.actor)
        document = {"id": ended.id, "name": found.name, "removed_at": ended.removed_at}
        show(document, f"Removed route {found.name}.", as_json=as_json)


@app.command("read")
def read_feed(
    context: typer.Context,
    route: Which,
    feed: Annotated[str, typer.Argument(metavar="FEED", help="Its address, title or number.")],
    existing: Existing = None,
    as_json: Json = False,
) -> None:
    """Let a route read one more feed."""
    from scheduler.routes import add_feed_to_route
    from store import feeds
    from store.engine import reading

    with opened(context) as tabuh:
        found = named(tabuh, route)
        with reading(tabuh.engine) as session:
            feed_id = feeds.find(session, tabuh.workspace.id, feed).id
        made = add_feed_to_route(
            tabuh.context, tabuh.workspace.id, found.id, feed_id, existing=existing, actor=tabuh.actor
        )
        show(line_document(line_of(tabuh, found.id)), f"Done; {count(made, 'post')} made.", as_json=as_json)


@app.command()
def pause(context: typer.Context, route: Which, as_json: Json = False) -> None:
    """Make no more posts; entries that come meanwhile are held, queued posts still go out."""
    from scheduler.routes import pause_route

    with opened(context) as tabuh:
        found = named(tabuh, route)
        pause_route(tabuh.context, tabuh.workspace.id, found.id, actor=tabuh.actor)
        show(line_document(line_of(tabuh, found.id)), f"Paused route {found.name}.", as_json=as_json)


@app.command()
def resume(context: typer.Context, route: Which, as_json: Json = False) -> None:
    """Make posts again, first of the entries that were held."""
    from scheduler.routes import resume_route

    with opened(context) as tabuh:
        found = named(tabuh, route)
        made = resume_route(tabuh.context, tabuh.workspace.id, found.id, actor=tabuh.actor)
        show(
            line_document(line_of(tabuh, found.id)),
            f"Resumed route {found.name}; {count(made, 'post')} made of what was held.",
            as_json=as_json,
        )
