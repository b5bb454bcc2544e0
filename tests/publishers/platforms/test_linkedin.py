"""LinkedIn organisations: little text, what is sent, how a lost post is found, versions, roles, numbers."""

import json
import time
from hashlib import sha256

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from domain.content import Card, Content, Poll
from domain.errors import (
    NeedsReconnect,
    NotSent,
    OutcomeUnknown,
    PostGone,
    PublishError,
    RateLimited,
    Rejected,
)
from domain.media import Attachment
from domain.metrics import Metric
from publishers.linkedin_text import length, little, plain
from publishers.oauth import Application
from tests.pictures import Folder, picture
from tests.publishers.case import Case, Kept
from tests.publishers.fake_servers import Body, Crash
from tests.publishers.fakes.linkedin import ORGANISATION, FakeLinkedIn, refused
from tests.world import NOON, FixedClock

LINK = "https://news.site.com/a_b?x=(1)"


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "linkedin",
        FakeLinkedIn(clock, ORGANISATION),
        {"organization_id": "77"},
        {"access_token": FakeLinkedIn.TOKEN},
        [FakeLinkedIn.TOKEN, "linkedin-secret"],
        clock,
        application=Application("linkedin-id", SecretStr("linkedin-secret")),
        length=lambda payload: len(payload["commentary"]),
    )


def server(case: Case) -> FakeLinkedIn:
    assert isinstance(case.server, FakeLinkedIn)
    return case.server


def film(size: int) -> tuple[Folder, Attachment]:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    name = sha256(body).hexdigest()
    return Folder(body), Attachment(name, media_type="video/mp4", size=size, duration_ms=9000, alt="Moving")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Drums (new)", r"Drums \(new\)"),
        ("a_b *c* ~d~ <e> {f} [g] | @h \\", r"a\_b \*c\* \~d\~ \<e\> \{f\} \[g\] \| \@h \\"),
        ("#news stays", "#news stays"),
        ("# alone, C# and a#b", r"\# alone, C\# and a\#b"),
    ],
)
def test_reserved_signs_are_escaped_and_tags_stay_tags(text: str, escaped: str) -> None:
    assert little(text) == escaped
    assert plain(escaped) == text


@given(st.text())
def test_every_text_comes_back_as_it_was(text: str) -> None:
    assert plain(little(text)) == text


def test_tags_and_mentions_that_linkedin_gives_back_are_read_as_words() -> None:
    assert plain(r"See {hashtag|\#|news} by @[Sari](urn:li:person:m1) \(new\)") == "See #news by Sari (new)"


def test_a_text_is_shortened_by_what_its_escapes_take() -> None:
    payload = case().publisher().render(Content("(a) " * 1000), created_at=NOON)

    assert 2980 <= len(payload["commentary"]) == length(payload["text"]) <= 3000


def test_a_link_is_an_article_with_the_picture_of_its_page() -> None:
    one = case()
    original = one.server._answer

    def with_pictures(request: httpx.Request) -> httpx.Response:
        if request.url.host == "news.site.com":
            return httpx.Response(200, stream=Body(picture(form="PNG")))
        return original(request)

    one.server._answer = with_pictures  # type: ignore[method-assign]
    card = Card("Drums", "At dawn", "https://news.site.com/cover.png")

    one.publish(Content("Read (now)", link=LINK, card=card))

    article = server(one).posts[0]["content"]["article"]
    assert article == {
        "source": LINK,
        "title": "Drums",
        "description": "At dawn",
        "thumbnail": "urn:li:image:0",
    }
    assert server(one).images["urn:li:image:0"] == picture(form="PNG")


def test_a_post_is_found_behind_templates_and_by_its_link() -> None:
    one = case()
    remote = one.publish(Content("Hello_world #news", link=LINK))

    assert one.find(Content("Hello_world #news", link=LINK)) == remote
    assert one.find(Content("Hello_world #news", link=LINK + "2")) is None
    assert remote.url == f"https://www.linkedin.com/feed/update/{remote.id}/"


def test_the_list_is_read_page_by_page_until_the_first_try() -> None:
    one = case()
    one.publish(Content("old"))
    one.clock.forward(hours=1)
    for number in range(30):
        one.publish(Content(f"newer {number}"))
    publisher = one.publisher()
    payload = publisher.render(Content("old"), created_at=NOON)
    before = len(one.server.requests)

    assert publisher.find_existing(payload, key="0" * 32, handle=None, since=one.clock.now) is None
    assert len(one.server.requests) == before + 2


def test_one_picture_several_pictures_and_a_poll() -> None:
    one = case()
    folder = Folder(picture(), picture(60, 41))
    one.files = folder
    one.publish(Content("One", media=folder.attachments("A drum")[:1]))
    one.kept = Kept()
    one.publish(Content("Two", media=folder.attachments("A drum")))
    one.kept = Kept()
    one.publish(Content("Which?", poll=Poll(("Bedug", "Kendang"), minutes=4 * 24 * 60)))

    single, several, poll = (post["content"] for post in server(one).posts)

    assert single == {"media": {"id": "urn:li:image:0", "altText": "A drum"}}
    assert [image["id"] for image in several["multiImage"]["images"]] == ["urn:li:image:1", "urn:li:image:2"]
    assert poll["poll"]["settings"] == {"duration": "SEVEN_DAYS"}
    long = Content("Which? " * 30, poll=Poll(("a", "b")))
    assert "140 characters" in one.publisher().problems(long)[0]


def test_a_video_that_was_cut_goes_on_at_its_next_piece() -> None:
    whole = case()
    folder, attachment = film(2500)
    content = Content("Watch", media=(attachment,))
    whole.files = folder
    whole.publish(content)
    for number in range(len(whole.server.requests)):
        for after in (False, True):
            one = case()
            one.files = folder
            one.server.crash_at, one.server.crash_after = number, after
            with pytest.raises(Crash):
                one.publish(content)
            one.server.crash_at = None
            if one.find(content) is None:
                one.publish(content)

            assert one.copies == 1, (number, after)
            shown = server(one).videos[server(one).posts[0]["content"]["media"]["id"]]
            assert sha256(shown["body"]).hexdigest() == attachment.sha256
            assert len(server(one).videos) <= 2


def test_a_video_in_work_is_waited_for_and_one_that_cannot_be_used_is_refused() -> None:
    one = case()
    folder, attachment = film(300)
    one.files = folder
    server(one).slow_looks = 99
    with pytest.raises(NotSent, match="still working"):
        one.publish(Content("Watch", media=(attachment,)))
    server(one).fails = True
    one.kept = Kept()
    with pytest.raises(Rejected, match="cannot use the video"):
        one.publish(Content("Watch", media=(attachment,)))


def test_files_go_to_linkedin_only() -> None:
    one = case()
    folder = Folder(picture())
    one.files = folder
    value = {"uploadUrl": "https://evil.example/x", "image": "urn:li:image:1"}
    one.server.routes["POST /rest/images"] = lambda request: httpx.Response(200, json={"value": value})

    with pytest.raises(Rejected, match="not its own"):
        one.publish(Content("Look", media=folder.attachments()))
    assert {request.url.host for request in one.server.requests} == {"api.linkedin.com"}


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (refused(426, "NONEXISTENT_VERSION", "not active"), NeedsReconnect, "Set a newer one"),
        (refused(403, "ACCESS_DENIED", "Not enough"), NeedsReconnect, "w_organization_social"),
        (refused(401, "REVOKED_ACCESS_TOKEN", "revoked"), NeedsReconnect, "Connect the channel again"),
        (refused(429, "TOO_MANY", "Daily limit"), RateLimited, "no more calls"),
        (refused(422, "DUPLICATE_POST", "Content is a duplicate of x"), Rejected, "was posted before"),
        (httpx.Response(201), OutcomeUnknown, "did not say which one"),
    ],
)
def test_refusals_are_told_in_words(answer: httpx.Response, kind: type[PublishError], said: str) -> None:
    one = case()
    one.server.always = answer

    with pytest.raises(kind, match=said):
        one.publish()


def test_a_version_that_has_ended_is_replaced_by_a_setting() -> None:
    one = case()
    server(one).version = "202701"
    with pytest.raises(NeedsReconnect, match="202607"):
        one.publish()
    one.settings = {**one.settings, "api_version": "202701"}

    assert one.publish().id


def test_a_first_comment_is_written_once() -> None:
    one = case()
    content = Content("Hello", first_comment="And (more)")
    one.publish(content)
    kept = one.kept.handle or {}
    one.kept.handle = {**kept, "parts": kept["parts"][:1], "sending": 1}

    one.publish(content)

    assert [c["message"]["text"] for c in server(one).comments] == ["And (more)"]


def test_numbers_are_there_not_yet_there_or_of_a_post_that_is_gone() -> None:
    one = case()
    remote = one.publish()

    before = {m.metric: m.value for m in one.publisher().metrics(remote.id)}
    server(one).seen = {
        "impressionCount": 9,
        "uniqueImpressionsCount": 7,
        "likeCount": -1,
        "commentCount": 0,
        "shareCount": 2,
        "clickCount": 3,
    }
    after = {m.metric: m.value for m in one.publisher().metrics(remote.id)}

    assert set(before.values()) == {None}
    assert after == {
        Metric.IMPRESSIONS: 9,
        Metric.REACH: 7,
        Metric.REPLIES: 0,
        Metric.SHARES: 2,
        Metric.CLICKS_ALL: 3,
    }
    one.publisher().delete(remote.id)
    one.publisher().delete(remote.id)
    with pytest.raises(PostGone):
        one.publisher().metrics(remote.id)
    assert [m.value for m in one.publisher().channel_metrics()] == [42]


def test_a_text_is_changed_where_it_stands() -> None:
    one = case()
    remote = one.publish()
    publisher = one.publisher()

    publisher.edit(remote.id, publisher.render(Content("Better (now)"), created_at=NOON))

    assert server(one).posts[0]["commentary"] == r"Better \(now\)"
    request = one.server.requests[-1]
    assert json.loads(request.content) == {"patch": {"$set": {"commentary": r"Better \(now\)"}}}


def test_the_organisations_that_may_be_posted_for_are_offered() -> None:
    one = case()

    (target,) = one.publisher().targets()

    assert (target.name, target.settings) == ("Tabuh Drums", {"organization_id": "77"})
    assert one.publisher().identify().name == "Tabuh Drums"  # type: ignore[union-attr]


def test_a_channel_without_an_organisation_and_a_person_without_roles_are_told_what_to_do() -> None:
    one = case()
    one.settings = {}
    with pytest.raises(NeedsReconnect, match="choose one"):
        one.publisher().identify()
    one.server.routes["GET /rest/organizationAcls"] = lambda request: httpx.Response(
        200, json={"elements": []}
    )

    with pytest.raises(NeedsReconnect, match="Ask its administrator"):
        one.publisher().targets()
