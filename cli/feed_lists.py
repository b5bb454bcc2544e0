"""`tabuh feed import, export`: lists of feeds (OPML) in and out."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import opened
from cli.printing import Json, count, say, show, write
from domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


def import_feeds(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An OPML file; - is standard input.")],
    existing: Annotated[
        str,
        typer.Option(
            metavar="CHOICE",
            help="Which entries of each feed's first look are posted: none, newest, last:N or since:DATE.",
        ),
    ] = "none",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be added; store nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add all feeds of an OPML file that are not there yet; each is read within minutes."""
    from scheduler.feed_lists import import_list

    body = _read(file)
    with opened(context) as tabuh:
        done = import_list(
            tabuh.context, tabuh.workspace.id, body, existing=existing, actor=tabuh.actor, dry_run=dry_run
        )
        verb = "would be added" if dry_run else "added"
        show(
            done,
            f"{count(len(done.added), 'feed')} {verb}, {len(done.known):,} known already.",
            _told("In the list more than once", done.repeated),
            _told("Not added", done.refused),
            "" if dry_run or not done.added else "How they do: tabuh feed health",
            as_json=as_json,
        )
    if done.refused and not done.added and not done.known:
        raise typer.Exit(1)


def export_feeds(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Where to write; left out: standard output.")] = None,
    as_json: Json = False,
) -> None:
    """Write all feeds as OPML, in their folders; passwords stay here."""
    from scheduler.feed_lists import export_list

    with opened(context) as tabuh:
        body = export_list(tabuh.context, tabuh.workspace.id, title=tabuh.workspace.name)
    if as_json:
        show({"opml": body.decode()}, as_json=True)
        return
    if file is None:
        write(body.decode())
        return
    try:
        file.write_bytes(body)
    except OSError as exc:
        raise UsageError(f"{file} cannot be written: {exc.strerror}.") from exc
    say(f"Wrote {file}.")


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as exc:
        raise UsageError(f"{file} cannot be read: {exc.strerror}.") from exc


def _told(about: str, lines: "Sequence[str]") -> str:
    return "\n".join([f"{about}:", *(f"  {line}" for line in lines)]) if lines else ""
