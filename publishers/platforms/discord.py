"""Messages in a Discord channel, by a bot.

Sources: docs.discord.com/developers/resources/message (create, list, nonce, READ_MESSAGE_HISTORY),
resources/channel, resources/guild (approximate counts), topics/rate-limits. The nonce makes a second call
harmless for some minutes only, so a lost answer is settled by reading the channel.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator, Field, SecretStr

from domain.content import DeliveryClass, Identity, Payload, RemotePost
from domain.errors import NeedsReconnect, OutcomeUnknown
from domain.metrics import Metric
from publishers.base import BaseCredentials, Measured, Progress
from publishers.discord_channel import DiscordChannel, DiscordOptions, able
from publishers.discord_messages import is_same, remote_post, request_options
from publishers.discord_refusals import refused
from publishers.http import DEADLINE, SECRETS, UPLOAD_DEADLINE, json_object, json_objects, send_once

API = "https://discord.com/api/v10"
#: How far our clock and Discord's may be apart.
_SKEW = timedelta(minutes=5)
_PAGE = 100
#: Pages read at most in one look.
_PAGES = 10
#: Longest nonce that Discord takes.
_NONCE = 25
#: Milliseconds from 1970 to the time from which Discord counts its ids.
_EPOCH = 1_420_070_400_000
#: Channels in which every message opens a thread of its own: forums and media channels.
_FORUMS = (15, 16)


def _channel(text: str) -> str:
    found = re.fullmatch(
        r"(?:https://(?:\w+\.)?discord(?:app)?\.com/channels/\d+/)?(\d{5,20})/?", text.strip()
    )
    if found is None:
        raise ValueError("This is no channel. Copy its link in Discord, or its number.")
    return found[1]


class DiscordSettings(DiscordOptions):
    """The channel, and how posts arrive there."""

    channel_id: Annotated[str, AfterValidator(_channel)] = Field(
        title="Channel", description="Its link (right-click, Copy Link) or its number"
    )


class DiscordCredentials(BaseCredentials):
    """The token of a bot that was invited to the server."""

    token: SecretStr = Field(
        min_length=20, title="Bot token", description="From discord.com/developers, your application, Bot"
    )


class Discord(DiscordChannel):
    """A channel in which the bot may write."""

    platform = "discord"
    title = "Discord"
    capabilities = able(DeliveryClass.LIST_AND_MATCH, channel_metrics=frozenset({Metric.FOLLOWERS}))
    Credentials = DiscordCredentials
    Settings = DiscordSettings
    credentials: DiscordCredentials
    settings: DiscordSettings

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        with ExitStack() as opened:
            options = request_options(self, payload, opened, nonce=key[:_NONCE], enforce_nonce=True)
            deadline = UPLOAD_DEADLINE if "files" in options else DEADLINE
            request = self._request("POST", f"{self._messages}", **options)
            made = json_object(send_once(self.http, request, refused=refused, deadline=deadline))
        return remote_post(made, guild=self.settings.guild_id)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        me = str(self._get("/users/@me").get("id"))
        for found in self._made_since(since - _SKEW):
            if str((found.get("author") or {}).get("id")) == me and is_same(payload, found):
                return remote_post(found, guild=self.settings.guild_id)
        return None

    def identify(self) -> Identity:
        channel = self._about()
        if channel.get("type") in _FORUMS:
            raise NeedsReconnect(
                f"#{channel.get('name')} is a forum, in which bots cannot simply post. Choose another."
            )
        guild = channel.get("guild_id")
        url = f"https://discord.com/channels/{guild}/{self.settings.channel_id}" if guild else None
        return Identity(f"#{channel.get('name') or self.settings.channel_id}", self.settings.channel_id, url)

    def channel_metrics(self) -> list[Measured]:
        guild = self.settings.guild_id or self._about().get("guild_id")
        if not guild:
            return []
        number = self._get(f"/guilds/{guild}", params={"with_counts": "true"}).get("approximate_member_count")
        if not isinstance(number, int):
            return []
        return [Measured(Metric.FOLLOWERS, number, source="approximate_member_count")]

    @property
    def _messages(self) -> str:
        return f"/channels/{self.settings.channel_id}/messages"

    def _message(self, remote_id: str) -> str:
        return f"{self._messages}/{remote_id}"

    def _about(self) -> dict[str, Any]:
        return self._get(f"/channels/{self.settings.channel_id}")

    def _made_since(self, back_to: datetime) -> Iterator[dict[str, Any]]:
        """The messages of the channel made since then, newest first.

        Raises:
            OutcomeUnknown: there are more than one look may read, or we may not read them.
        """
        options: dict[str, str | int] = {"limit": _PAGE}
        seen = False
        for _ in range(_PAGES):
            page = json_objects(self._ask(self._messages, params=options))
            for found in page:
                seen = True
                if _made_at(found.get("id")) < back_to:
                    return
                yield found
            if len(page) < _PAGE:
                if not seen:
                    self._check_that_it_is_empty(back_to)
                return
            options["before"] = str(page[-1].get("id"))
        raise OutcomeUnknown("The channel holds too many newer messages to find this one.")

    def _check_that_it_is_empty(self, back_to: datetime) -> None:
        """Discord shows an empty channel to a bot that may not read its past."""
        last = self._about().get("last_message_id")
        if last is not None and _made_at(last) >= back_to:
            raise OutcomeUnknown(
                "The bot may not read this channel's past. Give it the right Read Message History."
            )

    def _request(self, method: str, path: str, **options: Any) -> httpx.Request:
        return self.http.build_request(
            method,
            f"{API}{path}",
            headers={"Authorization": f"Bot {self.credentials.token.get_secret_value().strip()}"},
            extensions={SECRETS: self.credentials.secrets()},
            **options,
        )


def _made_at(id: Any) -> datetime:
    """When something was made, as its id tells."""
    try:
        return datetime.fromtimestamp(((int(id) >> 22) + _EPOCH) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise OutcomeUnknown("Discord gave a message without an id that can be read.") from error
