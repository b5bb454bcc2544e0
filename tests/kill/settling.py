"""Kill a worker with SIGKILL while it writes columns, finish with a fresh one, and compare with the readings.

    python -m tests.kill.settling DATABASE_URL STEP...

Kills at each of these statements and commits. Prints one JSON object: trials, kills that happened, those
after which posts waited to be compared, and posts that stand otherwise than their readings say in the end.
"""

import json
import os
import signal
import sys
from collections import Counter
from datetime import timedelta

from sqlalchemy import Engine, event
from sqlmodel import Session, select

from net.client import make_client
from scheduler.context import Context
from scheduler.settling import settle
from store import agreeing, measuring, packing
from store.engine import open_engine
from store.measuring import Taken
from store.seal import Seal, new_key
from store.tables import ChannelRow, Post, StandingUncompared
from tests.measured import M
from tests.store.test_equal_age import grown, kept, told
from tests.world import NOON, FixedClock

DAY = timedelta(days=1)
#: Posts of the channel, and those of them that change before the kill.
POSTS, CHANGED = 60, 20


def run(url: str, steps: list[int]) -> dict[str, int]:
    """All trials; returns the sums."""
    sums: Counter[str] = Counter()
    for step in steps:
        sums.update(_one(url, step))
    return dict(sums)


def _one(url: str, step: int) -> Counter[str]:
    channel, posts = _prepared(url, step)
    child = os.fork()
    if child == 0:
        try:
            _settle_and_die(url, step)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    engine = open_engine(url)
    with Session(engine) as session:
        waited = session.scalars(select(StandingUncompared)).first() is not None
    settle(_context(engine))
    with Session(engine) as session:
        told_now, kept_now = told(session, posts), kept(session, channel, posts)
        wrong = sum(told_now[post.id] != kept_now[post.id] for post in posts)
        wrong += len(agreeing.differences(session, channel.workspace_id))
        left = len(session.scalars(select(StandingUncompared)).all())
    engine.dispose()
    return Counter(
        trials=1, kills=int(os.WIFSIGNALED(status)), waited=int(waited), wrong=wrong, left=left,
        told=sum(one is not None for one in told_now.values()),
    )  # fmt: skip


def _prepared(url: str, seed: int) -> tuple[ChannelRow, list[Post]]:
    """A channel whose columns are written, and some of whose posts were looked at since."""
    engine = open_engine(url)
    with Session(engine, expire_on_commit=False) as session:
        _, channel, posts = grown(session, seed, POSTS)
        packing.rebuild(session, channel.id)
        session.commit()
        old = [post for post in posts if post.published_at is not None and post.published_at + 2 * DAY < NOON]
        for place, post in enumerate(old[:CHANGED]):
            assert post.published_at is not None
            taken = [Taken(metric, 50 + place, "field") for metric in (M.REACTIONS, M.REPLIES, M.SHARES)]
            at = post.published_at + 2 * DAY
            measuring.append(session, post.id, checkpoint=2 * DAY, read_at=at, taken=taken)
        session.commit()
    engine.dispose()
    return channel, posts


def _settle_and_die(url: str, steps: int) -> None:
    engine = open_engine(url)
    _after(engine, steps)
    settle(_context(engine))
    os._exit(0)


def _context(engine: Engine) -> Context:
    return Context(
        engine=engine, http=make_client(), seal=Seal([new_key()]), clock=FixedClock(),
        public_url="http://127.0.0.1:8420", database_clock=False,
    )  # fmt: skip


def _after(engine: Engine, steps: int) -> None:
    left = steps

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for target, name in ((engine, "before_cursor_execute"), (Session, "before_commit")):
        event.listen(target, name, count)


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], [int(one) for one in sys.argv[2:]])))
