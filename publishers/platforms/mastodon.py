"""Mastodon statuses, and those of the servers that speak its API.

Sources: docs.joinmastodon.org (methods/statuses, methods/accounts, methods/instance, api/rate-limits);
what counts as a character follows mastodon/mastodon, app/validators/status_length_validator.rb.
GoToSocial was seen to ignore the Idempotency-Key, and Mastodon keeps it for an hour: a lost answer is
settled by reading our own statuses.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import httpx
from pydantic import AfterValidator, Field, SecretStr

from domain.content import Capabilities, Content, Counting, DeliveryClass, Identity, Payload, RemotePost
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, PublishError, Rejected, UsageError
from domain.metrics import Metric
from publishers.address import opened_by_browsers, server_address
from publishers.base import BaseCredentials, BaseSettings, Measured, Progress, Publisher
from publishers.http import SECRETS, ask, json_object, json_objects, refusal, said_by, send_once
from publishers.statuses import same_text
from publishers.text import Limit, fit, graphemes

#: What Mastodon itself allows, unless its owner changed it.
MAX_CHARACTERS = 500
CHARACTERS_PER_URL = 23

#: How far our clock and the server's may be apart.
_SKEW = timedelta(minutes=5)
_PAGE = 40
#: Pages read at most in one look, forty statuses each.
_PAGES = 10

_METRICS = {
    "favourites_count": Metric.REACTIONS,
    "replies_count": Metric.REPLIES,
    "reblogs_count": Metric.SHARES,
    "quotes_count": Metric.QUOTES,
}
#: Narrower than what Mastodon takes for an address, so that we never count less than it does.
_COUNTED_URL = re.compile(
    r"(?<![\w@＠$#＃/.-])https?://(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)+(?P<top>[a-z]{2,}|xn--[a-z0-9-]+)"
    r"(?![a-z0-9_-])(?::\d+)?"
    r"(?:/(?:[a-z0-9\-_./=+~%,;:!*'@&$#]*[a-z0-9/_#+\-])?)?"
    r"(?:\?[a-z0-9!*';:&=+$/%#\-_.,~@]*[a-z0-9_&=#/\-])?",
    re.IGNORECASE | re.ASCII,
)
#: Mastodon knows the list of top-level domains and counts addresses under any other name in full.
_NEVER_PUBLIC = frozenset({"example", "internal", "invalid", "local", "localhost", "test"})
_REMOTE_MENTION = re.compile(r"(?<![=/\w])(?P<local>@[a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\w.-]*\w", re.I)


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
    )
    Credentials = MastodonCredentials
    Settings = MastodonSettings
    credentials: MastodonCredentials
    settings: MastodonSettings

    def limits(self) -> Capabilities:
        return replace(self.capabilities, max_characters=self.settings.max_characters or MAX_CHARACTERS)

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload = {"status": fit(content.text, content.link, [self._limit()])}
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
        request = self._request("POST", "/api/v1/statuses", json=payload)
        request.headers["Idempotency-Key"] = key
        return _remote_post(json_object(send_once(self.http, request, refused=_refused)))

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        for status in self._own_statuses(since - _SKEW):
            if same_text(payload["status"], str(status.get("content", ""))):
                return _remote_post(status)
        return None

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
        learned = {
            "max_characters": limits.get("max_characters") or about.get("max_toot_chars"),
            "characters_per_url": limits.get("characters_reserved_per_url"),
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


def length(text: str, *, per_url: int = CHARACTERS_PER_URL) -> int:
    """How Mastodon counts: graphemes, a fixed number for a link, a mention without its server."""

    def counted(match: re.Match[str]) -> str:
        return match[0] if match["top"].lower() in _NEVER_PUBLIC else "x" * per_url

    return graphemes(_REMOTE_MENTION.sub(r"\g<local>", _COUNTED_URL.sub(counted, text)))


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
