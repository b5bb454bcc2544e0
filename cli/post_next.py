"""`tabuh post` after publishing: notes, the same again, and what follows."""

from typing import Annotated

import typer

from cli.opening import opened
from cli.printing import Json, show, table, when

_Number = Annotated[int, typer.Argument(metavar="POST", help="Its number, from: tabuh stats list")]


def note(
    context: typer.Context,
    post: _Number,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="None: show the notes.", show_default=False)
    ] = None,
    *,
    remove: Annotated[
        int | None, typer.Option(help="Take the note of this number away.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Note something on a post, or show what was noted."""
    from scheduler import notes as commands
    from store import notes, people, posts
    from store.engine import reading

    with opened(context) as tabuh:
        if remove is not None:
            commands.remove(tabuh.context, tabuh.workspace.id, remove, actor=tabuh.actor)
        if text is not None:
            commands.add(tabuh.context, tabuh.workspace.id, post, text=text, actor=tabuh.actor)
        with reading(tabuh.engine) as session:
            posts.get(session, tabuh.workspace.id, post)
            rows = notes.of_post(session, tabuh.workspace.id, post)
            names = people.names(session, {row.person_id for row in rows if row.person_id})
        drawn = table(
            ["Note", "When", "Who", "What"],
            (
                (row.id, when(row.at, tabuh.workspace.zone), names.get(row.person_id or 0, ""), row.text)
                for row in rows
            ),
            empty="Nothing was noted yet.",
        )
        document = [
            {"id": row.id, "at": row.at, "person": names.get(row.person_id or 0), "text": row.text}
            for row in rows
        ]
        show(document, drawn, as_json=as_json)


def repeat(context: typer.Context, post: _Number, as_json: Json = False) -> None:
    """Write a draft that says what a post said."""
    from scheduler import repeating

    with opened(context) as tabuh:
        made = repeating.repeat(tabuh.context, tabuh.workspace.id, post, actor=tabuh.actor)
        said = f"Draft {made.id}. Give it an hour: tabuh post move {made.id} --next-slot"
        show({"id": made.id, "of_id": post}, said, as_json=as_json)


def follow_up(
    context: typer.Context,
    post: _Number,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What the next post says.")],
    as_json: Json = False,
) -> None:
    """Write a draft that comes after a published post, with a link to it."""
    from scheduler import repeating

    with opened(context) as tabuh:
        made = repeating.follow_up(tabuh.context, tabuh.workspace.id, post, text=text, actor=tabuh.actor)
        said = f"Draft {made.id}. Give it an hour: tabuh post move {made.id} --next-slot"
        show({"id": made.id, "of_id": post}, said, as_json=as_json)
