"""Kill a poller with SIGKILL in the middle of its batches, finish with a fresh one, and count.

    python -m tests.kill.polling DATABASE_URL SEEDS

The process that runs this imports everything, opens nothing, and forks one child for each poller. A child
dies after a random number of statements and commits, in whatever thread that is. Prints one JSON object:
trials, kills that happened, and entries and posts that are missing, doubled or unaccounted for.
"""

import json
import os
import random
import signal
import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
from sqlalchemy import event
from sqlmodel import Session, col, select

from domain.ids import new_id
from net.client import make_client
from scheduler.context import Context
from scheduler.feeds import add_feed
from scheduler.kinds import KINDS
from scheduler.routes import add_route
from scheduler.rules import Rules
from scheduler.ticks import Runner
from store import ledger
from store.engine import open_engine, reading, writing
from store.seal import Seal, new_key
from store.tables import ChannelRow, EntryRow, Feed, Post, Workspace
from tests.kill.trial import in_child
from tests.publisher_site import PERSON, Item, Site, item
from tests.world import NOON

FEEDS = 6
KEY = new_key()
KIND = replace(next(kind for kind in KINDS if kind.name == "feed"), width=4)


@dataclass(frozen=True)
class Trial:
    """One workspace whose poller is killed once."""

    url: str
    workspace_id: int
    #: Statements and commits until the kill.
    steps: int
    #: New entries of each feed.
    news: tuple[int, ...]

    def context(self, now: datetime, *, news: bool) -> Context:
        """A context of this process's own, whose site shows the new entries or not yet."""
        shown = [3 + (more if news else 0) for more in self.news]
        feeds = {f"/{blog}": [_item(blog, n) for n in range(most, 0, -1)] for blog, most in enumerate(shown)}
        site = Site(feeds)
        return Context(
            engine=open_engine(self.url),
            http=httpx.Client(transport=httpx.MockTransport(site.answer)),
            seal=Seal([KEY]),
            clock=lambda: now,
            public_url="",
            database_clock=False,
            pace=timedelta(0),
        )


def _item(blog: int, number: int) -> Item:
    """What no other blog has: else it would be a duplicate, which becomes no post."""
    hours = 72 + number if number > 3 else number
    made = item(number, site=f"https://blog{blog}.test", hours=hours)
    return replace(made, title=f"{made.title} of blog {blog}", text=f"{made.text} Blog {blog}.")


def run(url: str, seeds: int) -> dict[str, int]:
    """All trials; returns the sums."""
    make_client().close()  # what is imported late is imported before the forks
    sums: Counter[str] = Counter()
    for seed in range(seeds):
        chance = random.Random(seed)
        news = tuple(chance.choice((0, 0, 1, 3)) for _ in range(FEEDS))
        trial = Trial(url, new_id(), chance.randint(3, 50), news)
        in_child(lambda: _subscribe(trial))  # noqa: B023 - called at once
        status = in_child(lambda: _poll_and_die(trial))  # noqa: B023
        in_child(lambda: _finish(trial))  # noqa: B023
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        sums += Counter(trials=1, kills=int(killed)) + _judge(trial)
    return dict(sums)


def _subscribe(trial: Trial) -> None:
    context = trial.context(NOON, news=False)
    with writing(context.engine) as session:
        session.add(Workspace(id=trial.workspace_id, name=str(trial.workspace_id), created_at=NOON))
        session.flush()
        channel = ChannelRow(
            workspace_id=trial.workspace_id,
            platform="page",
            name="Page",
            slug=str(trial.workspace_id),
            created_at=NOON,
        )
        session.add(channel)
        session.commit()
    ids = [
        add_feed(context, trial.workspace_id, f"https://blog{n}.test/{n}", existing="none", actor=PERSON).id
        for n in range(FEEDS)
    ]
    add_route(
        context,
        trial.workspace_id,
        name="All",
        feed_ids=ids,
        channel_id=channel.id,
        rules=Rules(timing="at_once"),
        actor=PERSON,
    )


def _poll_and_die(trial: Trial) -> None:
    context = trial.context(NOON + timedelta(days=1), news=True)
    left = trial.steps

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for target, name in ((context.engine, "before_cursor_execute"), (Session, "before_commit")):
        event.listen(target, name, count)
    Runner(context, KIND).drain()


def _finish(trial: Trial) -> None:
    for age in (timedelta(days=1, minutes=6), timedelta(days=3)):
        runner = Runner(trial.context(NOON + age, news=True), KIND)
        runner.drain()
        runner.stop()


def _judge(trial: Trial) -> Counter[str]:
    """What became of the trial's entries; run in this process, after all children are gone."""
    context = trial.context(NOON, news=True)
    result: Counter[str] = Counter()
    with reading(context.engine) as session:
        feeds = session.scalars(select(Feed).where(col(Feed.workspace_id) == trial.workspace_id)).all()
        for feed in feeds:
            number = int(feed.url.rpartition("/")[2])
            query = select(col(EntryRow.guid), col(EntryRow.id)).where(col(EntryRow.feed_id) == feed.id)
            rows = session.connection().execute(query).all()
            wanted = {f"https://blog{number}.test/posts/{n}" for n in range(1, 4 + trial.news[number])}
            copies = Counter(guid for guid, _ in rows)
            result["entries_lost"] += len(wanted - set(copies))
            result["entries_doubled"] += sum(copies.values()) - len(copies)
            ids = [entry_id for _, entry_id in rows]
            posts = session.scalars(select(col(Post.entry_id)).where(col(Post.entry_id).in_(ids))).all()
            result["posts_lost"] += max(0, trial.news[number] - len(set(posts)))
            result["posts_doubled"] += len(posts) - len(set(posts))
            result["not_polled"] += feed.last_polled_at != NOON + timedelta(days=3)
        balances = ledger.balances(session, trial.workspace_id).values()
        result["unbalanced"] += sum(not balance.holds for balance in balances)
        result["not_polled"] += FEEDS - len(feeds)
    context.engine.dispose()
    return result


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], int(sys.argv[2])), sort_keys=True))
