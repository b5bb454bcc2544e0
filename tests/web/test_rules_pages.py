"""Rules of a channel and pausing everything, as pages and as their JSON twins; on both databases."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from domain.content import Content
from domain.person import Role, Scope
from domain.post import PostState
from scheduler.slots import place_in_next_slot
from store import posts
from store.engine import writing
from store.tables import ChannelRow, Post, Route
from tests.web.queued import Queue
from tests.web.setting import Installation
from tests.web.test_api_base import program
from tests.web.test_queue import notice


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def queue(place: Installation) -> Queue:
    return Queue(place)


@pytest.fixture
def client(place: Installation) -> TestClient:
    return place.signed_in()


def automatic(place: Installation, channel: ChannelRow, text: str) -> Post:
    with writing(place.engine) as session:
        post = posts.new_post(
            session, workspace_id=place.workspace.id, channel=channel, content=Content(text),
            state=PostState.QUEUED, now=place.now,
        )  # fmt: skip
        place_in_next_slot(session, post, channel, now=place.now)
        session.commit()
        return post


def form(queue: Queue, **more: str) -> dict[str, str]:
    days = {f"day-{number}": "09:00, 12:30, 19:00" for number in range(7)}
    return {**days, "late": "send", **more}


def address(queue: Queue) -> str:
    return f"/channels/{queue.page.id}/rules"


def planned(place: Installation, post: Post) -> str:
    with writing(place.engine) as session:
        at = session.get_one(Post, post.id).planned_at
        assert at is not None
        return at.isoformat()


def test_the_form_shows_what_would_move_before_anything_is_saved(
    place: Installation, client: TestClient, queue: Queue
) -> None:
    post = automatic(place, queue.page, "Rapat warga")
    before = planned(place, post)

    page = client.post(address(queue), data=form(queue, quiet="08:00-18:00", act="try")).text

    assert "1 post would move" in page
    assert "Rapat warga" in page
    assert "Nothing is saved yet." in page
    assert planned(place, post) == before

    answer = client.post(address(queue), data=form(queue, quiet="08:00-18:00", act="save"))
    assert notice(client, answer) == "The rules are set. 1 post has moved."
    assert planned(place, post) != before
    shown = client.get(f"/channels/{queue.page.id}").text
    assert "08:00-18:00" in shown
    assert 'value="08:00-18:00"' in client.get(address(queue)).text


def test_all_mistakes_are_told_at_once_and_what_was_typed_stays(client: TestClient, queue: Queue) -> None:
    answer = client.post(address(queue), data=form(queue, quiet="late", cap_day="many", act="save"))

    assert answer.status_code == 422
    assert "Cannot read the quiet hours" in answer.text
    assert "as a number of posts" in answer.text
    assert 'value="late"' in answer.text


def test_holidays_and_best_times_are_ticked(client: TestClient, queue: Queue) -> None:
    given = form(queue, best_times="on", act="save") | {"holidays-id-national": "on"}
    client.post(address(queue), data=given)

    page = client.get(f"/channels/{queue.page.id}").text
    assert "National holidays of Indonesia" in page
    assert "chosen by Tabuh" in page
    twin = client.get(f"/api/v1/channels/{queue.page.id}/rules").json()
    assert twin["rules"] == {"holidays": "id-national", "best_times": "yes"}


def test_an_audience_in_two_zones_is_told_on_the_page_of_the_best_hours(
    client: TestClient, queue: Queue
) -> None:
    refused = client.post(address(queue), data=form(queue, audience="Asia/Jakarta 60%", act="save"))
    assert refused.status_code == 422
    assert "add up to 60 %" in refused.text

    given = form(queue, audience="Asia/Jakarta 60%, Europe/Amsterdam 40%", act="save")
    client.post(address(queue), data=given)

    page = client.get(f"/channels/{queue.page.id}/slots").text
    assert "60 % Asia/Jakarta (WIB), 40 % Europe/Amsterdam (CET)" in page
    twin = client.get(f"/api/v1/channels/{queue.page.id}/slots").json()
    assert twin["audience"] == [
        {"zone": "Asia/Jakarta", "percent": 60}, {"zone": "Europe/Amsterdam", "percent": 40},
    ]  # fmt: skip


def test_rules_are_in_indonesian_for_who_reads_it(place: Installation, queue: Queue) -> None:
    client = place.signed_in()
    client.cookies.set("tabuh_language", "id")

    page = client.get(address(queue)).text

    assert "Jam tenang" in page
    assert "Hari libur nasional Indonesia" in page


def test_who_may_not_connect_may_not_change_rules(place: Installation, queue: Queue) -> None:
    viewer = place.signed_in(place.person("Orang", Role.READER))

    assert viewer.get(address(queue)).status_code == 403
    assert viewer.post("/pause", data={"reason": "x"}).status_code == 403


def test_everything_is_paused_with_a_reason_that_every_page_shows(client: TestClient, queue: Queue) -> None:
    assert client.post("/pause", data={"reason": " "}).status_code == 422
    client.post("/pause", data={"reason": "Gempa <b>besar</b>"})

    for path in ("/", "/queue", "/channels", "/feeds", "/statistics", "/kpis"):
        page = client.get(path).text
        assert "Everything is paused" in page
        assert "Gempa &lt;b&gt;besar&lt;/b&gt;" in page
    assert "goes out here in these days" not in client.get("/queue").text

    client.post("/resume")
    assert "Everything is paused" not in client.get("/").text


def test_the_queue_says_what_goes_out_by_itself_and_until_when_it_lasts(
    client: TestClient, queue: Queue
) -> None:
    queue.add("queued", hours=3)
    queue.add("queued", hours=24 * 20)

    page = re.sub(r"\s+", " ", client.get("/queue").text)

    assert "If nobody does anything, 1 post goes out here in these days; the queue lasts until" in page
    lane = next(one for one in client.get("/api/v1/queue").json()["lanes"] if one["channel"] == "Kabar Sari")
    assert lane["promised_posts"] == 1
    assert lane["lasts_until"].startswith("2026-12-14")


def test_the_post_page_says_why_this_hour(place: Installation, client: TestClient, queue: Queue) -> None:
    post = automatic(place, queue.page, "Rapat warga")

    page = client.get(f"/posts/{post.id}").text

    assert "The soonest of" in page
    twin = client.get(f"/api/v1/posts/{post.id}").json()
    assert twin["placement"]["rank"] == 1
    assert twin["placed_because"].startswith("The soonest of")


def test_a_repeated_text_and_a_quiet_hour_are_told_while_somebody_writes(
    place: Installation, client: TestClient, queue: Queue
) -> None:
    text = "Promo kopi susu gula aren hari ini saja, sampai habis."
    queue_id = str(queue.page.id)
    client.put(f"/api/v1/channels/{queue_id}/rules", json={"rules": {"quiet": "22:00-06:00"}})
    automatic(place, queue.page, text)

    typed = {
        "channel": queue_id,
        "text": text,
        "when": "at",
        "at": "2026-12-01T23:00",
        "zone": "Asia/Jakarta",
    }
    page = client.post("/posts/preview", data=typed).text

    assert "The same text stands on this channel already" in page
    assert "quiet hours" in page


def test_programs_try_and_set_rules_and_plan_again(place: Installation, queue: Queue) -> None:
    client = program(place, Scope.WRITE)
    post = automatic(place, queue.page, "Rapat warga")
    channel = f"/api/v1/channels/{queue.page.id}"

    told = client.put(f"{channel}/rules", json={"rules": {"quiet": "08:00-18:00"}, "what_if": True}).json()
    assert (told["saved"], [move["post_id"] for move in told["moves"]]) == (False, [str(post.id)])
    assert client.get(f"{channel}/rules").json()["rules"] == {}

    done = client.put(f"{channel}/rules", json={"rules": {"quiet": "08:00-18:00"}}).json()
    assert done["saved"]
    assert done["moves"] == told["moves"]
    assert client.post(f"{channel}/plan", json={}).json()["moves"] == []
    refused = client.put(f"{channel}/rules", json={"rules": {"colour": "red"}})
    assert refused.status_code == 422
    assert "There is no rule 'colour'" in refused.json()["detail"]


def test_programs_pause_and_resume_everything(place: Installation, queue: Queue) -> None:
    client = program(place, Scope.WRITE)
    queue.add("queued", hours=1)

    assert client.post("/api/v1/workspace/pause", json={"reason": "Nyepi"}).json()["paused"]
    assert client.get("/api/v1/workspace").json()["paused_reason"] == "Nyepi"
    assert client.get("/api/v1/queue").json()["lanes"][1]["promised_posts"] == 0
    assert client.post("/api/v1/workspace/resume").json() == {"paused": False, "waiting": 0}
    assert client.post("/api/v1/workspace/resume").status_code == 422


def test_a_post_that_is_written_tells_its_warnings_to_programs(place: Installation, queue: Queue) -> None:
    client = program(place, Scope.WRITE)
    body = {
        "channel_id": str(queue.page.id),
        "text": "Promo kopi susu gula aren hari ini saja.",
        "when": "draft",
    }
    client.post("/api/v1/posts", json=body)

    [told] = client.post("/api/v1/posts", json=body).json()["warnings"]

    assert told.startswith("The same text stands on this channel already")
    later = place.now + timedelta(days=1)
    seen = client.post("/api/v1/posts/preview", json={**body, "when": later.isoformat()}).json()
    assert len(seen["warnings"]) == 2


def test_what_a_post_asks_of_its_slot_is_said_on_its_page_and_by_programs(
    place: Installation, client: TestClient, queue: Queue
) -> None:
    post = automatic(place, queue.page, "Rapat warga")
    page = f"/posts/{post.id}"

    asked = {"priority": "high", "earliest": "2026-11-26T08:00", "latest": ""}
    assert notice(client, client.post(f"{page}/wishes", data=asked)).startswith("Noted.")

    assert planned(place, post).startswith("2026-11-26T02:00")
    assert 'value="2026-11-26T08:00"' in client.get(page).text
    wishes = f"/api/v1/posts/{post.id}/wishes"
    told = program(place, Scope.WRITE).put(wishes, json={"earliest": "none", "priority": "low"}).json()
    assert (told["priority"], told["earliest_at"]) == (-1, None)
    refused = client.post(f"{page}/wishes", data={**asked, "latest": "2026-11-26T07:00"})
    assert "comes after its earliest" in notice(client, refused)


def test_a_post_is_written_with_what_it_asks_for(client: TestClient, queue: Queue) -> None:
    typed = {
        "channel": str(queue.page.id), "text": "Rapat warga", "link": "", "when": "next-slot",
        "zone": "Asia/Jakarta", "priority": "urgent", "earliest": "2026-11-26T08:00",
    }  # fmt: skip

    answer = client.post("/posts/new", data=typed)

    assert "26 Nov" in notice(client, answer)


def test_a_route_overrides_rules_on_a_page_of_its_own(
    place: Installation, client: TestClient, queue: Queue
) -> None:
    with writing(place.engine) as session:
        route = Route(
            workspace_id=place.workspace.id, name="Kilat", channel_id=queue.page.id, template="-",
            created_at=place.now,
        )  # fmt: skip
        session.add(route)
        session.commit()
    client.put(f"/api/v1/channels/{queue.page.id}/rules", json={"rules": {"quiet": "22:00-06:00"}})
    page = f"/routes/{route.id}/rules"

    assert "The channel: 22:00-06:00" in client.get(page).text
    assert "No post would move." in client.post(page, data={"quiet": "none", "act": "try"}).text
    assert client.post(page, data={"gap": "soon", "act": "save"}).status_code == 422
    assert notice(client, client.post(page, data={"quiet": "none", "act": "save"})) == "The rules are set."
    assert 'value="none"' in client.get(page).text
    client.post(page, data={"quiet": "", "act": "save"})
    assert 'value="none"' not in client.get(page).text


def test_the_mix_of_the_week_is_shown_with_its_gap(
    place: Installation, client: TestClient, queue: Queue
) -> None:
    automatic(place, queue.page, "Rapat warga")
    client.put(f"/api/v1/channels/{queue.page.id}/rules", json={"rules": {"mix": "text 60%"}})

    page = client.get(f"/channels/{queue.page.id}").text

    assert "Content mix of the week from" in page
    assert "40 points too many" in page
    twin = client.get(f"/api/v1/channels/{queue.page.id}/rules").json()["mix"]
    assert twin[0]["shares"][0]["gap"] == 40.0


def test_the_queue_names_the_slot_that_the_next_post_really_gets(
    place: Installation, client: TestClient, queue: Queue
) -> None:
    automatic(place, queue.page, "Rapat warga")
    client.put(f"/api/v1/channels/{queue.page.id}/rules", json={"rules": {"cap_day": "1"}})

    page = re.sub(r"\s+", " ", client.get("/queue").text)

    told = page.index("The next post without an hour of its own goes here.")
    assert page[:told].rindex("Wednesday, 25 November") > page[:told].rindex("Tuesday, 24 November")
    assert "Tuesday, 24 November" in page
