"""How the columns of channels lay when somebody looked: their stamps, and the posts that changed since.

Where many questions are asked of one moment (`store.answers.kept`), all of them go by one look.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from store import answers
from store.bulk import STALE
from store.chunks import chunks
from store.shelves import Opened, Shelf, opened, stamps
from store.tables import Standing
from store.unsummed import waiting


@dataclass(slots=True)
class Look:
    """One look at some channels of a workspace."""

    workspace_id: int
    #: Of the channels whose standings are complete.
    stamps: dict[int, int] = field(default_factory=dict)
    #: By channel, the posts that changed: their numbers, and the part and place in which they stand.
    stale: dict[int, list[Any]] = field(default_factory=dict)
    shelves: dict[int, Shelf] = field(default_factory=dict)

    def at(self, session: Session, channel_ids: Collection[int]) -> "Look":
        """Have these channels among them."""
        missing = frozenset(channel_ids) - self.stale.keys()
        if not missing:
            return self
        # Before the parts: what is written meanwhile is then looked up all the same.
        rows = stale_posts(session, self.workspace_id)
        known = stamps(session, missing)
        self.shelves |= {one.channel_id: one for one in opened(session, known).shelves}
        self.stamps |= known
        self.stale |= {one: [] for one in missing}
        for row in rows:
            if row.channel_id in missing:
                self.stale[row.channel_id].append(row)
        return self

    def opened(self, session: Session, channel_ids: Collection[int]) -> Opened:
        """The columns of these of the channels."""
        return Opened(session, [self.shelves[one] for one in sorted(channel_ids)])


def look(session: Session, workspace_id: int, channel_ids: Collection[int]) -> Look:
    """A look at these channels: where answers are kept, the one that there was."""
    found = answers.once(session, _key(workspace_id), lambda: Look(workspace_id))
    return found.at(session, channel_ids)


def look_again(session: Session, workspace_id: int) -> None:
    """Somebody wrote columns since: the next question looks anew."""
    answers.forget(session, _key(workspace_id))


def _key(workspace_id: int) -> tuple[str, int]:
    return ("looked", workspace_id)


def stale_posts(session: Session, workspace_id: int) -> Sequence[Any]:
    """Those whose columns were not written since they changed, or were clicked."""
    clicked = waiting(session).post_ids  # first: clicks that stop waiting make their posts stale
    columns = (
        col(Standing.post_id), col(Standing.part_id), col(Standing.place), col(Standing.channel_id),
    )  # fmt: skip
    mine = col(Standing.workspace_id) == workspace_id
    connection = session.connection()
    # Channels are chosen afterwards: SQLite would take the index by channel, and look at every post.
    rows = list(connection.execute(select(*columns).where(mine, STALE)).all())
    for chunk in chunks(clicked):
        of_clicked = col(Standing.post_id).in_(chunk)
        rows += connection.execute(select(*columns).where(of_clicked, mine)).all()
    return rows
