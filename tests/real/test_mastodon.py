"""The Mastodon adapter against mastodon-mock: somebody else's server, with a real connection in between.

It is no real Mastodon: it counts addresses in full, so texts here stay short.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from domain.clock import system_clock
from domain.content import Channel, Content, Poll
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, Rejected
from domain.metrics import Metric
from net.client import make_client
from publishers.base import NoProgress
from publishers.parts import remote_ids
from publishers.platforms.mastodon import Mastodon, MastodonCredentials
from tests.pictures import Folder, picture
from tests.publishers.case import Kept
from tests.servers.faultproxy import CutAnswer, FaultProxy

pytestmark = pytest.mark.real

TOKEN = "mock_token"
KEY, OTHER_KEY = "0f" * 16, "a1" * 16


#: Two people, so that one can name the other.
SEED = "".join(
    f'[[seed.accounts]]\nusername = "{name}"\naccess_token = "{token}"\n'
    for name, token in (("testuser", TOKEN), ("neighbour", "other_token"))
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a fresh mastodon-mock."""
    seed = tmp_path_factory.mktemp("mastodon") / "seed.toml"
    seed.write_text(SEED)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mastodon_mock", "serve", "--host", "127.0.0.1", "--in-memory"]
    command += ["--config", str(seed)]
    running = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/api/v2/instance", running)
        yield url
    finally:
        running.terminate()
        running.wait(10)


def _wait_for(url: str, running: "subprocess.Popen[bytes]") -> None:
    ends_at = time.monotonic() + 90
    while time.monotonic() < ends_at:
        assert running.poll() is None, "mastodon-mock ended at once"
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("mastodon-mock does not answer")


@pytest.fixture
def http_client() -> Iterator[httpx.Client]:
    with make_client(allowed_networks=("127.0.0.0/8",), timeout=5) as client:
        yield client


def mastodon(url: str, client: httpx.Client, token: str = TOKEN) -> Mastodon:
    channel = Channel(1, "mastodon", "Drums", "drums", {"server": url})
    credentials = MastodonCredentials(access_token=SecretStr(token))
    return Mastodon(channel, client, credentials=credentials, clock=system_clock)


def statuses(url: str, client: httpx.Client, text: str) -> int:
    """How many statuses hold this text, asked past the adapter."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    me = client.get(f"{url}/api/v1/accounts/verify_credentials", headers=headers).json()["id"]
    listed = client.get(f"{url}/api/v1/accounts/{me}/statuses?limit=40", headers=headers).json()
    return sum(text in status["content"] for status in listed)


def test_a_status_is_published_found_and_measured(server: str, http_client: httpx.Client) -> None:
    publisher, since = mastodon(server, http_client), system_clock()
    content = Content(
        "First drum & more #tabuh", "https://news.example/a?utm_source=tabuh&x=1", language="id"
    )
    payload = publisher.render(content, created_at=since)

    remote = publisher.publish(payload, key=KEY, progress=NoProgress())

    found = publisher.find_existing(payload, key=KEY, handle=None, since=since)
    numbers = {measured.metric: measured.value for measured in publisher.metrics(remote.id)}
    assert found is not None
    assert (found.id, found.url) == (remote.id, remote.url)
    assert abs(remote.published_at - since) < timedelta(minutes=1)
    assert numbers[Metric.REACTIONS] == numbers[Metric.REPLIES] == numbers[Metric.SHARES] == 0
    assert [measured.metric for measured in publisher.channel_metrics()] == [
        Metric.FOLLOWERS,
        Metric.CHANNEL_POSTS,
    ]


def test_a_cut_answer_leaves_one_status_that_is_found(server: str, http_client: httpx.Client) -> None:
    address = urlsplit(server)
    with FaultProxy(str(address.hostname), int(address.port or 0)) as proxy:
        publisher, since = mastodon(proxy.url, http_client), system_clock()
        payload = publisher.render(Content("Second drum"), created_at=since)
        proxy.fault = CutAnswer()
        with pytest.raises(OutcomeUnknown):
            publisher.publish(payload, key=OTHER_KEY, progress=NoProgress())
        proxy.fault = None

        assert publisher.find_existing(payload, key=OTHER_KEY, handle=None, since=since) is not None
        absent = publisher.render(Content("Never sent"), created_at=since)
        assert publisher.find_existing(absent, key=KEY, handle=None, since=since) is None
    assert statuses(server, http_client, "Second drum") == 1


def test_what_the_server_refuses_is_said_in_its_words(server: str, http_client: httpx.Client) -> None:
    with pytest.raises(Rejected, match="500"):
        mastodon(server, http_client).publish({"status": "x" * 501}, key="b" * 32, progress=NoProgress())
    with pytest.raises(NeedsReconnect):
        mastodon(server, http_client, token="wrong").identify()
    with pytest.raises(PostGone):
        mastodon(server, http_client).metrics("999999")


def test_its_limits_are_learned(server: str, http_client: httpx.Client) -> None:
    learned = mastodon(server, http_client).enrich()

    assert learned is not None
    assert (learned.max_characters, learned.characters_per_url) == (500, 23)


def test_a_post_with_a_picture_is_there_with_what_it_shows(server: str, http_client: httpx.Client) -> None:
    folder = Folder(picture(300, 200))
    publisher = mastodon(server, http_client)
    publisher.files = folder
    payload = publisher.render(
        Content("Pasar at dawn", media=folder.attachments("Seven stalls")), created_at=system_clock()
    )

    remote = publisher.publish(payload, key=KEY[::-1] + "1", progress=NoProgress())

    headers = {"Authorization": f"Bearer {TOKEN}"}
    stored = http_client.get(f"{server}/api/v1/statuses/{remote.id}", headers=headers).json()
    [shown] = stored["media_attachments"]
    assert (shown["type"], shown["description"]) == ("image", "Seven stalls")
    found = publisher.find_existing(
        payload, key=KEY, handle=None, since=system_clock() - timedelta(minutes=1)
    )
    assert found is not None
    assert found.id == remote.id


def test_a_thread_stands_below_its_first_status_is_changed_and_goes_with_it(
    server: str, http_client: httpx.Client
) -> None:
    address, kept = urlsplit(server), Kept()
    content = Content("Thread drum", thread=("Second part", "Third part"), first_comment="And a comment")
    with FaultProxy(str(address.hostname), int(address.port or 0)) as proxy:
        publisher, since = mastodon(proxy.url, http_client), system_clock()
        payload = publisher.render(content, created_at=since)
        proxy.fault = CutAnswer()
        with pytest.raises(OutcomeUnknown):
            publisher.publish(payload, key="c" * 32, progress=kept)
        proxy.fault = None
        assert publisher.find_existing(payload, key="c" * 32, handle=kept.handle, since=since) is None

        remote = publisher.publish(payload, key="c" * 32, progress=kept)

        assert publisher.find_existing(payload, key="c" * 32, handle=kept.handle, since=since) is not None
    publisher = mastodon(server, http_client)
    for text in ("Thread drum", "Second part", "Third part", "And a comment"):
        assert statuses(server, http_client, text) == 1, text
    publisher.edit(remote.id, publisher.render(Content("Thread drum, changed"), created_at=since))
    assert statuses(server, http_client, "Thread drum, changed") == 1
    assert publisher.text_there(remote.id, payload).changed
    for part in reversed(remote_ids(kept.handle, remote.id)):
        for _ in range(2):
            publisher.delete(part)
    assert statuses(server, http_client, "part") == statuses(server, http_client, "Thread") == 0
    with pytest.raises(PostGone):
        publisher.metrics(remote.id)


def test_a_poll_asks_what_the_text_asks(server: str, http_client: httpx.Client) -> None:
    publisher = mastodon(server, http_client)
    content = Content("Which drum?", poll=Poll(("Beduk", "Kendang"), 60))
    payload = publisher.render(content, created_at=system_clock())

    remote = publisher.publish(payload, key="d" * 32, progress=NoProgress())

    headers = {"Authorization": f"Bearer {TOKEN}"}
    stored = http_client.get(f"{server}/api/v1/statuses/{remote.id}", headers=headers).json()
    assert [one["title"] for one in stored["poll"]["options"]] == ["Beduk", "Kendang"]


def test_posts_written_there_are_listed_with_ours_and_without_replies(
    server: str, http_client: httpx.Client
) -> None:
    since = system_clock() - timedelta(minutes=1)
    channel = Channel(1, "mastodon", "Drums", "drums", {"server": server})
    publisher = Mastodon(
        channel,
        http_client,
        credentials=MastodonCredentials(access_token=SecretStr(TOKEN)),
        clock=system_clock,
    )
    before = {one.id for one in publisher.native_posts(since)}
    payload = publisher.render(Content("Sent from here", thread=("and below it",)), created_at=system_clock())
    ours = publisher.publish(payload, key="c3" * 16, progress=NoProgress())
    theirs = httpx.post(
        f"{server}/api/v1/statuses",
        headers={"Authorization": f"Bearer {TOKEN}"},
        json={"status": "Written there"},
    ).json()

    listed = {one.id: one.text for one in publisher.native_posts(since) if one.id not in before}

    assert listed == {ours.id: "Sent from here", str(theirs["id"]): "Written there"}


def test_who_names_the_channel_is_told_once_and_answers_and_own_words_are_not(
    server: str, http_client: httpx.Client
) -> None:
    ours, theirs = mastodon(server, http_client), mastodon(server, http_client, token="other_token")
    begun = system_clock() - timedelta(seconds=1)

    def said(publisher: Mastodon, text: str, key: str, **more: str) -> str:
        payload = {**publisher.render(Content(text), created_at=begun), **more}
        return publisher.publish(payload, key=key * 32, progress=NoProgress()).id

    own = said(ours, "@testuser says this of itself", "1")
    said(theirs, "Heard @testuser in the square", "2")
    _answer(server, http_client, own, "@testuser well played")
    said(theirs, "Nobody is named here", "3")
    said(theirs, "@testuser again", "4")

    told = ours.mentions(begun)
    assert len(told.found) == len({one.mark for one in told.found}) == 2
    assert told.gap_until is None
    assert all(begun <= one.at <= system_clock() for one in told.found)
    assert ours.mentions(system_clock() + timedelta(minutes=1)).found == []
    assert theirs.mentions(begun).found == []


def _answer(url: str, client: httpx.Client, status: str, text: str) -> None:
    answered = client.post(
        f"{url}/api/v1/statuses",
        headers={"Authorization": "Bearer other_token"},
        json={"status": text, "in_reply_to_id": status},
    )
    assert answered.is_success
