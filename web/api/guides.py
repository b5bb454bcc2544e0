"""The KPI guide for programs: its versions, files, links, and who has read it."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import HTTPException, Query, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from domain.guide import Guide
from domain.person import Scope
from scheduler import guides as commands
from scheduler.guiding import as_frozen, as_of_now
from store import guides
from store.engine import reading
from store.tables import GuideLink
from web.api.base import Body, Line, Listing, Pages, Repeatable, RowId, api_router
from web.api.shapes import in_pages
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext
from web.i18n import Voice
from web.pages.guides import as_download, version_shown
from web.reports.guide import FORMATS, document

router = api_router("kpis")

Language = Literal["en", "id"]
#: Versions of a guide are counted from 1.
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Version = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


class GuideShown(BaseModel):
    """A guide in one language, and the values that it is made of."""

    version: int
    frozen_at: datetime | None
    #: When the coverage was counted: now, or when the version was frozen.
    counted_at: datetime
    current: bool
    language: str
    title: str
    changes: list[str]
    kpis: list[dict[str, Any]]


class GuideVersionShown(BaseModel):
    """One version, and what it changed."""

    number: int
    at: datetime
    changes: list[str]
    #: How many members have confirmed it.
    read: int


class ReaderShown(BaseModel):
    """A member, and whether this member has read the version."""

    person_id: RowId
    name: str
    read_at: datetime | None
    #: The newest version read before; 0: none.
    last_number: int
    waiting_since: datetime | None


class SaidShown(BaseModel):
    """Somebody who read by a link and typed a name, which nobody checked."""

    name: str
    at: datetime
    link: str


class ReceiptsShown(BaseModel):
    """Who has read a version, and who has not."""

    version: int
    read: int
    readers: list[ReaderShown]
    said: list[SaidShown]


class NewReceipt(Body):
    """A version that was read."""

    #: Null: the newest.
    version: Number | None = None


class NewGuideLink(Body):
    """A link to make."""

    #: Whom it is for.
    name: Line
    days: Annotated[int, Field(ge=1, le=365)] = 30
    language: Language = "en"
    #: The version that it shows; null: always the newest.
    version: Number | None = None


class GuideLinkShown(BaseModel):
    """A link to the guide, without its secret address."""

    id: RowId
    name: str
    language: str
    version: int | None
    created_at: datetime
    expires_at: datetime
    opened: int
    opened_at: datetime | None


class MadeGuideLink(GuideLinkShown):
    """A link that was just made."""

    #: Answered once; null in a repetition.
    address: str | None


def _link(row: GuideLink) -> GuideLinkShown:
    return GuideLinkShown(**row.model_dump(), version=row.number)


@router.get("/kpi-guide")
def get_guide(web: Web, me: MaySee, version: Version = None, language: Language = "en") -> GuideShown:
    """The guide of now, or a version as it was frozen. 404 before the first KPI."""
    guide = _guide(web, me, version)
    return GuideShown(**document(guide, Voice(language, guide.head.zone)))


def _guide(web: WebContext, me: Member, number: int | None) -> Guide:
    if number is None:
        commands.current(web.context, me.workspace.id)
    with reading(web.context.engine) as session:
        if number is None:
            return as_of_now(web.context, session, me.workspace.id)
        return as_frozen(session, guides.version(session, me.workspace.id, number))


@router.get(
    "/kpi-guide/file/{kind}",
    response_class=Response,
    responses={200: {"content": {media.partition(";")[0]: {} for media, _ in FORMATS.values()}}},
)
def get_guide_file(
    kind: Literal["pdf", "html", "markdown", "json"],
    web: Web,
    me: MaySee,
    version: Version = None,
    language: Language = "en",
) -> Response:
    """The guide as a file."""
    guide = _guide(web, me, version)
    return as_download(guide, kind, Voice(language, guide.head.zone))


@router.get("/kpi-guide/versions")
def list_versions(
    web: Web, me: MaySee, pages: Pages, language: Language = "en"
) -> Listing[GuideVersionShown]:
    """Versions, newest first, each with what it changed against the one before."""
    after, voice = pages.after(int), Voice(language, me.workspace.zone)
    with reading(web.context.engine) as session:
        rows = guides.versions(
            session, me.workspace.id, limit=pages.limit + 1, before=after[0] if after else None
        )
        shown = [version_shown(session, row, voice, me.workspace.zone) for row in rows]
    return pages.cut(
        shown,
        lambda one: GuideVersionShown(number=one.number, at=one.at, changes=one.changes, read=one.read),
        key=lambda one: [one.number],
    )


@router.get("/kpi-guide/receipts")
def get_receipts(web: Web, me: MaySee, session: Reading, version: Version = None) -> ReceiptsShown:
    """Who has read a version (the newest, if not said), and who has not."""
    return _receipts(web, me, session, version)


def _receipts(web: WebContext, me: Member, session: Session, number: int | None) -> ReceiptsShown:
    if number is None:
        row = commands.current(web.context, me.workspace.id)
    else:
        row = guides.version(session, me.workspace.id, number)
    found = commands.receipts(session, row)
    return ReceiptsShown(
        version=found.number,
        read=found.read,
        readers=[_reader(one) for one in found.readers],
        said=[SaidShown(name=one.name, at=one.at, link=one.link) for one in found.said],
    )


def _reader(one: commands.Reader) -> ReaderShown:
    return ReaderShown(
        person_id=one.person_id, name=one.name, read_at=one.read_at, last_number=one.last_number,
        waiting_since=one.waiting_since,
    )  # fmt: skip


@router.post("/kpi-guide/receipts", status_code=201, response_model=ReaderShown)
def confirm_reading(body: NewReceipt, web: Web, me: MaySee, once: Repeatable) -> Response:
    """Confirm that the token's owner has read a version. Each member says so once; again changes nothing."""
    if Scope.WRITE not in me.scopes:
        raise HTTPException(403, "This API token may only read. Make one with the scope write.")

    def make() -> ReaderShown:
        row, _ = commands.confirm(
            web.context, me.workspace.id, me.person.id, number=body.version, actor=me.actor
        )
        with reading(web.context.engine) as session:
            found = commands.receipts(session, row)
        [mine] = [one for one in found.readers if one.person_id == me.person.id]
        return _reader(mine)

    return once.run(me, body, make)


@router.get("/kpi-guide/links")
def list_links(me: MaySee, session: Reading, pages: Pages) -> Listing[GuideLinkShown]:
    """The links to the guide that were not revoked."""
    return in_pages(pages, guides.links(session, me.workspace.id), _link)


@router.post("/kpi-guide/links", status_code=201, response_model=MadeGuideLink)
def make_link(body: NewGuideLink, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Make a secret address at which the guide is read without signing in."""

    def make() -> MadeGuideLink:
        row, address = commands.share(
            web.context,
            me.workspace.id,
            name=body.name,
            lasts=timedelta(days=body.days),
            language=body.language,
            number=body.version,
            actor=me.actor,
        )
        return MadeGuideLink(**_link(row).model_dump(), address=address)

    return once.run(me, body, make, secret=frozenset({"address"}))


@router.post("/kpi-guide/links/{link_id}/revoke")
def revoke_link(link_id: RowId, web: Web, me: MayEdit) -> GuideLinkShown:
    """End a link to the guide."""
    return _link(commands.revoke(web.context, me.workspace.id, link_id, actor=me.actor))
