"""A web site that publishes feeds, as a function behind the HTTP client; a test edits what it shows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from html import escape

import httpx
from sqlalchemy import Engine, event
from sqlmodel import Session

from scheduler.polling import poll
from store.changes import Actor
from store.due import claim_due
from store.engine import writing
from store.tables import Feed
from tests.fakes import Crash
from tests.world import NOON, World, new_world

PERSON = Actor("person")
LEASE = timedelta(minutes=5)


@dataclass(frozen=True)
class Item:
    """One entry as its publisher writes it."""

    guid: str | None
    link: str | None
    title: str
    text: str = "Some text."
    published: datetime | None = NOON
    categories: tuple[str, ...] = ()

    @property
    def xml(self) -> str:
        """The entry in RSS."""
        parts = [f"<title>{escape(self.title)}</title><description>{escape(self.text)}</description>"]
        if self.guid:
            parts.append(f'<guid isPermaLink="false">{escape(self.guid)}</guid>')
        if self.link:
            parts.append(f"<link>{escape(self.link)}</link>")
        if self.published:
            parts.append(f"<pubDate>{format_datetime(self.published)}</pubDate>")
        parts += [f"<category>{escape(name)}</category>" for name in self.categories]
        return f"<item>{''.join(parts)}</item>"


def item(number: int, *, site: str = "https://blog.test", hours: float | None = None) -> Item:
    """The ``number``-th entry of a blog: one each hour, the higher the newer."""
    at = NOON - timedelta(days=3) + timedelta(hours=number if hours is None else hours)
    address = f"{site}/posts/{number}"
    return Item(guid=address, link=address, title=f"Entry {number}", text=f"Text of {number}.", published=at)


@dataclass
class Site:
    """Feeds by path, and how they are answered."""

    feeds: dict[str, list[Item]] = field(default_factory=dict)
    #: Path → answer instead of a feed.
    special: dict[str, httpx.Response] = field(default_factory=dict)
    validators: bool = True
    #: Answer http with a permanent redirect to https.
    only_https: bool = False
    requests: list[httpx.Request] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What the site says to one request."""
        self.requests.append(request)
        path = request.url.path
        if self.only_https and request.url.scheme == "http":
            secure = {"Location": str(request.url.copy_with(scheme="https"))}
            return httpx.Response(308, headers=secure, content=iter([b""]))
        if path in self.special:
            answer = self.special[path]
            return httpx.Response(answer.status_code, headers=answer.headers, content=iter([answer.content]))
        if path not in self.feeds:
            return httpx.Response(404, content=iter([b""]))
        body = rss(self.feeds[path], title=f"Feed {path}").encode()
        headers = {"Content-Type": "application/rss+xml"}
        if self.validators:
            headers["ETag"] = f'"{sha256(body).hexdigest()[:12]}"'
            if request.headers.get("if-none-match") == headers["ETag"]:
                return httpx.Response(304, headers=headers, content=iter([b""]))
        return httpx.Response(200, headers=headers, content=iter([body]))


def rss(items: list[Item], *, title: str = "A feed") -> str:
    """The document, in the order given."""
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>'
        f"<link>https://blog.test/</link>{''.join(one.xml for one in items)}</channel></rss>"
    )


def html(heads: Mapping[str, str]) -> httpx.Response:
    """A web page that names feeds: address → title."""
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{url}" title="{title}">'
        for url, title in heads.items()
    )
    page = f"<!doctype html><html><head>{links}</head><body>Hello</body></html>"
    return httpx.Response(200, headers={"Content-Type": "text/html"}, content=page.encode())


def world_with(
    engine: Engine, site: Site, *, public_url: str = "http://127.0.0.1:8420", times: bool = True
) -> World:
    """A world whose HTTP client reaches nothing but the site; its channel has four slots a day."""
    walls = ("00:00", "06:00", "12:00", "18:00") if times else ()
    slots = tuple((day, wall) for day in range(7) for wall in walls)
    world = new_world(engine, times=slots, public_url=public_url)
    http = httpx.Client(transport=httpx.MockTransport(site.answer))
    world.context = replace(world.context, http=http)
    return world


def poll_all(world: World) -> int:
    """Poll every feed now, due or not; returns how many."""
    polled = 0
    while (row := claim(world)) is not None:
        poll(world.context, row)
        polled += 1
    return polled


def claim(world: World) -> Feed | None:
    """Claim the next due feed, as a tick does."""
    with writing(world.engine) as session:
        rows = claim_due(session, Feed, now=world.clock.now, lease=LEASE, limit=1)
    return rows[0] if rows else None


@contextmanager
def crashing(engine: Engine, *, after: int) -> Iterator[None]:
    """Within it, the program dies after so many statements and commits."""
    left = after

    def count(*_: object) -> None:
        nonlocal left
        if not left:
            raise Crash
        left -= 1

    points = [(engine, "before_cursor_execute"), (Session, "before_commit")]
    for target, name in points:
        event.listen(target, name, count)
    try:
        yield
    finally:
        for target, name in points:
            event.remove(target, name, count)
