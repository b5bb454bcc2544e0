"""The feeds that a page names, in the right order and without the wrong ones."""

import time

import pytest

from feeds.discover import discover, well_known

URL = "https://blog.example/2026/post"


def urls(page: str | bytes, url: str = URL, **more: str) -> list[str]:
    raw = page.encode() if isinstance(page, str) else page
    return [found.url for found in discover(raw, url=url, **more)]


def link(href: str, kind: str = "application/rss+xml", title: str = "", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" href="{href}" title="{title}">'


def test_alternate_links_come_in_document_order_and_once() -> None:
    page = (
        link("/atom.xml", "application/atom+xml")
        + link("rss")
        + link("/atom.xml")
        + link("/j", "application/feed+json")
    )

    assert urls(page) == [
        "https://blog.example/atom.xml",
        "https://blog.example/2026/rss",
        "https://blog.example/j",
    ]


def test_titles_and_types_come_along() -> None:
    [found] = discover(
        link("/rss", "Application/RSS+XML; charset=utf-8", "News &amp; more").encode(), url=URL
    )

    assert (found.title, found.kind) == ("News & more", "application/rss+xml")


def test_a_base_element_is_followed() -> None:
    assert urls('<base href="//cdn.example/x/">' + link("rss")) == ["https://cdn.example/x/rss"]


@pytest.mark.parametrize(
    "page",
    [
        link("/comments/feed"),
        link("/feed", title="Blog » Comments Feed"),
        link("/wp-json/wp/v2/posts/1", "application/json"),
        link("/wp-json/oembed/1.0/embed?url=x", "application/json+oembed"),
        link("/print", "text/html"),
        link("/rss", rel="stylesheet"),
        link("javascript:alert(1)"),
        link(""),
        "<!-- " + link("/rss") + " -->",
    ],
)
def test_what_is_no_feed_of_entries_is_left_out(page: str) -> None:
    assert urls(page) == []


def test_attributes_may_be_bare_upper_case_and_in_any_order() -> None:
    assert urls("<LINK HREF=/rss TYPE='application/rss+xml' REL='Alternate feed'/>") == [
        "https://blog.example/rss"
    ]


def test_the_link_header_comes_first() -> None:
    header = '</api>; rel="https://api.w.org/", </h.xml>; rel="alternate"; type="application/rss+xml"'

    assert urls(link("/rss"), link_header=header) == [
        "https://blog.example/h.xml",
        "https://blog.example/rss",
    ]


def test_another_charset_and_broken_markup_do_no_harm() -> None:
    page = '<meta charset="iso-8859-1"><p></x>' + link("/rss", title="é") + "</div></span><![CDATA["

    assert urls(page.encode("iso-8859-1")) == ["https://blog.example/rss"]
    assert urls(b"<meta charset=nonsense>" + link("/rss").encode()) == ["https://blog.example/rss"]
    assert urls(b"\xff\xfe\x00") == []


def test_a_page_that_no_parser_likes_is_searched_all_the_same() -> None:
    for start in ("<![<![", "<!x", "</", "<a '", '<p title="<link>">', "<?php ?>", "<![CDATA[x]]>", "<//>"):
        assert urls(start + ">" + link("/rss")) == ["https://blog.example/rss"], start


def test_links_in_scripts_titles_and_comments_are_text() -> None:
    for wrapped in ("<script>{}</script>", "<title>{}</title>", "<!--{}-->", "<style>{}</style>"):
        page = wrapped.format(link("/wrong")) + link("/rss")
        assert urls(page) == ["https://blog.example/rss"], wrapped


def test_an_address_keeps_what_only_looks_like_a_character_reference() -> None:
    assert urls(link("/rss?a=1&amp;b=2&copy=3")) == ["https://blog.example/rss?a=1&b=2&copy=3"]


HOSTILE = (
    "<", "<a ", "<!--", '<a x="', "<a x='\"", "</", "<![", "<![CDATA[", "<?", "<title>", "<script>", "<a/",
    "<link rel=alternate type=text/xml href=x ", "<a\0='", "&", '"channelId":"', "<a =",
)  # fmt: skip


@pytest.mark.parametrize("start", HOSTILE)
def test_a_hostile_page_takes_bounded_time(start: str) -> None:
    started = time.process_time()
    discover(start.encode() * (600_000 // len(start)), url=URL, link_header="<" * 20_000)

    assert time.process_time() - started < 3


def test_well_known_places_are_on_the_same_host_below_the_page_first() -> None:
    found = well_known(URL)

    assert found[0] == "https://blog.example/2026/post/feed"
    assert found.index("https://blog.example/feed") < found.index("https://blog.example/feed.xml")
    assert all(url.startswith("https://blog.example/") for url in found)
    assert well_known("https://blog.example")[:2] == (
        "https://blog.example/feed",
        "https://blog.example/feed.xml",
    )
    assert len(found) == len(set(found)) == 14
