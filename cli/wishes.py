"""`tabuh post wish`: what a post asks of its slot."""

from typing import Annotated

import typer

from cli.opening import opened
from cli.printing import Json, pairs, show, when

Priority = Annotated[
    str, typer.Option(help="low, normal, high or urgent: who gets the good slots.", show_default=False)
]
Earliest = Annotated[
    str, typer.Option(metavar="TIME", help="Not before this; written as for --at.", show_default=False)
]
Latest = Annotated[
    str, typer.Option(metavar="TIME", help="Not after this; written as for --at.", show_default=False)
]


def wish(
    context: typer.Context,
    post: Annotated[int, typer.Argument(metavar="POST", help="Its number, from: tabuh post list")],
    *,
    priority: Priority = "",
    earliest: Earliest = "",
    latest: Latest = "",
    as_json: Json = False,
) -> None:
    """Say what a post asks of its slot; 'none' clears a time. Automatic posts are placed anew by it."""
    from scheduler import wishes
    from store import channels
    from store.engine import reading

    with opened(context) as tabuh:
        changed = wishes.wish(
            tabuh.context, tabuh.workspace.id, post, priority=priority, earliest=earliest, latest=latest,
            actor=tabuh.actor,
        )  # fmt: skip
        with reading(tabuh.engine) as session:
            zone = channels.get(session, tabuh.workspace.id, changed.channel_id).zone
        word = wishes.priority_word(changed.priority)
        told = {
            "id": changed.id, "priority": word, "earliest_at": changed.earliest_at,
            "latest_at": changed.latest_at, "planned_at": changed.planned_at, "state": changed.state,
        }  # fmt: skip
        drawn = pairs(
            [
                ("Post", changed.id),
                ("Priority", word),
                ("Not before", when(changed.earliest_at, zone)),
                ("Not after", when(changed.latest_at, zone)),
                ("Hour", when(changed.planned_at, zone)),
            ]
        )
        show(told, drawn, as_json=as_json)
