"""Figures of sites against hand-made answers, and what must not change them."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from analytics.daily import daily
from analytics.funnel import funnel
from analytics.site_figures import figure_of
from analytics.sums import Stretch, figure_over
from domain.catalogue import definition
from domain.definition import Supplies
from domain.figure import Absence
from domain.kpi import Scope, ScopeKind
from domain.period import Span
from store.engine import reading, writing
from store.site_figures import Of
from store.tables import Conversion, Visit
from store.tables import Workspace as WorkspaceRow
from tests.sites import Browser, click, rows, shop
from tests.web.setting import Installation

NOBODY = Supplies({}, own_links=True)


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


def value(place: Installation, key: str, scope: Scope | None = None, *, days: float = 30) -> float | None:
    with reading(place.engine) as session:
        stretch = Stretch(place.now - timedelta(days=days), place.now + timedelta(days=1), place.now)
        return figure_over(
            session, definition(key), stretch, workspace_id=place.workspace.id, scope=scope or Scope(),
            supplies=NOBODY,
        ).value  # fmt: skip


def order(number: str, value: float = 100, currency: str = "IDR") -> list[object]:
    return [
        "order",
        {"value": value, "currency": currency, "id": number},
        number.replace("-", "").rjust(12, "k"),
    ]


def month(place: Installation) -> None:
    """Three visits of Ani (one by a click, one with an order), one of Budi, and one of Cici, who reads."""
    channel = place.page()
    post = place.post(channel, "Drums", age=timedelta(days=5))
    site = shop(place)
    ani, budi, cici = (Browser(place, site, visitor=name * 10) for name in "abc")
    click(place, post, "K" * 20, day_hash="1" * 32)
    click(place, post, "L" * 20, day_hash="2" * 32)
    click(place, post, "M" * 20, day_hash="2" * 32)
    ani.tell("a1", click="K" * 20)
    budi.tell("b1", click="L" * 20, seconds=10)
    cici.tell("c1", referrer="google.com", seconds=11)
    place.later(days=1)
    ani.tell("a2", referrer="t.co")
    ani.tell("a3")
    place.later(minutes=10)
    ani.tell("a3", event=order("A-1", 250_000))
    place.later(days=1)
    ani.tell("a4", seconds=3)


def test_visits_bounces_and_rates_are_those_counted_by_hand(place: Installation) -> None:
    month(place)

    # Ani: 1 page and 0 s by a click, 2 pages with an order, 1 page and 3 s. Budi: 1 page and 10 s.
    # Cici: 1 page and 11 s.
    assert value(place, "web_visits") == 5
    assert value(place, "visits_clicked") == 2
    assert value(place, "landings") == 2
    assert value(place, "bounce_rate_ua") == pytest.approx(100 * 4 / 5)
    assert value(place, "bounce_rate_ga4") == pytest.approx(100 * 3 / 5)
    assert value(place, "visit_seconds") == pytest.approx((0 + 0 + 3 + 10 + 11) / 5)
    assert value(place, "conversions") == 1
    # Three human clicks of two people; Ani's is followed by an order within 30 days.
    assert value(place, "conversion_rate") == pytest.approx(50)
    assert value(place, "conversion_rate_clicks") == pytest.approx(100 / 3)
    assert value(place, "conversion_rate_visits") == pytest.approx(20)
    assert value(place, "revenue") == 250_000
    assert value(place, "average_order_value") == 250_000


def test_a_channel_has_what_its_clicks_brought(place: Installation) -> None:
    month(place)
    with reading(place.engine) as session:
        channel = session.get_one(Visit, rows(place, Visit)[0].id).channel_id
    here, elsewhere = Scope(ScopeKind.CHANNEL, channel), Scope(ScopeKind.CHANNEL, 1)

    assert (value(place, "web_visits", here), value(place, "conversions", here)) == (2, 1)
    assert (value(place, "revenue", here), value(place, "revenue_linear", here)) == (250_000, 250_000)
    assert (value(place, "web_visits", elsewhere), value(place, "revenue", elsewhere)) == (0, 0)
    assert value(place, "conversion_rate", elsewhere) is None


def test_money_of_other_currencies_is_never_added(place: Installation) -> None:
    ani = Browser(place, shop(place), visitor="a" * 10)
    ani.tell("a1", event=order("A-1", 100))
    ani.tell("a1", event=order("A-2", 7.5, "USD"))

    assert (value(place, "conversions"), value(place, "revenue")) == (2, 100)
    with reading(place.engine) as session:
        stretch = Stretch(place.now - timedelta(days=1), place.now + timedelta(days=1), place.now)
        found = figure_over(session, definition("revenue"), stretch, workspace_id=place.workspace.id,
                            scope=Scope(), supplies=NOBODY)  # fmt: skip
    assert found.passport.currency == "IDR"
    assert (found.passport.coverage.measured, found.passport.coverage.in_scope) == (1, 2)
    with writing(place.engine) as session:
        session.get_one(WorkspaceRow, place.workspace.id).currency = "USD"
        session.commit()
    assert value(place, "revenue") == 7.5


def test_first_last_and_linear_revenue_differ_as_by_hand(place: Installation) -> None:
    site = shop(place)
    one, two = place.page("one", name="One"), place.page("two", name="Two")
    for number, channel in enumerate((one, two, two)):
        click(place, place.post(channel, "x", age=timedelta(hours=1)), str(number) * 20)
    ani = Browser(place, site, visitor="a" * 10)
    for number in range(3):
        ani.tell(f"v{number}", click=str(number) * 20)
        place.later(days=1)
    ani.tell("v9", event=order("A-1", 300))
    scopes = [Scope(ScopeKind.CHANNEL, channel.id) for channel in (one, two)]

    assert [value(place, "revenue", scope) for scope in scopes] == [0, 300]
    assert [value(place, "revenue_first", scope) for scope in scopes] == [300, 0]
    assert [value(place, "revenue_linear", scope) for scope in scopes] == [100, 200]
    place.later(days=31)
    ani.tell("w1", event=order("A-2", 50))
    assert [value(place, "revenue", scope) for scope in scopes] == [0, 0]
    assert value(place, "revenue", days=60) == 350


def test_what_is_absent_is_not_zero(place: Installation) -> None:
    of = Of(workspace_id=place.workspace.id)

    def figure(session: Session, key: str) -> tuple[float | None, Absence | None]:
        span = {"start": place.now - timedelta(days=1), "end": place.now, "now": place.now}
        found = figure_of(session, definition(key), of, **span)
        return found.value, found.absence

    with reading(place.engine) as session:
        assert figure(session, "web_visits") == (None, Absence.NOT_SUPPLIED)
    site = shop(place)
    with reading(place.engine) as session:
        assert figure(session, "web_visits") == (None, Absence.NOT_MEASURED)
        assert figure(session, "revenue") == (0, None)
    place.later(days=2)
    Browser(place, site).tell("a")
    with reading(place.engine) as session:
        assert figure(session, "web_visits") == (0, None)
        assert figure(session, "bounce_rate_ua") == (None, Absence.UNDEFINED)


def test_a_day_of_visits_is_a_day_of_the_zone(place: Installation) -> None:
    ani = Browser(place, shop(place))
    # 2026-11-24 01:30 UTC is 08:30 in Jakarta; 17:00 UTC is midnight there.
    for number in range(4):
        ani.tell(f"v{number}")
        place.later(hours=5, minutes=10)
    today = place.now.date()
    span = Span(today, today + timedelta(days=2))
    with reading(place.engine) as session:
        in_jakarta = daily(session, place.workspace.id, "web_visits", span, zone_name="Asia/Jakarta",
                           supplies=NOBODY, now=place.now)  # fmt: skip
        in_utc = daily(session, place.workspace.id, "web_visits", span, zone_name="UTC", supplies=NOBODY,
                       now=place.now)  # fmt: skip
    assert [number for _, number in in_jakarta] == [3, 1]
    assert [number for _, number in in_utc] == [4]


@pytest.mark.parametrize("seed", range(3))
def test_telling_in_another_order_and_twice_ends_the_same(place: Installation, seed: int) -> None:
    site, start = shop(place), place.now
    random = Random(seed)
    told = []
    for number in range(25):
        minute = random.randrange(0, 600)
        more: dict[str, object] = {"seconds": random.choice([0, 5, 40, 1900])}
        if random.random() < 0.3:
            more["referrer"] = random.choice(["t.co", "google.com"])
        if random.random() < 0.2:
            more["event"] = order(str(number))
        told.append((minute, f"view{number}", random.choice("ab") * 10, more))

    def tell(messages: list[tuple[int, str, str, dict[str, object]]]) -> None:
        client = place.public()
        for minute, view, visitor, more in messages:
            place.now = start + timedelta(hours=20)
            age = (place.now - start - timedelta(minutes=minute)).total_seconds()
            Browser(place, site, visitor=visitor, client=client).tell(view, f"/{view}", age=age, **more)  # type: ignore[arg-type]

    def state() -> tuple[list[Any], list[Any]]:
        visits = [
            (
                one.visitor,
                one.began_at,
                one.ended_at,
                one.pages,
                one.seconds,
                one.entry,
                one.exit,
                one.kind,
                one.source,
            )
            for one in rows(place, Visit)
        ]
        places = {one.id: (one.visitor, one.began_at) for one in rows(place, Visit)}
        return sorted(visits), sorted(
            (one.order_ref, places[one.visit_id]) for one in rows(place, Conversion)
        )

    tell(sorted(told, key=lambda one: one[0]))
    expected = state()
    tell(random.sample(told, len(told)))
    assert state() == expected
    with place.engine.begin() as connection:
        for table in ("conversion", "visit", "web_view"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    tell(random.sample(told, len(told)))
    assert state() == expected


@pytest.mark.parametrize(("after", "counted"), [(6, {7, 14, 30, 90}), (8, {14, 30, 90}), (20, {30, 90}),
                                                (40, {90}), (91, set())])  # fmt: skip
def test_each_window_counts_the_conversions_that_its_name_says(
    place: Installation, after: int, counted: set[int]
) -> None:
    post = place.post(place.page(), "Drums", age=timedelta(hours=1))
    site = shop(place)
    click(place, post, "K" * 20, day_hash="1" * 32)
    ani = Browser(place, site, visitor="a" * 10)
    ani.tell("a1", click="K" * 20)
    place.later(days=after)
    ani.tell("a2", event=order("A-1", 100))

    for days in (7, 14, 30, 90):
        end = "" if days == 30 else f"_{days}"
        share = 100.0 if days in counted else 0.0
        assert value(place, f"conversion_rate{end}", days=120) == share
        assert value(place, f"conversion_rate_clicks{end}", days=120) == share
        assert value(place, f"revenue_first{end}", days=120) == share
        assert value(place, f"revenue_linear{end}", days=120) == share
        told = definition(f"conversion_rate{end}")
        assert f"{days} days" in told.name.en
        assert f"{days} hari" in told.name.id
        assert told.window == days


@pytest.mark.parametrize(("after", "asked", "counted"), [(44, 45, True), (46, 45, False), (200, 365, True),
                                                         (1, 1, True), (2, 1, False)])  # fmt: skip
def test_a_window_may_have_any_number_of_days(
    place: Installation, after: int, asked: int, counted: bool
) -> None:
    post = place.post(place.page(), "Drums", age=timedelta(hours=1))
    site = shop(place)
    click(place, post, "K" * 20, day_hash="1" * 32)
    ani = Browser(place, site, visitor="a" * 10)
    ani.tell("a1", click="K" * 20)
    place.later(days=after)
    ani.tell("a2", event=order("A-1", 100))

    for key in ("conversion_rate", "conversion_rate_clicks", "revenue_first", "revenue_linear"):
        assert value(place, f"{key}_{asked}", days=300) == (100 if counted else 0)
    with reading(place.engine) as session:
        start, end = place.now - timedelta(days=300), place.now + timedelta(days=1)
        steps = funnel(session, place.workspace.id, start=start, end=end, window=timedelta(days=asked)).steps
    [step] = [one for one in steps if one.key == "conversions"]
    assert step.number == counted
    assert f"within {asked} days" in step.label.en
    assert f"{asked} hari" in step.label.id
