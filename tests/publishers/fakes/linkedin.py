"""LinkedIn's versioned REST API, as it is documented: strict about headers, bodies and authors."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer

ORGANISATION = "urn:li:organization:77"
MEMBER = "urn:li:person:m1"
_POST = {
    "author",
    "commentary",
    "visibility",
    "distribution",
    "lifecycleState",
    "isReshareDisabledByAuthor",
    "content",
}
_NEEDED = _POST - {"content", "isReshareDisabledByAuthor"}
#: Signs that must not stand for themselves in "little text".
_BARE = re.compile(r"(?<!\\)[|{}@\[\]()<>*_~]")


def refused(status: int, code: str, said: str) -> httpx.Response:
    """An error as LinkedIn writes it."""
    return httpx.Response(status, json={"status": status, "code": code, "message": said})


class FakeLinkedIn(FakeServer):
    """One author's posts, pictures, videos and comments."""

    TOKEN = "linkedin-token"

    def __init__(self, clock: Clock, author: str) -> None:
        super().__init__(clock)
        self.author = author
        self.posts: list[dict[str, Any]] = []
        self.images: dict[str, bytes] = {}
        self.videos: dict[str, dict[str, Any]] = {}
        self.comments: list[dict[str, Any]] = []
        self.version = "202607"
        #: Bytes of one piece of a video, and looks until it is ready.
        self.step = 1000
        self.slow_looks = 0
        self.fails = False
        self.seen: dict[str, int] | None = None
        self.routes = {
            "POST /rest/posts": self._post,
            r"POST /rest/posts/.+": self._edit,
            r"DELETE /rest/posts/.+": self._delete,
            "GET /rest/posts": self._list,
            r"GET /rest/posts/.+": self._one,
            "POST /rest/images": self._begin_image,
            "POST /rest/videos": self._video_action,
            r"GET /rest/videos/.+": self._video,
            r"PUT /upload/.+": self._put,
            r"POST /rest/socialActions/.+/comments": self._comment,
            r"GET /rest/socialActions/.+/comments": self._commented,
            "GET /rest/organizationAcls": self._roles,
            r"GET /rest/organizations/\d+": self._organisation,
            r"GET /rest/networkSizes/.+": lambda r: httpx.Response(200, json={"firstDegreeSize": 42}),
            "GET /rest/organizationalEntityShareStatistics": self._statistics,
            "GET /v2/userinfo": lambda r: httpx.Response(200, json={"sub": "m1", "name": "Sari"}),
        }

    @property
    def copies(self) -> int:
        return len(self.posts)

    @property
    def pieces(self) -> int:
        """Posts and comments."""
        return len(self.posts) + len(self.comments)

    def changes(self, request: httpx.Request) -> bool:
        return request.method == "POST" and request.url.path.endswith(("/posts", "/comments"))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {self.TOKEN}":
            return refused(401, "INVALID_ACCESS_TOKEN", "Invalid access token")
        if request.url.host == "api.linkedin.com" and request.url.path.startswith("/rest/"):
            if request.headers.get("x-restli-protocol-version") != "2.0.0":
                return refused(400, "PROTOCOL", "X-Restli-Protocol-Version")
            if request.headers.get("linkedin-version") != self.version:
                return refused(426, "NONEXISTENT_VERSION", "Requested version is not active")
        return super()._answer(request)

    def _post(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        if wrong := self._wrong(said):
            return refused(422, "INVALID", wrong)
        same = (said["commentary"], said.get("content"))
        if any((one["commentary"], one["content"]) == same for one in self.posts):
            return refused(422, "DUPLICATE_POST", "Content is a duplicate of urn:li:share:1")
        number = f"urn:li:share:{7000 + len(self.posts)}"
        post = {**said, "content": said.get("content"), "id": number, "createdAt": self._now()}
        self.posts.append(post)
        return httpx.Response(201, headers={"x-restli-id": number})

    def _wrong(self, said: dict[str, Any]) -> str | None:
        if set(said) - _POST or _NEEDED - set(said):
            return f"fields {sorted(set(said) ^ _POST)}"
        if said["author"] != self.author or said["lifecycleState"] != "PUBLISHED":
            return "author"
        bare = _BARE.search(said["commentary"])
        if bare or len(said["commentary"]) > 3000:
            return f"commentary {bare}"
        content = said.get("content") or {}
        if len(content) > 1:
            return "content"
        wrong: dict[str, Callable[[dict[str, Any]], object]] = {
            "media": lambda one: set(one) - {"id", "altText", "title"} or not self._known(one["id"]),
            "multiImage": lambda one: (
                not 2 <= len(one["images"]) <= 20
                or not all(self._known(image["id"]) for image in one["images"])
            ),
            "article": lambda one: (
                set(one) - {"source", "title", "description", "thumbnail"}
                or not {"source", "title"} <= set(one)
                or ("thumbnail" in one and not self._known(one["thumbnail"]))
            ),
            "poll": lambda one: (
                set(one) != {"question", "options", "settings"}
                or not 0 < len(one["question"]) <= 140
                or not 2 <= len(one["options"]) <= 4
                or any(set(option) != {"text"} or len(option["text"]) > 30 for option in one["options"])
                or one["settings"] not in [{"duration": f"{n}"} for n in _DURATIONS]
            ),
        }
        for name, is_wrong in wrong.items():
            if name in content and is_wrong(content[name]):
                return f"content.{name}"
        return f"content {sorted(content)}" if set(content) - set(wrong) else None

    def _known(self, urn: str) -> bool:
        video = self.videos.get(urn)
        return urn in self.images if video is None else bool(video["whole"])

    def _one_post(self, request: httpx.Request) -> dict[str, Any] | None:
        urn = unquote(request.url.raw_path.decode().partition("?")[0].rsplit("/", 1)[-1])
        return next((one for one in self.posts if one["id"] == urn), None)

    def _one(self, request: httpx.Request) -> httpx.Response:
        post = self._one_post(request)
        return httpx.Response(200, json=post) if post else refused(404, "NOT_FOUND", "Could not find entity")

    def _edit(self, request: httpx.Request) -> httpx.Response:
        post, said = self._one_post(request), json.loads(request.content)
        if request.headers.get("x-restli-method") != "PARTIAL_UPDATE" or list(said) != ["patch"]:
            return refused(400, "METHOD", "PARTIAL_UPDATE")
        if post is None:
            return refused(404, "NOT_FOUND", "Could not find entity")
        post |= said["patch"]["$set"]
        return httpx.Response(204)

    def _delete(self, request: httpx.Request) -> httpx.Response:
        post = self._one_post(request)
        if post is not None:
            self.posts.remove(post)
        return httpx.Response(204)

    def _list(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        if request.headers.get("x-restli-method") != "FINDER" or asked.get("q") != "author":
            return refused(400, "FINDER", "q")
        if asked["author"] != self.author:
            return refused(403, "ACCESS_DENIED", "Not enough permissions")
        start, count = int(asked["start"]), int(asked["count"])
        newest = self.posts[::-1][start : start + count]
        shown = [{**one, "commentary": _returned(one["commentary"])} for one in newest]
        return httpx.Response(200, json={"elements": shown, "paging": {"start": start, "count": count}})

    def _begin_image(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        if asked != {"initializeUploadRequest": {"owner": self.author}}:
            return refused(400, "INVALID", "owner")
        urn = f"urn:li:image:{len(self.images)}"
        self.images[urn] = b""
        value = {"uploadUrl": f"https://www.linkedin.com/upload/{urn}", "image": urn}
        return httpx.Response(200, json={"value": value})

    def _video_action(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        if request.url.params["action"] == "initializeUpload":
            size = asked["initializeUploadRequest"]["fileSizeBytes"]
            urn = f"urn:li:video:{len(self.videos)}"
            self.videos[urn] = {"size": size, "parts": {}, "whole": False, "looks": self.slow_looks}
            steps = [
                {
                    "uploadUrl": f"https://www.linkedin.com/upload/{urn}/{at}",
                    "firstByte": at,
                    "lastByte": min(at + self.step, size) - 1,
                }
                for at in range(0, size, self.step)
            ]
            value = {"video": urn, "uploadToken": "", "uploadInstructions": steps}
            return httpx.Response(200, json={"value": value})
        said = asked["finalizeUploadRequest"]
        video = self.videos[said["video"]]
        video["body"] = b"".join(video["parts"][at] for at in sorted(video["parts"]))
        if said["uploadedPartIds"] != [f"etag-{at}" for at in sorted(video["parts"])]:
            return refused(400, "INVALID", "uploadedPartIds")
        video["whole"] = len(video["body"]) == video["size"]
        return httpx.Response(200)

    def _put(self, request: httpx.Request) -> httpx.Response:
        _, urn, *at = unquote(request.url.path).lstrip("/").split("/")
        if not at:
            self.images[urn] = request.content
            return httpx.Response(201)
        self.videos[urn]["parts"][int(at[0])] = request.content
        return httpx.Response(200, headers={"ETag": f'"etag-{at[0]}"'})

    def _video(self, request: httpx.Request) -> httpx.Response:
        video = self.videos[unquote(request.url.raw_path.decode().rsplit("/", 1)[-1])]
        video["looks"] -= 1
        state = "PROCESSING" if video["looks"] >= 0 else "AVAILABLE"
        return httpx.Response(200, json={"status": "PROCESSING_FAILED" if self.fails else state})

    def _comment(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        if set(said) != {"actor", "object", "message"} or said["actor"] != self.author:
            return refused(400, "INVALID", "comment")
        number = f"urn:li:comment:({said['object']},{len(self.comments)})"
        self.comments.append({**said, "id": number, "created": {"time": self._now()}})
        return httpx.Response(201, headers={"x-restli-id": number}, json={"id": number})

    def _commented(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"elements": self.comments})

    def _roles(self, request: httpx.Request) -> httpx.Response:
        roles = [("77", "ADMINISTRATOR"), ("78", "ANALYST"), ("77", "CONTENT_ADMINISTRATOR")]
        elements = [
            {"organization": f"urn:li:organization:{number}", "role": role, "state": "APPROVED"}
            for number, role in roles
        ]
        return httpx.Response(200, json={"elements": elements})

    def _organisation(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id": 77, "localizedName": "Tabuh Drums"})

    def _statistics(self, request: httpx.Request) -> httpx.Response:
        share = request.url.params["shares"].removeprefix("List(").removesuffix(")")
        known = [{"share": share, "totalShareStatistics": self.seen}] if self.seen else []
        return httpx.Response(200, json={"elements": known})

    def _now(self) -> int:
        return int(self.clock().timestamp() * 1000)


_DURATIONS = ("ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS")


def _returned(commentary: str) -> str:
    """As LinkedIn gives a commentary back: tags as templates."""
    return re.sub(r"(?<!\\)#(\w+)", r"{hashtag|\\#|\1}", commentary)
