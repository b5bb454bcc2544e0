"""An installation whose HTTP client reaches one made-up site, and what its feed pages are tested with."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from typing import Any

import httpx
from sqlalchemy import Engine
from starlette.testclient import TestClient

from scheduler import feeds as feed_commands
from scheduler import routes as route_commands
from scheduler.rules import Rules
from store.changes import Actor
from store.engine import reading, writing
from store.tables import ChannelRow, Feed, PostingTimeRow, Route
from tests.publisher_site import Site, item
from tests.web.setting import NOW, Installation

URL = "https://blog.test/feed.xml"


class Reader:
    """The installation, the site, and a page channel with three slots a day."""

    def __init__(self, engine: Engine, *, entries: int = 3) -> None:
        numbers = range(entries, 0, -1)
        hours = (NOW - item(0).published).total_seconds() / 3600 - entries - 1  # type: ignore[operator]
        self.site = Site(feeds={"/feed.xml": [item(number, hours=hours + number) for number in numbers]})
        self.place = Installation(engine)
        http = httpx.Client(transport=httpx.MockTransport(self.site.answer))
        self.place.web = replace(self.place.web, context=replace(self.place.web.context, http=http))
        self.channel = self.place.page("news")
        self.actor = Actor("person", self.place.owner.id)
        self.browser = self.place.signed_in()

    @property
    def context(self) -> Any:
        return self.place.web.context

    @property
    def workspace_id(self) -> int:
        return self.place.workspace.id

    def schedule(self, channel: ChannelRow | None = None) -> None:
        """Give the channel a posting schedule."""
        channel_id = (channel or self.channel).id
        with writing(self.place.engine) as session:
            for day in range(7):
                session.add(PostingTimeRow(channel_id=channel_id, weekday=day, wall="09:00"))
            session.commit()

    def feed(self, *, existing: str = "none", url: str = URL) -> Feed:
        """The site's feed, added."""
        return feed_commands.add_feed(
            self.context, self.workspace_id, url, existing=existing, actor=self.actor
        )

    def route(self, feeds: Sequence[Feed], *, existing: str | None = None, **rules: Any) -> Route:
        """A route that posts at once on the page channel."""
        return route_commands.add_route(
            self.context,
            self.workspace_id,
            name=rules.pop("name", "Blog to page"),
            feed_ids=[feed.id for feed in feeds],
            channel_id=self.channel.id,
            rules=Rules(**{"timing": "at_once", **rules}),
            existing=existing,
            actor=self.actor,
        )

    def change(self, row: Any, **values: Any) -> None:
        """Write columns of a row, as some worker would have."""
        with writing(self.place.engine) as session:
            stored = session.get_one(type(row), row.id)
            for name, value in values.items():
                setattr(stored, name, value)
            session.add(stored)
            session.commit()

    def reread(self, row: Any) -> Any:
        """The row as the database has it now."""
        with reading(self.place.engine) as session:
            return session.get_one(type(row), row.id)


def words(answer: httpx.Response | Any) -> str:
    """What a page says, without its tags; line breaks and runs of spaces are one space."""
    text = re.sub(r"<(script|style|svg|head).*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def in_language(client: TestClient, language: str) -> TestClient:
    """The same browser, its pages in a language."""
    client.cookies.set("tabuh_language", language)
    return client


def notice(client: TestClient, answer: httpx.Response | Any) -> str:
    """The words of the page that a form led to."""
    assert answer.status_code == 303, words(answer)
    return words(client.get(answer.headers["location"]))
