"""One small world for tests: a context with a clock that stands still, a workspace, and a channel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from domain.content import Content
from domain.ids import new_id
from domain.post import PlacedBy, PostState
from net.client import make_client
from publishers.base import Publisher
from publishers.registry import adapter
from scheduler.context import Context
from store import posts
from store.engine import writing
from store.seal import Seal, new_key
from store.tables import METADATA, ChannelRow, Post, PostingTimeRow, Workspace

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday


@dataclass
class FixedClock:
    """A clock that a test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **length: float) -> datetime:
        """Move on by a `timedelta`'s keywords, and tell the new time."""
        self.now += timedelta(**length)
        return self.now


@dataclass
class World:
    """A context with one workspace and, if a platform was given, one channel."""

    context: Context
    clock: FixedClock
    workspace: Workspace
    channel: ChannelRow
    routes: list[Any] = field(default_factory=list)

    @property
    def engine(self) -> Engine:
        """The engine of the world's database."""
        return self.context.engine

    def queue(self, text: str = "hi", *, at: datetime | None = None, **values: Any) -> Post:
        """A queued post of the channel, due at ``at`` (now, if not said)."""
        at = at or self.clock.now
        with writing(self.engine) as session:
            post = posts.new_post(
                session,
                workspace_id=self.workspace.id,
                channel=self.channel,
                content=Content(text),
                state=PostState.QUEUED,
                now=self.clock.now,
            )
            posts.plan(post, at=at, wall=at.replace(tzinfo=None), zone="UTC", placed_by=PlacedBy.AUTOMATION)
            for name, value in values.items():
                setattr(post, name, value)
            session.commit()
        return post

    def reread(self, post: Post) -> Post:
        """The post as the database has it now."""
        with Session(self.engine, expire_on_commit=False) as session:
            return session.get_one(Post, post.id)


def new_world(
    engine: Engine,
    *,
    platform: str = "page",
    adapters: dict[str, type[Publisher]] | None = None,
    clock: FixedClock | None = None,
    zone: str = "UTC",
    public_url: str = "http://127.0.0.1:8420",
    times: tuple[tuple[int, str], ...] = (),
    data_dir: Path | None = None,
) -> World:
    """A workspace with one active channel of ``platform`` in an empty, migrated database."""
    clock = clock or FixedClock()
    context = Context(
        engine=engine,
        http=make_client(allowed_networks=("127.0.0.0/8",)),
        seal=Seal([new_key()]),
        clock=clock,
        public_url=public_url,
        data_dir=data_dir,
        database_clock=False,
        pace=timedelta(0),
        adapter=_with(adapters or {}),
    )
    with writing(engine) as session:
        workspace = Workspace(id=new_id(), name="Main", zone=zone, created_at=clock.now)
        session.add(workspace)
        session.flush()
        channel = ChannelRow(
            workspace_id=workspace.id,
            platform=platform,
            name=platform.title(),
            slug=platform,
            zone=zone,
            created_at=clock.now,
        )
        session.add(channel)
        session.flush()
        for weekday, wall in times:
            session.add(PostingTimeRow(channel_id=channel.id, weekday=weekday, wall=wall))
        session.commit()
    return World(context, clock, workspace, channel)


def emptied(engine: Engine) -> Engine:
    """The same engine, with every table empty."""
    with engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())
    return engine


def _with(extra: dict[str, type[Publisher]]) -> Callable[[str], type[Publisher]]:
    return lambda platform: extra.get(platform) or adapter(platform)
