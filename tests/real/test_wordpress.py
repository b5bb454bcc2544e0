"""The WordPress adapter against a real WordPress, and its RSS feed against our reader."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.clock import system_clock
from domain.content import Card, Channel, Content, RemotePost
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, UsageError
from domain.metrics import Metric
from publishers.base import Measured, NoProgress
from publishers.platforms.wordpress import WordPress, WordPressCredentials
from scheduler import channels
from scheduler.feeds import add_feed
from scheduler.routes import add_route
from store.engine import reading
from store.tables import EntryRow, Feed, Post
from tests.pictures import Folder, picture
from tests.publisher_site import PERSON, poll_all
from tests.servers import wordpress as site_of_tests
from tests.servers.faultproxy import CutAnswer, FaultProxy
from tests.servers.wordpress import Author
from tests.world import FixedClock, new_world

pytestmark = pytest.mark.real

KEY, OTHER_KEY, THIRD_KEY = "0f" * 16, "a1" * 16, "b2" * 16
LINK = "https://news.example/drums?a=1&utm_source=tabuh"


@pytest.fixture(scope="module")
def author(wordpress_site: site_of_tests.WordPress) -> Author:
    return wordpress_site.author("ani", "editor")


@pytest.fixture
def publisher(
    wordpress_site: site_of_tests.WordPress, author: Author, loopback_client: httpx.Client
) -> WordPress:
    return connected(wordpress_site.url, author, loopback_client)


@pytest.fixture(autouse=True)
def _empty_afterwards(wordpress_site: site_of_tests.WordPress) -> Iterator[None]:
    yield
    wordpress_site.php(
        '$_SERVER["HTTP_HOST"] = "127.0.0.1"; require "wp-load.php";'
        '$all = ["numberposts" => -1, "post_type" => ["post", "attachment"], "post_status" => "any,trash"];'
        "foreach (get_posts($all) as $one) { wp_delete_post($one->ID, true); }"
    )


def connected(url: str, author: Author, client: httpx.Client, **settings: str) -> WordPress:
    """A publisher that knows what the site says of itself, as the channel stores it."""
    given = WordPressCredentials.model_validate(
        {"username": author.name, "application_password": author.password}
    )
    channel = Channel(1, "wordpress", "Mading", "mading", {"site": url, **settings})
    first = WordPress(channel, client, credentials=given, clock=system_clock)
    known = first.enrich() or first.settings
    channel = Channel(1, "wordpress", "Mading", "mading", known.model_dump())
    return WordPress(channel, client, credentials=given, clock=system_clock)


def publish(publisher: WordPress, content: Content, key: str = KEY) -> RemotePost:
    payload = publisher.render(content, created_at=system_clock())
    return publisher.publish(payload, key=key, progress=NoProgress())


def posts(site: site_of_tests.WordPress, **wanted: str) -> list[dict[str, Any]]:
    """What the site shows the public, asked past the adapter."""
    answer = httpx.get(f"{site.url}/", params={"rest_route": "/wp/v2/posts", "per_page": "100", **wanted})
    found: list[dict[str, Any]] = answer.raise_for_status().json()
    return [one for one in found if one["slug"] != "hello-world"]


def test_text_link_and_pictures_arrive_as_meant(
    wordpress_site: site_of_tests.WordPress, publisher: WordPress
) -> None:
    folder = Folder(picture(300, 200), picture(3000, 2000, noisy=True, quality=97))
    publisher.files = folder
    content = Content(
        "Genderang 🥁 & <drums>\n\nBaca https://a.example/é.\nLine [gallery] two",
        LINK,
        Card("Drums & more", "At dawn"),
        media=folder.attachments('Seven "stalls"', "Noise"),
    )

    remote = publish(publisher, content)

    assert (
        publisher.text_there(remote.id, publisher.render(content, created_at=system_clock())).changed is False
    )
    [post] = posts(wordpress_site, _embed="1")
    picture_there = post["_embedded"]["wp:featuredmedia"][0]
    assert (str(post["id"]), post["link"]) == (remote.id, remote.url)
    assert post["title"]["rendered"] == "Genderang 🥁 &amp; &lt;drums&gt;"
    assert 'Baca <a href="https://a.example/é">https://a.example/é</a>.<br' in post["content"]["rendered"]
    assert "Line &#91;gallery] two" in post["content"]["rendered"]
    assert (
        '<a href="https://news.example/drums?a=1&amp;utm_source=tabuh">Drums' in post["content"]["rendered"]
    )
    assert picture_there["alt_text"] == 'Seven "stalls"'
    assert post["content"]["rendered"].count("<img") == 2
    assert 'alt="Seven &quot;stalls&quot;"' in post["content"]["rendered"]
    assert httpx.get(picture_there["source_url"]).headers["content-type"] == "image/jpeg"
    assert remote.url is not None
    assert "Seven &quot;stalls&quot;" in httpx.get(remote.url).text


@pytest.mark.parametrize("words", [True, False])
def test_a_cut_answer_leaves_one_post_which_is_found(
    wordpress_site: site_of_tests.WordPress, author: Author, loopback_client: httpx.Client, words: bool
) -> None:
    address = urlsplit(wordpress_site.url)
    with FaultProxy(str(address.hostname), int(address.port or 0)) as proxy:
        extra = {"api": f"{proxy.url}/wp-json"} if words else {}
        given = WordPressCredentials.model_validate(
            {"username": author.name, "application_password": author.password}
        )
        channel = Channel(1, "wordpress", "Mading", "mading", {"site": proxy.url, **extra})
        publisher = WordPress(channel, loopback_client, credentials=given, clock=system_clock)
        payload = publisher.render(Content("Drums", LINK), created_at=system_clock())
        assert publisher.find_existing(payload, key=KEY, handle=None, since=system_clock()) is None
        real = loopback_client.send

        class Cutting(httpx.BaseTransport):
            """Cuts the answer to the call that makes the post, and to no other."""

            def handle_request(self, request: httpx.Request) -> httpx.Response:
                proxy.fault = CutAnswer() if request.method == "POST" else None
                return real(request, stream=True)

        publisher.http = httpx.Client(transport=Cutting())
        with pytest.raises(OutcomeUnknown):
            publisher.publish(payload, key=KEY, progress=NoProgress())
        assert proxy.struck == 1
        proxy.fault = None
        publisher.http = loopback_client

        found = publisher.find_existing(payload, key=KEY, handle=None, since=system_clock())
        again = [publisher.publish(payload, key=KEY, progress=NoProgress()) for _ in range(3)]

    [post] = posts(wordpress_site)
    assert found is not None
    assert {found, *again} == {found}
    assert found.id == str(post["id"])


def test_a_post_in_the_bin_still_counts_as_sent(publisher: WordPress) -> None:
    first = publish(publisher, Content("Drums"))
    publisher.delete(first.id)

    assert publish(publisher, Content("Drums")).id == first.id


def test_real_comments_are_counted(wordpress_site: site_of_tests.WordPress, publisher: WordPress) -> None:
    remote, other = publish(publisher, Content("Drums")), publish(publisher, Content("Silence"), OTHER_KEY)
    owner = wordpress_site.owner()
    for text in ("Loud!", "Louder!"):
        httpx.post(
            f"{wordpress_site.url}/?rest_route=/wp/v2/comments",
            json={"post": int(remote.id), "content": text},
            auth=(owner.name, owner.password),
        ).raise_for_status()

    assert publisher.metrics(remote.id) == [Measured(Metric.REPLIES, 2, "X-WP-Total")]
    dated = publisher.reactions(remote.id, system_clock() - timedelta(minutes=5))
    assert [one.metric for one in dated] == [Metric.REPLIES] * 2
    assert len({one.key for one in dated}) == 2
    assert abs(dated[0].at - system_clock()) < timedelta(minutes=2)
    assert publisher.reactions(remote.id, system_clock() + timedelta(minutes=5)) == []
    assert publisher.metrics(other.id) == [Measured(Metric.REPLIES, 0, "X-WP-Total")]


def test_an_edit_and_a_deletion_are_seen_by_readers(
    wordpress_site: site_of_tests.WordPress, publisher: WordPress
) -> None:
    remote = publish(publisher, Content("Drums"))
    changed = publisher.render(Content("Drums, louder"), created_at=system_clock())
    publisher.edit(remote.id, changed)

    [post] = posts(wordpress_site)
    assert (post["title"]["rendered"], post["link"]) == ("Drums, louder", remote.url)

    assert publisher.text_there(remote.id, changed).changed is False
    owner = wordpress_site.owner()
    httpx.post(
        f"{wordpress_site.url}/?rest_route=/wp/v2/posts/{remote.id}",
        json={"content": "<p>Silence</p>"},
        auth=(owner.name, owner.password),
    ).raise_for_status()
    assert publisher.text_there(remote.id, changed).changed is True

    publisher.delete(remote.id)
    publisher.delete(remote.id)
    publisher.delete("987654")

    assert posts(wordpress_site) == []
    for number in (remote.id, "987654"):
        with pytest.raises(PostGone):
            publisher.metrics(number)


def test_categories_and_tags_are_made_once(
    wordpress_site: site_of_tests.WordPress, author: Author, loopback_client: httpx.Client
) -> None:
    publisher = connected(
        wordpress_site.url, author, loopback_client, categories="Sastra & Seni, uncategorized", tags="drums"
    )

    for key in (KEY, OTHER_KEY):
        publish(publisher, Content("Drums"), key)

    first, second = posts(wordpress_site)
    named = httpx.get(f"{wordpress_site.url}/?rest_route=/wp/v2/categories").json()
    assert first["categories"] == second["categories"]
    assert {one["name"] for one in named if one["id"] in first["categories"]} == {
        "Sastra &amp; Seni",
        "Uncategorized",
    }
    assert first["tags"] == second["tags"]
    assert len(first["tags"]) == 1


def test_who_may_not_is_told_why(
    wordpress_site: site_of_tests.WordPress, author: Author, loopback_client: httpx.Client
) -> None:
    helper = wordpress_site.author("budi", "contributor")
    with pytest.raises(NeedsReconnect, match="budi may not publish"):
        connected(wordpress_site.url, helper, loopback_client).identify()
    with pytest.raises(NeedsReconnect, match="role of an author"):
        publish(connected(wordpress_site.url, helper, loopback_client), Content("Drums"))
    wrong = author._replace(password="wrong wrong")
    with pytest.raises(NeedsReconnect, match="application password"):
        connected(wordpress_site.url, wrong, loopback_client).identify()
    with pytest.raises(NeedsReconnect, match="application password"):
        publish(connected(wordpress_site.url, wrong, loopback_client), Content("Drums"))


def test_its_feed_becomes_posts_on_itself_and_no_second_ones(
    wordpress_site: site_of_tests.WordPress, author: Author, publisher: WordPress, engine: Engine
) -> None:
    publish(publisher, Content("Before"))
    world = new_world(engine, clock=FixedClock(system_clock()))
    feed = add_feed(world.context, world.workspace.id, wordpress_site.url, existing="none", actor=PERSON)
    blog = channels.connect(
        world.context, world.workspace.id, platform="wordpress", name="Blog", zone_name="Asia/Jakarta",
        settings={"site": wordpress_site.url}, schedule="daily 09:00",
        credentials={"username": author.name, "application_password": author.password}, actor=PERSON,
    )  # fmt: skip
    add_route(
        world.context, world.workspace.id, name="Again", feed_ids=[feed.id], channel_id=blog.id, actor=PERSON
    )
    time.sleep(1.1)  # WordPress tells the newest post by the second: two within one look like no change
    publish(publisher, Content("Drums at dawn\n\nThe whole story."), OTHER_KEY)
    statuses = []
    for _ in range(3):
        world.clock.forward(days=1)
        poll_all(world)
        with Session(engine) as session:
            statuses.append(session.get_one(Feed, feed.id).last_status)

    with reading(engine) as session:
        titles = [row.title for row in session.exec(select(EntryRow).order_by(col(EntryRow.id)))]
        made = session.exec(select(Post)).all()
    assert feed.url.startswith(wordpress_site.url)
    assert "feed" in feed.url
    assert titles[-2:] == ["Before", "Drums at dawn"]
    assert statuses == [200, 304, 304]
    assert [post.content["text"].splitlines()[0] for post in made] == ["Drums at dawn"]
    assert (blog.remote_name or "").startswith("ani · ")
    with pytest.raises(UsageError, match="called 'Blog' already"):
        channels.connect(
            world.context, world.workspace.id, platform="wordpress", name="Blog", zone_name="UTC",
            settings={"site": wordpress_site.url}, credentials={}, actor=PERSON,
        )  # fmt: skip
