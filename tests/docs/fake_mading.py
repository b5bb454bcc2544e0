"""The imaginary bulletin board of the example, as a function."""

import json
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer

TOKEN = "mading-token"


class FakeMading(FakeServer):
    """One board, which takes every notice, also one with a reference that it has seen."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.notices: list[dict[str, Any]] = []
        self.routes = {
            "GET /api/me": lambda request: _json({"id": 7, "name": "Class 3B", "subscribers": 31}),
            "POST /api/notices": self._post,
            "GET /api/notices": self._find,
            r"GET /api/notices/\d+": self._one,
        }

    @property
    def copies(self) -> int:
        """How many notices hang there."""
        return len(self.notices)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return httpx.Response(401, json={"error": "unknown token"})
        return super()._answer(request)

    def _post(self, request: httpx.Request) -> httpx.Response:
        number = 1 + len(self.notices)
        url = f"https://mading.example/{number}"
        made = {"id": number, "url": url, "created_at": self.clock().isoformat()}
        self.notices.append({**json.loads(request.content), **made})
        return httpx.Response(201, json=made)

    def _find(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.params["reference"]
        return _json({"notices": [one for one in self.notices if one["reference"] == wanted]})

    def _one(self, request: httpx.Request) -> httpx.Response:
        number = int(request.url.path.rpartition("/")[2])
        if number > len(self.notices):
            return httpx.Response(404, json={"error": "no such notice"})
        return _json({"views": 12, "hearts": 3})


def _json(answer: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json=answer)
