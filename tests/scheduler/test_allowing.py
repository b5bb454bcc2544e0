"""Budgets and money: what a platform does not take, or a cap does not allow, waits with its reason."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func
from sqlmodel import col, select

from domain.content import Budget, Call, Capabilities, Content, DeliveryClass, Payload, Price, RemotePost
from domain.errors import NotFound, NotSent, OutcomeUnknown, PublishError, Rejected, UsageError
from domain.metrics import Metric
from domain.money import Money
from domain.post import PostState
from publishers.base import Measured, Progress, Publisher
from publishers.http import send_once
from scheduler import channels as commands
from scheduler import spending
from scheduler.allowing import posts_a_day
from scheduler.measuring import measure
from scheduler.posts import compose
from scheduler.worker import PublishingWorker
from store import metering
from store.changes import AUTOMATION
from store.engine import reading, writing
from store.tables import ChannelRow, Measurement, MeteredCall, Post
from tests.world import NOON, World, emptied, new_world

SINCE = date(2026, 1, 1)
PRICES = (
    Price(Call.POST, 15_000, "USD", SINCE),
    Price(Call.POST_WITH_LINK, 200_000, "USD", SINCE),
    Price(Call.READ, 5_000, "USD", SINCE),
)


class Counted(Publisher):
    """A platform in memory; the class a test makes of it has its own limits, errors and posts."""

    platform = "counted"
    title = "Counted"
    capabilities = Capabilities(delivery=DeliveryClass.AT_MOST_ONCE)
    posted: ClassVar[list[str]]
    #: How the next calls end in place of a post.
    errors: ClassVar[list[PublishError]]
    headers: ClassVar[dict[str, str]] = {}

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        return {"text": content.text}

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        if self.errors:
            raise self.errors.pop(0)
        if self.headers:
            transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=self.headers))
            with httpx.Client(transport=transport) as client:
                send_once(client, client.build_request("POST", "https://counted.example/posts"))
        self.posted.append(payload["text"])
        return RemotePost(f"{len(self.posted)}", None, self.clock())

    def metrics(self, remote_id: str) -> list[Measured]:
        self.posted.append("read")
        return [Measured(Metric.REACTIONS, 1, "likes")]


def _kind(**changes: Any) -> type[Counted]:
    able = replace(Counted.capabilities, **changes)
    return type("Counted", (Counted,), {"capabilities": able, "posted": [], "errors": []})


Make = Callable[..., World]


@pytest.fixture
def make(engine: Engine) -> Make:
    def world(**able: Any) -> World:
        return new_world(engine, platform="counted", adapters={"counted": _kind(**able)})

    return world


def _posted(world: World) -> list[str]:
    kind = world.context.adapter("counted")
    assert issubclass(kind, Counted)
    return kind.posted


def _run(world: World) -> None:
    PublishingWorker(world.context).run_until_idle()


def _cap(world: World, amount: str, **of: str) -> Money | None:
    return spending.set_cap(world.context, world.workspace.id, amount=amount, actor=AUTOMATION, **of)


def _micros(world: World) -> int:
    with reading(world.engine) as session:
        found = session.scalar(select(func.coalesce(func.sum(col(MeteredCall.micros)), 0)))
        return int(found or 0)


def test_a_budget_lets_so_many_through_and_the_rest_waits_with_its_reason(make: Make) -> None:
    world = make(budgets=(Budget(Call.POST, 3, timedelta(hours=24)),))
    posts = [world.queue(f"post {number}") for number in range(5)]
    _run(world)

    assert len(_posted(world)) == 3
    [first, _] = [world.reread(post) for post in posts if world.reread(post).state == PostState.QUEUED]
    assert first.reason == (
        "Waits, because Counted takes at most 3 posts in 24 hours from this channel, and there is no room "
        "until 2026-03-03 12:00 UTC."
    )
    assert first.next_at == NOON + timedelta(hours=24)
    assert first.tries == 0

    world.clock.forward(hours=24)
    _run(world)
    assert len(_posted(world)) == 5


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 3)), min_size=1, max_size=8),
)
def test_in_no_stretch_of_time_more_goes_out_than_the_budget(
    engine: Engine, most: int, bursts: list[tuple[int, int]]
) -> None:
    budget = Budget(Call.POST, most, timedelta(hours=24))
    kind = _kind(budgets=(budget,))
    times: list[datetime] = []

    def publish(self: Counted, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        times.append(self.clock())
        return RemotePost(key, None, self.clock())

    kind.publish = publish  # type: ignore[method-assign]
    world = new_world(emptied(engine), platform="counted", adapters={"counted": kind})
    queued = 0
    for minutes, count in bursts:
        world.clock.forward(minutes=minutes)
        for _ in range(count):
            world.queue(f"post {queued}")
            queued += 1
        _run(world)
    for _ in range(queued):
        world.clock.forward(hours=24)
        _run(world)

    assert len(times) == queued
    for start in times:
        assert sum(start <= at < start + budget.every for at in times) <= most


def test_a_shared_budget_is_one_for_all_channels(make: Make) -> None:
    world = make(budgets=(Budget(Call.POST, 2, timedelta(hours=24), shared=True),))
    with writing(world.engine) as session:
        other = ChannelRow(
            workspace_id=world.workspace.id, platform="counted", name="Other", slug="other",
            created_at=NOON,
        )  # fmt: skip
        session.add(other)
        session.commit()
    posts = [world.queue("a"), world.queue("b")]
    world = replace(world, channel=other)
    posts += [world.queue("c"), world.queue("d")]
    _run(world)

    assert len(_posted(world)) == 2
    waiting = [world.reread(post) for post in posts if world.reread(post).state == PostState.QUEUED]
    assert all("from this installation" in (post.reason or "") for post in waiting)


def test_a_thread_takes_as_many_as_it_has_parts(make: Make) -> None:
    world = make(budgets=(Budget(Call.POST, 4, timedelta(hours=24)),), max_thread=5)
    world.queue("a", content={"text": "a", "thread": ["b", "c"]})
    _run(world)
    world.queue("d", content={"text": "d", "thread": ["e"]})
    world.queue("f")
    _run(world)

    assert _posted(world) == ["a", "f"]


@pytest.mark.parametrize("error", [NotSent("nobody there."), Rejected("no.")])
def test_what_was_not_made_is_given_back(make: Make, error: PublishError) -> None:
    world = make(budgets=(Budget(Call.POST, 1, timedelta(hours=24)),), prices=PRICES)
    kind: Any = world.context.adapter("counted")
    kind.errors.append(error)
    world.queue("a")
    _run(world)
    assert _micros(world) == 0
    world.queue("b")
    _run(world)

    assert _posted(world) == ["b"]
    assert _micros(world) == 15_000


def test_a_call_of_unknown_end_stays_counted(make: Make) -> None:
    world = make(prices=PRICES)
    kind: Any = world.context.adapter("counted")
    kind.errors.append(OutcomeUnknown("cut."))
    world.queue("a")
    _run(world)

    assert _micros(world) == 15_000


def test_a_cap_holds_posts_until_it_is_raised_or_the_month_ends(make: Make) -> None:
    world = make(prices=PRICES)
    _cap(world, "0.04 USD", platform="counted")
    posts = [world.queue(f"post {number}") for number in range(4)]
    _run(world)

    assert _posted(world) == ["post 0", "post 1"]
    waiting = [world.reread(post) for post in posts if world.reread(post).state == PostState.QUEUED]
    assert waiting[0].reason == (
        "Waits, because the cap of 0.04 USD a month for Counted is reached: 0.03 USD are spent, and this "
        "post costs 0.015 USD."
    )
    assert _micros(world) == 30_000

    _cap(world, "0.05 USD", platform="counted")
    world.clock.forward(minutes=10)
    _run(world)
    assert len(_posted(world)) == 3
    world.clock.now = datetime(2026, 4, 1, tzinfo=UTC)
    _run(world)
    assert len(_posted(world)) == 4


@pytest.mark.parametrize("of", [{"platform": "counted"}, {"channel": "Counted"}, {}])
def test_each_kind_of_cap_holds(make: Make, of: dict[str, str]) -> None:
    world = make(prices=PRICES)
    _cap(world, "0.2 USD", **of)
    world.queue("see https://news.example/a")
    world.queue("plain")
    _run(world)

    assert len(_posted(world)) == 1
    _cap(world, "none", **of)
    world.clock.forward(minutes=10)
    _run(world)
    assert len(_posted(world)) == 2
    with pytest.raises(NotFound):
        _cap(world, "", **of)


@pytest.mark.parametrize("by", ["cap", "budget"])
def test_workers_at_once_never_take_more_than_there_is(make: Make, by: str) -> None:
    world = make(
        prices=PRICES,
        budgets=() if by == "cap" else (Budget(Call.POST, 5, timedelta(hours=24), shared=True),),
    )
    if by == "cap":
        _cap(world, "0.08 USD")
    for number in range(24):
        world.queue(f"post {number}")
    workers = [PublishingWorker(world.context, width=2) for _ in range(4)]
    threads = [threading.Thread(target=worker.run_until_idle) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(_posted(world)) == 5
    assert _micros(world) == 75_000


def test_a_cap_in_another_currency_or_of_what_is_free_is_refused(make: Make) -> None:
    world = make(prices=PRICES)

    with pytest.raises(UsageError, match="in USD"):
        _cap(world, "5 EUR", platform="counted")
    with pytest.raises(UsageError, match="takes no money"):
        _cap(world, "5 USD", platform="page")
    with pytest.raises(UsageError, match="Unknown platform"):
        _cap(world, "5 USD", platform="nonsense")
    with pytest.raises(NotFound):
        _cap(world, "5 USD", channel="Nobody")


def test_reads_are_paid_and_stop_at_the_cap(make: Make) -> None:
    world = make(prices=PRICES)
    # The last day of the month: no daily look at the channel is still to be paid for.
    world.clock.now = world.clock.now.replace(month=3, day=31, hour=10)
    _cap(world, "0.03 USD", platform="counted")
    post = world.queue("a")
    _run(world)
    with reading(world.engine) as session:
        row = session.scalars(select(Measurement).where(col(Measurement.post_id) == post.id)).one()
    for minutes in (16, 50, 130):
        world.clock.forward(minutes=minutes)
        measure(world.context, row)
        with reading(world.engine) as session:
            row = session.get_one(Measurement, row.id)

    assert _posted(world) == ["a", "read"]
    assert _micros(world) == 20_000
    assert row.thinned == [15 * 60, 3 * 3600], "what is left pays the look after an hour"
    assert row.last_error is None


def test_reads_stop_where_their_budget_ends(make: Make) -> None:
    world = make(budgets=(Budget(Call.READ, 3, timedelta(minutes=15)),))
    publisher = world.context.publisher(world.channel)
    spending.charge_reads(world.context, world.channel, publisher, reads=2)
    with pytest.raises(NotSent, match="at most 3 reads in 15 minutes"):
        spending.charge_reads(world.context, world.channel, publisher, reads=2)
    spending.charge_reads(world.context, world.channel, publisher, reads=1)

    world.clock.forward(minutes=15)
    spending.charge_reads(world.context, world.channel, publisher, reads=3)
    assert _micros(world) == 0


def test_a_budget_of_seconds_lets_posts_out_one_by_one(make: Make) -> None:
    world = make(budgets=(Budget(Call.POST, 1, timedelta(seconds=1)),))
    for number in range(3):
        world.queue(f"post {number}")
    for done in (1, 2, 3):
        _run(world)
        assert len(_posted(world)) == done
        world.clock.forward(seconds=1)


def test_the_overview_tells_what_is_spent_and_planned_this_month(make: Make) -> None:
    world = make(prices=PRICES)
    world.queue("a")
    _run(world)
    world.queue("see https://news.example/a", at=NOON + timedelta(days=1))
    world.queue("next month", at=NOON + timedelta(days=31))
    _cap(world, "20.00 USD", platform="counted")

    [one] = spending.overview(world.context, world.workspace)
    assert (one.spent, one.planned, one.planned_posts) == (Money(15_000, "USD"), Money(200_000, "USD"), 1)
    assert one.caps == {metering.platform_scope("counted"): Money(20_000_000, "USD")}
    assert one.prices[Call.READ] == Money(5_000, "USD")


def test_what_a_platform_says_is_left_is_believed(make: Make) -> None:
    world = make()
    kind: Any = world.context.adapter("counted")
    kind.headers = {"x-ratelimit-remaining": "1", "x-ratelimit-reset": "300"}
    first = [world.queue("a")]
    _run(world)
    kind.headers = {}
    first += [world.queue("b"), world.queue("c")]
    _run(world)

    assert len(_posted(world)) == 2
    [waits] = [one for one in map(world.reread, first) if one.state == PostState.QUEUED]
    assert (
        waits.reason == "Waits, because Counted says that it takes no more posts until 2026-03-02 12:05 UTC."
    )
    world.clock.forward(minutes=5)
    _run(world)
    assert len(_posted(world)) == 3


def test_automation_places_no_more_on_a_day_than_the_platform_takes(engine: Engine) -> None:
    kind = _kind(budgets=(Budget(Call.POST, 2, timedelta(hours=24)),))
    times = tuple((day, f"{hour:02}:00") for day in range(7) for hour in range(13, 20))
    world = new_world(engine, platform="counted", adapters={"counted": kind}, times=times)
    commands.test(world.context, world.workspace.id, world.channel.name)

    def write() -> Post:
        return compose(
            world.context, world.workspace.id, world.channel.id, Content("hi"), when="next-slot",
            actor=AUTOMATION,
        )  # fmt: skip

    days = [post.planned_at.date() for post in (write() for _ in range(5)) if post.planned_at]
    assert max(days.count(day) for day in days) == 2


@pytest.mark.parametrize(
    ("budgets", "most"),
    [
        ((), None),
        ((Budget(Call.READ, 5, timedelta(days=1)),), None),
        ((Budget(Call.POST, 250, timedelta(days=1)),), 250),
        ((Budget(Call.POST, 100, timedelta(minutes=15)),), 9600),
        ((Budget(Call.POST, 5, timedelta(days=7)), Budget(Call.POST, 10, timedelta(days=1))), 5),
    ],
)
def test_a_budget_is_so_many_posts_a_day(budgets: tuple[Budget, ...], most: int | None) -> None:
    assert posts_a_day(budgets) == most
