"""Mastodon statuses, and those of the servers that speak its API.

Sources: docs.joinmastodon.org (methods/statuses, methods/media, methods/accounts, methods/instance).
GoToSocial was seen to ignore the Idempotency-Key, and Mastodon keeps it for an hour: a lost answer is
settled by reading our own statuses.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import Field, SecretStr

from domain.content import (
    Capabilities,
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
    Rejected,
)
from domain.media import Attachment, attachment_from
from domain.metrics import Metric
from publishers.address import opened_by_browsers
from publishers.base import BaseCredentials, Measured, Mentions, Progress, Publisher, Reaction, TextThere
from publishers.http import (
    SECRETS,
    UPLOAD_DEADLINE,
    ask,
    harmless,
    json_object,
    json_objects,
    refusal,
    said_by,
    send_once,
)
from publishers.mastodon_limits import (
    MAX_CHARACTERS,
    MAX_THREAD,
    PICTURES,
    POLLS,
    VIDEOS,
    MastodonSettings,
    learned,
    narrowed,
)
from publishers.mastodon_reactions import dated_reactions
from publishers.mastodon_text import CHARACTERS_PER_URL, length, words_and_link
from publishers.mentions import on_mastodon
from publishers.metric_map import Mapped, measured, supplied
from publishers.parts import Part, Sent, find_parts, parts, remembered, send_parts
from publishers.statuses import same_text
from publishers.text import Limit, fit
from publishers.uploads import opened, upload_deadline

#: How far our clock and the server's may be apart.
_SKEW = timedelta(minutes=5)
#: A picture that the server works on is asked for so often, so many seconds apart.
_READY_LOOKS = 15
_READY_EVERY = 1.0
_PAGE = 40
#: Pages read at most in one look, forty statuses each.
_PAGES = 10

_METRICS = (
    Mapped("favourites_count", Metric.REACTIONS),
    Mapped("replies_count", Metric.REPLIES),
    Mapped(
        "descendants", Metric.REPLIES_OTHERS, note="counted in the thread below the post, without our own"
    ),
    Mapped("reblogs_count", Metric.SHARES),
    Mapped("quotes_count", Metric.QUOTES, note="Mastodon 4.5 and later; absent on older servers"),
)
_OF_CHANNEL = (
    Mapped("followers_count", Metric.FOLLOWERS),
    Mapped("statuses_count", Metric.CHANNEL_POSTS, word="posts"),
)


class MastodonCredentials(BaseCredentials):
    """An access token with the scopes ``read`` and ``write:statuses``."""

    access_token: SecretStr = Field(
        min_length=1,
        title="Access token",
        description="From the server's settings, Development, New application, with read and write:statuses",
    )


class Mastodon(Publisher):
    """A channel on a server that speaks the Mastodon API."""

    platform = "mastodon"
    title = "Mastodon"
    post_map, channel_map = _METRICS, _OF_CHANNEL
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        max_characters=MAX_CHARACTERS,
        counting=Counting.GRAPHEMES,
        post_metrics=supplied(_METRICS),
        channel_metrics=supplied(_OF_CHANNEL),
        can_delete=True,
        can_edit=True,
        pictures=PICTURES,
        videos=VIDEOS,
        max_thread=MAX_THREAD,
        polls=POLLS,
        first_comment=True,
        proof=Proof.STAND_IN,
    )
    Credentials = MastodonCredentials
    Settings = MastodonSettings
    credentials: MastodonCredentials
    settings: MastodonSettings

    def limits(self) -> Capabilities:
        return narrowed(self.capabilities, self.settings)

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload: Payload = {"status": fit(content.text, content.link, [self._limit()])}
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        if content.language:
            payload["language"] = content.language.split("-")[0].lower()
        if self.settings.visibility:
            payload["visibility"] = self.settings.visibility
        if content.poll:
            payload["poll"] = {
                "options": [one.strip() for one in content.poll.options],
                "expires_in": content.poll.minutes * 60,
                "multiple": content.poll.multiple,
            }
        if content.thread:
            payload["thread"] = [fit(part, None, [self._limit()]) for part in content.thread]
        if content.first_comment and content.first_comment.strip():
            payload["first_comment"] = fit(content.first_comment, None, [self._limit()])
        return payload

    def length(self, content: Content) -> int:
        return self._limit().count(fit(content.text, content.link, []))

    def text_of(self, payload: Payload) -> str:
        return str(payload["status"])

    def check_fit(self, content: Content) -> None:
        fit("", content.link, [self._limit()])

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        media_ids = list((progress.handle or {}).get("media_ids", ()))
        if payload.get("media") and not (progress.handle or {}).get("parts"):
            media_ids = self._uploaded(payload["media"], progress)

        def send(part: Part, before: Sequence[Sent]) -> Sent:
            status = {name: value for name, value in part.body.items() if name != "media"}
            if part.body.get("media"):
                status["media_ids"] = media_ids
            if before:
                status["in_reply_to_id"] = _parent(part, before)
            request = self._request("POST", "/api/v1/statuses", json=status)
            request.headers["Idempotency-Key"] = part.key
            return _sent(json_object(send_once(self.http, request, refused=_refused)))

        pieces = _parts(payload, key)
        return send_parts(pieces, send, progress=progress, now=self.clock(), find=self._find)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        return find_parts(_parts(payload, key), handle=handle, since=since, find=self._find)

    def _find(self, part: Part, before: Sequence[Sent], since: datetime) -> Sent | None:
        """The status that a part became; a server may have rewritten its text."""
        parent = _parent(part, before) if before else None
        for status in self._own_statuses(since - _SKEW):
            shown = len(status.get("media_attachments") or ())
            if (
                shown == len(part.body.get("media") or ())
                and bool(status.get("poll")) == bool(part.body.get("poll"))
                and (parent is None or str(status.get("in_reply_to_id")) == parent)
                and same_text(part.body["status"], str(status.get("content", "")))
            ):
                return _sent(status)
        return None

    def edit(self, remote_id: str, payload: Payload) -> None:
        there = self._status(remote_id)
        # What a request leaves out, the server takes away: pictures and poll stay only when they are named.
        status: dict[str, Any] = {"status": payload["status"]}
        if attached := there.get("media_attachments"):
            status["media_ids"] = [str(one["id"]) for one in attached]
        if there.get("poll") and payload.get("poll"):
            status["poll"] = payload["poll"]
        for name in ("language", "spoiler_text", "sensitive"):
            if there.get(name) is not None:
                status[name] = there[name]
        request = self._request("PUT", f"/api/v1/statuses/{remote_id}", json=status)
        send_once(self.http, request, refused=_refused)

    def delete(self, remote_id: str) -> None:
        with suppress(_Absent):
            request = self._request("DELETE", f"/api/v1/statuses/{remote_id}")
            send_once(self.http, request, refused=_refused)

    def _uploaded(self, media: Sequence[Mapping[str, Any]], progress: Progress) -> list[str]:
        """The server's ids of the pictures; those of an earlier try are used again.

        A picture that was uploaded and never used goes away there by itself.
        """
        done = self._still_there((progress.handle or {}).get("media_ids", ()))
        working = list(done)
        for one in media[len(done) :]:
            answer = self._upload(attachment_from(one))
            done.append(str(json_object(answer)["id"]))
            if answer.status_code != 200:
                working.append(done[-1])
            remembered(progress, media_ids=done)
        for media_id in working:
            self._wait_until_ready(media_id)
        return done

    def _still_there(self, media_ids: Sequence[str]) -> list[str]:
        """What an earlier try has uploaded, unless the server has thrown it away meanwhile."""
        try:
            for media_id in media_ids:
                self._ask(f"/api/v1/media/{media_id}")
        except _Absent:
            return []
        return list(media_ids)

    def _upload(self, attachment: Attachment) -> httpx.Response:
        file: tuple[str, Any, str]
        if attachment.is_video:
            file = "video", opened(self.files, attachment), attachment.media_type
        else:
            picture = self.picture(attachment)
            file = f"picture.{picture.kind.removeprefix('image/')}", picture.body, picture.kind
        described = {"description": attachment.alt} if attachment.alt else {}
        request = self._request("POST", "/api/v2/media", files={"file": file}, data=described)
        deadline = upload_deadline(attachment.size) if attachment.is_video else UPLOAD_DEADLINE
        return harmless(self.http, request, refused=_refused, deadline=deadline)

    def _wait_until_ready(self, media_id: str) -> None:
        """Servers that work on a picture or video refuse a status with it until they are done."""
        for _ in range(_READY_LOOKS):
            if self._ask(f"/api/v1/media/{media_id}").status_code == 200:
                return
            time.sleep(_READY_EVERY)
        raise NotSent(f"{self.settings.server} is still working on a picture or video.")

    def identify(self) -> Identity:
        account = self._me()
        host = httpx.URL(self.settings.server).host
        return Identity(
            name=f"@{account['acct']}@{host}",
            remote_id=str(account["id"]),
            url=opened_by_browsers(account.get("url")),
        )

    def enrich(self) -> MastodonSettings | None:
        try:
            about = self._get("/api/v2/instance")
        except Rejected:
            about = self._get("/api/v1/instance")
        fresh = self.settings.model_copy(update=learned(about))
        return fresh if fresh != self.settings else None

    def metrics(self, remote_id: str) -> list[Measured]:
        status = self._status(remote_id)
        found = measured(_METRICS, status, on=self.clock().date())
        others = self._replies_of_others(status)
        return found if others is None else [*found, others]

    def _replies_of_others(self, status: Mapping[str, Any]) -> Measured | None:
        """Replies without the channel's own; None: the server did not show them."""
        count = 0
        if status.get("replies_count"):
            try:
                below = self._get(f"/api/v1/statuses/{status['id']}/context").get("descendants")
            except (Rejected, NotSent, OutcomeUnknown):
                return None
            owner = (status.get("account") or {}).get("id")
            if owner is None or not isinstance(below, list):
                return None
            replies = [one for one in below if one.get("in_reply_to_id") == status["id"]]
            count = sum((one.get("account") or {}).get("id") != owner for one in replies)
        return Measured(Metric.REPLIES_OTHERS, count, source="descendants")

    def reactions(self, remote_id: str, since: datetime) -> list[Reaction]:
        def ask_page(options: dict[str, Any]) -> list[dict[str, Any]]:
            return json_objects(self._ask("/api/v1/notifications", params=options))

        return dated_reactions(ask_page, remote_id, since)

    def mentions(self, since: datetime) -> Mentions:
        def ask_page(options: dict[str, Any]) -> list[dict[str, Any]]:
            return json_objects(self._ask("/api/v1/notifications", params=options))

        return on_mastodon(ask_page, str(self._me()["id"]), since)

    def native_posts(self, since: datetime) -> list[NativePost]:
        found = []
        for status in self._own_statuses(since):
            if status.get("in_reply_to_id") is None and status.get("reblog") is None:
                sent = _sent(status)
                text, link = words_and_link(str(status.get("content") or ""))
                found.append(NativePost(sent.id, sent.url, sent.at, text, link))
        return found

    def text_there(self, remote_id: str, payload: Payload) -> TextThere:
        sent, shown = str(payload["status"]), str(self._status(remote_id).get("content", ""))
        return TextThere(sent, words_and_link(shown)[0], changed=not same_text(sent, shown))

    def channel_metrics(self) -> list[Measured]:
        return measured(_OF_CHANNEL, self._me(), on=self.clock().date())

    def _status(self, remote_id: str) -> dict[str, Any]:
        try:
            return self._get(f"/api/v1/statuses/{remote_id}")
        except _Absent as error:
            raise PostGone(f"{self.settings.server} no longer has this status.") from error

    def _limit(self) -> Limit:
        per_url = self.settings.characters_per_url or CHARACTERS_PER_URL
        return Limit(
            self.settings.max_characters or MAX_CHARACTERS, lambda text: length(text, per_url=per_url)
        )

    def _own_statuses(self, back_to: datetime) -> Iterator[dict[str, Any]]:
        """Our statuses made since then, newest first.

        Raises:
            OutcomeUnknown: there are more than one look may read.
        """
        path = f"/api/v1/accounts/{self._me()['id']}/statuses"
        options: dict[str, str | int] = {"limit": _PAGE, "exclude_reblogs": "true"}
        for _ in range(_PAGES):
            page = json_objects(self._ask(path, params=options))
            for status in page:
                if _made_at(status) < back_to:
                    return
                yield status
            if not page:
                return
            options["max_id"] = str(page[-1]["id"])
        raise OutcomeUnknown(f"{self.settings.server} holds too many newer statuses to find this one.")

    def _me(self) -> dict[str, Any]:
        account = self._get("/api/v1/accounts/verify_credentials")
        if "id" not in account or "acct" not in account:
            raise OutcomeUnknown(f"{self.settings.server} does not answer as a Mastodon server does.")
        return account

    def _get(self, path: str) -> dict[str, Any]:
        return json_object(self._ask(path))

    def _ask(self, path: str, **options: Any) -> httpx.Response:
        return ask(self.http, self._request("GET", path, **options), refused=_refused)

    def _request(self, method: str, path: str, **options: Any) -> httpx.Request:
        token = self.credentials.access_token.get_secret_value()
        return self.http.build_request(
            method,
            f"{self.settings.server}{path}",
            headers={"Authorization": f"Bearer {token}"},
            extensions={SECRETS: self.credentials.secrets()},
            **options,
        )


class _Absent(Rejected):
    """404: the server has nothing there, or no longer."""


def _refused(response: httpx.Response) -> PublishError:
    host = response.request.url.host
    match response.status_code:
        case 403:
            return NeedsReconnect(
                f"{host} forbids this channel to act (403{said_by(response)}). "
                "Connect it again with a token that has the scopes read and write:statuses."
            )
        case 404 if response.request.method != "POST":
            return _Absent(f"{host} has nothing there (404). Is it a Mastodon server?")
    return refusal(response)


def _parts(payload: Payload, key: str) -> list[Part]:
    """What is sent one after the other: the status, the rest of its thread, its first comment."""
    first = {name: value for name, value in payload.items() if name not in ("thread", "first_comment")}
    same = {name: payload[name] for name in ("language", "visibility") if name in payload}
    thread = [{"status": text, **same} for text in payload.get("thread") or ()]
    comment = payload.get("first_comment")
    return parts(key, first, thread, {"status": comment, **same} if comment else None)


def _parent(part: Part, before: Sequence[Sent]) -> str:
    """What a part stands below: the part before it, and a comment below the post itself."""
    return before[0].id if part.optional else before[-1].id


def _sent(status: dict[str, Any]) -> Sent:
    if "id" not in status:
        raise OutcomeUnknown("The server took the status and did not say which one it is.")
    return Sent(str(status["id"]), opened_by_browsers(status.get("url")), _made_at(status))


def _made_at(status: dict[str, Any]) -> datetime:
    try:
        made_at = datetime.fromisoformat(status["created_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown("The server gave a status without a time that can be read.") from error
    return made_at.replace(tzinfo=made_at.tzinfo or UTC).astimezone(UTC)
