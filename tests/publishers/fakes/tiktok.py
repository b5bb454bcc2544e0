"""TikTok's Content Posting API, as it is documented."""

import json
import re
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer

_POST = {"title", "privacy_level", "disable_duet", "disable_comment", "disable_stitch"}
_SOURCE = {"source", "video_size", "chunk_size", "total_chunk_count"}
MIB = 2**20


def refused(status: int, code: str, said: str = "") -> httpx.Response:
    """An error as TikTok writes it."""
    return httpx.Response(status, json={"data": {}, "error": {"code": code, "message": said, "log_id": "L1"}})


def ok(**data: Any) -> httpx.Response:
    """A success as TikTok writes it."""
    return httpx.Response(200, json={"data": data, "error": {"code": "ok", "message": "", "log_id": "L1"}})


class FakeTikTok(FakeServer):
    """One creator's publications."""

    TOKEN = "tiktok-token"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.publications: dict[str, dict[str, Any]] = {}
        self.options = ["PUBLIC_TO_EVERYONE", "SELF_ONLY"]
        self.longest = 600
        self.audited = True
        #: Looks until a whole upload is published, and why it is not.
        self.slow_looks = 0
        self.fails: str | None = None
        #: Bytes of a piece that is not the only one.
        self.least = 5 * MIB
        #: Whether moderation has ended.
        self.moderated = True
        self.gone = False
        self.routes = {
            "POST /v2/post/publish/creator_info/query/": self._creator,
            "POST /v2/post/publish/video/init/": self._init,
            "POST /v2/post/publish/status/fetch/": self._status,
            r"PUT /video/\d+": self._put,
            "GET /v2/user/info/": self._user,
            "POST /v2/video/query/": self._query,
        }

    @property
    def copies(self) -> int:
        return sum(one["whole"] and not one["failed"] for one in self.publications.values())

    def changes(self, request: httpx.Request) -> bool:
        """The piece that completes a file publishes it."""
        span = re.fullmatch(r"bytes \d+-(\d+)/(\d+)", request.headers.get("content-range", ""))
        return span is not None and int(span[1]) + 1 == int(span[2])

    def _answer(self, request: httpx.Request) -> httpx.Response:
        is_upload = request.url.host == "open-upload.tiktokapis.com"
        bearer = request.headers.get("authorization")
        if is_upload and bearer is not None:
            return refused(400, "invalid_params", "the token has no place here")
        if not is_upload and bearer != f"Bearer {self.TOKEN}":
            return refused(401, "access_token_invalid", "The access token is invalid")
        return super()._answer(request)

    def _creator(self, request: httpx.Request) -> httpx.Response:
        return ok(
            creator_username="tabuh",
            privacy_level_options=self.options,
            comment_disabled=False,
            duet_disabled=False,
            stitch_disabled=False,
            max_video_post_duration_sec=self.longest,
        )

    def _init(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        post, source = said.get("post_info", {}), said.get("source_info", {})
        if set(said) != {"post_info", "source_info"} or set(post) - _POST or set(source) != _SOURCE:
            return refused(400, "invalid_params", "fields")
        if not self.audited and post["privacy_level"] != "SELF_ONLY":
            return refused(403, "unaudited_client_can_only_post_to_private_accounts", "")
        if post["privacy_level"] not in self.options:
            return refused(403, "privacy_level_option_mismatch", "")
        size, piece, count = (source[n] for n in ("video_size", "chunk_size", "total_chunk_count"))
        right = count == max(1, size // piece) and (
            piece == size if size < self.least else piece >= self.least
        )
        if not right or piece > 64 * MIB or len(post["title"].encode("utf-16-le")) > 4400:
            return refused(400, "invalid_params", "chunks or title")
        number = f"v_pub_file~v2-1.{len(self.publications)}"
        self.publications[number] = {
            **said,
            "body": b"",
            "whole": False,
            "failed": False,
            "looks": self.slow_looks,
        }
        where = f"https://open-upload.tiktokapis.com/video/{len(self.publications) - 1}?upload_token=t"
        return ok(publish_id=number, upload_url=where)

    def _put(self, request: httpx.Request) -> httpx.Response:
        index = int(request.url.path.rsplit("/", 1)[-1])
        publication = list(self.publications.values())[index]
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers["content-range"])
        assert match is not None
        start, end, size = (int(one) for one in match.groups())
        if start != len(publication["body"]) or end - start + 1 != len(request.content):
            return httpx.Response(416)
        publication["body"] += request.content
        publication["whole"] = end + 1 == size
        return httpx.Response(201 if publication["whole"] else 206)

    def _status(self, request: httpx.Request) -> httpx.Response:
        number = json.loads(request.content)["publish_id"]
        publication = self.publications.get(number)
        if publication is None:
            return refused(400, "invalid_publish_id", "unknown")
        if not publication["whole"]:
            return ok(status="PROCESSING_UPLOAD", uploaded_bytes=len(publication["body"]))
        if self.fails:
            publication["failed"] = True
            return ok(status="FAILED", fail_reason=self.fails)
        publication["looks"] -= 1
        if publication["looks"] >= 0:
            return ok(status="PROCESSING_DOWNLOAD")
        shown = [7000 + list(self.publications).index(number)] if self.moderated else []
        return ok(status="PUBLISH_COMPLETE", publicaly_available_post_id=shown)

    def _user(self, request: httpx.Request) -> httpx.Response:
        return ok(user={"open_id": "o1", "display_name": "Tabuh", "follower_count": 42})

    def _query(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)["filters"]["video_ids"]
        counts = {"view_count": 9, "like_count": 2, "comment_count": 0, "share_count": 1}
        return ok(videos=[] if self.gone else [{"id": one, **counts} for one in asked])
