"""Surveys, brands with their mentions, and testimonials."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from scheduler import brands as brand_commands
from scheduler import surveys as survey_commands
from scheduler import testimonials as testimonial_commands
from store import brands, surveys, testimonials
from store.engine import reading
from store.tables import Testimonial
from web.api.base import Body, Line, Listing, Pages, Repeatable, RowId, api_router
from web.api.shapes import Address, Text, in_pages
from web.auth import MayEdit, MaySee
from web.deps import Reading, Web, WebContext

router = api_router("business")

Word = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]


class NewSurvey(Body):
    """A question to ask."""

    name: Line
    #: ``csat`` asks for 1 to 5, ``nps`` for 0 to 10.
    kind: Literal["csat", "nps"]
    #: Empty: the usual one, in each reader's language.
    question: Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    #: The last day to answer, on the workspace's clock.
    closes_on: Day | None = None


class SurveyShown(BaseModel):
    """A survey and how it stands."""

    id: RowId
    name: str
    kind: str
    question: str
    address: str
    is_open: bool
    #: Pages that people opened; programs are left out.
    opened: int
    answered: int
    #: Answers for each page that a person opened; null: nobody did.
    rate: float | None
    #: CSAT in percent or NPS in points, and the ends of its 95 % interval; null: nobody answered.
    score: float | None
    interval: tuple[float, float] | None
    #: Answer → how often it was given.
    scores: dict[str, int]
    closes_at: datetime | None
    created_at: datetime
    closed_at: datetime | None


class LinksBody(Body):
    """How many personal links to make."""

    count: Annotated[int, Field(ge=1, le=1_000)] = 1


class LinksShown(BaseModel):
    """Personal links: each takes one answer; they are not stored."""

    links: list[str]


class NewBrand(Body):
    """A brand to track."""

    name: Line
    is_own: bool = False


class MentionSourceShown(BaseModel):
    """A feed whose entries are mentions."""

    id: RowId
    feed_id: RowId
    feed: str
    query: str


class SearchShown(BaseModel):
    """A source whose days were brought in, and what was searched for there."""

    source: str
    query: str


class CollectedShown(BaseModel):
    """A channel whose platform tells who mentions it: all that was said from then to then is counted."""

    channel_id: RowId
    channel: str
    platform: str
    since: datetime
    until: datetime


class BrandShown(BaseModel):
    """A brand, and what counts its mentions."""

    id: RowId
    name: str
    is_own: bool
    created_at: datetime
    feeds: list[MentionSourceShown]
    #: Sources of imports and of counts by hand.
    sources: list[SearchShown]
    #: Of the own brand.
    channels: list[CollectedShown]


class NewSource(Body):
    """A feed to count, and what it searches for."""

    feed_id: RowId
    query: Word = ""


class NewMentions(Body):
    """How often a brand was mentioned on a day."""

    day: Day
    number: Annotated[int, Field(ge=0, le=999_999_999)]
    source: Line
    query: Word = ""


class NewTestimonial(Body):
    """What somebody said."""

    text: Text
    link: Address | None = None
    #: Only with ``consent``.
    rater: Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    consent: bool = False
    source: Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    #: Null: judge it later.
    is_positive: bool | None = None


class Judgement(Body):
    """Whether a testimonial speaks well of the brand."""

    is_positive: bool


class TestimonialShown(BaseModel):
    """A testimonial."""

    id: RowId
    text: str
    link: str | None
    rater: str | None
    source: str
    is_positive: bool | None
    at: datetime


@router.get("/surveys")
def get_surveys(web: Web, session: Reading, me: MaySee, pages: Pages) -> Listing[SurveyShown]:
    """All surveys, newest first."""
    ids = [row.id for row in surveys.listed(session, me.workspace.id)]
    return in_pages(pages, ids, lambda survey_id: _survey(web, me.workspace.id, survey_id))


@router.post("/surveys", status_code=201, response_model=SurveyShown)
def post_survey(body: NewSurvey, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Ask a question behind a short link."""

    def make() -> SurveyShown:
        row = survey_commands.add_survey(
            web.context, me.workspace.id, name=body.name, kind=body.kind, question=body.question,
            closes_on=body.closes_on, actor=me.actor,
        )  # fmt: skip
        return _survey(web, me.workspace.id, row.id)

    return once.run(me, body, make)


@router.get("/surveys/{survey_id}")
def get_survey(web: Web, me: MaySee, survey_id: RowId) -> SurveyShown:
    """One survey."""
    return _survey(web, me.workspace.id, survey_id)


@router.post("/surveys/{survey_id}/close")
def post_close(web: Web, me: MayEdit, survey_id: RowId) -> SurveyShown:
    """Take no more answers."""
    survey_commands.close_survey(web.context, me.workspace.id, survey_id, actor=me.actor)
    return _survey(web, me.workspace.id, survey_id)


@router.post("/surveys/{survey_id}/links", status_code=201)
def post_links(body: LinksBody, web: Web, session: Reading, me: MayEdit, survey_id: RowId) -> LinksShown:
    """Personal links, each for one answer."""
    row = surveys.get(session, me.workspace.id, survey_id)
    return LinksShown(links=survey_commands.personal_links(web.context, row, body.count))


def _survey(web: WebContext, workspace_id: int, survey_id: int) -> SurveyShown:
    found = survey_commands.tally(web.context, workspace_id, survey_id)
    row, score = found.survey, found.score
    least, most = survey_commands.SCORES[row.kind]
    return SurveyShown(
        id=row.id, name=row.name, kind=row.kind, question=row.question,
        address=survey_commands.address(web.context, row),
        is_open=survey_commands.is_open(row, web.context.clock()), opened=row.opened, answered=found.answered,
        rate=found.rate, score=score.value if score else None,
        interval=(score.lower, score.upper) if score else None,
        scores={str(one): found.scores.get(one, 0) for one in range(least, most + 1)},
        closes_at=row.closes_at, created_at=row.created_at, closed_at=row.closed_at,
    )  # fmt: skip


@router.get("/brands")
def get_brands(session: Reading, me: MaySee, pages: Pages) -> Listing[BrandShown]:
    """The own brand and its competitors."""
    ids = [row.id for row in brands.listed(session, me.workspace.id)]
    return in_pages(pages, ids, lambda brand_id: _brand(session, me.workspace.id, brand_id))


@router.post("/brands", status_code=201, response_model=BrandShown)
def post_brand(body: NewBrand, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Track a brand."""

    def make() -> BrandShown:
        row = brand_commands.add_brand(
            web.context, me.workspace.id, body.name, own=body.is_own, actor=me.actor
        )
        return _read(web, me.workspace.id, row.id)

    return once.run(me, body, make)


@router.post("/brands/{brand_id}/feeds", status_code=201, response_model=BrandShown)
def post_source(body: NewSource, web: Web, me: MayEdit, brand_id: RowId, once: Repeatable) -> Response:
    """Count a feed's entries as mentions."""

    def make() -> BrandShown:
        brand_commands.watch(
            web.context, me.workspace.id, brand_id, body.feed_id, query=body.query, actor=me.actor
        )
        return _read(web, me.workspace.id, brand_id)

    return once.run(me, body, make)


@router.delete("/brands/{brand_id}/feeds/{source_id}")
def delete_source(web: Web, me: MayEdit, brand_id: RowId, source_id: RowId) -> BrandShown:
    """Count a feed's entries no more, those of the past included."""
    shown = _read(web, me.workspace.id, brand_id)
    brand_commands.unwatch(web.context, me.workspace.id, source_id, actor=me.actor)
    return _read(web, me.workspace.id, shown.id)


@router.post("/brands/{brand_id}/mentions", status_code=201, response_model=BrandShown)
def post_mentions(body: NewMentions, web: Web, me: MayEdit, brand_id: RowId, once: Repeatable) -> Response:
    """Write a day's count down; the same day, source and query is told anew."""

    def make() -> BrandShown:
        brand_commands.note_mentions(
            web.context, me.workspace.id, brand_id, day=body.day, number=body.number, source=body.source,
            query=body.query, actor=me.actor,
        )  # fmt: skip
        return _read(web, me.workspace.id, brand_id)

    return once.run(me, body, make)


def _read(web: WebContext, workspace_id: int, brand_id: int) -> BrandShown:
    with reading(web.context.engine) as session:
        return _brand(session, workspace_id, brand_id)


def _brand(session: Session, workspace_id: int, brand_id: int) -> BrandShown:
    row = brands.get(session, workspace_id, brand_id)
    of = [(one, feed) for one, feed in brands.sources(session, workspace_id) if one.brand_id == row.id]
    return BrandShown(
        id=row.id, name=row.name, is_own=row.is_own, created_at=row.created_at,
        feeds=[
            MentionSourceShown(id=one.id, feed_id=feed.id, feed=feed.title or feed.url, query=one.query)
            for one, feed in of
        ],
        sources=[
            SearchShown(source=source, query=query)
            for source, query in brands.searches(session, workspace_id, row.id)
        ],
        channels=[
            CollectedShown(
                channel_id=one.id, channel=one.name, platform=one.platform, since=one.mentions_since,
                until=one.mentions_until,
            )
            for one in brands.collecting(session, workspace_id, [row.id])
            if one.mentions_since is not None and one.mentions_until is not None
        ],
    )  # fmt: skip


@router.get("/testimonials")
def get_testimonials(session: Reading, me: MaySee, pages: Pages) -> Listing[TestimonialShown]:
    """All testimonials, newest first."""
    return in_pages(pages, testimonials.listed(session, me.workspace.id), _testimonial)


@router.post("/testimonials", status_code=201, response_model=TestimonialShown)
def post_testimonial(body: NewTestimonial, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Write a testimonial down; a name is kept only with consent."""

    def make() -> TestimonialShown:
        return _testimonial(
            testimonial_commands.add_testimonial(
                web.context, me.workspace.id, text=body.text, link=body.link or "", rater=body.rater,
                consent=body.consent, source=body.source, positive=body.is_positive, actor=me.actor,
            )
        )  # fmt: skip

    return once.run(me, body, make)


@router.post("/testimonials/{testimonial_id}/judge")
def post_judgement(body: Judgement, web: Web, me: MayEdit, testimonial_id: RowId) -> TestimonialShown:
    """Say whether a testimonial speaks well of the brand: only those that do are counted."""
    return _testimonial(
        testimonial_commands.judge(
            web.context, me.workspace.id, testimonial_id, positive=body.is_positive, actor=me.actor
        )
    )


def _testimonial(row: Testimonial) -> TestimonialShown:
    return TestimonialShown.model_validate(row.model_dump())
