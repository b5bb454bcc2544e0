"""One entry as feedparser gives it, turned into ours: plain title, clean HTML, UTC dates, one picture."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from domain.entry import Enclosure, Entry
from feeds.clean import clean, resolve
from feeds.dates import utc
from feeds.identity import canonical_link, text_digest
from feeds.images import choose
from feeds.plain import cut, one_line, plain, sayable
from feeds.quirks import MAX_AUTHOR, OF_MEDIA

#: Longest title, in characters; a titleless entry takes this much of its text.
MAX_TITLE: Final = 500
TITLE_FROM_TEXT: Final = 120
#: Longest plain text that is kept of an entry, in characters.
MAX_TEXT: Final = 50_000
_MAX_LIST: Final = 50
#: Longest name of an author or category, in characters.
_MAX_NAME: Final = 500
#: A guid or link that is longer, in characters, is none.
_MAX_ADDRESS: Final = 8_000
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}(?![\w-])")
#: Longest media type, in characters.
MAX_KIND: Final = 100
#: RSS wants ``name@example.org (Name)``; some write ``Name <name@example.org>``.
_MAILBOX: Final = re.compile(r"^(?:\S+@\S+|https?://\S+)\s*\((?P<name>[^()]+(?:\([^()]*\)[^()]*)*)\)$")
_BRACKETED: Final = re.compile(r"^(?P<name>[^<>@]+?)\s*<[^<>\s]+@[^<>\s]+>$")


def entry_from(
    item: Mapping[str, Any],
    *,
    url: str,
    site_url: str | None,
    language: str | None,
    authors: tuple[str, ...],
    now: datetime,
) -> Entry:
    """Read one entry.

    Args:
        item: feedparser's entry, neither sanitized nor resolved.
        url: the feed's address, base for what has no better one.
        site_url: the feed's page, base for HTML in entries that have no link.
        language: of the feed, for entries that name none; so with ``authors``.
        now: current time, UTC.
    """
    title_detail = _detail(item, "title")
    base = resolve(title_detail.get("base") or _content_detail(item).get("base"), base=url) or url
    link = _link(item, base)
    # HTML inside RSS is relative to its page; only a base that the document itself sets comes first.
    html_base = base if base != url else link or site_url or url
    summary, content = _summary(item), _content(item)
    markup = content or summary
    return finish(
        guid=_text(item, "id") or None,
        link=link,
        title=title_text(item),
        summary_html=clean(summary, base=html_base),
        content_html=clean(content, base=html_base),
        authors=authors_of(item) or authors,
        categories=_categories(item),
        published_at=utc(_text(item, "published"), dict.get(_dict(item), "published_parsed"), now=now)
        or utc(_text(item, "created"), dict.get(_dict(item), "created_parsed"), now=now),
        updated_at=utc(_text(item, "updated"), dict.get(_dict(item), "updated_parsed"), now=now)
        or utc(_text(item, "dc_modified"), now=now),
        language=title_detail.get("language") or _content_detail(item).get("language") or language,
        image_url=choose(item, markup, base=html_base),
        enclosures=_enclosures(item, base),
    )


def finish(
    *,
    guid: str | None,
    link: str | None,
    title: str,
    summary_html: str,
    content_html: str,
    authors: tuple[str, ...],
    categories: tuple[str, ...],
    published_at: datetime | None,
    updated_at: datetime | None,
    language: str | None,
    image_url: str | None,
    enclosures: tuple[Enclosure, ...],
) -> Entry:
    """Add what follows from the rest: the plain text, a title where there is none, the digest.

    Characters that no database holds are left out; ``link`` and the other addresses come without them.
    """
    guid, title = sayable(guid or ""), sayable(title)
    summary_html, content_html = sayable(summary_html), sayable(content_html)
    text = cut(plain(content_html or summary_html), MAX_TEXT)
    return Entry(
        guid=_bounded(guid),
        link=_bounded(link),
        title=cut(title, MAX_TITLE) or cut(one_line(text), TITLE_FROM_TEXT),
        summary_html=summary_html,
        content_html=content_html,
        text=text,
        authors=_names(authors),
        categories=_names(categories),
        published_at=published_at or updated_at,
        updated_at=updated_at,
        language=language_tag(language),
        image_url=_bounded(image_url),
        enclosures=tuple(one for one in enclosures if len(one.url) <= _MAX_ADDRESS),
        # A link that only tracks the reader in another way is no edit.
        digest=text_digest(title, link and canonical_link(link), text),
    )


def language_tag(text: str | None) -> str | None:
    """The first language that a feed names, as it spells it (``en-us``); None when it names none.

    Source: RFC 5646, section 2.1, with the underscore that some feeds write.
    """
    found = _LANGUAGE.match((text or "").strip())
    return found[0] if found else None


def _bounded(text: str | None) -> str | None:
    return text if text and len(text) <= _MAX_ADDRESS else None


def _names(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, as one line, within bounds."""
    lines = (cut(one_line(sayable(name)), _MAX_NAME) for name in names)
    return tuple(dict.fromkeys(filter(None, lines)))[:_MAX_LIST]


def title_text(item: Mapping[str, Any]) -> str:
    """The title as one line of plain text, unescaped exactly as often as its type says."""
    value = _text(item, "title")
    if _detail(item, "title").get("type") in ("text/html", "application/xhtml+xml"):
        value = plain(value)
    return one_line(value)


def _dict(item: Mapping[str, Any]) -> dict[str, Any]:
    """feedparser's own ``get`` answers ``updated`` with ``published``; the plain dict's does not."""
    assert isinstance(item, dict)
    return item


def _text(item: Mapping[str, Any], name: str) -> str:
    value = dict.get(_dict(item), name)
    return value.strip() if isinstance(value, str) else ""


def _detail(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = item.get(f"{name}_detail")
    return value if isinstance(value, dict) else {}


def _content_detail(item: Mapping[str, Any]) -> Mapping[str, Any]:
    every = [part for part in dict.get(_dict(item), "content") or () if isinstance(part, dict)]
    parts = [part for part in every if OF_MEDIA not in vars(part)]
    return next((part for part in parts if _is_markup(part)), parts[0] if parts else {})


def _content(item: Mapping[str, Any]) -> str:
    return _as_html(_content_detail(item))


def _summary(item: Mapping[str, Any]) -> str:
    detail = _detail(item, "summary")
    return _as_html(detail) if detail.get("value") else _text(item, "summary")


def _as_html(detail: Mapping[str, Any]) -> str:
    value = str(detail.get("value") or "")
    if _is_markup(detail):
        return value
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_markup(detail: Mapping[str, Any]) -> bool:
    return str(detail.get("type") or "text/html") in ("text/html", "application/xhtml+xml")


def _link(item: Mapping[str, Any], base: str) -> str | None:
    original = resolve(_text(item, "feedburner_origlink"), base=base)
    return original or _page(item, base) or _other_link(item, base)


def _page(item: Mapping[str, Any], base: str) -> str | None:
    """feedparser's link, unless it took it from an enclosure or from a guid that only looks like a path."""
    value = _text(item, "link")
    files = {link.get("href") for link in item.get("links") or () if link.get("rel") == "enclosure"}
    if value in files or (value == _text(item, "id") and not value.startswith(("http", "/"))):
        return None
    return resolve(value, base=base)


def _other_link(item: Mapping[str, Any], base: str) -> str | None:
    """Where no page is named, the file itself: podcasts often have nothing else."""
    links = item.get("links") or ()
    found = (
        resolve(link.get("href"), base=base)
        for rel in ("alternate", "enclosure")
        for link in links
        if link.get("rel") == rel
    )
    return next((url for url in found if url), None)


def authors_of(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the people who wrote an entry or a feed, without their addresses."""
    people = [person for person in item.get("authors") or () if isinstance(person, dict)]
    names = [str(person.get("name") or person.get("email") or "") for person in people]
    raw = _text(item, "author")[:MAX_AUTHOR]
    mailbox = _MAILBOX.match(raw) or _BRACKETED.match(raw)
    if mailbox and len(people) <= 1:
        names = [mailbox["name"]]
    elif raw and not any(names):
        names = [raw]
    return _names(names)


def _categories(item: Mapping[str, Any]) -> tuple[str, ...]:
    tags = item.get("tags") or ()
    return _names(plain(str(tag.get("label") or tag.get("term") or "")) for tag in tags)


def _enclosures(item: Mapping[str, Any], base: str) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    for link in item.get("links") or ():
        address = resolve(link.get("href"), base=base) if link.get("rel") == "enclosure" else None
        if address:
            length = str(link.get("length") or "")
            size = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None
            kind = one_line(sayable(str(link.get("type") or "")))[:MAX_KIND] or None
            found.setdefault(address, Enclosure(address, kind=kind, length=size or None))
    return tuple(found.values())[:_MAX_LIST]
