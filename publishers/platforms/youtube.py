"""Videos on a YouTube channel.

Sources, below developers.google.com/youtube/v3: docs/videos (insert, update, delete, list),
docs/channels/list, docs/thumbnails/set, guides/using_resumable_upload_protocol, determine_quota_cost.
A video is there once its last byte is: the upload's own session says afterwards what became of it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

import httpx
from pydantic import Field

from domain.breaks import Break
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
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, PublishError, Rejected
from domain.media import Attachment, PictureRules, VideoRules, attachment_from
from domain.metrics import Metric
from domain.sentence import Words
from publishers.base import BaseSettings, Measured, Progress
from publishers.google_upload import Forgotten, Session, session_address
from publishers.http import UPLOAD_DEADLINE, ask, json_object, send_once
from publishers.metric_map import Mapped, measured, supplied
from publishers.oauth import Flow, OAuthPublisher
from publishers.parts import remembered
from publishers.text import Limit, clip, counter, fit
from publishers.youtube_answers import meaning, moment

API = "https://www.googleapis.com"
MAX_TITLE = 100
#: Bytes of a description in UTF-8.
MAX_BYTES = 5_000
#: Uploads of one application in a day.
DAILY_UPLOADS = 100

_POST_METRICS = (
    Mapped("viewCount", Metric.VIEWS),
    Mapped("likeCount", Metric.REACTIONS),
    Mapped("commentCount", Metric.REPLIES, note="absent where comments are off"),
)
_COUNTS = (
    Mapped("subscriberCount", Metric.FOLLOWERS, note="three digits, the rest is rounded", word="subscribers"),
    Mapped("videoCount", Metric.CHANNEL_POSTS, word="videos"),
    Mapped("viewCount", Metric.CHANNEL_VIEWS),
)
_SHORTS = Break(
    platform="youtube",
    metric=Metric.VIEWS,
    on=date(2025, 3, 31),
    before="viewCount",
    after="viewCount",
    what=Words(
        "YouTube counts every start of a Short as a view since then; before, it had to run for some time.",
        "Sejak itu YouTube menghitung setiap awal pemutaran Short; sebelumnya harus diputar beberapa lama.",
    ),
)

_LIMIT = Limit(MAX_BYTES, counter(Counting.BYTES))
#: YouTube refuses these two signs in titles and descriptions.
_ANGLES = str.maketrans({"<": "‹", ">": "›"})


class YouTubeSettings(BaseSettings):
    """How videos are shown."""

    privacy: Literal["public", "unlisted", "private"] = Field(default="public", title="Who sees the videos")
    category: str = Field(
        default="22",
        pattern=r"^\d{1,3}$",
        title="Category",
        description="YouTube's number; 22: people and blogs",
        json_schema_extra={"expert": True},
    )
    made_for_kids: Literal["no", "yes"] = Field(default="no", title="Made for children")


class YouTube(OAuthPublisher):
    """One channel."""

    platform = "youtube"
    title = "YouTube"
    reads_at_once = 50
    post_map, channel_map = _POST_METRICS, _COUNTS
    breaks = (_SHORTS,)
    capabilities = Capabilities(
        delivery=DeliveryClass.TWO_PHASE,
        max_characters=MAX_BYTES,
        counting=Counting.BYTES,
        post_metrics=supplied(_POST_METRICS),
        channel_metrics=supplied(_COUNTS),
        can_delete=True,
        can_edit=True,
        pictures=PictureRules(
            most=1,
            max_bytes=2 * 10**6,
            kinds=frozenset({"image/jpeg", "image/png"}),
            max_side=1280,
            max_alt=0,
        ),
        videos=VideoRules(
            most=1,
            max_bytes=256 * 10**9,
            max_seconds=12 * 3600,
            kinds=frozenset({"video/mp4", "video/quicktime", "video/webm"}),
            with_pictures=True,
        ),
        needs_media=True,
        max_title=MAX_TITLE,
        budgets=(Budget(Call.POST, DAILY_UPLOADS, timedelta(hours=24), shared=True),),
    )
    Settings = YouTubeSettings
    settings: YouTubeSettings
    flow = Flow(
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106  no secret
        scopes=("https://www.googleapis.com/auth/youtube", "https://www.googleapis.com/auth/youtube.upload"),
        extra={"access_type": "offline", "prompt": "consent"},
        console_url="https://console.cloud.google.com/apis/credentials",
    )

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        text = fit(content.text.translate(_ANGLES), content.link, [_LIMIT])
        name = (content.title or content.text or content.link or "").translate(_ANGLES)
        snippet = {
            "title": clip(" ".join(name.split()), MAX_TITLE),
            "description": text,
            "categoryId": self.settings.category,
        }
        if content.language:
            snippet["defaultLanguage"] = content.language
        payload: Payload = {
            "snippet": snippet,
            "status": {
                "privacyStatus": self.settings.privacy,
                "selfDeclaredMadeForKids": self.settings.made_for_kids == "yes",
            },
        }
        payload["media"] = [one.as_json() for one in content.media]
        return payload

    def text_of(self, payload: Payload) -> str:
        return str(payload["snippet"]["description"])

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        if content.media and not any(one.is_video for one in content.media):
            found.append("YouTube takes no post without a video; a picture is its thumbnail. Add one.")
        return found

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        film, picture = _film_and_picture(payload)
        made, start = None, 0
        session = self._kept(progress.handle, film.size)
        if session is not None:
            try:
                known = session.received()
            except Forgotten:
                self._refuse_if_whole(progress.handle)
                session = None
            else:
                made, start = (known, 0) if isinstance(known, dict) else (None, known)
        if session is None:
            session = self._begun(payload, film, progress)
        if made is None:
            made = session.send(
                self.files, film, start=start, before_last=lambda: remembered(progress, whole=True)
            )
        remote = self._remote(made, payload)
        return self._with_picture(remote, picture) if picture else remote

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        film, _ = _film_and_picture(payload)
        session = self._kept(handle, film.size)
        if session is None:
            return None
        try:
            known = session.received()
        except Forgotten:
            self._refuse_if_whole(handle)
            return None
        return self._remote(known, payload) if isinstance(known, dict) else None

    def identify(self) -> Identity:
        channel = self._channel()
        name = str((channel.get("snippet") or {}).get("title") or channel["id"])
        return Identity(name, str(channel["id"]), f"https://www.youtube.com/channel/{channel['id']}")

    def metrics(self, remote_id: str) -> list[Measured]:
        found = self.metrics_of([remote_id])[remote_id]
        if isinstance(found, PublishError):
            raise found
        return found

    def metrics_of(self, remote_ids: Sequence[str]) -> Mapping[str, list[Measured] | PublishError]:
        told = self._get("videos", part="statistics", id=",".join(remote_ids)).get("items")
        videos = {str(one.get("id")): one for one in told or () if isinstance(one, dict)}
        today = self.clock().date()
        return {
            one: measured(_POST_METRICS, videos[one].get("statistics") or {}, on=today)
            if one in videos
            else PostGone("YouTube no longer has this video.")
            for one in remote_ids
        }

    def channel_metrics(self) -> list[Measured]:
        numbers = dict(self._channel().get("statistics") or {})
        if numbers.get("hiddenSubscriberCount"):
            numbers.pop("subscriberCount", None)
        return measured(_COUNTS, numbers, on=self.clock().date())

    def edit(self, remote_id: str, payload: Payload) -> None:
        body = {"id": remote_id, "snippet": payload["snippet"]}
        request = self.signed("PUT", f"{API}/youtube/v3/videos", params={"part": "snippet"}, json=body)
        send_once(self.http, request, refused=self._refused)

    def delete(self, remote_id: str) -> None:
        request = self.signed("DELETE", f"{API}/youtube/v3/videos", params={"id": remote_id})
        try:
            send_once(self.http, request, refused=self._refused)
        except PostGone:
            return

    def _begun(self, payload: Payload, film: Attachment, progress: Progress) -> Session:
        request = self.signed(
            "POST",
            f"{API}/upload/youtube/v3/videos",
            params={"uploadType": "resumable", "part": "snippet,status"},
            json={"snippet": payload["snippet"], "status": payload["status"]},
            headers={"X-Upload-Content-Length": str(film.size), "X-Upload-Content-Type": film.media_type},
        )
        address = session_address(send_once(self.http, request, refused=self._refused))
        remembered(progress, session=address, whole=False)
        return Session(self.http, self.signed, address, size=film.size, refused=self._refused)

    def _kept(self, handle: Mapping[str, Any] | None, size: int) -> Session | None:
        address = (handle or {}).get("session")
        if not address:
            return None
        return Session(self.http, self.signed, str(address), size=size, refused=self._refused)

    def _refuse_if_whole(self, handle: Mapping[str, Any] | None) -> None:
        if (handle or {}).get("whole"):
            raise OutcomeUnknown("YouTube has forgotten the upload, which may have been whole. Look there.")

    def _remote(self, video: Mapping[str, Any], payload: Payload) -> RemotePost:
        if not video.get("id"):
            raise OutcomeUnknown("YouTube took the video and did not say which one it is.")
        number, note = str(video["id"]), None
        shown = (video.get("status") or {}).get("privacyStatus")
        if shown == "private" != payload["status"]["privacyStatus"]:
            note = "YouTube keeps the video private, as it does while Google has not audited the application."
        at = moment((video.get("snippet") or {}).get("publishedAt")) or self.clock()
        return RemotePost(number, f"https://www.youtube.com/watch?v={number}", at, note=note)

    def _with_picture(self, remote: RemotePost, attachment: Attachment) -> RemotePost:
        """The video with its thumbnail; without it, it is published all the same."""
        try:
            picture = self.picture(attachment)
            request = self.signed(
                "POST",
                f"{API}/upload/youtube/v3/thumbnails/set",
                params={"videoId": remote.id},
                content=picture.body,
                headers={"Content-Type": picture.kind},
            )
            send_once(self.http, request, refused=self._refused, deadline=UPLOAD_DEADLINE)
        except PublishError as error:
            note = f"The video has no thumbnail of its own: {error}"
            return RemotePost(remote.id, remote.url, remote.published_at, note=remote.note or note)
        return remote

    def _channel(self) -> dict[str, Any]:
        found = self._get("channels", part="snippet,statistics", mine="true").get("items")
        if not found or not found[0].get("id"):
            raise NeedsReconnect(
                "This Google account has no YouTube channel. Make one there, or choose another."
            )
        channel: dict[str, Any] = found[0]
        return channel

    def _get(self, path: str, **asked: str) -> dict[str, Any]:
        request = self.signed("GET", f"{API}/youtube/v3/{path}", params=asked)
        return json_object(ask(self.http, request, refused=self._refused))

    def _refused(self, response: httpx.Response) -> PublishError:
        return meaning(response, now=self.clock())


def _film_and_picture(payload: Payload) -> tuple[Attachment, Attachment | None]:
    files = [attachment_from(one) for one in payload["media"]]
    films = [one for one in files if one.is_video]
    if not films:
        raise Rejected("YouTube takes no post without a video. Add one.")
    return films[0], next((one for one in files if not one.is_video), None)
