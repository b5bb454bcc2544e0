"""Videos on TikTok.

Sources, below developers.tiktok.com/doc: content-posting-api-reference-direct-post,
content-posting-api-reference-query-creator-info, content-posting-api-media-transfer-guide,
content-posting-api-reference-get-video-status, tiktok-api-v2-video-query, embed-player,
oauth-user-access-token-management.
TikTok publishes by itself once the last byte is there: the publication's own id says what became of it.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from domain.content import (
    Budget,
    Call,
    Capabilities,
    Content,
    Counting,
    DeliveryClass,
    Identity,
    Payload,
    RemotePost,
)
from domain.errors import NotSent, OutcomeUnknown, PostGone, Rejected
from domain.media import Attachment, VideoRules, attachment_from
from domain.metrics import Metric
from publishers.base import BaseSettings, Measured, Progress
from publishers.http import ask, harmless, send_once
from publishers.metric_map import Mapped, measured, supplied
from publishers.oauth import Flow, OAuthPublisher
from publishers.parts import remembered
from publishers.text import Limit, counter, fit
from publishers.tiktok_answers import FAILURES, meaning, whole
from publishers.uploads import upload_deadline

API = "https://open.tiktokapis.com/v2"
#: UTF-16 code units of a caption.
MAX_CHARACTERS = 2_200
#: Bytes of one piece: between 5 and 64 MB; the last one carries the rest, and may be larger.
PIECE = 10 * 2**20
#: A publication is asked for so often, so many seconds apart.
_LOOKS = 12
_EVERY = 5.0

_POST_METRICS = (
    Mapped("view_count", Metric.VIEWS),
    Mapped("like_count", Metric.REACTIONS),
    Mapped("comment_count", Metric.REPLIES),
    Mapped("share_count", Metric.SHARES),
)
_COUNTS = (
    Mapped("follower_count", Metric.FOLLOWERS),
    Mapped("video_count", Metric.CHANNEL_POSTS, word="videos"),
)
_LIMIT = Limit(MAX_CHARACTERS, counter(Counting.UTF16))


class TikTokSettings(BaseSettings):
    """Who sees the videos, and what they may do with them."""

    privacy: Literal["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"] = (
        Field(
            default="PUBLIC_TO_EVERYONE",
            title="Who sees the videos",
            description="SELF_ONLY until TikTok has audited your application",
        )
    )
    comments: Literal["yes", "no"] = Field(default="yes", title="Comments are allowed")
    duets: Literal["yes", "no"] = Field(default="yes", title="Duets are allowed")
    stitches: Literal["yes", "no"] = Field(default="yes", title="Stitches are allowed")


class TikTok(OAuthPublisher):
    """One creator."""

    platform = "tiktok"
    title = "TikTok"
    post_map, channel_map = _POST_METRICS, _COUNTS
    capabilities = Capabilities(
        delivery=DeliveryClass.TWO_PHASE,
        max_characters=MAX_CHARACTERS,
        counting=Counting.UTF16,
        post_metrics=supplied(_POST_METRICS),
        channel_metrics=supplied(_COUNTS),
        videos=VideoRules(
            most=1,
            max_bytes=4 * 10**9,
            max_seconds=600,
            min_seconds=3,
            kinds=frozenset({"video/mp4", "video/quicktime", "video/webm"}),
        ),
        needs_media=True,
        budgets=(Budget(Call.POST, 6, timedelta(minutes=1)), Budget(Call.READ, 30, timedelta(minutes=1))),
    )
    Settings = TikTokSettings
    settings: TikTokSettings
    flow = Flow(
        authorize_url="https://www.tiktok.com/v2/auth/authorize/",
        token_url=f"{API}/oauth/token/",
        scopes=("user.info.basic", "user.info.stats", "video.publish", "video.list"),
        required=("video.publish",),
        pkce=False,
        id_name="client_key",
        separator=",",
        console_url="https://developers.tiktok.com/apps",
    )

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        known = self.settings
        return {
            "text": fit(content.text, content.link, [_LIMIT]),
            "privacy_level": known.privacy,
            "disable_comment": known.comments == "no",
            "disable_duet": known.duets == "no",
            "disable_stitch": known.stitches == "no",
            "media": [one.as_json() for one in content.media],
        }

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        film = _film(payload)
        handle = progress.handle or {}
        number, sent = handle.get("publish_id"), 0
        if number:
            state = self._state(number)
            if state.get("status") == "FAILED":
                remembered(progress, publish_id=None, upload=None)
                raise Rejected(_why(state))
            if state.get("status") != "PROCESSING_UPLOAD":
                return self._published(str(number), film.size)
            sent = int(state.get("uploaded_bytes") or 0)
        if not number:
            number, address = self._begun(payload, film)
            remembered(progress, publish_id=number, upload=address)
            handle = progress.handle or {"upload": address}
        self._send(film, str(handle["upload"]), sent)
        return self._published(str(number), film.size)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        number = (handle or {}).get("publish_id")
        if not number:
            return None
        state = self._state(number)
        match state.get("status"):
            case "PUBLISH_COMPLETE":
                return self._remote(str(number), state)
            case "FAILED" | "PROCESSING_UPLOAD":
                return None
        raise NotSent("TikTok is still working on the video.")

    def identify(self) -> Identity:
        user = self._user("open_id,display_name")
        return Identity(str(user.get("display_name") or user["open_id"]), str(user["open_id"]))

    def metrics(self, remote_id: str) -> list[Measured]:
        if not remote_id.isdecimal():
            shown = _post_id(self._state(remote_id))
            if shown is None:  # moderation has not ended, or nobody else may see it
                return [Measured(one.metric, None, source=one.field) for one in _POST_METRICS]
            remote_id = shown
        fields = "id,view_count,like_count,comment_count,share_count"
        request = self.signed(
            "POST",
            f"{API}/video/query/",
            params={"fields": fields},
            json={"filters": {"video_ids": [remote_id]}},
        )
        videos = whole(ask(self.http, request, refused=meaning)).get("videos")
        if not videos:
            raise PostGone("TikTok no longer has this video.")
        return measured(_POST_METRICS, videos[0], on=self.clock().date())

    def channel_metrics(self) -> list[Measured]:
        return measured(_COUNTS, self._user("open_id,follower_count,video_count"), on=self.clock().date())

    def _begun(self, payload: Payload, film: Attachment) -> tuple[str, str]:
        self._check(payload, film)
        size = min(PIECE, film.size)
        asked = {
            "post_info": {
                "title": payload["text"],
                **{name: payload[name] for name in payload if name not in ("text", "media")},
            },
            "source_info": {
                "source": "FILE_UPLOAD",
                "video_size": film.size,
                "chunk_size": size,
                "total_chunk_count": max(1, film.size // size),
            },
        }
        request = self.signed("POST", f"{API}/post/publish/video/init/", json=asked)
        begun = whole(send_once(self.http, request, refused=meaning))
        if not begun.get("publish_id") or not str(begun.get("upload_url", "")).startswith("https://"):
            raise OutcomeUnknown("TikTok began an upload and did not say where.")
        return str(begun["publish_id"]), str(begun["upload_url"])

    def _check(self, payload: Payload, film: Attachment) -> None:
        """Refuse what this creator may not do now, before anything is sent."""
        request = self.signed("POST", f"{API}/post/publish/creator_info/query/", json={})
        creator = whole(ask(self.http, request, refused=meaning))
        options = creator.get("privacy_level_options") or ()
        if options and payload["privacy_level"] not in options:
            raise Rejected(
                f"TikTok does not let this channel post as {payload['privacy_level']}. "
                f"Set one of these at the channel: {', '.join(map(str, options))}."
            )
        longest = creator.get("max_video_post_duration_sec")
        if isinstance(longest, int) and film.duration_ms > longest * 1000:
            raise Rejected(f"TikTok takes videos of at most {longest} s of this channel. Shorten it.")

    def _send(self, film: Attachment, address: str, sent: int) -> None:
        size = min(PIECE, film.size)
        count = max(1, film.size // size)
        for index in range(sent // size, count):
            start = index * size
            end = film.size if index == count - 1 else start + size
            body = self.files.part(film, start, end - start)
            request = self.http.build_request(
                "PUT",
                address,
                content=body,
                headers={
                    "Content-Type": film.media_type,
                    "Content-Range": f"bytes {start}-{end - 1}/{film.size}",
                },
            )
            send = send_once if index == count - 1 else harmless
            send(self.http, request, refused=meaning, deadline=upload_deadline(len(body)))

    def _published(self, number: str, size: int) -> RemotePost:
        for look in range(_LOOKS):
            if look:
                time.sleep(_EVERY)
            state = self._state(number)
            match state.get("status"):
                case "PUBLISH_COMPLETE":
                    return self._remote(number, state)
                case "FAILED":
                    raise Rejected(_why(state))
                case "PROCESSING_UPLOAD" if int(state.get("uploaded_bytes", size)) < size:
                    raise OutcomeUnknown("TikTok does not have all of the video yet.")
        raise OutcomeUnknown("TikTok is still working on the video.")

    def _remote(self, number: str, state: Mapping[str, Any]) -> RemotePost:
        shown = _post_id(state)
        where = f"https://www.tiktok.com/player/v1/{shown}" if shown else None
        return RemotePost(shown or number, where, self.clock())

    def _state(self, number: Any) -> dict[str, Any]:
        request = self.signed("POST", f"{API}/post/publish/status/fetch/", json={"publish_id": str(number)})
        return whole(ask(self.http, request, refused=meaning))

    def _user(self, fields: str) -> dict[str, Any]:
        request = self.signed("GET", f"{API}/user/info/", params={"fields": fields})
        user = whole(ask(self.http, request, refused=meaning)).get("user")
        if not isinstance(user, dict) or not user.get("open_id"):
            raise OutcomeUnknown("TikTok does not say who we are there.")
        return user


def _film(payload: Payload) -> Attachment:
    films = [one for one in map(attachment_from, payload["media"]) if one.is_video]
    if not films:
        raise Rejected("TikTok takes no post without a video. Add one.")
    return films[0]


def _post_id(state: Mapping[str, Any]) -> str | None:
    # The misspelling is TikTok's own.
    found = state.get("publicaly_available_post_id") or ()
    return str(found[0]) if found else None


def _why(state: Mapping[str, Any]) -> str:
    reason = str(state.get("fail_reason") or "it gives no reason")
    return f"TikTok does not publish the video: {FAILURES.get(reason, reason.replace('_', ' '))}."
