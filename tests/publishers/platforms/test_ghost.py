"""Ghost: what is sent, how it is found again by its slug, how an edit wins, and what is not told as zero."""

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from domain.content import Card, Channel, Content
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, PublishError, Rejected
from domain.metrics import Metric
from publishers.base import Measured, NoProgress
from publishers.platforms.ghost import Ghost, GhostCredentials
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, OTHER_KEY, Case, Kept
from tests.publishers.fakes.ghost import FakeGhost
from tests.world import NOON, FixedClock

LINK = "https://news.example/drums?a=1&b=2"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def server(clock: FixedClock) -> FakeGhost:
    return FakeGhost(clock)


def ghost(server: FakeGhost, *bodies: bytes, key: str = FakeGhost.KEY, **settings: str) -> Ghost:
    channel = Channel(1, "ghost", "Mading", "mading", {"site": "https://blog.example", **settings})
    credentials = GhostCredentials.model_validate({"admin_key": key})
    return Ghost(channel, server.client(), credentials=credentials, clock=server.clock, files=Folder(*bodies))


def publish(server: FakeGhost, publisher: Ghost, content: Content, key: str = KEY) -> dict[str, Any]:
    """The post as the site holds it after one publish call."""
    payload = publisher.render(content, created_at=NOON)
    return server.posts[publisher.publish(payload, key=key, progress=NoProgress()).id]


def test_the_text_becomes_html_with_its_links_and_a_bookmark(server: FakeGhost) -> None:
    content = Content("Drums\n\nSee https://a.example/x?y=1&z=2 <b>", LINK, Card("Drums & more", "At <dawn>"))

    post = publish(server, ghost(server, tags="Berita, Drums"), content)

    assert (post["title"], post["status"], post["custom_excerpt"]) == ("Drums", "published", "At <dawn>")
    assert post["html"] == (
        '<p>See <a href="https://a.example/x?y=1&amp;z=2">https://a.example/x?y=1&amp;z=2</a> &lt;b&gt;</p>\n'
        '<figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" '
        'href="https://news.example/drums?a=1&amp;b=2"><div class="kg-bookmark-content">'
        '<div class="kg-bookmark-title">Drums &amp; more</div>'
        '<div class="kg-bookmark-description">At &lt;dawn&gt;</div>'
        '<div class="kg-bookmark-metadata">news.example</div></div></a></figure>'
    )
    assert post["tags"] == [{"name": "Berita"}, {"name": "Drums"}]
    assert post["slug"] == f"drums-{KEY[:16]}"


def test_titles_and_excerpts_keep_to_the_columns(server: FakeGhost) -> None:
    family = "👨‍👩‍👧‍👦"
    publisher = ghost(server)

    payload = publisher.render(Content("x\n\n" + family * 300, title=family * 60), created_at=NOON)

    assert len(payload["title"]) <= 255
    assert len(payload["custom_excerpt"]) <= 300
    assert payload["title"].removesuffix("…").replace(family, "") == ""
    assert publisher.problems(Content("hi", title="x" * 256)) == [
        "Ghost takes titles of at most 255 characters; this one has 256."
    ]


def test_no_mail_goes_out_unless_the_channel_says_so(server: FakeGhost) -> None:
    publish(server, ghost(server), Content("Quiet"))
    publish(server, ghost(server, newsletter="mingguan"), Content("Loud"), OTHER_KEY)

    asked = [one.url.params.get("newsletter") for one in server.requests if one.method == "POST"]
    assert asked == [None, "mingguan"]


def test_a_post_that_is_there_already_is_not_sent_again(server: FakeGhost) -> None:
    posts = [publish(server, ghost(server), Content("Drums")) for _ in range(3)]

    assert server.copies == 1
    assert posts[0] == posts[1] == posts[2]


def test_the_double_of_a_quicker_try_is_taken_off_again(server: FakeGhost) -> None:
    publisher, slug = ghost(server), f"drums-{KEY[:16]}"
    work = server.routes["POST /posts/"]

    def late(request: httpx.Request) -> httpx.Response:
        server.add(slug)
        return work(request)

    server.routes["POST /posts/"] = late

    assert publish(server, publisher, Content("Drums"))["slug"] == slug
    assert [one["slug"] for one in server.posts.values()] == [slug]


def test_pictures_are_uploaded_once_and_described(server: FakeGhost) -> None:
    bodies = picture(), picture(61, 41)
    publisher, kept = ghost(server, *bodies), Kept()
    media = Folder(*bodies).attachments('A "drum"', "Two")
    payload = publisher.render(Content("Look", media=media), created_at=NOON)
    server.faults.append(httpx.ReadTimeout("slow"))
    with pytest.raises(OutcomeUnknown):
        publisher.publish(payload, key=KEY, progress=kept)

    post = server.posts[publisher.publish(payload, key=KEY, progress=kept).id]

    assert len(server.images) == 2
    assert (post["feature_image"], post["feature_image_alt"]) == (
        "https://blog.example/content/1.jpg",
        'A "drum"',
    )
    assert post["html"] == '\n<figure><img src="https://blog.example/content/2.jpg" alt="Two"></figure>'


def test_an_edit_that_meets_another_one_reads_again_once(server: FakeGhost) -> None:
    publisher = ghost(server)
    post = publish(server, publisher, Content("Drums"))
    changed = publisher.render(Content("Drums, louder"), created_at=NOON)
    server.rivals = 1

    publisher.edit(post["id"], changed)

    assert (post["title"], post["slug"]) == ("Drums, louder", f"drums-{KEY[:16]}")
    server.rivals = 2
    with pytest.raises(Rejected, match="somebody else is editing"):
        publisher.edit(post["id"], changed)


def test_a_change_of_words_there_is_seen(server: FakeGhost) -> None:
    publisher, content = ghost(server), Content("Drums & more\n\nSecond line", LINK, Card("Card", "About"))
    post, payload = publish(server, publisher, content), publisher.render(content, created_at=NOON)
    assert publisher.text_there(post["id"], payload).changed is False

    post["html"] = "<p>Third line</p>"

    assert publisher.text_there(post["id"], payload).changed is True


def test_a_deleted_post_is_gone(server: FakeGhost) -> None:
    publisher = ghost(server)
    number = publish(server, publisher, Content("Drums"))["id"]

    publisher.delete(number)
    publisher.delete(number)

    with pytest.raises(PostGone):
        publisher.metrics(number)


def test_numbers_of_a_mail_are_told_only_where_there_was_one(server: FakeGhost) -> None:
    publisher = ghost(server)
    quiet = publish(server, publisher, Content("Quiet"))
    loud = publish(server, ghost(server, newsletter="mingguan"), Content("Loud"), OTHER_KEY)
    loud["count"] = {"clicks": 12, "positive_feedback": 3}

    assert publisher.metrics(quiet["id"]) == []
    assert publisher.metrics(loud["id"]) == [
        Measured(Metric.CLICKS, 12, "count.clicks"),
        Measured(Metric.REACTIONS, 3, "count.positive_feedback"),
    ]
    server.members = 41
    assert publisher.channel_metrics() == [Measured(Metric.FOLLOWERS, 41, "pagination.total")]


def test_the_site_is_named_after_the_key_was_tried(server: FakeGhost) -> None:
    assert ghost(server).identify().name == "Mading · blog.example"
    with pytest.raises(NeedsReconnect, match="Unknown Admin API Key"):
        ghost(server, key="7b028ee10254061597c07ba6:" + "ab" * 32).identify()
    with pytest.raises(NeedsReconnect, match="refuses the Admin API key"):
        ghost(server, key=FakeGhost.KEY[:-2] + "cd").identify()


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((400, "INVALID_JWT", "BadRequestError"), NeedsReconnect, "refuses the Admin API key"),
        ((403, None, "NoPermissionError"), NeedsReconnect, "Make a custom integration"),
        ((422, None, "ValidationError"), Rejected, "No such thing"),
        ((404, None, ""), Rejected, "Check the site's address"),
        ((500, None, "InternalServerError"), OutcomeUnknown, "500"),
    ],
)
def test_a_refusal_says_what_to_do(
    server: FakeGhost, answer: tuple[int, str | None, str], error: type[PublishError], said: str
) -> None:
    status, code, kind = answer
    errors = [{"message": "No such thing", "context": "x", "type": kind, "code": code}]
    server.faults.append(httpx.Response(status, json={"errors": errors}))

    with pytest.raises(error, match=said):
        publish(server, ghost(server), Content("Drums"))


@pytest.mark.parametrize("typed", ["", "abc", "6b028ee1:zz", "6b028ee1:" + "ab" * 31, "ab" * 32])
def test_what_is_no_admin_key_is_told_before_it_is_used(typed: str) -> None:
    with pytest.raises(ValidationError, match="no Admin API key"):
        GhostCredentials.model_validate({"admin_key": typed})


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "ghost",
        FakeGhost(clock),
        {"site": "https://blog.example"},
        {"admin_key": FakeGhost.KEY},
        [FakeGhost.KEY],
        clock,
        looks_first=True,
    )
