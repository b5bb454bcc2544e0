"""A workspace with channels, published posts and their numbers, written straight into the tables."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import count

from sqlmodel import Session, col, select

from domain.definition import Supplies, Supply
from domain.ids import new_id
from domain.metrics import Audience, Metric
from store import traffic
from store.tables import ChannelReading, ChannelRow, Click, Link, Measurement, Post, Reading, Workspace
from store.traffic import Shown
from tests.world import NOON

M = Metric
ENGAGEMENT = frozenset({M.REACTIONS, M.REPLIES, M.SHARES})
#: "square" has no impressions, "exposed" has; "page" is served here; "hook" tells nothing.
SUPPLIES = Supplies(
    {
        "square": Supply("square", "Square", ENGAGEMENT | {M.FOLLOWERS}),
        "exposed": Supply("exposed", "Exposed", ENGAGEMENT | {M.IMPRESSIONS, M.FOLLOWERS}),
        "page": Supply("page", "Page", frozenset({M.IMPRESSIONS, M.VIEWS, M.VISITS, M.CLICKS}), local=True),
        "hook": Supply("hook", "Hook", frozenset()),
    },
    own_links=True,
)
#: Source fields of what the platforms report.
FIELDS: Mapping[Metric, str] = {
    M.REACTIONS: "favourites_count",
    M.REPLIES: "replies_count",
    M.SHARES: "reblogs_count",
    M.IMPRESSIONS: "impression_count",
}
_numbers = count(1)


def measurements_of(session: Session, post_ids: Iterable[int]) -> dict[int, Measurement]:
    """The measurement row of each of these posts."""
    query = select(Measurement).where(col(Measurement.post_id).in_(list(post_ids)))
    return {row.post_id: row for row in session.scalars(query)}


class Measured:
    """Adds rows to one workspace; ``now`` is `NOON`."""

    def __init__(self, session: Session, *, week_start: int = 0) -> None:
        self.session = session
        self.workspace = Workspace(name=f"W{next(_numbers)}", week_start=week_start, created_at=NOON)
        session.add(self.workspace)
        session.flush()

    @property
    def id(self) -> int:
        """The workspace's id."""
        return self.workspace.id

    def channel(self, platform: str = "square") -> ChannelRow:
        """A channel, called after its platform."""
        name = f"{platform}-{next(_numbers)}"
        row = ChannelRow(workspace_id=self.id, platform=platform, name=name, slug=name, created_at=NOON)
        self.session.add(row)
        self.session.flush()
        return row

    def post(
        self,
        channel: ChannelRow,
        at: datetime,
        *,
        story_id: int | None = None,
        route_id: int | None = None,
        entry_id: int | None = None,
    ) -> Post:
        """A post that went out at a time."""
        key = f"key-{next(_numbers)}"
        row = Post(
            workspace_id=self.id,
            channel_id=channel.id,
            story_id=story_id or new_id(),
            route_id=route_id,
            entry_id=entry_id,
            state="published",
            content={"text": "hi"},
            delivery_key=key,
            remote_id=key,
            published_at=at,
            created_at=at,
        )
        self.session.add(row)
        self.session.flush()
        self.session.add(
            Measurement(workspace_id=self.id, post_id=row.id, channel_id=channel.id, published_at=at)
        )
        self.session.flush()
        return row

    def read(
        self, post: Post, age: timedelta, values: Mapping[Metric, int], *, at: datetime | None = None
    ) -> None:
        """Readings at a checkpoint, taken exactly then unless ``at`` says when."""
        assert post.published_at is not None
        at = at or post.published_at + age
        row = measurements_of(self.session, [post.id])[post.id]
        row.last_read_at = max(filter(None, (row.last_read_at, at)))
        self.session.add(row)
        for metric, value in values.items():
            self.session.add(
                Reading(
                    post_id=post.id,
                    metric=metric,
                    checkpoint=int(age.total_seconds()),
                    read_at=at,
                    value=value,
                    source=FIELDS.get(metric, "tabuh"),
                )
            )
        self.session.flush()

    def engaged(self, post: Post, age: timedelta, total: int, **more: int) -> None:
        """Readings whose engagement is ``total``: all of it reactions."""
        others = {Metric(name): value for name, value in more.items()}
        self.read(post, age, {M.REACTIONS: total, M.REPLIES: 0, M.SHARES: 0, **others})

    def link(self, post: Post) -> Link:
        """A link of ours on a post."""
        row = Link(
            workspace_id=self.id,
            code=f"c{next(_numbers)}",
            target="https://a.test/",
            post_id=post.id,
            created_at=NOON,
        )
        self.session.add(row)
        self.session.flush()
        return row

    def click(
        self, link: Link, at: datetime, *, audience: Audience = Audience.HUMAN, referrer: str | None = None
    ) -> None:
        """One request for a link."""
        self.session.add(
            Click(link_id=link.id, post_id=link.post_id, at=at, audience=audience, referrer=referrer)
        )
        self.session.flush()

    def shown(self, channel: ChannelRow, post_id: int, kind: str, at: datetime, times: int = 1) -> None:
        """Humans saw the page or one of its posts."""
        one = Shown(channel.id, post_id, kind, Audience.HUMAN, at)
        traffic.count_shown(self.session, [one] * times)

    def followers(self, channel: ChannelRow, at: datetime, value: int) -> None:
        """A count of a channel's followers."""
        self.session.add(
            ChannelReading(
                channel_id=channel.id, metric=M.FOLLOWERS, at=at, value=value, source="followers_count"
            )
        )
        self.session.flush()
