"""A WordPress site as its REST API shows it: posts with unique slugs, terms, a library, a bin."""

import base64
import itertools
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import Body, FakeServer


class FakeWordPress(FakeServer):
    """One author's site at ``https://blog.example``, reached by ``rest_route`` or below ``/wp-json``."""

    USER, PASSWORD = "ani", "abcd EFGH 1234 ijkl"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.posts: dict[int, dict[str, Any]] = {}
        self.media: list[dict[str, Any]] = []
        self.terms: dict[str, list[dict[str, Any]]] = {"categories": [], "tags": []}
        self.comments = 0
        self.may_publish = True
        self.has_bin = True
        self.numbers = itertools.count(1)
        #: What its front page says of the API.
        self.link = '<https://blog.example/wp-json/>; rel="https://api.w.org/"'
        self.routes = {
            "POST /wp/v2/posts": self._post,
            "GET /wp/v2/posts": self._list,
            r"(GET|POST|DELETE) /wp/v2/posts/\d+": self._one,
            "GET /wp/v2/media": lambda request: _json(
                [one for one in self.media if one["slug"] == request.url.params["slug"]]
            ),
            "POST /wp/v2/media": self._upload,
            r"POST /wp/v2/media/\d+": self._describe,
            "GET /wp/v2/(categories|tags)": lambda request: _json(
                self.terms[self._path(request).split("/")[-1]]
            ),
            "POST /wp/v2/(categories|tags)": self._name,
            "GET /wp/v2/comments": self._comments,
            "GET /wp/v2/users/me": self._me,
        }

    @property
    def copies(self) -> int:
        """What readers see; what is in the bin is not among it."""
        return sum(one["status"] == "publish" for one in self.posts.values())

    def changes(self, request: httpx.Request) -> bool:
        return super().changes(request) and self._path(request) == "/wp/v2/posts"

    def _path(self, request: httpx.Request) -> str:
        return request.url.params.get("rest_route") or request.url.path.removeprefix("/wp-json")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = self._path(request)
        if path == "/":
            headers = {"Link": self.link} if self.link else {}
            return httpx.Response(200, headers=headers, stream=Body(b"<title>Mading</title>"))
        owner = base64.b64encode(f"{self.USER}:{self.PASSWORD}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {owner}":
            return _error(401, "rest_cannot_create", "Sorry, you are not allowed to do that.")
        found: Callable[[httpx.Request], httpx.Response] | None = next(
            (route for call, route in self.routes.items() if re.fullmatch(call, f"{request.method} {path}")),
            None,
        )
        return found(request) if found else _error(404, "rest_no_route", "No route was found.")

    def add(self, slug: str, **values: Any) -> dict[str, Any]:
        """A post as the site stores it; a slug that is taken gets a number behind it."""
        taken = {one["slug"] for one in self.posts.values()}
        free = (
            slug
            if slug not in taken
            else next(name for number in itertools.count(2) if (name := f"{slug}-{number}") not in taken)
        )
        number = next(self.numbers)
        self.posts[number] = {
            "id": number,
            "slug": free,
            "status": "publish",
            "link": f"https://blog.example/{free}/",
            "date_gmt": self.clock().isoformat()[:19],
            **values,
        }
        return self.posts[number]

    def _post(self, request: httpx.Request) -> httpx.Response:
        if not self.may_publish:
            return _error(403, "rest_cannot_publish", "Sorry, you are not allowed to publish posts.")
        said = json.loads(request.content)
        slug = said.pop("slug")
        return httpx.Response(201, json=self.add(slug, **said))

    def _list(self, request: httpx.Request) -> httpx.Response:
        slugs = request.url.params["slug"].split(",")
        states = request.url.params["status"].split(",")
        return _json([one for one in self.posts.values() if one["slug"] in slugs and one["status"] in states])

    def _one(self, request: httpx.Request) -> httpx.Response:
        number = int(self._path(request).rsplit("/", 1)[-1])
        if number not in self.posts:
            return _error(404, "rest_post_invalid_id", "Invalid post ID.")
        post = self.posts[number]
        if request.method == "POST":
            post.update(json.loads(request.content))
        if request.method == "GET":
            raw = {name: {"raw": post[name]} for name in ("title", "content") if name in post}
            return _json({**post, **raw})
        if request.method == "DELETE":
            return self._delete(post, forced=request.url.params.get("force") == "true")
        return _json(post)

    def _delete(self, post: dict[str, Any], *, forced: bool) -> httpx.Response:
        if forced:
            del self.posts[post["id"]]
        elif not self.has_bin:
            return _error(501, "rest_trash_not_supported", "The post does not support trashing.")
        elif post["status"] == "trash":
            return _error(410, "rest_already_trashed", "The post has already been deleted.")
        else:
            post.update(status="trash", slug=f"{post['slug']}__trashed")
        return _json(post)

    def _upload(self, request: httpx.Request) -> httpx.Response:
        said = dict(
            re.findall(r'name="(slug|alt_text)"\r\n\r\n(.*)\r\n', request.content.decode("utf-8", "replace"))
        )
        number = next(self.numbers)
        url = f"https://blog.example/wp-content/{number}.jpg"
        self.media.append({"id": number, "source_url": url, "alt_text": "", **said})
        return httpx.Response(201, json=self.media[-1])

    def _describe(self, request: httpx.Request) -> httpx.Response:
        number = int(self._path(request).rsplit("/", 1)[-1])
        found = next(one for one in self.media if one["id"] == number)
        found.update(json.loads(request.content))
        return _json(found)

    def _name(self, request: httpx.Request) -> httpx.Response:
        kind, name = self._path(request).split("/")[-1], json.loads(request.content)["name"]
        self.terms[kind].append({"id": next(self.numbers), "name": name.replace("&", "&amp;")})
        return httpx.Response(201, json=self.terms[kind][-1])

    def _comments(self, request: httpx.Request) -> httpx.Response:
        """One comment each minute, newest first."""
        size, page = int(request.url.params["per_page"]), int(request.url.params.get("page", "1"))
        numbers = range(self.comments, 0, -1)[size * (page - 1) : size * page]
        at = {
            one: (self.clock() - timedelta(minutes=self.comments - one)).isoformat()[:19] for one in numbers
        }
        listed = [{"id": one, "date_gmt": at[one]} for one in numbers]
        return httpx.Response(200, json=listed, headers={"X-WP-Total": str(self.comments)})

    def _me(self, request: httpx.Request) -> httpx.Response:
        me = {"id": 3, "name": "Ani", "link": "https://blog.example/author/ani/"}
        return _json({**me, "capabilities": {"publish_posts": self.may_publish}})


def _json(answer: Any) -> httpx.Response:
    return httpx.Response(200, json=answer)


def _error(status: int, code: str, said: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "message": said, "data": {"status": status}})
