"""A Facebook page, as the Pages API is documented."""

import json
import re
from datetime import datetime
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fakes.meta import FakeGraph, error

PAGE = "1700"


class FakeFacebook(FakeGraph):
    """One page with posts, unseen pictures, videos and comments."""

    HOSTS = ("graph.facebook.com", "graph-video.facebook.com")

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.posts: list[dict[str, Any]] = []
        self.photos: dict[str, dict[str, str]] = {}
        self.videos: dict[str, dict[str, Any]] = {}
        self.comments: list[dict[str, str]] = []
        #: Bytes that a video is asked for at a time.
        self.step = 1000
        #: Metrics that Meta has taken away; all of them: the page has too few followers.
        self.gone_metrics: set[str] = set()
        self.counted = True
        one = rf"{PAGE}_\d+"
        self.edges = {
            f"POST {PAGE}/feed": ({"message", "link", "attached_media", "published"}, self._feed),
            f"POST {PAGE}/photos": ({"published", "alt_text_custom", "source", "caption"}, self._photo),
            f"POST {PAGE}/videos": (
                {
                    "upload_phase",
                    "file_size",
                    "upload_session_id",
                    "start_offset",
                    "video_file_chunk",
                    "title",
                    "description",
                },
                self._video,
            ),
            f"GET {PAGE}/published_posts": ({"fields", "since", "limit", "after"}, self._list),
            f"GET {PAGE}": ({"fields"}, lambda match, said: self._page()),
            "GET me/accounts": ({"fields", "limit", "after"}, self._accounts),
            f"GET ({one})/insights": ({"metric", "period"}, self._insights),
            f"GET ({one})/comments": ({"fields", "filter", "limit"}, self._commented),
            f"POST ({one})/comments": ({"message"}, self._comment),
            f"GET ({one})": ({"fields"}, self._counts),
            f"POST ({one})": ({"message"}, self._edit),
            f"DELETE ({one})": (set(), self._delete),
            r"GET (\d+)": ({"fields"}, self._film),
        }

    @property
    def copies(self) -> int:
        return len(self.posts) + sum(bool(one["published"]) for one in self.videos.values())

    @property
    def pieces(self) -> int:
        """Posts and comments."""
        return self.copies + len(self.comments)

    def changes(self, request: httpx.Request) -> bool:
        return request.method == "POST" and request.url.path.endswith(("/feed", "/comments"))

    def _page(self) -> dict[str, Any]:
        link = "https://www.facebook.com/tabuh"
        return {"id": PAGE, "name": "Tabuh", "link": link, "followers_count": 42}

    def add(self, said: dict[str, str]) -> dict[str, Any]:
        """A post as the page keeps it."""
        post: dict[str, Any] = {
            "id": f"{PAGE}_{9000 + len(self.posts)}",
            "created_time": self.stamp,
            "photos": [json.loads(v)["media_fbid"] for k, v in said.items() if k.startswith("attached")],
        }
        if said.get("message"):
            post["message"] = said["message"].strip()
        if said.get("link"):
            post["attachments"] = {"data": [{"media_type": "link", "unshimmed_url": said["link"]}]}
        self.posts.append(post)
        return post

    def _feed(self, match: re.Match[str], said: dict[str, str]) -> Any:
        if not said:
            return error(400, 100, "message or link is required")
        if any(
            json.loads(v)["media_fbid"] not in self.photos
            for k, v in said.items()
            if k.startswith("attached")
        ):
            return error(400, 100, "(#100) Invalid parameter: attached_media")
        if said.get("message") and any(one.get("message") == said["message"] for one in self.posts):
            return error(400, 506, "Duplicate status message")
        return {"id": self.add(said)["id"]}

    def _photo(self, match: re.Match[str], said: dict[str, str]) -> Any:
        if said.get("published") != "false" or not said.get("source"):
            return error(400, 100, "photo")
        number = str(500 + len(self.photos))
        self.photos[number] = said
        return {"id": number}

    def _video(self, match: re.Match[str], said: dict[str, str]) -> Any:
        phase = said["upload_phase"]
        if phase == "start":
            number = str(800 + len(self.videos))
            size = int(said["file_size"])
            self.videos[number] = {"size": size, "body": b"", "published": False, "at": self.stamp}
            end = min(self.step, size)
            return {
                "upload_session_id": f"9{number}",
                "video_id": number,
                "start_offset": "0",
                "end_offset": str(end),
            }
        video = self.videos.get(said["upload_session_id"][1:])
        if video is None:
            return error(400, 6000, "There was a problem uploading your video file", subcode=1363030)
        if phase == "transfer":
            if int(said["start_offset"]) != len(video["body"]):
                return error(400, 100, "start_offset", subcode=1363037)
            video["body"] += said["video_file_chunk"].encode("latin-1")
            done = len(video["body"])
            return {"start_offset": str(done), "end_offset": str(min(done + self.step, video["size"]))}
        if len(video["body"]) != video["size"]:
            return error(400, 100, "not whole")
        video |= {"published": True, "said": said}
        return {"success": True}

    def _film(self, match: re.Match[str], said: dict[str, str]) -> Any:
        video = self.videos.get(match[1])
        if video is None:
            return error(400, 100, "Object does not exist", subcode=33)
        return {"id": match[1], "published": video["published"], "created_time": video["at"]}

    def _list(self, match: re.Match[str], said: dict[str, str]) -> Any:
        known = {"id", "message", "created_time", "attachments"}
        since = int(said.get("since", 0))
        newest = [one for one in reversed(self.posts) if _epoch(one["created_time"]) >= since]
        start, most = int(said.get("after", 0)), int(said["limit"])
        page = [{k: v for k, v in one.items() if k in known} for one in newest[start : start + most]]
        answer: dict[str, Any] = {"data": page}
        if page:
            answer["paging"] = {"cursors": {"after": str(start + most)}}
            if len(newest) > start + most:
                answer["paging"]["next"] = "https://graph.facebook.com/next"
        return answer

    def _accounts(self, match: re.Match[str], said: dict[str, str]) -> Any:
        pages = [
            {
                "id": PAGE,
                "name": "Tabuh",
                "access_token": "page-token",
                "tasks": ["CREATE_CONTENT", "MANAGE"],
            },
            {"id": "1701", "name": "Other", "access_token": "other-token", "tasks": ["ANALYZE"]},
        ]
        return {"data": pages, "paging": {"cursors": {"after": "x"}}}

    def _one(self, number: str) -> dict[str, Any] | None:
        return next((one for one in self.posts if one["id"] == number), None)

    def _counts(self, match: re.Match[str], said: dict[str, str]) -> Any:
        if self._one(match[1]) is None:
            return error(400, 100, "Unsupported get request. Object does not exist", subcode=33)
        counts = {"summary": {"total_count": 5}}
        return {"id": match[1], "reactions": counts, "comments": {"summary": {"total_count": 0}}}

    def _insights(self, match: re.Match[str], said: dict[str, str]) -> Any:
        known = {
            "post_media_view": 700,
            "post_total_media_view_unique": 600,
            "post_clicks": 9,
            "post_video_views": 0,
            "post_video_view_time": 0,
        }
        asked = said["metric"].split(",")
        if set(asked) - set(known) or set(asked) & self.gone_metrics:
            return error(400, 100, "(#100) The value must be a valid insights metric")
        if not self.counted:
            return {"data": []}
        return {"data": [{"name": n, "period": "lifetime", "values": [{"value": known[n]}]} for n in asked]}

    def _comment(self, match: re.Match[str], said: dict[str, str]) -> Any:
        number = f"{match[1]}_{len(self.comments)}"
        self.comments.append({"id": number, "message": said["message"], "created_time": self.stamp})
        return {"id": number}

    def _commented(self, match: re.Match[str], said: dict[str, str]) -> Any:
        return {"data": [one for one in self.comments if one["id"].startswith(match[1])]}

    def _edit(self, match: re.Match[str], said: dict[str, str]) -> Any:
        post = self._one(match[1])
        if post is None:
            return error(400, 100, "Object does not exist", subcode=33)
        post["message"] = said["message"]
        return {"success": True}

    def _delete(self, match: re.Match[str], said: dict[str, str]) -> Any:
        post = self._one(match[1])
        if post is None:
            return error(400, 100, "Object does not exist", subcode=33)
        self.posts.remove(post)
        return {"success": True}


def _epoch(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
