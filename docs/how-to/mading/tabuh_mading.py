"""Notices on a Mading, a bulletin board that exists in this example only.

GET  /api/me                       {"id", "name", "subscribers"}
POST /api/notices                  {"text", "reference"} is answered by {"id", "url", "created_at"}
GET  /api/notices?reference=KEY    {"notices": [{"id", "url", "created_at"}]}
GET  /api/notices/ID               {"views", "hearts"}, or 404 when it was taken down

A Mading does not refuse a reference that it has seen, so a lost answer is settled by asking for it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator, Field, SecretStr

from domain.content import Capabilities, Content, Counting, DeliveryClass, Identity, Payload, RemotePost
from domain.errors import OutcomeUnknown, PostGone, PublishError, Rejected, UsageError
from domain.metrics import Metric
from publishers.address import server_address
from publishers.base import BaseCredentials, BaseSettings, Measured, Progress, Publisher
from publishers.http import SECRETS, ask, json_object, refusal, send_once
from publishers.text import Limit, counter, fit

MAX_CHARACTERS = 400
_LIMITS = [Limit(MAX_CHARACTERS, counter(Counting.GRAPHEMES))]
_METRICS = {"views": Metric.VIEWS, "hearts": Metric.REACTIONS}


class MadingSettings(BaseSettings):
    """Which board it is."""

    server: Annotated[str, AfterValidator(server_address)] = Field(
        title="Server", description="Its address, such as https://mading.example"
    )


class MadingCredentials(BaseCredentials):
    """What opens the board."""

    token: SecretStr = Field(min_length=1, title="Token", description="From the board's settings")


class Mading(Publisher):
    """One board."""

    platform = "mading"
    title = "Mading"
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        max_characters=MAX_CHARACTERS,
        counting=Counting.GRAPHEMES,
        post_metrics=frozenset(_METRICS.values()),
        channel_metrics=frozenset({Metric.FOLLOWERS}),
    )
    Settings = MadingSettings
    Credentials = MadingCredentials
    settings: MadingSettings
    credentials: MadingCredentials

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        return {"text": fit(content.text, content.link, _LIMITS)}

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        try:
            fit("", content.link, _LIMITS)
        except UsageError as error:
            found.append(str(error))
        return found

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        request = self._request("POST", "/api/notices", json={**payload, "reference": key})
        return _remote_post(json_object(send_once(self.http, request)))

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        found = self._get("/api/notices", params={"reference": key}).get("notices")
        if not isinstance(found, list):
            raise OutcomeUnknown("The board does not say which notices it has.")
        return _remote_post(found[0]) if found else None

    def identify(self) -> Identity:
        me = self._get("/api/me")
        return Identity(str(me.get("name")), remote_id=str(me.get("id")), url=self.settings.server)

    def metrics(self, remote_id: str) -> list[Measured]:
        notice = self._get(f"/api/notices/{remote_id}")
        return [
            Measured(metric, notice[name], source=name)
            for name, metric in _METRICS.items()
            if isinstance(notice.get(name), int)
        ]

    def channel_metrics(self) -> list[Measured]:
        count = self._get("/api/me").get("subscribers")
        return [Measured(Metric.FOLLOWERS, count, source="subscribers")] if isinstance(count, int) else []

    def _get(self, path: str, **options: Any) -> dict[str, Any]:
        return json_object(ask(self.http, self._request("GET", path, **options), refused=_refused))

    def _request(self, method: str, path: str, **options: Any) -> httpx.Request:
        return self.http.build_request(
            method,
            f"{self.settings.server}{path}",
            headers={"Authorization": f"Bearer {self.credentials.token.get_secret_value()}"},
            extensions={SECRETS: self.credentials.secrets()},
            **options,
        )


def _refused(response: httpx.Response) -> PublishError:
    """As the usual reading of HTTP, but a notice that is not there is gone."""
    error = refusal(response)
    missing = isinstance(error, Rejected) and response.status_code == 404
    return PostGone("The notice is no longer on the board.") if missing else error


def _remote_post(notice: dict[str, Any]) -> RemotePost:
    try:
        made_at = datetime.fromisoformat(notice["created_at"])
        return RemotePost(id=str(notice["id"]), url=notice.get("url"), published_at=made_at)
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown("The board took the notice and did not say which one it is.") from error
