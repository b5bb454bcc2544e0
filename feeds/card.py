"""The card of a link: what the page that it leads to says of itself (Open Graph, else its own head).

Source: ogp.me. Nothing here fails: a page that cannot be read has no card.
"""

import html
import re
from datetime import timedelta
from typing import Final

from domain.content import Card
from domain.errors import FetchError
from feeds.clean import resolve
from feeds.discover import SEARCHED, decode_page
from feeds.images import is_picture
from feeds.page import picture_of
from feeds.plain import cut, one_line
from feeds.tags import tags
from net.client import Client, read

#: For the page, redirects included.
DEADLINE: Final = timedelta(seconds=6)
_MAX_PAGE: Final = 2 * 2**20
_LONGEST_TITLE: Final = 300
_LONGEST_TEXT: Final = 1_000
_TITLE = re.compile(r"<title\b[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)


def fetch_card(client: Client, url: str, *, deadline: timedelta = DEADLINE) -> Card | None:
    """The card of a page; None when it cannot be read, or says nothing of itself."""
    try:
        answer = read(client, url, headers={"Accept": "text/html"}, deadline=deadline, max_bytes=_MAX_PAGE)
    except (FetchError, ValueError):
        return None
    kind = answer.headers.get("content-type", "text/html").split(";")[0].strip().lower()
    if answer.status != 200 or kind not in ("text/html", "application/xhtml+xml"):
        return None
    card = card_of(answer.body, url=answer.url)
    return card if card.title else None


def card_of(page: bytes, *, url: str) -> Card:
    """What a page says of itself; empty where it says nothing.

    Args:
        page: HTML; searched up to 512 KiB.
        url: its address, the base of its picture's.
    """
    text = decode_page(page[:SEARCHED])
    said: dict[str, str] = {}
    for tag in tags(text, ("meta",)):
        name = (tag.attributes.get("property") or tag.attributes.get("name") or "").lower()
        said.setdefault(name, one_line(tag.attributes.get("content", "")))
    head = _TITLE.search(text)
    own = one_line(html.unescape(head[1])) if head else ""
    title = said.get("og:title") or said.get("twitter:title") or own
    words = said.get("og:description") or said.get("twitter:description") or said.get("description") or ""
    picture = resolve(picture_of(page, url=url), base=url)
    shown = picture if picture and is_picture(picture) else None
    alt = (said.get("og:image:alt") or said.get("twitter:image:alt") or "") if shown else ""
    return Card(cut(title, _LONGEST_TITLE), cut(words, _LONGEST_TEXT), shown, cut(alt, _LONGEST_TEXT))
