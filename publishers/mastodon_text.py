"""What counts as a character on Mastodon.

Source: mastodon/mastodon, app/validators/status_length_validator.rb.
"""

import re
from html.parser import HTMLParser

from publishers.text import graphemes

#: Of a link, however long it is, unless the server says otherwise.
CHARACTERS_PER_URL = 23

#: Narrower than what Mastodon takes for an address, so that we never count less than it does.
_COUNTED_URL = re.compile(
    r"(?<![\w@＠$#＃/.-])https?://(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)+(?P<top>[a-z]{2,}|xn--[a-z0-9-]+)"
    r"(?![a-z0-9_-])(?::\d+)?"
    r"(?:/(?:[a-z0-9\-_./=+~%,;:!*'@&$#]*[a-z0-9/_#+\-])?)?"
    r"(?:\?[a-z0-9!*';:&=+$/%#\-_.,~@]*[a-z0-9_&=#/\-])?",
    re.IGNORECASE | re.ASCII,
)
#: Mastodon knows the list of top-level domains and counts addresses under any other name in full.
_NEVER_PUBLIC = frozenset({"example", "internal", "invalid", "local", "localhost", "test"})
_REMOTE_MENTION = re.compile(r"(?<![=/\w])(?P<local>@[a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\w.-]*\w", re.I)


def words_and_link(shown: str) -> tuple[str, str | None]:
    """The words of a status that a server shows as HTML, and the first link of its own.

    Links to people and tags are words, no links.
    """
    reader = _Words()
    reader.feed(shown)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.pieces)).strip(), reader.link


class _Words(HTMLParser):
    """Collects the words of a status, paragraphs and breaks as lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.link: str | None = None
        self._inside_link = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "br":
            self.pieces.append("\n")
        href, kind = told.get("href") or "", (told.get("class") or "").split()
        if tag == "a" and href.startswith(("http://", "https://")) and not {"mention", "hashtag"} & {*kind}:
            self.pieces.append(href)
            self.link = self.link or href
            self._inside_link = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._inside_link = False
        if tag == "p":
            self.pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._inside_link:
            self.pieces.append(data)


def length(text: str, *, per_url: int = CHARACTERS_PER_URL) -> int:
    """How Mastodon counts: graphemes, a fixed number for a link, a mention without its server."""

    def counted(match: re.Match[str]) -> str:
        return match[0] if match["top"].lower() in _NEVER_PUBLIC else "x" * per_url

    return graphemes(_REMOTE_MENTION.sub(r"\g<local>", _COUNTED_URL.sub(counted, text)))
