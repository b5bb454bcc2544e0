"""Notices on a Mading, a bulletin board that exists in this example only.

GET  /api/me                       {"id", "name", "subscribers"}
POST /api/notices                  {"text", "reference"} is answered by {"id", "url", "created_at"}
GET  /api/notices?reference=KEY    {"notices": [{"id", "url", "created_at"}]}
GET  /api/notices/ID               {"views", "hearts"}, or 404 when it was taken down

A Mading does not refuse a reference that it has seen, so a lost answer is settled by asking for it.
"""

from datetime import datetime
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator, SecretStr

from domain.content import Capabilities, Content, DeliveryClass, Identity, Payload, RemotePost
from domain.errors import OutcomeUnknown, PostGone, PublishError
from domain.metrics import Metric
from publishers.address import server_address
from publishers.base import BaseCredentials, BaseSettings, Measured, Progress, Publisher
from publishers.http import SECRETS, ask, json_object, refusal, send_once
from publishers.metric_map import Mapped, measured, supplied
from publishers.text import Limit, fit, graphemes

LIMIT = Limit(400, graphemes)
NUMBERS = (Mapped("views", Metric.VIEWS), Mapped("hearts", Metric.REACTIONS))


class MadingSettings(BaseSettings):
    server: Annotated[str, AfterValidator(server_address)]


class MadingCredentials(BaseCredentials):
    token: SecretStr


class Mading(Publisher):
    platform = "mading"
    title = "Mading"
    capabilities = Capabilities(
        DeliveryClass.LIST_AND_MATCH, max_characters=400, post_metrics=supplied(NUMBERS)
    )
    Settings, Credentials = MadingSettings, MadingCredentials
    settings: MadingSettings
    credentials: MadingCredentials

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        return {"text": fit(content.text, content.link, [LIMIT])}

    def problems(self, content: Content) -> list[str]:
        too_long = len(content.link or "") > LIMIT.most
        return [*super().problems(content), *(["The link is too long for a notice."] if too_long else [])]

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        return _remote_post(self._call("POST", "/notices", json={**payload, "reference": key}))

    def find_existing(self, payload: Payload, *, key: str, **_: Any) -> RemotePost | None:
        found = self._call("GET", "/notices", params={"reference": key})["notices"]
        return _remote_post(found[0]) if found else None

    def identify(self) -> Identity:
        me = self._call("GET", "/me")
        return Identity(str(me.get("name")), remote_id=str(me.get("id")), url=self.settings.server)

    def metrics(self, remote_id: str) -> list[Measured]:
        return measured(NUMBERS, self._call("GET", f"/notices/{remote_id}"), on=self.clock().date())

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        token = self.credentials.token.get_secret_value()
        request = self.http.build_request(method, f"{self.settings.server}/api{path}", **options)
        request.headers["Authorization"] = f"Bearer {token}"
        request.extensions = {**request.extensions, SECRETS: (token,)}
        send = ask if method == "GET" else send_once
        return json_object(send(self.http, request, refused=_refused))


def _refused(response: httpx.Response) -> PublishError:
    is_gone = response.status_code == 404
    return PostGone("The notice is no longer on the board.") if is_gone else refusal(response)


def _remote_post(notice: dict[str, Any]) -> RemotePost:
    try:
        made_at = datetime.fromisoformat(notice["created_at"])
        return RemotePost(str(notice["id"]), notice.get("url"), made_at)
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown("The board took the notice and did not say which one it is.") from error
