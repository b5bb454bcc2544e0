"""One adapter with the fake of its platform: what each platform's test file gives the contract."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.content import Card, Channel, Content, Payload, RemotePost
from publishers.base import Files, Publisher
from publishers.oauth import Application
from publishers.registry import adapter
from tests.publishers.fake_servers import Crash, FakeServer
from tests.world import NOON, FixedClock

KEY, OTHER_KEY = "0f" * 16, "a1" * 16
CONTENT = Content(
    "Drums at dawn #news", link="https://news.example/drums?utm_source=tabuh", card=Card("Drums", "At dawn")
)
OTHER_CONTENT = Content("Something else")


@dataclass
class Kept:
    """What `progress.save` made durable, and where it stops."""

    handle: Mapping[str, Any] | None = None
    #: Die at this save, counted from 0; before it is durable or after.
    crash_at: int | None = None
    crash_after: bool = False
    saves: int = 0

    def save(self, handle: Mapping[str, Any]) -> None:
        """Keep it, unless the machine dies here."""
        at, self.saves = self.saves, self.saves + 1
        if at == self.crash_at and not self.crash_after:
            raise Crash
        self.handle = handle
        if at == self.crash_at:
            raise Crash


@dataclass
class Case:
    """One adapter with the fake of its platform."""

    platform: str
    server: FakeServer
    settings: dict[str, Any]
    credentials: dict[str, Any]
    #: Every secret value that must show nowhere.
    secrets: list[str]
    clock: FixedClock = field(default_factory=FixedClock)
    #: A post that the platform takes, and another one; with pictures where nothing goes without.
    content: Content = CONTENT
    other: Content = OTHER_CONTENT
    files: Files | None = None
    application: Application | None = None
    #: How long the text of a payload is, as the platform counts; for those that set a limit.
    length: Callable[[Payload], int] | None = None
    #: Whether each try asks the platform first what it holds: while that fails, nothing was sent.
    looks_first: bool = False
    kept: Kept = field(default_factory=Kept)

    def publisher(self) -> Publisher:
        """The adapter, as a worker makes it for one unit of work."""
        kind = adapter(self.platform)
        return kind(
            Channel(
                id=1,
                platform=self.platform,
                name="Drums",
                slug="drums",
                settings=self.settings,
                public_url="https://tabuh.example",
            ),
            self.server.client(),
            credentials=kind.Credentials.model_validate(self.credentials),
            clock=self.clock,
            files=self.files,
            application=self.application,
        )

    def publish(self, content: Content | None = None, *, key: str = KEY) -> RemotePost:
        """One try; what it saves is there for the next."""
        publisher = self.publisher()
        payload = publisher.render(content or self.content, created_at=NOON)
        return publisher.publish(payload, key=key, progress=self.kept)

    def find(self, content: Content | None = None, *, key: str = KEY) -> RemotePost | None:
        """The look after a try whose end is unknown."""
        publisher = self.publisher()
        payload = publisher.render(content or self.content, created_at=NOON)
        handle = self.kept.handle if content is None else None
        return publisher.find_existing(payload, key=key, handle=handle, since=NOON)

    @property
    def pieces(self) -> int:
        """All that it holds: parts of threads and comments too, where the fake counts them apart."""
        pieces: int = getattr(self.server, "pieces", self.copies)
        return pieces

    @property
    def copies(self) -> int:
        """How many posts the platform holds."""
        copies: int = self.server.copies  # type: ignore[attr-defined]
        return copies
