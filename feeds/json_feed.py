"""JSON Feed 1.0 and 1.1. Format: https://www.jsonfeed.org/version/1.1/"""

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.entry import Enclosure, Entry
from feeds.clean import clean, resolve
from feeds.dates import utc
from feeds.entries import finish
from feeds.images import first_image
from feeds.plain import one_line


@dataclass(frozen=True, slots=True)
class Document:
    """The top level of a JSON Feed."""

    title: str
    home_page_url: str | None
    feed_url: str | None
    hub_url: str | None
    icon: str | None
    language: str | None
    authors: tuple[str, ...]
    items: Sequence[Mapping[str, Any]]


def load(body: bytes) -> Document:
    """Read the top level.

    Raises:
        ValueError: it is no JSON, or no JSON Feed; the text says why.
    """
    try:
        top = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(top, dict) or not isinstance(top.get("items"), list):
        raise ValueError("it has no list named items")
    if "jsonfeed.org" not in str(top.get("version", "")) and not _text(top, "title"):
        raise ValueError("it names neither its version nor a title")
    hubs = [hub for hub in _list(top, "hubs") if str(hub.get("type", "")).lower() == "websub"]
    return Document(
        title=one_line(_text(top, "title")),
        home_page_url=_text(top, "home_page_url") or None,
        feed_url=_text(top, "feed_url") or None,
        hub_url=_text(hubs[0], "url") or None if hubs else None,
        icon=_text(top, "icon") or _text(top, "favicon") or None,
        language=_text(top, "language") or None,
        authors=_authors(top),
        items=[item for item in top["items"] if isinstance(item, dict)],
    )


def entries(document: Document, *, url: str, now: datetime, limit: int) -> Iterator[Entry]:
    """The first ``limit`` entries, in document order."""
    for item in document.items[:limit]:
        link = resolve(_text(item, "url") or _text(item, "external_url"), base=url)
        base = link or url
        content = _text(item, "content_html") or _as_html(_text(item, "content_text"))
        yield finish(
            guid=_guid(item.get("id")),
            link=link,
            title=one_line(_text(item, "title")),
            summary_html=clean(_as_html(_text(item, "summary")), base=base),
            content_html=clean(content, base=base),
            authors=_authors(item) or document.authors,
            categories=_strings(item.get("tags")),
            published_at=utc(_text(item, "date_published"), now=now),
            updated_at=utc(_text(item, "date_modified"), now=now),
            language=_text(item, "language") or document.language,
            image_url=resolve(_text(item, "image"), base=base)
            or resolve(_text(item, "banner_image"), base=base)
            or first_image(content, base=base),
            enclosures=tuple(_enclosures(item, base)),
        )


def _text(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    return value.strip() if isinstance(value, str) else ""


def _guid(value: object) -> str | None:
    """The id as text; the format asks to coerce numbers, which some feeds still write."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def _list(source: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = source.get(name)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _authors(source: Mapping[str, Any]) -> tuple[str, ...]:
    people = _list(source, "authors") or [p for p in (source.get("author"),) if isinstance(p, dict)]
    names = (_text(person, "name") or _text(person, "url") for person in people)
    return tuple(name for name in names if name)


def _strings(value: object) -> tuple[str, ...]:
    return tuple(part for part in value if isinstance(part, str)) if isinstance(value, list) else ()


def _as_html(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")


def _enclosures(item: Mapping[str, Any], base: str) -> Iterator[Enclosure]:
    for attachment in _list(item, "attachments"):
        address = resolve(_text(attachment, "url"), base=base)
        size = attachment.get("size_in_bytes")
        if address:
            yield Enclosure(
                address,
                kind=_text(attachment, "mime_type") or None,
                length=int(size) if isinstance(size, int | float) and 0 < size < 2**50 else None,
            )
