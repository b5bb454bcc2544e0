"""The Nostr adapter against a real relay: what it stores and refuses, and what a cut answer leaves behind."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from domain.clock import system_clock
from domain.content import Channel, Content, RemotePost
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, Rejected
from domain.media import Attachment
from domain.metrics import Metric
from net.client import make_client
from publishers.nostr_events import Event, is_genuine, signed
from publishers.nostr_keys import npub
from publishers.nostr_relay import Relay
from publishers.platforms.nostr import Nostr, NostrCredentials
from publishers.schnorr import public_key
from tests.publishers.case import Kept
from tests.servers.faultproxy import CutAnswer, FaultProxy, LoseRequest, Refuse
from tests.servers.nostr_relay import NostrRelay

pytestmark = pytest.mark.real

KEY = "0f" * 16
LINK = "https://news.example/drums?utm_source=tabuh&n=1"
READERS = [bytes((number,)) * 32 for number in (2, 3, 4)]


@pytest.fixture(scope="module")
def relay() -> Iterator[NostrRelay]:
    with NostrRelay() as server:
        yield server


@pytest.fixture(scope="module")
def second_relay() -> Iterator[NostrRelay]:
    with NostrRelay() as server:
        yield server


@pytest.fixture
def http_client() -> Iterator[httpx.Client]:
    with make_client(allowed_networks=("127.0.0.0/8",), timeout=3) as client:
        yield client


@pytest.fixture
def secret(request: pytest.FixtureRequest) -> bytes:
    """A key of the test's own, so that it sees no notes of others."""
    return sha256(str(request.node.name).encode()).digest()


def nostr(client: httpx.Client, secret: bytes, *relays: str) -> Nostr:
    channel = Channel(
        1, "nostr", "Drums", "drums", {"relays": " ".join(relays)}, public_url="https://tabuh.example"
    )
    credentials = NostrCredentials(secret_key=SecretStr(secret.hex()))
    return Nostr(channel, client, credentials=credentials, clock=system_clock)


@pytest.fixture
def publisher(relay: NostrRelay, secret: bytes, http_client: httpx.Client) -> Nostr:
    return nostr(http_client, secret, relay.url)


def publish(publisher: Nostr, content: Content, kept: Kept | None = None) -> RemotePost:
    payload = publisher.render(content, created_at=system_clock())
    return publisher.publish(payload, key=KEY, progress=kept or Kept())


def past(client: httpx.Client, url: str) -> Relay:
    """The relay, past the adapter."""

    def prove(address: str, challenge: str) -> Event:
        raise AssertionError("this relay asks nobody who they are")

    return Relay(client, url, prove=prove, secrets=())


def notes(client: httpx.Client, url: str, secret: bytes) -> list[Event]:
    """What the relay holds of an author, oldest first."""
    found = past(client, url).query({"authors": [public_key(secret).hex()], "kinds": [1]})
    return sorted(found, key=lambda event: int(event["created_at"]))


def deed(client: httpx.Client, url: str, secret: bytes, what: tuple[int, list[list[str]], str]) -> None:
    """Somebody does something: kind, tags and content of the event."""
    past(client, url).publish([signed(*what, secret=secret, at=system_clock())])


def test_a_note_with_link_tags_people_and_picture_is_stored_as_meant(
    relay: NostrRelay, secret: bytes, publisher: Nostr, http_client: httpx.Client
) -> None:
    friend = npub(public_key(READERS[0]))
    shown = Attachment(
        sha256="ab" * 32, media_type="image/png", size=9, width=30, height=20, alt="Seven stalls"
    )
    text = f"Genderang 🥁 #Tabuh dan {friend}"

    remote = publish(publisher, Content(text, LINK, media=(shown,)))

    [stored] = notes(http_client, relay.url, secret)
    picture = f"https://tabuh.example/m/{'ab' * 32}/nostr.jpeg"
    assert is_genuine(stored)
    assert remote.id == stored["id"]
    assert stored["content"] == f"Genderang 🥁 #Tabuh dan nostr:{friend}\n\n{LINK}\n\n{picture}"
    assert ["p", public_key(READERS[0]).hex()] in stored["tags"]
    assert ["t", "tabuh"] in stored["tags"]
    assert ["imeta", f"url {picture}", "m image/jpeg", "dim 30x20", "alt Seven stalls"] in stored["tags"]
    assert publisher.identify().remote_id == public_key(secret).hex()


def test_a_thread_is_marked_as_one(
    relay: NostrRelay, secret: bytes, publisher: Nostr, http_client: httpx.Client
) -> None:
    remote = publish(publisher, Content("One", thread=("Two", "Three")))

    first, second, third = notes(http_client, relay.url, secret)
    author = public_key(secret).hex()
    assert remote.id == first["id"]
    assert second["tags"] == [["e", first["id"], relay.url, "root", author], ["p", author]]
    assert third["tags"][1] == ["e", second["id"], relay.url, "reply", author]
    numbers = {one.metric: one.value for one in publisher.metrics(remote.id)}
    assert numbers[Metric.REPLIES] == 0


def test_a_cut_answer_leaves_one_note_however_often_it_is_sent_again(
    relay: NostrRelay, secret: bytes, http_client: httpx.Client
) -> None:
    with FaultProxy(relay.host, relay.port) as proxy:
        publisher, kept = nostr(http_client, secret, proxy.url.replace("http", "ws")), Kept()
        payload = publisher.render(Content("Drums", LINK), created_at=system_clock())
        began = system_clock()
        # The answer to the opening passes, and one byte more: the connection is cut in the relay's OK.
        proxy.fault = CutAnswer(after=_opening(proxy, http_client) + 1)
        with pytest.raises(OutcomeUnknown):
            publisher.publish(payload, key=KEY, progress=kept)
        assert proxy.struck == 1
        proxy.fault = None

        by_id = publisher.find_existing(payload, key=KEY, handle=kept.handle, since=began)
        by_text = publisher.find_existing(payload, key=KEY, handle=None, since=began)
        again = [publisher.publish(payload, key=KEY, progress=kept) for _ in range(2)]

    [stored] = notes(http_client, relay.url, secret)
    assert by_id is not None
    assert {by_id, by_text, *again} == {by_id}
    assert by_id.id == stored["id"]


def _opening(proxy: FaultProxy, client: httpx.Client) -> int:
    """Bytes of the relay's answer to the opening of a connection."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    with client.stream("GET", proxy.url, headers=headers) as answer:
        lines = [b"HTTP/1.1 101 " + answer.reason_phrase.encode()]
        lines += [name + b": " + value for name, value in answer.headers.raw]
        assert answer.status_code == 101
    return len(b"\r\n".join(lines)) + 4


def test_a_relay_that_is_down_got_nothing_and_the_look_proves_nothing(
    relay: NostrRelay, secret: bytes, http_client: httpx.Client
) -> None:
    with FaultProxy(relay.host, relay.port) as proxy:
        publisher = nostr(http_client, secret, proxy.url.replace("http", "ws"))
        payload = publisher.render(Content("Drums"), created_at=system_clock())
        for fault in (Refuse(), LoseRequest()):
            proxy.fault = fault
            with pytest.raises(NotSent):
                publisher.publish(payload, key=KEY, progress=Kept())
            with pytest.raises(NotSent):
                publisher.find_existing(payload, key=KEY, handle=None, since=system_clock())
        proxy.fault = None

        assert publisher.find_existing(payload, key=KEY, handle=None, since=system_clock()) is None


def test_of_several_relays_one_that_takes_it_is_enough(
    relay: NostrRelay, second_relay: NostrRelay, secret: bytes, http_client: httpx.Client
) -> None:
    with FaultProxy(relay.host, relay.port, fault=Refuse()) as down:
        publisher = nostr(http_client, secret, down.url.replace("http", "ws"), second_relay.url)
        kept = Kept()

        remote = publish(publisher, Content("Drums"), kept)

        assert "127.0.0.1 could not be reached" in str(remote.note)
        assert notes(http_client, relay.url, secret) == []
        numbers = {one.metric: one.value for one in publisher.metrics(remote.id)}
        assert numbers[Metric.REACTIONS] == 0
        with pytest.raises(NotSent):  # the one that is down may have it
            publisher.metrics("0" * 64)
        down.fault = None
        publish(publisher, Content("Drums"), kept)  # sent again, it is the same note everywhere
    for url in (relay.url, second_relay.url):
        assert [event["id"] for event in notes(http_client, url, secret)] == [remote.id]


def test_what_others_do_is_counted_once_over_all_relays_with_its_time(
    relay: NostrRelay, second_relay: NostrRelay, secret: bytes, http_client: httpx.Client
) -> None:
    publisher = nostr(http_client, secret, relay.url, second_relay.url)
    before = system_clock() - timedelta(seconds=2)
    remote = publish(publisher, Content("Drums"))
    target, root = [["e", remote.id]], [["e", remote.id, "", "root"]]
    for url in (relay.url, second_relay.url):
        deed(http_client, url, READERS[0], (7, target, "+"))
        deed(http_client, url, READERS[0], (6, target, ""))
        deed(http_client, url, READERS[0], (3, [["p", public_key(secret).hex()]], ""))
    deed(http_client, relay.url, READERS[1], (7, target, "🥁"))
    deed(http_client, relay.url, READERS[1], (7, target, "-"))
    deed(http_client, second_relay.url, READERS[1], (16, target, ""))
    deed(http_client, second_relay.url, READERS[2], (1, root, "Loud!"))
    deed(http_client, relay.url, READERS[2], (1, [["q", remote.id]], f"See nostr:{remote.id}"))
    deed(http_client, relay.url, READERS[2], (1, [["e", remote.id, "", "mention"]], "Only named"))

    numbers = {one.metric: one.value for one in publisher.metrics(remote.id)}
    dated = publisher.reactions(remote.id, before)

    assert numbers == {Metric.REACTIONS: 2, Metric.SHARES: 2, Metric.REPLIES: 1, Metric.QUOTES: 1}
    assert len(dated) == 6
    assert all(before < one.at <= system_clock() for one in dated)
    assert publisher.reactions(remote.id, system_clock() + timedelta(seconds=1)) == []
    assert [(one.metric, one.value) for one in publisher.channel_metrics()] == [(Metric.FOLLOWERS, 1)]


def test_more_reactions_than_a_relay_gives_at_once_are_all_counted(
    relay: NostrRelay, publisher: Nostr, http_client: httpx.Client
) -> None:
    remote = publish(publisher, Content("Drums"))
    start = datetime.now(UTC) - timedelta(seconds=300)
    events = [
        signed(
            7, [["e", remote.id]], str(number), secret=READERS[0], at=start + timedelta(seconds=number // 2)
        )
        for number in range(130)
    ]
    past(http_client, relay.url).publish(events[:70])
    past(http_client, relay.url).publish(events[70:])

    numbers = {one.metric: one.value for one in publisher.metrics(remote.id)}

    assert numbers[Metric.REACTIONS] == 130


def test_a_deleted_note_is_gone_with_all_its_parts(
    relay: NostrRelay, secret: bytes, publisher: Nostr, http_client: httpx.Client
) -> None:
    remote = publish(publisher, Content("One", thread=("Two",)))

    publisher.delete(remote.id)
    publisher.delete(remote.id)

    assert notes(http_client, relay.url, secret) == []
    with pytest.raises(PostGone):
        publisher.metrics(remote.id)


def test_a_note_that_the_relay_finds_too_long_is_refused_in_its_words(publisher: Nostr) -> None:
    with pytest.raises(Rejected, match="280 characters"):
        publish(publisher, Content("drum " * 4000))


def test_a_tampered_note_is_refused(relay: NostrRelay, publisher: Nostr) -> None:
    payload = publisher.render(Content("Drums"), created_at=system_clock())
    kept = Kept()
    publisher.publish(payload, key=KEY, progress=kept)
    assert kept.handle is not None
    event: dict[str, Any] = {**kept.handle["events"][0], "content": "Trumpets"}

    with pytest.raises(Rejected, match="invalid: Bad signature"):
        publisher.publish(payload, key=KEY, progress=Kept(handle={"events": [event]}))


def test_a_relay_that_asks_who_we_are_is_told(secret: bytes, http_client: httpx.Client) -> None:
    strict = NostrRelay()
    strict.settings["authentication"] = {
        "enabled": True,
        "relay_urls": [strict.url],
        "valid_urls": [strict.url],
        "actions": {"save": "w", "query": "r"},
    }
    with strict:
        publisher = nostr(http_client, secret, strict.url)
        with pytest.raises(NeedsReconnect, match="restricted: permission denied"):
            publish(publisher, Content("Drums"))

        strict.give_role(public_key(secret).hex(), "rw")
        remote = publish(publisher, Content("Drums"))

        assert {one.metric for one in publisher.metrics(remote.id)} > {Metric.REACTIONS}
