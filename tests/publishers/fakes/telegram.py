"""Telegram's Bot API with one channel; each request is held against the published list of methods."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer, asked_of
from tests.publishers.fakes.forms import fields

SPEC = Path(__file__).resolve().parents[4] / "shared" / "specs" / "telegram" / "bot-api.publish-subset.json"
#: Methods that the subset leaves out, from core.telegram.org/bots/api: names of fields, and those required.
_BESIDES = {
    "sendPoll": (
        {"question", "options", "allows_multiple_answers", "open_period"},
        {"chat_id", "question", "options"},
    ),
    "getChatMember": ({"user_id"}, {"chat_id", "user_id"}),
}
#: Types that are no objects.
_PLAIN: dict[str, type] = {"String": str, "Integer": int, "Boolean": bool, "InputFile": bytes}
_ALWAYS = {"chat_id", "message_thread_id", "disable_notification"}


@cache
def bot_api() -> dict[str, Any] | None:
    """The published methods and types; None where the reference material is absent."""
    return json.loads(SPEC.read_text()) if SPEC.exists() else None


def breach(method: str, said: dict[str, Any]) -> str | None:
    """How a call breaks what the Bot API describes: unknown, missing or wrong fields; None: it does not."""
    if method in _BESIDES:
        known, required = _BESIDES[method]
        wrong = (set(said) - known - _ALWAYS) | (required - set(said))
        return f"{method}: {sorted(wrong)}" if wrong else None
    api = bot_api()
    if api is None:
        return None
    if method not in api["methods"]:
        return f"{method} is no method"
    return _fields_breach(api, method, api["methods"][method].get("fields", []), said)


def _fields_breach(
    api: dict[str, Any], where: str, known: list[dict[str, Any]], said: dict[str, Any]
) -> str | None:
    by_name = {field["name"]: field for field in known}
    if unknown := set(said) - set(by_name):
        return f"{where} has no {sorted(unknown)}"
    for field in known:
        if field["required"] and field["name"] not in said:
            return f"{where} needs {field['name']}"
    for name, value in said.items():
        if not any(_fits(api, one, value) for one in by_name[name]["types"]):
            return f"{where}.{name} is no {by_name[name]['types']}: {value!r}"
    return None


def _fits(api: dict[str, Any], kind: str, value: Any) -> bool:
    if kind.startswith("Array of "):
        return isinstance(value, list) and all(
            _fits(api, kind.removeprefix("Array of "), one) for one in value
        )
    if kind in _PLAIN:
        return isinstance(value, _PLAIN[kind]) and (kind == "Boolean" or not isinstance(value, bool))
    described = api["types"].get(kind)
    if described is None or not isinstance(value, dict):
        return False
    return _fields_breach(api, kind, described.get("fields", []), value) is None


class FakeTelegram(FakeServer):
    """One channel, ``@drums``, in which the bot is an administrator."""

    TOKEN = "123456789:AAE-dQw4w9WgXcQ_dQw4w9WgXcQ_secretsecret"
    CHAT = -1001234567890

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.messages: dict[int, dict[str, Any]] = {}
        self.groups = 0
        self.chat: dict[str, Any] = {
            "id": self.CHAT,
            "type": "channel",
            "title": "Drums",
            "username": "drums",
        }
        self.member: dict[str, Any] = {"status": "administrator", "can_post_messages": True}
        self.moved_to: int | None = None
        self.too_old = False

    @property
    def copies(self) -> int:
        return len({one.get("media_group_id", number) for number, one in self.messages.items()})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        called = re.fullmatch(r"/bot([^/]+)/(\w+)", asked_of(request).path)
        if called is None:
            return refusal(404, "Not Found")
        if called[1] != self.TOKEN:
            return refusal(401, "Unauthorized")
        said = self._said(request)
        if wrong := breach(called[2], said):
            return refusal(400, f"Bad Request: {wrong}")
        if "chat_id" in said and (other := self._other_chat(said["chat_id"])):
            return other
        answer = getattr(self, f"_{called[2]}")(said)
        return answer if isinstance(answer, httpx.Response) else result(_shown(answer))

    def _said(self, request: httpx.Request) -> dict[str, Any]:
        """The fields of a call; those of a form or query are JSON unless they are text."""
        if request.headers.get("content-type", "").startswith("application/json"):
            return fields(request)
        said = fields(request) if request.method == "POST" else dict(asked_of(request).params)
        texts = {"chat_id", "caption", "text", "question"}
        read: dict[str, Any] = {
            name: value if name in texts or isinstance(value, bytes) else json.loads(value)
            for name, value in said.items()
        }
        # Files of a group come beside it, under the names that it gives them.
        for one in read.get("media", []):
            assert isinstance(read.pop(one["media"].removeprefix("attach://")), bytes)
        return read

    def _other_chat(self, chat: Any) -> httpx.Response | None:
        if self.moved_to is not None and str(chat) != str(self.moved_to):
            moved = {"migrate_to_chat_id": self.moved_to}
            return refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", moved)
        known = (str(self.chat["id"]), f"@{self.chat.get('username')}", str(self.moved_to))
        return None if str(chat) in known else refusal(400, "Bad Request: chat not found")

    def _add(self, **message: Any) -> dict[str, Any]:
        number = 40 + len(self.messages)
        at = int(self.clock().timestamp())
        made = {"message_id": number, "date": at, "chat": self.chat, **message}
        self.messages[number] = made
        return made

    def _sendMessage(self, said: dict[str, Any]) -> Any:
        if len(said["text"].encode("utf-16-le")) // 2 > 4096:
            return refusal(400, "Bad Request: message is too long")
        return self._add(text=said["text"], said=said)

    def _sendPhoto(self, said: dict[str, Any]) -> Any:
        return self._add(caption=said.get("caption"), said=said)

    _sendVideo = _sendPoll = _sendPhoto

    def _sendMediaGroup(self, said: dict[str, Any]) -> Any:
        if not 2 <= len(said["media"]) <= 10:
            return refusal(400, "Bad Request: wrong number of media")
        self.groups += 1
        return [self._add(media_group_id=f"g{self.groups}", said=one) for one in said["media"]]

    def _editMessageText(self, said: dict[str, Any]) -> Any:
        message = self.messages[said["message_id"]]
        if "text" not in message:
            return refusal(400, "Bad Request: there is no text in the message to edit")
        if message["text"] == said["text"]:
            return refusal(
                400, "Bad Request: message is not modified: specified new message content is the same"
            )
        message["text"] = said["text"]
        return message

    def _editMessageCaption(self, said: dict[str, Any]) -> Any:
        self.messages[said["message_id"]]["said"]["caption"] = said["caption"]
        return self.messages[said["message_id"]]

    def _deleteMessage(self, said: dict[str, Any]) -> Any:
        if self.too_old:
            return refusal(400, "Bad Request: message can't be deleted for everyone")
        if self.messages.pop(said["message_id"], None) is None:
            return refusal(400, "Bad Request: message to delete not found")
        return True

    def _getMe(self, said: dict[str, Any]) -> Any:
        return {"id": 123456789, "is_bot": True, "first_name": "Drums", "username": "drums_bot"}

    def _getChat(self, said: dict[str, Any]) -> Any:
        return self.chat

    def _getChatMember(self, said: dict[str, Any]) -> Any:
        return self.member

    def _getChatMemberCount(self, said: dict[str, Any]) -> Any:
        return 42


def _shown(answer: Any) -> Any:
    """A message as Telegram shows it, without what the test wants to know of it."""
    if isinstance(answer, list):
        return [_shown(one) for one in answer]
    return (
        {name: one for name, one in answer.items() if name != "said"} if isinstance(answer, dict) else answer
    )


def result(value: Any) -> httpx.Response:
    return httpx.Response(200, json={"ok": True, "result": value})


def refusal(status: int, words: str, parameters: dict[str, Any] | None = None) -> httpx.Response:
    """A refusal as Telegram writes it."""
    answer: dict[str, Any] = {"ok": False, "error_code": status, "description": words}
    return httpx.Response(status, json=answer | ({"parameters": parameters} if parameters else {}))
