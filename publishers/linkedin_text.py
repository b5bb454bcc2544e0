"""LinkedIn's "little text": what stands for itself must be escaped, or the rest of the post is cut off.

Source: learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format.
"""

import re

#: Code points of a post, escapes counted; LinkedIn's documentation names the number for people only.
MAX_CHARACTERS = 3_000

_RESERVED = re.compile(r"[\\|{}@\[\]()<>*_~]|#(?!\w)|(?<=\w)#")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TAG_TEMPLATE = re.compile(r"\{hashtag\|\\?#\|([^}]*)\}")
_MENTION = re.compile(r"@\[([^\]]*)\]\(urn:li:[^)]*\)")


def little(text: str) -> str:
    """The text, escaped so that every sign stands for itself; a tag such as ``#news`` stays one."""
    return _RESERVED.sub(r"\\\g<0>", text)


def plain(commentary: str) -> str:
    """The words of a commentary as LinkedIn gives it back."""
    named = _MENTION.sub(r"\1", _TAG_TEMPLATE.sub(r"#\1", commentary))
    return _ESCAPE.sub(r"\1", named)


def length(text: str) -> int:
    """How much of `MAX_CHARACTERS` a text takes."""
    return len(little(text))
