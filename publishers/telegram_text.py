"""What Telegram's bots write and answer: texts, tokens and refusals."""

import re
import unicodedata
from datetime import timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from domain.content import Counting
from domain.errors import NeedsReconnect, PublishError, RateLimited, Rejected
from publishers.http import refusal, said_by
from publishers.text import counter, links

_TOKEN = re.compile(r"\d{5,}:[A-Za-z0-9_-]{20,}")
_COUNT = counter(Counting.UTF16)
_MAKE_ADMINISTRATOR = "Make it an administrator with the rights to post and to delete messages."
#: Refusals that only the owner of the channel can mend, with what is to be done.
_OWNERS = {
    "chat not found": "Telegram knows no such channel or group, or the bot was never added to it. "
    "Check its name, and add the bot there.",
    "not a member": "The bot is no member of the channel or group. Add it there.",
    "bot was kicked": "The bot was removed from the channel or group. Add it again.",
    "bot was blocked": "The bot was blocked there. Unblock it.",
    "need administrator rights": f"The bot may not post there. {_MAKE_ADMINISTRATOR}",
    "not enough rights": f"The bot may not do that there. {_MAKE_ADMINISTRATOR}",
    "have no rights": f"The bot may not post there. {_MAKE_ADMINISTRATOR}",
    "chat_write_forbidden": f"The bot may not post there. {_MAKE_ADMINISTRATOR}",
    "group is deactivated": "The group exists no more. Connect another.",
}
#: A message that is older cannot be deleted by a bot without the right to.
_TOO_OLD = (
    "Telegram lets a bot delete a post for 48 hours only, unless it is an administrator with the right to "
    "delete messages. Give it that right, or delete the post there."
)


class Moved(Rejected):
    """A group became a larger one with another number; nothing was posted."""

    def __init__(self, chat: str) -> None:
        super().__init__(f"The group has got the number {chat}. Test the channel, which keeps it in mind.")
        self.chat = chat


def bot_token(token: SecretStr) -> SecretStr:
    """The token without the spaces around it.

    Raises:
        ValueError: it is none.
    """
    bare = token.get_secret_value().strip()
    if not _TOKEN.fullmatch(bare):
        raise ValueError("This is no bot token. Copy the one that @BotFather gave, such as 123456789:AA...")
    return SecretStr(bare)


def plain(text: str) -> str:
    """The text without the control characters that Telegram takes out, which would move every entity."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in kept if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))


def link_entity(text: str, link: str | None) -> list[dict[str, Any]]:
    """The entity that makes the whole link one, its place in UTF-16 code units; none without a link."""
    link = (link or "").strip()
    for start, end in links(text, known=link) if link else ():
        if text[start:end] == link:
            return [
                {"type": "text_link", "offset": _COUNT(text[:start]), "length": _COUNT(link), "url": link}
            ]
    return []


def refused(response: httpx.Response) -> PublishError:
    """The error that a refusal in Telegram's own dialect means."""
    answer, said = _object(response), said_by(response)
    parameters = answer.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    moved, wait = parameters.get("migrate_to_chat_id"), parameters.get("retry_after")
    if isinstance(moved, int):
        return Moved(str(moved))
    if response.status_code == 429 and isinstance(wait, int | float) and wait >= 0:
        seconds = max(1, min(wait, 24 * 3600))
        return RateLimited(f"Telegram asks us to wait {seconds:g} s.", retry_after=timedelta(seconds=seconds))
    if response.status_code in (401, 404):
        return NeedsReconnect(
            f"Telegram knows no bot with this token ({response.status_code}{said}). "
            "Connect the channel again with the token that @BotFather shows."
        )
    if response.status_code in (400, 403):
        return _forbidden(response.status_code, said) or refusal(response)
    return refusal(response)


def _forbidden(status: int, said: str) -> PublishError | None:
    """What the words of a refusal mean; None: nothing that is known."""
    for part, words in _OWNERS.items():
        if part in said.lower():
            return NeedsReconnect(f"{words} ({status}{said}).")
    if "can't be deleted" in said:
        return Rejected(_TOO_OLD)
    if status == 403:
        return NeedsReconnect(f"Telegram forbids the bot to act (403{said}). Check its rights there.")
    return None


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
