"""`tabuh stats` as people keep it: columns, views, files of what they show, and comparisons."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, one_line, show, table, when, write
from cli.statistics import app, figure_document, figure_text
from cli.view_options import Ascending, Columns, Sort, View, Where, view_of

if TYPE_CHECKING:
    from analytics.comparing import Comparison
    from store.tables import StatisticsView

views_app = typer.Typer(no_args_is_help=True, help="Views of the list of published posts that are kept.")
_Name = Annotated[str, typer.Argument(metavar="NAME", help="What the view is called.")]


@app.command("columns")
def list_columns(as_json: Json = False) -> None:
    """The columns that the list of published posts can have."""
    from domain.catalogue import CATALOGUE
    from domain.post_columns import definition_of, name_of, offered, sortable

    rows = [
        {"key": key, "name": name_of(key).en, "definition": definition_of(key).en, "sorts": sortable(key),
         "formula": CATALOGUE[key].formula if key in CATALOGUE else None}
        for key in offered()
    ]  # fmt: skip
    drawn = table(
        ["Key", "Name", "What it says"], ((row["key"], row["name"], row["definition"]) for row in rows),
        empty="None.",
    )  # fmt: skip
    show(rows, drawn, as_json=as_json)


@app.command("export")
def export(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="Ends in .csv, .json, .xlsx or .zip; - with --format: the terminal."
        ),
    ],
    *,
    kind: Annotated[
        str | None, typer.Option("--format", help="csv, json, xlsx or zip.", show_default="by FILE")
    ] = None,
    view: View = None,
    where: Where = None,
    columns: Columns = None,
    sort: Sort = None,
    ascending: Ascending = False,
    as_json: Json = False,
) -> None:
    """Write published posts to a file: the columns, filters and order that the list would show.

    CSV holds the numbers; a ZIP, a workbook (XLSX) and JSON hold them with the definitions of all columns.
    """
    from analytics.post_export import BINARY, FORMATS, pieces
    from analytics.post_sheet import sheet_of
    from domain.errors import UsageError
    from scheduler.measuring import supplies
    from store.engine import reading

    wanted = kind or Path(file).suffix.lstrip(".")
    if wanted not in FORMATS:
        raise UsageError(f"Name a file that ends in one of: {', '.join(FORMATS)}; or say --format.")
    if file == "-" and wanted in BINARY:
        raise UsageError(f"A file of {wanted.upper()} is no text: name a file for it.")
    with opened(context) as tabuh, reading(tabuh.engine) as session:
        shown = view_of(
            tabuh, session, view=view, where=where, columns=columns, sort=sort, ascending=ascending
        )
        sheet = sheet_of(
            session, tabuh.workspace.id, shown, zone=tabuh.workspace.zone,
            supplies=supplies(tabuh.context, session, tabuh.workspace.id), now=tabuh.context.clock(),
        )  # fmt: skip
        written = pieces(sheet, wanted, language="en")
        if file == "-":
            for piece in written:
                write(piece.decode())
            return
        size = 0
        first = next(written, b"")  # what is wrong is said before a file is made
        try:
            with Path(file).open("wb") as target:
                size += target.write(first)
                for piece in written:
                    size += target.write(piece)
        except OSError as exc:
            raise UsageError(f"{file} cannot be written: {exc.strerror}.") from exc
    show({"file": file, "format": wanted, "bytes": size}, f"Wrote {file} ({size:,} bytes).", as_json=as_json)


@app.command("compare")
def compare_posts(
    context: typer.Context,
    posts: Annotated[list[int], typer.Argument(metavar="POST...", help="Two to six numbers of posts.")],
    as_json: Json = False,
) -> None:
    """Published posts beside each other, as they stood at equal age."""
    from analytics.comparing import compare
    from feeds.interval import span
    from scheduler.measuring import supplies
    from store.engine import reading

    with opened(context) as tabuh, reading(tabuh.engine) as session:
        able = supplies(tabuh.context, session, tabuh.workspace.id)
        found = compare(session, tabuh.workspace.id, posts, supplies=able, now=tabuh.context.clock())
        head = (
            f"At the age of {span(found.age)}." if found.age else "No age at which all were read: as of now."
        )
        show(_comparison_document(found), head, _comparison_table(found), as_json=as_json)


def _comparison_table(found: "Comparison") -> Any:
    keys = [
        key
        for key in found.posts[0].figures
        if any(one.figures[key].value is not None for one in found.posts)
    ]
    rows: list[tuple[Any, ...]] = [
        ("published", *(when(one.post.published_at, one.channel.zone) for one in found.posts)),
        ("channel", *(one.channel.name for one in found.posts)),
        ("text", *(one_line(one.post.content["text"], 30) for one in found.posts)),
        ("characters", *(len(one.post.content["text"]) for one in found.posts)),
        ("pictures and videos", *(len(one.post.content.get("media") or ()) for one in found.posts)),
    ]
    rows += [(key.replace("_", " "), *(figure_text(one.figures[key]) for one in found.posts)) for key in keys]
    return table(["", *(f">{one.post.id}" for one in found.posts)], rows, empty="")


def _comparison_document(found: "Comparison") -> dict[str, Any]:
    return {
        "age_seconds": int(found.age.total_seconds()) if found.age else None,
        "posts": [
            {
                "id": one.post.id,
                "channel": one.channel.name,
                "published_at": one.post.published_at,
                "text": one.post.content["text"],
                "figures": {key: figure_document(figure) for key, figure in one.figures.items()},
                "growth": {
                    key: [
                        {"age_seconds": int(point.checkpoint.total_seconds()), "value": point.value}
                        for point in points
                    ]
                    for key, points in one.curves.items()
                },
            }
            for one in found.posts
        ],
    }


@views_app.command("list")
def list_views(context: typer.Context, as_json: Json = False) -> None:
    """The views that are kept: everybody's and your own."""
    from store import views
    from store.engine import reading

    with opened(context) as tabuh, reading(tabuh.engine) as session:
        first = views.habit(session, tabuh.workspace.id, tabuh.owner.id).view_id
        rows = views.listed(session, tabuh.workspace.id, person_id=tabuh.owner.id)
        drawn = table(
            ["View", "Whose", "Shows"],
            (
                (row.name, "everybody's" if row.whose == views.EVERYBODY else "yours", _shows(row))
                for row in rows
            ),
            empty="No views yet. Keep one: tabuh stats view save NAME --where channel=News",
        )
        show([_view_document(row, first=row.id == first) for row in rows], drawn, as_json=as_json)


def _shows(row: "StatisticsView") -> str:
    return ", ".join(f"{name}={value}" for name, value in row.shows.items()) or "all posts"


def _view_document(row: "StatisticsView", *, first: bool) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "shared": row.whose == 0, "first": first, "shows": row.shows}


@views_app.command("save")
def save_view(
    context: typer.Context,
    name: _Name,
    *,
    shared: Annotated[bool, typer.Option("--shared", help="For everybody in the workspace.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Change the view of that name.")] = False,
    where: Where = None,
    columns: Columns = None,
    sort: Sort = None,
    ascending: Ascending = False,
    as_json: Json = False,
) -> None:
    """Keep filters, columns and order under a name."""
    from scheduler import views
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            shown = view_of(tabuh, session, where=where, columns=columns, sort=sort, ascending=ascending)
        row = views.save(
            tabuh.context, tabuh.workspace.id, name, shown, shared=shared, person_id=tabuh.owner.id,
            actor=tabuh.actor, replace=replace,
        )  # fmt: skip
        show(_view_document(row, first=False), f"Kept as {row.name!r}: {_shows(row)}.", as_json=as_json)


@views_app.command("rename")
def rename_view(
    context: typer.Context,
    name: _Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its other name.")],
    as_json: Json = False,
) -> None:
    """Give a view another name."""
    from scheduler import views as commands
    from store import views
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = views.named(session, tabuh.workspace.id, name, person_id=tabuh.owner.id)
        row = commands.rename(
            tabuh.context, tabuh.workspace.id, row.id, new, person_id=tabuh.owner.id, actor=tabuh.actor
        )
        show(_view_document(row, first=False), f"It is called {row.name!r} now.", as_json=as_json)


@views_app.command("remove")
def remove_view(context: typer.Context, name: _Name, as_json: Json = False) -> None:
    """Take a view away; the posts stay."""
    from scheduler import views as commands
    from store import views
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = views.named(session, tabuh.workspace.id, name, person_id=tabuh.owner.id)
        commands.remove(
            tabuh.context, tabuh.workspace.id, row.id, person_id=tabuh.owner.id, actor=tabuh.actor
        )
        show({"removed": name}, f"The view {name!r} is gone; the posts stay.", as_json=as_json)


@views_app.command("first")
def first_view(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="None: all posts.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Let your list on the page begin with a view, or with all posts."""
    from scheduler import views as commands
    from store import views
    from store.engine import reading

    with opened(context) as tabuh:
        number = None
        if name is not None:
            with reading(tabuh.engine) as session:
                number = views.named(session, tabuh.workspace.id, name, person_id=tabuh.owner.id).id
        commands.begin_with(tabuh.context, tabuh.workspace.id, number, person_id=tabuh.owner.id)
        said = f"Your list begins with {name!r}." if name else "Your list begins with all posts."
        show({"first": name}, said, as_json=as_json)
