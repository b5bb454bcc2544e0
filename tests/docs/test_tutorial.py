"""The tutorial is walked through as a newcomer would, with servers on loopback in place of the internet."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from domain.clock import system_clock
from tests.docs.markdown import page
from tests.docs.walking import Walk, command_in, environment
from tests.publishers.fake_pds import HANDLE, PASSWORD, FakePds
from tests.publishers.fake_servers import FakeMastodon, FakeServer
from tests.servers.loopback import Answer, Loopback
from tests.servers.ports import free_port

NUMBERS = ("first", "second", "third", "fourth")


@dataclass
class Internet:
    """A feed, a Mastodon server and a PDS."""

    feed: Loopback
    mastodon: Loopback
    pds: Loopback
    toots: FakeMastodon
    sky: FakePds


@pytest.fixture
def internet() -> Iterator[Internet]:
    toots, sky = FakeMastodon(system_clock), FakePds(system_clock)
    with ExitStack() as stack:
        feed = stack.enter_context(Loopback(drum_news))
        mastodon = stack.enter_context(_on_loopback(toots))
        pds = stack.enter_context(_on_loopback(sky))
        yield Internet(feed, mastodon, pds, toots, sky)


def drum_news(path: str, _headers: Mapping[str, str]) -> Answer:
    """A feed of four entries."""
    if path != "/feed.xml":
        return 404, {}, b"not here"
    newest = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    entries = "".join(
        f"<item><guid isPermaLink='false'>drum-{age}</guid><title>The {NUMBERS[3 - age]} drum</title>"
        f"<link>https://example.org/{4 - age}</link><category>Drums</category>"
        f"<pubDate>{format_datetime(newest - timedelta(hours=age))}</pubDate></item>"
        for age in range(4)
    )
    head = "<title>Drum News</title><link>https://example.org/</link>"
    document = f"<rss version='2.0'><channel>{head}{entries}</channel></rss>"
    return 200, {"Content-Type": "application/rss+xml"}, document.encode()


def _on_loopback(server: FakeServer) -> Loopback:
    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        [asked] = [one for one in loopback.requests if one.headers is headers]
        request = httpx.Request(asked.method, loopback.url + path, headers=headers, content=asked.body)
        said = server(request)
        return said.status_code, {"Content-Type": "application/json"}, said.read()

    loopback = Loopback(answer)
    return loopback


@pytest.fixture
def walk(internet: Internet, tmp_path: Path) -> Iterator[Walk]:
    folder = tmp_path / "checkout"
    folder.mkdir()
    command_in(folder)
    (folder / "token.txt").write_text(FakeMastodon.TOKEN + "\n")
    (folder / "app-password.txt").write_text(PASSWORD + "\n")
    port, zone = free_port(), _zone_between_slots()
    feed = f"{internet.feed.url}/feed.xml"
    walk = Walk(
        folder,
        environment(TABUH_ALLOWED_NETWORKS="127.0.0.0/8", TABUH_ZONE=zone, TABUH_PORT=str(port)),
        meant={
            "https://example.org/feed.xml": feed,
            " example.org": " 127.0.0.1",
            "https://mastodon.example": internet.mastodon.url,
            "handle=you.bsky.social": f"handle={HANDLE} --set service={internet.pds.url}",
        },
        said={
            f"http://127.0.0.1:{port}": "TABUH",
            feed: "https://example.org/feed.xml",
            "127.0.0.1": "example.org",
            "TABUH": "http://127.0.0.1:8420",
            "Asia/Makassar": "Asia/Jakarta",
            "WITA": "WIB",
        },
    )
    yield walk
    if walk.terminal is not None:  # the walk was cut short
        walk.stop()


def _zone_between_slots() -> str:
    """Where no slot of a new page is near: what the tutorial queues for one must not go out meanwhile."""
    soon = datetime.now(ZoneInfo("Asia/Jakarta")) + timedelta(minutes=2)
    return "Asia/Makassar" if soon.hour in (9, 12, 17) and soon.minute < 3 else "Asia/Jakarta"


@pytest.mark.timeout(900)
def test_a_newcomer_gets_from_a_feed_to_a_post_a_number_and_a_target(walk: Walk, internet: Internet) -> None:
    tutorial = page("docs/tutorial.md")
    walked = walk.go(tutorial)

    assert walk.stop() == 0
    assert [block.line for block in walked] == [
        block.line for block in tutorial.blocks if block.language == "sh"
    ]
    assert [status["content"] for status in internet.toots.statuses] == ["<p>Hello from the drum</p>"]
    assert [record["text"] for record in internet.sky.records.values()] == ["Hello from the drum"]
    assert (walk.folder / "first.db").stat().st_mode & 0o777 == 0o600
