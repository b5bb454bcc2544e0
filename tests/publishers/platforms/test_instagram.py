"""Instagram: containers that are published once, carousels and reels, numbers that are not there yet."""

import time
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from domain.content import Content
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, RateLimited, Rejected
from domain.media import Attachment
from domain.metrics import Metric
from publishers.oauth import Application
from publishers.platforms.instagram import Instagram
from tests.pictures import Folder, picture
from tests.publishers.case import CONTENT, OTHER_CONTENT, Case, Kept
from tests.publishers.fake_servers import LOST_ANSWER
from tests.publishers.fakes.containers import FakeInstagram
from tests.publishers.fakes.meta import SECRET, error
from tests.world import NOON, FixedClock

FOLDER = Folder(picture(), picture(60, 41))
PICTURES = FOLDER.attachments("A drum")
FILM = Attachment("ab" * 32, media_type="video/mp4", size=9000, duration_ms=9000)


def with_media(content: Content, *media: Attachment) -> Content:
    return Content(content.text, link=content.link, media=media, first_comment=content.first_comment)


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "instagram",
        FakeInstagram(clock),
        {"user_id": "55"},
        {"access_token": FakeInstagram.TOKEN},
        [FakeInstagram.TOKEN, SECRET],
        clock,
        content=with_media(CONTENT, PICTURES[0]),
        other=with_media(OTHER_CONTENT, PICTURES[1]),
        files=FOLDER,
        application=Application("meta-id", SecretStr(SECRET)),
        length=lambda payload: len(payload["text"]),
    )


def server(case: Case) -> FakeInstagram:
    assert isinstance(case.server, FakeInstagram)
    return case.server


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def test_a_picture_is_fetched_as_jpeg_from_our_public_address_with_its_description() -> None:
    one = case()

    remote = one.publish()

    said = server(one).posts[0]["said"]
    assert said["image_url"] == f"https://tabuh.example/m/{PICTURES[0].sha256}/instagram.jpeg"
    assert said["alt_text"] == "A drum"
    assert "media_type" not in said
    assert remote.url == f"https://meta.example/p/{remote.id}"


def test_a_video_is_a_reel_and_several_files_are_a_carousel() -> None:
    one = case()
    one.publish(with_media(Content("Watch"), FILM))
    one.kept = Kept()
    one.publish(with_media(Content("Look"), *PICTURES, FILM))

    reel, carousel = (post["said"] for post in server(one).posts)

    assert (reel["media_type"], reel["video_url"]) == ("REELS", f"https://tabuh.example/m/{'ab' * 32}.mp4")
    assert (carousel["media_type"], carousel["caption"]) == ("CAROUSEL", "Look")
    kinds = [server(one).containers[c]["said"].get("media_type") for c in carousel["children"].split(",")]
    assert kinds == [None, None, "VIDEO"]


def test_without_a_public_address_nothing_with_files_can_be_sent() -> None:
    publisher = case().publisher()
    publisher.channel = type(publisher.channel)(
        1, "instagram", "Drums", "drums", public_url="http://localhost:8000"
    )

    (problem,) = publisher.problems(with_media(Content("Hi"), *PICTURES))
    assert "TABUH_PUBLIC_URL" in problem
    with pytest.raises(Rejected, match="TABUH_PUBLIC_URL"):
        publisher.publish(
            publisher.render(with_media(Content("Hi"), *PICTURES), created_at=NOON),
            key="0",
            progress=case().kept,
        )


def test_what_instagram_does_not_take_is_told_before() -> None:
    publisher = case().publisher()

    assert "takes no post without" in " ".join(publisher.problems(Content("Hi")))
    many = "#a " * 31 + "@b " * 21
    assert publisher.problems(with_media(Content(many), *PICTURES)) == [
        "Instagram takes at most 30 tags. Take some out.",
        "Instagram takes at most 20 mentions. Take some out.",
    ]


def test_a_container_that_is_out_is_never_published_again() -> None:
    one = case()
    one.server.faults.append(LOST_ANSWER)
    with pytest.raises(OutcomeUnknown):
        one.publish()

    again = one.publish()

    assert one.copies == 1
    assert again.id == server(one).posts[0]["id"]
    assert len(server(one).containers) == 1


def test_a_container_that_is_out_and_not_listed_yet_is_not_called_absent() -> None:
    one = case()
    one.publish()
    server(one).listed = False
    publisher = one.publisher()
    payload = publisher.render(one.content, created_at=NOON)

    with pytest.raises(OutcomeUnknown, match="does not show it yet"):
        publisher.find_existing(payload, key="0", handle=one.kept.handle, since=NOON)


def test_files_in_work_are_waited_for_and_the_next_try_goes_on() -> None:
    one = case()
    server(one).slow_looks = 12
    with pytest.raises(NotSent, match="still working"):
        one.publish()

    one.publish()

    assert len(server(one).containers) == one.copies == 1


def test_a_container_that_failed_is_told_and_made_anew() -> None:
    one = case()
    server(one).fails = "Error: the video is too short"
    with pytest.raises(Rejected, match="cannot use this post: Error: the video is too short"):
        one.publish()
    server(one).fails = None

    one.publish()

    assert len(server(one).containers) == 2
    assert one.copies == 1


def test_a_container_that_was_forgotten_is_made_anew() -> None:
    one = case()
    server(one).slow_looks = 12
    with pytest.raises(NotSent):
        one.publish()
    server(one).containers.clear()
    server(one).slow_looks = 0

    assert one.find(None) is None
    one.publish()

    assert one.copies == 1


def test_a_first_comment_stands_below_the_post_once() -> None:
    one = case()
    content = Content("Hi", media=PICTURES[:1], first_comment="#one #two")
    one.publish(content)
    one.kept.handle = {**(one.kept.handle or {}), "parts": (one.kept.handle or {})["parts"][:1], "sending": 1}

    one.publish(content)

    assert [c["text"] for c in server(one).comments] == ["#one #two"]


def test_an_empty_set_is_not_yet_there_and_never_zero() -> None:
    one = case()
    remote = one.publish()

    before = {m.metric: m.value for m in one.publisher().metrics(remote.id)}
    server(one).numbers = {"views": 9, "reach": 7, "likes": 0, "comments": 1, "shares": 2, "saved": 3}
    after = {m.metric: (m.value, m.source) for m in one.publisher().metrics(remote.id)}

    assert set(before.values()) == {None}
    assert after[Metric.IMPRESSIONS] == (9, "views")
    assert after[Metric.REACTIONS] == (0, "likes")
    with pytest.raises(PostGone):
        one.publisher().metrics("79999")
    assert [m.value for m in one.publisher().channel_metrics()] == [42]


def test_the_number_of_posts_a_day_is_asked_of_instagram() -> None:
    one = case()
    learned = one.publisher().enrich()
    assert learned is not None
    one.settings = learned.model_dump()

    assert one.publisher().limits().budgets[0].most == 100
    assert one.publisher().enrich() is None


def test_a_day_that_is_used_up_is_waited_for() -> None:
    one = case()
    one.server.always = error(403, 9, "Application request limit reached", subcode=2207042)

    with pytest.raises(RateLimited, match="no more posts today") as caught:
        one.publish()

    assert caught.value.retry_after == timedelta(hours=3)


class Token:
    """Instagram's two token addresses."""

    def __init__(self) -> None:
        self.asked: list[httpx.URL] = []
        self.short: Any = {"data": [{"access_token": "short", "user_id": "55", "permissions": "a,b"}]}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        if request.url.path == "/oauth/access_token":
            return httpx.Response(200, json=self.short)
        if request.url.params["grant_type"] not in ("ig_exchange_token", "ig_refresh_token"):
            return error(400, 100, "grant_type")
        token = "long" if request.url.path == "/access_token" else "longer"
        return httpx.Response(
            200, json={"access_token": token, "token_type": "bearer", "expires_in": 5184000}
        )


def instagram(token: Token, clock: FixedClock, **credentials: Any) -> Instagram:
    held = {"access_token": "none", **credentials}
    return Instagram(
        case().publisher().channel,
        httpx.Client(transport=httpx.MockTransport(token)),
        credentials=Instagram.Credentials.model_validate(held),
        clock=clock,
        application=Application("meta-id", SecretStr(SECRET)),
    )


def test_a_grant_of_an_hour_is_exchanged_for_one_of_sixty_days_that_renews_itself() -> None:
    token, clock = Token(), FixedClock()

    granted = instagram(token, clock).redeem("code", redirect_uri="https://tabuh.example/back", verifier="v")

    assert granted.access_token.get_secret_value() == "long"
    assert granted.expires_at == clock.now + timedelta(days=60)
    held = granted.sealable()
    publisher = instagram(token, clock, **held)
    assert not publisher.needs_refresh()
    clock.forward(days=50)
    assert publisher.needs_refresh()
    fresh = publisher.refresh()
    assert fresh is not None
    assert fresh.access_token.get_secret_value() == "longer"
    clock.forward(days=11)
    with pytest.raises(NeedsReconnect):
        publisher.refresh()


def test_times_are_read_as_meta_writes_them() -> None:
    one = case()
    remote = one.publish()

    assert isinstance(remote.published_at, datetime)
    assert remote.published_at == NOON
