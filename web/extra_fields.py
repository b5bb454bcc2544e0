"""Title, thread, poll and first comment in the forms of posts."""

from collections.abc import Mapping

from domain.content import Content
from domain.errors import UsageError
from domain.extras import USUAL_MINUTES, Extras, extras, parts_in, parts_text

#: The fields of a form, in order.
FIELDS = ("title", "thread", "poll", "poll_minutes", "poll_multiple", "first_comment")


def extras_in(typed: Mapping[str, str]) -> Extras:
    """What a form says.

    Raises:
        UsageError: something is longer than any platform takes, or the minutes are no number.
    """
    minutes = typed.get("poll_minutes", "").strip()
    if minutes and not (minutes.isascii() and minutes.isdigit() and len(minutes) < 9):
        raise UsageError("The time of a poll is a number of minutes, such as 1440.")
    return extras(
        title=typed.get("title"),
        thread=parts_in(typed.get("thread", "")),
        answers=typed.get("poll", "").splitlines(),
        minutes=int(minutes) if minutes else None,
        multiple=bool(typed.get("poll_multiple")),
        first_comment=typed.get("first_comment"),
    )


def fields_of(content: Content) -> dict[str, str]:
    """What the fields of a form hold for a post that has these."""
    poll = content.poll
    return {
        "title": content.title or "",
        "thread": parts_text(content.thread),
        "poll": "\n".join(poll.options) if poll else "",
        "poll_minutes": str(poll.minutes) if poll else str(USUAL_MINUTES),
        "poll_multiple": "on" if poll and poll.multiple else "",
        "first_comment": content.first_comment or "",
    }
