"""How posts and Telegram's messages belong together: fields of files, answers, ids."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from domain.content import RemotePost
from domain.errors import OutcomeUnknown, Rejected
from domain.media import Attachment
from publishers.http import json_object


def result(response: httpx.Response) -> Any:
    """What a success holds.

    Raises:
        OutcomeUnknown: it cannot be read.
    """
    answer = json_object(response)
    if answer.get("ok") is not True or "result" not in answer:
        raise OutcomeUnknown("Telegram gave an answer that cannot be read.")
    return answer["result"]


def grouped(attachment: Attachment, index: int) -> dict[str, Any]:
    """One file of a group; its bytes come as the form's ``file{index}``."""
    kind = "video" if attachment.is_video else "photo"
    known = shape(attachment) if attachment.is_video else {}
    return {"type": kind, "media": f"attach://file{index}", **known}


def shape(attachment: Attachment) -> dict[str, Any]:
    """What Telegram would otherwise guess of a video."""
    known = {
        "width": attachment.width,
        "height": attachment.height,
        "duration": attachment.duration_ms // 1000,
    }
    return {name: value for name, value in known.items() if value} | {"supports_streaming": True}


def remote_post(messages: Sequence[Any]) -> RemotePost:
    """One post of one message, or of a group of them; its id is ``CHAT/MESSAGE,MESSAGE``."""
    try:
        first = messages[0]
        chat, numbers = first["chat"], [int(one["message_id"]) for one in messages]
        at = datetime.fromtimestamp(int(first["date"]), UTC)
        id = f"{int(chat['id'])}/{','.join(map(str, numbers))}"
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise OutcomeUnknown("Telegram took the post and did not say which message it is.") from error
    name = chat.get("username")
    # Members of a private channel open its messages by its number without the mark of a channel.
    place = name if isinstance(name, str) and name else f"c/{str(chat['id']).removeprefix('-100')}"
    is_public = place == name or str(chat["id"]).startswith("-100")
    return RemotePost(id, f"https://t.me/{place}/{numbers[0]}" if is_public else None, at)


def where(remote_id: str) -> tuple[str, list[int]]:
    """The chat and the messages of a post that `remote_post` named."""
    chat, _, numbers = remote_id.partition("/")
    try:
        return chat, [int(one) for one in numbers.split(",")]
    except ValueError as error:
        raise Rejected("This is no post on Telegram.") from error
