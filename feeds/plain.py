"""HTML to plain text, and text cut at a word."""

import html
import re
from functools import lru_cache
from typing import Final

import nh3

#: Elements that end a line when they open or close.
_BREAKS: Final = re.compile(
    r"<(?:br|hr|/?(?:p|div|li|ul|ol|h[1-6]|tr|table|blockquote|pre|section|article|header|footer|figure"
    r"|figcaption|dt|dd))(?=[\s/>])[^<>]{0,2000}>",
    re.IGNORECASE,
)
_UNSEEN: Final = frozenset(
    {"script", "style", "noscript", "template", "title", "iframe", "object", "textarea"}
)
_SPACES: Final = re.compile(r"[^\S\n]+")
_LINE_ENDS: Final = re.compile(r" ?\n ?")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")
#: Zero-width and directional marks that only make two equal texts differ.
_INVISIBLE: Final = re.compile("[\u200b\u2060\ufeff\u00ad]+")


#: What XML 1.0 cannot hold: control characters and halves of characters, which databases refuse as well.
_UNSAYABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sayable(text: str) -> str:
    """``text`` without control characters and halves of characters."""
    return _UNSAYABLE.sub("", text)


def plain(markup: str) -> str:
    """The text of an HTML fragment, entities resolved once, with line breaks where blocks end."""
    if "<" in markup:
        markup = _strip(_BREAKS.sub("\n\\g<0>", markup.replace("\r", "").replace("\n", " ")))
    text = _visible(html.unescape(markup))
    text = _LINE_ENDS.sub("\n", _SPACES.sub(" ", text))
    return _EMPTY_LINES.sub("\n\n", text).strip()


def one_line(text: str) -> str:
    """``text`` with every run of white space as one space."""
    return " ".join(_visible(text).split())


def cut(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters; a longer one ends after a whole word, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if not text[limit - 1].isspace():
        word_start = max(head.rfind(" "), head.rfind("\n"))
        head = head[:word_start] if word_start > limit // 2 else head
    return head.rstrip(" \n,;:.-–—") + "…"


def _visible(text: str) -> str:
    return text if text.isascii() else _INVISIBLE.sub("", text)


def _strip(markup: str) -> str:
    return _stripper().clean(markup)


@lru_cache(maxsize=1)
def _stripper() -> nh3.Cleaner:
    return nh3.Cleaner(tags=set(), clean_content_tags=set(_UNSEEN), attributes={}, link_rel=None)
