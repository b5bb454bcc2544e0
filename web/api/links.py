"""Short links: made, changed, taken away; their clicks, and the domain that they are printed with."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import AfterValidator, BaseModel, StringConstraints
from sqlmodel import Session

from domain.metrics import Audience
from scheduler.links import add_link, addresses, change_link, remove_link, restore_link, set_domain
from store import clicks, link_domains, links
from store.clicks import Faces
from store.engine import reading
from store.tables import Link
from web.api.base import Body, Listing, Pages, Repeatable, RowId, api_router
from web.auth import MayAdminister, MayEdit, MaySee, Member
from web.codes import qr_png, qr_svg
from web.deps import Reading, Web, WebContext
from web.link_words import reason, rows, stretch
from web.posted import clean

router = api_router("links")

Address = Annotated[str, StringConstraints(max_length=2_048), AfterValidator(clean)]
Note = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean)]


class Counts(BaseModel):
    """Clicks by who made them; all of them together are the total."""

    human: int
    bot: int
    unknown: int


class LinkShown(BaseModel):
    """One short link, with its clicks since it was made."""

    id: RowId
    code: str
    #: The whole short address.
    address: str
    target: str
    note: str | None
    #: The post that carries it; null: it was made by itself.
    post_id: RowId | None
    created_at: datetime
    #: When it was taken away; null: it leads to its target.
    removed_at: datetime | None
    clicks: Counts


class NewLink(Body):
    """Where a link leads, and what its code shall be; without a code, one is drawn at random."""

    target: Address
    code: Annotated[str, StringConstraints(max_length=64), AfterValidator(clean)] = ""
    note: Note = ""


class LinkChange(Body):
    """What changes; what is left out stays. ``removed`` true takes the link away, false brings it back."""

    target: Address | None = None
    note: Note | None = None
    removed: bool | None = None


class ReasonShown(BaseModel):
    """Clicks of one class for one reason."""

    audience: Audience
    #: null: not kept, the click is older than reasons.
    why: str | None
    words: str
    clicks: int


class DayShown(BaseModel):
    """The clicks of one day of the workspace's zone."""

    day: date
    clicks: Counts
    #: Different clickers among the people's clicks that have a hash; null: none has one.
    people: int | None
    #: Clicks of people that have a hash: ``people`` is counted from these.
    people_known_of: int


class ClickHourShown(BaseModel):
    """The clicks of one hour."""

    hour: datetime
    clicks: Counts


class ClickShareShown(BaseModel):
    """Clicks of people that have one origin or country; null: it was not said."""

    name: str | None
    clicks: int


class LinkClicksShown(BaseModel):
    """The clicks of one link in a stretch of days, and how much of them is known."""

    link_id: RowId
    start: datetime
    end: datetime
    zone: str
    total: int
    clicks: Counts
    by_reason: list[ReasonShown]
    days: list[DayShown]
    hours: list[ClickHourShown]
    by_referrer: list[ClickShareShown]
    #: null: no file of countries is configured.
    by_country: list[ClickShareShown] | None
    #: Clicks of people whose country is known.
    country_known_of: int


class DomainShown(BaseModel):
    """The domain that links are printed with; null: they stand below the public address."""

    domain: str | None


class SetDomain(Body):
    """A domain that points to this server; null or empty: none."""

    domain: Annotated[str, StringConstraints(max_length=260), AfterValidator(clean)] | None = None


@router.get("/links")
def list_links(  # noqa: PLR0917 - FastAPI passes them by name
    web: Web,
    session: Reading,
    me: MaySee,
    paging: Pages,
    of: Annotated[Literal["", "own", "posts"], Query()] = "",
    words: Annotated[str, Query(max_length=200), AfterValidator(clean)] = "",
) -> Listing[LinkShown]:
    """Links of the workspace, newest first: all, only those made here, or only those of posts."""
    after = paging.after(int)
    own = {"own": True, "posts": False}.get(of)
    found = links.listed(
        session, me.workspace.id, own=own, words=words.strip(), before=after[0] if after else None,
        limit=paging.limit + 1,
    )  # fmt: skip
    shown = {one.id: one for one in _shown(web, session, me, found)}
    return paging.cut(found, lambda link: shown[link.id], lambda link: (link.id,))


@router.post("/links", status_code=201, response_model=LinkShown)
def post_link(body: NewLink, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Make a link; a code that was ever given is refused."""

    def make() -> LinkShown:
        link = add_link(
            web.context, me.workspace.id, body.target, code=body.code, note=body.note, actor=me.actor
        )
        return _one(web, me, link)

    return once.run(me, body, make)


@router.get("/links/{link_id}")
def get_link(web: Web, session: Reading, me: MaySee, link_id: RowId) -> LinkShown:
    """One link."""
    return _shown(web, session, me, [links.get(session, me.workspace.id, link_id)])[0]


@router.patch("/links/{link_id}")
def patch_link(link_id: RowId, body: LinkChange, web: Web, me: MayEdit) -> LinkShown:
    """Change where a link leads, its note, or whether it leads anywhere."""
    link = None
    if body.removed is False:
        link = restore_link(web.context, me.workspace.id, link_id, actor=me.actor)
    if link is None or body.target is not None or body.note is not None:
        link = change_link(
            web.context, me.workspace.id, link_id, target=body.target, note=body.note, actor=me.actor
        )
    if body.removed:
        link = remove_link(web.context, me.workspace.id, link_id, actor=me.actor)
    return _one(web, me, link)


@router.delete("/links/{link_id}", status_code=204)
def delete_link(link_id: RowId, web: Web, me: MayEdit) -> Response:
    """Take a link away; its clicks stay, and its code is never given again."""
    remove_link(web.context, me.workspace.id, link_id, actor=me.actor)
    return Response(status_code=204)


@router.get("/links/{link_id}/clicks")
def get_clicks(
    web: Web,
    session: Reading,
    me: MaySee,
    link_id: RowId,
    days: Annotated[int, Query(ge=1, le=3_660)] = 30,
) -> LinkClicksShown:
    """The clicks of a link in the last days of the workspace's zone, today included."""
    link = links.get(session, me.workspace.id, link_id)
    zone = me.workspace.zone
    start, end = stretch(days, zone, now=web.context.clock())
    found = clicks.faces(session, link, start=start, end=end, zone=zone)
    return _clicks(link, found, zone, countries=web.country is not None)


@router.get("/links/{link_id}/qr.{kind}", response_class=Response)
def get_code(web: Web, session: Reading, me: MaySee, link_id: RowId, kind: Literal["svg", "png"]) -> Response:
    """The QR code of a link's short address."""
    link = links.get(session, me.workspace.id, link_id)
    address = addresses(web.context, session, me.workspace.id).of(link)
    if kind == "svg":
        return Response(qr_svg(address), media_type="image/svg+xml")
    return Response(qr_png(address), media_type="image/png")


@router.get("/link-domain")
def get_domain(session: Reading, me: MaySee) -> DomainShown:
    """The domain that links are printed with."""
    return DomainShown(domain=link_domains.host_of(session, me.workspace.id))


@router.put("/link-domain")
def put_domain(body: SetDomain, web: Web, me: MayAdminister) -> DomainShown:
    """Change the domain that links are printed with; its DNS must point to this server."""
    return DomainShown(domain=set_domain(web.context, me.workspace.id, body.domain or "", actor=me.actor))


def _one(web: WebContext, me: Member, link: Link) -> LinkShown:
    with reading(web.context.engine) as session:
        return _shown(web, session, me, [link])[0]


def _shown(web: WebContext, session: Session, me: Member, found: Sequence[Link]) -> list[LinkShown]:
    where = addresses(web.context, session, me.workspace.id)
    return [
        LinkShown(
            id=row.link.id,
            code=row.link.code,
            address=row.address,
            target=row.link.target,
            note=row.link.note,
            post_id=row.link.post_id,
            created_at=row.link.created_at,
            removed_at=row.link.removed_at,
            clicks=_counts(row.counts),
        )
        for row in rows(session, found, where)
    ]


def _counts(by_audience: Mapping[Audience, int]) -> Counts:
    return Counts(**{audience.value: number for audience, number in by_audience.items()})


def _clicks(link: Link, found: Faces, zone: str, *, countries: bool) -> LinkClicksShown:
    return LinkClicksShown(
        link_id=link.id,
        start=found.start,
        end=found.end,
        zone=zone,
        total=found.total,
        clicks=_counts(found.by_audience),
        by_reason=[
            ReasonShown(audience=audience, why=why, words=reason(why, "en"), clicks=number)
            for audience, why, number in found.by_reason
        ],
        days=[
            DayShown(
                day=day.day,
                clicks=_counts(day.by_audience),
                people=day.people if day.with_hash else None,
                people_known_of=day.with_hash,
            )
            for day in found.days
        ],
        hours=[ClickHourShown(hour=hour, clicks=_counts(counts)) for hour, counts in found.hours],
        by_referrer=[ClickShareShown(name=name, clicks=number) for name, number in found.by_referrer],
        by_country=[ClickShareShown(name=name, clicks=number) for name, number in found.by_country]
        if countries or found.with_country
        else None,
        country_known_of=found.with_country,
    )
