"""Messages in a Discord channel, by a bot.

Sources: docs.discord.com/developers/resources/message (create, list, nonce, READ_MESSAGE_HISTORY),
resources/channel, resources/guild (approximate counts), topics/rate-limits. The nonce makes a second call
harmless for some minutes only, so a lost answer is settled by reading the channel.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator, Field, SecretStr

from domain.content import Content, DeliveryClass, Identity, Payload, RemotePost
from domain.errors import NeedsReconnect, OutcomeUnknown
from domain.metrics import Metric
from publishers.address import web_address
from publishers.base import BaseCredentials, Measured, Progress
from publishers.discord_channel import DiscordChannel, DiscordOptions, able
from publishers.discord_messages import (
    below,
    deadline_of,
    is_same,
    message,
    remote_post,
    request_options,
    words_of,
)
from publishers.discord_refusals import refused
from publishers.http import SECRETS, json_object, json_objects, send_once
from publishers.parts import Part, Sent, find_parts, parts, send_parts

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
    api: Annotated[str, AfterValidator(web_address)] = Field(
        default=API,
        title="Server",
        description="Leave as it is unless you run a server that speaks this API",
        json_schema_extra={"expert": True},
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
    capabilities = replace(
        able(DeliveryClass.LIST_AND_MATCH, channel_metrics=frozenset({Metric.FOLLOWERS})),
        max_thread=25,
        first_comment=True,
    )
    Credentials = DiscordCredentials
    Settings = DiscordSettings
    credentials: DiscordCredentials
    settings: DiscordSettings

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload = super().render(content, created_at=created_at)
        if content.thread:
            payload["thread"] = [self._fitted(part) for part in content.thread]
        if content.first_comment and content.first_comment.strip():
            payload["first_comment"] = self._fitted(content.first_comment)
        return payload

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        pieces = self._parts(payload, key)
        return send_parts(pieces, self._send, progress=progress, now=self.clock(), find=self._find)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        return find_parts(self._parts(payload, key), handle=handle, since=since, find=self._find)

    def _send(self, part: Part, before: Sequence[Sent]) -> Sent:
        more: dict[str, Any] = {"nonce": part.key[:_NONCE], "enforce_nonce": True}
        if before:
            more["message_reference"] = {"message_id": _parent(part, before), "fail_if_not_exists": False}
        with ExitStack() as opened:
            options = request_options(self, part.body, opened, **more)
            request = self._request("POST", self._messages, **options)
            limit = deadline_of(part.body)
            made = json_object(send_once(self.http, request, refused=refused, deadline=limit))
        return self._sent(made)

    def _find(self, part: Part, before: Sequence[Sent], since: datetime) -> Sent | None:
        """The message that a part became, below the one that it answers."""
        me = str(self._get("/users/@me").get("id"))
        above = _parent(part, before) if before else None
        for found in self._made_since(since - _SKEW):
            answers = (found.get("message_reference") or {}).get("message_id")
            is_ours = str((found.get("author") or {}).get("id")) == me and answers == above
            if is_ours and is_same(part.body, found):
                return self._sent(found)
        return None

    def _parts(self, payload: Payload, key: str) -> list[Part]:
        said, options = self.settings, (payload.get("thread") or (), payload.get("first_comment"))
        thread = [below(text, pings=said.pings, markup=said.markup) for text in options[0]]
        comment = below(options[1], pings=said.pings, markup=said.markup) if options[1] else None
        first = {name: value for name, value in payload.items() if name not in ("thread", "first_comment")}
        return parts(key, first, thread, comment)

    def _sent(self, made: Mapping[str, Any]) -> Sent:
        post = remote_post(made, guild=self.settings.guild_id)
        return Sent(post.id, post.url, post.published_at)

    def _fitted(self, text: str) -> str:
        return words_of(
            message(Content(text), pings="nobody", markup=self.settings.markup), markup=self.settings.markup
        )

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
            f"{self.settings.api}{path}",
            headers={"Authorization": f"Bot {self.credentials.token.get_secret_value().strip()}"},
            extensions={SECRETS: self.credentials.secrets()},
            **options,
        )


def _parent(part: Part, before: Sequence[Sent]) -> str:
    """What a part answers: a comment the post, a part of a thread the one before."""
    return before[0 if part.optional else -1].id


def _made_at(id: Any) -> datetime:
    """When something was made, as its id tells."""
    try:
        return datetime.fromtimestamp(((int(id) >> 22) + _EPOCH) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise OutcomeUnknown("Discord gave a message without an id that can be read.") from error
