"""What chat platforms, Pinterest, Google, Reddit and Tumblr ask for and say, in Indonesian."""

import pytest
from pydantic import ValidationError

from domain.content import Content, Poll
from domain.errors import PublishError
from publishers.registry import adapter
from tests.publishers.fakes import discord, slack, telegram
from tests.publishers.platforms import test_discord, test_slack, test_telegram
from web import connecting
from web.i18n import Voice
from web.said import said

ID, EN = Voice("id"), Voice("en")
PLATFORMS = (
    "discord",
    "discord_webhook",
    "google_business",
    "reddit",
    "slack",
    "slack_webhook",
    "telegram",
)
#: Names that stay as they are.
NAMES = {"Markdown", "Server", "Flair", "LEARN_MORE", "BOOK", "ORDER", "SHOP", "SIGN_UP", "auto", "–"}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_field_of_the_connect_form_is_asked_for_in_indonesian(platform: str) -> None:
    # What a flow grants is asked of nobody.
    parts = ("settings",) if adapter(platform).flow else ("settings", "credentials")
    asked, told = (connecting.asked(adapter(platform), one, only=parts) for one in (EN, ID))
    for field, own in zip(asked, told, strict=True):
        options = zip(field.options, own.options, strict=True)
        texts = [(field.label, own.label), (field.hint, own.hint), *options]
        for before, after in texts:
            text = before[1] if isinstance(before, tuple) else before
            assert before != after or not text or text in NAMES or text in ("link", "text"), text


def test_what_is_yes_or_no_is_chosen_from_a_list() -> None:
    fields = {one.key: one for one in connecting.asked(adapter("slack"), EN)}

    assert fields["unfurl"].options == (("true", "yes"), ("false", "no"))
    assert fields["unfurl"].default == "true"
    assert adapter("slack").Settings.model_validate({"channel_id": slack.CHANNEL, "unfurl": "false"})


@pytest.mark.parametrize(
    ("platform", "typed"),
    [
        ("telegram", {"chat": "two words"}),
        ("discord", {"channel_id": "news"}),
        ("slack", {"channel_id": "#news"}),
        ("reddit", {"community": ""}),
    ],
)
def test_what_is_wrong_with_a_field_is_told_in_indonesian(platform: str, typed: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        adapter(platform).Settings.model_validate(typed)

    sentence = str(caught.value.errors()[0]["msg"]).removeprefix("Value error, ")
    assert said(ID, sentence) != sentence


@pytest.mark.parametrize(
    ("case", "answer"),
    [
        (test_telegram.case, telegram.refusal(400, "Bad Request: chat not found")),
        (test_telegram.case, telegram.refusal(403, "Forbidden: bot is not a member of the channel chat")),
        (
            test_telegram.case,
            telegram.refusal(400, "Bad Request: need administrator rights"),
        ),
        (test_telegram.case, telegram.refusal(429, "Too Many Requests", {"retry_after": 7})),
        (test_discord.case, discord.refusal(403, 50001, "Missing Access")),
        (test_discord.case, discord.refusal(403, 50013, "Missing Permissions")),
        (test_discord.case, discord.refusal(429, 0, "limited", retry_after=1.5)),
    ],
)
def test_refusals_are_told_in_indonesian(case: object, answer: object) -> None:
    made = case()  # type: ignore[operator]
    made.server.always = answer

    with pytest.raises(PublishError) as caught:
        made.publish()

    assert said(ID, str(caught.value)) != str(caught.value)


def test_slacks_refusals_with_http_200_are_told_in_indonesian() -> None:
    for error in ("invalid_auth", "not_in_channel", "channel_not_found", "is_archived", "missing_scope"):
        made = test_slack.case()
        server = made.server
        assert isinstance(server, slack.FakeSlack)
        server.says["chat.postMessage"] = {"ok": False, "error": error, "needed": "chat:write"}

        with pytest.raises(PublishError) as caught:
            made.publish()

        assert said(ID, str(caught.value)) != str(caught.value), error


def test_what_stands_against_a_post_is_told_in_indonesian() -> None:
    poll = Content("x" * 301, poll=Poll(("a", "b")))

    for case in (test_telegram.case, test_discord.case):
        problems = case().publisher().problems(poll)
        assert [said(ID, one) for one in problems if "question of a poll" in one] == [
            f"{case().publisher().title} menerima 300 karakter untuk pertanyaan jajak pendapat. Persingkat."
        ]
