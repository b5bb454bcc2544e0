"""`tabuh connector`: other analytics tools, read day by day."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.opening import opened
from cli.printing import Json, count, show, table, when

app = typer.Typer(no_args_is_help=True, help="Other analytics tools, read once a day beside own figures.")

Which = Annotated[str, typer.Argument(metavar="CONNECTOR", help="Its name.")]


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="How to call it.")],
    *,
    tool: Annotated[Literal["ga4", "plausible", "matomo"], typer.Option(help="Which tool.")],
    key_file: Annotated[
        Path | None,
        typer.Option(
            help="Holds the key: a service account's JSON file (ga4), an API key or a token; - reads "
            "standard "
            "input. Left out: asked for.",
            allow_dash=True,
        ),
    ] = None,
    property_: Annotated[str, typer.Option("--property", help="Number of the GA4 property.")] = "",
    site: Annotated[str, typer.Option(help="Domain in Plausible, or number in Matomo.")] = "",
    address: Annotated[str, typer.Option(help="Of your own Plausible or Matomo.")] = "",
    goals: Annotated[str, typer.Option(help="Plausible: goals that are conversions, with commas.")] = "",
    as_json: Json = False,
) -> None:
    """Connect a tool: it is tried first, then read daily; the key is kept sealed."""
    from scheduler.connectors.keeping import add_connector

    secret = _secret(key_file)
    settings = {"property": property_, "site": site, "address": address, "goals": goals}
    with opened(context) as tabuh:
        row = add_connector(
            tabuh.context, tabuh.workspace.id, name=name, tool=tool, settings=settings, secret=secret,
            actor=tabuh.actor,
        )  # fmt: skip
        show(document(row), f"Connected {row.name}: it is read now, and then once a day.", as_json=as_json)


def _secret(file: Path | None) -> str:
    from cli.slots import file_bytes
    from domain.errors import UsageError

    if file is None:
        return str(typer.prompt("Key", hide_input=True))
    try:
        return file_bytes(file).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{file} holds no text: give the file with the key.") from None


@app.command("list")
def list_connectors(context: typer.Context, as_json: Json = False) -> None:
    """All connectors: when they were last read, and what went wrong."""
    from store import connectors
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            rows = connectors.listed(session, tabuh.workspace.id)
        zone = tabuh.workspace.zone
        drawn = table(
            ["Connector", "Tool", "Last read", "Next", "Went wrong"],
            (
                (row.name, row.tool, when(row.last_read_at, zone), when(row.next_at, zone), row.last_error)
                for row in rows
            ),
            empty="No connectors yet. Such as: tabuh connector add NAME --tool plausible --site example.com",
        )
        show([document(row) for row in rows], drawn, as_json=as_json)


@app.command()
def test(context: typer.Context, connector: Which, as_json: Json = False) -> None:  # noqa: PT028
    """Read the last week without keeping it."""
    from scheduler.connectors.keeping import test_connector
    from store import connectors
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = connectors.named(session, tabuh.workspace.id, connector)
        rows = test_connector(tabuh.context, tabuh.workspace.id, row.id)
        told = f"{connector} answers: {count(rows, 'row')} for the last 7 days."
        show({**document(row), "rows": rows}, told, as_json=as_json)


@app.command()
def remove(context: typer.Context, connector: Which, as_json: Json = False) -> None:
    """Read a tool no more; what it told stays."""
    from scheduler.connectors.keeping import remove_connector
    from store import connectors
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = connectors.named(session, tabuh.workspace.id, connector)
        remove_connector(tabuh.context, tabuh.workspace.id, row.id, actor=tabuh.actor)
        show(document(row), f"Removed {connector}. What it told stays.", as_json=as_json)


def document(row: Any) -> dict[str, Any]:
    """A connector as JSON tells it; its key is told nobody."""
    names = (
        "id",
        "name",
        "tool",
        "settings",
        "failures",
        "last_error",
        "last_read_at",
        "next_at",
        "created_at",
    )
    return {name: getattr(row, name) for name in names}
