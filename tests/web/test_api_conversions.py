"""Sites and conversions over the API: told from server to server, each counts once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.testclient import TestClient

from domain.person import Role
from store.changes import changes_of
from store.tables import Conversion, Site, Visit
from tests.sites import HOST, Browser, click, rows, shop
from tests.web.setting import Installation


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def site(place: Installation) -> Site:
    return shop(place)


@pytest.fixture
def client(place: Installation) -> TestClient:
    return place.signed_in()


def tell(client: TestClient, site: Site, key: str = "", **told: Any) -> tuple[int, Any]:
    answer = client.post(
        "/api/v1/conversions",
        json={"site_id": str(site.id), **told},
        headers={"Idempotency-Key": key} if key else {},
    )
    return answer.status_code, answer.json()


def test_a_site_is_set_up_changed_and_removed(place: Installation, client: TestClient) -> None:
    made = client.post(
        "/api/v1/sites", json={"name": "Blog", "hosts": ["https://Blog.example/x", "BÜCHER.example"]}
    )
    assert made.status_code == 201
    site = made.json()
    assert site["hosts"] == ["blog.example", "xn--bcher-kva.example"]
    assert (
        site["snippet"]
        == f'<script defer src="http://localhost:8000/t.js" data-site="{site["key"]}"></script>'
    )

    where = f"/api/v1/sites/{site['id']}"
    refused = client.patch(where, json={"key_events": ["order"], "other_conversions": ["order"]})
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "order cannot be a key event and none at once.",
    )
    changed = client.patch(where, json={"key_events": ["signup"]}).json()
    assert changed["conversions"] == {"signup": True, "order": False}
    assert client.delete(where).status_code == 204
    assert client.get(where).status_code == 404
    assert client.get("/api/v1/sites").json()["rows"] == []
    with Session(place.engine) as session:
        whats = [change.what for change in changes_of(session, "site", int(site["id"]))]
    assert whats == ["added site", "changed site", "removed site"]


def test_the_same_key_counts_once_and_with_other_words_it_is_refused(
    place: Installation, client: TestClient, site: Site
) -> None:
    told = {"value": "12.50", "currency": "USD", "order": "A-1"}
    assert tell(client, site, "k1", **told)[0] == 201
    status, again = tell(client, site, "k1", **told)
    assert (status, again["minor"]) == (200, 1250)
    place.later(minutes=5)
    assert tell(client, site, "k1", **told)[0] == 200
    status, refused = tell(client, site, "k1", **{**told, "value": "13"})
    assert status == 422
    assert refused["detail"].startswith("The key k1 was told with other values before.")
    assert tell(client, site, "k2", **told)[0] == 200
    assert tell(client, site, "k3", **{**told, "value": "1"})[0] == 422
    assert len(rows(place, Conversion)) == 1


def test_what_a_server_says_of_an_order_replaces_what_a_browser_said(
    place: Installation, client: TestClient, site: Site
) -> None:
    ani = Browser(place, site, visitor="a" * 12)
    ani.tell("v1", event=["order", {"value": 1, "currency": "IDR", "id": "A-1"}, "e" * 12])
    tell(client, site, "k1", value="125000", currency="idr", order="A-1")
    ani.tell("v1", event=["order", {"value": 9, "currency": "IDR", "id": "A-1"}, "f" * 12])

    [one] = rows(place, Conversion)
    assert (one.minor, one.currency, one.source, one.key) == (12_500_000, "IDR", "server", "k1")
    assert one.visit_id == rows(place, Visit)[0].id


def test_a_click_or_visitor_id_leads_to_the_visit(
    place: Installation, client: TestClient, site: Site
) -> None:
    post = place.post(place.page(), "Drums", age=timedelta(hours=1))
    number = click(place, post, "K" * 20)
    Browser(place, site, visitor="a" * 12).tell("v1", click="K" * 20)
    place.later(days=2)
    _, by_click = tell(client, site, "k1", click="K" * 20)
    _, by_visitor = tell(client, site, "k2", visitor="a" * 12)
    _, by_nothing = tell(client, site, "k3", click="no such click")

    visit = str(rows(place, Visit)[0].id)
    assert (by_click["visit_id"], by_click["click_id"]) == (visit, str(number))
    assert (by_visitor["visit_id"], by_visitor["post_id"]) == (visit, str(post.id))
    assert (by_nothing["visit_id"], by_nothing["click_id"]) == (None, None)


def test_refunds_are_rows_of_their_own_and_never_more_than_was_sold(
    place: Installation, client: TestClient, site: Site
) -> None:
    tell(client, site, "k1", value="100", currency="JPY", order="A-1")
    part = tell(client, site, "r1", refund_of="A-1", minor=30, currency="JPY")
    assert (part[0], part[1]["minor"]) == (201, -30)
    place.later(minutes=5)
    assert tell(client, site, "r1", refund_of="A-1", minor=30, currency="JPY")[0] == 200
    assert tell(client, site, "r2", refund_of="A-1", minor=71, currency="JPY")[1]["detail"] == (
        "At most 70 JPY is left to give back."
    )
    assert tell(client, site, "r3", refund_of="A-1", minor=1, currency="USD")[0] == 422
    assert tell(client, site, "r4", refund_of="A-1")[1]["minor"] == -70
    assert tell(client, site, "r5", refund_of="A-1")[0] == 422
    assert tell(client, site, "r6", refund_of="B-9")[0] == 404
    assert sum(row.minor for row in rows(place, Conversion)) == 0


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"order": "A", "value": "1,000", "currency": "IDR"},
        {"order": "A", "value": "1"},
        {"order": "A", "value": "1", "currency": "ABC"},
        {"order": "A", "value": "1.005", "currency": "USD"},
        {"order": "A", "value": "1", "minor": 100, "currency": "USD"},
        {"order": "A", "minor": -1, "currency": "USD"},
        {"order": "A", "at": "2030-01-01T00:00:00Z"},
        {"order": "A", "at": "2026-01-01T00:00:00"},
        {"order": "A", "name": "a b"},
        {"order": "A", "colour": "red"},
        {"refund_of": "A"},
    ],
)
def test_what_is_wrong_is_refused_in_words(
    place: Installation, client: TestClient, site: Site, told: Any
) -> None:
    status, answer = tell(client, site, **told)
    assert (status, bool(answer["detail"] or answer["errors"])) == (422, True)
    assert rows(place, Conversion) == []


def test_a_token_that_may_only_read_tells_nothing(place: Installation, site: Site) -> None:
    reader = place.signed_in(place.person("Rea", Role.READER))
    assert tell(reader, site, "k1")[0] == 403
    assert reader.get("/api/v1/conversions").json()["rows"] == []
    assert reader.get("/api/v1/attribution").status_code == 200


SHEET = (
    "order;value;currency;time;refund_of;key\n"
    "A-1;125000;IDR;2026-11-20T10:00:00+07:00;;\n"
    "A-2;7;IDR;2026-11-20T10:00:00+07:00;;\n"
    ";;;2026-11-21T10:00:00+07:00;A-1;r-1\n"
)


def test_a_sheet_is_taken_whole_once_or_not_at_all(
    place: Installation, client: TestClient, site: Site
) -> None:
    where = f"/api/v1/conversions/import?site_id={site.id}"
    wrong = client.post(where, content=SHEET + "A-3;x;IDR;;;\nA-4;1;IDR;yesterday;;\n").json()
    assert (wrong["kept"], [one["line"] for one in wrong["wrong"]]) == (False, [5, 6])
    assert rows(place, Conversion) == []
    tried = client.post(f"{where}&dry_run=true", content=SHEET).json()
    assert (tried["kept"], tried["new"], tried["refunds"]) == (False, 3, 1)
    assert rows(place, Conversion) == []

    done = client.post(where, content="\ufeff" + SHEET).json()
    again = client.post(where, content=SHEET).json()

    assert (done["kept"], done["new"], done["known"]) == (True, 3, 0)
    assert (again["kept"], again["new"], again["known"]) == (True, 0, 3)
    assert [row.minor for row in rows(place, Conversion)] == [12_500_000, 700, -12_500_000]
    assert client.post(where, content=b"\xff").status_code == 422
    assert client.post(where, content="colour\nred\n").status_code == 422


def test_every_fault_of_every_row_of_a_sheet_is_named(
    place: Installation, client: TestClient, site: Site
) -> None:
    where = f"/api/v1/conversions/import?site_id={site.id}"
    bad = ";-1;IDR;yesterday;;\n" + "A-9;5;;2030-01-01T00:00:00Z;;\n" + ";;;;nothing;r-9\n"

    told = client.post(where, content=SHEET + bad).json()

    assert told["kept"] is False
    assert [one["line"] for one in told["wrong"]] == [5, 5, 5, 6, 6, 7]
    said = " ".join(one["sentence"] for one in told["wrong"])
    for part in ("'yesterday'", "below 0", "number of its order", "future", "currency", "nothing"):
        assert part in said
    assert rows(place, Conversion) == []


def test_the_funnel_counts_late_ones_and_refunds(place: Installation, client: TestClient, site: Site) -> None:
    Browser(place, site).tell("a")
    old = (place.now - timedelta(days=3)).isoformat()
    tell(client, site, "k1", value="5", currency="IDR", order="A-1", at=old)
    tell(client, site, "r1", refund_of="A-1")

    found = client.get("/api/v1/sites/funnel").json()

    steps = {step["key"]: step["number"] for step in found["steps"]}
    assert (steps["clicks"], steps["all_visits"], steps["all_conversions"]) == (0, 1, 1)
    assert (found["late_conversions"], found["refunds"]) == (1, 1)
    assert HOST in site.hosts
