"""Discord's webhook: its address is a secret, and it is asked to wait for the message."""

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from domain.content import Channel, Content
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone
from domain.metrics import Metric
from publishers.base import Measured, NoProgress
from publishers.platforms.discord_webhook import DiscordWebhook, DiscordWebhookCredentials
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, Case
from tests.publishers.fake_servers import asked_of
from tests.publishers.fakes.discord import GUILD, HOOK, FakeDiscord, refusal
from tests.world import NOON, FixedClock


@pytest.fixture
def server() -> FakeDiscord:
    return FakeDiscord(FixedClock())


def webhook(server: Any, files: Folder | None = None, **settings: Any) -> DiscordWebhook:
    channel = Channel(1, "discord_webhook", "Drums", "drums", settings)
    http = httpx.Client(transport=httpx.MockTransport(server))
    credentials = DiscordWebhookCredentials.model_validate({"url": FakeDiscord.HOOK_URL})
    return DiscordWebhook(channel, http, credentials=credentials, clock=FixedClock(), files=files)


def send(publisher: DiscordWebhook, content: Content) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.publish(payload, key=KEY, progress=NoProgress())


def test_the_message_is_waited_for_and_its_name_and_thread_are_the_channels(server: FakeDiscord) -> None:
    remote = send(webhook(server, username="Drums", thread_id="70000000000000001"), Content("@everyone hi"))

    assert remote.id == server.messages[0]["id"]
    assert dict(asked_of(server.requests[0]).params) == {"wait": "true", "thread_id": "70000000000000001"}
    assert server.bodies[0]["username"] == "Drums"
    assert server.bodies[0]["allowed_mentions"] == {"parse": []}
    assert "nonce" not in server.bodies[0]


def test_the_address_shows_nowhere(server: FakeDiscord) -> None:
    publisher = webhook(server)
    remote = send(publisher, Content("hi"))
    publisher.identify()
    publisher.metrics(remote.id)

    assert not [one for one in server.requests if FakeDiscord.HOOK_TOKEN in str(one.url)]
    assert {asked_of(one).path.split("/")[5] for one in server.requests} == {FakeDiscord.HOOK_TOKEN}
    assert FakeDiscord.HOOK_TOKEN not in repr(publisher.credentials)


@pytest.mark.parametrize(
    "url",
    [
        "https://discordapp.com/api/webhooks/80000000000000004/" + "a" * 60,
        " https://ptb.discord.com/api/v10/webhooks/80000000000000004/" + "a" * 60 + "/",
    ],
)
def test_older_addresses_lead_to_the_same_place(url: str) -> None:
    kept = DiscordWebhookCredentials.model_validate({"url": url}).url.get_secret_value()

    assert kept == "https://discord.com/api/v10/webhooks/80000000000000004/" + "a" * 60


@pytest.mark.parametrize(
    "url", ["", "https://example.org/hook", "http://discord.com/api/webhooks/80000000000000004/" + "a" * 60]
)
def test_what_is_no_webhook_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValidationError, match="no address of a Discord webhook") as caught:
        DiscordWebhookCredentials.model_validate({"url": url})
    assert not url or url not in str(caught.value)


def test_a_name_that_discord_refuses_is_refused_first() -> None:
    with pytest.raises(ValidationError, match="Choose another"):
        DiscordWebhook.Settings.model_validate({"username": "My Discord news"})


def test_a_webhook_that_is_gone_asks_for_another(server: FakeDiscord) -> None:
    server.always = refusal(404, 10015, "Unknown Webhook")

    for call in (lambda: send(webhook(server), Content("hi")), webhook(server).identify):
        with pytest.raises(NeedsReconnect, match="webhook is gone"):
            call()


def test_an_answer_without_a_message_is_an_unknown_outcome(server: FakeDiscord) -> None:
    server.always = httpx.Response(204)

    with pytest.raises(OutcomeUnknown):
        send(webhook(server), Content("hi"))


def test_its_own_messages_are_counted_changed_and_deleted(server: FakeDiscord) -> None:
    folder = Folder(picture())
    publisher = webhook(server, folder)
    learned = publisher.enrich()
    assert learned is not None
    assert learned.model_dump()["guild_id"] == GUILD
    assert (publisher.identify().name, publisher.identify().remote_id) == ("Drums", HOOK)
    remote = send(publisher, Content("hi", media=folder.attachments("Pasar")))
    assert server.bodies[0]["attachments"][0]["description"] == "Pasar"

    publisher.edit(remote.id, publisher.render(Content("ho"), created_at=NOON))
    assert server.messages[0]["content"] == "ho"
    assert publisher.metrics(remote.id) == [Measured(Metric.REACTIONS, 0, "reactions.count")]
    publisher.delete(remote.id)
    publisher.delete(remote.id)
    with pytest.raises(PostGone):
        publisher.metrics(remote.id)


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "discord_webhook",
        FakeDiscord(clock),
        {"guild_id": GUILD},
        {"url": FakeDiscord.HOOK_URL},
        [FakeDiscord.HOOK_URL, FakeDiscord.HOOK_TOKEN],
        clock,
        length=lambda payload: len(payload["content"]),
    )
