"""Evergreens: texts that come back in slots that would stay empty."""

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, Field

from domain.content import Content
from domain.evergreen import LONGEST_COOLDOWN, LONGEST_FILL, MOST_CYCLES, MOST_VARIANTS, Rules, season
from domain.post import PostState
from scheduler import evergreens as commands
from store import evergreens
from store.tables import Evergreen
from web.api.base import Body, Line, Listing, Pages, Repeatable, RowId, api_router
from web.api.post_shapes import Link, Text
from web.api.shapes import in_pages
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web

router = api_router("evergreens")

Cooldown = Annotated[int, Field(ge=1, le=LONGEST_COOLDOWN)]
Cycles = Annotated[int, Field(ge=1, le=MOST_CYCLES)]
Fill = Annotated[int, Field(ge=1, le=LONGEST_FILL)]
#: Month and day of the first and last day of each year, such as ``12-01..01-15``; empty: all year.
Season = Annotated[str, Field(max_length=20)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]


class VariantBody(Body):
    """One text of an evergreen."""

    text: Text
    link: Link | None = None


Variants = Annotated[list[VariantBody], Field(min_length=1, max_length=MOST_VARIANTS)]


class NewEvergreen(Body):
    """An evergreen to make."""

    name: Line
    channel_id: RowId
    variants: Variants
    cooldown_days: Cooldown = 30
    max_cycles: Cycles | None = None
    season: Season = ""
    #: The last day on which it may go out, in the channel's zone.
    last_day: Day | None = None
    fill_days: Fill = 2
    campaign: Annotated[str, Field(max_length=80)] | None = None


class EvergreenBody(Body):
    """Its rules and texts, all of them anew."""

    variants: Variants
    cooldown_days: Cooldown
    max_cycles: Cycles | None = None
    season: Season = ""
    last_day: Day | None = None
    fill_days: Fill = 2


class VariantShown(BaseModel):
    """One text."""

    text: str
    link: str | None


class EvergreenShown(BaseModel):
    """An evergreen, its rules, and what it waits for."""

    id: RowId
    name: str
    channel_id: RowId
    variants: list[VariantShown]
    cooldown_days: int
    max_cycles: int | None
    season_from: str | None
    season_to: str | None
    last_day: str | None
    fill_days: int
    campaign: str | None
    #: Cycles made so far.
    cycles: int
    #: Why it takes no slot now.
    reason: str | None
    paused_at: datetime | None
    ended_at: datetime | None
    next_at: datetime | None
    created_at: datetime


class CycleShown(BaseModel):
    """One post that it became."""

    id: RowId
    cycle: int
    state: PostState
    planned_at: datetime | None
    published_at: datetime | None
    text: str


class EvergreenDetail(EvergreenShown):
    """An evergreen with the latest posts that it became, newest first."""

    posts: list[CycleShown]


def _rules(body: NewEvergreen | EvergreenBody) -> Rules:
    return Rules(
        cooldown=timedelta(days=body.cooldown_days),
        max_cycles=body.max_cycles,
        season=season(body.season),
        last_day=body.last_day,
        fill=timedelta(days=body.fill_days),
    )


def _contents(found: list[VariantBody]) -> list[Content]:
    return [Content(one.text, link=one.link) for one in found]


def _shown(row: Evergreen) -> EvergreenShown:
    variants = [{"text": one["text"], "link": one.get("link")} for one in row.variants]
    return EvergreenShown.model_validate({**row.model_dump(), "variants": variants})


@router.get("/evergreens")
def list_evergreens(me: MaySee, session: Reading, pages: Pages) -> Listing[EvergreenShown]:
    """All evergreens, those that still run first."""
    return in_pages(pages, evergreens.listed(session, me.workspace.id), _shown)


@router.post("/evergreens", status_code=201, response_model=EvergreenShown)
def make_evergreen(body: NewEvergreen, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Make an evergreen; with the same Idempotency-Key it is made once."""

    def make() -> EvergreenShown:
        row = commands.add_evergreen(
            web.context, me.workspace.id, name=body.name, channel_id=body.channel_id,
            variants=_contents(body.variants), rules=_rules(body), campaign=body.campaign, actor=me.actor,
        )  # fmt: skip
        web.wake()
        return _shown(row)

    return once.run(me, body, make)


@router.get("/evergreens/{evergreen_id}")
def get_evergreen(evergreen_id: RowId, me: MaySee, session: Reading) -> EvergreenDetail:
    """One evergreen with the posts that it became."""
    row = evergreens.get(session, me.workspace.id, evergreen_id)
    cycles = [
        CycleShown.model_validate(
            {**post.model_dump(), "cycle": post.evergreen_cycle, "text": post.content["text"]}
        )
        for post in evergreens.cycles_of(session, row.id)
    ]
    return EvergreenDetail(**_shown(row).model_dump(), posts=cycles)


@router.put("/evergreens/{evergreen_id}")
def change_evergreen(evergreen_id: RowId, body: EvergreenBody, web: Web, me: MayEdit) -> EvergreenShown:
    """Give it other rules and texts; what is queued already stays."""
    row = commands.change_evergreen(
        web.context, me.workspace.id, evergreen_id, variants=_contents(body.variants), rules=_rules(body),
        actor=me.actor,
    )  # fmt: skip
    web.wake()
    return _shown(row)


@router.post("/evergreens/{evergreen_id}/pause")
def pause_evergreen(evergreen_id: RowId, web: Web, me: MayEdit) -> EvergreenShown:
    """Take no further slot until it is resumed."""
    return _shown(commands.pause_evergreen(web.context, me.workspace.id, evergreen_id, actor=me.actor))


@router.post("/evergreens/{evergreen_id}/resume")
def resume_evergreen(evergreen_id: RowId, web: Web, me: MayEdit) -> EvergreenShown:
    """Let it go on."""
    row = commands.resume_evergreen(web.context, me.workspace.id, evergreen_id, actor=me.actor)
    web.wake()
    return _shown(row)


@router.post("/evergreens/{evergreen_id}/end")
def end_evergreen(evergreen_id: RowId, web: Web, me: MayEdit) -> EvergreenShown:
    """No further cycle, for good."""
    return _shown(commands.end_evergreen(web.context, me.workspace.id, evergreen_id, actor=me.actor))
