"""The clockwork: regular looks for due rows, each handled in a thread of its kind's pool.

Posts have their own worker; feeds, measurements, channels and KPIs are looked for here. What
is due lives in our rows, so every machine may run the same ticks.
"""

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session

from domain.errors import TabuhError
from net.room import ROOM, Room
from scheduler.context import Context
from store.due import finish_all, next_due_at, take_due
from store.engine import reading, writing
from store.tables.base import Due

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger()

Row = TypeVar("Row", bound=Due)
#: Columns of a row that was handled, still to be written: its next time, and whatever else has changed.
Values = Mapping[str, Any]
#: What is left to be done in the database, in a transaction of its own.
Rest = Callable[[], object]
#: Handles one row.
Handling = Callable[[], Values | Rest | None]

#: So long the end of one row waits for others, to be committed with them.
GATHER: Final = timedelta(seconds=0.1)


@dataclass(frozen=True)
class Kind(Generic[Row]):
    """A kind of due row, and who handles it."""

    name: str
    table: type[Row]
    #: Ends with the row's next time; records expected failures on the row. The columns that it returns are
    #: written together with those of other rows, while the claim is held; a rest is done one at a time, so
    #: that however many rows are handled at once, few connections to the database are in use.
    handle: Callable[[Context, Row], Values | Rest | None]
    #: How often to look whether one is due.
    every: timedelta
    #: Longer than any handling may take; after it, another worker takes the row over.
    lease: timedelta
    #: Rows handled at a time.
    width: int
    #: Rows in flight, as a multiple of those that are handled at a time: the others wait in the pool.
    ahead: int = 2
    #: What handles each of the rows that are being claimed, by number, where reading for many at once what
    #: they need costs less than for each alone; in place of ``handle``.
    prepare: Callable[[Context, Session, Sequence[Row]], Mapping[int, Handling]] | None = None


@dataclass(frozen=True, slots=True)
class Regularly:
    """Something small that is done at an interval, due rows or not."""

    name: str
    every: timedelta
    do: Callable[[], object]


class Runner(Generic[Row]):
    """Claims the due rows of one kind and hands them to its pool.

    One thread claims, and writes down what the pool has handled: many rows in one transaction, since each
    durable commit waits for the disk. It claims a little ahead, so that the pool has work meanwhile.
    """

    def __init__(self, context: Context, kind: Kind[Row], *, room: Room = ROOM) -> None:
        """``room``: for the large bodies that handlings read."""
        self._context = context
        self._kind = kind
        self._room = room
        self._pool = ThreadPoolExecutor(kind.width, thread_name_prefix=kind.name)
        self._ended: queue.SimpleQueue[tuple[Row, Values | None] | None] = queue.SimpleQueue()
        self._unwritten: list[tuple[Row, Values]] = []
        #: Held by whoever of this runner writes: threads that wait here wait for no connection.
        self._writes = threading.Lock()
        #: Rows that are claimed and have not ended.
        self._in_flight = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Start on what is due, without waiting for its end."""
        if self._thread is None and not self._stopping.is_set():
            self._thread = threading.Thread(target=self._run, name=f"{self._kind.name} claims")
            self._thread.start()
        self._ended.put(None)

    def drain(self) -> int:
        """Handle everything that is due now; returns how many rows that were."""
        handled = 0
        while True:
            ended = self._collect(wait=self._in_flight > 0)
            handled += ended
            if not ended + self._go_on() and not self._in_flight:
                return handled

    def cease(self) -> None:
        """Claim nothing more; what is being handled goes on, and what waits for it is given back."""
        self._stopping.set()
        self._ended.put(None)

    def stop(self) -> None:
        """Claim nothing more, and wait for what is being handled."""
        self.cease()
        if self._thread is not None:
            self._thread.join()
        self._pool.shutdown(wait=True)

    def _run(self) -> None:
        while not self._stopping.is_set() or self._in_flight:
            try:
                self._collect(wait=True)
                self._go_on()
            except Exception:  # the database is away: what is to be written waits for it
                log.exception("tick_broke", kind=self._kind.name)
                self._stopping.wait(1)

    def _collect(self, *, wait: bool) -> int:
        """Take in what has ended, and what ends within a moment; how many rows those were."""
        before, until = self._in_flight, time.monotonic() + GATHER.total_seconds()
        try:
            one = self._ended.get(block=wait)
            while True:
                if one is not None:
                    self._in_flight -= 1
                    row, values = one
                    if values:
                        self._unwritten.append((row, values))
                gathers = one is not None and self._in_flight > 0
                left = max(0.0, until - time.monotonic()) if gathers else 0.0
                one = self._ended.get(block=left > 0, timeout=left or None)
        except queue.Empty:
            return before - self._in_flight

    def _go_on(self) -> int:
        """Write down what has ended and claim what is due, both in one transaction; how many were claimed."""
        room = 0 if self._stopping.is_set() else self._kind.ahead * self._kind.width - self._in_flight
        if not self._unwritten and not (room > 0 and self._is_due()):
            return 0
        try:
            claimed = self._write_and_claim(self._unwritten, room)
            self._unwritten.clear()
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # one of them is refused: it holds up no other
            if not self._unwritten:
                raise
            claimed = []
            while self._unwritten:
                self._write_alone(self._unwritten.pop())
        for row, handling in claimed:
            self._in_flight += 1
            self._pool.submit(self._work, row, handling)
        return len(claimed)

    def _write_and_claim(
        self, ended: Sequence[tuple[Row, Values]], room: int
    ) -> Sequence[tuple[Row, Handling]]:
        """What is claimed comes back with what handles it."""
        table, lease = self._kind.table, self._kind.lease
        with self._writes, writing(self._context.engine) as session:
            finish_all(session, ended)
            now = self._context.lease_now(session)
            rows = take_due(session, table, now=now, lease=lease, limit=room) if room > 0 else []
            handlings = self._handlings(session, rows)
            session.commit()
        return [(row, handlings[row.id]) for row in rows]

    def _handlings(self, session: Session, rows: Sequence[Row]) -> Mapping[int, Handling]:
        if self._kind.prepare is not None and rows:
            return self._kind.prepare(self._context, session, rows)
        return {row.id: partial(self._kind.handle, self._context, row) for row in rows}

    def _write_alone(self, ended: tuple[Row, Values]) -> None:
        try:
            self._write_and_claim([ended], 0)
        except Exception:
            log.exception("tick_refused", kind=self._kind.name, row=ended[0].id)  # its lease ends by itself

    def _is_due(self) -> bool:
        """A look without a write lock, which the claim would need."""
        with reading(self._context.engine) as session:
            due = next_due_at(session, self._kind.table)
            return due is not None and due <= self._context.lease_now(session)

    def _work(self, row: Row, handling: Handling) -> None:
        """One row's failure stops no other; its lease ends by itself, and it is tried again then."""
        values: Values | None = None
        try:
            gives_back = self._stopping.is_set()
            values = {"next_at": self._context.clock()} if gives_back else self._handle(handling)
        except TabuhError as error:
            log.warning("tick_refused", kind=self._kind.name, row=row.id, reason=str(error))
        except Exception:
            log.exception("tick_failed", kind=self._kind.name, row=row.id)
        finally:
            self._ended.put((row, values))

    def _handle(self, handling: Handling) -> Values | None:
        with self._room.entered():  # until all that was read is written, and forgotten
            left = handling()
            if left is None or isinstance(left, Mapping):
                return left
            with self._writes:
                left()
            return None


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
