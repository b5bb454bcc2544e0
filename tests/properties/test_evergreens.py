"""Whatever happens to an evergreen, it keeps its cooldown, its number, its days, and never repeats itself."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.content import Content, DeliveryClass
from domain.errors import UsageError
from domain.evergreen import Rules, Season, words_of
from domain.post import PlacedBy, PostState
from domain.schedule import zone
from scheduler import evergreens as commands
from scheduler import posts
from scheduler.recycling import recycle
from scheduler.worker import PublishingWorker
from store.changes import Actor
from store.due import claim_due
from store.engine import writing
from store.tables import Evergreen, Post, Workspace
from tests.fakes import Crash, FakePlatform, Fate
from tests.world import World, emptied, new_world

PERSON = Actor("person")
TIMES = tuple((day, wall) for day in range(7) for wall in ("13:00", "19:00"))
LATE = timedelta(minutes=15)


class History:
    """One evergreen, and what people, workers and time do to it."""

    def __init__(self, world: World, row: Evergreen) -> None:
        self.world, self.row = world, row
        self.context = world.context
        self.workspace = world.workspace.id

    def play(self, step: str) -> None:
        with suppress(UsageError, Crash):
            getattr(self, f"do_{step}")()

    def do_hour(self) -> None:
        self.world.clock.forward(hours=1)

    def do_days(self) -> None:
        """Three days in which the program runs, also at the hours of the slots."""
        self.world.clock.now = self.world.clock.now.replace(hour=0, minute=0) + timedelta(days=1)
        for _ in range(12):
            self.world.clock.forward(hours=6)
            self.do_look()
            self.do_publish()

    def do_down(self) -> None:
        """A week in which it does not."""
        self.world.clock.forward(days=7, hours=5)

    def do_look(self) -> None:
        for row in self._claimed():
            recycle(self.context, row)

    def do_die(self) -> None:
        """A worker claims and dies; its lease ends later."""
        self._claimed()

    def do_twice(self) -> None:
        """One that was slow writes after another took over."""
        slow = self._claimed()
        self.world.clock.forward(minutes=6)
        self.do_look()
        for row in slow:
            recycle(self.context, row)

    def _claimed(self) -> list[Evergreen]:
        with writing(self.context.engine) as session:
            now = self.world.clock.now
            return list(claim_due(session, Evergreen, now=now, lease=timedelta(minutes=5), limit=5))

    def do_publish(self) -> None:
        PublishingWorker(self.context, width=1).run_until_idle()

    def do_skip(self) -> None:
        posts.skip(self.context, self.workspace, self._newest().id, reason="", actor=PERSON)

    def do_retry(self) -> None:
        for post in self.cycles():
            with suppress(UsageError):
                posts.retry(self.context, self.workspace, post.id, actor=PERSON)

    def do_move(self) -> None:
        later = f"{self.world.clock.now + timedelta(days=2):%Y-%m-%d %H:%M} UTC"
        posts.move(self.context, self.workspace, self._newest().id, when=later, actor=PERSON)

    def do_write(self) -> None:
        """Somebody's own post takes the next slot."""
        posts.compose(
            self.context,
            self.workspace,
            self.world.channel.id,
            Content("own"),
            when="next-slot",
            actor=PERSON,
        )

    def do_pause(self) -> None:
        commands.pause_evergreen(self.context, self.workspace, self.row.id, actor=PERSON)

    def do_resume(self) -> None:
        commands.resume_evergreen(self.context, self.workspace, self.row.id, actor=PERSON)

    def do_crisis(self) -> None:
        """Everything is paused, or goes on."""
        with writing(self.context.engine) as session:
            row = session.get_one(Workspace, self.workspace)
            row.paused_at = None if row.paused_at else self.world.clock.now
            session.commit()

    def _newest(self) -> Post:
        found = self.cycles()
        if not found:
            raise UsageError("There is none yet.")
        return found[-1]

    def cycles(self) -> list[Post]:
        with Session(self.context.engine, expire_on_commit=False) as session:
            query = select(Post).where(col(Post.evergreen_id) == self.row.id)
            return list(session.scalars(query.order_by(col(Post.evergreen_cycle))))


STEPS = [name.removeprefix("do_") for name in vars(History) if name.startswith("do_")]


def effective(post: Post) -> datetime:
    """When a post that went out counts as having done so."""
    assert post.published_at is not None
    assert post.planned_at is not None
    return post.published_at if post.published_at - post.planned_at > LATE else post.planned_at


@st.composite
def rules(draw: Any) -> Rules:
    first, last = draw(st.sampled_from([((3, 1), (3, 20)), ((2, 20), (3, 9)), ((12, 1), (3, 12))]))
    return Rules(
        cooldown=timedelta(days=draw(st.integers(1, 6))),
        max_cycles=draw(st.none() | st.integers(2, 4)),
        season=draw(st.none() | st.just(Season(first, last))),
        last_day=draw(st.none() | st.dates(date(2026, 3, 5), date(2026, 3, 25))),
        fill=timedelta(days=draw(st.integers(1, 5))),
    )


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rules=rules(),
    texts=st.integers(2, 4),
    fates=st.lists(st.sampled_from(Fate), max_size=6),
    steps=st.lists(st.sampled_from(["days", "days", *STEPS]), min_size=5, max_size=30),
)
def test_an_evergreen_keeps_its_rules_whatever_happens(
    shared_engine: Engine, rules: Rules, texts: int, fates: list[Fate], steps: list[str]
) -> None:
    platform = FakePlatform(DeliveryClass.LIST_AND_MATCH, fates=fates)
    world = new_world(
        emptied(shared_engine), platform="fake", adapters={"fake": platform.adapter}, zone="Asia/Jakarta",
        times=TIMES,
    )  # fmt: skip
    row = commands.add_evergreen(
        world.context, world.workspace.id, name="Kopi", channel_id=world.channel.id,
        variants=[Content(f"Text {number} of the evergreen") for number in range(texts)],
        rules=rules, actor=PERSON,
    )  # fmt: skip
    history = History(world, row)

    for step in steps:
        history.play(step)

    cycles = history.cycles()
    assert [post.evergreen_cycle for post in cycles] == list(range(1, len(cycles) + 1))
    out = sorted((post for post in cycles if post.state == PostState.PUBLISHED), key=effective)
    if rules.max_cycles is not None:
        assert len([post for post in cycles if post.state != PostState.SKIPPED]) <= rules.max_cycles
    where = zone("Asia/Jakarta")
    for post in cycles:
        if post.placed_by == PlacedBy.AUTOMATION:
            assert post.planned_at is not None
            assert rules.has_day(post.planned_at.astimezone(where).date())
            assert post.state != PostState.PUBLISHED or effective(post) == post.planned_at
    for earlier, later in pairwise(out):
        assert words_of(earlier.content["text"]) != words_of(later.content["text"])
        if later.placed_by == PlacedBy.AUTOMATION:
            assert effective(later) - effective(earlier) >= rules.cooldown
    with Session(world.engine) as session:
        slots = [at for at in session.scalars(select(col(Post.slot_at))) if at is not None]
    assert len(slots) == len(set(slots))
