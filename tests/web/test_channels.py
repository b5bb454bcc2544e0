"""The pages of channels: forms made from the adapters' own models, secrets that stay secret, schedules."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from domain.person import Role
from publishers.registry import adapter, platforms
from store import channels
from store.engine import reading
from store.tables import ChannelRow
from tests.web.queued import Queue
from tests.web.setting import Installation
from tests.web.test_queue import notice
from web.connecting import asked, is_learned, is_secret
from web.i18n import Voice, translations

SECRET = "whsec_" + "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"
HOOK = {
    "name": "Kait baru",
    "zone": "Asia/Makassar",
    "language": "id",
    "settings-url": "https://hook.example/in",
    "credentials-secret": SECRET,
}


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def client(place: Installation) -> TestClient:
    return place.signed_in()


def listed(place: Installation) -> dict[str, ChannelRow]:
    with reading(place.engine) as session:
        return {row.name: row for row in channels.listed(session, place.workspace.id)}


def test_the_list_says_how_each_channel_does(place: Installation, client: TestClient) -> None:
    queue = Queue(place)
    queue.add("queued", hours=3)
    page = re.sub(r"\s+", " ", client.get("/channels").text)

    assert "daily 09:00, 12:30, 19:00" in page
    assert "Tue 24 Nov, 11:30 WIB" in page
    assert "2 hours ago" in page
    assert "Not connected" in page
    assert "hook.example refuses our credentials (401). Connect the channel again." in page
    assert "moving house" in page
    twin = client.get("/api/v1/channels").json()["rows"]
    assert [row["state"] for row in twin] == ["paused", "active", "needs_reconnect"]
    assert twin[1]["next_post_at"] == "2026-11-24T04:30:00Z"


@pytest.mark.parametrize("platform", platforms())
@pytest.mark.parametrize("language", ["en", "id"])
def test_a_connect_form_asks_for_what_the_adapter_needs(
    place: Installation, client: TestClient, platform: str, language: str
) -> None:
    client.cookies.set("tabuh_language", language)
    page = client.get(f"/channels/new/{platform}").text
    kind = adapter(platform)

    for part, model in (("settings", kind.Settings), ("credentials", kind.Credentials)):
        for name, info in model.model_fields.items():
            here = re.search(rf'<(?:input|select|textarea) id="f-{part}-{name}"[^>]*>', page)
            assert bool(here) == (not is_learned(info)), name
            if here:
                assert ('type="password"' in here[0]) == is_secret(info)


@pytest.mark.parametrize("platform", platforms())
def test_everything_a_form_asks_for_has_an_indonesian_name(platform: str) -> None:
    known = translations("id")
    for one in asked(adapter(platform), Voice("en")):
        for words in filter(None, (one.label, one.hint)):
            assert known.ugettext(words) != words or words in ("Server", "Platform", "Port"), words


def test_a_channel_is_connected_and_asks_for_its_schedule(place: Installation, client: TestClient) -> None:
    answer = client.post("/channels/new/webhook", data=HOOK)
    row = listed(place)["Kait baru"]

    assert answer.headers["location"] == f"/channels/{row.id}/schedule"
    assert notice(client, answer) == "Kait baru is connected. Say now when its posts go out."
    assert (row.zone, row.language, row.settings["url"]) == (
        "Asia/Makassar",
        "id",
        "https://hook.example/in",
    )
    assert row.credentials is not None
    assert SECRET.encode() not in row.credentials
    assert place.web.context.seal.open(row.id, row.credentials) == {"secret": SECRET}
    for path in (f"/channels/{row.id}", f"/channels/{row.id}/reconnect", "/channels"):
        assert SECRET not in client.get(path).text


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": " "}, "name", "Give the channel a name."),
        ({"name": "x" * 81}, "name", "A channel needs a name of 1 to 80 characters."),
        ({"name": "Lama"}, "name", "There is a channel called 'Lama' already."),
        ({"settings-url": ""}, "settings-url", "Fill this in."),
        ({"settings-url": "http://hook.example/"}, "settings-url", "The address is not encrypted."),
        ({"credentials-secret": "short"}, "credentials-secret", "This is no signing secret."),
        ({"settings-other": "x"}, "settings-other", "This platform has no such field."),
    ],
)
def test_a_wrong_form_says_so_and_keeps_everything_but_secrets(
    place: Installation, client: TestClient, typed: dict[str, str], field: str, sentence: str
) -> None:
    place.page("lama", name="Lama")
    answer = client.post("/channels/new/webhook", data={**HOOK, **typed})

    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert f'href="#f-{field}"' in answer.text
    assert SECRET not in answer.text
    if field != "settings-url":
        assert 'value="https://hook.example/in"' in answer.text
    assert '<option value="Asia/Makassar" selected>' in answer.text
    assert set(listed(place)) == {"Lama"}


def test_a_platform_that_cannot_be_reached_is_named_and_the_form_kept(
    place: Installation, client: TestClient
) -> None:
    typed = {
        "name": "Masto",
        "zone": "UTC",
        "settings-server": "http://127.0.0.1:9",
        "credentials-access_token": "s3cret-token",
    }
    answer = client.post("/channels/new/mastodon", data=typed)

    assert answer.status_code == 422
    assert "127.0.0.1 could not be reached" in answer.text
    assert 'value="http://127.0.0.1:9"' in answer.text
    assert "s3cret-token" not in answer.text
    assert listed(place) == {}


def test_an_unknown_platform_is_not_there(client: TestClient) -> None:
    assert client.get("/channels/new/gopher").status_code == 404
    assert client.post("/channels/new/gopher", data={"name": "x"}).status_code == 404


def test_a_page_shows_its_public_addresses(place: Installation, client: TestClient) -> None:
    row = place.page("toko", name="Toko")
    page = client.get(f"/channels/{row.id}").text

    for address in ("/p/toko", "/p/toko/feed.atom", "/p/toko/feed.json"):
        assert f'href="{place.public_url}{address}"' in page
        assert place.public().get(address).status_code == 200


def test_pause_and_resume_say_why_and_what_waited(place: Installation, client: TestClient) -> None:
    queue = Queue(place)
    queue.add("queued", hours=1)
    address = f"/channels/{queue.page.id}"
    assert (
        notice(client, client.post(f"{address}/pause", data={"reason": "Nyepi"}))
        == "Kabar Sari is paused. Its posts wait."
    )
    assert listed(place)["Kabar Sari"].state_reason == "Nyepi"
    place.now += timedelta(hours=2)
    told = notice(client, client.post(f"{address}/resume"))
    assert told == "Kabar Sari is resumed. 1 post was waiting."
    assert listed(place)["Kabar Sari"].state == "active"


def test_a_lost_channel_cannot_just_be_resumed(place: Installation, client: TestClient) -> None:
    queue = Queue(place)
    told = notice(client, client.post(f"/channels/{queue.webhook.id}/resume"))
    assert "must be connected again" in told
    assert "tabuh" not in told


def test_a_test_and_new_credentials_bring_a_channel_back(place: Installation, client: TestClient) -> None:
    queue = Queue(place)
    address = f"/channels/{queue.webhook.id}"
    wrong = client.post(f"{address}/reconnect", data={"credentials-secret": "wrong-secret"})
    assert wrong.status_code == 422
    assert "This is no signing secret." in wrong.text
    assert "wrong-secret" not in wrong.text

    done = client.post(f"{address}/reconnect", data={"credentials-secret": SECRET})
    assert notice(client, done) == "Kait is connected again."
    assert listed(place)["Kait"].state == "active"
    assert notice(client, client.post(f"{address}/test")) == "Kait works."
    assert listed(place)["Kait"].tested_at == place.now


def test_the_schedule_is_seven_lines_in_the_readers_language(place: Installation, client: TestClient) -> None:
    row = Queue(place).page
    address = f"/channels/{row.id}/schedule"
    client.cookies.set("tabuh_language", "id")
    page = client.get(address).text
    assert ">Senin" in page
    assert 'value="09.00, 12.30, 19.00"' in page

    answer = client.post(address, data={"day-0": "8.15; 20.00", "day-5": " 10:00 ", "day-6": ""})
    assert answer.status_code == 303
    with reading(place.engine) as session:
        kept = [(one.weekday, f"{one.wall:%H:%M}") for one in channels.schedule(session, row.id)]
    assert kept == [(0, "08:15"), (0, "20:00"), (5, "10:00")]
    assert "Sen 08.15, 20.00; Sab 10.00" in client.get("/channels").text


def test_a_wrong_time_is_named_beside_its_day(place: Installation, client: TestClient) -> None:
    row = Queue(place).page
    answer = client.post(f"/channels/{row.id}/schedule", data={"day-1": "9 sharp", "day-2": "10:00"})

    assert answer.status_code == 422
    assert re.search(r'id="e-day-1">.*?Write times such as 09:00, 12:30\.', answer.text, re.DOTALL)
    assert 'value="9 sharp"' in answer.text
    assert 'value="10:00"' in answer.text


@pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER, Role.READER])
def test_only_owners_manage_channels(place: Installation, role: Role) -> None:
    queue = Queue(place)
    person = place.signed_in(place.person("Orang", role))
    address = f"/channels/{queue.page.id}"

    assert person.get("/channels").status_code == person.get(address).status_code == 200
    assert "/channels/new" not in person.get("/channels").text
    assert "Pause it" not in person.get(address).text
    for path in ("test", "pause", "resume", "schedule", "reconnect"):
        assert person.post(f"{address}/{path}").status_code == 403
    assert person.get("/channels/new").status_code == 403
    assert person.post("/channels/new/page", data={"name": "x"}).status_code == 403


def test_secrets_are_recognised_by_their_type() -> None:
    fields = adapter("bluesky").Credentials.model_fields
    assert [name for name, info in fields.items() if is_secret(info)] == [
        "app_password",
        "access_jwt",
        "refresh_jwt",
    ]
