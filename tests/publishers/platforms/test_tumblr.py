"""Tumblr: texts in blocks, links that Tumblr leads through itself, files beside the JSON."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from domain.content import Card, Channel, Content
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, RateLimited, Rejected
from domain.metrics import Metric
from publishers.base import Measured, NoProgress
from publishers.oauth import Application, OAuthCredentials
from publishers.platforms.tumblr import Tumblr
from publishers.tumblr_blocks import MAX_BLOCK, blocks, paragraphs, words
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, Case
from tests.publishers.fakes.tumblr import BLOG, FakeTumblr, refusal
from tests.world import NOON, FixedClock

LINK = "https://news.example/drums?utm_source=tabuh"
APPLICATION = Application("consumer-key", SecretStr("consumer-secret"))


@pytest.fixture
def server() -> FakeTumblr:
    return FakeTumblr(FixedClock())


def tumblr(server: Any, files: Folder | None = None, **settings: Any) -> Tumblr:
    channel = Channel(1, "tumblr", "Drums", "drums", {"blog": BLOG, **settings})
    http = httpx.Client(transport=httpx.MockTransport(server))
    credentials = OAuthCredentials.model_validate({"access_token": FakeTumblr.TOKEN})
    return Tumblr(
        channel, http, credentials=credentials, clock=FixedClock(), files=files, application=APPLICATION
    )


def send(publisher: Tumblr, content: Content) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.publish(payload, key=KEY, progress=NoProgress())


def find(publisher: Tumblr, content: Content) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.find_existing(payload, key=KEY, handle=None, since=NOON)


def test_a_post_is_paragraphs_with_its_links_marked_in_code_points(server: FakeTumblr) -> None:
    payload = tumblr(server).render(
        Content(f"🥁 Drums {LINK} now #news\n\nAt dawn #news #tabuh", link=LINK, title="Drums"),
        created_at=NOON,
    )

    heading, first, second = payload["content"]
    assert heading == {"type": "text", "subtype": "heading1", "text": "Drums"}
    (mark,) = first["formatting"]
    assert first["text"][mark["start"] : mark["end"]] == mark["url"] == LINK
    assert second == {"type": "text", "text": "At dawn #news #tabuh"}
    assert payload["tags"] == "news,tabuh"


def test_the_card_is_a_block_of_its_own_unless_the_text_has_the_link() -> None:
    card = Card("Drums", "At dawn")

    with_card = blocks(Content("Look", link=LINK, card=card))
    in_text = blocks(Content(f"Look {LINK}", link=LINK, card=card))
    bare = blocks(Content("Look", link=LINK))

    assert with_card[1] == {"type": "link", "url": LINK, "title": "Drums", "description": "At dawn"}
    assert [one["type"] for one in in_text] == ["text"]
    assert words(bare) == f"Look\n\n{LINK}"


@given(st.lists(st.sampled_from(["drum ", LINK + " ", "x" * 300, "\n", "🥁", "\n\n"]), max_size=120))
def test_no_block_is_too_long_and_no_link_is_cut(pieces: list[str]) -> None:
    text = "".join(pieces)

    parts = list(paragraphs(text, None))

    assert all(0 < len(one) <= MAX_BLOCK for one in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert sum(one.count(LINK) for one in parts) == text.count(LINK)


def test_files_stand_beside_the_post(server: FakeTumblr) -> None:
    folder = Folder(picture(), b"moving" * 9)
    still, last = folder.attachments("Pasar at dawn")
    content = Content("Look", media=(still, replace(last, media_type="video/mp4")))
    publisher = tumblr(server, folder)

    remote = send(publisher, content)

    text, image, video = server.posts[0]["content"]
    assert image["alt_text"] == "Pasar at dawn"
    assert (image["media"][0]["width"], image["media"][0]["type"]) == (60, "image/jpeg")
    assert server.forms[0][video["media"]["identifier"]] == b"moving" * 9
    assert text["text"] == "Look"
    assert find(publisher, content).id == remote.id
    assert find(publisher, Content("Look")) is None


def test_a_lost_post_is_found_though_its_links_lead_elsewhere_meanwhile(server: FakeTumblr) -> None:
    content = Content("Drums", link=LINK, title="Drums")
    remote = send(tumblr(server), content)
    pinned = server.add(NOON - timedelta(days=9), [{"type": "text", "text": "Rules"}], is_pinned=True)
    server.posts.remove(pinned)
    server.posts.insert(0, pinned)

    assert find(tumblr(server), content) == remote
    assert find(tumblr(server), Content("Drums", link=LINK)) is None
    server.posts[1]["timestamp"] -= 3600
    assert find(tumblr(server), content) is None


def test_absence_is_not_claimed_of_a_list_that_was_not_read_to_the_end(server: FakeTumblr) -> None:
    for number in range(500):
        server.add(NOON, [{"type": "text", "text": f"newer {number}"}])

    with pytest.raises(OutcomeUnknown, match="too many newer posts"):
        find(tumblr(server), Content("ours"))


def test_likes_and_reblogs_are_counted_and_absent_ones_are_absent(server: FakeTumblr) -> None:
    publisher = tumblr(server)
    remote = send(publisher, Content("hi"))

    assert publisher.metrics(remote.id) == []
    server.notes |= {"total_likes": 5, "total_reblogs": 0}
    assert publisher.metrics(remote.id) == [
        Measured(Metric.REACTIONS, 5, "total_likes"),
        Measured(Metric.SHARES, 0, "total_reblogs"),
    ]
    assert publisher.channel_metrics() == [Measured(Metric.FOLLOWERS, 42, "followers")]


def test_a_post_is_changed_keeps_its_pictures_and_is_deleted(server: FakeTumblr) -> None:
    folder = Folder(picture())
    publisher = tumblr(server, folder)
    remote = send(publisher, Content("hi", media=folder.attachments("Pasar")))

    publisher.edit(remote.id, publisher.render(Content("ho"), created_at=NOON))
    assert [one["type"] for one in server.posts[0]["content"]] == ["text", "image"]
    assert server.posts[0]["content"][0]["text"] == "ho"
    publisher.delete(remote.id)
    publisher.delete(remote.id)
    for gone in (publisher.metrics, lambda id: publisher.edit(id, {"content": []})):
        with pytest.raises(PostGone):
            gone(remote.id)


def test_the_blogs_are_the_choice(server: FakeTumblr) -> None:
    assert [(one.name, one.settings) for one in tumblr(server, blog=None).targets()] == [
        ("Drums", {"blog": BLOG})
    ]
    assert tumblr(server).identify().name == "Drums"
    none = tumblr(server, blog=None)
    assert any("No blog is chosen" in one for one in none.problems(Content("hi")))


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (refusal(400, "Bad Request", "'content' must be an array", 8001), Rejected, "must be an array"),
        (refusal(403, "Forbidden"), NeedsReconnect, "Connect the channel again"),
        (refusal(404, "Not Found"), NeedsReconnect, "blog is gone"),
        (refusal(403, "Forbidden", "daily posting limit", 8023), RateLimited, "wait 3600 s"),
        (
            refusal(
                429,
                "Limit Exceeded",
                x_ratelimit_perhour_remaining="0",
                x_ratelimit_perhour_reset="900",
                x_ratelimit_perday_remaining="4000",
            ),
            RateLimited,
            "wait 900 s",
        ),
    ],
)
def test_refusals_say_in_words_what_to_do(
    server: FakeTumblr, answer: httpx.Response, error: type[Exception], told: str
) -> None:
    server.always = answer

    with pytest.raises(error, match=told):
        send(tumblr(server), Content("hi"))


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "tumblr",
        FakeTumblr(clock),
        {"blog": BLOG},
        {"access_token": FakeTumblr.TOKEN},
        [FakeTumblr.TOKEN],
        clock,
        application=APPLICATION,
    )
