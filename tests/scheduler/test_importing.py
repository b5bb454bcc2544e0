"""Sheets into the queue and out of it, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.content import Capabilities, Content, DeliveryClass, Poll, PollRules, content_from
from domain.labels import labels
from domain.post import PlacedBy, PostState
from scheduler import posts as commands
from scheduler.exporting import Chosen, export_sheet
from scheduler.importing import Choices, Imported, import_sheet
from scheduler.learning import relearn
from store.changes import Actor, changes_of
from store.tables import ChannelRow, Link, PastPost, Post, SlotChoice, Workspace
from tests.fakes import FakePlatform
from tests.world import World, new_world

PERSON = Actor("person")
DAILY = tuple((day, wall) for day in range(7) for wall in ("09:00", "17:00"))


@pytest.fixture
def world(engine: Engine) -> World:
    made = new_world(engine, platform="page", zone="Asia/Jakarta", times=DAILY)
    made.context = replace(made.context, public_url="https://pos.example.org")
    return made


def give(world: World, text: str | bytes, **choices: Any) -> Imported:
    raw = text.encode() if isinstance(text, str) else text
    return import_sheet(world.context, world.workspace.id, raw, choices=Choices(**choices), actor=PERSON)


def posts(world: World, workspace_id: int | None = None) -> list[Post]:
    with Session(world.engine, expire_on_commit=False) as session:
        query = select(Post).where(col(Post.workspace_id) == (workspace_id or world.workspace.id))
        return list(session.scalars(query.order_by(col(Post.planned_at), col(Post.id))))


def second_workspace(world: World) -> World:
    """Another workspace with a channel of the same name, in the same database."""
    name = world.channel.name
    with Session(world.engine) as session:
        session.get_one(Workspace, world.workspace.id).name = "First"
        session.get_one(ChannelRow, world.channel.id).slug = "first"
        session.commit()
    made = new_world(world.engine, platform="page", zone="Asia/Jakarta", times=DAILY)
    assert made.channel.name == name
    made.context = replace(made.context, public_url=world.context.public_url)
    return made


def out(world: World, **chosen: Any) -> str:
    with Session(world.engine) as session:
        url = world.context.public_url
        return "".join(export_sheet(session, world.workspace.id, Chosen(**chosen), public_url=url))


def test_rows_become_posts_at_their_hour_in_the_channels_zone_or_in_the_next_slot(world: World) -> None:
    done = give(world, 'text,time,campaign,tags\nOne,2026-03-05 09:30,Sale,"a, #b"\nTwo,,,\nThree,,,\n')

    assert (len(done.lines), done.problems, done.notes) == (3, [], [])
    two, three, one = posts(world)
    assert (one.planned_at, one.planned_zone) == (datetime(2026, 3, 5, 2, 30, tzinfo=UTC), "Asia/Jakarta")
    assert (one.state, one.next_at, one.placed_by) == (PostState.QUEUED, one.planned_at, PlacedBy.PERSON)
    assert (one.campaign, one.tags, one.slot_at) == ("Sale", ["a", "b"], None)
    assert two.slot_at == two.planned_at == datetime(2026, 3, 3, 2, tzinfo=UTC)
    assert three.slot_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    with Session(world.engine) as session:
        assert [change.what for change in changes_of(session, "post", one.id)] == ["imported"]


def test_everything_wrong_is_told_at_once_and_nothing_is_written(world: World) -> None:
    done = give(
        world,
        "text,channel,time,link,state,slot,image,key\n"
        "Fine,,,,,,,\n"
        ",,2020-01-01 09:00,nonsense,odd,someday,,\n"
        "X,Nowhere,2026-03-32 09:00,,,,a b,\n"
        "Y,,2026-03-05 09:00,,,now,,k\n"
        "Z,,,,,,,k\n"
        "Z,,,,,,,k\n",
    )

    assert [(one.row, one.column) for one in done.problems] == [
        (3, "state"), (3, "link"), (3, "text"), (3, "slot"), (3, "time"),
        (4, "channel"), (4, "image"),
        (5, "slot"),
        (7, "key"),
    ]  # fmt: skip
    assert done.refused
    assert posts(world) == []


def test_right_rows_are_taken_beside_wrong_ones_only_when_asked(world: World) -> None:
    sheet = "text,time\nOne,2026-03-05 09:00\nTwo,never\n"

    assert give(world, sheet).refused
    done = give(world, sheet, skip_bad=True)

    assert (len(done.lines), len(done.problems)) == (1, 1)
    assert [post.content["text"] for post in posts(world)] == ["One"]


def test_a_dry_run_shows_the_hours_and_writes_nothing(world: World) -> None:
    done = give(world, "text\nOne\nTwo\n", dry_run=True)

    assert [line.post.planned_wall for line in done.lines] == ["2026-03-03T09:00:00", "2026-03-03T17:00:00"]
    assert posts(world) == []


def test_the_same_file_makes_nothing_twice_and_equal_rows_are_one_post_each(world: World) -> None:
    sheet = "text,time\nSame,\nSame,\nOther,2026-03-05 09:00\n"
    first, second = give(world, sheet), give(world, sheet)
    longer = give(world, f"{sheet}New,\n")

    assert (len(first.lines), len(second.lines), second.known) == (3, 0, 3)
    assert ([line.post.content["text"] for line in longer.lines], longer.known) == (["New"], 3)
    assert len(posts(world)) == 4


def test_a_row_with_a_key_stays_itself_when_its_text_changes_and_says_so(world: World) -> None:
    give(world, "key,text\nk1,Old words\n")
    done = give(world, "key,text\nk1,New words\n")

    assert (len(done.lines), done.known) == (0, 1)
    assert "with another text" in done.notes[0].sentence
    assert [post.content["text"] for post in posts(world)] == ["Old words"]


def test_two_imports_of_one_file_at_once_make_each_row_once(world: World) -> None:
    sheet = "text\n" + "".join(f"Row {number}\n" for number in range(40))
    threads = [Thread(target=give, args=(world, sheet)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    slots = [post.slot_at for post in posts(world)]
    assert len(slots) == len(set(slots)) == 40


def test_links_are_tagged_with_the_campaign_and_become_ours(world: World) -> None:
    give(world, "text,link,campaign\nLook at https://example.org/a now,https://example.org/a,Spring Sale\n")

    [post] = posts(world)
    with Session(world.engine) as session:
        [link] = session.scalars(select(Link)).all()
        assert link.post_id == post.id
        assert link.target == (
            "https://example.org/a?utm_source=page&utm_medium=social&utm_campaign=spring-sale"
        )
    assert post.content["link"] == f"https://pos.example.org/l/{link.code}"
    assert post.content["text"] == f"Look at https://pos.example.org/l/{link.code} now"


def test_a_channel_without_posting_schedule_is_a_problem_of_each_row(engine: Engine) -> None:
    bare = new_world(engine, platform="page", zone="UTC", times=())

    done = give(bare, "text\nOne\nTwo\n")

    assert [(one.row, one.column) for one in done.problems] == [(2, "slot"), (3, "slot")]
    assert posts(bare) == []


def test_what_comes_out_goes_in_again_elsewhere_and_doubles_nothing_here(world: World) -> None:
    give(
        world,
        "text,time,zone,state,slot,campaign,tags,link\n"
        '"=1+1\n""quoted"", both",2026-03-05 09:30,WITA,,,Sale,"a, b",https://example.org/x?a=1\n'
        "'-5,2026-10-25 02:30+01:00,Europe/Berlin,,,,,\n"
        "In a slot,,,,,,,\n"
        "Waits,2026-03-06 10:00,,awaiting approval,,,,\n"
        "Later,,,draft,,,,\n",
    )
    sheet = out(world)
    again = give(world, sheet)
    elsewhere = second_workspace(world)
    there = give(elsewhere, sheet)

    assert (len(again.lines), again.known, again.problems) == (0, 5, [])
    assert (len(there.lines), there.problems) == (5, [])

    def kept(post: Post) -> tuple[object, ...]:
        return (post.state, post.planned_at, post.planned_wall, post.planned_zone, post.slot_at,
                post.campaign, post.tags, post.next_at, post.needs_approval)  # fmt: skip

    assert [kept(post) for post in posts(world)] == [kept(post) for post in posts(elsewhere)]
    texts = {post.content["text"] for post in posts(elsewhere)}
    assert {"-5", "In a slot", "Waits", "Later"} <= texts
    assert any(text.startswith('=1+1\n"quoted", both') for text in texts)
    assert len(give(elsewhere, sheet).lines) == 0


def test_no_cell_of_the_sheet_runs_as_a_formula(world: World) -> None:
    commands.compose(
        world.context, world.workspace.id, world.channel.id,
        Content("=HYPERLINK(1)"), when="draft",
        actor=PERSON, labels=labels("@cmd", ["+1"]),
    )  # fmt: skip

    line = out(world).splitlines()[1]
    assert "'=HYPERLINK(1)" in line
    assert "'@cmd" in line
    assert "'+1" in line


def test_posts_that_went_out_are_left_out_when_their_sheet_comes_back(world: World) -> None:
    give(world, "text\nOne\nTwo\n")
    commands.skip(world.context, world.workspace.id, posts(world)[0].id, reason="", actor=PERSON)
    sheet = out(world)

    there = give(world, sheet.replace("tabuh-", "else-"), dry_run=True)

    assert (there.left_out, len(there.lines)) == (1, 1)


def test_the_sheet_holds_what_the_filters_show(world: World) -> None:
    give(world, "text,time,campaign\nA,2026-03-05 09:00,Sale\nB,2026-03-06 09:00,\nC,2026-04-06 09:00,Sale\n")

    def told(**chosen: object) -> list[str]:
        return [line.split(",")[6] for line in out(world, **chosen).splitlines()[1:]]

    assert told() == ["A", "B", "C"]
    assert told(campaign="Sale") == ["A", "C"]
    assert told(before=datetime(2026, 3, 7, tzinfo=UTC)) == ["A", "B"]
    assert told(states=(PostState.DRAFT,)) == []


def test_rows_without_a_time_keep_the_rules_of_their_channel(world: World) -> None:
    with Session(world.engine) as session:
        session.get_one(ChannelRow, world.channel.id).rules = {
            "cap_day": "1", "quiet": "16:00-18:00", "blackouts": "2026-03-04", "kin_gap": "4 d",
        }  # fmt: skip
        session.commit()
    give(world, "text,time,campaign\nFixed,2026-03-06 11:00,\nA,,Sale\nB,,\nC,,Sale\nD,,\n")

    planned = {post.content["text"]: post.planned_wall for post in posts(world)}
    assert planned == {
        "A": "2026-03-03T09:00:00",
        "B": "2026-03-05T09:00:00",  # the 4th is a blackout day
        "Fixed": "2026-03-06T11:00:00",
        "C": "2026-03-07T09:00:00",  # four days after A; the 6th is full
        "D": "2026-03-08T09:00:00",
    }


def test_priority_earliest_and_latest_are_kept_and_obeyed(world: World) -> None:
    done = give(
        world,
        "text,priority,earliest,latest\nA,high,2026-03-05 00:00,\nB,,,2026-03-03 12:00\nC,9,never,\n",
        skip_bad=True,
    )

    assert [(one.row, one.column) for one in done.problems] == [(4, "priority"), (4, "earliest")]
    late, early = sorted(posts(world), key=lambda post: post.content["text"])
    assert (late.priority, late.planned_wall) == (1, "2026-03-05T09:00:00")
    assert (early.priority, early.planned_wall) == (0, "2026-03-03T09:00:00")


def test_a_channel_that_chooses_its_best_times_needs_no_posting_schedule(engine: Engine) -> None:
    bare = new_world(engine, platform="page", zone="UTC", times=())
    with Session(engine) as session:
        session.get_one(ChannelRow, bare.channel.id).rules = {"best_times": "yes"}
        session.commit()

    done = give(bare, "text\nOne\nTwo\n")

    assert done.problems == []
    assert all(post.slot_at is not None for post in posts(bare))


def test_rows_take_the_best_slots_where_the_hours_are_known_and_say_why(engine: Engine) -> None:
    times = tuple((day, wall) for day in range(7) for wall in ("09:00", "20:00"))
    known = new_world(engine, platform="page", zone="UTC", times=times)
    with Session(engine) as session:
        for index in range(100):
            at = (known.clock.now - timedelta(days=index + 1)).replace(hour=(9, 20)[index % 2])
            session.add(
                PastPost(
                    workspace_id=known.workspace.id, channel_id=known.channel.id, key=str(index), at=at,
                    engagement=(200 if at.hour == 20 else 5) + index % 3, imported_at=known.clock.now,
                )
            )  # fmt: skip
        session.commit()
    relearn(known.context, known.channel)

    fixed = "Fixed,2026-03-04 20:00\n"
    done = give(known, "text,time\n" + fixed + "".join(f"Row {number},\n" for number in range(6)))

    assert done.problems == []
    rows = [post for post in posts(known) if post.content["text"] != "Fixed"]
    assert sum(str(post.planned_wall).endswith("20:00:00") for post in rows) >= 5
    assert len({post.planned_at for post in posts(known)}) == 7
    with Session(engine) as session:
        logged = session.scalars(select(SlotChoice)).all()
    assert {one.post_id for one in logged} == {post.id for post in rows}
    assert all(one.why["learned_from"] == 100 for one in logged)


def test_a_row_for_which_no_slot_is_left_is_a_problem_where_slots_are_chosen_too(engine: Engine) -> None:
    bare = new_world(engine, platform="page", zone="UTC", times=())
    with Session(engine) as session:
        session.get_one(ChannelRow, bare.channel.id).rules = {"best_times": "yes", "quiet": "12:00-11:00"}
        session.commit()

    done = give(bare, "text,latest\nOne,2026-03-02 18:00\nTwo,\n", skip_bad=True)

    assert [(one.row, one.column) for one in done.problems] == [(2, "slot")]
    assert [post.content["text"] for post in posts(bare)] == ["Two"]


def test_every_fault_is_told_at_once_also_those_of_rows_that_find_no_slot(world: World) -> None:
    done = give(
        world,
        "text,channel,earliest,latest\nA,Nowhere,,\nB,,2026-03-05 00:00,2026-03-04 00:00\n"
        'C,,,2026-03-02 12:30\n"D",,,\n',
    )

    assert [(one.row, one.column) for one in done.problems] == [(2, "channel"), (3, "latest"), (4, "slot")]
    assert done.lines == []
    assert posts(world) == []


def test_pictures_of_a_row_go_with_the_post_in_their_order(world: World) -> None:
    done = give(
        world,
        'text,image,alt\nTwo,"https://example.org/a.jpg\nhttps://example.org/b.jpg","A cup\nA pot"\n'
        "Odd,nothing,\nMore,https://example.org/a.jpg,one|two\n",
        skip_bad=True,
    )

    assert [(one.row, one.column) for one in done.problems] == [(3, "image"), (4, "alt")]
    [post] = posts(world)
    assert [(one["url"], one["alt"]) for one in post.content["media"]] == [
        ("https://example.org/a.jpg", "A cup"), ("https://example.org/b.jpg", "A pot"),
    ]  # fmt: skip
    assert give(world, out(world)).known == 1


def test_titles_threads_polls_and_first_comments_are_columns_that_come_back(engine: Engine) -> None:
    polls = PollRules(most=4, max_option=20, multiple=True)
    able = Capabilities(
        DeliveryClass.AT_MOST_ONCE, max_thread=5, max_title=50, first_comment=True, polls=polls
    )
    kind = type("Able", (FakePlatform().adapter,), {"platform": "able", "capabilities": able})
    world = new_world(engine, platform="able", adapters={"able": kind})
    sheet = (
        "text,title,thread,poll,poll minutes,poll multiple,first comment,slot\n"
        '"One","A title","Two\n---\nThree","Ya | 50+",60,yes,"More",draft\n'
    )

    made = give(world, sheet)

    assert (list(made.problems), len(made.lines)) == ([], 1)
    [post] = posts(world)
    content = content_from(post.content)
    assert (content.title, content.thread, content.first_comment) == ("A title", ("Two", "Three"), "More")
    assert content.poll == Poll(("Ya", "50+"), 60, multiple=True)
    again = give(world, out(world))
    assert (list(again.problems), len(again.lines), again.known) == ([], 0, 1)
    wrong = give(world, "text,poll,poll minutes,slot\nOne,a|b,soon,draft\n")
    assert [one.sentence for one in wrong.problems] == [
        "The time of a poll is a number of minutes, such as 1440."
    ]
