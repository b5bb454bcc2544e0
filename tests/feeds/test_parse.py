"""From bytes to entries: RSS, Atom and JSON Feed as they really come."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest

from domain.entry import Enclosure, Entry
from domain.errors import NotAFeed
from feeds import quirks
from feeds.parse import ParsedFeed, parse

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://blog.example/feeds/main.xml"


def read(body: str | bytes, **changes: Any) -> ParsedFeed:
    raw = body.encode() if isinstance(body, str) else body
    return parse(raw, **{"url": URL, "content_type": None, "now": NOW, **changes})


def rss(items: str = "", head: str = "") -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" '
        'xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Blog &amp; more</title>'
        f"<link>https://blog.example/</link>{head}{items}</channel></rss>"
    )


def atom(entry: str, head: str = "") -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><link href="https://blog.example/"/>{head}'
        f"<entry><id>urn:1</id><updated>2026-02-01T00:00:00Z</updated>{entry}</entry></feed>"
    )


def one(items: str) -> Entry:
    [entry] = read(rss(f"<item>{items}</item>")).entries
    return entry


def test_a_feed_has_a_title_a_page_a_language_and_wishes() -> None:
    found = read(
        rss(
            head="<language>id</language><ttl>120</ttl><sy:updatePeriod>hourly</sy:updatePeriod>"
            "<skipHours><hour>1</hour><hour>2</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
            "<itunes:new-feed-url>https://new.example/feed</itunes:new-feed-url>"
            '<atom:link rel="self" href="https://blog.example/self.xml"/>'
            '<atom:link rel="hub" href="https://hub.example/"/>'
            "<image><url>/logo.png</url><title>x</title><link>https://blog.example/</link></image>"
        )
    )

    assert (found.title, found.site_url, found.language) == ("Blog & more", "https://blog.example/", "id")
    assert found.hints.every is not None
    assert found.hints.every.total_seconds() == 7200
    assert found.hints.skip_hours == {1, 2}
    assert found.hints.skip_days == {6}
    assert (found.new_url, found.self_url) == ("https://new.example/feed", "https://blog.example/self.xml")
    assert (found.hub_url, found.image_url) == ("https://hub.example/", "https://blog.example/logo.png")
    assert found.entries == ()


@pytest.mark.parametrize(
    "guid",
    [
        "t3_qksbf1",
        "/relative/path",
        "  42 ",
        "http://old.example/?p=1",
        "tag:x.example,2026:a b",
        "?p=7",
        "ÄÖ/€",
    ],
)
def test_a_guid_is_kept_as_it_is_under_every_address_of_the_feed(guid: str) -> None:
    for url in (URL, "http://other.example/deep/er/feed"):
        [entry] = read(rss(f"<item><guid>{guid}</guid><title>x</title></item>"), url=url).entries
        assert entry.guid == guid.strip()
    [entry] = read(atom("<title>x</title>").replace("urn:1", guid)).entries
    assert entry.guid == guid.strip()


def test_our_bounded_parsers_are_the_ones_in_use() -> None:
    """feedparser has no arguments for these bounds, so its classes are replaced; a release may undo it."""
    assert feedparser.__version__.startswith("6.0.")
    for kind in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
        assert quirks._Bounded in kind.__mro__
        assert "id" not in kind.can_be_relative_uri
        assert "link" in kind.can_be_relative_uri


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("<![CDATA[A &#8217; B]]>", "A ’ B"),
        ("<![CDATA[A & B]]>", "A & B"),
        ("1 &lt; 2", "1 < 2"),
        ("&lt;b&gt;bold&lt;/b&gt; move", "bold move"),
        ("  two\n  lines ", "two lines"),
        ("AT&amp;amp;T &amp;lt;3", "AT&T <3"),
        ("Soft\u00adhyphen \u200bzero", "Softhyphen zero"),
    ],
)
def test_an_rss_title_is_unescaped_once_more_only_when_it_is_html(markup: str, title: str) -> None:
    assert one(f"<title>{markup}</title>").title == title


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("<title>A &amp;amp; B</title>", "A &amp; B"),
        ('<title type="html">A &amp;amp; &lt;i&gt;B&lt;/i&gt;</title>', "A & B"),
        (
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
            "A &amp; <b>B</b>&lt;</div></title>",
            "A & B<",
        ),
        ("<title>a &lt;tag&gt; b</title>", "a <tag> b"),
    ],
)
def test_an_atom_title_follows_its_type(markup: str, title: str) -> None:
    [entry] = read(atom(markup)).entries
    assert entry.title == title


def test_an_entry_without_a_title_takes_the_beginning_of_its_text() -> None:
    words = "word " * 60
    entry = one(f"<guid>1</guid><description>&lt;p&gt;{words}&lt;/p&gt;</description>")

    assert entry.title.startswith("word word")
    assert entry.title.endswith("word…")
    assert len(entry.title) <= 120
    assert one("<description>Hi &lt;b&gt;there&lt;/b&gt;</description>").title == "Hi there"


def test_content_and_summary_are_cleaned_and_their_addresses_absolute() -> None:
    entry = one(
        "<link>https://blog.example/2026/post</link><description>Short</description>"
        "<content:encoded><![CDATA[<p onclick='x()'>Hi <a href='more'>more</a><script>alert(1)</script>"
        "<img src='/a.png' onerror='y()'><a href='javascript:z()'>bad</a></p>]]></content:encoded>"
    )

    assert entry.summary_html == "Short"
    assert 'href="https://blog.example/2026/more"' in entry.content_html
    assert 'src="https://blog.example/a.png"' in entry.content_html
    for bad in ("onclick", "onerror", "script", "javascript"):
        assert bad not in entry.content_html
    assert entry.text == "Hi morebad"


def test_plain_text_content_is_not_taken_for_html() -> None:
    [entry] = read(
        atom('<title>x</title><content type="text">if a &lt; b &amp; c &lt;script&gt;</content>')
    ).entries

    assert entry.text == "if a < b & c <script>"
    assert "<script" not in entry.content_html


def test_xml_base_comes_before_the_page() -> None:
    [entry] = read(
        atom(
            '<title>x</title><link href="2026/a"/><content type="html">&lt;img src="p.jpg"&gt;</content>',
            head="",
        ).replace("<feed ", '<feed xml:base="https://base.example/x/" ')
    ).entries

    assert entry.link == "https://base.example/x/2026/a"
    assert 'src="https://base.example/x/p.jpg"' in entry.content_html


@pytest.mark.parametrize(
    ("items", "link"),
    [
        ("<link>https://blog.example/a?x=1&amp;y=2</link>", "https://blog.example/a?x=1&y=2"),
        ("<link>/a</link>", "https://blog.example/a"),
        ('<guid isPermaLink="true">https://blog.example/g</guid>', "https://blog.example/g"),
        ("<guid>https://blog.example/g</guid>", "https://blog.example/g"),
        ('<guid isPermaLink="false">https://blog.example/g</guid><title>x</title>', None),
        ("<guid>12345</guid><title>x</title>", None),
        (
            '<title>x</title><enclosure url="https://x.example/a.mp3" type="audio/mpeg"/>',
            "https://x.example/a.mp3",
        ),
        (
            "<link>https://feedproxy.example/~3/x</link>"
            "<feedburner:origLink>https://blog.example/o</feedburner:origLink>",
            "https://blog.example/o",
        ),
        ("<link>javascript:alert(1)</link><title>x</title>", None),
        ("<link>ftp://x.example/</link><title>x</title>", None),
    ],
)
def test_the_link_of_an_entry(items: str, link: str | None) -> None:
    assert one(items).link == link


@pytest.mark.parametrize(
    ("items", "authors"),
    [
        ("<author>me@x.example (Jane Doe)</author>", ("Jane Doe",)),
        ("<author>Jane &lt;me@x.example&gt;</author>", ("Jane",)),
        ("<author>me@insanity.industries (Jonas (J) Große)</author>", ("Jonas (J) Große",)),
        ('<x:creator xmlns:x="http://purl.org/dc/elements/1.1/">A B</x:creator>', ("A B",)),
        ("", ("Feed Author",)),
    ],
)
def test_authors_are_names(items: str, authors: tuple[str, ...]) -> None:
    head = "<itunes:author>Feed Author</itunes:author>"
    [entry] = read(rss(f"<item><title>x</title>{items}</item>", head=head)).entries
    assert entry.authors == authors


def test_categories_and_enclosures_are_kept_once() -> None:
    entry = one(
        "<title>x</title><category>A</category><category>B &amp;amp; C</category><category>A</category>"
        '<enclosure url="/a.mp3" length="123" type="audio/mpeg"/>'
        '<enclosure url="/a.mp3" length="123" type="audio/mpeg"/><enclosure url="/b.mp3" length="many"/>'
    )

    assert entry.categories == ("A", "B & C")
    assert entry.enclosures == (
        Enclosure("https://blog.example/a.mp3", "audio/mpeg", 123),
        Enclosure("https://blog.example/b.mp3", None, None),
    )


def test_a_gzip_file_a_byte_order_mark_and_white_space_do_no_harm() -> None:
    body = rss("<item><title>x</title></item>").encode()

    for packed in (gzip.compress(body), b"\xef\xbb\xbf" + body, b"\n\n  " + body, b" \xef\xbb\xbf\n" + body):
        assert read(packed).entries[0].title == "x"


@pytest.mark.parametrize("codec", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_declared_encodings_are_followed(codec: str) -> None:
    body = rss("<item><title>Grüße é</title></item>").replace("?>", f' encoding="{codec}"?>', 1).encode(codec)

    assert read(body).entries[0].title == "Grüße é"


def test_the_charset_of_the_header_counts() -> None:
    body = rss("<item><title>Grüße</title></item>").encode("iso-8859-1")

    assert read(body, content_type="text/xml; charset=iso-8859-1").entries[0].title == "Grüße"


def test_entries_keep_the_documents_order_and_their_number_is_bounded() -> None:
    items = "".join(f"<item><title>{n}</title></item>" for n in range(400))

    titles = [entry.title for entry in read(rss(items)).entries]

    assert titles == [str(n) for n in range(300)]
    assert len(read(rss(items), limit=7).entries) == 7


def test_an_entry_with_nothing_in_it_is_none() -> None:
    assert read(rss("<item><title></title><link></link><pubDate/></item>")).entries == ()


def test_a_digest_changes_with_words_and_link_only() -> None:
    same = [one(f"<title>A</title><description>B</description><pubDate>{d}</pubDate>") for d in ("", "x")]
    other = one("<title>A</title><description>C</description>")

    assert same[0].digest == same[1].digest != other.digest
    assert len(other.digest) == 16


JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "J  F",
    "home_page_url": "https://blog.example/",
    "feed_url": "https://blog.example/feed.json",
    "language": "id",
    "icon": "/icon.png",
    "authors": [{"name": "Ann"}],
    "hubs": [{"type": "rssCloud", "url": "x"}, {"type": "WebSub", "url": "https://hub.example/"}],
    "items": [
        {
            "id": 7,
            "url": "/seven",
            "title": "A &amp; B",
            "content_html": "<p>Hi<script>x</script> <img src='pic.jpg' width=500></p>",
            "summary": "1 < 2",
            "date_published": "2026-02-01T10:00:00+07:00",
            "tags": ["t", 5],
            "attachments": [{"url": "a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9}],
        },
        {
            "id": "x",
            "content_text": "just\ntext",
            "author": {"name": "Bob"},
            "external_url": "https://e.example/",
        },
        "nonsense",
        {"id": True, "banner_image": "https://i.example/b.png", "title": "c"},
    ],
}


def test_a_json_feed_is_read() -> None:
    found = read(json.dumps(JSON_FEED), content_type="application/feed+json")
    first, second, third = found.entries

    assert (found.title, found.language, found.hub_url) == ("J F", "id", "https://hub.example/")
    assert found.image_url == "https://blog.example/icon.png"
    assert (first.guid, first.link, first.title) == ("7", "https://blog.example/seven", "A &amp; B")
    assert first.content_html == '<p>Hi <img src="https://blog.example/pic.jpg" width="500"></p>'
    assert first.summary_html == "1 &lt; 2"
    assert first.published_at == datetime(2026, 2, 1, 3, tzinfo=UTC)
    assert (first.authors, first.categories) == (("Ann",), ("t",))
    assert first.image_url == "https://blog.example/pic.jpg"
    assert first.enclosures == (Enclosure("https://blog.example/a.mp3", "audio/mpeg", 9),)
    assert (second.link, second.authors, second.text) == ("https://e.example/", ("Bob",), "just\ntext")
    assert second.title == "just text"
    assert (third.guid, third.image_url) == (None, "https://i.example/b.png")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty document"),
        (b"   \n", "empty document"),
        (b"hello", "no RSS, Atom or JSON feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "no RSS, Atom or JSON feed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no RSS, Atom or JSON feed"),
        (b"<html><body>Just a moment...</body></html>", "a web page that names no feed"),
        (b'{"errors": []}', "no list named items"),
        (b"[1, 2]", "no list named items"),
        (b'{"a":', "JSON that is no JSON Feed"),
        (b'{"items": []}', "neither its version nor a title"),
        (gzip.compress(b"hello hello hello", mtime=0)[:-5], "breaks off"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, words: str) -> None:
    with pytest.raises(NotAFeed, match=words) as caught:
        read(body)

    assert caught.value.url == URL
    assert caught.value.candidates == ()


def test_a_page_gives_its_feeds_as_candidates() -> None:
    page = '<!DOCTYPE html><html><link rel="alternate" type="application/rss+xml" href="/rss"></html>'

    with pytest.raises(
        NotAFeed, match=r"is a web page, not a feed; it names these feeds: https://"
    ) as caught:
        read(page)

    assert caught.value.candidates == ("https://blog.example/rss",)


def test_a_feed_that_is_empty_or_has_an_undeclared_prefix_is_still_one() -> None:
    assert read(rss()).entries == ()
    [entry] = read(rss("<item><title>x</title><nope:y>1</nope:y></item>")).entries
    assert entry.title == "x"
