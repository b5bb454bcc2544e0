"""A page channel's posts as Atom (RFC 4287) and JSON Feed 1.1.

Feeds are fetched by programs for their readers: that is no view, and is not counted.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup
from sqlmodel import Session

from domain.media import media_path
from store import pages
from store.tables import ChannelRow
from web.deps import Reading, Web, WebContext
from web.public.page import Slug
from web.public.shown import ShownPost, shown

router = APIRouter()

#: Posts in a feed.
FEED_LENGTH = 30
_ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: What XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@router.api_route("/p/{slug}/feed.atom", methods=["GET", "HEAD"])
def atom_feed(request: Request, session: Reading, web: Web, slug: Slug) -> Response:
    """The newest posts as Atom."""
    channel, posts, changed = _load(session, web, slug)
    body = _atom(web.public_url, channel, posts, changed)
    return _conditional(request, body, "application/atom+xml; charset=utf-8", changed)


@router.api_route("/p/{slug}/feed.json", methods=["GET", "HEAD"])
def json_feed(request: Request, session: Reading, web: Web, slug: Slug) -> Response:
    """The newest posts as JSON Feed."""
    channel, posts, changed = _load(session, web, slug)
    body = json.dumps(_json(web.public_url, channel, posts), ensure_ascii=False).encode()
    return _conditional(request, body, "application/feed+json; charset=utf-8", changed)


def _load(session: Session, web: WebContext, slug: str) -> tuple[ChannelRow, list[ShownPost], datetime]:
    channel, _ = pages.page_channel(session, slug)
    rows = pages.page_posts(session, channel.id, limit=FEED_LENGTH)
    changed = pages.page_changed_at(session, channel)
    return channel, shown(web, rows), changed


def _conditional(request: Request, body: bytes, media_type: str, changed: datetime) -> Response:
    """The feed, or 304 when the reader has it (RFC 9110, section 13.2.2: the entity tag decides first)."""
    tag = f'W/"{sha256(body).hexdigest()[:32]}"'
    changed = changed.replace(microsecond=0)
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(changed, usegmt=True),
        "Cache-Control": "public, max-age=60",
        # Feed readers that run in a browser may fetch it from their own site.
        "Access-Control-Allow-Origin": "*",
    }
    if _has_it(request, tag, changed):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _has_it(request: Request, tag: str, changed: datetime) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        tags = {one.strip().removeprefix("W/") for one in known.split(",")}
        return "*" in tags or tag.removeprefix("W/") in tags
    try:
        since = parsedate_to_datetime(request.headers["if-modified-since"])
        return since.tzinfo is not None and changed <= since
    except (KeyError, ValueError):
        return False


def _identity(channel: ChannelRow, key: str = "") -> str:
    """Stays when the page's address changes, so that no reader sees everything as new."""
    return uuid5(NAMESPACE_URL, f"tabuh:channel:{channel.id}:{key}").urn


def _atom(public_url: str, channel: ChannelRow, posts: Sequence[ShownPost], changed: datetime) -> bytes:
    address = f"{public_url}/p/{channel.slug}"
    feed = ET.Element("feed", {"xmlns": _ATOM} | _language(channel.language))
    _add(feed, "id", _identity(channel))
    _add(feed, "title", channel.name)
    _add(feed, "updated", changed.isoformat(timespec="seconds"))
    _add(feed, "link", rel="alternate", type="text/html", href=address)
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{address}/feed.atom")
    _add(_add(feed, "author"), "name", channel.name)
    _add(feed, "generator", "Tabuh")
    for post in posts:
        entry = ET.SubElement(feed, "entry", _language(post.language))
        at = post.published_at.isoformat(timespec="seconds")
        _add(entry, "id", _identity(channel, post.key))
        _add(entry, "title", post.title)
        _add(entry, "published", at)
        _add(entry, "updated", at)
        _add(entry, "link", rel="alternate", type="text/html", href=f"{address}/{post.key}")
        if href := post.href(public_url):
            _add(entry, "link", rel="related", href=href)
        for one in post.pictures:
            href = f"{public_url}{media_path(one)}"
            _add(entry, "link", rel="enclosure", type=one.media_type, length=str(one.size), href=href)
        _add(entry, "content", _html(post, public_url), type="html")
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _language(language: str | None) -> dict[str, str]:
    return {_XML_LANG: language} if language else {}


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, tag, {name: _NOT_XML.sub("", value) for name, value in attributes.items()})
    if text:
        made.text = _NOT_XML.sub("", text)
    return made


def _html(post: ShownPost, public_url: str) -> str:
    paragraphs = [str(post.html(public_url)).replace("\n", "<br>\n")] if post.text else []
    for one in post.pictures:
        image = Markup('<img src="{}" alt="{}" width="{}" height="{}">')
        paragraphs.append(str(image.format(f"{public_url}{media_path(one)}", one.alt, one.width, one.height)))
    if href := post.href(public_url):
        words = post.card_title or post.host
        paragraphs.append(str(Markup('<a href="{}">{}</a>').format(href, words)))
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def _json(public_url: str, channel: ChannelRow, posts: Sequence[ShownPost]) -> dict[str, object]:
    address = f"{public_url}/p/{channel.slug}"
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.name,
        "home_page_url": address,
        "feed_url": f"{address}/feed.json",
        "authors": [{"name": channel.name, "url": address}],
        **({"language": channel.language} if channel.language else {}),
        "items": [_json_entry(public_url, address, channel, post) for post in posts],
    }


def _json_entry(public_url: str, address: str, channel: ChannelRow, post: ShownPost) -> dict[str, object]:
    entry: dict[str, object] = {
        "id": _identity(channel, post.key),
        "url": f"{address}/{post.key}",
        "title": post.title,
        "content_html": _html(post, public_url),
        "content_text": post.text,
        "date_published": post.published_at.isoformat(timespec="seconds"),
    }
    if href := post.href(public_url):
        entry["external_url"] = href
    if post.pictures:
        entry["image"] = f"{public_url}{media_path(post.pictures[0])}"
        entry["attachments"] = [
            {
                "url": f"{public_url}{media_path(one)}",
                "mime_type": one.media_type,
                "size_in_bytes": one.size,
                **({"title": one.alt} if one.alt else {}),
            }
            for one in post.pictures
        ]
    if post.language:
        entry["language"] = post.language
    return entry
