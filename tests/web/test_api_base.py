"""What all of the API has in common: tokens, scopes, problem details, cursors, and repeatable calls."""

from base64 import urlsafe_b64encode
from threading import Barrier, Thread
from typing import Any

import pytest
from fastapi import Response
from sqlalchemy import Engine
from sqlmodel import Session, col, select, update
from starlette.testclient import TestClient

from domain.errors import UsageError
from domain.person import Role, Scope
from scheduler.people import make_token
from store.changes import Actor
from store.tables import ApiToken, Change, IdempotencyKey, Membership, Person
from tests.web.setting import FIREFOX, OWN, Installation
from web.api.base import Body, Repeatable
from web.app import create_app
from web.auth import MaySee
from web.problems import Problem

TOKENS, WORKSPACE = "/api/v1/tokens", "/api/v1/workspace"
READ_TOKEN = {"name": "reports", "scopes": ["read"]}


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


def program(place: Installation, *scopes: Scope, person: Person | None = None) -> TestClient:
    """A program with a token; it sends nothing that only browsers send."""
    owner = person or place.owner
    actor = Actor("person", owner.id)
    _, token = make_token(place.web.context, place.workspace.id, "program", scopes, actor=actor)
    client = place.private()
    del client.headers["Sec-Fetch-Site"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem details of a refusal, checked for what RFC 9457 asks."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    return body


def test_a_token_opens_the_api_and_nothing_else(place: Installation) -> None:
    client = program(place, Scope.READ)

    assert client.get(WORKSPACE).json()["name"] == "Main"
    assert client.get("/").headers["location"] == "/sign-in"


def test_a_read_token_only_reads_though_its_owner_may_more(place: Installation) -> None:
    reads, writes = program(place, Scope.READ), program(place, Scope.WRITE)

    refusal = problem(reads.patch(WORKSPACE, json={"currency": "USD"}), 403)
    assert "may only read" in refusal["detail"]
    assert writes.patch(WORKSPACE, json={"currency": "USD"}).json()["currency"] == "USD"
    assert reads.get(WORKSPACE).json()["currency"] == "USD"
    with Session(place.engine) as session:
        change = session.exec(select(Change).where(col(Change.subject) == "workspace")).one()
    assert (change.actor, change.person_id) == ("api", place.owner.id)
    assert (change.before, change.after) == ({"currency": "IDR"}, {"currency": "USD"})


def test_a_token_goes_no_further_than_its_owners_role(place: Installation) -> None:
    reader = place.person("Sari", Role.READER)

    refusal = problem(program(place, Scope.WRITE, person=reader).patch(WORKSPACE, json={"name": "x"}), 403)

    assert "Your role in this workspace" in refusal["detail"]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Bearer tbh_x", "Basic b3duZXI6eA==", "Bearer \xff"]
)
def test_no_valid_token_is_a_401_that_names_the_scheme(place: Installation, header: str) -> None:
    answer = place.private().get(WORKSPACE, headers={b"Authorization": header.encode("latin-1")})

    problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_ends_with_its_revocation_and_with_its_owners_membership(place: Installation) -> None:
    revoked, left = (
        program(place, Scope.READ),
        program(place, Scope.READ, person=place.person("A", Role.OWNER)),
    )
    browser = place.signed_in()
    [mine] = browser.get(TOKENS).json()["rows"]

    assert browser.delete(f"{TOKENS}/{mine['id']}").status_code == 204
    problem(revoked.get(WORKSPACE), 401)
    problem(browser.delete(f"{TOKENS}/{mine['id']}"), 404)
    with Session(place.engine) as session:
        for member in session.exec(select(Membership).where(col(Membership.person_id) != place.owner.id)):
            session.delete(member)
        session.commit()
    assert "no longer belongs" in problem(left.get(WORKSPACE), 401)["detail"]


def test_a_new_token_is_shown_once_and_works(place: Installation) -> None:
    browser = place.signed_in()

    made = browser.post(TOKENS, json=READ_TOKEN)

    body = made.json()
    assert made.status_code == 201
    assert body["token"].startswith(body["prefix"])
    assert isinstance(body["id"], str)
    assert body["token"] not in browser.get(TOKENS).text
    client = place.private()
    client.headers["Authorization"] = f"Bearer {body['token']}"
    assert client.get(WORKSPACE).status_code == 200
    with Session(place.engine) as session:
        assert [c.what for c in session.exec(select(Change))] == ["made token"]


def test_a_token_makes_and_revokes_no_tokens(place: Installation) -> None:
    client = program(place, Scope.READ, Scope.WRITE)
    [mine] = client.get(TOKENS).json()["rows"]

    problem(client.post(TOKENS, json=READ_TOKEN), 403)
    problem(client.delete(f"{TOKENS}/{mine['id']}"), 403)


def test_people_see_and_revoke_their_own_tokens_only(place: Installation) -> None:
    program(place, Scope.READ)
    other = place.signed_in(place.person("Sari", Role.OWNER))
    with Session(place.engine) as session:
        theirs = session.exec(select(ApiToken)).one().id

    assert other.get(TOKENS).json() == {"rows": [], "next_cursor": None}
    problem(other.delete(f"{TOKENS}/{theirs}"), 404)


def test_a_list_is_walked_by_its_cursors(place: Installation) -> None:
    browser = place.signed_in()
    for number in range(5):
        browser.post(TOKENS, json={"name": f"token {number}", "scopes": ["read"]})

    names: list[str] = []
    lengths: list[int] = []
    cursor = None
    while cursor is not None or not lengths:
        page = browser.get(TOKENS, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        names += [row["name"] for row in page["rows"]]
        lengths.append(len(page["rows"]))
        cursor = page["next_cursor"]

    assert names == [f"token {number}" for number in (4, 3, 2, 1, 0)]
    assert lengths == [2, 2, 1]


@pytest.mark.parametrize(
    "cursor",
    ["x", "####", "é"]
    + [
        urlsafe_b64encode(raw).decode()
        for raw in (b"[]", b"1", b'["1"]', b"[true]", b"[-1]", b"[99999999999999999999]", b"\xff\xfe")
    ],
)
def test_a_cursor_that_no_list_gave_is_refused(place: Installation, cursor: str) -> None:
    answer = place.signed_in().get(TOKENS, params={"cursor": cursor})

    assert "cursor" in problem(answer, 422)["detail"]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", ""])
def test_a_limit_out_of_range_is_refused(place: Installation, limit: str) -> None:
    refusal = problem(place.signed_in().get(TOKENS, params={"limit": limit}), 422)

    assert refusal["errors"][0]["where"] == "query.limit"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"scopes": ["read"]}, "body.name"),
        ({"name": "", "scopes": ["read"]}, "body.name"),
        ({"name": "a\x00b", "scopes": ["read"]}, "body.name"),
        ({"name": "x" * 81, "scopes": ["read"]}, "body.name"),
        ({"name": "x", "scopes": []}, "body.scopes"),
        ({"name": "x", "scopes": ["all"]}, "body.scopes.0"),
        ({"name": "x", "scopes": ["read"], "role": "owner"}, "body.role"),
    ],
)
def test_a_wrong_body_is_refused_and_says_where(
    place: Installation, body: dict[str, Any], where: str
) -> None:
    refusal = problem(place.signed_in().post(TOKENS, json=body), 422)

    assert [error["where"] for error in refusal["errors"]] == [where]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"name": "\\ud800", "scopes": ["read"]}']
)
def test_a_body_that_is_no_json_object_is_refused(place: Installation, content: bytes) -> None:
    answer = place.signed_in().post(TOKENS, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)


def test_unknown_paths_and_methods_are_problems_too(place: Installation) -> None:
    client = place.signed_in()

    problem(client.get("/api/v1/nothing"), 404)
    refused = client.put(WORKSPACE)
    problem(refused, 405)
    assert refused.headers["allow"]


def test_a_bad_zone_or_a_taken_name_is_refused_with_what_to_do(place: Installation) -> None:
    client = place.signed_in()

    assert "IANA" in problem(client.patch(WORKSPACE, json={"zone": "Mars/Base"}), 422)["detail"]
    assert client.patch(WORKSPACE, json={"name": "Main", "week_start": 6}).status_code == 200
    assert client.get(WORKSPACE).json()["week_start"] == 6


def test_the_same_call_with_the_same_key_makes_one_token(place: Installation) -> None:
    browser, key = place.signed_in(), {"Idempotency-Key": "abc"}

    first = browser.post(TOKENS, json=READ_TOKEN, headers=key)
    again = browser.post(TOKENS, json=READ_TOKEN, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert again.json() == first.json() | {"token": None}
    with Session(place.engine) as session:
        assert len(session.exec(select(ApiToken)).all()) == 1
        assert first.json()["token"] not in repr(session.exec(select(IdempotencyKey)).all())


def test_another_call_with_the_same_key_is_refused(place: Installation) -> None:
    browser, key = place.signed_in(), {"Idempotency-Key": "abc"}
    browser.post(TOKENS, json=READ_TOKEN, headers=key)

    refusal = problem(browser.post(TOKENS, json=READ_TOKEN | {"name": "other"}, headers=key), 422)

    assert "new key" in refusal["detail"]
    other = place.signed_in(place.person("Sari", Role.OWNER)).post(TOKENS, json=READ_TOKEN, headers=key)
    assert (other.status_code, "idempotency-replayed" in other.headers) == (201, False), "keys are one's own"


def test_a_call_that_was_refused_gives_its_key_back(place: Installation) -> None:
    app, outcomes = create_app(place.web), [UsageError("not now"), RuntimeError("a bug"), None]

    @app.post("/api/v1/flaky")
    def flaky(me: MaySee, once: Repeatable) -> Response:
        def make() -> Problem:
            if error := outcomes.pop(0):
                raise error
            return Problem(title="made", status=201, detail="")

        return once.run(me, Body(), make)

    client = TestClient(app, base_url=place.private_url, headers=OWN, cookies=place.signed_in().cookies)
    answers = [client.post("/api/v1/flaky", headers={"Idempotency-Key": "abc"}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [422, 500, 201, 201]
    assert answers[3].json() == answers[2].json()
    assert answers[2].json()["title"] == "made"


def test_a_call_that_died_half_way_is_not_repeated_blindly(place: Installation) -> None:
    browser, key = place.signed_in(), {"Idempotency-Key": "abc"}
    browser.post(TOKENS, json=READ_TOKEN, headers=key)
    with Session(place.engine) as session:
        session.connection().execute(update(IdempotencyKey).values(status=0, body=None))
        session.commit()

    refusal = problem(browser.post(TOKENS, json=READ_TOKEN, headers=key), 409)

    assert "has not ended" in refusal["detail"]
    with Session(place.engine) as session:
        assert len(session.exec(select(ApiToken)).all()) == 1


def test_of_two_equal_calls_at_once_one_makes_something(place: Installation) -> None:
    clients, answers, gate = [place.signed_in(), place.signed_in()], [], Barrier(2)
    # A server has one event loop, which makes the routes ready; two clients in threads would race for that.
    assert clients[0].get("/api/v1/nothing").status_code == 404

    def call(client: TestClient) -> None:
        gate.wait()
        answers.append(client.post(TOKENS, json=READ_TOKEN, headers={"Idempotency-Key": "abc"}))

    threads = [Thread(target=call, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status_code for answer in answers) in ([201, 201], [201, 409])
    with Session(place.engine) as session:
        assert len(session.exec(select(ApiToken)).all()) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 101, "\xe9"])
def test_a_key_that_is_none_is_refused(place: Installation, key: str) -> None:
    headers = {b"Idempotency-Key": key.encode("latin-1")}
    refusal = problem(place.signed_in().post(TOKENS, json=READ_TOKEN, headers=headers), 422)

    assert refusal["errors"][0]["where"] == "header.idempotency-key"


def test_a_browser_of_another_site_cannot_use_the_api(place: Installation) -> None:
    client = place.signed_in()

    problem(client.post(TOKENS, json=READ_TOKEN, headers={"Sec-Fetch-Site": "cross-site"}), 403)

    assert client.get(TOKENS).json()["rows"] == []


def test_openapi_describes_each_call_and_its_refusals(place: Installation) -> None:
    document = place.private().get("/api/v1/openapi.json", headers={"user-agent": FIREFOX}).json()

    assert set(document["paths"]) >= {WORKSPACE, TOKENS, TOKENS + "/{token_id}"}
    assert not [path for path in document["paths"] if not path.startswith("/api/v1/")]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation["responses"]["4XX"]["content"]
            assert list(content) == ["application/problem+json"], (path, method)
            assert operation["description"]
    shown = document["components"]["schemas"]["TokenShown"]["properties"]["id"]
    assert shown["type"] == "string"
