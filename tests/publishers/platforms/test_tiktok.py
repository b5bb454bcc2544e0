"""TikTok: publications that say what became of them, pieces, privacy, audits, numbers after moderation."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

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
from publishers.platforms import tiktok
from publishers.platforms.tiktok import PIECE
from tests.pictures import Folder
from tests.publishers.case import CONTENT, OTHER_CONTENT, Case
from tests.publishers.fake_servers import Crash
from tests.publishers.fakes.tiktok import FakeTikTok, refused
from tests.world import FixedClock


def film(size: int) -> tuple[Folder, Attachment]:
    body = b"drum" * (size // 4) + b"x" * (size % 4)
    name = sha256(body).hexdigest()
    return Folder(body), Attachment(name, media_type="video/mp4", size=size, duration_ms=9000)


FOLDER, FILM = film(1001)
LARGE_FOLDER, LARGE = film(3007)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "tiktok",
        FakeTikTok(clock),
        {},
        {"access_token": FakeTikTok.TOKEN, "refresh_token": "tiktok-again"},
        [FakeTikTok.TOKEN, "tiktok-again", "tiktok-secret"],
        clock,
        content=replace(CONTENT, media=(FILM,)),
        other=replace(OTHER_CONTENT, media=(FILM,)),
        files=FOLDER,
        application=Application("tiktok-id", SecretStr("tiktok-secret")),
        length=lambda payload: len(payload["text"].encode("utf-16-le")) // 2,
        looks_first=True,
    )


def server(case: Case) -> FakeTikTok:
    assert isinstance(case.server, FakeTikTok)
    return case.server


def said(case: Case) -> Mapping[str, object]:
    (publication,) = server(case).publications.values()
    found: Mapping[str, object] = publication["post_info"]
    return found


def test_what_the_channel_allows_goes_with_the_video() -> None:
    one = case()
    one.settings = {"privacy": "SELF_ONLY", "comments": "no"}

    remote = one.publish()

    assert said(one)["privacy_level"] == "SELF_ONLY"
    assert (said(one)["disable_comment"], said(one)["disable_duet"]) == (True, False)
    assert remote.id == "7000"
    assert remote.url == "https://www.tiktok.com/player/v1/7000"


def test_pieces_are_of_a_size_that_tiktok_takes() -> None:
    one = case()
    one.files, attachment = film(PIECE * 2 + 7)

    one.publish(Content("Watch", media=(attachment,)))

    (publication,) = server(one).publications.values()
    assert publication["source_info"]["total_chunk_count"] == 2
    assert sha256(publication["body"]).hexdigest() == attachment.sha256


def test_a_large_video_that_was_cut_goes_on_at_its_next_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiktok, "PIECE", 1000)
    whole = case()
    server(whole).least = 1000
    whole.files, content = LARGE_FOLDER, replace(CONTENT, media=(LARGE,))
    whole.publish(content)
    spans = [r.headers["content-range"] for r in whole.server.requests if r.method == "PUT"]
    assert len(spans) == 3, "the last piece carries the rest"
    for number in range(len(whole.server.requests)):
        for after in (False, True):
            one = case()
            server(one).least = 1000
            one.files = LARGE_FOLDER
            one.content = content
            one.server.crash_at, one.server.crash_after = number, after
            with pytest.raises(Crash):
                one.publish()
            one.server.crash_at = None
            if one.find() is None:
                one.publish()

            assert one.copies == 1, (number, after)
            made = next(p for p in server(one).publications.values() if p["whole"])
            assert sha256(made["body"]).hexdigest() == LARGE.sha256


def test_what_a_creator_may_not_do_is_told_before_anything_is_sent() -> None:
    one = case()
    server(one).options = ["SELF_ONLY"]
    with pytest.raises(Rejected, match="Set one of these at the channel: SELF_ONLY"):
        one.publish()
    server(one).options = ["PUBLIC_TO_EVERYONE"]
    server(one).longest = 5
    with pytest.raises(Rejected, match="at most 5 s"):
        one.publish()

    assert server(one).publications == {}


def test_an_application_that_was_not_audited_is_told_so() -> None:
    one = case()
    server(one).audited = False

    with pytest.raises(Rejected, match=r"not audited your application.*SELF_ONLY"):
        one.publish()


def test_a_video_in_work_is_looked_for_and_never_sent_twice() -> None:
    one = case()
    server(one).slow_looks = 20
    with pytest.raises(OutcomeUnknown, match="still working"):
        one.publish()
    with pytest.raises(NotSent, match="still working"):
        one.find()
    server(one).publications[next(iter(server(one).publications))]["looks"] = 0

    found = one.find()

    assert found is not None
    assert one.publish().id == found.id
    assert len(server(one).publications) == 1


def test_a_publication_that_failed_says_why_and_the_next_try_begins_anew() -> None:
    one = case()
    server(one).fails = "frame_rate_check_failed"
    with pytest.raises(Rejected, match="frames are too many or too few"):
        one.publish()
    assert one.find() is None
    with pytest.raises(Rejected):
        one.publish()
    server(one).fails = None

    one.publish()

    assert len(server(one).publications) == 2
    assert one.copies == 1


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refused(401, "access_token_invalid", "Invalid"), NeedsReconnect, "refuses our credentials"),
        (refused(401, "scope_not_authorized", "Scope"), NeedsReconnect, "leave everything ticked"),
        (refused(403, "spam_risk_user_banned_from_posting"), NeedsReconnect, "banned"),
        (refused(403, "spam_risk_too_many_posts", "Many"), RateLimited, "no more posts for now"),
        (refused(429, "rate_limit_exceeded", "Slow down"), RateLimited, "Slow down"),
        (refused(200, "invalid_params", "Title"), Rejected, "Title"),
    ],
)
def test_tiktoks_codes_say_what_to_do_next(
    answer: httpx.Response, kind: type[PublishError], words: str
) -> None:
    one = case()
    one.server.always = answer

    with pytest.raises(kind, match=words):
        one.publish()


def test_numbers_come_after_moderation() -> None:
    one = case()
    server(one).moderated = False
    remote = one.publish()
    assert not remote.id.isdecimal()
    assert remote.url is None
    assert {m.value for m in one.publisher().metrics(remote.id)} == {None}

    server(one).moderated = True
    found = {m.metric: m.value for m in one.publisher().metrics(remote.id)}

    assert found == {Metric.VIEWS: 9, Metric.REACTIONS: 2, Metric.REPLIES: 0, Metric.SHARES: 1}
    server(one).gone = True
    with pytest.raises(PostGone):
        one.publisher().metrics("7000")
    assert [m.value for m in one.publisher().channel_metrics()] == [42]
    assert one.publisher().identify().name == "Tabuh"  # type: ignore[union-attr]


def test_a_caption_is_counted_in_utf16() -> None:
    one = case()
    one.publish(Content("🥁 " * 1500, media=(FILM,)))

    title = said(one)["title"]
    assert isinstance(title, str)
    assert 2150 < len(title.encode("utf-16-le")) // 2 <= 2200
    assert json.dumps(title)
