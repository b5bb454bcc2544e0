"""HTML made safe to show, with absolute addresses."""

import html
import re
from collections import Counter
from functools import lru_cache
from typing import Final
from urllib.parse import urljoin, urlsplit

import nh3

from feeds.plain import sayable

#: Longest fragment that is cleaned, in characters; what follows is dropped.
MAX_HTML: Final = 500_000
#: Elements open at once, beyond which a fragment is shown as text: cleaning takes quadratic time in depth.
MAX_DEPTH: Final = 200
_TAGS: Final = frozenset(nh3.ALLOWED_TAGS) - {"map", "area"} | {
    "audio",
    "video",
    "source",
    "track",
    "picture",
}
_OPEN_OR_CLOSE: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ANY_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
#: Never closed, by the rules of HTML or by custom.
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
    | {"p", "li", "dt", "dd", "tr", "td", "th", "option"}
)
#: Browsers pass over these inside of an address.
_IN_NO_ADDRESS: Final = re.compile(r"[\t\r\n]")
_IN_NO_HOST: Final = re.compile(r"""[\s\x80-\x9f\xad\u200b-\u200f\u2060\ufeff<>"'\\^`{|}]""")
_ATTRIBUTES: Final = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items() if tag in _TAGS},
    "audio": {"src", "controls"},
    "video": {"src", "controls", "poster", "width", "height"},
    "source": {"src", "type"},
    "img": {"src", "alt", "title", "width", "height"},
}


def clean(markup: str, *, base: str | None) -> str:
    """A fragment that holds no script, style, form or frame, its addresses resolved against ``base``.

    Args:
        base: an absolute http(s) address; relative addresses are taken out when it is None.
    """
    markup = markup[:MAX_HTML].strip()
    if not markup or "<" not in markup:
        return markup if "&" not in markup else _cleaner(None).clean(markup).strip()
    if is_too_deep(markup):
        return html.escape(_ANY_TAG.sub(" ", markup), quote=False).strip()
    return _cleaner_for(base).clean(markup).strip()


def is_too_deep(markup: str) -> bool:
    """Whether more elements are open at once than any text needs."""
    if markup.count("<") <= MAX_DEPTH:
        return False
    still_open: Counter[str] = Counter()
    depth = 0
    for match in _OPEN_OR_CLOSE.finditer(markup):
        closes, name = match[1], match[2].lower()
        if name in _VOID or (closes and not still_open[name]):
            continue
        step = -1 if closes else 1
        still_open[name] += step
        depth += step
        if depth > MAX_DEPTH:
            return True
    return False


def resolve(url: str | None, *, base: str | None) -> str | None:
    """``url`` made absolute against ``base``; None when it is empty or no http(s) address."""
    if not url or not (url := _IN_NO_ADDRESS.sub("", sayable(url)).strip()):
        return None
    try:
        absolute = urljoin(base, url) if base else url
        if not is_web(absolute):
            return None
        scheme, colon, rest = absolute.partition(":")
        return scheme.lower() + colon + rest.replace(" ", "%20")
    except ValueError:
        return None


def is_web(url: str | None) -> bool:
    """Whether ``url`` is an absolute http or https address."""
    if not url or _IN_NO_ADDRESS.search(url) or sayable(url) != url:
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
        return parts.scheme in ("http", "https") and bool(host) and not _IN_NO_HOST.search(host or "")
    except ValueError:
        return False


def _cleaner_for(base: str | None) -> nh3.Cleaner:
    try:
        return _cleaner(base if is_web(base) else None)
    except ValueError:  # no address by the stricter rules of the cleaner
        return _cleaner(None)


@lru_cache(maxsize=64)
def _cleaner(base: str | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes={"http", "https", "mailto"},
        url_relative=("rewrite_with_base", base) if base else "deny",
    )
