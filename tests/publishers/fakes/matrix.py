"""A Matrix homeserver as a function, with the answers that Synapse 1.163 was seen to give."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer

ROOM, ALIAS, BOT = "!drums", "#drums:matrix.example", "@tabuh:matrix.example"
PASSWORD, TOKEN, REFRESH = "bot-password-1", "mxt_access_0", "mxt_refresh_0"


class FakeMatrix(FakeServer):
    """One room; transactions are remembered for the device that sent them, as the specification has it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.events: list[dict[str, Any]] = []
        self.transactions: dict[tuple[str, str, str], str] = {}
        self.devices = {TOKEN: "DEVICE0"}
        self.refresh_tokens = {REFRESH: "DEVICE0"}
        self.uploads: list[bytes] = []
        self.members = [BOT, "@reader:matrix.example"]
        self.joined = True
        self.encrypted = False
        #: Milliseconds; None: access tokens last for ever.
        self.lasts: int | None = 300_000
        self.routes = {
            "POST /_matrix/client/v3/login": self._login,
            "POST /_matrix/client/v3/refresh": self._refresh,
            "POST /_matrix/media/v3/upload": self._upload,
        }
        self.room_routes = {
            r"GET /_matrix/client/v3/account/whoami": lambda request: _json({"user_id": BOT}),
            r"GET /_matrix/client/v3/directory/room/(?P<alias>.+)": self._directory,
            r"GET /_matrix/client/v3/joined_rooms": lambda request: _json(
                {"joined_rooms": [ROOM] if self.joined else []}
            ),
            r"POST /_matrix/client/v3/join/.+": self._join,
            r"GET /_matrix/client/v1/media/config": lambda request: _json({"m.upload.size": 2_000_000}),
            r"GET /_matrix/client/v3/rooms/!drums/state/m.room.encryption": self._encryption,
            r"GET /_matrix/client/v3/rooms/!drums/joined_members": lambda request: _json(
                {"joined": {name: {} for name in self.members}}
            ),
            r"GET /_matrix/client/v3/rooms/!drums/messages": self._messages,
            r"GET /_matrix/client/v3/rooms/!drums/event/(?P<event>.+)": self._event,
            r"PUT /_matrix/client/v3/rooms/!drums/(?P<what>send/m.room.message|redact/[^/]+)/(?P<txn>.+)": (
                self._put
            ),
            r"GET /_matrix/client/v1/rooms/!drums/relations/(?P<event>[^/]+)/(?P<kind>.+)": self._relations,
        }

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What stands in the room, without edits and what was redacted."""
        return [one for one in self.events if one["content"] and "m.new_content" not in one["content"]]

    @property
    def copies(self) -> int:
        return len([one for one in self.messages if one["sender"] == BOT])

    def changes(self, request: httpx.Request) -> bool:
        return request.method == "PUT"

    def add(self, sender: str, content: Mapping[str, Any], kind: str = "m.room.message") -> str:
        """An event as the server stores it."""
        event_id = f"$event-{len(self.events)}"
        self.events.append(
            {
                "event_id": event_id,
                "type": kind,
                "sender": sender,
                "content": dict(content),
                "origin_server_ts": int(self.clock().timestamp() * 1000),
            }
        )
        return event_id

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = unquote(request.url.raw_path.decode().partition("?")[0])
        call = f"{request.method} {path}"
        if call in self.routes and "upload" not in call:
            return self.routes[call](request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.devices:
            said = {"errcode": "M_UNKNOWN_TOKEN", "error": "Token is not active", "soft_logout": True}
            return httpx.Response(401, json=said)
        if call in self.routes:
            return self.routes[call](request)
        for pattern, route in self.room_routes.items():
            if found := re.fullmatch(pattern, call):
                request.extensions["found"] = {**found.groupdict(), "device": self.devices[token]}
                return route(request)
        return httpx.Response(404, json={"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"})

    def _login(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        if said["password"] != PASSWORD:
            return _refusal(403, "M_FORBIDDEN", "Invalid username or password")
        device = said.get("device_id") or f"DEVICE{len(self.devices)}"
        return _json({"user_id": BOT, "device_id": device, **self._session(device)})

    def _refresh(self, request: httpx.Request) -> httpx.Response:
        device = self.refresh_tokens.get(json.loads(request.content)["refresh_token"])
        if device is None:
            return _refusal(401, "M_UNKNOWN_TOKEN", "refresh token isn't valid anymore")
        return _json(self._session(device))

    def _session(self, device: str) -> dict[str, Any]:
        """New tokens; those of before are no longer good."""
        self.devices = {token: of for token, of in self.devices.items() if of != device}
        self.refresh_tokens = {token: of for token, of in self.refresh_tokens.items() if of != device}
        number = len(self.requests)
        token, renewal = f"mxt_access_{number}", f"mxt_refresh_{number}"
        self.devices[token], self.refresh_tokens[renewal] = device, device
        made: dict[str, Any] = {"access_token": token, "refresh_token": renewal}
        return {**made, "expires_in_ms": self.lasts} if self.lasts else made

    def _upload(self, request: httpx.Request) -> httpx.Response:
        self.uploads.append(request.read())
        return _json({"content_uri": f"mxc://matrix.example/{len(self.uploads)}"})

    def _directory(self, request: httpx.Request) -> httpx.Response:
        if request.extensions["found"]["alias"] != ALIAS:
            return _refusal(404, "M_NOT_FOUND", "Room alias not found")
        return _json({"room_id": ROOM})

    def _join(self, request: httpx.Request) -> httpx.Response:
        self.joined = True
        return _json({"room_id": ROOM})

    def _encryption(self, request: httpx.Request) -> httpx.Response:
        if self.encrypted:
            return _json({"algorithm": "m.megolm.v1.aes-sha2"})
        return _refusal(404, "M_NOT_FOUND", "Event not found.")

    def _put(self, request: httpx.Request) -> httpx.Response:
        if not self.joined:
            return _refusal(403, "M_FORBIDDEN", f"User {BOT} not in room {ROOM}")
        found = request.extensions["found"]
        key = (found["device"], found["what"], found["txn"])
        if key not in self.transactions:
            if found["what"].startswith("redact"):
                self._redact(found["what"].partition("/")[2])
                self.transactions[key] = self.add(BOT, {}, "m.room.redaction")
            else:
                self.transactions[key] = self.add(BOT, json.loads(request.content))
        return _json({"event_id": self.transactions[key]})

    def _redact(self, event_id: str) -> None:
        for event in self.events:
            if event["event_id"] == event_id:
                event["content"] = {}
                event["unsigned"] = {"redacted_because": {"type": "m.room.redaction"}}

    def _event(self, request: httpx.Request) -> httpx.Response:
        for event in self.events:
            if event["event_id"] == request.extensions["found"]["event"]:
                return _json(self._bundled(event))
        return _refusal(404, "M_NOT_FOUND", "Event not found.")

    def _bundled(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with what is told of it: its latest edit."""
        latest = self._related(event["event_id"], "m.replace")[:1]
        return {**event, "unsigned": {"m.relations": {"m.replace": latest[0]}}} if latest else event

    def _messages(self, request: httpx.Request) -> httpx.Response:
        only = json.loads(request.url.params["filter"])
        wanted = [
            one for one in self.events if one["sender"] in only["senders"] and one["type"] in only["types"]
        ]
        return self._page(request, wanted[::-1], "end")

    def _relations(self, request: httpx.Request) -> httpx.Response:
        found = request.extensions["found"]
        related = map(self._bundled, self._related(found["event"], found["kind"]))
        return self._page(request, list(related), "next_batch")

    def _related(self, event_id: str, kind: str) -> list[dict[str, Any]]:
        """Newest first."""
        return [
            one
            for one in reversed(self.events)
            if (related := one["content"].get("m.relates_to", {})).get("event_id") == event_id
            and related["rel_type"] == kind.partition("/")[0]
        ]

    def _page(self, request: httpx.Request, events: list[dict[str, Any]], name: str) -> httpx.Response:
        start, size = int(request.url.params.get("from", 0)), int(request.url.params["limit"])
        following = {name: str(start + size)} if start + size < len(events) else {}
        return _json({"chunk": events[start : start + size], **following})


def _json(answer: Any) -> httpx.Response:
    return httpx.Response(200, json=answer)


def _refusal(status: int, code: str, said: str) -> httpx.Response:
    return httpx.Response(status, json={"errcode": code, "error": said})
