"""Pictures and plain text of an entry."""

from typing import Any

import pytest

from feeds.clean import is_too_deep, resolve
from feeds.images import choose, first_image
from feeds.plain import cut, one_line, plain
from tests.feeds.test_dates import when
from tests.feeds.test_parse import one, rss
from tests.feeds.test_parse import read as read_feed

BASE = "https://blog.example/post"


def test_a_publication_date_falls_back_to_the_update_and_never_the_other_way() -> None:
    only_published = one("<title>x</title><pubDate>Mon, 01 Jan 2024 10:00:00 GMT</pubDate>")
    assert (only_published.published_at, only_published.updated_at) == (when(2024, 1, 1, 10), None)

    only_updated = one("<title>x</title><atom:updated>2024-01-01T10:00:00Z</atom:updated>")
    assert only_updated.published_at == only_updated.updated_at == when(2024, 1, 1, 10)


@pytest.mark.parametrize(
    ("items", "image"),
    [
        ('<media:content url="/v.mp4" medium="video"/><media:thumbnail url="/t.jpg"/>', "/t.jpg"),
        (
            '<media:content url="/s.jpg" medium="image" width="100"/>'
            '<media:content url="/l.jpg" type="image/jpeg" width="900"/>',
            "/l.jpg",
        ),
        (
            '<media:content url="/l.jpg" medium="image" width="900"/>'
            '<media:content url="/d.jpg" medium="image" isDefault="true"/>',
            "/d.jpg",
        ),
        ('<media:group><media:content url="/g.jpg" medium="image"/></media:group>', "/g.jpg"),
        ('<media:content url="/plain.webp?x=1"/>', "/plain.webp?x=1"),
        (
            '<media:content url="/a.mp3" type="audio/mpeg"/><enclosure url="/e.png" type="image/png"/>',
            "/e.png",
        ),
        ('<enclosure url="/a.mp3" type="audio/mpeg"/><itunes:image href="/cover.jpg"/>', "/cover.jpg"),
        ("<description>&lt;img src='/first.jpg'&gt;</description>", "/first.jpg"),
        ("<description>no picture</description>", None),
    ],
)
def test_the_best_picture_is_chosen(items: str, image: str | None) -> None:
    [entry] = read_feed(rss(f"<item><title>x</title>{items}</item>")).entries
    assert entry.image_url == (f"https://blog.example{image}" if image else None)


@pytest.mark.parametrize(
    ("markup", "image"),
    [
        ("<img src='data:image/gif;base64,AAAA'><img src=b.png>", "https://blog.example/b.png"),
        ("<img width=1 height=1 src=/pixel.png><img width='600' src=/b.png>", "https://blog.example/b.png"),
        ("<img src='https://feeds.feedburner.com/~r/x/~4/1'><img src=/b.png>", "https://blog.example/b.png"),
        (
            "<img src='https://s.w.example/images/smilies/x.png'><img src=/b.png>",
            "https://blog.example/b.png",
        ),
        (
            '<img data-src="/lazy.png" alt="src=no" src="/b.png?a=1&amp;b=2">',
            "https://blog.example/b.png?a=1&b=2",
        ),
        ("<img width='100%' src=/b.png>", "https://blog.example/b.png"),
        ("<img alt='no address'>", None),
        ("<image src=/b.png>", None),
    ],
)
def test_counting_pixels_and_smileys_are_no_pictures(markup: str, image: str | None) -> None:
    assert first_image(markup, base=BASE) == image


def test_a_useless_picture_does_not_end_the_search() -> None:
    entry: dict[str, Any] = {
        "media_content": [{"url": "javascript:x", "medium": "image"}],
        "media_thumbnail": [{"url": "https://x.example/pixel.gif"}],
    }
    assert choose(entry, "<img src=/b.png>", base=BASE) == "https://blog.example/b.png"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a &amp; b &amp;lt; c", "a & b &lt; c"),
        ("<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("line\nbreaks\tare   <b>spaces</b>", "line breaks are spaces"),
        ("a<script>b</script><style>c</style><!-- d -->e", "ae"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("<p>broken <b>tags", "broken tags"),
        ("", ""),
    ],
)
def test_html_becomes_plain_text(markup: str, text: str) -> None:
    assert plain(markup) == text


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("short", 5, "short"),
        ("one two three", 9, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two, three", 10, "one two…"),
        ("unbreakable", 5, "unbr…"),
        ("a bcdefghijk", 8, "a bcdef…"),
    ],
)
def test_text_is_cut_at_a_word(text: str, limit: int, short: str) -> None:
    assert cut(text, limit) == short
    assert len(short) <= limit


def test_one_line_has_no_white_space_but_single_spaces() -> None:
    assert one_line(" a\n\tb\u00a0 c\u200b ") == "a b c"


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("/a", "https://blog.example/a"),
        ("b", "https://blog.example/b"),
        ("//x.example/c", "https://x.example/c"),
        (" https://x.example/d ", "https://x.example/d"),
        ("javascript:alert(1)", None),
        ("mailto:a@x.example", None),
        ("http://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_are_resolved(url: str | None, absolute: str | None) -> None:
    assert resolve(url, base=BASE) == absolute


def test_depth_counts_open_elements_only() -> None:
    assert not is_too_deep("<div></div>" * 500)
    assert not is_too_deep("<br><img><p>" * 500)
    assert not is_too_deep("<div>" * 200)
    assert is_too_deep("<div>" * 201)
    assert is_too_deep("<div><p>x</p>" * 201)
    assert is_too_deep("<div></b>" * 201), "what was never opened closes nothing"
