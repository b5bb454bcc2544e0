"""Documents broken at random: whatever comes in, only errors come out that a person can read."""

import json
import random
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import TabuhError
from feeds.discover import discover
from feeds.document import Document, Unchanged, read_document
from feeds.link_header import links
from feeds.opml import read_opml
from feeds.page import picture_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://blog.example/feed"
RSS: Final = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xml:base="https://blog.example/">
<channel><title>T &amp; x</title><link>https://blog.example/</link><ttl>60</ttl>
<skipHours><hour>1</hour></skipHours><image><url>/i.png</url></image>
<item><guid isPermaLink="false">1</guid><title>Ümlaut <![CDATA[<b>x</b>]]></title><link>/a?b=1&amp;c=2</link>
<pubDate>Sun, 01 Mar 2026 10:00:00 CEST</pubDate><author>a@b.example (Ann)</author><category>x</category>
<description>&lt;p&gt;Hello &lt;img src="a.png"&gt;</description>
<enclosure url="/x.mp3" length="9" type="audio/mpeg"/>
<media:group><media:content url="/m.jpg" medium="image" width="9"/></media:group></item>
<item><dc:date>2026-02-01T00:00:00Z</dc:date><content:encoded><![CDATA[<a href="/x">y</a>]]>
</content:encoded></item>
</channel></rss>"""
ATOM: Final = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="id">
<title type="html">A &amp;amp; B</title>
<link rel="hub" href="https://hub.example/"/><link rel="self" href="/f"/><id>urn:f</id>
<entry xml:base="/b/"><id>urn:1</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">x
<br/></div></title>
<link href="c"/><updated>2026-02-01T00:00:00+07:00</updated><author><name>N</name>
<email>n@x.example</email></author>
<content type="html">&lt;script&gt;x&lt;/script&gt;</content></entry><entry><id>urn:2</id>
<summary>s</summary></entry></feed>"""
JSON: Final = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1", "title": "T", "home_page_url": "/",
        "hubs": [{"type": "WebSub"}],
        "items": [
            {"id": 1, "url": "/a", "content_html": "<p>x", "date_published": "2026-02-01T00:00:00Z",
             "authors": [{"name": "A"}], "tags": ["t"],
             "attachments": [{"url": "/a.mp3", "size_in_bytes": 3}]},
            {"id": "2", "content_text": "y", "image": "/i.png"},
        ],
    }
)  # fmt: skip
OPML: Final = """<?xml version="1.0"?><opml version="2.0"><head><title>L</title></head><body>
<outline text="F">
<outline type="rss" text="A &amp; B" xmlUrl="https://a.example/f" htmlUrl="https://a.example/"/>
</outline></body></opml>"""
PAGE: Final = """<!doctype html><html><head><base href="/x/"><title>t</title>
<meta property="og:image" content="/i.png">
<link rel="alternate" type="application/rss+xml" title="R" href="/rss"><script>var a = "<link>"
</script></head></html>"""
#: Pieces that parsers trip over.
JUNK: Final = (
    "<", ">", "&", "]]>", "<![CDATA[", "<!--", "-->", "<?", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "&a;",
    "&#0;", "&#xD800;",
    "\x00", "\ufeff", "\ud800", "\u2028", "'", '"', "<item>", "</item>", "<entry>", "<item/>",
    "</channel>", "<feed>",
    "xmlns:a=''", "xmlns='urn:x'", "<a:b/>", "<title>", "</title>", "encoding='utf-16'", "http://[",
    "javascript:x",
    "0001-01-01T00:00:00Z", "99999", "{", "}", "[", "]", ":", ",", "null", "1e999", "-0", "\\ud800",
    "<outline ",
)  # fmt: skip
SAMPLES: Final = {"rss": RSS, "atom": ATOM, "json": JSON, "opml": OPML, "page": PAGE}


def broken(text: str, seed: int, times: int) -> bytes:
    """The text with pieces cut out, doubled, moved, or junk put in between; sometimes in another encoding."""
    rng = random.Random(seed)
    for _ in range(times):
        at, to = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
        to = min(to, at + rng.choice((1, 5, 40, 400)))
        match rng.randrange(4):
            case 0:
                text = text[:at] + text[to:]
            case 1:
                text = text[:to] + text[at:to] * rng.randrange(1, 4) + text[to:]
            case _:
                text = text[:at] + rng.choice(JUNK) * rng.choice((1, 1, 3)) + text[at:]
    codec = rng.choice(("utf-8", "utf-8", "utf-8", "utf-16", "latin-1", "utf-32-le"))
    body = bytearray(text.encode(codec, "replace" if codec == "latin-1" else "surrogatepass"))
    for _ in range(rng.choice((0, 0, 3)) if body else 0):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return bytes(body)


seeds = st.integers(0, 2**32)
times = st.integers(1, 12)
contents = st.sampled_from(
    [
        None,
        "application/xml",
        "text/xml; charset=utf-8",
        "text/html",
        "x; charset=punycode",
        "; charset=\udcff",
    ]
)


def read(body: bytes, content_type: str | None, memory: bytes | None = None) -> Document | None:
    with suppress(TabuhError):
        return read_document(body, url=URL, content_type=content_type, now=NOW, memory=memory)
    return None


@pytest.mark.parametrize("kind", SAMPLES)
@settings(max_examples=150, deadline=5000)
@given(seed=seeds, count=times, content_type=contents)
def test_a_broken_document_is_read_or_refused(
    kind: str, seed: int, count: int, content_type: str | None
) -> None:
    body = broken(SAMPLES[kind], seed, count)
    document = read(body, content_type)
    if document is None:
        return
    keys = [key for entry in document.entries for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert all(entry.keys for entry in document.entries)

    again = read(body, content_type, document.memory)
    assert again is not None
    assert [entry.keys for entry in again.entries] == [entry.keys for entry in document.entries]
    assert again.memory == document.memory
    if document.memory:
        assert all(isinstance(entry, Unchanged) for entry in again.entries)


@settings(max_examples=150, deadline=5000)
@given(seed=seeds, count=times)
def test_what_is_remembered_of_one_document_does_no_harm_to_the_next(seed: int, count: int) -> None:
    for kind in ("rss", "atom", "json"):
        before = read(SAMPLES[kind].encode(), None)
        assert before is not None
        body = broken(SAMPLES[kind], seed, count)
        whole, part = read(body, None), read(body, None, before.memory)
        assert (whole is None) == (part is None)
        if whole and part:
            assert [entry.keys for entry in part.entries] == [entry.keys for entry in whole.entries]
            assert part.memory == whole.memory


@settings(max_examples=200, deadline=5000)
@given(seed=seeds, count=times, kind=st.sampled_from(["opml", "page", "rss"]))
def test_broken_lists_pages_and_headers_never_crash(seed: int, count: int, kind: str) -> None:
    body = broken(SAMPLES[kind], seed, count)
    text = body.decode("latin-1")
    with suppress(TabuhError):
        assert all(feed.url.startswith("http") for feed in read_opml(body).feeds)
    for candidate in discover(body, url=URL, link_header=text):
        assert candidate.url.startswith("http")
    picture = picture_of(body, url=URL)
    assert picture is None or picture.startswith("http")
    assert all(link.url.startswith("http") for link in links(text, base=URL))
