"""Sites of one's own: set up, changed, removed; the way from clicks to conversions, and who is owed them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Query, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from analytics.funnel import funnel
from analytics.owed import OwedBy, What, attribution
from domain.site_figures import WINDOW
from domain.web_site import ORDER, SiteSettings
from scheduler.sites import add_site, change_site, remove_site, snippet
from store import sites
from store.tables import Site
from web.api.base import Body, Line, Listing, Pages, Repeatable, RowId, Window, api_router
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web, WebContext
from web.link_words import stretch
from web.posted import clean

router = api_router("sites")

Host = Annotated[str, StringConstraints(max_length=2_048), AfterValidator(clean)]
Name = Annotated[str, StringConstraints(max_length=60), AfterValidator(clean)]
Hosts = Annotated[list[Host], Field(max_length=100)]
Names = Annotated[list[Name], Field(max_length=100)]
Days = Annotated[int, Query(ge=1, le=3_660)]


class SiteShown(BaseModel):
    """One site, with the line that its pages need."""

    id: RowId
    name: str
    hosts: list[str]
    key: str
    #: Conversion → whether it is a key event.
    conversions: dict[str, bool]
    created_at: datetime
    snippet: str


class NewSite(Body):
    """A site to set up."""

    name: Line
    hosts: Hosts
    key_events: Names = Field(default_factory=lambda: [ORDER])
    other_conversions: Names = Field(default_factory=list)


class SiteChange(Body):
    """What changes; what is left out stays."""

    name: Line | None = None
    hosts: Hosts | None = None
    key_events: Names | None = None
    other_conversions: Names | None = None


class LossShown(BaseModel):
    """Who did not come so far, and why."""

    reason: str
    number: int


class StepShown(BaseModel):
    """One step of the way."""

    key: str
    label: str
    number: int
    losses: list[LossShown]


class FunnelShown(BaseModel):
    """The way from clicks to conversions in a stretch of days."""

    start: datetime
    end: datetime
    #: Days from a click in which its conversions count.
    window_days: int
    steps: list[StepShown]
    views_with_consent: int
    views_of_people: int
    #: Arrived more than a day after they happened.
    late_conversions: int
    refunds: int


class VisitShareShown(BaseModel):
    """What a model gives; the range is the middle 95 % of resampled journeys, null with too few of them."""

    value: float
    low: float | None
    high: float | None


class OwedShown(BaseModel):
    """What one of them is owed, by model."""

    name: str
    journeys: int
    shares: dict[str, VisitShareShown]


class PathShown(BaseModel):
    """One way that people took."""

    touches: list[str]
    converted: int
    lost: int
    revenue: float


class AttributionShown(BaseModel):
    """All models side by side; none of them proves a cause."""

    start: datetime
    end: datetime
    window_days: int
    rows: list[OwedShown]
    paths: list[PathShown]
    #: Without a known visit within the window.
    unattributed: float
    total: float
    conversions: int
    known: int
    consented: int
    other_currency: int
    currency: str


def shown(web: WebContext, site: Site) -> SiteShown:
    """A site as answers have it."""
    return SiteShown(
        id=site.id,
        name=site.name,
        hosts=site.hosts,
        key=site.key,
        conversions=dict(SiteSettings.stored(site.settings).conversions),
        created_at=site.created_at,
        snippet=snippet(web.context, site),
    )


@router.get("/sites")
def list_sites(me: MaySee, web: Web, session: Reading, pages: Pages) -> Listing[SiteShown]:
    """The sites of the workspace, by name."""
    after = pages.after(str)
    rows: Sequence[Site] = [
        site for site in sites.listed(session, me.workspace.id) if after is None or site.name > after[0]
    ]
    return pages.cut(rows[: pages.limit + 1], lambda site: shown(web, site), key=lambda site: [site.name])


@router.post("/sites", status_code=201, response_model=SiteShown)
def create_site(body: NewSite, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Set up a site."""

    def make() -> SiteShown:
        site = add_site(
            web.context, me.workspace.id, body.name, hosts=body.hosts, key_events=body.key_events,
            others=body.other_conversions, actor=me.actor,
        )  # fmt: skip
        return shown(web, site)

    return once.run(me, body, make)


@router.get("/sites/funnel")
def show_funnel(
    me: MaySee, web: Web, session: Reading, days: Days = 30, window: Window = WINDOW.days
) -> FunnelShown:
    """The way from clicks to conversions on all sites, with what is lost at each step."""
    start, end = stretch(days, me.workspace.zone, now=web.context.clock())
    found = funnel(session, me.workspace.id, start=start, end=end, window=timedelta(days=window))
    told = {"start": start, "end": end, "window_days": window, **found.document()}
    return FunnelShown.model_validate(told)


@router.get("/sites/{site_id}")
def show_site(site_id: RowId, me: MaySee, web: Web, session: Reading) -> SiteShown:
    """One site."""
    return shown(web, sites.get(session, me.workspace.id, site_id))


@router.patch("/sites/{site_id}")
def update_site(site_id: RowId, body: SiteChange, web: Web, me: MayEdit) -> SiteShown:
    """Change a site; which conversions are key events holds for earlier ones too."""
    site = change_site(
        web.context, me.workspace.id, site_id, name=body.name, hosts=body.hosts, key_events=body.key_events,
        others=body.other_conversions, actor=me.actor,
    )  # fmt: skip
    return shown(web, site)


@router.delete("/sites/{site_id}", status_code=204)
def delete_site(site_id: RowId, web: Web, me: MayEdit) -> Response:
    """Count nothing more on a site; what was counted stays."""
    remove_site(web.context, me.workspace.id, site_id, actor=me.actor)
    return Response(status_code=204)


@router.get("/attribution")
def show_attribution(  # noqa: PLR0917 - FastAPI passes them by name
    me: MaySee,
    web: Web,
    session: Reading,
    by: OwedBy = OwedBy.CHANNEL,
    of: What = What.CONVERSIONS,
    days: Days = 30,
    window: Window = WINDOW.days,
) -> AttributionShown:
    """What each channel, route or platform is owed of the conversions, by seven models."""
    start, end = stretch(days, me.workspace.zone, now=web.context.clock())
    found = attribution(
        session, me.workspace.id, start=start, end=end, window=timedelta(days=window), by=by, what=of
    )
    return AttributionShown.model_validate(
        {"start": start, "end": end, "window_days": window, **vars_of(found)}, from_attributes=True
    )


def vars_of(found: object) -> dict[str, object]:
    """The fields of a dataclass with slots."""
    return {name: getattr(found, name) for name in found.__dataclass_fields__}  # type: ignore[attr-defined]
