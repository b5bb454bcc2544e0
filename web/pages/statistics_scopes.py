"""Statistics of one channel, of one feed and of one route: what it brought, and from which posts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from analytics.breakdown_sheet import days_of, period_of
from analytics.breakdowns import Breakdown, breakdown
from analytics.channel_numbers import numbers
from analytics.post_sheet import first_line
from analytics.posts import post_list
from analytics.scopes import scope_name
from analytics.sums import Stretch, figure_over
from domain.breakdown import By
from domain.catalogue import CATALOGUE
from domain.kpi import Scope, ScopeKind
from domain.metrics import Metric
from domain.post_view import PostView
from scheduler.measuring import supplies
from store import channels, earning
from store.values import Filters, one_of
from web.api.base import RowId
from web.auth import MaySee, Member
from web.chart_breaks import cuts_of
from web.charts import Chart
from web.deps import Reading, Web, WebContext, page_context, show, voice_of
from web.downloads import Wanted, makes
from web.figures import shown
from web.group_charts import groups_chart, run
from web.i18n import Voice
from web.i18n import marked as N_
from web.pages.charts import STORE
from web.pages.statistics_breakdown import GroupForm, first_figure, json_twin, row_of, shown_keys
from web.said import said
from web.statistics import last_days, origins
from web.statistics_form import LIST, PERIODS, ListForm

router = APIRouter(include_in_schema=False)

#: Posts that are named as the best.
_BEST = 5
_USUAL = 28
#: What became of entries and posts that are not out, in words.
_FATES: Mapping[str, str] = {
    "held": N_("held for a decision"), "filtered": N_("filtered out"), "duplicate": N_("already told"),
    "skipped": N_("skipped"), "failed": N_("failed"), "draft": N_("still drafts"),
    "awaiting_approval": N_("waiting for approval"), "queued": N_("in the queue"),
    "publishing": N_("being sent"), "uncertain": N_("perhaps sent"),
}  # fmt: skip


@router.get("/statistics/channels/{channel_id}")
def of_channel(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, web: Web, session: Reading, me: MaySee, channel_id: RowId, days: str = ""
) -> Response:
    """One channel: what it brought, how its followers went, its types, hours and best posts."""
    return _page(request, web, session, me, Scope(ScopeKind.CHANNEL, channel_id), days)


@router.get("/statistics/feeds/{feed_id}")
def of_feed(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, web: Web, session: Reading, me: MaySee, feed_id: RowId, days: str = ""
) -> Response:
    """One feed: from its entries to what their posts brought."""
    return _page(request, web, session, me, Scope(ScopeKind.FEED, feed_id), days)


@router.get("/statistics/routes/{route_id}")
def of_route(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request, web: Web, session: Reading, me: MaySee, route_id: RowId, days: str = ""
) -> Response:
    """One route: from the entries it decided on to what their posts brought."""
    return _page(request, web, session, me, Scope(ScopeKind.ROUTE, route_id), days)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at a scope in a period that ends today."""

    web: WebContext
    session: Session
    me: Member
    scope: Scope
    days: int
    now: datetime

    @property
    def view(self) -> PostView:
        return PostView(days=self.days)

    @property
    def period(self) -> tuple[datetime, datetime]:
        return period_of(self.view, self.me.workspace.zone, now=self.now)

    @property
    def filters(self) -> Filters:
        number = one_of(self.scope.id)
        match self.scope.kind:
            case ScopeKind.CHANNEL:
                return Filters(channel_ids=number)
            case ScopeKind.FEED:
                return Filters(feed_ids=number)
        return Filters(route_ids=number)

    @property
    def query(self) -> dict[str, str]:
        """The scope as fields of forms."""
        return {str(self.scope.kind): str(self.scope.id), "days": str(self.days)}

    def groups(self, by: By) -> Breakdown:
        start, end = self.period
        able = supplies(self.web.context, self.session, self.me.workspace.id)
        return breakdown(
            self.session, self.me.workspace.id, by, start, end, filters=self.filters, supplies=able,
            now=self.now,
        )  # fmt: skip


def _page(  # noqa: PLR0917 - one line for its three callers
    request: Request, web: WebContext, session: Session, me: Member, scope: Scope, days: str
) -> Response:  # fmt: skip
    voice, now = voice_of(request), page_context(request).now
    name = scope_name(session, me.workspace.id, scope)
    length = int(days) if days in {str(one) for one in PERIODS} else _USUAL
    look = _Look(web, session, me, scope, length, now)
    kinds = look.groups(By.KIND)
    keys = shown_keys(kinds)
    form = GroupForm(by=By.KIND, **look.query)
    first, last = days_of(look.view, me.workspace.zone, now=now)
    noun = str(scope.kind)
    here = f"/statistics/{noun}s/{scope.id}"
    totals = [shown(kinds.total.figures[key], voice) for key in keys]
    return show(
        request,
        "pages/statistics_scope.html",
        name=name,
        noun=noun,
        back=f"/{noun}s/{scope.id}",
        periods=[
            (f"{here}?days={days}", last_days(days, voice), days == length)
            for days in PERIODS
        ],
        posts=voice.number(kinds.total.posts),
        listed=ListForm(**look.query).address(LIST),
        more=[(form.address(by=str(by)), by) for by in (By.CHANNEL, By.WEEKDAY, By.CAMPAIGN, By.TAG)],
        totals=[*_own_numbers(look, voice), *totals],
        steps=_steps(look, kinds, voice) if scope.kind is not ScopeKind.CHANNEL else [],
        followers=_placed(_followers(look, voice), "channel-followers", look, voice),
        kinds=[row_of(group, kinds, keys, form, voice) for group in kinds.groups],
        kinds_chart=_placed(_types_chart(kinds, voice), "scope-kinds", look, voice),
        slots_chart=_placed(_slots_chart(look, voice), "scope-slots", look, voice),
        best=_best(look, voice),
        origins=origins([kinds.total.figures[key] for key in keys], voice),
        first=first,
        last=last,
        json=json_twin(kinds, form),
    )  # fmt: skip


def _placed(chart: Chart | None, name: str, look: _Look, voice: Voice) -> Any:
    return STORE.place(chart, language=voice.language, named=name, **look.query) if chart else None


def _own_numbers(look: _Look, voice: Voice) -> list[Any]:
    """Followers and their growth, of a channel."""
    if look.scope.kind is not ScopeKind.CHANNEL:
        return []
    start, end = look.period
    able = supplies(look.web.context, look.session, look.me.workspace.id)
    stretch = Stretch(start, end, look.now)
    return [
        shown(
            figure_over(look.session, CATALOGUE[key], stretch, workspace_id=look.me.workspace.id,
                        scope=look.scope, supplies=able),
            voice,
        )
        for key in ("followers", "follower_growth")
    ]  # fmt: skip


def _followers(look: _Look, voice: Voice) -> Chart | None:
    if look.scope.kind is not ScopeKind.CHANNEL or look.scope.id is None:
        return None
    start, end = look.period
    found = numbers(look.session, look.me.workspace.id, look.scope.id, start=start, end=end)
    zone = ZoneInfo(look.me.workspace.zone)
    by_day = {one.at.astimezone(zone).date(): float(one.value) for one in found.get(Metric.FOLLOWERS, ())}
    name = said(voice, CATALOGUE["followers"].name)
    if not by_day:
        return None
    platform = channels.get(look.session, look.me.workspace.id, look.scope.id).platform
    breaks = supplies(look.web.context, look.session, look.me.workspace.id).breaks(
        [platform], [Metric.FOLLOWERS], first=min(by_day), last=max(by_day)
    )
    return run(name, name, sorted(by_day.items()), cuts=cuts_of(breaks, voice), voice=voice)


def _types_chart(kinds: Breakdown, voice: Voice) -> Chart | None:
    key = first_figure(kinds, [one for one in shown_keys(kinds) if one.endswith("_per_post")])
    return groups_chart(kinds, key, voice) if key else None


def _slots_chart(look: _Look, voice: Voice) -> Chart | None:
    told = look.groups(By.SLOT)
    key = first_figure(told, shown_keys(told))
    return groups_chart(told, key, voice) if key else None


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way from entries to revenue; with what was lost before the next one."""

    label: str
    value: str
    losses: Sequence[str]
    #: Why there is no number.
    missing: str = ""


def _steps(look: _Look, told: Breakdown, voice: Voice) -> list[Step]:
    _ = voice.gettext
    start, end = look.period
    scope = look.scope
    led = earning.led_to(
        look.session, look.me.workspace.id, start=start, end=end,
        feed_id=scope.id if scope.kind is ScopeKind.FEED else None,
        route_id=scope.id if scope.kind is ScopeKind.ROUTE else None,
    )  # fmt: skip

    def lost(found: Mapping[str, int]) -> list[str]:
        return [f"{voice.number(number)} {_(_FATES.get(key, key))}" for key, number in sorted(found.items())]

    steps = [
        Step(_("Entries seen"), voice.number(led.entries), []),
        Step(_("Decisions of routes"), voice.number(led.decisions), lost(led.fates)),
        Step(_("Posts made of them"), voice.number(led.posts), lost(led.states)),
        Step(_("Posts published in these days"), voice.number(told.total.posts), []),
    ]
    for key in ("engagement", "clicks", "conversions", "revenue"):
        one = shown(told.total.figures[key], voice)
        steps.append(Step(one.label, one.value, [] if one.missing else [one.facts.coverage], one.missing))
    return steps


def _best(look: _Look, voice: Voice) -> list[tuple[int, str, str]]:
    """The posts with the most engagement: number, first line, how much."""
    able = supplies(look.web.context, look.session, look.me.workspace.id)
    start, end = look.period
    filters = Filters(
        channel_ids=look.filters.channel_ids, feed_ids=look.filters.feed_ids,
        route_ids=look.filters.route_ids, start=start, end=end,
    )  # fmt: skip
    found = post_list(
        look.session, look.me.workspace.id, filters, sort="engagement", limit=_BEST, supplies=able,
        now=look.now,
    )  # fmt: skip
    return [
        (line.post.id, first_line(line.post), shown(line.figures["engagement"], voice).value)
        for line in found.lines
        if line.figures["engagement"].value is not None
    ]


def _look_of(wanted: Wanted) -> _Look:
    kind = next((one for one in (ScopeKind.CHANNEL, ScopeKind.FEED, ScopeKind.ROUTE) if one in wanted.query),
                ScopeKind.CHANNEL)  # fmt: skip
    days = wanted.query.get("days", "")
    length = int(days) if days in {str(one) for one in PERIODS} else _USUAL
    scope = Scope(kind, wanted.number(str(kind)))
    scope_name(wanted.session, wanted.me.workspace.id, scope)
    return _Look(wanted.web, wanted.session, wanted.me, scope, length, wanted.now)


@makes("channel-followers")
def _followers_download(wanted: Wanted) -> Chart | None:
    return _followers(_look_of(wanted), wanted.voice)


@makes("scope-kinds")
def _kinds_download(wanted: Wanted) -> Chart | None:
    return _types_chart(_look_of(wanted).groups(By.KIND), wanted.voice)


@makes("scope-slots")
def _slots_download(wanted: Wanted) -> Chart | None:
    return _slots_chart(_look_of(wanted), wanted.voice)
