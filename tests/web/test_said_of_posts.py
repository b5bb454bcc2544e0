"""No sentence about posts and channels that is written below the pages is forgotten by the translators."""

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from web.i18n import Voice
from web.said import said

SOURCES = (
    "domain/evergreen.py",
    "domain/extras.py",
    "domain/labels.py",
    "domain/money.py",
    "domain/post.py",
    "domain/schedule.py",
    "domain/sheet.py",
    "domain/sheet_times.py",
    "publishers/address.py",
    "publishers/atproto.py",
    "publishers/atproto_session.py",
    "publishers/base.py",
    "publishers/facebook_files.py",
    "publishers/google_upload.py",
    "publishers/http.py",
    "publishers/parts.py",
    "publishers/linkedin_files.py",
    "publishers/linkedin_rest.py",
    "publishers/meta_containers.py",
    "publishers/meta_errors.py",
    "publishers/meta_graph.py",
    "publishers/oauth.py",
    "publishers/oauth_answers.py",
    "publishers/platforms/bluesky.py",
    "publishers/platforms/facebook.py",
    "publishers/platforms/instagram.py",
    "publishers/platforms/linkedin.py",
    "publishers/platforms/linkedin_member.py",
    "publishers/platforms/mastodon.py",
    "publishers/platforms/threads.py",
    "publishers/platforms/tiktok.py",
    "publishers/platforms/webhook.py",
    "publishers/discord_messages.py",
    "publishers/platforms/discord.py",
    "publishers/platforms/discord_webhook.py",
    "publishers/platforms/google_business.py",
    "publishers/platforms/pinterest.py",
    "publishers/platforms/reddit.py",
    "publishers/platforms/slack.py",
    "publishers/platforms/slack_webhook.py",
    "publishers/platforms/telegram.py",
    "publishers/platforms/tumblr.py",
    "publishers/slack_calls.py",
    "publishers/telegram_messages.py",
    "publishers/platforms/x.py",
    "publishers/platforms/youtube.py",
    "publishers/public_files.py",
    "publishers/problems.py",
    "publishers/text.py",
    "publishers/videos.py",
    "publishers/tiktok_answers.py",
    "publishers/x_answers.py",
    "publishers/x_media.py",
    "publishers/youtube_answers.py",
    "scheduler/applications.py",
    "scheduler/approving.py",
    "scheduler/calendars.py",
    "scheduler/calling.py",
    "scheduler/carding.py",
    "scheduler/channels.py",
    "scheduler/connecting.py",
    "scheduler/evergreens.py",
    "scheduler/gaps.py",
    "scheduler/importing.py",
    "scheduler/looking.py",
    "scheduler/posts.py",
    "scheduler/publishing.py",
    "scheduler/recycling.py",
    "scheduler/remote.py",
    "scheduler/renewing.py",
    "scheduler/sheet_rows.py",
    "scheduler/slots.py",
    "scheduler/spending.py",
    "store/channels.py",
    "store/posts.py",
)


def sentences(path: str) -> Iterator[str]:
    """Whole sentences with something filled in, and plain ones that are raised."""
    tree = ast.parse((ROOT / path).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield filled(node)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from (filled(one) for one in node.exc.args)


def filled(node: ast.expr) -> str:
    """The text with an X for whatever is filled in; empty for what is no text."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(filled, parts))
        case ast.FormattedValue(conversion=conversion):
            return "'X'" if conversion == ord("r") else "X"
    return ""


@pytest.mark.parametrize("path", SOURCES)
def test_each_sentence_is_said_in_indonesian(path: str) -> None:
    for sentence in set(sentences(path)):
        if sentence[:1].isupper() and " " in sentence and sentence.endswith("."):
            assert said(Voice("id"), sentence) != sentence, sentence
            assert "`tabuh" not in said(Voice("en"), sentence), sentence
