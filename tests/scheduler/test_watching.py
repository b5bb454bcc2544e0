"""Alerts: what opens them, that they open once, close by themselves, and are told."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.alerts import Rule
from domain.ids import new_id
from domain.metrics import Audience, Metric
from domain.post import PostState
from scheduler import standstill
from scheduler.alerting import words_of
from scheduler.watching import watch
from store import alerts, installation, measuring, traffic
from store.due import claim_due
from store.engine import writing
from store.measuring import Taken
from store.tables import (
    AlertMute,
    AlertRow,
    ChannelRow,
    EntryRow,
    Feed,
    Kpi,
    KpiReading,
    Measurement,
    NoticeRow,
    Post,
    Route,
    RouteFeed,
    Watch,
)
from store.traffic import WHOLE_PAGE, Shown
from tests.world import NOON, FixedClock, World, new_world

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def look(world: World, **forward: float) -> None:
    """Let the time pass, and look at the workspace."""
    if forward:
        world.clock.forward(**forward)
    with writing(world.engine) as session:
        alerts.ensure_watches(session, now=world.clock.now)
        session.commit()
        rows = claim_due(session, Watch, now=world.clock.now, lease=HOUR, limit=9)
    for row in rows:
        watch(world.context, row)


def listed(world: World, *rules: Rule) -> list[AlertRow]:
    with Session(world.engine, expire_on_commit=False) as session:
        rows = session.scalars(select(AlertRow).order_by(AlertRow.opened_at, AlertRow.id))  # type: ignore[arg-type]
        return [row for row in rows if not rules or row.rule in rules]


def said(row: AlertRow, language: str = "en", zone: str = "UTC") -> str:
    return words_of(row, language=language, zone=zone).text


def put(world: World, *rows: Any) -> None:
    with writing(world.engine) as session:
        for row in rows:
            session.add(row)
            session.flush()
        session.commit()


def told(world: World) -> list[str]:
    with Session(world.engine) as session:
        return [row.kind for row in session.scalars(select(NoticeRow).order_by(NoticeRow.id))]  # type: ignore[arg-type]


def visited(world: World, at: datetime, times: int) -> None:
    """Human visits to the world's page."""
    one = Shown(world.channel.id, WHOLE_PAGE, "visits", Audience.HUMAN, at)
    with writing(world.engine) as session:
        traffic.count_shown(session, [one] * times)
        session.commit()


def history(world: World, daily: Sequence[float], *, until: datetime) -> None:
    """Visits of whole days in a row, spread over eight hours; the last is the day before ``until``."""
    for back, number in enumerate(reversed(daily), start=1):
        for hour in range(8, 16):
            visited(world, until - back * DAY + hour * HOUR, round(number / 8))


def a_feed(world: World, *, every: timedelta, quiet_for: timedelta) -> Feed:
    """A feed with a rhythm of its own, read by a route, from which nothing came for a while."""
    feed = Feed(
        workspace_id=world.workspace.id, url="https://a.example/feed", title="Drums", existing="none",
        baseline_at=NOON - 100 * DAY, last_success_at=world.clock.now, created_at=NOON - 100 * DAY,
    )  # fmt: skip
    route = Route(
        workspace_id=world.workspace.id, name="R", channel_id=world.channel.id, template="{title}",
        created_at=NOON,
    )  # fmt: skip
    entries = [
        EntryRow(
            workspace_id=world.workspace.id, feed_id=feed.id, title=str(number), position=number, digest=b"x",
            published_at=world.clock.now - quiet_for - number * every, first_seen_at=NOON, origin="new",
        )
        for number in range(20)
    ]  # fmt: skip
    put(world, feed, route, RouteFeed(route_id=route.id, feed_id=feed.id), *entries)
    return feed


def test_a_feed_that_is_quiet_beyond_its_rhythm_opens_one_alert_and_closes_it(engine: Engine) -> None:
    world = new_world(engine)
    feed = a_feed(world, every=DAY, quiet_for=3 * DAY)

    look(world)
    look(world, minutes=6)

    [row] = listed(world, Rule.FEED_QUIET)
    assert (row.subject, row.closed_at, row.since) == (f"feed:{feed.id}", None, NOON - 3 * DAY)
    assert said(row).startswith(
        "Nothing new came from the feed Drums for 3 days; it usually brings 7 a week. Between the 20 entries "
        "of the last nine weeks, the longest pause was 24 h. Since Fri 27 Feb 12:00 UTC. Likely cause: its "
        "site has published nothing; the feed itself answered Mon 2 Mar 12:00 UTC."
    )
    assert "Tidak ada yang baru dari feed Drums selama 3 hari" in said(row, "id", "Asia/Jakarta")
    assert f"tabuh feed show {feed.id}" in said(row)
    assert told(world) == ["alert.opened"]

    put(world, EntryRow(
        workspace_id=world.workspace.id, feed_id=feed.id, title="new", position=99, digest=b"x",
        published_at=world.clock.now, first_seen_at=world.clock.now, origin="new",
    ))  # fmt: skip
    look(world, minutes=6)
    [row] = listed(world, Rule.FEED_QUIET)
    assert row.closed_at == world.clock.now
    assert said(row).endswith("Something new came.")
    assert told(world) == ["alert.opened", "alert.closed"]


def test_a_busy_feed_may_rest_at_every_weekend(engine: Engine) -> None:
    """Its last two hundred entries know of no weekend; its nine weeks do."""
    world = new_world(engine, clock=FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC)))  # a Sunday
    feed = a_feed(world, every=DAY, quiet_for=70 * DAY)
    minutes = [
        datetime(2026, 2, 27, 18, tzinfo=UTC) - week * 7 * DAY - day * DAY - number * timedelta(minutes=10)
        for week in range(5)
        for day in range(5)
        for number in range(60)
    ]
    put(world, *(
        EntryRow(
            workspace_id=world.workspace.id, feed_id=feed.id, title=str(number), position=100 + number,
            digest=b"x", published_at=at, first_seen_at=NOON, origin="new",
        )
        for number, at in enumerate(minutes)
    ))  # fmt: skip

    look(world)

    assert listed(world, Rule.FEED_QUIET) == []


def test_a_feed_within_its_rhythm_is_no_news(engine: Engine) -> None:
    world = new_world(engine)
    a_feed(world, every=3 * DAY, quiet_for=4 * DAY)

    look(world)

    assert listed(world, Rule.FEED_QUIET) == []


def test_within_its_cool_down_an_alert_opens_again_without_a_word(engine: Engine) -> None:
    world = new_world(engine)
    feed = a_feed(world, every=HOUR, quiet_for=HOUR)

    def fails(times: int) -> None:
        with writing(engine) as session:
            row = session.get_one(Feed, feed.id)
            row.failures, row.last_error = times, "a.example did not answer in time; check that it is up"
            session.commit()

    for times in (3, 0, 4, 0):
        fails(times)
        look(world, minutes=6)
    assert told(world).count("alert.opened") == 1
    assert len(listed(world, Rule.FEED_FAILING)) == 1

    fails(9)
    look(world, hours=7)
    assert len(listed(world, Rule.FEED_FAILING)) == 2
    assert told(world).count("alert.opened") == 2


def test_a_paused_feed_closes_its_alert_and_says_so(engine: Engine) -> None:
    world = new_world(engine)
    feed = a_feed(world, every=DAY, quiet_for=9 * DAY)
    look(world)
    with writing(engine) as session:
        session.get_one(Feed, feed.id).paused_at = world.clock.now
        session.commit()

    look(world, minutes=6)

    [row] = listed(world)
    assert said(row).endswith("It was paused.")


def published(world: World, *, every: timedelta, number: int) -> None:
    for back in range(1, number + 1):
        post = world.queue(at=world.clock.now - back * every)
        with writing(world.engine) as session:
            row = session.get_one(Post, post.id)
            row.state, row.published_at, row.next_at = PostState.PUBLISHED, row.planned_at, None
            session.commit()


def test_a_queue_that_runs_out_is_foretold_by_the_channels_pace(engine: Engine) -> None:
    world = new_world(engine)
    published(world, every=DAY, number=20)
    world.queue(at=NOON + 20 * HOUR)

    look(world)

    [row] = listed(world, Rule.QUEUE_EMPTY)
    text = "The queue of Page lasts until Tue 3 Mar 08:00 UTC. Posts in it: 1; usual are 7 a week."
    assert text in said(row)
    assert "At that pace it lasts 20 h; below 48 h you are told." in said(row)
    assert "no route feeds it, and nobody has written enough posts" in said(row)
    for day in range(2, 6):
        world.queue(at=NOON + day * DAY)
    look(world, minutes=6)
    assert listed(world, Rule.QUEUE_EMPTY)[0].closed_at is not None


def test_a_channel_that_hardly_publishes_may_be_empty(engine: Engine) -> None:
    world = new_world(engine)
    published(world, every=10 * DAY, number=2)
    look(world)
    assert listed(world) == []


def test_access_that_ends_and_a_channel_to_reconnect_are_told(engine: Engine) -> None:
    world = new_world(engine)
    world.queue(at=NOON + 5 * DAY)
    with writing(engine) as session:
        session.get_one(ChannelRow, world.channel.id).access_until = NOON + 3 * DAY
        session.commit()

    look(world)
    text = "The access to Page ends Thu 5 Mar 12:00 UTC; queued posts after that: 1."
    assert text in said(listed(world)[0])
    with writing(engine) as session:
        row = session.get_one(ChannelRow, world.channel.id)
        row.state, row.state_reason = "needs_reconnect", "The token was revoked."
        session.commit()
    look(world, minutes=6)

    rules = {row.rule: row.closed_at is None for row in listed(world)}
    assert rules == {Rule.ACCESS_ENDS: False, Rule.CHANNEL_RECONNECT: True}
    assert "The token was revoked." in said(listed(world, Rule.CHANNEL_RECONNECT)[0])


def test_posts_that_failed_are_uncertain_or_late_are_told_by_channel(engine: Engine) -> None:
    world = new_world(engine)
    for state in (PostState.FAILED, PostState.FAILED, PostState.UNCERTAIN):
        post = world.queue(at=NOON - HOUR)
        with writing(engine) as session:
            row = session.get_one(Post, post.id)
            row.state, row.reason, row.next_at = state, "The picture is too large.", None
            session.commit()
    world.queue(at=NOON - HOUR)

    look(world)

    found = {row.rule: said(row) for row in listed(world)}
    assert set(found) == {Rule.POST_FAILED, Rule.POST_UNCERTAIN, Rule.POST_LATE}
    assert "Posts on Page that failed: 2. The picture is too large." in found[Rule.POST_FAILED]
    assert "the first since Mon 2 Mar 11:00 UTC" in found[Rule.POST_LATE]


def test_a_channel_that_posts_and_is_never_measured_is_told(engine: Engine) -> None:
    world = new_world(engine)
    published(world, every=10 * HOUR, number=3)
    with writing(engine) as session:
        for post in session.scalars(select(Post)):
            assert post.published_at is not None
            session.add(Measurement(
                workspace_id=world.workspace.id, post_id=post.id, channel_id=world.channel.id,
                published_at=post.published_at, failures=4, last_error="It answers 500.",
            ))  # fmt: skip
        session.commit()

    look(world)

    [row] = listed(world, Rule.NOT_MEASURED)
    assert "None of the posts on Page of the last days could be measured: 3." in said(row)
    assert "It answers 500." in said(row)


def test_a_count_that_fell_and_a_field_that_changed_are_told(engine: Engine) -> None:
    world = new_world(engine)
    published(world, every=DAY, number=1)
    with writing(engine) as session:
        [post] = session.scalars(select(Post))
        for hours, value, source in ((20, 100, "likes"), (2, 40, "likes"), (1, 41, "favourites")):
            measuring.append(
                session, post.id, checkpoint=timedelta(hours=24 - hours), read_at=NOON - hours * HOUR,
                taken=[Taken(Metric.REACTIONS, value, source)],
            )  # fmt: skip
        session.commit()

    look(world)

    found = {row.rule: said(row) for row in listed(world)}
    assert "Reactions of Page fell from 100 to 40 between two looks" in found[Rule.NUMBER_FELL]
    assert "another field of the platform: favourites, before likes." in found[Rule.NUMBER_UNIT]


@pytest.mark.parametrize(
    ("status", "wanted", "rule"),
    [
        ("at_risk", "at_risk", Rule.KPI_AT_RISK),
        ("at_risk", "off_track", None),
        ("missed", "off_track", Rule.KPI_OFF_TRACK),
        ("reached", "reached", Rule.KPI_REACHED),
        ("reached", "every_change", Rule.KPI_REACHED),
        ("off_track", "off", None),
        ("on_track", "every_change", None),
    ],
)
def test_a_kpi_tells_by_its_status_what_its_owner_wants(
    engine: Engine, status: str, wanted: str, rule: Rule | None
) -> None:
    world = new_world(engine)
    kpi = Kpi(
        workspace_id=world.workspace.id, name="Visits", metric="visits", target=100,
        starts_on=NOON.date(), created_at=NOON, alert_rule=wanted,
    )  # fmt: skip
    put(world, kpi)
    put(world, KpiReading(
        kpi_id=kpi.id, at=NOON, period_start=NOON.date(), status=status, actual=1, expected=5, chance=0.42,
    ))  # fmt: skip

    look(world)

    found = listed(world)
    assert [row.rule for row in found] == ([rule] if rule else [])
    if rule is Rule.KPI_AT_RISK:
        assert "the chance of reaching its target is 42%" in said(found[0])
        assert "1 so far; by its pace it would be 5." in said(found[0])
        assert "Nothing else out of the ordinary was found" in said(found[0])
    if rule is Rule.KPI_REACHED:
        assert found[0].is_good


def test_a_day_that_fell_is_told_the_next_morning_with_how_rare_it_is(engine: Engine) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    world = new_world(engine, clock=FixedClock(midnight + timedelta(minutes=15)))
    days = np.random.default_rng(4).normal(200, 15, 70).tolist()
    history(world, [*days, 16], until=midnight)

    look(world)

    [row] = listed(world, Rule.FIGURE_DAY)
    text = said(row)
    assert row.subject == f"channel:{world.channel.id}:visits"
    assert not row.is_good
    assert text.startswith("Visits of Page on 1 March 2026: 16, 92% less than the")
    assert "By chance that happens about once in" in text
    assert row.since == midnight - DAY

    history(world, [200], until=midnight + DAY)
    look(world, days=1)
    assert listed(world, Rule.FIGURE_DAY)[0].closed_at is not None


def test_a_collapse_is_told_the_same_day(engine: Engine) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    world = new_world(engine, clock=FixedClock(midnight + timedelta(minutes=15)))
    days = np.random.default_rng(4).normal(200, 15, 70).tolist()
    history(world, days, until=midnight)
    look(world)
    assert listed(world) == []

    look(world, hours=15)  # nothing came today

    [row] = listed(world)
    assert row.rule == Rule.FIGURE_DAY
    assert "0 by 15:00, 100% less than" in said(row)


def test_a_viral_post_is_told_the_same_day_as_good_news_with_its_cause(engine: Engine) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    world = new_world(engine, clock=FixedClock(midnight + timedelta(minutes=15)))
    history(world, np.random.default_rng(4).normal(200, 15, 70).tolist(), until=midnight)
    look(world)
    post = world.queue(at=midnight)
    with writing(engine) as session:
        shown = Shown(world.channel.id, post.id, "visits", Audience.HUMAN, midnight + 9 * HOUR)
        traffic.count_shown(session, [shown] * 3000)
        session.commit()

    look(world, hours=12)

    [row] = listed(world, Rule.FIGURE_DAY)
    assert row.is_good
    assert f"Likely cause: one post made 100% of it (post {post.id})." in said(row)


def test_a_level_that_fell_for_good_becomes_one_alert_and_then_the_usual(engine: Engine) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    world = new_world(engine, clock=FixedClock(midnight + timedelta(minutes=15)))
    rng = np.random.default_rng(5)
    history(world, (200 * np.exp(rng.normal(0, 0.25, 120))).tolist(), until=midnight)
    look(world)
    for _ in range(8):
        midnight += DAY
        history(world, [120 * float(np.exp(rng.normal(0, 0.25)))], until=midnight)
        look(world, days=1)

    rows = [row for row in listed(world) if row.rule == Rule.FIGURE_SHIFT]
    assert len(rows) == 1
    assert re.search(
        r"Visits of Page: \d\d% less a day since \d+ March 2026, [\d.]+ instead of", said(rows[0])
    )
    assert told(world).count("alert.opened") == 1


def test_what_is_muted_is_not_opened_and_closes_what_is_open(engine: Engine) -> None:
    world = new_world(engine)
    feed = a_feed(world, every=DAY, quiet_for=9 * DAY)
    look(world)
    mute = AlertMute(
        workspace_id=world.workspace.id, rule="", subject=f"feed:{feed.id}", at=NOON, until=NOON + DAY
    )
    with writing(engine) as session:
        alerts.mute(session, mute)
        session.commit()

    look(world, minutes=6)
    assert said(listed(world)[0]).endswith("It was muted.")
    look(world, days=5)
    assert len([row for row in listed(world) if row.closed_at is None]) == 1


def test_a_standstill_is_told_at_the_next_start_and_by_the_pages(engine: Engine) -> None:
    world = new_world(engine)
    with writing(engine) as session:
        installation.beat(session, now=NOON - 5 * HOUR)
        session.commit()

    standstill.note_start(world.context)
    [row] = listed(world)
    assert "The scheduler stood still from Mon 2 Mar 07:00 UTC to Mon 2 Mar 12:00 UTC: 5 h." in said(row)

    asker = standstill.Asker(world.context)
    asker.ask()
    [row] = listed(world)
    assert "it was last seen Mon 2 Mar 07:00 UTC" in said(row)

    with writing(engine) as session:
        installation.beat(session, now=world.clock.forward(hours=1))
        session.commit()
    standstill.note_run(world.context)
    assert listed(world)[0].closed_at is not None


def test_two_machines_never_open_the_same_alert_twice(engine: Engine) -> None:
    world = new_world(engine)
    row: dict[str, Any] = {
        "workspace_id": world.workspace.id,
        "rule": "feed.quiet",
        "subject": "feed:1",
        "since": NOON,
    }
    put(world, AlertRow(id=new_id(), opened_at=NOON, held_at=NOON, **row))
    with pytest.raises(Exception, match=r"(?i)unique"):
        put(world, AlertRow(id=new_id(), opened_at=NOON, held_at=NOON, **row))
