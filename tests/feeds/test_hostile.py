"""Documents that are built to keep a parser busy, or to make it read what it should not."""

import gzip
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from xml.parsers import expat

import pytest

from domain.errors import NotAFeed, TooLarge
from feeds.clean import clean
from feeds.parse import ParsedFeed, parse
from feeds.plain import plain

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(body: bytes) -> ParsedFeed:
    return parse(body, url="https://x.example/feed", content_type="text/xml", now=NOW)


def rss(items: bytes, before: bytes = b"") -> bytes:
    return b'<?xml version="1.0"?>%s<rss version="2.0"><channel><title>t</title>%s</channel></rss>' % (
        before,
        items,
    )


def described(markup: bytes) -> bytes:
    return rss(b"<item><title>x</title><description><![CDATA[%s]]></description></item>" % markup)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """CPU time, so that a busy machine fails nothing; the bounds are five times what a slow machine took."""
    started = time.process_time()
    yield
    assert time.process_time() - started < seconds


def test_expat_is_new_enough_to_stop_entity_bombs() -> None:
    assert tuple(int(part) for part in expat.EXPAT_VERSION.removeprefix("expat_").split(".")) >= (2, 4)


def test_billion_laughs_stay_small() -> None:
    levels = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    bomb = rss(b"<item><title>&l9;</title></item>", b'<!DOCTYPE x [<!ENTITY l0 "lol">%s]>' % levels)

    with within(5):
        assert len(read(bomb).entries[0].title) < 100


def test_quadratic_entities_stay_small() -> None:
    entity = b'<!DOCTYPE x [<!ENTITY a "%s">]>' % (b"x" * 100_000)
    with within(5):
        assert (
            len(read(rss(b"<item><title>%s</title></item>" % (b"&a;" * 3000), entity)).entries[0].title)
            < 1000
        )


def test_an_entity_that_names_a_file_reads_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("top secret")
    entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "%s">]>' % secret.as_uri().encode()

    found = read(rss(b"<item><title>[&e;]</title><description>&e;</description></item>", entity))

    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    "body", ["/etc/hostname", "file:///etc/hostname", "https://x.example/feed", "http://127.0.0.1:1/"]
)
def test_a_body_that_looks_like_an_address_is_only_text(body: str) -> None:
    """feedparser opens files and addresses when it is given text; it gets a stream of bytes."""
    with pytest.raises(NotAFeed):
        read(body.encode())


@pytest.mark.parametrize(
    "markup",
    [
        b"<div>" * 100_000,
        b"<div>" * 15_000,
        b"<b>" * 15_000 + b"<p>" * 4_000,
        b"<table><tr><td>" * 20_000,
        b"<p>" * 100_000,
        b"<ul><li>" * 300,
        b"<" * 400_000,
        b"<img " * 80_000,
        b"<br " * 80_000,
        b"<a href='" * 50_000,
        b"<!--" * 100_000,
        b"&" * 400_000,
        b"<svg><style><img>" * 20_000,
    ],
    ids=lambda markup: markup[:9].decode(),
)
def test_deep_or_broken_markup_takes_bounded_time(markup: bytes) -> None:
    with within(5):
        assert read(described(markup + b"hi")).entries[0].title == "x"


def test_many_entries_with_deep_markup_take_bounded_time() -> None:
    item = b"<item><title>%d</title><description><![CDATA[%s]]></description></item>"
    body = rss(b"".join(item % (n, b"<div>" * 9_000) for n in range(300)))
    with within(10):
        assert len(read(body).entries) == 300


@pytest.mark.parametrize("broken", [b"", b"&"], ids=["well-formed", "broken"])
def test_twenty_thousand_entries_are_cut_before_the_slow_parser(broken: bytes) -> None:
    item = b"<item><title>%d</title><link>https://x.example/%d" + broken + b"</link></item>"
    body = rss(b"".join(item % (n, n) for n in range(20_000)))
    with within(2):
        entries = read(body).entries

    assert [entry.title for entry in entries[:3]] == ["0", "1", "2"]
    assert len(entries) == 300


@pytest.mark.parametrize("start", [b"", b"&"], ids=["strict", "loose"])
def test_an_element_with_thousands_of_attributes_is_refused(start: bytes) -> None:
    attributes = b" ".join(b'a%d="1"' % n for n in range(20_000))
    with within(3), pytest.raises(NotAFeed, match="20,000 attributes"):
        read(rss(start + b"<item><title %s>x</title></item>" % attributes))


def test_millions_of_elements_are_refused() -> None:
    with within(30), pytest.raises(NotAFeed, match="more than 250,000 elements"):
        read(rss(b"<item><title>x</title>%s</item>" % (b"<a/>" * 260_000)))


@pytest.mark.parametrize("name", [b"a" * 300_000, b"a@" * 50_000 + b"(", b"a@b " + b"(" * 50_000])
def test_a_long_author_takes_bounded_time(name: bytes) -> None:
    """feedparser's pattern for mail addresses takes quadratic time: the first of these took minutes."""
    with within(3):
        assert len(read(rss(b"<item><title>x</title><author>%s</author></item>" % name)).entries) == 1


@pytest.mark.parametrize(
    "date", [b"1 " * 100_000, b"Mon, " * 30_000 + b":", b"9" * 100_000, b"2024-01-01T" + b"0" * 100_000]
)
def test_a_long_date_is_none(date: bytes) -> None:
    with within(3):
        assert (
            read(rss(b"<item><title>x</title><pubDate>%s</pubDate></item>" % date)).entries[0].published_at
            is None
        )


DEEP = b"<a>" * 100_000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (rss(b"<item>%s</item>" % DEEP), "more than 1,000 deep"),
        (rss(b"<item>%s%s</item>" % (DEEP, DEEP.replace(b"<", b"</"))), "more than 1,000 deep"),
        (DEEP * 10, "more than 1,000 deep"),
        (b"<rss>" + b"<channel>" * 200_000, "more than 1,000 deep"),
        (
            rss(
                b"<item>%s</item>"
                % b"".join(b'<a%d:b xmlns:a%d="urn:%d"/>' % (n, n, n) for n in range(60_000))
            ),
            "more than 500 namespaces",
        ),
        (
            rss(b"<item>%s%s</item>" % (b'<a xml:base="%s/">' % (b"b" * 100) * 900, b"</a>" * 900)),
            "a base address of more than 8,000 characters",
        ),
    ],
    ids=["open", "closed", "root", "channels", "namespaces", "bases"],
)
def test_what_feedparser_would_take_minutes_or_gigabytes_for_is_refused(body: bytes, words: str) -> None:
    with within(3), pytest.raises(NotAFeed, match=words):
        read(body)


def test_whatever_else_takes_too_long_ends_after_eight_seconds() -> None:
    """The bound is processor time, so that a busy machine refuses nothing; here it is made small."""
    from feedparser import api

    from feeds.quirks import TooComplex

    class Impatient(api.StrictFeedParser):  # type: ignore[misc]
        max_seconds = 0.0

        def feed_all(self, times: int) -> None:
            for _ in range(times):
                self.handle_data("x")

    parser = Impatient("https://x.example/", "utf-8", "en")
    with pytest.raises(TooComplex, match="seconds"):
        parser.feed_all(200)


def test_a_hundred_thousand_keywords_take_bounded_time() -> None:
    keywords = b",".join(b"k%d" % n for n in range(100_000))
    item = b'<item xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd"><title>x</title><i:keywords>%s</i:keywords></item>'
    with within(3):
        assert len(read(rss(item % keywords)).entries[0].categories) == 50


def test_ten_megabytes_of_white_space_take_little_memory() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(NotAFeed, match="empty document"):
            read(b" " * 10 * 2**20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200 * 2**20


def json_feed(item: bytes) -> bytes:
    return b'{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [%s]}' % item


@pytest.mark.parametrize(
    ("item", "guid"),
    [
        (b'{"id": %s}' % (b"9" * 3000), "9" * 3000),
        (b'{"id": %s}' % (b"9" * 7000), "9" * 7000),
        (b'{"id": 1e999999, "title": "x"}', None),
        (b'{"id": NaN, "title": "x"}', None),
        (b'{"id": true, "title": "x"}', None),
        (b'{"id": {"a": 1}, "title": "x"}', None),
        (b'{"id": "\\ud800x\\u0000"}', "x"),
        (b'{"id": "1", "x": %s1%s}' % (b"[" * 500, b"]" * 500), "1"),
        (b'{"id": "1", "attachments": [{"url": "/a", "size_in_bytes": %s}]}' % (b"9" * 5000), "1"),
        (b'{"id": "1", "attachments": [{"url": "/a", "size_in_bytes": 1e400}]}', "1"),
        (
            b'{"id": "1", "tags": "x", "authors": 3, "author": [], "title": 7, "url": null}',
            "1",
        ),
    ],
)
def test_values_that_no_json_feed_should_hold_spoil_nothing_else(item: bytes, guid: str | None) -> None:
    [entry] = read(json_feed(item)).entries

    assert entry.guid == guid
    assert all(enclosure.length is None for enclosure in entry.enclosures)


@pytest.mark.parametrize(
    "kind", [None, "image/png", "text/html", "application/octet-stream", "", "x", "text/plain"]
)
def test_a_feed_is_one_whatever_its_content_type_says(kind: str | None) -> None:
    body = rss("<item><title>Ünï</title></item>".encode())
    assert parse(body, url="https://x.example/", content_type=kind, now=NOW).entries[0].title == "Ünï"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty document"),
        (b" \n\t", "empty document"),
        (b"\0" * 5000, "no RSS, Atom or JSON feed"),
        (b"\xff" * 5000, "no RSS, Atom or JSON feed"),
        (b"<html><title>Just a moment...</title><body>Checking your browser</body></html>", "a web page"),
        (
            gzip.compress(gzip.compress(gzip.compress(rss(b""), mtime=0), mtime=0), mtime=0),
            "no RSS, Atom or JSON feed",
        ),
        (gzip.compress(rss(b""), mtime=0)[:-9], "breaks off"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "no list named items"),
        (b'{"items": 5}', "no list named items"),
    ],
)
def test_what_holds_no_feed_is_named_in_a_sentence(body: bytes, words: str) -> None:
    with pytest.raises(NotAFeed, match=words):
        read(body)


def test_deeply_nested_json_is_no_feed() -> None:
    with pytest.raises(NotAFeed, match="nested too deeply"):
        read(b'{"items":' + b"[" * 200_000)


def test_a_gzip_bomb_inside_a_feed_is_stopped() -> None:
    with pytest.raises(TooLarge, match="unpacks to more than 15 MiB"):
        read(gzip.compress(bytes(60 * 2**20)))


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href=' java\nscript:alert(1)'>x</a>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
        "<iframe src='https://x.example'></iframe>",
        "<form action='https://x.example'><input name=a></form>",
        "<style>body{display:none}</style>",
        "<p style='position:fixed'>x</p>",
        "<img src='data:text/html,<script>alert(1)</script>'>",
        "<object data='x'></object><embed src='x'><base href='https://x.example/'>",
        "<meta http-equiv=refresh content='0;url=https://x.example'>",
    ],
)
def test_nothing_active_survives_cleaning(markup: str) -> None:
    safe = clean(markup, base="https://x.example/").lower()

    for bad in (
        "script",
        "onerror",
        "onload",
        "<iframe",
        "<form",
        "<style",
        "style=",
        "data:",
        "<object",
        "<base",
    ):
        assert bad not in safe
    assert "<meta" not in safe
    assert "alert" not in plain(markup)


@pytest.mark.parametrize(
    "body",
    [
        rss(b"<item><title>&x;&#xD800;&#99999999;&#x110000;&#%s;</title></item>" % (b"9" * 5000)),
        rss(b'<item xmlns:a="h ttp://x"><a:date>x</a:date><title>x</title></item>'),
        rss(b"<link>https://b&lt;/x>log.example/</link><item><title>x</title>%s</item>" % b"<a/>"),
        rss(b"<item><title>x</title><description>&lt;a href='y'&gt;</description></item>").replace(
            b"<rss", b"<rss xml:base='https://b&lt;c/'"
        ),
        b"<?xml version='1.0' encoding='\xff'?>" + rss(b"<item><title>x</title></item>").partition(b"?>")[2],
        rss(b"<item><title>x</title></item>", b"\n" * 1_000_000),
    ],
    ids=["references", "namespace", "link", "base", "encoding", "lines"],
)
def test_what_once_crashed_or_stalled_a_parser_is_read(body: bytes) -> None:
    """Each of these was found by fuzzing or by reading feedparser."""
    with within(3):
        assert len(read(body).entries) == 1
