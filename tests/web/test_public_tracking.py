"""What the script of a site tells: kept once, joined to visits, and never more than the visitor allows."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from scheduler.sites import remove_site
from store.changes import AUTOMATION
from store.engine import reading
from store.tables import Click, Conversion, Visit, WebView
from tests.sites import HOST, Browser, click, rows, shop
from tests.web.setting import Installation
from web.public.tracking import BURST, served_script

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


def test_the_script_is_small_and_may_be_kept(place: Installation) -> None:
    answer = place.public().get("/t.js")

    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.content == served_script()
    assert len(answer.content) < 2_000
    assert b"cookie" not in answer.content
    assert "set-cookie" not in answer.headers


def test_the_views_of_a_person_make_one_visit_until_thirty_minutes_are_silent(place: Installation) -> None:
    ani = Browser(place, shop(place))
    assert ani.tell("a", "/", referrer="t.co").status_code == 204
    place.later(minutes=5)
    ani.tell("b", "/drums")
    place.later(minutes=2)
    ani.tell("b", "/drums", seconds=120, age=120)
    place.later(minutes=30, seconds=1)
    ani.tell("c", "/drums")

    first, second = rows(place, Visit)
    assert (first.pages, first.seconds, first.entry, first.exit) == (2, 120, "/", "/drums")
    assert (first.kind, first.source) == ("referrer", "x")
    assert first.ended_at - first.began_at == timedelta(minutes=7)
    assert (second.pages, second.kind, second.source) == (1, "direct", "")
    assert first.visitor == second.visitor
    assert first.visitor.startswith("d:")


def test_a_new_source_opens_a_visit_and_the_site_itself_is_none(place: Installation) -> None:
    site = shop(place, hosts=[HOST, "www.shop.example"])
    ani = Browser(place, site)
    ani.tell("a", referrer="google.co.id")
    place.later(minutes=1)
    ani.tell("b", referrer=f"www.{HOST}")
    place.later(minutes=1)
    ani.tell("c", utm=["News", "email", "May"], referrer="mail.example")
    place.later(minutes=1)
    ani.tell("d", utm=["news", "EMAIL", "May"])

    found = rows(place, Visit)
    assert [(one.kind, one.source, one.medium, one.campaign, one.pages) for one in found] == [
        ("referrer", "google", "", "", 2),
        ("utm", "news", "email", "May", 2),
    ]


def test_a_click_of_ours_leads_to_its_post_and_one_of_others_to_nothing(place: Installation) -> None:
    channel = place.page()
    post = place.post(channel, "Drums", age=timedelta(hours=1))
    number = click(place, post, "K" * 20)
    ani = Browser(place, shop(place))
    ani.tell("a", click="K" * 20, referrer="t.co", utm=["x", "", ""])
    place.later(hours=1)
    ani.tell("b", click="Q" * 20, referrer="t.co")

    first, second = rows(place, Visit)
    assert (first.kind, first.click_id, first.post_id, first.channel_id) == (
        "click",
        number,
        post.id,
        channel.id,
    )
    assert (second.kind, second.source, second.click_id) == ("referrer", "x", None)


def test_a_day_s_hash_joins_that_day_only_and_consent_joins_weeks(place: Installation) -> None:
    site = shop(place)
    ani, budi = Browser(place, site), Browser(place, site, visitor="b" * 12)
    for browser in (ani, budi):
        browser.tell(f"{browser.visitor or 'a'}1")
    place.later(days=1)
    for browser in (ani, budi):
        browser.tell(f"{browser.visitor or 'a'}2")

    visitors = [visit.visitor for visit in rows(place, Visit)]
    assert len(set(visitors)) == 3
    assert visitors.count(f"v:{'b' * 12}") == 2
    assert not any("testclient" in visitor for visitor in visitors)


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_who_asks_not_to_be_followed_is_counted_and_not_known(place: Installation, header: str) -> None:
    ani = Browser(place, shop(place), visitor="a" * 12, headers={header: "1"})
    ani.tell("a", click="K" * 20, event=["order", {"value": 5, "currency": "USD"}, "e" * 12])

    [view] = rows(place, WebView)
    assert (view.visitor, view.unfollowed, view.click_key, view.audience) == (None, True, None, "human")
    assert rows(place, Visit) == []
    [conversion] = rows(place, Conversion)
    assert (conversion.visitor, conversion.view_key, conversion.minor) == (None, None, 500)


def test_programs_are_counted_apart_and_make_no_visit(place: Installation) -> None:
    site = shop(place)
    Browser(place, site, agent="Mozilla/5.0 (compatible; Googlebot/2.1)").tell("a")
    Browser(place, site, agent="curl/8").tell("b")
    Browser(place, site, agent="").tell("c")

    assert [view.audience for view in rows(place, WebView)] == ["bot", "bot", "unknown"]
    assert [visit.audience for visit in rows(place, Visit)] == ["unknown"]


def test_consent_given_on_a_page_holds_for_that_page(place: Installation) -> None:
    ani = Browser(place, shop(place))
    ani.tell("a")
    place.later(seconds=20)
    ani.visitor = "a" * 12
    ani.tell("a", age=20, seconds=20)
    place.later(seconds=20)
    ani.tell("b")

    [visit] = rows(place, Visit)
    assert (visit.visitor, visit.pages) == (f"v:{'a' * 12}", 2)


@pytest.mark.parametrize("told_with_the_page", [False, True])
def test_consent_on_a_later_page_does_not_tear_the_visit_from_its_click(
    place: Installation, told_with_the_page: bool
) -> None:
    post, site = place.post(place.page(), "Drums", age=timedelta(hours=1)), shop(place)
    click(place, post, "K" * 20)
    sold = ["order", {"value": 100, "currency": "IDR", "id": "A-1"}, "k" * 12]
    client = place.public()
    ani, known = (Browser(place, site, visitor=name, client=client) for name in ("", "a" * 10))
    ani.tell("old", "/before")
    place.later(minutes=31)
    ani.tell("one", "/one", click="K" * 20)
    place.later(minutes=1)
    if not told_with_the_page:  # a banner on the page itself, after an order on it
        ani.tell("two", "/two", event=sold)
    place.later(minutes=1)
    known.tell("two", "/two", seconds=60, age=60, referrer=HOST)
    if told_with_the_page:
        known.tell("two", "/two", event=sold)
    place.later(minutes=1)
    ani.tell("three", "/three")  # withdrawn

    before, brought, after = rows(place, Visit)
    assert (before.visitor[:2], before.entry, before.pages) == ("d:", "/before", 1)
    assert (brought.visitor, brought.entry, brought.pages) == ("v:" + "a" * 10, "/one", 2)
    assert (after.visitor[:2], after.entry) == ("d:", "/three")
    [conversion] = rows(place, Conversion)
    assert (conversion.visit_id, conversion.post_id) == (brought.id, post.id)
    assert brought.post_id == post.id


def test_a_conversion_belongs_to_its_visit_and_to_the_click_before(place: Installation) -> None:
    post = place.post(place.page(), "Drums", age=timedelta(hours=1))
    number = click(place, post, "K" * 20)
    ani = Browser(place, shop(place), visitor="a" * 12)
    ani.tell("a", click="K" * 20)
    place.later(days=3)
    ani.tell("b", referrer="google.com")
    order = ["order", {"value": 125000, "currency": "IDR", "id": "A-17"}, "e" * 12]
    ani.tell("b", event=order)
    ani.tell("b", event=order)
    ani.tell("b", event=["order", {"value": 1, "currency": "IDR", "id": "A-17"}, "f" * 12])

    [one] = rows(place, Conversion)
    assert (one.name, one.minor, one.currency, one.order_ref) == ("order", 12_500_000, "IDR", "A-17")
    assert (one.visit_id, one.click_id, one.post_id) == (rows(place, Visit)[1].id, number, post.id)
    assert (one.is_key, one.source) == (True, "script")


def test_a_page_elsewhere_is_refused_and_cannot_read_the_answer(place: Installation) -> None:
    site = shop(place)
    ani = Browser(place, site)

    for origin in ("https://evil.example", f"https://{HOST}.evil.example", "null", ""):
        refused = ani.tell("a", origin=origin)
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers
    kept = ani.tell("a", origin=f"http://{HOST}:8080")
    assert kept.headers["access-control-allow-origin"] == f"http://{HOST}:8080"
    assert kept.headers["vary"] == "Origin"
    assert len(rows(place, WebView)) == 1

    remove_site(place.web.context, place.workspace.id, site.id, actor=AUTOMATION)
    assert ani.tell("b").status_code == 404


def told(event: object) -> bytes:
    return json.dumps({"k": "a" * 12, "v": "v" * 12, "e": event}).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'{"k": 1}',
        b"\xff\xfe",
        b"[" * 4000,
        json.dumps({"k": "x" * 12, "v": "short"}).encode(),
        told("order"),
        told(["a b", {}, "k" * 12]),
        told(["order", {}]),
        told(["order", {"value": "1e9", "currency": "IDR"}, "k" * 12]),
        told(["order", {"value": -5, "currency": "IDR"}, "k" * 12]),
        told(["order", {"value": 5, "currency": "XXX"}, "k" * 12]),
        told(["order", {"value": 5.001, "currency": "USD"}, "k" * 12]),
        told(["order", {"value": 1e15, "currency": "USD"}, "k" * 12]),
        told(["order", {"value": float("nan"), "currency": "USD"}, "k" * 12]),
        told(["consent", {}, "k" * 12]),
    ],
)
def test_what_cannot_be_read_is_refused(place: Installation, raw: bytes) -> None:
    shop(place)
    answer = place.public().post("/t/1", content=raw, headers={"Origin": f"https://{HOST}"})
    assert answer.status_code == 422


def test_what_is_too_large_or_comes_too_often_is_refused(place: Installation) -> None:
    ani = Browser(place, shop(place))
    assert ani.tell("a", "/" + "x" * 5_000).status_code == 413
    statuses = [ani.tell("a").status_code for _ in range(BURST)]
    assert statuses.count(204) == BURST - 1
    assert statuses[-1] == 429
    place.later(seconds=1)
    assert ani.tell("a").status_code == 204


def test_odd_values_are_cut_to_what_they_can_mean(place: Installation) -> None:
    ani = Browser(place, shop(place))
    values: dict[str, Any] = {
        "referrer": "HTTP://Evil@T.CO:80",
        "click": "'; --",
        "utm": ["\u0000" * 5, "m" * 500, 7],
    }
    answer = ani.tell("a", "/\x00\n" + "p" * 900, seconds=1e18, age=1e18, **values)
    assert answer.status_code == 204
    [view] = rows(place, WebView)
    assert view.path == "/" + "p" * 499
    assert (view.seconds, view.click_key, view.utm_source, view.utm_campaign) == (21_600, None, "", "")
    assert len(view.utm_medium) == 100
    assert place.now - view.at == timedelta(days=1)


_SERVER = """
import sys
from tests.web.setting import Installation
from store.engine import open_engine
from web.app import create_public_app
import uvicorn
from datetime import UTC, datetime
place = Installation(open_engine(sys.argv[1]))
uvicorn.run(create_public_app(place.web), fd=int(sys.argv[2]), log_level="error")
"""


def test_what_was_answered_survives_a_kill(place: Installation) -> None:
    site = shop(place)
    url = place.engine.url.render_as_string(hide_password=False)
    with socket.create_server(("127.0.0.1", 0)) as bound:
        bound.set_inheritable(True)
        number = bound.fileno()
        server = subprocess.Popen(
            [sys.executable, "-c", _SERVER, url, str(number)], cwd=ROOT, pass_fds=[number]
        )
        address = f"http://127.0.0.1:{bound.getsockname()[1]}/t/1"
        try:
            for count in range(20):
                told = {"k": site.key, "v": f"view{count:08}", "p": "/", "i": f"visitor{count}"}
                headers = {"Origin": f"https://{HOST}", "User-Agent": "Mozilla/5.0 Firefox/145.0"}
                asked = urllib.request.Request(address, json.dumps(told).encode(), headers)
                with urllib.request.urlopen(asked, timeout=60) as answer:
                    assert answer.status == 204
            os.kill(server.pid, signal.SIGKILL)
        finally:
            server.kill()
            server.wait()

    assert {view.key for view in rows(place, WebView)} == {f"view{count:08}" for count in range(20)}
    assert len(rows(place, Visit)) == 20


def test_a_short_link_to_a_site_is_followed_to_its_visit_and_one_elsewhere_is_not(
    place: Installation,
) -> None:
    site = shop(place)
    post = place.post(place.page(), "Drums", age=timedelta(hours=1))
    here, elsewhere = (
        place.add_link(f"https://{HOST}/sale?a=1", post),
        place.add_link("https://other.example/", post),
    )
    client = place.public()

    assert client.get(f"/l/{elsewhere}").headers["location"] == "https://other.example/"
    location = client.get(f"/l/{here}").headers["location"]
    found = re.fullmatch(rf"https://{re.escape(HOST)}/sale\?a=1&tb=([0-9A-Za-z]{{20}})", location)
    assert found is not None
    Browser(place, site, client=client).tell("a", "/sale", click=found[1])

    [visit] = rows(place, Visit)
    assert (visit.kind, visit.post_id) == ("click", post.id)
    with reading(place.engine) as session:
        clicked = session.get_one(Click, visit.click_id)
    # The same hash of the day joins what one browser does at our links and on the site.
    assert visit.visitor == f"d:{clicked.day_hash}"
