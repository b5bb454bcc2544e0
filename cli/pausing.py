"""`tabuh pause` and `tabuh resume`: everything of the workspace at once."""

from typing import Annotated

import typer

from cli.opening import opened
from cli.printing import Json, count, show


def pause(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Everybody who looks will read it.")] = "",
    as_json: Json = False,
) -> None:
    """Pause everything: nothing is published until `tabuh resume`; posts stay queued."""
    from scheduler import pausing

    with opened(context) as tabuh:
        pausing.pause(tabuh.context, tabuh.workspace.id, reason=reason, actor=tabuh.actor)
        told = {"paused": True, "reason": reason}
        show(told, "Everything is paused. `tabuh resume` lets posts go out again.", as_json=as_json)


def resume(context: typer.Context, as_json: Json = False) -> None:
    """Publish again. Posts whose hour has passed meanwhile follow the rule for late posts."""
    from scheduler import pausing

    with opened(context) as tabuh:
        waiting = pausing.resume(tabuh.context, tabuh.workspace.id, actor=tabuh.actor)
        told = {"paused": False, "waiting": waiting}
        show(told, f"Resumed; {count(waiting, 'post')} had been waiting.", as_json=as_json)
