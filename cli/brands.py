"""`tabuh brand`: whose mentions are counted, and where."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, show, table

if TYPE_CHECKING:
    from cli.opening import Opened

app = typer.Typer(no_args_is_help=True, help="Brands whose mentions are counted: your own and competitors'.")

Which = Annotated[str, typer.Argument(metavar="BRAND", help="Its name.")]


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="As people write it.")],
    *,
    own: Annotated[bool, typer.Option("--own", help="It is your own.")] = False,
    as_json: Json = False,
) -> None:
    """Track a brand."""
    from scheduler.brands import add_brand

    with opened(context) as tabuh:
        row = add_brand(tabuh.context, tabuh.workspace.id, name, own=own, actor=tabuh.actor)
        show(_document(tabuh, row.id), f"Added {row.name}.", as_json=as_json)


@app.command("list")
def list_brands(context: typer.Context, as_json: Json = False) -> None:
    """All brands, with the feeds and searches that count them."""
    from store import brands
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            rows = brands.listed(session, tabuh.workspace.id)
        found = [_document(tabuh, row.id) for row in rows]
        drawn = table(
            ["Brand", "Whose", "Counted in"],
            ((one["name"], "own" if one["is_own"] else "competitor", _places(one)) for one in found),
            empty="No brands yet. Add your own: tabuh brand add NAME --own",
        )
        show(found, drawn, as_json=as_json)


def _places(one: dict[str, Any]) -> str:
    feeds = [f"{each['feed']}" + (f" ({each['query']})" if each["query"] else "") for each in one["feeds"]]
    days = [each["source"] + (f" ({each['query']})" if each["query"] else "") for each in one["sources"]]
    told = [f"{each['channel']}, since {each['since']:%Y-%m-%d}" for each in one["channels"]]
    return "; ".join([*feeds, *days, *told]) or "nowhere yet"


@app.command()
def watch(
    context: typer.Context,
    brand: Which,
    feed: Annotated[str, typer.Argument(help="A feed by number, address or title.")],
    *,
    query: Annotated[str, typer.Option(help="What the feed searches for; it is shown with the number.")] = "",
    as_json: Json = False,
) -> None:
    """Count a feed's entries as mentions; the same link in several feeds of a brand counts once."""
    from scheduler import brands as commands
    from store import brands, feeds
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = brands.named(session, tabuh.workspace.id, brand)
            shown = feeds.find(session, tabuh.workspace.id, feed)
        commands.watch(tabuh.context, tabuh.workspace.id, row.id, shown.id, query=query, actor=tabuh.actor)
        told = f"Entries of {shown.title or shown.url} count as mentions of {row.name}."
        show(_document(tabuh, row.id), told, as_json=as_json)


@app.command()
def unwatch(
    context: typer.Context,
    brand: Which,
    feed: Annotated[str, typer.Argument(help="A feed by number, address or title.")],
    as_json: Json = False,
) -> None:
    """Count a feed's entries no more, those of the past included."""
    from domain.errors import NotFound
    from scheduler import brands as commands
    from store import brands, feeds
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = brands.named(session, tabuh.workspace.id, brand)
            shown = feeds.find(session, tabuh.workspace.id, feed)
            found = [
                one
                for one, of in brands.sources(session, tabuh.workspace.id)
                if one.brand_id == row.id and of.id == shown.id
            ]
        if not found:
            raise NotFound(f"Entries of that feed are not counted for {row.name}.")
        commands.unwatch(tabuh.context, tabuh.workspace.id, found[0].id, actor=tabuh.actor)
        show(_document(tabuh, row.id), f"They count for {row.name} no more.", as_json=as_json)


@app.command()
def mention(
    context: typer.Context,
    brand: Which,
    number: Annotated[int, typer.Argument(min=0, help="How often it was mentioned.")],
    *,
    source: Annotated[str, typer.Option(help="Where that was counted.")],
    day: Annotated[str | None, typer.Option(metavar="DATE", help="Left out: today.")] = None,
    query: Annotated[str, typer.Option(help="What was searched for.")] = "",
    as_json: Json = False,
) -> None:
    """Write down a day's count; the same day, source and query is told anew."""
    from domain.errors import UsageError
    from domain.period import day_at
    from domain.schedule import zone
    from scheduler.brands import note_mentions
    from store import brands
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = brands.named(session, tabuh.workspace.id, brand)
        try:
            today = day_at(tabuh.context.clock(), zone(tabuh.workspace.zone))
            told = date.fromisoformat(day) if day else today
        except ValueError:
            raise UsageError(f"Cannot read the day {day!r}. Write it as 2026-12-31.") from None
        note_mentions(
            tabuh.context, tabuh.workspace.id, row.id, day=told, number=number, source=source, query=query,
            actor=tabuh.actor,
        )  # fmt: skip
        document = {"brand": row.name, "day": told, "number": number, "source": source, "query": query}
        show(document, f"{row.name}: {number:,} on {told} by {source}.", as_json=as_json)


def _document(tabuh: "Opened", brand_id: int) -> dict[str, Any]:
    from store import brands
    from store.engine import reading

    with reading(tabuh.engine) as session:
        row = brands.get(session, tabuh.workspace.id, brand_id)
        of = [
            (one, feed) for one, feed in brands.sources(session, tabuh.workspace.id) if one.brand_id == row.id
        ]
        days = brands.searches(session, tabuh.workspace.id, row.id)
        told = brands.collecting(session, tabuh.workspace.id, [row.id])
    return {
        "id": row.id, "name": row.name, "is_own": row.is_own, "created_at": row.created_at,
        "feeds": [
            {"id": one.id, "feed_id": feed.id, "feed": feed.title or feed.url, "query": one.query}
            for one, feed in of
        ],
        "sources": [{"source": source, "query": query} for source, query in days],
        "channels": [
            {
                "channel_id": one.id, "channel": one.name, "platform": one.platform,
                "since": one.mentions_since, "until": one.mentions_until,
            }
            for one in told
        ],
    }  # fmt: skip
