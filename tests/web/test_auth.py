"""Signing in and out, what a role may do, and that nothing is open by mistake."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.errors import UsageError
from domain.person import GRANTS, Permission, Role, check_password_choice
from scheduler.people import set_password
from store import people
from store.tables import Change, Person, SignInSession
from tests.web.setting import NOW, Installation
from web.app import create_app
from web.auth import PUBLIC_PATHS, Needs
from web.pages.sign_in import REFUSALS, link_url

PASSWORD = "kopi tubruk at six"


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


def link_path(place: Installation, person: Person | None = None) -> str:
    with Session(place.engine) as session:
        token = people.issue_link(session, (person or place.owner).id, place.now)
        session.commit()
    return link_url("", token)


def test_without_signing_in_there_is_only_the_door(place: Installation) -> None:
    client = place.private()

    assert client.get("/").headers["location"] == "/sign-in"
    assert (
        client.get("/preferences?a=1&b=2").headers["location"] == "/sign-in?next=/preferences%3Fa%3D1%26b%3D2"
    )
    assert client.get("/sign-in").status_code == 200
    posted = client.post("/preferences/sign-out")
    assert (posted.status_code, posted.headers["location"]) == (303, "/sign-in")


def test_a_link_is_not_spent_by_looking_and_signs_in_once(place: Installation) -> None:
    path = link_path(place)
    preview, browser, thief = place.private(), place.private(), place.private()

    for _ in range(3):
        assert preview.get(path).status_code == 200
        assert preview.head(path).status_code == 405
    assert "set-cookie" not in preview.get(path).headers

    entered = browser.post(path)
    assert (entered.status_code, entered.headers["location"]) == (303, "/password")
    assert browser.get("/").status_code == 200

    assert thief.post(path).status_code == 410
    assert thief.get(path).status_code == 410
    assert thief.get("/").status_code == 303


def test_a_link_is_too_old_after_fifteen_minutes(place: Installation) -> None:
    path = link_path(place)
    place.later(minutes=15)
    client = place.private()

    assert client.get(path).status_code == 410
    assert client.post(path).status_code == 410
    assert client.get("/").status_code == 303


def test_the_cookie_cannot_be_read_or_sent_from_elsewhere(engine: Engine) -> None:
    plain, secure = Installation(engine), Installation(engine, private_url="https://tabuh.example")

    cookie = plain.private().post(link_path(plain)).headers["set-cookie"]
    assert cookie.startswith("tabuh_8000=")
    assert cookie.split("; ", 1)[1] == "HttpOnly; Max-Age=2592000; Path=/; SameSite=Lax"

    cookie = secure.private().post(link_path(secure)).headers["set-cookie"]
    assert cookie.startswith("__Host-tabuh=")
    assert cookie.split("; ", 1)[1] == "HttpOnly; Max-Age=2592000; Path=/; SameSite=Lax; Secure"


def test_after_the_link_a_password_is_set_and_opens_the_door(place: Installation) -> None:
    first = place.private()
    first.post(link_path(place))
    forgotten = place.signed_in()

    done = first.post("/password", data={"new": PASSWORD, "again": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    home = first.get("/")
    assert "Your password is set" in home.text
    assert "Your password is set" not in first.get("/").text, "a notice is shown once"
    assert forgotten.get("/").status_code == 303, "other browsers were signed out"

    second = place.private()
    wrong = second.post("/sign-in", data={"name": "owner", "password": PASSWORD + "!"})
    assert wrong.status_code == 422
    assert "set-cookie" not in wrong.headers
    assert PASSWORD not in wrong.text
    right = second.post("/sign-in", data={"name": "owner", "password": PASSWORD, "next": "/preferences"})
    assert (right.status_code, right.headers["location"]) == (303, "/preferences")
    assert second.get("/").status_code == 200
    with Session(place.engine) as session:
        assert [change.what for change in session.exec(select(Change))] == ["set password"]


def test_a_password_is_stored_only_as_argon2id(place: Installation) -> None:
    set_password(place.web.context, place.owner.id, PASSWORD)

    with Session(place.engine) as session:
        kept = people.person(session, place.owner.id).password_hash
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("too short", "too short", "at least 10 characters"),
        ("x" * 201, "x" * 201, "at most 200"),
        ("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "repeats too few"),
        ("The OWNER of it", "The OWNER of it", "must not hold your name"),
        (PASSWORD, PASSWORD + "x", "not the same"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(
    place: Installation, new: str, again: str, said: str
) -> None:
    answer = place.signed_in().post("/password", data={"new": new, "again": again})

    assert answer.status_code == 422
    assert said in answer.text
    with Session(place.engine) as session:
        assert people.person(session, place.owner.id).password_hash is None


@pytest.mark.parametrize("password", ["short", "x" * 300, "abcabcabcabc", "i am owner today"])
def test_every_reason_against_a_password_is_known_to_the_translators(password: str) -> None:
    with pytest.raises(UsageError) as refusal:
        check_password_choice(password, name="owner")
    assert str(refusal.value) in REFUSALS


def test_long_after_signing_in_a_new_password_needs_the_old_one(place: Installation) -> None:
    set_password(place.web.context, place.owner.id, PASSWORD)
    client = place.signed_in()
    place.later(minutes=16)
    new = {"new": "another good one", "again": "another good one"}

    assert "not your password" in client.post("/password", data=new).text
    assert client.post("/password", data=new | {"current": "guess"}).status_code == 422
    assert client.post("/password", data=new | {"current": PASSWORD}).status_code == 303


def test_passwords_cannot_be_tried_without_end(place: Installation) -> None:
    set_password(place.web.context, place.owner.id, PASSWORD)
    client = place.private()
    guess, right = {"name": "owner", "password": "guess"}, {"name": " Owner ", "password": PASSWORD}

    tries = [client.post("/sign-in", data=guess).status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]
    assert client.post("/sign-in", data=right).status_code == 429, "not even the right one, meanwhile"
    assert client.post("/sign-in", data={"name": "somebody", "password": "x"}).status_code == 422

    place.later(minutes=15)
    assert client.post("/sign-in", data=right | {"name": "owner"}).status_code == 303
    assert client.post("/sign-in", data=guess).status_code == 422, "who got in starts over"


@pytest.mark.parametrize("name", ["nobody", "", "\x00", "owner\x00", "x" * 900, "'; DROP TABLE person; --"])
def test_a_name_that_does_not_exist_is_answered_like_a_wrong_password(place: Installation, name: str) -> None:
    client = place.private()
    known = client.post("/sign-in", data={"name": "owner", "password": "guess"})
    unknown = client.post("/sign-in", data={"name": name, "password": "guess"})

    assert (unknown.status_code, unknown.text.count("do not fit")) == (
        known.status_code,
        known.text.count("do not fit"),
    )


def test_signing_out_ends_the_session_and_not_just_the_cookie(place: Installation) -> None:
    client = place.signed_in()
    kept = client.cookies[place.web.session_cookie]

    answer = client.post("/sign-out")

    assert answer.headers["location"] == "/sign-in"
    assert f"{place.web.session_cookie}=; HttpOnly; Max-Age=0" in answer.headers["set-cookie"]
    client.cookies.set(place.web.session_cookie, kept)
    assert client.get("/").status_code == 303
    with Session(place.engine) as session:
        assert session.exec(select(SignInSession)).all() == []


def test_a_session_slides_while_it_is_used(place: Installation) -> None:
    client = place.signed_in()
    token = client.cookies[place.web.session_cookie]
    assert "set-cookie" not in client.get("/").headers, "not written at every page"

    place.later(days=29)
    assert client.get("/").headers["set-cookie"].startswith(f"{place.web.session_cookie}={token}; HttpOnly")
    place.later(days=29)
    assert client.get("/").status_code == 200
    place.later(days=30)
    assert client.get("/").status_code == 303


def test_other_browsers_are_listed_and_can_be_signed_out(place: Installation) -> None:
    here, there = place.signed_in(), place.signed_in()
    stranger = place.signed_in(place.person("Sari", Role.OWNER))
    with Session(place.engine) as session:
        theirs = people.token_hash(there.cookies[place.web.session_cookie])
        assert len(people.sessions_of(session, place.owner.id, now=NOW)) == 2
    assert theirs in here.get("/preferences").text

    stranger.post("/preferences/sign-out", data={"session_hash": theirs})
    assert there.get("/").status_code == 200, "nobody signs out another person's browser"
    here.post("/preferences/sign-out", data={"session_hash": theirs})
    assert there.get("/").status_code == 303
    assert here.get("/").status_code == stranger.get("/").status_code == 200


def test_a_disabled_person_is_out_at_once(place: Installation) -> None:
    client = place.signed_in()
    with Session(place.engine) as session:
        person = session.get_one(Person, place.owner.id)
        person.disabled_at = place.now
        session.add(person)
        session.commit()

    assert client.get("/").status_code == 303


def test_who_belongs_to_no_workspace_is_told_so(place: Installation) -> None:
    answer = place.signed_in(place.person("Sari", None)).get("/")

    assert answer.status_code == 403
    assert "You belong to no workspace yet" in answer.text


def test_a_workspace_can_be_chosen_only_by_its_members(place: Installation) -> None:
    with Session(place.engine) as session:
        mine, theirs = (people.add_workspace(session, name, now=NOW) for name in ("Mine", "Theirs"))
        people.set_role(session, person_id=place.owner.id, workspace_id=mine.id, role=Role.READER)
        session.commit()
        ids = mine.id, theirs.id
    client = place.signed_in()

    assert client.get("/api/v1/workspace").json()["name"] == "Main"
    client.post("/workspace", data={"workspace": ids[0]})
    assert client.get("/api/v1/workspace").json()["role"] == "reader"
    client.post("/workspace", data={"workspace": ids[1]})
    assert client.get("/api/v1/workspace").json()["name"] == "Mine"
    client.cookies.delete("tabuh_workspace")
    client.cookies.set("tabuh_workspace", str(ids[1]))
    assert client.get("/api/v1/workspace").json()["name"] == "Main", "a forged cookie chooses nothing"


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.OWNER, 200), (Role.EDITOR, 403), (Role.APPROVER, 403), (Role.READER, 403)],
)
def test_only_owners_change_the_workspace(place: Installation, role: Role, status: int) -> None:
    client = place.signed_in(place.person("Sari", role))

    answer = client.patch("/api/v1/workspace", json={"zone": "Asia/Jakarta"})

    assert answer.status_code == status
    zone = client.get("/api/v1/workspace").json()["zone"]
    assert zone == ("Asia/Jakarta" if status == 200 else "UTC")
    if status == 403:
        assert "Your role in this workspace" in answer.json()["detail"]


def test_the_permission_table_says_what_each_role_may() -> None:
    assert {role: {str(p) for p in GRANTS[role]} for role in Role} == {
        Role.OWNER: {"see", "edit", "approve", "connect", "administer"},
        Role.EDITOR: {"see", "edit"},
        Role.APPROVER: {"see", "approve"},
        Role.READER: {"see"},
    }


def permissions(dependant: Dependant) -> Iterator[Permission]:
    if isinstance(dependant.call, Needs):
        yield dependant.call.permission
    for inner in dependant.dependencies:
        yield from permissions(inner)


def test_every_route_names_a_permission_or_is_on_the_public_list(place: Installation) -> None:
    routes = list(iter_route_contexts(create_app(place.web).routes))
    closed: dict[str, set[Permission]] = {}
    for route in routes:
        assert route.path is not None
        dependant: Any = getattr(route, "dependant", None)
        named = set(permissions(dependant)) if dependant else set()
        assert named or route.path in PUBLIC_PATHS, f"{route.path} is open to everybody"
        closed[route.path] = named

    assert set(PUBLIC_PATHS) <= set(closed), "the list names a route that is gone"
    assert closed["/"] == {Permission.SEE}
    assert len(closed) > len(PUBLIC_PATHS) + 4


def test_the_first_request_with_a_foreign_cookie_is_not_signed_in(place: Installation) -> None:
    client = place.private()
    for token in ("", "x", "\xff", "a" * 3000):
        cookie = f"{place.web.session_cookie}={token}".encode("latin-1")
        assert client.get("/", headers={b"Cookie": cookie}).status_code == 303
