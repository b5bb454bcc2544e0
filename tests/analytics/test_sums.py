"""Figures over a scope and a period, against numbers worked out by hand."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from analytics.sums import Stretch, figure_over
from domain.catalogue import definition
from domain.figure import Absence, Basis, Coverage, Figure
from domain.kpi import Scope, ScopeKind
from domain.metrics import Audience
from store.tables import EntryRow, Feed, Route
from store.traffic import WHOLE_PAGE
from tests.measured import SUPPLIES, M, Measured
from tests.world import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def figure(
    world: Measured,
    key: str,
    start: datetime = NOON - 30 * DAY,
    end: datetime = NOON,
    *,
    scope: Scope | None = None,
    now: datetime = NOON,
) -> Figure:
    """One figure of the world, over its last thirty days unless told otherwise."""
    return figure_over(
        world.session,
        definition(key),
        Stretch(start, end, now),
        workspace_id=world.id,
        scope=scope or Scope(),
        supplies=SUPPLIES,
    )


def test_activity_is_what_grew_between_the_edges_of_the_period(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel(), NOON - 4 * DAY)
    world.read(post, HOUR, {M.REACTIONS: 3})
    world.read(post, DAY, {M.REACTIONS: 10})
    world.read(post, 2 * DAY, {M.REACTIONS: 14})
    world.read(post, 3 * DAY, {M.REACTIONS: 13})  # one was taken back

    first = figure(world, "reactions", NOON - 4 * DAY, NOON - 3 * DAY)
    second = figure(world, "reactions", NOON - 3 * DAY, NOON - DAY)
    third = figure(world, "reactions", NOON - DAY, NOON)

    assert [first.value, second.value, third.value] == [3, 11, -1]
    assert first.passport.basis is Basis.ACTIVITY


def test_engagement_adds_reactions_replies_and_shares_and_says_where_each_was_read(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel(), NOON - 2 * DAY)
    world.read(post, DAY, {M.REACTIONS: 10, M.REPLIES: 2, M.SHARES: 5})

    found = figure(world, "engagement")

    assert found.value == 17
    assert found.passport.sources == ("favourites_count", "reblogs_count", "replies_count")
    assert found.passport.read_newest == NOON - DAY
    assert found.passport.coverage == Coverage(measured=1, in_scope=1)
    assert found.passport.formula == "reactions + replies + shares"


def test_a_rate_is_the_ratio_of_sums_not_the_mean_of_ratios(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("exposed")
    for reactions, impressions in ((1, 10), (9, 990)):
        world.engaged(world.post(channel, NOON - 2 * DAY), DAY, reactions, impressions=impressions)

    found = figure(world, "er_impr")

    assert found.value == pytest.approx(1.0)  # 100 x 10 / 1000; the mean of ratios would be 5.45
    assert found.passport.denominator == "impressions"
    assert found.passport.formula == "100 × (reactions + replies + shares) ÷ impressions"


def test_both_sides_of_a_rate_come_from_the_same_checkpoint(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel("exposed"), NOON - 3 * DAY)
    world.engaged(post, DAY, 5, impressions=100)
    world.read(post, 2 * DAY, {M.REACTIONS: 50, M.REPLIES: 0, M.SHARES: 0})  # impressions failed to come

    assert figure(world, "er_impr").value == pytest.approx(5.0)


def test_a_denominator_of_zero_leaves_the_rate_undefined(session: Session) -> None:
    world = Measured(session)
    world.engaged(world.post(world.channel("exposed"), NOON - 2 * DAY), DAY, 0, impressions=0)

    found = figure(world, "er_impr")

    assert (found.value, found.absence) == (None, Absence.UNDEFINED)
    assert found.reason is not None
    assert found.reason.key == "absent.zero"


def test_not_supplied_not_yet_measured_and_zero_are_three_answers(session: Session) -> None:
    world = Measured(session)
    square = world.channel("square")

    def scope(channel_id: int) -> Scope:
        return Scope(ScopeKind.CHANNEL, channel_id)

    world.post(square, NOON - DAY)
    quiet = world.channel("square")
    world.engaged(world.post(quiet, NOON - 2 * DAY), DAY, 0)

    assert figure(world, "impressions", scope=scope(square.id)).absence is Absence.NOT_SUPPLIED
    assert figure(world, "reactions", scope=scope(square.id)).absence is Absence.NOT_MEASURED
    assert figure(world, "reactions", scope=scope(quiet.id)).value == 0


def test_reach_is_never_added_up(session: Session) -> None:
    world = Measured(session)
    world.read(world.post(world.channel("exposed"), NOON - 2 * DAY), DAY, {M.REACH: 80})

    assert figure(world, "reach").absence is Absence.NOT_SUPPLIED


def test_coverage_counts_posts_that_cannot_be_measured_apart(session: Session) -> None:
    world = Measured(session)
    exposed = world.channel("exposed")
    world.read(world.post(exposed, NOON - 2 * DAY), DAY, {M.IMPRESSIONS: 40})
    world.post(exposed, NOON - HOUR)
    world.post(world.channel("hook"), NOON - HOUR)

    found = figure(world, "impressions")

    assert found.value == 40
    assert found.passport.coverage == Coverage(measured=1, in_scope=3, not_supplied=1)


def test_clicks_are_counted_when_they_happen_and_by_people_only(session: Session) -> None:
    world = Measured(session)
    link = world.link(world.post(world.channel("hook"), NOON - 100 * DAY))
    world.click(link, NOON - DAY)
    world.click(link, NOON - 2 * DAY, audience=Audience.BOT)
    world.click(link, NOON - 40 * DAY)

    assert figure(world, "clicks").value == 1
    assert figure(world, "clicks_bot").value == 1


def test_clicks_of_posts_without_a_link_of_ours_are_not_supplied(session: Session) -> None:
    world = Measured(session)
    world.post(world.channel("hook"), NOON - DAY)

    found = figure(world, "clicks")

    assert found.absence is Absence.NOT_SUPPLIED
    assert found.reason is not None
    assert found.reason.key == "absent.no_links"


def test_visits_of_the_page_itself_count_for_the_workspace_but_for_no_feed(session: Session) -> None:
    world = Measured(session)
    page = world.channel("page")
    route = Route(workspace_id=world.id, name="r", channel_id=page.id, template="", created_at=NOON)
    feed = Feed(workspace_id=world.id, url="https://a.test/feed", existing="none", created_at=NOON)
    session.add_all([route, feed])
    session.flush()
    entry = EntryRow(
        workspace_id=world.id, feed_id=feed.id, first_seen_at=NOON, position=1, digest=b"", origin="new"
    )
    session.add(entry)
    session.flush()
    post = world.post(page, NOON - DAY, route_id=route.id, entry_id=entry.id)
    world.shown(page, post.id, "visits", NOON - HOUR, times=2)
    world.shown(page, WHOLE_PAGE, "visits", NOON - HOUR, times=5)

    assert figure(world, "visits").value == 7
    assert figure(world, "visits", scope=Scope(ScopeKind.FEED, feed.id)).value == 2
    assert figure(world, "visits", scope=Scope(ScopeKind.ROUTE, route.id)).value == 2


def test_rates_by_followers_take_the_count_in_force_at_publishing(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    world.followers(channel, NOON - 10 * DAY, 100)
    world.followers(channel, NOON - 3 * DAY, 200)
    world.engaged(world.post(channel, NOON - 5 * DAY), DAY, 10)  # of 100
    world.engaged(world.post(channel, NOON - 2 * DAY), DAY, 5)  # of 200

    assert figure(world, "er_followers").value == pytest.approx(100 * 15 / 300)


def test_posts_before_the_first_count_take_the_first_count(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    world.engaged(world.post(channel, NOON - 5 * DAY), DAY, 10)
    world.followers(channel, NOON - 3 * DAY, 400)

    assert figure(world, "er_followers").value == pytest.approx(2.5)


def test_followers_are_those_at_the_end_and_growth_needs_two_counts(session: Session) -> None:
    world = Measured(session)
    one, two = world.channel(), world.channel()
    world.followers(one, NOON - 40 * DAY, 100)
    world.followers(one, NOON - DAY, 130)
    world.followers(two, NOON - 2 * DAY, 50)

    assert figure(world, "followers").value == 180
    growth = figure(world, "follower_growth")
    assert growth.value == 30
    assert growth.passport.coverage == Coverage(measured=1, in_scope=2)
    assert (
        figure(world, "follower_growth", scope=Scope(ScopeKind.CHANNEL, two.id)).absence
        is Absence.NOT_MEASURED
    )


def test_followers_at_a_moment_ignore_what_was_counted_later(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    world.followers(channel, NOON - 9 * DAY, 100)
    world.followers(channel, NOON - DAY, 130)

    assert figure(world, "followers", NOON - 20 * DAY, NOON - 5 * DAY).value == 100


def test_a_figure_of_a_period_that_is_over_does_not_change_later(session: Session) -> None:
    world = Measured(session)
    post = world.post(world.channel("exposed"), NOON - 5 * DAY)
    world.engaged(post, DAY, 5, impressions=100)
    world.engaged(post, 3 * DAY, 30, impressions=200)

    at_its_end = figure(world, "er_impr", NOON - 6 * DAY, NOON - 3 * DAY, now=NOON - 3 * DAY)
    later = figure(world, "er_impr", NOON - 6 * DAY, NOON - 3 * DAY, now=NOON)

    assert at_its_end.value == later.value == pytest.approx(5.0)


def test_another_workspace_is_never_counted(session: Session) -> None:
    world, other = Measured(session), Measured(session)
    world.channel()
    world.engaged(world.post(world.channel(), NOON - 2 * DAY), DAY, 4)
    other.engaged(other.post(other.channel(), NOON - 2 * DAY), DAY, 9)

    assert figure(world, "engagement").value == 4
    assert figure(world, "posts_published").value == 1
