"""Pinterest with one board, behind Pinterest's own description of its API."""

import json
from datetime import datetime
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer
from tests.publishers.fakes.forms import fields
from tests.publishers.fakes.official import Official

BOARD = "549755885175"


class FakePinterest(FakeServer):
    """One owner's board; videos take ``slow_looks`` looks until they can be pinned."""

    TOKEN = "pina_secretsecretsecretsecret"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.pins: list[dict[str, Any]] = []
        self.bodies: list[dict[str, Any]] = []
        self.videos: dict[str, dict[str, Any]] = {}
        self.slow_looks = 0
        self.page = 250
        self.analytics: dict[str, Any] = {}
        self.official = Official("pinterest")
        self.routes = {
            "POST /v5/pins": self._create,
            r"(GET|PATCH|DELETE) /v5/pins/\d+": self._one,
            r"GET /v5/pins/\d+/analytics": self._numbers,
            f"GET /v5/boards/{BOARD}/pins": self._list,
            "GET /v5/boards": lambda request: httpx.Response(
                200, json={"items": [{"id": BOARD, "name": "Drums"}], "bookmark": None}
            ),
            "GET /v5/user_account": lambda request: httpx.Response(
                200, json={"id": "2783136121146311751", "username": "drums", "follower_count": 42}
            ),
            "POST /v5/media": self._register,
            r"GET /v5/media/\d+": self._looked,
            "POST /upload": self._upload,
        }

    @property
    def copies(self) -> int:
        return len(self.pins)

    def changes(self, request: httpx.Request) -> bool:
        return request.method == "POST" and request.url.path == "/v5/pins"

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != "api.pinterest.com":
            return super()._answer(request)
        if request.headers.get("authorization") != f"Bearer {self.TOKEN}":
            return refusal(401, 2, "Authentication failed.")
        if wrong := self.official.breach(request):
            return refusal(400, 1, f"Invalid parameters: {wrong}")
        answer = super()._answer(request)
        return answer if answer.status_code != 404 else refusal(404, 50, "Not found.")

    def add(self, at: datetime, **said: Any) -> dict[str, Any]:
        """A pin as Pinterest stores it."""
        made = at.replace(tzinfo=None).isoformat()
        pin = {"id": str(10**12 + len(self.pins)), "created_at": made, "board_id": BOARD, **said}
        self.pins.insert(0, pin)
        return pin

    def _create(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        self.bodies.append(said)
        if said["board_id"] != BOARD:
            return refusal(404, 40, "Board not found.")
        kept = {name: said.get(name) for name in ("title", "description", "link", "alt_text")}
        return httpx.Response(201, json=self.add(self.clock(), **kept))

    def _found(self, request: httpx.Request) -> dict[str, Any] | None:
        id = request.url.path.split("/")[3]
        return next((one for one in self.pins if one["id"] == id), None)

    def _one(self, request: httpx.Request) -> httpx.Response:
        found = self._found(request)
        if found is None:
            return refusal(404, 50, "Pin not found.")
        if request.method == "DELETE":
            self.pins.remove(found)
            return httpx.Response(204)
        if request.method == "PATCH":
            found |= json.loads(request.content)
        return httpx.Response(200, json=found)

    def _numbers(self, request: httpx.Request) -> httpx.Response:
        if self._found(request) is None:
            return refusal(404, 50, "Pin not found.")
        return httpx.Response(200, json={"all": self.analytics})

    def _list(self, request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("bookmark", 0))
        end = start + min(int(request.url.params["page_size"]), self.page)
        more = str(end) if self.pins[end:] else None
        return httpx.Response(200, json={"items": self.pins[start:end], "bookmark": more})

    def _register(self, request: httpx.Request) -> httpx.Response:
        id = str(500 + len(self.videos))
        self.videos[id] = {"status": "registered", "looks": 0}
        place = {"key": f"uploads/{id}", "policy": "eyJleHBpcmF0aW9uIjoi"}
        answer = {"media_id": id, "media_type": "video", "upload_parameters": place}
        return httpx.Response(201, json={**answer, "upload_url": "https://media-upload.example/upload"})

    def _upload(self, request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        said = fields(request)
        self.videos[said["key"].removeprefix("uploads/")] |= {"body": said["file"], "status": "processing"}
        return httpx.Response(204)

    def _looked(self, request: httpx.Request) -> httpx.Response:
        video = self.videos[request.url.path.rpartition("/")[2]]
        video["looks"] += 1
        if video["status"] == "processing" and video["looks"] > self.slow_looks:
            video["status"] = "succeeded"
        return httpx.Response(200, json={"media_type": "video", "status": video["status"]})


def refusal(status: int, code: int, words: str) -> httpx.Response:
    """A refusal as Pinterest writes it."""
    return httpx.Response(status, json={"code": code, "message": words})
