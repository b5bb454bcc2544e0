"""Pinterest: pictures and videos in the request, boards to choose from, numbers that may not be there yet."""

import base64
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from domain.content import Card, Channel, Content
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, Rejected
from domain.media import Attachment
from domain.metrics import Metric
from publishers.base import Measured
from publishers.oauth import Application, OAuthCredentials
from publishers.platforms.pinterest import Pinterest
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, Case, Kept
from tests.publishers.fake_servers import Crash
from tests.publishers.fakes.forms import fields
from tests.publishers.fakes.official import Official
from tests.publishers.fakes.pinterest import BOARD, FakePinterest, refusal
from tests.world import NOON, FixedClock

LINK = "https://news.example/drums?utm_source=tabuh"
FOLDER = Folder(picture())
MEDIA = FOLDER.attachments("Pasar at dawn")
APPLICATION = Application("1234567", SecretStr("application-secret"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakePinterest:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return FakePinterest(FixedClock())


def pinterest(server: Any, files: Folder = FOLDER, **settings: Any) -> Pinterest:
    channel = Channel(1, "pinterest", "Drums", "drums", {"board_id": BOARD, **settings})
    http = httpx.Client(transport=httpx.MockTransport(server))
    credentials = OAuthCredentials.model_validate({"access_token": FakePinterest.TOKEN})
    return Pinterest(
        channel, http, credentials=credentials, clock=FixedClock(), files=files, application=APPLICATION
    )


def send(publisher: Pinterest, content: Content, kept: Kept | None = None) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.publish(payload, key=KEY, progress=kept or Kept())


def find(publisher: Pinterest, content: Content) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.find_existing(payload, key=KEY, handle=None, since=NOON)


def test_the_sandbox_has_addresses_of_its_own() -> None:
    sandbox = pinterest(lambda request: refusal(404, 1, "x"), api="https://api-sandbox.pinterest.com/v5/")

    assert sandbox.flow_here().token_url == "https://api-sandbox.pinterest.com/v5/oauth/token"
    with pytest.raises(NeedsReconnect):
        send(sandbox, Content("hi", media=MEDIA))


def test_a_pin_has_its_texts_link_and_picture(server: FakePinterest) -> None:
    content = Content("Drums at dawn", link=LINK, title="Drums", media=MEDIA)

    remote = send(pinterest(server), content)

    body = server.bodies[0]
    source = body.pop("media_source")
    assert base64.b64decode(source["data"]) == next(iter(FOLDER.bodies.values()))
    assert (source["source_type"], source["content_type"]) == ("image_base64", "image/jpeg")
    assert body == {
        "board_id": BOARD,
        "title": "Drums",
        "description": "Drums at dawn",
        "link": LINK,
        "alt_text": "Pasar at dawn",
    }
    assert remote.url == f"https://www.pinterest.com/pin/{remote.id}/"


def test_several_pictures_are_one_pin(server: FakePinterest) -> None:
    folder = Folder(picture(), picture(60, 41))

    send(pinterest(server, folder), Content("Look", media=folder.attachments("One", "Two")))

    source = server.bodies[0]["media_source"]
    assert (source["source_type"], len(source["items"])) == ("multiple_image_base64", 2)
    assert server.bodies[0]["alt_text"] == "One; Two"


def test_texts_are_counted_in_code_points_and_the_card_gives_the_title(server: FakePinterest) -> None:
    card = Card("T" * 120)
    payload = pinterest(server).render(Content("🥁" * 801, card=card, media=MEDIA), created_at=NOON)

    assert len(payload["description"]) == 800
    assert len(payload["title"]) == 100
    whole = pinterest(server).render(Content("🥁" * 800, media=MEDIA), created_at=NOON)
    assert whole["description"] == "🥁" * 800


def test_what_pinterest_would_refuse_is_told_before(server: FakePinterest) -> None:
    publisher = pinterest(server)

    assert publisher.problems(Content("hi", media=MEDIA)) == []
    assert publisher.problems(Content("hi")) == [
        "Pinterest takes no post without a picture or a video. Add one."
    ]
    long = Content("hi", link="https://n.example/" + "x" * 2048, media=MEDIA)
    assert publisher.problems(long) == [
        "Pinterest takes links of at most 2,048 characters. Use a shorter one."
    ]
    none = pinterest(server, board_id=None)
    assert any("No board is chosen" in one for one in none.problems(Content("hi", media=MEDIA)))
    with pytest.raises(NeedsReconnect, match="choose one"):
        send(none, Content("hi", media=MEDIA))


def video(folder: Folder) -> Attachment:
    return replace(folder.attachments("Drummers")[0], media_type="video/mp4")


def test_a_video_is_uploaded_worked_on_and_pinned(server: FakePinterest) -> None:
    server.slow_looks = 3
    folder, kept = Folder(b"moving" * 99), Kept()

    send(pinterest(server, folder), Content("Look", media=(video(folder),)), kept)

    assert server.videos["500"]["body"] == b"moving" * 99
    source = server.bodies[0]["media_source"]
    assert (source["source_type"], source["media_id"]) == ("video_id", "500")
    assert kept.handle == {"media_id": "500", "sent": True}


@pytest.mark.parametrize(("crash_at", "uploads"), [(0, 2), (1, 1)])
def test_after_a_crash_only_what_is_missing_is_uploaded_again(
    server: FakePinterest, crash_at: int, uploads: int
) -> None:
    folder, kept = Folder(b"moving" * 99), Kept(crash_at=crash_at, crash_after=True)
    content = Content("Look", media=(video(folder),))
    with pytest.raises(Crash):
        send(pinterest(server, folder), content, kept)
    kept.crash_at = None

    send(pinterest(server, folder), content, kept)

    assert len(server.videos) == uploads
    assert server.copies == 1


def test_a_video_that_takes_long_is_waited_for_by_the_queue_and_a_broken_one_is_refused(
    server: FakePinterest,
) -> None:
    server.slow_looks = 99
    folder, kept = Folder(b"moving" * 99), Kept()
    content = Content("Look", media=(video(folder),))
    with pytest.raises(NotSent, match="still working"):
        send(pinterest(server, folder), content, kept)
    server.slow_looks = 0
    send(pinterest(server, folder), content, kept)
    assert len(server.videos) == 1

    server.videos["500"]["status"] = "failed"
    real_looked = server.routes[r"GET /v5/media/\d+"]

    def failing(request: httpx.Request) -> httpx.Response:
        real_looked(request)
        return httpx.Response(200, json={"media_type": "video", "status": "failed"})

    server.routes[r"GET /v5/media/\d+"] = failing
    with pytest.raises(Rejected, match="Convert it"):
        send(pinterest(server, folder), content)


def test_a_pin_is_found_on_its_board_wherever_it_stands(server: FakePinterest) -> None:
    content = Content("Drums  & more", link=LINK, title="Drums", media=MEDIA)
    remote = send(pinterest(server), content)
    server.add(NOON, description="Drums & more", title="Drums", link="https://elsewhere.example/")
    server.add(NOON - timedelta(hours=2), description="Drums & more", title="Drums", link=LINK)
    server.page = 1

    assert find(pinterest(server), content) == remote
    assert find(pinterest(server), replace(content, title="Other")) is None


def test_absence_is_not_claimed_of_a_board_that_was_not_read_to_the_end(server: FakePinterest) -> None:
    for number in range(9):
        server.add(NOON, description=f"newer {number}")
    server.page = 1

    with pytest.raises(OutcomeUnknown, match="too many pins"):
        find(pinterest(server), Content("hi", media=MEDIA))


def test_numbers_are_supplied_as_pinterest_has_them(server: FakePinterest) -> None:
    publisher = pinterest(server)
    remote = send(publisher, Content("hi", media=MEDIA))

    assert publisher.metrics(remote.id) == []
    server.analytics = {
        "summary_metrics": {"IMPRESSION": 240, "SAVE": 0, "OUTBOUND_CLICK": 20},
        "lifetime_metrics": {"TOTAL_COMMENTS": 10},
    }
    assert publisher.metrics(remote.id) == [
        Measured(Metric.IMPRESSIONS, 240, "summary_metrics.IMPRESSION"),
        Measured(Metric.SAVES, 0, "summary_metrics.SAVE"),
        Measured(Metric.CLICKS_PLATFORM, 20, "summary_metrics.OUTBOUND_CLICK"),
        Measured(Metric.REPLIES, 10, "lifetime_metrics.TOTAL_COMMENTS"),
    ]
    server.analytics["daily_metrics"] = [{"data_status": "PROCESSING"}]
    assert publisher.metrics(remote.id)[0] == Measured(Metric.IMPRESSIONS, None, "summary_metrics.IMPRESSION")
    assert publisher.channel_metrics() == [Measured(Metric.FOLLOWERS, 42, "follower_count")]


def test_a_pin_is_changed_and_deleted(server: FakePinterest) -> None:
    publisher = pinterest(server)
    remote = send(publisher, Content("hi", media=MEDIA))

    publisher.edit(remote.id, publisher.render(Content("ho", link=LINK, media=MEDIA), created_at=NOON))
    assert (server.pins[0]["description"], server.pins[0]["link"]) == ("ho", LINK)
    publisher.delete(remote.id)
    publisher.delete(remote.id)
    for gone in (publisher.metrics, lambda id: publisher.edit(id, {"description": "x"})):
        with pytest.raises(PostGone):
            gone(remote.id)


def test_the_boards_are_the_choice_and_the_owner_is_named(server: FakePinterest) -> None:
    publisher = pinterest(server, board_id=None)

    assert [(one.name, one.settings) for one in publisher.targets()] == [("Drums", {"board_id": BOARD})]
    identity = publisher.identify()
    assert (identity.name, identity.url) == ("@drums", "https://www.pinterest.com/drums/")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusal(403, 29, "You are not permitted to access that resource."), "trial access"),
        (refusal(404, 40, "Board not found."), "board is gone"),
        (refusal(401, 2, "Authentication failed."), "Connect the channel again"),
    ],
)
def test_refusals_say_in_words_what_to_do(server: FakePinterest, answer: httpx.Response, said: str) -> None:
    server.always = answer

    with pytest.raises(NeedsReconnect, match=said):
        send(pinterest(server), Content("hi", media=MEDIA))


def test_access_is_asked_for_and_renewed_in_pinterests_own_way() -> None:
    asked = []

    def token(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        scope = "boards:read,boards:write,pins:read,pins:write,user_accounts:read"
        return httpx.Response(
            200,
            json={
                "access_token": "pina_new",
                "refresh_token": "pinr_new",
                "token_type": "bearer",
                "expires_in": 2_592_000,
                "refresh_token_expires_in": 5_184_000,
                "scope": scope,
            },
        )

    publisher = pinterest(token)
    address = publisher.consent_address(redirect_uri="https://t.example/back", state="s", verifier="v")
    granted = publisher.redeem("code", redirect_uri="https://t.example/back", verifier="v")

    query = parse_qs(urlsplit(address).query)
    assert query["scope"] == ["boards:read,boards:write,pins:read,pins:write,user_accounts:read"]
    assert "code_challenge" not in query
    assert asked[0].headers["authorization"].startswith("Basic ")
    assert fields(asked[0])["continuous_refresh"] == "true"
    assert granted.refresh_expires_at == FixedClock()() + timedelta(seconds=5_184_000)
    assert Official("pinterest").breach(asked[0]) is None


@pytest.mark.skipif(not Official("pinterest").is_here, reason="Pinterest's description is not in ../shared")
def test_the_fake_refuses_what_pinterest_does_not_describe(server: FakePinterest) -> None:
    client, headers = server.client(), {"Authorization": f"Bearer {FakePinterest.TOKEN}"}
    wrong: list[dict[str, Any]] = [
        {"board_id": BOARD, "title": "x" * 101},
        {"board_id": "drums"},
        {"board_id": BOARD, "media_source": {"source_type": "carrier_pigeon"}},
    ]

    for body in wrong:
        answer = client.post("https://api.pinterest.com/v5/pins", json=body, headers=headers)
        assert answer.status_code == 400
    assert server.copies == 0


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    content = Content("Drums at dawn #news", link=LINK, card=Card("Drums", "At dawn"), media=MEDIA)
    return Case(
        "pinterest",
        FakePinterest(clock),
        {"board_id": BOARD},
        {"access_token": FakePinterest.TOKEN},
        [FakePinterest.TOKEN],
        clock,
        content=content,
        other=Content("Something else", media=MEDIA),
        files=FOLDER,
        application=APPLICATION,
        length=lambda payload: len(payload["description"]),
    )
