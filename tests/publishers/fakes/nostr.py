"""A relay of Nostr as a function, over a WebSocket that never leaves the machine.

Every message to it counts as a request, so that whatever can go wrong with requests goes wrong with messages.
"""

import base64
import hashlib
import json
from collections import deque
from typing import Any

import httpcore
import httpx
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Message, TextMessage

from domain.clock import Clock
from publishers.nostr_events import Event, is_genuine
from tests.publishers.fake_servers import FakeServer

SECRET = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa"
NSEC = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"
RELAY = "wss://relay.example"

#: What a relay says in place of a status.
_DIALECT = {
    401: "restricted: we serve members only",
    307: "invalid: not here",
    429: "rate-limited: slow down",
    503: "error: the database is down",
}


class FakeRelay(FakeServer):
    """One relay; it takes what is signed, once, and says so as nostr-relay 1.14 was seen to."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.events: dict[str, Event] = {}
        self.about: dict[str, Any] = {"name": "a relay"}
        #: Public keys (hex) that must prove themselves first; None: nobody must.
        self.members: set[str] | None = None
        self.proved: set[str] = set()
        #: Events given at a time, at most.
        self.most = 500
        #: Said in place of every answer; None: it answers.
        self.says: list[Any] | None = None
        #: Whether a deletion is carried out; relays need not.
        self.forgets = True

    @property
    def copies(self) -> int:
        return len([event for event in self.events.values() if event["kind"] == 1])

    def changes(self, request: httpx.Request) -> bool:
        return request.url.path == "/EVENT"

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.opened))

    def opened(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request over HTTP: an opened WebSocket, or what the relay says of itself."""
        if isinstance(self.always, httpx.ConnectError | httpx.ConnectTimeout):
            raise self.always
        if request.headers.get("upgrade") != "websocket":
            return httpx.Response(200, json=self.about)
        proof = hashlib.sha1(
            f"{request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()
        ).digest()
        headers = {"Sec-WebSocket-Accept": base64.b64encode(proof).decode(), "Upgrade": "websocket"}
        return httpx.Response(101, headers=headers, extensions={"network_stream": _Wire(self)})

    def told(self, message: list[Any], challenge: str) -> list[Any] | str:
        """The messages that follow one from a client; a text goes out as it is."""
        if self.says is not None:
            return self.says
        answer = self(httpx.Request("POST", f"https://relay.example/{message[0]}", json=message[1:]))
        name = message[1]["id"] if message[0] in ("EVENT", "AUTH") else message[1]
        if answer.headers.get("content-type", "").startswith("text/html"):
            return answer.text
        if answer.status_code == 200:
            messages: list[Any] = answer.json()
            return messages
        said = _DIALECT.get(answer.status_code, f"invalid: {answer.text}")
        return [["OK", name, False, said]] if message[0] == "EVENT" else [["CLOSED", name, said]]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        match request.url.path:
            case "/EVENT":
                return httpx.Response(200, json=[["OK", body[0]["id"], *self._taken(body[0])]])
            case "/AUTH":
                self.proved.add(body[0]["pubkey"])
                return httpx.Response(200, json=[["OK", body[0]["id"], True, ""]])
            case "/REQ":
                found = [["EVENT", body[0], event] for event in self._wanted(body[1])]
                return httpx.Response(200, json=[["NOTICE", "hello"], *found, ["EOSE", body[0]]])
        return httpx.Response(200, json=[])

    def _taken(self, event: Event) -> tuple[bool, str]:
        if self.members is not None and event["pubkey"] not in self.members & self.proved:
            return False, "auth-required: prove who you are"
        if event["id"] in self.events:
            return False, "duplicate: exists"
        if not is_genuine(event):
            return False, "invalid: Bad signature"
        self.events[event["id"]] = event
        if event["kind"] == 5 and self.forgets:
            for tag in event["tags"]:
                if self.events.get(tag[1], {}).get("pubkey") == event["pubkey"]:
                    del self.events[tag[1]]
        return True, ""

    def _wanted(self, only: dict[str, Any]) -> list[Event]:
        """Newest first."""
        found = [event for event in self.events.values() if _matches(event, only)]
        found.sort(key=lambda event: -int(event["created_at"]))
        return found[: min(self.most, only["limit"])]


def _matches(event: Event, only: dict[str, Any]) -> bool:
    for name, wanted in only.items():
        if name.startswith("#") and not {tag[1] for tag in event["tags"] if tag[0] == name[1:]} & set(wanted):
            return False
        field = {"ids": "id", "authors": "pubkey", "kinds": "kind"}.get(name)
        if field and event[field] not in wanted:
            return False
    made = event["created_at"]
    return bool(only.get("since", 0) <= made <= only.get("until", 2**40))


class _Wire(httpcore.NetworkStream):
    """The relay's end of a connection."""

    def __init__(self, relay: FakeRelay) -> None:
        self._relay = relay
        self._frames = Connection(ConnectionType.SERVER)
        self._out: deque[bytes | Exception] = deque()
        self._challenge = "f00d"
        if relay.members is not None:
            self._say(json.dumps(["AUTH", self._challenge]))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._frames.receive_data(buffer)
        for event in self._frames.events():
            if isinstance(event, CloseConnection):
                return
            assert isinstance(event, TextMessage)
            self._take(json.loads(event.data))

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        piece = self._out.popleft() if self._out else httpcore.ReadTimeout("timed out")
        if isinstance(piece, Exception):
            raise piece
        return piece

    def close(self) -> None:
        """Nothing to close."""

    def _take(self, message: list[Any]) -> None:
        try:
            answer = self._relay.told(message, self._challenge)
        except httpx.TimeoutException as error:
            self._out.append(httpcore.ReadTimeout(str(error)))
        except httpx.HTTPError as error:
            self._out.append(httpcore.RemoteProtocolError(str(error)))
        else:
            for one in [answer] if isinstance(answer, str) else map(json.dumps, answer):
                self._say(one)

    def _say(self, text: str) -> None:
        self._out.append(self._frames.send(Message(data=text)))
