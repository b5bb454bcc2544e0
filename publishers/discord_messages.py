"""Discord's messages, as its bots and its webhooks send them alike.

Sources: docs.discord.com/developers/resources/message (limits, embeds, allowed mentions, attachments),
docs.discord.com/developers/reference (message formatting, uploading files), resources/poll. Discord counts
code points, as its developers say in discord/discord-api-docs issue 1315.
"""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from domain.content import Content, Payload, PollRules, RemotePost
from domain.errors import OutcomeUnknown
from domain.media import Attachment, PictureRules, VideoRules, attachment_from
from domain.metrics import Metric
from publishers.address import opened_by_browsers
from publishers.base import Measured, Publisher
from publishers.http import DEADLINE, UPLOAD_DEADLINE
from publishers.plain import same_words
from publishers.text import Limit, contains_link, fit, links
from publishers.uploads import opened as opened_file
from publishers.uploads import upload_deadline

MAX_TEXT = 2000
MAX_ALT = 1024
#: Of one file, without a server's boosts; and of a whole request.
MAX_FILE, MAX_REQUEST = 10 * 2**20, 24 * 2**20
#: Bytes that a picture is given at least.
_SMALLEST = 100_000
PICTURES = PictureRules(most=10, max_bytes=MAX_FILE, max_alt=MAX_ALT)
VIDEOS = VideoRules(
    most=10,
    max_bytes=MAX_FILE,
    kinds=frozenset({"video/mp4", "video/quicktime", "video/webm"}),
    max_alt=MAX_ALT,
    with_pictures=True,
)
POLLS = PollRules(most=10, max_option=55, min_minutes=60, max_minutes=32 * 24 * 60, multiple=True)
#: Of a poll; its question is the post's text.
MAX_QUESTION = 300
#: Of a card's parts.
_MAX_TITLE, _MAX_DESCRIPTION, _MAX_URL = 256, 1000, 2048

#: What a payload holds for ourselves.
_OURS = ("media", "thread", "first_comment")

#: Who may be pinged by a text; nobody unless the channel says so.
Pings = Literal["nobody", "named", "everyone"]
_PARSED: Mapping[str, list[str]] = {
    "nobody": [],
    "named": ["users", "roles"],
    "everyone": ["users", "roles", "everyone"],
}
_MARKUP = re.compile(r"[\\*_~|`\[\]]|^(?:[#>-]|-#)(?=\s|>>)", re.MULTILINE)
_ESCAPED = re.compile(r"\\([\\*_~|`\[\]#>-])")


def escaped(text: str, *, link: str | None = None) -> str:
    """The text such that readers see its own signs, not what Discord's markup would make of them.

    Args:
        link: an address that stays as it is, odd signs included; others are found.
    """
    pieces, at = [], 0
    for start, end in links(text, known=link):
        pieces += [_MARKUP.sub(r"\\\g<0>", text[at:start]), text[start:end]]
        at = end
    return "".join((*pieces, _MARKUP.sub(r"\\\g<0>", text[at:])))


def read_back(content: str) -> str:
    """What readers see of a text that `escaped` wrote."""
    return _ESCAPED.sub(r"\1", content)


def message(content: Content, *, pings: Pings, markup: bool) -> Payload:
    """The body of a message, with what is to be uploaded under ``media``.

    Args:
        markup: whether the author's text is Discord's markup already.

    Raises:
        UsageError: the link alone does not fit.
    """

    embed = None if content.media or content.poll else _embed(content)
    link = None if embed else (content.link or "").strip() or None

    def written(text: str) -> str:
        return text if markup else escaped(text, link=link)

    if content.poll:
        poll_text = fit(content.text, None, [Limit(MAX_QUESTION, len)])
        text = link or ""
    else:
        text = written(fit(content.text, link, [Limit(MAX_TEXT, lambda text: len(written(text)))]))
    body: Payload = {"content": text, "allowed_mentions": {"parse": _PARSED[pings]}}
    if embed:
        body["embeds"] = [embed]
    if content.poll:
        body["poll"] = {
            "question": {"text": poll_text},
            "answers": [{"poll_media": {"text": one}} for one in content.poll.options],
            "duration": -(-content.poll.minutes // 60),
            "allow_multiselect": content.poll.multiple,
        }
    if content.media:
        body["media"] = [one.as_json() for one in content.media]
    return body


def below(text: str, *, pings: Pings, markup: bool) -> Payload:
    """The body of a message that answers another one of ours."""
    body = message(Content(text), pings=pings, markup=markup)
    # We do not ping ourselves.
    return body | {"allowed_mentions": {**body["allowed_mentions"], "replied_user": False}}


def length(content: Content, *, markup: bool) -> int:
    """How much the whole text takes, in code points."""
    link = None if not content.media and _embed(content) else (content.link or "").strip() or None
    whole = fit(content.text, link, [])
    return len(whole if markup else escaped(whole, link=link))


def message_problems(content: Content) -> list[str]:
    """What stands against a message beside what the capabilities tell, in sentences."""
    found = []
    if content.poll and len(content.text.strip()) > MAX_QUESTION:
        found.append(f"Discord takes {MAX_QUESTION} characters as the question of a poll. Shorten it.")
    if _room(content.media) < _SMALLEST * len(content.media):
        most = MAX_REQUEST // 2**20
        found.append(f"Discord takes {most} MB of files on one post. Leave some of them out.")
    return found


def words_of(payload: Payload, *, markup: bool) -> str:
    """What readers will see of a payload's text."""
    if "poll" in payload:
        return str(payload["poll"]["question"]["text"])
    return str(payload["content"]) if markup else read_back(str(payload["content"]))


def request_options(publisher: Publisher, payload: Payload, opened: ExitStack, **more: Any) -> dict[str, Any]:
    """How the body goes into a request: as JSON, or as a form with the files beside it."""
    body = {name: value for name, value in payload.items() if name not in _OURS} | more
    media = [attachment_from(one) for one in payload.get("media") or ()]
    if not media:
        return {"json": body}
    files, described = {}, []
    pictures = sum(not one.is_video for one in media)
    rules = replace(PICTURES, max_bytes=min(MAX_FILE, max(_SMALLEST, _room(media)) // max(1, pictures)))
    for index, one in enumerate(media):
        name, body_of_file, kind = _file(publisher, one, index, rules, opened)
        files[f"files[{index}]"] = (name, body_of_file, kind)
        described.append({"id": str(index), "filename": name} | ({"description": one.alt} if one.alt else {}))
    return {"data": {"payload_json": json.dumps(body | {"attachments": described})}, "files": files}


def deadline_of(payload: Payload) -> timedelta:
    """How long the call may take that sends this."""
    media = [attachment_from(one) for one in payload.get("media") or ()]
    if any(one.is_video for one in media):
        return upload_deadline(sum(one.size for one in media))
    return UPLOAD_DEADLINE if media else DEADLINE


def is_same(payload: Payload, found: Mapping[str, Any]) -> bool:
    """Whether a message is what became of a payload."""
    if len(found.get("attachments") or ()) != len(payload.get("media") or ()):
        return False
    poll = (payload.get("poll") or {}).get("question", {}).get("text")
    if (((found.get("poll") or {}).get("question") or {}).get("text") or None) != poll:
        return False
    shown = {embed.get("url") for embed in found.get("embeds") or () if isinstance(embed, dict)}
    if any(embed["url"] not in shown for embed in payload.get("embeds") or ()):
        return False
    return same_words(str(payload["content"]), str(found.get("content") or ""))


def remote_post(found: Mapping[str, Any], *, guild: str | None) -> RemotePost:
    """The post that a message is.

    Raises:
        OutcomeUnknown: the answer does not say which message it is.
    """
    try:
        id, channel = str(int(found["id"])), str(int(found["channel_id"]))
        at = datetime.fromisoformat(found["timestamp"])
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown("Discord took the message and did not say which one it is.") from error
    url = f"https://discord.com/channels/{guild}/{channel}/{id}" if guild else None
    return RemotePost(id, url, at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC))


def counts(found: Mapping[str, Any]) -> list[Measured]:
    """The numbers of a message. Discord leaves ``reactions`` out of a message that has none."""
    reactions: Sequence[Any] = found.get("reactions") or ()
    total = sum(
        one["count"] for one in reactions if isinstance(one, dict) and isinstance(one.get("count"), int)
    )
    numbers = [Measured(Metric.REACTIONS, total, source="reactions.count")]
    thread = found.get("thread")
    if isinstance(thread, dict) and isinstance(thread.get("message_count"), int):
        numbers.append(Measured(Metric.REPLIES, thread["message_count"], source="thread.message_count"))
    return numbers


def _room(media: Sequence[Attachment]) -> int:
    """Bytes of a request that its videos leave to the pictures."""
    return MAX_REQUEST - sum(one.size for one in media if one.is_video)


def _embed(content: Content) -> dict[str, Any] | None:
    """The card as an embed; None where Discord makes its own of a link in the text."""
    link, card = (content.link or "").strip(), content.card
    if not link or not card or not card.title.strip() or contains_link(content.text, link):
        return None
    if len(link) > _MAX_URL or opened_by_browsers(link) is None:
        return None
    embed: dict[str, Any] = {"url": link, "title": _clipped(card.title, _MAX_TITLE)}
    if card.description.strip():
        embed["description"] = _clipped(card.description, _MAX_DESCRIPTION)
    image = opened_by_browsers(card.image_url)
    if image and len(image) <= _MAX_URL:
        embed["image"] = {"url": image}
    return embed


def _clipped(text: str, most: int) -> str:
    return escaped(fit(text, None, [Limit(most, lambda text: len(escaped(text)))]))


def _file(
    publisher: Publisher, attachment: Attachment, index: int, rules: PictureRules, opened: ExitStack
) -> tuple[str, Any, str]:
    if attachment.is_video:
        suffix = {"video/quicktime": "mov"}.get(attachment.media_type, attachment.media_type[6:])
        file = opened.enter_context(opened_file(publisher.files, attachment))
        return f"video{index}.{suffix}", file, attachment.media_type
    picture = publisher.picture(attachment, rules=rules)
    return f"picture{index}.{picture.kind.removeprefix('image/')}", picture.body, picture.kind
