"""The list of posts and the statistics of one."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from analytics.posts import PostLine, PostPage, post_list, post_statistics
from analytics.usual import percentile
from domain.catalogue import of_posts
from domain.errors import NotFound, UsageError
from domain.figure import Absence, Figure
from domain.ids import new_id
from domain.metrics import Audience
from domain.sentences import say
from store.tables import Attempt
from store.values import Filters, one_of
from tests.measured import SUPPLIES, M, Measured, measurements_of
from tests.world import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def listed(world: Measured, filters: Filters | None = None, **options: object) -> PostPage:
    """The world's posts at noon."""
    return post_list(
        world.session,
        world.id,
        filters or Filters(),
        supplies=SUPPLIES,
        now=NOON,
        **options,  # type: ignore[arg-type]
    )


def line(world: Measured, post_id: int) -> PostLine:
    """One post's line."""
    [found] = [line for line in listed(world).lines if line.post.id == post_id]
    return found


def test_the_newest_post_comes_first_unless_told_otherwise(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - days * DAY) for days in (3, 1, 2)]

    newest = [line.post.id for line in listed(world).lines]
    oldest = [line.post.id for line in listed(world, descending=False).lines]

    assert newest == [posts[1].id, posts[2].id, posts[0].id]
    assert oldest == newest[::-1]


def test_pages_follow_each_other_without_gap_or_repeat_also_among_equals_and_absent(session: Session) -> None:
    world = Measured(session)
    square, hook = world.channel("square"), world.channel("hook")
    for total in (3, 7, 7, 7, 1):
        world.engaged(world.post(square, NOON - 2 * DAY), DAY, total)
    for _ in range(2):
        world.post(hook, NOON - 2 * DAY)

    for descending in (True, False):
        seen: list[Figure] = []
        ids: set[int] = set()
        cursor = None
        while True:
            page = listed(world, sort="engagement", descending=descending, limit=2, cursor=cursor)
            seen += [line.figures["engagement"] for line in page.lines]
            ids |= {line.post.id for line in page.lines}
            cursor = page.next_cursor
            if cursor is None:
                break
        values = [figure.value for figure in seen]
        assert values[:5] == sorted([3, 7, 7, 7, 1], reverse=descending)
        assert values[5:] == [None, None]
        assert len(ids) == 7


def test_every_figure_is_sorted_by_the_value_that_is_shown(session: Session) -> None:
    world = Measured(session)
    exposed, page = world.channel("exposed"), world.channel("page")
    world.followers(exposed, NOON - 9 * DAY, 500)
    for number in range(1, 5):
        post = world.post(exposed, NOON - 3 * DAY)
        world.read(post, DAY, {M.REACTIONS: number * 3 % 7, M.REPLIES: number, M.SHARES: 1})
        world.read(post, DAY, {M.IMPRESSIONS: 100 * (5 - number), M.CLICKS: number})
        link = world.link(post)
        for _ in range(number * 2 % 5):
            world.click(link, NOON - HOUR)
        shown = world.post(page, NOON - 3 * DAY)
        world.shown(page, shown.id, "impressions", NOON - HOUR, times=number)
        world.click(world.link(shown), NOON - HOUR)

    for entry in of_posts():
        lines = listed(world, sort=entry.key).lines
        values = [line.figures[entry.key].value for line in lines]
        there = [value for value in values if value is not None]
        assert there == sorted(there, reverse=True), entry.key
        assert values[len(there) :] == [None] * (len(values) - len(there)), entry.key


def test_filters_restrict_by_channel_and_by_publish_date(session: Session) -> None:
    world = Measured(session)
    one, two = world.channel(), world.channel()
    wanted = world.post(one, NOON - 2 * DAY)
    world.post(one, NOON - 9 * DAY)
    world.post(two, NOON - 2 * DAY)

    page = listed(world, Filters(channel_ids=one_of(one.id), start=NOON - 3 * DAY, end=NOON - DAY))

    assert [line.post.id for line in page.lines] == [wanted.id]


def test_a_cursor_of_another_sorting_is_refused(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    for _ in range(3):
        world.post(channel, NOON - DAY)
    cursor = listed(world, limit=1).next_cursor

    for options in ({"sort": "clicks", "cursor": cursor}, {"cursor": "no cursor"}, {"cursor": "e30="}):
        with pytest.raises(UsageError, match="another list"):
            listed(world, **options)


def test_a_figure_that_no_post_has_by_itself_is_no_sorting(session: Session) -> None:
    world = Measured(session)

    with pytest.raises(UsageError, match="sort by another figure"):
        listed(world, sort="followers")
    with pytest.raises(UsageError, match="Unknown metric"):
        listed(world, sort="fame")


def test_clicks_and_page_views_are_known_before_the_first_checkpoint(session: Session) -> None:
    world = Measured(session)
    page = world.channel("page")
    post = world.post(page, NOON - timedelta(minutes=1))
    world.shown(page, post.id, "impressions", NOON - timedelta(minutes=1), times=4)
    world.click(world.link(post), NOON)

    figures = line(world, post.id).figures

    assert (figures["impressions"].value, figures["clicks"].value) == (4, 1)
    assert figures["ctr_impr"].value == 25
    assert figures["impressions"].passport.sources == ("tabuh",)
    assert figures["views"].value == 0
    assert figures["reactions"].absence is Absence.NOT_SUPPLIED


def test_a_metric_missing_from_the_answer_is_told_from_one_that_is_to_come(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("exposed")
    waiting, answered = world.post(channel, NOON), world.post(channel, NOON - 2 * DAY)
    world.read(answered, DAY, {M.REACTIONS: 2})

    assert line(world, waiting.id).figures["shares"].absence is Absence.NOT_MEASURED
    missing = line(world, answered.id).figures["shares"]
    assert missing.absence is Absence.NOT_SUPPLIED
    assert missing.reason is not None
    assert missing.reason.key == "absent.answer"
    assert line(world, answered.id).figures["engagement"].absence is Absence.NOT_SUPPLIED


def test_a_metric_that_the_platform_counts_later_is_not_yet_there(session: Session) -> None:
    world = Measured(session)
    answered = world.post(world.channel("exposed"), NOON - 2 * DAY)
    world.read(answered, DAY, {M.REACTIONS: 2})
    measurements_of(session, [answered.id])[answered.id].not_yet = ["shares"]
    session.flush()

    figure = line(world, answered.id).figures["shares"]

    assert figure.absence is Absence.NOT_MEASURED
    assert figure.reason is not None
    assert say(figure.reason) == "Exposed has not counted Shares yet."


def test_the_passport_of_a_post_says_field_time_formula_and_denominator(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel("exposed"), NOON - 2 * DAY)
    world.engaged(post, DAY, 4, impressions=200)

    stamp = line(world, post.id).figures["er_impr"].passport

    assert stamp.read_oldest == stamp.read_newest == NOON - DAY
    assert stamp.sources == ("favourites_count", "impression_count", "reblogs_count", "replies_count")
    assert (stamp.version, stamp.denominator) == (1, "impressions")


def test_a_post_stands_in_the_band_of_the_channels_others_at_equal_age(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    for total in (1, 2, 3, 4, 5):
        other = world.post(channel, NOON - 20 * DAY)
        world.engaged(other, DAY, total)
        world.engaged(other, 7 * DAY, 100 * total)
    post = world.post(channel, NOON - 2 * DAY)
    world.engaged(post, HOUR, 1)
    world.engaged(post, DAY, 4)

    found = post_statistics(session, world.id, post.id, supplies=SUPPLIES, now=NOON)

    usual = found.usual["engagement"]
    assert [(band.checkpoint, band.posts, band.quartiles) for band in usual.bands] == [
        (DAY, 5, (2.0, 3.0, 4.0)),
        (7 * DAY, 5, (200.0, 300.0, 400.0)),
    ]
    assert (usual.checkpoint, usual.percentile) == (DAY, 70.0)  # three below and one equal, of five
    assert [(point.checkpoint, point.value) for point in found.curves["engagement"]] == [(HOUR, 1), (DAY, 4)]


def test_with_four_posts_there_is_not_enough_to_call_anything_usual(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    for total in (1, 2, 3, 4):
        world.engaged(world.post(channel, NOON - 20 * DAY), DAY, total)
    post = world.post(channel, NOON - 2 * DAY)
    world.engaged(post, DAY, 4)

    usual = post_statistics(session, world.id, post.id, supplies=SUPPLIES, now=NOON).usual["engagement"]

    assert [(band.posts, band.quartiles) for band in usual.bands] == [(4, None)]
    assert (usual.checkpoint, usual.percentile) == (None, None)


def test_readings_taken_long_after_their_checkpoint_are_not_compared(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    for total in range(6):
        world.engaged(world.post(channel, NOON - 20 * DAY), DAY, total)
    slow = world.post(channel, NOON - 20 * DAY)
    world.read(slow, DAY, dict.fromkeys((M.REACTIONS, M.REPLIES, M.SHARES), 900), at=NOON - 18.2 * DAY)
    post = world.post(channel, NOON - 2 * DAY)
    world.engaged(post, DAY, 3)

    found = post_statistics(session, world.id, post.id, supplies=SUPPLIES, now=NOON)
    of_slow = post_statistics(session, world.id, slow.id, supplies=SUPPLIES, now=NOON)

    assert [band.posts for band in found.usual["engagement"].bands] == [6]
    assert [point.late for point in of_slow.curves["engagement"]] == [True]
    assert of_slow.usual["engagement"].percentile is None


def test_clicks_are_told_by_audience_hour_and_referrer(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel(), NOON - DAY)
    link = world.link(post)
    world.click(link, NOON - 3 * HOUR + timedelta(minutes=59), referrer="a.test")
    world.click(link, NOON - 3 * HOUR, referrer="a.test")
    world.click(link, NOON - HOUR)
    world.click(link, NOON - HOUR, audience=Audience.BOT)

    clicks = post_statistics(session, world.id, post.id, supplies=SUPPLIES, now=NOON).clicks

    assert clicks.by_audience == {Audience.HUMAN: 3, Audience.BOT: 1, Audience.UNKNOWN: 0}
    assert clicks.by_hour == [(NOON - 3 * HOUR, 2), (NOON - HOUR, 1)]
    assert clicks.by_referrer == [("a.test", 2), (None, 1)]


def test_siblings_and_attempts_belong_to_the_story_and_the_post(session: Session) -> None:
    world = Measured(session)
    story = new_id()
    post = world.post(world.channel(), NOON - DAY, story_id=story)
    sibling = world.post(world.channel("page"), NOON - DAY, story_id=story)
    draft = world.post(world.channel(), NOON, story_id=story)
    draft.state, draft.published_at = "draft", None
    session.add(Attempt(post_id=post.id, claim=1, started_at=NOON - DAY, payload_hash="x"))
    session.flush()

    found = post_statistics(session, world.id, post.id, supplies=SUPPLIES, now=NOON)

    assert [one.post.id for one in found.siblings] == [sibling.id, draft.id]
    assert [bool(one.figures) for one in found.siblings] == [True, False]
    assert [one.claim for one in found.attempts] == [1]


def test_a_post_of_another_workspace_or_without_publication_has_no_statistics(session: Session) -> None:
    world, other = Measured(session), Measured(session)
    foreign = other.post(other.channel(), NOON)
    draft = world.post(world.channel(), NOON)
    draft.state, draft.published_at = "draft", None
    session.flush()

    with pytest.raises(NotFound):
        post_statistics(session, world.id, foreign.id, supplies=SUPPLIES, now=NOON)
    with pytest.raises(UsageError, match="not published"):
        post_statistics(session, world.id, draft.id, supplies=SUPPLIES, now=NOON)


def test_a_percentile_counts_ties_half() -> None:
    assert percentile(3, [1, 2, 3, 4]) == 62.5
    assert percentile(0, [1, 2]) == 0
    assert percentile(9, [1, 2]) == 100
