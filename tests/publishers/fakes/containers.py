"""Instagram and Threads, as their publishing in two steps is documented."""

import re
from abc import ABC, abstractmethod
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fakes.meta import FakeGraph, error

PERSON = "55"


class FakeContainers(FakeGraph, ABC):
    """One person's containers and posts; the subclass names edges and fields."""

    MADE = ""
    PUBLISHED = ""
    WORDS = ""
    STATE = ""
    REASON = ""
    FIELDS: frozenset[str] = frozenset()

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.containers: dict[str, dict[str, Any]] = {}
        self.posts: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        #: Looks at a container until it is finished, and why it fails.
        self.slow_looks = 0
        self.fails: str | None = None
        #: Whether a post shows in the lists yet.
        self.listed = True
        self.numbers: dict[str, int] | None = None
        self.edges = {
            f"POST {PERSON}/{self.MADE}": (set(self.FIELDS), self._make),
            f"POST {PERSON}/{self.PUBLISHED}": ({"creation_id"}, self._publish),
            f"GET {PERSON}/{self.MADE}": ({"fields", "limit", "after"}, self._list),
            r"GET 9\d+": ({"fields"}, self._look),
            r"GET (7\d+)": ({"fields"}, self._one),
            r"GET (7\d+)/insights": ({"metric"}, self._insights),
        }

    @property
    def copies(self) -> int:
        """Posts that answer nobody."""
        return sum(not one["said"].get("reply_to_id") for one in self.posts)

    @property
    def pieces(self) -> int:
        """Posts, replies and comments."""
        return len(self.posts) + len(self.comments)

    def changes(self, request: httpx.Request) -> bool:
        return request.method == "POST" and request.url.path.endswith((f"/{self.PUBLISHED}", "/comments"))

    @abstractmethod
    def wrong(self, said: dict[str, str]) -> str | None:
        """What stands against a container."""

    def _make(self, match: re.Match[str], said: dict[str, str]) -> Any:
        wrong = self.wrong(said)
        if wrong:
            return error(400, 100, wrong)
        for name in ("image_url", "video_url"):
            if name in said and not said[name].startswith("https://tabuh.example/m/"):
                return error(400, 9004, "Only photo or video can be accepted as media type.", subcode=2207052)
        if any(one not in self.containers for one in said.get("children", "").split(",") if one):
            return error(400, 100, "children")
        number = f"9{len(self.containers):04}"
        self.containers[number] = {"said": said, "state": "IN_PROGRESS", "looks": self.slow_looks}
        return {"id": number}

    def _look(self, match: re.Match[str], said: dict[str, str]) -> Any:
        number = match[0].removeprefix("GET ")
        container = self.containers.get(number)
        if container is None:
            return error(400, 100, "Object does not exist", subcode=33)
        if container["state"] == "IN_PROGRESS":
            container["looks"] -= 1
            if container["looks"] < 0:
                container["state"] = "ERROR" if self.fails else "FINISHED"
        answer = {"id": number, self.STATE: container["state"]}
        return answer | ({self.REASON: self.fails} if container["state"] == "ERROR" else {})

    def _publish(self, match: re.Match[str], said: dict[str, str]) -> Any:
        container = self.containers.get(said["creation_id"])
        if container is None or container["state"] != "FINISHED":
            return error(400, 9007, "Media ID is not available", subcode=2207027)
        container["state"] = "PUBLISHED"
        number = f"7{len(self.posts):04}"
        post = {"id": number, "said": container["said"], "timestamp": self.stamp}
        self.posts.append(post)
        return {"id": number}

    def shown(self, post: dict[str, Any]) -> dict[str, Any]:
        """A post as it is listed."""
        return {
            "id": post["id"],
            self.WORDS: post["said"].get(self.WORDS, "").strip(),
            "timestamp": post["timestamp"],
            "permalink": f"https://meta.example/p/{post['id']}",
        }

    def _list(self, match: re.Match[str], said: dict[str, str]) -> Any:
        replies = match[0].endswith("/replies")
        newest = [one for one in reversed(self.posts) if bool(one["said"].get("reply_to_id")) == replies]
        start, most = int(said.get("after", 0)), int(said["limit"])
        page = [self.shown(one) for one in newest[start : start + most] if self.listed]
        answer: dict[str, Any] = {"data": page}
        if len(newest) > start + most:
            answer["paging"] = {"cursors": {"after": str(start + most)}, "next": "https://meta.example/next"}
        return answer

    def _one(self, match: re.Match[str], said: dict[str, str]) -> Any:
        for post in self.posts:
            if post["id"] == match[1]:
                return self.shown(post)
        return error(400, 100, "Object does not exist", subcode=33)

    def _insights(self, match: re.Match[str], said: dict[str, str]) -> Any:
        if not any(one["id"] == match[1] for one in self.posts):
            return error(400, 100, "Object does not exist", subcode=33)
        asked = said["metric"].split(",")
        known = self.numbers or {}
        return {"data": [{"name": n, "values": [{"value": known[n]}]} for n in asked if n in known]}


class FakeInstagram(FakeContainers):
    """graph.instagram.com"""

    HOSTS = ("graph.instagram.com",)
    MADE, PUBLISHED, WORDS, STATE, REASON = "media", "media_publish", "caption", "status_code", "status"
    FIELDS = frozenset(
        {
            "image_url",
            "video_url",
            "media_type",
            "caption",
            "alt_text",
            "children",
            "is_carousel_item",
            "share_to_feed",
        }
    )

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.edges |= {
            "GET me": ({"fields"}, lambda match, said: self._me()),
            f"GET {PERSON}/content_publishing_limit": (
                {"fields"},
                lambda match, said: {"data": [{"config": {"quota_total": 100}, "quota_usage": 1}]},
            ),
            r"POST (7\d+)/comments": ({"message"}, self._comment),
            r"GET (7\d+)/comments": ({"fields", "limit"}, lambda match, said: {"data": self.comments}),
        }

    def _me(self) -> dict[str, Any]:
        return {"user_id": PERSON, "id": "app-scoped", "username": "tabuh", "followers_count": 42}

    def _comment(self, match: re.Match[str], said: dict[str, str]) -> Any:
        self.comments.append(
            {"id": f"6{len(self.comments)}", "text": said["message"], "timestamp": self.stamp}
        )
        return {"id": self.comments[-1]["id"]}

    def wrong(self, said: dict[str, str]) -> str | None:
        kind = said.get("media_type")
        if len(said.get("caption", "")) > 2200:
            return "The caption was too long"
        if kind == "CAROUSEL":
            return None if 2 <= len(said.get("children", "").split(",")) <= 10 else "children"
        if kind in ("REELS", "VIDEO"):
            item = said.get("is_carousel_item") == "true"
            return None if "video_url" in said and item == (kind == "VIDEO") else "video_url"
        if kind is not None or "image_url" not in said or not said["image_url"].endswith(".jpeg"):
            return "The image format is not supported"
        return None


class FakeThreads(FakeContainers):
    """graph.threads.net"""

    HOSTS = ("graph.threads.net",)
    MADE, PUBLISHED, WORDS, STATE, REASON = "threads", "threads_publish", "text", "status", "error_message"
    FIELDS = frozenset(
        {
            "media_type",
            "text",
            "image_url",
            "video_url",
            "alt_text",
            "children",
            "is_carousel_item",
            "reply_to_id",
            "link_attachment",
            "poll_attachment",
            "topic_tag",
        }
    )

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.edges |= {
            "GET me": ({"fields"}, lambda match, said: {"id": PERSON, "username": "tabuh"}),
            f"GET {PERSON}/replies": ({"fields", "limit", "after"}, self._list),
            f"GET {PERSON}/threads_publishing_limit": (
                {"fields"},
                lambda match, said: {"data": [{"config": {"quota_total": 300}, "quota_usage": 1}]},
            ),
            f"GET {PERSON}/threads_insights": (
                {"metric"},
                lambda match, said: {"data": [{"name": "followers_count", "total_value": {"value": 42}}]},
            ),
            r"DELETE (7\d+)": (set(), self._delete),
        }

    def _delete(self, match: re.Match[str], said: dict[str, str]) -> Any:
        left = [one for one in self.posts if one["id"] != match[1]]
        if len(left) == len(self.posts):
            return error(400, 100, "Object does not exist", subcode=33)
        self.posts = left
        return {"success": True, "deleted_id": match[1]}

    def wrong(self, said: dict[str, str]) -> str | None:
        kind = said.get("media_type")
        if kind not in ("TEXT", "IMAGE", "VIDEO", "CAROUSEL"):
            return "media_type"
        if kind == "TEXT" and not said.get("text"):
            return "text is required"
        if kind != "TEXT" and ("link_attachment" in said or "poll_attachment" in said):
            return "only for text posts"
        answered = said.get("reply_to_id")
        if answered and not any(one["id"] == answered for one in self.posts):
            return "reply_to_id"
        needed = {"IMAGE": "image_url", "VIDEO": "video_url", "CAROUSEL": "children"}.get(kind)
        return None if needed is None or needed in said else f"{needed} is required"
