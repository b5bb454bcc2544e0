"""X: what is sent, how a lost post or thread is found again, uploads that go on, refusals in words."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import httpx
import pytest
from pydantic import SecretStr

from domain.content import Content, Poll
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
from publishers.oauth import Application
from publishers.platforms.x import API
from publishers.x_media import PIECE
from publishers.x_text import weight
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, Case, Kept
from tests.publishers.fake_servers import LOST_ANSWER, Crash
from tests.publishers.fakes.x import PROBLEMS, FakeX, problem
from tests.world import NOON, FixedClock

LINK = "https://news.site.com/a?x=1&y=2#" + "z" * 300
THREAD = Content("One & only", link=LINK, thread=("Two", "Three"), first_comment="And this")


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "x",
        FakeX(clock),
        {},
        {"access_token": FakeX.TOKEN, "refresh_token": "x-again"},
        [FakeX.TOKEN, "x-again", "x-secret"],
        clock,
        application=Application("x-id", SecretStr("x-secret")),
        length=lambda payload: weight(payload["text"]),
    )


def server(case: Case) -> FakeX:
    assert isinstance(case.server, FakeX)
    return case.server


def film(size: int) -> tuple[Folder, Attachment]:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    name = sha256(body).hexdigest()
    return Folder(body), Attachment(name, media_type="video/mp4", size=size, duration_ms=9000)


def test_a_long_text_and_its_link_are_counted_as_x_counts_them() -> None:
    payload = case().publisher().render(Content("drum " * 100, link=LINK), created_at=NOON)

    assert payload["text"].endswith(f"drum…\n\n{LINK}")
    assert 275 <= weight(payload["text"]) <= 280


def test_only_documented_fields_are_sent_and_nothing_is_asked_before_a_plain_post() -> None:
    one = case()

    remote = one.publish(Content("hi"))

    assert [(r.method, str(r.url)) for r in one.server.requests] == [("POST", f"{API}/2/tweets")]
    assert json.loads(one.server.requests[0].content) == {"text": "hi"}
    assert remote.url == f"https://x.com/i/status/{remote.id}"


def test_a_post_is_found_by_its_words_behind_shortened_links_and_escaped_signs() -> None:
    one = case()
    remote = one.publish(Content("Drums & <more>", link=LINK))
    one.publish(Content("something newer"), key="b2" * 16)

    assert one.find(Content("Drums & <more>", link=LINK)) == remote
    assert one.find(Content("Drums & <more>", link=LINK + "1")) is None
    assert one.find(Content("Drums")) is None


def test_what_was_posted_before_the_first_try_is_not_read() -> None:
    one = case()
    one.publish()
    one.clock.forward(hours=1)
    publisher = one.publisher()
    payload = publisher.render(one.content, created_at=NOON)

    assert publisher.find_existing(payload, key=KEY, handle=None, since=one.clock.now) is None


def test_absence_is_not_claimed_of_a_list_that_x_does_not_show() -> None:
    one = case()
    one.server.routes["GET /2/users/7/tweets"] = lambda request: httpx.Response(
        200, json={"errors": [{"detail": "Sorry", "type": PROBLEMS + "not-authorized-for-resource"}]}
    )
    with pytest.raises(NotSent, match="X does not show our posts: Sorry"):
        one.find()


def test_more_posts_than_a_look_may_read_prove_nothing() -> None:
    one = case()
    for number in range(201):
        server(one).add({"text": f"newer {number}"})

    with pytest.raises(OutcomeUnknown, match="too many newer posts"):
        one.find()


def test_a_thread_and_its_comment_are_replies_in_order() -> None:
    one = case()

    remote = one.publish(THREAD)

    posts = server(one).posts
    assert [p["said"].get("text", "")[:5] for p in posts] == ["One &", "Two", "Three", "And t"]
    assert [p["said"].get("reply", {}).get("in_reply_to_tweet_id") for p in posts[1:]] == [
        p["id"] for p in posts[:-1]
    ]
    assert remote.id == posts[0]["id"]
    assert one.find(THREAD) is not None


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
        assert one.copies == 1


def test_an_answer_lost_in_the_middle_of_a_thread_is_settled() -> None:
    one = case()
    original = one.server.routes["POST /2/tweets"]

    def second_lost(request: httpx.Request) -> httpx.Response:
        answer = original(request)
        if len(server(one).posts) == 2:
            raise httpx.ReadTimeout("cut", request=request)
        return answer

    one.server.routes["POST /2/tweets"] = second_lost
    with pytest.raises(OutcomeUnknown):
        one.publish(THREAD)
    one.server.routes["POST /2/tweets"] = original

    one.publish(THREAD)

    assert len(server(one).posts) == 4


def test_a_poll_goes_with_its_answers_and_its_length() -> None:
    one = case()
    poll = Content("Which drum?", poll=Poll(("Bedug", "Kendang"), minutes=60))

    one.publish(poll)

    assert server(one).posts[0]["said"]["poll"] == {"options": ["Bedug", "Kendang"], "duration_minutes": 60}
    wrong = replace(poll, poll=Poll(("Only one",)))
    assert one.publisher().problems(wrong) == ["A poll needs at least two answers."]


def test_pictures_go_in_pieces_with_their_descriptions() -> None:
    one = case()
    folder = Folder(picture(), picture(60, 41))
    one.files = folder

    one.publish(Content("Look", media=folder.attachments("A drum")))

    uploads = list(server(one).uploads.values())
    assert [(u["media_category"], u["media_type"], u["alt"]) for u in uploads] == [
        ("tweet_image", "image/jpeg", "A drum"),
        ("tweet_image", "image/jpeg", None),
    ]
    assert [u["bytes"] for u in uploads] == list(folder.bodies.values())
    assert one.find(Content("Look", media=folder.attachments())) is not None
    assert one.find(Content("Look")) is None


def test_a_video_that_was_cut_goes_on_at_its_last_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    one = case()
    server(one).slow_looks = 3
    folder, attachment = film(PIECE * 2 + 7)
    one.files = folder
    content = Content("Watch", media=(attachment,))
    one.server.crash_at, one.server.crash_after = 2, True
    with pytest.raises(Crash):
        one.publish(content)
    one.server.crash_at = None

    one.publish(content)

    (upload,) = server(one).uploads.values()
    assert upload["media_category"] == "tweet_video"
    assert sha256(upload["bytes"]).hexdigest() == attachment.sha256
    sent = [r for r in one.server.requests if r.url.path.endswith("/append")]
    assert [json.loads(r.content)["segment_index"] for r in sent] == [0, 1, 1, 2]
    assert one.copies == 1


def test_an_upload_that_x_has_forgotten_is_begun_again() -> None:
    one = case()
    folder, attachment = film(300)
    one.files = folder
    one.kept = Kept(handle={"media_ids": [], "upload": {"id": "699", "pieces": 0}})

    one.publish(Content("Watch", media=(attachment,)))

    assert list(server(one).uploads) == ["700"]


def test_a_video_that_x_cannot_use_is_refused_in_words_and_one_in_work_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    one = case()
    folder, attachment = film(300)
    one.files = folder
    server(one).slow_looks = 100
    with pytest.raises(NotSent, match="still working"):
        one.publish(Content("Watch", media=(attachment,)))
    server(one).fails = "Unsupported codec"
    one.kept = Kept()
    with pytest.raises(Rejected, match="cannot use the file: Unsupported codec"):
        one.publish(Content("Watch", media=(attachment,)))


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (problem(403, "unsupported-authentication", "App only"), NeedsReconnect, "read and write"),
        (problem(403, "about:blank", "duplicate content."), Rejected, "posted a short while ago"),
        (problem(402, "credits", "No credits"), RateLimited, "asks for payment"),
        (problem(429, "usage-capped", "Monthly"), RateLimited, "used up"),
        (httpx.Response(429, headers={"x-rate-limit-reset": "100"}), RateLimited, "wait 100 s"),
    ],
)
def test_refusals_are_told_in_words(answer: httpx.Response, error: type[PublishError], said: str) -> None:
    one = case()
    one.server.always = answer

    with pytest.raises(error, match=said):
        one.publish()


def test_a_rate_limit_ends_at_the_time_that_x_names() -> None:
    one = case()
    soon = int(time.time()) + 600
    one.server.always = httpx.Response(429, headers={"x-rate-limit-reset": str(soon)})

    with pytest.raises(RateLimited) as caught:
        one.publish()

    assert timedelta(minutes=8) < caught.value.retry_after <= timedelta(minutes=10)


def test_the_numbers_carry_their_fields_and_a_missing_post_is_gone() -> None:
    one = case()
    remote = one.publish()

    found = {m.metric: (m.value, m.source) for m in one.publisher().metrics(remote.id)}

    assert found[Metric.IMPRESSIONS] == (600, "public_metrics.impression_count")
    assert found[Metric.SAVES] == (5, "public_metrics.bookmark_count")
    own = {Metric.CLICKS_PLATFORM, Metric.PROFILE_VISITS}
    assert set(found) == one.publisher().capabilities.post_metrics - own
    with pytest.raises(PostGone):
        one.publisher().metrics("404")
    assert [m.value for m in one.publisher().channel_metrics()] == [42, 9]


def test_one_request_tells_of_many_posts_and_a_missing_one_harms_no_other() -> None:
    one = case()
    first = one.publish().id
    second, missing = str(int(first) + 1), str(int(first) + 2)
    assert isinstance(one.server, FakeX)
    one.server.posts.append({**one.server.posts[0], "id": second})

    found = one.publisher().metrics_of([first, missing, second])

    assert isinstance(found[missing], PostGone)
    for there in (first, second):
        assert found[there] == one.publisher().metrics(there)


def test_posts_whose_own_numbers_are_told_no_more_are_asked_for_by_themselves() -> None:
    publisher = case().publisher()

    def number(days: int) -> str:
        made = NOON - timedelta(days=days) - datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
        return str(int(made / timedelta(milliseconds=1)) << 22)

    new, old = [number(1), number(2)], [number(40)]

    assert publisher.batches([new[0], *old, new[1]]) == [new, old]


@pytest.mark.parametrize(("days", "told"), [(1, True), (29, True), (31, False)])
def test_the_owners_own_numbers_are_asked_for_while_x_tells_them(days: int, told: bool) -> None:
    one = case()
    one.publish()
    made = NOON - timedelta(days=days) - datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
    number = str(int(made / timedelta(milliseconds=1)) << 22)
    assert isinstance(one.server, FakeX)
    one.server.posts[0]["id"] = number

    found = {m.metric: m.value for m in one.publisher().metrics(number)}

    assert (found.get(Metric.CLICKS_PLATFORM), found.get(Metric.PROFILE_VISITS)) == (
        (6, 7) if told else (None, None)
    )


def test_a_post_is_deleted_and_one_that_is_gone_is_no_error() -> None:
    one = case()
    remote = one.publish()

    one.publisher().delete(remote.id)
    one.publisher().delete(remote.id)

    assert one.copies == 0


def test_who_we_are_is_learned_once() -> None:
    one = case()
    learned = one.publisher().enrich()
    assert learned is not None
    one.settings = learned.model_dump()

    remote = one.publish()

    assert one.publisher().enrich() is None
    assert remote.url == f"https://x.com/tabuh/status/{remote.id}"
    assert one.publisher().identify().name == "@tabuh"  # type: ignore[union-attr]


def test_a_simulator_is_told_that_a_person_acts() -> None:
    one = case()
    one.settings = {"base_url": "http://localhost:8080"}
    one.publish()

    assert one.publisher().flow_here().token_url == "http://localhost:8080/2/oauth2/token"  # type: ignore[attr-defined]
    assert one.server.requests[0].headers["x-auth-method"] == "oauth2user"
    assert one.server.requests[0].url.host == "localhost"


def test_a_lost_comment_is_found_and_not_repeated() -> None:
    one = case()
    content = Content("Hello", first_comment="More")
    one.server.faults.extend([LOST_ANSWER])
    with pytest.raises(OutcomeUnknown):
        one.publish(content)

    one.publish(content)

    assert [p["said"]["text"] for p in server(one).posts] == ["Hello", "More"]
