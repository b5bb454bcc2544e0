"""The content that a route makes of an entry: its template's text in a frame, hashtags, a picture."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain.content import Card, Content
from domain.entry import Entry
from domain.errors import UsageError
from domain.schedule import wall_time
from domain.wording import Picture, Tags
from feeds.clean import is_web
from feeds.images import is_picture
from feeds.plain import cut, one_line, plain
from feeds.tags import tags as tags_in
from scheduler.templating import MAX_OUTPUT, Listed, rendered

_CARD_TEXT: Final = 300
_TITLE: Final = "title:"
_MAX_ALT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Wording:
    """All of a route's words: templates, hashtags, picture."""

    template: str
    prefix: str = ""
    suffix: str = ""
    tags: Tags = field(default_factory=Tags)
    picture: Picture = field(default_factory=Picture)


@dataclass(frozen=True, slots=True)
class Place:
    """What a template may say of where its post goes."""

    feed: str = ""
    platform: str = ""
    channel: str = ""
    route: str = ""
    #: The channel's zone, in which the entry's date is written.
    where: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    #: The channel's, for entries that name none.
    language: str | None = None


def compose(entry: Entry, wording: Wording, *, link: str | None, place: Place) -> Content:
    """What a route says of an entry.

    Args:
        link: as readers shall follow it, tagged and shortened already.

    Raises:
        UsageError: a template is broken, or makes no text and there is no link.
    """
    values = _values(entry, link=link or "", place=place)
    headline, template = _headline(wording.template)
    wording = replace(wording, template=template)
    text = _framed(wording, values)
    # Hashtags last: those that the other words hold already are not said again.
    if tags := Listed(wording.tags.of(entry.categories, said=text), separator=" "):
        without, text = text, _framed(wording, {**values, "hashtags": tags})
        if text == without and wording.tags != Tags():  # the template names no place for them
            text = f"{text}\n\n{tags}".strip()
    if not text and not link:
        raise UsageError("The template makes an empty text of this entry, and the entry has no link.")
    return Content(
        text=text,
        link=link,
        card=_card(entry, wording.picture, values),
        language=entry.language or place.language,
        title=one_line(rendered(headline, values)) if headline else entry.title or None,
    )


def _headline(template: str) -> tuple[str, str]:
    """What a template says for platforms with titles in a first line ``title: …``, and the rest of it."""
    first, _, rest = template.partition("\n")
    return (first[len(_TITLE) :].strip(), rest) if first.startswith(_TITLE) else ("", template)


def _framed(wording: Wording, values: Mapping[str, Any]) -> str:
    text = rendered(wording.template, values).strip()
    prefix = rendered(wording.prefix, values) if wording.prefix else ""
    suffix = rendered(wording.suffix, values) if wording.suffix else ""
    if prefix.strip():
        text = prefix + ("" if prefix[-1].isspace() else " ") + text
    if suffix.strip():
        text = text + ("" if suffix[0].isspace() else " ") + suffix
    return text.strip()


def _card(entry: Entry, picture: Picture, values: Mapping[str, Any]) -> Card:
    address, alt = _pictured(entry, picture)
    if address and not alt and picture.alt:
        alt = cut(one_line(rendered(picture.alt, values)), _MAX_ALT)
    return Card(
        title=entry.title,
        description=cut(one_line(_summary(entry)), _CARD_TEXT),
        image_url=address,
        image_alt=alt,
    )


def _pictured(entry: Entry, rule: Picture) -> tuple[str | None, str]:
    """Address and words of the picture that a route shows; words are empty where the feed has none."""
    if rule.source == "none":
        return None, ""
    shown = list(_shown(entry))
    if rule.source == "entry" and entry.image_url:
        width, alt = next(((width, alt) for url, width, alt in shown if url == entry.image_url), (None, ""))
        if _is_wide(width, rule):
            return entry.image_url, alt
    elif rule.source == "content":
        found = ((url, alt) for url, width, alt in shown if is_picture(url) and _is_wide(width, rule))
        if first := next(found, None):
            return first
    return rule.fallback, ""


def _is_wide(width: int | None, rule: Picture) -> bool:
    """A width that the feed does not state is taken for enough; nothing is fetched to find it out."""
    return width is None or rule.least_width is None or width >= rule.least_width


def _shown(entry: Entry) -> Iterator[tuple[str, int | None, str]]:
    """Each picture in the entry's text: address, width as stated, and its words."""
    for tag in tags_in(entry.content_html or entry.summary_html, ("img",)):
        address = tag.attributes.get("src", "")
        width = tag.attributes.get("width", "").strip().removesuffix("px")
        if is_web(address):
            stated = int(width) if width.isascii() and width.isdigit() and len(width) < 7 else None
            yield address, stated, cut(one_line(tag.attributes.get("alt", "")), _MAX_ALT)


def _summary(entry: Entry) -> str:
    return plain(entry.summary_html) or entry.text


def _values(entry: Entry, *, link: str, place: Place) -> dict[str, Any]:
    date = wall_time(entry.published_at, place.where).date().isoformat() if entry.published_at else ""
    return {
        "title": entry.title,
        "link": link,
        "text": entry.text[:MAX_OUTPUT],
        "summary": _summary(entry)[:MAX_OUTPUT],
        "author": ", ".join(entry.authors),
        "feed": place.feed,
        "categories": Listed(entry.categories, separator=", "),
        "hashtags": Listed((), separator=" "),
        "published": date,
        "platform": place.platform,
        "channel": place.channel,
        "route": place.route,
    }
