"""A Discord channel, whether a bot or a webhook writes into it."""

from abc import abstractmethod
from datetime import datetime
from typing import Any

import httpx
from pydantic import Field

from domain.content import Capabilities, Content, Counting, DeliveryClass, Payload, Proof
from domain.errors import PostGone, Rejected, UsageError
from domain.metrics import Metric
from publishers.base import BaseSettings, Measured, Publisher
from publishers.discord_messages import (
    MAX_TEXT,
    PICTURES,
    POLLS,
    VIDEOS,
    Pings,
    counts,
    length,
    message,
    message_problems,
    words_of,
)
from publishers.discord_refusals import refused
from publishers.http import ask, json_object, send_once


class DiscordOptions(BaseSettings):
    """How posts arrive."""

    pings: Pings = Field(
        default="nobody",
        title="Pings",
        description="Whom @mentions in a text may ping; everyone: also @everyone",
    )
    markup: bool = Field(
        default=False, title="Markdown", description="Texts are written in Discord's Markdown already"
    )
    #: Learned by `enrich`: the server of the channel, for the addresses of posts.
    guild_id: str | None = Field(default=None, json_schema_extra={"learned": True})


def able(delivery: DeliveryClass, *, channel_metrics: frozenset[Metric] = frozenset()) -> Capabilities:
    """What Discord takes and tells, by a bot and by a webhook alike."""
    return Capabilities(
        delivery=delivery,
        max_characters=MAX_TEXT,
        counting=Counting.CODE_POINTS,
        post_metrics=frozenset({Metric.REACTIONS, Metric.REPLIES}),
        channel_metrics=channel_metrics,
        can_delete=True,
        can_edit=True,
        pictures=PICTURES,
        shows_pictures=True,
        videos=VIDEOS,
        polls=POLLS,
        proof=Proof.OFFICIAL_CONTRACT,
    )


class DiscordChannel(Publisher):
    """What a bot and a webhook do alike."""

    settings: DiscordOptions

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        return message(content, pings=self.settings.pings, markup=self.settings.markup)

    def length(self, content: Content) -> int:
        return length(content, markup=self.settings.markup)

    def text_of(self, payload: Payload) -> str:
        return words_of(payload, markup=self.settings.markup)

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content) + message_problems(content)
        try:
            message(content, pings="nobody", markup=self.settings.markup)
        except UsageError as error:
            found.append(str(error))
        return found

    def metrics(self, remote_id: str) -> list[Measured]:
        return counts(self._get(self._message(remote_id)))

    def delete(self, remote_id: str) -> None:
        try:
            send_once(self.http, self._request("DELETE", self._message(remote_id)), refused=refused)
        except PostGone:
            return

    def edit(self, remote_id: str, payload: Payload) -> None:
        if "poll" in payload:
            raise Rejected("Discord lets nobody change a poll. Delete it, and post another.")
        body = {name: payload[name] for name in ("content", "allowed_mentions")}
        body["embeds"] = payload.get("embeds", [])
        request = self._request("PATCH", self._message(remote_id), json=body)
        send_once(self.http, request, refused=refused)

    def enrich(self) -> BaseSettings | None:
        guild = self._about().get("guild_id")
        if not guild or guild == self.settings.guild_id:
            return None
        return self.settings.model_copy(update={"guild_id": str(guild)})

    @abstractmethod
    def _about(self) -> dict[str, Any]:
        """What Discord says of the channel, or of the webhook in it."""

    @abstractmethod
    def _message(self, remote_id: str) -> str:
        """Where one message is."""

    @abstractmethod
    def _request(self, method: str, path: str, **options: Any) -> httpx.Request:
        """A call with our credentials."""

    def _get(self, path: str, **options: Any) -> dict[str, Any]:
        return json_object(self._ask(path, **options))

    def _ask(self, path: str, **options: Any) -> httpx.Response:
        return ask(self.http, self._request("GET", path, **options), refused=refused)
