"""Posts in groups, against answers made by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from analytics.breakdowns import Breakdown, breakdown
from analytics.overview import overview
from domain.breakdown import By
from domain.errors import UsageError
from domain.figure import Absence, Basis, Coverage
from store import packing
from store.tables import Conversion, EntryRow, Feed, Route, Site
from store.values import Filters
from tests.measured import SUPPLIES, Measured
from tests.world import NOON

DAY = timedelta(days=1)
MONTH_AGO = NOON - 30 * DAY
KEYS = ("impressions", "engagement", "engagement_per_post", "er_impr", "clicks")


def found(session: Session, world: Measured, by: By, **more: Any) -> Breakdown:
    session.flush()
    asked = {"filters": Filters(), "supplies": SUPPLIES, "now": NOON, "keys": KEYS, **more}
    return breakdown(session, world.id, by, asked.pop("start", MONTH_AGO), NOON, **asked)


def values(told: Breakdown, key: str) -> dict[str, float | None]:
    return {group.name.en: group.figures[key].value for group in told.groups}


def test_rates_of_a_group_are_ratios_of_its_sums_with_an_interval(session: Session) -> None:
    world = Measured(session)
    one, two = world.channel("exposed"), world.channel("exposed")
    world.engaged(world.post(one, NOON - 2 * DAY), DAY, 1, impressions=10)
    world.engaged(world.post(one, NOON - 3 * DAY), DAY, 9, impressions=990)
    world.engaged(world.post(two, NOON - 3 * DAY), DAY, 5, impressions=100)

    told = found(session, world, By.CHANNEL)

    rates = {group.name.en: group.figures["er_impr"] for group in told.groups}
    assert rates[one.name].value == pytest.approx(1.0)  # 10 of 1,000, not the mean of 10 % and 0.9 %
    assert rates[two.name].value == pytest.approx(5.0)
    low, high = rates[one.name].interval or (0, 0)
    assert (round(low, 2), round(high, 2)) == (0.54, 1.83)  # Wilson's score for 10 of 1,000
    assert told.total.figures["er_impr"].value == pytest.approx(100 * 15 / 1100)
    assert rates[one.name].passport.basis is Basis.PUBLISHED
    assert rates[one.name].passport.sources == (
        "favourites_count", "impression_count", "reblogs_count", "replies_count"
    )  # fmt: skip


@pytest.mark.parametrize("by", list(By))
def test_what_adds_up_adds_up_to_the_total(session: Session, by: By) -> None:
    world = Measured(session)
    exposed, square = world.channel("exposed"), world.channel("square")
    for hours in range(0, 24 * 12, 7):
        post = world.post((exposed, square)[hours % 2], NOON - DAY - timedelta(hours=hours))
        post.campaign = (None, "june")[hours % 3 == 0]
        world.engaged(post, DAY / 4, hours, **({"impressions": 10 * hours} if hours % 2 == 0 else {}))
        world.click(world.link(post), NOON - DAY / 2)

    told = found(session, world, by)

    for key in ("engagement", "impressions", "clicks"):
        parts = [group.figures[key].value or 0 for group in told.groups]
        assert sum(parts) == told.total.figures[key].value, key
        assert sum(group.shares.get(key, 0) for group in told.groups) == pytest.approx(1)
    assert sum(group.posts for group in told.groups) == told.total.posts == 42
    assert not told.overlapping or by is By.TAG
    whole = overview(session, world.id, MONTH_AGO, NOON, supplies=SUPPLIES, now=NOON).total.published
    assert all(told.total.figures[key].value == whole[key].value for key in KEYS)
    assert all(told.total.figures[key].passport.coverage == whole[key].passport.coverage for key in KEYS)


def test_a_post_with_two_tags_counts_in_both_and_once_in_the_total(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    for tags, engagement in ((["a", "b"], 10), (["a"], 1), (None, 100)):
        post = world.post(channel, NOON - 2 * DAY)
        post.tags = tags
        world.engaged(post, DAY, engagement)

    told = found(session, world, By.TAG)

    assert told.overlapping
    assert values(told, "engagement") == {"a": 11, "b": 10, "Without a tag": 100}
    assert told.total.figures["engagement"].value == 111
    assert told.total.posts == 3


def test_an_hour_of_the_week_is_that_of_the_channels_own_clock(session: Session) -> None:
    world = Measured(session)
    jakarta, berlin = world.channel(), world.channel()
    jakarta.zone, berlin.zone = "Asia/Jakarta", "Europe/Berlin"
    # 2025-03-30 01:00 UTC is the moment at which Berlin goes from 02:00 to 03:00.
    before, after = datetime(2025, 3, 30, 0, 59, 59, tzinfo=UTC), datetime(2025, 3, 30, 1, 0, tzinfo=UTC)
    for at in (before, after):
        world.post(berlin, at)
    world.post(jakarta, datetime(2025, 3, 30, 16, 59, 59, tzinfo=UTC))
    world.post(jakarta, datetime(2025, 3, 30, 17, 0, tzinfo=UTC))

    start = datetime(2025, 3, 1, tzinfo=UTC)
    told = found(session, world, By.SLOT, start=start)

    assert [group.name.en for group in told.groups] == [
        "Monday 00:00", "Sunday 01:00", "Sunday 03:00", "Sunday 23:00"
    ]  # fmt: skip
    assert [group.posts for group in told.groups] == [1, 1, 1, 1]
    days = found(session, world, By.WEEKDAY, start=start)
    assert [(group.name.en, group.posts) for group in days.groups] == [("Monday", 1), ("Sunday", 3)]


def test_what_a_platform_cannot_give_is_absent_in_its_group_and_no_zero(session: Session) -> None:
    world = Measured(session)
    exposed, square = world.channel("exposed"), world.channel("square")
    world.engaged(world.post(exposed, NOON - 2 * DAY), DAY, 3, impressions=30)
    world.engaged(world.post(square, NOON - 2 * DAY), DAY, 4)
    world.post(square, NOON - DAY)

    told = found(session, world, By.PLATFORM)

    groups = {group.key: group for group in told.groups}
    lacking = groups["square"].figures["impressions"]
    assert (lacking.value, lacking.absence) == (None, Absence.NOT_SUPPLIED)
    assert "impressions" not in groups["square"].shares
    assert groups["square"].figures["engagement"].passport.coverage == Coverage(1, 2)
    assert told.total.figures["impressions"].passport.coverage == Coverage(1, 3, not_supplied=2)
    assert groups["exposed"].few


def test_reach_of_a_group_is_never_added_up(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("exposed")
    for reach in (30, 40):
        world.engaged(world.post(channel, NOON - 2 * DAY), DAY, 1, impressions=90, reach=reach)

    told = found(session, world, By.CHANNEL, keys=("reach", "reach_largest"))

    assert told.groups[0].figures["reach"].value is None
    assert told.groups[0].shares == {}


def test_a_feed_earns_what_people_bought_after_a_click_on_its_posts(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    world.workspace.currency = "EUR"
    good, bad = (
        Feed(workspace_id=world.id, url=f"https://{name}.test/", title=name, existing="none", created_at=NOON)
        for name in ("good", "bad")
    )
    site = Site(workspace_id=world.id, name="shop", key="shop", created_at=NOON)
    session.add_all([good, bad, site])
    session.flush()
    posts = [world.post(channel, NOON - 9 * DAY) for _ in range(4)]
    for post, feed in zip(posts, (good, good, bad), strict=False):
        entry = EntryRow(
            workspace_id=world.id, feed_id=feed.id, first_seen_at=NOON, position=1, digest=bytes(16),
            origin="new",
        )  # fmt: skip
        session.add(entry)
        session.flush()
        post.entry_id = entry.id

    def bought(key: str, post: Any, minor: int, currency: str = "EUR", **more: Any) -> Conversion:
        row = Conversion(
            workspace_id=world.id, site_id=site.id, key=key, told_hash="x", name="order", source="server",
            at=NOON - DAY, arrived_at=NOON - DAY, minor=minor, currency=currency, post_id=post.id,
            click_at=NOON - 2 * DAY, **more,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row

    first = bought("1", posts[0], 2_000)
    bought("2", posts[1], 500)
    bought("3", posts[1], -500, refund_of=first.id)
    bought("4", posts[2], 700, "USD")
    bought("5", posts[3], 100)

    told = found(session, world, By.FEED, keys=("conversions", "revenue"), sort="revenue")

    assert values(told, "conversions") == {"good": 2, "bad": 1, "Not from a feed": 1}
    assert values(told, "revenue") == {"good": 20, "bad": 0, "Not from a feed": 1}
    assert [group.name.en for group in told.groups] == ["good", "Not from a feed", "bad"]
    in_dollars = told.groups[2].figures["revenue"].passport
    assert (in_dollars.currency, in_dollars.coverage) == ("EUR", Coverage(0, 1))
    assert told.total.figures["revenue"].value == 21


def test_without_a_site_nothing_is_said_of_revenue_and_zero_is_never_made_up(session: Session) -> None:
    world = Measured(session)
    world.post(world.channel(), NOON - DAY)

    told = found(session, world, By.CHANNEL, keys=("revenue",))

    figure = told.groups[0].figures["revenue"]
    assert (figure.value, figure.absence) == (None, Absence.NOT_SUPPLIED)


@pytest.mark.parametrize("by", [By.TAG, By.CAMPAIGN, By.LANGUAGE, By.ROUTE, By.KIND, By.SLOT])
def test_groups_are_the_same_before_and_after_columns_are_written(session: Session, by: By) -> None:
    world = Measured(session)
    channel = world.channel("exposed")
    route = Route(workspace_id=world.id, channel_id=channel.id, name="morning", template="", created_at=NOON)
    session.add(route)
    session.flush()
    for number in range(8):
        post = world.post(channel, NOON - (2 + number) * DAY, route_id=(None, route.id)[number % 2])
        post.tags = [["x"], ["x", "y"], []][number % 3]
        post.campaign = ["c", None][number % 2]
        post.content = {"text": "hi", **({"language": ["id-ID", "id", "en"][number % 3]} if number else {})}
        world.engaged(post, DAY, number, impressions=100)
    asked = {"filters": Filters(tags=frozenset({"x"}))}
    live = found(session, world, by, **asked)
    session.commit()
    packing.build(session, channel.id)
    session.commit()

    assert found(session, world, by, **asked) == live
    if by is By.LANGUAGE:
        assert {group.key: group.posts for group in live.groups} == {"und": 1, "id": 5}


def test_what_groups_cannot_have_is_refused_in_a_sentence(session: Session) -> None:
    world = Measured(session)
    with pytest.raises(UsageError, match="have no followers"):
        found(session, world, By.CHANNEL, keys=("followers",))
    with pytest.raises(UsageError, match="cannot be sorted by clicks"):
        found(session, world, By.CHANNEL, keys=("engagement",), sort="clicks")


@pytest.mark.parametrize("by", list(By))
def test_a_workspace_without_posts_has_no_groups(session: Session, by: By) -> None:
    told = found(session, Measured(session), by)

    assert (list(told.groups), told.total.posts) == ([], 0)
