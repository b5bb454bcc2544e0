"""Evergreens fill what would stay empty, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.content import Content
from domain.errors import IllegalMove, NotFound, UsageError
from domain.evergreen import Rules, Season
from domain.post import PlacedBy, PostState
from publishers.platforms.page import Page
from scheduler import evergreens as commands
from scheduler import posts, recycling
from scheduler.worker import PublishingWorker
from store import evergreens
from store.changes import Actor
from store.due import claim_due
from store.engine import writing
from store.tables import ChannelRow, Evergreen, Post, SlotChoice, Workspace
from tests.world import World, new_world

PERSON = Actor("person")
DAILY = tuple((day, "09:00") for day in range(7))
TEXTS = (
    Content("Kopi Gayo", link="https://example.org/gayo"),
    Content("Kopi Toraja"),
    Content("Kopi Bajawa"),
)


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine, platform="page", zone="Asia/Jakarta", times=DAILY)


def add(world: World, **values: object) -> Evergreen:
    known: dict[str, object] = {"cooldown": timedelta(days=3), "fill": timedelta(days=2), **values}
    return commands.add_evergreen(
        world.context, world.workspace.id, name="Kopi", channel_id=world.channel.id, variants=TEXTS,
        rules=Rules(**known), campaign="Beans", actor=PERSON,  # type: ignore[arg-type]
    )  # fmt: skip


def look(world: World) -> None:
    with writing(world.engine) as session:
        rows = claim_due(session, Evergreen, now=world.clock.now, lease=timedelta(minutes=5), limit=9)
    for row in rows:
        recycling.recycle(world.context, row)


def run(world: World, *, days: int) -> None:
    """Days in which the program runs, also at the hour of the slots."""
    world.clock.now = world.clock.now.replace(hour=14)
    for _ in range(days * 6):
        look(world)
        PublishingWorker(world.context, width=1).run_until_idle()
        world.clock.forward(hours=4)


def cycles(world: World, row: Evergreen) -> list[Post]:
    with Session(world.engine, expire_on_commit=False) as session:
        return list(reversed(evergreens.cycles_of(session, row.id)))


def reread(world: World, row: Evergreen) -> Evergreen:
    with Session(world.engine, expire_on_commit=False) as session:
        return session.get_one(Evergreen, row.id)


def test_a_cycle_is_a_post_of_its_own_in_a_slot_that_is_still_empty(world: World) -> None:
    own = posts.compose(
        world.context, world.workspace.id, world.channel.id, Content("mine"), when="next-slot", actor=PERSON
    )
    row = add(world)
    look(world)

    [post] = cycles(world, row)
    assert own.slot_at == datetime(2026, 3, 3, 2, tzinfo=UTC)
    assert post.slot_at == post.planned_at == post.next_at == datetime(2026, 3, 4, 2, tzinfo=UTC)
    assert (post.state, post.placed_by, post.campaign) == (PostState.QUEUED, PlacedBy.AUTOMATION, "Beans")
    assert post.content["link"] == (
        "https://example.org/gayo?utm_source=page&utm_medium=social&utm_campaign=beans"
    )


def test_slots_beyond_the_days_to_fill_are_left_for_others(world: World) -> None:
    for _ in range(3):
        posts.compose(
            world.context,
            world.workspace.id,
            world.channel.id,
            Content("mine"),
            when="next-slot",
            actor=PERSON,
        )
    row = add(world, fill=timedelta(days=2))
    look(world)

    assert cycles(world, row) == []
    assert reread(world, row).reason == recycling.NO_GAP


def test_texts_take_turns_and_the_cooldown_is_kept(world: World) -> None:
    row = add(world)
    run(world, days=14)

    done = [post for post in cycles(world, row) if post.state == PostState.PUBLISHED]
    assert [post.content["text"] for post in done] == [
        "Kopi Gayo", "Kopi Toraja", "Kopi Bajawa", "Kopi Gayo", "Kopi Toraja",
    ]  # fmt: skip
    days = [post.planned_at.day for post in done if post.planned_at]
    assert days == [3, 6, 9, 12, 15]


def test_it_ends_after_its_cycles_and_a_skipped_one_does_not_count(world: World) -> None:
    row = add(world, max_cycles=2)
    look(world)
    posts.skip(world.context, world.workspace.id, cycles(world, row)[0].id, reason="", actor=PERSON)
    run(world, days=20)

    states = [post.state for post in cycles(world, row)]
    assert states == [PostState.SKIPPED, PostState.PUBLISHED, PostState.PUBLISHED]
    assert reread(world, row).reason == recycling.SPENT


def test_season_and_last_day_hold_in_the_channels_zone(world: World) -> None:
    row = add(world, cooldown=timedelta(days=1), season=Season((3, 4), (3, 20)), last_day=date(2026, 3, 6))
    run(world, days=10)

    days = [post.planned_at.day for post in cycles(world, row) if post.planned_at]
    assert days == [4, 5, 6]
    assert (reread(world, row).reason, reread(world, row).next_at) == (recycling.EXPIRED, None)


def test_nothing_is_filled_while_everything_or_the_evergreen_is_paused(world: World) -> None:
    row = add(world)
    with writing(world.engine) as session:
        session.get_one(Workspace, world.workspace.id).paused_at = world.clock.now
        session.commit()
    look(world)
    assert reread(world, row).reason == recycling.EVERYTHING_PAUSED
    commands.pause_evergreen(world.context, world.workspace.id, row.id, actor=PERSON)
    world.clock.forward(hours=2)
    look(world)

    assert cycles(world, row) == []
    assert reread(world, row).next_at is None


def test_a_gap_that_passed_while_nothing_ran_is_not_filled_late(world: World) -> None:
    row = add(world)
    look(world)
    world.clock.forward(days=4)
    PublishingWorker(world.context, width=1).run_until_idle()

    [post] = cycles(world, row)
    assert post.state == PostState.SKIPPED
    assert post.reason is not None
    assert "has passed" in post.reason


def test_a_post_that_the_evergreen_went_past_is_not_taken_up_again(world: World) -> None:
    row = add(world)
    look(world)
    [first] = cycles(world, row)
    posts.skip(world.context, world.workspace.id, first.id, reason="", actor=PERSON)
    run(world, days=5)

    with pytest.raises(IllegalMove, match="has gone on without this post"):
        posts.retry(world.context, world.workspace.id, first.id, actor=PERSON)


@pytest.mark.parametrize(
    ("texts", "rules", "says"),
    [
        (["One"], {}, "at least two different texts"),
        (["One", "one  https://example.org/x"], {}, "at least two different texts"),
        (["One", " "], {}, "needs words"),
        ([], {}, "1 to 100 texts"),
        (["One", "Two"], {"cooldown": timedelta(0)}, "cooldown is 1 to"),
        (["One", "Two"], {"max_cycles": 0}, "number of cycles"),
        (["One", "Two"], {"fill": timedelta(days=99)}, "1 to 60 days"),
    ],
)
def test_what_could_not_come_back_is_refused(
    world: World, texts: list[str], rules: dict[str, object], says: str
) -> None:
    known: dict[str, object] = {"cooldown": timedelta(days=3), **rules}
    with pytest.raises(UsageError, match=says):
        commands.add_evergreen(
            world.context, world.workspace.id, name="X", channel_id=world.channel.id,
            variants=[Content(text) for text in texts], rules=Rules(**known), actor=PERSON,  # type: ignore[arg-type]
        )  # fmt: skip


def test_one_text_may_come_back_after_a_long_rest_where_the_platform_takes_it_again(world: World) -> None:
    def add_one(channel_id: int) -> Evergreen:
        return commands.add_evergreen(
            world.context, world.workspace.id, name="Hours", channel_id=channel_id,
            variants=[Content("Open daily from 8")], rules=Rules(cooldown=timedelta(days=30)), actor=PERSON,
        )  # fmt: skip

    row = add_one(world.channel.id)
    run(world, days=34)
    assert [post.content["text"] for post in cycles(world, row)][:2] == ["Open daily from 8"] * 2

    class Strict(Page):
        capabilities = replace(Page.capabilities, refuses_repeats=True)

    strict = replace(world.context, adapter=lambda _platform: Strict)
    with pytest.raises(UsageError, match="the platform refuses a text"):
        commands.add_evergreen(
            strict, world.workspace.id, name="Hours", channel_id=world.channel.id,
            variants=[Content("Open daily from 8")], rules=Rules(cooldown=timedelta(days=30)), actor=PERSON,
        )  # fmt: skip


def test_one_text_will_do_for_one_cycle_and_an_ended_evergreen_stays_ended(world: World) -> None:
    row = commands.add_evergreen(
        world.context, world.workspace.id, name="X", channel_id=world.channel.id, variants=[Content("One")],
        rules=Rules(cooldown=timedelta(days=1), max_cycles=1), actor=PERSON,
    )  # fmt: skip
    commands.end_evergreen(world.context, world.workspace.id, row.id, actor=PERSON)

    with pytest.raises(UsageError, match="ended for good"):
        commands.resume_evergreen(world.context, world.workspace.id, row.id, actor=PERSON)
    with pytest.raises(NotFound):
        commands.end_evergreen(world.context, world.workspace.id + 1, row.id, actor=PERSON)


def test_a_channel_that_chooses_its_best_times_is_filled_too(engine: Engine) -> None:
    world = new_world(engine, platform="page", zone="Asia/Jakarta", times=())
    with writing(world.engine) as session:
        session.get_one(ChannelRow, world.channel.id).rules = {"best_times": "yes", "quiet": "21:00-08:00"}
        session.commit()
    row = add(world)

    look(world)

    [post] = cycles(world, row)
    assert post.slot_at is not None
    assert "08:00:00" <= str(post.planned_wall)[11:] < "21:00:00"
    with Session(world.engine) as session:
        [choice] = session.scalars(select(SlotChoice)).all()
    assert (choice.rule, choice.why["rank"]) == ("evergreen_gap/2", 1)
