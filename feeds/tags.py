"""The tags of HTML or XML, well-formed or not, in linear time and without ever raising.

The standard library's HTML parser raises on some pages and takes quadratic time on others, and half of all
OPML lists are no XML. Only tags are looked for here; text between them does not count.
"""

import html
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"</?([a-zA-Z][\w:.-]*)")
_ATTRIBUTE: Final = re.compile(
    r"""\s*+(?:([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++)))?+|[/"'=]++)"""
)
_END: Final = re.compile(r"\s*+(>)?")
#: Such as ``&amp;``; without its semicolon it may be a part of an address, as in ``?a=1&copy=2``.
_REFERENCE: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
#: Elements of HTML whose content is text, whatever it looks like.
_RAW: Final = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in ("script", "style", "textarea", "title")
}
#: Where to go on after something that is no tag, by its beginning.
_SKIPPED: Final = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<!", ">"), ("<?", ">"))


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag; its name and the names of its attributes are in lower case."""

    name: str
    #: The first of each name counts; character references are resolved.
    attributes: Mapping[str, str]
    #: Where it ends in the text.
    end: int
    #: ``</name>``
    is_end: bool = False
    #: ``<name/>``
    is_empty: bool = False


def tags(text: str, names: Collection[str], *, raw: bool = True) -> Iterator[Tag]:
    """The tags of these names, in document order.

    Args:
        names: in lower case.
        raw: whether scripts, titles and the like hold no tags, as in HTML.
    """
    position = text.find("<")
    while position >= 0:
        found = _NAME.match(text, position)
        if found is None:
            position = text.find("<", _after(text, position))
            continue
        name = found[1].lower()
        end, attributes = _attributes(text, found.end())
        if name in names:
            is_end = text.startswith("</", position)
            is_empty = text[end - 2 : end] == "/>"
            yield Tag(name, attributes, end, is_end, is_empty)
        if raw and name in _RAW and not text.startswith("</", position):
            closing = _RAW[name].search(text, end)
            end = closing.start() if closing else len(text)
        position = text.find("<", end)


def _attributes(text: str, position: int) -> tuple[int, dict[str, str]]:
    """Where the tag ends, and what it says."""
    found: dict[str, str] = {}
    while match := _ATTRIBUTE.match(text, position):
        position = match.end()
        if match[1]:
            value = next((part for part in match.groups()[1:] if part is not None), "")
            found.setdefault(match[1].lower(), _unescaped(value))
    end = _END.match(text, position)
    return (end.end() if end else position), found


def _after(text: str, position: int) -> int:
    for beginning, ending in _SKIPPED:
        if text.startswith(beginning, position):
            end = text.find(ending, position + 2)
            return end + len(ending) if end >= 0 else len(text)
    return position + 1


def _unescaped(value: str) -> str:
    return _REFERENCE.sub(lambda match: html.unescape(match[0]), value) if "&" in value else value
