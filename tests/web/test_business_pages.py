"""Business figures as pages and for programs: brought in, looked at, undone; surveys are answered."""

import re
from html import unescape

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from domain.person import Role, Scope
from store import tables
from tests.web.reading import in_language
from tests.web.setting import Installation
from tests.web.test_api_base import program

ADS = (
    "day,campaign,spend,impressions,link clicks\n"
    "2026-01-05,Spring,10.50,1000,21\n2026-01-06,Spring,4.5,500,9\n"
)
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"}


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine, public_url="https://tabuh.example")


def look(client: TestClient, kind: str, text: str, **fields: str) -> str:
    files = {"file": ("a.csv", text.encode(), "text/csv")}
    return client.post(f"/business/import/{kind}", data={"act": "look", **fields}, files=files).text


def carried(page: str) -> dict[str, str]:
    form = page.split('<form class="actions"')[1].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


def answers(place: Installation) -> list[tuple[int, str]]:
    with Session(place.engine) as session:
        return sorted((row.score, row.words) for row in session.scalars(select(tables.Answer)))


@pytest.mark.parametrize(
    "path", ["", "/surveys", "/brands", "/testimonials", "/connectors", "/import/ads", "/import/orders"]
)
@pytest.mark.parametrize("language", ["en", "id"])
def test_every_page_has_an_empty_state_in_both_languages(
    place: Installation, path: str, language: str
) -> None:
    client = in_language(place.signed_in(), language)

    answer = client.get(f"/business{path}")

    assert answer.status_code == 200
    assert f'lang="{language}"' in answer.text


def test_a_table_is_looked_at_then_kept_then_undone(place: Installation) -> None:
    client = place.signed_in()
    fields = {"fixed-platform": "x", "fixed-currency": "USD"}

    page = look(client, "ads", ADS, **fields)
    assert "Keep 2 rows" in page
    assert "Link clicks" in page
    client.post("/business/import/ads", data={**carried(page), "act": "import"})

    whole = client.get("/business?days=365").text
    assert "15 USD" in unescape(whole)
    assert "0.5 USD" in unescape(whole)
    again = look(client, "ads", ADS, **fields)
    assert "There is nothing to import." in again

    [undo] = re.findall(r"/business/imports/\d+/undo", whole)
    client.post(undo)
    assert "No ad spend was brought in yet" in unescape(client.get("/business").text)


def test_faults_are_shown_with_their_rows_and_columns_can_be_changed(place: Installation) -> None:
    client = place.signed_in()

    assert "say it for the whole file" in unescape(look(client, "ads", ADS))
    page = look(client, "ads", ADS + "2026-13-01,Spring,1,1,1\n", **{"fixed-platform": "x"})

    assert "The row names no currency. Say above which one it is." in unescape(page)
    assert "Cannot read the day" in unescape(page)
    changed = client.post(
        "/business/import/ads",
        data={**carried(page), "column-link_clicks": "impressions", "column-impressions": "", "act": "look"},
    )
    assert "impressions" in changed.text


def test_a_reader_may_look_and_bring_nothing_in(place: Installation) -> None:
    client = place.signed_in(place.person("Rina", Role.READER))

    assert client.get("/business").status_code == 200
    assert client.get("/business/import/ads").status_code == 403
    assert client.post("/business/surveys", data={"name": "A", "kind": "nps"}).status_code == 403


def test_the_api_brings_in_and_undoes_with_the_same_faults(place: Installation) -> None:
    client = program(place, Scope.WRITE)
    body = {"csv": ADS, "fixed": {"platform": "x"}}

    refused = client.post("/api/v1/imports/ads", json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["where"] == "row 2"

    kept = client.post("/api/v1/imports/ads", json={**body, "fixed": {"platform": "x", "currency": "USD"}})
    assert (kept.status_code, kept.json()["added"]) == (201, 2)
    figures = {one["key"]: one for one in client.get("/api/v1/business?days=365").json()["figures"]}
    assert (figures["ad_spend"]["value"], figures["ad_spend"]["passport"]["currency"]) == (15, "USD")
    assert figures["orders"]["absence"] == "not_supplied"
    undone = client.post(f"/api/v1/imports/{kept.json()['id']}/undo")
    assert undone.json()["undone_at"] is not None
    assert client.get("/api/v1/imports").json()["rows"][0]["kind"] == "ads"
    assert {one["kind"] for one in client.get("/api/v1/imports/kinds").json()} >= {"ads", "orders"}


def survey(place: Installation, **changes: str) -> str:
    """A survey by the page; its address."""
    client = place.signed_in()
    client.post("/business/surveys", data={"name": "Happy", "kind": "nps", **changes})
    [found] = client.get("/api/v1/surveys").json()["rows"]
    assert found["address"].startswith("https://tabuh.example/s/")
    return str(found["address"].removeprefix("https://tabuh.example"))


def test_a_survey_is_answered_without_script_and_once_a_day(place: Installation) -> None:
    path = survey(place)
    reader = place.public()
    page = reader.get(path, headers=BROWSER)
    assert page.text.count('type="radio"') == 11
    assert "<script" not in page.text

    first = reader.post(path, data={"score": "9", "words": "fine"}, headers=BROWSER)
    second = reader.post(path, data={"score": "0"}, headers=BROWSER)

    assert "Your answer is noted" in first.text
    assert "answered already" in second.text
    assert answers(place) == [(9, "fine")]
    place.later(days=1)
    reader.post(path, data={"score": "3"}, headers=BROWSER)
    assert answers(place) == [(3, ""), (9, "fine")]
    [found] = place.signed_in().get("/api/v1/surveys").json()["rows"]
    assert (found["opened"], found["answered"]) == (1, 2)


def test_programs_that_look_are_not_counted_as_opening(place: Installation) -> None:
    path = survey(place)
    place.public().get(path, headers={"user-agent": "Slackbot-LinkExpanding 1.0"})
    place.public().head(path, headers=BROWSER)

    [found] = place.signed_in().get("/api/v1/surveys").json()["rows"]

    assert (found["opened"], found["rate"]) == (0, None)


def test_a_personal_link_takes_one_answer_and_a_forged_one_none(place: Installation) -> None:
    path = survey(place)
    client = place.signed_in()
    [found] = client.get("/api/v1/surveys").json()["rows"]
    [one, two] = client.post(f"/api/v1/surveys/{found['id']}/links", json={"count": 2}).json()["links"]
    reader = place.public()

    for link in (one, one, two):
        reader.post(link.removeprefix("https://tabuh.example"), data={"score": "10"}, headers=BROWSER)
    forged = reader.post(f"{path}?t=aaaaaaaaaa0123456789abcdef", data={"score": "0"}, headers=BROWSER)

    assert answers(place) == [(10, ""), (10, "")]
    assert forged.status_code == 422
    assert "damaged" in forged.text


@pytest.mark.parametrize("score", ["", "11", "-1", "x", "٣", "1.5"])
def test_an_answer_off_the_scale_is_refused_and_what_was_written_stays(
    place: Installation, score: str
) -> None:
    answer = place.public().post(survey(place), data={"score": score, "words": "kept"}, headers=BROWSER)

    assert answer.status_code == 422
    assert "Choose an answer from 0 to 10." in answer.text
    assert "kept" in answer.text
    assert answers(place) == []


def test_a_closed_survey_says_so_and_takes_nothing(place: Installation) -> None:
    path = survey(place)
    client = place.signed_in()
    [found] = client.get("/api/v1/surveys").json()["rows"]
    client.post(f"/business/surveys/{found['id']}/close")

    answer = place.public().post(path, data={"score": "5"}, headers=BROWSER)

    assert "This survey is closed" in answer.text
    assert answers(place) == []


def test_a_survey_ends_with_its_last_day(place: Installation) -> None:
    path = survey(place, closes=f"{place.now:%Y-%m-%d}")
    assert place.public().get(path, headers=BROWSER).text.count('type="radio"') == 11
    place.later(days=2)
    assert "This survey is closed" in place.public().get(path, headers=BROWSER).text


def test_the_usual_question_is_asked_in_the_readers_language(place: Installation) -> None:
    path = survey(place, kind="csat")

    page = place.public().get(path, headers={**BROWSER, "accept-language": "id"}).text

    assert 'lang="id"' in page
    assert "How satisfied" not in page


def test_a_link_to_no_survey_is_not_found(place: Installation) -> None:
    assert place.public().get("/s/abcdefgh").status_code == 404


def test_neither_address_nor_browser_of_who_answered_is_stored(place: Installation) -> None:
    place.public().post(survey(place), data={"score": "5"}, headers=BROWSER)

    with Session(place.engine) as session:
        stored = str([row.model_dump() for row in session.scalars(select(tables.Answer))])

    assert "testclient" not in stored
    assert "Firefox" not in stored


def test_brands_and_mentions_are_kept_by_pages_and_api(place: Installation) -> None:
    client = place.signed_in()
    client.post("/business/brands", data={"act": "add", "name": "Tabuh", "own": "on"})
    client.post("/business/brands", data={"act": "add", "name": "Gong"})
    own, other = client.get("/api/v1/brands").json()["rows"]
    assert (own["name"], own["is_own"], other["is_own"]) == ("Tabuh", True, False)
    for brand, number in ((own, 30), (other, 10)):
        fields = {"day": f"{place.now:%Y-%m-%d}", "number": str(number), "source": "news"}
        client.post("/business/brands", data={"act": "note", "brand": brand["id"], **fields})
    place.later(days=1)

    figures = {one["key"]: one for one in client.get("/api/v1/business").json()["figures"]}

    assert figures["share_of_voice"]["value"] == 75
    low, high = figures["share_of_voice"]["interval"]
    assert low < 75 < high
    second = client.post("/business/brands", data={"act": "add", "name": "Third", "own": "on"})
    assert second.status_code == 303
    assert "is the own brand already" in unescape(client.get("/business/brands").text)


def test_testimonials_are_judged_by_a_person(place: Installation) -> None:
    client = place.signed_in()
    client.post("/business/testimonials", data={"text": "Lovely", "rater": "Ayu", "consent": "on"})
    refused = client.post("/business/testimonials", data={"text": "Nice", "rater": "Budi"})
    assert refused.status_code == 422
    [row] = client.get("/api/v1/testimonials").json()["rows"]
    assert (row["rater"], row["is_positive"]) == ("Ayu", None)

    client.post(f"/business/testimonials/{row['id']}/judge", data={"positive": "yes"})

    figures = {one["key"]: one for one in client.get("/api/v1/business").json()["figures"]}
    assert figures["testimonials"]["value"] == 1


def test_a_connector_that_cannot_be_read_is_refused_and_its_key_not_shown_again(place: Installation) -> None:
    client = place.signed_in()
    fields = {
        "name": "M",
        "tool": "matomo",
        "site": "1",
        "address": "https://127.0.0.1:1",
        "key": "secret-token",
    }

    answer = client.post("/business/connectors", data=fields)

    assert answer.status_code == 422
    assert "secret-token" not in answer.text
    assert client.get("/api/v1/connectors").json()["rows"] == []
