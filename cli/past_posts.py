"""`tabuh post import`: a channel's past posts, so that its best hours are known from the first day."""

from typing import Annotated

import typer

from cli.opening import opened
from cli.printing import Json, count, show
from cli.slots import Column, Dates, File, Zone, evidence, file_bytes, named_columns, order_of, refuse


def import_posts(
    context: typer.Context,
    file: File,
    *,
    channel: Annotated[str, typer.Option(help="Whose posts these were.")],
    zone: Zone = None,
    dates: Dates = None,
    column: Column = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the right rows also when others are wrong.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Learn from a channel's past posts: an export of Buffer, Hootsuite, Meta Business Suite, X or LinkedIn.

    Needs a time with zone or offset and any of reactions, comments, shares or engagement; where X and
    LinkedIn name only days, the numbers of the posts tell the hour. Past posts are never published and are
    no part of the statistics; the same file adds nothing twice.
    """
    from scheduler.past_posts import PastChoices, import_file
    from store import channels
    from store.engine import reading

    choices = PastChoices(
        zone=zone, order=order_of(dates), named=named_columns(column or []), skip_bad=skip_bad,
        dry_run=dry_run,
    )  # fmt: skip
    raw = file_bytes(file)
    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = channels.named(session, tabuh.workspace.id, channel)
        found = import_file(
            tabuh.context, tabuh.workspace.id, row.id, raw, choices=choices, actor=tabuh.actor
        )
    past, done = found.past, found.done
    if found.refused:
        refuse(past.faults, "Nothing was imported", as_json=as_json)
    parts = [f"{count(done.added, 'past post')} {'would be ' if dry_run else ''}added to {channel}"]
    if done.changed:
        parts.append(f"{done.changed:,} with newer counts")
    if done.known:
        parts.append(f"{done.known:,} known already")
    if done.own:
        parts.append(f"{done.own:,} published by Tabuh itself left out")
    document = {
        "channel": channel,
        "added": done.added,
        "changed": done.changed,
        "known": done.known,
        "own": done.own,
        "first": done.first,
        "last": done.last,
        "faults": [{"row": one.row, "sentence": one.sentence} for one in past.faults],
        "export": past.columns.export or None,
        "columns": dict(past.columns.by_use),
        "engagement": list(past.columns.engagement),
        "dry_run": dry_run,
        "evidence": evidence(done.week),
    }
    columns = ", ".join(
        f"{use} is {head!r}" for use, head in past.columns.by_use.items() if use != "engagement"
    )
    told = f"Read as {past.columns.export or 'a sheet'}: {columns}; engagement is " + " + ".join(
        map(repr, past.columns.engagement)
    )
    show(document, f"{told}.", f"{'; '.join(parts)}.", evidence(done.week), as_json=as_json)
