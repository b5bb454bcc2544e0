"""Reports on pages, over the API, at secret addresses, and as files."""

import csv
import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.person import Role
from scheduler.reporting import write_report
from store.due import claim_due
from store.engine import reading, writing
from store.tables import ReportLink, ReportRow
from tests.web.filled import fill
from tests.web.reading import in_language, notice, words
from tests.web.setting import Installation


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


def work(place: Installation) -> ReportRow:
    with writing(place.engine) as session:
        [row] = claim_due(session, ReportRow, now=place.now, lease=timedelta(minutes=5), limit=2)
    write_report(place.web.context, row)
    with reading(place.engine) as session:
        return session.get_one(ReportRow, row.id)


def test_a_report_is_asked_for_watched_and_read_in_both_languages(place: Installation) -> None:
    fill(place)
    browser = place.signed_in()
    assert "No report was written yet" in words(browser.get("/reports"))

    answer = browser.post("/reports", data={"every": "week", "day": ""})
    waiting = browser.get(answer.headers["location"])
    assert "The report is being written: 0 of 7 chapters." in words(waiting)
    row = work(place)

    english = words(browser.get(f"/reports/{row.id}"))
    assert "Weekly report" in english
    assert "What happened" in english
    assert "posts went out, after" in english
    indonesian = words(in_language(browser, "id").get(f"/reports/{row.id}"))
    assert "Laporan mingguan" in indonesian
    assert "pos terbit, setelah" in indonesian
    assert f"/reports/{row.id}" in browser.get("/reports").text


def test_each_file_says_the_same(place: Installation) -> None:
    fill(place)
    browser = place.signed_in()
    browser.post("/reports", data={"every": "month"})
    row = work(place)

    def file(kind: str) -> bytes:
        answer = browser.get(f"/reports/{row.id}/file/{kind}")
        assert answer.status_code == 200
        assert f"report-{row.first_day}-month." in answer.headers["content-disposition"]
        return bytes(answer.content)

    assert file("pdf").startswith(b"%PDF-")
    markdown, document = file("markdown").decode(), json.loads(file("json"))
    table = list(csv.DictReader(io.StringIO(file("csv").decode())))
    [posts] = [line for line in table if line["key"] == "posts_published"]
    frozen = {line["key"]: line for line in document["report"]["figures"]}
    assert float(posts["value"]) == frozen["posts_published"]["value"]
    assert document["said"]["happened"][0]["text"] in markdown
    page = file("html").decode()
    assert "<script" not in page
    assert "<svg" in page
    assert "http" not in page.split("<svg", 1)[0], "it asks no server for anything"
    assert browser.get(f"/reports/{row.id}/file/exe").status_code == 404


def test_a_link_is_shown_once_opens_without_signing_in_and_ends(place: Installation) -> None:
    fill(place)
    browser, stranger = place.signed_in(), place.public()
    browser.post("/reports", data={"every": "week"})
    row = work(place)

    made = browser.post(f"/reports/{row.id}/links", data={"name": "Sari", "days": "7", "language": "id"})
    with reading(place.engine) as session:
        [link] = session.scalars(select(ReportLink))
    path = "/report/" + made.text.partition("/report/")[2].partition("<")[0]
    read = stranger.get(path)

    assert read.status_code == 200
    assert "Laporan mingguan" in words(read)
    assert read.headers["x-robots-tag"] == "noindex"
    assert stranger.get(f"{path}/pdf").content.startswith(b"%PDF-")
    assert path not in browser.get(f"/reports/{row.id}").text
    assert "once, " in words(browser.get(f"/reports/{row.id}"))
    ended = browser.post(f"/reports/{row.id}/links/{link.id}/revoke")
    assert "The link for Sari is closed." in notice(browser, ended)
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}/pdf").status_code == 404


def test_plans_are_made_and_stopped_and_mistakes_stay_typed(place: Installation) -> None:
    browser = place.signed_in()
    typed = {"plan_every": "quarter", "hour": "6", "language": "id"}
    typed["recipients"] = "sari@toko.example\nnobody"

    wrong = browser.post("/reports/plans", data=typed)
    assert wrong.status_code == 422
    assert "'nobody' is no mail address." in words(wrong)
    assert "sari@toko.example" in wrong.text
    right = browser.post("/reports/plans", data={**typed, "recipients": "sari@toko.example"})

    assert "The first report comes" in notice(browser, right)
    assert "sari@toko.example" in words(browser.get("/reports"))


def test_who_may_only_see_reads_and_makes_nothing(place: Installation) -> None:
    viewer = place.signed_in(place.person("Vi", Role.READER))

    assert viewer.get("/reports").status_code == 200
    assert viewer.post("/reports", data={"every": "week"}).status_code == 403
    assert viewer.post("/reports/plans", data={"plan_every": "week"}).status_code == 403


def test_programs_ask_read_and_share(place: Installation) -> None:
    fill(place)
    browser = place.signed_in()

    asked = browser.post("/api/v1/reports", json={"every": "week"})
    assert asked.status_code == 201, asked.text
    early = browser.get(f"/api/v1/reports/{asked.json()['id']}")
    assert early.status_code == 422
    row = work(place)

    whole = browser.get(f"/api/v1/reports/{row.id}?language=id").json()
    assert whole["title"].startswith("Laporan mingguan")
    assert {"chapter", "text", "about", "tone"} == set(whole["said"][0])
    made = browser.post(f"/api/v1/reports/{row.id}/links", json={"name": "Sari", "days": 3}).json()
    assert place.public().get(made["address"].removeprefix(place.public_url)).status_code == 200
    plan = browser.post("/api/v1/report-plans", json={"every": "month", "recipients": ["a@b.example"]}).json()
    assert [one["id"] for one in browser.get("/api/v1/report-plans").json()["rows"]] == [plan["id"]]
    assert browser.post("/api/v1/report-plans", json={"every": "year"}).status_code == 422
    assert [one["id"] for one in browser.get("/api/v1/reports").json()["rows"]] == [str(row.id)]


def test_a_report_holds_no_formula_for_spreadsheets_and_no_markup_for_typst(place: Installation) -> None:
    channel = place.page()
    place.post(channel, '=HYPERLINK("x") #panic("boom") *bold* <b>', age=timedelta(days=7))
    browser = place.signed_in()
    browser.post("/reports", data={"every": "week"})
    row = work(place)

    assert browser.get(f"/reports/{row.id}/file/pdf").content.startswith(b"%PDF-")
    page = browser.get(f"/reports/{row.id}/file/html").text
    assert "<b>" not in page
    for line in csv.reader(io.StringIO(browser.get(f"/reports/{row.id}/file/csv").text)):
        assert not any(cell.startswith(("=", "@")) for cell in line)
