"""Reports and the KPI guide as files: which kind, in which language, to a file or to standard output."""

import sys
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.printing import say, write
from domain.errors import TabuhError, UsageError

Language = Annotated[str, typer.Option(help="en or id.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it to this file.")]
#: What people type beside the kinds' own names.
_SHORT: Final = {"md": "markdown"}


def kind_of(name: str, kinds: Collection[str], *, out: Path | None) -> str:
    """The kind of file that a person named.

    Raises:
        UsageError: it is not among ``kinds``, or is one that a terminal cannot show.
    """
    kind = _SHORT.get(name.lower(), name.lower())
    if kind not in kinds:
        *others, last = kinds
        raise UsageError(f"It is printed as {', '.join(others)} or {last}, not {name!r}.")
    if kind == "pdf" and out is None and sys.stdout.isatty():
        raise UsageError("A PDF does not fit a terminal: name a file with --out.")
    return kind


def check_language(name: str) -> None:
    """Refuse a language that nothing is written in.

    Raises:
        UsageError: it is another one than English or Indonesian.
    """
    from scheduler.reports import LANGUAGES

    if name not in LANGUAGES:
        raise UsageError("It is written in en (English) and id (Indonesian).")


def hand_out(body: bytes, kind: str, out: Path | None) -> None:
    """Write it to the file, or print it.

    Raises:
        TabuhError: the file cannot be written.
    """
    if out is None and kind == "pdf":
        sys.stdout.buffer.write(body)
    elif out is None:
        write(body.decode())
    else:
        try:
            out.write_bytes(body)
        except OSError as exc:
            raise TabuhError(f"The file {out} cannot be written: {exc.strerror}.") from exc
        say(f"Written to {out}.")
