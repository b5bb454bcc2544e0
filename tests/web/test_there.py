"""Published posts where they stand: the page, without script, and the API."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.testclient import TestClient

from domain.person import Role, Scope
from store.tables import Post
from tests.web.setting import Installation
from tests.web.test_api_base import problem, program


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def post(place: Installation) -> Post:
    return place.post(place.page(), "Halo")


def kept(place: Installation, post: Post) -> Post:
    with Session(place.engine, expire_on_commit=False) as session:
        return session.get_one(Post, post.id)


def test_a_text_is_changed_and_a_post_taken_down_after_a_person_is_sure(
    place: Installation, post: Post
) -> None:
    client = place.signed_in()
    there = f"/posts/{post.id}/there"
    assert there in client.get(f"/posts/{post.id}").text

    assert "Halo" in client.get(there).text
    changed = client.post(f"{there}/edit", data={"text": "Halo lagi"})
    assert (changed.status_code, kept(place, post).content["text"]) == (303, "Halo lagi")
    empty = client.post(f"{there}/edit", data={"text": " "})
    assert (empty.status_code, "neither text nor link" in empty.text) == (422, True)
    unsure = client.post(f"{there}/delete", data={})
    assert (unsure.status_code, "Say that you are sure." in unsure.text) == (422, True)
    assert kept(place, post).deleted_at is None
    gone = client.post(f"{there}/delete", data={"sure": "on"})
    assert (gone.status_code, kept(place, post).deleted_at) == (303, place.now)
    page = client.get(f"/posts/{post.id}").text
    assert "It is no longer on" in page
    assert there not in page


def test_programs_change_and_delete_what_is_out(place: Installation, post: Post) -> None:
    client: TestClient = program(place, Scope.WRITE)
    address = f"/api/v1/posts/{post.id}/remote"

    assert client.patch(address, json={"text": "Halo lagi"}).json()["text"] == "Halo lagi"
    told = client.delete(address).json()
    assert told["deleted_at"] is not None
    assert "not on its platform any more" in problem(client.delete(address), 422)["detail"]


def test_who_may_only_look_may_not_change_it(place: Installation, post: Post) -> None:
    viewer = place.signed_in(place.person("Sari", Role.READER))

    assert f"/posts/{post.id}/there" not in viewer.get(f"/posts/{post.id}").text
    assert viewer.post(f"/posts/{post.id}/there/delete", data={"sure": "on"}).status_code == 403
    assert kept(place, post).deleted_at is None
