"""What commands print: one JSON document, or tables and sentences for people; both on standard output."""

import codecs
import io
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from domain.sentence import Unit

#: The option that every command has.
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]

#: Columns when nobody watches: wide enough that no cell is cut.
_UNWATCHED_WIDTH = 200


def show(document: Any, *text: "str | Table", as_json: bool) -> None:
    """Print the document, or these texts and tables; empty ones are left out, a lone line
    break is a gap."""
    if as_json:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        plain = codecs.lookup(encoding).name != "utf-8"
        write(json.dumps(jsonable(document), ensure_ascii=plain, indent=2) + "\n")
        return
    for part in text:
        if part == "":
            continue
        drawn = part if isinstance(part, str) else _drawn(part)
        write(drawn if drawn.endswith("\n") else drawn + "\n")


def write(text: str) -> None:
    """Write to standard output; a reader that went away, such as ``head``, ends the program quietly.

    What a terminal's encoding does not have is shown as a question mark.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # What Python itself would still flush at its end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def say(sentence: str) -> None:
    """A sentence for people beside the result, on standard error."""
    typer.echo(clean(sentence), err=True)


def jsonable(value: Any, *, name: str = "") -> Any:
    """The value with JSON's own kinds only: ids as strings, instants in UTC, dataclasses as objects.

    JavaScript cannot hold a 63-bit id exactly, so whatever is called ``id`` or ``…_id`` is a string.
    """
    match value:
        case Mapping():
            return {str(key): jsonable(held, name=str(key)) for key, held in value.items()}
        case list() | tuple() | set() | frozenset():
            return [jsonable(held) for held in value]
        case bool() | None | float():
            return value
        case int() if name != "id" and not name.endswith("_id"):
            return value
    if is_dataclass(value) and not isinstance(value, type):
        return jsonable({field.name: getattr(value, field.name) for field in fields(value)})
    return _as_text(value)


def _as_text(value: Any) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case Enum():
            return str(value.value)
    return str(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> "str | Table":
    """A table, or the sentence ``empty``. A column whose name begins with ``>`` holds numbers."""
    from rich import box
    from rich.table import Table

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        drawn.add_column(
            column.removeprefix(">"), justify="right" if column.startswith(">") else "left", overflow="fold"
        )
    for row in rows:
        drawn.add_row(*(clean("" if cell is None else str(cell)) for cell in row))
    return drawn if drawn.row_count else empty


def pairs(values: Iterable[tuple[str, Any]]) -> str:
    """Names and values below each other; what is None or empty is left out."""
    shown = [(name, clean(str(value))) for name, value in values if value not in (None, "")]
    width = max((len(name) for name, _ in shown), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in shown)


def when(at: datetime | None, zone: str) -> str:
    """An instant as the clocks of a zone show it, with its abbreviation: ``2026-11-23 09:00 WIB``."""
    return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def one_line(text: str, limit: int = 60) -> str:
    """The beginning of a text, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1].rstrip()}…"


def amount(value: float, unit: "Unit") -> str:
    """A figure as people read it: ``5,000``, ``0.42`` or ``2.5%``."""
    digits = "0" if unit == "count" else "1" if abs(value) >= 100 else "2"
    plain = f"{value:,.{digits}f}"
    return f"{plain}%" if unit == "percent" else plain


def count(number: int, thing: str, plural: str = "") -> str:
    """``1 post``, ``3 posts``."""
    return f"{number:,} {thing if number == 1 else plural or thing + 's'}"


def clean(text: str) -> str:
    """The text without control characters, with which a feed could move the cursor of a terminal."""
    return "".join("\ufffd" if _moves(character) else character for character in text)


def _moves(character: str) -> bool:
    """Whether a terminal acts on it: control characters, and those that turn the direction of writing."""
    if character in "\n\t":
        return False
    return (
        unicodedata.category(character) == "Cc" or character in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
    )


def _drawn(drawn: "Table") -> str:
    from rich.console import Console

    watched = sys.stdout.isatty()
    console = Console(
        markup=False,
        emoji=False,
        highlight=False,
        width=None if watched else _UNWATCHED_WIDTH,
        no_color="NO_COLOR" in os.environ,
    )
    with console.capture() as captured:
        console.print(drawn)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
