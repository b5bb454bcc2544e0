"""Sheets, the calendar, evergreens and approvals as pages, without a script."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from domain.person import Role
from domain.post import PostState
from store.tables import CalendarFeed, Evergreen, Post, ReviewLink
from tests.web.queued import Queue
from tests.web.setting import Installation

SHEET = "text,channel,time,campaign\nKopi datang,Kabar Sari,2026-12-01 09:00,Akhir tahun\nDua,Kabar Sari,,\n"
BAD = SHEET + "Tiga,Nowhere,,\n"


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def queue(place: Installation) -> Queue:
    return Queue(place)


def texts(place: Installation) -> list[str]:
    with Session(place.engine) as session:
        return sorted(post.content["text"] for post in session.scalars(select(Post)))


def upload(client: TestClient, text: str, **fields: str) -> str:
    files = {"file": ("a.csv", text.encode(), "text/csv")}
    return client.post("/queue/import", data={"act": "look", **fields}, files=files).text


def packed(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_a_sheet_is_looked_at_first_and_then_imported(place: Installation, queue: Queue) -> None:
    client = place.signed_in()
    assert client.get("/queue/import").status_code == 200

    page = upload(client, SHEET)

    assert "Kopi datang" in page
    assert "Import 2 posts" in page
    assert texts(place) == []
    answer = client.post("/queue/import", data={**packed(page), "act": "import"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    assert texts(place) == ["Dua", "Kopi datang"]
    assert "there already" in upload(client, SHEET)


def test_wrong_rows_are_all_shown_and_the_others_can_go_without_them(
    place: Installation, queue: Queue
) -> None:
    client = place.signed_in()

    page = upload(client, BAD)
    assert "There is no channel" in page
    assert (
        client.post("/queue/import", data={**packed(page), "act": "import", "skip_bad": ""}).status_code
        == 422
    )
    assert texts(place) == []
    others = client.post("/queue/import", data={**packed(page), "act": "look"}).text
    client.post("/queue/import", data={**packed(others), "act": "import"})
    assert texts(place) == ["Dua", "Kopi datang"]


@pytest.mark.parametrize("text", ["", "\x00\x01", "mood\nhappy\n", 'text\n"open\n'])
def test_what_is_no_sheet_comes_back_with_a_sentence(place: Installation, queue: Queue, text: str) -> None:
    client = place.signed_in()
    files = {"file": ("a.csv", text.encode(), "text/csv")}

    answer = client.post("/queue/import", data={"act": "look"}, files=files)

    assert answer.status_code == 422
    assert "notice bad" in answer.text
    assert client.post("/queue/import", data={"packed": "!!", "act": "import"}).status_code == 422


def test_rows_that_are_pasted_and_a_large_sheet_are_taken(place: Installation, queue: Queue) -> None:
    client = place.signed_in()

    assert "Kopi datang" in client.post("/queue/import", data={"pasted": SHEET, "act": "look"}).text
    rows = "".join(f"{'long ' * 100}{number},Kabar Sari,,\n" for number in range(6_000))
    page = upload(client, f"text,channel,time,campaign\n{rows}")
    assert "Import 6,000 posts" in page


def test_the_sheet_of_the_queue_has_what_its_filters_show(place: Installation, queue: Queue) -> None:
    queue.add("queued", "Soon", hours=3, campaign="Sale")
    queue.add("queued", "Far", hours=24 * 20)
    queue.add("published", "Was", hours=-5, published_at=place.now, remote_id="1")
    client = place.signed_in()

    def told(address: str) -> list[str]:
        sheet = client.get(address)
        assert sheet.headers["content-disposition"].startswith("attachment")
        return [word for word in ("Soon", "Far", "Was") if word in sheet.text]

    assert told("/queue/export.csv") == ["Soon"]
    assert told("/queue/export.csv?state=queued") == ["Soon", "Far"]
    assert told("/queue/export.csv?state=all") == ["Soon", "Far", "Was"]
    assert told("/queue/export.csv?state=all&campaign=Sale") == ["Soon"]
    page = client.get("/queue?state=queued&campaign=Sale").text
    assert "/queue/export.csv?state=queued&amp;campaign=Sale" in page
    assert "Soon" in page
    assert "Far" not in page


def test_the_calendar_shows_months_and_weeks_and_its_filters(place: Installation, queue: Queue) -> None:
    queue.add("queued", "In November", hours=24, campaign="Sale")
    queue.add("failed", "Broken", hours=25, reason="no", channel=queue.paused)
    queue.add("draft", "December", hours=24 * 20)
    client = place.signed_in()

    month = client.get("/calendar").text
    assert "In November" in month
    assert "Broken" in month
    assert "December 2026" not in month.partition("<main")[2].partition("</h1>")[0]
    assert "In November" in client.get("/calendar?view=week&day=2026-11-25").text
    assert "In November" not in client.get("/calendar?view=week&day=2026-12-25").text
    assert "Broken" not in client.get(f"/calendar?channel={queue.page.id}").text
    assert "Broken" not in client.get("/calendar?campaign=Sale").text
    for odd in ("day=0001-01-01", "day=9999-12-31", "day=nonsense", "view=year", "channel=x"):
        assert client.get(f"/calendar?{odd}").status_code == 200
        assert client.get(f"/calendar?view=week&{odd}").status_code == 200
    assert client.get("/calendar.ics").text.startswith("BEGIN:VCALENDAR")


def test_a_day_of_the_calendar_is_one_of_the_chosen_channels_zone(place: Installation, queue: Queue) -> None:
    place.now = place.now.replace(month=11, day=30, hour=20)
    queue.add("queued", "Already December there", hours=0.1)
    client = place.signed_in()

    page = client.get(f"/calendar?view=month&day=2026-12-01&channel={queue.page.id}").text

    day = re.search(
        r'<td[^>]*>\s*<p class="cal-day"><span class="cal-number" aria-hidden="true">1</span>.*?</td>',
        page,
        re.DOTALL,
    )
    assert day is not None
    assert "Already December there" in day[0]


def test_a_calendar_address_is_shown_once_and_can_be_closed(place: Installation, queue: Queue) -> None:
    client = place.signed_in()

    page = client.post("/calendar/feeds", data={"name": "Sari, phone", "channel": str(queue.page.id)}).text
    path = re.search(r"http://localhost:8000(/c/[\w-]+\.ics)", page)
    assert path is not None
    assert place.public().get(path[1]).status_code == 200
    assert path[1] not in client.get("/calendar/feeds").text
    with Session(place.engine) as session:
        [row] = session.scalars(select(CalendarFeed)).all()
    client.post(f"/calendar/feeds/{row.id}/revoke")
    assert place.public().get(path[1]).status_code == 404
    assert client.post("/calendar/feeds", data={"name": " "}).status_code == 422


def test_an_evergreen_is_made_changed_paused_and_ended(place: Installation, queue: Queue) -> None:
    client = place.signed_in()
    typed = {
        "name": "Kopi", "channel": str(queue.page.id), "text-1": "Satu", "text-2": "Dua",
        "link-2": "https://example.org/dua", "cooldown": "7", "fill": "2", "season_from": "12-01",
        "season_to": "01-15", "until": "2027-01-31", "max_cycles": "4", "act": "save",
    }  # fmt: skip

    assert client.get("/evergreens").status_code == 200
    assert 'name="text-9"' not in client.get("/evergreens/new").text
    assert 'name="text-4"' in client.post("/evergreens/new", data={**typed, "act": "more"}).text
    wrong = {"text-2": "satu", "cooldown": "x"}
    refused = client.post("/evergreens/new", data={**typed, **wrong})
    assert refused.status_code == 422
    made = client.post("/evergreens/new", data=typed)
    assert made.status_code == 303
    path = made.headers["location"]
    page = client.get(path).text
    assert "12-01" in page
    assert (
        client.post(
            f"{path}/edit", data={**typed, "cooldown": "9", "season_from": "", "season_to": ""}
        ).status_code
        == 303
    )
    client.post(f"{path}/pause")
    with Session(place.engine) as session:
        [row] = session.scalars(select(Evergreen)).all()
        assert (row.cooldown_days, row.season_from, row.max_cycles) == (9, None, 4)
        assert (row.next_at, row.paused_at) == (None, place.now)
    client.post(f"{path}/resume")
    client.post(f"{path}/end")
    assert "Ended" in client.get("/evergreens").text
    assert client.post(f"{path}/resume").status_code == 303


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text-2": ""}, "text-1"), ({"cooldown": "0"}, "cooldown"), ({"cooldown": "many"}, "cooldown"),
        ({"fill": "99"}, "fill"), ({"season_from": "13-01"}, "season_from"),
        ({"season_to": ""}, "season_from"),
        ({"until": "soon"}, "until"), ({"max_cycles": "0"}, "max_cycles"), ({"name": ""}, "name"),
        ({"channel": ""}, "channel"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_evergreen_is_said_beside_its_field(
    place: Installation, queue: Queue, wrong: dict[str, str], field: str
) -> None:
    typed = {
        "name": "Kopi", "channel": str(queue.page.id), "text-1": "Satu", "text-2": "Dua", "cooldown": "7",
        "fill": "2", "season_from": "12-01", "season_to": "01-15", "act": "save",
    }  # fmt: skip

    page = place.signed_in().post("/evergreens/new", data={**typed, **wrong})

    assert page.status_code == 422
    assert f'id="e-{field}"' in page.text


def test_a_post_is_the_first_text_of_an_evergreen(place: Installation, queue: Queue) -> None:
    post = queue.add("published", "Kopi lama", hours=-4, published_at=place.now, remote_id="1")

    page = place.signed_in().get(f"/evergreens/new?post={post.id}").text

    assert "Kopi lama" in page
    assert "https://example.org/kopi" in page


def test_an_approval_link_is_made_for_chosen_posts_shown_once_and_closed(
    place: Installation, queue: Queue
) -> None:
    one, two = queue.add("draft", "One", hours=5), queue.add("awaiting_approval", "Two", hours=6)
    client = place.signed_in()

    assert client.get("/approvals").status_code == 200
    assert client.post("/approvals", data={"name": "Ratna", "days": "7"}).status_code == 422
    page = client.post(
        "/approvals", data={"post": [str(one.id), str(two.id)], "name": "Ratna", "days": "3"}
    ).text
    path = re.search(r"http://localhost:8000(/r/[\w-]+)", page)
    assert path is not None
    with Session(place.engine) as session:
        [link] = session.scalars(select(ReviewLink)).all()
        assert link.expires_at == place.now + timedelta(days=3)
        states = set(session.scalars(select(col(Post.state))))
    assert states == {PostState.AWAITING_APPROVAL}
    assert place.public().get(path[1]).status_code == 200
    client.post(f"/approvals/{link.id}/revoke")
    assert place.public().get(path[1]).status_code == 410
    assert "Closed" in client.get("/approvals").text


def test_the_history_of_a_post_names_the_reviewer_and_the_comment(place: Installation, queue: Queue) -> None:
    post = queue.add("draft", "One", hours=5)
    client = place.signed_in()
    page = client.post("/approvals", data={"post": str(post.id), "name": "Ratna", "days": "3"}).text
    path = re.search(r"http://localhost:8000(/r/[\w-]+)", page)
    assert path is not None
    public = place.public()
    seen = dict(re.findall(r'name="(seen-\d+)" value="([0-9a-f]{64})"', public.get(path[1]).text))
    typed = {**seen, "name": "Bu Ratna", f"choice-{post.id}": "rejected", f"comment-{post.id}": "Salah harga"}
    assert public.post(path[1], data=typed).status_code == 200

    history = client.get(f"/posts/{post.id}").text

    assert "Bu Ratna" in history
    assert "Salah harga" in history
    assert "Salah harga" in client.get("/approvals").text


def test_campaign_and_tags_are_typed_with_a_post_and_changed_later(place: Installation, queue: Queue) -> None:
    client = place.signed_in()
    typed = {
        "channel": str(queue.page.id),
        "text": "Halo",
        "when": "draft",
        "campaign": "Akhir tahun",
        "tags": "a, b",
    }

    made = client.post("/posts/new", data=typed).headers["location"]
    assert "Akhir tahun" in client.get(made).text
    assert client.post("/posts/new", data={**typed, "campaign": "x" * 81}).status_code == 422
    assert client.get(f"{made}/labels").status_code == 200
    client.post(f"{made}/labels", data={"campaign": "Awal tahun", "tags": ""})
    with Session(place.engine) as session:
        [post] = session.scalars(select(Post)).all()
        assert (post.campaign, post.tags) == ("Awal tahun", None)


def test_readers_see_and_do_not_change(place: Installation, queue: Queue) -> None:
    client = place.signed_in(place.person("Reader", Role.READER))

    for path in ("/calendar", "/evergreens", "/approvals", "/calendar/feeds", "/queue/export.csv"):
        assert client.get(path).status_code == 200
    for path in ("/queue/import", "/evergreens/new"):
        assert client.get(path).status_code == 403
    for path in ("/queue/import", "/evergreens/new", "/approvals", "/calendar/feeds"):
        assert client.post(path, data={"name": "x"}).status_code == 403
