"""Pins on a Pinterest board.

Sources: developers.pinterest.com/docs/api/v5 (pins/create, pins/update, pins/analytics, boards/list_pins,
media), developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization. Pinterest keeps
no key of ours: a lost pin is looked for on its board. A pin has one text, a link of its own and a picture.
"""

import base64
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator, Field

from domain.content import (
    Capabilities,
    Content,
    Counting,
    DeliveryClass,
    Identity,
    Payload,
    Proof,
    RemotePost,
)
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, PublishError, Rejected
from domain.media import Attachment, PictureRules, VideoRules, attachment_from
from domain.metrics import Metric
from publishers.address import web_address
from publishers.base import BaseSettings, Measured, Progress
from publishers.http import UPLOAD_DEADLINE, ask, harmless, json_object, refusal, said_by, send_once
from publishers.metric_map import Mapped, measured, supplied
from publishers.oauth import Flow, OAuthPublisher, Target
from publishers.parts import remembered
from publishers.plain import same_words
from publishers.secret_address import secret_request
from publishers.text import Limit, fit
from publishers.uploads import opened, upload_deadline

API = "https://api.pinterest.com/v5"
MAX_TITLE, MAX_DESCRIPTION, MAX_ALT, MAX_LINK = 100, 800, 500, 2048
#: Bytes of all pictures of one request, which carries them as base64; Pinterest documents no sum.
_MAX_REQUEST = 20 * 10**6
PICTURES = PictureRules(
    most=5, max_bytes=10 * 10**6, kinds=frozenset({"image/jpeg", "image/png"}), max_alt=MAX_ALT
)
#: As documented 2026-06 by vendors (ayrshare.com), not confirmed by Pinterest's own pages.
VIDEOS = VideoRules(
    most=1,
    max_bytes=10**9,
    min_seconds=4,
    max_seconds=15 * 60,
    min_ratio=0.5,
    max_ratio=1.91,
    kinds=frozenset({"video/mp4", "video/quicktime"}),
    max_alt=MAX_ALT,
)
_SKEW = timedelta(minutes=5)
_PAGE = 250
#: Pages read at most in one look.
_PAGES = 8
#: Pinterest works on a video; it is asked for so often, so many seconds apart, in one try.
_READY_LOOKS = 15
_READY_EVERY = 2.0
#: Analytics reach back so many days; a post is measured for 29.
_REACH = timedelta(days=89)
_METRICS = (
    Mapped("summary_metrics.IMPRESSION", Metric.IMPRESSIONS),
    Mapped("summary_metrics.SAVE", Metric.SAVES),
    Mapped("summary_metrics.OUTBOUND_CLICK", Metric.CLICKS_PLATFORM, word="outbound clicks"),
    Mapped("summary_metrics.PIN_CLICK", Metric.CLICKS_ALL, word="pin clicks"),
    Mapped("summary_metrics.PROFILE_VISIT", Metric.PROFILE_VISITS),
    Mapped("lifetime_metrics.TOTAL_REACTIONS", Metric.REACTIONS),
    Mapped("lifetime_metrics.TOTAL_COMMENTS", Metric.REPLIES),
)
_OF_CHANNEL = (
    Mapped("follower_count", Metric.FOLLOWERS),
    Mapped("pin_count", Metric.CHANNEL_POSTS, word="pins"),
)
_TYPES = "IMPRESSION,SAVE,OUTBOUND_CLICK,PIN_CLICK,PROFILE_VISIT,TOTAL_REACTIONS,TOTAL_COMMENTS"


class PinterestSettings(BaseSettings):
    """The board that was chosen."""

    board_id: str | None = Field(
        default=None, pattern=r"^\d+$", title="Board", json_schema_extra={"learned": True}
    )
    api: Annotated[str, AfterValidator(web_address)] = Field(
        default=API,
        title="Server",
        description="Leave as it is, or https://api-sandbox.pinterest.com/v5 to try things out",
        json_schema_extra={"expert": True},
    )


class Pinterest(OAuthPublisher):
    """A board on which the granted access may pin."""

    platform = "pinterest"
    title = "Pinterest"
    post_map, channel_map = _METRICS, _OF_CHANNEL
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        max_characters=MAX_DESCRIPTION,
        counting=Counting.CODE_POINTS,
        post_metrics=supplied(_METRICS),
        channel_metrics=supplied(_OF_CHANNEL),
        can_delete=True,
        can_edit=True,
        pictures=PICTURES,
        videos=VIDEOS,
        needs_media=True,
        max_title=MAX_TITLE,
        proof=Proof.OFFICIAL_CONTRACT,
    )
    Settings = PinterestSettings
    settings: PinterestSettings
    flow = Flow(
        authorize_url="https://www.pinterest.com/oauth/",
        token_url=f"{API}/oauth/token",
        scopes=("boards:read", "boards:write", "pins:read", "pins:write", "user_accounts:read"),
        required=("boards:read", "boards:write", "pins:read", "pins:write"),
        pkce=False,
        basic=True,
        separator=",",
        console_url="https://developers.pinterest.com/apps/",
    )

    def flow_here(self) -> Flow:
        """Each server has a token address of its own."""
        return replace(self.flow, token_url=f"{self._api}/oauth/token")

    def token_request(self, form: Mapping[str, str]) -> httpx.Request:
        """Applications from before 2025-09-25 get a refresh token that renews itself only when they ask."""
        more = {"continuous_refresh": "true"} if form["grant_type"] == "authorization_code" else {}
        return super().token_request({**form, **more})

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        card_title = content.card.title.strip() if content.card else ""
        title = fit(content.title or card_title, None, [Limit(MAX_TITLE, len)])
        pin: Payload = {"description": fit(content.text, None, [Limit(MAX_DESCRIPTION, len)])}
        if title:
            pin["title"] = title
        if content.link:
            pin["link"] = content.link.strip()
        if alt := "; ".join(one.alt for one in content.media if one.alt):
            pin["alt_text"] = fit(alt, None, [Limit(MAX_ALT, len)])
        return {**pin, "media": [one.as_json() for one in content.media]}

    def length(self, content: Content) -> int:
        return len(content.text.strip())

    def text_of(self, payload: Payload) -> str:
        return str(payload["description"])

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        if content.link and len(content.link.strip()) > MAX_LINK:
            found.append(f"Pinterest takes links of at most {MAX_LINK:,} characters. Use a shorter one.")
        if self.settings.board_id is None:
            found.append("No board is chosen. Connect the channel again, and choose one.")
        return found

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        pin = {name: value for name, value in payload.items() if name != "media"}
        media = [attachment_from(one) for one in payload["media"]]
        body = {**pin, "board_id": self._board, "media_source": self._source(media, progress)}
        request = self.signed("POST", f"{self._api}/pins", json=body)
        answer = send_once(self.http, request, refused=_refused, deadline=UPLOAD_DEADLINE)
        return _remote_post(json_object(answer))

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        for pin in self._pinned_since(since - _SKEW):
            if _is_same(payload, pin):
                return _remote_post(pin)
        return None

    def identify(self) -> Identity:
        owner = self._get("/user_account")
        name = str(owner.get("username") or owner.get("business_name") or self.channel.name)
        return Identity(f"@{name}", str(owner.get("id") or name), f"https://www.pinterest.com/{name}/")

    def targets(self) -> list[Target]:
        boards = [one for one in self._paged("/boards", page_size=_PAGE) if "id" in one]
        return [Target(str(one.get("name") or one["id"]), {"board_id": str(one["id"])}) for one in boards]

    def metrics(self, remote_id: str) -> list[Measured]:
        today = self.clock().date()
        options = {"start_date": str(today - _REACH), "end_date": str(today), "metric_types": _TYPES}
        answer = self._get(f"/pins/{remote_id}/analytics", params=options).get("all")
        return measured(_METRICS, _counted(answer) if isinstance(answer, dict) else {}, on=today)

    def channel_metrics(self) -> list[Measured]:
        return measured(_OF_CHANNEL, self._get("/user_account"), on=self.clock().date())

    def delete(self, remote_id: str) -> None:
        with suppress(PostGone):
            send_once(self.http, self.signed("DELETE", f"{self._api}/pins/{remote_id}"), refused=_refused)

    def edit(self, remote_id: str, payload: Payload) -> None:
        known = ("title", "description", "link", "alt_text")
        body = {name: payload[name] for name in known if name in payload}
        send_once(
            self.http, self.signed("PATCH", f"{self._api}/pins/{remote_id}", json=body), refused=_refused
        )

    @property
    def _api(self) -> str:
        return self.settings.api.rstrip("/")

    @property
    def _board(self) -> str:
        if self.settings.board_id is None:
            raise NeedsReconnect("No board is chosen. Connect the channel again, and choose one.")
        return self.settings.board_id

    def _source(self, media: Sequence[Attachment], progress: Progress) -> dict[str, Any]:
        """The pictures, or the video once Pinterest has it."""
        if media and media[0].is_video:
            video = self._uploaded(media[0], progress)
            return {"source_type": "video_id", "media_id": video, "cover_image_key_frame_time": 0}
        rules = replace(PICTURES, max_bytes=min(PICTURES.max_bytes, _MAX_REQUEST // max(1, len(media))))
        pictures = [self.picture(one, rules=rules) for one in media]
        items = [{"content_type": one.kind, "data": base64.b64encode(one.body).decode()} for one in pictures]
        if len(items) == 1:
            return {"source_type": "image_base64", **items[0]}
        return {"source_type": "multiple_image_base64", "items": items}

    def _uploaded(self, video: Attachment, progress: Progress) -> str:
        """Pinterest's id of the video; one that an earlier try has sent is asked for again."""
        handle = progress.handle or {}
        media_id = handle.get("media_id") if handle.get("sent") else None
        if media_id is None or self._state(media_id) == "failed":
            request = self.signed("POST", f"{self._api}/media", json={"media_type": "video"})
            place = json_object(harmless(self.http, request, refused=_refused))
            media_id = str(place.get("media_id"))
            remembered(progress, media_id=media_id, sent=False)
            self._send_file(video, place)
            remembered(progress, media_id=media_id, sent=True)
        for look in range(_READY_LOOKS):
            if look:
                time.sleep(_READY_EVERY)
            match self._state(media_id):
                case "succeeded":
                    return str(media_id)
                case "failed":
                    raise Rejected("Pinterest cannot work with this video. Convert it, or leave it out.")
        raise NotSent("Pinterest is still working on the video.")

    def _send_file(self, video: Attachment, place: Mapping[str, Any]) -> None:
        where, fields = httpx.URL(str(place.get("upload_url"))), place.get("upload_parameters")
        if where.scheme != "https" or not isinstance(fields, dict):
            raise NotSent("Pinterest names no place for the video.")
        file = {"file": ("video", opened(self.files, video), video.media_type)}
        secrets = tuple(str(value) for value in fields.values())
        upload = secret_request(self.http, "POST", str(where), secrets=secrets, data=fields, files=file)
        harmless(self.http, upload, refused=_refused, deadline=upload_deadline(video.size))

    def _state(self, media_id: str) -> str:
        return str(self._get(f"/media/{media_id}").get("status"))

    def _pinned_since(self, back_to: datetime) -> Iterator[dict[str, Any]]:
        """The pins of the board made since then. A board can be arranged by hand: it is read to its end."""
        for pin in self._paged(f"/boards/{self._board}/pins", page_size=_PAGE):
            if _made_at(pin) >= back_to:
                yield pin

    def _paged(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """All that a list holds.

        Raises:
            OutcomeUnknown: it is longer than one look may read.
        """
        for _ in range(_PAGES):
            page = self._get(path, params=params)
            found = page.get("items")
            if not isinstance(found, list):
                raise OutcomeUnknown("Pinterest gave an answer that cannot be read.")
            yield from (one for one in found if isinstance(one, dict))
            if not page.get("bookmark"):
                return
            params["bookmark"] = page["bookmark"]
        raise OutcomeUnknown("The board holds too many pins to find this one.")

    def _get(self, path: str, **options: Any) -> dict[str, Any]:
        return json_object(
            ask(self.http, self.signed("GET", f"{self._api}{path}", **options), refused=_refused)
        )


def _refused(response: httpx.Response) -> PublishError:
    said, path = said_by(response), response.request.url.path
    match response.status_code:
        case 403:
            return NeedsReconnect(
                f"Pinterest forbids the app to do this (403{said}). Connect again with all rights; an app "
                "with trial access may not pin for everybody to see."
            )
        case 404 if response.request.method == "POST" or "/boards/" in path:
            return NeedsReconnect(
                f"The board is gone (404{said}). Connect the channel again, and choose one."
            )
        case 404 if "/pins/" in path:
            return PostGone("The pin is no longer on Pinterest.")
    return refusal(response)


def _is_same(payload: Payload, pin: Mapping[str, Any]) -> bool:
    """Whether a pin is what became of a payload."""
    texts = ("description", "title")
    if not all(same_words(str(payload.get(name) or ""), str(pin.get(name) or "")) for name in texts):
        return False
    return str(payload.get("link") or "").rstrip("/") == str(pin.get("link") or "").rstrip("/")


def _counted(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of a pin; those of days that Pinterest still works on are not there yet."""
    days = [one.get("data_status") for one in answer.get("daily_metrics") or () if isinstance(one, dict)]
    summary = answer.get("summary_metrics")
    if not days or set(days) != {"PROCESSING"} or not isinstance(summary, dict):
        return dict(answer)
    return {**answer, "summary_metrics": dict.fromkeys(summary)}


def _remote_post(pin: Mapping[str, Any]) -> RemotePost:
    id = str(pin.get("id") or "")
    if not id.isdecimal():
        raise OutcomeUnknown("Pinterest took the pin and did not say which one it is.")
    return RemotePost(id, f"https://www.pinterest.com/pin/{id}/", _made_at(pin))


def _made_at(pin: Mapping[str, Any]) -> datetime:
    try:
        made_at = datetime.fromisoformat(str(pin["created_at"]))
    except (KeyError, ValueError) as error:
        raise OutcomeUnknown("Pinterest gave a pin without a time that can be read.") from error
    return made_at.replace(tzinfo=made_at.tzinfo or UTC).astimezone(UTC)
