"""A site with its script's messages, for tests: what a page would send, when the test says so."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from httpx2 import Response
from sqlmodel import SQLModel, col, select
from starlette.testclient import TestClient

from domain.ids import new_id
from domain.metrics import Audience
from scheduler.sites import add_site
from store.changes import AUTOMATION
from store.engine import reading, writing
from store.links import NewClick, record_clicks
from store.tables import Conversion, Link, Post, Site, Visit, WebView
from tests.web.setting import FIREFOX, Installation

HOST = "shop.example"


def shop(place: Installation, **more: Any) -> Site:
    """The site of most tests."""
    values = {"name": "Shop", "hosts": [HOST], **more}
    return add_site(place.web.context, place.workspace.id, values.pop("name"), actor=AUTOMATION, **values)


@dataclass
class Browser:
    """One person's browser, as the public application sees it."""

    place: Installation
    site: Site
    agent: str = FIREFOX
    #: With consent.
    visitor: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    #: The application; a test with several browsers shares one.
    client: TestClient | None = None

    def __post_init__(self) -> None:
        self.client = self.client or self.place.public()

    def tell(self, view: str, path: str = "/", *, origin: str = f"https://{HOST}", **more: Any) -> Response:
        """Send one message: ``seconds``, ``click``, ``utm``, ``referrer``, ``event``, ``age`` in seconds."""
        names = {"seconds": "s", "click": "c", "utm": "q", "referrer": "r", "event": "e"}
        told = {"k": self.site.key, "v": view.rjust(8, "x"), "p": path, "i": self.visitor, "a": 0}
        told |= {names[name]: value for name, value in more.items() if name in names}
        told["a"] = more.get("age", 0) * 1000
        headers = {
            "Origin": origin,
            "User-Agent": self.agent,
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "no-cors",
            "Content-Type": "text/plain;charset=UTF-8",
            **self.headers,
        }
        assert self.client is not None
        answer: Response = self.client.post("/t/1", content=json.dumps(told), headers=headers)
        return answer


def rows(place: Installation, table: type[SQLModel]) -> list[Any]:
    """All rows of a table, oldest first."""
    order = {WebView: WebView.at, Visit: Visit.began_at, Conversion: Conversion.id}[table]
    with reading(place.engine) as session:
        return list(session.exec(select(table).order_by(col(order))).all())


def click(place: Installation, post: Post | None, key: str, **more: Any) -> int:
    """A human click on a short link of a post, ``key`` long; its number."""
    code = place.add_link(f"https://{HOST}/", post)
    with writing(place.engine) as session:
        link = session.exec(select(Link).where(col(Link.code) == code)).one()
        values = {"at": place.now, "audience": Audience.HUMAN, **more}
        made = NewClick(id=new_id(), link_id=link.id, post_id=link.post_id, key=key, **values)
        record_clicks(session, [made])
        session.commit()
    return made.id
