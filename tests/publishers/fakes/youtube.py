"""YouTube's Data API with its resumable uploads, as they are documented."""

import json
import re
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer

#: Google takes pieces in multiples of this, except the last.
STEP = 256 * 1024


def google(status: int, reason: str, said: str) -> httpx.Response:
    """An error as Google writes it."""
    error = {"code": status, "message": said, "errors": [{"reason": reason, "message": said}]}
    return httpx.Response(status, json={"error": error})


class FakeYouTube(FakeServer):
    """One channel with its videos and upload sessions."""

    TOKEN = "youtube-token"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.sessions: dict[str, dict[str, Any]] = {}
        self.videos: dict[str, dict[str, Any]] = {}
        self.thumbnails: dict[str, bytes] = {}
        #: Whether Google has audited the application.
        self.audited = True
        #: Bytes that are kept at most of one piece, as when a line is cut.
        self.keeps: int | None = None
        self.has_channel = True
        self.hides_numbers = False
        self.routes = {
            "POST /upload/youtube/v3/videos": self._begin,
            r"PUT /upload/session/.+": self._put,
            "POST /upload/youtube/v3/thumbnails/set": self._thumbnail,
            "GET /youtube/v3/channels": self._channels,
            "GET /youtube/v3/videos": self._list,
            "PUT /youtube/v3/videos": self._update,
            "DELETE /youtube/v3/videos": self._delete,
        }

    @property
    def copies(self) -> int:
        return len(self.videos)

    def changes(self, request: httpx.Request) -> bool:
        """The piece that completes a file makes the video."""
        span = re.fullmatch(r"bytes \d+-(\d+)/(\d+)", request.headers.get("content-range", ""))
        return span is not None and int(span[1]) + 1 == int(span[2])

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {self.TOKEN}":
            return google(401, "authError", "Invalid Credentials")
        return super()._answer(request)

    def _begin(self, request: httpx.Request) -> httpx.Response:
        said, asked = json.loads(request.content), request.url.params
        if asked.get("uploadType") != "resumable" or asked.get("part") != "snippet,status":
            return google(400, "badRequest", "part")
        if wrong := _wrong(said):
            return google(400, wrong, f"The request metadata specifies an {wrong}.")
        number = f"s{len(self.sessions)}"
        size = int(request.headers["x-upload-content-length"])
        self.sessions[number] = {"said": said, "size": size, "body": b"", "video": None}
        where = f"https://www.googleapis.com/upload/session/{number}?upload_id=abc"
        return httpx.Response(200, headers={"Location": where})

    def _put(self, request: httpx.Request) -> httpx.Response:
        session = self.sessions.get(request.url.path.rsplit("/", 1)[-1])
        if session is None:
            return httpx.Response(404)
        span = request.headers["content-range"]
        if span != f"bytes */{session['size']}":
            match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", span)
            assert match is not None
            start, end, size = (int(one) for one in match.groups())
            if start != len(session["body"]) or end - start + 1 != len(request.content):
                return google(400, "badRequest", "Content-Range")
            if end + 1 < size and len(request.content) % STEP:
                return google(400, "badRequest", "not a multiple of 256 KiB")
            session["body"] += request.content if self.keeps is None else request.content[: self.keeps]
            self.keeps = None
        if len(session["body"]) < session["size"]:
            held = {"Range": f"bytes=0-{len(session['body']) - 1}"} if session["body"] else {}
            return httpx.Response(308, headers=held)
        if session["video"] is None:
            session["video"] = self._made(session)
        return httpx.Response(200, json=session["video"])

    def _made(self, session: dict[str, Any]) -> dict[str, Any]:
        number = f"vid{len(self.videos)}"
        status = dict(session["said"]["status"])
        if not self.audited:
            status["privacyStatus"] = "private"
        at = self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
        video = {"id": number, "snippet": {**session["said"]["snippet"], "publishedAt": at}, "status": status}
        self.videos[number] = video
        return video

    def _thumbnail(self, request: httpx.Request) -> httpx.Response:
        if request.url.params["videoId"] not in self.videos:
            return google(404, "videoNotFound", "The video cannot be found.")
        self.thumbnails[request.url.params["videoId"]] = request.content
        return httpx.Response(200, json={"items": []})

    def _channels(self, request: httpx.Request) -> httpx.Response:
        numbers = {"subscriberCount": "1230", "hiddenSubscriberCount": self.hides_numbers}
        channel = {"id": "UC1", "snippet": {"title": "Tabuh"}, "statistics": numbers}
        return httpx.Response(200, json={"items": [channel]} if self.has_channel else {"items": []})

    def _list(self, request: httpx.Request) -> httpx.Response:
        known = [self.videos.get(one) for one in request.url.params["id"].split(",")]
        counts = {"viewCount": "900", "likeCount": "7", "favoriteCount": "0"}
        found = [{"id": one["id"], "statistics": counts} for one in known if one]
        return httpx.Response(200, json={"items": found})

    def _update(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        if said["id"] not in self.videos:
            return google(404, "videoNotFound", "The video cannot be found.")
        self.videos[said["id"]]["snippet"] |= said["snippet"]
        return httpx.Response(200, json=self.videos[said["id"]])

    def _delete(self, request: httpx.Request) -> httpx.Response:
        if self.videos.pop(request.url.params["id"], None) is None:
            return google(404, "videoNotFound", "The video cannot be found.")
        return httpx.Response(204)


def _wrong(said: dict[str, Any]) -> str | None:
    snippet, status = said.get("snippet", {}), said.get("status", {})
    if set(said) != {"snippet", "status"}:
        return "badRequest"
    known = {"title", "description", "categoryId", "defaultLanguage", "tags"}
    title, description = snippet.get("title", ""), snippet.get("description", "")
    if set(snippet) - known or not 0 < len(title) <= 100 or "<" in title or ">" in title:
        return "invalidTitle"
    if len(description.encode()) > 5000 or "<" in description or ">" in description:
        return "invalidDescription"
    if set(status) - {"privacyStatus", "selfDeclaredMadeForKids", "publishAt"}:
        return "badRequest"
    return None if status.get("privacyStatus") in ("public", "unlisted", "private") else "badRequest"
