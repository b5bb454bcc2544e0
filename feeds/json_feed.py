"""JSON Feed 1.0 and 1.1. Format: https://www.jsonfeed.org/version/1.1/"""

import html
import json
from collections.abc import Container, Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from math import isfinite
from typing import Any, Final

from domain.entry import Enclosure, Entry
from feeds.clean import clean, resolve
from feeds.dates import utc
from feeds.entries import MAX_KIND, finish, language_tag
from feeds.images import first_image
from feeds.parsed import ParsedFeed, Place, base_of, newest
from feeds.plain import cut, one_line, sayable

_MAX_DIGITS: Final = 40


def read_json(body: bytes, *, url: str, now: datetime, limit: int, known: Container[bytes]) -> ParsedFeed:
    """Read a JSON Feed; the arguments are those of `feeds.parse.parse`.

    Raises:
        ValueError: it is no JSON, or no JSON Feed; the text says why.
    """
    top = _load(body)
    items = [item for item in top["items"] if isinstance(item, dict)]
    authors, language = _authors(top), language_tag(_text(top, "language"))

    def place(item: Mapping[str, Any]) -> Place:
        fingerprint = _fingerprint(item, url)
        if fingerprint in known:
            return Place(fingerprint, None)
        entry = _entry(item, url=url, language=language, authors=authors, now=now)
        return Place(fingerprint, entry if entry.guid or entry.link or entry.title or entry.text else None)

    window = newest(len(items), limit, lambda at: utc(_text(items[at], "date_published"), now=now))
    hubs = [hub for hub in _list(top, "hubs") if str(hub.get("type", "")).lower() == "websub"]
    return ParsedFeed(
        title=cut(one_line(_text(top, "title")), 300),
        site_url=resolve(_text(top, "home_page_url"), base=url),
        language=language,
        places=tuple(place(items[at]) for at in window),
        self_url=resolve(_text(top, "feed_url"), base=url),
        hub_url=resolve(_text(hubs[0], "url"), base=url) if hubs else None,
        image_url=resolve(_text(top, "icon") or _text(top, "favicon"), base=url),
    )


def _load(body: bytes) -> Mapping[str, Any]:
    try:
        text = body.decode("utf-8-sig", "replace")
        top = json.loads(text, strict=False, parse_int=_whole, parse_constant=lambda _name: None)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(top, dict) or not isinstance(top.get("items"), list):
        raise ValueError("it has no list named items")
    if "jsonfeed.org" not in str(top.get("version", "")) and not _text(top, "title"):
        raise ValueError("it names neither its version nor a title")
    return top


def _whole(digits: str) -> int | str:
    """A number so long that Python refuses it stays the text that it is: it can only be an id."""
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _fingerprint(item: Mapping[str, Any], url: str) -> bytes:
    try:
        spelled = json.dumps(item, sort_keys=True).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return blake2b(base_of(url) + b" " + spelled, digest_size=16).digest()


def _entry(
    item: Mapping[str, Any], *, url: str, language: str | None, authors: tuple[str, ...], now: datetime
) -> Entry:
    link = resolve(_text(item, "url") or _text(item, "external_url"), base=url)
    base = link or url
    content = _text(item, "content_html") or _as_html(_text(item, "content_text"))
    return finish(
        guid=_guid(item.get("id")),
        link=link,
        title=one_line(_text(item, "title")),
        summary_html=clean(_as_html(_text(item, "summary")), base=base),
        content_html=clean(content, base=base),
        authors=_authors(item) or authors,
        categories=_strings(item.get("tags")),
        published_at=utc(_text(item, "date_published"), now=now),
        updated_at=utc(_text(item, "date_modified"), now=now),
        language=_text(item, "language") or language,
        image_url=resolve(_text(item, "image"), base=base)
        or resolve(_text(item, "banner_image"), base=base)
        or first_image(content, base=base),
        enclosures=tuple(_enclosures(item, base)),
    )


def _text(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    return sayable(value).strip() if isinstance(value, str) else ""


def _guid(value: object) -> str | None:
    """The id as text; the format asks to coerce numbers, which some feeds still write."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float) and not isfinite(value):
        return None
    return sayable(str(value)).strip() or None


def _list(source: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = source.get(name)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _authors(source: Mapping[str, Any]) -> tuple[str, ...]:
    people = _list(source, "authors") or [p for p in (source.get("author"),) if isinstance(p, dict)]
    names = (_text(person, "name") or _text(person, "url") for person in people)
    return tuple(name for name in names if name)


def _strings(value: object) -> tuple[str, ...]:
    return tuple(sayable(part) for part in value if isinstance(part, str)) if isinstance(value, list) else ()


def _as_html(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")


def _enclosures(item: Mapping[str, Any], base: str) -> Iterator[Enclosure]:
    for attachment in _list(item, "attachments"):
        address = resolve(_text(attachment, "url"), base=base)
        size = attachment.get("size_in_bytes")
        if address:
            yield Enclosure(
                address,
                kind=one_line(_text(attachment, "mime_type"))[:MAX_KIND] or None,
                length=int(size) if isinstance(size, int | float) and 0 < size < 2**50 else None,
            )
