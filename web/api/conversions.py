"""Conversions, told from server to server: each counts once, and what is given back is a row of its own."""

from datetime import datetime
from functools import partial
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from scheduler.conversions import LARGEST_SHEET, Told, import_sheet, tell
from store import conversions
from store.tables import Conversion
from web.api.base import Body, Listing, Pages, RowId, api_router
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web
from web.posted import clean

router = api_router("conversions")

Text = Annotated[str, StringConstraints(max_length=100), AfterValidator(clean)]
_KEY = r"^[\x21-\x7e]+$"


class ConversionShown(BaseModel):
    """One conversion; with ``refund_of``, what was given back of one."""

    id: RowId
    site_id: RowId
    key: str
    name: str
    #: Counts as success, by the settings of its site.
    is_key: bool
    at: datetime
    arrived_at: datetime
    #: Minor units of the currency (ISO 4217); below 0: given back; null: no value.
    minor: int | None
    currency: str | None
    order: str | None
    source: str
    visit_id: RowId | None
    click_id: RowId | None
    post_id: RowId | None
    channel_id: RowId | None
    route_id: RowId | None
    refund_of: RowId | None


class NewConversion(Body):
    """A conversion. Its key is the header Idempotency-Key, ``key``, or else made from ``order``."""

    site_id: RowId
    name: Text = "order"
    key: Text = ""
    #: When it happened; left out: now.
    at: AwareDatetime | None = None
    #: In units of the currency, such as "125000" or "12.50"; or ``minor``, in minor units.
    value: Text = ""
    minor: Annotated[int | None, Field(ge=0, le=10**12)] = None
    currency: Text = ""
    order: Text = ""
    #: What `tabuh('click')` and `tabuh('visitor')` of the script gave.
    click: Text = ""
    visitor: Text = ""
    #: The order or key of the conversion of which this is given back; without a value: all that is left.
    refund_of: Text = ""


class WrongShown(BaseModel, from_attributes=True):
    """A row that cannot be taken."""

    line: int
    sentence: str


class ImportedShown(BaseModel):
    """What became of a sheet."""

    rows: int
    new: int
    known: int
    refunds: int
    #: False: nothing was kept, since it was only tried or something is wrong.
    kept: bool
    wrong: list[WrongShown]


def shown(row: Conversion) -> ConversionShown:
    """A conversion as answers have it."""
    return ConversionShown.model_validate({**row.model_dump(), "order": row.order_ref})


@router.get("/conversions")
def list_conversions(
    me: MaySee, session: Reading, pages: Pages, site_id: Annotated[RowId | None, Query()] = None
) -> Listing[ConversionShown]:
    """Conversions and refunds, those that arrived last first."""
    after = pages.after(int)
    rows = conversions.listed(
        session, me.workspace.id, site_id=site_id, before=after[0] if after else None, limit=pages.limit + 1
    )
    return pages.cut(rows, shown, key=lambda row: [row.id])


@router.post("/conversions", status_code=201, response_model=ConversionShown)
def create_conversion(
    body: NewConversion,
    web: Web,
    me: MayEdit,
    idempotency_key: Annotated[str | None, Header(max_length=100, pattern=_KEY)] = None,
) -> Response:
    """Tell of a conversion. The same key with the same words counts once; with others it is refused (422)."""
    fields = body.model_dump(exclude={"site_id", "key"})
    told = Told(**fields, key=body.key or idempotency_key or "")
    row, is_new = tell(web.context, me.workspace.id, body.site_id, told, actor=me.actor)
    headers = {} if is_new else {"Idempotency-Replayed": "true"}
    return JSONResponse(shown(row).model_dump(mode="json"), 201 if is_new else 200, headers=headers)


@router.post("/conversions/import")
async def import_conversions(
    request: Request,
    web: Web,
    me: MayEdit,
    site_id: Annotated[RowId, Query()],
    dry_run: Annotated[bool, Query()] = False,
) -> ImportedShown:
    """Take the rows of a CSV sheet, sent as the body: all or none. Wrong rows are listed, each with why."""
    raw = b""
    async for piece in request.stream():
        raw += piece
        if len(raw) > LARGEST_SHEET:
            break
    take = partial(import_sheet, web.context, me.workspace.id, site_id, raw, dry_run=dry_run, actor=me.actor)
    return ImportedShown.model_validate(await run_sync(take), from_attributes=True)
