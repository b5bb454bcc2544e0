"""Posts, carousels and reels of an Instagram business or creator channel.

Sources, below developers.facebook.com/docs/instagram-platform: content-publishing, comment-moderation,
reference/instagram-media/insights, instagram-graph-api/reference/ig-user (media, content_publishing_limit),
instagram-api-with-instagram-login/business-login. Instagram fetches files itself, from our public address;
it has no call to change a post, and none to delete one of every kind.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import regex

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
from domain.errors import Rejected
from domain.media import PictureRules, VideoRules, attachment_from
from domain.metrics import Metric
from publishers.base import Measured, Progress
from publishers.meta_containers import ContainerPublisher, ContainerSettings, Draft, Fields
from publishers.meta_graph import moment, node_id
from publishers.metric_map import Mapped, measured, supplied
from publishers.oauth import Flow
from publishers.parts import Part, Sent, find_parts, parts, send_parts
from publishers.plain import same_words
from publishers.public_files import public_address, public_address_problems
from publishers.text import Limit, fit

MAX_CHARACTERS = 2_200
MAX_TAGS = 30
MAX_MENTIONS = 20
#: Posts in 24 hours; Meta's pages say 50 and 100, so the channel asks for its own number.
DAILY_POSTS = 50

_INSIGHTS = (
    Mapped(
        "impressions",
        Metric.IMPRESSIONS,
        until=date(2025, 4, 21),
        note="gone since version 22; not of posts of 2024-07-02 or later",
    ),
    Mapped(
        "views",
        Metric.IMPRESSIONS,
        since=date(2025, 4, 21),
        note="plays and displays; 48 hours late",
        word="views",
    ),
    Mapped("reach", Metric.REACH),
    Mapped("likes", Metric.REACTIONS),
    Mapped("comments", Metric.REPLIES),
    Mapped("shares", Metric.SHARES),
    Mapped("saved", Metric.SAVES),
)
#: Each of these is refused for some kinds of posts, so each is asked for by itself.
_SOMETIMES = (
    Mapped("profile_visits", Metric.PROFILE_VISITS, note="not of reels"),
    Mapped(
        "ig_reels_video_view_total_time",
        Metric.WATCH_SECONDS,
        note="of reels; told in milliseconds",
        per=1000,
    ),
)
_COUNTS = (
    Mapped("followers_count", Metric.FOLLOWERS),
    Mapped("media_count", Metric.CHANNEL_POSTS),
)

_TAG = regex.compile(r"(?<!\w)[#＃]\w")
_MENTION = regex.compile(r"(?<!\w)@\w")
_LIMIT = Limit(MAX_CHARACTERS, len)
#: How far our clock and Instagram's may be apart.
_SKEW = timedelta(minutes=5)


class Instagram(ContainerPublisher):
    """One business or creator channel."""

    platform = "instagram"
    title = "Instagram"
    host = "https://graph.instagram.com"
    exchange_grant = "ig_exchange_token"
    renewal_grant = "ig_refresh_token"
    made_at, published_at = "media", "media_publish"
    state_field, reason_field, words_field = "status_code", "status", "caption"
    me_fields, id_field = "user_id,username,followers_count,media_count", "user_id"
    limit_at, usual_daily_posts = "content_publishing_limit", DAILY_POSTS
    post_map, channel_map = (*_INSIGHTS, *_SOMETIMES), _COUNTS
    capabilities = Capabilities(
        delivery=DeliveryClass.TWO_PHASE,
        max_characters=MAX_CHARACTERS,
        counting=Counting.CODE_POINTS,
        post_metrics=supplied((*_INSIGHTS, *_SOMETIMES)),
        channel_metrics=supplied(_COUNTS),
        pictures=PictureRules(
            most=10,
            max_bytes=8 * 10**6,
            kinds=frozenset({"image/jpeg"}),
            max_side=1440,
            min_ratio=0.8,
            max_ratio=1.91,
            max_alt=1000,
        ),
        videos=VideoRules(
            most=10,
            max_bytes=300 * 10**6,
            max_seconds=15 * 60,
            min_seconds=3,
            kinds=frozenset({"video/mp4", "video/quicktime"}),
            with_pictures=True,
        ),
        needs_media=True,
        first_comment=True,
        budgets=(Budget(Call.POST, DAILY_POSTS, timedelta(hours=24)),),
    )
    Settings = ContainerSettings
    settings: ContainerSettings
    flow = Flow(
        authorize_url="https://www.instagram.com/oauth/authorize",
        token_url="https://api.instagram.com/oauth/access_token",  # noqa: S106  no secret
        scopes=(
            "instagram_business_basic",
            "instagram_business_content_publish",
            "instagram_business_manage_comments",
            "instagram_business_manage_insights",
        ),
        pkce=False,
        separator=",",
        console_url="https://developers.facebook.com/apps",
    )

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload: Payload = {"text": fit(content.text, content.link, [_LIMIT])}
        payload["media"] = [one.as_json() for one in content.media]
        if content.first_comment:
            payload["first_comment"] = content.first_comment
        return payload

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        text = fit(content.text, content.link, [])
        if len(_TAG.findall(text)) > MAX_TAGS:
            found.append(f"Instagram takes at most {MAX_TAGS} tags. Take some out.")
        if len(_MENTION.findall(text)) > MAX_MENTIONS:
            found.append(f"Instagram takes at most {MAX_MENTIONS} mentions. Take some out.")
        if len(content.media) > 10:
            found.append(f"Instagram takes at most 10 files on one post; this one has {len(content.media)}.")
        return [*found, *public_address_problems(self.channel, content.media, title=self.title)]

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        def send(part: Part, before: Sequence[Sent]) -> Sent:
            if before:
                number = node_id(self.post(f"{before[0].id}/comments", message=part.body), title=self.title)
                return Sent(number, None, self.clock())
            return self.contained(part, self._draft(payload), progress, before)

        find = self._finder(progress)
        return send_parts(self._pieces(payload, key), send, progress=progress, now=self.clock(), find=find)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        find = self._finder(_Noted(handle))
        return find_parts(self._pieces(payload, key), handle=handle, since=since, find=find)

    def identify(self) -> Identity:
        me = self.me()
        name = str(me.get("username") or me["user_id"])
        return Identity(f"@{name}", str(me["user_id"]), f"https://www.instagram.com/{name}/")

    def metrics(self, remote_id: str) -> list[Measured]:
        found = self.insights(f"{remote_id}/insights", _INSIGHTS)
        for one in _SOMETIMES:
            with suppress(Rejected):
                found += [
                    each for each in self.insights(f"{remote_id}/insights", [one]) if each.value is not None
                ]
        return found

    def channel_metrics(self) -> list[Measured]:
        return measured(_COUNTS, self.me(), on=self.clock().date())

    def _pieces(self, payload: Payload, key: str) -> list[Part]:
        return parts(key, {"text": payload["text"]}, (), payload.get("first_comment"))

    def _draft(self, payload: Payload) -> Draft:
        files = [self._file(stored) for stored in payload["media"]]
        if len(files) == 1:
            (one,) = files
            if "video_url" in one:
                one = {**one, "media_type": "REELS", "share_to_feed": "true"}
            return Draft({**one, "caption": payload["text"]})
        children = tuple(
            {**one, "is_carousel_item": "true", **({"media_type": "VIDEO"} if "video_url" in one else {})}
            for one in files
        )
        return Draft({"media_type": "CAROUSEL", "caption": payload["text"]}, children)

    def _file(self, stored: Mapping[str, Any]) -> Fields:
        attachment = attachment_from(stored)
        address = public_address(self.channel, attachment)
        if attachment.is_video:
            return {"video_url": address}
        return {"image_url": address, "alt_text": attachment.alt or None}

    def _finder(self, progress: Any) -> Any:
        def find(part: Part, before: Sequence[Sent], since: datetime) -> Sent | None:
            if not before:
                return self.out(part, progress.handle, before)
            answer = self.get(f"{before[0].id}/comments", fields="id,text,timestamp", limit="50")
            for one in answer.get("data") or ():
                at = moment(one.get("timestamp")) or self.clock()
                if at >= since - _SKEW and same_words(part.body, str(one.get("text") or "")):
                    return Sent(str(one["id"]), None, at)
            return None

        return find


class _Noted:
    """A handle as `find_existing` gets it."""

    def __init__(self, handle: Mapping[str, Any] | None) -> None:
        self.handle = handle
