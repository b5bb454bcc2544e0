"""Messages in a Slack channel, by an app's bot.

Sources: docs.slack.dev/reference/methods (chat.postMessage, chat.update, chat.delete, conversations.history,
conversations.info, reactions.get, files.getUploadURLExternal, files.completeUploadExternal, files.info),
docs.slack.dev/messaging/message-metadata. Each message carries our key as metadata: by it a lost one is
found.

Pictures are uploaded without a channel, so that nobody sees them yet, and are shown by the one call that
posts the message: sharing them by `files.completeUploadExternal` would post by itself, without metadata.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr

from domain.content import (
    Budget,
    Call,
    Capabilities,
    Content,
    Counting,
    DeliveryClass,
    Identity,
    Payload,
    RemotePost,
)
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone
from domain.media import PictureRules, attachment_from
from domain.metrics import Metric
from publishers.address import web_address
from publishers.base import BaseCredentials, BaseSettings, Measured, Progress, Publisher
from publishers.parts import Part, Sent, find_parts, parts, remembered, send_parts
from publishers.slack_blocks import (
    MAX_ALT,
    MAX_TEXT,
    escaped,
    fitted,
    image,
    message_of,
    read_back,
    rich_text,
)
from publishers.slack_calls import API, SlackCalls

#: Slack takes larger files; readers' screens show no more of them.
PICTURES = PictureRules(
    most=10,
    max_bytes=10 * 2**20,
    max_side=4096,
    kinds=frozenset({"image/jpeg", "image/png", "image/gif"}),
    max_alt=MAX_ALT,
)
_EVENT = "tabuh_post"
_SKEW = timedelta(minutes=5)
_PAGE = 200
#: Pages read at most in one look.
_PAGES = 10


def _channel(text: str) -> str:
    found = re.fullmatch(r"(?:https://[\w.-]+\.slack\.com/archives/)?([CGD][A-Z0-9]{6,})/?", text.strip())
    if found is None:
        raise ValueError("This is no channel. Copy its link in Slack, or its number, such as C0123456789.")
    return found[1]


class SlackSettings(BaseSettings):
    """The channel, and how posts arrive there."""

    channel_id: Annotated[str, AfterValidator(_channel)] = Field(
        title="Channel", description="Its link (right-click, Copy link) or its number, such as C0123456789"
    )
    unfurl: bool = Field(
        default=True, title="Preview of the link", description="Slack shows what it is about"
    )
    api: Annotated[str, AfterValidator(web_address)] = Field(
        default=API,
        title="Server",
        description="Leave as it is unless your workspace is elsewhere, as on https://slack-gov.com/api",
        json_schema_extra={"expert": True},
    )
    #: Learned by `Slack.enrich`: where the workspace is, for the addresses of posts.
    team_url: str | None = Field(default=None, json_schema_extra={"learned": True})


class SlackCredentials(BaseCredentials):
    """The token of an app that is installed in the workspace."""

    token: SecretStr = Field(
        min_length=10,
        title="Bot token",
        description="xoxb-..., with the scopes chat:write, channels:history, channels:read, reactions:read, "
        "files:write and files:read",
    )


class Slack(Publisher):
    """A channel into which the app's bot writes."""

    platform = "slack"
    title = "Slack"
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        max_characters=MAX_TEXT,
        counting=Counting.CODE_POINTS,
        post_metrics=frozenset({Metric.REACTIONS, Metric.REPLIES}),
        channel_metrics=frozenset({Metric.FOLLOWERS}),
        can_delete=True,
        can_edit=True,
        pictures=PICTURES,
        max_thread=25,
        first_comment=True,
        budgets=(Budget(Call.POST, 1, timedelta(seconds=1)),),
    )
    Credentials = SlackCredentials
    Settings = SlackSettings
    credentials: SlackCredentials
    settings: SlackSettings

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload = message_of(content, unfurl=self.settings.unfurl)
        if content.thread:
            payload["thread"] = [fitted(Content(part)) for part in content.thread]
        if content.first_comment and content.first_comment.strip():
            payload["first_comment"] = fitted(Content(content.first_comment))
        return payload

    def text_of(self, payload: Payload) -> str:
        return read_back(str(payload["text"]))

    def check_fit(self, content: Content) -> None:
        fitted(content)

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        is_out = (progress.handle or {}).get("parts")
        shown = self._images(payload["media"], progress) if payload.get("media") and not is_out else []

        def send(part: Part, before: Sequence[Sent]) -> Sent:
            body = {name: value for name, value in part.body.items() if name != "media"}
            body |= {"channel": self.settings.channel_id, "blocks": [*part.body["blocks"], *shown]}
            body["metadata"] = {"event_type": _EVENT, "event_payload": {"key": part.key}}
            if before:
                body |= {"thread_ts": before[0].id, "blocks": part.body["blocks"]}
            return self._sent(self._slack.do("chat.postMessage", body))

        pieces = _parts(payload, key)
        return send_parts(pieces, send, progress=progress, now=self.clock(), find=self._find)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        return find_parts(_parts(payload, key), handle=handle, since=since, find=self._find)

    def _find(self, part: Part, before: Sequence[Sent], since: datetime) -> Sent | None:
        """The message that a part became: it carries the part's key."""
        for message in self._made_since(since - _SKEW, below=before[0].id if before else None):
            metadata = message.get("metadata")
            if isinstance(metadata, dict) and metadata.get("event_type") == _EVENT:
                about = metadata.get("event_payload")
                if isinstance(about, dict) and about.get("key") == part.key:
                    return self._sent(message)
        return None

    def identify(self) -> Identity:
        bot = self._slack.ask("auth.test")
        about = self._about()
        name = f"#{about.get('name') or self.settings.channel_id}"
        if about.get("is_member") is False:
            raise NeedsReconnect(f"The bot is not in {name}. Invite it there: /invite @{bot.get('user')}.")
        if about.get("is_archived") is True:
            raise NeedsReconnect(f"{name} is archived. Choose another.")
        return Identity(f"{name} ({bot.get('team')})", remote_id=self.settings.channel_id)

    def enrich(self) -> SlackSettings | None:
        where = self._slack.ask("auth.test").get("url")
        if not isinstance(where, str) or not where.startswith("https://") or where == self.settings.team_url:
            return None
        return self.settings.model_copy(update={"team_url": where})

    def metrics(self, remote_id: str) -> list[Measured]:
        """Slack leaves ``reactions`` and ``reply_count`` out of a message that has none."""
        reacted = self._slack.ask(
            "reactions.get", channel=self.settings.channel_id, timestamp=remote_id, full="true"
        ).get("message")
        reactions = reacted.get("reactions") or () if isinstance(reacted, dict) else ()
        total = sum(one.get("count", 0) for one in reactions if isinstance(one, dict))
        replies = self._message(remote_id).get("reply_count") or 0
        return [
            Measured(Metric.REACTIONS, int(total), source="reactions.count"),
            Measured(Metric.REPLIES, int(replies), source="reply_count"),
        ]

    def channel_metrics(self) -> list[Measured]:
        members = self._about().get("num_members")
        if not isinstance(members, int):
            return []
        return [Measured(Metric.FOLLOWERS, members, source="num_members")]

    def delete(self, remote_id: str) -> None:
        try:
            self._slack.do("chat.delete", {"channel": self.settings.channel_id, "ts": remote_id})
        except PostGone:
            return

    def edit(self, remote_id: str, payload: Payload) -> None:
        blocks = self._message(remote_id).get("blocks") or ()
        shown = [_again(one) for one in blocks if one.get("type") == "image"]
        body = {"channel": self.settings.channel_id, "ts": remote_id, "text": payload["text"]}
        self._slack.do("chat.update", body | {"blocks": [*payload["blocks"], *shown]})

    @property
    def _slack(self) -> SlackCalls:
        token = self.credentials.token.get_secret_value().strip()
        return SlackCalls(self.http, token, api=self.settings.api.rstrip("/"))

    def _images(self, media: Sequence[Mapping[str, Any]], progress: Progress) -> list[dict[str, Any]]:
        """The pictures as blocks; those of an earlier try are used again."""
        done: list[str] = list((progress.handle or {}).get("files", ()))
        for one in media[len(done) :]:
            attachment = attachment_from(one)
            picture = self.picture(attachment)
            name = f"picture{len(done) + 1}.{picture.kind.removeprefix('image/')}"
            done.append(self._slack.uploaded(picture, name, alt=attachment.alt))
            remembered(progress, files=done)
        for file in done:
            self._slack.wait_until_ready(file)
        return [
            image(one.alt, number, slack_file={"id": file})
            for number, (file, one) in enumerate(zip(done, map(attachment_from, media), strict=False), 1)
        ]

    def _made_since(self, back_to: datetime, *, below: str | None) -> Iterator[dict[str, Any]]:
        """The messages of the channel, or of a thread in it, made since then, with their metadata.

        Raises:
            OutcomeUnknown: there are more than one look may read.
        """
        options = {
            "channel": self.settings.channel_id,
            "oldest": f"{back_to.timestamp():.6f}",
            "include_all_metadata": "true",
            "limit": str(_PAGE),
        }
        if below:
            options["ts"] = below
        for _ in range(_PAGES):
            page = self._slack.ask(f"conversations.{'replies' if below else 'history'}", **options)
            if not isinstance(page.get("messages"), list):
                raise OutcomeUnknown("Slack gave an answer that cannot be read.")
            yield from page["messages"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not page.get("has_more"):
                return
            if not cursor:
                break
            options["cursor"] = str(cursor)
        raise OutcomeUnknown("The channel holds too many newer messages to find this one.")

    def _message(self, remote_id: str) -> dict[str, Any]:
        options = {"latest": remote_id, "oldest": remote_id, "inclusive": "true", "limit": "1"}
        page = self._slack.ask("conversations.history", channel=self.settings.channel_id, **options)
        found = next((one for one in page.get("messages") or () if one.get("ts") == remote_id), None)
        if found is None:
            raise PostGone("The message is no longer on Slack.")
        return dict(found)

    def _about(self) -> dict[str, Any]:
        options = {"channel": self.settings.channel_id, "include_num_members": "true"}
        about = self._slack.ask("conversations.info", **options).get("channel")
        return about if isinstance(about, dict) else {}

    def _sent(self, made: Mapping[str, Any]) -> Sent:
        ts = str(made.get("ts"))
        try:
            at = datetime.fromtimestamp(int(ts.partition(".")[0]), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise OutcomeUnknown("Slack took the message and did not say which one it is.") from error
        team, where = self.settings.team_url, f"archives/{self.settings.channel_id}/p{ts.replace('.', '')}"
        return Sent(ts, f"{team.rstrip('/')}/{where}" if team else None, at)


def _parts(payload: Payload, key: str) -> list[Part]:
    """The pieces of a post: its message, what stands in the thread below it, a comment."""
    first = {name: payload[name] for name in ("text", "blocks", "unfurl_links", "media") if name in payload}
    comment = payload.get("first_comment")
    return parts(key, first, list(map(_below, payload.get("thread") or ())), comment and _below(comment))


def _below(text: str) -> dict[str, Any]:
    return {"text": escaped(text), "blocks": rich_text(text, link=None), "unfurl_links": False}


def _again(block: Mapping[str, Any]) -> dict[str, Any]:
    """A picture's block as it may be sent again: Slack adds fields that it does not take."""
    shown = {"type": "image", "alt_text": block.get("alt_text") or ""}
    if file := (block.get("slack_file") or {}).get("id"):
        return shown | {"slack_file": {"id": file}}
    return shown | {"image_url": block.get("image_url")}
