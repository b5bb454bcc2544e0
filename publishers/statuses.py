"""Whether a status that a server shows as HTML is the plain text that was sent to it."""

import re
import unicodedata
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

from publishers.text import links

#: Servers may take these for markup.
_MARKUP = frozenset("*_~`")
#: Variation selectors: servers may drop them, as they may drop all of the category Cf.
_UNSEEN = frozenset({"\ufe0e", "\ufe0f"})
#: What servers that read Markdown take away at the start of a line: headings, quotes, bullets, numbers.
_MARKUP_OF_LINES = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-+][ \t]+|\*[ \t]+|\d{1,9}[.)][ \t]+)+", re.MULTILINE
)
#: What they print in its place: typographic quotes and dashes.
_TYPOGRAPHY = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "—": "-", "–": "-"}
)
_DASHES = re.compile(r"-+")
_SERVER_OF_MENTION = re.compile(r"(?<![=/\w])(@\w[\w.-]*)@[\w.-]*\w")


def same_text(sent: str, shown: str) -> bool:
    """Whether the HTML ``shown`` is what became of the plain text ``sent``.

    A link is compared by its target, because servers shorten what they show; a mention by its local part.
    Some servers read every text as Markdown, and show neither its signs nor its quotes as they were sent.
    """
    ours = {_address(sent[start:end]): sent[start:end] for start, end in links(sent)}
    reader = _Reader(ours)
    reader.feed(shown)
    reader.close()
    seen = _skeleton("".join(reader.pieces))
    return seen in (_skeleton(sent), _skeleton(_MARKUP_OF_LINES.sub("", sent)))


class _Reader(HTMLParser):
    """Collects the text of a status, with the targets of our own links in place of what they show."""

    def __init__(self, ours: dict[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._ours = ours
        self._inside_link = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "a":
            return
        link = self._ours.get(_address(dict(attrs).get("href") or ""))
        if link is not None:
            self.pieces.append(link)
            self._inside_link = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._inside_link = False

    def handle_data(self, data: str) -> None:
        if not self._inside_link:
            self.pieces.append(data)


def _skeleton(text: str) -> str:
    local = _SERVER_OF_MENTION.sub(r"\1", text)
    folded = unicodedata.normalize("NFKC", local.translate(_TYPOGRAPHY)).casefold()
    return _DASHES.sub("-", "".join(sign for sign in folded if not _is_unstable(sign)))


def _is_unstable(sign: str) -> bool:
    return sign.isspace() or sign in _MARKUP or sign in _UNSEEN or unicodedata.category(sign) == "Cf"


def _address(url: str) -> str:
    """One spelling for an address: host in lower case, path escaped, no slash at the end."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    rest = quote(f"{parts.path}?{parts.query}#{parts.fragment}", safe="/?#[]@!$&'()*+,;=:%~-._")
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{rest}".rstrip("?#").rstrip("/")
