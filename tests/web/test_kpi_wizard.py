"""The KPI wizard step by step without script, a KPI changed with a reason, and comments; by program too."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.person import Role
from store import kpis
from store.engine import reading, writing
from store.tables import PageCount
from tests.web.reading import in_language, notice, words
from tests.web.setting import NOW
from tests.web.test_kpi_pages import MONTH, Shop

API = "/api/v1/kpis"


@pytest.fixture
def shop(engine: Engine) -> Shop:
    """A page with a hundred visits on each of the last 84 days."""
    found = Shop(engine)
    with writing(engine) as session:
        for day in range(22, 85):
            session.add(
                PageCount(
                    channel_id=found.page.id, post_id=0, hour=NOW.replace(minute=0) - timedelta(days=day),
                    kind="visits", audience="human", shown=100,
                )
            )  # fmt: skip
        session.commit()
    return found


class Walk:
    """Goes through the wizard as a browser without script does: with all that the page holds."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.page = shop.browser.get("/kpis/new")

    @property
    def held(self) -> dict[str, str]:
        """Every field of the page's form with its value."""
        form = self.page.text.split('class="form kpi-form"')[1].split("</form>")[0]
        found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        found |= dict(re.findall(r'<input id="f-\w+" name="(\w+)" type="\w+" value="([^"]*)"', form))
        for name, body in re.findall(r'<select id="f-\w+" name="(\w+)".*?>(.*?)</select>', form, re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
            found[name] = chosen[1] if chosen else ""
        found |= dict(re.findall(r'type="radio" name="(\w+)" value="([^"]*)" checked', form))
        areas = r'<textarea id="f-\w+" name="(\w+)".*?>\n(.*?)</textarea>'
        found |= dict(re.findall(areas, form, re.DOTALL))
        return {name: html.unescape(value) for name, value in found.items()}

    def go(self, act: str = "next", **typed: str) -> Any:
        """Type, and press a button."""
        self.page = self.shop.browser.post("/kpis/new", data={**self.held, **typed, "act": act})
        return self.page

    @property
    def step(self) -> str:
        return re.search(r'name="step" value="(\w*)"', self.page.text)[1]  # type: ignore[index]


def test_six_steps_lead_from_a_goal_to_a_judged_target(shop: Shop) -> None:
    walk = Walk(shop)
    assert walk.step == "goal"
    walk.go(goal="traffic", audience="parents in Bandung")
    assert walk.step == "where"
    walk.go(scope=f"channel:{shop.page.id}")
    assert walk.step == "metric"
    assert "speak of your goal" in words(walk.page)
    assert re.search(r'<option value="(visits|clicks|views)"', walk.page.text)
    walk.go(metric="visits")
    assert walk.step == "target"
    assert "Last 4 weeks" in words(walk.page)
    assert "Last month" in words(walk.page)
    walk.go(target="3,300", every="month", starts_on="2026-12-01")
    assert walk.step == "care"
    assert "at least 3,300 a month" in walk.held["name"]
    walk.go(cadence="weekly", alert_rule="off_track", why="Courses fill.")
    assert walk.step == "check"

    said = words(walk.page)
    assert "Specific · Spesifik Passed" in said
    assert "Attainable · Dapat dicapai" in said
    assert "Chance of reaching it, by 12 weeks of your own:" in said
    assert re.search(r"You would need [+−][\d.]+% a week; you managed that in \d+ of 11 weeks", said)
    assert re.search(r"is reached with a chance of 50%, [\d,]+ with 20%", said)
    assert "Chance in each period" in said
    assert "1 Dec 2026 – 31 Dec 2026" in said
    assert "Past periods of the same length" in said

    assert "Added the KPI" in notice(shop.browser, walk.go("save"))
    [kpi] = shop.stored()
    assert (kpi.goal, kpi.audience, kpi.cadence, kpi.alert_rule) == (
        "traffic", "parents in Bandung", "weekly", "off_track",
    )  # fmt: skip
    assert (kpi.target, kpi.metric, kpi.scope) == (3300, "visits", {"channel_id": shop.page.id})
    assert (kpi.why, kpi.owner_id) == ("Courses fill.", shop.place.owner.id)


def test_a_step_back_keeps_what_was_typed(shop: Shop) -> None:
    walk = Walk(shop)
    walk.go(goal="traffic", audience="parents & <pupils>")
    walk.go()
    walk.go(metric="visits")

    walk.go("to:goal", target="12,5,0")

    assert walk.step == "goal"
    assert 'value="parents &amp; &lt;pupils&gt;"' in walk.page.text
    assert walk.held["target"] == "12,5,0"
    assert re.search(r'<option value="traffic" selected', walk.page.text)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"target": "many"}, "target", "Write a number such as"),
        ({"target": "0"}, "target", "by doing nothing"),
        ({"target": "5", "every": "once"}, "deadline", "needs a deadline"),
        ({"target": "5", "starts_on": "soon"}, "starts_on", "This is no day"),
        ({"target": "20", "kind": "relative", "baseline": "0"}, "baseline", "The baseline is 0"),
    ],
)
def test_a_step_is_left_when_it_can_be_read(
    shop: Shop, typed: dict[str, str], field: str, sentence: str
) -> None:
    walk = Walk(shop)
    walk.go()
    walk.go()
    walk.go(metric="visits")

    answer = walk.go(**typed)

    assert (answer.status_code, walk.step) == (422, "target")
    beside = re.search(rf'id="e-{field}">(.*?)</p>', answer.text, re.DOTALL)
    assert beside
    assert sentence in beside[1]


def test_a_target_without_enough_data_says_how_much_there_is(engine: Engine) -> None:
    walk = Walk(Shop(engine))
    walk.go()
    walk.go()
    walk.go(metric="visits")
    walk.go(target="4000")
    walk.go()

    said = words(walk.page)
    assert "Not enough data: you have 3 weeks and 8 are needed; we cannot judge this yet." in said
    assert "Save all the same" in said
    assert "It says no business goal." in said


def test_the_last_step_speaks_indonesian(shop: Shop) -> None:
    in_language(shop.browser, "id")
    walk = Walk(shop)
    walk.go(goal="traffic")
    walk.go()
    walk.go(metric="visits")
    walk.go(target="20", kind="relative", every="month", starts_on="2026-12-01", baseline="3000")
    walk.go()

    said = words(walk.page)
    wish = "Naikkan kunjungan di seluruh ruang kerja 20% mulai 1 Desember 2026, dari 3.000 menjadi 3.600"
    assert wish in said
    assert "Dapat dicapai · Attainable" in said
    assert "Peluang mencapainya, menurut 12 minggu data sendiri" in said


def test_forged_steps_and_acts_are_no_error(shop: Shop) -> None:
    for data in (
        {"step": "nowhere", "act": "next"},
        {"step": "care", "act": "to:nowhere"},
        {"step": "check", "act": "x"},
    ):
        assert shop.browser.post("/kpis/new", data=data).status_code in (200, 422)
    assert shop.browser.get("/kpis/new?step=nowhere").status_code == 200


def test_a_kpi_is_changed_with_a_reason_and_shows_its_versions(shop: Shop) -> None:
    shop.add()
    [kpi] = shop.stored()
    page = shop.browser.get(f"/kpis/{kpi.id}/edit")
    assert 'value="5,000"' in page.text

    typed = {"name": "Visits in a month", "kind": "absolute", "target": "4,000", "direction": "up"}
    silent = shop.browser.post(f"/kpis/{kpi.id}/edit", data=typed)
    assert silent.status_code == 422
    assert "Say why the target is changed" in words(silent)
    told = shop.browser.post(f"/kpis/{kpi.id}/edit", data={**typed, "because": "Fewer posts now."})
    assert "Changed. Periods that are over stay as they were judged." in notice(shop.browser, told)

    said = words(shop.browser.get(f"/kpis/{kpi.id}"))
    assert "at least 4,000 a month" in said
    assert "Version 2" in said
    assert "Target: 5,000 → 4,000" in said
    assert "Fewer posts now." in said


def test_comments_stand_on_the_page_as_they_were_typed(shop: Shop) -> None:
    shop.add()
    [kpi] = shop.stored()

    assert "Said." in notice(
        shop.browser, shop.browser.post(f"/kpis/{kpi.id}/comments", data={"text": "<b>Well</b> done"})
    )
    empty = shop.browser.post(f"/kpis/{kpi.id}/comments", data={"text": " "})

    assert "Write a comment of 1 to 2,000 characters." in notice(shop.browser, empty)
    assert "&lt;b&gt;Well&lt;/b&gt; done" in shop.browser.get(f"/kpis/{kpi.id}").text


def test_a_reader_neither_adds_nor_changes_nor_comments(shop: Shop) -> None:
    shop.add()
    [kpi] = shop.stored()
    guest = shop.place.signed_in(shop.place.person("Tamu", Role.READER))

    assert guest.get("/kpis/new").status_code == 403
    assert guest.get(f"/kpis/{kpi.id}/edit").status_code == 403
    assert guest.post(f"/kpis/{kpi.id}/edit", data=MONTH).status_code == 403
    assert guest.post(f"/kpis/{kpi.id}/comments", data={"text": "x"}).status_code == 403
    assert guest.post(f"{API}/check", json={"name": "x", "metric": "visits", "target": 5}).status_code == 403
    assert guest.patch(f"{API}/{kpi.id}", json={"target": 5}).status_code == 403
    assert "Say something about it" not in words(guest.get(f"/kpis/{kpi.id}"))


def test_a_program_checks_adds_changes_and_reads_versions(shop: Shop) -> None:
    body = {"name": "Visits: at least 3,300 a month", "metric": "visits", "target": 3300, "every": "month"}

    judged = shop.browser.post(f"{API}/check", json=body).json()

    assert [one["check"] for one in judged["checks"]] == [
        "specific", "measurable", "attainable", "relevant", "timely",
    ]  # fmt: skip
    assert judged["checks"][0]["name"] == {"en": "Specific", "id": "Spesifik"}
    assert judged["refused"] is False
    seen = judged["attainability"]
    assert (seen["weeks"], seen["weeks_needed"]) == (12, 8)
    assert 0 < seen["chance"] < 1
    assert seen["even"] < seen["bold"]
    assert seen["climb"]["weeks"] == 11
    assert shop.stored() == []

    refused = shop.browser.post(f"{API}/check", json={**body, "every": "once"}).json()
    assert refused["refused"] is True
    assert refused["attainability"] is None
    assert "needs a deadline" in refused["checks"][4]["reasons"][0]["en"]

    added = shop.browser.post(API, json={**body, "goal": "traffic", "alert_rule": "reached"}).json()
    assert (added["version"], added["alert_rule"], added["goal"]) == (1, "reached", "traffic")
    assert {one["check"] for one in added["warned"]} >= {"specific", "timely"}

    silent = shop.browser.patch(f"{API}/{added['id']}", json={"target": 3000})
    assert silent.status_code == 422
    changed = shop.browser.patch(
        f"{API}/{added['id']}", json={"target": 3000, "deadline": "2027-06-30", "because": "less"}
    ).json()
    assert (changed["target"], changed["deadline"], changed["version"]) == (3000, "2027-06-30", 2)
    open_again = shop.browser.patch(
        f"{API}/{added['id']}", json={"deadline": None, "because": "goes on"}
    ).json()
    assert (open_again["deadline"], open_again["target"]) == (None, 3000)
    versions = shop.browser.get(f"{API}/{added['id']}/versions").json()
    assert [one["version"] for one in versions] == [3, 2]
    assert versions[1]["changed"]["target"] == [3300, 3000]

    said = shop.browser.post(f"{API}/{added['id']}/comments", json={"text": "Well done"})
    assert said.status_code == 201
    assert [one["text"] for one in shop.browser.get(f"{API}/{added['id']}/comments").json()] == ["Well done"]


def test_a_program_reads_goals_and_what_a_scope_can_be_measured_by(shop: Shop) -> None:
    goals = shop.browser.get("/api/v1/kpi-goals").json()
    offered = shop.browser.get("/api/v1/kpi-metrics", params={"goal": "traffic"}).json()

    assert {"awareness", "traffic", "own"} <= {one["key"] for one in goals}
    assert offered["able"][0]["fits"] is True
    assert "reach" in {one["key"] for one in offered["unable"]}
    assert all(one["reasons"] for one in offered["unable"])
    elsewhere = shop.browser.get("/api/v1/kpi-metrics", params={"scope": "channel:77"})
    assert elsewhere.status_code == 404


def test_another_workspaces_kpi_is_not_there(shop: Shop) -> None:
    with reading(shop.place.engine) as session:
        assert kpis.listed(session, shop.place.workspace.id) == []
    for call in (
        shop.browser.get("/kpis/77/edit"),
        shop.browser.post("/kpis/77/edit", data=MONTH),
        shop.browser.post("/kpis/77/comments", data={"text": "x"}),
        shop.browser.patch(f"{API}/77", json={"target": 5, "because": "x"}),
        shop.browser.get(f"{API}/77/versions"),
        shop.browser.get(f"{API}/77/comments"),
    ):
        assert call.status_code == 404
