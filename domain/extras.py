"""What a person may add to a text: a title, a thread, a poll, a first comment, as people write them down."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.content import Content, Poll
from domain.errors import UsageError

#: Bounds of ours, above those of all platforms.
LONGEST_PART: Final = 50_000
MOST_PARTS: Final = 100
MOST_ANSWERS: Final = 20
LONGEST_ANSWER: Final = 500
LONGEST_TITLE: Final = 500
#: How long people may vote where nobody says it.
USUAL_MINUTES: Final = 24 * 60
_BETWEEN = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Extras:
    """What goes with a text besides its link and its files."""

    title: str | None = None
    thread: tuple[str, ...] = ()
    poll: Poll | None = None
    first_comment: str | None = None

    def on(self, content: Content) -> Content:
        """The content with these in place of what it had."""
        return replace(
            content,
            title=self.title,
            thread=self.thread,
            poll=self.poll,
            first_comment=self.first_comment,
        )


NO_EXTRAS: Final = Extras()


def extras_of(content: Content) -> Extras:
    """What a content has of them."""
    return Extras(content.title, content.thread, content.poll, content.first_comment)


def extras(
    *,
    title: str | None = None,
    thread: Sequence[str] = (),
    answers: Sequence[str] = (),
    minutes: int | None = None,
    multiple: bool = False,
    first_comment: str | None = None,
) -> Extras:
    """What was written down, made clean; empty texts are none.

    Args:
        thread: the parts behind the text; empty ones are left out.
        answers: of a poll; none: there is no poll.
        minutes: how long people may vote; None: a day.

    Raises:
        UsageError: something is longer, or more, than any platform takes.
    """
    parts = tuple(part.strip() for part in thread if part.strip())
    options = tuple(" ".join(one.split()) for one in answers if one.strip())
    if len(parts) >= MOST_PARTS or any(len(part) > LONGEST_PART for part in parts):
        raise UsageError(
            f"A thread has fewer than {MOST_PARTS} parts of at most {LONGEST_PART:,} characters each."
        )
    if len(options) > MOST_ANSWERS or any(len(one) > LONGEST_ANSWER for one in options):
        raise UsageError(f"A poll has at most {MOST_ANSWERS} answers of at most {LONGEST_ANSWER} characters.")
    if minutes is not None and not 1 <= minutes <= 60 * 24 * 366:
        raise UsageError("A poll runs between 1 minute and a year.")
    named, comment = " ".join((title or "").split()), (first_comment or "").strip()
    if len(comment) > LONGEST_PART:
        raise UsageError(f"A first comment has at most {LONGEST_PART:,} characters: shorten it.")
    if len(named) > LONGEST_TITLE:
        raise UsageError(f"A title has at most {LONGEST_TITLE} characters: shorten it.")
    poll = Poll(options, minutes or USUAL_MINUTES, multiple) if options else None
    return Extras(named or None, parts, poll, comment or None)


def parts_in(text: str) -> list[str]:
    """The parts of a thread, written one after the other with a line of three hyphens between them."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def parts_text(parts: Sequence[str]) -> str:
    """The parts as `parts_in` reads them."""
    return "\n---\n".join(parts)


def extras_json(content: Content) -> dict[str, Any]:
    """What a content has of them, as the command line and the API tell it."""
    poll = content.poll
    return {
        "title": content.title,
        "thread": list(content.thread),
        "poll": {"options": list(poll.options), "minutes": poll.minutes, "multiple": poll.multiple}
        if poll
        else None,
        "first_comment": content.first_comment,
    }
