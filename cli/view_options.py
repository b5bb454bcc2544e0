"""Options by which commands say what of the published posts they mean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sqlmodel import Session

    from cli.opening import Opened
    from domain.post_view import PostView

Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="NAME=VALUE",
        help="Only posts of which this is true; several are allowed. Names: platform, channel, route, feed "
        "(its number), author, campaign, tag, kind (text, image, video, link, poll, thread), weekday "
        "(mon to sun), hour (0 to 23), language, origin (route, person, evergreen, ours, native), "
        "experiment (its name or number), text, days, since, until.",
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(help="Keys of columns, with commas between: tabuh stats columns", show_default=False),
]
Sort = Annotated[str | None, typer.Option(help="The key of a column or figure.", show_default="published")]
Ascending = Annotated[bool, typer.Option("--ascending", help="Smallest or oldest first.")]
View = Annotated[str | None, typer.Option(help="The name of a view that is kept.", show_default=False)]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def view_of(
    tabuh: "Opened",
    session: "Session",
    *,
    view: str | None = None,
    where: Sequence[str] | None = None,
    columns: str | None = None,
    sort: str | None = None,
    ascending: bool = False,
) -> "PostView":
    """What the options mean: a view that is kept, changed by the other options.

    Raises:
        NotFound: a name is not known.
        UsageError: an option cannot be read.
    """
    from domain.post_view import PostView, view_from
    from store import views

    base = PostView()
    if view is not None:
        base = view_from(views.named(session, tabuh.workspace.id, view, person_id=tabuh.owner.id).shows)
    changes = dict(_condition(tabuh, session, text) for text in where or ())
    if columns is not None:
        changes["columns"] = tuple(key.strip() for key in columns.split(",") if key.strip())
    if sort is not None:
        changes |= {"sort": sort, "descending": not ascending}
    elif ascending:
        changes["descending"] = False
    return replace(base, **changes)


def _condition(tabuh: "Opened", session: "Session", text: str) -> tuple[str, Any]:
    from domain.errors import UsageError

    name, sign, value = text.partition("=")
    readers = _readers(tabuh, session)
    if not sign or name not in readers:
        raise UsageError(f"{text!r} is no condition. Write NAME=VALUE, with one of: {', '.join(readers)}.")
    part, read = readers[name]
    return part, read(value)


def _readers(tabuh: "Opened", session: "Session") -> Mapping[str, tuple[str, Callable[[str], Any]]]:
    """Name of a condition → the part of a view it is, and how its value is read."""
    from store import channels, experiments, people, routes

    own = tabuh.workspace.id
    return {
        "platform": ("platform", str),
        "channel": ("channel_id", lambda name: channels.named(session, own, name).id),
        "route": ("route_id", lambda name: routes.named(session, own, name).id),
        "feed": ("feed_id", lambda value: _whole(value, "feed")),
        "author": ("author_id", lambda name: people.person_named(session, name).id),
        "campaign": ("campaign", str),
        "tag": ("tag", lambda value: value.lstrip("#")),
        "kind": ("kind", str),
        "weekday": ("weekday", _weekday),
        "hour": ("hour", lambda value: _whole(value, "hour")),
        "language": ("language", str),
        "origin": ("origin", str),
        "experiment": ("experiment_id", lambda name: experiments.named(session, own, name).id),
        "text": ("text", str),
        "days": ("days", lambda value: _whole(value, "days")),
        "since": ("since", _day),
        "until": ("until", _day),
    }


def _whole(text: str, name: str) -> int:
    from domain.errors import UsageError

    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise UsageError(f"{text!r} is no whole number: write {name}=7, say.")
    return int(text)


def _weekday(text: str) -> int:
    from domain.errors import UsageError

    if text.lower()[:3] not in _WEEKDAYS:
        raise UsageError(f"{text!r} is no day of the week. Known: {', '.join(_WEEKDAYS)}.")
    return _WEEKDAYS.index(text.lower()[:3])


def _day(text: str) -> Any:
    from datetime import date

    from domain.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("This is no day. Write it as 2026-12-31.") from None
