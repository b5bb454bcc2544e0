"""Posts on X (formerly Twitter).

Sources: docs.x.com (posts/create-post, posts/delete-post, users/get-posts, media, fundamentals/rate-limits,
getting-started/pricing, fundamentals/authentication/oauth-2-0, fundamentals/counting-characters).

X keeps no key of a call: a lost answer is settled by reading our own posts, which costs, and only those made
since. A post that is gone is answered with 200, ``errors`` and no ``data``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

import httpx
from pydantic import AfterValidator, Field

from domain.content import (
    Budget,
    Call,
    Capabilities,
    Content,
    DeliveryClass,
    Identity,
    NativePost,
    Payload,
    PollRules,
    Price,
    RemotePost,
)
from domain.errors import OutcomeUnknown, PostGone, PublishError, Rejected
from domain.media import PictureRules, VideoRules
from domain.metrics import Metric
from publishers.address import server_address
from publishers.base import BaseSettings, Measured, Progress
from publishers.http import ask, json_object, send_once
from publishers.metric_map import Mapped, measured, supplied
from publishers.oauth import Flow, OAuthPublisher
from publishers.parts import Part, Sent, find_parts, parts, send_parts
from publishers.plain import same_words
from publishers.text import Limit, fit
from publishers.x_answers import answers, files_of, missing, missing_of, moment, refused, text_of
from publishers.x_media import Uploads
from publishers.x_text import MAX_WEIGHT, weight

API = "https://api.x.com"

_POST_METRICS = (
    Mapped("public_metrics.impression_count", Metric.IMPRESSIONS, word="views"),
    Mapped("public_metrics.like_count", Metric.REACTIONS, word="likes"),
    Mapped("public_metrics.reply_count", Metric.REPLIES),
    Mapped("public_metrics.retweet_count", Metric.SHARES),
    Mapped("public_metrics.quote_count", Metric.QUOTES),
    Mapped("public_metrics.bookmark_count", Metric.SAVES, word="bookmarks"),
    Mapped("non_public_metrics.url_link_clicks", Metric.CLICKS_PLATFORM, note="of posts of 30 days at most"),
    Mapped(
        "non_public_metrics.user_profile_clicks", Metric.PROFILE_VISITS, note="of posts of 30 days at most"
    ),
)
_CHANNEL_METRICS = (
    Mapped("public_metrics.followers_count", Metric.FOLLOWERS),
    Mapped("public_metrics.tweet_count", Metric.CHANNEL_POSTS, note="replies and reposts included"),
)
#: X tells the owner's own numbers of a post so long; its ids hold when they were made.
_OWN_NUMBERS = timedelta(days=30)
_ID_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)

#: docs.x.com/x-api/getting-started/pricing, as read in 2026-04; the newest is in X's developer console.
_PRICED = date(2026, 4, 1)
_PRICES = (
    Price(Call.POST, 15_000, "USD", _PRICED),
    Price(Call.POST_WITH_LINK, 200_000, "USD", _PRICED),
    Price(Call.READ, 1_000, "USD", _PRICED),
)
_BUDGETS = (
    Budget(Call.POST, 100, timedelta(minutes=15)),
    Budget(Call.POST, 10_000, timedelta(hours=24), shared=True),
    Budget(Call.READ, 900, timedelta(minutes=15)),
)

#: How far our clock and X's may be apart.
_SKEW = timedelta(minutes=5)
#: Of our own posts, newest first; each one read costs.
_PAGE = 20
_PAGES = 10
_LIMIT = Limit(MAX_WEIGHT, weight)


class XSettings(BaseSettings):
    """Where X is, and who we are there."""

    #: X's description of its API names it ``post.fields`` since 2026; both were seen to work.
    fields_name: Literal["tweet.fields", "post.fields"] = Field(
        default="tweet.fields",
        title="Name of the parameter that asks for fields",
        json_schema_extra={"expert": True},
    )
    base_url: Annotated[str, AfterValidator(server_address)] = Field(
        default=API,
        title="Server",
        description="Empty, unless you try a simulator of X's API",
        json_schema_extra={"expert": True},
    )
    #: Learned by `X.enrich`: reading it each time would cost.
    user_id: str = Field(default="", json_schema_extra={"learned": True})
    username: str = Field(default="", json_schema_extra={"learned": True})


class X(OAuthPublisher):
    """One person's or brand's posts on X."""

    platform = "x"
    title = "X"
    reads_at_once = 100
    post_map, channel_map = _POST_METRICS, _CHANNEL_METRICS
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        refuses_repeats=True,
        max_characters=MAX_WEIGHT,
        post_metrics=supplied(_POST_METRICS),
        channel_metrics=supplied(_CHANNEL_METRICS),
        can_delete=True,
        pictures=PictureRules(most=4, max_bytes=5 * 10**6, max_side=8192, max_alt=1000),
        videos=VideoRules(
            most=1,
            max_bytes=512 * 10**6,
            max_seconds=140,
            min_seconds=0.5,
            kinds=frozenset({"video/mp4", "video/quicktime"}),
            min_ratio=1 / 3,
            max_ratio=3,
        ),
        max_thread=25,
        polls=PollRules(most=4, max_option=25, min_minutes=5, max_minutes=10_080),
        first_comment=True,
        budgets=_BUDGETS,
        prices=_PRICES,
    )
    Settings = XSettings
    settings: XSettings
    flow = Flow(
        authorize_url="https://x.com/i/oauth2/authorize",
        token_url=f"{API}/2/oauth2/token",
        scopes=("tweet.read", "tweet.write", "users.read", "offline.access", "media.write"),
        required=("tweet.read", "tweet.write", "users.read"),
        basic=True,
        console_url="https://console.x.com",
    )

    def flow_here(self) -> Flow:
        return replace(self.flow, token_url=f"{self.settings.base_url}/2/oauth2/token")

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload: Payload = {"text": fit(content.text, content.link, [_LIMIT])}
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        if content.poll:
            options = [one.strip() for one in content.poll.options]
            payload["poll"] = {"options": options, "duration_minutes": content.poll.minutes}
        if content.thread:
            payload["thread"] = [fit(one, None, [_LIMIT]) for one in content.thread]
        if content.first_comment:
            payload["first_comment"] = fit(content.first_comment, None, [_LIMIT])
        return payload

    def length(self, content: Content) -> int:
        return weight(fit(content.text, content.link, []))

    def check_fit(self, content: Content) -> None:
        fit("", content.link, [_LIMIT])

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        if len(content.media) > 1 and any(one.media_type == "image/gif" for one in content.media):
            found.append("X shows a GIF only by itself. Leave the other pictures out, or the GIF.")
        return found

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        uploads = Uploads(self.http, self._request, files=self.files, fit=self.picture, refused=refused)
        media_ids = uploads.ids(payload.get("media") or (), progress)

        def send(part: Part, before: Sequence[Sent]) -> Sent:
            body: dict[str, Any] = {"text": part.body} if part.body else {}
            if before:
                body["reply"] = {"in_reply_to_tweet_id": before[-1].id}
            else:
                body |= {"media": {"media_ids": media_ids}} if media_ids else {}
                body |= {"poll": payload["poll"]} if "poll" in payload else {}
            answer = json_object(
                send_once(self.http, self._request("POST", "/2/tweets", json=body), refused=refused)
            )
            return self._made(answer.get("data"))

        pieces = self._pieces(payload, key)
        return send_parts(pieces, send, progress=progress, now=self.clock(), find=self._finder(payload))

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        return find_parts(self._pieces(payload, key), handle=handle, since=since, find=self._finder(payload))

    def identify(self) -> Identity:
        me = self._me()
        return Identity(f"@{me['username']}", str(me["id"]), f"https://x.com/{me['username']}")

    def enrich(self) -> XSettings | None:
        me = self._me()
        known = {"user_id": str(me["id"]), "username": str(me["username"])}
        fresh = self.settings.model_copy(update=known)
        return fresh if fresh != self.settings else None

    def batches(self, remote_ids: Sequence[str]) -> list[Sequence[str]]:
        recent = [one for one in remote_ids if self._is_recent(one)]
        older = [one for one in remote_ids if one not in recent]
        return [*super().batches(recent), *super().batches(older)]

    def metrics_of(self, remote_ids: Sequence[str]) -> Mapping[str, list[Measured] | PublishError]:
        fields = self._fields(remote_ids[0])  # alike in a batch
        answer = self._get("/2/tweets", {"ids": ",".join(remote_ids), self.settings.fields_name: fields})
        told = {str(one.get("id")): one for one in answer.get("data") or () if isinstance(one, dict)}
        today = self.clock().date()
        return {
            one: measured(_POST_METRICS, told[one], on=today) if one in told else missing_of(answer, one)
            for one in remote_ids
        }

    def _fields(self, remote_id: str) -> str:
        return "public_metrics,non_public_metrics" if self._is_recent(remote_id) else "public_metrics"

    def metrics(self, remote_id: str) -> list[Measured]:
        fields = self._fields(remote_id)
        answer = self._get(f"/2/tweets/{remote_id}", {self.settings.fields_name: fields})
        post = answer.get("data")
        if post is None:
            raise missing(answer)
        return measured(_POST_METRICS, post, on=self.clock().date())

    def _is_recent(self, remote_id: str) -> bool:
        """Whether X still tells the owner's own numbers of a post; asking later is an error there."""
        since_epoch = timedelta(milliseconds=int(remote_id) >> 22) if remote_id.isdecimal() else timedelta(0)
        return not since_epoch or self.clock() - (_ID_EPOCH + since_epoch) < _OWN_NUMBERS

    def channel_metrics(self) -> list[Measured]:
        return measured(_CHANNEL_METRICS, self._me(), on=self.clock().date())

    def native_posts(self, since: datetime) -> list[NativePost]:
        found = []
        for post in self._own_posts(since):
            if answers(post) is None:
                sent = self._made(post)
                found.append(NativePost(sent.id, sent.url, sent.at, text_of(post)))
        return found

    def delete(self, remote_id: str) -> None:
        try:
            answer = json_object(
                send_once(self.http, self._request("DELETE", f"/2/tweets/{remote_id}"), refused=refused)
            )
        except PostGone:
            return
        if not (answer.get("data") or {}).get("deleted"):
            raise Rejected("X did not delete the post. Delete it there.")

    def _pieces(self, payload: Payload, key: str) -> list[Part]:
        return parts(key, payload["text"], payload.get("thread") or (), payload.get("first_comment"))

    def _finder(self, payload: Payload) -> Any:
        """A look for one part, in a list of our own posts that is read once."""
        read: dict[datetime, list[dict[str, Any]]] = {}
        files = len(payload.get("media") or ())

        def find(part: Part, before: Sequence[Sent], since: datetime) -> Sent | None:
            own = read.get(since)
            if own is None:
                own = read[since] = list(self._own_posts(since - _SKEW))
            above = before[-1].id if before else None
            for post in own:
                if (
                    answers(post) == above
                    and (above or files_of(post) == files)
                    and same_words(part.body, text_of(post))
                ):
                    return self._made(post)
            return None

        return find

    def _own_posts(self, back_to: datetime) -> Iterator[dict[str, Any]]:
        """Our posts made since then, newest first.

        Raises:
            OutcomeUnknown: there are more than one look may read, or X did not show all of them.
        """
        path = f"/2/users/{self.settings.user_id or self._me()['id']}/tweets"
        asked: dict[str, str | int] = {
            "max_results": _PAGE,
            "start_time": back_to.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "exclude": "retweets",
            self.settings.fields_name: "attachments,created_at,entities,note_tweet,referenced_tweets",
        }
        for _ in range(_PAGES):
            answer = self._get(path, asked)
            meta = answer.get("meta")
            if not isinstance(meta, Mapping):
                raise missing(answer, what="our posts")
            for post in answer.get("data") or ():
                made_at = moment(post.get("created_at"))
                if made_at is None or made_at >= back_to:
                    yield post
            if not meta.get("next_token"):
                return
            asked["pagination_token"] = str(meta["next_token"])
        raise OutcomeUnknown("X holds too many newer posts to find this one.")

    def _made(self, post: Any) -> Sent:
        if not isinstance(post, Mapping) or not post.get("id"):
            raise OutcomeUnknown("X took the post and did not say which one it is.")
        number = str(post["id"])
        name = self.settings.username or "i"
        at = moment(post.get("created_at")) or self.clock()
        return Sent(number, f"https://x.com/{name}/status/{number}", at)

    def _me(self) -> dict[str, Any]:
        answer = self._get("/2/users/me", {"user.fields": "public_metrics"})
        me = answer.get("data")
        if not isinstance(me, dict) or not me.get("id") or not me.get("username"):
            raise OutcomeUnknown("X does not say who we are there.")
        return me

    def _get(self, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return json_object(ask(self.http, self._request("GET", path, params=params), refused=refused))

    def _request(self, method: str, path: str, **options: Any) -> httpx.Request:
        if self.settings.base_url != API:
            # A simulator cannot tell a person's token from an application's.
            options["headers"] = {"X-Auth-Method": "oauth2user"}
        return self.signed(method, f"{self.settings.base_url}{path}", **options)
