"""Connecting at a platform's consent page through the pages and the API, also by people who should not."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from domain.person import Role, Scope
from publishers.registry import adapter
from store import channels, tokens
from store.engine import reading, writing
from store.tables import ChannelRow
from tests.servers.installed import install_drumhub
from tests.servers.oauth import OAuthServer, oauth_server
from tests.web.setting import Installation
from tests.web.test_queue import notice


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine, allowed_networks=("127.0.0.0/8",))


@pytest.fixture
def client(place: Installation) -> TestClient:
    return place.signed_in()


@pytest.fixture
def server(place: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OAuthServer]:
    with oauth_server(redirect_uris={back_to(place)}) as found:
        install_drumhub(found, tmp_path, monkeypatch)
        yield found
    adapter.cache_clear()


def back_to(place: Installation) -> str:
    return f"{place.public_url}/connect/callback"


def listed(place: Installation) -> dict[str, ChannelRow]:
    with reading(place.engine) as session:
        return {row.name: row for row in channels.listed(session, place.workspace.id)}


def known(client: TestClient, server: OAuthServer) -> None:
    told = {"application_id": server.client_id, "application_secret": server.client_secret}
    assert client.post("/platforms/drumhub", data=told).headers["location"] == "/platforms"


def way(page: str, server: OAuthServer) -> str:
    """The link to the platform on a page of ours."""
    found = re.search(rf'href="({re.escape(server.url)}/authorize[^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


def begun(client: TestClient, server: OAuthServer, name: str = "Drums") -> str:
    answer = client.post("/channels/new/drumhub", data={"name": name, "zone": "Asia/Jakarta"})
    assert answer.status_code == 200
    return way(answer.text, server)


def test_owners_set_the_application_and_nobody_sees_its_secret(
    place: Installation, client: TestClient, server: OAuthServer
) -> None:
    form = client.get("/channels/new/drumhub").text
    assert "does not know this installation yet" in form
    assert "imitation of the platform" in form
    known(client, server)
    assert "does not know this installation yet" not in client.get("/channels/new/drumhub").text
    pages = client.get("/platforms").text + client.get("/platforms/drumhub").text
    assert server.client_id in pages
    assert back_to(place) in pages
    assert html.escape(server.client_secret) not in pages

    told = client.post("/platforms/drumhub", data={"application_id": "other", "application_secret": ""})
    assert told.status_code == 422
    assert "needs its secret" in told.text
    assert client.post("/platforms/drumhub/unset").status_code == 303
    assert client.get("/platforms/page").status_code == 404


@pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER, Role.READER])
def test_only_owners_set_applications_or_connect(
    place: Installation, client: TestClient, server: OAuthServer, role: Role
) -> None:
    known(client, server)
    back = server.consent(begun(client, server))
    other = place.signed_in(place.person("Somebody", role))

    for path in ("/platforms", "/platforms/drumhub"):
        assert other.get(path).status_code == 403
    assert other.post("/platforms/drumhub", data={"application_id": "x"}).status_code == 403
    assert other.put("/api/v1/applications/drumhub", json={"id": "x"}).status_code == 403
    assert other.get(back).status_code == 403
    assert "Drums" not in listed(place)


def test_a_channel_is_connected_by_going_there_and_back(
    place: Installation, client: TestClient, server: OAuthServer
) -> None:
    known(client, server)
    answer = client.get(server.consent(begun(client, server)))

    row = listed(place)["Drums"]
    assert answer.headers["location"] == f"/channels/{row.id}/schedule"
    assert notice(client, answer) == "Drums is connected. Say now when its posts go out."
    page = client.get(f"/channels/{row.id}").text
    assert "Drum School" in page
    assert "It went well." in page
    assert not [secret for secret in server.secrets if html.escape(secret) in page]


def test_another_browser_of_the_same_person_cannot_end_it(
    place: Installation, client: TestClient, server: OAuthServer
) -> None:
    known(client, server)
    back = server.consent(begun(client, server))
    elsewhere = place.signed_in()

    refused = elsewhere.get(back)
    assert notice(elsewhere, refused).startswith("This walk to the platform was not begun here")
    assert "Drums" not in listed(place)
    assert client.get(back).status_code == 303
    assert "Drums" in listed(place)


def test_a_stranger_is_asked_to_sign_in_and_a_replay_makes_nothing(
    place: Installation, client: TestClient, server: OAuthServer
) -> None:
    known(client, server)
    back = server.consent(begun(client, server))
    assert place.private().get(back).headers["location"].startswith("/sign-in")
    client.get(back)
    again = client.get(back)
    assert "was not begun here" in notice(client, again)
    assert len(server.grants) == 1


@pytest.mark.parametrize("language", ["en", "id"])
def test_who_says_no_is_told_in_their_language(
    place: Installation, client: TestClient, server: OAuthServer, language: str
) -> None:
    known(client, server)
    client.cookies.set("tabuh_language", language)
    answer = client.get(server.consent(begun(client, server), allow=False))

    said = notice(client, answer)
    assert ("Drumhub was not allowed to give access" in said) == (language == "en")
    assert "Drumhub" in said


def test_one_of_several_targets_is_chosen(
    place: Installation, client: TestClient, server: OAuthServer
) -> None:
    known(client, server)
    server.targets = [{"id": "p1", "name": "<b>Snare</b>"}, {"id": "p2", "name": "Timpani"}]
    answer = client.get(server.consent(begun(client, server, "")))
    where = answer.headers["location"]
    page = client.get(where).text
    assert "&lt;b&gt;Snare&lt;/b&gt;" in page
    assert place.signed_in().get(where).status_code == 404
    assert client.post(where, data={"target": "9"}).status_code == 422
    assert client.post(where, data={"target": "1"}).status_code == 303
    assert listed(place)["Timpani"].settings["page_id"] == "p2"
    assert client.post(where, data={"target": "0"}).status_code == 404


def test_a_channel_is_connected_again_on_its_page(
    place: Installation, client: TestClient, server: OAuthServer
) -> None:
    known(client, server)
    client.get(server.consent(begun(client, server)))
    row = listed(place)["Drums"]
    page = client.post(f"/channels/{row.id}/reconnect", data={}).text
    answer = client.get(server.consent(way(page, server)))

    assert answer.headers["location"] == f"/channels/{row.id}"
    assert notice(client, answer) == "Drums is connected again."
    assert len(server.grants) == 2


def test_who_began_in_a_terminal_is_sent_back_there(
    place: Installation, client: TestClient, server: OAuthServer
) -> None:
    known(client, server)
    with writing(place.engine) as session:
        _, token = tokens.issue_token(
            session,
            workspace_id=place.workspace.id,
            person_id=place.owner.id,
            name="program",
            scopes=[Scope.WRITE],
            now=place.now,
        )
        session.commit()
    program = place.private()
    program.headers["Authorization"] = f"Bearer {token}"
    told = program.post("/api/v1/connections", json={"platform": "drumhub", "name": "Drums"}).json()
    back = server.consent(told["address"])

    page = place.private().get(back)
    assert page.status_code == 200
    assert "Copy the whole address of this page" in page.text
    assert "Drums" not in listed(place)

    ended = program.post("/api/v1/connections/end", json={"address": back})
    assert ended.status_code == 200, ended.text
    assert ended.json()["channel"]["name"] == "Drums"
    assert listed(place)["Drums"].remote_name == "Drum School"


def test_the_api_tells_what_is_set_and_what_needs_consent(
    place: Installation, client: TestClient, server: OAuthServer
) -> None:
    told = {"id": server.client_id, "secret": server.client_secret}
    assert client.put("/api/v1/applications/drumhub", json=told).json()["application"] == server.client_id
    shown = client.get("/api/v1/applications").json()
    assert shown["redirect_address"] == back_to(place)
    assert server.client_secret not in str(shown)
    [one] = [each for each in client.get("/api/v1/platforms").json() if each["platform"] == "drumhub"]
    assert one["consent"]
    assert one["fields"] == []
    assert one["proof"] == "fake"
    assert client.delete("/api/v1/applications/drumhub").status_code == 204
    assert client.delete("/api/v1/applications/drumhub").status_code == 404


def test_public_pages_with_an_address_of_their_own_pass_the_way_back_on(place: Installation) -> None:
    answer = place.public().get("/connect/callback?state=a&code=b%20c")

    assert answer.headers["location"] == f"{place.private_url}/connect/callback?state=a&code=b%20c"
    assert answer.headers["cache-control"] == "no-store"
