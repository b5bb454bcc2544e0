"""Options of `tabuh post` for what goes with a text: title, thread, poll, first comment."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from domain.extras import Extras

Title = Annotated[
    str | None, typer.Option(help="For platforms that have one: a headline, a video's name, a subject.")
]
Thread = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="What follows the text, with a line --- between its parts; - reads it."
    ),
]
PartsOption = Annotated[
    list[str] | None,
    typer.Option("--part", metavar="TEXT", help="One more part of the thread; may be given again."),
]
Answers = Annotated[
    list[str] | None,
    typer.Option("--poll", metavar="ANSWER", help="An answer of its poll; given for each answer."),
]
Minutes = Annotated[
    int | None, typer.Option("--poll-minutes", help="How long people may vote. Left out: a day.")
]
Multiple = Annotated[
    bool, typer.Option("--poll-multiple", help="Whether one person may choose several answers.")
]
Comment = Annotated[
    str | None, typer.Option("--first-comment", metavar="TEXT", help="Written below the post by itself.")
]


def given(
    *,
    title: str | None,
    thread: Path | None,
    parts: list[str] | None,
    answers: list[str] | None,
    minutes: int | None,
    multiple: bool,
    comment: str | None,
) -> "Extras":
    """What the options say.

    Raises:
        UsageError: a file cannot be read, or something is longer than any platform takes.
    """
    from domain.errors import UsageError
    from domain.extras import extras

    if (minutes is not None or multiple) and not answers:
        raise UsageError("A poll needs answers. Give each of them with --poll.")
    return extras(
        title=title,
        thread=[*_parts_of(thread), *(parts or ())],
        answers=answers or (),
        minutes=minutes,
        multiple=multiple,
        first_comment=comment,
    )


def changed(
    kept: "Extras",
    *,
    title: str | None,
    thread: Path | None,
    parts: list[str] | None,
    answers: list[str] | None,
    minutes: int | None,
    multiple: bool,
    comment: str | None,
    no_thread: bool,
    no_poll: bool,
) -> "Extras":
    """What a post has after an edit: what the options name is new, the rest stays; empty texts take away."""
    from dataclasses import replace

    from domain.errors import UsageError

    if (no_thread and (thread or parts)) or (no_poll and answers):
        raise UsageError("Name new ones, or take them away: not both.")
    if answers is None and kept.poll and not no_poll and (minutes is not None or multiple):
        answers = list(kept.poll.options)
    new = given(
        title=title, thread=thread, parts=parts, answers=answers, minutes=minutes, multiple=multiple,
        comment=comment,
    )  # fmt: skip
    result = kept
    if title is not None:
        result = replace(result, title=new.title)
    if no_thread or thread or parts:
        result = replace(result, thread=new.thread)
    if no_poll or new.poll:
        result = replace(result, poll=new.poll)
    return result if comment is None else replace(result, first_comment=new.first_comment)


def _parts_of(file: Path | None) -> list[str]:
    import sys

    from domain.errors import UsageError
    from domain.extras import parts_in

    if file is None:
        return []
    try:
        return parts_in(sys.stdin.read() if str(file) == "-" else file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"
        raise UsageError(f"{file} cannot be read: {why}.") from exc
