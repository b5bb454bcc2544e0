"""`tabuh queue`: many posts at once, in from a sheet and out into one."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.opening import opened
from cli.printing import Json, count, one_line, say, show, table, when, write

if TYPE_CHECKING:
    from cli.opening import Opened
    from scheduler.importing import Imported

app = typer.Typer(no_args_is_help=True, help="The queue as a sheet: CSV in and out.")

#: Wrong rows that are shown at most; --json has them all.
_SHOWN = 50


@app.command("import")
def import_queue(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV file; - reads standard input.", allow_dash=True)],
    *,
    channel: Annotated[str | None, typer.Option(help="Where rows go that name no channel.")] = None,
    dates: Annotated[
        Literal["day-first", "month-first"] | None,
        typer.Option(help="What comes first in 03/04/2026. Left out: as the file itself shows."),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the right rows also when others are wrong.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Queue the rows of a sheet; all or none, and the same file makes nothing twice.

    Columns, in any order: text, link, image, alt, channel, date, time, zone, slot, campaign, tags, priority,
    earliest, latest, language, state, key. A time without a zone is meant in the channel's own; a row without
    a time takes the next free slot.
    """
    from scheduler.importing import Choices, import_sheet

    raw = _bytes(file)
    with opened(context) as tabuh:
        default = channel_id(tabuh, channel)
        order: Any = {"day-first": "day", "month-first": "month", None: None}[dates]
        choices = Choices(channel_id=default, order=order, skip_bad=skip_bad, dry_run=dry_run)
        done = import_sheet(tabuh.context, tabuh.workspace.id, raw, choices=choices, actor=tabuh.actor)
        show(_document(done), *_told(done), as_json=as_json)
    if done.refused:
        say(f"error: Nothing was imported: {count(len(done.problems), 'cell is', 'cells are')} wrong.")
        raise typer.Exit(2)


def _bytes(file: Path) -> bytes:
    from domain.errors import TabuhError

    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as exc:
        raise TabuhError(f"{file} cannot be read: {exc.strerror}.") from exc


def _document(done: "Imported") -> dict[str, Any]:
    def told(problem: Any) -> dict[str, Any]:
        return {"row": problem.row, "column": problem.column, "sentence": problem.sentence}

    return {
        "dry_run": done.dry_run,
        "added": len(done.lines),
        "known": done.known,
        "left_out": done.left_out,
        "problems": [told(problem) for problem in done.problems],
        "notes": [told(note) for note in done.notes],
        "posts": [
            {
                "row": line.row, "id": None if done.dry_run else line.post.id, "channel": line.channel.name,
                "state": line.post.state, "planned_at": line.post.planned_at,
                "planned_wall": line.post.planned_wall, "planned_zone": line.post.planned_zone,
                "text": line.post.content["text"], "campaign": line.post.campaign,
            }
            for line in done.lines
        ],
    }  # fmt: skip


def _told(done: "Imported") -> list[Any]:
    parts: list[Any] = []
    for title, found in (("Wrong", done.problems), ("Note", done.notes)):
        if found:
            rows = [(one.row or "", one.column, one.sentence) for one in found[:_SHOWN]]
            parts.append(table([">Row", "Column", title], rows, empty=""))
            if len(found) > _SHOWN:
                parts.append(f"… and {len(found) - _SHOWN:,} more; --json shows all.")
            parts.append("\n")
    if done.dry_run:
        drawn: list[tuple[Any, ...]] = [
            (line.row, when(line.post.planned_at, line.channel.zone), line.channel.name, line.post.state,
             one_line(line.post.content["text"]))
            for line in done.lines[:_SHOWN]
        ]  # fmt: skip
        parts.append(table([">Row", "Hour", "Channel", "State", "Text"], drawn, empty=""))
    if done.refused:
        return parts
    verb = "would be added" if done.dry_run else "added"
    said = [f"{count(len(done.lines), 'post')} {verb}"]
    if done.known:
        said.append(f"{count(done.known, 'post')} of an earlier import left as they are")
    if done.left_out:
        said.append(f"{count(done.left_out, 'row')} left out that went out or shall not")
    if done.problems:
        said.append(f"{count(len({one.row for one in done.problems}), 'wrong row')} passed over")
    return [*parts, f"{'; '.join(said)}."]


@app.command("export")
def export_queue(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="Where to; - writes to standard output.", allow_dash=True)
    ] = Path("-"),
    *,
    state: Annotated[
        list[str] | None, typer.Option(help="Only posts in this state; may be given again. Left out: all.")
    ] = None,
    channel: Annotated[str | None, typer.Option(help="Only posts of this channel.")] = None,
    campaign: Annotated[str | None, typer.Option(help="Only posts of this campaign.")] = None,
    separator: Annotated[
        Literal[",", ";", "tab"], typer.Option(help="What Excel expects: ; where commas stand in numbers.")
    ] = ",",
    as_json: Json = False,
) -> None:
    """Write posts as a sheet, which `tabuh queue import` reads again."""
    from domain.errors import TabuhError
    from scheduler.exporting import Chosen, export_sheet
    from store.engine import reading

    states = _states(state)
    with opened(context) as tabuh, reading(tabuh.engine) as session:
        chosen = Chosen(states=states, channel_id=channel_id(tabuh, channel), campaign=campaign)
        text = "".join(
            export_sheet(
                session,
                tabuh.workspace.id,
                chosen,
                public_url=tabuh.context.public_url,
                separator="\t" if separator == "tab" else separator,
            )
        )
    if as_json:
        show({"csv": text}, as_json=True)
        return
    if str(file) == "-":
        write(text)
        return
    try:
        file.write_bytes(text.encode())
    except OSError as exc:
        raise TabuhError(f"{file} cannot be written: {exc.strerror}.") from exc
    show({}, f"Written to {file}.", as_json=False)


def _states(names: list[str] | None) -> list[Any]:
    from cli.post_showing import state_named

    return [state_named(name) for name in names or []]


def channel_id(tabuh: "Opened", name: str | None) -> int | None:
    """The number of the channel of that name; None: none was named."""
    from store import channels
    from store.engine import reading

    if name is None:
        return None
    with reading(tabuh.engine) as session:
        return channels.named(session, tabuh.workspace.id, name).id
