"""Group commit: requests that come while one transaction runs share the next one.

An answer waits until its transaction is durable: for what is left of the one that runs when the request
comes, and for its own. Where the database takes several writers, the next begins while the first is made
durable. So a click that was answered is on disk. Only where the database does not let anybody write, the
reader is not kept waiting (`PATIENCE`): the click then waits in memory, and is written as soon as that is
possible.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

log = structlog.get_logger()

#: Requests of one transaction.
MOST: Final = 512
#: Seconds that a reader waits for the database.
PATIENCE: Final = 0.25
#: Requests that may wait in memory; further ones are answered and not counted.
QUEUE: Final = 50_000
#: Seconds for which a batch is tried again and again.
_TRIED: Final = 60.0
_BETWEEN: Final = 0.5
#: Seconds that the thread waits for more before it ends.
_LINGER: Final = 0.5

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Unwritten(Exception):
    """The request is not on disk yet, or cannot be written at all."""


@dataclass(eq=False, slots=True)
class _Waiting(Generic[Asked, Answer]):
    asked: Asked
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Answer]"


#: Writes a batch, and tells the answer to each request of it.
Write = Callable[[Sequence[Asked]], Sequence[Answer]]


class Batches(Generic[Asked, Answer]):
    """Writes requests in batches, in threads that live only while there is something to write."""

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Write[Asked, Answer]]],
        *,
        writers: int = 1,
        patience: float = PATIENCE,
    ) -> None:
        """
        Args:
            opened: entered by each thread for as long as it lives.
            writers: batches that may be written at a time.
            patience: seconds that whoever asks waits for the database.
        """
        self._opened = opened
        self._writers = writers
        self._patience = patience
        self._queue: deque[_Waiting[Asked, Answer]] = deque()
        self._changed = threading.Condition()
        #: Threads that live, and those of them that wait for more.
        self._alive = 0
        self._idle = 0
        #: When the batches that are being written began.
        self._begun: dict[int, float] = {}

    async def put(self, asked: Asked) -> Answer:
        """The answer, once it is durable.

        Raises:
            Unwritten: the database let nobody write in time, or refused it.
        """
        loop = asyncio.get_running_loop()
        waiting: _Waiting[Asked, Answer] = _Waiting(asked, loop, loop.create_future())
        with self._changed:
            if len(self._queue) >= QUEUE:
                log.error("clicks_dropped", number=1)
                raise Unwritten
            self._queue.append(waiting)
            if self._idle:
                self._changed.notify()
            elif self._alive < self._writers:
                self._alive += 1
                # No daemon: the end of the program waits until what was answered is written.
                threading.Thread(target=self._run, name="clicks").start()
            stuck = self._is_stuck()
        if stuck:
            raise Unwritten
        giving_up = loop.call_later(self._patience, _give_up, waiting)
        try:
            return await waiting.answer
        finally:
            giving_up.cancel()

    def _is_stuck(self) -> bool:
        """Whether every batch that may be written at a time has taken too long already."""
        if len(self._begun) < self._writers:
            return False
        return time.monotonic() - max(self._begun.values()) > self._patience

    def _run(self) -> None:
        me = threading.get_ident()
        with self._opened() as write:
            while batch := self._next(me):
                try:
                    self._settle(batch, write)
                finally:
                    with self._changed:
                        del self._begun[me]

    def _next(self, me: int) -> "list[_Waiting[Asked, Answer]]":
        """The next batch; empty: none came for a while, and this thread ends."""
        with self._changed:
            if not self._queue:
                self._idle += 1
                self._changed.wait(_LINGER)
                self._idle -= 1
            if not self._queue:
                self._alive -= 1
                return []
            number = min(len(self._queue), MOST)
            self._begun[me] = time.monotonic()
            return [self._queue.popleft() for _ in range(number)]

    def _settle(self, batch: "list[_Waiting[Asked, Answer]]", write: Write[Asked, Answer]) -> None:
        """Write a batch; one that the database refuses is tried one by one: none spoils the others."""
        until = time.monotonic() + _TRIED
        while True:
            try:
                answers = write([one.asked for one in batch])
            except Exception as exc:
                if _passes(exc) and time.monotonic() < until:
                    log.warning("clicks_wait", number=len(batch))
                    time.sleep(_BETWEEN)
                    continue
                if len(batch) > 1 and not _passes(exc):
                    for one in batch:
                        self._settle([one], write)
                else:
                    log.exception("click_failed", number=len(batch))
                    nobody: list[tuple[_Waiting[Asked, Answer], Answer | None]] = [
                        (one, None) for one in batch
                    ]
                    _tell(nobody)
                return
            _tell(list(zip(batch, answers, strict=True)))
            return


def _passes(exc: Exception) -> bool:
    """Whether the database may take the same later: it is locked, or gone for a while."""
    if isinstance(exc, DBAPIError) and exc.connection_invalidated:
        return True
    told = str(getattr(exc, "orig", "")).lower()
    return isinstance(exc, OperationalError | InterfaceError) and any(
        word in told for word in ("locked", "busy", "connect", "starting up", "shutting down", "timeout")
    )


def _tell(answers: "list[tuple[_Waiting[Asked, Answer], Answer | None]]") -> None:
    """Hand out answers in the loops that wait for them, once for each loop."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting[Asked, Answer], Answer | None]]] = {}
    for one in answers:
        loops.setdefault(one[0].loop, []).append(one)
    for loop, its in loops.items():
        try:
            loop.call_soon_threadsafe(_hand_out, its)
        except RuntimeError:  # the loop has ended, and whoever waited with it
            continue


def _give_up(waiting: "_Waiting[Asked, Answer]") -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(Unwritten())


def _hand_out(answers: "list[tuple[_Waiting[Asked, Answer], Answer | None]]") -> None:
    for waiting, answer in answers:
        if waiting.answer.done():
            continue
        if answer is None:
            waiting.answer.set_exception(Unwritten())
        else:
            waiting.answer.set_result(answer)
