"""Published posts in groups: which channel, feed, type or hour earns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request, Response
from sqlmodel import Session

from analytics.breakdown_sheet import days_of, file_of, period_of
from analytics.breakdowns import Breakdown, Group, breakdown
from analytics.post_export import FORMATS
from analytics.views import filters_of
from domain.breakdown import BY_NAME, BY_POSTS, FIGURES, NAMES, ORDERED, By
from domain.figure import Absence
from domain.site_figures import WINDOW
from domain.windowed_figures import LONGEST
from scheduler.measuring import supplies
from web.auth import MaySee, Member
from web.deps import Reading, Web, WebContext, page_context, show, voice_of
from web.downloads import Wanted, makes
from web.figures import ShownFigure, shown
from web.group_charts import groups_chart
from web.i18n import Voice
from web.pages.charts import STORE
from web.pages.statistics import choices_of
from web.pages.statistics_export import Format
from web.render import Column
from web.said import said
from web.statistics import last_days, origins
from web.statistics_form import LIST, PERIODS, Asked, ListForm, asked, known_in
from web.typed import Typed, days_typed

router = APIRouter(include_in_schema=False)

PAGE = "/statistics/breakdown"
#: What the picture shows first, where it is there.
_FIRST = ("revenue", "engagement_per_post", "clicks_per_post", "engagement", "clicks")
#: Of hours, what one post had: sums would only tell how often somebody posted then.
_FIRST_OF_HOURS = ("engagement_per_post", "clicks_per_post")


class GroupForm(ListForm):
    """Which posts, by what they are grouped, and what the picture shows."""

    by: Typed = By.CHANNEL
    #: The figure of the picture; empty: the first that is there.
    figure: Typed = ""
    sort: Typed = ""
    #: Days from a click in which what it brought counts; empty: as usual.
    window: Typed = ""

    def address(self, path: str = PAGE, **changes: str) -> str:
        """The page with these filters."""
        values = {**self.model_dump(exclude={"cursor", "view", "all", "columns"}), **changes}
        usual = {"order": "down"}
        query = urlencode({key: text for key, text in values.items() if text and usual.get(key) != text})
        return f"{path}?{query}"

    @property
    def window_days(self) -> int | None:
        """The days that were typed; None: nothing that can be counted."""
        return days_typed(self.window, most=LONGEST)

    @property
    def grouping(self) -> By:
        """By what the posts are grouped; by channel where it is not known."""
        return By(self.by) if self.by in list(By) else By.CHANNEL


@router.get(PAGE)
def show_breakdown(
    request: Request, web: Web, session: Reading, me: MaySee, form: Annotated[GroupForm, Query()]
) -> Response:
    """Posts of a period in groups."""
    voice, now = voice_of(request), page_context(request).now
    known = known_in(session, me.workspace.id)
    read = asked(form, known, voice)
    able = supplies(web.context, session, me.workspace.id)
    form = form.model_copy(update={"by": str(form.grouping)})
    if form.window.strip() and form.window_days is None:
        sentence = voice.gettext("Write a whole number of days from 1 to %(most)s.", most=LONGEST)
        read.errors["window"] = sentence
    told, form = told_of(session, web, me, form, read)
    keys = shown_keys(told)
    figure = form.figure if form.figure in keys else first_figure(told, keys)
    chart = groups_chart(told, figure, voice) if figure else None
    first, last = days_of(read.view, me.workspace.zone, now=now)
    query = {name: text for name, text in form.model_dump().items() if text} | {"figure": figure}
    return show(
        request,
        "pages/statistics_breakdown.html",
        status=422 if read.errors else 200,
        form=form,
        errors=read.errors,
        told=told,
        groupings=[(form.address(by=str(one), sort="", order="down", figure=""), said(voice, name),
                    one is told.by) for one, name in NAMES.items()],
        periods=[(str(days), last_days(days, voice)) for days in PERIODS],
        choices=choices_of(known, me, able, voice),
        columns=_columns(form, told, keys, voice),
        rows=[*(row_of(group, told, keys, form, voice) for group in told.groups),
              row_of(told.total, told, keys, form, voice, total=True)] if told.groups else [],
        figures=[(key, said(voice, told.called(key))) for key in keys],
        figure=figure,
        lacking=[(said(voice, told.called(key)), shown(told.total.figures[key], voice).missing)
                 for key in told.keys if key not in keys],
        chart=STORE.place(chart, language=voice.language, named="groups", **query) if chart else None,
        origins=origins([told.total.figures[key] for key in keys], voice),
        first=first,
        last=last,
        json=json_twin(told, form),
    )  # fmt: skip


def told_of(
    session: Session, web: WebContext, me: Member, form: GroupForm, read: Asked
) -> tuple[Breakdown, GroupForm]:
    """The groups that a form asks for; a sort key that does not fit is passed over."""
    now = web.context.clock()
    start, end = period_of(read.view, me.workspace.zone, now=now)
    sort = form.sort if form.sort in ("", BY_NAME, BY_POSTS, *FIGURES) else ""
    told = breakdown(
        session, me.workspace.id, form.grouping, start, end,
        filters=filters_of(read.view, me.workspace.zone, now=now),
        supplies=supplies(web.context, session, me.workspace.id), now=now, sort=sort,
        descending=form.order != "up", window=timedelta(days=form.window_days or WINDOW.days),
    )  # fmt: skip
    return told, form.model_copy(update={"sort": sort})


def shown_keys(told: Breakdown) -> list[str]:
    """The figures that some channel in view supplies."""
    return [key for key in told.keys if told.total.figures[key].absence is not Absence.NOT_SUPPLIED]


def first_figure(told: Breakdown, keys: Sequence[str]) -> str:
    """What the picture shows when nothing is chosen; empty: there is nothing to show."""
    order = _FIRST_OF_HOURS if told.by in ORDERED else _FIRST
    worth = [key for key in (*order, *keys) if key in keys and told.total.figures[key].value]
    return worth[0] if worth else next(iter(keys), "")


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group as a row of the table."""

    name: str
    #: Its posts in the list; empty: the list cannot be filtered so.
    href: str
    posts: str
    #: Part of all posts.
    share: str
    few: bool
    figures: Mapping[str, ShownFigure]
    #: Part of the total, by figure.
    shares: Mapping[str, str]
    total: bool = False


def row_of(
    group: Group, told: Breakdown, keys: Sequence[str], form: GroupForm, voice: Voice, *, total: bool = False
) -> GroupRow:
    """One group, or all posts."""
    posts = told.total.posts
    return GroupRow(
        name=said(voice, group.name),
        href="" if total else posts_of(group, told, form, voice),
        posts=voice.number(group.posts),
        share="" if total or not posts else voice.percent(group.posts / posts, 0),
        few=group.few and not total,
        figures={key: shown(group.figures[key], voice) for key in keys},
        shares={} if total else {key: voice.percent(part, 0) for key, part in group.shares.items()},
        total=total,
    )


#: The filter of the list by which a group's posts are found.
_FILTER = {
    By.CHANNEL: "channel", By.PLATFORM: "platform", By.ROUTE: "route", By.FEED: "feed", By.KIND: "kind",
    By.CAMPAIGN: "campaign", By.TAG: "tag", By.AUTHOR: "author", By.LANGUAGE: "language",
    By.ORIGIN: "origin", By.WEEKDAY: "weekday", By.HOUR: "hour",
}  # fmt: skip


def posts_of(group: Group, told: Breakdown, form: GroupForm, voice: Voice) -> str:
    """Where the posts of a group are listed; empty where no filter finds them."""
    if group.key is None:
        return ""
    if told.by is By.SLOT:
        day, hour = divmod(int(group.key), 24)
        own = {"weekday": str(day), "hour": str(hour)}
    else:
        own = {_FILTER[told.by]: str(group.key)}
    left = {"sort", "order", "days"}
    kept = {name: text for name, text in form.model_dump().items() if name in ListForm.model_fields}
    where = ListForm(**{name: text for name, text in kept.items() if name not in left})
    zone = voice.zone
    if not (form.since or form.until):
        there = ZoneInfo(zone)
        own["since"] = told.start.astimezone(there).date().isoformat()
        own["until"] = (told.end - timedelta(microseconds=1)).astimezone(there).date().isoformat()
    return where.address(LIST, **own)


def _columns(form: GroupForm, told: Breakdown, keys: Sequence[str], voice: Voice) -> list[Column]:
    names = {BY_NAME: said(voice, NAMES[told.by]), BY_POSTS: voice.gettext("Posts")}
    names |= {key: said(voice, told.called(key)) for key in keys}
    made = []
    for key, label in names.items():
        down = not (form.sort == key and form.order != "up")
        way = "ascending" if form.order == "up" else "descending"
        made.append(
            Column(
                key,
                label,
                numeric=key != BY_NAME,
                href=form.address(sort=key, order="down" if down else "up"),
                sorted=way if form.sort == key else None,  # type: ignore[arg-type]
            )
        )
    return made


def json_twin(told: Breakdown, form: GroupForm) -> str:
    """Where programs get the same groups."""
    own = {"by": str(told.by), "start": told.start.isoformat(), "end": told.end.isoformat()}
    named = {
        "channel": "channel_id", "route": "route_id", "feed": "feed_id", "author": "author_id",
        "experiment": "experiment_id", "q": "text",
    }  # fmt: skip
    alike = ("platform", "campaign", "tag", "kind", "weekday", "hour", "language", "origin", "sort")
    own |= {other: text for name, other in named.items() if (text := getattr(form, name))}
    own |= {name: text for name in alike if (text := getattr(form, name))}
    own |= {"window": str(told.window.days)} if told.window != WINDOW else {}
    own |= {"descending": "false"} if form.order == "up" else {}
    return "/api/v1" + PAGE + "?" + urlencode(own)


@router.get(PAGE + ".{kind}")
def export(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, web: Web, session: Reading, me: MaySee, kind: Format,
    form: Annotated[GroupForm, Query()],
) -> Response:  # fmt: skip
    """The groups as a file to be kept, with the definitions of their figures."""
    voice = voice_of(request)
    told, _ = told_of(session, web, me, form, asked(form, known_in(session, me.workspace.id), voice))
    name = f"tabuh-{told.by}-{web.context.clock():%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(file_of(told, kind, language=voice.language), media_type=FORMATS[kind], headers=headers)


@makes("groups")
def _download(wanted: Wanted) -> Any:
    known = {name: text for name, text in wanted.query.items() if name in GroupForm.model_fields}
    try:
        form = GroupForm(**known)
    except ValueError:
        raise HTTPException(404) from None
    read = asked(form, known_in(wanted.session, wanted.me.workspace.id), wanted.voice)
    told, _ = told_of(wanted.session, wanted.web, wanted.me, form, read)
    return groups_chart(told, form.figure, wanted.voice) if form.figure in told.keys else None
