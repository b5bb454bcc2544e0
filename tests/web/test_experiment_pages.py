"""Pages of experiments and their JSON twins, on both databases and in both languages."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from domain.metrics import Metric
from domain.person import Role
from store.tables import ChannelRow
from tests.tried import published
from tests.web.reading import in_language, words
from tests.web.setting import OWN, Installation

LOW, HIGH = (50, 61, 44, 58, 70, 39), (130, 170, 110, 160, 145, 190)
FORM = {"name": "Questions", "question": "Do they help?", "metric": "views", "age": "86400",
        "method": "always", "effect": "50", "size": "6", "arm-1": "Plain", "arm-2": "Question"}  # fmt: skip


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


@pytest.fixture
def channel(place: Installation) -> ChannelRow:
    return place.page()


@pytest.fixture
def client(place: Installation, channel: ChannelRow) -> TestClient:
    assert channel.id
    return place.signed_in()


def start(client: TestClient, **changes: str) -> str:
    """The address of an experiment that was just started."""
    answer = client.post("/experiments/new", data={**FORM, **changes}, headers=OWN)
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["location"])


def fill(place: Installation, channel: ChannelRow, client: TestClient, page: str) -> None:
    """Six measured posts for each arm."""
    for arm, numbers in (("1", LOW), ("2", HIGH)):
        made = [
            published(
                place.engine, channel, place.now - timedelta(days=3, hours=hour), {Metric.VIEWS: number}
            )
            for hour, number in enumerate(numbers)
        ]
        data = {"arm": arm, **{f"post-{post.id}": "on" for post in made[:5]}, "posts": str(made[5].id)}
        answer = client.post(f"{page}/posts", data=data, headers=OWN)
        assert answer.status_code == 303


def test_an_empty_list_teaches(client: TestClient) -> None:
    shown = client.get("/experiments")

    assert shown.status_code == 200
    assert "Write the same post in two ways" in words(shown)
    assert '/experiments"' in client.get("/statistics").text


def test_an_experiment_is_started_filled_and_judged_on_its_page(
    place: Installation, channel: ChannelRow, client: TestClient
) -> None:
    page = start(client)
    fill(place, channel, client, page)
    told = words(client.get(page))
    indonesian = words(in_language(client, "id").get(page))
    in_language(client, "en")
    document = client.get(f"/api/v1{page}").json()
    detail = client.get(f"/api/v1/statistics/posts/{document['posts'][0]['id']}").json()
    answer = client.post(f"{page}/end", data={"reason": "Enough"}, headers=OWN)
    after = words(client.get(page))

    assert "Question is ahead of Plain: +" in told
    assert "6 of 6 count" in told
    assert "added when its figures were known" in told
    assert "Question mengungguli Plain: +" in indonesian
    assert (detail["experiment"]["name"], detail["experiment"]["arm_name"]) == ("Questions", "Plain")
    assert [one["arm_name"] for one in detail["arms"]] == ["Plain"] * 5 + ["Question"] * 6
    assert answer.status_code == 303
    assert "Ended" in after
    assert "Judge it now" not in after
    assert "Enough" in after
    [found] = document["contrasts"]
    assert found["low"] > 0
    assert found["decided"]
    assert [arm["name"] for arm in document["arms"]] == ["Plain", "Question"]
    assert client.get(f"/api/v1{page}").json()["frozen"]
    [row] = client.get("/api/v1/experiments").json()["rows"]
    assert (row["state"], row["reason"]) == ("ended", "Enough")
    assert "Question is ahead of Plain" in words(client.get("/experiments"))


def test_the_picture_can_be_kept(place: Installation, channel: ChannelRow, client: TestClient) -> None:
    page = start(client)
    fill(place, channel, client, page)
    number = page.rpartition("/")[2]

    assert f"/charts/experiment/picture.svg?experiment={number}" in client.get(page).text
    picture = client.get(f"/charts/experiment/picture.svg?experiment={number}")
    assert picture.status_code == 200
    assert "Question" in picture.text


def test_what_is_wrong_is_said_in_the_form_and_nothing_is_lost(client: TestClient) -> None:
    answer = client.post("/experiments/new", data={**FORM, "arm-2": "plain", "effect": "half"}, headers=OWN)
    again = client.post("/experiments/new", data={**FORM, "arm-2": "plain"}, headers=OWN)

    assert (answer.status_code, again.status_code) == (422, 422)
    assert "Write the effect in percent, such as 50." in words(answer)
    assert "Two arms have the same name: name them apart." in words(again)
    assert 'value="Questions"' in again.text
    assert client.get("/api/v1/experiments").json()["rows"] == []


def test_the_form_says_how_many_posts_it_takes(
    place: Installation, channel: ChannelRow, client: TestClient
) -> None:
    for number in range(24):
        at = place.now - timedelta(days=3, hours=number)
        published(place.engine, channel, at, {Metric.VIEWS: 40 + 7 * (number % 5)})

    told = client.post("/experiments/new", data={**FORM, "act": "advice", "size": ""}, headers=OWN)
    asked = {key: FORM[key] for key in ("name", "metric")}
    advice = client.post("/api/v1/experiments/advice", json=asked, headers=OWN).json()

    assert told.status_code == 200
    assert f"takes about {advice['needed']} posts in each arm" in words(told)
    assert advice["posts"] == 24
    assert client.get("/api/v1/experiments").json()["rows"] == []


def test_an_experiment_starts_from_the_page_of_a_post(
    place: Installation, channel: ChannelRow, client: TestClient
) -> None:
    post = place.post(channel, "Kopi Gayo", age=timedelta(days=2))

    form = client.get(f"/experiments/new?post={post.id}")
    to = start(client, post=str(post.id))
    draft = words(client.get(to))

    assert "The first arm begins with" in words(form)
    assert to.startswith("/posts/")
    assert "Kopi Gayo" in draft
    [row] = client.get("/api/v1/experiments").json()["rows"]
    assert [arm["posts"] for arm in row["arms"]] == [1, 1]


def test_programs_start_fill_and_stop_experiments(
    place: Installation, channel: ChannelRow, client: TestClient
) -> None:
    post = place.post(channel, "Kopi Gayo")
    body = {"name": "Questions", "metric": "views", "size": 6, "channel_ids": [str(channel.id)]}
    made = client.post("/api/v1/experiments", json=body, headers={**OWN, "Idempotency-Key": "one"})
    again = client.post("/api/v1/experiments", json=body, headers={**OWN, "Idempotency-Key": "one"})
    at = f"/api/v1/experiments/{made.json()['id']}"
    given = client.post(f"{at}/posts", json={"arm": "B", "post_ids": [str(post.id)]}, headers=OWN).json()
    taken = client.delete(f"{at}/posts/{post.id}", headers=OWN).json()
    stopped = client.post(f"{at}/stop", json={}, headers=OWN).json()
    refused = client.post(f"{at}/posts", json={"arm": "B", "post_ids": [str(post.id)]}, headers=OWN)

    assert made.status_code == 201
    assert again.json()["id"] == made.json()["id"]
    assert [(one["id"], one["arm"]) for one in given["posts"]] == [(str(post.id), 2)]
    assert taken["posts"] == []
    assert (stopped["state"], stopped["ended_by"]) == ("stopped", "person")
    assert refused.status_code == 422
    assert "is over: its result stays as it is" in refused.json()["detail"]
    assert client.post("/api/v1/experiments", json={"name": "X", "age": "8h"}, headers=OWN).status_code == 422


def test_who_may_only_see_changes_nothing(
    place: Installation, channel: ChannelRow, client: TestClient
) -> None:
    page = start(client)
    viewer = place.signed_in(place.person("Vi", Role.READER))
    stranger = place.private()

    shown = viewer.get(page)

    assert shown.status_code == 200
    assert "Judge it now" not in shown.text
    assert "Give posts to an arm" not in shown.text
    for act in ("/end", "/stop", "/posts"):
        assert viewer.post(f"{page}{act}", data={}, headers=OWN).status_code == 403
    assert viewer.get("/experiments/new").status_code == 403
    assert stranger.get(page).status_code != 200


def test_hostile_words_are_shown_as_words(
    place: Installation, channel: ChannelRow, client: TestClient
) -> None:
    name = "<script>alert(1)</script>"
    page = start(
        client, name=name, question="{{ 7*7 }} {0} %(x)s", **{"arm-1": "<b>{arm}", "arm-2": "%s {effect}"}
    )
    fill(place, channel, client, page)

    shown = client.get(page).text

    assert name not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "%s {effect} is ahead of &lt;b&gt;{arm}: +" in shown
    assert client.get(f"{page}x").status_code in (404, 422)
    assert client.get("/experiments/999").status_code == 404
