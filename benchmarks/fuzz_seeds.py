"""Small documents of every kind with something of everything in them, for fuzzing to start from."""

import json
from collections.abc import Mapping
from typing import Final

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
SAMPLES: Final = {"rss": RSS, "atom": ATOM, "json": JSON, "opml": OPML, "page": PAGE}
#: One answer of a server.
ANSWER: Final = (
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    b'HTTP/1.1 200 OK\r\nETag: W/"a"\r\nLast-Modified: Sun, 01 Mar 2026 10:00:00 GMT\r\n'
    b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\nCache-Control: max-age=60\r\n"
    b'Retry-After: 120\r\nLink: </f>; rel=hub, <b>; rel="self alternate"; type="application/rss+xml"\r\n'
    b"Location: /other\r\nExpires: 0\r\nIM: feed\r\n\r\n5\r\n<rss/\r\n1\r\n>\r\n0\r\n\r\n"
)
#: What each target of `benchmarks.fuzz` starts from.
SEEDS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "fetch": (
        ANSWER,
        b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n',
        b"HTTP/1.0 301 x\nLocation: http://b.example/\nContent-Length: 3\n\nabc",
        b"HTTP/1.1 429 x\r\nRetry-After: Sun, 01 Mar 2026 10:00:00 GMT\r\nContent-Length: 0\r\n\r\n",
    ),
    "decode": (b"\x1f\x8b", b"gzip\0<rss/>", b"br\0\x0b\x02\x80<rss/>\x03", b"zstd\0\x28\xb5\x2f\xfd"),
    "charset": (
        b"text/xml; charset=utf-8\0" + RSS.encode(),
        b"\0" + ATOM.encode("utf-16"),
        b"application/xml\0<?xml version='1.0' encoding='windows-1251'?><rss>\xcf\xf0</rss>",
    ),
    "scan": (RSS.encode(), ATOM.encode()),
    "parse": (RSS.encode(), ATOM.encode(), RSS.replace("</title>", "&nbsp;</title", 1).encode()),
    "json": (JSON.encode(),),
    "opml": (OPML.encode(),),
    "page": (PAGE.encode(),),
    "markup": (b"<p>a&amp;b<img src='x' width=9><a href='/y'>y</a><!-- c --><script>z</script>",),
    "dates": (b"Sun, 01 Mar 2026 10:00:00 CEST", b"2026-02-01T00:00:00.5+07:00", b"01.02.2026 5:06 PM"),
}
