"""Slack's webhook: its address is a secret, its answers are words, its pictures need a public address."""

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from domain.content import Channel, Content
from domain.errors import NeedsReconnect, OutcomeUnknown, RateLimited, Rejected
from domain.media import Attachment
from publishers.base import NoProgress
from publishers.platforms.slack_webhook import SlackWebhook, SlackWebhookCredentials
from publishers.slack_blocks import read_back
from tests.publishers.case import KEY, Case
from tests.publishers.fake_servers import asked_of
from tests.publishers.fakes.slack import FakeSlack, literal
from tests.world import NOON, FixedClock

OWN = Attachment(sha256="ab" * 32, media_type="image/jpeg", size=9, alt="Pasar")


@pytest.fixture
def server() -> FakeSlack:
    return FakeSlack(FixedClock())


def webhook(server: Any, *, public_url: str = "https://tabuh.example") -> SlackWebhook:
    channel = Channel(1, "slack_webhook", "Drums", "drums", {}, public_url)
    http = httpx.Client(transport=httpx.MockTransport(server))
    credentials = SlackWebhookCredentials.model_validate({"url": FakeSlack.HOOK})
    return SlackWebhook(channel, http, credentials=credentials, clock=FixedClock())


def send(publisher: SlackWebhook, content: Content) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.publish(payload, key=KEY, progress=NoProgress())


def test_a_post_arrives_word_for_word_and_the_address_shows_nowhere(server: FakeSlack) -> None:
    remote = send(webhook(server), Content("<!here> *hi*", link="https://news.example/a"))

    assert literal(server.received[0]["blocks"]) == "<!here> *hi*\n\nhttps://news.example/a"
    assert (remote.id, remote.url, remote.published_at) == (KEY, None, NOON)
    assert str(asked_of(server.requests[0])) == FakeSlack.HOOK
    assert str(server.requests[0].url) == "https://hooks.slack.com/services/***"


def test_pictures_are_shown_from_a_public_address_only(server: FakeSlack) -> None:
    elsewhere = Attachment(url="https://news.example/drums.png")
    content = Content("Look", media=(OWN, elsewhere))

    send(webhook(server), content)

    shown = [one for one in server.received[0]["blocks"] if one["type"] == "image"]
    where = f"https://tabuh.example/m/{'ab' * 32}/slack_webhook.jpeg"
    assert shown == [
        {
            "type": "image",
            "alt_text": "Pasar",
            "image_url": where,
        },
        {"type": "image", "alt_text": "Picture 2", "image_url": "https://news.example/drums.png"},
    ]
    private = webhook(server, public_url="http://192.168.1.5:8000")
    assert any("TABUH_PUBLIC_URL" in one for one in private.problems(content))
    assert private.problems(Content("Look", media=(elsewhere,))) == []
    with pytest.raises(Rejected, match="TABUH_PUBLIC_URL"):
        send(private, content)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (httpx.Response(404, text="no_service"), NeedsReconnect, "Make another"),
        (httpx.Response(404, text="channel_not_found"), NeedsReconnect, "no such channel"),
        (httpx.Response(410, text="channel_is_archived"), NeedsReconnect, "archived"),
        (httpx.Response(403, text="action_prohibited"), NeedsReconnect, "administrators"),
        (httpx.Response(403, text="invalid_token"), NeedsReconnect, "Copy it again"),
        (httpx.Response(400, text="invalid_payload"), Rejected, "invalid_payload"),
        (httpx.Response(500, text="rollup_error"), OutcomeUnknown, "500"),
        (httpx.Response(429, headers={"Retry-After": "30"}, text="rate_limited"), RateLimited, "wait 30 s"),
        (httpx.Response(200, text="<h1>Hotel</h1>"), OutcomeUnknown, "cannot be read"),
        (httpx.Response(400, text="<h1>Bad</h1>"), Rejected, "refuses this post"),
    ],
)
def test_the_words_of_a_refusal_are_understood(
    server: FakeSlack, answer: httpx.Response, error: type[Exception], said: str
) -> None:
    server.always = answer

    with pytest.raises(error, match=said):
        send(webhook(server), Content("hi"))


@pytest.mark.parametrize(
    "url", ["", "https://hooks.slack.com/services/T1", "https://example.org/services/T0123/B0123/abcdef"]
)
def test_what_is_no_webhook_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValidationError, match="no address of a Slack webhook") as caught:
        SlackWebhookCredentials.model_validate({"url": url})
    assert not url or url not in str(caught.value)


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    secret = FakeSlack.HOOK.partition("/services/")[2]
    return Case(
        "slack_webhook",
        FakeSlack(clock),
        {},
        {"url": FakeSlack.HOOK},
        [FakeSlack.HOOK, secret],
        clock,
        length=lambda payload: len(read_back(payload["text"])),
    )
