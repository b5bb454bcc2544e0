"""Google's Business Profile API with one location, made from developers.google.com/my-business."""

import json
from datetime import datetime
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer

LOCATION = "accounts/11/locations/22"
#: Fields of a LocalPost that a caller may set.
_KNOWN = {"languageCode", "summary", "callToAction", "event", "media", "topicType", "alertType", "offer"}


class FakeGoogleBusiness(FakeServer):
    """One location's posts."""

    TOKEN = "ya29.secretsecretsecretsecret"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.posts: list[dict[str, Any]] = []
        self.page = 100
        self.made = 0
        self.routes = {
            f"POST /v4/{LOCATION}/localPosts": self._create,
            f"GET /v4/{LOCATION}/localPosts": self._list,
            rf"(GET|PATCH|DELETE) /v4/{LOCATION}/localPosts/\d+": self._one,
            "GET /v1/accounts": lambda request: httpx.Response(
                200, json={"accounts": [{"name": "accounts/11"}]}
            ),
            "GET /v1/accounts/11/locations": lambda request: httpx.Response(
                200, json={"locations": [{"name": "locations/22", "title": "Pasar Drums"}]}
            ),
            "GET /v1/locations/22": lambda request: httpx.Response(
                200, json={"name": "locations/22", "title": "Pasar Drums"}
            ),
        }

    @property
    def copies(self) -> int:
        return len(self.posts)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {self.TOKEN}":
            return refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        answer = super()._answer(request)
        if answer.status_code == 404:
            return refusal(404, "NOT_FOUND", "Requested entity was not found.")
        return answer

    def add(self, at: datetime, **said: Any) -> dict[str, Any]:
        """A post as Google stores it."""
        self.made += 1
        made = at.isoformat().replace("+00:00", ".000000000Z")
        place = {"name": f"{LOCATION}/localPosts/{self.made}", "createTime": made, "state": "LIVE"}
        self.posts.insert(0, {**place, "searchUrl": f"https://local.google.com/place?id={self.made}", **said})
        return self.posts[0]

    def _create(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        if set(said) - _KNOWN or "topicType" not in said or len(said["summary"]) > 1500:
            return refusal(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
        return httpx.Response(200, json=self.add(self.clock(), **said))

    def _list(self, request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("pageToken", 0))
        end = start + min(int(request.url.params["pageSize"]), self.page)
        found = {"localPosts": self.posts[start:end]} if self.posts[start:end] else {}
        more = {"nextPageToken": str(end)} if self.posts[end:] else {}
        return httpx.Response(200, json=found | more)

    def _one(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/v4/")
        found = next((one for one in self.posts if one["name"] == name), None)
        if found is None:
            return refusal(404, "NOT_FOUND", "Requested entity was not found.")
        if request.method == "DELETE":
            self.posts.remove(found)
            return httpx.Response(200, json={})
        if request.method == "PATCH":
            said = json.loads(request.content)
            assert set(request.url.params["updateMask"].split(",")) == set(said)
            found |= said
        return httpx.Response(200, json=found)


def refusal(status: int, word: str, words: str) -> httpx.Response:
    """A refusal as Google writes it."""
    return httpx.Response(status, json={"error": {"code": status, "message": words, "status": word}})
