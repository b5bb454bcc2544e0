"""How the API tells of published posts, their figures, and totals."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel

from analytics.against import Rank
from analytics.overview import Totals
from analytics.posts import PostLine, PostStatistics, Sibling
from analytics.usual import Point, Usual
from domain.metrics import Audience
from domain.post import AttemptOutcome, PostState, Sender
from store.tables import Measurement
from web.api.base import RowId
from web.api.shapes import FigureWithPassport, NamedRow, figures_shown


class Looked(BaseModel):
    """When the platform was asked for a post's numbers, and will be; null: not yet, or no more."""

    last_read_at: datetime | None
    next_at: datetime | None
    failures: int
    last_error: str | None
    #: Ages at which it was not read, because a budget or a cap did not allow every look.
    thinned_ages_seconds: list[int]


class RankShown(BaseModel):
    """A post's place among its channel's other posts at equal age."""

    #: What was compared, and at which age.
    key: str
    age_seconds: int
    #: Share of the others below it, ties counted half, 0 to 100.
    percentile: float
    #: Between which percentiles it lies with 95 % certainty.
    interval: tuple[float, float]
    #: With how many posts it was compared.
    posts: int


class PostFigures(BaseModel):
    """One published post with its figures, by key of the catalogue."""

    id: RowId
    text: str
    link: str | None
    channel: NamedRow
    route_id: RowId | None
    published_at: datetime
    remote_url: str | None
    #: ``native``: written on the platform itself, only measured here.
    sender: Sender
    #: Seen to be gone from its platform.
    deleted_at: datetime | None
    #: Its text was seen to be another there than we sent.
    changed_there_at: datetime | None
    figures: dict[str, FigureWithPassport]
    measurement: Looked | None
    #: Null: too few posts of its channel were measured at the same age.
    rank: RankShown | None


class PointShown(BaseModel):
    """A count at one age of the post."""

    age_seconds: int
    read_at: datetime
    value: int
    #: Read so long after that age that it is not compared with others.
    late: bool
    #: The platform's own fields; ``tabuh`` for our links and pages.
    sources: list[str]
    #: Less than at the look before.
    fell: bool
    #: Read from other fields than at the look before: the growth in between is not known.
    cut: bool


class BandShown(BaseModel):
    """The middle half of the channel's other posts at one age; null: too few to say."""

    age_seconds: int
    posts: int
    low: float | None
    middle: float | None
    high: float | None


class UsualShown(BaseModel):
    """How one count compares with the channel's other posts at equal age."""

    #: The oldest age at which it can be compared; null: not enough data.
    age_seconds: int | None
    #: Share of the others below it, 0 to 100.
    percentile: float | None
    #: The 90 % interval of that share (Clopper and Pearson), and with how many posts it was compared.
    percentile_low: float | None
    percentile_high: float | None
    posts: int
    bands: list[BandShown]


class HourShown(BaseModel):
    """Human clicks within one hour."""

    hour: datetime
    clicks: int


class ReferrerShown(BaseModel):
    """Human clicks from one host; null: it was not said."""

    host: str | None
    clicks: int


class ClicksShown(BaseModel):
    """Clicks on the post's own links."""

    by_audience: dict[Audience, int]
    by_hour: list[HourShown]
    by_referrer: list[ReferrerShown]


class SiblingShown(BaseModel):
    """A post of the same story on another channel; without figures unless it is published."""

    id: RowId
    channel: NamedRow
    state: PostState
    figures: dict[str, FigureWithPassport]


class BelongingShown(BaseModel):
    """The arm of an experiment that a post belongs to."""

    experiment_id: RowId
    name: str
    #: From 1.
    arm: int
    arm_name: str


class ArmSibling(SiblingShown):
    """Another post of the same experiment."""

    arm: int
    arm_name: str


class PublishAttempt(BaseModel):
    """One publish call; an outcome of null: it runs, or its worker died."""

    started_at: datetime
    finished_at: datetime | None
    outcome: AttemptOutcome | None
    detail: str | None


class ChangedTextShown(BaseModel):
    """A text as it was sent, and as it reads on the platform."""

    read_at: datetime
    sent: str
    there: str


class PostWhole(PostFigures):
    """Everything that is known of one published post."""

    delivery_key: str
    late_reason: str | None
    curves: dict[str, list[PointShown]]
    usual: dict[str, UsualShown]
    clicks: ClicksShown
    siblings: list[SiblingShown]
    #: The other cycles of its evergreen, oldest first.
    cycles: list[SiblingShown]
    #: Null: it belongs to no experiment.
    experiment: BelongingShown | None
    #: The newest other posts of its experiment, arm by arm.
    arms: list[ArmSibling]
    attempts: list[PublishAttempt]
    #: Null: it reads there as it was sent, or nobody has compared the two.
    changed_text: ChangedTextShown | None


class ChannelNumber(BaseModel):
    """One reading of a channel's own number."""

    at: datetime
    value: int
    #: The platform's own field.
    source: str
    #: Since the reading before; null: the first, or read from another field.
    change: int | None
    #: So far from what is usual that people cannot be the reason, such as a purge.
    jump: bool


class TotalsShown(BaseModel):
    """One channel, or all together, in a period; each count in two ways, and both are right."""

    #: Null: all channels together.
    channel: NamedRow | None
    #: What happened in the period, whatever the age of the posts.
    activity: dict[str, FigureWithPassport]
    #: What the posts published in the period have come to.
    published: dict[str, FigureWithPassport]


class OverviewShown(BaseModel):
    """The totals of a period."""

    start: datetime
    end: datetime
    channels: list[TotalsShown]
    total: TotalsShown


def totals_shown(totals: Totals, channel: NamedRow | None) -> TotalsShown:
    """Totals of a channel; of all together without one."""
    return TotalsShown(
        channel=channel,
        activity=figures_shown(totals.activity),
        published=figures_shown(totals.published),
    )


def post_shown(line: PostLine) -> PostFigures:
    """A published post as the API tells it."""
    post = line.post
    assert post.published_at is not None
    return PostFigures(
        id=post.id,
        text=post.content["text"],
        link=post.content.get("link"),
        channel=NamedRow(id=line.channel.id, name=line.channel.name),
        route_id=post.route_id,
        published_at=post.published_at,
        remote_url=post.remote_url,
        sender=Sender(post.origin),
        deleted_at=post.deleted_at,
        changed_there_at=post.changed_there_at,
        figures=figures_shown(line.figures),
        measurement=_looked(line.measurement),
        rank=_rank(line.rank) if line.rank else None,
    )


def _rank(rank: Rank) -> RankShown:
    return RankShown(
        key=rank.key,
        age_seconds=int(rank.checkpoint.total_seconds()),
        percentile=rank.percentile,
        interval=rank.interval,
        posts=rank.posts,
    )


def points_shown(points: Sequence[Point]) -> list[PointShown]:
    """A curve as the API tells it."""
    return [
        PointShown(
            age_seconds=int(point.checkpoint.total_seconds()),
            read_at=point.read_at,
            value=point.value,
            late=point.late,
            sources=list(point.sources),
            fell=point.fell,
            cut=point.cut,
        )
        for point in points
    ]


def _looked(row: Measurement | None) -> Looked | None:
    if row is None:
        return None
    return Looked(
        last_read_at=row.last_read_at,
        next_at=row.next_at,
        failures=row.failures,
        last_error=row.last_error,
        thinned_ages_seconds=list(row.thinned or ()),
    )


def post_detail(found: PostStatistics) -> PostWhole:
    """Everything of one post as the API tells it."""
    post, clicks = found.line.post, found.clicks
    return PostWhole(
        **post_shown(found.line).model_dump(),
        delivery_key=post.delivery_key,
        late_reason=post.late_reason,
        curves={key: points_shown(points) for key, points in found.curves.items()},
        usual={key: _usual(one) for key, one in found.usual.items()},
        clicks=ClicksShown(
            by_audience=dict(clicks.by_audience),
            by_hour=[HourShown(hour=at, clicks=number) for at, number in clicks.by_hour],
            by_referrer=[ReferrerShown(host=host, clicks=number) for host, number in clicks.by_referrer],
        ),
        siblings=[_sibling_shown(one) for one in found.siblings],
        cycles=[_sibling_shown(one) for one in found.cycles],
        experiment=BelongingShown.model_validate(asdict(found.belonging)) if found.belonging else None,
        arms=[
            ArmSibling(
                **dict(_sibling_shown(one.sibling)), arm=one.belonging.arm, arm_name=one.belonging.arm_name
            )
            for one in found.arms
        ],
        attempts=[PublishAttempt.model_validate(one.model_dump()) for one in found.attempts],
        changed_text=_changed_text(found),
    )


def _changed_text(found: PostStatistics) -> ChangedTextShown | None:
    text = found.changed_text
    return ChangedTextShown(read_at=text.read_at, sent=text.sent, there=text.there) if text else None


def _sibling_shown(one: Sibling) -> SiblingShown:
    return SiblingShown(
        id=one.post.id,
        channel=NamedRow(id=one.channel.id, name=one.channel.name),
        state=PostState(one.post.state),
        figures=figures_shown(one.figures),
    )


def _usual(usual: Usual) -> UsualShown:
    bands = []
    for band in usual.bands:
        low, middle, high = band.quartiles or (None, None, None)
        seconds = int(band.checkpoint.total_seconds())
        bands.append(BandShown(age_seconds=seconds, posts=band.posts, low=low, middle=middle, high=high))
    age = usual.checkpoint
    low, high = usual.interval or (None, None)
    return UsualShown(
        age_seconds=int(age.total_seconds()) if age else None,
        percentile=usual.percentile,
        percentile_low=low,
        percentile_high=high,
        posts=usual.posts,
        bands=bands,
    )
