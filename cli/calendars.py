"""`tabuh calendar`: the queue in calendar programs."""

from pathlib import Path
from typing import Annotated

import typer

from cli.opening import opened
from cli.printing import Json, show, table, when, write
from cli.queues import channel_id

app = typer.Typer(no_args_is_help=True, help="Calendar feeds (ICS): the queue in calendar programs.")

Channel = Annotated[str | None, typer.Option(help="Only posts of this channel. Left out: all channels.")]


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who will read it, such as 'Sari, phone'.")],
    *,
    channel: Channel = None,
    as_json: Json = False,
) -> None:
    """Make a secret address that calendar programs can subscribe to; it is shown once."""
    from scheduler.calendars import make_feed

    with opened(context) as tabuh:
        row, address = make_feed(
            tabuh.context, tabuh.workspace.id, name, channel_id=channel_id(tabuh, channel), actor=tabuh.actor
        )
        told = {"id": row.id, "name": row.name, "channel_id": row.channel_id, "address": address}
        warning = f"Whoever has it can read the queue. To close it: tabuh calendar revoke {row.id}"
        show(told, address, warning, as_json=as_json)


@app.command("list")
def list_feeds(context: typer.Context, as_json: Json = False) -> None:
    """The feeds there are, without their secret addresses."""
    from store import calendars, channels
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            found = calendars.listed(session, tabuh.workspace.id)
            names = {row.id: row.name for row in channels.listed(session, tabuh.workspace.id)}
        zone = tabuh.workspace.zone
        rows = [
            (row.id, row.name, names.get(row.channel_id or 0, "all channels"), when(row.created_at, zone),
             when(row.read_at, zone) or "never")
            for row in found
        ]  # fmt: skip
        documents = [
            {"id": row.id, "name": row.name, "channel_id": row.channel_id, "created_at": row.created_at,
             "read_at": row.read_at}
            for row in found
        ]  # fmt: skip
        drawn = table(
            ["Feed", "For", "Channel", "Made", "Read last"],
            rows,
            empty="No calendar feed yet. Make one: tabuh calendar add NAME",
        )
        show(documents, drawn, as_json=as_json)


@app.command()
def revoke(
    context: typer.Context,
    feed: Annotated[int, typer.Argument(metavar="FEED", help="Its number, from: tabuh calendar list")],
    as_json: Json = False,
) -> None:
    """Close a feed's address for good."""
    from scheduler.calendars import revoke_feed

    with opened(context) as tabuh:
        row = revoke_feed(tabuh.context, tabuh.workspace.id, feed, actor=tabuh.actor)
        show(
            {"id": row.id, "revoked_at": row.revoked_at},
            f"The feed for {row.name} is closed.",
            as_json=as_json,
        )


@app.command()
def export(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="Where to; - writes to standard output.", allow_dash=True)
    ] = Path("-"),
    *,
    channel: Channel = None,
    as_json: Json = False,
) -> None:
    """Write the planned and published posts as an ICS file."""
    from domain.errors import TabuhError
    from scheduler.calendars import posts_calendar
    from store.engine import reading

    with opened(context) as tabuh, reading(tabuh.engine) as session:
        text = posts_calendar(
            session,
            tabuh.workspace,
            channel_id=channel_id(tabuh, channel),
            now=tabuh.context.clock(),
        )
    if as_json:
        show({"ics": text}, as_json=True)
        return
    if str(file) == "-":
        write(text)
        return
    try:
        file.write_bytes(text.encode())
    except OSError as exc:
        raise TabuhError(f"{file} cannot be written: {exc.strerror}.") from exc
    show({}, f"Written to {file}.", as_json=False)
