"""`tabuh status` and `tabuh health`: how the installation does."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, count, pairs, show, when

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cli.opening import Opened
    from scheduler.access import Ending
    from store.queue import Promise
    from store.tables import ChannelRow

#: Every daemon writes its beat each minute; on PostgreSQL that is all we know of those elsewhere.
ALIVE = timedelta(minutes=3)
#: How far the promise looks.
AHEAD = timedelta(days=7)


def status(context: typer.Context, as_json: Json = False) -> None:
    """What runs, what waits, and what needs a person."""
    from domain.post import words
    from scheduler.access import endings
    from store import alerts, channels, feeds, posts, queue
    from store.engine import reading, shown_address
    from store.feeds import Health

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            counts = posts.counts_by_state(session, tabuh.workspace.id)
            lines = feeds.lines(session, tabuh.workspace.id)
            rows = channels.listed(session, tabuh.workspace.id)
            ahead = tabuh.context.clock() + AHEAD
            promised = queue.promises(session, tabuh.workspace.id, before=ahead)
            ending = endings(session, tabuh.workspace.id, now=tabuh.context.clock())
            noticed = len(alerts.open_ones(session, tabuh.workspace.id))
            fresh = alerts.unseen(session, tabuh.workspace.id, now=tabuh.context.clock())
        if tabuh.workspace.paused_at is not None:
            promised = {}
        told = _health(tabuh)
        troubled = [
            line.feed.url for line in lines if line.health in (Health.FAILING, Health.GONE, Health.ASKS)
        ]
        disconnected = [row.name for row in rows if row.state == "needs_reconnect"]
        document = {
            **told,
            "address": tabuh.settings.served_private_url,
            "public_address": tabuh.context.public_url,
            "database": shown_address(tabuh.engine),
            "posts": counts,
            "feeds": len(lines),
            "feeds_that_need_you": troubled,
            "channels": len(rows),
            "channels_to_reconnect": disconnected,
            "access_ends": [ending_document(one) for one in ending],
            "alerts": noticed,
            "alerts_unseen": fresh,
            "paused": tabuh.workspace.paused_reason if tabuh.workspace.paused_at else None,
            "promised_posts": sum(one.posts for one in promised.values()),
            "queues_last_until": {row.name: promised[row.id].last_at for row in rows if row.id in promised},
        }
        seen = when(told["last_beat"], tabuh.workspace.zone)
        shown = pairs(
            [
                ("Running", "yes" if told["running"] else f"no{f', last seen {seen}' if seen else ''}"),
                ("Address", document["address"]),
                ("Public pages", document["public_address"]),
                ("Database", document["database"]),
                (
                    "Posts",
                    ", ".join(f"{number:,} {words(kind)}" for kind, number in counts.items() if number),
                ),
                ("Feeds", f"{len(lines)}, of which {len(troubled)} need you"),
                ("Channels", f"{len(rows)}, of which {len(disconnected)} must be connected again"),
                *(("Access ends", ending_words(one)) for one in ending),
                ("Alerts", f"{noticed} open, {fresh} that nobody has seen" if noticed else ""),
                ("Paused", document["paused"]),
                ("Promised", _promise(rows, promised)),
                ("Waiting", _waiting(told["oldest_due"], told["now"]) or "nothing is overdue"),
            ]
        )
        show(document, shown, as_json=as_json)


def health(
    context: typer.Context,
    late_after: Annotated[int, typer.Option(min=1, help="Seconds.")] = 300,
    as_json: Json = False,
) -> None:
    """Exit 1 when anything due waits longer than --late-after seconds; for monitoring."""
    with opened(context) as tabuh:
        told = _health(tabuh)
    late = {
        kind: due
        for kind, due in told["oldest_due"].items()
        if due is not None and told["now"] - due > timedelta(seconds=late_after)
    }
    text = _waiting(told["oldest_due"], told["now"]) or "nothing is overdue"
    show({**told, "late": sorted(late)}, text, as_json=as_json)
    if late:
        raise typer.Exit(1)


def ending_document(one: "Ending") -> dict[str, Any]:
    """Access that ends soon, with the queued posts that it would cost."""
    return {
        "channel": one.channel.name,
        "access_until": one.ends_at,
        "posts_at_risk": one.posts,
        "first_at_risk": one.first_at,
    }


def ending_words(one: "Ending") -> str:
    """The same in words."""
    zone = one.channel.zone
    after = f", the first {when(one.first_at, zone)}" if one.first_at else ""
    return (
        f"{one.channel.name}: {when(one.ends_at, zone)}; {count(one.posts, 'queued post')} after that{after}"
    )


def _promise(rows: "Sequence[ChannelRow]", promised: "Mapping[int, Promise]") -> str:
    """What goes out if nobody does anything, and until when each queue lasts."""
    posts = sum(one.posts for one in promised.values())
    lasting = [
        f"{row.name} until {when(promised[row.id].last_at, row.zone)}" for row in rows if row.id in promised
    ]
    told = f"{count(posts, 'post')} in {AHEAD.days} days if nobody does anything"
    return f"{told}; queued: {', '.join(lasting)}" if lasting else told


def _health(tabuh: "Opened") -> dict[str, Any]:
    from cli.locking import is_taken
    from store import installation
    from store.engine import reading

    now = tabuh.context.clock()
    with reading(tabuh.engine) as session:
        last = installation.last_beat(session)
    if tabuh.database is not None:
        running = is_taken(tabuh.database)
    else:
        running = last is not None and now - last < ALIVE
    return {
        "now": now,
        "running": running,
        "last_beat": last,
        "oldest_due": installation.oldest_due(tabuh.engine, now=now),
    }


def _waiting(oldest: dict[str, datetime | None], now: datetime) -> str:
    return ", ".join(
        f"{kind} since {count(int((now - due).total_seconds()), 'second')}"
        for kind, due in oldest.items()
        if due is not None
    )
