"""Texts of Matrix messages: the plain one, the formatted one beside it, and how large an event becomes.

Sources: spec.matrix.org/v1.15/client-server-api (m.room.message, mxc, user and room mentions), appendices
(canonical JSON, user identifiers), and "Size limits": 65,536 bytes for an event as servers exchange it.
"""

import html
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import regex

from publishers.text import links

#: Bytes of an event as servers exchange it.
MAX_EVENT = 65_536
#: Bytes kept free for what the server adds: ids, hashes, signatures, and the events before it.
ENVELOPE = 4096

_USER = regex.compile(
    r"(?<![^\s(])@[a-z0-9._=\-/+]+:(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+(?::\d{2,5})?(?![\w@])", regex.ASCII
)
_LONGEST_USER = 255


def text_content(text: str) -> dict[str, Any]:
    """The content of a text message: links open, people named are told."""
    content: dict[str, Any] = {"msgtype": "m.text", "body": text}
    if (formatted := _formatted(text)) != html.escape(text, quote=False):
        content |= {"format": "org.matrix.custom.html", "formatted_body": formatted}
    named = list(dict.fromkeys(text[start:end] for start, end in mentions(text)))
    # Empty says that nobody is meant: else apps look for names in the text by themselves.
    content["m.mentions"] = {"user_ids": named} if named else {}
    return content


def event_size(content: Mapping[str, Any]) -> int:
    """Bytes of an event with this content, at most, with what its server adds."""
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return len(canonical.encode("utf-8", "surrogatepass")) + ENVELOPE


def mentions(text: str) -> Iterator[tuple[int, int]]:
    """Where whole user ids stand in a text, such as ``@drum:matrix.example``; not inside addresses."""
    taken = links(text)
    for match in _USER.finditer(text):
        inside = any(start <= match.start() < end for start, end in taken)
        if not inside and len(match[0].encode()) <= _LONGEST_USER:
            yield match.span()


def permalink(*names: str, via: str = "") -> str:
    """The address under which people open a room, an event in it, or somebody."""
    path = "/".join(quote(name, safe="!#@$:") for name in names)
    return f"https://matrix.to/#/{path}" + (f"?via={quote(via, safe=':')}" if via else "")


def _formatted(text: str) -> str:
    marked = [(span, text[slice(*span)]) for span in links(text)]
    marked += [(span, permalink(text[slice(*span)])) for span in mentions(text)]
    pieces, behind = [], 0
    for (start, end), target in sorted(marked):
        pieces.append(html.escape(text[behind:start], quote=False))
        shown = html.escape(text[start:end], quote=False)
        pieces.append(f'<a href="{html.escape(target)}">{shown}</a>')
        behind = end
    pieces.append(html.escape(text[behind:], quote=False))
    return "".join(pieces).replace("\n", "<br>")
