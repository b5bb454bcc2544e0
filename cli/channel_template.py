"""`tabuh channel template`: what routes say on a channel that have no template of their own."""

from typing import Annotated

import typer

from cli.opening import opened
from cli.printing import Json, show


def template(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Its name.")],
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="The template; empty takes it away.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show or set what routes say on a channel that have no template of their own."""
    from scheduler.channel_template import set_template
    from scheduler.templating import DEFAULT_TEMPLATE
    from store import channels
    from store.engine import reading

    with opened(context) as tabuh:
        if text is None:
            with reading(tabuh.engine) as session:
                kept = channels.named(session, tabuh.workspace.id, channel).template
        else:
            given = text.replace("\\n", "\n")
            kept = set_template(tabuh.context, tabuh.workspace.id, channel, given, actor=tabuh.actor)
        shown = (kept or DEFAULT_TEMPLATE).replace("\n", "\\n")
        said = shown if kept else f"None of its own; routes say: {shown}"
        show({"channel": channel, "template": kept}, said, as_json=as_json)
