"""WordPress: what is sent, how it is found again by its slug, and what the site's refusals mean."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from domain.content import Card, Channel, Content
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, PublishError, Rejected
from domain.metrics import Metric
from publishers.base import Measured, NoProgress
from publishers.platforms.wordpress import WordPress, WordPressCredentials, WordPressSettings
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, OTHER_KEY, Case, Kept
from tests.publishers.fakes.wordpress import FakeWordPress
from tests.world import NOON, FixedClock

LINK = "https://news.example/drums?a=1&b=2"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def server(clock: FixedClock) -> FakeWordPress:
    return FakeWordPress(clock)


def wordpress(server: FakeWordPress, *bodies: bytes, **settings: str) -> WordPress:
    channel = Channel(1, "wordpress", "Mading", "mading", {"site": "https://blog.example", **settings})
    known = {"username": server.USER, "application_password": server.PASSWORD}
    credentials = WordPressCredentials.model_validate(known)
    return WordPress(
        channel, server.client(), credentials=credentials, clock=server.clock, files=Folder(*bodies)
    )


def publish(publisher: WordPress, content: Content, key: str = KEY) -> dict[str, Any]:
    """The post as the site holds it after one publish call."""
    payload = publisher.render(content, created_at=NOON)
    remote = publisher.publish(payload, key=key, progress=NoProgress())
    posts: dict[int, dict[str, Any]] = publisher.http._transport.handler.posts  # type: ignore[attr-defined]
    return posts[int(remote.id)]


def test_the_text_becomes_blocks_with_its_links_and_a_card(server: FakeWordPress) -> None:
    content = Content(
        "Drums at dawn\n\nSee https://a.example/é?x=1&y=2.\nSecond <b>line</b> [gallery]",
        LINK,
        Card("Drums & more", "At <dawn>"),
    )

    post = publish(wordpress(server), content)

    assert post["title"] == "Drums at dawn"
    assert post["content"] == (
        "<!-- wp:paragraph -->\n"
        '<p>See <a href="https://a.example/é?x=1&amp;y=2">https://a.example/é?x=1&amp;y=2</a>.<br>'
        "Second &lt;b&gt;line&lt;/b&gt; &#91;gallery]</p>\n<!-- /wp:paragraph -->\n\n"
        "<!-- wp:quote -->\n"
        '<blockquote class="wp-block-quote"><p><strong><a href="https://news.example/drums?a=1&amp;b=2">'
        "Drums &amp; more</a></strong></p><p>At &lt;dawn&gt;</p><cite>news.example</cite></blockquote>\n"
        "<!-- /wp:quote -->"
    )
    assert (post["excerpt"], post["status"]) == ("At &lt;dawn&gt;", "publish")
    assert post["slug"] == f"drums-at-dawn-{KEY[:16]}"


@pytest.mark.parametrize(
    ("content", "title", "text"),
    [
        (Content("Only this"), "Only this", "Only this"),
        (Content("Only this", LINK), "Only this", ""),
        (Content("A line", title="A headline"), "A headline", "A line"),
        (Content("", LINK, Card("The page", "")), "The page", ""),
        (Content("", LINK), "news.example", ""),
        (Content(f"{LINK}\nbelow", LINK), "news.example", f"{LINK}\nbelow"),
        (Content("drum " * 40), "drum " * 19 + "drum…", ("drum " * 40).strip()),
        (
            Content("Baca https://a.example/b\nnow"),
            "Baca https://a.example/b",
            "Baca https://a.example/b\nnow",
        ),
    ],
)
def test_a_headline_is_found_and_no_word_is_lost(
    server: FakeWordPress, content: Content, title: str, text: str
) -> None:
    payload = wordpress(server).render(content, created_at=NOON)

    assert payload["title"] == title
    assert payload["text"].startswith(f"{title}\n\n{text}".strip())


def test_a_post_that_is_there_already_is_not_sent_again(server: FakeWordPress) -> None:
    publisher = wordpress(server)

    posts = [publish(publisher, Content("Drums")) for _ in range(3)]

    assert server.copies == 1
    assert posts[0] == posts[1] == posts[2]


def test_two_posts_with_the_same_words_are_two(server: FakeWordPress) -> None:
    publisher = wordpress(server)

    slugs = {publish(publisher, Content("Drums"), key)["slug"] for key in (KEY, OTHER_KEY)}

    assert slugs == {f"drums-{KEY[:16]}", f"drums-{OTHER_KEY[:16]}"}


def test_the_double_of_a_quicker_try_is_taken_off_again(server: FakeWordPress) -> None:
    publisher, slug = wordpress(server), f"drums-{KEY[:16]}"
    work = server.routes["POST /wp/v2/posts"]

    def late(request: httpx.Request) -> httpx.Response:
        server.add(slug)  # the other try arrives between our look and our post
        return work(request)

    server.routes["POST /wp/v2/posts"] = late
    payload = publisher.render(Content("Drums"), created_at=NOON)
    remote = publisher.publish(payload, key=KEY, progress=NoProgress())

    shown = [one["slug"] for one in server.posts.values() if one["status"] == "publish"]
    assert shown == [slug]
    assert server.posts[int(remote.id)]["slug"] == slug


def test_a_post_that_a_person_moved_to_the_bin_is_not_made_anew(server: FakeWordPress) -> None:
    publisher = wordpress(server)
    post = publish(publisher, Content("Drums"))
    post.update(status="trash", slug=f"{post['slug']}__trashed")

    publish(publisher, Content("Drums"))

    assert (len(server.posts), server.copies) == (1, 0)


def test_a_list_of_other_posts_proves_nothing(server: FakeWordPress) -> None:
    server.routes["GET /wp/v2/posts"] = lambda request: httpx.Response(200, json=[{"id": 7, "slug": "hello"}])
    publisher = wordpress(server)
    payload = publisher.render(Content("Drums"), created_at=NOON)

    with pytest.raises(OutcomeUnknown, match="nobody asked for"):
        publisher.find_existing(payload, key=KEY, handle=None, since=NOON)


def test_one_picture_stands_above_and_several_are_a_gallery(server: FakeWordPress) -> None:
    bodies = picture(), picture(61, 41)
    media = Folder(*bodies).attachments('A "drum"', "Two")
    publisher = wordpress(server, *bodies)

    one = publish(publisher, Content("One", media=media[:1]))
    two = publish(publisher, Content("Two", media=media), OTHER_KEY)

    assert [found["alt_text"] for found in server.media] == ['A "drum"', 'A "drum"', "Two"]
    assert (one["featured_media"], "wp:gallery" in one["content"]) == (server.media[0]["id"], False)
    assert two["featured_media"] == server.media[1]["id"]
    assert 'alt="A &quot;drum&quot;"' in two["content"]
    assert two["content"].count("<!-- wp:image ") == 2


def test_pictures_of_an_earlier_try_are_used_again(server: FakeWordPress) -> None:
    body = picture()
    publisher, kept = wordpress(server, body), Kept()
    payload = publisher.render(Content("Look", media=Folder(body).attachments("Pasar")), created_at=NOON)
    server.faults.append(httpx.ReadTimeout("slow"))
    with pytest.raises(OutcomeUnknown):
        publisher.publish(payload, key=KEY, progress=kept)

    publisher.publish(payload, key=KEY, progress=kept)

    assert len(server.media) == 1
    assert kept.handle == {"media": [server.media[0]["id"]]}


def test_categories_and_tags_are_found_by_name_or_made(server: FakeWordPress) -> None:
    server.terms["categories"].append({"id": 77, "name": "Sastra &amp; Seni"})
    publisher = wordpress(server, categories="sastra & seni, Baru ,Baru", tags="drums")

    post = publish(publisher, Content("Drums"))

    assert post["categories"] == [77, server.terms["categories"][1]["id"]]
    assert [one["name"] for one in server.terms["categories"]] == ["Sastra &amp; Seni", "Baru"]
    assert post["tags"] == [server.terms["tags"][0]["id"]]


def test_a_name_that_somebody_made_meanwhile_is_used(server: FakeWordPress) -> None:
    server.routes["POST /wp/v2/(categories|tags)"] = lambda request: httpx.Response(
        400, json={"code": "term_exists", "message": "exists", "data": {"status": 400, "term_id": 12}}
    )

    assert publish(wordpress(server, tags="drums"), Content("Drums"))["tags"] == [12]


def test_an_edit_changes_words_and_pictures_and_nothing_else(server: FakeWordPress) -> None:
    bodies = picture(), picture(61, 41)
    first, second = Folder(*bodies).attachments("One", "Two")
    publisher = wordpress(server, *bodies)
    post = publish(publisher, Content("Drums", media=(first,)))
    before = dict(post)

    for _ in range(2):
        changed = publisher.render(Content("Drums, louder", media=(second,)), created_at=NOON)
        publisher.edit(str(post["id"]), changed)

    assert post["title"] == "Drums, louder"
    assert (post["slug"], post["link"], post["status"]) == (before["slug"], before["link"], "publish")
    assert post["featured_media"] == server.media[1]["id"]
    assert len(server.media) == 2


@pytest.mark.parametrize("has_bin", [True, False])
def test_a_deleted_post_is_gone_and_deleting_it_again_is_no_error(
    server: FakeWordPress, has_bin: bool
) -> None:
    server.has_bin = has_bin
    publisher = wordpress(server)
    number = str(publish(publisher, Content("Drums"))["id"])

    publisher.delete(number)
    publisher.delete(number)

    with pytest.raises(PostGone):
        publisher.metrics(number)


def test_comments_are_counted_by_the_header(server: FakeWordPress) -> None:
    publisher = wordpress(server)
    number = str(publish(publisher, Content("Drums"))["id"])
    assert publisher.metrics(number) == [Measured(Metric.REPLIES, 0, "X-WP-Total")]

    server.comments = 41

    assert publisher.metrics(number) == [Measured(Metric.REPLIES, 41, "X-WP-Total")]
    server.routes["GET /wp/v2/comments"] = lambda request: httpx.Response(
        403, json={"code": "rest_cannot_read", "message": "No", "data": {"status": 403}}
    )
    assert publisher.metrics(number) == []  # not told, and not zero


def test_comments_are_dated_back_to_the_time_asked_for(server: FakeWordPress) -> None:
    publisher = wordpress(server)
    number = str(publish(publisher, Content("Drums"))["id"])
    server.comments = 230

    dated = publisher.reactions(number, NOON - timedelta(minutes=149))

    assert len(dated) == 150
    assert (dated[0].metric, dated[0].at, dated[-1].at) == (
        Metric.REPLIES,
        NOON,
        NOON - timedelta(minutes=149),
    )
    assert len({one.key for one in dated}) == 150


def test_a_change_of_words_there_is_seen_and_one_of_markup_is_not(server: FakeWordPress) -> None:
    bodies = picture(), picture(61, 41)
    publisher = wordpress(server, *bodies)
    content = Content("Drums & more\n\nSecond line", LINK, media=Folder(*bodies).attachments("One", "Two"))
    post, payload = publish(publisher, content), publisher.render(content, created_at=NOON)
    number = str(post["id"])
    assert publisher.text_there(number, payload).changed is False
    post["content"] = post["content"].replace("<p>", '<p class="has-drop-cap">')
    assert publisher.text_there(number, payload).changed is False

    post["title"] = "Gongs"

    assert publisher.text_there(number, payload).changed is True
    del server.posts[post["id"]]
    with pytest.raises(PostGone):
        publisher.text_there(number, payload)


def test_the_user_is_named_with_the_site_and_must_be_allowed_to_publish(server: FakeWordPress) -> None:
    identity = wordpress(server).identify()
    assert (identity.name, identity.remote_id) == ("Ani · blog.example", "3")

    server.may_publish = False

    with pytest.raises(NeedsReconnect, match="role of an author"):
        wordpress(server).identify()
    with pytest.raises(NeedsReconnect, match="allowed to publish posts"):
        publish(wordpress(server), Content("Drums"))


def test_the_api_is_found_by_the_link_header_and_then_used(server: FakeWordPress) -> None:
    learned = wordpress(server).enrich()

    assert learned is not None
    assert learned.api == "https://blog.example/wp-json"
    knowing = wordpress(server, **learned.model_dump(exclude={"site", "categories", "tags"}))
    assert knowing.enrich() is None
    server.requests.clear()
    publish(knowing, Content("Drums"))
    assert {request.url.path for request in server.requests} == {"/wp-json/wp/v2/posts"}


@pytest.mark.parametrize(
    "link",
    [
        "",
        '<https://blog.example/?rest_route=/>; rel="https://api.w.org/"',
        '<https://elsewhere.example/wp-json/>; rel="https://api.w.org/"',
        '<http://blog.example/wp-json/>; rel="https://api.w.org/"',
    ],
)
def test_without_an_api_of_its_own_origin_the_query_form_stays(server: FakeWordPress, link: str) -> None:
    server.link = link

    assert wordpress(server).enrich() is None
    publish(wordpress(server), Content("Drums"))
    assert {request.url.path for request in server.requests} == {"/"}


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((401, "incorrect_password", {}), NeedsReconnect, "Authorization header"),
        ((403, "rest_cannot_create", {}), NeedsReconnect, "role of an author"),
        ((403, "", {}), Rejected, "firewall"),
        ((404, "rest_no_route", {}), Rejected, "Check the site's address"),
        (
            (400, "rest_invalid_param", {"params": {"status": "is not one of publish."}}),
            Rejected,
            "status: is not",
        ),
        ((500, "db_insert_error", {}), OutcomeUnknown, "500"),
    ],
)
def test_a_refusal_says_what_to_do(
    server: FakeWordPress, answer: tuple[int, str, dict[str, Any]], error: type[PublishError], said: str
) -> None:
    status, code, data = answer
    body = {"code": code, "message": "No", "data": {"status": status, **data}}
    server.faults.append(httpx.Response(status, json=body))

    with pytest.raises(error, match=said):
        publish(wordpress(server), Content("Drums"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("blog.example", "https://blog.example"),
        ("https://a.example/blog/", "https://a.example/blog"),
        ("https://a.example/blog/wp-admin/", "https://a.example/blog"),
        ("http://192.168.1.4:8080/wp", "http://192.168.1.4:8080/wp"),
    ],
)
def test_a_site_may_live_in_a_folder(typed: str, kept: str) -> None:
    assert WordPressSettings.model_validate({"site": typed}).site == kept


@pytest.mark.parametrize(
    "typed", ["http://blog.example", "https://a.example/?p=1", "https://u:p@a.example", "x y"]
)
def test_an_address_that_would_show_the_password_or_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        WordPressSettings.model_validate({"site": typed})


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "wordpress",
        FakeWordPress(clock),
        {"site": "https://blog.example"},
        {"username": FakeWordPress.USER, "application_password": FakeWordPress.PASSWORD},
        [FakeWordPress.PASSWORD],
        clock,
        looks_first=True,
    )
