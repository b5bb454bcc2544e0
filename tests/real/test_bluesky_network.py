"""The Bluesky adapter against a whole network: what other people do comes back as numbers."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from domain.clock import system_clock
from domain.content import Channel, Content, RemotePost
from domain.errors import PostGone, PublishError
from domain.metrics import Metric
from net.client import make_client
from publishers.atproto_session import SessionCredentials
from publishers.platforms.bluesky import Bluesky
from tests.pictures import Folder, picture
from tests.publishers.case import Kept
from tests.servers.atproto_network import AtprotoNetwork
from tests.servers.pds import PdsAccount

pytestmark = pytest.mark.real

KEY = "0f" * 16
LINK = "https://news.example/drums?utm_source=tabuh"


@pytest.fixture(scope="module")
def network() -> Iterator[AtprotoNetwork]:
    with AtprotoNetwork() as running:
        yield running


@pytest.fixture
def http_client() -> Iterator[httpx.Client]:
    with make_client(allowed_networks=("127.0.0.0/8", "::1/128"), timeout=10) as client:
        yield client


@pytest.fixture
def owner(network: AtprotoNetwork) -> PdsAccount:
    return network.create_account()


@pytest.fixture
def publisher(network: AtprotoNetwork, owner: PdsAccount, http_client: httpx.Client) -> Bluesky:
    given = SessionCredentials.model_validate({"handle": owner.handle, "app_password": owner.app_password})
    channel = Channel(1, "bluesky", "Drums", "drums", {"service": network.url})
    first = Bluesky(channel, http_client, credentials=given, clock=system_clock)
    return Bluesky(channel, http_client, credentials=first.refresh() or given, clock=system_clock)


class Reader:
    """Somebody else on the network, who acts past the adapter."""

    def __init__(self, network: AtprotoNetwork) -> None:
        self.who = network.create_account()
        body = {"identifier": self.who.handle, "password": self.who.app_password}
        opened = httpx.post(f"{network.url}/xrpc/com.atproto.server.createSession", json=body, timeout=30)
        token = opened.raise_for_status().json()["accessJwt"]
        self.http = httpx.Client(
            base_url=f"{network.url}/xrpc/", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )

    def do(self, kind: str, **record: Any) -> str:
        """Write a record; its address."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        whole = {"$type": kind, "createdAt": now, **record}
        body = {"repo": self.who.did, "collection": kind, "record": whole}
        made = self.http.post("com.atproto.repo.createRecord", json=body)
        address: str = made.raise_for_status().json()["uri"]
        return address

    def undo(self, address: str) -> None:
        """Take a record back."""
        collection, rkey = address.split("/")[-2:]
        body = {"repo": self.who.did, "collection": collection, "rkey": rkey}
        self.http.post("com.atproto.repo.deleteRecord", json=body).raise_for_status()

    def cid(self, address: str) -> str:
        """The hash of a record as it is now."""
        repo, collection, rkey = address.removeprefix("at://").split("/")
        params = {"repo": repo, "collection": collection, "rkey": rkey}
        answer = self.http.get("com.atproto.repo.getRecord", params=params)
        found: str = answer.raise_for_status().json()["cid"]
        return found


@pytest.fixture
def readers(network: AtprotoNetwork) -> Iterator[list[Reader]]:
    found = [Reader(network), Reader(network)]
    yield found
    for reader in found:
        reader.http.close()


def publish(publisher: Bluesky, content: Content) -> RemotePost:
    payload = publisher.render(content, created_at=system_clock())
    return publisher.publish(payload, key=KEY, progress=Kept())


def numbers(publisher: Bluesky, remote: RemotePost) -> dict[Metric, int | None]:
    """What the AppView says now; empty while it has not indexed the post."""
    try:
        return {one.metric: one.value for one in publisher.metrics(remote.id)}
    except PostGone:
        raise
    except PublishError:
        return {}


def soon(told: Callable[[], Any], expected: Any) -> None:
    """The AppView counts a moment after the deed."""
    ends_at = time.monotonic() + 30
    while (said := told()) != expected and time.monotonic() < ends_at:
        time.sleep(0.2)
    assert said == expected


def act(reader: Reader, remote: RemotePost, kind: str, **more: Any) -> str:
    """Like or repost the post."""
    return reader.do(kind, subject={"uri": remote.id, "cid": reader.cid(remote.id)}, **more)


def test_likes_reposts_replies_and_quotes_of_others_are_counted_back(
    publisher: Bluesky, readers: list[Reader]
) -> None:
    remote = publish(publisher, Content("Drums at dawn", LINK))
    soon(
        lambda: numbers(publisher, remote),
        {
            Metric.REACTIONS: 0,
            Metric.REPLIES: 0,
            Metric.REPLIES_OTHERS: 0,
            Metric.SHARES: 0,
            Metric.QUOTES: 0,
            Metric.SAVES: 0,
        },
    )
    first, second = readers
    subject = {"uri": remote.id, "cid": first.cid(remote.id)}
    liked = act(first, remote, "app.bsky.feed.like")
    act(second, remote, "app.bsky.feed.like")
    act(second, remote, "app.bsky.feed.repost")
    first.do("app.bsky.feed.post", text="Loud!", reply={"root": subject, "parent": subject})
    quote = {"$type": "app.bsky.embed.record", "record": subject}
    first.do("app.bsky.feed.post", text="Look", embed=quote)

    counted = {
        Metric.REACTIONS: 2,
        Metric.REPLIES: 1,
        Metric.REPLIES_OTHERS: 1,
        Metric.SHARES: 1,
        Metric.QUOTES: 1,
        Metric.SAVES: 0,
    }
    soon(lambda: numbers(publisher, remote), counted)
    first.undo(liked)
    soon(lambda: numbers(publisher, remote), {**counted, Metric.REACTIONS: 1})


def test_likes_come_with_their_times(publisher: Bluesky, readers: list[Reader]) -> None:
    remote, before = publish(publisher, Content("Drums")), system_clock() - timedelta(seconds=5)
    for reader in readers:
        act(reader, remote, "app.bsky.feed.like")
    soon(lambda: numbers(publisher, remote).get(Metric.REACTIONS), 2)

    dated = publisher.reactions(remote.id, before) or []

    likes = [one for one in dated if one.metric is Metric.REACTIONS]
    assert len({one.key for one in likes}) == 2
    assert all(before < one.at < system_clock() + timedelta(minutes=1) for one in likes)


def test_followers_are_counted_as_they_come(publisher: Bluesky, readers: list[Reader]) -> None:
    publish(publisher, Content("Drums"))
    did = publisher.identify().remote_id
    for reader in readers:
        reader.do("app.bsky.graph.follow", subject=did)

    def followers() -> int | None:
        try:
            return {one.metric: one.value for one in publisher.channel_metrics()}.get(Metric.FOLLOWERS)
        except PublishError:
            return None

    soon(followers, 2)


def test_a_post_deleted_by_us_or_there_counts_as_gone(publisher: Bluesky) -> None:
    remote = publish(publisher, Content("Drums"))
    soon(lambda: numbers(publisher, remote).get(Metric.REACTIONS), 0)

    publisher.delete(remote.id)

    def is_gone() -> bool:
        try:
            publisher.metrics(remote.id)
        except PostGone:
            return True
        except PublishError:
            return False
        return False

    soon(is_gone, True)


def test_pictures_and_a_thread_are_shown_by_the_appview(publisher: Bluesky, readers: list[Reader]) -> None:
    folder = Folder(picture(300, 200))
    publisher.files = folder
    remote = publish(
        publisher, Content("Pasar", media=folder.attachments("Seven stalls"), thread=("And on", "The end"))
    )

    soon(lambda: numbers(publisher, remote).get(Metric.REPLIES), 1)
    answer = readers[0].http.get("app.bsky.feed.getPostThread", params={"uri": remote.id})
    shown = answer.raise_for_status().json()["thread"]
    [second] = shown["replies"]
    [third] = second["replies"]
    assert shown["post"]["embed"]["images"][0]["alt"] == "Seven stalls"
    assert [second["post"]["record"]["text"], third["post"]["record"]["text"]] == ["And on", "The end"]
