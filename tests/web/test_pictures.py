"""Pictures in forms, in the API, and where readers see them."""

from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Engine, update
from sqlmodel import Session, select

from scheduler.worker import PublishingWorker
from store.engine import writing
from store.tables import Post
from tests.films import film
from tests.pictures import located, picture
from tests.web.queued import Queue
from tests.web.setting import Installation
from tests.web.test_writing import mastodon


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Installation:
    return Installation(engine, data_dir=tmp_path)


@pytest.fixture
def queue(place: Installation) -> Queue:
    return Queue(place)


def typed(queue: Queue, **more: str) -> dict[str, str]:
    return {"channel": str(queue.page.id), "text": "Look", "link": "", "when": "now", **more}


def media_of(place: Installation) -> list[list[dict[str, object]]]:
    with Session(place.engine) as session:
        return [
            post.content["media"]
            for post in session.exec(select(Post).order_by("id"))
            if post.content["text"] == "Look"
        ]


def test_a_picture_of_the_form_goes_out_and_readers_see_it(place: Installation, queue: Queue) -> None:
    client = place.signed_in()
    files = {"picture_1": ("pasar.jpg", located(), "image/jpeg")}

    answer = client.post("/posts/new", data=typed(queue, alt_1="Pasar at <dawn>"), files=files)

    assert answer.status_code == 303
    [[kept]] = media_of(place)
    path = f"/m/{kept['sha256']}.jpeg"
    public = place.public()
    assert public.get(path).status_code == 404, "not before the post goes out"
    PublishingWorker(replace(place.web.context, database_clock=False), width=1).run_until_idle()
    shown = public.get(path)
    assert shown.headers["content-type"] == "image/jpeg"
    assert b"SECRET" not in shown.content
    assert public.get(path, headers={"If-None-Match": shown.headers["etag"]}).status_code == 304
    assert public.get(path.replace("jpeg", "png")).status_code == 404
    page = public.get(f"/p/{queue.page.slug}").text
    assert f'<img src="{path}" alt="Pasar at &lt;dawn&gt;" width="40" height="60"' in page
    atom = public.get(f"/p/{queue.page.slug}/feed.atom").text
    assert 'rel="enclosure"' in atom
    assert f'href="http://localhost:8000{path}"' in atom
    entry = public.get(f"/p/{queue.page.slug}/feed.json").json()["items"][0]
    assert entry["attachments"][0]["url"].endswith(path)


def test_a_form_that_is_shown_again_keeps_what_was_uploaded(place: Installation, queue: Queue) -> None:
    client = place.signed_in()
    files = {"picture_2": ("pasar.png", picture(form="PNG"), "image/png")}

    looked = client.post("/posts/new", data=typed(queue, alt_2="Pasar", act="preview"), files=files)

    assert looked.status_code == 200
    with Session(place.engine) as session:
        from store.tables import Media

        name = session.exec(select(Media)).one().sha256
    assert f'name="kept_2" value="{name}"' in looked.text
    assert client.get(f"/media/{name}").content == picture(form="PNG")
    sent = client.post("/posts/new", data=typed(queue, alt_2="Pasar", kept_2=name))
    assert sent.status_code == 303
    assert [(one["sha256"], one["alt"]) for one in media_of(place)[0]] == [(name, "Pasar")]


def test_what_is_no_picture_is_said_beside_it_and_nothing_is_written(
    place: Installation, queue: Queue
) -> None:
    files = {"picture_1": ("pasar.jpg", b"no picture", "image/jpeg")}

    answer = place.signed_in().post("/posts/new", data=typed(queue), files=files)

    assert answer.status_code == 422
    assert "This file is no picture that can be read." in answer.text
    assert media_of(place) == []


def test_pictures_are_changed_and_taken_away_by_an_edit(place: Installation, queue: Queue) -> None:
    client = place.signed_in()
    files = {
        "picture_1": ("a.jpg", picture(), "image/jpeg"),
        "picture_2": ("b.jpg", picture(60, 41), "image/jpeg"),
    }
    client.post("/posts/new", data=typed(queue, when="draft"), files=files)
    [before] = media_of(place)
    with Session(place.engine) as session:
        post = next(one for one in session.exec(select(Post)) if one.content["text"] == "Look")
    form = client.get(f"/posts/{post.id}/edit").text
    assert all(f'value="{one["sha256"]}"' in form for one in before)

    kept = {f"kept_{place_}": str(one["sha256"]) for place_, one in enumerate(before, 1)}
    client.post(f"/posts/{post.id}/edit", data={"text": "Look", **kept, "drop_1": "on", "alt_2": "second"})

    [after] = media_of(place)
    assert [(one["sha256"], one["alt"]) for one in after] == [(before[1]["sha256"], "second")]


def test_the_api_takes_a_picture_once_and_posts_name_it(place: Installation, queue: Queue) -> None:
    client = place.signed_in()
    first = client.post("/api/v1/media", files={"file": ("a.jpg", picture(), "image/jpeg")})
    again = client.post("/api/v1/media", files={"file": ("b.jpg", picture(), "image/jpeg")})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    given = {"sha256": first.json()["sha256"], "alt": "Pasar"}
    channel = {"channel_id": str(queue.page.id), "text": "Look"}
    made = client.post("/api/v1/posts", json={**channel, "media": [given]})
    assert made.status_code == 201
    assert made.json()["media"][0]["alt"] == "Pasar"
    unknown = {**channel, "media": [{"sha256": "0" * 64}]}
    assert client.post("/api/v1/posts", json=unknown).status_code == 404
    refused = client.post("/api/v1/media", files={"file": ("a.txt", b"text", "text/plain")})
    assert refused.status_code in (400, 422)
    assert "no picture that can be read" in refused.json()["detail"]


def test_strangers_neither_add_nor_see_pictures(place: Installation, queue: Queue) -> None:
    stranger = place.private()

    assert stranger.post("/api/v1/media", files={"file": ("a.jpg", picture(), "image/jpeg")}).status_code in (
        401,
        403,
    )
    assert stranger.get(f"/media/{'0' * 64}", follow_redirects=False).status_code in (303, 401)


def test_a_video_of_the_form_goes_out_and_is_served_by_part(place: Installation) -> None:
    row = mastodon(place)
    body, client = film(film_bytes=5000), place.signed_in()
    sent = {"channel": str(row.id), "text": "Look", "link": "", "when": "draft", "alt_0": "A drum"}

    looked = client.post(
        "/posts/new", data={**sent, "act": "preview"}, files={"video": ("a.mp4", body, "video/mp4")}
    )
    name = sha256(body).hexdigest()
    assert f'name="kept_0" value="{name}"' in looked.text
    assert client.post("/posts/new", data={**sent, "kept_0": name}).status_code == 303
    assert client.get(f"/media/{name}", headers={"Range": "bytes=4-7"}).content == b"ftyp"

    [[kept]] = media_of(place)
    assert (kept["alt"], kept["duration_ms"], kept["media_type"]) == ("A drum", 12_500, "video/mp4")
    public, path = place.public(), f"/m/{name}.mp4"
    assert public.get(path).status_code == 404, "not before the post goes out"
    with writing(place.engine) as session:
        session.exec(update(Post).values(state="published", published_at=place.now, next_at=None))
        session.commit()
    whole = public.get(path)
    assert (whole.status_code, whole.content) == (200, body)
    assert (whole.headers["accept-ranges"], whole.headers["content-type"]) == ("bytes", "video/mp4")
    assert "content-encoding" not in whole.headers
    part = public.get(path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(body)}"
    assert public.get(path, headers={"Range": "bytes=-7"}).content == body[-7:]
    assert public.get(path, headers={"Range": f"bytes={len(body)}-"}).status_code == 416
    assert public.head(path).headers["content-length"] == str(len(body))
    assert public.get(path.replace("mp4", "mov")).status_code == 404


def test_a_file_that_is_no_video_is_said_at_its_field(place: Installation, queue: Queue) -> None:
    answer = place.signed_in().post(
        "/posts/new", data=typed(queue), files={"video": ("a.mp4", b"hello, this is text", "video/mp4")}
    )

    assert answer.status_code == 422
    assert "This file is no video that can be read." in answer.text
    assert media_of(place) == []


def test_platforms_that_fetch_pictures_get_them_as_they_take_them(place: Installation, queue: Queue) -> None:
    files = {"picture_1": ("tall.png", picture(100, 400, form="PNG"), "image/png")}
    place.signed_in().post("/posts/new", data=typed(queue, alt_1="Tall"), files=files)
    [[kept]] = media_of(place)
    path = f"/m/{kept['sha256']}/instagram.jpeg"
    public = place.public()
    assert public.get(path).status_code == 404, "not before the post goes out"

    PublishingWorker(replace(place.web.context, database_clock=False), width=1).run_until_idle()
    shown = public.get(path)

    assert shown.headers["content-type"] == "image/jpeg"
    with Image.open(BytesIO(shown.content)) as image:
        assert image.format == "JPEG"
        assert 0.79 <= image.width / image.height <= 0.82, "with margins: nothing taller fits there"
    assert public.get(path, headers={"If-None-Match": shown.headers["etag"]}).status_code == 304
    assert public.get(path.replace("instagram", "telegraph")).status_code == 404
    assert public.get(path.replace("instagram", "tiktok")).status_code == 404
