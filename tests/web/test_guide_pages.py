"""The KPI guide on pages, as files, over the API, and at secret addresses."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.person import Role
from scheduler.guiding import look_after
from store.engine import reading, writing
from store.people import token_hash
from store.tables import GuideLink, GuideReceipt, Kpi, Workspace
from tests.web.filled import fill
from tests.web.reading import in_language, notice, words
from tests.web.setting import OWN, Installation

HOSTILE = '<script>alert(1)</script> **bold** | "quote" #eval("panic()") [x](javascript:alert(2)) $x$ `c`'


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


def filled(place: Installation, **values: object) -> Kpi:
    """A filled workspace; the first KPI gets these values."""
    fill(place)
    with writing(place.engine) as session:
        kpi = session.scalars(select(Kpi).order_by(Kpi.id)).first()  # type: ignore[arg-type]
        assert kpi is not None
        for name, value in values.items():
            setattr(kpi, name, value)
        session.commit()
    return kpi


def shared(place: Installation, **typed: str) -> str:
    """A new link's path."""
    made = place.signed_in().post("/kpis/guide/links", data={"name": "Board", "days": "7", **typed})
    assert made.status_code == 200, made.text
    address = made.text.partition("<code>")[2].partition("</code>")[0]
    assert address.startswith("http://localhost:8000/guide/")
    return address.removeprefix("http://localhost:8000")


def test_without_a_kpi_the_page_teaches(place: Installation) -> None:
    browser = place.signed_in()

    assert "It writes itself from the first KPI on" in words(browser.get("/kpis/guide"))
    assert "No KPI guide yet" in words(browser.get("/kpis/guide/versions"))
    assert browser.get("/kpis/guide/file/pdf").status_code == 404
    assert browser.get("/api/v1/kpi-guide").status_code == 404
    assert browser.get("/api/v1/kpi-guide/versions").json()["rows"] == []


def test_every_kpi_has_a_sheet_that_answers_all_questions_in_both_languages(place: Installation) -> None:
    kpi = filled(place, audience="parents in Bandung", goal="traffic", cadence="weekly")
    browser = place.signed_in()

    page = browser.get("/kpis/guide")
    english = words(page)
    with reading(place.engine) as session:
        names = [one.name for one in session.scalars(select(Kpi).where(Kpi.closed_at.is_(None)))]  # type: ignore[union-attr]
    assert len(names) == 5
    assert all(name in english for name in names)
    for text in (
        "KPI guide, version 1: ", "5 KPIs.", "Contents", "What this version changed", "Visits (Kunjungan)",
        "What it means",
        "Formula", "Denominator", "none: it is not divided", "Source", "counted by Tabuh",
        "How much is measured",
        "The shop lives from readers who come back.", "Bring readers to the site", "parents in Bandung",
        "Owner", "Every week", "How to read it:", "When somebody is told", "Last audit", "Comments",
        "Followers", "Baseline",
    ):  # fmt: skip
        assert text in english, text
    assert f'id="kpi-{kpi.id}"' in page.text
    assert f'href="#kpi-{kpi.id}"' in page.text
    indonesian = words(in_language(browser, "id").get("/kpis/guide"))
    for text in ("Panduan KPI", "Kunjungan (Visits)", "Cara membacanya:", "Penyebut", "Daftar isi"):
        assert text in indonesian, text
    assert "/kpis/guide" in browser.get("/kpis").text


def test_each_file_says_the_same_and_hostile_words_stay_words(place: Installation) -> None:
    filled(place, name=f"Visits {HOSTILE}"[:120], why=HOSTILE, audience=HOSTILE, goal_words=HOSTILE)
    browser = place.signed_in()

    page = browser.get("/kpis/guide").text
    assert "<script>alert(1)" not in page
    assert "javascript:alert(2)" in page, "as plain words"
    assert 'href="javascript' not in page

    def file(kind: str) -> bytes:
        answer = browser.get(f"/kpis/guide/file/{kind}")
        assert answer.status_code == 200, kind
        assert 'filename="kpi-guide-v1.' in answer.headers["content-disposition"]
        return bytes(answer.content)

    alone = file("html").decode()
    assert "<script" not in alone
    assert 'href="javascript' not in alone
    assert "http" not in alone.replace("https://", "http").partition("<body>")[0], (
        "it asks no server for anything"
    )
    markdown = file("markdown").decode()
    assert "<script>" not in markdown.replace("\\<script\\>", "")
    assert "\\*\\*bold\\*\\* \\| " in markdown
    assert file("pdf").startswith(b"%PDF-")
    document = json.loads(file("json"))
    assert document["kpis"][0]["values"]["why"] == HOSTILE
    assert browser.get("/kpis/guide/file/exe").status_code == 404
    assert browser.get("/kpis/guide/file/csv").status_code == 404


def test_versions_are_listed_with_what_changed_and_old_ones_are_read_as_they_were(
    place: Installation,
) -> None:
    kpi = filled(place)
    browser = place.signed_in()
    browser.get("/kpis/guide")
    before = browser.get("/api/v1/kpi-guide?version=1").json()
    assert before["current"]
    place.later(days=1)
    changed = browser.patch(f"/api/v1/kpis/{kpi.id}", json={"target": 6000, "because": "more parents ask"})
    assert changed.status_code == 200, changed.text

    listed = words(browser.get("/kpis/guide/versions"))
    assert "Version 2" in listed
    assert f"Changed: {kpi.name} (Target), by {place.owner.name}, " in listed
    assert "Because: more parents ask." in listed
    old = browser.get("/kpis/guide/versions/1")
    assert "This is an older version, as it was frozen." in words(old)
    assert "5,000" in words(old)
    assert "6,000" in words(browser.get("/kpis/guide"))
    after = browser.get("/api/v1/kpi-guide?version=1").json()
    assert not after["current"]
    assert {**after, "current": True} == before
    assert browser.get("/kpis/guide/versions/7").status_code == 404
    rows = browser.get("/api/v1/kpi-guide/versions?limit=1").json()
    assert [one["number"] for one in rows["rows"]] == [2]
    more = browser.get(f"/api/v1/kpi-guide/versions?limit=1&cursor={rows['next_cursor']}").json()
    assert ([one["number"] for one in more["rows"]], more["next_cursor"]) == ([1], None)


def test_a_member_confirms_and_everybody_sees_who_has_not(place: Installation) -> None:
    filled(place)
    reader = place.signed_in(place.person("Rani", Role.READER))
    assert "0 of " in words(reader.get("/kpis/guide"))

    answer = reader.post("/kpis/guide/read", data={"number": "1"})

    assert "Noted: you have read version 1." in notice(reader, answer)
    place.later(days=4)
    asked = "You have not confirmed yet that you read version 1 of the KPI guide."
    assert asked not in words(reader.get("/")) + words(reader.get("/kpis"))
    assert asked in words(place.signed_in().get("/"))
    assert asked in words(place.signed_in().get("/kpis"))
    page = words(reader.get("/kpis/guide"))
    assert "You confirmed that you have read version 1." in page
    assert "1 of " in page
    owner = place.signed_in()
    assert "not yet; waits since" in words(owner.get("/kpis/guide"))
    found = owner.get("/api/v1/kpi-guide/receipts").json()
    by_name = {one["name"]: one for one in found["readers"]}
    assert by_name["Rani"]["read_at"] is not None
    assert by_name[place.owner.name]["waiting_since"] is not None
    made = owner.post("/api/v1/kpi-guide/receipts", json={})
    assert (made.status_code, made.json()["name"]) == (201, place.owner.name)
    for wrong in ("", "x", "9", "-1", "٣", "9" * 30):
        assert owner.post("/kpis/guide/read", data={"number": wrong}).status_code in (404, 422), wrong


def test_who_may_only_see_makes_and_ends_no_link(place: Installation) -> None:
    filled(place)
    shared(place)
    with reading(place.engine) as session:
        [link] = session.scalars(select(GuideLink))
    viewer = place.signed_in(place.person("Vi", Role.READER))

    assert viewer.get("/kpis/guide").status_code == 200
    assert "Make a link" not in words(viewer.get("/kpis/guide"))
    assert viewer.post("/kpis/guide/links", data={"name": "x"}).status_code == 403
    assert viewer.post(f"/kpis/guide/links/{link.id}/revoke").status_code == 403
    assert viewer.post("/api/v1/kpi-guide/links", json={"name": "x"}).status_code == 403
    assert viewer.get("/api/v1/kpi-guide/links").status_code == 200
    for path in ("/kpis/guide", "/kpis/guide/versions", "/kpis/guide/file/pdf", "/api/v1/kpi-guide"):
        assert place.private().get(path).status_code in (303, 401), path


def test_a_link_opens_quietly_until_it_ends_or_is_revoked_and_all_closed_ones_answer_alike(
    place: Installation,
) -> None:
    filled(place)
    path, other = shared(place, language="id"), shared(place, days="30")
    stranger = place.public()

    read = stranger.get(path)
    assert read.status_code == 200
    assert "Panduan KPI" in words(read)
    assert read.headers["x-robots-tag"] == "noindex, nofollow"
    assert read.headers["referrer-policy"] == "no-referrer"
    assert read.headers["cache-control"] == "private, no-store"
    assert "set-cookie" not in read.headers
    assert stranger.get(f"{path}/pdf").content.startswith(b"%PDF-")
    assert stranger.get(f"{path}/exe").status_code == 404
    with reading(place.engine) as session:
        rows = session.scalars(select(GuideLink)).all()
        assert {row.token_hash for row in rows} == {
            token_hash(one.rpartition("/")[2]) for one in (path, other)
        }
    assert path not in place.signed_in().get("/kpis/guide").text
    assert "once, " in words(place.signed_in().get("/kpis/guide"))

    place.later(days=7, microseconds=-1)
    assert stranger.get(path).status_code == 200
    place.later(microseconds=1)
    ended = stranger.get(path)
    revoked = [row.id for row in rows if row.expires_at > place.now]
    answer = place.signed_in().post(f"/kpis/guide/links/{revoked[0]}/revoke")
    assert answer.status_code == 303
    answers = [
        stranger.get(one)
        for one in (path, other, "/guide/" + "x" * 43, "/guide/short", f"/guide/{'y' * 900}")
    ]
    assert {one.status_code for one in (ended, *answers)} == {404}
    assert len({one.text for one in (ended, *answers)}) == 1
    for one in (path, other):
        assert stranger.get(f"{one}/pdf").status_code == 404
        assert stranger.post(f"{one}/read", data={"name": "x", "number": "1"}).status_code == 404


def test_a_reader_with_a_link_says_so_by_name_and_not_without_end(place: Installation) -> None:
    filled(place)
    path, stranger = shared(place), place.public()
    typed = {"name": "Ibu <b>Ratna</b>", "number": "1"}

    assert "Your name" in words(stranger.get(path))
    empty = stranger.post(f"{path}/read", data={**typed, "name": " "})
    assert empty.status_code == 422
    assert "Write your name in 1 to 80 characters." in words(empty)
    done = stranger.post(f"{path}/read", data=typed)
    assert "Noted, with the name that you wrote." in words(done)
    page = place.signed_in().get("/kpis/guide")
    assert "Ibu <b>Ratna</b>" not in page.text
    assert "One reader with a link said so; nobody checked the name." in words(page)
    assert "0 of " in words(page)
    found = place.signed_in().get("/api/v1/kpi-guide/receipts").json()
    assert [(one["name"], one["link"]) for one in found["said"]] == [("Ibu <b>Ratna</b>", "Board")]

    answers = [stranger.post(f"{path}/read", data={**typed, "name": f"n{n}"}).status_code for n in range(40)]
    assert answers[-1] == 429
    with reading(place.engine) as session:
        assert len(session.scalars(select(GuideReceipt)).all()) <= 30


def test_another_workspace_sees_nothing_of_it(place: Installation) -> None:
    filled(place)
    owner = place.signed_in()
    owner.get("/kpis/guide")
    shared(place)
    with reading(place.engine) as session:
        [link] = session.scalars(select(GuideLink))
    with writing(place.engine) as session:
        from store import people

        other = Workspace(name="Other", created_at=place.now)
        session.add(other)
        session.flush()
        stranger = people.add_person(session, "Stranger", now=place.now)
        people.set_role(session, person_id=stranger.id, workspace_id=other.id, role=Role.OWNER)
        session.commit()
    browser = place.signed_in(stranger)

    assert "No KPI guide yet" in words(browser.get("/kpis/guide"))
    for path in ("/kpis/guide/versions/1", "/kpis/guide/versions/1/file/json", "/api/v1/kpi-guide?version=1"):
        assert browser.get(path).status_code == 404, path
    assert browser.post(f"/kpis/guide/links/{link.id}/revoke").status_code == 404
    assert browser.post(f"/api/v1/kpi-guide/links/{link.id}/revoke").status_code == 404
    assert browser.post("/kpis/guide/read", data={"number": "1"}).status_code == 404


def test_programs_share_once_and_revoke(place: Installation) -> None:
    filled(place)
    browser = place.signed_in()

    key = {"Idempotency-Key": "one", **OWN}
    first = browser.post("/api/v1/kpi-guide/links", json={"name": "Board", "version": 1}, headers=key)
    again = browser.post("/api/v1/kpi-guide/links", json={"name": "Board", "version": 1}, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["address"].startswith("http://localhost:8000/guide/")
    assert again.json()["address"] is None
    [row] = browser.get("/api/v1/kpi-guide/links").json()["rows"]
    assert (row["version"], "address" in row) == (1, False)
    assert browser.post(f"/api/v1/kpi-guide/links/{row['id']}/revoke").status_code == 200
    assert browser.get("/api/v1/kpi-guide/links").json()["rows"] == []
    assert browser.post("/api/v1/kpi-guide/links", json={"name": "x", "version": 8}).status_code == 404
    assert browser.post("/api/v1/kpi-guide/links", json={"name": "x", "days": 366}).status_code == 422


def test_a_workspace_that_is_simulated_says_so_and_reminds_nobody(place: Installation) -> None:
    filled(place)
    with writing(place.engine) as session:
        session.get_one(Workspace, place.workspace.id).simulated = True
        session.commit()
    path = shared(place)
    place.now += timedelta(days=4)
    look_after(place.web.context)

    assert "Simulated figures" in words(place.public().get(path))
