"""What every handler works with, put together once by the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session

from domain.clock import Clock
from domain.content import Channel, DeliveryClass
from domain.errors import NeedsReconnect, UsageError
from net.client import Client
from net.smtp import MailServer
from publishers.base import BaseCredentials, Publisher
from publishers.oauth import Application
from publishers.registry import adapter
from scheduler.applications import application_of
from scheduler.media import StoredFiles
from store.due import database_now
from store.seal import Seal
from store.tables import ChannelRow


@dataclass(frozen=True)
class Context:
    """Engine, clock, key, and the one guarded HTTP client of the program."""

    engine: Engine
    http: Client
    seal: Seal
    clock: Clock
    #: Where readers reach the public pages, without a slash at the end.
    public_url: str
    #: Holds media and backups; None where nothing may be written.
    data_dir: Path | None = None
    #: Whether leases are counted by the database's clock where machines share one (PostgreSQL).
    database_clock: bool = True
    #: Between two requests to one server, up to twice as long; zero where nobody has to be spared.
    pace: timedelta = timedelta(seconds=1)
    #: Ask hubs to tell us of news, where the public address is one that they can reach.
    websub: bool = False
    #: Bytes of the largest video that is kept.
    max_video: int = 512 * 2**20
    #: Where signed-in people reach the pages, without a slash at the end; empty: as `public_url`.
    private_url: str = ""
    #: Our own mail server, for notices; None: none is set.
    mail: MailServer | None = None
    #: Platform name → adapter class.
    adapter: Callable[[str], type[Publisher]] = adapter

    def lease_now(self, session: Session) -> datetime:
        """The time by which rows are due and leases end (UTC)."""
        now = self.clock()
        return database_now(session, fallback=now) if self.database_clock else now

    def page(self, path: str) -> str:
        """The whole address of a signed-in page."""
        return f"{self.private_url or self.public_url}{path}"

    @property
    def shortens_links(self) -> bool:
        """Whether the public address is one that strangers can open."""
        return is_public_address(self.public_url)

    @property
    def takes_pushes(self) -> bool:
        """Whether hubs may be asked to call us."""
        return self.websub and is_public_address(self.public_url)

    def serves(self, platform: str) -> bool:
        """Whether Tabuh itself is the platform."""
        try:
            return self.adapter(platform).capabilities.delivery is DeliveryClass.LOCAL
        except UsageError:  # the package that brought the platform is gone
            return False

    def shows_pictures(self, platform: str) -> bool:
        """Whether it makes sense to look for the pictures of pages."""
        try:
            return self.adapter(platform).capabilities.shows_pictures
        except UsageError:  # the package that brought the platform is gone
            return False

    def publisher(self, row: ChannelRow) -> Publisher:
        """The adapter of a channel, with its credentials opened.

        Raises:
            WrongKey: they do not open.
            NeedsReconnect: what is stored does not suffice any more.
        """
        kind = self.adapter(row.platform)
        opened = self.seal.open(row.id, row.credentials)
        try:
            return self.publisher_with(row, kind.Credentials.model_validate(opened))
        except ValidationError:  # its text could show what is stored
            raise NeedsReconnect(
                f"What is known of channel {row.name} does not suffice: connect it again."
            ) from None

    def publisher_with(self, row: ChannelRow, credentials: BaseCredentials) -> Publisher:
        """The adapter of a channel with these credentials, and with its platform's application if it has one.

        Raises:
            WrongKey: the application does not open.
        """
        kind = self.adapter(row.platform)
        return kind(
            as_channel(row, public_url=self.public_url),
            self.http,
            credentials=credentials,
            clock=self.clock,
            files=StoredFiles(self.engine, self.http, self.data_dir),
            application=self._application(kind),
        )

    def _application(self, kind: type[Publisher]) -> Application | None:
        return application_of(self.engine, self.seal, kind.platform) if kind.flow is not None else None


def as_channel(row: ChannelRow, *, public_url: str) -> Channel:
    """The row as adapters see it: without secrets."""
    return Channel(
        id=row.id,
        platform=row.platform,
        name=row.name,
        slug=row.slug,
        settings=dict(row.settings),
        public_url=public_url,
    )


def is_public_address(url: str) -> bool:
    """Whether a web address names a host of the open internet, judged by its spelling alone."""
    host = (urlsplit(url).hostname or "").lower()
    try:
        return ip_address(host).is_global
    except ValueError:
        reserved = (
            ".localhost",
            ".local",
            ".internal",
            ".lan",
            ".home.arpa",
            ".test",
            ".invalid",
            ".example",
        )
        return "." in host and not host.endswith(reserved)
