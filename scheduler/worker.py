"""The publishing worker: claims due posts, calls their platforms, and writes down how it went.

One thread does all the database work, in short transactions that serve many posts at a
time; a pool of threads makes the calls. Commits stand between the steps, so that whatever
dies when, the rows say what may have happened.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlmodel import Session

from domain.errors import TabuhError
from domain.post import PostState
from publishers.base import Publisher
from scheduler import looking, restoring
from scheduler.allowing import Wanted, allow
from scheduler.calling import CALL_LIMIT, Call, Ended, make_call
from scheduler.context import Context
from scheduler.looking import Looked
from scheduler.publishing import Hold, prepare
from store import channels, delivery, installation, metering
from store.delivery import Intent, Success
from store.due import claim_due, next_due_at
from store.engine import reading, writing
from store.tables import ChannelRow, Post

log = structlog.get_logger()

#: A claim outlives the longest call twice over.
LEASE = 2 * CALL_LIMIT + timedelta(seconds=30)
#: The database does not answer, or not now: nothing is wrong with what was to be written.
_AWAY = (OperationalError, InterfaceError)
#: How long a worker sleeps when nothing is due, at most.
IDLE = timedelta(seconds=1)


def no_step(_name: str) -> None:
    """Where a test may stop the worker; the program passes by."""


class PublishingWorker:
    """Publishes due posts until it is told to stop."""

    def __init__(
        self,
        context: Context,
        *,
        width: int = 16,
        lease: timedelta = LEASE,
        at_step: Callable[[str], None] = no_step,
    ) -> None:
        """``width``: calls at a time; ``at_step`` is told each step's name as it is passed."""
        self._context = context
        self._width = width
        self._lease = lease
        self._at = at_step
        self._pool = ThreadPoolExecutor(max_workers=width, thread_name_prefix="publish")
        self._ended: queue.SimpleQueue[Future[Ended | Looked] | None] = queue.SimpleQueue()
        self._in_flight = 0
        self._stopping = threading.Event()
        self._beat_file = restoring.beat_file_of(context.engine)

    def wake(self) -> None:
        """Look for due posts at once; called from any thread."""
        self._ended.put(None)

    def stop(self) -> None:
        """Claim nothing more; `run` returns when the calls in flight have ended."""
        self._stopping.set()
        self.wake()

    def run(self) -> None:
        """Publish until `stop`; whatever fails for a moment is logged and tried again."""
        while not self._stopping.is_set() or self._in_flight:
            try:
                self.turn(wait=IDLE)
            except Exception:
                log.exception("publishing_turn_failed")
                self._stopping.wait(IDLE.total_seconds())
        self._pool.shutdown()

    def run_until_idle(self) -> int:
        """Publish all that is due now; returns how many posts were worked on."""
        worked = 0
        while (done := self.turn(wait=timedelta(0))) or self._in_flight:
            worked += done
        return worked

    def turn(self, *, wait: timedelta) -> int:
        """Write down what ended, start what is due; with nothing to do, sleep up to ``wait``."""
        ended = self._collect(block=None)
        self._write_down(ended)
        started = self._start_due()
        if not ended and not started and (wait or self._in_flight):
            ended = self._collect(block=self._nap(wait))
            self._write_down(ended)
        return len(ended) + started

    def _nap(self, wait: timedelta) -> float | None:
        """Seconds until the next post is due, at most ``wait``; a full pool waits for a result."""
        if self._stopping.is_set() or self._in_flight >= self._width:
            return CALL_LIMIT.total_seconds()
        if not wait:
            return CALL_LIMIT.total_seconds()
        with reading(self._context.engine) as session:
            due = next_due_at(session, Post)
            now = self._context.lease_now(session)
        until = wait if due is None else min(wait, due - now)
        return max(until.total_seconds(), 0.001)

    def _collect(self, *, block: float | None) -> list[Ended | Looked]:
        found: list[Ended | Looked] = []
        try:
            first = self._ended.get(timeout=block) if block is not None else self._ended.get_nowait()
            while True:
                if first is not None:
                    found.append(first.result())
                first = self._ended.get_nowait()
        except queue.Empty:
            return found

    def _start_due(self) -> int:
        free = self._width - self._in_flight
        if free <= 0 or self._stopping.is_set():
            return 0
        with reading(self._context.engine) as session:
            due, now = next_due_at(session, Post), self._context.lease_now(session)
        if due is None or due > now:
            return 0
        with writing(self._context.engine) as session:
            self._at("before_claim")
            rows = claim_due(session, Post, now=now, lease=self._lease, limit=free)
            self._at("claimed")
            if rows:
                self._begin(session, rows, now=now)
        return len(rows)

    def _begin(self, session: Session, rows: Sequence[Post], *, now: datetime) -> None:
        """Judge each claimed post, commit the intents, and only then hand the calls to the pool."""
        found = delivery.channels_of(session, rows)
        publishers = self._publishers(session, found.values())
        workspaces = delivery.workspaces_of(session, rows)
        routes = delivery.routes_of(session, rows)
        intents: dict[int, tuple[Intent, Post]] = {}
        looks: list[tuple[Post, datetime]] = []
        for post in rows:
            publisher = publishers.get(post.channel_id)
            if publisher is None or post.state == PostState.QUEUED:
                verdict = prepare(
                    post,
                    publisher,
                    channel=found[post.channel_id],
                    workspace=workspaces[post.workspace_id],
                    route=routes.get(post.route_id or 0),
                    now=now,
                )
                if isinstance(verdict, Hold):
                    delivery.write_if_held(session, post.id, post.claim, **verdict.values)
                else:
                    intents[post.id] = (verdict, post)
            elif post.state == PostState.PUBLISHING:
                looking.take_over(session, post, publisher, now=now)
            elif (values := looking.settled_by_key(session, post, publisher, now=now)) is not None:
                delivery.write_if_held(session, post.id, post.claim, **values)
            else:
                looks.append((post, delivery.first_attempt_at(session, post.id) or post.created_at))
        wanted = [
            Wanted(
                intent,
                post,
                publishers[post.channel_id],
                found[post.channel_id],
                workspaces[post.workspace_id],
            )
            for intent, post in intents.values()
        ]
        for post_id, hold in allow(session, wanted, now=now).items():
            _, post = intents.pop(post_id)
            delivery.write_if_held(session, post.id, post.claim, **hold.values)
        for intent in self._commit_intents(session, [intent for intent, _ in intents.values()], now=now):
            post = intents[intent.post_id][1]
            call = Call(intent, post.delivery_key, publishers[post.channel_id], post.handle)
            self._submit(partial(make_call, self._context, call, self._at))
        for post, since in looks:
            publisher = publishers[post.channel_id]
            self._submit(partial(looking.look, self._context, post, publisher, since=since))

    def _commit_intents(
        self, session: Session, intents: Sequence[Intent], *, now: datetime
    ) -> Sequence[Intent]:
        """Commit whatever this turn decided; the intents that may be acted on."""
        held = delivery.begin(session, intents)
        for intent in intents if len(held) < len(intents) else ():
            if intent not in held:
                metering.give_back(session, intent.attempt_id)
        # A copy of the file that was made before these calls must be seen to be older than they are.
        beat = installation.beat(session, now=now) if held and self._beat_file else None
        self._at("attempt_written")
        session.commit()
        if beat is not None:
            restoring.note_beside(self._beat_file, beat)
        self._at("attempt_committed")
        return held

    def _publishers(self, session: Session, rows: Iterable[ChannelRow]) -> dict[int, Publisher]:
        """The adapters of these channels; one whose credentials do not open is marked, and left out."""
        opened: dict[int, Publisher] = {}
        for row in rows:
            try:
                opened[row.id] = self._context.publisher(row)
            except TabuhError as error:
                channels.mark_needs_reconnect(session, row.id, str(error))
                row.state, row.state_reason = "needs_reconnect", str(error)
        return opened

    def _submit(self, call: Callable[[], Ended | Looked]) -> None:
        self._in_flight += 1
        self._pool.submit(call).add_done_callback(self._ended.put)

    def _write_down(self, ended: Sequence[Ended | Looked]) -> None:
        """Commit how these calls ended, all at once; one that cannot be written holds up no other."""
        if not ended:
            return
        self._at("before_record")
        left = list(ended)
        try:
            self._commit_each(left)
        finally:
            self._in_flight -= len(ended) - len(left)
            for result in left:  # the database is away: keep what we know until it is back
                self._ended.put(_known(result))
        self._at("recorded")

    def _commit_each(self, left: list[Ended | Looked]) -> None:
        """Together if it can be; what is committed is taken from the list."""
        try:
            self._commit(left)
            left.clear()
        except _AWAY:
            raise
        except Exception:  # one of them is refused
            while left:
                self._commit_alone(left[0])
                del left[0]

    def _commit_alone(self, result: Ended | Looked) -> None:
        """Commit it, or at least that it ended in doubt; else its lease ends, and that is found then."""
        try:
            self._commit([result])
            return
        except _AWAY:
            raise
        except IntegrityError:
            doubt = result.doubtful()
        except Exception:
            log.exception("end_of_call_refused")
            doubt = result.doubtful("The platform gave an answer that cannot be stored.")
        try:
            self._commit([doubt])
        except _AWAY:
            raise
        except Exception:
            log.exception("end_of_call_lost")

    def _commit(self, ended: Sequence[Ended | Looked]) -> None:
        with writing(self._context.engine) as session:
            now = self._context.lease_now(session)
            delivery.end_well(session, _successes(ended), now=now)
            for result in ended:
                if isinstance(result, Ended):
                    result.note_left(session, now=now)
                if not (isinstance(result, Ended) and result.remote is not None):
                    result.write(session, now=now)
            self._at("before_commit")
            session.commit()


def _successes(ended: Sequence[Ended | Looked]) -> list[Success]:
    """The calls that published, which are written down together."""
    return [
        Success(result.intent, result.remote)
        for result in ended
        if isinstance(result, Ended) and result.remote is not None
    ]


def _known(result: Ended | Looked) -> Future[Ended | Looked]:
    future: Future[Ended | Looked] = Future()
    future.set_result(result)
    return future
