"""Pages of sites, their conversions, and attribution; and the shares behind them, computed by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from analytics.owed import MODELS, OwedBy, What, attribution
from domain.person import Role
from store.engine import reading
from store.post_conversions import of_posts, visits_of_posts
from store.tables import Conversion, Visit
from tests.sites import Browser, click, rows, shop
from tests.web.setting import Installation


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def client(place: Installation) -> TestClient:
    return place.signed_in()


def order(number: int, value: int = 100) -> list[object]:
    return ["order", {"value": value, "currency": "IDR", "id": f"A-{number}"}, f"{number:012}"]


def journeys(place: Installation) -> None:
    """Three ways by consented ids, one of which leads nowhere; and an order that nobody knows the way of.

    One → Two → order of 300; Two → order of 100; One → nothing.
    """
    site = shop(place)
    one, two = place.page("one", name="One"), place.page("two", name="Two")
    for number, channel in enumerate((one, two, two, one)):
        click(place, place.post(channel, "x"), f"{number}" * 20)
    ani, budi, cici, dedi = (Browser(place, site, visitor=name * 10) for name in "abcd")
    ani.tell("a1", click="0" * 20)
    budi.tell("b1", click="2" * 20)
    budi.tell("b1", event=order(2))
    cici.tell("c1", click="3" * 20)
    place.later(days=7)
    ani.tell("a2", click="1" * 20)
    ani.tell("a2", event=order(1, 300))
    dedi.headers = {"DNT": "1"}
    dedi.tell("d1", event=order(3))


def shares(
    place: Installation, what: What, window: int = 30, by: OwedBy = OwedBy.CHANNEL
) -> dict[str, dict[str, float]]:
    with reading(place.engine) as session:
        found = attribution(
            session, place.workspace.id, start=place.now - timedelta(days=30),
            end=place.now + timedelta(days=1), window=timedelta(days=window), by=by, what=what,
        )  # fmt: skip
    told = {row.name: {model: share.value for model, share in row.shares.items()} for row in found.rows}
    for model in MODELS:
        owed = sum(row[model] for row in told.values())
        assert owed + found.unattributed == pytest.approx(found.total)
    return told


def test_the_models_share_as_computed_by_hand(place: Installation) -> None:
    journeys(place)
    found = shares(place, What.CONVERSIONS)

    assert {model: found["One"][model] for model in MODELS[:4]} == {
        "first": 1, "last": 0, "linear": 0.5, "u_shaped": 0.5,
    }  # fmt: skip
    # The first visit is seven days old, which is one half-life: a half against a whole.
    assert found["One"]["time_decay"] == pytest.approx(1 / 3)
    assert found["One"]["shapley"] == 0.5
    # start → One 2/3, start → Two 1/3; One → Two 1/2, One → nothing 1/2; Two → order always: 2/3 in all.
    # Without One 1/3 is left, an effect of 1/2; without Two nothing, an effect of 1: 1/3 and 2/3 of two.
    assert found["One"]["markov"] == pytest.approx(2 / 3)
    assert found["Two"]["markov"] == pytest.approx(4 / 3)
    money = shares(place, What.REVENUE)
    assert (money["One"]["linear"], money["Two"]["linear"], money["Two"]["last"]) == (150, 250, 400)
    assert shares(place, What.CONVERSIONS, window=6)["Two"]["first"] == 2
    assert set(shares(place, What.CONVERSIONS, by=OwedBy.PLATFORM)) == {"page"}


def test_many_journeys_have_a_range_around_each_share(place: Installation) -> None:
    site = shop(place)
    channels = [place.page(name.lower(), name=name) for name in ("Even", "Odd")]
    for number in range(12):
        click(place, place.post(channels[number % 2], "x"), f"{number:020}")
    client = place.public()
    for number in range(3):  # who converts by none of ours, and who does not convert
        Browser(place, site, visitor=f"lost{number}xxx", client=client).tell(f"l{number}", referrer="t.co")
    for number in range(12):
        browser = Browser(place, site, visitor=f"visitor{number}", client=client)
        browser.tell(f"v{number}", click=f"{number:020}")
        browser.tell(f"v{number}", event=order(number))
    with reading(place.engine) as session:
        found = attribution(
            session, place.workspace.id, start=place.now - timedelta(days=1),
            end=place.now + timedelta(days=1), window=timedelta(days=30),
        )  # fmt: skip

    for row in found.rows:
        for model in MODELS:
            share = row.shares[model]
            assert share.value == pytest.approx(6)
            assert share.low is not None
            assert share.high is not None
            assert 0 < share.low < 6 < share.high <= 12


def test_the_pages_teach_while_they_are_empty(client: TestClient) -> None:
    sites = client.get("/sites")
    assert "No site yet" in sites.text
    assert "No conversion in these days" in client.get("/attribution").text
    assert "/sites" in client.get("/statistics").text


def test_a_site_is_set_up_changed_and_removed(place: Installation, client: TestClient) -> None:
    refused = client.post("/sites", data={"name": "Shop", "hosts": "a b! c_d", "key_events": "order"})
    assert refused.status_code == 422
    assert "These are no names of hosts: b!, c_d." in refused.text
    made = client.post(
        "/sites", data={"name": "Shop", "hosts": "shop.example, www.shop.example", "key_events": "order"}
    )
    page = client.get(made.headers["location"])
    assert "data-site=&#34;" in page.text
    assert "shop.example, www.shop.example" in page.text
    where = made.headers["location"]
    client.post(where, data={"name": "Store", "hosts": "shop.example", "key_events": "", "others": "order"})
    assert "<h1>Store</h1>" in client.get(where).text
    assert client.post(f"{where}/remove").headers["location"] == "/sites"
    assert client.get(where).status_code == 404


def test_a_sheet_is_tried_first_and_then_kept(place: Installation, client: TestClient) -> None:
    site = shop(place)

    def send(text: str, **more: str) -> tuple[int, str]:
        answer = client.post(f"/sites/{site.id}/import", data=more, files={"file": ("orders.csv", text)})
        return answer.status_code, answer.text

    good = "order,value,currency\nA-1,5,IDR\n"
    assert send(good + "A-2,x,IDR\nA-3,1,ABC\n")[0] == 422
    assert "Line 3:" in send(good + "A-2,x,IDR\n")[1]
    assert "Only tried: 1 new rows" in send(good, dry_run="on")[1]
    assert rows(place, Conversion) == []
    assert send(good)[0] == 303
    assert "A-1" in client.get(f"/sites/{site.id}").text
    assert len(rows(place, Conversion)) == 1


def test_attribution_is_a_page_and_a_sheet(place: Installation, client: TestClient) -> None:
    journeys(place)
    page = client.get("/attribution?by=channel&of=revenue&days=30&window=90")
    assert page.status_code == 200
    assert "One → Two" in page.text
    assert "Unattributed" in page.text
    assert "2 of 3 conversions with a known visit, 2 of them" in page.text
    sheet = client.get("/attribution.csv?of=conversions").text.splitlines()
    assert sheet[0] == "name,journeys,model,value,low,high"
    assert sheet[-1] == "unattributed,,,1.0,,"
    assert client.get("/attribution?window=500").status_code == 422


def test_who_may_only_look_changes_nothing(place: Installation) -> None:
    site = shop(place)
    reader = place.signed_in(place.person("Rea", Role.READER))
    assert "Set up a site" not in reader.get("/sites").text
    for path in ("/sites", f"/sites/{site.id}", f"/sites/{site.id}/remove", f"/sites/{site.id}/import"):
        assert reader.post(path, data={"name": "x", "hosts": "y.example"}).status_code == 403


def test_a_post_says_what_it_brought(place: Installation, client: TestClient) -> None:
    journeys(place)
    with reading(place.engine) as session:
        ids = [one.post_id for one in rows(place, Visit) if one.post_id]
        found = of_posts(session, place.workspace.id, ids, currency="IDR", window=timedelta(days=30))
        other = of_posts(session, place.workspace.id, ids, currency="USD", window=timedelta(days=30))
        narrow = of_posts(session, place.workspace.id, ids, currency="IDR", window=timedelta(0))
        visits = visits_of_posts(session, place.workspace.id, ids)

    assert sorted(found.values()) == [(1, 10_000), (1, 30_000)]
    assert sorted(other.values()) == [(1, 0), (1, 0)]
    assert len(narrow) == 2
    assert set(visits.values()) == {1}
    best = max(found, key=lambda post_id: found[post_id][1])
    page = client.get(f"/statistics/posts/{best}").text
    assert "On your sites" in page
    assert "300 IDR" in page
