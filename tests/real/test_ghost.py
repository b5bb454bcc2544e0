"""The Ghost adapter against a real Ghost: what it stores, a cut answer, its edit lock, its RSS feed."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from domain.clock import system_clock
from domain.content import Card, Channel, Content, RemotePost
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, Rejected
from domain.metrics import Metric
from feeds.fetch import Agent, Fetched, NotModified, Validators, fetch
from feeds.parse import parse
from publishers.base import Measured, NoProgress
from publishers.platforms.ghost import Ghost, GhostCredentials
from tests.pictures import Folder, picture
from tests.servers.faultproxy import CutAnswer, FaultProxy
from tests.servers.ghost import Integration

pytestmark = pytest.mark.slow

KEY, OTHER_KEY = "0f" * 16, "a1" * 16
LINK = "https://news.example/drums?a=1&utm_source=tabuh"


@pytest.fixture
def publisher(ghost_site: Integration, loopback_client: httpx.Client) -> Ghost:
    return connected(ghost_site.url, ghost_site.admin_key, loopback_client)


@pytest.fixture(autouse=True)
def _empty_afterwards(publisher: Ghost) -> Iterator[None]:
    yield
    for post in posts(publisher):
        publisher.delete(str(post["id"]))


def connected(url: str, key: str, client: httpx.Client, **settings: str) -> Ghost:
    channel = Channel(1, "ghost", "Mading", "mading", {"site": url, **settings})
    credentials = GhostCredentials.model_validate({"admin_key": key})
    return Ghost(channel, client, credentials=credentials, clock=system_clock)


def publish(publisher: Ghost, content: Content, key: str = KEY) -> RemotePost:
    payload = publisher.render(content, created_at=system_clock())
    return publisher.publish(payload, key=key, progress=NoProgress())


def posts(publisher: Ghost) -> list[dict[str, Any]]:
    """What the site holds, drafts included."""
    found: list[dict[str, Any]] = publisher._get("posts/", limit="50", formats="html", include="tags")[
        "posts"
    ]
    return [one for one in found if one["slug"] != "coming-soon"]


def test_text_link_and_pictures_arrive_as_meant(
    ghost_site: Integration, loopback_client: httpx.Client
) -> None:
    publisher = connected(ghost_site.url, ghost_site.admin_key, loopback_client, tags="Drums, Sastra & Seni")
    folder = Folder(picture(300, 200), picture(310, 200))
    publisher.files = folder
    content = Content(
        "Genderang 🥁 & <drums>\n\nBaca https://a.example/é.\nLine two",
        LINK,
        Card("Drums & more", "At dawn"),
        media=folder.attachments('Seven "stalls"', "z" * 191),
    )

    remote = publish(publisher, content)

    assert (
        publisher.text_there(remote.id, publisher.render(content, created_at=system_clock())).changed is False
    )
    [post] = posts(publisher)
    assert (post["id"], post["url"], post["status"]) == (remote.id, remote.url, "published")
    assert post["title"] == "Genderang 🥁 & <drums>"
    assert 'Baca <a href="https://a.example/%C3%A9">https://a.example/é</a>.<br>Line two' in post["html"] or (
        'Baca <a href="https://a.example/é">https://a.example/é</a>.<br>Line two' in post["html"]
    )
    assert (
        '<a class="kg-bookmark-container" href="https://news.example/drums?a=1&amp;utm_source=tabuh"'
        in post["html"]
    )
    assert '<div class="kg-bookmark-title">Drums &amp; more</div>' in post["html"]
    assert (post["feature_image_alt"], post["custom_excerpt"]) == ('Seven "stalls"', "At dawn")
    assert f'alt="{"z" * 191}"' in post["html"]
    assert [tag["name"] for tag in post["tags"]] == ["Drums", "Sastra & Seni"]
    assert httpx.get(post["feature_image"]).headers["content-type"] == "image/jpeg"
    assert remote.url is not None
    assert httpx.get(remote.url).status_code == 200


def test_a_cut_answer_leaves_one_post_which_is_found(
    ghost_site: Integration, loopback_client: httpx.Client, publisher: Ghost
) -> None:
    address = urlsplit(ghost_site.url)
    with FaultProxy(str(address.hostname), int(address.port or 0)) as proxy:
        behind = connected(proxy.url, ghost_site.admin_key, loopback_client)
        payload = behind.render(Content("Drums", LINK), created_at=system_clock())
        assert behind.find_existing(payload, key=KEY, handle=None, since=system_clock()) is None
        real = loopback_client.send

        class Cutting(httpx.BaseTransport):
            """Cuts the answer to the call that makes the post, and to no other."""

            def handle_request(self, request: httpx.Request) -> httpx.Response:
                proxy.fault = CutAnswer() if request.method == "POST" else None
                return real(request, stream=True)

        behind.http = httpx.Client(transport=Cutting())
        with pytest.raises(OutcomeUnknown):
            behind.publish(payload, key=KEY, progress=NoProgress())
        assert proxy.struck == 1
        proxy.fault = None
        behind.http = loopback_client

        found = behind.find_existing(payload, key=KEY, handle=None, since=system_clock())
        again = [behind.publish(payload, key=KEY, progress=NoProgress()) for _ in range(3)]

    [post] = posts(publisher)
    assert found is not None
    assert {found, *again} == {found}
    assert found.id == post["id"]


def test_an_edit_and_a_deletion_are_seen(publisher: Ghost) -> None:
    remote = publish(publisher, Content("Drums"))
    changed = publisher.render(Content("Drums, louder", LINK, Card("Drums", "")), created_at=system_clock())
    for _ in range(2):
        publisher.edit(remote.id, changed)

    [post] = posts(publisher)
    assert (post["title"], post["url"]) == ("Drums, louder", remote.url)
    assert publisher.metrics(remote.id) == []  # no mail went out: nothing was counted
    assert publisher.text_there(remote.id, changed).changed is False
    assert publisher.text_there(remote.id, {**changed, "html": "<p>Silence</p>"}).changed is True

    publisher.delete(remote.id)
    publisher.delete(remote.id)

    assert posts(publisher) == []
    with pytest.raises(PostGone):
        publisher.metrics(remote.id)


def test_who_may_not_and_what_may_not_are_told_why(
    ghost_site: Integration, loopback_client: httpx.Client, publisher: Ghost
) -> None:
    assert publisher.identify().name == "Mading · 127.0.0.1"
    assert publisher.channel_metrics() == [Measured(Metric.FOLLOWERS, 0, "pagination.total")]
    wrong = ghost_site.admin_key[:-2] + ("00" if ghost_site.admin_key[-2:] != "00" else "11")
    with pytest.raises(NeedsReconnect, match="Admin API key"):
        connected(ghost_site.url, wrong, loopback_client).identify()
    with pytest.raises(Rejected, match="has no Ghost there"):
        connected(f"{ghost_site.url}/nowhere", ghost_site.admin_key, loopback_client).identify()
    payload = {**publisher.render(Content("Drums"), created_at=system_clock()), "title": "x" * 256}
    with pytest.raises(Rejected, match="255 characters"):
        publisher.publish(payload, key=KEY, progress=NoProgress())


def test_its_rss_feed_is_read_and_unchanged_the_second_time(
    ghost_site: Integration, loopback_client: httpx.Client, publisher: Ghost
) -> None:
    publish(publisher, Content("Drums at dawn\n\nThe whole story."))
    url, now = f"{ghost_site.url}/rss/", system_clock()

    found = fetch(loopback_client, url, now=now, agent=Agent(subscribers=1))
    assert isinstance(found, Fetched)
    document = parse(found.body, url=url, content_type=found.content_type, now=now)
    again = fetch(
        loopback_client,
        url,
        now=now,
        agent=Agent(subscribers=1),
        validators=Validators(etag=found.validators.etag),
    )

    assert document.entries[0].title == "Drums at dawn"
    assert isinstance(again, NotModified)
