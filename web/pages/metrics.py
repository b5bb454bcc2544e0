"""What the numbers mean: every metric and rate with its formula, and per platform where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from domain.breaks import Break
from domain.catalogue import CATALOGUE
from domain.definition import OWN_SOURCE, Definition, Shape
from domain.person import Permission
from publishers.metric_sources import Source, behind, breaks, sources
from store import channels
from web.auth import MaySee, Needs
from web.deps import Reading, show, voice_of
from web.figures import formula
from web.i18n import Voice
from web.i18n import marked as N_
from web.said import said
from web.typed import Typed

router = APIRouter(include_in_schema=False, dependencies=[Depends(Needs(Permission.SEE))])

#: Whether values may be added up, by how they behave.
_ADDS_UP = {
    Shape.FLOW: N_("adds up over posts and time"),
    Shape.POSTS: N_("adds up over posts and time"),
    Shape.GROWTH: N_("adds up over channels and time"),
    Shape.STOCK: N_("adds up over channels, not over time"),
    Shape.UNIQUE: N_("is never added up"),
    Shape.LARGEST: N_("is never added up"),
    Shape.RATE: N_("is not added up: both parts are summed first"),
    Shape.MEAN: N_("is not added up: every post weighs the same"),
    Shape.GROWTH_RATE: N_("is not added up"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """Where a metric comes from on one platform, in the reader's words."""

    platform: str
    metric: str
    field: str
    since: date | None
    until: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One metric or rate, in the reader's words."""

    key: str
    name: str
    definition: str
    formula: str
    version: int
    adds_up: str
    sources: Sequence[Given]
    breaks: Sequence[str]


@router.get("/statistics/metrics")
def what_numbers_mean(
    request: Request,
    session: Reading,
    me: MaySee,
    platforms: Annotated[Typed, Query(max_length=8)] = "",
) -> Response:
    """The catalogue; of the platforms of the workspace's channels, or of all."""
    voice = voice_of(request)
    mine = {row.platform for row in channels.listed(session, me.workspace.id)}
    every = platforms == "all" or not mine
    given, changed = (sources(), breaks()) if every else (sources(sorted(mine)), breaks(sorted(mine)))
    entries = [_entry(one, given, changed, voice) for one in CATALOGUE.values()]
    return show(
        request,
        "pages/metrics.html",
        counts=[one for one in entries if CATALOGUE[one.key].denominator is None],
        rates=[one for one in entries if CATALOGUE[one.key].denominator is not None],
        every=every,
        has_channels=bool(mine),
    )


def _entry(entry: Definition, given: Sequence[Source], changed: Sequence[Break], voice: Voice) -> Entry:
    return Entry(
        key=str(entry.key),
        name=said(voice, entry.name),
        definition=said(voice, entry.definition),
        formula=formula(entry, voice),
        version=entry.version,
        adds_up=voice.gettext(_ADDS_UP[entry.shape]),
        sources=[] if entry.outside else [_given(one, voice) for one in behind(entry.needs, given)],
        breaks=[
            f"{voice.date(one.on)}: {said(voice, one.what)}"
            for one in changed
            if not entry.outside and one.metric in entry.needs
        ],
    )


def _given(one: Source, voice: Voice) -> Given:
    field = one.field or voice.gettext("counted from what the platform lists")
    if field == OWN_SOURCE:
        field = voice.gettext("counted by Tabuh")
    note = "; ".join(filter(None, (f"“{one.word}”" if one.word else "", one.note)))
    return Given(one.title, said(voice, CATALOGUE[one.metric].name), field, one.since, one.until, note)
