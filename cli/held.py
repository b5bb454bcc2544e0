"""`tabuh feed held`, `release`, `dismiss` and `purge`: what feeds hold back, and what they keep."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.feeds import Which, feed_id
from cli.feeds import app as feeds_app
from cli.opening import opened
from cli.printing import Json, count, one_line, show, table, when

#: The verbs of feeds, those of `cli.feeds` included.
feeds = feeds_app


@feeds.command()
def held(
    context: typer.Context,
    feed: Annotated[
        str | None, typer.Argument(metavar="FEED", help="Its address, title or number; left out: all feeds.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Entries shown.", min=1)] = 100,
    as_json: Json = False,
) -> None:
    """Show the entries that wait without a post, and why."""
    from store import feeds as stored
    from store.engine import reading

    with opened(context) as tabuh:
        number = feed_id(tabuh, feed) if feed is not None else None
        with reading(tabuh.engine) as session:
            named = {one.id: one for one in stored.listed(session, tabuh.workspace.id)}
            lines = stored.entry_lines(session, tabuh.workspace.id, number, limit=limit, held_only=True)
        asking = [one for one in named.values() if one.ask and number in (None, one.id)]
        zone = tabuh.workspace.zone
        document = {
            "feeds": [
                {"id": one.id, "title": one.title, "url": one.url, "asks_because": one.asks_because}
                for one in asking
            ],
            "entries": [
                {
                    "id": line.entry.id,
                    "feed_id": line.entry.feed_id,
                    "title": line.entry.title,
                    "link": line.entry.link,
                    "published_at": line.entry.published_at,
                    "first_seen_at": line.entry.first_seen_at,
                    "fates": line.fates,
                }
                for line in lines
            ],
        }
        drawn = table(
            ["Feed", "Published", "Entry", "Why"],
            (
                (
                    one_line(named[line.entry.feed_id].title or named[line.entry.feed_id].url, 30),
                    when(line.entry.published_at, zone),
                    one_line(line.entry.title or line.entry.text),
                    "; ".join(f"{one.route_name}: {one.reason}" for one in line.fates if one.fate == "held"),
                )
                for line in lines
            ),
            empty="Nothing is held.",
        )
        reasons = [
            f"{one.title or one.url} asks: {one.asks_because or 'a backup was restored'}." for one in asking
        ]
        hint = "\nTo post them: tabuh feed release FEED. To post none: tabuh feed dismiss FEED."
        show(document, *(f"{reason}\n" for reason in reasons), drawn, hint if asking else "", as_json=as_json)


@feeds.command()
def release(
    context: typer.Context,
    feed: Which,
    existing: Annotated[
        str,
        typer.Option(
            metavar="CHOICE",
            help="Which of the entries that wait: all, none, newest, last:N or since:DATE; "
            "the others are skipped.",
        ),
    ] = "all",
    as_json: Json = False,
) -> None:
    """Post what a feed holds back, oldest first."""
    from scheduler import feeds as commands

    with opened(context) as tabuh:
        number = feed_id(tabuh, feed)
        made = commands.release(
            tabuh.context, tabuh.workspace.id, number, existing=existing, actor=tabuh.actor
        )
        told = f"Released; {count(made, 'post')} made of what waited."
        show({"feed_id": number, "posts_made": made}, told, as_json=as_json)


@feeds.command()
def dismiss(context: typer.Context, feed: Which, as_json: Json = False) -> None:
    """Skip everything that a feed holds back; what comes from now on is posted again."""
    from scheduler import feeds as commands

    with opened(context) as tabuh:
        number = feed_id(tabuh, feed)
        commands.release(tabuh.context, tabuh.workspace.id, number, existing="none", actor=tabuh.actor)
        show({"feed_id": number, "posts_made": 0}, "Dismissed; nothing of it is posted.", as_json=as_json)


@feeds.command()
def purge(
    context: typer.Context,
    days: Annotated[
        int | None,
        typer.Option(help="Keep the texts of so many days; left out: as keep_texts_days says.", min=1),
    ] = None,
    as_json: Json = False,
) -> None:
    """Remove old texts of entries now, as the service does every day; entries stay known for good."""
    from scheduler.purging import purge as remove

    with opened(context) as tabuh:
        kept = days if days is not None else tabuh.settings.keep_texts_days
        purged = remove(tabuh.context, older_than=timedelta(days=kept)) if kept else 0
        told = f"The texts of {count(purged, 'entry', 'entries')} were removed."
        show({"purged": purged}, told, as_json=as_json)
