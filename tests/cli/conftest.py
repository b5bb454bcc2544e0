"""A folder for each test, and databases of both kinds behind the command."""

import logging
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import structlog

from store.seal import new_key
from tests.servers.loopback import Answer, Loopback
from tests.servers.postgresql import PostgreSQL


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which commands are run; loopback may be read."""
    own = tmp_path / "folder"
    own.mkdir()
    monkeypatch.chdir(own)
    monkeypatch.setenv("TABUH_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("TABUH_ZONE", "Asia/Jakarta")
    return own


@pytest.fixture
def folder(empty: Path, sqlite_template: Path) -> Path:
    """As `empty`, with the tables made already: half a second less for each test."""
    (empty / "data").mkdir(mode=0o700)
    shutil.copyfile(sqlite_template, empty / "data" / "tabuh.db")
    return empty


@pytest.fixture
def on_both(empty: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a fresh database of each kind, made already."""
    monkeypatch.setenv("TABUH_DATABASE_URL", database_url)
    monkeypatch.setenv("TABUH_SECRET_KEY", new_key())
    return empty


@pytest.fixture
def on_postgresql(
    empty: Path,
    postgresql_server: PostgreSQL,
    postgresql_template: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Path]:
    """A folder with a fresh PostgreSQL database, made already."""
    name = f"cli_{os.urandom(8).hex()}"
    monkeypatch.setenv("TABUH_DATABASE_URL", postgresql_server.create(name, template=postgresql_template))
    monkeypatch.setenv("TABUH_SECRET_KEY", new_key())
    yield empty
    postgresql_server.drop(name)


@pytest.fixture(autouse=True)
def _logs_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


class Blog:
    """A site with one feed of numbered entries, and pages that are none."""

    def __init__(self, entries: int = 5) -> None:
        self.entries = entries
        self.title = "A blog"
        self.well_known = True
        self.began = datetime.now(UTC)

    def answer(self, path: str, _headers: object) -> Answer:
        if path.partition("?")[0] == "/feed.xml" and self.well_known:
            return 200, {"Content-Type": "application/rss+xml"}, self.document()
        if path == "/":
            link = b'<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
            return 200, {"Content-Type": "text/html"}, b"<html><head>" + link + b"</head></html>"
        if path == "/page.html":
            return 200, {"Content-Type": "text/html"}, b"<html><body>No feed here.</body></html>"
        if path == "/empty.xml":
            return 200, {}, b"<rss version='2.0'><channel><title>E</title></channel></rss>"
        if path == "/gone.xml":
            return 410, {}, b""
        return 404, {}, b"not here"

    def dated(self, number: int) -> datetime:
        """The first five are days old; later ones come as the test goes on."""
        return self.began - timedelta(days=6 - number) if number < 6 else datetime.now(UTC)

    def document(self) -> bytes:
        items = "".join(
            f"<item><guid isPermaLink='false'>entry-{number}</guid><title>Entry {number}</title>"
            f"<link>https://blog.test/{number}</link><description>Text {number}</description>"
            f"<pubDate>{format_datetime(self.dated(number))}</pubDate></item>"
            for number in range(1, self.entries + 1)
        )
        head = f"<title>{self.title}</title><link>https://blog.test/</link>"
        return f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


@pytest.fixture
def blog() -> Blog:
    """What the site shows; a test may add entries."""
    return Blog()


@pytest.fixture
def site(blog: Blog) -> Iterator[Loopback]:
    """The blog on loopback."""
    with Loopback(blog.answer) as server:
        yield server
