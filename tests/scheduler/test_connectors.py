"""Other analytics tools, read through servers that check what is asked of them."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.errors import TabuhError, UsageError
from scheduler.connectors.base import Refused, clean_address
from scheduler.connectors.keeping import (
    add_connector,
    read_connector,
    remove_connector,
)
from scheduler.connectors.keeping import (
    test_connector as look,
)
from scheduler.kinds import KINDS
from scheduler.ticks import Runner
from store import connectors
from store.changes import AUTOMATION
from store.engine import writing
from store.tables import Connector, ToolDay
from tests.brought import bring, figure
from tests.servers.analytics_tools import FakeGoogle, FakeMatomo, FakePlausible
from tests.world import World, new_world

DAY = timedelta(days=1)


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    made = new_world(engine)
    yield made
    made.context.http.close()


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with FakeGoogle() as made:
        yield made


@pytest.fixture
def plausible() -> Iterator[FakePlausible]:
    with FakePlausible() as made:
        yield made


@pytest.fixture
def matomo() -> Iterator[FakeMatomo]:
    with FakeMatomo() as made:
        yield made


def connect_google(world: World, google: FakeGoogle, **changes: str) -> Connector:
    """A connector to the fake property."""
    settings = {"property": "123", "address": google.server.url}
    return add_connector(
        world.context, world.workspace.id, name="Web", tool="ga4", settings=settings | changes,
        secret=google.account(), actor=AUTOMATION,
    )  # fmt: skip


def read(world: World) -> Connector:
    """Read what is due now, as the worker does; the connector then."""
    [kind] = [one for one in KINDS if one.name == "connector"]
    runner = Runner(world.context, kind)
    runner.drain()
    runner.stop()
    with Session(world.engine) as session:
        return connectors.listed(session, world.workspace.id)[0]


def test_sessions_of_google_come_by_a_signed_claim_and_day_by_day(world: World, google: FakeGoogle) -> None:
    google.rows = {
        ("20260220", "news", "email", "spring"): (10, 6, 2, 19.5),
        ("20260220", "(direct)", "(none)", "(not set)"): (4, 1, 0, 0),
        ("20260302", "news", "email", "spring"): (999, 0, 0, 0),
    }
    connect_google(world, google)

    row = read(world)

    assert (row.last_error, row.failures, row.last_read_at) == (None, 0, world.clock.now)
    assert row.next_at == world.clock.now + DAY
    assert figure(world, "sessions_ga4").value == 14  # today is not over and not read
    assert figure(world, "engaged_ga4").value == 7
    assert figure(world, "conversions_ga4").value == 2
    assert figure(world, "revenue_ga4").value == 19.5
    assert figure(world, "revenue_ga4").passport.currency == "EUR"
    assert figure(world, "sessions_ga4").passport.sources == ("Google Analytics",)


def test_answers_in_parts_are_read_to_the_end(world: World, google: FakeGoogle) -> None:
    google.page = 2
    google.rows = {("20260220", f"s{number}", "m", "c"): (1, 0, 0, 0) for number in range(5)}
    connect_google(world, google)

    read(world)

    assert figure(world, "sessions_ga4").value == 5


def test_a_day_that_is_counted_anew_takes_the_place_of_the_old_one(world: World, google: FakeGoogle) -> None:
    google.rows = {("20260301", "a", "", ""): (10, 0, 0, 0), ("20260301", "b", "", ""): (5, 0, 0, 0)}
    connect_google(world, google)
    read(world)
    google.rows = {("20260301", "a", "", ""): (12, 0, 0, 0)}
    world.clock.forward(days=1, minutes=1)

    read(world)

    assert figure(world, "sessions_ga4").value == 12
    with Session(world.engine) as session:
        assert len(session.exec(select(ToolDay).where(ToolDay.metric == "sessions")).all()) == 1


def test_the_key_is_sealed_and_told_nobody(world: World, google: FakeGoogle) -> None:
    row = connect_google(world, google)

    assert b"PRIVATE KEY" not in row.credentials
    assert "PRIVATE KEY" not in json.dumps(row.settings)


def test_a_key_of_another_account_is_refused_and_nothing_is_kept(world: World, google: FakeGoogle) -> None:
    with FakeGoogle() as stranger:
        secret = json.loads(stranger.account()) | {"token_uri": f"{google.server.url}/token"}

    with pytest.raises(TabuhError, match=r"answered 400 \(invalid_grant: Invalid JWT Signature\)"):
        add_connector(
            world.context, world.workspace.id, name="Web", tool="ga4", secret=json.dumps(secret),
            settings={"property": "123", "address": google.server.url}, actor=AUTOMATION,
        )  # fmt: skip
    with Session(world.engine) as session:
        assert connectors.listed(session, world.workspace.id) == []


def test_a_property_that_the_account_may_not_see_is_refused_with_what_to_do(
    world: World, google: FakeGoogle
) -> None:
    with pytest.raises(Refused, match=r"No permission for this property\). Check that it may see"):
        connect_google(world, google, property="9")


@pytest.mark.parametrize(
    ("settings", "secret", "said"),
    [
        ({"property": "abc"}, "{}", "by its number"),
        ({"property": "1"}, "{}", "no key of a service account"),
        ({"property": "1"}, '{"client_email": "a", "private_key": "b"}', "private key cannot be read"),
        ({"property": "1", "site": "x"}, "{}", "knows no setting 'site'"),
        ({}, "{}", "needs the setting 'property'"),
    ],
)
def test_what_cannot_be_a_key_is_said_before_anybody_is_asked(
    world: World, settings: dict[str, str], secret: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        add_connector(
            world.context, world.workspace.id, name="Web", tool="ga4", settings=settings, secret=secret,
            actor=AUTOMATION,
        )  # fmt: skip


def test_failures_are_tried_again_after_growing_pauses(world: World, google: FakeGoogle) -> None:
    google.rows = {("20260301", "a", "", ""): (3, 0, 0, 0)}
    connect_google(world, google)
    broken = (503, {"Content-Type": "application/json"}, b'{"error": {"message": "Try later"}}')
    google.fails = [broken]

    row = read(world)

    assert (row.failures, row.last_error) == (1, "Google Analytics answered 503 (Try later).")
    assert row.next_at == world.clock.now + timedelta(hours=1)
    google.fails = [broken]
    world.clock.forward(hours=1)
    assert read(world).next_at == world.clock.now + timedelta(hours=2)
    google.fails = [(429, {"Retry-After": "43200"}, b"{}")]
    world.clock.forward(hours=2)
    assert read(world).next_at == world.clock.now + timedelta(hours=12)
    world.clock.forward(hours=12)
    row = read(world)
    assert (row.failures, row.last_error) == (0, None)
    assert figure(world, "sessions_ga4").value == 3


def test_days_that_were_missed_are_read_when_it_works_again(world: World, google: FakeGoogle) -> None:
    connect_google(world, google)
    read(world)
    google.rows = {("20260305", "a", "", ""): (8, 0, 0, 0)}
    world.clock.forward(days=30)

    read(world)

    assert figure(world, "sessions_ga4").value == 8


def test_plausible_tells_visits_by_source_and_goals_with_money(
    world: World, plausible: FakePlausible
) -> None:
    plausible.visits = {
        ("2026-02-20", "Google", "(not set)", "(not set)"): 7,
        ("2026-02-21", "Direct / None", "(not set)", "(not set)"): 3,
    }
    plausible.goals = {("2026-02-20", "Purchase"): (2, 40.0), ("2026-02-20", "Other"): (9, 0.0)}
    settings = {"site": "example.com", "address": plausible.server.url, "goals": "Purchase"}

    add_connector(
        world.context, world.workspace.id, name="P", tool="plausible", settings=settings,
        secret=plausible.key, actor=AUTOMATION,
    )  # fmt: skip
    read(world)

    assert figure(world, "sessions_plausible").value == 10
    assert figure(world, "conversions_plausible").value == 2
    assert figure(world, "revenue_plausible").value == 40
    assert figure(world, "revenue_plausible").passport.currency == "USD"


def test_matomo_tells_visits_goals_and_revenue_in_the_sites_currency(
    world: World, matomo: FakeMatomo
) -> None:
    matomo.days = {"2026-02-20": (20, 2, 150000.0), "2026-02-21": (0, 0, 0)}
    row = add_connector(
        world.context, world.workspace.id, name="M", tool="matomo", secret=matomo.key, actor=AUTOMATION,
        settings={"site": "1", "address": matomo.server.url},
    )  # fmt: skip

    read(world)

    assert look(world.context, world.workspace.id, row.id) == 0  # nothing in the last week
    assert figure(world, "sessions_matomo").value == 20
    assert figure(world, "conversions_matomo").value == 2
    assert figure(world, "revenue_matomo").value == 150_000
    assert figure(world, "revenue_matomo").passport.currency == "IDR"
    assert not any(matomo.key in one.path for one in matomo.server.requests)


def test_matomos_refusal_is_told(world: World, matomo: FakeMatomo) -> None:
    with pytest.raises(Refused, match="view access needed"):
        add_connector(
            world.context, world.workspace.id, name="M", tool="matomo", secret="wrong", actor=AUTOMATION,
            settings={"site": "1", "address": matomo.server.url},
        )  # fmt: skip


def test_what_a_removed_connector_told_stays(world: World, google: FakeGoogle) -> None:
    google.rows = {("20260301", "a", "", ""): (3, 0, 0, 0)}
    row = connect_google(world, google)
    read(world)

    remove_connector(world.context, world.workspace.id, row.id, actor=AUTOMATION)

    assert figure(world, "sessions_ga4").value == 3


def test_what_is_connected_is_not_imported_a_second_time(world: World, google: FakeGoogle) -> None:
    connect_google(world, google)
    text = "Date,Sessions,Engaged sessions\n20260201,10,6\n"

    with pytest.raises(UsageError, match="count them twice"):
        bring(world, "sessions", text)
    assert bring(world, "sessions", text, tool="other").added == 2


def test_a_lost_claim_writes_nothing(world: World, google: FakeGoogle) -> None:
    google.rows = {("20260301", "a", "", ""): (3, 0, 0, 0)}
    row = connect_google(world, google)
    with writing(world.engine) as session:
        session.get_one(Connector, row.id).claim += 1
        session.commit()

    read_connector(world.context, row)

    assert figure(world, "sessions_ga4").value is None


def test_a_key_does_not_travel_unprotected() -> None:
    with pytest.raises(UsageError, match="unprotected"):
        clean_address("http://matomo.example.com")
    assert clean_address("https://matomo.example.com/") == "https://matomo.example.com"
