"""Discord with one server and one channel, behind Discord's own description of its API."""

import json
from datetime import datetime
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer, asked_of
from tests.publishers.fakes.forms import fields
from tests.publishers.fakes.official import Official

GUILD, CHANNEL, BOT, HOOK = "80000000000000001", "80000000000000002", "80000000000000003", "80000000000000004"
_EPOCH = 1_420_070_400_000


def snowflake(at: datetime, number: int) -> str:
    """An id made at a time."""
    return str(((int(at.timestamp() * 1000) - _EPOCH) << 22) + number)


class FakeDiscord(FakeServer):
    """A bot and a webhook write into one channel; nonces are kept."""

    TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
    HOOK_TOKEN = "w3bh00k-t0ken-w3bh00k-t0ken-w3bh00k-t0ken-w3bh00k-t0ken-w3bh00k"
    HOOK_URL = f"https://discord.com/api/webhooks/{HOOK}/{HOOK_TOKEN}"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.messages: list[dict[str, Any]] = []
        self.bodies: list[dict[str, Any]] = []
        self.nonces: dict[str, dict[str, Any]] = {}
        self.official = Official("discord")
        self.shows_past = True
        self.channel_type = 0
        channel, hook = f"/api/v10/channels/{CHANNEL}", f"/api/v10/webhooks/{HOOK}/{self.HOOK_TOKEN}"
        self.routes = {
            f"POST {channel}/messages": self._post,
            f"GET {channel}/messages": self._list,
            rf"(GET|PATCH|DELETE) ({channel}|{hook})/messages/\d+": self._one,
            f"GET {channel}": self._channel,
            f"POST {hook}": self._execute,
            f"GET {hook}": lambda request: httpx.Response(
                200, json={"id": HOOK, "name": "Drums", "guild_id": GUILD, "token": self.HOOK_TOKEN}
            ),
            "GET /api/v10/users/@me": lambda request: httpx.Response(
                200, json={"id": BOT, "username": "drums"}
            ),
            f"GET /api/v10/guilds/{GUILD}": lambda request: httpx.Response(
                200, json={"id": GUILD, "approximate_member_count": 42}
            ),
        }

    @property
    def copies(self) -> int:
        return sum("message_reference" not in one for one in self.messages)

    @property
    def pieces(self) -> int:
        """All messages, answers too."""
        return len(self.messages)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = asked_of(request).path
        if "/webhooks/" not in path and request.headers.get("authorization") != f"Bot {self.TOKEN}":
            return refusal(401, 0, "401: Unauthorized")
        if "/messages" in path or "/webhooks/" in path:
            said = self._said(request) if request.content else None
            if wrong := self.official.breach(request, json_body=said):
                return refusal(400, 50035, f"Invalid Form Body {wrong}")
        answer = super()._answer(request)
        return (
            answer
            if answer.status_code != 404 or answer.json().get("code")
            else refusal(404, 10003, "Unknown")
        )

    def _said(self, request: httpx.Request) -> dict[str, Any]:
        said = fields(request)
        return json.loads(said["payload_json"]) if "payload_json" in said else said

    def add(self, at: datetime, author: str = BOT, **said: Any) -> dict[str, Any]:
        """A message as Discord stores it."""
        message = {
            "id": snowflake(at, len(self.messages)),
            "channel_id": CHANNEL,
            "timestamp": at.isoformat(),
            "author": {"id": author},
            "content": said.get("content", "").strip(),
            "embeds": [{"type": "rich", **one} for one in said.get("embeds", [])],
            "attachments": [{"id": str(one["id"])} for one in said.get("attachments", [])],
        }
        message |= {name: said[name] for name in ("poll", "message_reference") if name in said}
        self.messages.append(message)
        return message

    def _post(self, request: httpx.Request) -> httpx.Response:
        said = self._said(request)
        self.bodies.append(said | {"form": fields(request)})
        if len(said.get("content", "")) > 2000:
            return refusal(400, 50035, "Invalid Form Body")
        if said["enforce_nonce"] and said["nonce"] in self.nonces:
            return httpx.Response(200, json=self.nonces[said["nonce"]])
        self.nonces[said["nonce"]] = self.add(self.clock(), **said)
        return httpx.Response(200, json=self.nonces[said["nonce"]])

    def _execute(self, request: httpx.Request) -> httpx.Response:
        said = self._said(request)
        self.bodies.append(said | {"form": fields(request)})
        made = self.add(self.clock(), HOOK, **said)
        if asked_of(request).params.get("wait") != "true":
            return httpx.Response(204)
        return httpx.Response(200, json=made)

    def _list(self, request: httpx.Request) -> httpx.Response:
        params = asked_of(request).params
        before = int(params.get("before", 2**63))
        found = [one for one in reversed(self.messages) if int(one["id"]) < before]
        return httpx.Response(200, json=found[: int(params.get("limit", 50))] if self.shows_past else [])

    def _one(self, request: httpx.Request) -> httpx.Response:
        id = asked_of(request).path.rpartition("/")[2]
        found = next((one for one in self.messages if one["id"] == id), None)
        if found is None:
            return refusal(404, 10008, "Unknown Message")
        if request.method == "DELETE":
            self.messages.remove(found)
            return httpx.Response(204)
        if request.method == "PATCH":
            found |= fields(request)
        return httpx.Response(200, json=found)

    def _channel(self, request: httpx.Request) -> httpx.Response:
        last = self.messages[-1]["id"] if self.messages else None
        about = {"id": CHANNEL, "guild_id": GUILD, "name": "news", "type": self.channel_type}
        return httpx.Response(200, json=about | {"last_message_id": last})


def refusal(status: int, code: int, words: str, **more: Any) -> httpx.Response:
    """A refusal as Discord writes it."""
    return httpx.Response(status, json={"code": code, "message": words, **more})
