"""What the list of published posts shows, as its address says it, and what that means."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel
from sqlmodel import Session

from domain.errors import UsageError
from domain.post_columns import BY_TIME
from domain.post_filters import KINDS, LONGEST_SEARCH, ORIGINS, UNSTATED
from domain.post_view import LONGEST_PERIOD, PostView
from store import channels, experiments, people, queue, routes, traits
from store.tables import ChannelRow
from web.i18n import Voice
from web.posted import Mistake
from web.typed import Errors, Typed, day

#: Periods that end today, in days.
PERIODS = (7, 28, 90, 365)
LIST = "/statistics"
#: Fields of the form that filter, and the part of a view that each is.
_FILTERS = {
    "platform": "platform", "channel": "channel_id", "route": "route_id", "feed": "feed_id",
    "author": "author_id", "campaign": "campaign", "tag": "tag", "kind": "kind", "weekday": "weekday",
    "hour": "hour", "language": "language", "origin": "origin", "experiment": "experiment_id", "q": "text",
    "days": "days", "since": "since", "until": "until",
}  # fmt: skip


class ListForm(BaseModel):
    """What of the published posts is shown, as the address says it."""

    platform: Typed = ""
    channel: Typed = ""
    route: Typed = ""
    feed: Typed = ""
    author: Typed = ""
    campaign: Typed = ""
    tag: Typed = ""
    kind: Typed = ""
    weekday: Typed = ""
    hour: Typed = ""
    language: Typed = ""
    origin: Typed = ""
    experiment: Typed = ""
    q: Typed = ""
    days: Typed = ""
    since: Typed = ""
    until: Typed = ""
    sort: Typed = BY_TIME
    order: Typed = "down"
    #: Keys of columns, with commas between; empty: those that the reader chose last.
    columns: Typed = ""
    #: The view that was opened; empty: none.
    view: Typed = ""
    #: All posts, where the list otherwise begins with a view.
    all: Typed = ""
    cursor: Typed = ""

    def address(self, path: str = LIST, **changes: str) -> str:
        """The list with these filters, from its first page unless a cursor is given."""
        values = {**self.model_dump(exclude={"cursor"}), **changes}
        usual = {"sort": BY_TIME, "order": "down"}
        query = urlencode({key: text for key, text in values.items() if text and usual.get(key) != text})
        return f"{path}?{query}" if query else path

    @property
    def filtered(self) -> bool:
        """Whether posts are left out."""
        return any(getattr(self, name) for name in _FILTERS)

    @property
    def narrowed(self) -> bool:
        """Whether one of the rarer filters is in use."""
        common = {"platform", "channel", "days", "q"}
        return any(getattr(self, name) for name in _FILTERS.keys() - common)


def form_of(view: PostView, *, view_id: int | None = None) -> ListForm:
    """The form that shows a view."""
    stored = view.stored()
    typed = {name: str(stored[part]) for name, part in _FILTERS.items() if part in stored}
    return ListForm(
        **typed,
        sort=view.sort,
        order="down" if view.descending else "up",
        columns=",".join(view.columns),
        view=str(view_id or ""),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What there is in a workspace to filter by."""

    channels: Sequence[ChannelRow]
    routes: Mapping[int, str]
    authors: Mapping[int, str]
    campaigns: Sequence[str]
    languages: Sequence[str]
    experiments: Mapping[int, str]


def known_in(session: Session, workspace_id: int) -> Known:
    """What the filters of a workspace offer."""
    return Known(
        channels.listed(session, workspace_id),
        {row.id: row.name for row in routes.listed(session, workspace_id)},
        people.members(session, workspace_id),
        queue.campaigns(session, workspace_id),
        traits.languages(session, workspace_id),
        experiments.names(session, workspace_id),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The form, read; what is wrong with it is left out, and said."""

    view: PostView
    errors: Errors = field(default_factory=Errors)


def asked(form: ListForm, known: Known, voice: Voice) -> Asked:
    """What the form means; what names nothing of this workspace is passed over."""
    errors = Errors()
    since, until = (_day(name, getattr(form, name), voice, errors) for name in ("since", "until"))
    if since and until and until < since:
        errors["until"] = voice.gettext("The last day lies before the first.")
        since = until = None
    if len(form.q) > LONGEST_SEARCH:
        errors["q"] = voice.gettext("Search for at most %(number)s characters.", number=LONGEST_SEARCH)
    values: dict[str, Any] = {
        "platform": _one_of(form.platform, {row.platform for row in known.channels}),
        "channel_id": _number(form.channel, {row.id for row in known.channels}),
        "route_id": _number(form.route, known.routes),
        "feed_id": _row_id(form.feed),
        "author_id": _number(form.author, known.authors),
        "campaign": form.campaign or None,
        "tag": form.tag.strip().lstrip("#") or None,
        "kind": _one_of(form.kind, KINDS),
        "weekday": _number(form.weekday, range(7)),
        "hour": _number(form.hour, range(24)),
        "language": _one_of(form.language, {*known.languages, UNSTATED}),
        "origin": _one_of(form.origin, ORIGINS),
        "experiment_id": _number(form.experiment, known.experiments),
        "text": None if errors["q"] else form.q.strip() or None,
        "days": _number(form.days, range(1, LONGEST_PERIOD + 1)),
        "since": since,
        "until": until,
        "columns": tuple(key for key in form.columns.split(",") if key),
        "sort": form.sort,
        "descending": form.order != "up",
    }
    return Asked(PostView(**values), errors)


def _day(name: str, text: str, voice: Voice, errors: Errors) -> date | None:
    try:
        return day(name, text, voice)
    except Mistake as mistake:
        errors[mistake.field] = str(mistake)
        return None


def _row_id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text[:20]) < 2**63 else None


def _one_of(text: str, known: Collection[str]) -> str | None:
    return text if text in known else None


def _number(text: str, known: Collection[int]) -> int | None:
    return next((one for one in known if str(one) == text), None) if text else None


def stored_view(form: ListForm, known: Known, voice: Voice) -> PostView:
    """What the form means, to be kept. Raises `UsageError` with the first thing that is wrong with it."""
    read = asked(form, known, voice)
    for sentence in read.errors.values():
        raise UsageError(sentence)
    return read.view
