"""What channels, routes and platforms are owed of the conversions, by seven models side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from analytics.owed import Attribution, OwedBy, What, attribution
from domain.windowed_figures import LONGEST
from store.engine import reading
from web.api.base import Window
from web.auth import MaySee, Member
from web.deps import Web, WebContext, show, voice_of
from web.link_words import STRETCHES, stretch
from web.parcels import parcels
from web.render import Column
from web.site_words import TITLES, owed_rows, path_rows, sheet

router = APIRouter()


@dataclass(frozen=True)
class Form:
    """What was chosen."""

    by: OwedBy = OwedBy.CHANNEL
    of: What = What.CONVERSIONS
    days: Annotated[int, Query(ge=1, le=3_660)] = 30
    window: Window = 30


Chosen = Annotated[Form, Depends()]


@router.get("/attribution")
def page(request: Request, web: Web, me: MaySee, form: Chosen) -> Response:
    """The table, and the ways that people took."""
    voice = voice_of(request)
    _ = voice.gettext
    found = _found(web, me, form)
    bys = {OwedBy.CHANNEL: _("Channel"), OwedBy.ROUTE: _("Route"), OwedBy.PLATFORM: _("Platform")}
    money = _("Revenue in %(currency)s", currency=found.currency)
    whats = {What.CONVERSIONS: _("Conversions"), What.REVENUE: money}
    return show(
        request,
        "pages/attribution.html",
        found=found,
        form=form,
        rows=owed_rows(found, voice),
        paths=path_rows(found, voice),
        columns=[
            Column("name", bys[form.by]),
            Column("journeys", _("Journeys"), numeric=True),
            *(Column(model, _(title), numeric=True) for model, title in TITLES.items()),
        ],
        bys=list(bys.items()),
        whats=list(whats.items()),
        stretches=[(one, voice.number(one)) for one in sorted({*STRETCHES, form.days})],
        longest=LONGEST,
        query=urlencode({"by": form.by, "of": form.of, "days": form.days, "window": form.window}),
    )


@router.get("/attribution.csv")
def table(web: Web, me: MaySee, form: Chosen) -> Response:
    """The same as CSV."""
    lines: Iterator[str] = sheet(_found(web, me, form))
    headers = {"Content-Disposition": 'attachment; filename="attribution.csv"'}
    return StreamingResponse(parcels(lines), media_type="text/csv; charset=utf-8", headers=headers)


def _found(web: WebContext, me: Member, form: Form) -> Attribution:
    start, end = stretch(form.days, me.workspace.zone, now=web.context.clock())
    window = timedelta(days=form.window)
    with reading(web.context.engine) as session:
        return attribution(
            session, me.workspace.id, start=start, end=end, window=window, by=form.by, what=form.of
        )
