"""The list of published posts by any column, with the totals of each channel in two ways."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from analytics.overview import Overview, overview
from analytics.post_sheet import columns_of, names_for
from analytics.posts import PostPage, how_many, post_list
from analytics.views import filters_of
from domain.catalogue import CATALOGUE
from domain.definition import Supplies
from domain.errors import UsageError
from domain.period import day_at, day_start
from domain.person import Permission
from domain.post_columns import (
    ABOUT,
    BY_TIME,
    POST,
    USUAL,
    USUAL_COLUMNS,
    figures_among,
    name_of,
    offered,
    rates,
    sortable,
)
from domain.post_filters import KINDS, ORIGINS, UNSTATED
from domain.post_view import PostView, view_from
from scheduler.measuring import supplies
from store import answers, views
from store.tables import StatisticsHabit, StatisticsView
from web.auth import MaySee, Member
from web.deps import Reading, Web, page_context, show, voice_of
from web.i18n import Voice
from web.render import Column
from web.said import said
from web.statistics import ACTIVITY, PUBLISHED, last_days, origins, row, totals_rows
from web.statistics_form import LIST, PERIODS, Asked, Known, ListForm, asked, form_of, known_in

router = APIRouter(include_in_schema=False)

#: Posts on one page of the list.
PAGE = 25
#: The period of the totals when no days are named.
USUAL_PERIOD = timedelta(days=28)
#: Columns whose cells are numbers, beside figures.
_NUMERIC = frozenset({USUAL})


@router.get("/statistics")
def list_posts(
    request: Request, web: Web, session: Reading, me: MaySee, form: Annotated[ListForm, Query()]
) -> Response:
    """Published posts with their figures, and the totals of each channel in two ways."""
    voice, now = voice_of(request), page_context(request).now
    with answers.kept(session):  # list, number and totals look at the same posts
        habit = views.habit(session, me.workspace.id, me.person.id)
        saved = views.listed(session, me.workspace.id, person_id=me.person.id)
        if not request.url.query and habit.view_id is not None:
            form = _first_view(saved, habit.view_id) or form
        known = known_in(session, me.workspace.id)
        read = asked(form, known, voice)
        able = supplies(web.context, session, me.workspace.id)
        columns = _columns_shown(session, me, read.view, habit, able)
        page, form = _posts(session, me, form, read.view, columns, able, now=now)
        names = names_for(session, page.lines, able, columns=columns)
        figures = figures_among(columns)
        values = dict(
            form=form,
            errors=read.errors,
            rows=[row(one, names, voice, now=now, keys=figures) for one in page.lines],
            columns=[_column(form, key, voice) for key in columns],
            about=ABOUT,
            origins=origins([one.figures[key] for one in page.lines for key in figures], voice),
            older=form.address(cursor=page.next_cursor) if page.next_cursor else "",
            newest=form.address() if form.cursor else "",
            total=_count(session, me, read, able, now=now),
            choices=choices_of(known, me, able, voice),
            kept=_kept(saved, habit, form, me),
            offered=[(key, said(voice, name_of(key)), key in columns) for key in offered() if key != POST],
            everything=f"{LIST}?all=1" if habit.view_id else LIST,
            exported=form.model_copy(update={"columns": ",".join(columns)}),
            **_totals(session, me, read, able, voice, now=now),
        )
    return show(request, "pages/statistics.html", status=422 if read.errors else 200, **values)


def _first_view(saved: Sequence[StatisticsView], view_id: int) -> ListForm | None:
    """The list as a view says it; None when the view is gone, or names what is not known any more."""
    found = next((one for one in saved if one.id == view_id), None)
    try:
        return form_of(view_from(found.shows), view_id=found.id) if found else None
    except UsageError:
        return None


def _columns_shown(
    session: Session, me: Member, view: PostView, habit: StatisticsHabit, able: Supplies
) -> tuple[str, ...]:
    """The columns that were asked for, else those chosen last, else the usual ones; unknown ones aside."""
    known = {*offered(), *USUAL_COLUMNS}
    wish = tuple(key for key in view.columns or habit.columns or () if key in known)
    chosen = PostView(platform=view.platform, channel_id=view.channel_id, columns=wish)
    return columns_of(session, me.workspace.id, chosen, able)


def _posts(  # noqa: PLR0917 - one line for its one caller
    session: Session, me: Member, form: ListForm, view: PostView, columns: tuple[str, ...], able: Supplies,
    *, now: datetime,
) -> tuple[PostPage, ListForm]:  # fmt: skip
    """One page of the list; a sort key or a cursor that does not fit begins anew by time."""
    filters = filters_of(view, me.workspace.zone, now=now)
    for one in (form, form.model_copy(update={"cursor": "", "sort": BY_TIME, "order": "down"})):
        try:
            found = post_list(
                session, me.workspace.id, filters, sort=one.sort, descending=one.order != "up", limit=PAGE,
                cursor=one.cursor or None, ranked=USUAL in columns, keys=figures_among(columns),
                supplies=able, now=now,
            )  # fmt: skip
        except UsageError:
            continue
        return found, one
    raise AssertionError("a list by time has no key that could be wrong")


def _count(session: Session, me: Member, read: Asked, able: Supplies, *, now: datetime) -> int:
    filters = filters_of(read.view, me.workspace.zone, now=now)
    return how_many(session, me.workspace.id, filters, supplies=able, now=now)


@dataclass(frozen=True, slots=True)
class Kept:
    """The views that are kept, and what may be done with the one that is shown."""

    #: (name, address, whether it is shown, whether it is everybody's).
    tabs: Sequence[tuple[str, str, bool, bool]]
    shown: StatisticsView | None
    #: The list begins with the view that is shown.
    is_first: bool
    may_change: bool
    may_share: bool


def _kept(saved: Sequence[StatisticsView], habit: StatisticsHabit, form: ListForm, me: Member) -> Kept:
    tabs = []
    for one in saved:
        try:
            address = form_of(view_from(one.shows), view_id=one.id).address()
        except UsageError:  # it names a column or a filter that is gone
            continue
        tabs.append((one.name, address, str(one.id) == form.view, one.whose == views.EVERYBODY))
    shown = next((one for one in saved if str(one.id) == form.view), None)
    may_share = me.may(Permission.EDIT)
    return Kept(
        tabs=tabs,
        shown=shown,
        is_first=shown is not None and shown.id == habit.view_id,
        may_change=shown is not None and (shown.whose == me.person.id or may_share),
        may_share=may_share,
    )


def _totals(
    session: Session, me: Member, read: Asked, able: Supplies, voice: Voice, *, now: datetime
) -> Mapping[str, Any]:
    """The totals of the channels in the days that are shown, or in the last four weeks."""
    view, where = read.view, ZoneInfo(me.workspace.zone)
    last = view.until or day_at(now, where)
    usual = timedelta(days=view.days) if view.days and not view.since else USUAL_PERIOD
    first = view.since or last - usual + timedelta(days=1)
    start, end = day_start(first, where), day_start(last + timedelta(days=1), where)
    rate = _rate(read.view, session, me, able)
    keys = {*ACTIVITY, *PUBLISHED, rate}
    total = overview(session, me.workspace.id, start, end, supplies=able, now=now, keys=keys, as_of_now=True)
    published = (*PUBLISHED[:2], rate, *PUBLISHED[2:])
    return {
        "activity": totals_rows(total, voice, keys=ACTIVITY, published=False, only=view.channel_id),
        "published": totals_rows(total, voice, keys=published, published=True, only=view.channel_id),
        "activity_columns": _total_columns(ACTIVITY, voice),
        "published_columns": _total_columns(published, voice),
        "totals_origins": _totals_origins(total, rate, voice),
        "first": first,
        "last": last,
        "by_part": any(
            (
                view.route_id,
                view.feed_id,
                view.author_id,
                view.campaign,
                view.tag,
                view.kind,
                view.experiment_id,
            )
        ),
    }


def _rate(view: PostView, session: Session, me: Member, able: Supplies) -> str:
    """The first rate that a channel in view can have."""
    chosen = PostView(platform=view.platform, channel_id=view.channel_id)
    known = {rate.key for rate in rates()}
    return next(key for key in columns_of(session, me.workspace.id, chosen, able) if key in known)


def _totals_origins(total: Overview, rate: str, voice: Voice) -> Any:
    activity = [total.total.activity[key] for key in ACTIVITY if key in total.total.activity]
    return origins(activity, voice), origins([total.total.published[rate]], voice)


def _column(form: ListForm, key: str, voice: Voice) -> Column:
    """A column that sorts by itself, largest first; once more, smallest first."""
    label, numeric = said(voice, name_of(key)), key not in ABOUT or key in _NUMERIC
    if not sortable(key):
        return Column(key, label, numeric=numeric)
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


Options = list[tuple[str, str]]


def choices_of(known: Known, me: Member, able: Supplies, voice: Voice) -> Mapping[str, Options]:
    """What each filter offers, the first of each: nothing is left out."""
    _ = voice.gettext
    platforms = sorted({one.platform for one in known.channels})
    days = range(me.workspace.week_start, me.workspace.week_start + 7)
    languages = [(one, one) for one in known.languages]
    return {
        "platforms": _all(_("All platforms"), ((one, _(able.title(one))) for one in platforms)),
        "channels": _all(_("All channels"), ((str(one.id), one.name) for one in known.channels)),
        "routes": _all(_("All routes"), ((str(key), text) for key, text in known.routes.items())),
        "authors": _all(_("Anybody"), ((str(key), text) for key, text in known.authors.items())),
        "campaigns": _all(_("All campaigns"), ((one, one) for one in known.campaigns)),
        "kinds": _all(_("All types"), ((key, said(voice, words)) for key, words in KINDS.items())),
        "weekdays": _all(_("Any day"), ((str(day % 7), voice.weekday(day % 7, "wide")) for day in days)),
        "hours": _all(_("Any hour"), ((str(hour), voice.hour(hour)) for hour in range(24))),
        "languages": _all(_("All languages"), [*languages, (UNSTATED, _("not stated"))]),
        "origins": _all(_("From anywhere"), ((key, said(voice, words)) for key, words in ORIGINS.items())),
        "experiments": _all(_("Any"), ((str(key), text) for key, text in known.experiments.items())),
        "periods": _all(_("Any time"), ((str(days), last_days(days, voice)) for days in PERIODS)),
    }


def _all(label: str, options: Iterable[tuple[str, str]]) -> Options:
    return [("", label), *options]
