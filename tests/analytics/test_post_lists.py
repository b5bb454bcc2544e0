"""Lists of published posts: every filter, every order, ranks at equal age, sheets, and comparisons."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from analytics.comparing import compare
from analytics.post_export import pieces
from analytics.post_sheet import TOLD, sheet_of
from analytics.posts import PostPage, how_many, post_list
from analytics.views import filters_of
from domain.errors import UsageError
from domain.figure import Absence
from domain.metrics import CHECKPOINTS
from domain.offsets import offsets
from domain.post_columns import ABOUT, USUAL, offered, sortable
from domain.post_view import PostView, view_from
from store import people
from store.tables import Post, Route
from tests.measured import SUPPLIES, Measured
from tests.world import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def listed(world: Measured, **view: Any) -> list[int]:
    """The posts of a view, in its order."""
    return [line.post.id for line in paged(world, PostView(**view)).lines]


def paged(world: Measured, view: PostView, **more: Any) -> PostPage:
    filters = filters_of(view, "Asia/Jakarta", now=NOON)
    return post_list(
        world.session, world.id, filters, sort=view.sort, descending=view.descending, supplies=SUPPLIES,
        now=NOON, **more,
    )  # fmt: skip


def changed(session: Session, post: Post, **values: Any) -> Post:
    for name, value in values.items():
        setattr(post, name, value)
    session.add(post)
    session.flush()
    return post


def content(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text, **more}


PICTURE = {"sha256": "a" * 64, "media_type": "image/png"}
FILM = {"sha256": "b" * 64, "media_type": "video/mp4"}
POLL = {"options": ["a", "b"], "minutes": 60, "multiple": False}


def test_each_type_of_post_is_found_by_it_and_a_thread_by_its_type_too(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    kinds = {
        "text": content("a"),
        "image": content("b", media=[PICTURE]),
        "video": content("c", media=[PICTURE, FILM]),
        "link": content("d", link="https://a.test/"),
        "poll": content("e", poll=POLL, link="https://a.test/"),
    }
    made = {
        kind: changed(session, world.post(channel, NOON - DAY), content=one).id for kind, one in kinds.items()
    }
    threaded = changed(session, world.post(channel, NOON - DAY), content=content("f", thread=["g"])).id

    found = {kind: listed(world, kind=kind) for kind in (*kinds, "thread")}

    assert found.pop("thread") == [threaded]
    assert sorted(found.pop("text")) == sorted([made["text"], threaded])
    assert found == {kind: [made[kind]] for kind in found}


def test_words_are_sought_in_any_case_and_wildcards_stand_for_themselves(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    texts = ["Kopi Gayo 100% arabica", "kopi_susu", "KOPI susu", "teh", 'say "kopi"']
    made = [changed(session, world.post(channel, NOON - DAY), content=content(text)).id for text in texts]

    assert sorted(listed(world, text="kopi")) == sorted([made[0], made[1], made[2], made[4]])
    assert listed(world, text="0%") == [made[0]]
    assert listed(world, text="i_s") == [made[1]]
    assert listed(world, text='"kopi"') == [made[4]]
    assert listed(world, text=" SUSU ", sort="published") == [made[2], made[1]]


def test_a_language_is_found_with_its_regions_and_what_states_none_as_such(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    made = [
        changed(session, world.post(channel, NOON - DAY), content=content("x", language=one)).id
        for one in ("id", "id-ID", "en", None, "idb")
    ]

    assert sorted(listed(world, language="id")) == sorted(made[:2])
    assert listed(world, language="id-ID") == [made[1]]
    assert listed(world, language="und") == [made[3]]


def test_where_posts_come_from(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    who = people.ensure_owner(session, NOON)
    route = Route(workspace_id=world.id, name="R", channel_id=channel.id, template="x", created_at=NOON)
    session.add(route)
    session.flush()
    routed = world.post(channel, NOON - DAY, route_id=route.id).id
    written = changed(session, world.post(channel, NOON - DAY), created_by=who.id).id
    again = changed(
        session, world.post(channel, NOON - DAY), created_by=who.id, evergreen_id=7, evergreen_cycle=1
    ).id
    native = changed(session, world.post(channel, NOON - DAY), origin="native").id

    assert listed(world, origin="route") == [routed]
    assert listed(world, origin="person") == [written]
    assert listed(world, origin="evergreen") == [again]
    assert listed(world, origin="native") == [native]
    assert sorted(listed(world, origin="ours")) == sorted([routed, written, again])
    assert sorted(listed(world, author_id=who.id)) == sorted([written, again])
    assert listed(world, route_id=route.id) == [routed]


def test_labels_are_told_apart_by_case_and_platforms_by_name(session: Session) -> None:
    world = Measured(session)
    square, page = world.channel("square"), world.channel("page")
    one = changed(session, world.post(square, NOON - DAY), campaign="Lebaran", tags=["Diskon", "x"]).id
    two = changed(session, world.post(page, NOON - DAY), tags=["diskon"]).id

    assert listed(world, tag="Diskon") == [one]
    assert listed(world, tag="diskon") == [two]
    assert listed(world, campaign="Lebaran") == [one]
    assert listed(world, platform="page") == [two]
    assert listed(world, platform="nowhere") == []
    assert listed(world, channel_id=square.id, platform="page") == []


def test_the_hour_is_that_of_the_channels_clocks_on_both_sides_of_a_change(session: Session) -> None:
    world = Measured(session)
    berlin, jakarta = world.channel(), world.channel()
    changed(session, berlin, zone="Europe/Berlin")  # type: ignore[arg-type]
    changed(session, jakarta, zone="Asia/Jakarta")  # type: ignore[arg-type]
    summer = world.post(berlin, datetime(2025, 7, 7, 7, 30, tzinfo=UTC)).id  # Monday 09:30
    winter = world.post(berlin, datetime(2025, 11, 17, 8, 30, tzinfo=UTC)).id  # Monday 09:30
    eastern = world.post(jakarta, datetime(2025, 11, 16, 17, 0, tzinfo=UTC)).id  # Monday 00:00

    assert listed(world, weekday=0, hour=9) == [winter, summer]
    assert listed(world, weekday=0, hour=0) == [eastern]
    assert listed(world, weekday=6) == []
    assert sorted(listed(world, weekday=0)) == sorted([summer, winter, eastern])


@given(
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Australia/Lord_Howe"]),
    seconds=st.integers(0, 3 * 366 * 86_400),
)
def test_offsets_are_those_of_the_zone_at_any_second(zone: str, seconds: int) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    at = start + timedelta(seconds=seconds)
    stretches = offsets(zone, start, start + timedelta(days=3 * 366))

    east = next(east for first, east in reversed(stretches) if first <= at.timestamp())

    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    assert east == offset.total_seconds()


def test_days_are_those_of_the_workspace_and_both_ends_count(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    today = NOON.astimezone(ZoneInfo("Asia/Jakarta")).date()
    midnight = datetime.combine(today, datetime.min.time(), ZoneInfo("Asia/Jakarta"))
    first = world.post(channel, midnight - DAY).id
    before = world.post(channel, midnight - DAY - timedelta(seconds=1)).id
    last = world.post(channel, midnight - timedelta(seconds=1)).id

    assert listed(world, since=today - DAY, until=today - DAY) == [last, first]
    assert listed(world, days=2) == [last, first]
    assert before in listed(world, days=3)


def test_views_are_refused_that_contradict_themselves() -> None:
    for wrong in (
        {"kind": "song"}, {"origin": "mars"}, {"weekday": 7}, {"hour": 24}, {"days": 0}, {"text": "x" * 201},
        {"since": NOON.date(), "until": NOON.date() - DAY},
    ):  # fmt: skip
        with pytest.raises(UsageError):
            PostView(**wrong)
    with pytest.raises(UsageError, match="A view has no 'colour'"):
        view_from({"colour": "red"})


@given(
    st.builds(
        PostView,
        platform=st.none() | st.just("mastodon"), channel_id=st.none() | st.integers(1, 2**62),
        campaign=st.none() | st.text(min_size=1, max_size=80), weekday=st.none() | st.integers(0, 6),
        text=st.none() | st.text(max_size=200), days=st.none() | st.integers(1, 3660),
        since=st.none() | st.dates(), columns=st.lists(st.sampled_from(offered()), max_size=5).map(tuple),
        sort=st.sampled_from([key for key in offered() if sortable(key)]), descending=st.booleans(),
    )
)  # fmt: skip
def test_a_view_comes_back_from_what_is_stored_as_it_was(view: PostView) -> None:
    assert view_from(json.loads(json.dumps(view.stored()))) == view


def filled(world: Measured) -> list[Post]:
    """Posts that differ in everything by which they can be sorted, and two that share it."""
    channels = [world.channel("exposed"), world.channel("square"), world.channel("page")]
    names = ["Zulu", "alfa", "Mike"]
    made = []
    for number in range(7):
        channel = channels[number % 3]
        channel.name = f"{names[number % 3]}-{channel.id}"
        post = world.post(channel, NOON - DAY - number * HOUR)
        changed(
            world.session, post, campaign=[None, "b", "A"][number % 3],
            content=content(f"{'zyx'[number % 3]} text", language=[None, "id", "en"][number % 3]),
        )  # fmt: skip
        if number % 3 < 2:
            world.engaged(post, HOUR, number)
        made.append(post)
    return made


@pytest.mark.parametrize("key", [key for key in ABOUT if sortable(key)])
def test_pages_of_any_column_follow_each_other_without_gap_or_repeat(session: Session, key: str) -> None:
    world = Measured(session)
    made = filled(world)

    for descending in (True, False):
        whole = listed(world, sort=key, descending=descending)
        seen: list[int] = []
        cursor = None
        while True:
            view = PostView(sort=key, descending=descending)
            page = paged(world, view, limit=2, cursor=cursor)
            seen += [line.post.id for line in page.lines]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == whole
        assert sorted(seen) == sorted(post.id for post in made)


def test_words_are_sorted_in_any_case_and_absent_ones_come_last(session: Session) -> None:
    world = Measured(session)
    made = {post.id: post for post in filled(world)}

    up = [made[one].campaign for one in listed(world, sort="campaign", descending=False)]
    oldest = listed(world, sort="age")

    assert up == ["A", "A", "b", "b", None, None, None]
    assert oldest == listed(world, descending=False)


def test_what_cannot_be_sorted_by_is_refused_and_so_is_a_cursor_of_another_list(session: Session) -> None:
    world = Measured(session)
    filled(world)
    cursor = paged(world, PostView(sort="campaign"), limit=1).next_cursor

    with pytest.raises(UsageError, match="cannot be sorted by tags"):
        listed(world, sort="tags")
    with pytest.raises(UsageError, match="Unknown metric"):
        listed(world, sort="nonsense")
    with pytest.raises(UsageError, match="This cursor belongs to another list"):
        paged(world, PostView(sort="channel"), cursor=cursor)


def test_the_rank_in_a_list_is_that_of_the_posts_own_page(session: Session) -> None:
    from analytics.posts import post_statistics

    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - 9 * DAY + number * HOUR) for number in range(9)]
    for number, post in enumerate(posts):
        world.engaged(post, DAY, number * 3 % 7)
    young = world.post(channel, NOON - 2 * HOUR)
    world.engaged(young, HOUR, 4)

    lines = {line.post.id: line for line in paged(world, PostView(), ranked=True).lines}

    assert lines[young.id].rank is None  # nothing else was read at one hour
    for post in posts:
        rank = lines[post.id].rank
        own = post_statistics(session, world.id, post.id, supplies=SUPPLIES, now=NOON).usual["engagement"]
        assert rank is not None
        assert (rank.key, rank.checkpoint, rank.posts) == ("engagement", DAY, 8)
        assert rank.percentile == own.percentile


def test_how_many_posts_a_list_has(session: Session) -> None:
    world = Measured(session)
    filled(world)

    filters = filters_of(PostView(platform="square"), "UTC", now=NOON)

    assert how_many(session, world.id, filters, supplies=SUPPLIES, now=NOON) == 2


def test_every_column_that_is_no_figure_is_told() -> None:
    assert {*TOLD, USUAL} == {*ABOUT}


def rows_of(world: Measured, kind: str, view: PostView) -> Any:
    sheet = sheet_of(world.session, world.id, view, zone="Asia/Jakarta", supplies=SUPPLIES, now=NOON)
    body = b"".join(pieces(sheet, kind, language="en"))
    if kind == "json":
        return json.loads(body)
    if kind == "csv":
        return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    with ZipFile(io.BytesIO(body)) as archive:
        return {
            name: list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
            for name in archive.namelist()
        }


def test_absent_not_yet_and_nothing_stay_apart_in_files(session: Session) -> None:
    world = Measured(session)
    exposed, hook = world.channel("exposed"), world.channel("hook")
    zero, unread, never = (world.post(one, NOON - DAY - HOUR) for one in (exposed, exposed, hook))
    world.engaged(zero, DAY, 0)
    view = PostView(columns=("published", "engagement", "clicks"))

    head, *rows = rows_of(world, "csv", view)
    told = {row["id"]: row for row in rows_of(world, "json", view)["posts"]}

    place = head.index("Engagement")
    cells = {row[0]: (row[place], row[place + 1]) for row in rows}
    assert cells[str(zero.id)] == ("0", "")
    assert cells[str(unread.id)][0] == ""
    assert cells[str(unread.id)][1]
    assert "Hook does not supply" in cells[str(never.id)][1]
    assert told[str(zero.id)]["engagement"] == {"value": 0}
    assert told[str(unread.id)]["engagement"]["absence"] == Absence.NOT_MEASURED
    assert told[str(never.id)]["engagement"]["absence"] == Absence.NOT_SUPPLIED


def test_no_cell_of_a_sheet_runs_as_a_formula(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    for text in ("=1+1", "+A1", "-2", "@x", "\t=1"):
        changed(
            session, world.post(channel, NOON - DAY), content=content(text), campaign="=cmd|' /C calc'!A0",
            tags=["=x"],
        )  # fmt: skip

    rows = rows_of(world, "csv", PostView(columns=("post", "campaign", "tags")))[1:]

    assert len(rows) == 5
    assert all(cell.isdecimal() or not cell.startswith(tuple("=+-@\t\r")) for row in rows for cell in row)


def test_the_archive_says_what_every_column_means(session: Session) -> None:
    world = Measured(session)
    world.engaged(world.post(world.channel("exposed"), NOON - 2 * DAY), DAY, 3)
    columns = ("post", "engagement", "er_impr", "usual")

    files = rows_of(world, "zip", PostView(columns=columns))

    head, *rows = files["definitions.csv"]
    by_key = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert list(by_key) == ["post", "engagement", "er_impr", "usual"]
    assert by_key["er_impr"]["Formula"].startswith("100 × (reactions + replies + shares) ÷ impressions")
    assert by_key["er_impr"]["Denominator"] == "impressions"
    assert by_key["engagement"]["Source fields"] == "favourites_count, reblogs_count, replies_count"
    assert by_key["engagement"]["Newest number read at"] == (NOON - DAY).isoformat()
    assert len(files["posts.csv"]) == 2


def test_a_file_holds_the_posts_of_the_list_in_its_order(session: Session) -> None:
    world = Measured(session)
    filled(world)

    @settings(max_examples=25, deadline=None)
    @given(
        columns=st.lists(st.sampled_from(offered()), min_size=1, max_size=8, unique=True),
        sort=st.sampled_from([key for key in offered() if sortable(key)]),
        descending=st.booleans(),
        platform=st.none() | st.sampled_from(["exposed", "square", "page"]),
    )
    def check(columns: Sequence[str], sort: str, descending: bool, platform: str | None) -> None:
        view = PostView(columns=tuple(columns), sort=sort, descending=descending, platform=platform)

        rows = rows_of(world, "json", view)["posts"]
        lines = paged(world, view, ranked=True).lines

        assert [row["id"] for row in rows] == [str(line.post.id) for line in lines]
        for row, line in zip(rows, lines, strict=True):
            for key in columns:
                if key not in ABOUT:
                    assert row[key]["value"] == line.figures[key].value
                elif key == USUAL:
                    assert row[key]["value"] == (line.rank.percentile if line.rank else None)

    check()


def test_posts_are_compared_at_the_oldest_age_at_which_all_were_read(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("exposed")
    old, young = world.post(channel, NOON - 9 * DAY), world.post(channel, NOON - 2 * DAY)
    for age, total in ((HOUR, 2), (DAY, 5), (7 * DAY, 50)):
        world.engaged(old, age, total, impressions=total * 10)
    for age, total in ((HOUR, 3), (DAY, 9)):
        world.engaged(young, age, total, impressions=90)
    link = world.link(old)
    world.click(link, NOON - 9 * DAY + HOUR)
    world.click(link, NOON - HOUR)

    found = compare(session, world.id, [young.id, old.id, young.id], supplies=SUPPLIES, now=NOON)

    assert found.age == DAY
    assert [one.post.id for one in found.posts] == [young.id, old.id]
    figures = [one.figures for one in found.posts]
    assert [one["engagement"].value for one in figures] == [9, 5]
    assert [one["er_impr"].value for one in figures] == [10, 10]
    assert figures[1]["clicks"].value == 1  # the one within its first day
    assert [len(one.curves["engagement"]) for one in found.posts] == [2, 3]


def test_posts_that_were_never_read_at_one_age_are_compared_as_they_stand(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    one, two = world.post(channel, NOON - DAY), world.post(channel, NOON - DAY)
    world.engaged(one, CHECKPOINTS[0], 1)

    found = compare(session, world.id, [one.id, two.id], supplies=SUPPLIES, now=NOON)

    assert found.age is None
    assert [each.figures["engagement"].value for each in found.posts] == [1, None]


def test_a_comparison_takes_two_to_six_published_posts(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    ids = [world.post(channel, NOON - DAY).id for _ in range(7)]
    draft = changed(session, world.post(channel, NOON - DAY), published_at=None, state="draft").id

    for wrong in (ids[:1], ids, [ids[0], ids[0]]):
        with pytest.raises(UsageError, match="Choose 2 to 6 posts"):
            compare(session, world.id, wrong, supplies=SUPPLIES, now=NOON)
    with pytest.raises(UsageError, match="is not published"):
        compare(session, world.id, [ids[0], draft], supplies=SUPPLIES, now=NOON)


def test_a_rate_lies_in_its_interval_and_none_is_given_where_it_is_no_share(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("exposed")
    share, more = world.post(channel, NOON - 2 * DAY), world.post(channel, NOON - 2 * DAY)
    world.engaged(share, DAY, 5, impressions=100)
    world.engaged(more, DAY, 50, impressions=10)

    lines = {line.post.id: line.figures["er_impr"] for line in paged(world, PostView()).lines}

    interval = lines[share.id].interval
    assert interval is not None
    assert [round(one, 2) for one in interval] == [2.15, 11.18]  # Wilson's score for 5 of 100
    assert lines[more.id].value == 500
    assert lines[more.id].interval is None
