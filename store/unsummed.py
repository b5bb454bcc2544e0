"""Clicks that are kept, and wait to be added to the standings and sums of their posts.

A redirect waits until its click is on disk, and for nothing more: the transaction that keeps clicks adds one
row that names them, and their posts learn of them later, many at a time (`add_up`). Until then every question
reads these rows beside the sums, in one statement with them, so that a click is in every figure from the
moment in which it is kept, and in none twice.
"""

import struct
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import LargeBinary, Select, delete, literal, null, select, union_all
from sqlmodel import Session, col

from domain.ids import new_id
from domain.metrics import Audience
from store.rollups import EPOCH, micros
from store.tables import Click, ClickBatch

if TYPE_CHECKING:
    import numpy as np

#: Batches that are added to the sums in one transaction.
AT_ONCE: Final = 2_000
#: The audiences, by the number that stands for each in a row.
_AUDIENCES: Final = (str(Audience.HUMAN), str(Audience.BOT), str(Audience.UNKNOWN))
_NUMBERS: Final = {audience: number for number, audience in enumerate(_AUDIENCES)}
_CLICK: Final = struct.Struct("<qqBq")
_FIELDS: Final = [("id", "<i8"), ("post", "<i8"), ("audience", "u1"), ("at", "<i8")]
_MICROSECOND: Final = timedelta(microseconds=1)
#: As text: it goes with each batch of clicks.
_INSERT: Final = "INSERT INTO click_batch (id, body) VALUES ({mark}, {mark})"


@dataclass(frozen=True, slots=True)
class Kept:
    """One click on a link of a post."""

    id: int
    post_id: int
    #: Of `domain.metrics.Audience`.
    audience: str
    at: datetime


def kept(clicks: Iterable[Kept], *, mark: str) -> tuple[str, Sequence[Any]] | None:
    """The statement which notes that clicks, whose rows its transaction writes, are not in the sums yet.

    Args:
        mark: what stands for a value.

    Returns:
        With its values; None: there is nothing to note.
    """
    body = b"".join(
        [_CLICK.pack(one.id, one.post_id, _NUMBERS[one.audience], micros(one.at)) for one in clicks]
    )
    return (_INSERT.format(mark=mark), (new_id(), body)) if body else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Clicks that the sums do not hold yet, as columns."""

    rows: "np.ndarray[Any, Any]"

    @classmethod
    def of(cls, bodies: Sequence[bytes]) -> "Waiting":
        """What these rows name."""
        import numpy as np

        return cls(np.frombuffer(b"".join(bodies), _FIELDS))

    @property
    def size(self) -> int:
        """How many clicks."""
        return len(self.rows)

    @property
    def post_ids(self) -> list[int]:
        """The posts that were clicked, each once, in order."""
        import numpy as np

        found: list[int] = np.unique(self.rows["post"]).tolist()
        return found

    @property
    def audiences(self) -> list[str]:
        """The audience of each click."""
        return [_AUDIENCES[number] for number in self.rows["audience"].tolist()]

    def within(self, start: datetime, end: datetime) -> "Waiting":
        """Those of [start, end)."""
        at = self.rows["at"]
        first, after = (start - EPOCH) // _MICROSECOND, (end - EPOCH) // _MICROSECOND
        return Waiting(self.rows[(at >= first) & (at < after)])

    def on(self, post_ids: Collection[int]) -> "Waiting":
        """Those on links of these posts."""
        import numpy as np

        return Waiting(self.rows[np.isin(self.rows["post"], sorted(post_ids))])

    def by(self, audiences: Collection[str]) -> "Waiting":
        """Those of these audiences."""
        import numpy as np

        return Waiting(self.rows[np.isin(self.rows["audience"], [_NUMBERS[one] for one in audiences])])


def waiting(session: Session) -> Waiting:
    """All clicks that the sums do not hold yet."""
    return Waiting.of(session.connection().execute(select(col(ClickBatch.body))).scalars().all())


def any_wait(session: Session) -> bool:
    """Whether any click waits."""
    return session.connection().execute(select(col(ClickBatch.id)).limit(1)).first() is not None


def beside(session: Session, query: Select[Any]) -> tuple[list[Any], Waiting]:
    """The rows of a query, and the clicks that wait, as both stood at one moment.

    In one statement: between two, clicks could go from the one to the other, and be counted twice or never.
    """
    bodies = select(*[null() for _ in query.selected_columns], col(ClickBatch.body))
    both: Any = union_all(query.add_columns(literal(None, LargeBinary).label("waiting_body")), bodies)
    rows: list[Any] = []
    found: list[bytes] = []
    for row in session.connection().execute(both):
        if row.waiting_body is None:
            rows.append(row[:-1])
        else:
            found.append(row.waiting_body)
    return rows, Waiting.of(found)


def summed_clicks(session: Session, post_ids: Sequence[int], at: Any) -> Iterator[tuple[int, str, Any]]:
    """The clicks on these posts' links that do not wait: post, audience, and ``at``, an expression."""
    query = select(col(Click.id), col(Click.post_id), col(Click.audience), at)
    rows, waits = beside(session, query.where(col(Click.post_id).in_(post_ids)))
    left_out = frozenset(waits.rows["id"].tolist())
    for click_id, post_id, audience, when in rows:
        if click_id not in left_out:
            yield post_id, audience, when


def taken(session: Session, *, limit: int = AT_ONCE) -> tuple[int, Waiting]:
    """Take batches, oldest first, that nobody else is taking: whoever asks adds them to the sums.

    Returns:
        How many batches, and their clicks.
    """
    query = select(col(ClickBatch.id), col(ClickBatch.body)).order_by(col(ClickBatch.id)).limit(limit)
    rows = session.connection().execute(query.with_for_update(skip_locked=True)).all()
    if rows:
        ids = [row.id for row in rows]
        session.connection().execute(delete(ClickBatch).where(col(ClickBatch.id).in_(ids)))
    return len(rows), Waiting.of([row.body for row in rows])
