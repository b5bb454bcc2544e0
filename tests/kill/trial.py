"""Kill a publishing worker with SIGKILL at a chosen step, finish with a fresh one, and count.

    python -m tests.kill.trial DATABASE_URL FOLDER SEEDS

The process that runs this imports everything, opens nothing, and forks one child for each
worker; so a child starts in milliseconds, and its death is a real one. Prints one JSON
object: trials, kills that happened, posts, doubles, losses, and posts without an end.
"""

import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import select

from domain.clock import Clock
from domain.content import Content
from domain.ids import new_id
from domain.post import PlacedBy, PostState
from net.client import make_client
from scheduler.context import Context
from scheduler.worker import PublishingWorker
from store import posts
from store.engine import open_engine, reading, writing
from store.seal import Seal, new_key
from store.tables import ChannelRow, Post, Workspace
from tests.kill.platform import PLATFORMS, SETTLED, published

#: Every step that the worker passes, in order.
STEPS = (
    "before_claim",
    "claimed",
    "attempt_written",
    "attempt_committed",
    "before_call",
    "called",
    "before_record",
    "before_commit",
    "recorded",
)
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=1)
#: Ages at which a fresh worker comes by: after the lease, and after each look.
VISITS = tuple(timedelta(minutes=minutes) for minutes in (1, 4, 20, 90, 240))


@dataclass(frozen=True)
class Trial:
    """One workspace whose worker is killed once."""

    url: str
    path: str
    step: str
    #: The step is passed this many times before the kill.
    passes: int
    platform: str
    count: int
    width: int
    workspace_id: int

    def context(self, clock: Clock) -> Context:
        """A context of this process's own."""
        return Context(
            engine=open_engine(self.url),
            http=make_client(),
            seal=Seal([new_key()]),
            clock=clock,
            public_url="",
            database_clock=False,
            adapter=PLATFORMS.__getitem__,
        )


def run(url: str, folder: Path, *, seeds: int) -> dict[str, int]:
    """All steps with ``seeds`` trials each; returns the sums."""
    sums: Counter[str] = Counter()
    for step in STEPS:
        for seed in range(seeds):
            sums.update(_one(url, folder, step, random.Random(f"{step}-{seed}")))
    return dict(sums)


def _one(url: str, folder: Path, step: str, chance: random.Random) -> Counter[str]:
    trial = Trial(
        url=url,
        path=str(folder / f"{new_id()}.txt"),
        step=step,
        passes=chance.choice((0, 0, 0, 1, 2)),
        platform=chance.choice(sorted(PLATFORMS)),
        count=chance.randint(1, 4),
        width=chance.choice((1, 2, 4)),
        workspace_id=new_id(),
    )
    status = in_child(lambda: _queue_and_work(trial))
    in_child(lambda: _finish(trial))
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return Counter(trials=1, kills=int(killed), posts=trial.count) + _judge(trial)


def in_child(work: Callable[[], None]) -> int:
    """Run in a fork; returns the wait status. A child that fails fails the whole run."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("a worker failed instead of being killed")
    return status


def _queue_and_work(trial: Trial) -> None:
    context = trial.context(lambda: START)
    _queue(trial, context)
    passes = trial.passes

    def at_step(name: str) -> None:
        nonlocal passes
        if name == trial.step:
            if passes == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            passes -= 1

    PublishingWorker(context, width=trial.width, lease=LEASE, at_step=at_step).run_until_idle()


def _finish(trial: Trial) -> None:
    now = START
    context = trial.context(lambda: now)
    for age in VISITS:
        now = START + age
        PublishingWorker(context, width=trial.width, lease=LEASE).run_until_idle()


def _queue(trial: Trial, context: Context) -> None:
    with writing(context.engine) as session:
        session.add(Workspace(id=trial.workspace_id, name=str(trial.workspace_id), created_at=START))
        session.flush()
        channel = ChannelRow(
            workspace_id=trial.workspace_id,
            platform=trial.platform,
            name="File",
            slug=str(trial.workspace_id),
            settings={"path": trial.path},
            created_at=START,
        )
        session.add(channel)
        session.flush()
        for number in range(trial.count):
            post = posts.new_post(
                session,
                workspace_id=trial.workspace_id,
                channel=channel,
                content=Content(f"post {number}"),
                state=PostState.QUEUED,
                now=START,
            )
            posts.plan(post, at=START, wall=START.replace(tzinfo=None), zone="UTC", placed_by=PlacedBy.PERSON)
        session.commit()


def _judge(trial: Trial) -> Counter[str]:
    """What became of the trial's posts; run in this process, after all children are gone."""
    result: Counter[str] = Counter()
    context = trial.context(lambda: START)
    with reading(context.engine) as session:
        rows = session.scalars(select(Post).where(Post.workspace_id == trial.workspace_id)).all()
    context.engine.dispose()
    copies = Counter(published(trial.path))
    for post in rows:
        there = copies[post.delivery_key]
        ended = post.state == PostState.PUBLISHED or (post.reason and post.next_at is None)
        result["doubles"] += there > 1
        result["losses"] += there == 0 and (post.state == PostState.PUBLISHED or not ended)
        result["open"] += not ended or (trial.platform in SETTLED and post.state != PostState.PUBLISHED)
        result["asked"] += post.state == PostState.UNCERTAIN
    result["losses"] += trial.count - len(rows)
    return result


if __name__ == "__main__":
    address, place, number = sys.argv[1:4]
    print(json.dumps(run(address, Path(place), seeds=int(number)), sort_keys=True))
