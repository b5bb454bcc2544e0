"""What counts as a character on Mastodon.

Source: mastodon/mastodon, app/validators/status_length_validator.rb.
"""

import re

from publishers.text import graphemes

#: Of a link, however long it is, unless the server says otherwise.
CHARACTERS_PER_URL = 23

#: Narrower than what Mastodon takes for an address, so that we never count less than it does.
_COUNTED_URL = re.compile(
    r"(?<![\w@＠$#＃/.-])https?://(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)+(?P<top>[a-z]{2,}|xn--[a-z0-9-]+)"
    r"(?![a-z0-9_-])(?::\d+)?"
    r"(?:/(?:[a-z0-9\-_./=+~%,;:!*'@&$#]*[a-z0-9/_#+\-])?)?"
    r"(?:\?[a-z0-9!*';:&=+$/%#\-_.,~@]*[a-z0-9_&=#/\-])?",
    re.IGNORECASE | re.ASCII,
)
#: Mastodon knows the list of top-level domains and counts addresses under any other name in full.
_NEVER_PUBLIC = frozenset({"example", "internal", "invalid", "local", "localhost", "test"})
_REMOTE_MENTION = re.compile(r"(?<![=/\w])(?P<local>@[a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\w.-]*\w", re.I)


def length(text: str, *, per_url: int = CHARACTERS_PER_URL) -> int:
    """How Mastodon counts: graphemes, a fixed number for a link, a mention without its server."""

    def counted(match: re.Match[str]) -> str:
        return match[0] if match["top"].lower() in _NEVER_PUBLIC else "x" * per_url

    return graphemes(_REMOTE_MENTION.sub(r"\g<local>", _COUNTED_URL.sub(counted, text)))
