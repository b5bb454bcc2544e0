"""Which clicks on our links an advertisement's spend belongs to: those of the posts that the spend names."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from domain.metrics import Audience
from store.answers import remembered
from store.tables import AdDay, Click, Link, Post


@dataclass(frozen=True, slots=True)
class Spent:
    """What the rows of one channel and campaign cost together."""

    channel_id: int | None
    campaign: str
    rows: int
    micros: int


def spent(
    session: Session,
    workspace_id: int,
    *,
    channel_id: int | None,
    currency: str,
    start: datetime,
    end: datetime,
) -> Sequence[Spent]:
    """The current rows of [start, end) in one currency, by channel and campaign; of one channel, or all."""
    query = (
        select_columns(
            col(AdDay.channel_id), col(AdDay.campaign), func.count(), func.sum(col(AdDay.spend_micros))
        )
        .where(
            col(AdDay.workspace_id) == workspace_id,
            col(AdDay.is_current).is_(True),
            col(AdDay.currency) == currency,
            col(AdDay.at) >= start,
            col(AdDay.at) < end,
        )
        .group_by(col(AdDay.channel_id), col(AdDay.campaign))
    )
    if channel_id is not None:
        query = query.where(col(AdDay.channel_id) == channel_id)
    return [
        Spent(channel, campaign, int(rows), int(micros))
        for channel, campaign, rows, micros in session.connection().execute(query)
    ]


@remembered
def campaigns(session: Session, workspace_id: int) -> frozenset[tuple[int, str]]:
    """The channels and campaigns of posts that carry a link of ours."""
    query = (
        select_columns(col(Post.channel_id), col(Post.campaign))
        .join(Link, col(Link.post_id) == col(Post.id))
        .where(col(Post.workspace_id) == workspace_id, col(Post.campaign).is_not(None))
        .distinct()
    )
    rows = session.connection().execute(query)
    return frozenset((channel, str(campaign)) for channel, campaign in rows)


@dataclass(slots=True)
class Posts:
    """Posts that spend belongs to: of whole channels, and of campaigns on a channel."""

    channels: set[int] = field(default_factory=set)
    campaigns: dict[int, set[str]] = field(default_factory=dict)

    def add(self, row: Spent, known: Collection[tuple[int, str]]) -> bool:
        """Add the posts of one row; False: it names neither a channel nor a campaign that posts carry.

        A campaign narrows a channel to its posts, where posts of that channel carry its name; upper and lower
        case are the same.
        """
        name = row.campaign.strip().casefold()
        of_campaign = [
            (channel, campaign)
            for channel, campaign in known
            if name and campaign.strip().casefold() == name and row.channel_id in (None, channel)
        ]
        for channel, campaign in of_campaign:
            self.campaigns.setdefault(channel, set()).add(campaign)
        if not of_campaign and row.channel_id is not None:
            self.channels.add(row.channel_id)
        return bool(of_campaign) or row.channel_id is not None


def human_clicks(session: Session, workspace_id: int, posts: Posts, *, start: datetime, end: datetime) -> int:
    """Human clicks of [start, end) on links of these posts, each once."""
    query = (
        select_columns(func.count())
        .select_from(Click)
        .join(Link, col(Link.id) == col(Click.link_id))
        .join(Post, col(Post.id) == col(Click.post_id))
        .where(
            col(Link.workspace_id) == workspace_id,
            col(Click.audience) == Audience.HUMAN,
            col(Click.at) >= start,
            col(Click.at) < end,
            or_(false(), *_conditions(posts.channels, posts.campaigns)),
        )
    )
    return int(session.connection().execute(query).scalar() or 0)


def _conditions(channels: Iterable[int], campaigns: Mapping[int, set[str]]) -> list[ColumnElement[bool]]:
    found = [
        and_(col(Post.channel_id) == channel, col(Post.campaign).in_(sorted(names)))
        for channel, names in sorted(campaigns.items())
    ]
    return [*found, col(Post.channel_id).in_(sorted(channels))]
