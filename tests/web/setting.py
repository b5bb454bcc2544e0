"""An installation behind a test client: people of every role, a page channel, and time that stands still."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from domain.ids import new_id
from domain.person import Role
from net.client import make_client
from scheduler.context import Context
from store import links, people
from store.engine import writing
from store.seal import Seal, new_key
from store.tables import ChannelRow, Link, PageCount, Person, Post, Workspace
from web.app import combined, create_app, create_public_app
from web.deps import WebContext

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
Row = TypeVar("Row")

#: What a browser sends with a form of our own page.
OWN = {"Sec-Fetch-Site": "same-origin", "user-agent": FIREFOX}


@dataclass
class Installation:
    """One installation; ``now`` may be moved."""

    engine: Engine
    private_url: str = "http://localhost:8000"
    public_url: str = "http://localhost:8000"
    allowed_hosts: frozenset[str] | None = frozenset()
    #: Private networks that adapters may reach.
    allowed_networks: tuple[str, ...] = ()
    now: datetime = NOW
    is_ready: bool = True
    data_dir: Path | None = None

    def __post_init__(self) -> None:
        with writing(self.engine) as session:
            self.owner: Person = people.ensure_owner(session, self.now)
            self.workspace: Workspace = people.first_workspace(session)
            session.commit()
        context = Context(
            engine=self.engine,
            http=make_client(allowed_networks=self.allowed_networks),
            seal=Seal([new_key()]),
            clock=lambda: self.now,
            public_url=self.public_url,
            data_dir=self.data_dir,
            pace=timedelta(0),
        )
        self.web = WebContext(
            context=context,
            private_url=self.private_url,
            allowed_hosts=self.allowed_hosts,
            is_ready=lambda: self.is_ready,
        )

    def private(self) -> TestClient:
        return self._client(create_app(self.web), self.private_url)

    def public(self) -> TestClient:
        return self._client(create_public_app(self.web), self.public_url)

    def both(self) -> TestClient:
        return self._client(combined(self.web), self.private_url)

    def _client(self, app: ASGIApp, address: str) -> TestClient:
        return TestClient(app, base_url=address, headers=OWN, follow_redirects=False)

    def later(self, **length: float) -> None:
        self.now += timedelta(**length)

    def person(self, name: str, role: Role | None) -> Person:
        with writing(self.engine) as session:
            person = people.add_person(session, name, now=self.now)
            if role:
                people.set_role(session, person_id=person.id, workspace_id=self.workspace.id, role=role)
            session.commit()
        return person

    def signed_in(self, person: Person | None = None) -> TestClient:
        """A browser in which the person (the owner, if none is named) is signed in."""
        with writing(self.engine) as session:
            token = people.open_session(session, (person or self.owner).id, now=self.now)
            session.commit()
        client = self.private()
        client.cookies.set(self.web.session_cookie, token)
        return client

    def page(self, slug: str = "news", **more: Any) -> ChannelRow:
        """A page channel."""
        values = {"platform": "page", "name": "News & more", "zone": "Asia/Jakarta", **more}
        channel = ChannelRow(workspace_id=self.workspace.id, slug=slug, created_at=self.now, **values)
        return self._add(channel)

    def post(self, channel: ChannelRow, text: str, *, age: timedelta = timedelta(), **more: Any) -> Post:
        """A post that went out ``age`` ago; ``payload`` adds to what the page adapter renders."""
        payload = {"text": text, "link": None, "title": "", "description": "", "language": None}
        payload |= more.pop("payload", {})
        key = f"{new_id():032x}"
        values: Mapping[str, Any] = {"state": "published", "remote_id": key, "published_at": self.now - age}
        post = Post(
            workspace_id=channel.workspace_id,
            channel_id=channel.id,
            story_id=new_id(),
            content={"text": text},
            payload=payload,
            delivery_key=key,
            created_at=self.now - age,
            **{**values, **more},
        )
        return self._add(post)

    def add_link(self, target: str, post: Post | None = None) -> str:
        """The code of a short link."""
        with writing(self.engine) as session:
            post_id = post.id if post else None
            made = links.new_link(
                session, workspace_id=self.workspace.id, target=target, now=self.now, post_id=post_id
            )
            session.commit()
        return made.code

    def code_of(self, post: Post) -> str:
        """The code of the post's only link."""
        with writing(self.engine) as session:
            return session.exec(select(Link).where(col(Link.post_id) == post.id)).one().code

    def counts(self) -> dict[tuple[int, str, str], int]:
        """(post, kind, audience) → how often."""
        with writing(self.engine) as session:
            rows = session.exec(select(PageCount)).all()
        return {(row.post_id, row.kind, row.audience): row.shown for row in rows}

    def _add(self, row: Row) -> Row:
        with writing(self.engine) as session:
            session.add(row)
            session.commit()
        return row
