"""Experiments from their start to their frozen result, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from analytics.post_sheet import cell, names_for
from analytics.posts import how_many, post_list, post_statistics
from analytics.reports.asking import Asked
from analytics.reports.tried import experiments_ended
from analytics.trials import assess, standing_of
from analytics.views import filters_of
from domain.content import Content
from domain.errors import NotFound, UsageError
from domain.metrics import Metric
from domain.period import Every, Span
from domain.post_view import PostView
from domain.report import Remark
from domain.sentences import say
from domain.trial import Standing, Trial
from publishers.platforms.page import Page
from scheduler import experiments as commands
from scheduler import posts
from scheduler.drawing_hours import draw_hours
from scheduler.experimenting import judge_when_due
from scheduler.experiments import NewExperiment
from scheduler.measuring import supplies
from store import experiments
from store.changes import Actor
from store.due import claim_due
from store.engine import reading, writing
from store.tables import Change, ChannelRow, Experiment, ExperimentPost, Post, Workspace
from store.values import NO_FILTERS
from tests.tried import DAY, published, read
from tests.world import NOON, World, new_world

PERSON = Actor("person")
LOW = (50, 61, 44, 58, 70, 39, 52, 66)
HIGH = (130, 170, 110, 160, 145, 190, 125, 150)


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine, platform="page", zone="Asia/Jakarta")


def start(world: World, name: str = "Questions", **values: Any) -> Experiment:
    known: dict[str, Any] = {"metric": "views", "size": 8, **values}
    new = NewExperiment(name=name, **known)
    return commands.start(world.context, world.workspace.id, new, actor=PERSON)


def views(world: World, *numbers: int, ago: float = 9) -> list[Post]:
    """Posts some days ago, an hour apart, with these views after a day."""
    at = world.clock.now - timedelta(days=ago)
    return [
        published(world.engine, world.channel, at + timedelta(hours=place), {Metric.VIEWS: number})
        for place, number in enumerate(numbers)
    ]


def give(world: World, row: Experiment, arm: str, found: list[Post]) -> None:
    ids = [post.id for post in found]
    commands.add_posts(world.context, world.workspace.id, row.id, arm=arm, post_ids=ids, actor=PERSON)


def standing(world: World, row: Experiment) -> Trial:
    with reading(world.engine) as session:
        fresh = experiments.get(session, world.workspace.id, row.id)
        able = supplies(world.context, session, world.workspace.id)
        return standing_of(session, fresh, supplies=able, now=world.clock.now)


def look(world: World) -> None:
    with writing(world.engine) as session:
        rows = claim_due(session, Experiment, now=world.clock.now, lease=timedelta(minutes=5), limit=9)
    for row in rows:
        judge_when_due(world.context, row)


def again(world: World, row: Experiment) -> Experiment:
    with reading(world.engine) as session:
        return experiments.get(session, world.workspace.id, row.id)


def test_an_experiment_ends_by_itself_at_its_size_and_its_result_is_frozen(world: World) -> None:
    row = start(world)
    give(world, row, "A", views(world, *LOW))
    give(world, row, "B", views(world, *HIGH))

    world.clock.forward(hours=1)
    look(world)
    ended = again(world, row)
    told = standing(world, row)
    later = published(world.engine, world.channel, NOON - 5 * DAY, {Metric.VIEWS: 1})
    read(world.engine, later, {Metric.REACH: 3})
    with pytest.raises(UsageError, match="is over: its result stays as it is"):
        give(world, row, "A", [later])

    assert (ended.state, ended.ended_by, ended.next_at) == ("ended", "size", None)
    assert ended.ended_at == world.clock.now
    assert standing(world, row) == told
    verdict = say(told.verdict[0])
    assert verdict.startswith("B is ahead of A: +")
    assert "in views at the age of 24 hours" in verdict.lower()
    assert "almost certain (99%)" in verdict
    assert "mengungguli" in say(told.verdict[0], "id")
    # They were measured before they were added, and that is said.
    assert say(told.verdict[-1]).startswith("16 of the posts that count were added when their figures")
    with reading(world.engine) as session:
        whats = session.scalars(select(Change.what).where(col(Change.subject) == "experiment")).all()
    assert sorted(whats) == ["added posts", "added posts", "ended experiment", "started experiment"]


def test_an_experiment_that_lacks_posts_says_so_and_is_looked_at_again(world: World) -> None:
    row = start(world)
    give(world, row, "A", views(world, *LOW))
    give(world, row, "B", views(world, *HIGH[:4]))

    world.clock.forward(hours=1)
    look(world)

    fresh = again(world, row)
    assert (fresh.state, fresh.next_at) == ("running", world.clock.now + commands.LOOK_EVERY)
    assert say(standing(world, row).verdict[0]) == (
        "Not enough data: each arm needs at least 5 posts measured at the age of 24 hours; so far A: 8, B: 4."
    )


def test_posts_that_were_planned_before_count_without_a_word_about_it(world: World) -> None:
    row = start(world, size=5)
    both = []
    for arm in ("A", "B"):
        out = [
            published(world.engine, world.channel, world.clock.now - timedelta(hours=one)) for one in range(5)
        ]
        give(world, row, arm, out)
        both.append(out)
    for out, numbers in zip(both, (LOW, HIGH), strict=True):
        for post, number in zip(out, numbers, strict=False):
            read(world.engine, post, {Metric.VIEWS: number})

    world.clock.forward(days=2)
    look(world)

    told = standing(world, row)
    assert told.counted == 10
    assert not any(one.known for one in told.posts)
    assert len(told.verdict) == 1


def test_what_is_judged_once_tells_nothing_before_its_end(world: World) -> None:
    row = start(world, method="fixed", size=8)
    give(world, row, "A", views(world, *LOW))
    give(world, row, "B", views(world, *HIGH[:7]))

    early = standing(world, row)
    give(world, row, "B", views(world, HIGH[7]))
    extra = views(world, 1, 1, 1, ago=3)
    give(world, row, "B", extra)
    world.clock.forward(hours=1)
    look(world)
    told = standing(world, row)

    assert early.contrasts == ()
    assert [one.best for one in early.arms] == [None, None]
    assert say(early.verdict[0]).startswith(
        "It is judged once, when each arm has 8 measured posts; so far A: 8, B: 7. Looking"
    )
    assert told.decided
    # What became known after the planned size does not count.
    late = {one.id for one in told.posts if one.standing is Standing.AFTER}
    assert late == {post.id for post in extra}
    assert [one.counted for one in told.arms] == [8, 8]


def test_what_is_judged_once_has_no_verdict_when_somebody_ends_it_before(world: World) -> None:
    row = start(world, method="fixed", size=20)
    give(world, row, "A", views(world, *LOW))
    give(world, row, "B", views(world, *HIGH))

    commands.end(world.context, world.workspace.id, row.id, reason="No time", actor=PERSON)

    told = standing(world, row)
    assert told.contrasts == ()
    assert say(told.verdict[0]).startswith("It was ended before it was to be judged, so there is no verdict")
    assert again(world, row).reason == "No time"


def test_an_experiment_ends_on_its_last_day_by_the_clock_of_the_workspace(world: World) -> None:
    row = start(world, size=None, until=date(2026, 3, 4))
    give(world, row, "A", views(world, *LOW))
    give(world, row, "B", views(world, *LOW))

    # The day ends in Jakarta at 17:00 UTC.
    world.clock.now = NOON.replace(day=4, hour=16, minute=59)
    look(world)
    before = again(world, row)
    world.clock.now = NOON.replace(day=4, hour=17)
    look(world)
    after = again(world, row)

    assert (before.state, before.next_at) == ("running", NOON.replace(day=4, hour=17))
    assert (after.state, after.ended_by) == ("ended", "date")
    assert say(standing(world, row).verdict[0]).startswith("No difference between B and A was shown: ")


def test_whoever_gives_up_concludes_nothing(world: World) -> None:
    row = start(world)
    give(world, row, "A", views(world, *LOW))
    give(world, row, "B", views(world, *HIGH))

    commands.stop(world.context, world.workspace.id, row.id, actor=PERSON)

    told = standing(world, row)
    assert again(world, row).state == "stopped"
    assert [say(one) for one in told.verdict] == ["It was given up, so nothing is concluded."]
    assert not told.contrasts
    assert not told.how
    assert [one.counted for one in told.arms] == [8, 8]
    with pytest.raises(UsageError, match="is over"):
        commands.end(world.context, world.workspace.id, row.id, actor=PERSON)


def test_a_post_whose_figures_are_known_stays_where_it_is(world: World) -> None:
    row = start(world)
    [known] = views(world, 10)
    fresh = world.queue()
    give(world, row, "A", [known, fresh])

    give(world, row, "B", [fresh])
    with pytest.raises(
        UsageError, match="are known already: whoever moved it or took it out now would choose the result"
    ):
        give(world, row, "B", [known])
    with pytest.raises(UsageError, match="whoever moved it or took it out now would choose"):
        commands.remove_post(world.context, world.workspace.id, row.id, known.id, actor=PERSON)
    commands.remove_post(world.context, world.workspace.id, row.id, fresh.id, actor=PERSON)

    with reading(world.engine) as session:
        rows = session.scalars(select(ExperimentPost)).all()
    assert [(one.post_id, one.arm, one.known) for one in rows] == [(known.id, 1, True)]


def test_a_post_belongs_to_one_experiment_only(world: World) -> None:
    first = start(world)
    second = start(world, "Other", beside=True)
    post = world.queue()
    give(world, first, "A", [post])

    with pytest.raises(UsageError, match="belongs to the experiment 'Questions' already"):
        give(world, second, "A", [post])
    with pytest.raises(UsageError, match="is in no arm of the experiment 'Other'"):
        commands.remove_post(world.context, world.workspace.id, second.id, post.id, actor=PERSON)


def test_two_experiments_on_one_channel_are_refused_unless_somebody_insists(world: World) -> None:
    start(world)

    with pytest.raises(UsageError, match="'Questions' runs on Page already, and one would disturb the other"):
        start(world, "Other", channel_ids=[world.channel.id])
    start(world, "Other", beside=True)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"name": "  "}, "Give the experiment a name"),
        ({"name": "questions"}, None),
        ({"arms": ["A"]}, "Name 2 to 4 arms"),
        ({"arms": list("ABCDE")}, "Name 2 to 4 arms"),
        ({"arms": ["With", "with "]}, "Two arms have the same name"),
        ({"arms": ["A", "b" * 41]}, "at most 40 characters"),
        ({"metric": "nonsense"}, "Unknown metric 'nonsense'"),
        ({"metric": "nps"}, "cannot decide an experiment"),
        ({"metric": "clicks_bot"}, "cannot decide an experiment"),
        ({"metric": "engagement"}, "does not supply what Engagement"),
        ({"age": 5}, "Posts are not read at that age"),
        ({"method": "peek"}, "may be looked at always, or is judged once"),
        ({"effect": 0}, "Look for an effect of 1 to 1,000 percent"),
        ({"effect": float("nan")}, "Look for an effect of 1 to 1,000 percent"),
        ({"size": 4}, "Plan 5 to 1,000 posts"),
        ({"size": None}, "Too few past posts of these channels have that figure at that age"),
        ({"size": None, "until": date(2026, 3, 1)}, "The last day is over"),
        ({"question": "?" * 501}, "at most 500 characters"),
    ],
)
def test_what_cannot_be_started_is_said_in_one_sentence(
    world: World, values: dict[str, Any], says: str | None
) -> None:
    if says is None:
        start(world)
        start(world, **{**values, "beside": True})  # upper and lower case are told apart
        with pytest.raises(UsageError, match="There is an experiment called 'questions' already"):
            start(world, **{**values, "beside": True})
        return
    with pytest.raises(UsageError, match=says):
        start(world, **values)


def test_channels_and_posts_of_others_are_not_found(world: World, engine: Engine) -> None:
    other, elsewhere = _other_workspace(world)
    row = start(world, channel_ids=[world.channel.id])

    with pytest.raises(NotFound):
        start(world, "Other", channel_ids=[elsewhere.id])
    with pytest.raises(NotFound):
        give(world, row, "A", [published(engine, elsewhere, NOON - DAY)])
    with pytest.raises(NotFound):
        commands.end(world.context, other, row.id, actor=PERSON)
    second = _channel(world, world.workspace.id, "Second")
    out = published(world.engine, second, NOON - DAY)
    with pytest.raises(UsageError, match="is on a channel that the experiment 'Questions' does not concern"):
        give(world, row, "A", [out])
    with pytest.raises(UsageError, match=r"There is no arm 'Z'\. Its arms: A, B\."):
        give(world, row, "Z", [world.queue()])


def _channel(world: World, workspace_id: int, name: str) -> ChannelRow:
    with writing(world.engine) as session:
        row = ChannelRow(
            workspace_id=workspace_id, platform="page", name=name, slug=name.lower(), created_at=NOON
        )
        session.add(row)
        session.commit()
    return row


def _other_workspace(world: World) -> tuple[int, ChannelRow]:
    with writing(world.engine) as session:
        row = Workspace(name="Other", created_at=NOON)
        session.add(row)
        session.commit()
    return row.id, _channel(world, row.id, "Elsewhere")


def test_an_experiment_from_a_post_gives_the_second_arm_a_draft_to_change(world: World) -> None:
    [post] = views(world, 10)

    row, draft = commands.start_from(
        world.context, world.workspace.id, post.id, NewExperiment(name="Pictures", metric="views", size=9),
        actor=PERSON,
    )  # fmt: skip

    assert draft.state == "draft"
    assert draft.content["text"] == "hi"
    assert draft.story_id == post.story_id
    assert row.channel_ids == [world.channel.id]
    with reading(world.engine) as session:
        members = experiments.members(session, world.workspace.id, row.id)
    assert [(one.post_id, one.arm, one.known) for one in members] == [
        (post.id, 1, True),
        (draft.id, 2, False),
    ]
    again_ = NewExperiment(name="Once more", metric="views", size=9, beside=True)
    with pytest.raises(UsageError, match="belongs to the experiment 'Pictures' already"):
        commands.start_from(world.context, world.workspace.id, post.id, again_, actor=PERSON)
    posts.edit(world.context, world.workspace.id, draft.id, text="Hi, with a picture?", actor=PERSON)


def test_why_a_post_does_not_count(world: World) -> None:
    row = start(world)
    now = world.clock.now
    engine, channel = world.engine, world.channel
    late = published(engine, channel, now - 6 * DAY, {Metric.VIEWS: 3}, late=DAY)
    missed = published(engine, channel, now - 6 * DAY)
    young = published(engine, channel, now - timedelta(hours=2))
    counted = published(engine, channel, now - 2 * DAY, {Metric.VIEWS: 3})
    queued = world.queue(at=now + DAY)
    skipped = world.queue(at=now + DAY)
    give(world, row, "A", [late, missed, young, counted, queued, skipped])
    posts.skip(world.context, world.workspace.id, skipped.id, reason="", actor=PERSON)

    found = {one.id: one.standing for one in standing(world, row).posts}

    assert found == {
        late.id: Standing.LATE, missed.id: Standing.MISSED, young.id: Standing.WAITING,
        counted.id: Standing.COUNTED, queued.id: Standing.PLANNED, skipped.id: Standing.DROPPED,
    }  # fmt: skip


def test_a_rate_is_judged_by_posts_and_its_shares_are_told_beside(world: World) -> None:
    row = start(world, metric="ctr_views")
    at = world.clock.now - 9 * DAY
    for arm, clicks in (("A", 12), ("B", 15)):
        made = [
            published(world.engine, world.channel, at, {Metric.CLICKS: clicks, Metric.VIEWS: 100})
            for _ in range(10)
        ]
        give(world, row, arm, made)
    none = published(world.engine, world.channel, at, {Metric.CLICKS: 0, Metric.VIEWS: 0})
    give(world, row, "B", [none])

    told = standing(world, row)

    assert [(one.above, one.below) for one in told.arms] == [(120, 1000), (150, 1000)]
    assert [one.typical for one in told.arms] == pytest.approx([12.0, 15.0])
    [found] = told.contrasts
    assert found.effect == pytest.approx(25)
    assert found.shares is not None
    chance, z, p = found.shares
    assert (round(chance, 7), round(z, 5), round(p, 7)) == (0.9750678, 1.96305, 0.0496404)
    assert next(one.standing for one in told.posts if one.id == none.id) is Standing.UNDEFINED
    assert "B 150 of 1,000, A 120 of 1,000, chance that B is higher 97.5% (z 1.96, p 0.05)" in " ".join(
        map(say, told.verdict)
    )


def test_three_arms_tell_which_to_take(world: World) -> None:
    row = start(world, arms=["Plain", "Question", "Picture"])
    give(world, row, "plain", views(world, *LOW))
    give(world, row, "2", views(world, *HIGH))
    give(world, row, "C", views(world, *LOW[::-1]))

    told = standing(world, row)

    assert [one.decided for one in told.contrasts] == [True, False]
    assert [say(one).split(":")[0] for one in told.verdict] == [
        "Question is ahead of Plain", "No difference between Picture and Plain was shown", "Take Question",
        "The difference is told", "24 of the posts that count were added when their figures were known. They "
        "may have been chosen by them, so this looks back and proves less.",
    ]  # fmt: skip


def test_how_many_posts_it_takes_is_said_by_the_channels_own_past(world: World) -> None:
    views(world, *(LOW * 3), ago=20)
    new = NewExperiment(name="Pictures", metric="views", effect=20)

    found = commands.advice(world.context, world.workspace.id, new)
    once = commands.advice(
        world.context, world.workspace.id, NewExperiment(name="P", metric="views", effect=20, method="fixed")
    )
    row = start(world, size=None, effect=20)

    assert found.posts == 24
    assert found.log_sd == pytest.approx(0.196, abs=0.01)
    assert found.needed is not None
    assert once.needed is not None
    assert row.size == found.needed > once.needed
    first = say(next(iter(found.sentences)))
    assert first.startswith(
        f"To find +20% takes about {found.needed} posts in each arm (with a chance of 80%)"
    )


def test_too_small_an_effect_is_refused_with_what_it_would_take(world: World) -> None:
    views(world, *(1, 400, 3, 90, 7000, 2) * 5, ago=20)

    with pytest.raises(
        UsageError, match=r"It takes about [\d,]+ posts in each arm to find so small an effect"
    ):
        start(world, size=None, effect=5)


def test_a_worker_that_lost_its_claim_writes_nothing(world: World) -> None:
    row = start(world)
    give(world, row, "A", views(world, *LOW))
    give(world, row, "B", views(world, *HIGH))
    world.clock.forward(hours=1)
    with writing(world.engine) as session:
        [claimed] = claim_due(session, Experiment, now=world.clock.now, lease=timedelta(0), limit=9)
    world.clock.forward(seconds=1)
    with writing(world.engine) as session:
        claim_due(session, Experiment, now=world.clock.now, lease=timedelta(minutes=5), limit=9)

    judge_when_due(world.context, claimed)

    assert again(world, row).state == "running"


def test_posts_of_an_experiment_go_out_like_any_other(world: World) -> None:
    row = start(world)
    made = posts.compose(
        world.context, world.workspace.id, world.channel.id, Content("With a question?"), when="now",
        actor=PERSON,
    )  # fmt: skip
    give(world, row, "B", [made])

    assert world.context.adapter("page") is Page
    with reading(world.engine) as session:
        [found] = experiments.of_posts(session, world.workspace.id, [made.id]).values()
        assert (found.name, found.arm, found.arm_name) == ("Questions", 2, "B")
        assert assess(
            session, experiments.get(session, world.workspace.id, row.id),
            supplies=supplies(world.context, session, world.workspace.id), now=world.clock.now,
        ).posts[0].standing is Standing.PLANNED  # fmt: skip


def _queued_hours(world: World, row: Experiment) -> dict[int, list[Any]]:
    """By arm, when its posts go out, and by which slot."""
    with reading(world.engine) as session:
        members = experiments.members(session, world.workspace.id, row.id)
        return {
            arm: [session.get_one(Post, one.post_id).planned_at for one in members if one.arm == arm]
            for arm in (1, 2)
        }


def test_the_lot_exchanges_neighbouring_hours_and_neither_adds_nor_loses_one(world: World) -> None:
    row = start(world)
    now = world.clock.now
    hours = [now + timedelta(hours=2 * one) for one in range(1, 9)]
    made = [world.queue(at=at, slot_at=at) for at in hours]
    give(world, row, "A", made[0::2])
    give(world, row, "B", made[1::2])

    seen = set()
    for _ in range(24):
        assert draw_hours(world.context, world.workspace.id, row.id, actor=PERSON) == 8
        found = _queued_hours(world, row)
        assert sorted([*found[1], *found[2]]) == hours
        for block, (first, second) in enumerate(zip(sorted(found[1]), sorted(found[2]), strict=True)):
            assert {first, second} == set(hours[2 * block : 2 * block + 2])
            seen.add((block, first < second))
    assert len(seen) == 8  # each of four blocks both ways round; 24 draws miss one in a million times
    fresh = [world.reread(post) for post in made]
    assert all(post.next_at == post.planned_at == post.slot_at for post in fresh)
    with reading(world.engine) as session:
        assert all(one.drawn for one in experiments.members(session, world.workspace.id, row.id))


def test_the_lot_leaves_what_has_no_neighbour_and_what_is_about_to_go_out(world: World) -> None:
    row = start(world)
    now = world.clock.now
    soon = world.queue(at=now + timedelta(minutes=1))
    alone = world.queue(at=now + timedelta(hours=3))
    wished = world.queue(at=now + timedelta(hours=4), latest_at=now + timedelta(hours=5))
    give(world, row, "A", [soon, alone])
    give(world, row, "B", [wished])

    with pytest.raises(UsageError, match="There is nothing to draw yet"):
        draw_hours(world.context, world.workspace.id, row.id, actor=PERSON)

    assert world.reread(alone).planned_at == now + timedelta(hours=3)
    commands.stop(world.context, world.workspace.id, row.id, actor=PERSON)
    with pytest.raises(UsageError, match="is over"):
        draw_hours(world.context, world.workspace.id, row.id, actor=PERSON)


def test_the_list_of_posts_is_filtered_by_experiment_and_names_the_arm(world: World) -> None:
    row = start(world)
    first, second, other = views(world, 10, 20, 30)
    give(world, row, "A", [first])
    give(world, row, "B", [second])

    with reading(world.engine) as session:
        able = supplies(world.context, session, world.workspace.id)
        ask: dict[str, Any] = {"supplies": able, "now": world.clock.now}
        own = filters_of(PostView(experiment_id=row.id), "UTC", now=world.clock.now)
        nobody = filters_of(PostView(experiment_id=1), "UTC", now=world.clock.now)
        listed = post_list(session, world.workspace.id, own, sort="views", **ask)
        everything = post_list(session, world.workspace.id, NO_FILTERS, **ask)
        names = names_for(session, everything.lines, able, columns=["experiment"])
        told = {
            line.post.id: cell(line, "experiment", names, language="en", now=world.clock.now).value
            for line in everything.lines
        }
        assert how_many(session, world.workspace.id, own, **ask) == 2
        assert how_many(session, world.workspace.id, nobody, **ask) == 0
    assert [line.post.id for line in listed.lines] == [second.id, first.id]
    assert told == {first.id: "Questions · A", second.id: "Questions · B", other.id: None}


def test_a_post_knows_the_others_of_its_experiment(world: World) -> None:
    row = start(world)
    first, second, other = views(world, 10, 20, 30)
    give(world, row, "A", [first])
    give(world, row, "B", [second, world.queue()])

    with reading(world.engine) as session:
        able = supplies(world.context, session, world.workspace.id)
        ask: dict[str, Any] = {"supplies": able, "now": world.clock.now}
        found = post_statistics(session, world.workspace.id, first.id, **ask)
        alone = post_statistics(session, world.workspace.id, other.id, **ask)

    assert found.belonging is not None
    assert (found.belonging.name, found.belonging.arm_name) == ("Questions", "A")
    assert [one.belonging.arm for one in found.arms] == [2, 2]
    assert found.arms[0].sibling.figures["views"].value is not None
    assert found.arms[1].sibling.figures == {}
    assert alone.belonging is None
    assert alone.arms == []


def test_reports_tell_the_experiments_that_ended(world: World) -> None:
    row = start(world)
    give(world, row, "A", views(world, *LOW))
    give(world, row, "B", views(world, *HIGH))
    commands.end(world.context, world.workspace.id, row.id, actor=PERSON)

    with reading(world.engine) as session:
        able = supplies(world.context, session, world.workspace.id)

        def told_in(first: date, end: date) -> list[Remark]:
            span = Span(first, end)
            asked = Asked(
                session=session, workspace_id=world.workspace.id, every=Every.MONTH, span=span, before=span,
                zone_name="Asia/Jakarta", supplies=able, now=NOON,
            )  # fmt: skip
            return experiments_ended(asked)

        [told] = told_in(date(2026, 3, 1), date(2026, 4, 1))
        later = told_in(date(2026, 4, 1), date(2026, 5, 1))
    assert later == []
    assert say(told.sentence).startswith("The experiment Questions ended. B is ahead of A: +")
    assert say(told.sentence, "id").startswith("Eksperimen Questions berakhir. B mengungguli A: +")
