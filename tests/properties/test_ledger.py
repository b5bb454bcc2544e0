"""Whatever publishers do to their feeds, and whenever we die: nothing is posted twice, nothing is lost.

Random histories of two feeds on one route, and of one of them on a second route. Between two polls a
publisher changes one thing: what identifies an entry may change in any one way at a time.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum, auto

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.post import Fate, PostState
from scheduler.feeds import add_feed
from scheduler.polling import poll
from scheduler.routes import add_route, pause_route, resume_route
from scheduler.rules import Rules
from store import ledger
from store.engine import reading, writing
from store.tables import METADATA, EntryRow, Feed, Ledger, Post, Route
from tests.fakes import Crash
from tests.publisher_site import PERSON, Item, Site, claim, crashing, item, world_with
from tests.world import World

#: Entries that a feed shows at a time; older ones come back when newer ones are deleted.
WINDOW = 6


class Act(Enum):
    """What happens before a poll."""

    PUBLISH = auto()
    PUBLISH_IN_BOTH = auto()
    PUBLISH_SPONSORED = auto()
    REORDER = auto()
    NEW_GUIDS = auto()
    SWITCH_SCHEME = auto()
    MOVE_HOST = auto()
    TAG_LINKS = auto()
    DATE_AGAIN = auto()
    EDIT = auto()
    DELETE_HEAD = auto()
    PAUSE = auto()
    RESUME = auto()
    PUBLISHED = auto()
    FAILED = auto()
    SKIPPED = auto()


@dataclass(frozen=True)
class Step:
    """One act on one feed, and after how many statements the poll that follows dies, if it does."""

    act: Act
    feed: int
    dies_after: int | None


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(Act),
        st.integers(0, 1),
        st.one_of(st.none(), st.integers(0, 60)),
    ),
    max_size=14,
)


@dataclass
class Blogger:
    """One feed from its publisher's side: everything ever written, newest first."""

    path: str
    items: list[Item]
    version: int = 0

    def change(self, act: Act) -> None:
        """Do something to all entries, or to the newest."""
        self.version += 1
        match act:
            case Act.REORDER:
                head = self.items[:WINDOW]
                self.items[:WINDOW] = head[1:] + head[:1]
            case Act.NEW_GUIDS:
                self.all(lambda one: replace(one, guid=f"v{self.version}-{one.text}"))
            case Act.SWITCH_SCHEME:
                self.all(lambda one: self._readdressed(one, "https://", "http://"))
            case Act.MOVE_HOST:
                self.all(lambda one: self._readdressed(one, "//", f"//v{self.version}."))
            case Act.TAG_LINKS:
                self.all(lambda one: replace(one, link=f"{one.link}?utm_source=v{self.version}"))
            case Act.DATE_AGAIN:
                later = timedelta(minutes=self.version)
                self.all(lambda one: replace(one, published=(one.published or EPOCH) + later))
            case Act.EDIT:
                self.items[0] = replace(self.items[0], title=f"Edited {self.version}")
            case Act.DELETE_HEAD:
                del self.items[: 2 if len(self.items) > 2 else 0]

    def all(self, changed: "Change") -> None:
        """Change every entry."""
        self.items = [changed(one) for one in self.items]
