"""Readings, and what Tabuh counts itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from domain.metrics import Audience, Metric
from store import measuring, traffic
from store.measuring import Taken
from store.tables import Click
from store.traffic import WHOLE_PAGE, Shown
from tests.measured import M, Measured
from tests.world import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_a_reading_is_never_changed(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel(), NOON - DAY)
    first = [Taken(M.REACTIONS, 3, "favourites_count")]
    again = [Taken(M.REACTIONS, 9, "favourites_count"), Taken(M.SHARES, 1, "reblogs_count")]

    measuring.append(session, post.id, checkpoint=HOUR, read_at=NOON, taken=first)
    measuring.append(session, post.id, checkpoint=HOUR, read_at=NOON + HOUR, taken=again)

    found = {
        row.metric: (row.value, row.read_at) for row in measuring.readings_of(session, [post.id])[post.id]
    }
    assert found == {"reactions": (3, NOON), "shares": (1, NOON + HOUR)}


def test_followers_at_publishing_are_the_last_before_else_the_first_after(session: Session) -> None:
    world = Measured(session)
    channel, uncounted = world.channel(), world.channel()
    for days, value in ((9, 90), (5, 50), (2, 20)):
        world.followers(channel, NOON - days * DAY, value)
    posts = [world.post(channel, NOON - days * DAY) for days in (10, 9, 6, 1)]
    posts.append(world.post(uncounted, NOON))

    found = measuring.followers_at_publishing(session, [post.id for post in posts])

    assert [found[post.id].value for post in posts[:4]] == [90, 90, 90, 20]
    assert posts[4].id not in found


def test_first_and_last_counts_of_channels_keep_to_their_bounds(session: Session) -> None:
    world = Measured(session)
    one, two = world.channel(), world.channel()
    for hours, value in ((3, 1), (2, 2), (1, 3)):
        world.followers(one, NOON - hours * HOUR, value)
    ids = [one.id, two.id]

    last = measuring.last_of_channels(session, ids, M.FOLLOWERS, before=NOON - HOUR)
    first = measuring.first_of_channels(session, ids, M.FOLLOWERS, since=NOON - 2 * HOUR, before=NOON - HOUR)

    assert {channel_id: row.value for channel_id, row in last.items()} == {one.id: 2}
    assert {channel_id: row.value for channel_id, row in first.items()} == {one.id: 2}


def test_a_post_seen_to_be_gone_keeps_the_first_time(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel(), NOON - DAY)

    measuring.mark_gone(session, post.id, now=NOON)
    measuring.mark_gone(session, post.id, now=NOON + DAY)

    session.refresh(post)
    assert post.deleted_at == NOON


def test_what_is_shown_adds_up_by_hour_kind_and_audience(session: Session) -> None:
    world = Measured(session)
    page = world.channel("page")
    post = world.post(page, NOON)

    def shown(kind: str, minutes: int, audience: Audience = Audience.HUMAN, post_id: int = post.id) -> Shown:
        return Shown(page.id, post_id, kind, audience, NOON + timedelta(minutes=minutes))

    traffic.count_shown(session, [shown("views", 1), shown("views", 59), shown("views", 61)])
    traffic.count_shown(session, [shown("views", 2), shown("views", 3, Audience.BOT), shown("visits", 4)])
    traffic.count_shown(
        session, [shown("views", 5, post_id=WHOLE_PAGE), shown("impressions", 5, Audience.BOT)]
    )

    early = traffic.counted(session, [post.id], before=NOON + HOUR)[post.id]
    late = traffic.counted(session, [post.id], before=NOON + DAY)[post.id]
    assert early == {Metric.VIEWS: 3, Metric.VIEWS_BOT: 1, Metric.VISITS: 1}
    assert late[Metric.VIEWS] == 4


def test_clicks_are_counted_by_audience_and_only_up_to_the_moment_asked_for(session: Session) -> None:
    world = Measured(session)
    post, bare = world.post(world.channel(), NOON), world.post(world.channel(), NOON)
    link = world.link(post)
    world.click(link, NOON)
    world.click(link, NOON + HOUR)
    world.click(link, NOON, audience=Audience.UNKNOWN)

    found = traffic.counted(session, [post.id, bare.id], before=NOON + HOUR)

    of_post = {Metric.CLICKS: 1, Metric.CLICKS_UNKNOWN: 1, Metric.CLICKERS: 1}
    assert found == {post.id: of_post, bare.id: {}}
    assert traffic.linked(session, [post.id, bare.id]) == {post.id}


@pytest.mark.parametrize("length", [timedelta(minutes=15), HOUR])
def test_a_slice_of_time_is_found_back_on_either_database(session: Session, length: timedelta) -> None:
    world = Measured(session)
    link = world.link(world.post(world.channel(), NOON))
    world.click(link, NOON + length - timedelta(microseconds=1))

    number = (
        session.connection().execute(select(traffic.slice_of(session, col(Click.at), length))).scalar_one()
    )

    assert traffic.slice_start(number, length) == NOON
