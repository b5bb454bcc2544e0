"""Telegram channels and groups, by a bot.

Sources: core.telegram.org/bots/api (sendMessage, sendPhoto, sendMediaGroup, sendVideo, sendPoll,
editMessageText, deleteMessage, getChatMember, ResponseParameters), core.telegram.org/api/entities (UTF-16),
core.telegram.org/bots/faq (limits). A bot cannot ask what it has posted: after a lost answer a person
decides.

The bot's token stands in the address of every call (`publishers.secret_address`). Texts go out without any
markup, so nothing in them needs escaping; the link is marked by an entity, so that no odd sign breaks it. The
unit of the text limit is not documented for bots; UTF-16 units, as entities have them, never count too few.
"""

import json
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import httpx
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
    PollRules,
    Proof,
    RemotePost,
)
from domain.errors import NeedsReconnect, OutcomeUnknown, Rejected
from domain.media import Attachment, PictureRules, VideoRules, attachment_from
from domain.metrics import Metric
from publishers.address import server_address
from publishers.base import BaseCredentials, BaseSettings, Measured, Progress, Publisher
from publishers.http import DEADLINE, UPLOAD_DEADLINE, ask, send_once
from publishers.secret_address import secret_request
from publishers.telegram_messages import grouped, remote_post, result, shape, where
from publishers.telegram_text import Moved, bot_token, link_entity, plain, refused
from publishers.text import Limit, counter, fit
from publishers.uploads import opened as opened_file
from publishers.uploads import upload_deadline

API = "https://api.telegram.org"
MAX_TEXT = 4096
MAX_CAPTION = 1024
#: Of a poll; its question is the post's text.
MAX_QUESTION = 300
#: A photo's bytes, and a side of which two are within 10,000 in sum; a video's bytes.
PICTURES = PictureRules(
    most=10,
    max_bytes=10 * 10**6,
    max_side=5000,
    min_ratio=1 / 20,
    max_ratio=20,
    kinds=frozenset({"image/jpeg", "image/png"}),
    max_alt=0,
)
VIDEOS = VideoRules(most=10, max_bytes=50 * 10**6, max_alt=0, with_pictures=True)
_COUNT = counter(Counting.UTF16)
#: Who may post in a channel is one of these.
_ADMINISTRATORS = ("creator", "administrator")


def _chat(text: str) -> str:
    name = text.strip().removeprefix("https://t.me/").removeprefix("t.me/")
    if name.lstrip("-").isdecimal() and name.count("-") <= 1:
        return name
    name = f"@{name.removeprefix('@')}"
    if not name[1:].replace("_", "").isalnum() or not name.isascii():
        raise ValueError("This is no channel or group. Write its name, such as @drums, or its number.")
    return name


class TelegramSettings(BaseSettings):
    """The channel or group, and how posts arrive there."""

    chat: Annotated[str, AfterValidator(_chat)] = Field(
        title="Channel or group",
        description="Its name, such as @drums, or its number, such as -1001234567890",
    )
    topic: int | None = Field(
        default=None, ge=1, title="Topic", description="The number of a group's topic; empty: none"
    )
    preview: Literal["large", "small", "none"] | None = Field(
        default=None, title="Preview of the link", description="Empty: as Telegram chooses"
    )
    silent: bool = Field(default=False, title="Without sound", description="Readers get no sound for a post")
    server: Annotated[str, AfterValidator(server_address)] = Field(
        default=API,
        title="Server",
        description="Leave as it is unless you run a Bot API server of your own",
        json_schema_extra={"expert": True},
    )
    #: Learned by `Telegram.enrich`: the number a group got when it became a larger one.
    moved_to: str | None = Field(default=None, json_schema_extra={"learned": True})


class TelegramCredentials(BaseCredentials):
    """The token that @BotFather gave."""

    token: Annotated[SecretStr, AfterValidator(bot_token)] = Field(
        title="Bot token", description="From @BotFather, such as 123456789:AA..."
    )


class Telegram(Publisher):
    """A channel or group in which the bot may post."""

    platform = "telegram"
    title = "Telegram"
    capabilities = Capabilities(
        delivery=DeliveryClass.AT_MOST_ONCE,
        max_characters=MAX_TEXT,
        counting=Counting.UTF16,
        channel_metrics=frozenset({Metric.FOLLOWERS}),
        can_delete=True,
        can_edit=True,
        pictures=PICTURES,
        videos=VIDEOS,
        # Options by Bot API 9.1, the time by Bot API 9.6.
        polls=PollRules(most=12, max_option=100, min_minutes=1, max_minutes=43_800, multiple=True),
        budgets=(
            Budget(Call.POST, 20, timedelta(minutes=1)),
            Budget(Call.POST, 30, timedelta(seconds=1), shared=True),
        ),
        proof=Proof.OFFICIAL_CONTRACT,
    )
    Credentials = TelegramCredentials
    Settings = TelegramSettings
    credentials: TelegramCredentials
    settings: TelegramSettings

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        most = MAX_QUESTION if content.poll else MAX_CAPTION if content.media else MAX_TEXT
        text = fit(plain(content.text), content.link, [Limit(most, _COUNT)])
        payload: Payload = {"text": text}
        if self.settings.topic:
            payload["message_thread_id"] = self.settings.topic
        if self.settings.silent:
            payload["disable_notification"] = True
        if content.poll:
            payload["poll"] = {
                "options": list(content.poll.options),
                "multiple": content.poll.multiple,
                "seconds": content.poll.minutes * 60,
            }
            return payload
        payload["entities"] = link_entity(text, content.link)
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        elif preview := self._preview(content.link):
            payload["link_preview_options"] = preview
        return payload

    def length(self, content: Content) -> int:
        return _COUNT(fit(plain(content.text), content.link, []))

    def check_fit(self, content: Content) -> None:
        self.render(content, created_at=self.clock())

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        if content.poll and self.length(content) > MAX_QUESTION:
            found.append(f"Telegram takes {MAX_QUESTION} characters as the question of a poll. Shorten it.")
        return found

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        try:
            return self._publish(payload, self._chat_id)
        except Moved as moved:  # refused, so nothing was posted
            return self._publish(payload, moved.chat)

    def identify(self) -> Identity:
        bot = self._ask("getMe")
        chat = self._ask("getChat", chat_id=self._chat_id)
        member = self._ask("getChatMember", chat_id=self._chat_id, user_id=bot.get("id"))
        name = str(chat.get("title") or self.settings.chat)
        status = str(member.get("status"))
        may_post = member.get("can_post_messages", True) if status == "administrator" else True
        if chat.get("type") == "channel" and (status not in _ADMINISTRATORS or not may_post):
            raise NeedsReconnect(
                f"The bot @{bot.get('username')} may not post in {name}. "
                "Make it an administrator there, with the right to post messages."
            )
        if status in ("left", "kicked"):
            raise NeedsReconnect(f"The bot @{bot.get('username')} is no member of {name}. Add it there.")
        username = chat.get("username")
        url = f"https://t.me/{username}" if isinstance(username, str) else None
        return Identity(name, remote_id=str(chat.get("id", self._chat_id)), url=url)

    def enrich(self) -> TelegramSettings | None:
        try:
            self._ask("getChat", chat_id=self._chat_id)
        except Moved as moved:
            return self.settings.model_copy(update={"moved_to": moved.chat})
        return None

    def channel_metrics(self) -> list[Measured]:
        count = self._answer("getChatMemberCount", chat_id=self._chat_id)
        followers = isinstance(count, int) and not isinstance(count, bool)
        return [Measured(Metric.FOLLOWERS, count, source="getChatMemberCount")] if followers else []

    def delete(self, remote_id: str) -> None:
        chat, messages = where(remote_id)
        for message in messages:
            try:
                self._do("deleteMessage", {"chat_id": chat, "message_id": message})
            except Rejected as error:
                if "delete not found" not in str(error):
                    raise

    def edit(self, remote_id: str, payload: Payload) -> None:
        if "poll" in payload:
            raise Rejected("Telegram lets nobody change a poll. Delete it, and post another.")
        chat, messages = where(remote_id)
        body: dict[str, Any] = {"chat_id": chat, "message_id": messages[0]}
        if payload.get("media"):
            method = "editMessageCaption"
            body |= {"caption": payload["text"], "caption_entities": payload["entities"]}
        else:
            method = "editMessageText"
            body |= {"text": payload["text"], "entities": payload["entities"]}
            if "link_preview_options" in payload:
                body["link_preview_options"] = payload["link_preview_options"]
        try:
            self._do(method, body)
        except Rejected as error:
            if "message is not modified" not in str(error):
                raise

    @property
    def _chat_id(self) -> str:
        return self.settings.moved_to or self.settings.chat

    def _preview(self, link: str | None) -> dict[str, Any] | None:
        match self.settings.preview:
            case "none":
                return {"is_disabled": True}
            case None:
                return {"url": link} if link else None
            case size:
                return {"url": link, f"prefer_{size}_media": True} if link else None

    def _publish(self, payload: Payload, chat: str) -> RemotePost:
        common: dict[str, Any] = {"chat_id": chat}
        for name in ("message_thread_id", "disable_notification"):
            if name in payload:
                common[name] = payload[name]
        if poll := payload.get("poll"):
            body: dict[str, Any] = {
                "question": payload["text"],
                "options": [{"text": one} for one in poll["options"]],
                "allows_multiple_answers": poll["multiple"],
                "open_period": poll["seconds"],
            }
            return remote_post([self._do("sendPoll", common | body)])
        if not payload.get("media"):
            body = {name: payload[name] for name in ("text", "entities")}
            if "link_preview_options" in payload:
                body["link_preview_options"] = payload["link_preview_options"]
            return remote_post([self._do("sendMessage", common | body)])
        return self._with_media(payload, common)

    def _with_media(self, payload: Payload, common: dict[str, Any]) -> RemotePost:
        media = [attachment_from(one) for one in payload["media"]]
        caption = {"caption": payload["text"], "caption_entities": payload["entities"]}
        deadline = UPLOAD_DEADLINE
        if any(one.is_video for one in media):
            deadline = upload_deadline(sum(one.size for one in media if one.is_video))
        with ExitStack() as opened:
            files = [self._file(one, opened) for one in media]
            if len(media) == 1:
                kind = "video" if media[0].is_video else "photo"
                known = shape(media[0]) if media[0].is_video else {}
                fields: dict[str, Any] = {**common, **caption, **known}
                sent = self._call(f"send{kind.title()}", fields, files={kind: files[0]}, deadline=deadline)
                return remote_post([sent])
            group = [grouped(one, index) for index, one in enumerate(media)]
            group[0] |= caption
            named = {f"file{index}": one for index, one in enumerate(files)}
            answer = self._call("sendMediaGroup", common | {"media": group}, files=named, deadline=deadline)
            if not isinstance(answer, list) or not answer:
                raise OutcomeUnknown("Telegram took the post and did not say which messages it is.")
            return remote_post(answer)

    def _file(self, attachment: Attachment, opened: ExitStack) -> tuple[str, Any, str]:
        if attachment.is_video:
            film = opened.enter_context(opened_file(self.files, attachment))
            return "video.mp4", film, attachment.media_type
        picture = self.picture(attachment)
        return f"picture.{picture.kind.removeprefix('image/')}", picture.body, picture.kind

    def _do(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        made = self._call(method, body)
        return made if isinstance(made, dict) else {}

    def _call(
        self,
        method: str,
        body: dict[str, Any],
        *,
        files: dict[str, Any] | None = None,
        deadline: timedelta = DEADLINE,
    ) -> Any:
        options: dict[str, Any] = {"json": body}
        if files:
            fields = {
                name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()
            }
            options = {"data": fields, "files": files}
        request = self._request("POST", method, **options)
        return result(send_once(self.http, request, refused=refused, deadline=deadline))

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        answer = self._answer(method, **params)
        if not isinstance(answer, dict):
            raise OutcomeUnknown("Telegram gave an answer that cannot be read.")
        return answer

    def _answer(self, method: str, **params: Any) -> Any:
        return result(ask(self.http, self._request("GET", method, params=params), refused=refused))

    def _request(self, http_method: str, method: str, **options: Any) -> httpx.Request:
        token = self.credentials.token.get_secret_value()
        return secret_request(
            self.http, http_method, f"{self.settings.server}/bot{token}/{method}", secrets=(token,), **options
        )
