"""The feeds that a page names, in the right order and without the wrong ones."""

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


CHANNEL = "UC" + "x" * 22


@pytest.mark.parametrize(
    ("url", "page", "feed"),
    [
        (
            f"https://www.youtube.com/channel/{CHANNEL}",
            "",
            f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}",
        ),
        (
            "https://www.youtube.com/@someone",
            f'"externalId":"{CHANNEL}"',
            f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}",
        ),
        (
            "https://www.youtube.com/playlist?list=PL12",
            "",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PL12",
        ),
        ("https://github.com/a/b", "", "https://github.com/a/b/releases.atom"),
        ("https://www.reddit.com/r/python/", "", "https://www.reddit.com/r/python/.rss"),
        ("https://social.example/@me", "<script>Mastodon</script>", "https://social.example/@me.rss"),
    ],
)
def test_sites_of_known_kinds(url: str, page: str, feed: str) -> None:
    assert urls(page, url=url) == [feed]


def test_well_known_places_are_on_the_same_host() -> None:
    assert well_known(URL)[:2] == ("https://blog.example/feed", "https://blog.example/feed.xml")
    assert all(url.startswith("https://blog.example/") for url in well_known(URL))
