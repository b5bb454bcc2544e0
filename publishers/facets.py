"""Rich text of the AT Protocol: where links, tags and mentions stand, in bytes of UTF-8.

Sources: the lexicon app.bsky.richtext.facet; docs.bsky.app/docs/advanced-guides/post-richtext;
what counts as a tag follows bluesky-social/atproto, packages/api/src/rich-text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import regex

from publishers.text import Span, graphemes, links

#: Limits of a tag, without its sign: graphemes and bytes.
_LONGEST_TAG = (64, 640)
_LONGEST_HANDLE = 253
_TAG = regex.compile(r"(?<!\S)[#＃](?P<tag>(?!\uFE0F)[^\s\p{Cf}\u20E3]+)")
_PUNCTUATION_BEHIND = regex.compile(r"\p{P}+$")
_WORTH_A_TAG = regex.compile(r"[^\d\p{P}]")
_MENTION = regex.compile(
    r"(?<![^\s(])@(?P<handle>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)"
    r"(?![\w@])",
    regex.IGNORECASE | regex.ASCII,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A handle in a text; it becomes a facet once somebody says whose it is."""

    handle: str
    start: int  #: bytes
    end: int  #: bytes


def facets(text: str, *, link: str | None = None) -> list[dict[str, Any]]:
    """The facets of the links and tags in a text, in order.

    Args:
        link: an address that is taken as it is wherever it stands.
    """
    found = links(text, known=link)
    marked = [(span, _link_feature(text[slice(*span)])) for span in found]
    marked += [(span, {"$type": "app.bsky.richtext.facet#tag", "tag": tag}) for span, tag in _tags(text)]
    return [
        facet(*_in_bytes(text, span), feature) for span, feature in sorted(marked, key=lambda one: one[0])
    ]


def mentions(text: str) -> list[Mention]:
    """The handles that a text mentions, in order; addresses of links are left alone."""
    taken = links(text)
    return [
        Mention(match["handle"].lower(), *_in_bytes(text, match.span()))
        for match in _MENTION.finditer(text)
        if len(match["handle"]) <= _LONGEST_HANDLE
        and not any(start <= match.start() < end for start, end in taken)
    ]


def facet(start: int, end: int, feature: dict[str, str]) -> dict[str, Any]:
    """One facet over the bytes from ``start`` up to ``end``."""
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


def mention_facet(mention: Mention, did: str) -> dict[str, Any]:
    """The facet of a mention whose owner is known."""
    return facet(mention.start, mention.end, {"$type": "app.bsky.richtext.facet#mention", "did": did})


def _link_feature(uri: str) -> dict[str, str]:
    return {"$type": "app.bsky.richtext.facet#link", "uri": uri}


def _tags(text: str) -> Iterator[tuple[Span, str]]:
    for match in _TAG.finditer(text):
        tag = _PUNCTUATION_BEHIND.sub("", match["tag"])
        if not _WORTH_A_TAG.search(tag):
            continue
        if graphemes(tag) <= _LONGEST_TAG[0] and len(tag.encode()) <= _LONGEST_TAG[1]:
            yield (match.start(), match.start("tag") + len(tag)), tag


def _in_bytes(text: str, span: Span) -> Span:
    start = len(text[: span[0]].encode())
    return start, start + len(text[slice(*span)].encode())
