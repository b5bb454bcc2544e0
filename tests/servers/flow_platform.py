"""An adapter for the platform behind `tests.servers.oauth`, as an outside package could bring one."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from domain.content import Capabilities, Content, DeliveryClass, Identity, Payload, RemotePost
from publishers.base import BaseSettings, Progress
from publishers.http import ask, json_object, send_once
from publishers.oauth import Flow, OAuthPublisher, Target
from publishers.text import fit
from tests.servers.oauth import OAuthServer


class FlowSettings(BaseSettings):
    """The page that was chosen."""

    page_id: str | None = Field(default=None, title="Page", json_schema_extra={"learned": True})


class FlowPlatform(OAuthPublisher):
    """Posts a form to ``/posts``; `platform_of` gives it its server."""

    platform = "drumhub"
    title = "Drumhub"
    Settings = FlowSettings
    settings: FlowSettings
    capabilities = Capabilities(delivery=DeliveryClass.AT_MOST_ONCE, max_characters=200)
    url: ClassVar[str]

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        return {"text": fit(content.text, content.link, [])}

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        request = self.signed(
            "POST", f"{self.url}/posts", data={**payload, "page": self.settings.page_id or ""}
        )
        answer = json_object(send_once(self.http, request))
        return RemotePost(str(answer["id"]), None, self.clock())

    def identify(self) -> Identity:
        me = json_object(ask(self.http, self.signed("GET", f"{self.url}/me")))
        return Identity(str(me["name"]), str(me["id"]))

    def targets(self) -> list[Target]:
        told = json_object(ask(self.http, self.signed("GET", f"{self.url}/targets")))
        return [Target(one["name"], {"page_id": one["id"]}) for one in told["targets"]]


def platform_of(server: OAuthServer, **changes: Any) -> type[FlowPlatform]:
    """The adapter class for this server; ``changes`` are attributes of it."""
    flow = Flow(
        authorize_url=f"{server.url}/authorize",
        token_url=f"{server.url}/token",
        scopes=("post.write", "read"),
        required=("post.write",),
        pkce=server.pkce,
        basic=server.basic,
        console_url="https://drumhub.example/applications",
    )
    return type("FlowPlatform", (FlowPlatform,), {"flow": flow, "url": server.url, **changes})
