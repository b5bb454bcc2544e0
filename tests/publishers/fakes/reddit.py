"""Reddit with one owner and one community, made from www.reddit.com/dev/api."""

from datetime import datetime
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer
from tests.publishers.fakes.forms import fields

COMMUNITY = "drums"
_KNOWN = {
    "api_type",
    "sr",
    "title",
    "kind",
    "url",
    "text",
    "resubmit",
    "sendreplies",
    "flair_id",
    "flair_text",
}


class FakeReddit(FakeServer):
    """Refuses programs that do not say what they are, and links that were posted before."""

    TOKEN = "reddit-access-token-secretsecret"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.posts: list[dict[str, Any]] = []
        self.errors: list[list[str]] = []
        self.made = 0
        self.page = 100
        self.routes = {
            "POST /api/submit": self._submit,
            "POST /api/editusertext": self._edit,
            "POST /api/del": self._delete,
            "GET /api/info": self._info,
            "GET /api/v1/me": lambda request: httpx.Response(200, json={"name": "drummer"}),
            "GET /user/drummer/submitted": self._submitted,
            f"GET /r/{COMMUNITY}/about": lambda request: httpx.Response(
                200, json={"kind": "t5", "data": {"subscribers": 42}}
            ),
        }

    @property
    def copies(self) -> int:
        return len([one for one in self.posts if one["author"] != "[deleted]"])

    def changes(self, request: httpx.Request) -> bool:
        return request.url.path == "/api/submit"

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if not request.headers["user-agent"].startswith("server:tabuh:"):
            return httpx.Response(429, json={"message": "Too Many Requests", "error": 429})
        if request.headers.get("authorization") != f"Bearer {self.TOKEN}":
            return httpx.Response(401, json={"message": "Unauthorized", "error": 401})
        return super()._answer(request)

    def add(self, at: datetime, **said: Any) -> dict[str, Any]:
        """A post as Reddit stores it."""
        self.made += 1
        id = f"abc{self.made}"
        post = {
            "name": f"t3_{id}",
            "id": id,
            "author": "drummer",
            "subreddit": COMMUNITY.capitalize(),
            "created_utc": at.timestamp(),
            "permalink": f"/r/{COMMUNITY.capitalize()}/comments/{id}/a_title/",
            "selftext": "",
            "url": "",
            "score": 5,
            "num_comments": 2,
            "num_crossposts": 0,
            **said,
        }
        self.posts.insert(0, post)
        return post

    def _submit(self, request: httpx.Request) -> httpx.Response:
        said = fields(request)
        assert not set(said) - _KNOWN
        if self.errors:
            return wrapped(errors=self.errors)
        if len(said["title"]) > 300 or len(said.get("text", "")) > 40_000:
            return wrapped(errors=[["TOO_LONG", "this is too long", "title"]])
        links = [one["url"] for one in self.posts]
        if said["kind"] == "link" and said["resubmit"] == "false" and said["url"] in links:
            return wrapped(errors=[["ALREADY_SUB", "that link has already been submitted", "url"]])
        kept = {"selftext": said["text"].strip()} if said["kind"] == "self" else {"url": said["url"]}
        flair = {name: said[name] for name in ("flair_id", "flair_text") if name in said}
        made = self.add(self.clock(), title=said["title"], **kept, **flair)
        where = f"https://www.reddit.com{made['permalink']}"
        return wrapped(data={"name": made["name"], "id": made["id"], "url": where})

    def _found(self, name: str) -> dict[str, Any] | None:
        return next((one for one in self.posts if one["name"] == name), None)

    def _edit(self, request: httpx.Request) -> httpx.Response:
        said = fields(request)
        found = self._found(said["thing_id"])
        assert found is not None
        found["selftext"] = said["text"]
        return wrapped(data={"things": []})

    def _delete(self, request: httpx.Request) -> httpx.Response:
        found = self._found(fields(request)["id"])
        if found is not None:
            found |= {"author": "[deleted]", "selftext": "[deleted]"}
        return httpx.Response(200, json={})

    def _info(self, request: httpx.Request) -> httpx.Response:
        found = self._found(request.url.params["id"])
        return listing([found] if found else [])

    def _submitted(self, request: httpx.Request) -> httpx.Response:
        own = [one for one in self.posts if one["author"] == "drummer"]
        start = int(request.url.params.get("after", "0"))
        end = start + min(int(request.url.params["limit"]), self.page)
        return listing(own[start:end], after=str(end) if own[end:] else None)


def wrapped(errors: list[list[str]] | None = None, data: dict[str, Any] | None = None) -> httpx.Response:
    """An answer as ``api_type=json`` asks for it."""
    return httpx.Response(200, json={"json": {"errors": errors or []} | ({"data": data} if data else {})})


def listing(posts: list[dict[str, Any]], after: str | None = None) -> httpx.Response:
    """Posts as Reddit lists them."""
    children = [{"kind": "t3", "data": one} for one in posts]
    return httpx.Response(200, json={"kind": "Listing", "data": {"after": after, "children": children}})
