"""What the checks of an audit share: the workspace, the time, its channels and a sample of its posts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from domain.audit import Checked, Finding, Place, PlaceKind
from domain.definition import Supplies
from store import audit, channels
from store.audit import AuditedPost, Read
from store.tables import ChannelRow, Measurement, Workspace

#: Posts whose readings are looked at, over all channels; where there are more, the newest of each channel.
MOST_POSTS: Final = 5_000
#: Examples of a finding.
EXAMPLES: Final = 5


@dataclass(frozen=True)
class Asked:
    """One audit: of what, when, how far back."""

    session: Session
    workspace: Workspace
    supplies: Supplies
    now: datetime
    days: int
    most_posts: int = MOST_POSTS

    @property
    def since(self) -> datetime:
        """Where it begins."""
        return self.now - timedelta(days=self.days)


@dataclass(frozen=True)
class Sample:
    """The newest posts of each channel, and all that was read of them."""

    channels: Sequence[ChannelRow]
    posts: Mapping[int, AuditedPost]
    #: How many there were by channel, of which `posts` may be a part.
    there: Mapping[int, int]
    readings: Mapping[int, Sequence[Read]]
    measurements: Mapping[int, Measurement]

    def of(self, channel: ChannelRow) -> list[AuditedPost]:
        """A channel's posts, newest first."""
        return [post for post in self.posts.values() if post.channel_id == channel.id]

    def place(self, post_id: int) -> Place:
        """A post as an example."""
        post = self.posts.get(post_id)
        return Place(PlaceKind.POST, post_id, post.text if post is not None else "")

    def places(self, post_ids: Sequence[int]) -> tuple[Place, ...]:
        """Some posts as examples."""
        return tuple(self.place(post_id) for post_id in post_ids[:EXAMPLES])

    @property
    def all_there(self) -> int:
        """Posts in the period, in the sample or not."""
        return sum(self.there.values())


def sample(asked: Asked) -> Sample:
    """Draw the sample: every channel gets an equal share, and what small ones leave goes to the others."""
    session, rows = asked.session, channels.listed(asked.session, asked.workspace.id)
    bounds = {"since": asked.since, "now": asked.now}
    there = {row.id: audit.published(session, row.id, **bounds) for row in rows}
    posts: dict[int, AuditedPost] = {}
    left, waiting = asked.most_posts, sorted(rows, key=lambda row: there[row.id])
    for place, row in enumerate(waiting):
        share = left // (len(waiting) - place)
        found = audit.newest(session, row.id, **bounds, limit=share) if share and there[row.id] else []
        posts.update((post.id, post) for post in found)
        left -= len(found)
    return Sample(rows, posts, there, audit.readings(session, posts), audit.measurements(session, posts))


@dataclass
class Found:
    """What the checks found so far."""

    findings: list[Finding] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """One more finding."""
        self.findings.append(finding)

    def looked(self, rule: str, looked: int, of: int | None = None) -> None:
        """A rule looked at so many rows; ``of``: of how many, where it was a part."""
        self.checked.append(Checked(rule, looked, looked if of is None else of))


def at(channel: ChannelRow) -> Place:
    """A channel as a place."""
    return Place(PlaceKind.CHANNEL, channel.id, channel.name)
