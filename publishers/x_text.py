"""What counts as how much of a post on X: weights by code point, 23 for an address, 2 for an emoji.

Source: docs.x.com/fundamentals/counting-characters, which names version 3 of the configuration of
github.com/twitter/twitter-text; its published examples are a test here.
"""

import string
import unicodedata
from collections.abc import Iterator
from functools import cache

import regex

from publishers.emojis import EMOJI
from publishers.text import Span
from publishers.top_level_domains import TOP_LEVEL_DOMAINS

#: Of one post, by weight.
MAX_WEIGHT = 280
#: Of an address, however long it is: X shows one of its own instead.
WEIGHT_PER_URL = 23
#: Code points that weigh 1; any other weighs 2, and so does an emoji of several.
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_HEAVY = 2
#: Characters; what is longer is no address for X.
_LONGEST_URL = 4096
_LONGEST_SHORT_CODE = 40
#: Behind so many code points no addresses are looked for: letters count one by one, so that a text made to be
#: slow is only found too long.
_LOOKED_AT = 12_100

_MARKS = r"\u202A-\u202E\u061C\u200E\u200F\u2066-\u2069"
_NEVER = r"\uFFFE\uFEFF\uFFFF"
_SPACES = r"\x09-\x0D\x20\x85\xA0\u1680\u180E\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"
_ACCENTED = (
    r"\xC0-\xD6\xD8-\xF6\xF8-\xFF\u0100-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272"
    r"\u0289\u028B\u02BB\u0300-\u036F\u1E00-\u1EFF"
)
_LETTER = rf"[^!'#%&()*+,\\\-./:;<=>?@\[\]^_{{|}}~${_SPACES}{_NEVER}{_MARKS}]"
_TOP = r"(?:\L<top>(?=[^0-9A-Za-z@+-]|$)|xn--[-0-9a-z]++)"
_HOST = (
    rf"(?:{_LETTER}(?:(?:{_LETTER}|[_-]){{0,61}}{_LETTER})?\.){{0,9}}"
    rf"{_LETTER}(?:(?:{_LETTER}|-){{0,61}}{_LETTER})?\.{_TOP}"
)
_OF_PATH = rf"[a-z\u0400-\u04FF0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_ACCENTED}]"
_BRACKETS = rf"\((?:{_OF_PATH}++|{_OF_PATH}*+\({_OF_PATH}++\){_OF_PATH}*+)\)"
_PATH = rf"/(?:(?:{_OF_PATH}|{_BRACKETS})*(?:[+\-a-z\u0400-\u04FF0-9=_#/{_ACCENTED}]|{_BRACKETS}))?"
_QUERY = r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]"
_SHORT_LINK = regex.compile(rf"https?://t\.co/(?P<code>[a-z0-9]+)(?:{_QUERY})?")
#: The patterns above know small letters only: upper and lower case are one in an address.
_SMALL = {ord(letter): letter.lower() for letter in string.ascii_uppercase}


@cache
def _url() -> "regex.Pattern[str]":
    """Compiled when an address is first looked for: it takes a quarter of a second."""
    return regex.compile(
        rf"(?P<before>[^A-Za-z0-9@＠$#＃{_NEVER}]|[{_MARKS}]|^)"
        rf"(?P<url>(?P<scheme>https?://)?(?P<host>{_HOST})(?::[0-9]++)?(?P<path>{_PATH})?(?:{_QUERY})?)",
        top=list(TOP_LEVEL_DOMAINS),
    )


@cache
def _latin_host() -> "regex.Pattern[str]":
    return regex.compile(rf"(?:[\-a-z0-9{_ACCENTED}]++\.)+{_TOP}", top=list(TOP_LEVEL_DOMAINS))


def weight(text: str) -> int:
    """How much of `MAX_WEIGHT` the text takes."""
    whole = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    total, rest = 0, []
    at = 0
    for start, end in urls(whole[:_LOOKED_AT]):
        total += WEIGHT_PER_URL
        rest.append(whole[at:start])
        at = end
    rest.append(whole[at:])
    for piece in rest:
        letters, emojis = EMOJI.subn("", piece)
        total += _HEAVY * emojis + sum(map(_weight_of, letters))
    return total


def urls(text: str) -> Iterator[Span]:
    """Where X sees addresses, with or without ``https://``, in a text in normal form C."""
    if "." not in text:
        return
    for match in _url().finditer(text.translate(_SMALL)):
        if not _is_host(match["host"]) or len(match["url"]) > _LONGEST_URL:
            continue
        if match["scheme"]:
            yield from _with_scheme(match["url"], match.start("url"))
        elif match["before"] not in ("-", "_", ".", "/"):
            yield from _without_scheme(match)


def _with_scheme(url: str, start: int) -> Iterator[Span]:
    short = _SHORT_LINK.match(url)
    if short is None:
        yield start, start + len(url)
    elif len(short["code"]) <= _LONGEST_SHORT_CODE:
        yield start, start + short.end()


def _without_scheme(match: "regex.Match[str]") -> Iterator[Span]:
    """Only names in Latin letters are addresses by themselves; the last one has the path."""
    found = [one.span() for one in _latin_host().finditer(match["host"])]
    first = match.start("host")
    for number, (start, end) in enumerate(found, 1):
        has_path = number == len(found) and match["path"]
        yield first + start, match.end() if has_path else first + end


def _is_host(name: str) -> bool:
    try:
        return bool(name.encode("idna"))
    except UnicodeError:
        return False


def _weight_of(letter: str) -> int:
    return 1 if any(start <= ord(letter) <= end for start, end in _LIGHT) else _HEAVY
