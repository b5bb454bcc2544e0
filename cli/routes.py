"""`tabuh route`: which entries become posts on which channel."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.feeds import Existing
from cli.ledger import Which, balance_text, line_document, line_of, named
from cli.opening import opened
from cli.previews import preview_document, preview_text
from cli.printing import Json, count, one_line, pairs, show, table

if TYPE_CHECKING:
    from scheduler.rules import Rules

app = typer.Typer(no_args_is_help=True, help="Routes: entries of these feeds become posts on this channel.")

Feeds = Annotated[
    list[str] | None, typer.Option("--feed", metavar="FEED", help="A feed to read; may be given again.")
]
Include = Annotated[
    list[str] | None,
    typer.Option(metavar="WORDS", help="Post only entries that hold one of these; may be given again."),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(metavar="WORDS", help="Post no entry that holds one of these; may be given again."),
]
Template = Annotated[
    str | None, typer.Option(help="Text with variables such as {{ title }}, {{ link }}, {{ hashtags }}.")
]
Utm = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="Tag links, such as source={{ platform }}; may be given again."),
]
Timing = Annotated[str | None, typer.Option(help="next_slot of the channel's posting schedule, or at_once.")]
Late = Annotated[
    str | None, typer.Option(help="What happens to a post that a down-time made late: send, skip or ask.")
]
Shorten = Annotated[bool | None, typer.Option("--shorten/--no-shorten", help="Use own short links.")]
Approval = Annotated[
    bool | None, typer.Option("--approval/--no-approval", help="A person releases each post.")
]


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="How to call it.")],
    *,
    channel: Annotated[str, typer.Option(help="Where to post, by name.")],
    feed: Feeds = None,
    existing: Existing = None,
    include: Include = None,
    exclude: Exclude = None,
    template: Template = None,
    utm: Utm = None,
    timing: Timing = None,
    late: Late = None,
    shorten: Shorten = None,
    approval: Approval = None,
    as_json: Json = False,
) -> None:
    """Let entries of feeds become posts on a channel."""
    from scheduler.routes import add_route
    from scheduler.rules import Rules
    from store import channels, feeds
    from store.engine import reading

    rules = _rules(
        Rules(), include=include, exclude=exclude, template=template, utm=utm, timing=timing, late=late,
        shorten=shorten, approval=approval,
    )  # fmt: skip
    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            feed_ids = [feeds.find(session, tabuh.workspace.id, which).id for which in feed or []]
            channel_id = channels.named(session, tabuh.workspace.id, channel).id
        route = add_route(
            tabuh.context, tabuh.workspace.id, name=name, feed_ids=feed_ids, channel_id=channel_id,
            rules=rules, existing=existing, actor=tabuh.actor,
        )  # fmt: skip
        line = line_of(tabuh, route.id)
        show(line_document(line), f"Added route {route.name}: {balance_text(line)}.", as_json=as_json)


def _rules(
    rules: "Rules",
    *,
    include: list[str] | None,
    exclude: list[str] | None,
    template: str | None,
    utm: list[str] | None,
    timing: str | None,
    late: str | None,
    shorten: bool | None,
    approval: bool | None,
) -> "Rules":
    """The rules with what was said on the command line; what was not said stays as it is."""
    said: dict[str, Any] = {
        "include": include or None,
        "exclude": exclude or None,
        "template": template.replace("\\n", "\n") if template is not None else None,
        "utm": _utm(utm) if utm else None,
        "timing": timing,
        "late": late,
        "shorten": shorten,
        "needs_approval": approval,
    }
    return replace(rules, **{name: value for name, value in said.items() if value is not None})


def _utm(given: list[str]) -> dict[str, str]:
    from domain.errors import UsageError

    pairs_ = {}
    for part in given:
        name, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"Cannot read --utm {part!r}. Write it as NAME=VALUE, such as medium=social.")
        pairs_[name] = value
    return pairs_


@app.command("list")
def list_routes(context: typer.Context, as_json: Json = False) -> None:
    """All routes, what they join, and what became of their entries."""
    from domain.post import Fate
    from store import routes
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            lines = routes.lines(session, tabuh.workspace.id)
        shown = (Fate.POSTED, Fate.QUEUED, Fate.HELD, Fate.FAILED)
        drawn = table(
            ["Route", "Feeds", "Channel", "State", ">Seen", ">Posted", ">Queued", ">Held", ">Failed"],
            (
                (
                    line.route.name, one_line(", ".join(feed.title or feed.url for feed in line.feeds), 50),
                    line.channel.name, "paused" if line.route.paused_at else "active", line.balance.seen,
                    *(line.balance.fates[fate] for fate in shown),
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
        found = line.route
        about = pairs(
            [
                ("Route", found.name),
                ("State", "paused" if found.paused_at else "active"),
                ("Feeds", ", ".join(feed.url for feed in line.feeds)),
                ("Channel", line.channel.name),
                ("Template", found.template.replace("\n", "\\n")),
                ("Include", ", ".join(found.include)),
                ("Exclude", ", ".join(found.exclude)),
                ("UTM", ", ".join(f"{name}={value}" for name, value in found.utm.items())),
                ("Short links", "yes" if found.shorten else "no"),
                ("Timing", found.timing),
                ("Approval", "needed" if found.needs_approval else "not needed"),
                ("When late", found.late),
            ]
        )
        show(line_document(line), about, "\n", balance_text(line), as_json=as_json)


@app.command()
def change(
    context: typer.Context,
    route: Which,
    *,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    include: Include = None,
    exclude: Exclude = None,
    template: Template = None,
    utm: Utm = None,
    timing: Timing = None,
    late: Late = None,
    shorten: Shorten = None,
    approval: Approval = None,
    as_json: Json = False,
) -> None:
    """Give a route another name or other rules; posts that are there already stay as they are."""
    from scheduler.routes import change_route
    from scheduler.rules import Rules

    with opened(context) as tabuh:
        found = named(tabuh, route)
        rules = _rules(
            Rules.of(found), include=include, exclude=exclude, template=template, utm=utm, timing=timing,
            late=late, shorten=shorten, approval=approval,
        )  # fmt: skip
        change_route(
            tabuh.context, tabuh.workspace.id, found.id, name=name or found.name, rules=rules,
            actor=tabuh.actor,
        )  # fmt: skip
        show(line_document(line_of(tabuh, found.id)), f"Changed route {name or found.name}.", as_json=as_json)


@app.command()
def preview(
    context: typer.Context,
    route: Which,
    limit: Annotated[int, typer.Option(help="Entries shown.", min=1)] = 10,
    as_json: Json = False,
) -> None:
    """Show what a route makes of the newest entries of its feeds; nothing is stored."""
    from scheduler.previewing import preview_route

    with opened(context) as tabuh:
        lines = preview_route(tabuh.context, tabuh.workspace.id, named(tabuh, route).id, limit=limit)
        text = preview_text(lines, zone=tabuh.workspace.zone) or "Its feeds have no entries yet."
        show([preview_document(line) for line in lines], text, as_json=as_json)


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
