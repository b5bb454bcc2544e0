"""Texts as blocks of Tumblr's Neue Post Format.

Source: github.com/tumblr/docs, npf-spec.md: a text block holds at most 4,096 code points, places in it are
counted in code points, a link block shows what a page says of itself.
"""

import re
from collections.abc import Iterator
from typing import Any

from domain.content import Content
from publishers.text import contains_link, fit, links

MAX_BLOCK = 4096
#: Code points of a whole post: it is kept as JSON of at most 1 MB.
MAX_POST = 900_000
#: Of what a page says of itself.
_MAX_CARD = 140
_TAG = re.compile(r"(?<!\S)#(\w+)")


def blocks(content: Content) -> list[dict[str, Any]]:
    """Title, text and link of a post."""
    link, card = (content.link or "").strip() or None, content.card
    in_card = bool(link and card and card.title.strip() and not contains_link(content.text, link))
    found: list[dict[str, Any]] = []
    if content.title and content.title.strip():
        found.append({"type": "text", "subtype": "heading1", "text": content.title.strip()[:MAX_BLOCK]})
    found += [
        _text(part, link) for part in paragraphs(fit(content.text, None if in_card else link, []), link)
    ]
    if in_card and card and link:
        shown = {"title": card.title.strip()[:_MAX_CARD], "description": card.description.strip()[:_MAX_CARD]}
        found.append({"type": "link", "url": link, **{name: said for name, said in shown.items() if said}})
    return found


def paragraphs(text: str, link: str | None) -> Iterator[str]:
    """The paragraphs of a text, none longer than a block; no link is cut."""
    for paragraph in re.split(r"\n{2,}", text):
        rest = paragraph.strip()
        while len(rest) > MAX_BLOCK:
            end = _cut(rest, link)
            yield rest[:end].strip()
            rest = rest[end:].strip()
        if rest:
            yield rest


def tags(text: str) -> str:
    """The hashtags of a text, as Tumblr wants them beside it."""
    return ",".join(dict.fromkeys(_TAG.findall(text)))


def words(content: list[Any]) -> str:
    """What readers see of the text blocks, the heading aside."""
    texts = (one for one in content if isinstance(one, dict) and one.get("type") == "text")
    return "\n\n".join(str(one.get("text", "")) for one in texts if one.get("subtype") != "heading1")


def _text(paragraph: str, link: str | None) -> dict[str, Any]:
    marked = [
        {"start": start, "end": end, "type": "link", "url": paragraph[start:end]}
        for start, end in links(paragraph, known=link)
    ]
    return {"type": "text", "text": paragraph} | ({"formatting": marked[:100]} if marked else {})


def _cut(text: str, link: str | None) -> int:
    """Where a paragraph that is too long for a block ends: at a space outside every link, if there is one."""
    end = MAX_BLOCK
    for start, stop in links(text, known=link):
        if 0 < start < end < stop:
            end = start
    at_space = max(text.rfind(" ", 1, end), text.rfind("\n", 1, end))
    return at_space if at_space > end // 2 else end
