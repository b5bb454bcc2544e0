"""Tables from other tools: read with every fault, kept once, told anew, undone."""

import gzip
import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.errors import UsageError
from domain.kpi import Scope, ScopeKind
from scheduler.imports import undo
from store import brought, tables
from store.changes import AUTOMATION
from store.tables import AdDay, Answer, Brought, Customer, Purchase
from tests.brought import another, bring, figure
from tests.world import World, new_world

META = """Reporting starts,Reporting ends,Campaign name,Ad set name,"Amount spent (USD)",Impressions,\
Link clicks
,,,,30.75,3100,31
2026-02-01,2026-02-01,Spring,A,10.50,"1,000",10
2026-02-02,2026-02-02,Spring,A,20.25,"2,100",21
"""
ORDERS = """order id,time,customer,value,returned,currency
1,2026-02-01T10:00+07:00,ayu@example.com,100000,0,IDR
2,2026-02-02T10:00+07:00,Budi@example.com,50000,10000,IDR
"""


@pytest.fixture
def base(engine: Engine) -> World:
    """A world to which examples add workspaces."""
    return new_world(engine)


def rows(world: World, table: type[Brought]) -> list[Brought]:
    """Current rows."""
    with Session(world.engine) as session:
        return list(session.exec(select(table).where(table.is_current)).all())


def test_an_export_of_meta_is_known_by_its_heads_and_its_row_of_totals_is_passed_over(engine: Engine) -> None:
    world = new_world(engine)

    found = bring(world, "ads", META)

    assert found.read.export is not None
    assert found.read.export.name == "Meta Ads Manager"
    assert (found.added, found.read.totals, found.faults) == (2, 1, ())
    assert figure(world, "ad_spend").value == 30.75
    assert figure(world, "ad_spend").passport.currency == "USD"
    assert figure(world, "ad_impressions").value == 3100


def test_a_day_of_its_own_counts_whatever_span_the_export_names_beside_it(engine: Engine) -> None:
    world = new_world(engine)

    found = bring(
        world,
        "ads",
        "Reporting starts,Reporting ends,Day,Campaign name,Amount spent (USD)\n"
        "2026-02-01,2026-02-28,2026-02-01,Spring,1.50\n2026-02-01,2026-02-28,2026-02-02,Spring,2.25\n",
    )

    assert (found.added, found.faults) == (2, ())
    assert figure(world, "ad_spend").value == 3.75


def test_a_span_without_a_day_of_its_own_is_refused(engine: Engine) -> None:
    world = new_world(engine)

    found = bring(
        world, "ads", "Pelaporan dimulai,Pelaporan berakhir,Nama kampanye,Jumlah yang dibelanjakan (IDR)\n"
        "2026-02-01,2026-02-28,Lebaran,150000\n",
    )  # fmt: skip

    [fault] = found.faults
    assert fault.sentence == (
        "The row speaks of 2026-02-01 to 2026-02-28, not of one day. Export the table by day."
    )


def test_dashes_stand_for_nothing_as_in_the_totals_of_tiktok(engine: Engine) -> None:
    world = new_world(engine)

    found = bring(
        world,
        "ads",
        "Campaign name,Ad group name,By Day,Cost,Impressions,Clicks (destination),Currency\n"
        "Spring,A,2026-02-03,45.67,9000,--,USD\nTotal of 1 results,-,-,45.67,9000,120,USD\n",
    )

    assert (found.added, found.read.totals, found.faults) == (1, 1, ())
    assert figure(world, "ad_spend").value == 45.67


def test_the_same_file_twice_adds_nothing(engine: Engine) -> None:
    world = new_world(engine)
    bring(world, "ads", META)

    again = bring(world, "ads", META)

    assert (again.added, again.changed, again.known, again.file_id) == (0, 0, 2, None)
    assert figure(world, "ad_spend").value == 30.75


def test_a_dry_run_keeps_nothing(engine: Engine) -> None:
    world = new_world(engine)

    found = bring(world, "ads", META, dry_run=True)

    assert found.added == 2
    assert rows(world, AdDay) == []


def test_a_row_told_anew_takes_the_place_of_the_old_one_which_holds_again_when_that_is_undone(
    engine: Engine,
) -> None:
    world = new_world(engine)
    bring(world, "orders", ORDERS)
    later = bring(world, "orders", ORDERS.replace("50000,10000", "50000,50000"))

    assert (later.added, later.changed, later.known) == (0, 1, 1)
    assert figure(world, "order_revenue").value == 100_000
    assert later.file_id is not None

    _row, taken = undo(world.context, world.workspace.id, later.file_id, actor=AUTOMATION)

    assert taken == 1
    assert figure(world, "order_revenue").value == 140_000


def test_undoing_in_the_wrong_order_leaves_the_newest_word(engine: Engine) -> None:
    world = new_world(engine)
    first = bring(world, "orders", ORDERS)
    bring(world, "orders", ORDERS.replace("50000,10000", "50000,50000"))
    assert first.file_id is not None

    undo(world.context, world.workspace.id, first.file_id, actor=AUTOMATION)

    assert figure(world, "orders").value == 1
    assert figure(world, "order_revenue").value == 0
    with pytest.raises(UsageError, match="undone already"):
        undo(world.context, world.workspace.id, first.file_id, actor=AUTOMATION)


def test_every_fault_is_named_with_its_row_and_nothing_is_kept(engine: Engine) -> None:
    world = new_world(engine)
    wrong = (
        "2026-02-30,2026-02-30,Spring,A,1,1,1\n2026-02-03,2026-02-09,Spring,A,1,1,1\n2026-02-03,,,A,x,1,1\n"
    )
    text = META + wrong

    found = bring(world, "ads", text)

    assert found.refused
    assert [fault.row for fault in found.faults] == [5, 6, 7, 7]  # of the last, the campaign and the spend
    assert found.wrong_rows == 3
    assert "Export the table by day" in found.faults[1].sentence
    assert rows(world, AdDay) == []
    assert bring(world, "ads", text, skip_bad=True).added == 2


def test_customers_are_kept_as_hashes_that_differ_between_workspaces(engine: Engine) -> None:
    world = new_world(engine)
    bring(world, "orders", ORDERS)
    bring(world, "customers", "email,since\nAYU@example.com ,2026-01-05\n")

    kept = [row for row in rows(world, Purchase) if isinstance(row, Purchase)]
    stored = [str(row.model_dump()) for row in (*kept, *rows(world, Customer))]

    assert not any("example.com" in one for one in stored)
    assert rows(world, Customer)[0].key in {row.customer for row in kept}


def test_an_hour_without_a_zone_is_refused_until_one_is_named(engine: Engine) -> None:
    world = new_world(engine)
    text = "order id,time,value,currency\n1,2026-02-01 00:30,10,USD\n"

    assert "neither zone nor offset" in bring(world, "orders", text).faults[0].sentence

    bring(world, "orders", text, zone="Asia/Jakarta")
    [row] = rows(world, Purchase)
    assert row.at == datetime(2026, 1, 31, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "America/Los_Angeles", "Pacific/Auckland", "UTC"])
def test_a_day_belongs_to_that_day_of_the_workspace_in_every_zone(engine: Engine, zone: str) -> None:
    world = new_world(engine, zone=zone)
    bring(world, "ads", META)
    first = datetime(2026, 2, 1, tzinfo=ZoneInfo(zone))

    assert figure(world, "ad_spend", first, datetime(2026, 2, 2, tzinfo=ZoneInfo(zone))).value == 10.5


@pytest.mark.parametrize(
    ("cells", "micros"),
    [
        (("1.234,50", "2,00"), [1_234_500_000, 2_000_000]),
        (("1,234.50", "2.00"), [1_234_500_000, 2_000_000]),
        (("Rp 12.500.000", "3"), [12_500_000_000_000, 3_000_000]),
        (("12,5", "1000"), [12_500_000, 1_000_000_000]),
    ],
)
def test_decimal_commas_and_points_are_told_by_the_column(
    engine: Engine, cells: tuple[str, str], micros: list[int]
) -> None:
    world = new_world(engine)
    text = "order id;time;value;currency\n" + "".join(
        f"{number};2026-02-01T10:00Z;{cell};IDR\n" for number, cell in enumerate(cells)
    )

    bring(world, "orders", text)

    kept = [row.value_micros for row in rows(world, Purchase) if isinstance(row, Purchase)]
    assert sorted(kept) == sorted(micros)


def test_an_amount_that_can_be_read_in_two_ways_is_asked_about(engine: Engine) -> None:
    world = new_world(engine)
    text = "order id,time,value,currency\n1,2026-02-01T10:00Z,1.234,USD\n"

    with pytest.raises(UsageError, match="decimals or thousands"):
        bring(world, "orders", text)

    bring(world, "orders", text, decimals=",")
    assert figure(world, "order_revenue").value == 1234


def test_minor_units_are_those_of_the_currency(engine: Engine) -> None:
    world = new_world(engine)
    head = "order id,time,value,currency\n"
    line = "{0},2026-02-01T10:00Z,{1},{2}\n"
    text = head + line.format(1, 1250, "USD") + line.format(2, 1250, "JPY") + line.format(3, 1250, "KWD")

    bring(world, "orders", text, minor_units=True)

    values = sorted(row.value_micros for row in rows(world, Purchase) if isinstance(row, Purchase))
    assert values == [1_250_000, 12_500_000, 1_250_000_000]


def test_two_currencies_are_never_added(engine: Engine) -> None:
    world = new_world(engine)
    bring(world, "orders", ORDERS + "3,2026-02-03T10:00Z,x,99,0,USD\n")

    found = figure(world, "order_revenue")

    assert (found.value, found.passport.currency) == (140_000, "IDR")
    assert (found.passport.coverage.measured, found.passport.coverage.in_scope) == (2, 3)
    assert found.passport.coverage.not_supplied == 1


def test_a_row_that_names_no_currency_is_refused_until_one_is_said(engine: Engine) -> None:
    world = new_world(engine)
    text = "order id,time,value\n1,2026-02-01T10:00Z,$12.50\n"

    assert "names no currency" in bring(world, "orders", text).faults[0].sentence
    assert bring(world, "orders", text, currency="usd").added == 1


def test_a_name_is_kept_only_with_consent(engine: Engine) -> None:
    world = new_world(engine)
    text = (
        "date,text,name,consent,positive\n2026-02-01,Very good,Ayu,yes,yes\n"
        "2026-02-02,Fine,Budi,no,yes\n2026-02-03,Hm,Citra,yes,no\n"
    )
    bring(world, "testimonials", text)

    named = {
        row.text: row.rater for row in rows(world, tables.Testimonial) if isinstance(row, tables.Testimonial)
    }

    assert named == {"Very good": "Ayu", "Fine": None, "Hm": "Citra"}
    assert figure(world, "testimonials").value == 2


def test_alike_answers_without_numbers_are_each_counted_and_known_again(engine: Engine) -> None:
    world = new_world(engine)
    text = "date,score\n" + "2026-02-01,5\n" * 7 + "2026-02-01,2\n" * 3

    assert bring(world, "answers", text, survey="csat").added == 10
    assert bring(world, "answers", text, survey="csat").known == 10
    assert len(rows(world, Answer)) == 10
    wrong = bring(world, "answers", "date,score\n2026-02-01,9\n", survey="csat")
    assert "lies from 1 to 5" in wrong.faults[0].sentence


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.tuples(st.integers(1, 28), st.sampled_from("ABC"), st.integers(0, 10**6), st.integers(0, 999)),
        min_size=1,
        max_size=12,
    ),
    seed=st.integers(0, 99),
)
def test_rows_in_any_order_come_to_the_same_and_again_to_nothing(
    base: World, lines: list[tuple[int, str, int, int]], seed: int
) -> None:
    head = "day,campaign,spend,impressions,currency\n"
    told = [f"2026-01-{day:02},{name},{cents / 100:.2f},{shown},USD\n" for day, name, cents, shown in lines]
    shuffled = random.Random(seed).sample(told, len(told))
    sums = []
    for order in (told, shuffled):
        world = another(base)
        bring(world, "ads", head + "".join(order), platform="x")
        sums.append((figure(world, "ad_spend").value, figure(world, "ad_impressions").value))
        assert bring(world, "ads", head + "".join(shuffled), platform="x").file_id is None

    assert sums[0] == sums[1]


def test_spend_counts_for_the_channel_that_the_import_names(engine: Engine) -> None:
    world = new_world(engine)
    scope = Scope(ScopeKind.CHANNEL, world.channel.id)
    bring(world, "ads", META)

    absent = figure(world, "ad_spend", scope=scope)
    assert absent.value is None
    assert absent.reason is not None
    assert absent.reason.key == "absent.scope_ads"

    text = "day,campaign,cost,currency\n2026-02-05,Q,4,USD\n"
    bring(world, "ads", text, platform="google", channel_id=world.channel.id)
    assert figure(world, "ad_spend", scope=scope).value == 4
    assert figure(world, "ad_spend").value == 34.75


def test_files_may_be_packed_or_in_utf_16_with_tabs_below_a_title(engine: Engine) -> None:
    world = new_world(engine)
    text = (
        "Campaign Performance Report (in UTC)\nReport Start: 2/1/2026\n\n"
        "Start Date (in UTC)\tCampaign Name\tCurrency\tTotal Spent\tImpressions\tClicks\n"
        "2/13/2026\tB2B\tEUR\t5.50\t200\t3\n"
    )

    found = bring(world, "ads", gzip.compress(text.encode("utf-16")))

    assert found.read.export is not None
    assert found.read.export.name == "LinkedIn Campaign Manager"
    assert (found.added, figure(world, "ad_spend").passport.currency) == (1, "EUR")


def test_an_import_of_another_workspace_is_not_found(engine: Engine) -> None:
    world = new_world(engine)
    other = another(world)
    done = bring(world, "ads", META)
    assert done.file_id is not None

    with pytest.raises(Exception, match="There is no import"), Session(engine) as session:
        brought.file(session, other.workspace.id, done.file_id)


def test_numbers_that_cannot_be_are_faults_and_break_nothing(engine: Engine) -> None:
    world = new_world(engine)
    head = "day,campaign,spend,impressions,currency\n"
    huge = "2026-02-01,A,999999999999999999999999,1,USD\n2026-02-01,B,1,9999999999999999999,USD\n"
    odd = "2026-02-01,C,-5,1,USD\n2026-02-01,D,NaN,1,USD\n2026-02-01,E,1e9,1,USD\n2026-02-01,F,1,1.5,USD\n"
    many = "2026-02-02,A,99999999999,1,USD,\n2026-02-02,A,99999999999,2,USD,\n" * 6

    found = bring(world, "ads", head + huge + odd + many, platform="x")

    assert [fault.row for fault in found.faults] == [2, 3, 4, 5, 6, 7]
    assert bring(world, "ads", head + many, platform="x").added == 1
    assert figure(world, "ad_impressions").value == 3


SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,"
    "Lineitem name,Lineitem price,Id,Refunded Amount\n"
    "#1050,a@shop.example,paid,2026-02-01 10:00:00 +0200,EUR,100.90,0.00,8.33,100.90,"
    "2026-02-01 09:59:00 +0200,1,Drum,62.95,555,0.00\n"
    "#1050,a@shop.example,,,,,,,,2026-02-01 09:59:00 +0200,1,Stick,37.95,,\n"
    "#1051,b@shop.example,refunded,2026-02-02 10:00:00 +0200,EUR,20.00,0.00,0.00,20.00,"
    "2026-02-02 10:00:00 +0200,1,Stick,20.00,556,20.00\n"
)


def test_an_order_of_several_things_counts_once_as_shopify_exports_it(engine: Engine) -> None:
    world = new_world(engine)

    done = bring(world, "orders", SHOPIFY)

    assert done.read.export is not None
    assert done.read.export.name == "Shopify orders"
    assert (figure(world, "orders").value, figure(world, "customers").value) == (2, 2)
    assert figure(world, "order_revenue").value == pytest.approx(100.90)


def test_orders_of_woocommerce_are_known_by_their_heads(engine: Engine) -> None:
    world = new_world(engine)
    text = (
        "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),"
        'Net Sales\n"2026-02-01 09:30:00",17,$12.00,Completed,Ani,new,1× Drum,1,,12\n'
    )

    done = bring(world, "orders", text, currency="USD", zone="UTC")

    assert done.read.export is not None
    assert (done.read.export.name, done.read.export.confirmed) == ("WooCommerce orders", True)
    assert figure(world, "order_revenue").value == 12


def test_every_fault_of_a_row_is_named_at_once(engine: Engine) -> None:
    world = new_world(engine)
    text = "day,platform,campaign,spend,currency,impressions\n2026-99-99,x,,ten,USD,many\n"

    done = bring(world, "ads", text)

    assert done.refused
    said = [fault.sentence for fault in done.faults]
    assert [fault.row for fault in done.faults] == [2] * 4
    for part in ("campaign", "'Spend'", "'Impressions'", "2026-99-99"):
        assert any(part in one for one in said), part


def test_a_wrong_currency_is_one_fault_and_a_cost_below_nothing_is_no_return(engine: Engine) -> None:
    world = new_world(engine)
    text = "day,platform,campaign,spend,currency\n2026-02-01,x,A,5,EURO\n2026-02-01,x,B,-5,EUR\n"
    bought = "time,order,total,currency\n2026-02-01T10:00:00Z,1,-5,EUR\n"

    assert [(fault.row, fault.sentence) for fault in bring(world, "ads", text).faults] == [
        (2, "'EURO' is no currency. Write its three letters, such as IDR or USD."),
        (3, "An amount is less than 0. Correct it, or leave the row out."),
    ]
    [fault] = bring(world, "orders", bought).faults
    assert fault.sentence == "An amount is less than 0. Write what came back as returned."
