"""The Bluesky adapter against a real PDS: what it stores and refuses, and what a cut answer leaves behind."""

import http.server
import struct
import threading
import zlib
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from domain.clock import system_clock
from domain.content import Card, Channel, Content, RemotePost
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone
from domain.media import Attachment
from net.client import make_client
from publishers.atproto_session import SessionCredentials
from publishers.base import NoProgress
from publishers.parts import remote_ids
from publishers.platforms.bluesky import Bluesky
from tests.films import film
from tests.pictures import Folder, picture
from tests.publishers.case import Kept
from tests.servers.faultproxy import CutAnswer, FaultProxy, LoseRequest, Refuse
from tests.servers.pds import Pds, PdsAccount

pytestmark = pytest.mark.real

KEY, OTHER_KEY = "0f" * 16, "a1" * 16
LINK = "https://news.example/drums?utm_source=tabuh"


@pytest.fixture
def http_client() -> Iterator[httpx.Client]:
    with make_client(allowed_networks=("127.0.0.0/8", "::1/128"), timeout=5) as client:
        yield client


@pytest.fixture
def owner(pds: Pds) -> PdsAccount:
    return pds.create_account()


@pytest.fixture
def publisher(pds: Pds, owner: PdsAccount, http_client: httpx.Client) -> Bluesky:
    return connected(pds.url, owner, http_client)


def connected(url: str, owner: PdsAccount, client: httpx.Client, **known: Any) -> Bluesky:
    """A publisher with a session, as the channel stores it."""
    given = SessionCredentials.model_validate(
        {"handle": owner.handle, "app_password": owner.app_password, **known}
    )
    channel = Channel(1, "bluesky", "Drums", "drums", {"service": url})
    first = Bluesky(channel, client, credentials=given, clock=system_clock)
    return Bluesky(channel, client, credentials=first.refresh() or given, clock=system_clock)


def publish(publisher: Bluesky, content: Content, key: str = KEY) -> RemotePost:
    payload = publisher.render(content, created_at=system_clock())
    return publisher.publish(payload, key=key, progress=NoProgress())


def records(pds: Pds, owner: PdsAccount) -> list[dict[str, Any]]:
    """What the PDS holds, asked past the adapter."""
    answer = httpx.get(
        f"{pds.url}/xrpc/com.atproto.repo.listRecords",
        params={"repo": owner.did, "collection": "app.bsky.feed.post"},
    )
    found: list[dict[str, Any]] = answer.json()["records"]
    return found


@pytest.fixture
def picture_url() -> Iterator[str]:
    """The address of a small picture on loopback."""
    pixel = zlib.compress(b"\0\xff\0\0")
    body = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part))
        for name, part in (
            (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
            (b"IDAT", pixel),
            (b"IEND", b""),
        )
    )

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/pixel.png"
        server.shutdown()
        thread.join()


def test_a_post_with_card_picture_and_facets_is_stored_as_meant(
    pds: Pds, owner: PdsAccount, publisher: Bluesky, picture_url: str
) -> None:
    text = f"Genderang 🥁 #tabuh, oleh @{owner.handle} dan @nobody.test: https://a.example/é."
    content = Content(text, LINK, Card("Drums", "At dawn", picture_url), "id")

    remote = publish(publisher, content)

    [stored] = records(pds, owner)
    record = stored["value"]
    external = record["embed"]["external"]
    body = record["text"].encode()
    marked = [
        (body[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode(), one["features"][0])
        for one in record["facets"]
    ]
    assert remote.id == stored["uri"]
    assert (record["text"], record["langs"]) == (text, ["id"])
    assert (external["uri"], external["title"], external["description"]) == (LINK, "Drums", "At dawn")
    assert external["thumb"]["mimeType"] == "image/png"
    assert marked == [
        ("#tabuh", {"$type": "app.bsky.richtext.facet#tag", "tag": "tabuh"}),
        (f"@{owner.handle}", {"$type": "app.bsky.richtext.facet#mention", "did": owner.did}),
        ("https://a.example/é", {"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example/é"}),
    ]


@pytest.mark.parametrize(
    "text", ["drum " * 200, "🥁" * 301, "👨‍👩‍👧‍👦" * 301, "e\u0301" * 400, "कि" * 500, "鼓" * 1200]
)
def test_a_text_of_any_length_and_script_is_taken(
    pds: Pds, owner: PdsAccount, publisher: Bluesky, text: str
) -> None:
    publish(publisher, Content(text, LINK))

    [stored] = records(pds, owner)
    assert stored["value"]["text"].endswith(f"…\n\n{LINK}")


def test_a_wrong_password_asks_for_a_new_one_in_words(
    pds: Pds, owner: PdsAccount, http_client: httpx.Client
) -> None:
    with pytest.raises(NeedsReconnect, match="refuses the handle or the app password"):
        connected(pds.url, owner._replace(app_password="wrong-wrong"), http_client)


def test_a_cut_answer_leaves_one_post_however_often_it_is_sent_again(
    pds: Pds, owner: PdsAccount, http_client: httpx.Client
) -> None:
    address = urlsplit(pds.url)
    with FaultProxy(str(address.hostname), int(address.port or 0)) as proxy:
        publisher = connected(proxy.url, owner, http_client)
        payload = publisher.render(Content("Drums", LINK), created_at=system_clock())
        proxy.fault = CutAnswer()
        with pytest.raises(OutcomeUnknown):
            publisher.publish(payload, key=KEY, progress=NoProgress())
        assert proxy.struck == 1
        proxy.fault = None

        found = publisher.find_existing(payload, key=KEY, handle=None, since=system_clock())
        again = [publisher.publish(payload, key=KEY, progress=NoProgress()) for _ in range(3)]

    [stored] = records(pds, owner)
    assert found is not None
    assert {found, *again} == {found}
    assert found.id == stored["uri"]


def test_a_lost_request_leaves_no_post_and_the_look_says_so(
    pds: Pds, owner: PdsAccount, http_client: httpx.Client
) -> None:
    address = urlsplit(pds.url)
    with (
        FaultProxy(str(address.hostname), int(address.port or 0)) as proxy,
        make_client(allowed_networks=("127.0.0.0/8",), timeout=0.5) as impatient,
    ):
        publisher = connected(proxy.url, owner, http_client)
        hasty = Bluesky(publisher.channel, impatient, credentials=publisher.credentials, clock=system_clock)
        payload = publisher.render(Content("Drums"), created_at=system_clock())
        proxy.fault = Refuse()
        with pytest.raises(NotSent):
            hasty.publish(payload, key=KEY, progress=NoProgress())
        proxy.fault = LoseRequest()
        with pytest.raises(OutcomeUnknown):
            hasty.publish(payload, key=KEY, progress=NoProgress())
        proxy.fault = None

        assert hasty.find_existing(payload, key=KEY, handle=None, since=system_clock()) is None
        hasty.publish(payload, key=KEY, progress=NoProgress())
    assert len(records(pds, owner)) == 1


def test_two_posts_of_the_same_moment_are_two(pds: Pds, owner: PdsAccount, publisher: Bluesky) -> None:
    payload = publisher.render(Content("Drums"), created_at=system_clock())

    posts = [publisher.publish(payload, key=key, progress=NoProgress()) for key in (KEY, OTHER_KEY)]

    assert {stored["uri"] for stored in records(pds, owner)} == {post.id for post in posts}


def test_an_expired_session_is_renewed_by_its_refresh_token(
    pds: Pds, owner: PdsAccount, publisher: Bluesky, http_client: httpx.Client
) -> None:
    old = publisher.credentials
    assert isinstance(old, SessionCredentials)
    later = Bluesky(
        publisher.channel, http_client, credentials=old, clock=lambda: system_clock() + timedelta(hours=2)
    )

    assert later.needs_refresh()
    fresh = later.refresh()

    assert fresh is not None
    assert fresh.refresh_jwt != old.refresh_jwt  # access tokens made in the same second are equal
    renewed = Bluesky(publisher.channel, http_client, credentials=fresh, clock=system_clock)
    assert not renewed.needs_refresh()
    publish(renewed, Content("Drums"))
    assert len(records(pds, owner)) == 1


def test_tokens_that_the_server_no_longer_takes_are_replaced_within_the_call(
    pds: Pds, owner: PdsAccount, http_client: httpx.Client
) -> None:
    garbage = {"did": owner.did, "access_jwt": "not.a.token", "refresh_jwt": "not.a.token"}
    given = SessionCredentials.model_validate(
        {"handle": owner.handle, "app_password": owner.app_password, **garbage}
    )
    channel = Channel(1, "bluesky", "Drums", "drums", {"service": pds.url})

    publish(Bluesky(channel, http_client, credentials=given, clock=system_clock), Content("Drums"))

    assert len(records(pds, owner)) == 1


def test_who_the_channel_is_can_be_asked(owner: PdsAccount, publisher: Bluesky) -> None:
    identity = publisher.identify()

    assert (identity.name, identity.remote_id) == (f"@{owner.handle}", owner.did)


def test_numbers_that_cannot_be_told_now_are_not_zero(publisher: Bluesky) -> None:
    remote = publish(publisher, Content("Drums"))

    with pytest.raises(NotSent, match="502"):
        publisher.metrics(remote.id)
    with pytest.raises(NotSent, match="502"):
        publisher.channel_metrics()


def test_a_post_deleted_there_is_gone(pds: Pds, owner: PdsAccount, publisher: Bluesky) -> None:
    remote = publish(publisher, Content("Drums"))
    opened = publisher.credentials
    assert isinstance(opened, SessionCredentials)
    assert opened.access_jwt is not None
    httpx.post(
        f"{pds.url}/xrpc/com.atproto.repo.deleteRecord",
        json={"repo": owner.did, "collection": "app.bsky.feed.post", "rkey": remote.id.rsplit("/", 1)[-1]},
        headers={"Authorization": f"Bearer {opened.access_jwt.get_secret_value()}"},
    ).raise_for_status()

    with pytest.raises(PostGone):
        publisher._there(remote.id)


def test_pictures_are_stored_with_what_they_show(pds: Pds, owner: PdsAccount, publisher: Bluesky) -> None:
    folder = Folder(picture(300, 200), picture(2400, 1600, noisy=True, quality=97))
    publisher.files = folder
    content = Content("Pasar at dawn", LINK, media=folder.attachments("Seven stalls", "Noise"))

    payload = publisher.render(content, created_at=system_clock())
    remote = publisher.publish(payload, key=KEY, progress=NoProgress())

    [record] = records(pds, owner)
    shown = record["value"]["embed"]["images"]
    assert record["uri"] == remote.id
    assert [one["alt"] for one in shown] == ["Seven stalls", "Noise"]
    assert shown[0]["aspectRatio"] == {"width": 300, "height": 200}
    assert all(one["image"]["size"] <= 1_000_000 for one in shown)
    assert publisher.publish(payload, key=KEY, progress=NoProgress()).id == remote.id
    assert len(records(pds, owner)) == 1


def test_a_thread_with_a_comment_stands_under_its_first_post_and_goes_with_it(
    pds: Pds, owner: PdsAccount, http_client: httpx.Client
) -> None:
    address, kept = urlsplit(pds.url), Kept()
    content = Content(
        "Thread drum", thread=("Second part #tabuh", "Third part"), first_comment="More: https://a.example/x"
    )
    with FaultProxy(str(address.hostname), int(address.port or 0)) as proxy:
        publisher = connected(proxy.url, owner, http_client)
        payload = publisher.render(content, created_at=system_clock())
        proxy.fault = CutAnswer()
        with pytest.raises(OutcomeUnknown):
            publisher.publish(payload, key=KEY, progress=kept)
        proxy.fault = None

        remote = publisher.publish(payload, key=KEY, progress=kept)

        found = publisher.find_existing(payload, key=KEY, handle=None, since=remote.published_at)
        assert found is not None
        assert found.id == remote.id
    stored = sorted(records(pds, owner), key=lambda one: one["uri"])
    first, second, third, comment = stored
    assert [one["value"]["text"] for one in stored][:3] == ["Thread drum", *content.thread]
    assert first["uri"] == remote.id
    assert second["value"]["reply"]["parent"] == {"uri": first["uri"], "cid": first["cid"]}
    assert third["value"]["reply"]["parent"]["uri"] == second["uri"]
    assert third["value"]["reply"]["root"]["uri"] == comment["value"]["reply"]["parent"]["uri"] == remote.id
    publisher = connected(pds.url, owner, http_client)
    for part in reversed(remote_ids(kept.handle, remote.id)):
        for _ in range(2):
            publisher.delete(part)
    assert records(pds, owner) == []
    assert publisher.find_existing(payload, key=KEY, handle=None, since=remote.published_at) is None


def test_a_text_is_changed_where_it_stands(pds: Pds, owner: PdsAccount, publisher: Bluesky) -> None:
    payload = publisher.render(Content("Before #one", thread=("Goes on",)), created_at=system_clock())
    remote = publisher.publish(payload, key=KEY, progress=NoProgress())
    changed = publisher.render(Content("After https://a.example/ #two"), created_at=system_clock())

    assert publisher.text_there(remote.id, payload).changed is False
    for _ in range(2):
        publisher.edit(remote.id, changed)

    first, second = sorted(records(pds, owner), key=lambda one: one["uri"])
    assert first["value"]["text"] == "After https://a.example/ #two"
    assert len(first["value"]["facets"]) == 2
    assert second["value"]["reply"]["parent"]["uri"] == first["uri"]
    assert publisher.text_there(remote.id, payload).changed is True
    assert publisher.text_there(remote.id, changed).changed is False


def test_a_video_is_uploaded_in_pieces_and_stands_in_the_record(
    pds: Pds, owner: PdsAccount, publisher: Bluesky
) -> None:
    body = film(film_bytes=4_500_000)
    publisher.files = Folder(body)
    one = Attachment(
        sha256=sha256(body).hexdigest(), media_type="video/mp4", size=len(body), width=1080, height=1920,
        alt="A drum at dawn", duration_ms=12_500,
    )  # fmt: skip

    publish(publisher, Content("Look", media=(one,)))

    [stored] = records(pds, owner)
    embed = stored["value"]["embed"]
    assert (embed["$type"], embed["alt"]) == ("app.bsky.embed.video", "A drum at dawn")
    assert (embed["video"]["mimeType"], embed["video"]["size"]) == ("video/mp4", len(body))
    assert embed["aspectRatio"] == {"width": 1080, "height": 1920}


def test_posts_written_there_are_listed_with_ours_and_without_replies(
    pds: Pds, owner: PdsAccount, publisher: Bluesky
) -> None:
    since = system_clock() - timedelta(minutes=1)
    ours = publish(publisher, Content("Sent from here", thread=("and below it",)))
    session = httpx.post(
        f"{pds.url}/xrpc/com.atproto.server.createSession",
        json={"identifier": owner.handle, "password": owner.app_password},
    ).json()
    record = {"text": "Written there", "createdAt": system_clock().isoformat().replace("+00:00", "Z")}
    theirs = httpx.post(
        f"{pds.url}/xrpc/com.atproto.repo.createRecord",
        headers={"Authorization": f"Bearer {session['accessJwt']}"},
        json={"repo": owner.did, "collection": "app.bsky.feed.post", "record": record},
    ).json()

    listed = {one.id: one.text for one in publisher.native_posts(since)}

    assert listed == {ours.id: "Sent from here", theirs["uri"]: "Written there"}
    assert publisher.native_posts(system_clock() + timedelta(minutes=1)) == []
