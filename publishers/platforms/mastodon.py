"""Mastodon statuses, and those of the servers that speak its API.

Sources: docs.joinmastodon.org (methods/statuses, methods/media, methods/accounts, methods/instance).
GoToSocial was seen to ignore the Idempotency-Key, and Mastodon keeps it for an hour: a lost answer is
settled by reading our own statuses.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import httpx
from pydantic import AfterValidator, Field, SecretStr

from domain.content import Capabilities, Content, Counting, DeliveryClass, Identity, Payload, RemotePost
from domain.errors import (
    NeedsReconnect,
    NotSent,
    OutcomeUnknown,
    PostGone,
    PublishError,
    Rejected,
    UsageError,
)
from domain.media import PictureRules, attachment_from
from domain.metrics import Metric
from publishers.address import opened_by_browsers, server_address
from publishers.base import BaseCredentials, BaseSettings, Measured, Progress, Publisher, Reaction
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
from publishers.mastodon_reactions import dated_reactions
from publishers.mastodon_text import CHARACTERS_PER_URL, length
from publishers.statuses import same_text
from publishers.text import Limit, fit

#: What Mastodon itself allows, unless its owner changed it.
MAX_CHARACTERS = 500

#: What Mastodon itself takes of pictures, unless its owner changed it.
PICTURES = PictureRules(most=4, max_bytes=16 * 10**6, max_side=5760, max_alt=1500)

#: How far our clock and the server's may be apart.
_SKEW = timedelta(minutes=5)
#: A picture that the server works on is asked for so often, so many seconds apart.
_READY_LOOKS = 15
_READY_EVERY = 1.0
_PAGE = 40
#: Pages read at most in one look, forty statuses each.
_PAGES = 10

_METRICS = {
    "favourites_count": Metric.REACTIONS,
    "replies_count": Metric.REPLIES,
    "reblogs_count": Metric.SHARES,
    "quotes_count": Metric.QUOTES,
}


class MastodonSettings(BaseSettings):
    """The server, and what it said of its limits."""

    server: Annotated[str, AfterValidator(server_address)] = Field(
        title="Server", description="Its address, such as https://mastodon.example"
    )
    visibility: Literal["public", "unlisted", "private"] | None = Field(
        default=None, title="Visibility", description="Empty: as the server's own settings say"
    )
    #: Learned by `Mastodon.enrich`, asked of nobody.
    max_characters: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})
    characters_per_url: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})
    max_pictures: int | None = Field(default=None, ge=0, json_schema_extra={"learned": True})
    picture_bytes: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})
    max_alt: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})


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
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        max_characters=MAX_CHARACTERS,
        counting=Counting.GRAPHEMES,
        post_metrics=frozenset(_METRICS.values()),
        channel_metrics=frozenset({Metric.FOLLOWERS}),
        pictures=PICTURES,
    )
    Credentials = MastodonCredentials
    Settings = MastodonSettings
    credentials: MastodonCredentials
    settings: MastodonSettings

    def limits(self) -> Capabilities:
        known = self.settings
        pictures = replace(
            PICTURES,
            most=PICTURES.most if known.max_pictures is None else known.max_pictures,
            max_bytes=known.picture_bytes or PICTURES.max_bytes,
            max_alt=known.max_alt or PICTURES.max_alt,
        )
        return replace(
            self.capabilities,
            max_characters=known.max_characters or MAX_CHARACTERS,
            pictures=pictures if pictures.most else None,
        )

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload: Payload = {"status": fit(content.text, content.link, [self._limit()])}
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        if content.language:
            payload["language"] = content.language.split("-")[0].lower()
        if self.settings.visibility:
            payload["visibility"] = self.settings.visibility
        return payload

    def length(self, content: Content) -> int:
        return self._limit().count(fit(content.text, content.link, []))

    def text_of(self, payload: Payload) -> str:
        return str(payload["status"])

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        try:
            fit("", content.link, [self._limit()])
        except UsageError as error:
            found.append(str(error))
        return found

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        status = {name: value for name, value in payload.items() if name != "media"}
        if payload.get("media"):
            status["media_ids"] = self._uploaded(payload["media"], progress)
        request = self._request("POST", "/api/v1/statuses", json=status)
        request.headers["Idempotency-Key"] = key
        return _remote_post(json_object(send_once(self.http, request, refused=_refused)))

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        for status in self._own_statuses(since - _SKEW):
            shown = len(status.get("media_attachments") or ())
            if shown == len(payload.get("media") or ()) and same_text(
                payload["status"], str(status.get("content", ""))
            ):
                return _remote_post(status)
        return None

    def _uploaded(self, media: Sequence[Mapping[str, Any]], progress: Progress) -> list[str]:
        """The server's ids of the pictures; those of an earlier try are used again.

        A picture that was uploaded and never used goes away there by itself.
        """
        done: list[str] = list((progress.handle or {}).get("media_ids", ()))
        for one in media[len(done) :]:
            attachment = attachment_from(one)
            picture = self.picture(attachment)
            suffix = picture.kind.removeprefix("image/")
            request = self._request(
                "POST",
                "/api/v2/media",
                files={"file": (f"picture.{suffix}", picture.body, picture.kind)},
                data={"description": attachment.alt} if attachment.alt else {},
            )
            answer = harmless(self.http, request, refused=_refused, deadline=UPLOAD_DEADLINE)
            made = json_object(answer)
            self._wait_until_ready(str(made["id"]), ready=answer.status_code == 200)
            done.append(str(made["id"]))
            progress.save({"media_ids": done})
        return done

    def _wait_until_ready(self, media_id: str, *, ready: bool) -> None:
        """Servers that work on a picture refuse a status with it until they are done."""
        for _ in range(_READY_LOOKS):
            if ready:
                return
            time.sleep(_READY_EVERY)
            ready = self._ask(f"/api/v1/media/{media_id}").status_code == 200
        raise NotSent(f"{self.settings.server} is still working on a picture.")

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
        limits = (about.get("configuration") or {}).get("statuses") or {}
        of_media = (about.get("configuration") or {}).get("media_attachments") or {}
        learned = {
            "max_characters": limits.get("max_characters") or about.get("max_toot_chars"),
            "characters_per_url": limits.get("characters_reserved_per_url"),
            "max_pictures": limits.get("max_media_attachments"),
            "picture_bytes": of_media.get("image_size_limit"),
            "max_alt": of_media.get("description_limit"),
        }
        known = {name: value for name, value in learned.items() if isinstance(value, int) and value > 0}
        fresh = self.settings.model_copy(update=known)
        return fresh if fresh != self.settings else None

    def metrics(self, remote_id: str) -> list[Measured]:
        try:
            status = self._get(f"/api/v1/statuses/{remote_id}")
        except _Absent as error:
            raise PostGone(f"{self.settings.server} no longer has this status.") from error
        return [
            Measured(metric, status[name], source=name)
            for name, metric in _METRICS.items()
            if isinstance(status.get(name), int)
        ]

    def reactions(self, remote_id: str, since: datetime) -> list[Reaction]:
        def ask_page(options: dict[str, Any]) -> list[dict[str, Any]]:
            return json_objects(self._ask("/api/v1/notifications", params=options))

        return dated_reactions(ask_page, remote_id, since)

    def channel_metrics(self) -> list[Measured]:
        followers = self._me().get("followers_count")
        # A channel that hides its followers gives -1 on some servers.
        if not isinstance(followers, int) or followers < 0:
            return []
        return [Measured(Metric.FOLLOWERS, followers, source="followers_count")]

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
        case 404 if response.request.method == "GET":
            return _Absent(f"{host} has nothing there (404). Is it a Mastodon server?")
    return refusal(response)


def _remote_post(status: dict[str, Any]) -> RemotePost:
    if "id" not in status:
        raise OutcomeUnknown("The server took the status and did not say which one it is.")
    where = opened_by_browsers(status.get("url"))
    return RemotePost(id=str(status["id"]), url=where, published_at=_made_at(status))


def _made_at(status: dict[str, Any]) -> datetime:
    try:
        made_at = datetime.fromisoformat(status["created_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown("The server gave a status without a time that can be read.") from error
    return made_at.replace(tzinfo=made_at.tzinfo or UTC).astimezone(UTC)
