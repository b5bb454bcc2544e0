"""YouTube: sessions that are asked where they stand, titles and descriptions, quotas, thumbnails."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import httpx
import pytest
from pydantic import SecretStr

from domain.content import Content
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, PublishError, RateLimited, Rejected
from domain.media import Attachment
from domain.metrics import Metric
from publishers import google_upload
from publishers.oauth import Application
from tests.pictures import Folder, picture
from tests.publishers.case import CONTENT, OTHER_CONTENT, Case
from tests.publishers.fake_servers import Crash
from tests.publishers.fakes.youtube import STEP, FakeYouTube, google
from tests.world import NOON, FixedClock

BODY = bytes(range(256)) * 2050
FOLDER = Folder(BODY, picture())
FILM = Attachment(sha256(BODY).hexdigest(), media_type="video/mp4", size=len(BODY), duration_ms=9000)
PICTURE = FOLDER.attachments()[1]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_upload, "PIECE", STEP)


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "youtube",
        FakeYouTube(clock),
        {},
        {"access_token": FakeYouTube.TOKEN, "refresh_token": "youtube-again"},
        [FakeYouTube.TOKEN, "youtube-again", "youtube-secret"],
        clock,
        content=replace(CONTENT, media=(FILM,)),
        other=replace(OTHER_CONTENT, media=(FILM,)),
        files=FOLDER,
        application=Application("youtube-id", SecretStr("youtube-secret")),
        length=lambda payload: len(payload["snippet"]["description"].encode()),
    )


def server(case: Case) -> FakeYouTube:
    assert isinstance(case.server, FakeYouTube)
    return case.server


def test_a_title_is_the_authors_or_the_beginning_of_the_text_without_angles() -> None:
    publisher = case().publisher()
    named = publisher.render(
        Content("A <b>bold</b> text", title="My <video>", media=(FILM,)), created_at=NOON
    )
    plain = publisher.render(Content("word " * 60, media=(FILM,)), created_at=NOON)

    assert named["snippet"]["title"] == "My ‹video›"
    assert named["snippet"]["description"] == "A ‹b›bold‹/b› text"
    assert 80 < len(plain["snippet"]["title"]) <= 100
    assert plain["snippet"]["title"].endswith("word…")


def test_a_description_is_counted_in_bytes() -> None:
    payload = case().publisher().render(Content("é" * 4000, media=(FILM,)), created_at=NOON)

    assert 4900 < len(payload["snippet"]["description"].encode()) <= 5000


def test_a_video_that_was_cut_anywhere_goes_on_where_google_says_that_it_stands() -> None:
    whole = case()
    whole.publish()
    assert len(whole.server.requests) == 4, "a session and three pieces"
    for number in range(len(whole.server.requests)):
        for after in (False, True):
            one = case()
            one.server.crash_at, one.server.crash_after = number, after
            with pytest.raises(Crash):
                one.publish()
            one.server.crash_at = None
            if one.find() is None:
                one.publish()

            assert one.copies == 1, (number, after)
            (made,) = [s for s in server(one).sessions.values() if s["video"]]
            assert made["body"] == BODY


def test_a_piece_of_which_google_kept_half_is_sent_again_from_there() -> None:
    one = case()
    server(one).keeps = STEP // 2

    one.publish()

    spans = [request.headers["content-range"].split("/")[0] for request in one.server.requests[1:]]
    assert spans[1] == f"bytes {STEP // 2}-{STEP // 2 + STEP - 1}"
    assert one.copies == 1


def test_a_session_that_was_forgotten_is_begun_again_unless_it_may_have_been_whole() -> None:
    one = case()
    one.server.crash_at = 2
    with pytest.raises(Crash):
        one.publish()
    one.server.crash_at = None
    server(one).sessions.clear()
    assert one.find() is None
    one.publish()
    assert one.copies == 1

    server(one).sessions.clear()
    with pytest.raises(OutcomeUnknown, match="may have been whole"):
        one.find()
    with pytest.raises(OutcomeUnknown, match="may have been whole"):
        one.publish()
    assert one.copies == 1


def test_google_alone_is_sent_the_file() -> None:
    one = case()
    one.server.routes["POST /upload/youtube/v3/videos"] = lambda request: httpx.Response(
        200, headers={"Location": "https://evil.example/session"}
    )
    with pytest.raises(OutcomeUnknown, match="did not say where"):
        one.publish()


def test_a_picture_is_the_thumbnail_and_its_refusal_a_note() -> None:
    one = case()
    content = replace(CONTENT, media=(FILM, PICTURE))
    remote = one.publish(content)
    assert server(one).thumbnails[remote.id]
    assert remote.note is None

    other = case()
    other.server.routes["POST /upload/youtube/v3/thumbnails/set"] = lambda request: google(
        403, "forbidden", "No"
    )
    noted = other.publish(content)
    assert noted.note is not None
    assert noted.note.startswith("The video has no thumbnail of its own")
    assert other.publisher().problems(Content("Hi", media=(PICTURE,))) == [
        "YouTube takes no post without a video; a picture is its thumbnail. Add one."
    ]


def test_a_video_that_is_kept_private_is_told() -> None:
    one = case()
    server(one).audited = False
    remote = one.publish()

    assert remote.note is not None
    assert "audited" in remote.note


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (google(403, "quotaExceeded", "Quota"), RateLimited, "no more calls of this application today"),
        (google(400, "uploadLimitExceeded", "Too many"), RateLimited, "no more videos"),
        (google(401, "youtubeSignupRequired", "Sign up"), NeedsReconnect, "no YouTube channel"),
        (google(403, "insufficientPermissions", "Scopes"), NeedsReconnect, "leave everything ticked"),
        (google(400, "invalidTitle", "Bad title"), Rejected, "Bad title"),
    ],
)
def test_googles_reasons_say_what_to_do_next(
    answer: httpx.Response, kind: type[PublishError], said: str
) -> None:
    one = case()
    one.server.always = answer

    with pytest.raises(kind, match=said):
        one.publish()


def test_a_days_quota_comes_back_at_midnight_in_california() -> None:
    one = case()  # 12:00 UTC on 2 March is 04:00 there
    one.server.always = google(403, "quotaExceeded", "Quota")

    with pytest.raises(RateLimited) as caught:
        one.publish()

    assert caught.value.retry_after == timedelta(hours=20)


def test_one_request_tells_of_many_videos_and_a_missing_one_harms_no_other() -> None:
    one = case()
    remote = one.publish()

    found = one.publisher().metrics_of(["nothing", remote.id])

    assert isinstance(found["nothing"], PostGone)
    assert found[remote.id] == one.publisher().metrics(remote.id)


def test_numbers_written_as_words_are_read_and_hidden_ones_are_absent() -> None:
    one = case()
    remote = one.publish()

    assert {m.metric: m.value for m in one.publisher().metrics(remote.id)} == {
        Metric.VIEWS: 900,
        Metric.REACTIONS: 7,
    }
    assert [m.value for m in one.publisher().channel_metrics()] == [1230]
    server(one).hides_numbers = True
    assert one.publisher().channel_metrics() == []
    one.publisher().delete(remote.id)
    one.publisher().delete(remote.id)
    with pytest.raises(PostGone):
        one.publisher().metrics(remote.id)


def test_a_person_without_a_channel_is_told() -> None:
    one = case()
    server(one).has_channel = False
    with pytest.raises(NeedsReconnect, match="no YouTube channel"):
        one.publisher().identify()
