"""Messages in a Slack channel, by one of its incoming webhooks.

Sources: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (the address is a secret; the body
of a success is "ok"), reference/block-kit/blocks/image-block. A webhook names no message that it made and
cannot list any: after a lost answer a person decides. Slack fetches pictures itself, from a public address.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr

from domain.content import Capabilities, Content, Counting, DeliveryClass, Payload, RemotePost
from domain.errors import OutcomeUnknown
from domain.media import PictureRules, attachment_from
from publishers.base import BaseCredentials, BaseSettings, Progress, Publisher
from publishers.http import send_once
from publishers.public_files import public_address, public_address_problems
from publishers.secret_address import secret_request
from publishers.slack_answers import refused
from publishers.slack_blocks import (
    MAX_ALT,
    MAX_TEXT,
    fitted,
    image,
    message_of,
    read_back,
)

_ADDRESS = re.compile(r"https://hooks\.slack(?:-gov)?\.com/services/[A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9]+")
PICTURES = PictureRules(
    most=10, max_bytes=10 * 2**20, max_side=4096, kinds=frozenset({"image/jpeg"}), max_alt=MAX_ALT
)


def _address(url: SecretStr) -> SecretStr:
    address = url.get_secret_value().strip().removesuffix("/")
    if not _ADDRESS.fullmatch(address):
        raise ValueError(
            "This is no address of a Slack webhook. Copy it from api.slack.com/apps, Incoming Webhooks."
        )
    return SecretStr(address)


class SlackWebhookSettings(BaseSettings):
    """How posts arrive."""

    unfurl: bool = Field(
        default=True, title="Preview of the link", description="Slack shows what it is about"
    )


class SlackWebhookCredentials(BaseCredentials):
    """The webhook's address."""

    url: Annotated[SecretStr, AfterValidator(_address)] = Field(
        title="Address", description="https://hooks.slack.com/services/..., from api.slack.com/apps"
    )


class SlackWebhook(Publisher):
    """A channel into which a webhook writes."""

    platform = "slack_webhook"
    title = "Slack webhook"
    capabilities = Capabilities(
        delivery=DeliveryClass.AT_MOST_ONCE,
        max_characters=MAX_TEXT,
        counting=Counting.CODE_POINTS,
        pictures=PICTURES,
    )
    Credentials = SlackWebhookCredentials
    Settings = SlackWebhookSettings
    credentials: SlackWebhookCredentials
    settings: SlackWebhookSettings

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload = message_of(content, unfurl=self.settings.unfurl)
        return payload

    def text_of(self, payload: Payload) -> str:
        return read_back(str(payload["text"]))

    def check_fit(self, content: Content) -> None:
        fitted(content)

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        found += public_address_problems(self.channel, content.media, title=self.title)
        return found

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        address = self.credentials.url.get_secret_value()
        secret = address.partition("/services/")[2]
        body = {name: payload[name] for name in ("text", "blocks", "unfurl_links")}
        images = [self._image(number, one) for number, one in enumerate(payload.get("media") or (), 1)]
        body["blocks"] = [*body["blocks"], *images]
        request = secret_request(self.http, "POST", address, secrets=(secret,), json=body)
        answer = send_once(self.http, request, refused=refused)
        if answer.text.strip() != "ok":
            raise OutcomeUnknown("Slack gave an answer that cannot be read.")
        # Slack names no message: our own key stands for it.
        return RemotePost(id=key, url=None, published_at=self.clock())

    def _image(self, number: int, one: Mapping[str, Any]) -> dict[str, Any]:
        attachment = attachment_from(one)
        return image(attachment.alt, number, image_url=public_address(self.channel, attachment))
