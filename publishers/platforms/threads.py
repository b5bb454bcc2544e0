"""Posts on Threads, with replies below them.

Sources, below developers.facebook.com/docs/threads: posts, create-posts (polls, topic-tags),
retrieve-and-manage-replies, insights, delete-posts, get-started/long-lived-tokens, overview (limits).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

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
    PollRules,
    RemotePost,
)
from domain.errors import PostGone, Rejected
from domain.media import PictureRules, VideoRules, attachment_from
from domain.metrics import Metric
from publishers.base import Measured, Progress
from publishers.emojis import EMOJI
from publishers.http import json_object, send_once
from publishers.meta_containers import ContainerPublisher, ContainerSettings, Draft, Fields
from publishers.meta_errors import refused
from publishers.metric_map import Mapped, supplied
from publishers.oauth import Flow
from publishers.parts import Part, Sent, find_parts, parts, send_parts
from publishers.public_files import public_address, public_address_problems
from publishers.text import Limit, fit, links

MAX_CHARACTERS = 500
#: Different addresses in one post, since 2025-12-22.
MAX_LINKS = 5
#: Posts, and replies, in 24 hours, unless Threads names another number.
DAILY_POSTS = 250

_INSIGHTS = (
    Mapped("views", Metric.IMPRESSIONS, note="times played or displayed", word="views"),
    Mapped("likes", Metric.REACTIONS),
    Mapped("replies", Metric.REPLIES),
    Mapped("reposts", Metric.SHARES),
    Mapped("quotes", Metric.QUOTES),
    Mapped("shares", Metric.SENDS, note="sent on, by message or elsewhere"),
)
_COUNTS = (Mapped("followers_count", Metric.FOLLOWERS),)
_DAY = 24 * 60
_OPTIONS = ("option_a", "option_b", "option_c", "option_d")


def length(text: str) -> int:
    """How Threads counts: code points, but an emoji as its bytes in UTF-8."""
    emojis = sum(len(one[0].encode()) - len(one[0]) for one in EMOJI.finditer(text))
    return len(text) + emojis


_LIMIT = Limit(MAX_CHARACTERS, length)


class ThreadsSettings(ContainerSettings):
    """Who we are there, and what every post is about."""

    graph_version: str = Field(
        default="v1.0",
        pattern=r"^v\d{1,3}\.\d$",
        title="Threads API version",
        json_schema_extra={"expert": True},
    )
    topic_tag: str = Field(
        default="",
        max_length=50,
        pattern=r"^[^.&]*$",
        title="Topic",
        description="Shown above every post; empty: none",
    )


class Threads(ContainerPublisher):
    """One person's or brand's posts on Threads."""

    platform = "threads"
    title = "Threads"
    host = "https://graph.threads.net"
    exchange_grant = "th_exchange_token"
    renewal_grant = "th_refresh_token"
    made_at, published_at = "threads", "threads_publish"
    state_field, reason_field, words_field = "status", "error_message", "text"
    me_fields, id_field = "id,username", "id"
    limit_at, usual_daily_posts = "threads_publishing_limit", DAILY_POSTS
    post_map, channel_map = _INSIGHTS, _COUNTS
    capabilities = Capabilities(
        delivery=DeliveryClass.TWO_PHASE,
        max_characters=MAX_CHARACTERS,
        counting=Counting.CODE_POINTS,
        post_metrics=supplied(_INSIGHTS),
        channel_metrics=supplied(_COUNTS),
        can_delete=True,
        pictures=PictureRules(
            most=20,
            max_bytes=8 * 10**6,
            kinds=frozenset({"image/jpeg"}),
            max_side=1440,
            min_ratio=0.1,
            max_ratio=10,
            max_alt=1000,
        ),
        videos=VideoRules(
            most=20,
            max_bytes=10**9,
            max_seconds=5 * 60,
            kinds=frozenset({"video/mp4", "video/quicktime"}),
            max_alt=1000,
            with_pictures=True,
        ),
        max_thread=25,
        polls=PollRules(most=4, max_option=25, min_minutes=_DAY, max_minutes=_DAY),
        first_comment=True,
        budgets=(Budget(Call.POST, DAILY_POSTS, timedelta(hours=24)),),
    )
    Settings = ThreadsSettings
    settings: ThreadsSettings
    flow = Flow(
        authorize_url="https://threads.net/oauth/authorize",
        token_url=f"{host}/oauth/access_token",
        scopes=(
            "threads_basic",
            "threads_content_publish",
            "threads_manage_replies",
            "threads_read_replies",
            "threads_manage_insights",
            "threads_delete",
        ),
        pkce=False,
        separator=",",
        console_url="https://developers.facebook.com/apps",
    )

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        has_card = bool(content.link and content.text.strip() and not content.media and not content.poll)
        payload: Payload = {"text": fit(content.text, None if has_card else content.link, [_LIMIT])}
        if has_card:
            payload["link"] = content.link
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        if content.poll:
            payload["poll"] = [one.strip() for one in content.poll.options]
        if content.thread:
            payload["thread"] = [fit(one, None, [_LIMIT]) for one in content.thread]
        if content.first_comment:
            payload["first_comment"] = fit(content.first_comment, None, [_LIMIT])
        return payload

    def text_of(self, payload: Payload) -> str:
        return "\n\n".join(filter(None, (payload["text"], payload.get("link"))))

    def length(self, content: Content) -> int:
        return length(fit(content.text, content.link, []))

    def check_fit(self, content: Content) -> None:
        fit("", content.link, [_LIMIT])

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        for text in (fit(content.text, content.link, []), *content.thread, content.first_comment or ""):
            if len({text[start:end] for start, end in links(text, known=content.link)}) > MAX_LINKS:
                found.append(f"Threads takes at most {MAX_LINKS} different links on one post. Take some out.")
        if len(content.media) > 20:
            found.append(f"Threads takes at most 20 files on one post; this one has {len(content.media)}.")
        return [*found, *public_address_problems(self.channel, content.media, title=self.title)]

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        def send(part: Part, before: Sequence[Sent]) -> Sent:
            return self.contained(part, self._draft(part, payload, before), progress, before)

        def find(part: Part, before: Sequence[Sent], _since: datetime) -> Sent | None:
            return self.out(part, progress.handle, before)

        return send_parts(_pieces(payload, key), send, progress=progress, now=self.clock(), find=find)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        def find(part: Part, before: Sequence[Sent], _since: datetime) -> Sent | None:
            return self.out(part, handle, before)

        return find_parts(_pieces(payload, key), handle=handle, since=since, find=find)

    def identify(self) -> Identity:
        me = self.me()
        name = str(me.get("username") or me["id"])
        return Identity(f"@{name}", str(me["id"]), f"https://www.threads.com/@{name}")

    def metrics(self, remote_id: str) -> list[Measured]:
        return self.insights(f"{remote_id}/insights", _INSIGHTS)

    def channel_metrics(self) -> list[Measured]:
        return self.insights(f"{self.person()}/threads_insights", _COUNTS)

    def delete(self, remote_id: str) -> None:
        try:
            answer = json_object(send_once(self.http, self.called("DELETE", remote_id), refused=refused))
        except PostGone:
            return
        if not answer.get("success", True):
            raise Rejected("Threads did not delete the post. Delete it there.")

    def _draft(self, part: Part, payload: Payload, before: Sequence[Sent]) -> Draft:
        words: dict[str, str | None] = {"text": part.body["text"] or None}
        if before:
            return Draft({**words, "media_type": "TEXT", "reply_to_id": before[-1].id})
        words["topic_tag"] = self.settings.topic_tag or None
        files = [self._file(stored) for stored in payload.get("media") or ()]
        if len(files) == 1:
            return Draft({**words, **files[0]})
        if files:
            children = tuple({**one, "is_carousel_item": "true"} for one in files)
            return Draft({**words, "media_type": "CAROUSEL"}, children)
        words["link_attachment"] = payload.get("link")
        if "poll" in payload:
            options = dict(zip(_OPTIONS, payload["poll"], strict=False))
            words["poll_attachment"] = json.dumps(options, ensure_ascii=False)
        return Draft({**words, "media_type": "TEXT"})

    def _file(self, stored: Mapping[str, Any]) -> Fields:
        attachment = attachment_from(stored)
        address = public_address(self.channel, attachment)
        kind = {"media_type": "VIDEO", "video_url": address}
        if not attachment.is_video:
            kind = {"media_type": "IMAGE", "image_url": address}
        return {**kind, "alt_text": attachment.alt or None}


def _pieces(payload: Payload, key: str) -> list[Part]:
    comment = payload.get("first_comment")
    return parts(
        key,
        {"text": payload["text"]},
        [{"text": one} for one in payload.get("thread") or ()],
        {"text": comment} if comment else None,
    )
