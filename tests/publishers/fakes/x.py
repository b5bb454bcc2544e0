"""X as its documentation describes it: strict about bodies, with the state of posts and uploads.

Source: docs.x.com/x-api (create-post, get-posts, get-post-by-id, delete-post, media, errors).
"""

import base64
import html
import json
import re
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer

PROBLEMS = "https://api.twitter.com/2/problems/"
_FIELDS = {
    "text",
    "media",
    "poll",
    "reply",
    "quote_tweet_id",
    "reply_settings",
    "for_super_followers_only",
    "geo",
    "nullcast",
    "community_id",
    "card_uri",
    "direct_message_deep_link",
    "edit_options",
    "share_with_followers",
    "made_with_ai",
    "paid_partnership",
}


def problem(status: int, kind: str, detail: str) -> httpx.Response:
    """An error in the form of RFC 7807, as X writes them."""
    return httpx.Response(
        status, json={"type": PROBLEMS + kind, "title": kind, "detail": detail, "status": status}
    )


class FakeX(FakeServer):
    """One person's posts and uploads."""

    TOKEN = "x-token"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.posts: list[dict[str, Any]] = []
        self.uploads: dict[str, dict[str, Any]] = {}
        self.looks = 0
        #: Looks at a video until it may be used.
        self.slow_looks = 0
        self.fails: str | None = None
        self.routes = {
            "POST /2/tweets": self._post,
            r"GET /2/tweets/\d+": self._one,
            "GET /2/tweets": self._several,
            r"DELETE /2/tweets/\d+": self._delete,
            "GET /2/users/me": self._me,
            "GET /2/users/7/tweets": self._list,
            "POST /2/media/upload/initialize": self._initialize,
            r"POST /2/media/upload/\d+/append": self._append,
            r"POST /2/media/upload/\d+/finalize": self._finalize,
            "GET /2/media/upload": self._status,
            "POST /2/media/metadata": self._metadata,
        }

    @property
    def copies(self) -> int:
        """Posts that answer nobody."""
        return sum("reply" not in one["said"] for one in self.posts)

    @property
    def pieces(self) -> int:
        """Posts and replies."""
        return len(self.posts)

    def changes(self, request: httpx.Request) -> bool:
        return request.method == "POST" and request.url.path == "/2/tweets"

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {self.TOKEN}":
            return httpx.Response(
                401, json={"title": "Unauthorized", "status": 401, "detail": "Unauthorized"}
            )
        return super()._answer(request)

    def _post(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        wrong = self._wrong(said)
        if wrong:
            return problem(400, "invalid-request", wrong)
        if any(one["said"].get("text") == said.get("text") and said.get("text") for one in self.posts):
            detail = "You are not allowed to create a Tweet with duplicate content."
            return httpx.Response(403, json={"detail": detail, "type": "about:blank", "status": 403})
        post = self.add(said)
        return httpx.Response(201, json={"data": {"id": post["id"], "text": post["text"]}})

    def _wrong(self, said: dict[str, Any]) -> str | None:
        if unknown := set(said) - _FIELDS:
            return f"$.{unknown.pop()}: is not defined in the schema"
        if not said.get("text") and "media" not in said:
            return "text or media is needed"
        wrong = self._wrong_poll(said) or self._wrong_media(said)
        if wrong:
            return wrong
        if "reply" in said and not any(
            one["id"] == said["reply"]["in_reply_to_tweet_id"] for one in self.posts
        ):
            return "reply.in_reply_to_tweet_id"
        return None

    def _wrong_poll(self, said: dict[str, Any]) -> str | None:
        poll = said.get("poll")
        if poll is None:
            return None
        if set(poll) - {"options", "duration_minutes", "reply_settings"} or "media" in said:
            return "poll"
        if not 2 <= len(poll["options"]) <= 4 or not all(0 < len(one) <= 25 for one in poll["options"]):
            return "poll.options"
        minutes = poll["duration_minutes"]
        return None if isinstance(minutes, int) and 5 <= minutes <= 10080 else "poll.duration_minutes"

    def _wrong_media(self, said: dict[str, Any]) -> str | None:
        if "media" not in said:
            return None
        ids = said["media"].get("media_ids")
        if set(said["media"]) - {"media_ids", "tagged_user_ids"} or not ids or len(ids) > 4:
            return "media"
        ready = all(one in self.uploads and self.uploads[one]["ready"] for one in ids)
        return None if ready else "Your media IDs are invalid."

    def add(self, said: dict[str, Any]) -> dict[str, Any]:
        """A post as X keeps it: addresses shortened, signs of HTML escaped, its pictures linked behind it."""
        number = str(1_800_000_000_000_000_000 + len(self.posts))
        urls: list[dict[str, Any]] = []

        def short(match: re.Match[str]) -> str:
            link = html.unescape(match[0])
            scheme = "" if link.startswith("http") else "http://"
            url = f"https://t.co/{number[-3:]}{len(urls)}"
            urls.append({"url": url, "expanded_url": scheme + link, "display_url": link[8:30]})
            return url

        text = re.sub(r"https?://[^\s]+", short, html.escape(said.get("text", ""), quote=False))
        post: dict[str, Any] = {"id": number, "said": said, "created_at": self.clock().isoformat()}
        if "media" in said:
            url = f"https://t.co/p{number[-3:]}"
            text = f"{text} {url}".strip()
            urls.append(
                {
                    "url": url,
                    "expanded_url": f"https://x.com/tabuh/status/{number}/photo/1",
                    "media_key": "3_1",
                }
            )
            post["attachments"] = {"media_keys": [f"3_{one}" for one in said["media"]["media_ids"]]}
        if "reply" in said:
            post["referenced_tweets"] = [{"type": "replied_to", "id": said["reply"]["in_reply_to_tweet_id"]}]
        post |= {"text": text, "entities": {"urls": urls} if urls else {}}
        self.posts.append(post)
        return post

    def _one(self, request: httpx.Request) -> httpx.Response:
        number = request.url.path.rsplit("/", 1)[-1]
        for post in self.posts:
            if post["id"] == number:
                counts = {
                    "retweet_count": 1,
                    "reply_count": 2,
                    "like_count": 3,
                    "quote_count": 4,
                    "bookmark_count": 5,
                    "impression_count": 600,
                }
                told: dict[str, Any] = {"id": number, "text": post["text"], "public_metrics": counts}
                if "non_public_metrics" in str(request.url.params):
                    told["non_public_metrics"] = {"url_link_clicks": 6, "user_profile_clicks": 7}
                return httpx.Response(200, json={"data": told})
        error = {
            "detail": f"Could not find tweet with id: [{number}].",
            "type": PROBLEMS + "resource-not-found",
            "value": number,
        }
        return httpx.Response(200, json={"errors": [error]})

    def _several(self, request: httpx.Request) -> httpx.Response:
        """Up to 100 posts; those that are missing are told beside the others."""
        numbers = request.url.params["ids"].split(",")
        assert len(numbers) <= 100
        found: dict[str, Any] = {}
        for number in numbers:
            address = request.url.copy_with(path=f"/2/tweets/{number}")
            told = json.loads(self._one(httpx.Request("GET", address)).content)
            if "data" in told:
                found.setdefault("data", []).append(told["data"])
            else:
                found.setdefault("errors", []).extend(told["errors"])
        return httpx.Response(200, json=found)

    def _delete(self, request: httpx.Request) -> httpx.Response:
        number = request.url.path.rsplit("/", 1)[-1]
        self.posts = [one for one in self.posts if one["id"] != number]
        return httpx.Response(200, json={"data": {"deleted": True}})

    def _me(self, request: httpx.Request) -> httpx.Response:
        me: dict[str, Any] = {"id": "7", "name": "Tabuh", "username": "tabuh"}
        if "public_metrics" in request.url.params.get("user.fields", ""):
            me["public_metrics"] = {"followers_count": 42, "following_count": 1, "tweet_count": 9}
        return httpx.Response(200, json={"data": me})

    def _list(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        most = int(asked.get("max_results", 10))
        if not 5 <= most <= 100:
            return problem(400, "invalid-request", "max_results")
        fields = {"id", "text", *asked.get("tweet.fields", "").split(",")}
        since = asked.get("start_time", "").replace("Z", "+00:00")
        newest = [one for one in reversed(self.posts) if one["created_at"] >= since]
        start = int(asked.get("pagination_token", 0))
        page = [{k: v for k, v in one.items() if k in fields} for one in newest[start : start + most]]
        meta: dict[str, Any] = {"result_count": len(page)}
        if len(newest) > start + most:
            meta["next_token"] = str(start + most)
        return httpx.Response(200, json={"data": page, "meta": meta} if page else {"meta": meta})

    def _initialize(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        if set(said) != {"media_type", "total_bytes", "media_category"}:
            return problem(400, "invalid-request", "initialize")
        number = str(700 + len(self.uploads))
        self.uploads[number] = {**said, "parts": {}, "ready": False, "alt": None}
        return httpx.Response(200, json={"data": {"id": number, "media_key": f"3_{number}"}})

    def _append(self, request: httpx.Request) -> httpx.Response:
        said, number = json.loads(request.content), request.url.path.split("/")[-2]
        if set(said) != {"media", "segment_index"} or not 0 <= said["segment_index"] <= 999:
            return problem(400, "invalid-request", "append")
        if number not in self.uploads:
            return problem(400, "invalid-request", "no such upload")
        if len(said["media"]) > 5 * 2**20:
            return problem(413, "too-large", "segment")
        self.uploads[number]["parts"][said["segment_index"]] = base64.b64decode(said["media"], validate=True)
        return httpx.Response(200, json={"data": {"expires_at": 1}})

    def _finalize(self, request: httpx.Request) -> httpx.Response:
        number = request.url.path.split("/")[-2]
        upload = self.uploads[number]
        parts = upload["parts"]
        upload["bytes"] = b"".join(parts[index] for index in sorted(parts))
        if sorted(parts) != list(range(len(parts))) or len(upload["bytes"]) != upload["total_bytes"]:
            return problem(400, "invalid-request", "segments do not add up")
        self.looks = self.slow_looks
        upload["ready"] = not self.looks
        return httpx.Response(200, json={"data": self._state(number)})

    def _status(self, request: httpx.Request) -> httpx.Response:
        number = request.url.params["media_id"]
        self.looks -= 1
        self.uploads[number]["ready"] = self.looks <= 0
        return httpx.Response(200, json={"data": self._state(number)})

    def _state(self, number: str) -> dict[str, Any]:
        known: dict[str, Any] = {"id": number, "media_key": f"3_{number}", "size": 1}
        if self.fails:
            known["processing_info"] = {"state": "failed", "error": {"message": self.fails}}
        elif self.slow_looks:
            state = "in_progress" if self.looks > 0 else "succeeded"
            known["processing_info"] = {"state": state, "check_after_secs": 1}
        return known

    def _metadata(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        if set(said) != {"id", "metadata"} or set(said["metadata"]) != {"alt_text"}:
            return problem(400, "invalid-request", "metadata")
        self.uploads[said["id"]]["alt"] = said["metadata"]["alt_text"]["text"]
        return httpx.Response(200, json={"data": {"id": said["id"]}})
