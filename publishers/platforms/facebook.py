"""Posts on a Facebook page.

Sources, below developers.facebook.com/docs: pages-api/posts, pages-api/comments-mentions,
graph-api/reference/page/feed, graph-api/reference/page/published_posts, graph-api/reference/insights,
platforminsights/page/deprecated-metrics. Facebook keeps no key of a call: a lost answer is settled by
reading the page's posts.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import Field

from domain.content import (
    Capabilities,
    Content,
    Counting,
    DeliveryClass,
    Identity,
    NativePost,
    Payload,
    RemotePost,
)
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, Rejected
from domain.media import PictureRules, VideoRules
from domain.metrics import Metric
from publishers.base import Measured, Progress
from publishers.facebook_files import VIDEO_HOST, photo_ids, video_sent
from publishers.http import json_object, send_once
from publishers.meta_errors import refused
from publishers.meta_graph import GRAPH_VERSION, GraphPublisher, MetaSettings, moment, node_id
from publishers.metric_map import Mapped, measured, supplied
from publishers.oauth import Flow, OAuthCredentials, Target
from publishers.parts import Part, Sent, find_parts, parts, send_parts
from publishers.plain import same_words
from publishers.text import Limit, fit

#: Code points, as known in 2026; Meta's documentation names no number.
MAX_CHARACTERS = 63_206

_INSIGHTS = (
    Mapped("post_impressions", Metric.IMPRESSIONS, until=date(2025, 11, 15), note="blog of 2025-08-15"),
    Mapped(
        "post_media_view",
        Metric.IMPRESSIONS,
        since=date(2025, 11, 15),
        note="views replace impressions",
        word="views",
    ),
    # The page of deprecated metrics, of 2026-03-02, prints this day; the reference of insights, of
    # 2026-02-18, speaks of 15 June 2026. Not settled: whoever holds readings of that year will know.
    Mapped(
        "post_impressions_unique",
        Metric.REACH,
        until=date(2025, 6, 15),
        note="the page of deprecated metrics; another page says 2026-06-15: not settled",
    ),
    Mapped("post_total_media_view_unique", Metric.REACH, since=date(2025, 6, 15), note="viewers"),
    Mapped("post_clicks", Metric.CLICKS_ALL, note="anywhere on the post"),
    Mapped("post_video_views", Metric.PLAYS, note="of 3 seconds, or nearly the whole"),
    Mapped("post_video_view_time", Metric.WATCH_SECONDS, note="told in milliseconds", per=1000),
)
_COUNTS = (
    Mapped("reactions.summary.total_count", Metric.REACTIONS),
    Mapped("comments.summary.total_count", Metric.REPLIES),
    Mapped("shares.count", Metric.SHARES, note="absent while nobody has shared"),
)
_PAGE_COUNTS = (Mapped("followers_count", Metric.FOLLOWERS),)

#: How far our clock and Facebook's may be apart.
_SKEW = timedelta(minutes=5)
_PAGE = 25
_PAGES = 10
_LIMIT = Limit(MAX_CHARACTERS, len)


class FacebookSettings(MetaSettings):
    """The page that is posted for."""

    #: Chosen of what `Facebook.targets` offers.
    page_id: str = Field(default="", pattern=r"^\d{0,20}$", title="Page", json_schema_extra={"learned": True})


class Facebook(GraphPublisher):
    """One page; its own access, which page roles give, does not end by itself."""

    platform = "facebook"
    title = "Facebook"
    host = "https://graph.facebook.com"
    post_map, channel_map = (*_INSIGHTS, *_COUNTS), _PAGE_COUNTS
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        refuses_repeats=True,
        max_characters=MAX_CHARACTERS,
        counting=Counting.CODE_POINTS,
        post_metrics=supplied((*_INSIGHTS, *_COUNTS)),
        channel_metrics=supplied(_PAGE_COUNTS),
        can_delete=True,
        can_edit=True,
        pictures=PictureRules(
            most=10, max_bytes=10 * 10**6, kinds=frozenset({"image/jpeg", "image/png"}), max_side=8192
        ),
        videos=VideoRules(
            most=1,
            max_bytes=10 * 10**9,
            max_seconds=4 * 3600,
            min_seconds=1,
            kinds=frozenset({"video/mp4", "video/quicktime"}),
        ),
        max_title=254,
        first_comment=True,
    )
    Settings = FacebookSettings
    settings: FacebookSettings
    flow = Flow(
        authorize_url=f"https://www.facebook.com/{GRAPH_VERSION}/dialog/oauth",
        token_url=f"{host}/{GRAPH_VERSION}/oauth/access_token",
        scopes=(
            "pages_show_list",
            "pages_manage_posts",
            "pages_manage_engagement",
            "pages_read_engagement",
            "pages_read_user_content",
            "read_insights",
        ),
        pkce=False,
        separator=",",
        console_url="https://developers.facebook.com/apps",
    )

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        has_card = content.link is not None and not content.media
        payload: Payload = {"message": fit(content.text, None if has_card else content.link, [_LIMIT])}
        if has_card:
            payload["link"] = content.link
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        if content.title and content.media and content.media[0].is_video:
            payload["title"] = content.title
        if content.first_comment:
            payload["first_comment"] = content.first_comment
        return payload

    def text_of(self, payload: Payload) -> str:
        return "\n\n".join(filter(None, (payload["message"], payload.get("link"))))

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        media = payload.get("media") or ()
        film = media[0] if media and media[0]["media_type"].startswith("video/") else None
        video = video_sent(self, film, progress) if film else None
        photos = photo_ids(self, media, progress) if media and not film else []

        def send(part: Part, before: Sequence[Sent]) -> Sent:
            if before:
                return self._commented(before[0].id, part.body)
            if video:
                return self._shown(*video, payload)
            shown = {
                f"attached_media[{at}]": f'{{"media_fbid":"{number}"}}' for at, number in enumerate(photos)
            }
            answer = self.post(
                f"{self.page()}/feed",
                message=payload["message"] or None,
                link=payload.get("link"),
                **shown,
            )
            return self._sent(node_id(answer, title=self.title), None)

        pieces = self._pieces(payload, key)
        find = self._finder(payload, progress.handle)
        return send_parts(pieces, send, progress=progress, now=self.clock(), find=find)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        find = self._finder(payload, handle)
        return find_parts(self._pieces(payload, key), handle=handle, since=since, find=find)

    def lengthened(self, granted: OAuthCredentials) -> OAuthCredentials:
        """A person's access of 60 days; the pages' own, which `targets` gives, come of it and do not end."""
        request = self.token_request(
            {
                "grant_type": "fb_exchange_token",
                "fb_exchange_token": granted.access_token.get_secret_value(),
            }
        )
        return self.granted(self.token_answer(request), before=granted)

    def targets(self) -> list[Target]:
        found = []
        after: str | None = None
        for _ in range(_PAGES):
            answer = self.get("me/accounts", fields="id,name,access_token,tasks", limit="100", after=after)
            for page in answer.get("data") or ():
                if page.get("access_token") and "CREATE_CONTENT" in page.get("tasks", ["CREATE_CONTENT"]):
                    own = OAuthCredentials.model_validate({"access_token": page["access_token"]})
                    found.append(Target(str(page["name"]), {"page_id": str(page["id"])}, own))
            after = _next(answer)
            if after is None:
                break
        if not found:
            raise NeedsReconnect(
                "Facebook shows no page that you may post for. Connect again, and tick the page there."
            )
        return found

    def identify(self) -> Identity:
        page = self.get(self.page(), fields="id,name,link")
        return Identity(
            str(page.get("name") or page.get("id")), node_id(page, title=self.title), page.get("link")
        )

    def page(self) -> str:
        """The page's number."""
        if not self.settings.page_id:
            raise NeedsReconnect("No Facebook page was chosen. Connect the channel again, and choose one.")
        return self.settings.page_id

    def metrics(self, remote_id: str) -> list[Measured]:
        day = self.clock().date()
        counts = "reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count),shares"
        found = measured(_COUNTS, self.get(remote_id, fields=counts), on=day)
        try:
            return [*found, *self.insights(f"{remote_id}/insights", _INSIGHTS, period="lifetime")]
        except PostGone:
            raise
        except Rejected:
            return found  # pages with few followers have none

    def native_posts(self, since: datetime) -> list[NativePost]:
        found = []
        for post in self._own_posts(since):
            sent = self._sent(str(post["id"]), moment(post.get("created_time")))
            shown = ((post.get("attachments") or {}).get("data") or [{}])[0]
            link = shown.get("unshimmed_url") if shown.get("media_type") == "link" else None
            found.append(NativePost(sent.id, sent.url, sent.at, str(post.get("message") or ""), link))
        return found

    def channel_metrics(self) -> list[Measured]:
        page = self.get(self.page(), fields="followers_count")
        return measured(_PAGE_COUNTS, page, on=self.clock().date())

    def edit(self, remote_id: str, payload: Payload) -> None:
        answer = json_object(
            send_once(self.http, self.called("POST", remote_id, message=payload["message"]), refused=refused)
        )
        if not answer.get("success", True):
            raise Rejected("Facebook did not change the post. Change it there.")

    def delete(self, remote_id: str) -> None:
        try:
            answer = json_object(send_once(self.http, self.called("DELETE", remote_id), refused=refused))
        except PostGone:
            return
        if not answer.get("success", True):
            raise Rejected("Facebook did not delete the post. Delete it there.")

    def _pieces(self, payload: Payload, key: str) -> list[Part]:
        return parts(key, payload["message"], (), payload.get("first_comment"))

    def _finder(self, payload: Payload, handle: Mapping[str, Any] | None) -> Any:
        def find(part: Part, before: Sequence[Sent], since: datetime) -> Sent | None:
            if before:
                return self._comment(before[0].id, part.body, since - _SKEW)
            video = (handle or {}).get("video")
            if video:
                return self._video(str(video["id"]))
            for post in self._own_posts(since - _SKEW):
                if same_words(payload["message"], str(post.get("message") or "")) and _shows(
                    post, payload.get("link")
                ):
                    return self._sent(str(post["id"]), moment(post.get("created_time")))
            return None

        return find

    def _shown(self, video_id: str, upload: str, payload: Payload) -> Sent:
        """End an upload: from then on everybody sees the video."""
        request = self.called(
            "POST",
            f"{self.page()}/videos",
            host=VIDEO_HOST,
            upload_phase="finish",
            upload_session_id=upload,
            description=payload["message"] or None,
            title=payload.get("title"),
        )
        answer = json_object(send_once(self.http, request, refused=refused))
        if not answer.get("success"):
            raise OutcomeUnknown("Facebook did not say whether it shows the video.")
        return self._sent(video_id, None)

    def _video(self, video_id: str) -> Sent | None:
        try:
            video = self.get(video_id, fields="id,published,created_time")
        except PostGone:
            return None
        if video.get("published") is None:
            raise NotSent("Facebook does not say yet whether it shows the video.")
        return self._sent(video_id, moment(video.get("created_time"))) if video["published"] else None

    def _commented(self, post_id: str, words: str) -> Sent:
        return self._sent(node_id(self.post(f"{post_id}/comments", message=words), title=self.title), None)

    def _comment(self, post_id: str, words: str, back_to: datetime) -> Sent | None:
        answer = self.get(
            f"{post_id}/comments", fields="id,message,created_time", filter="stream", limit="100"
        )
        for one in answer.get("data") or ():
            at = moment(one.get("created_time"))
            if at is not None and at >= back_to and same_words(words, str(one.get("message") or "")):
                return self._sent(str(one["id"]), at)
        return None

    def _own_posts(self, back_to: datetime) -> Iterator[dict[str, Any]]:
        """The page's posts made since then, newest first.

        Raises:
            OutcomeUnknown: there are more than one look may read.
        """
        after: str | None = None
        for _ in range(_PAGES):
            answer = self.get(
                f"{self.page()}/published_posts",
                fields="id,message,created_time,attachments{unshimmed_url,media_type}",
                since=str(int(back_to.astimezone(UTC).timestamp())),
                limit=str(_PAGE),
                after=after,
            )
            if not isinstance(answer.get("data"), list):
                raise OutcomeUnknown("Facebook does not show the page's posts.")
            for post in answer["data"]:
                made_at = moment(post.get("created_time"))
                if made_at is None or made_at >= back_to:
                    yield post
            after = _next(answer)
            if after is None:
                return
        raise OutcomeUnknown("Facebook holds too many newer posts to find this one.")

    def _sent(self, number: str, at: datetime | None) -> Sent:
        return Sent(number, f"https://www.facebook.com/{number}", at or self.clock())


def _next(answer: Mapping[str, Any]) -> str | None:
    paging = answer.get("paging") or {}
    after = (paging.get("cursors") or {}).get("after")
    return str(after) if paging.get("next") and after else None


def _shows(post: Mapping[str, Any], link: str | None) -> bool:
    """Whether the link below a post is this one; what Facebook does not tell does not speak against it."""
    shown = [
        one.get("unshimmed_url")
        for one in (post.get("attachments") or {}).get("data") or ()
        if one.get("media_type") == "link" and one.get("unshimmed_url")
    ]
    return not shown or (link is not None and any(same_words(link, str(one)) for one in shown))
