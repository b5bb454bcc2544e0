"""Matrix: what is written into a room, how it is found again, what the server's errors mean."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.content import Content
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, PublishError, RateLimited, Rejected
from domain.media import Attachment
from domain.metrics import Metric
from publishers.matrix_session import MatrixCredentials
from publishers.matrix_text import MAX_EVENT, event_size, text_content
from publishers.platforms.matrix import Matrix, MatrixSettings
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, Case
from tests.publishers.fake_servers import LOST_ANSWER, Crash
from tests.publishers.fakes.matrix import ALIAS, BOT, PASSWORD, REFRESH, ROOM, TOKEN, FakeMatrix
from tests.world import NOON, FixedClock

READER = "@reader:matrix.example"


def case() -> Case:
    """Matrix for the contract."""
    clock = FixedClock()
    return Case(
        "matrix",
        FakeMatrix(clock),
        {"server": "https://matrix.example", "room": ALIAS},
        {"access_token": TOKEN, "refresh_token": REFRESH},
        secrets=[TOKEN, REFRESH],
        clock=clock,
        looks_first=True,
        length=lambda payload: event_size(payload["text"]),
    )


@pytest.fixture
def room() -> Case:
    return case()


def server(room: Case) -> FakeMatrix:
    assert isinstance(room.server, FakeMatrix)
    return room.server


def matrix(room: Case) -> Matrix:
    publisher = room.publisher()
    assert isinstance(publisher, Matrix)
    return publisher


@pytest.mark.parametrize(
    ("text", "formatted"),
    [
        ("plain", None),
        ("1 < 2 & so", None),
        ("two\nlines", "two<br>lines"),
        (
            "see https://a.example/?x=1&y=2.",
            'see <a href="https://a.example/?x=1&amp;y=2">https://a.example/?x=1&amp;y=2</a>.',
        ),
        (
            "hi @drum:b.example, and",
            'hi <a href="https://matrix.to/#/@drum:b.example">@drum:b.example</a>, and',
        ),
        ("mail@drum:b.example @drum @Drum:b.example", None),
    ],
)
def test_links_and_people_are_marked_in_a_formatted_text(text: str, formatted: str | None) -> None:
    assert text_content(text).get("formatted_body") == formatted


def test_people_named_are_told_once_and_nobody_else_is() -> None:
    named = text_content("@a:x.example and @a:x.example, (@b:y.example:8448)")["m.mentions"]

    assert named == {"user_ids": ["@a:x.example", "@b:y.example:8448"]}
    assert text_content("no one, https://matrix.to/#/@a:x.example")["m.mentions"] == {}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_measured_is_what_is_sent(text: str) -> None:
    content = text_content(text)

    assert event_size(content) >= len(json.dumps(content, ensure_ascii=False).encode()) - 100


@pytest.mark.parametrize("piece", ["a", '"', "b\n", "鼓", "https://a.example/b ", "@a:x.example "])
def test_a_text_is_cut_where_the_whole_event_would_be_too_large(room: Case, piece: str) -> None:
    payload = matrix(room).render(Content(piece * 70_000, link="https://n.example/a"), created_at=NOON)

    assert 0.9 * MAX_EVENT < event_size(payload["text"]) <= MAX_EVENT
    assert payload["text"]["body"].endswith("https://n.example/a")


@pytest.mark.parametrize("room_name", ["drums", "#drums", "@drums:matrix.example", "#a b:c.example", ""])
def test_what_is_no_room_is_refused(room_name: str) -> None:
    with pytest.raises(ValidationError, match="no room"):
        MatrixSettings(server="https://matrix.example", room=room_name)


@pytest.mark.parametrize("given", [{}, {"user": BOT}, {"password": "x"}, {"refresh_token": "x"}])
def test_credentials_that_open_nothing_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="access token, or a user with password"):
        MatrixCredentials.model_validate(given)


def test_connecting_resolves_the_room_enters_it_and_learns_its_limits(room: Case) -> None:
    server(room).joined = False

    learned = matrix(room).enrich()

    assert learned is not None
    assert (learned.room_id, learned.max_upload, server(room).joined) == (ROOM, 2_000_000, True)
    room.settings = learned.model_dump()
    limits = matrix(room).limits()
    assert limits.pictures is not None
    assert limits.videos is not None
    assert (limits.pictures.max_bytes, limits.videos.max_bytes) == (2_000_000, 2_000_000)
    assert matrix(room).enrich() is None
    assert matrix(room).identify().remote_id == BOT


def test_an_unknown_room_and_an_encrypted_one_are_refused_in_words(room: Case) -> None:
    server(room).encrypted = True
    with pytest.raises(Rejected, match="encrypted"):
        matrix(room).enrich()
    with pytest.raises(Rejected, match="encrypted"):
        room.publish()
    room.settings["room"] = "#other:matrix.example"
    with pytest.raises(Rejected, match="knows no room #other:matrix"):
        matrix(room).enrich()
    assert room.copies == 0


def test_pictures_and_a_thread_are_events_below_the_first(room: Case) -> None:
    folder = Folder(picture(), picture(90, 90))
    room.files = folder
    content = Content("One", media=folder.attachments("Stalls"), thread=("Two", "Three"))

    remote = room.publish(content)

    first, stalls, unnamed, second, third = (one["content"] for one in server(room).messages)
    ids = [one["event_id"] for one in server(room).messages]
    assert remote.id == ids[0]
    assert "m.relates_to" not in first
    assert (stalls["body"], unnamed["body"]) == ("Stalls", "picture-2.jpeg")
    assert stalls["m.relates_to"] == {"rel_type": "m.reference", "event_id": ids[0]}
    assert second["m.relates_to"]["m.in_reply_to"]["event_id"] == ids[2]
    assert third["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": ids[0],
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": ids[3]},
    }


def test_a_picture_alone_is_the_post(room: Case) -> None:
    folder = Folder(picture())
    room.files = folder

    remote = room.publish(Content("", media=folder.attachments("Stalls")))

    [shown] = server(room).messages
    assert remote.id == shown["event_id"]
    assert "m.relates_to" not in shown["content"]


def test_a_video_goes_up_whole_with_its_length(room: Case) -> None:
    body = b"\0" * 2_500_000
    folder = Folder(body)
    room.files = folder
    video = replace(folder.attachments("Dance")[0], media_type="video/mp4", duration_ms=4000)

    room.publish(Content("", media=(video,)))

    [shown] = server(room).messages
    [upload] = [one for one in server(room).requests if one.url.path.endswith("/upload")]
    assert server(room).uploads == [body]
    assert upload.headers["content-length"] == str(len(body))
    assert "transfer-encoding" not in upload.headers
    assert (shown["content"]["msgtype"], shown["content"]["info"]["duration"]) == ("m.video", 4000)


LONG = Content("One", thread=("Two", "Three"))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("other_device", [False, True])
def test_a_thread_cut_short_anywhere_is_completed_and_nothing_is_there_twice(
    after: bool, other_device: bool
) -> None:
    whole = case()
    folder = Folder(picture())
    content = replace(LONG, media=folder.attachments("Stalls"))
    whole.files = folder
    whole.publish(content)

    for step in range(len(whole.server.requests)):
        room = case()
        room.files = folder
        room.server.crash_at, room.server.crash_after = step, after
        with pytest.raises(Crash):
            room.publish(content)
        room.server.crash_at = None
        room.clock.forward(minutes=3)
        if other_device:  # connected anew: the server knows no transaction of this device
            server(room).devices["mxt_other"] = "OTHER"
            room.credentials = {"access_token": "mxt_other"}

        remote = room.publish(content)

        bodies = [one["content"]["body"] for one in server(room).messages]
        assert bodies == ["One", "Stalls", "Two", "Three"], step
        assert remote.id == server(room).messages[0]["event_id"]


def test_a_post_is_found_by_its_mark_among_others_of_the_same_text(room: Case) -> None:
    for _ in range(150):
        server(room).add(BOT, text_content("Drums"))
    server(room).faults.append(LOST_ANSWER)
    with pytest.raises(OutcomeUnknown):
        room.publish(Content("Drums"))
    copied = server(room).events[-1]["content"]
    server(room).add(READER, copied)

    found = room.find(Content("Drums"))

    assert found is not None
    assert found.id == "$event-150"
    assert room.find(Content("Drums"), key="b2" * 16) is None


def test_reactions_and_replies_of_others_are_counted_and_dated(room: Case) -> None:
    remote = room.publish(LONG)
    room.clock.forward(hours=1)
    for sender, sign in ((READER, "👍"), (READER, "👍"), (READER, "❤️"), ("@b:x.example", "👍")):
        related = {"rel_type": "m.annotation", "event_id": remote.id, "key": sign}
        server(room).add(sender, {"m.relates_to": related}, "m.reaction")
    room.clock.forward(hours=1)
    server(room).add(READER, {"m.relates_to": {"rel_type": "m.thread", "event_id": remote.id}})

    publisher = matrix(room)

    assert {one.metric: one.value for one in publisher.metrics(remote.id)} == {
        Metric.REACTIONS: 3,
        Metric.REPLIES: 1,
    }
    dated = publisher.reactions(remote.id, NOON)
    assert len({one.key for one in dated}) == 4
    assert [one.metric for one in publisher.reactions(remote.id, NOON + timedelta(hours=1))] == [
        Metric.REPLIES
    ]
    assert [one.value for one in publisher.channel_metrics()] == [1]


def test_a_number_that_cannot_be_counted_to_its_end_is_absent(
    room: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publishers.matrix_room._PAGES", 2)
    remote = room.publish(Content("Drums"))
    for number in range(250):
        related = {"rel_type": "m.annotation", "event_id": remote.id, "key": str(number)}
        server(room).add(READER, {"m.relates_to": related}, "m.reaction")

    assert [one.metric for one in matrix(room).metrics(remote.id)] == [Metric.REPLIES]


def test_a_text_is_changed_once_for_each_change(room: Case) -> None:
    remote, publisher = room.publish(LONG), matrix(room)

    for text in ("Uno", "Uno", "Eins", "Uno"):
        publisher.edit(remote.id, publisher.render(replace(LONG, text=text), created_at=NOON))

    edits = [one["content"] for one in server(room).events if "m.new_content" in one["content"]]
    assert [one["m.new_content"]["body"] for one in edits] == ["Uno", "Eins", "Uno"]
    assert edits[0]["body"] == "* Uno"
    assert edits[0]["m.relates_to"] == {"rel_type": "m.replace", "event_id": remote.id}
    with pytest.raises(Rejected, match="none can be added"):
        publisher.edit(remote.id, publisher.render(Content("One"), created_at=NOON))
    with pytest.raises(Rejected, match="too long for a change"):
        publisher.edit(remote.id, publisher.render(replace(LONG, text="x" * 50_000), created_at=NOON))


def test_deleting_takes_every_part_away_and_twice_is_no_error(room: Case) -> None:
    folder = Folder(picture())
    room.files = folder
    remote = room.publish(replace(LONG, media=folder.attachments("Stalls")))

    matrix(room).delete(remote.id)
    matrix(room).delete(remote.id)
    matrix(room).delete("$never")

    assert server(room).messages == []
    for gone in (remote.id, "$never"):
        with pytest.raises(PostGone):
            matrix(room).metrics(gone)


@pytest.mark.parametrize(
    ("status", "answer", "error", "said"),
    [
        (429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 4500}, RateLimited, "wait 4 s"),
        (403, {"errcode": "M_FORBIDDEN", "error": "not in room"}, NeedsReconnect, "the right to send"),
        (403, {"errcode": "M_USER_DEACTIVATED"}, NeedsReconnect, "do nothing"),
        (413, {"errcode": "M_TOO_LARGE", "error": "event too large"}, Rejected, "Make it smaller"),
        (404, {"errcode": "M_UNRECOGNIZED"}, Rejected, "m.homeserver"),
        (502, {}, OutcomeUnknown, "502"),
    ],
)
def test_errors_mean_what_their_codes_say(
    room: Case, status: int, answer: Mapping[str, Any], error: type[PublishError], said: str
) -> None:
    server(room).faults.append(httpx.Response(status, json=answer))

    with pytest.raises(error, match=said) as caught:
        room.publish()

    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == timedelta(seconds=4.5)


def test_a_session_is_renewed_before_its_end_and_keeps_its_device(room: Case) -> None:
    room.credentials = {"user": BOT, "password": PASSWORD}
    first = matrix(room)
    assert first.needs_refresh()
    opened = first.refresh()
    assert opened is not None
    room.credentials = opened.sealable()
    assert not matrix(room).needs_refresh()

    room.clock.forward(minutes=4)
    later = matrix(room)
    assert later.needs_refresh()
    renewed = later.refresh()

    assert renewed is not None
    assert renewed.device_id == opened.device_id
    assert renewed.expires_at == room.clock.now + timedelta(minutes=5)
    assert renewed.access_token != opened.access_token


def test_a_session_that_the_server_ended_early_can_be_renewed(room: Case) -> None:
    server(room).devices.clear()
    with pytest.raises(NeedsReconnect, match="no longer takes the access token"):
        room.publish()
    assert matrix(room).renewable()

    fresh = matrix(room).refresh()

    assert fresh is not None
    assert fresh.device_id is None  # the refresh token knows its device
    room.credentials = fresh.sealable()
    assert room.publish().id
    assert matrix(room).access_ends() is None


def test_without_a_way_to_renew_a_person_is_asked(room: Case) -> None:
    server(room).devices.clear()
    room.credentials = {"access_token": TOKEN, "expires_at": "2026-03-02T13:00:00Z"}
    with pytest.raises(NeedsReconnect, match="Connect the channel again"):
        room.publish()
    assert not matrix(room).renewable()
    assert matrix(room).access_ends() == NOON + timedelta(hours=1)

    room.credentials = {"access_token": TOKEN, "refresh_token": "mxt_old"}
    with pytest.raises(NeedsReconnect, match="has ended this session"):
        matrix(room).refresh()

    room.credentials = {"user": BOT, "password": "wrong"}
    with pytest.raises(NeedsReconnect, match="refuses the user or the password"):
        matrix(room).refresh()


def test_a_token_without_an_end_is_never_renewed_by_the_clock(room: Case) -> None:
    room.credentials = {"access_token": TOKEN}
    room.clock.forward(days=400)

    assert not matrix(room).needs_refresh()
    assert matrix(room).refresh() is None


def test_a_missing_file_is_said_and_nothing_is_sent(room: Case) -> None:
    room.files = Folder()
    with pytest.raises(Rejected, match="not there any more"):
        room.publish(Content("One", media=(Attachment(sha256="0" * 64, media_type="image/png"),)), key=KEY)
    assert room.copies == 0


names = st.sampled_from(
    [
        "event_id",
        "content",
        "unsigned",
        "chunk",
        "user_id",
        "room_id",
        "joined",
        "origin_server_ts",
        "end",
        "m.upload.size",
        "joined_rooms",
        "next_batch",
        "content_uri",
        "access_token",
        "errcode",
        "m.relates_to",
    ]
)
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
nonsense = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5)
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nonsense, st.sampled_from([200, 400, 401, 403, 404, 429]))
def test_whatever_a_server_answers_ends_in_words(answer: Any, status: int) -> None:
    room = case()
    folder = Folder(picture())
    room.files = folder
    room.server.always = httpx.Response(status, json=answer)
    publisher = matrix(room)
    content = Content("One", media=folder.attachments("Stalls"))
    payload = publisher.render(content, created_at=NOON)
    for call in (
        lambda: publisher.publish(payload, key=KEY, progress=room.kept),
        lambda: publisher.find_existing(payload, key=KEY, handle=None, since=NOON),
        lambda: publisher.metrics("$x"),
        lambda: publisher.reactions("$x", NOON),
        lambda: publisher.edit("$x", payload),
        lambda: publisher.delete("$x"),
        publisher.channel_metrics,
        publisher.identify,
        publisher.enrich,
        publisher.refresh,
    ):
        with suppress(PublishError):
            call()
