"""A Ghost site as its Admin API shows it: posts with unique slugs, pictures, an edit lock."""

import base64
import hashlib
import hmac
import itertools
import json
import re
from datetime import timedelta
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer


class FakeGhost(FakeServer):
    """One integration's site at ``https://blog.example``."""

    KEY = "6b028ee10254061597c07ba6:" + "ab" * 32

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.posts: dict[str, dict[str, Any]] = {}
        self.images: list[bytes] = []
        self.members = 0
        #: Somebody saves each post between our look and our change, so often.
        self.rivals = 0
        self.numbers = itertools.count(1)
        self.routes = {
            "POST /posts/": self._post,
            "GET /posts/": self._list,
            r"(GET|PUT|DELETE) /posts/\w+/": self._one,
            "POST /images/upload/": self._upload,
            "GET /members/": lambda request: _json(
                {"members": [], "meta": {"pagination": {"total": self.members}}}
            ),
        }

    @property
    def copies(self) -> int:
        return len(self.posts)

    def changes(self, request: httpx.Request) -> bool:
        return super().changes(request) and request.url.path.endswith("/posts/")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/ghost/api/admin")
        if path == "/site/":
            return _json(
                {"site": {"title": "Mading", "url": "https://blog.example/", "site_uuid": "4074b36e"}}
            )
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        for call, route in self.routes.items():
            if re.fullmatch(call, f"{request.method} {path}"):
                return route(request)
        return httpx.Response(404, html="<h1>404</h1>")

    def _refusal(self, request: httpx.Request) -> httpx.Response | None:
        """What is wrong with the token: Ghost checks each of its parts."""
        assert request.headers["accept-version"] == "v6.0"
        given = request.headers["authorization"].removeprefix("Ghost ").split(".")
        try:
            head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in given[:2])
        except ValueError:
            return _error(400, "INVALID_JWT", "BadRequestError", "Invalid token")
        number, _, secret = self.KEY.partition(":")
        now = self.clock().timestamp()
        if head.get("kid") != number:
            return _error(401, "UNKNOWN_ADMIN_API_KEY", "UnauthorizedError", "Unknown Admin API Key")
        signed = hmac.digest(bytes.fromhex(secret), ".".join(given[:2]).encode(), hashlib.sha256)
        right = base64.urlsafe_b64encode(signed).rstrip(b"=").decode() == given[2]
        fresh = claims["exp"] - claims["iat"] <= 300 and claims["exp"] > now
        if not right or not fresh or claims["aud"] != "/admin/" or head["alg"] != "HS256":
            return _error(401, "INVALID_JWT", "UnauthorizedError", "Invalid token")
        return None

    def add(self, slug: str, **values: Any) -> dict[str, Any]:
        """A post as the site stores it; a slug that is taken gets a number behind it."""
        taken = {one["slug"] for one in self.posts.values()}
        further = (f"{slug}-{number}" for number in itertools.count(2))
        free = slug if slug not in taken else next(name for name in further if name not in taken)
        number = f"{next(self.numbers):024x}"
        stamp = self.clock().isoformat()[:19] + ".000Z"
        self.posts[number] = {
            "id": number,
            "url": f"https://blog.example/{free}/",
            "published_at": stamp,
            "updated_at": stamp,
            "email": None,
            "count": {"clicks": 0, "positive_feedback": 0},
            **values,
            "slug": free,
        }
        return self.posts[number]

    def _post(self, request: httpx.Request) -> httpx.Response:
        assert request.url.params["source"] == "html"
        [said] = json.loads(request.content)["posts"]
        email = {"email": {"status": "submitted"}} if request.url.params.get("newsletter") else {}
        return httpx.Response(201, json={"posts": [self.add(said.pop("slug"), **said, **email)]})

    def _list(self, request: httpx.Request) -> httpx.Response:
        wanted = re.fullmatch("slug:'([a-z0-9-]+)'", request.url.params.get("filter", ""))
        found = [one for one in self.posts.values() if wanted is None or one["slug"] == wanted[1]]
        return _json({"posts": found[: int(request.url.params["limit"])]})

    def _one(self, request: httpx.Request) -> httpx.Response:
        number = request.url.path.rstrip("/").rsplit("/", 1)[-1]
        if number not in self.posts:
            return _error(404, None, "NotFoundError", "Resource not found error, cannot read post.")
        post = self.posts[number]
        if request.method == "DELETE":
            del self.posts[number]
            return httpx.Response(204)
        if request.method == "PUT":
            return self._change(post, json.loads(request.content)["posts"][0])
        shown = {"posts": [dict(post)]}
        if self.rivals:
            self.rivals -= 1
            self._stamp(post)
        return _json(shown)

    def _change(self, post: dict[str, Any], said: dict[str, Any]) -> httpx.Response:
        if said.pop("updated_at") != post["updated_at"]:
            return _error(409, "UPDATE_COLLISION", "UpdateCollisionError", "Saving failed!")
        post.update(said)
        self._stamp(post)
        return _json({"posts": [post]})

    def _stamp(self, post: dict[str, Any]) -> None:
        later = self.clock() + timedelta(seconds=next(self.numbers))
        post["updated_at"] = later.isoformat()[:19] + ".000Z"

    def _upload(self, request: httpx.Request) -> httpx.Response:
        self.images.append(request.content)
        return httpx.Response(
            201, json={"images": [{"url": f"https://blog.example/content/{len(self.images)}.jpg"}]}
        )


def _json(answer: Any) -> httpx.Response:
    return httpx.Response(200, json=answer)


def _error(status: int, code: str | None, kind: str, said: str) -> httpx.Response:
    return httpx.Response(
        status, json={"errors": [{"message": said, "context": None, "type": kind, "code": code}]}
    )
