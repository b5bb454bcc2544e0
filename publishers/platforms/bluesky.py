"""Bluesky posts, and those of other servers of the AT Protocol.

Sources: the lexicons of app.bsky.feed, app.bsky.embed and com.atproto.repo; atproto.com/specs/tid. The rules
of `putRecord` were seen on a PDS 0.5.35.

A post goes to a record key of our own choice under the condition that nothing stands there yet, so a second
call cannot make a second post. What stands there is then ours, from an earlier try, even when that try found
no picture or could not resolve a mention. ``createdAt`` is the time of the call, not the post's own: readers
see posts in its order, and a post may have waited in the queue for days.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from pydantic import AfterValidator, Field

from domain.clock import Clock
from domain.content import (
    Capabilities,
    Card,
    Channel,
    Content,
    Counting,
    DeliveryClass,
    Identity,
    Payload,
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
    UsageError,
)
from domain.media import PictureRules, attachment_from
from domain.metrics import Metric
from publishers.address import server_address
from publishers.atproto import AlreadyThere, NoRecord, record_key
from publishers.atproto_session import Session, SessionCredentials
from publishers.base import (
    BaseCredentials,
    BaseSettings,
    Files,
    Measured,
    Progress,
    Publisher,
    Reaction,
)
from publishers.bluesky_reactions import dated_reactions
from publishers.facets import facets, mention_facet, mentions
from publishers.images import fetch_image
from publishers.oauth import Application
from publishers.text import Limit, clip, contains_link, counter, fit

MAX_GRAPHEMES = 300
MAX_BYTES = 3000
#: Bytes of a card's picture (lexicon app.bsky.embed.external).
MAX_THUMB = 1_000_000
#: Lexicon app.bsky.embed.images; older servers refuse a blob above 1,000,000 bytes, newer ones 2,000,000.
PICTURES = PictureRules(most=4, max_bytes=1_000_000, max_side=4000, max_alt=2000)
#: Graphemes of a card's texts: the lexicon sets no limit, readers see less.
_MAX_TITLE, _MAX_DESCRIPTION = 300, 1000
_IMAGE_DEADLINE = timedelta(seconds=10)
#: How many mentions are resolved in one post, and the time for each.
_MAX_MENTIONS, _RESOLVE_DEADLINE = 5, timedelta(seconds=3)

_POST = "app.bsky.feed.post"
_LIMITS = [Limit(MAX_GRAPHEMES, counter(Counting.GRAPHEMES)), Limit(MAX_BYTES, counter(Counting.BYTES))]
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_METRICS = {
    "likeCount": Metric.REACTIONS,
    "replyCount": Metric.REPLIES,
    "repostCount": Metric.SHARES,
    "quoteCount": Metric.QUOTES,
    "bookmarkCount": Metric.SAVES,
}


class BlueskySettings(BaseSettings):
    """The server where the owner signs in."""

    service: Annotated[str, AfterValidator(server_address)] = Field(
        default="https://bsky.social", title="Server", description="Leave as it is unless you have your own"
    )


class Bluesky(Publisher):
    """A channel on a server of the AT Protocol."""

    platform = "bluesky"
    title = "Bluesky"
    capabilities = Capabilities(
        delivery=DeliveryClass.NATIVE_KEY,
        max_characters=MAX_GRAPHEMES,
        counting=Counting.GRAPHEMES,
        post_metrics=frozenset(_METRICS.values()),
        channel_metrics=frozenset({Metric.FOLLOWERS}),
        pictures=PICTURES,
        shows_pictures=True,
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
        text, card = _text_and_card(content)
        record: dict[str, Any] = {"$type": _POST, "text": text}
        if marked := facets(text, link=content.link):
            record["facets"] = marked
        if card:
            record["embed"] = {"$type": "app.bsky.embed.external", "external": card}
        if content.language and _LANGUAGE.fullmatch(content.language):
            record["langs"] = [content.language]
        image_url = content.card.image_url if card and content.card else None
        payload: Payload = {"record": record, "image_url": image_url, "created_at": created_at.isoformat()}
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        return payload

    def length(self, content: Content) -> int:
        link, card = (content.link or "").strip(), None if content.media else content.card
        in_card = bool(link and card and card.title.strip()) and not contains_link(content.text, link)
        return super().length(Content(content.text) if in_card else content)

    def text_of(self, payload: Payload) -> str:
        return str(payload["record"]["text"])

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        try:
            _text_and_card(content)
        except UsageError as error:
            found.append(str(error))
        return found

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        rkey, now = _record_key(payload, key), self.clock()
        record = {**payload["record"], "createdAt": _timestamp(now)}
        if named := self._owners_mentioned(record["text"]):
            marked = [*record.get("facets", []), *named]
            record["facets"] = sorted(marked, key=lambda one: int(one["index"]["byteStart"]))
        if payload.get("media"):
            record["embed"] = self._pictures(payload["media"], progress)
        thumb = self._thumb(payload["image_url"])
        if thumb:
            # After the slow part this also tells us whether the post is still ours to send.
            progress.save({"rkey": rkey, "thumb": thumb})
        try:
            uri = self._put(rkey, record, thumb)
        except AlreadyThere as error:
            if (earlier := self._found(payload, rkey)) is not None:
                return earlier
            raise Rejected("Another post stands where this one was to go: make a copy of it.") from error
        return RemotePost(id=uri, url=self._url(rkey), published_at=now)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        return self._found(payload, _record_key(payload, key))

    def identify(self) -> Identity:
        session = self._session.ask("com.atproto.server.getSession")
        handle = session["handle"]
        return Identity(f"@{handle}", remote_id=session["did"], url=f"https://bsky.app/profile/{handle}")

    def needs_refresh(self) -> bool:
        return self._session.ends_soon()

    def refresh(self) -> SessionCredentials | None:
        return self._session.renew() if self.needs_refresh() else None

    def metrics(self, remote_id: str) -> list[Measured]:
        views = self._session.ask("app.bsky.feed.getPosts", uris=remote_id).get("posts")
        if not views:
            self._check_still_there(remote_id)
            raise NotSent("Bluesky has not counted this post yet.")
        return [
            Measured(metric, views[0][name], source=name)
            for name, metric in _METRICS.items()
            if isinstance(views[0].get(name), int)
        ]

    def reactions(self, remote_id: str, since: datetime) -> list[Reaction]:
        return dated_reactions(self._session.ask, remote_id, since, owner=self._session.did)

    def channel_metrics(self) -> list[Measured]:
        owner = self._session.ask("app.bsky.actor.getProfile", actor=self._session.did)
        count = owner.get("followersCount")
        return [Measured(Metric.FOLLOWERS, count, source="followersCount")] if isinstance(count, int) else []

    def _put(self, rkey: str, record: dict[str, Any], thumb: dict[str, Any] | None) -> str:
        """Write the record where nothing stands yet; a picture that is refused fails no post."""
        body = {"repo": self._session.did, "collection": _POST, "rkey": rkey, "swapRecord": None}
        try:
            made = self._session.do(
                "com.atproto.repo.putRecord", json={**body, "record": _with(thumb, record)}
            )
        except AlreadyThere:
            raise
        except Rejected:
            if thumb is None:
                raise
            made = self._session.do("com.atproto.repo.putRecord", json={**body, "record": record})
        return str(made.get("uri") or f"at://{self._session.did}/{_POST}/{rkey}")

    def _found(self, payload: Payload, rkey: str) -> RemotePost | None:
        """The post that stands at our key; None when nothing, or something else, does."""
        try:
            found = self._record(self._session.did, _POST, rkey)
        except NoRecord:
            return None
        record = found["value"]
        if record["text"] != payload["record"]["text"]:
            return None
        made_at = datetime.fromisoformat(record["createdAt"]).astimezone(UTC)
        return RemotePost(id=found["uri"], url=self._url(rkey), published_at=made_at)

    def _check_still_there(self, remote_id: str) -> None:
        try:
            self._record(*remote_id.removeprefix("at://").split("/"))
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

    def _pictures(self, media: Sequence[Mapping[str, Any]], progress: Progress) -> dict[str, Any]:
        """The pictures, uploaded, as an embed; a blob that no record names goes away there by itself."""
        shown = []
        for attachment in map(attachment_from, media):
            picture = self.picture(attachment)
            try:
                made = self._session.do(
                    "com.atproto.repo.uploadBlob",
                    content=picture.body,
                    headers={"Content-Type": picture.kind},
                )
            except OutcomeUnknown as error:  # the record, and so the post, was not sent
                raise NotSent(str(error)) from error
            size = {"width": picture.width, "height": picture.height}
            shown.append({"alt": attachment.alt, "image": made["blob"], "aspectRatio": size})
        # After the slow part this also tells us whether the post is still ours to send.
        progress.save({"pictures": [one["image"] for one in shown]})
        return {"$type": "app.bsky.embed.images", "images": shown}

    def _thumb(self, url: str | None) -> dict[str, Any] | None:
        """The card's picture, uploaded; None when there is none to be had."""
        image = fetch_image(self.http, url, max_bytes=MAX_THUMB, deadline=_IMAGE_DEADLINE) if url else None
        if image is None:
            return None
        headers = {"Content-Type": image.kind}
        try:
            made = self._session.do("com.atproto.repo.uploadBlob", content=image.body, headers=headers)
        except (RateLimited, NeedsReconnect):
            raise
        except PublishError:
            return None
        return made.get("blob")

    def _url(self, rkey: str) -> str:
        return f"https://bsky.app/profile/{self._session.credentials.handle}/post/{rkey}"


def _text_and_card(content: Content) -> tuple[str, dict[str, str] | None]:
    """The text within the limits, and the card; the link is in at least one of them."""
    # A post shows either pictures or a card.
    link, card = (content.link or "").strip(), None if content.media else content.card
    if not link:
        return fit(content.text, None, _LIMITS), None
    external = _external(link, card) if card and card.title.strip() else None
    if external and not contains_link(content.text, link):
        return fit(content.text, None, _LIMITS), external
    try:
        return fit(content.text, link, _LIMITS), external
    except UsageError:  # longer than a post may be: a card has room for it
        if content.media:
            raise
        bare = _external(link, Card(title=urlsplit(link).hostname or link))
        return fit(content.text, None, _LIMITS), external or bare


def _external(link: str, card: Card) -> dict[str, str]:
    title, description = clip(card.title, _MAX_TITLE), clip(card.description, _MAX_DESCRIPTION)
    return {"uri": link, "title": title, "description": description}


def _with(thumb: dict[str, Any] | None, record: dict[str, Any]) -> dict[str, Any]:
    if thumb is None:
        return record
    embed = record["embed"]
    return {**record, "embed": {**embed, "external": {**embed["external"], "thumb": thumb}}}


def _record_key(payload: Payload, key: str) -> str:
    return record_key(datetime.fromisoformat(payload["created_at"]), key)


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
