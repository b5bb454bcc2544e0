"""What posts cost, in the queue and on a page of its own, with caps that a person sets."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.money import Money
from domain.person import Role
from publishers.registry import adapter
from store import metering
from store.engine import writing
from store.tables import ChannelRow
from tests.servers.installed import install_paidhub
from tests.web.setting import NOW, Installation
from web.i18n import Voice
from web.post_words import amount


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    install_paidhub(tmp_path, monkeypatch)
    yield
    adapter.cache_clear()


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def paid(place: Installation) -> ChannelRow:
    return place.page("paid", platform="paid", name="Berbayar")


def queued(place: Installation, channel: ChannelRow, text: str) -> str:
    post = place.post(
        channel, text, state="queued", remote_id=None, published_at=None,
        planned_at=NOW + timedelta(hours=3), next_at=NOW + timedelta(hours=3),
    )  # fmt: skip
    return str(post.id)


@pytest.mark.parametrize(("language", "shown"), [("en", "0.015"), ("id", "0,015")])
def test_the_queue_and_the_post_tell_the_price(
    place: Installation, paid: ChannelRow, language: str, shown: str
) -> None:
    number = queued(place, paid, "plain")
    client = place.signed_in()
    client.cookies.set("tabuh_language", language)

    for path in ("/queue", f"/posts/{number}", "/"):
        assert f"{shown}\N{NO-BREAK SPACE}USD" in client.get(path).text, path
    told = client.get(f"/api/v1/posts/{number}").json()
    assert told["price"] == {"micros": 15_000, "currency": "USD"}


def test_free_posts_say_nothing_of_money(place: Installation) -> None:
    number = queued(place, place.page(), "plain")
    client = place.signed_in()

    assert "costs" not in client.get(f"/posts/{number}").text
    assert client.get(f"/api/v1/posts/{number}").json()["price"] is None
    assert "Nothing here costs money" in client.get("/costs").text


def test_the_page_tells_what_is_spent_and_planned_and_sets_caps(
    place: Installation, paid: ChannelRow
) -> None:
    queued(place, paid, "see https://news.example/a")
    with writing(place.engine) as session:
        metering.write(
            session,
            [
                {
                    "workspace_id": place.workspace.id, "channel_id": paid.id, "platform": "paid",
                    "at": NOW - timedelta(days=1), "call": "post", "calls": 1, "micros": 15_000,
                    "currency": "USD",
                }
            ],
        )  # fmt: skip
        session.commit()
    client = place.signed_in()
    page = client.get("/costs").text
    assert "0.015\N{NO-BREAK SPACE}USD" in page
    assert "0.20\N{NO-BREAK SPACE}USD" in page

    assert client.post("/costs", data={"of": "platform:paid", "amount": "20.00 USD"}).status_code == 303
    assert client.post("/costs", data={"of": "channel:Berbayar", "amount": "5 USD"}).status_code == 303
    assert client.post("/costs", data={"of": "workspace", "amount": "50 USD"}).status_code == 303
    refused = client.post("/costs", data={"of": "platform:paid", "amount": "20 euros"})
    assert refused.status_code == 422
    assert "Write it as 20.00 USD" in refused.text
    page = client.get("/costs").text
    for shown in ("20.00", "5.00", "50.00"):
        assert f"{shown}\N{NO-BREAK SPACE}USD" in page
    [one] = client.get("/api/v1/costs").json()
    assert one["spent"] == {"micros": 15_000, "currency": "USD"}
    assert one["caps"]["platform:paid"]["micros"] == 20_000_000
    gone = client.put("/api/v1/costs/cap", json={"platform": "paid", "amount": ""})
    assert gone.status_code == 204
    assert "platform:paid" not in client.get("/api/v1/costs").json()[0]["caps"]


def test_only_owners_set_caps(place: Installation, paid: ChannelRow) -> None:
    editor = place.signed_in(place.person("Edi", Role.EDITOR))

    assert editor.get("/costs").status_code == 200
    assert editor.post("/costs", data={"of": "workspace", "amount": "1 USD"}).status_code == 403
    assert editor.put("/api/v1/costs/cap", json={"amount": "1 USD"}).status_code == 403


def test_amounts_are_written_as_the_language_writes_them() -> None:
    assert amount(Money(1_234_500_000, "USD"), Voice("en")) == "1,234.50\N{NO-BREAK SPACE}USD"
    assert amount(Money(15_000, "USD"), Voice("id")) == "0,015\N{NO-BREAK SPACE}USD"
    assert amount(None, Voice("en")) == ""
