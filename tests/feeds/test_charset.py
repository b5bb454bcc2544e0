"""Any feed as UTF-8: feedparser's decisions without its traps."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from feedparser.encodings import convert_to_utf8

from feeds.charset import BadProlog, as_utf8
from net.decode import inflate

DECLARED = b"<?xml version='1.0' encoding='utf-8'?>\n"
KINDS = (
    "application/xml",
    "text/xml",
    "application/rss+xml; charset=utf-8",
    "text/xml; charset=ISO-8859-1",
    "text/html",
    'application/xml; charset="windows-1251"',
    "application/octet-stream",
    "text/xml;charset=gb2312",
    "text/plain; charset=us-ascii",
)


def test_real_feeds_become_what_feedparser_makes_of_them(shared: Path) -> None:
    names = json.loads((shared / "feeds" / "expected.json").read_text())
    compared = 0
    for name in names:
        body = inflate((shared / "feeds" / name).read_bytes(), max_bytes=2**24).strip()
        if body[:1] in (b"{", b"["):
            continue
        for kind in KINDS:
            result: dict[str, Any] = {}
            theirs = convert_to_utf8({"content-type": kind}, body, result)
            assert without_prolog_space(as_utf8(body, kind)) == without_prolog_space(theirs), (name, kind)
            compared += 1
    assert compared > 3000


def without_prolog_space(body: bytes) -> bytes:
    root = re.search(rb"<\w", body)
    end = root.start() if root else len(body)
    return re.sub(rb"\s+", b"", body[:end]) + body[end:]


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("<a>é</a>".encode(), "application/xml", "<a>é</a>"),
        ("<a>é</a>".encode("latin-1"), "application/xml; charset=latin-1", "<a>é</a>"),
        ("<a>é</a>".encode("cp1252"), "application/xml", "<a>é</a>"),
        ("<?xml version='1.0' encoding='koi8-r'?><a>ж</a>".encode("koi8-r"), "text/xml", "<a>ж</a>"),
        ("<?xml version='1.0' encoding='utf-16'?><a>é</a>".encode("utf-16"), "text/xml", "<a>é</a>"),
        ("<?xml version='1.0' encoding='utf-8'?><a>é</a>".encode("utf-16"), "", "<a>é</a>"),
        ("<?xml version='1.0'?><a>é</a>".encode("utf-16-be"), "application/xml", "<a>é</a>"),
        (b"\xef\xbb\xbf<a/>", "application/xml", "<a/>"),
        (b"<?xml version='1.1' standalone='yes'?>\n\n<!-- x -->\n<a/>", "", "<!-- x -->\n<a/>"),
        (b"<a>\x81\xe9</a>", "application/xml", "<a>\x81é</a>"),
    ],
)
def test_charsets_are_found(body: bytes, kind: str, text: str) -> None:
    assert as_utf8(body, kind) == DECLARED + text.encode()


def test_one_broken_character_does_not_make_the_others_unreadable() -> None:
    body = ("<a>" + "Grüße, schöne Welt. " * 10).encode() + b"\xc3 cut</a>"

    assert as_utf8(body, "application/xml").decode().count("Grüße") == 10


NO_ENCODINGS = (
    "punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "hex", "rot13",
    "nonsense", "utf-8\0", "../etc/passwd", "ß", "x" * 5000, "",
)  # fmt: skip


@pytest.mark.parametrize("name", NO_ENCODINGS)
def test_an_encoding_that_is_none_is_not_believed(name: str) -> None:
    declared = f"<?xml version='1.0' encoding='{name}'?><a>\\ud800é</a>".encode()

    assert as_utf8(declared, f"text/xml; charset={name}") == DECLARED + "<a>\\ud800é</a>".encode()


def test_bytes_that_are_no_name_are_no_encoding() -> None:
    assert as_utf8(b"<?xml version='1.0' encoding='\xff'?><a/>", "") == DECLARED + b"<a/>"


@pytest.mark.parametrize(
    "prolog",
    [
        b"<?xml " + b"encoding='" * 20_000 + b"\n?>",
        b"\n" * 2_000_000,
        b"<!-- -->\n" * 250,
        b"<?x?>" + b" \n" * 1_000_000,
    ],
    ids=["declarations", "lines", "comments", "spaces"],
)
def test_what_stands_before_the_root_takes_bounded_time(prolog: bytes) -> None:
    """feedparser's own patterns took cubic and quadratic time over these."""
    started = time.process_time()
    body = as_utf8(prolog + b"<rss/>", "application/xml")

    assert body.endswith(b"<rss/>")
    assert len(body) < 300_000
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("prolog", "words"),
    [(b"<!-- %s -->" % (b"x" * 300_000), "256 KiB"), (b"\n<!ENTITY" * 1000, "300 declarations")],
)
def test_a_prolog_that_no_feed_needs_is_refused(prolog: bytes, words: str) -> None:
    with pytest.raises(BadProlog, match=words):
        as_utf8(prolog + b"<rss/>", "application/xml")
