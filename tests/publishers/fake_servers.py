"""Servers as functions, with the state of the real ones: for `httpx.MockTransport`.

Each lets the next requests that change something fail as told: with a `httpx.Response` or an exception in
place of the work, or with `LOST_ANSWER` after it.
"""

import base64
import hashlib
import hmac
import html
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import httpx

from domain.clock import Clock


class Lost(Enum):
    """The request is carried out, and its answer never arrives."""

    ANSWER = "answer"


LOST_ANSWER = Lost.ANSWER


class Crash(BaseException):
    """The machine stops here: nothing catches it."""


Fault = httpx.Response | httpx.HTTPError | Lost


class Body(httpx.SyncByteStream):
    """A body that is read from a stream, as from a real connection."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body


def asked_of(request: httpx.Request) -> httpx.URL:
    """The address that goes over the wire, where it is another than the one that logs show."""
    target = request.extensions.get("target")
    return request.url.copy_with(raw_path=target) if target else request.url


class FakeServer:
    """Answers requests by ``METHOD path``; the subclass fills in `routes`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.faults: deque[Fault | None] = deque()
        #: One fault for every request from now on, reads included.
        self.always: Fault | None = None
        self.requests: list[httpx.Request] = []
        #: Our own machine stops at this request, counted from 0: before it leaves, or after its work.
        self.crash_at: int | None = None
        self.crash_after = False
        self.routes: dict[str, Callable[[httpx.Request], httpx.Response]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        dies = self.crash_at == len(self.requests) - 1
        if dies and not self.crash_after:
            raise Crash
        fault = self.always
        if fault is None and self.changes(request) and self.faults:
            fault = self.faults.popleft()
        match fault:
            case httpx.Response():
                return fault
            case httpx.HTTPError():
                raise fault
        answer = self._answer(request)
        if dies:
            raise Crash
        if fault is LOST_ANSWER:
            raise httpx.ReadTimeout("the answer never came", request=request)
        return answer

    def changes(self, request: httpx.Request) -> bool:
        """Whether the request makes a post."""
        return request.method == "POST"

    def client(self) -> httpx.Client:
        """A client that reaches this server only."""
        return httpx.Client(transport=httpx.MockTransport(self))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {asked_of(request).path}"
        for pattern, route in self.routes.items():
            if re.fullmatch(pattern, call):
                return route(request)
        return httpx.Response(404, json={"error": "Record not found"})


class FakeMastodon(FakeServer):
    """One owner's statuses; with ``keeps_keys`` the Idempotency-Key works, as on Mastodon itself."""

    TOKEN = "mastodon-token"

    def __init__(self, clock: Clock, *, keeps_keys: bool = False) -> None:
        super().__init__(clock)
        self.statuses: list[dict[str, Any]] = []
        self.keys: dict[str, dict[str, Any]] = {}
        #: Statuses ever made, deleted ones included.
        self.made = 0
        #: Bodies of uploads, and how many looks each takes until it is ready.
        self.uploads: list[bytes] = []
        self.slow_looks = 0
        self.keeps_keys = keeps_keys
        self.instance: dict[str, Any] = {
            "configuration": {"statuses": {"max_characters": 500, "characters_reserved_per_url": 23}}
        }
        self.routes = {
            "POST /api/v1/statuses": self._post,
            "POST /api/v2/media": self._upload,
            r"GET /api/v1/media/\d+": self._uploaded,
            "GET /api/v1/accounts/verify_credentials": self._me,
            "GET /api/v1/accounts/7/statuses": self._list,
            r"GET /api/v1/statuses/\d+": self._one,
            r"PUT /api/v1/statuses/\d+": self._edit,
            r"DELETE /api/v1/statuses/\d+": self._delete,
            "GET /api/v2/instance": lambda request: httpx.Response(200, json=self.instance),
        }

    @property
    def copies(self) -> int:
        return len(self.statuses)

    def changes(self, request: httpx.Request) -> bool:
        return super().changes(request) and request.url.path.endswith("/statuses")

    def add(self, text: str, at: datetime, media_ids: Sequence[str] = ()) -> dict[str, Any]:
        """A status as the server stores it."""
        self.made += 1
        number = str(999 + self.made)
        status = {
            "id": number,
            "created_at": at.isoformat().replace("+00:00", "Z"),
            "url": f"https://mastodon.example/@tabuh/{number}",
            "content": mastodon_html(text),
            "favourites_count": 3,
            "replies_count": 1,
            "reblogs_count": 2,
            "media_attachments": [{"id": one} for one in media_ids],
        }
        self.statuses.append(status)
        return status

    def _post(self, request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] != f"Bearer {self.TOKEN}":
            return httpx.Response(401, json={"error": "The access token is invalid"})
        key = request.headers["idempotency-key"]
        if self.keeps_keys and key in self.keys:
            return httpx.Response(200, json=self.keys[key])
        said = json.loads(request.content)
        status = self.add(said["status"], self.clock(), said.get("media_ids", ()))
        status["in_reply_to_id"] = said.get("in_reply_to_id")
        status["poll"] = said.get("poll")
        self.keys[key] = status
        return httpx.Response(200, json=self.keys[key])

    def _upload(self, request: httpx.Request) -> httpx.Response:
        self.uploads.append(request.content)
        return httpx.Response(202 if self.slow_looks else 200, json={"id": str(len(self.uploads))})

    def _uploaded(self, request: httpx.Request) -> httpx.Response:
        self.slow_looks = max(0, self.slow_looks - 1)
        return httpx.Response(206 if self.slow_looks else 200, json={"id": request.url.path.rsplit("/")[-1]})

    def _me(self, request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] != f"Bearer {self.TOKEN}":
            return httpx.Response(401, json={"error": "The access token is invalid"})
        me = {"id": "7", "acct": "tabuh", "url": "https://mastodon.example/@tabuh", "followers_count": 42}
        return httpx.Response(200, json=me)

    def _list(self, request: httpx.Request) -> httpx.Response:
        before = int(request.url.params.get("max_id", 10**9))
        newest_first = [one for one in reversed(self.statuses) if int(one["id"]) < before]
        return httpx.Response(200, json=newest_first[: int(request.url.params["limit"])])

    def _edit(self, request: httpx.Request) -> httpx.Response:
        """As Mastodon does it: what the request does not name is taken away."""
        found, said = self._one(request), json.loads(request.content)
        for status in self.statuses:
            if found.is_success and status["id"] == found.json()["id"]:
                status["content"] = mastodon_html(said["status"])
                status["media_attachments"] = [{"id": one} for one in said.get("media_ids", ())]
                status["poll"] = said.get("poll")
        return found

    def _delete(self, request: httpx.Request) -> httpx.Response:
        found = self._one(request)
        if found.is_success:
            self.statuses = [one for one in self.statuses if one["id"] != found.json()["id"]]
        return found

    def _one(self, request: httpx.Request) -> httpx.Response:
        number = request.url.path.rsplit("/", 1)[-1]
        for status in self.statuses:
            if status["id"] == number:
                return httpx.Response(200, json=status)
        return httpx.Response(404, json={"error": "Record not found"})


def mastodon_html(text: str) -> str:
    """The HTML that Mastodon makes of a text: shortened links, mentions without server, paragraphs."""

    def link(match: re.Match[str]) -> str:
        url = html.unescape(match[0])
        scheme, rest = url.split("://", 1)
        shown, hidden = rest[:30], rest[30:]
        return (
            f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener"><span class="invisible">'
            f'{scheme}://</span><span class="ellipsis">{html.escape(shown)}</span>'
            f'<span class="invisible">{html.escape(hidden)}</span></a>'
        )

    marked = re.sub(r"https?://[^\s<>\"“”。）)]+(?<![.,!?'])", link, html.escape(text, quote=False))
    marked = re.sub(
        r"(?<!\S)@(\w+)@([\w.-]+\w)",
        r'<span class="h-card"><a href="https://\2/@\1" class="u-url mention">@<span>\1</span></a></span>',
        marked,
    )
    marked = re.sub(
        r"(?<!\S)#(\w+)",
        r'<a href="https://mastodon.example/tags/\1" class="mention hashtag" rel="tag">#<span>\1</span></a>',
        marked,
    )
    paragraphs = re.split(r"\n{2,}", marked)
    return "".join("<p>" + part.replace("\n", "<br />") + "</p>" for part in paragraphs)


class FakeReceiver(FakeServer):
    """A webhook receiver that checks signatures as the Standard Webhooks libraries do."""

    SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.received: list[dict[str, Any]] = []
        self.says: httpx.Response = httpx.Response(204)
        self.routes = {"POST /hook": self._hook}

    @property
    def copies(self) -> int:
        return len(self.received)

    def _hook(self, request: httpx.Request) -> httpx.Response:
        headers = request.headers
        key = base64.b64decode(self.SECRET.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.content
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if headers["webhook-signature"] != f"v1,{expected}":
            return httpx.Response(401, json={"error": "wrong signature"})
        self.received.append(json.loads(request.content))
        return self.says
