"""The signed webhook: what goes out, how it is signed, what an answer may say."""

import base64
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from domain.content import Card, Channel, Content, RemotePost
from domain.errors import NeedsReconnect
from publishers.base import NoProgress
from publishers.platforms.webhook import (
    Webhook,
    WebhookCredentials,
    WebhookSettings,
    new_secret,
    signed_headers,
)
from tests.publishers.case import Case
from tests.publishers.fake_servers import FakeReceiver
from tests.world import NOON, FixedClock

KEY = "0f" * 16


@pytest.fixture
def receiver() -> FakeReceiver:
    return FakeReceiver(FixedClock())


def webhook(receiver: FakeReceiver, secret: str = FakeReceiver.SECRET) -> Webhook:
    channel = Channel(1, "webhook", "Drums", "drums", {"url": "https://hooks.example/hook"})
    credentials = WebhookCredentials(secret=SecretStr(secret))
    return Webhook(channel, receiver.client(), credentials=credentials, clock=receiver.clock)


def publish(receiver: FakeReceiver, key: str = KEY) -> RemotePost:
    content = Content("Drums", "https://n.example/a", Card("Title", "Words", "https://n.example/i.png"), "id")
    publisher = webhook(receiver)
    payload = publisher.render(content, created_at=NOON)
    return publisher.publish(payload, key=key, progress=NoProgress())


def test_a_known_signature_comes_out() -> None:
    # The example of the Standard Webhooks reference libraries.
    headers = signed_headers(
        b'{"test": 2432232314}',
        secret=SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        now=datetime.fromtimestamp(1614265330, UTC),
    )

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_receiver_gets_the_post_and_can_check_who_sent_it(receiver: FakeReceiver) -> None:
    remote = publish(receiver)

    assert receiver.received == [
        {
            "type": "post.published",
            "timestamp": "2026-03-02T12:00:00+00:00",
            "channel": "Drums",
            "text": "Drums",
            "link": "https://n.example/a",
            "title": "Title",
            "description": "Words",
            "image": "https://n.example/i.png",
            "image_alt": "",
            "language": "id",
            "created_at": "2026-03-02T12:00:00+00:00",
        }
    ]
    assert remote == RemotePost(f"msg_{KEY}", None, NOON)


def test_a_second_try_has_the_same_id_and_body_and_its_own_time() -> None:
    clock = FixedClock()
    receiver = FakeReceiver(clock)
    publish(receiver)
    clock.forward(minutes=5)
    publish(receiver)

    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.content == second.content
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 300


@pytest.mark.parametrize(
    ("says", "url"),
    [
        (httpx.Response(200, json={"url": "https://x.example/17"}), "https://x.example/17"),
        (httpx.Response(201, json={"url": "javascript:alert(1)"}), None),
        (httpx.Response(201, text='{"url": "https://x.example/\\ud800"}'), None),
        (httpx.Response(202, text="ok"), None),
        (httpx.Response(200, json=["url"]), None),
        (httpx.Response(200, json={"url": 5}), None),
    ],
)
def test_the_answer_may_say_where_the_post_is(
    receiver: FakeReceiver, says: httpx.Response, url: str | None
) -> None:
    receiver.says = says

    assert publish(receiver) == RemotePost(f"msg_{KEY}", url, NOON)


def test_a_receiver_that_names_every_post_the_same_has_each_of_them(receiver: FakeReceiver) -> None:
    receiver.says = httpx.Response(200, json={"id": "ok"})

    assert len({publish(receiver, key=key).id for key in ("a", "b")}) == 2


def test_a_receiver_with_another_secret_refuses(receiver: FakeReceiver) -> None:
    publisher = webhook(receiver, secret=new_secret())

    with pytest.raises(NeedsReconnect, match="wrong signature"):
        publisher.publish({"text": "x"}, key=KEY, progress=NoProgress())


def test_a_new_secret_is_fresh_and_taken() -> None:
    made = new_secret()

    assert made != new_secret()
    assert len(base64.b64decode(made.removeprefix("whsec_"))) == 32
    assert WebhookCredentials(secret=SecretStr(made)).sealable() == {"secret": made}


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_" + "A" * 88 + "====", "x" * 40, "whsec_ü"]
)
def test_what_is_no_signing_secret_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ValidationError, match="24 to 64 random bytes in base64") as caught:
        WebhookCredentials.model_validate({"secret": secret})

    shown = [error["msg"] for error in caught.value.errors()]
    assert shown == [
        "Value error, This is no signing secret. Write whsec_ and 24 to 64 random bytes in base64."
    ]


@pytest.mark.parametrize("settings", [{}, {"url": "hooks.example"}, {"url": "http://hooks.example/x"}])
def test_an_address_that_is_none_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WebhookSettings.model_validate(settings)


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    secret = FakeReceiver.SECRET
    settings = {"url": "https://hooks.example/hook"}
    return Case("webhook", FakeReceiver(clock), settings, {"secret": secret}, [secret], clock)
