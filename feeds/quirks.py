"""What feedparser 6.0 does by itself that a poller of hostile feeds cannot have, switched off.

feedparser has no arguments for these, so its two parser classes are replaced by bounded ones when this module
is imported. The tests hold that each bound is really in force.
"""

from typing import Any, Final, NoReturn
from xml.sax import SAXException

from feedparser import api

#: Longest author that is searched for a mail address; feedparser's pattern for it takes quadratic time.
MAX_AUTHOR: Final = 500
#: More attributes than this on one element is an attack; feedparser takes quadratic time over them.
MAX_ATTRIBUTES: Final = 200
#: Elements in one document; each takes feedparser about 15 microseconds.
MAX_ELEMENTS: Final = 250_000


#: What feedparser raises on documents that nobody has thought of.
UNFORESEEN: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class TooComplex(ValueError):
    """The document is built to keep a parser busy; the text says what it holds."""


class _Bounded:
    """Comes before feedparser's own classes."""

    #: feedparser resolves ids against the feed's address, which changes them all when the feed moves.
    can_be_relative_uri = frozenset(api.StrictFeedParser.can_be_relative_uri) - {"id"}
    _elements = 0

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:
        if len(attrs) > MAX_ATTRIBUTES:
            _refuse_attributes(len(attrs))
        try:
            super().startElementNS(name, qname, attrs)  # type: ignore[misc]
        except TooComplex:
            raise
        except UNFORESEEN as exc:  # such as a namespace with a space in its name
            raise SAXException(str(exc)) from exc  # which leads on to the loose parser

    def unknown_starttag(self, tag: str, attrs: Any) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise TooComplex(f"more than {MAX_ELEMENTS:,} elements")
        if len(attrs) > MAX_ATTRIBUTES:
            _refuse_attributes(len(attrs))
        super().unknown_starttag(tag, attrs)  # type: ignore[misc]

    def handle_charref(self, ref: str) -> None:
        super().handle_charref(ref if _is_character(ref) else "xfffd")  # type: ignore[misc]

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()  # type: ignore[attr-defined]
        if len(context.get(key) or "") > MAX_AUTHOR:
            context[key] = context[key][:MAX_AUTHOR]
        super()._sync_author_detail(key)  # type: ignore[misc]


def _is_character(ref: str) -> bool:
    """Whether a reference such as ``160`` or ``xA0`` names a character; feedparser raises otherwise."""
    try:
        number = int(ref[1:], 16) if ref[:1] in "xX" else int(ref)
    except ValueError:
        return False
    return 0 < number < 0xD800 or 0xDFFF < number < 0x110000


def _refuse_attributes(count: int) -> NoReturn:
    raise TooComplex(f"an element with {count:,} attributes")


api.StrictFeedParser = type("StrictFeedParser", (_Bounded, api.StrictFeedParser), {})
api.LooseFeedParser = type("LooseFeedParser", (_Bounded, api.LooseFeedParser), {})
