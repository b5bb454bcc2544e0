"""Bluesky posts, and those of other servers of the AT Protocol.

Sources: the lexicons of app.bsky.feed, app.bsky.embed and com.atproto.repo; atproto.com/specs/tid. The rules
of `putRecord` were seen on a PDS 0.5.35.

A post goes to a record key of our own choice under the condition that nothing stands there yet, so a second
call cannot make a second post. What stands there is then ours, from an earlier try, even when that try found
no picture or could not resolve a mention. ``createdAt`` is the time of the call, not the post's own: readers
see posts in its order, and a post may have waited in the queue for days.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator, Field

from domain.clock import Clock
from domain.content import (
    Capabilities,
    Channel,
    Content,
    Counting,
    DeliveryClass,
    Identity,
    NativePost,
    Payload,
    Proof,
    RemotePost,
)
from domain.errors import (
    NeedsReconnect,
    NotSent,
    OutcomeUnknown,
    PostGone,
    PublishError,
    RateLimited,
    Rejected,
)
from domain.media import Attachment, PictureRules, VideoRules, attachment_from
from domain.metrics import Metric
from publishers.address import server_address
from publishers.atproto import AlreadyThere, NoRecord
from publishers.atproto_session import Session, SessionCredentials
from publishers.base import (
    BaseCredentials,
    BaseSettings,
    Files,
    Measured,
    Mentions,
    Progress,
    Publisher,
    Reaction,
    TextThere,
)
from publishers.bluesky_natives import native_posts
from publishers.bluesky_reactions import dated_reactions, replies_of_others
from publishers.bluesky_records import (
    LIMITS,
    MAX_GRAPHEMES,
    POST,
    key_of,
    record_of,
    reply_to,
    text_and_card,
    timestamp,
    with_thumb,
)
from publishers.facets import mention_facet, mentions
from publishers.images import fetch_thumbnail
from publishers.mentions import on_bluesky
from publishers.metric_map import Mapped, measured, supplied
from publishers.oauth import Application
from publishers.parts import Part, Sent, find_parts, parts, remembered, send_parts
from publishers.text import contains_link, fit
from publishers.uploads import Body, upload_deadline

#: Bytes of a card's picture (lexicon app.bsky.embed.external).
THUMB = PictureRules(most=1, max_bytes=1_000_000, max_side=2000)
#: Lexicon app.bsky.embed.images; older servers refuse a blob above 1,000,000 bytes, newer ones 2,000,000.
PICTURES = PictureRules(most=4, max_bytes=1_000_000, max_side=4000, max_alt=2000)
#: Lexicon app.bsky.embed.video: 100 MB until 2025, 300 MB on servers of 2026; three minutes is what
#: video.bsky.app takes (as documented 2025-03, not confirmed since).
VIDEOS = VideoRules(most=1, max_bytes=100_000_000, max_seconds=180, max_alt=1000)
#: A bound of ours: the protocol has none.
MAX_THREAD = 25
#: An uploaded video that no record names is thrown away by the server; so long it may be used again.
_KEPT_THERE = timedelta(hours=1)
_IMAGE_DEADLINE = timedelta(seconds=10)
#: How many mentions are resolved in one post, and the time for each.
_MAX_MENTIONS, _RESOLVE_DEADLINE = 5, timedelta(seconds=3)

_METRICS = (
    Mapped("likeCount", Metric.REACTIONS),
    Mapped("replyCount", Metric.REPLIES),
    Mapped("thread.replies", Metric.REPLIES_OTHERS, note="counted in the thread, without our own"),
    Mapped("repostCount", Metric.SHARES),
    Mapped("quoteCount", Metric.QUOTES),
    Mapped("bookmarkCount", Metric.SAVES, note="servers of 2025-09 and later", word="saved posts"),
)
_OF_CHANNEL = (
    Mapped("followersCount", Metric.FOLLOWERS),
    Mapped("postsCount", Metric.CHANNEL_POSTS, note="replies included"),
)


class BlueskySettings(BaseSettings):
    """The server where the owner signs in."""

    service: Annotated[str, AfterValidator(server_address)] = Field(
        default="https://bsky.social", title="Server", description="Leave as it is unless you have your own"
    )


class Bluesky(Publisher):
    """A channel on a server of the AT Protocol."""

    platform = "bluesky"
    title = "Bluesky"
    reads_at_once = 25
    post_map, channel_map = _METRICS, _OF_CHANNEL
    capabilities = Capabilities(
        delivery=DeliveryClass.NATIVE_KEY,
        max_characters=MAX_GRAPHEMES,
        counting=Counting.GRAPHEMES,
        post_metrics=supplied(_METRICS),
        channel_metrics=supplied(_OF_CHANNEL),
        can_delete=True,
        can_edit=True,
        pictures=PICTURES,
        shows_pictures=True,
        videos=VIDEOS,
        max_thread=MAX_THREAD,
        first_comment=True,
        proof=Proof.REAL_SERVER,
    )
    Credentials = SessionCredentials
    Settings = BlueskySettings
    settings: BlueskySettings

    def __init__(
        self,
        channel: Channel,
        http: httpx.Client,
        *,
        credentials: BaseCredentials,
        clock: Clock,
        files: Files | None = None,
        application: Application | None = None,
    ) -> None:
        super().__init__(
            channel, http, credentials=credentials, clock=clock, files=files, application=application
        )
        opened = SessionCredentials.model_validate(credentials)
        self._session = Session(http, self.settings.service, credentials=opened, clock=clock)

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        text, card = text_and_card(content)
        record = record_of(text, content, link=content.link)
        if card:
            record["embed"] = {"$type": "app.bsky.embed.external", "external": card}
        image_url = content.card.image_url if card and content.card else None
        payload: Payload = {"record": record, "image_url": image_url, "created_at": created_at.isoformat()}
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        if content.thread:
            payload["thread"] = [record_of(fit(part, None, LIMITS), content) for part in content.thread]
        if content.first_comment and content.first_comment.strip():
            payload["first_comment"] = record_of(fit(content.first_comment, None, LIMITS), content)
        return payload

    def length(self, content: Content) -> int:
        link, card = (content.link or "").strip(), None if content.media else content.card
        in_card = bool(link and card and card.title.strip()) and not contains_link(content.text, link)
        return super().length(Content(content.text) if in_card else content)

    def text_of(self, payload: Payload) -> str:
        return str(payload["record"]["text"])

    def texts_of(self, payload: Payload) -> list[str]:
        return [str(one["text"]) for one in (payload["record"], *(payload.get("thread") or ()))]

    def check_fit(self, content: Content) -> None:
        text_and_card(content)

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        extras: dict[str, Any] = {}
        if not (progress.handle or {}).get("parts"):
            extras = self._embedded(payload, progress)

        def send(part: Part, before: Sequence[Sent]) -> Sent:
            return self._send(part, before, payload, key, extras)

        pieces = _parts(payload, key)
        return send_parts(pieces, send, progress=progress, now=self.clock(), same_key=True)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        def find(part: Part, *_: object) -> Sent | None:
            return self._found(part.body["text"], key_of(payload, key, part.index))

        return find_parts(_parts(payload, key), handle=handle, since=since, find=find, same_key=True)

    def _send(
        self, part: Part, before: Sequence[Sent], payload: Payload, key: str, extras: Mapping[str, Any]
    ) -> Sent:
        rkey = key_of(payload, key, part.index)
        now = self.clock() + timedelta(milliseconds=part.index)
        record = {**part.body, "createdAt": timestamp(now), **reply_to(part, before)}
        if named := self._owners_mentioned(record["text"]):
            marked = [*record.get("facets", []), *named]
            record["facets"] = sorted(marked, key=lambda one: int(one["index"]["byteStart"]))
        thumb = None
        if part.index == 0:
            record, thumb = {**record, **extras.get("record", {})}, extras.get("thumb")
        try:
            made = self._put(rkey, record, thumb)
        except AlreadyThere as error:
            if (earlier := self._found(part.body["text"], rkey)) is not None:
                return earlier
            raise Rejected("Another post stands where this one was to go: make a copy of it.") from error
        uri = str(made.get("uri") or f"at://{self._session.did}/{POST}/{rkey}")
        return Sent(uri, self._url(rkey), now, mark=str(made.get("cid") or ""))

    def _embedded(self, payload: Payload, progress: Progress) -> dict[str, Any]:
        """What was uploaded for the first part: its pictures or video, or its card's picture."""
        media = [attachment_from(one) for one in payload.get("media") or ()]
        if media:
            embed = self._film(media[0], progress) if media[0].is_video else self._pictures(media, progress)
            return {"record": {"embed": embed}}
        thumb = self._thumb(payload["image_url"])
        if thumb:
            # After the slow part this also tells us whether the post is still ours to send.
            remembered(progress, thumb=thumb)
        return {"thumb": thumb}

    def edit(self, remote_id: str, payload: Payload) -> None:
        there = self._there(remote_id)
        record = {**there["value"], "text": payload["record"]["text"]}
        marked = [*payload["record"].get("facets", []), *self._owners_mentioned(record["text"])]
        record["facets"] = sorted(marked, key=lambda one: int(one["index"]["byteStart"]))
        _, collection, rkey = remote_id.removeprefix("at://").split("/")
        body = {"repo": self._session.did, "collection": collection, "rkey": rkey, "record": record}
        self._session.do("com.atproto.repo.putRecord", json={**body, "swapRecord": there["cid"]})

    def delete(self, remote_id: str) -> None:
        _, collection, rkey = remote_id.removeprefix("at://").split("/")
        body = {"repo": self._session.did, "collection": collection, "rkey": rkey}
        self._session.do("com.atproto.repo.deleteRecord", json=body)

    def identify(self) -> Identity:
        session = self._session.ask("com.atproto.server.getSession")
        handle = session["handle"]
        return Identity(f"@{handle}", remote_id=session["did"], url=f"https://bsky.app/profile/{handle}")

    def needs_refresh(self) -> bool:
        return self._session.ends_soon()

    def refresh(self) -> SessionCredentials | None:
        return self._session.renew() if self.needs_refresh() else None

    def metrics(self, remote_id: str) -> list[Measured]:
        found = self.metrics_of([remote_id])[remote_id]
        if isinstance(found, PublishError):
            raise found
        return found

    def metrics_of(self, remote_ids: Sequence[str]) -> Mapping[str, list[Measured] | PublishError]:
        told = self._session.ask("app.bsky.feed.getPosts", uris=list(remote_ids)).get("posts") or []
        views = {str(one.get("uri")): one for one in told if isinstance(one, dict)}
        if len(remote_ids) == 1:  # what is told of one post is its own
            views = dict(zip(remote_ids, told, strict=False))
        return {one: self._numbers(one, views.get(one)) for one in remote_ids}

    def _numbers(self, remote_id: str, view: Mapping[str, Any] | None) -> list[Measured] | PublishError:
        if view is None:
            try:
                self._there(remote_id)
            except PublishError as error:
                return error
            return NotSent("Bluesky has not counted this post yet.")
        found = measured(_METRICS, view, on=self.clock().date())
        others = self._replies_of_others(remote_id, view)
        return found if others is None else [*found, others]

    def _replies_of_others(self, remote_id: str, view: Mapping[str, Any]) -> Measured | None:
        """Replies without the channel's own; None: the server did not show them."""
        count = 0
        if view.get("replyCount"):
            try:
                count = replies_of_others(self._session.ask, remote_id, owner=self._session.did)
            except (Rejected, NotSent, OutcomeUnknown):
                return None
        return Measured(Metric.REPLIES_OTHERS, count, source="thread.replies")

    def reactions(self, remote_id: str, since: datetime) -> list[Reaction]:
        return dated_reactions(self._session.ask, remote_id, since, owner=self._session.did)

    def mentions(self, since: datetime) -> Mentions:
        return on_bluesky(self._session.ask, self._session.did, since)

    def native_posts(self, since: datetime) -> list[NativePost]:
        return native_posts(self._session.ask, self._session.did, since, url=self._url)

    def text_there(self, remote_id: str, payload: Payload) -> TextThere:
        sent, there = str(payload["record"]["text"]), str(self._there(remote_id)["value"]["text"])
        return TextThere(sent, there, changed=sent != there)

    def channel_metrics(self) -> list[Measured]:
        owner = self._session.ask("app.bsky.actor.getProfile", actor=self._session.did)
        return measured(_OF_CHANNEL, owner, on=self.clock().date())

    def _put(self, rkey: str, record: dict[str, Any], thumb: dict[str, Any] | None) -> dict[str, Any]:
        """Write the record where nothing stands yet; a picture that is refused fails no post."""
        body = {"repo": self._session.did, "collection": POST, "rkey": rkey, "swapRecord": None}
        try:
            return self._session.do(
                "com.atproto.repo.putRecord", json={**body, "record": with_thumb(thumb, record)}
            )
        except AlreadyThere:
            raise
        except Rejected:
            if thumb is None:
                raise
            return self._session.do("com.atproto.repo.putRecord", json={**body, "record": record})

    def _found(self, text: str, rkey: str) -> Sent | None:
        """The post that stands at our key; None when nothing, or something else, does."""
        try:
            found = self._record(self._session.did, POST, rkey)
        except NoRecord:
            return None
        record = found["value"]
        if record["text"] != text:
            return None
        made_at = datetime.fromisoformat(record["createdAt"]).astimezone(UTC)
        return Sent(found["uri"], self._url(rkey), made_at, mark=str(found.get("cid") or ""))

    def _there(self, remote_id: str) -> dict[str, Any]:
        """The record of a published post, with the hash of its present state."""
        try:
            return self._record(*remote_id.removeprefix("at://").split("/"))
        except NoRecord as error:
            raise PostGone("The post is no longer on Bluesky.") from error

    def _record(self, repo: str, collection: str, rkey: str) -> dict[str, Any]:
        return self._session.ask("com.atproto.repo.getRecord", repo=repo, collection=collection, rkey=rkey)

    def _owners_mentioned(self, text: str) -> list[dict[str, Any]]:
        """Facets of the mentions whose owner the server knows; the others stay plain text."""
        found = []
        for mention in mentions(text)[:_MAX_MENTIONS]:
            try:
                owner = self._session.ask(
                    "com.atproto.identity.resolveHandle", deadline=_RESOLVE_DEADLINE, handle=mention.handle
                )
            except (RateLimited, NeedsReconnect):
                raise
            except PublishError:
                continue
            found.append(mention_facet(mention, str(owner["did"])))
        return found

    def _pictures(self, media: Sequence[Attachment], progress: Progress) -> dict[str, Any]:
        """The pictures, uploaded, as an embed; a blob that no record names goes away there by itself."""
        shown = []
        for attachment in media:
            picture = self.picture(attachment)
            blob = self._blob(picture.body, picture.kind, len(picture.body))
            size = {"width": picture.width, "height": picture.height}
            shown.append({"alt": attachment.alt, "image": blob, "aspectRatio": size})
        # After the slow part this also tells us whether the post is still ours to send.
        remembered(progress, pictures=[one["image"] for one in shown])
        return {"$type": "app.bsky.embed.images", "images": shown}

    def _film(self, attachment: Attachment, progress: Progress) -> dict[str, Any]:
        """The video, uploaded, as an embed; one that an earlier try has uploaded just now serves again."""
        known, now = (progress.handle or {}).get("video"), self.clock()
        if known and now - datetime.fromisoformat(known["at"]) < _KEPT_THERE:
            blob = known["blob"]
        else:
            blob = self._blob(Body(self.files, attachment), attachment.media_type, attachment.size)
            remembered(progress, video={"blob": blob, "at": now.isoformat()})
        embed = {"$type": "app.bsky.embed.video", "video": blob, "alt": attachment.alt}
        if attachment.width and attachment.height:
            embed["aspectRatio"] = {"width": attachment.width, "height": attachment.height}
        return embed

    def _blob(self, content: bytes | Body, kind: str, size: int) -> dict[str, Any]:
        headers = {"Content-Type": kind, "Content-Length": str(size)}
        try:
            made = self._session.do(
                "com.atproto.repo.uploadBlob",
                deadline=upload_deadline(size),
                content=content,
                headers=headers,
            )
        except OutcomeUnknown as error:  # the record, and so the post, was not sent
            raise NotSent(str(error)) from error
        blob: dict[str, Any] = made["blob"]
        return blob

    def _thumb(self, url: str | None) -> dict[str, Any] | None:
        """The card's picture, uploaded; None when there is none to be had."""
        image = fetch_thumbnail(self.http, url, THUMB, deadline=_IMAGE_DEADLINE) if url else None
        if image is None:
            return None
        try:
            return self._blob(image.body, image.kind, len(image.body))
        except (RateLimited, NeedsReconnect):
            raise
        except PublishError:
            return None

    def _url(self, rkey: str) -> str:
        return f"https://bsky.app/profile/{self._session.credentials.handle}/post/{rkey}"


def _parts(payload: Payload, key: str) -> list[Part]:
    return parts(key, payload["record"], payload.get("thread") or (), payload.get("first_comment"))
