"""Group commit: requests that come while one transaction runs share the next one.

An answer waits until its transaction is durable: the one that runs when the request comes, and its own. So a
click that was answered is on disk. Only where the database does not let anybody write, the reader is not kept
waiting (`PATIENCE`): the click then waits in memory, and is written as soon as that is possible.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
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


class Batches(Generic[Asked, Answer]):
    """Writes requests in batches, in a thread that lives only while there is something to write."""

    def __init__(
        self, write: Callable[[Sequence[Asked]], Sequence[Answer]], *, patience: float = PATIENCE
    ) -> None:
        """``patience``: seconds that whoever asks waits for the database."""
        self._write = write
        self._patience = patience
        self._queue: deque[_Waiting[Asked, Answer]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        #: When the batch that is being written began; None: none is.
        self._since: float | None = None

    async def put(self, asked: Asked) -> Answer:
        """The answer, once it is durable.

        Raises:
            Unwritten: the database let nobody write in time, or refused it.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(asked, loop, loop.create_future())
        with self._changed:
            if len(self._queue) >= QUEUE:
                log.error("clicks_dropped", number=1)
                raise Unwritten
            self._queue.append(waiting)
            if self._thread is None:
                # No daemon: the end of the program waits until what was answered is written.
                self._thread = threading.Thread(target=self._run, name="clicks")
                self._thread.start()
            else:
                self._changed.notify()
            stuck = self._since is not None and time.monotonic() - self._since > self._patience
        if stuck:
            raise Unwritten
        try:
            return await asyncio.wait_for(waiting.answer, self._patience)
        except TimeoutError:
            raise Unwritten from None

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._queue:
                    self._changed.wait(_LINGER)
                if not self._queue:
                    self._thread = None
                    return
                number = min(len(self._queue), MOST)
                batch = [self._queue.popleft() for _ in range(number)]
                self._since = time.monotonic()
            try:
                self._settle(batch)
            finally:
                self._since = None

    def _settle(self, batch: "list[_Waiting[Asked, Answer]]") -> None:
        """Write a batch; one that the database refuses is tried one by one: none spoils the others."""
        until = time.monotonic() + _TRIED
        while True:
            try:
                answers = self._write([one.asked for one in batch])
            except Exception as exc:
                if _passes(exc) and time.monotonic() < until:
                    log.warning("clicks_wait", number=len(batch))
                    time.sleep(_BETWEEN)
                    continue
                if len(batch) > 1 and not _passes(exc):
                    for one in batch:
                        self._settle([one])
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


def _hand_out(answers: "list[tuple[_Waiting[Asked, Answer], Answer | None]]") -> None:
    for waiting, answer in answers:
        if waiting.answer.done():
            continue
        if answer is None:
            waiting.answer.set_exception(Unwritten())
        else:
            waiting.answer.set_result(answer)
