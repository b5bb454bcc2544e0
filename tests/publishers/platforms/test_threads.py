"""Threads: how it counts, replies below each other, polls, links, and what is found again."""

import json
import time

import pytest
from pydantic import SecretStr

from domain.content import Content, Poll
from domain.errors import OutcomeUnknown, PostGone
from domain.media import Attachment
from domain.metrics import Metric
from publishers.oauth import Application
from publishers.platforms.threads import length
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, Case, Kept
from tests.publishers.fake_servers import LOST_ANSWER, Crash
from tests.publishers.fakes.containers import FakeThreads
from tests.publishers.fakes.meta import SECRET
from tests.world import NOON, FixedClock

LINK = "https://news.site.com/a?x=1"
THREAD = Content("One", link=LINK, thread=("Two", "Two"), first_comment="And this")


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "threads",
        FakeThreads(clock),
        {"user_id": "55"},
        {"access_token": FakeThreads.TOKEN},
        [FakeThreads.TOKEN, SECRET],
        clock,
        application=Application("meta-id", SecretStr(SECRET)),
        length=lambda payload: length(payload["text"]),
    )


def server(case: Case) -> FakeThreads:
    assert isinstance(case.server, FakeThreads)
    return case.server


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("abc", 3),
        ("日本", 2),
        ("é", 1),
        ("🥁", 4),
        ("a🥁b", 6),
        ("👨‍👩‍👧‍👦", 25),
        ("🇮🇩", 8),
        ("1️⃣", 7),
        ("©", 1),
    ],
)
def test_emojis_count_as_their_bytes(text: str, counted: int) -> None:
    assert length(text) == counted


def test_a_text_full_of_emojis_is_shortened_by_their_bytes() -> None:
    payload = case().publisher().render(Content("🥁 " * 200), created_at=NOON)

    assert 480 <= length(payload["text"]) <= 500


def test_a_link_of_a_text_is_its_card_and_six_links_are_too_many() -> None:
    one = case()
    one.publish(Content("Read", link=LINK))

    assert server(one).posts[0]["said"]["link_attachment"] == LINK
    assert server(one).posts[0]["said"]["text"] == "Read"
    five = " ".join(f"https://a.site/{n}" for n in range(5))
    publisher = one.publisher()
    assert publisher.problems(Content(f"{five} https://a.site/1")) == []
    assert publisher.problems(Content(five, link=LINK)) == [
        "Threads takes at most 5 different links on one post. Take some out."
    ]


def test_parts_are_replies_to_each_other_though_two_are_the_same() -> None:
    one = case()

    remote = one.publish(THREAD)

    posts = server(one).posts
    assert [p["said"]["text"] for p in posts] == ["One", "Two", "Two", "And this"]
    assert [p["said"].get("reply_to_id") for p in posts] == [None, *(p["id"] for p in posts[:-1])]
    assert remote.id == posts[0]["id"]


def test_a_thread_that_stops_anywhere_goes_on_and_repeats_nothing() -> None:
    whole = case()
    whole.publish(THREAD)
    steps = [(n, after) for n in range(len(whole.server.requests)) for after in (False, True)]

    for number, after in steps:
        one = case()
        one.server.crash_at, one.server.crash_after = number, after
        with pytest.raises(Crash):
            one.publish(THREAD)
        one.server.crash_at = None
        one.clock.forward(minutes=2)
        publisher = one.publisher()
        payload = publisher.render(THREAD, created_at=NOON)
        if publisher.find_existing(payload, key=KEY, handle=one.kept.handle, since=NOON) is None:
            one.publish(THREAD)

        assert len(server(one).posts) == 4, (number, after)


def test_a_lost_reply_is_found_by_its_container() -> None:
    one = case()
    original = one.server.edges["POST 55/threads_publish"]  # type: ignore[attr-defined]

    def second_lost(match: object, said: dict[str, str]) -> object:
        answer = original[1](match, said)
        if len(server(one).posts) == 2:
            one.server.faults.append(LOST_ANSWER)
        return answer

    one.server.edges["POST 55/threads_publish"] = ({"creation_id"}, second_lost)  # type: ignore[attr-defined]
    with pytest.raises(OutcomeUnknown):
        one.publish(THREAD)
    one.server.edges["POST 55/threads_publish"] = original  # type: ignore[attr-defined]
    one.server.faults.clear()

    one.publish(THREAD)

    assert len(server(one).posts) == 4


def test_a_poll_lasts_a_day_and_has_up_to_four_answers() -> None:
    one = case()
    one.publish(Content("Which?", poll=Poll(("Bedug", "Kendang", "Rebana"))))

    assert json.loads(server(one).posts[0]["said"]["poll_attachment"]) == {
        "option_a": "Bedug",
        "option_b": "Kendang",
        "option_c": "Rebana",
    }
    (problem,) = one.publisher().problems(Content("Which?", poll=Poll(("a", "b"), minutes=60)))
    assert "1440" in problem.replace(",", "")


def test_pictures_and_videos_go_out_alone_or_as_a_carousel_under_the_channels_topic() -> None:
    one = case()
    one.settings = {"user_id": "55", "topic_tag": "Drums"}
    folder = Folder(picture(), picture(60, 41))
    pictures = folder.attachments("A drum")
    film = Attachment("ab" * 32, media_type="video/quicktime", size=9000, alt="Moving")
    one.publish(Content("Look", link=LINK, media=pictures[:1]))
    one.kept = Kept()
    one.publish(Content("", media=(*pictures, film)))

    single, carousel = (post["said"] for post in server(one).posts)

    assert (single["media_type"], single["alt_text"], single["topic_tag"]) == ("IMAGE", "A drum", "Drums")
    assert single["text"] == f"Look\n\n{LINK}"
    assert carousel["media_type"] == "CAROUSEL"
    children = [server(one).containers[c]["said"] for c in carousel["children"].split(",")]
    assert [c["media_type"] for c in children] == ["IMAGE", "IMAGE", "VIDEO"]
    assert children[2]["video_url"].endswith(".mov")
    assert children[2]["alt_text"] == "Moving"


def test_numbers_and_deletion() -> None:
    one = case()
    remote = one.publish()
    server(one).numbers = {"views": 9, "likes": 1, "replies": 0, "reposts": 2, "quotes": 3}

    found = {m.metric: m.value for m in one.publisher().metrics(remote.id)}

    assert found[Metric.IMPRESSIONS] == 9
    assert set(found) == one.publisher().capabilities.post_metrics
    assert [m.value for m in one.publisher().channel_metrics()] == [42]
    one.publisher().delete(remote.id)
    one.publisher().delete(remote.id)
    with pytest.raises(PostGone):
        one.publisher().metrics(remote.id)


def test_the_channels_own_limit_is_learned() -> None:
    one = case()
    learned = one.publisher().enrich()
    assert learned is not None
    one.settings = learned.model_dump()

    assert one.publisher().limits().budgets[0].most == 300
    assert one.publisher().identify().url == "https://www.threads.com/@tabuh"  # type: ignore[union-attr]
