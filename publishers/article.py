"""A post as an article: a headline, a body in HTML, a slug of its own. For blogs and mails."""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from domain.content import Card, Content
from domain.media import Attachment
from publishers.address import opened_by_browsers
from publishers.base import TextThere
from publishers.plain import skeleton
from publishers.text import GAP, clip, contains_link, fit, links

#: Graphemes of a headline made from the text.
HEADLINE = 100
#: Graphemes of an excerpt.
EXCERPT = 280
_PARAGRAPHS = re.compile(r"\n\s*\n")
_FIGURE = re.compile(r"<figure\b.*?</figure>", re.DOTALL | re.IGNORECASE)
_BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|blockquote|div|pre|figcaption)>|<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")
#: Signs of a slug that come from the headline, and from the delivery key.
_SLUG_WORDS, _SLUG_KEY = 60, 16


@dataclass(frozen=True, slots=True)
class Article:
    """What a blog shows of a post."""

    title: str
    #: Plain, with its paragraphs; without the headline, where that was its first line.
    text: str
    #: What the text does not hold already; None: nothing.
    link: str | None
    card: Card | None
    #: Empty where the text says no more than the excerpt would.
    excerpt: str

    @property
    def whole(self) -> str:
        """All words, as readers will see them."""
        return GAP.join(filter(None, (self.title, self.text, self.link)))


def article(content: Content, *, max_title: int, max_excerpt: int = 1000) -> Article:
    """The post with a headline: its own, else its first line, else what the linked page is called.

    A first line that became the headline whole does not stand below it again, unless nothing else would.
    """
    text, card = content.text.strip(), content.card
    link = (content.link or "").strip() or None
    title, rest = " ".join((content.title or "").split()), text
    if not title:
        first, _, after = text.partition("\n")
        is_only_link = [first.strip()[start:end] for start, end in links(first.strip())] == [first.strip()]
        if first.strip() and not is_only_link:
            title = clip(" ".join(first.split()), HEADLINE)
            has_more = after.strip() or link or content.media
            whole = title == " ".join(first.split()) and not links(first)
            rest = after.strip() if whole and has_more else text
        else:
            title = (card.title if card else "") or (urlsplit(link).hostname or "" if link else "")
    about = " ".join((card.description if card else "").split()) or _PARAGRAPHS.split(rest)[0]
    excerpt = _cut(clip(" ".join(about.split()), EXCERPT), max_excerpt)
    return Article(
        title=_cut(" ".join(title.split()), max_title) or "–",
        text=fit(rest, None, []),
        link=None if link and contains_link(rest, link) else link,
        card=card,
        excerpt="" if excerpt == " ".join(rest.split()) else excerpt,
    )


def _cut(text: str, most: int) -> str:
    """At most ``most`` code points, never half a grapheme."""
    if len(text) <= most:
        return text
    size = most
    while len(short := clip(text, size)) > most:
        size -= 1
    return short


def paragraphs(text: str, *, known: str | None = None) -> Iterator[str]:
    """The HTML inside of each paragraph: escaped, with its line breaks and links.

    Args:
        known: an address that is taken as it is wherever it stands.
    """
    for part in _PARAGRAPHS.split(text.strip()):
        if part.strip():
            yield "<br>".join(_line(line.strip(), known) for line in part.strip().split("\n"))


def _line(line: str, known: str | None) -> str:
    done, pieces = 0, []
    for start, end in links(line, known=known):
        url = opened_by_browsers(line[start:end])
        if url is None:
            continue
        pieces += [html.escape(line[done:start], quote=False), linked(url, url)]
        done = end
    return "".join([*pieces, html.escape(line[done:], quote=False)])


def linked(url: str, words: str) -> str:
    """A link in HTML."""
    return f'<a href="{html.escape(url)}">{html.escape(words, quote=False)}</a>'


def card_html(url: str, card: Card | None) -> str:
    """What stands inside of the quotation that shows a link: the page's name, what it says, whose it is."""
    title = " ".join((card.title if card else "").split())
    about = " ".join((card.description if card else "").split())
    if not title:
        return f"<p>{linked(url, url)}</p>"
    host = html.escape(urlsplit(url).hostname or "", quote=False)
    said = f"<p>{html.escape(about, quote=False)}</p>" if about else ""
    return f"<p><strong>{linked(url, title)}</strong></p>{said}<cite>{host}</cite>"


def bookmark_html(url: str, card: Card | None) -> str:
    """The card of a link as Ghost shows it; without a name, the link in a paragraph of its own."""
    title = " ".join((card.title if card else "").split())
    about = " ".join((card.description if card else "").split())
    if not title:
        return f"<p>{linked(url, url)}</p>"
    parts = (("title", title), ("description", about), ("metadata", urlsplit(url).hostname or ""))
    shown = "".join(
        f'<div class="kg-bookmark-{name}">{html.escape(words, quote=False)}</div>'
        for name, words in parts
        if words
    )
    href = html.escape(url)
    return (
        f'<figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="{href}">'
        f'<div class="kg-bookmark-content">{shown}</div></a></figure>'
    )


def names(text: str) -> str:
    """Names with a comma and a space between them, each once."""
    return ", ".join(dict.fromkeys(filter(None, (" ".join(one.split()) for one in text.split(",")))))


def words_of(markup: str) -> str:
    """The words of an HTML text without its figures, in a form that blogs do not change: to be compared."""
    words = html.unescape(_TAG.sub(" ", _FIGURE.sub(" ", markup)))
    return skeleton(words)


def article_there(sent: tuple[str, str], there: tuple[str, str]) -> TextThere:
    """Headline and text of an article (HTML) as they were sent, and as they stand on the blog."""
    changed = [words_of(one) for one in sent] != [words_of(one) for one in there]
    return TextThere(_read(sent), _read(there), changed=changed)


def _read(article: tuple[str, str]) -> str:
    """As people read it: each block in a line of its own."""
    headline, markup = article
    lines = html.unescape(_TAG.sub(" ", _BLOCK_END.sub("\n", _FIGURE.sub(" ", markup)))).splitlines()
    told = [" ".join(line.split()) for line in (html.unescape(headline), *lines)]
    return "\n".join(line for line in told if line)


def slug(title: str, key: str) -> str:
    """An address for the article that nothing else has: words of its headline, and the delivery key."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = _NOT_IN_SLUGS.sub("-", plain).strip("-")[:_SLUG_WORDS].strip("-")
    return f"{words or 'p'}-{key[:_SLUG_KEY]}"


def file_key(attachment: Attachment) -> str:
    """Eight signs that are the same for the same file."""
    return sha256((attachment.sha256 or attachment.url or "").encode()).hexdigest()[:8]
