"""What feedparser 6.0 does by itself that a poller of hostile feeds cannot have, switched off.

feedparser has no arguments for these, so its two parser classes are replaced by bounded ones when this module
is imported. The tests hold that each bound is really in force.
"""

import time
from typing import Any, Final, NoReturn
from xml.parsers import expat
from xml.sax import SAXException

from feedparser import api

#: Longest author that is searched for a mail address; feedparser's pattern for it takes quadratic time.
MAX_AUTHOR: Final = 500
#: More attributes than this on one element is an attack; feedparser takes quadratic time over them.
MAX_ATTRIBUTES: Final = 200
#: Elements in one document; each takes feedparser about 15 microseconds.
MAX_ELEMENTS: Final = 250_000
#: Categories of one entry: feedparser looks through all of them for each new one.
MAX_TAGS: Final = 500
#: Elements inside of each other; feedparser keeps a stack for each of five things.
MAX_DEPTH: Final = 1_000
#: Prefixes in one document: feedparser looks through all of them at each element.
MAX_PREFIXES: Final = 500
#: Longest base address, in characters: relative bases inside of each other add up.
MAX_BASE: Final = 8_000
#: Processor time for one document, in seconds; whatever takes quadratic time ends here.
MAX_SECONDS: Final = 8.0
#: Attribute of a content that describes a picture or film.
OF_MEDIA: Final = "is_of_media"
#: The clock is read once in so many events.
_EVENTS: Final = 64


#: What feedparser raises on documents that nobody has thought of.
UNFORESEEN: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


if expat.version_info < (2, 4):
    raise ImportError(
        f"This Python brings {expat.EXPAT_VERSION}, which does not stop documents that unfold to gigabytes: "
        "use a Python with expat 2.4 or newer."
    )


class TooComplex(ValueError):
    """The document is built to keep a parser busy; the text says what it holds."""


class _Bounded:
    """Comes before feedparser's own classes."""

    #: feedparser resolves ids against the feed's address, which changes them all when the feed moves.
    can_be_relative_uri = frozenset(api.StrictFeedParser.can_be_relative_uri) - {"id"}
    max_seconds = MAX_SECONDS
    _elements = 0
    _events = 0
    _started: float | None = None

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
        self._watch()
        super().unknown_starttag(tag, attrs)  # type: ignore[misc]
        self._check_size()

    def _check_size(self) -> None:
        parser: Any = self
        if len(parser.namespaces_in_use) > MAX_PREFIXES:
            raise TooComplex(f"more than {MAX_PREFIXES} namespaces")
        if len(parser.baseuri or "") > MAX_BASE:
            raise TooComplex(f"a base address of more than {MAX_BASE:,} characters")
        if len(parser.basestack) > MAX_DEPTH:
            parser.basestack.pop(0)  # of elements that nobody closes
            parser.langstack.pop(0)

    def handle_data(self, text: str, *options: Any, **more: Any) -> None:
        self._watch()
        super().handle_data(text, *options, **more)  # type: ignore[misc]

    def _watch(self) -> None:
        self._events += 1
        if self._events % _EVENTS:
            return
        now = time.thread_time()
        if self._started is None:
            self._started = now
        if now - self._started > self.max_seconds:
            raise TooComplex(f"more than can be read in {self.max_seconds:.0f} seconds")

    def _end_media_description(self) -> None:
        """What describes a picture is no text of the entry, though feedparser adds it to its contents."""
        context = self._get_context()  # type: ignore[attr-defined]
        before = len(context.get("content") or ())
        super()._end_media_description()  # type: ignore[misc]
        for part in (context.get("content") or [])[before:]:
            object.__setattr__(part, OF_MEDIA, True)  # beside its values, which stay feedparser's

    def _add_tag(self, *tag: Any) -> None:
        if len(self._get_context().get("tags") or ()) < MAX_TAGS:  # type: ignore[attr-defined]
            super()._add_tag(*tag)  # type: ignore[misc]

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
