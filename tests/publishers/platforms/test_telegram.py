"""Telegram: what is sent and how it is counted, what the bot may do, and where its token shows."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.content import Channel, Content, Poll
from domain.errors import NeedsReconnect, OutcomeUnknown, RateLimited, Rejected
from domain.media import Attachment
from domain.metrics import Metric
from publishers.base import Measured, NoProgress
from publishers.platforms.telegram import Telegram, TelegramCredentials
from publishers.telegram_text import link_entity, plain
from publishers.uploads import PIECE
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, Case
from tests.publishers.fakes.telegram import FakeTelegram, bot_api, breach, refusal, result
from tests.world import NOON, FixedClock

LINK = "https://news.example/drums?a=1&b=<2>"


def telegram(server: Any, files: Folder | None = None, /, **settings: Any) -> Telegram:
    channel = Channel(1, "telegram", "Drums", "drums", {"chat": "@drums", **settings})
    http = httpx.Client(transport=httpx.MockTransport(server))
    credentials = TelegramCredentials.model_validate({"token": FakeTelegram.TOKEN})
    return Telegram(channel, http, credentials=credentials, clock=FixedClock(), files=files)


@pytest.fixture
def server() -> FakeTelegram:
    return FakeTelegram(FixedClock())


def send(publisher: Telegram, content: Content) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.publish(payload, key=KEY, progress=NoProgress())


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_a_bot_api_server_of_ones_own_is_asked_in_place_of_telegrams(server: FakeTelegram) -> None:
    send(telegram(server, server="https://bots.example"), Content("hi"))

    assert {one.url.host for one in server.requests} == {"bots.example"}


def test_a_text_goes_out_as_it_is_with_its_link_marked(server: FakeTelegram) -> None:
    text = f"Drums <b>&amp;</b> *dawn* 🥁 {LINK} _now_"

    remote = send(telegram(server, preview="large"), Content(text, link=LINK))

    said = server.messages[40]["said"]
    assert said["text"] == text
    assert "parse_mode" not in said
    (entity,) = said["entities"]
    units = text.encode("utf-16-le")
    shown = units[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le")
    assert shown == entity["url"] == LINK
    assert said["link_preview_options"] == {"url": LINK, "prefer_large_media": True}
    assert (remote.id, remote.url, remote.published_at) == (
        "-1001234567890/40",
        "https://t.me/drums/40",
        NOON,
    )


@pytest.mark.parametrize(
    ("preview", "options"),
    [
        (None, {"url": LINK}),
        ("small", {"url": LINK, "prefer_small_media": True}),
        ("none", {"is_disabled": True}),
    ],
)
def test_the_preview_is_as_the_channel_says(server: FakeTelegram, preview: str | None, options: Any) -> None:
    payload = telegram(server, preview=preview).render(Content("hi", link=LINK), created_at=NOON)

    assert payload["link_preview_options"] == options


@given(st.text(), st.sampled_from([None, LINK]))
def test_an_entity_covers_the_whole_link_wherever_it_stands(text: str, link: str | None) -> None:
    whole = plain(f"{text} {link} {text}") if link else plain(text)

    for entity in link_entity(whole, link):
        units = whole.encode("utf-16-le", "surrogatepass")
        start, end = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
        assert units[start:end].decode("utf-16-le", "surrogatepass") == link
    assert bool(link_entity(whole, link)) is bool(link)


@pytest.mark.parametrize(("sign", "fits"), [("x", 4096), ("🥁", 2048)])
def test_a_text_is_counted_in_utf16_units(server: FakeTelegram, sign: str, fits: int) -> None:
    publisher = telegram(server)

    assert publisher.render(Content(sign * fits), created_at=NOON)["text"] == sign * fits
    longer = publisher.render(Content(sign * (fits + 1)), created_at=NOON)["text"]
    assert longer.endswith("…")
    assert utf16(longer) <= 4096
    assert publisher.length(Content(sign * fits, link=LINK)) == 4096 + 2 + len(LINK)


def test_a_long_text_beside_pictures_is_shortened_to_a_caption_and_keeps_its_link(
    server: FakeTelegram,
) -> None:
    folder = Folder(picture())
    publisher = telegram(server, folder)

    payload = publisher.render(Content("drum " * 600, link=LINK, media=folder.attachments()), created_at=NOON)

    assert utf16(payload["text"]) <= 1024
    assert payload["text"].endswith(f"…\n\n{LINK}")


def test_one_picture_is_sent_with_its_caption(server: FakeTelegram) -> None:
    folder = Folder(picture())

    send(telegram(server, folder, silent=True, topic=7), Content("Look", media=folder.attachments("Pasar")))

    said = server.messages[40]["said"]
    assert (said["caption"], said["disable_notification"], said["message_thread_id"]) == ("Look", True, 7)
    assert said["photo"] == next(iter(folder.bodies.values()))


def test_several_files_are_one_group_with_one_caption(server: FakeTelegram) -> None:
    folder = Folder(picture(), picture(60, 41), b"moving" * 9)
    *pictures, last = folder.attachments()
    video = replace(last, media_type="video/mp4", width=640, height=360, duration_ms=12_300)

    remote = send(telegram(server, folder), Content("Look", media=(*pictures, video)))

    sent = [one["said"] for one in server.messages.values()]
    assert [one["type"] for one in sent] == ["photo", "photo", "video"]
    assert [one.get("caption") for one in sent] == ["Look", None, None]
    assert (sent[2]["width"], sent[2]["duration"], sent[2]["supports_streaming"]) == (640, 12, True)
    assert remote.id == "-1001234567890/40,41,42"
    assert server.copies == 1


def test_a_video_is_read_piece_by_piece(server: FakeTelegram) -> None:
    body = bytes(range(256)) * 20_000
    folder = Folder(body)
    sizes = []
    part = folder.part

    def counted(attachment: Attachment, start: int, size: int) -> bytes:
        sizes.append(size)
        return part(attachment, start, size)

    folder.part = counted  # type: ignore[method-assign]
    video = replace(folder.attachments()[0], media_type="video/mp4")

    send(telegram(server, folder), Content("Look", media=(video,)))

    assert server.messages[40]["said"]["video"] == body
    assert len(sizes) > 1
    assert max(sizes) <= PIECE


def test_a_poll_asks_the_text(server: FakeTelegram) -> None:
    publisher = telegram(server)
    content = Content("Which drum?", poll=Poll(("Kendang", "Bedug"), minutes=60, multiple=True))

    send(publisher, content)

    said = server.messages[40]["said"]
    assert said["question"] == "Which drum?"
    assert said["options"] == [{"text": "Kendang"}, {"text": "Bedug"}]
    assert (said["open_period"], said["allows_multiple_answers"]) == (3600, True)
    too_long = publisher.problems(replace(content, text="x" * 301))
    assert "Telegram takes 300 characters as the question of a poll. Shorten it." in too_long
    with pytest.raises(Rejected, match="nobody change a poll"):
        publisher.edit("-100/40", publisher.render(content, created_at=NOON))


@pytest.mark.parametrize(
    ("chat", "kept"),
    [("drums", "@drums"), ("@drums", "@drums"), ("https://t.me/drums", "@drums"), (" -100123 ", "-100123")],
)
def test_a_channel_is_named_in_several_ways(chat: str, kept: str) -> None:
    assert Telegram.Settings.model_validate({"chat": chat}).model_dump()["chat"] == kept


@pytest.mark.parametrize("chat", ["", "@", "https://example.org/x", "drums two", "@ünï"])
def test_what_is_no_channel_is_refused(chat: str) -> None:
    with pytest.raises(ValidationError, match="no channel or group"):
        Telegram.Settings.model_validate({"chat": chat})


@pytest.mark.parametrize("token", ["", "abc", "12:ab", "123456789"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(ValidationError, match="no bot token"):
        TelegramCredentials.model_validate({"token": token})


def test_the_channel_is_named_and_its_members_counted(server: FakeTelegram) -> None:
    publisher = telegram(server)

    identity = publisher.identify()

    assert (identity.name, identity.remote_id, identity.url) == (
        "Drums",
        "-1001234567890",
        "https://t.me/drums",
    )
    assert publisher.channel_metrics() == [Measured(Metric.FOLLOWERS, 42, "getChatMemberCount")]
    assert publisher.metrics("-1001234567890/40") == []


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ({"status": "member"}, "Make it an administrator"),
        ({"status": "administrator", "can_post_messages": False}, "Make it an administrator"),
        ({"status": "left"}, "Make it an administrator"),
    ],
)
def test_a_bot_that_may_not_post_fails_the_daily_test(
    server: FakeTelegram, member: dict[str, Any], said: str
) -> None:
    server.member = member

    with pytest.raises(NeedsReconnect, match=said):
        telegram(server).identify()


def test_in_a_group_a_plain_member_may_post(server: FakeTelegram) -> None:
    server.chat |= {"type": "supergroup"}
    server.member = {"status": "member"}

    assert telegram(server).identify().name == "Drums"
    server.member = {"status": "kicked"}
    with pytest.raises(NeedsReconnect, match="Add it there"):
        telegram(server).identify()


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (refusal(401, "Unauthorized"), NeedsReconnect, "BotFather"),
        (refusal(404, "Not Found"), NeedsReconnect, "BotFather"),
        (refusal(400, "Bad Request: chat not found"), NeedsReconnect, "add the bot there"),
        (refusal(403, "Forbidden: bot is not a member of the channel chat"), NeedsReconnect, "Add it there"),
        (refusal(403, "Forbidden: bot was kicked from the channel chat"), NeedsReconnect, "Add it again"),
        (refusal(403, "Forbidden: something new"), NeedsReconnect, "Check its rights"),
        (
            refusal(400, "Bad Request: need administrator rights in the channel chat"),
            NeedsReconnect,
            "Make it an administrator",
        ),
        (refusal(400, "Bad Request: message text is empty"), Rejected, "message text is empty"),
        (refusal(500, "Internal Server Error"), OutcomeUnknown, "500"),
        (httpx.Response(200, json={"ok": True}), OutcomeUnknown, "cannot be read"),
        (result({"message_id": 1}), OutcomeUnknown, "which message"),
    ],
)
def test_refusals_say_in_words_what_to_do(
    server: FakeTelegram, answer: httpx.Response, error: type[Exception], said: str
) -> None:
    server.always = answer

    with pytest.raises(error, match=said):
        send(telegram(server), Content("hi"))


def test_the_wait_is_the_one_in_the_answer(server: FakeTelegram) -> None:
    server.always = refusal(429, "Too Many Requests: retry after 17", {"retry_after": 17})

    with pytest.raises(RateLimited) as caught:
        send(telegram(server), Content("hi"))

    assert caught.value.retry_after == timedelta(seconds=17)


def test_a_group_that_has_got_another_number_is_followed(server: FakeTelegram) -> None:
    server.moved_to = -1009999
    server.chat |= {"id": -1009999, "type": "supergroup"}
    publisher = telegram(server)

    remote = send(publisher, Content("hi"))
    learned = publisher.enrich()

    assert remote.id.startswith("-1009999/")
    assert server.copies == 1
    assert learned is not None
    assert learned.moved_to == "-1009999"
    assert telegram(server, moved_to="-1009999").enrich() is None


def test_a_post_is_changed_and_the_same_change_twice_is_no_error(server: FakeTelegram) -> None:
    publisher = telegram(server)
    remote = send(publisher, Content("hi"))
    changed = publisher.render(Content("ho", link=LINK), created_at=NOON)

    publisher.edit(remote.id, changed)
    publisher.edit(remote.id, changed)

    assert server.messages[40]["text"] == f"ho\n\n{LINK}"


def test_the_caption_of_pictures_is_changed(server: FakeTelegram) -> None:
    folder = Folder(picture(), picture(60, 41))
    publisher = telegram(server, folder)
    remote = send(publisher, Content("Look", media=folder.attachments()))

    publisher.edit(remote.id, publisher.render(Content("See", media=folder.attachments()), created_at=NOON))

    assert server.messages[40]["said"]["caption"] == "See"


def test_all_messages_of_a_post_are_deleted_and_gone_ones_are_no_error(server: FakeTelegram) -> None:
    folder = Folder(picture(), picture(60, 41))
    publisher = telegram(server, folder)
    remote = send(publisher, Content("Look", media=folder.attachments()))

    publisher.delete(remote.id)
    publisher.delete(remote.id)

    assert server.messages == {}
    server.too_old = True
    with pytest.raises(Rejected, match="48 hours"):
        publisher.delete(remote.id)


def test_the_token_is_in_no_address_that_logs_or_errors_could_show(server: FakeTelegram) -> None:
    send(telegram(server), Content("hi"))
    telegram(server).identify()

    assert not [one for one in server.requests if FakeTelegram.TOKEN in str(one.url)]
    assert {str(one.url).split("?")[0] for one in server.requests} == {
        f"https://api.telegram.org/bot***/{method}"
        for method in ("sendMessage", "getMe", "getChat", "getChatMember")
    }


@pytest.mark.skipif(bot_api() is None, reason="the Bot API's description lies in ../shared, which is absent")
@pytest.mark.parametrize(
    ("method", "said", "words"),
    [
        ("sendMessage", {"chat_id": "@a", "text": "hi"}, None),
        ("sendMessage", {"chat_id": "@a"}, "needs text"),
        ("sendMessage", {"chat_id": "@a", "text": 5}, "is no"),
        ("sendMessage", {"chat_id": "@a", "text": "hi", "colour": 1}, "has no"),
        ("sendMessage", {"chat_id": "@a", "text": "hi", "entities": [{"type": "url"}]}, "is no"),
        ("sendNothing", {}, "is no method"),
    ],
)
def test_the_fake_refuses_what_the_bot_api_does_not_describe(
    method: str, said: dict[str, Any], words: str | None
) -> None:
    found = breach(method, said)

    assert (found is None) if words is None else (found is not None and words in found)


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    token = FakeTelegram.TOKEN
    return Case(
        "telegram",
        FakeTelegram(clock),
        {"chat": "@drums"},
        {"token": token},
        [token],
        clock,
        length=lambda payload: utf16(payload["text"]),
    )


def test_what_is_rendered_is_json() -> None:
    payload = telegram(FakeTelegram(FixedClock())).render(Content("hi", link=LINK), created_at=NOON)

    assert json.loads(json.dumps(payload)) == payload
