"""`tabuh feed`: look at feeds, add them, and say how often they are polled."""

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.feed_secrets import Auth, AuthName, asked_access
from cli.opening import opened
from cli.previews import preview_document, preview_text
from cli.printing import Json, count, one_line, pairs, show, table, when

if TYPE_CHECKING:
    from cli.opening import Opened
    from scheduler.polling import Polled
    from store.feeds import FeedLine
    from store.ledger import EntryFate
    from store.tables import Feed

#: So often a look by hand waits for its turn at a server that is asked for other feeds.
_TRIES = 10

app = typer.Typer(no_args_is_help=True, help="Feeds: RSS, Atom and JSON documents that are polled.")

Which = Annotated[str, typer.Argument(metavar="FEED", help="Its address, title or number.")]
Existing = Annotated[
    str | None,
    typer.Option(
        metavar="CHOICE",
        help="Which of the entries that are there already to post: none, newest, last:N or since:DATE.",
    ),
]
Minutes = Annotated[
    int | None,
    typer.Option("--every", metavar="MINUTES", help="How often to look; left out: as the feed suggests."),
]


@app.command()
def preview(  # noqa: PLR0917 - typer passes them by name
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Of the feed, or of a page that names it.")],
    limit: Annotated[int, typer.Option(help="Entries shown.", min=1)] = 10,
    auth: Auth = None,
    auth_name: AuthName = "",
    as_json: Json = False,
) -> None:
    """Show a feed's entries and what would be posted of them; nothing is stored."""
    from scheduler.previewing import preview as look

    with opened(context) as tabuh:
        access = asked_access(auth, auth_name)
        found = look(tabuh.context, url, zone_name=tabuh.workspace.zone, access=access)
        lines = found.lines[:limit]
        document = {
            "url": found.url,
            "title": found.title,
            "site_url": found.site_url,
            "found_on": found.found_on,
            "others": found.others,
            "entry_count": len(found.lines),
            "entries": [preview_document(line) for line in lines],
        }
        about = [
            ("Feed", found.title),
            ("Address", found.url),
            ("Named by", found.found_on),
            *(("Also there", other) for other in found.others),
        ]
        total = count(len(found.lines), "entry", "entries")
        show(
            document,
            pairs(about),
            f"\n{total}; the newest {len(lines)}, and what would be posted:\n",
            preview_text(lines, zone=tabuh.workspace.zone) or "(none)",
            f"\nTo add it: tabuh feed add {found.url} --existing none",
            as_json=as_json,
        )


@app.command()
def add(  # noqa: PLR0917 - typer passes them by name
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Of the feed, or of a page that names it.")],
    existing: Existing = None,
    every: Minutes = None,
    auth: Auth = None,
    auth_name: AuthName = "",
    as_json: Json = False,
) -> None:
    """Add a feed with the entries that it shows; what is posted of it, routes say (tabuh route add)."""
    from scheduler.feeds import add_feed

    with opened(context) as tabuh:
        feed = add_feed(
            tabuh.context, tabuh.workspace.id, url, existing=existing, actor=tabuh.actor,
            interval=timedelta(minutes=every) if every is not None else None,
            access=asked_access(auth, auth_name),
        )  # fmt: skip
        others = _others(tabuh, feed)
        show(
            {**feed_document(feed), "others": others},
            f"Added {feed.title or feed.url}. Next look: {when(feed.next_at, tabuh.workspace.zone)}, "
            f"{feed.next_reason}.",
            "The page names other feeds, too: " + ", ".join(others) if others else "",
            f"To post from it: tabuh route add NAME --feed {feed.url} --channel CHANNEL",
            as_json=as_json,
        )


def _others(tabuh: "Opened", feed: "Feed") -> list[str]:
    """The other feeds of the page that led to one that was just added."""
    from store.changes import changes_of
    from store.engine import reading

    with reading(tabuh.engine) as session:
        added = changes_of(session, "feed", feed.id)[-1].after or {}
    return list(added.get("others", ()))


@app.command("list")
def list_feeds(context: typer.Context, as_json: Json = False) -> None:
    """All feeds with their state and counts."""
    from store import feeds
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            lines = feeds.lines(session, tabuh.workspace.id)
        zone = tabuh.workspace.zone
        drawn = table(
            ["Feed", "State", ">Entries", ">New", ">Held", ">Routes", "Next look", "Address"],
            (
                (
                    one_line(line.feed.title, 40), line.health, line.entries, line.new, line.held,
                    line.routes, when(line.feed.next_at, zone), line.feed.url,
                )
                for line in lines
            ),
            empty="No feeds yet. Add one: tabuh feed add URL --existing none",
        )  # fmt: skip
        show([line_document(line) for line in lines], drawn, as_json=as_json)


@app.command("show")
def show_feed(
    context: typer.Context,
    feed: Which,
    limit: Annotated[int, typer.Option(help="Entries shown.", min=1)] = 20,
    as_json: Json = False,
) -> None:
    """One feed, its newest entries, and what became of each on each route."""
    from store import feeds
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            found = feeds.find(session, tabuh.workspace.id, feed)
            lines = feeds.entry_lines(session, tabuh.workspace.id, found.id, limit=limit)
        zone = tabuh.workspace.zone
        entries = [
            {
                "id": line.entry.id,
                "title": line.entry.title,
                "link": line.entry.link,
                "published_at": line.entry.published_at,
                "first_seen_at": line.entry.first_seen_at,
                "fates": line.fates,
            }
            for line in lines
        ]
        drawn = table(
            ["Published", "Entry", "Became"],
            (
                (
                    when(line.entry.published_at, zone),
                    one_line(line.entry.title or line.entry.text),
                    "; ".join(_became(fate) for fate in line.fates),
                )
                for line in lines
            ),
            empty="No entries yet.",
        )
        show({**feed_document(found), "entries": entries}, _about(found, zone), "\n", drawn, as_json=as_json)


@app.command()
def pause(
    context: typer.Context,
    feed: Which,
    reason: Annotated[str, typer.Option(help="Shown beside the feed.")] = "",
    as_json: Json = False,
) -> None:
    """Stop polling a feed; what it publishes meanwhile is found when it is resumed."""
    from scheduler import feeds

    with opened(context) as tabuh:
        changed = feeds.pause(
            tabuh.context, tabuh.workspace.id, feed_id(tabuh, feed), reason=reason, actor=tabuh.actor
        )
        show(feed_document(changed), f"Paused {changed.title or changed.url}.", as_json=as_json)


@app.command()
def resume(context: typer.Context, feed: Which, existing: Existing = None, as_json: Json = False) -> None:
    """Poll a paused feed again; for one that asks, choose which of the waiting entries are posted."""
    from scheduler import feeds

    with opened(context) as tabuh:
        number = feed_id(tabuh, feed)
        made = feeds.resume(tabuh.context, tabuh.workspace.id, number, existing=existing, actor=tabuh.actor)
        show(
            {"feed_id": number, "posts_made": made},
            f"Resumed; {count(made, 'post')} made of what waited.",
            as_json=as_json,
        )


@app.command()
def poll(context: typer.Context, feed: Which, as_json: Json = False) -> None:
    """Look at a feed now, and say what came."""
    from scheduler import feeds
    from scheduler.politeness import ITS_TURN
    from scheduler.polling import poll as look
    from store import feeds as stored
    from store.engine import reading

    with opened(context) as tabuh:
        due = feeds.poll_now(tabuh.context, tabuh.workspace.id, feed_id(tabuh, feed), actor=tabuh.actor)
        for _ in range(_TRIES):
            # Not by claiming it: a worker that is faster takes it over, and this look then writes nothing.
            polled = look(tabuh.context, due)
            with reading(tabuh.engine) as session:
                found = stored.get(session, tabuh.workspace.id, due.id)
            if not polled.waits or found.next_reason != ITS_TURN or found.next_at is None:
                break
            time.sleep(max(0.0, (found.next_at - tabuh.context.clock()).total_seconds()))
        came = {"new": polled.arrival.new, "edited": polled.arrival.edited, "posts": polled.arrival.posts}
        show(
            {**feed_document(found), "came": came, "waits": polled.waits},
            f"{_came(found, polled)} Next look: {when(found.next_at, tabuh.workspace.zone)}, "
            f"{found.next_reason}.",
            as_json=as_json,
        )


def _came(feed: "Feed", polled: "Polled") -> str:
    if polled.waits:
        return "Not looked at yet."
    if feed.last_error:
        return f"It failed: {feed.last_error}."
    arrival = polled.arrival
    edited = f", {count(arrival.edited, 'edit')}" if arrival.edited else ""
    posts = f", {count(arrival.posts, 'post')} made" if arrival.posts else ""
    return f"It was read: {count(arrival.new, 'new entry', 'new entries')}{edited}{posts}."


@app.command()
def every(
    context: typer.Context,
    feed: Which,
    minutes: Annotated[int, typer.Argument(help="0: as often as the feed and its server suggest.", min=0)],
    as_json: Json = False,
) -> None:
    """Choose how often a feed is polled."""
    from scheduler import feeds

    with opened(context) as tabuh:
        interval = timedelta(minutes=minutes) if minutes else None
        changed = feeds.set_interval(
            tabuh.context, tabuh.workspace.id, feed_id(tabuh, feed), interval, actor=tabuh.actor
        )
        show(feed_document(changed), "Done.", as_json=as_json)


def feed_document(feed: "Feed") -> dict[str, Any]:
    """A feed as JSON tells it: no secrets, no inner numbers."""
    shown = (
        "id", "url", "title", "site_url", "existing", "ask", "asks_because", "interval_override", "next_at",
        "next_reason", "failures", "last_polled_at", "last_success_at", "last_status", "last_error",
        "paused_at", "paused_reason", "created_at", "access", "user_agent", "folders",
    )  # fmt: skip
    return {name: getattr(feed, name) for name in shown}


def line_document(line: "FeedLine") -> dict[str, Any]:
    """A feed with its counts, as JSON tells it."""
    return {
        **feed_document(line.feed),
        "health": line.health,
        "entries": line.entries,
        "new": line.new,
        "held": line.held,
        "routes": line.routes,
        "newest_at": line.newest_at,
    }


def _about(feed: "Feed", zone: str) -> str:
    from store.feeds import health

    return pairs(
        [
            ("Feed", feed.title),
            ("Number", feed.id),
            ("Address", feed.url),
            ("State", health(feed)),
            ("Opened by", feed.access),
            ("User-Agent", feed.user_agent),
            ("Asks", feed.asks_because if feed.ask else None),
            ("Paused", feed.paused_reason),
            ("Last look", when(feed.last_polled_at, zone)),
            ("Failure", feed.last_error),
            ("Next look", f"{when(feed.next_at, zone)} {feed.next_reason}".strip()),
        ]
    )


def _became(fate: "EntryFate") -> str:
    return f"{fate.route_name}: {fate.fate}{f' ({fate.reason})' if fate.reason else ''}"


def feed_id(tabuh: "Opened", which: str) -> int:
    """The number of the feed that a person names."""
    from store import feeds
    from store.engine import reading

    with reading(tabuh.engine) as session:
        return feeds.find(session, tabuh.workspace.id, which).id
