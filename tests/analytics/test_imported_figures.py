"""Figures of what was brought in, against answers worked out by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from analytics.daily import daily
from analytics.imports.lifetime import Terms, as_customers, cohorts, historical, yearly
from domain.catalogue import CATALOGUE
from domain.content import Content
from domain.definition import Subject, Supplies
from domain.figure import Absence
from domain.kpi import Scope, ScopeKind
from domain.metrics import Audience
from domain.period import Span
from domain.post import PostState
from domain.sentences import say
from store.buyers import Order
from store.links import new_link, record_click
from store.posts import new_post
from store.tables import Brand, ChannelReading, ChannelRow, EntryRow, Feed, MentionSource
from tests.brought import bring, figure
from tests.world import World, new_world

ADS = (
    "day,platform,campaign,spend,currency,impressions,link clicks\n"
    "2026-02-01,meta,A,10,USD,1000,20\n2026-02-02,x,B,5.5,USD,,11\n2026-02-03,x,C,4.5,USD,500,\n"
)
DAY = timedelta(days=1)
FEB = datetime(2026, 2, 1, tzinfo=UTC)


def put(world: World, *found: Any) -> None:
    """Store rows."""
    with Session(world.engine, expire_on_commit=False) as session:
        session.add_all(found)
        session.commit()


def answers(scores: list[int]) -> str:
    """A table of answers."""
    return "date,score\n" + "".join(f"2026-02-01,{one}\n" for one in scores)


def brand(world: World, name: str, *, own: bool = False) -> Brand:
    """A tracked brand."""
    row = Brand(workspace_id=world.workspace.id, name=name, is_own=own, created_at=world.clock.now)
    put(world, row)
    return row


#: What Tabuh counts itself.
OWN = {Subject.POSTS, Subject.SITES, Subject.CLICKERS}


@pytest.mark.parametrize("key", [entry.key for entry in CATALOGUE.values() if entry.subject not in OWN])
def test_without_an_import_every_figure_says_how_to_bring_it_in(engine: Engine, key: str) -> None:
    found = figure(new_world(engine), key)

    assert found.value is None
    assert found.absence is Absence.NOT_SUPPLIED
    assert found.reason is not None
    assert "tabuh " in say(found.reason)
    assert "tabuh " in say(found.reason, "id")


def test_costs_are_ratios_of_sums_over_the_rows_that_hold_both(engine: Engine) -> None:
    world = new_world(engine)
    bring(world, "ads", ADS)

    assert figure(world, "ad_spend").value == 20
    assert figure(world, "cpc_platform").value == 15.5 / 31
    assert figure(world, "cpm").value == 1000 * 14.5 / 1500
    covered = figure(world, "cpm").passport.coverage
    assert (covered.measured, covered.in_scope) == (2, 3)


def clicked(world: World, campaign: str | None, channel_id: int, *audiences: Audience) -> None:
    """A post of a campaign on a channel whose link was followed."""
    with Session(world.engine) as session:
        post = new_post(
            session, workspace_id=world.workspace.id, channel=session.get_one(ChannelRow, channel_id),
            content=Content("post"), state=PostState.PUBLISHED, now=FEB,
        )  # fmt: skip
        post.published_at, post.campaign = FEB, campaign
        session.flush()
        link = new_link(
            session, workspace_id=world.workspace.id, target="https://example.com", now=FEB, post_id=post.id
        )
        for audience in audiences:
            record_click(session, link, at=FEB, audience=audience, referrer=None)
        session.commit()


HUMAN = Audience.HUMAN


def test_cost_per_own_click_divides_spend_by_clicks_of_people_on_the_posts_it_names(engine: Engine) -> None:
    world = new_world(engine)
    other = ChannelRow(
        workspace_id=world.workspace.id, platform="page", name="Other", slug="other", created_at=FEB
    )
    put(world, other)
    bring(world, "ads", ADS)  # 10 for A, 5.5 for B, 4.5 for C
    clicked(world, None, world.channel.id, HUMAN, HUMAN)
    found = figure(world, "cpc_own")
    assert (found.value, found.absence) == (None, Absence.NOT_SUPPLIED)
    assert found.reason is not None
    assert "tabuh import ads" in say(found.reason, "id")

    clicked(world, "a", world.channel.id, HUMAN, Audience.BOT, Audience.UNKNOWN)
    clicked(world, "A", other.id, HUMAN, HUMAN, HUMAN)
    found = figure(world, "cpc_own")
    assert found.value == 10 / 4
    assert (found.passport.coverage.measured, found.passport.coverage.in_scope) == (1, 3)

    # A channel that the import names: all its posts, but those of the campaign where it has any.
    spend = "day,platform,campaign,spend,currency\n2026-02-01,x,Z,12,USD\n2026-02-01,x,A,3,USD\n"
    bring(world, "ads", spend, channel_id=other.id)
    clicked(world, "other", other.id, HUMAN)
    assert figure(world, "cpc_own").value == (10 + 12 + 3) / (1 + 3 + 1)
    of_other = Scope(ScopeKind.CHANNEL, other.id)
    assert figure(world, "cpc_own", scope=of_other).value == (12 + 3) / 4


def test_cost_per_own_click_is_undefined_where_nobody_clicked_on_the_posts(engine: Engine) -> None:
    world = new_world(engine)
    bring(world, "ads", ADS)
    clicked(world, "A", world.channel.id, Audience.BOT)

    assert figure(world, "cpc_own").absence is Absence.UNDEFINED


def test_revenue_is_net_of_returns_and_per_order(engine: Engine) -> None:
    world = new_world(engine)
    bring(
        world, "orders",
        "order id,date,customer,total,refunded,currency\n1,2026-02-01,a,100,0,EUR\n2,2026-02-01,b,60,20,EUR\n"
        "3,2026-02-03,a,10,10,EUR\n4,2026-01-01,c,1,0,EUR\n",
    )  # fmt: skip

    assert figure(world, "orders", FEB).value == 3
    assert figure(world, "order_revenue", FEB).value == 140
    assert figure(world, "order_value", FEB).value == 140 / 3
    assert figure(world, "customers", FEB).value == 2
    assert figure(world, "customers").value == 3


def test_days_of_an_import_add_up_to_its_period(engine: Engine) -> None:
    world = new_world(engine)
    bring(world, "ads", ADS)
    with Session(engine) as session:
        days = daily(
            session, world.workspace.id, "ad_spend", Span(FEB.date(), (FEB + 5 * DAY).date()),
            zone_name="UTC", supplies=Supplies({}, False), now=world.clock.now,
        )  # fmt: skip

    assert [number for _day, number in days] == [10, 5.5, 4.5, 0, 0]
    assert sum(number for _day, number in days) == figure(world, "ad_spend", FEB, FEB + 5 * DAY).value


def test_csat_is_the_top_two_of_five_with_wilsons_interval(engine: Engine) -> None:
    world = new_world(engine)
    scores = [5] * 8 + [4] * 4 + [3] * 5 + [2] * 2 + [1]
    bring(world, "answers", answers(scores), survey="csat")

    found = figure(world, "csat")

    assert found.value == 60
    # Wilson, 12 of 20 at 95 %: centre 0.583891, half width 0.197223.
    assert found.interval == pytest.approx((38.6582, 78.1193), abs=1e-3)
    assert figure(world, "csat_mean").value == 76 / 20
    assert figure(world, "nps").value is None


def test_nps_is_promoters_less_detractors(engine: Engine) -> None:
    world = new_world(engine)
    scores = [10] * 5 + [9] * 3 + [8] * 2 + [7] * 4 + [6] * 3 + [0] * 3
    bring(world, "answers", answers(scores), survey="nps")

    found = figure(world, "nps")

    assert found.value == pytest.approx(10)  # 8 of 20 less 6 of 20
    # Variance 0.4 + 0.3 - 0.01 = 0.69; half width 1.959964 * sqrt(0.69 / 20) = 0.364046.
    assert found.interval == pytest.approx((-26.4046, 46.4046), abs=1e-3)


def test_a_score_of_few_answers_is_refused_with_their_number(engine: Engine) -> None:
    world = new_world(engine)
    bring(world, "answers", "date,score\n" + "2026-02-01,10\n" * 9, survey="nps")

    found = figure(world, "nps")

    assert found.value is None
    assert found.reason is not None
    assert say(found.reason) == "9 answers are too few for a score: 10 are needed."
    assert figure(world, "nps_answers").value == 9


def test_the_share_of_voice_counts_sources_that_count_all_brands(engine: Engine) -> None:
    world = new_world(engine)
    brand(world, "Tabuh", own=True)
    brand(world, "Gong")
    text = (
        "date,brand,mentions,source\n2026-02-01,Tabuh,30,news\n2026-02-01,Gong,50,news\n"
        "2026-02-02,tabuh,10,news\n2026-02-02,Gong,10,news\n2026-02-02,Tabuh,900,forum\n"
    )
    bring(world, "mentions", text)

    found = figure(world, "share_of_voice")

    assert found.value == 40  # 40 of 100; the forum counts one brand only
    assert found.interval is not None
    assert found.interval[0] < 40 < found.interval[1]
    assert (found.passport.coverage.measured, found.passport.coverage.in_scope) == (1, 2)
    assert figure(world, "mentions").value == 940


def test_without_a_common_source_there_is_no_share_of_voice(engine: Engine) -> None:
    world = new_world(engine)
    brand(world, "Tabuh", own=True)
    brand(world, "Gong")
    bring(world, "mentions", "date,brand,mentions,source\n2026-02-01,Tabuh,3,a\n2026-02-01,Gong,5,b\n")

    found = figure(world, "share_of_voice")

    assert found.value is None
    assert found.reason is not None
    assert found.reason.key == "absent.no_common_source"


def test_entries_of_a_brands_feeds_are_mentions_and_the_same_link_counts_once(engine: Engine) -> None:
    world = new_world(engine)
    own = brand(world, "Tabuh", own=True)
    feeds = [
        Feed(
            workspace_id=world.workspace.id,
            url=f"https://f{n}.example/",
            title=f"F{n}",
            existing="none",
            created_at=FEB,
        )
        for n in (1, 2)
    ]
    put(world, *feeds)
    told = [(0, "https://a.example/1?utm_source=x"), (1, "http://a.example/1"), (1, "https://a.example/2")]
    put(
        world,
        *(
            EntryRow(
                workspace_id=world.workspace.id, feed_id=feeds[place].id, link=link, first_seen_at=FEB + DAY,
                position=number, digest=b"", origin="new",
            )
            for number, (place, link) in enumerate(told)
        ),
        *(
            MentionSource(
                workspace_id=world.workspace.id, brand_id=own.id, feed_id=feed.id, query="tabuh",
                created_at=FEB
            )
            for feed in feeds
        ),
    )  # fmt: skip

    assert figure(world, "mentions").value == 2
    assert figure(world, "mentions", FEB, FEB + DAY).value == 0


def test_potential_reach_is_a_band_above_the_own_followers(engine: Engine) -> None:
    world = new_world(engine)
    bring(world, "sharers", "date,followers\n2026-02-01,1000\n2026-02-01,9000\n", platform="x")
    assert figure(world, "potential_reach_low").absence is Absence.NOT_MEASURED
    put(world, ChannelReading(channel_id=world.channel.id, metric="followers", at=FEB, value=500, source="t"))

    assert figure(world, "potential_reach_low").value == 700
    assert figure(world, "potential_reach_high").value == 1000
    assert not CATALOGUE["potential_reach_low"].additive


def test_a_tools_sessions_are_figures_of_their_own(engine: Engine) -> None:
    world = new_world(engine)
    bring(
        world, "sessions",
        "Date,Session source,Sessions,Engaged sessions,Key events,Total revenue,Currency\n"
        "20260201,news,10,6,1,9.5,EUR\n20260201,direct,5,1,0,0,EUR\n",
    )  # fmt: skip

    assert figure(world, "sessions_ga4").value == 15
    assert figure(world, "engaged_ga4").value == 7
    assert figure(world, "revenue_ga4").value == 9.5
    assert figure(world, "sessions_matomo").value is None


def test_figures_of_the_workspace_are_refused_in_a_narrower_scope(engine: Engine) -> None:
    world = new_world(engine)
    bring(world, "orders", "order id,date,total,currency\n1,2026-02-01,100,EUR\n")

    found = figure(world, "orders", scope=Scope(ScopeKind.CHANNEL, world.channel.id))

    assert found.value is None
    assert found.reason is not None
    assert found.reason.key == "absent.scope"


def order(who: str, days: int, net: float) -> Order:
    """An order so many days after the first of January."""
    return Order(who, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days), round(net * 1_000_000))


def test_historical_value_is_the_discounted_margin_of_each_customer() -> None:
    orders = [order("a", 0, 100), order("a", 365.25, 110), order("b", 10, 50)]  # type: ignore[arg-type]

    assert historical(orders, Terms(margin=0.5, discount=0.1)) == pytest.approx({"a": 50 + 50, "b": 25})


def test_the_plain_value_ahead_is_a_ratio_of_sums() -> None:
    orders = [order("a", 0, 100), order("b", 0, 300)]
    until = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=365.25)

    found = yearly(orders, Terms(years=2), until=until)

    assert found.value == pytest.approx(400)  # 400 in two customer years, two years ahead
    assert found.low < found.value < found.high


def test_cohorts_count_each_customer_in_the_month_of_the_first_order() -> None:
    orders = [order("a", 0, 100), order("a", 40, 20), order("b", 5, 40), order("c", 35, 10)]

    found = cohorts(orders, Terms(), until=datetime(2026, 2, 20, tzinfo=UTC), zone_name="UTC")

    assert [(one.month, one.customers, one.by_month) for one in found] == [
        ("2026-01", 2, (70.0, 80.0)),
        ("2026-02", 1, (10.0,)),
    ]


def test_orders_of_one_day_are_one_purchase() -> None:
    [one] = as_customers(
        [order("a", 0, 10), order("a", 0, 5), order("a", 14, 7)],
        until=datetime(2026, 1, 29, tzinfo=UTC),
    )

    assert (one.repeats, one.recency, one.age, one.value) == (1, 2, 4, 7)


def test_lifetime_value_needs_a_history(engine: Engine) -> None:
    world = new_world(engine)
    bring(
        world, "orders", "order id,date,customer,total,currency\n1,2026-02-01,a,1,EUR\n2,2026-02-01,b,3,EUR\n"
    )
    found = figure(world, "clv")
    assert found.reason is not None
    assert say(found.reason) == "The history of orders is too short: 29 days, and 90 are needed."

    world.clock.forward(days=100)
    found = figure(world, "clv")

    assert found.value == 2
    # Two customers: standard error 1, Student's 12.7062.
    assert found.interval == pytest.approx((2 - 12.7062, 2 + 12.7062), abs=1e-3)
    assert figure(world, "clv_predicted").value is not None


def test_a_cost_per_mille_over_metas_change_is_marked(engine: Engine) -> None:
    world = new_world(engine)
    head = "day,platform,campaign,spend,currency,impressions\n"
    bring(world, "ads", f"{head}2025-11-10,meta,A,10,USD,1000\n2025-11-20,meta,A,10,USD,1000\n")

    over = figure(world, "cpm", datetime(2025, 11, 1, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC))
    after = figure(world, "cpm", datetime(2025, 11, 16, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC))

    assert (over.value, [one.on.isoformat() for one in over.passport.breaks]) == (10, ["2025-11-15"])
    assert (after.value, after.passport.breaks) == (10, ())
