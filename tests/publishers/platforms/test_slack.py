"""Slack's bot: words stay words, pictures are shown by one call, refusals arrive with HTTP 200."""

import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.content import Channel, Content
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, RateLimited, Rejected
from domain.metrics import Metric
from publishers.base import Measured, NoProgress
from publishers.platforms.slack import Slack, SlackCredentials
from publishers.slack_blocks import escaped, read_back, rich_text
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, OTHER_KEY, Case, Kept
from tests.publishers.fake_servers import Crash
from tests.publishers.fakes.slack import CHANNEL, FakeSlack, literal
from tests.world import NOON, FixedClock

LINK = "https://news.example/drums?a=1&b=<2>|x"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeSlack:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return FakeSlack(FixedClock())


def slack(server: Any, files: Folder | None = None, **settings: Any) -> Slack:
    channel = Channel(1, "slack", "Drums", "drums", {"channel_id": CHANNEL, **settings})
    http = httpx.Client(transport=httpx.MockTransport(server))
    credentials = SlackCredentials.model_validate({"token": FakeSlack.TOKEN})
    return Slack(channel, http, credentials=credentials, clock=FixedClock(), files=files)


def send(publisher: Slack, content: Content, progress: Any = None) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.publish(payload, key=KEY, progress=progress or NoProgress())


def find(publisher: Slack, key: str = KEY) -> Any:
    return publisher.find_existing({"text": "", "blocks": []}, key=key, handle=None, since=NOON)


def test_no_sign_of_a_text_becomes_markup_or_a_ping(server: FakeSlack) -> None:
    text = f"<!channel> *bold* _x_ & <https://a.example|b> {LINK}"

    send(slack(server), Content(text, link=LINK))

    message = server.messages[0]
    pieces = message["blocks"][0]["elements"][0]["elements"]
    assert {"type": "link", "url": LINK} in pieces
    assert literal(message["blocks"]) == text
    assert message["text"].startswith("&lt;!channel&gt; *bold* _x_ &amp; ")
    assert "<" not in message["text"]
    assert message["unfurl_links"] is True


@given(st.text(min_size=1))
def test_a_text_is_shown_word_for_word(text: str) -> None:
    assert literal(rich_text(text, link=None)) == text
    assert read_back(escaped(text)) == text or "&" in text


@pytest.mark.parametrize("sign", ["x", "🥁", "&"])
def test_a_text_has_at_most_four_thousand_characters(server: FakeSlack, sign: str) -> None:
    publisher = slack(server)

    exact = publisher.render(Content(sign * 4000), created_at=NOON)
    longer = publisher.render(Content("drum " * 1000, link=LINK), created_at=NOON)

    assert publisher.text_of(exact) == sign * 4000
    assert len(publisher.text_of(longer)) <= 4000
    assert publisher.text_of(longer).endswith(f"…\n\n{LINK}")


def test_a_lost_message_is_found_by_its_metadata(server: FakeSlack) -> None:
    publisher = slack(server)
    remote = send(publisher, Content("hi"))
    server.add(
        "9999999999.000001", text="hi", metadata={"event_type": "tabuh_post", "event_payload": {"key": "no"}}
    )

    assert find(publisher) == remote
    assert find(publisher, OTHER_KEY) is None


def test_the_channel_is_read_page_by_page(server: FakeSlack) -> None:
    server.page = 2
    remote = send(slack(server), Content("hi"))
    for number in range(5):
        server.add(f"{int(NOON.timestamp()) + 60 + number}.000001", text="newer")

    assert find(slack(server)) == remote
    server.page = 1
    for number in range(10):
        server.add(f"{int(NOON.timestamp()) + 90 + number}.000001", text="newer")
    with pytest.raises(OutcomeUnknown, match="too many newer messages"):
        find(slack(server))


def test_a_history_that_may_not_be_read_proves_nothing(server: FakeSlack) -> None:
    server.says["conversations.history"] = {
        "ok": False,
        "error": "missing_scope",
        "needed": "channels:history",
    }

    with pytest.raises(NeedsReconnect, match="lacks the scope channels:history"):
        find(slack(server))


def test_pictures_are_shown_by_the_message_with_what_they_show(server: FakeSlack) -> None:
    server.slow_looks = 2
    folder, kept = Folder(picture(), picture(60, 41)), Kept()

    send(slack(server, folder), Content("Look", media=folder.attachments("Pasar at dawn")), kept)

    shown = [block for block in server.messages[0]["blocks"] if block["type"] == "image"]
    assert [one["alt_text"] for one in shown] == ["Pasar at dawn", "Picture 2"]
    assert [one["slack_file"]["id"] for one in shown] == list(server.files)
    assert [one["alt"] for one in server.files.values()] == ["Pasar at dawn", None]
    assert kept.handle == {"files": list(server.files)}
    assert server.messages[0]["unfurl_links"] is False
    assert server.copies == 1


def test_a_later_try_uses_what_an_earlier_one_has_uploaded(server: FakeSlack) -> None:
    folder, kept = Folder(picture(), picture(60, 41)), Kept(crash_at=1, crash_after=True)
    content = Content("Look", media=folder.attachments())
    with pytest.raises(Crash):
        send(slack(server, folder), content, kept)
    kept.crash_at = None

    send(slack(server, folder), content, kept)

    assert len(server.files) == 2
    assert server.copies == 1


@pytest.mark.parametrize(
    "failing", ["files.getUploadURLExternal", "files.completeUploadExternal", "files.info"]
)
def test_an_upload_that_ends_unclear_makes_no_doubt_about_the_post(server: FakeSlack, failing: str) -> None:
    server.says[failing] = {"ok": False, "error": "internal_error"}
    folder = Folder(picture())

    with pytest.raises(NotSent):
        send(slack(server, folder), Content("Look", media=folder.attachments()))

    assert server.copies == 0


def test_a_file_on_which_slack_still_works_is_waited_for_by_the_queue(server: FakeSlack) -> None:
    server.slow_looks = 99
    folder = Folder(picture())

    with pytest.raises(NotSent, match="still working on a picture"):
        send(slack(server, folder), Content("Look", media=folder.attachments()))


def test_a_place_for_files_that_is_not_slacks_gets_none(server: FakeSlack) -> None:
    server.says["files.getUploadURLExternal"] = {"upload_url": "https://slack.com.example/x", "file_id": "F1"}
    folder = Folder(picture())

    with pytest.raises(NotSent, match="names no place"):
        send(slack(server, folder), Content("Look", media=folder.attachments()))


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ({"error": "invalid_auth"}, NeedsReconnect, "new token"),
        ({"error": "token_revoked"}, NeedsReconnect, "new token"),
        ({"error": "account_inactive"}, NeedsReconnect, "new token"),
        ({"error": "missing_scope", "needed": "chat:write"}, NeedsReconnect, "scope chat:write"),
        ({"error": "channel_not_found"}, NeedsReconnect, "Invite it"),
        ({"error": "not_in_channel"}, NeedsReconnect, "/invite"),
        ({"error": "is_archived"}, NeedsReconnect, "archived"),
        ({"error": "restricted_action"}, NeedsReconnect, "administrators"),
        ({"error": "msg_too_long"}, Rejected, "msg_too_long"),
        (
            {"error": "invalid_blocks", "response_metadata": {"messages": ["[ERROR] no more than 50 items"]}},
            Rejected,
            "no more than 50 items",
        ),
        ({"error": "internal_error"}, OutcomeUnknown, "in the middle"),
        ({"error": "fatal_error"}, OutcomeUnknown, "in the middle"),
        ({"error": "ratelimited"}, RateLimited, "wait 60 s"),
        ({"ok": True, "ts": "soon"}, OutcomeUnknown, "which one"),
    ],
)
def test_refusals_with_http_200_say_in_words_what_to_do(
    server: FakeSlack, answer: dict[str, Any], error: type[Exception], said: str
) -> None:
    server.says["chat.postMessage"] = {"ok": False} | answer

    with pytest.raises(error, match=said):
        send(slack(server), Content("hi"))


def test_the_wait_is_the_one_that_slack_says(server: FakeSlack) -> None:
    server.always = httpx.Response(
        429, headers={"Retry-After": "17"}, json={"ok": False, "error": "ratelimited"}
    )

    with pytest.raises(RateLimited) as caught:
        send(slack(server), Content("hi"))

    assert caught.value.retry_after == timedelta(seconds=17)


def test_reactions_replies_and_members_are_counted(server: FakeSlack) -> None:
    publisher = slack(server)
    remote = send(publisher, Content("hi"))

    assert publisher.metrics(remote.id) == [
        Measured(Metric.REACTIONS, 0, "reactions.count"),
        Measured(Metric.REPLIES, 0, "reply_count"),
    ]
    server.messages[0] |= {"reactions": [{"count": 3}, {"count": 2}], "reply_count": 4}
    assert publisher.metrics(remote.id) == [
        Measured(Metric.REACTIONS, 5, "reactions.count"),
        Measured(Metric.REPLIES, 4, "reply_count"),
    ]
    assert publisher.channel_metrics() == [Measured(Metric.FOLLOWERS, 42, "num_members")]


def test_a_post_is_changed_keeps_its_pictures_and_is_deleted(server: FakeSlack) -> None:
    folder = Folder(picture())
    publisher = slack(server, folder)
    remote = send(publisher, Content("hi", media=folder.attachments("Pasar")))

    publisher.edit(remote.id, publisher.render(Content("ho & more"), created_at=NOON))
    changed = dict(server.messages[0])
    publisher.delete(remote.id)
    publisher.delete(remote.id)

    assert changed["text"] == "ho &amp; more"
    assert [one["type"] for one in changed["blocks"]] == ["rich_text", "image"]
    assert server.copies == 0
    for call in (publisher.metrics, lambda id: publisher.edit(id, {"text": "", "blocks": []})):
        with pytest.raises(PostGone):
            call(remote.id)


def test_the_channel_is_named_with_its_workspace_and_the_bot_must_be_in_it(server: FakeSlack) -> None:
    publisher = slack(server)
    learned = publisher.enrich()

    assert publisher.identify().name == "#news (Drums)"
    assert learned is not None
    assert learned.team_url == "https://drums.slack.com/"
    remote = send(slack(server, team_url=learned.team_url), Content("hi"))
    assert remote.url == f"https://drums.slack.com/archives/{CHANNEL}/p{remote.id.replace('.', '')}"
    server.about |= {"is_member": False}
    with pytest.raises(NeedsReconnect, match="/invite @tabuh"):
        publisher.identify()


def test_a_channel_is_named_by_its_link_or_number() -> None:
    link = f"https://drums.slack.com/archives/{CHANNEL}"
    assert Slack.Settings.model_validate({"channel_id": link}).model_dump()["channel_id"] == CHANNEL
    with pytest.raises(ValidationError, match="no channel"):
        Slack.Settings.model_validate({"channel_id": "#news"})


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "slack",
        FakeSlack(clock),
        {"channel_id": CHANNEL, "team_url": "https://drums.slack.com/"},
        {"token": FakeSlack.TOKEN},
        [FakeSlack.TOKEN],
        clock,
        length=lambda payload: len(read_back(payload["text"])),
    )
