"""The list of published posts by any figure, with the totals of each channel in two ways."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from analytics.overview import Overview, overview
from analytics.posts import post_list
from domain.catalogue import CATALOGUE
from domain.definition import Supplies
from domain.errors import UsageError
from domain.period import day_start
from domain.post_columns import BY_TIME
from scheduler.measuring import supplies
from store import channels, people, routes
from store.tables import ChannelRow
from store.values import Filters, one_of
from web.auth import MaySee, Member
from web.deps import Reading, Web, page_context, show, voice_of
from web.i18n import Voice
from web.posted import Mistake
from web.render import Column
from web.said import said
from web.statistics import (
    ACTIVITY,
    COUNTS,
    PUBLISHED,
    chosen_rate,
    origins,
    rate_options,
    row,
    totals_rows,
)
from web.typed import Errors, Typed, day

router = APIRouter(include_in_schema=False)

#: Posts on one page of the list.
PAGE = 25
#: The period of the totals when no days are named.
USUAL_PERIOD = timedelta(days=28)


class ListForm(BaseModel):
    """What of the published posts is shown, as the address says it."""

    channel: Typed = ""
    route: Typed = ""
    since: Typed = ""
    until: Typed = ""
    sort: Typed = BY_TIME
    order: Typed = "down"
    rate: Typed = ""
    cursor: Typed = ""

    def address(self, **changes: str) -> str:
        """The list with these filters, from its first page unless a cursor is given."""
        values = {**self.model_dump(exclude={"cursor"}), **changes}
        usual = {"sort": BY_TIME, "order": "down"}
        query = urlencode({key: text for key, text in values.items() if text and usual.get(key) != text})
        return f"/statistics?{query}" if query else "/statistics"


@dataclass(frozen=True, slots=True)
class _Asked:
    """The form, read: days of the workspace's zone as instants."""

    filters: Filters
    start: datetime
    end: datetime
    first: date
    last: date
    errors: Errors = field(default_factory=Errors)


@router.get("/statistics")
def list_posts(
    request: Request, web: Web, session: Reading, me: MaySee, form: Annotated[ListForm, Query()]
) -> Response:
    """Published posts with their figures, and the totals of each channel in two ways."""
    voice, now = voice_of(request), page_context(request).now
    rows = channels.listed(session, me.workspace.id)
    names = {one.id: one.name for one in routes.listed(session, me.workspace.id)}
    asked = _read(form, me, rows, names, voice, now=now)
    able = supplies(web.context, session, me.workspace.id)
    only = next(iter(asked.filters.channel_ids), None)
    in_view = [one for one in rows if only in (None, one.id)]
    rate = chosen_rate(form.rate, in_view, able)
    keys = (*COUNTS[:2], rate, *COUNTS[2:])
    page, form = _posts(session, me, form, asked, able, now=now)
    total = _overview(session, me, asked, able, rate, now=now)
    authors = people.names(session, {one.post.created_by for one in page.lines if one.post.created_by})
    return show(
        request,
        "pages/statistics.html",
        status=422 if asked.errors else 200,
        form=form,
        errors=asked.errors,
        rows=[row(one, names, authors, voice, now=now, keys=keys) for one in page.lines],
        columns=_columns(form, keys, voice),
        origins=origins([one.figures[key] for one in page.lines for key in keys], voice),
        older=form.address(cursor=page.next_cursor) if page.next_cursor else "",
        newest=form.address() if form.cursor else "",
        choices=_choices(rows, names, rate, voice),
        activity=totals_rows(total, voice, keys=ACTIVITY, published=False, only=only),
        published=totals_rows(total, voice, keys=_published(rate), published=True, only=only),
        activity_columns=_total_columns(ACTIVITY, voice),
        published_columns=_total_columns(_published(rate), voice),
        totals_origins=_totals_origins(total, rate, voice),
        first=asked.first,
        last=asked.last,
        by_route=bool(asked.filters.route_ids),
    )


def _read(
    form: ListForm,
    me: Member,
    rows: Sequence[ChannelRow],
    names: Mapping[int, str],
    voice: Voice,
    *,
    now: datetime,
) -> _Asked:
    """What the form means; days that cannot be read are left out, and said to be wrong."""
    where = ZoneInfo(me.workspace.zone)
    errors = Errors()
    since = _day("since", form.since, voice, errors)
    until = _day("until", form.until, voice, errors)
    if since and until and until < since:
        errors["until"] = voice.gettext("The last day lies before the first.")
        since = until = None
    last = until or now.astimezone(where).date()
    first = since or last - USUAL_PERIOD + timedelta(days=1)
    start, end = day_start(first, where), day_start(last + timedelta(days=1), where)
    filters = Filters(
        channel_ids=one_of(next((one.id for one in rows if str(one.id) == form.channel), None)),
        route_ids=one_of(next((one for one in names if str(one) == form.route), None)),
        start=start if since else None,
        end=end if until else None,
    )
    return _Asked(filters, start, end, first, last, errors)


def _day(name: str, text: str, voice: Voice, errors: Errors) -> date | None:
    try:
        return day(name, text, voice)
    except Mistake as mistake:
        errors[mistake.field] = str(mistake)
        return None


def _posts(
    session: Session, me: Member, form: ListForm, asked: _Asked, able: Supplies, *, now: datetime
) -> tuple[Any, ListForm]:
    """One page of the list; a sort key or a cursor that does not fit begins anew by time."""
    for one in (form, form.model_copy(update={"cursor": "", "sort": BY_TIME, "order": "down"})):
        try:
            found = post_list(
                session,
                me.workspace.id,
                asked.filters,
                sort=one.sort,
                descending=one.order != "up",
                limit=PAGE,
                cursor=one.cursor or None,
                supplies=able,
                now=now,
            )
        except UsageError:
            continue
        return found, one
    raise AssertionError("a list by time has no key that could be wrong")


def _published(rate: str) -> tuple[str, ...]:
    return (*PUBLISHED[:2], rate, *PUBLISHED[2:])


def _overview(
    session: Session, me: Member, asked: _Asked, able: Supplies, rate: str, *, now: datetime
) -> Overview:
    keys = {*ACTIVITY, *PUBLISHED, rate}
    return overview(session, me.workspace.id, asked.start, asked.end, supplies=able, now=now, keys=keys)


def _totals_origins(total: Overview, rate: str, voice: Voice) -> Any:
    activity = [total.total.activity[key] for key in ACTIVITY if key in total.total.activity]
    return origins(activity, voice), origins([total.total.published[rate]], voice)


def _columns(form: ListForm, keys: Iterable[str], voice: Voice) -> list[Column]:
    _ = voice.gettext
    columns = [Column("post", _("Post")), _sortable(form, BY_TIME, _("Published"))]
    columns += [_sortable(form, key, said(voice, CATALOGUE[key].name), numeric=True) for key in keys]
    return [*columns, Column("read", _("Read"))]


def _sortable(form: ListForm, key: str, label: str, *, numeric: bool = False) -> Column:
    """A column that sorts by itself, largest first; once more, smallest first."""
    is_sorted = form.sort == key
    down = not (is_sorted and form.order != "up")
    address = form.address(sort=key, order="down" if down else "up")
    if not is_sorted:
        return Column(key, label, numeric=numeric, href=address)
    return Column(
        key, label, numeric=numeric, href=address, sorted="ascending" if form.order == "up" else "descending"
    )


def _total_columns(keys: Iterable[str], voice: Voice) -> list[Column]:
    first = Column("channel", voice.gettext("Channel"))
    return [first, *(Column(key, said(voice, CATALOGUE[key].name), numeric=True) for key in keys)]


def _choices(
    rows: Sequence[ChannelRow], names: Mapping[int, str], rate: str, voice: Voice
) -> Mapping[str, Any]:
    _ = voice.gettext
    return {
        "channels": [("", _("All channels")), *((str(one.id), one.name) for one in rows)],
        "routes": [
            ("", _("All routes, and posts by hand")),
            *((str(key), text) for key, text in names.items()),
        ],
        "rates": rate_options(voice),
        "rate": rate,
    }
