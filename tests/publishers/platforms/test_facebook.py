"""Facebook pages: what is sent, how a lost post is found, Meta's errors, renamed metrics, pages to choose."""

import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from domain.content import Content
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
from publishers.platforms.facebook import Facebook
from tests.pictures import Folder, picture
from tests.publishers.case import Case, Kept
from tests.publishers.fake_servers import LOST_ANSWER, Crash
from tests.publishers.fakes.facebook import PAGE, FakeFacebook
from tests.publishers.fakes.meta import SECRET, error
from tests.world import FixedClock

LINK = "https://news.site.com/a?x=1"


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "facebook",
        FakeFacebook(clock),
        {"page_id": PAGE},
        {"access_token": FakeFacebook.TOKEN},
        [FakeFacebook.TOKEN, SECRET],
        clock,
        application=Application("meta-id", SecretStr(SECRET)),
        length=lambda payload: len(payload["message"]),
    )


def server(case: Case) -> FakeFacebook:
    assert isinstance(case.server, FakeFacebook)
    return case.server


def film(size: int) -> tuple[Folder, Attachment]:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    name = sha256(body).hexdigest()
    return Folder(body), Attachment(name, media_type="video/mp4", size=size, duration_ms=9000)


def test_a_link_becomes_a_card_and_a_picture_keeps_it_in_the_text() -> None:
    one = case()
    folder = Folder(picture())

    plain = one.publisher().render(Content("Hello", link=LINK), created_at=one.clock.now)
    shown = one.publisher().render(
        Content("Hello", link=LINK, media=folder.attachments()), created_at=one.clock.now
    )

    assert plain == {"message": "Hello", "link": LINK}
    assert shown["message"] == f"Hello\n\n{LINK}"
    assert one.publisher().text_of(plain) == f"Hello\n\n{LINK}"


def test_two_posts_that_differ_by_their_link_only_are_told_apart() -> None:
    one = case()
    remote = one.publish(Content("", link=LINK))

    assert one.find(Content("", link=LINK)) == remote
    assert one.find(Content("", link=LINK + "2")) is None
    assert remote.url == f"https://www.facebook.com/{remote.id}"


def test_the_list_is_read_page_by_page_and_only_back_to_the_first_try() -> None:
    one = case()
    server(one).add({"message": "hello"})
    one.clock.forward(hours=2)
    for number in range(60):
        server(one).add({"message": f"newer {number}"})
    publisher = one.publisher()
    payload = publisher.render(Content("hello"), created_at=one.clock.now)

    assert publisher.find_existing(payload, key="0" * 32, handle=None, since=one.clock.now) is None
    assert len(one.server.requests) == 3


def test_pictures_are_uploaded_unseen_once_and_shown_by_the_post() -> None:
    one = case()
    folder = Folder(picture(), picture(60, 41))
    one.files = folder
    content = Content("Look", media=folder.attachments("A drum"))
    one.server.faults.append(httpx.ReadTimeout("cut"))
    with pytest.raises(OutcomeUnknown):
        one.publish(content)

    one.publish(content)

    assert [p.get("alt_text_custom") for p in server(one).photos.values()] == ["A drum", None]
    assert server(one).posts[0]["photos"] == list(server(one).photos)


def test_a_video_goes_on_where_facebook_says_that_it_stands() -> None:
    whole = case()
    folder, attachment = film(2500)
    content = Content("Watch", title="Drums", media=(attachment,))
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
            publisher = one.publisher()
            payload = publisher.render(content, created_at=one.clock.now)
            found = publisher.find_existing(
                payload, key="0" * 32, handle=one.kept.handle, since=one.clock.now
            )
            if found is None:
                one.publish(content)

            assert one.copies == 1, (number, after)
            shown = [v for v in server(one).videos.values() if v["published"]]
            assert sha256(shown[0]["body"]).hexdigest() == attachment.sha256
            assert shown[0]["said"]["title"] == "Drums"


def test_a_first_comment_is_written_once_and_found_again() -> None:
    one = case()
    content = Content("Hello", first_comment="And more")
    one.publish(content)
    kept, before = one.kept.handle, len(server(one).comments)

    one.kept = Kept(handle={**(kept or {}), "parts": (kept or {})["parts"][:1], "sending": 1})
    one.publish(content)

    assert before == 1
    assert [c["message"] for c in server(one).comments] == ["And more"]


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (error(401, 190, "Session expired", subcode=463), NeedsReconnect, "Connect the channel again"),
        (error(403, 200, "No permission"), NeedsReconnect, "every permission ticked"),
        (error(403, 10, "No permission"), NeedsReconnect, "review of your application"),
        (error(400, 368, "Blocked"), NeedsReconnect, "blocked this channel for a while"),
        (error(400, 32, "Page limit"), RateLimited, "wait 900 s"),
        (error(400, 506, "Duplicate"), Rejected, "posted a short while ago"),
        (error(400, 2635, "Deprecated"), Rejected, "Set a newer one"),
        (error(500, 1, "Unknown"), OutcomeUnknown, "failed"),
        (error(400, 100, "Later", is_transient=True), OutcomeUnknown, "failed"),
        (error(400, 100, "Param message"), Rejected, "code 100"),
    ],
)
def test_metas_codes_say_what_to_do_next(answer: httpx.Response, kind: type[PublishError], said: str) -> None:
    one = case()
    one.server.always = answer

    with pytest.raises(kind, match=said) as caught:
        one.publish()

    assert type(caught.value) is kind


def test_a_business_use_case_says_when_calls_are_taken_again() -> None:
    one = case()
    usage = {PAGE: [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}]}
    one.server.always = httpx.Response(
        400,
        json={"error": {"message": "Too many", "code": 80001}},
        headers={"X-Business-Use-Case-Usage": json.dumps(usage)},
    )

    with pytest.raises(RateLimited) as caught:
        one.publish()

    assert caught.value.retry_after == timedelta(minutes=19)


def values(found: list[Any]) -> Mapping[Metric, int | None]:
    return {one.metric: one.value for one in found}


def test_numbers_are_supplied_not_yet_there_or_absent() -> None:
    one = case()
    remote = one.publish()

    assert values(one.publisher().metrics(remote.id)) == {
        Metric.REACTIONS: 5,
        Metric.REPLIES: 0,
        Metric.IMPRESSIONS: 700,
        Metric.REACH: 600,
        Metric.CLICKS_ALL: 9,
        Metric.PLAYS: 0,
        Metric.WATCH_SECONDS: 0,
    }
    server(one).counted = False
    assert values(one.publisher().metrics(remote.id))[Metric.REACH] is None
    server(one).counted = True
    server(one).gone_metrics = {"post_media_view"}
    assert Metric.IMPRESSIONS not in values(one.publisher().metrics(remote.id))
    assert values(one.publisher().metrics(remote.id))[Metric.REACH] == 600
    server(one).gone_metrics = {one.field for one in Facebook.post_map if one.field.startswith("post_")}
    assert set(values(one.publisher().metrics(remote.id))) == {Metric.REACTIONS, Metric.REPLIES}


def test_a_post_that_is_gone_is_told_so() -> None:
    one = case()
    remote = one.publish()
    one.publisher().edit(remote.id, {"message": "Better"})
    assert server(one).posts[0]["message"] == "Better"

    one.publisher().delete(remote.id)
    one.publisher().delete(remote.id)

    with pytest.raises(PostGone):
        one.publisher().metrics(remote.id)


def test_pages_to_choose_are_those_that_may_be_posted_for_each_with_its_own_access() -> None:
    one = case()

    (target,) = one.publisher().targets()

    assert (target.name, target.settings) == ("Tabuh", {"page_id": PAGE})
    assert target.credentials is not None
    assert target.credentials.access_token.get_secret_value() == "page-token"
    assert target.credentials.expires_at is None


def test_a_lost_video_end_is_not_taken_for_absent_while_facebook_is_silent() -> None:
    one = case()
    folder, attachment = film(300)
    one.files = folder
    content = Content("Watch", media=(attachment,))
    one.publish(content)
    one.server.edges[r"GET (\d+)"] = ({"fields"}, lambda match, said: {"id": match[1]})  # type: ignore[attr-defined]
    publisher = one.publisher()
    payload = publisher.render(content, created_at=one.clock.now)

    with pytest.raises(NotSent, match="does not say yet"):
        publisher.find_existing(payload, key="0" * 32, handle=one.kept.handle, since=one.clock.now)


def test_an_answer_lost_is_settled_by_the_pages_posts() -> None:
    one = case()
    one.server.faults.append(LOST_ANSWER)
    with pytest.raises(OutcomeUnknown):
        one.publish(Content("Once"))

    assert one.find(Content("Once")) is not None
    assert one.publisher().identify().name == "Tabuh"  # type: ignore[union-attr]
    assert values(one.publisher().channel_metrics()) == {Metric.FOLLOWERS: 42}


def test_a_channel_without_a_page_and_a_person_without_pages_are_told_what_to_do() -> None:
    one = case()
    one.settings = {}
    with pytest.raises(NeedsReconnect, match="choose one"):
        one.publisher().identify()
    one.server.edges["GET me/accounts"] = (  # type: ignore[attr-defined]
        {"fields", "limit", "after"},
        lambda match, said: {"data": []},
    )

    with pytest.raises(NeedsReconnect, match="tick the page"):
        one.publisher().targets()
