"""Tumblr with one owner's blog, made from github.com/tumblr/docs."""

import json
from datetime import datetime
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer
from tests.publishers.fakes.forms import fields

BLOG = "drums"
_BLOCKS = {"text", "link", "image", "video"}


class FakeTumblr(FakeServer):
    """Posts are kept as blocks; addresses in them lead through Tumblr, as on the real one."""

    TOKEN = "tumblr-access-token-secretsecret"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.posts: list[dict[str, Any]] = []
        self.forms: list[dict[str, Any]] = []
        self.notes: dict[str, Any] = {"notes": [], "total_notes": 9}
        self.made = 0
        place = f"/v2/blog/{BLOG}.tumblr.com"
        self.routes = {
            f"POST {place}/posts": self._create,
            f"GET {place}/posts": self._list,
            rf"(GET|PUT) {place}/posts/\d+": self._one,
            f"POST {place}/post/delete": self._delete,
            f"GET {place}/notes": self._notes,
            f"GET {place}/info": lambda request: said(200, {"blog": {"name": BLOG, "title": "Drums"}}),
            "GET /v2/user/info": lambda request: said(
                200, {"user": {"blogs": [{"name": BLOG, "title": "Drums", "followers": 42}]}}
            ),
        }

    @property
    def copies(self) -> int:
        return len(self.posts)

    def changes(self, request: httpx.Request) -> bool:
        return super().changes(request) and request.url.path.endswith("/posts")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {self.TOKEN}":
            return refusal(401, "Unauthorized")
        answer = super()._answer(request)
        return answer if answer.status_code != 404 else refusal(404, "Not Found")

    def add(self, at: datetime, content: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        """A post as Tumblr stores it."""
        self.made += 1
        kept = json.loads(json.dumps(content))
        for block in kept:
            for mark in block.get("formatting", []):
                mark["url"] = "https://href.li/?" + mark["url"]
        id = 700_000_000_000 + self.made
        post = {"id": id, "id_string": str(id), "timestamp": int(at.timestamp()), "content": kept, **more}
        self.posts.insert(0, post)
        return post

    def _create(self, request: httpx.Request) -> httpx.Response:
        form = fields(request)
        asked = json.loads(form.pop("json")) if "json" in form else form
        self.forms.append(form)
        for block in asked["content"]:
            media = block.get("media") or []
            places = media if isinstance(media, list) else [media]
            if block["type"] not in _BLOCKS or len(block.get("text", "")) > 4096:
                return refusal(400, "Bad Request", "a block is not right", 8001)
            assert all(isinstance(form[one["identifier"]], bytes) for one in places)
        return said(201, {"id": str(self.add(self.clock(), asked["content"])["id"])})

    def _list(self, request: httpx.Request) -> httpx.Response:
        start, size = int(request.url.params["offset"]), int(request.url.params["limit"])
        assert request.url.params["npf"] == "true"
        return said(200, {"posts": self.posts[start : start + size], "total_posts": len(self.posts)})

    def _found(self, id: str) -> dict[str, Any] | None:
        return next((one for one in self.posts if str(one["id"]) == id), None)

    def _one(self, request: httpx.Request) -> httpx.Response:
        found = self._found(request.url.path.rpartition("/")[2])
        if found is None:
            return refusal(404, "Not Found")
        if request.method == "PUT":
            found["content"] = json.loads(request.content)["content"]
        return said(200, found)

    def _delete(self, request: httpx.Request) -> httpx.Response:
        found = self._found(fields(request)["id"])
        if found is None:
            return refusal(404, "Not Found")
        self.posts.remove(found)
        return said(200, {"id": found["id"]})

    def _notes(self, request: httpx.Request) -> httpx.Response:
        if self._found(request.url.params["id"]) is None:
            return refusal(404, "Not Found")
        assert request.url.params["mode"] == "conversation"
        return said(200, self.notes)


def said(status: int, answer: dict[str, Any]) -> httpx.Response:
    """A success in Tumblr's envelope."""
    return httpx.Response(status, json={"meta": {"status": status, "msg": "OK"}, "response": answer})


def refusal(status: int, words: str, detail: str = "", code: int = 0, **headers: str) -> httpx.Response:
    """A refusal as Tumblr writes it."""
    errors = {"errors": [{"title": words, "detail": detail, "code": code}]} if detail else {}
    body = {"meta": {"status": status, "msg": words}, "response": [], **errors}
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=shown)
