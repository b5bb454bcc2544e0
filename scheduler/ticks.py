"""The clockwork: regular looks for due rows, each handled in a thread of its kind's pool.

Posts have their own worker; feeds, measurements, channels and KPIs are looked for here. What
is due lives in our rows, so every machine may run the same ticks.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import structlog

from domain.errors import TabuhError
from scheduler.context import Context
from store.due import claim_due, database_now, next_due_at
from store.engine import reading, writing
from store.tables.base import Due

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger()

Row = TypeVar("Row", bound=Due)


@dataclass(frozen=True)
class Kind(Generic[Row]):
    """A kind of due row, and who handles it."""

    name: str
    table: type[Row]
    #: Ends with the row's next time; records expected failures on the row.
    handle: Callable[[Context, Row], object]
    #: How often to look whether one is due.
    every: timedelta
    #: Longer than any handling may take; after it, another worker takes the row over.
    lease: timedelta
    #: Rows handled at a time.
    width: int


@dataclass(frozen=True, slots=True)
class Regularly:
    """Something small that is done at an interval, due rows or not."""

    name: str
    every: timedelta
    do: Callable[[], object]


class Runner(Generic[Row]):
    """Claims and handles the due rows of one kind, up to its width at a time."""

    def __init__(self, context: Context, kind: Kind[Row]) -> None:
        self._context = context
        self._kind = kind
        self._pool = ThreadPoolExecutor(kind.width, thread_name_prefix=kind.name)
        self._room = threading.Semaphore(kind.width)
        self._stopping = threading.Event()

    def look(self) -> None:
        """Start on what is due, without waiting for its end; what has no room waits for the next look."""
        self._start()

    def drain(self) -> int:
        """Handle everything that is due now; returns how many rows that were."""
        handled = 0
        while started := self._start():
            handled += sum(future.result() for future in started)
        return handled

    def cease(self) -> None:
        """Claim nothing more; what is being handled goes on."""
        self._stopping.set()

    def stop(self) -> None:
        """Claim nothing more, and wait for what is being handled."""
        self.cease()
        self._pool.shutdown(wait=True)

    def _start(self) -> list[Future[int]]:
        started: list[Future[int]] = []
        while self._is_due() and self._room.acquire(blocking=False):
            row = self._claim()
            if row is None:
                self._room.release()
                break
            started.append(self._pool.submit(self._work, row))
        return started

    def _work(self, row: Row) -> int:
        """Handle this row and then others, until none is due or the runner stops."""
        handled = 0
        try:
            following: Row | None = row
            while following is not None:
                self._handle(following)
                handled += 1
                following = self._claim() if self._is_due() else None
        except Exception:
            log.exception("tick_broke", kind=self._kind.name)  # the next look finds what is due
        finally:
            self._room.release()
        return handled

    def _is_due(self) -> bool:
        """A look without a write lock, which the claim would need."""
        if self._stopping.is_set():
            return False
        with reading(self._context.engine) as session:
            due = next_due_at(session, self._kind.table)
            return due is not None and due <= database_now(session, fallback=self._context.clock())

    def _claim(self) -> Row | None:
        with writing(self._context.engine) as session:
            now = database_now(session, fallback=self._context.clock())
            rows = claim_due(session, self._kind.table, now=now, lease=self._kind.lease, limit=1)
        return rows[0] if rows else None

    def _handle(self, row: Row) -> None:
        """One row's failure stops no other; its lease ends by itself, and it is tried again then."""
        try:
            self._kind.handle(self._context, row)
        except TabuhError as error:
            log.warning("tick_refused", kind=self._kind.name, row=row.id, reason=str(error))
        except Exception:
            log.exception("tick_failed", kind=self._kind.name, row=row.id)


class Clockwork:
    """All regular looks of this program, from `start` to `stop`."""

    def __init__(
        self, context: Context, kinds: Sequence[Kind[Any]], *, also: Sequence[Regularly] = ()
    ) -> None:
        self._runners = [(kind, Runner(context, kind)) for kind in kinds]
        self._also = also
        self._clock = context.clock
        self._scheduler: BackgroundScheduler | None = None

    def start(self) -> None:
        """Look at once, and from then on at each kind's interval.

        What APScheduler plans lives in memory on purpose: its stores must not be shared between
        processes. A late look happens once, not once per missed time.
        """
        from apscheduler.schedulers.background import BackgroundScheduler

        scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        looks = [Regularly(kind.name, kind.every, runner.look) for kind, runner in self._runners]
        for regular in (*looks, *self._also):
            scheduler.add_job(
                regular.do, "interval", seconds=regular.every.total_seconds(), id=regular.name,
                next_run_time=self._clock(),
            )  # fmt: skip
        scheduler.start()
        self._scheduler = scheduler

    def stop(self) -> None:
        """Claim nothing more; returns when what is being handled has ended."""
        for _, runner in self._runners:
            runner.cease()  # all first, so that none starts while another ends
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
        for _, runner in self._runners:
            runner.stop()
