"""Writes a simulated year into an empty database, all of it in one transaction."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, SQLModel

from domain.post import PostState
from publishers.base import Publisher
from scheduler.context import Context
from scheduler.demo import rows
from scheduler.demo.cast import CHANNELS, OWNER
from scheduler.demo.followers import Counts, followers
from scheduler.demo.passing import page_counts
from scheduler.demo.planning import Plan, Planned, planned_year
from scheduler.demo.reactions import Readers
from scheduler.demo.sending import Sender, fingerprint
from scheduler.demo.stage import Stage, set_up
from scheduler.demo.tally import Tally
from scheduler.demo.targets import Targets, kpi_columns
from scheduler.demo.year import DAY, Year
from store import demo, installation
from store.engine import writing
from store.tables import (
    Attempt,
    Change,
    ChannelReading,
    Click,
    EntryKeyRow,
    EntryRow,
    Kpi,
    KpiReading,
    Ledger,
    Link,
    Measurement,
    PageCount,
    Post,
    Reading,
    SlotChoice,
)

#: Told how much is done, 0 to 1.
Progress = Callable[[float], None]
#: Posts written at a time.
_BATCH = 200
#: What the parts take of the whole, as measured.
_PLANNED, _POSTED = 0.12, 0.94


@dataclass(slots=True)
class Filled:
    """How many rows were written, by table."""

    rows: dict[str, int] = field(default_factory=dict)

    def add(self, table: type[SQLModel], number: int) -> None:
        """Count rows of a table."""
        name = str(table.__tablename__)
        self.rows[name] = self.rows.get(name, 0) + number


def fill(context: Context, year: Year, *, anew: bool = False, tell: Progress = lambda _share: None) -> Filled:
    """Fill a migrated, empty database with a simulated year; ``anew`` empties a simulated one first.

    Until the last row is written nobody sees anything of it, and a failure leaves what was there before.
    """
    with writing(context.engine) as session:
        demo.make_room(session)
        if anew:
            demo.clear(session)
        filled = _Writer(context, session, year, tell).write()
        session.commit()
    return filled


class _Writer:
    """Writes one year through one session."""

    def __init__(self, context: Context, session: Session, year: Year, tell: Progress) -> None:
        self._context = context
        self._session = session
        self._year = year
        self._tell = tell
        self._filled = Filled()
        self._followers = followers(year)
        self._readers = Readers(year, self._followers)
        self._tally = Tally()
        self._stage: Stage = set_up(context, session, year)
        self._publishers: dict[str, Publisher] = {
            key: context.publisher(row) for key, row in self._stage.channels.items()
        }

    def write(self) -> Filled:
        """Everything but the stage."""
        plan = planned_year(self._year)
        sender = Sender(self._year, self._publishers)
        sender.send(plan.posts)
        self._tell(_PLANNED)
        self._entries(plan)
        for start in range(0, len(plan.posts), _BATCH):
            self._posts(plan.posts[start : start + _BATCH], sender)
            done = min(start + _BATCH, len(plan.posts)) / len(plan.posts)
            self._tell(_PLANNED + (_POSTED - _PLANNED) * done)
        self._insert(Ledger, (rows.ledger_row(fated, self._stage) for fated in plan.fates))
        self._channels()
        self._kpis()
        self._facts()
        self._tell(1.0)
        return self._filled

    def _insert(self, table: type[SQLModel], found: Iterable[dict[str, Any]]) -> None:
        listed = list(found)
        demo.insert_rows(self._session, table, listed)
        self._filled.add(table, len(listed))

    def _entries(self, plan: Plan) -> None:
        self._insert(EntryRow, (rows.entry_row(one, self._stage) for one in plan.arrivals))
        self._insert(EntryKeyRow, (row for one in plan.arrivals for row in rows.key_rows(one, self._stage)))

    def _posts(self, posts: Sequence[Planned], sender: Sender) -> None:
        """Posts with all that hangs on them."""
        stage, year = self._stage, self._year
        # First what the readers do: it may find a post gone.
        reacted = {post.id: self._readers.react(post) for post in posts if post.state == PostState.PUBLISHED}
        attempts: list[dict[str, Any]] = []
        written: list[dict[str, Any]] = []
        for post in posts:
            payload = sender.payload(post) if post.attempts or post.approved else None
            sent = fingerprint(payload) if payload is not None else None
            written.append(rows.post_row(post, stage, payload, sent))
            attempts += rows.attempt_rows(post, str(sent))
        self._insert(Post, written)
        self._insert(Attempt, attempts)
        self._insert(SlotChoice, filter(None, (rows.choice_row(post, stage, year) for post in posts)))
        self._insert(Change, (row for post in posts for row in rows.change_rows(post, stage, year)))
        links = {post.id: rows.link_row(post, stage, year) for post in posts}
        self._insert(Link, filter(None, links.values()))
        published = [post for post in posts if post.id in reacted]
        self._insert(
            Measurement, (rows.measurement_row(post, reacted[post.id], stage, year) for post in published)
        )
        self._insert(Reading, (row for one in reacted.values() for row in one.readings))
        self._insert(
            Click,
            (
                {**click, "link_id": link["id"], "post_id": post.id}
                for post in published
                if (link := links[post.id]) is not None
                for click in reacted[post.id].clicks
            ),
        )
        self._insert(
            PageCount,
            (
                row
                for post in published
                for row in rows.count_rows(post, reacted[post.id], stage.channels[post.channel.key].id)
            ),
        )
        for post in published:
            self._tally.add(post, reacted[post.id])

    def _channels(self) -> None:
        """Followers day by day, and who passed by on the page itself."""
        page = next(cast.key for cast in CHANNELS if cast.platform == "page")
        passing = list(page_counts(self._year, self._readers))
        self._tally.passed(page, passing)
        names = ("hour", "kind", "audience", "shown")
        shared = {"channel_id": self._stage.channels[page].id, "post_id": 0}
        self._insert(PageCount, ({**shared, **dict(zip(names, one, strict=True))} for one in passing))
        self._insert(
            ChannelReading,
            (row for key, counts in self._followers.items() for row in self._follower_rows(key, counts)),
        )

    def _follower_rows(self, key: str, counts: Counts) -> Iterable[dict[str, Any]]:
        for day, value in enumerate(counts.values):
            at = counts.first_at + day * DAY
            yield {
                "id": self._year.new_id(at),
                "channel_id": self._stage.channels[key].id,
                "metric": "followers",
                "at": at,
                "value": value,
                "source": counts.source,
            }

    def _kpis(self) -> None:
        stage, year = self._stage, self._year
        for target, history in Targets(year, self._tally, self._followers).all():
            made = history[0].at if history else year.end
            scope = {}
            if target.channel:
                scope = {"channel_id": stage.channels[target.channel].id}
            if target.route:
                scope = {"route_id": stage.routes[target.route]}
            kpi = {
                **kpi_columns(target, scope),
                "id": year.new_id(made),
                "workspace_id": stage.workspace.id,
                "owner_id": stage.people[OWNER],
                "created_at": made,
                "closed_at": None,
                "next_at": None,
                "claim": len(history),
            }
            self._insert(Kpi, [kpi])
            self._insert(
                KpiReading,
                ({"id": year.new_id(stood.at), "kpi_id": kpi["id"], **stood.columns()} for stood in history),
            )

    def _facts(self) -> None:
        year = self._year
        truth = {
            "version": 1,
            "seed": year.seed,
            "until": year.until.isoformat(),
            "posts_per_day": year.posts_per_day,
            "channels": {
                str(self._stage.channels[cast.key].id): {
                    "name": cast.name,
                    "zone": cast.zone,
                    "rates": {str(metric): rate for metric, rate in cast.rates.items()},
                    **self._readers.crowds[cast.key].document(),
                }
                for cast in CHANNELS
            },
        }
        installation.set_fact(self._session, demo.TRUTH, truth)
        installation.set_fact(self._session, installation.SET_UP, True)
