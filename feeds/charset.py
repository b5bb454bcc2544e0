"""The bytes of an XML feed as UTF-8, decided as feedparser decides it, without the traps on the way.

feedparser's own patterns for the lines before the root take quadratic time and more on a document that is
made for it, some codecs of Python raise what it does not catch, and a single broken character makes it read
a whole UTF-8 document as Windows-1252.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Final

#: Most bytes and declarations before the root element, runs of white space counted as one.
MAX_PROLOG: Final = 256 * 1024
MAX_DECLARATIONS: Final = 300
#: Codecs that take quadratic time, give no characters, or give half ones.
_UNFIT: Final = frozenset({"punycode", "idna", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"})
_WIDE: Final = ("utf-16", "utf16", "utf-32", "utf32", "ucs-2", "ucs-4", "iso-10646-ucs")
#: What is written under these names is mostly one of their extensions, which includes them.
_INCLUDING: Final = {
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "x-gbk", "gb18030"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis"), "cp932"),
    **dict.fromkeys(("euc-kr", "euckr", "ks_c_5601-1987", "ksc5601"), "cp949"),
    "big5": "cp950",
}
_NAME: Final = re.compile(r"[A-Za-z0-9._:+-]{1,40}")
_DECLARED: Final = re.compile(rb"<\?[^\n]{0,400}?encoding=['\"]([^'\"\n]{1,40})['\"][^\n]{0,400}?\?>")
_DECLARATION: Final = re.compile(r"\A<\?xml[^>]*>")
_ROOT: Final = re.compile(rb"<\w")
_SPACES: Final = re.compile(rb"\s{2,}")
_MARKS: Final = (
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF8, "utf-8"),
)
#: ``<?`` as it begins in encodings that do not keep ASCII.
_BEGINNINGS: Final = (
    ("<?".encode("utf-32be"), "utf-32be"),
    ("<?".encode("utf-32le"), "utf-32le"),
    ("<?".encode("utf-16be"), "utf-16be"),
    ("<?".encode("utf-16le"), "utf-16le"),
    ("<?xm".encode("cp037"), "cp037"),
)
#: So many good characters beyond ASCII for each broken one make a document UTF-8 all the same.
_GOOD_FOR_BAD: Final = 10


class BadProlog(ValueError):
    """What stands before the root element is longer than any feed needs."""


def as_utf8(body: bytes, content_type: str) -> bytes:
    """The document in UTF-8, with a declaration that says so, and without needless space before its root.

    The order of belief is feedparser's (RFC 3023): the charset of the header, the declaration, the byte order
    mark; then UTF-8, and Windows-1252 or ISO 8859-2 as a last resort, which read anything.

    Raises:
        BadProlog: more than 256 KiB or 300 declarations stand before the root element.
    """
    marked, body = _byte_order(body)
    text = next(filter(None, _readings(body, content_type, marked)), None)
    if text is None:
        text = _mostly_utf8(body) or _last_resort(body)
    text = _DECLARATION.sub("", text, count=1)
    raw = text.encode("utf-8", "replace")
    root = _ROOT.search(raw)
    end = root.start() if root else len(raw)
    prolog = _SPACES.sub(b"\n", raw[:end])
    if root and len(prolog) > MAX_PROLOG:
        raise BadProlog(f"more than {MAX_PROLOG // 1024} KiB before its first element")
    if prolog.count(b"<!") > MAX_DECLARATIONS:
        raise BadProlog(f"more than {MAX_DECLARATIONS} declarations before its first element")
    return b"<?xml version='1.0' encoding='utf-8'?>\n" + prolog.lstrip() + raw[end:]


def _byte_order(body: bytes) -> tuple[str, bytes]:
    """The encoding that the first bytes give away, and the document without its mark."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name, body[len(mark) :]
    for beginning, name in _BEGINNINGS:
        if body.startswith(beginning):
            return name, body
    return "", body


def _readings(body: bytes, content_type: str, marked: str) -> Iterator[str | None]:
    """What the document says in each encoding that somebody names; None where that is impossible."""
    kind, _, parameters = content_type.partition(";")
    declared = _declared(body, marked)
    named = _charset(parameters)
    if not named:
        named = "us-ascii" if kind.strip().startswith("text/") else declared
    for name in dict.fromkeys((named, declared, marked, "utf-8")):
        yield _decoded(body, name) if name else None


def _declared(body: bytes, marked: str) -> str:
    start = body[:4000]
    if marked:
        start = start.decode(marked, "replace").encode("utf-8", "replace")
    found = _DECLARED.match(start)
    name = found[1].decode("latin-1").lower() if found else ""
    # A declaration that can be read only with the mark's help adds nothing to it, and one that can be read as
    # ASCII is not true when it speaks of two or four bytes.
    if marked.startswith(_WIDE):
        return marked
    return "" if name.startswith(_WIDE) else name


def _charset(parameters: str) -> str:
    found = ""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            found = value.strip().strip("\"'")
    return found


def _decoded(body: bytes, name: str) -> str | None:
    if not _NAME.fullmatch(name):
        return None
    name = _INCLUDING.get(name.lower(), name)
    try:
        return body.decode(name) if codecs.lookup(name).name not in _UNFIT else None
    except (LookupError, ValueError):
        return None


def _mostly_utf8(body: bytes) -> str | None:
    """Somebody cut a text in the middle of a character: no reason to misread all others."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\N{REPLACEMENT CHARACTER}")
    good = len(text) - bad - sum(map(len, re.findall(r"[\x00-\x7f]+", text)))
    return text if good >= _GOOD_FOR_BAD * bad else None


def _last_resort(body: bytes) -> str:
    try:
        return body.decode("windows-1252")
    except UnicodeDecodeError:
        return body.decode("iso-8859-2")
