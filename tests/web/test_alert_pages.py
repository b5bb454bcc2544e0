"""Alerts on pages and in the API: who sees what, in which words, and what may be done with them."""

import re
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.alerts import Finding, Rule
from domain.person import Role
from scheduler.alerting import settle
from scheduler.standstill import Asker
from store import alerts, installation, people, telling
from store.engine import reading, writing
from store.tables import AlertRow
from tests.servers.loopback import Loopback
from tests.web.setting import NOW, Installation


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine, allowed_networks=("127.0.0.0/8",))


def open_alert(place: Installation, *, name: str = "Drums <b>", good: bool = False, **facts: Any) -> AlertRow:
    """An alert of a quiet feed, or of a good day."""
    rule = Rule.FIGURE_DAY if good else Rule.FEED_QUIET
    known = {"feed_id": 7, "days": 3, "weekly": 7.5}
    day = {"metric": "visits", "effect": 4.2, "value": 5200, "usual": 1000, "day": "2026-11-23",
           "once": 400, "page": "/statistics", "cause": "unknown"}  # fmt: skip
    finding = Finding(
        rule=rule, subject=f"feed:{7 + good}", name=name, facts={**(day if good else known), **facts},
        since=NOW - timedelta(days=3), is_good=good,
    )  # fmt: skip
    with writing(place.engine) as session:
        [row] = settle(session, telling.workspace(session, place.workspace.id), [finding], rules=(), now=NOW)
        session.commit()
    return row


def test_the_page_says_what_why_and_what_to_do_in_both_languages(place: Installation) -> None:
    open_alert(place)
    open_alert(place, name="Mading", good=True)
    client = place.signed_in()

    page = client.get("/alerts").text
    assert "Nothing new came from the feed Drums &lt;b&gt; for 3 days; it usually brings 7.5 a week." in page
    assert "Visits of Mading on 23 November 2026: 5,200, 420% more than the 1,000 of such a day." in page
    assert "By chance that happens about once in 400 days." in page
    assert "Good news" in page
    assert 'href="/feeds/7"' in page
    assert "tabuh feed show 7" in page

    client.cookies.set("tabuh_language", "id")
    page = client.get("/alerts").text
    assert "Tidak ada yang baru dari feed Drums &lt;b&gt; selama 3 hari; biasanya 7,5 per minggu." in page
    assert "Kunjungan Mading pada 23 November 2026: 5.200, 420% lebih banyak dari 1.000" in page


def count(page: str) -> str:
    found = re.search(r'href="/alerts"[^>]*>[^<]*<span class="badge warn">.*?</span>([\d.,]+)</span>', page)
    return found[1] if found else ""


def test_the_navigation_counts_what_nobody_has_seen(place: Installation) -> None:
    first, _ = open_alert(place), open_alert(place, good=True)
    client = place.signed_in()
    assert count(client.get("/").text) == "2"

    client.post("/alerts/seen", data={"alert": str(first.id)})
    assert count(client.get("/").text) == "1"
    client.post("/alerts/seen")
    assert count(client.get("/").text) == ""
    assert "Seen by owner." in client.get("/alerts").text


def test_an_empty_inbox_teaches(place: Installation) -> None:
    assert "Nothing is out of the ordinary" in place.signed_in().get("/alerts").text


def test_what_is_put_off_is_not_counted_until_then(place: Installation) -> None:
    row = open_alert(place)
    client = place.signed_in()
    client.post(f"/alerts/{row.id}/snooze", data={"hours": "24"})
    assert count(client.get("/").text) == ""
    place.later(hours=25)
    assert count(client.get("/").text) == "1"


def test_what_is_muted_is_listed_and_can_be_heard_again(place: Installation) -> None:
    row = open_alert(place)
    client = place.signed_in()
    client.post(f"/alerts/{row.id}/mute", data={"what": "both"})
    assert "Feed quiet: Drums &lt;b&gt;" in client.get("/alerts").text
    client.post("/alerts/unmute", data={"rule": row.rule, "subject": row.subject})
    with reading(place.engine) as session:
        assert alerts.mutes(session, place.workspace.id, now=NOW) == []


def test_a_reader_sees_alerts_and_changes_none(place: Installation) -> None:
    row = open_alert(place)
    client = place.signed_in(place.person("rani", Role.READER))
    assert "Put off or mute" not in client.get("/alerts").text
    assert client.post(f"/alerts/{row.id}/mute").status_code == 403
    assert client.post("/alerts/webhooks", data={"name": "x", "url": "https://a.example"}).status_code == 403


def test_alerts_of_other_workspaces_are_not_there(place: Installation) -> None:
    row = open_alert(place)
    with writing(place.engine) as session:
        other = people.add_workspace(session, "Other", now=NOW)
        session.get_one(AlertRow, row.id).workspace_id = other.id
        session.commit()
    client = place.signed_in()
    assert "Drums" not in client.get("/alerts").text
    assert client.get(f"/api/v1/alerts/{row.id}").status_code == 404


def test_a_person_chooses_how_to_be_told(place: Installation) -> None:
    client = place.signed_in()
    typed = {
        "email": "ani@a.example", "by_mail": "on", "digest": "07:00", "quiet": "22:00-06:30",
        "group-silence": "on",
    }  # fmt: skip
    assert client.post("/alerts/settings", data=typed).status_code == 303
    told = client.get("/api/v1/alerts/settings").json()
    assert told == {
        "email": "ani@a.example", "by_mail": True, "groups": ["silence"], "digest_hour": 7,
        "quiet": "22:00-06:30",
    }  # fmt: skip
    page = client.get("/alerts/settings").text
    assert 'value="22:00-06:30"' in page

    for wrong in ({"quiet": "late"}, {"email": "nobody"}, {"quiet": "07:00-07:00"}):
        answer = client.post("/alerts/settings", data={**typed, **wrong})
        assert answer.status_code == 422, wrong
        assert 'class="error"' in answer.text


def test_a_webhook_shows_its_secret_once_and_is_tested_rotated_and_removed(place: Installation) -> None:
    client = place.signed_in()
    with Loopback(lambda path, headers: (204, {}, b"")) as receiver:
        made = client.post("/alerts/webhooks", data={"name": "Hook", "url": f"{receiver.url}/secret-path",
                                                     "way": "webhook", "kind-test": "on"})  # fmt: skip
        assert re.search(r"whsec_[\w+/=]{40,}", made.text)
        page = client.get("/alerts/settings").text
        assert "whsec_" not in page
        assert "secret-path" not in page
        assert receiver.url in page
        [hook] = client.get("/api/v1/webhooks").json()
        assert hook["kinds"] == ["test"]
        assert "The tests were delivered" in _after(client, f"/alerts/webhooks/{hook['id']}/test")
        assert receiver.count() == 1
    assert "whsec_" in client.post(f"/alerts/webhooks/{hook['id']}/rotate").text
    assert "One test did not arrive" in _after(client, f"/alerts/webhooks/{hook['id']}/test")
    client.post(f"/alerts/webhooks/{hook['id']}/remove")
    assert client.get("/api/v1/webhooks").json() == []


def _after(client: Any, path: str) -> str:
    answer = client.post(path)
    assert answer.status_code == 303
    return str(client.get(answer.headers["location"]).text)


def test_a_wrong_webhook_is_refused_in_a_sentence_in_both_languages(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)  # as where the extra was not installed
    client = place.signed_in()
    answer = client.post("/alerts/webhooks", data={"name": "x", "url": "nowhere"})
    assert answer.status_code == 422
    assert "Write the webhook&#39;s whole address, such as https://example.org/hook." in answer.text
    client.cookies.set("tabuh_language", "id")
    answer = client.post("/alerts/webhooks", data={"name": "x", "url": "tgram://a/b", "way": "apprise"})
    assert "Apprise belum terpasang" in answer.text


def test_the_api_tells_alerts_rules_and_mutes(place: Installation) -> None:
    row = open_alert(place)
    client = place.signed_in()

    [told] = client.get("/api/v1/alerts").json()["rows"]
    assert (told["id"], told["rule"], told["group"]) == (str(row.id), "feed.quiet", "silence")
    assert told["words"]["id"]["what"].startswith("Tidak ada yang baru")
    assert told["link"] == "/feeds/7"
    assert client.post(f"/api/v1/alerts/{row.id}/seen").json()["seen_at"] is not None
    assert client.post(f"/api/v1/alerts/{row.id}/snooze", json={"hours": 5}).json()["snoozed_until"]
    assert {one["rule"] for one in client.get("/api/v1/alerts/rules").json()} == set(Rule)
    assert client.post("/api/v1/alerts/mutes", json={"rule": "feed.quiet"}).status_code == 201
    assert client.get("/api/v1/alerts/mutes").json()[0]["rule"] == "feed.quiet"
    assert client.delete("/api/v1/alerts/mutes?rule=feed.quiet").status_code == 204
    assert client.post("/api/v1/alerts/mutes", json={"rule": "nonsense"}).status_code == 422
    put = {"email": "a@b.example", "by_mail": True, "quiet": "22:00-07:00", "digest_hour": None}
    assert client.put("/api/v1/alerts/settings", json=put).json()["quiet"] == "22:00-07:00"
    tested = client.post("/api/v1/alerts/test").json()
    assert [(one["way"], one["state"]) for one in tested] == [("email", "waiting")]
    assert "TABUH_SMTP_HOST" in tested[0]["reason"]
    [listed] = client.get("/api/v1/alerts/deliveries").json()["rows"]
    assert listed["what"] == "A test"
    assert client.post(f"/api/v1/alerts/deliveries/{listed['id']}/again").json()["tries"] == 0


def test_pages_notice_that_the_scheduler_stands_still(place: Installation) -> None:
    with writing(place.engine) as session:
        installation.beat(session, now=NOW - timedelta(hours=2))
        session.commit()
    place.web = replace(place.web, ask=Asker(place.web.context).ask)
    client = place.signed_in()
    client.get("/")
    assert "The scheduler stands still" in client.get("/alerts").text
