"""Feeds as the software of the world writes them: what each kind means, sliced or whole."""

# ruff: noqa: E501  (documents read better with their elements on one line)

import io
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.entry import Entry
from domain.errors import NotAFeed
from feeds.charset import as_utf8
from feeds.document import read_document
from feeds.parse import parse
from feeds.scan import keep_only, scan

NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL: Final = "https://s.example/feed"
AT: Final = datetime(2026, 2, 1, 10, tzinfo=UTC)
PREFIXES: Final = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "atom": "http://www.w3.org/2005/Atom",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
}
DECLARED: Final = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())


def rss(item: str, declared: str = DECLARED) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {declared}><channel><title>T</title>'
        f"<link>https://s.example/</link><item>{item}</item></channel></rss>"
    )


def atom(entry: str) -> str:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><title>T</title>'
        f'<id>urn:f</id><link href="https://s.example/"/><entry>{entry}</entry></feed>'
    )


def bare(title: str, encoding: str) -> str:
    start = f'<?xml version="1.0" encoding="{encoding}"?>'
    return f'{start}<rss version="2.0"><channel><title>T</title><item><title>{title}</title></item></channel></rss>'


KINDS: Final[Mapping[str, tuple[str | bytes, dict[str, Any]]]] = {
    "WordPress": (
        rss(
            "<title>Hi &#8211; there</title><link>https://s.example/hi/</link><dc:creator><![CDATA[Ann B]]></dc:creator>"
            "<comments>https://s.example/hi/#comments</comments><pubDate>Sun, 01 Feb 2026 10:00:00 +0000</pubDate>"
            '<category><![CDATA[A &amp; B]]></category><guid isPermaLink="false">https://s.example/?p=1</guid>'
            "<description><![CDATA[<p>Short [&#8230;]</p>]]></description><slash:comments>3</slash:comments>"
            '<content:encoded><![CDATA[<p>Long</p><img src="/a.jpg">]]></content:encoded>'
        ),
        {
            "guid": "https://s.example/?p=1", "link": "https://s.example/hi/", "title": "Hi – there", "text": "Long",
            "authors": ("Ann B",), "categories": ("A & B",), "published_at": AT,
            "image_url": "https://s.example/a.jpg", "summary_html": "<p>Short […]</p>",
        },
    ),
    "YouTube": (
        atom(
            "<id>yt:video:abc</id><title>V</title><link rel='alternate' href='https://www.youtube.com/watch?v=abc'/>"
            "<author><name>Ch</name></author><published>2026-02-01T10:00:00+00:00</published>"
            "<media:group><media:title>V</media:title><media:content url='https://www.youtube.com/v/abc' "
            "type='application/x-shockwave-flash' width='640'/><media:thumbnail url='https://i.example/hq.jpg'/>"
            "<media:description>What it is about</media:description></media:group>"
        ),
        {"guid": "yt:video:abc", "text": "What it is about", "image_url": "https://i.example/hq.jpg", "published_at": AT},
    ),
    "Mastodon": (
        rss(
            '<guid isPermaLink="true">https://m.example/@a/1</guid><link>https://m.example/@a/1</link>'
            "<description>&lt;p&gt;Hello &lt;a href='https://m.example/tags/x'&gt;#x&lt;/a&gt;&lt;/p&gt;</description>"
            "<media:content url='https://f.example/a.png' type='image/png' medium='image'>"
            "<media:rating scheme='urn:simple'>nonadult</media:rating>"
            "<media:description type='plain'>a cat on a chair</media:description></media:content>"
        ),
        {"title": "Hello #x", "text": "Hello #x", "image_url": "https://f.example/a.png"},
    ),
    "podcast": (
        rss(
            "<title>E1</title><itunes:title>E</itunes:title><itunes:author>Host</itunes:author>"
            "<itunes:summary>Sum</itunes:summary><itunes:image href='https://c.example/e.jpg'/>"
            "<guid isPermaLink='false'>abc-1</guid><pubDate>Sun, 1 Feb 2026 05:00:00 -0500</pubDate>"
            "<enclosure url='https://c.example/e1.mp3?x=1&amp;y=2' length='0' type='audio/mpeg'/>"
            "<podcast:transcript url='https://c.example/t.srt' type='application/srt'/>"
        ),
        {
            "title": "E1", "link": "https://c.example/e1.mp3?x=1&y=2", "authors": ("Host",), "text": "Sum",
            "image_url": "https://c.example/e.jpg", "published_at": AT,
        },
    ),
    "Blogger": (
        atom(
            "<id>tag:blogger.com,1999:blog-1.post-2</id><published>2026-02-01T02:00:00.001-08:00</published>"
            "<title type='text'>T &lt;b&gt;</title><content type='html'>&lt;p&gt;x&lt;/p&gt;</content>"
            "<link rel='replies' type='application/atom+xml' href='https://s.example/2/comments'/>"
            "<link rel='self' href='https://www.blogger.com/feeds/1/posts/default/2'/>"
            "<link rel='alternate' type='text/html' href='https://s.example/2026/02/x.html'/>"
            "<author><name>N</name><email>noreply@blogger.com</email></author>"
        ),
        {"title": "T <b>", "link": "https://s.example/2026/02/x.html", "authors": ("N",), "published_at": AT},
    ),
    "Reddit": (
        atom(
            "<author><name>/u/x</name></author><category term='r' label='r/r'/><id>t3_abc</id>"
            "<link href='https://www.reddit.com/r/r/comments/1/x/'/><title>x</title>"
            "<content type='html'>&lt;img src=&quot;https://t.example/x.jpg&quot;/&gt;</content>"
        ),
        {"guid": "t3_abc", "categories": ("r/r",), "image_url": "https://t.example/x.jpg", "authors": ("/u/x",)},
    ),
    "GitHub": (
        atom(
            "<id>tag:github.com,2008:Repository/1/v1</id><title>v1</title>"
            "<link rel='alternate' type='text/html' href='https://github.com/a/b/releases/tag/v1'/>"
            "<media:thumbnail height='60' width='60' url='https://avatars.githubusercontent.com/u/1?s=60'/>"
        ),
        {"guid": "tag:github.com,2008:Repository/1/v1", "image_url": None},
    ),
    "Lemmy": (
        rss(
            "<title>P</title><link>https://l.example/post/1</link><author>https://l.example/u/x (x)</author>"
            "<media:content url='https://l.example/i.webp' medium='image'/>"
        ),
        {"authors": ("x",), "image_url": "https://l.example/i.webp"},
    ),
    "RDF": (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title>'
        '</channel><item rdf:about="https://s.example/1"><title>One</title><link>https://s.example/1</link>'
        "<dc:date>2026-02-01T19:00:00+09:00</dc:date><dc:creator>C</dc:creator><dc:subject>S</dc:subject>"
        "<description>d</description></item></rdf:RDF>",
        {"guid": "https://s.example/1", "published_at": AT, "authors": ("C",), "categories": ("S",), "text": "d"},
    ),
    "RSS 0.91 with a DTD": (
        '<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" '
        '"http://my.example/rss-0.91.dtd"><rss version="0.91"><channel><title>T</title><item>'
        "<title>caf\xe9 &eacute;</title><link>http://s.example/1</link></item></channel></rss>".encode("latin-1"),
        {"title": "café é", "link": "http://s.example/1"},
    ),
    "Atom 0.3": (
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title><entry>'
        '<title mode="escaped" type="text/html">A &amp;amp; B</title><id>tag:s.example,2026:1</id>'
        '<link rel="alternate" type="text/html" href="http://s.example/1"/><issued>2026-02-01T10:00:00Z</issued>'
        "<modified>2026-02-01T11:00:00Z</modified></entry></feed>",
        {"title": "A & B", "guid": "tag:s.example,2026:1", "published_at": AT, "updated_at": AT.replace(hour=11)},
    ),
    "xhtml": (
        atom(
            '<id>1</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>b</b> &amp; x</div></title>'
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>p <img src="i.png" alt=""/></p></div>'
            '</content><link href="https://s.example/p/"/>'
        ),
        {"title": "A b & x", "text": "p", "image_url": "https://s.example/p/i.png"},
    ),
    "many links": (
        atom(
            '<id>1</id><title>x</title><link rel="enclosure" href="/a.mp3"/><link rel="related" href="/r"/>'
            '<link rel="via" href="/v"/><link href="/1"/>'
        ),
        {"link": "https://s.example/1"},
    ),
    "Atom's link in RSS": (
        rss("<title>x</title><atom:link href='https://s.example/1' rel='alternate'/><guid isPermaLink='false'>1</guid>"),
        {"link": "https://s.example/1", "guid": "1"},
    ),
    "ampersands unescaped": (
        rss("<title>A & B</title><link>https://s.example/?a=1&b=2</link>"),
        {"title": "A & B", "link": "https://s.example/?a=1&b=2"},
    ),
    "prefixes undeclared": (
        rss(
            "<title>x</title><dc:creator>C</dc:creator><foo:bar>1</foo:bar>"
            "<content:encoded><![CDATA[<p>y</p>]]></content:encoded>",
            declared="",
        ),
        {"authors": ("C",), "text": "y"},
    ),
    "entities of HTML": (rss("<title>caf&eacute; &mdash; &hellip;&nbsp;x</title>"), {"title": "café — … x"}),
    "control characters": (rss("<title>a\x01b\x08c</title>"), {"title": "abc"}),
    "CDATA with HTML": (
        rss("<title><![CDATA[<b>Bold</b> A &#8217; B &amp; C]]></title>"),
        {"title": "Bold A ’ B & C"},
    ),
    "CDATA with space around it": (
        rss("<title>x</title><link>\n <![CDATA[ https://s.example/1 ]]>\n</link>"),
        {"link": "https://s.example/1"},
    ),
    "a file without a type": (
        rss("<title>x</title><enclosure url='https://s.example/a.jpg'/>"),
        {"image_url": "https://s.example/a.jpg"},
    ),
    "no guid, no link, no date": (rss("<description>only text</description>"), {"title": "only text", "guid": None}),
    "a space in the address": (rss("<title>x</title><link>/a b</link>"), {"link": "https://s.example/a%20b"}),
    "a page in a comment": (
        "<?xml version='1.0'?><!-- <html> --><rss version='2.0'><channel><item><title>x</title></item></channel></rss>",
        {"title": "x"},
    ),
    "warnings before it": (f"<br />\n<b>Warning</b>: x in y.php\n{rss('<title>x</title>')}", {"title": "x"}),
    "Shift_JIS": (bare("日本語①", "Shift_JIS").encode("cp932"), {"title": "日本語①"}),
    "EUC-JP": (bare("日本語", "EUC-JP").encode("euc-jp"), {"title": "日本語"}),
    "GB2312": (bare("中文镕", "gb2312").encode("gbk"), {"title": "中文镕"}),
    "GB18030": (bare("中文镕", "GB18030").encode("gb18030"), {"title": "中文镕"}),
    "Big5": (bare("中文標題", "Big5").encode("big5"), {"title": "中文標題"}),
    "EUC-KR": (bare("한국어", "ks_c_5601-1987").encode("euc-kr"), {"title": "한국어"}),
    "windows-1251": (bare("Новости", "windows-1251").encode("cp1251"), {"title": "Новости"}),
    "KOI8-R": (bare("Новости", "KOI8-R").encode("koi8-r"), {"title": "Новости"}),
    "UTF-16": (bare("Ünï", "utf-16").encode("utf-16"), {"title": "Ünï"}),
    "UTF-8 that says UTF-16": (bare("Ünï!", "utf-16").encode(), {"title": "Ünï!"}),
    "Windows-1252 that says Latin-1": (bare("It’s", "iso-8859-1").encode("cp1252"), {"title": "It’s"}),
    "JSON Feed": (
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1", "title": "t", "language": "en",
                "items": [
                    {
                        "id": 7, "url": "/1", "external_url": "https://o.example/", "title": "A &amp; <b>",
                        "content_text": "c < d", "summary": "S", "author": {"name": "Old"},
                        "authors": [{"name": "New"}, {"url": "https://n.example"}], "tags": ["x", 3],
                        "date_published": "2026-02-01T17:00:00+07:00", "language": "id", "banner_image": "/b.png",
                        "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": "9"}],
                    }
                ],
            }
        ),
        {
            "guid": "7", "link": "https://s.example/1", "title": "A &amp; <b>", "text": "c < d", "language": "id",
            "authors": ("New", "https://n.example"), "categories": ("x",), "published_at": AT,
            "image_url": "https://s.example/b.png",
        },
    ),
}  # fmt: skip


def bytes_of(document: str | bytes) -> bytes:
    return document if isinstance(document, bytes) else document.encode()


def only_entry(body: bytes) -> Entry:
    [entry] = parse(body, url=URL, content_type=None, now=NOW).entries
    return entry


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_feed_is_understood(kind: str) -> None:
    document, expected = KINDS[kind]
    entry = only_entry(bytes_of(document))

    assert {name: getattr(entry, name) for name in expected} == expected
    assert set(expected) <= {field.name for field in fields(Entry)}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_known_again(kind: str) -> None:
    body = bytes_of(KINDS[kind][0])
    first = read_document(body, url=URL, content_type=None, now=NOW)
    again = read_document(body, url=URL, content_type=None, now=NOW, memory=first.memory)

    assert [entry.keys for entry in again.entries] == [entry.keys for entry in first.entries]


def test_a_document_that_breaks_off_anywhere_is_read_or_refused() -> None:
    for document, _ in KINDS.values():
        body = bytes_of(document)
        for end in range(0, len(body), 37):
            with suppress(NotAFeed):
                read_document(body[:end], url=URL, content_type=None, now=NOW)


words = st.text(st.sampled_from("aé漢&<>'\" \n;#12"), max_size=12)
escaped = words.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
elements = st.sampled_from(
    [
        "title", "link", "guid", "description", "author", "category", "pubDate", "comments", "source",
        "dc:creator", "dc:date", "dc:subject", "content:encoded", "itunes:author", "itunes:summary",
        "itunes:keywords", "media:title", "media:description", "media:group", "atom:updated", "atom:author",
        "slash:comments", "podcast:season", "x",
    ]
)  # fmt: skip
attributes = st.sampled_from(
    [
        "", " isPermaLink='false'", " type='html'", " url='/a.jpg' type='image/png'", " xml:base='/b/'",
        " xml:lang='id'", " href='/c'", " rel='enclosure' href='/d.mp3'", " domain='z'",
    ]
)  # fmt: skip
#: feedparser itself lets elements inside of a title or text leak into the next entry; no feed does that.
holders = st.sampled_from(["source", "media:group", "atom:author", "x"])
leaves = st.builds("<{0}{1}>{2}</{0}>".format, elements, attributes, escaped)
nests = st.builds("<{0}{1}>{2}</{0}>".format, holders, attributes, st.lists(leaves, max_size=3).map("".join))
items = st.lists(leaves | nests, max_size=8).map(lambda parts: f"<item>{''.join(parts)}</item>")


@settings(max_examples=150, deadline=5000)
@given(st.lists(items, min_size=1, max_size=5), st.data())
def test_of_any_feed_a_slice_holds_what_feedparser_finds_in_the_whole(
    found: list[str], data: st.DataObject
) -> None:
    body = rss("").replace("<item></item>", "".join(found)).encode()
    document = as_utf8(body, "application/xml")
    spans = scan(document)
    wanted = data.draw(st.sets(st.integers(0, len(spans) - 1)))
    complete, part = raw(document), raw(keep_only(document, spans, wanted))

    assert len(spans) == len(found)
    assert spelled(part["entries"]) == spelled([complete["entries"][place] for place in sorted(wanted)])
    assert spelled(part["feed"]) == spelled(complete["feed"])


def raw(body: bytes) -> Any:
    headers = {"content-location": URL, "content-type": "application/xml"}
    return feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def spelled(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
