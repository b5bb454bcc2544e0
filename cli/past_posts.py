"""`tabuh post import`: a channel's past posts, so that its best hours are known from the first day."""

from typing import Annotated

import typer

from cli.opening import opened
from cli.printing import Json, count, show
from cli.slots import Column, Dates, File, Zone, evidence, read_file, refuse


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

    Needs a time with zone or offset and any of reactions, comments, shares or engagement. Past posts are
    never published and are no part of the statistics; the same file adds nothing twice.
    """
    from scheduler.past_posts import import_past
    from store import channels
    from store.engine import reading

    past = read_file(file, zone=zone, dates=dates, column=column)
    if not skip_bad:
        refuse(past.faults, "Nothing was imported", as_json=as_json)
    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = channels.named(session, tabuh.workspace.id, channel)
        done = import_past(
            tabuh.context, tabuh.workspace.id, row.id, past.rows, dry_run=dry_run, actor=tabuh.actor
        )
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
        "columns": dict(past.columns.by_use),
        "engagement": list(past.columns.engagement),
        "dry_run": dry_run,
        "evidence": evidence(done.week),
    }
    show(document, f"{'; '.join(parts)}.", evidence(done.week), as_json=as_json)
