"""Messages in a Discord channel, by one of its webhooks.

Source: docs.discord.com/developers/resources/webhook (execute, get, edit and delete message). The address is
the secret. A webhook takes no nonce and cannot list what it has posted: after a lost answer a person decides.
"""

import re
from contextlib import ExitStack
from datetime import datetime
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator, Field, SecretStr

from domain.content import Content, DeliveryClass, Identity, Payload, RemotePost
from publishers.base import BaseCredentials, Progress
from publishers.discord_channel import DiscordChannel, DiscordOptions, able
from publishers.discord_messages import deadline_of, remote_post, request_options
from publishers.discord_refusals import refused
from publishers.http import json_object, send_once
from publishers.secret_address import secret_request

_ADDRESS = re.compile(
    r"https://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/api(?:/v\d+)?/webhooks/(\d{5,20})/([\w-]{20,})/?"
)
#: Discord refuses names that hold these.
_NOT_IN_NAMES = ("clyde", "discord")


def _address(url: SecretStr) -> SecretStr:
    found = _ADDRESS.fullmatch(url.get_secret_value().strip())
    if found is None:
        raise ValueError(
            "This is no address of a Discord webhook. Copy it from the channel's settings, Webhooks."
        )
    return SecretStr(f"https://discord.com/api/v10/webhooks/{found[1]}/{found[2]}")


def _name(text: str | None) -> str | None:
    name = (text or "").strip()
    if any(word in name.lower() for word in _NOT_IN_NAMES):
        raise ValueError("Discord takes no name with its own in it. Choose another.")
    return name or None


class DiscordWebhookSettings(DiscordOptions):
    """How posts arrive."""

    username: Annotated[str | None, AfterValidator(_name)] = Field(
        default=None,
        max_length=80,
        title="Name",
        description="Shown above each post; empty: the webhook's own",
    )
    thread_id: str | None = Field(
        default=None, pattern=r"^\d{5,20}$", title="Thread", description="The number of a thread; empty: none"
    )


class DiscordWebhookCredentials(BaseCredentials):
    """The webhook's address."""

    url: Annotated[SecretStr, AfterValidator(_address)] = Field(
        title="Address", description="https://discord.com/api/webhooks/..., from the channel's settings"
    )


class DiscordWebhook(DiscordChannel):
    """A channel into which a webhook writes."""

    platform = "discord_webhook"
    title = "Discord webhook"
    capabilities = able(DeliveryClass.AT_MOST_ONCE)
    Credentials = DiscordWebhookCredentials
    Settings = DiscordWebhookSettings
    credentials: DiscordWebhookCredentials
    settings: DiscordWebhookSettings

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload = super().render(content, created_at=created_at)
        return payload | ({"username": self.settings.username} if self.settings.username else {})

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        with ExitStack() as opened:
            options = request_options(self, payload, opened)
            limit = deadline_of(payload)
            # Without wait Discord says nothing of a message that it did not keep.
            request = self._request("POST", "", wait="true", **options)
            made = json_object(send_once(self.http, request, refused=refused, deadline=limit))
        return remote_post(made, guild=self.settings.guild_id)

    def identify(self) -> Identity:
        about = self._about()
        name = about.get("name") or self.channel.name
        return Identity(str(name), remote_id=str(about.get("id")))

    def _about(self) -> dict[str, Any]:
        return self._get("")

    def _message(self, remote_id: str) -> str:
        return f"/messages/{remote_id}"

    def _request(self, method: str, path: str, *, wait: str | None = None, **options: Any) -> httpx.Request:
        address = self.credentials.url.get_secret_value()
        params = {"wait": wait, "thread_id": self.settings.thread_id if wait or path else None}
        return secret_request(
            self.http,
            method,
            f"{address}{path}",
            secrets=(address.rpartition("/")[2],),
            params={name: value for name, value in params.items() if value},
            **options,
        )
